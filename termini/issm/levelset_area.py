"""Ice area and front of a level set, as a model with linear elements sees them."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiLineString

from termini.geo import scale_factor
from termini.issm.distances import distance
from termini.issm.mesh import Mesh

Floats = NDArray[np.float64]


def ice_area(mesh: Mesh, phi: Floats, crs: str | None = None) -> float:
    """Area where a level set is negative.

    Parameters
    ----------
    mesh : Mesh
        Mesh.
    phi : ndarray, shape (nv,)
        Level set, linear on every triangle; triangles with a NaN do not count.
    crs : str, optional
        Projection of the mesh, for true areas; else areas are the map's.

    Returns
    -------
    float
        Square metres.
    """
    value = phi[mesh.elements - 1]
    area = mesh.areas()
    if crs is not None:
        area = area / scale_factor(*mesh.centroids(), crs) ** 2
    # a level set of 0 belongs to the ice; a triangle with one corner on the other
    # side is cut in similar shares of both sides
    negative = value <= 0
    count = negative.sum(axis=1)
    odd = np.where(count == 1, negative.argmax(axis=1), (~negative).argmax(axis=1))
    rows = np.arange(len(value))
    alone = value[rows, odd]
    one, two = value[rows, (odd + 1) % 3], value[rows, (odd + 2) % 3]
    with np.errstate(divide="ignore", invalid="ignore"):
        corner = alone**2 / ((alone - one) * (alone - two))
    share = np.select([count == 3, count == 2, count == 1], [1.0, 1.0 - corner, corner], 0.0)
    known = np.isfinite(value).all(axis=1)
    return float((area * share)[known].sum())


def zero_contour(mesh: Mesh, phi: Floats) -> MultiLineString:
    """Line on which a level set is 0.

    Parameters
    ----------
    mesh : Mesh
        Mesh.
    phi : ndarray, shape (nv,)
        Level set, linear on every triangle.

    Returns
    -------
    shapely MultiLineString
        One straight piece for each triangle that it crosses.
    """
    points = np.column_stack([mesh.x, mesh.y])
    corner = mesh.elements - 1
    ends = np.full((len(corner), 3, 2), np.nan)
    for k, (one, two) in enumerate(((0, 1), (1, 2), (2, 0))):
        edge = np.sort(corner[:, [one, two]], axis=1)
        low, high = phi[edge[:, 0]], phi[edge[:, 1]]
        crossed = (low <= 0) != (high <= 0)
        crossed &= np.isfinite(low) & np.isfinite(high)
        share = np.divide(low, low - high, out=np.zeros_like(low), where=crossed)
        where = points[edge[:, 0]] + share[:, None] * (points[edge[:, 1]] - points[edge[:, 0]])
        ends[crossed, k] = where[crossed]
    seen = np.isfinite(ends[..., 0])
    pieces = ends[seen.sum(axis=1) == 2]
    both = pieces[np.isfinite(pieces[..., 0])].reshape(-1, 2, 2)
    # where the front runs through a vertex, a triangle beside it has only that point
    both = both[(both[:, 0] != both[:, 1]).any(axis=1)]
    return MultiLineString(list(both)) if len(both) else MultiLineString()


def contour_errors(mesh: Mesh, phi: Floats, front: shapely.Geometry, step: float) -> Floats:
    """Distances between the contour of a level set and the front it came from.

    Parameters
    ----------
    mesh : Mesh
        Mesh.
    phi : ndarray, shape (nv,)
        Level set.
    front : shapely geometry
        Front, as `LevelSets.lines` gives it.
    step : float
        Spacing of the points on the contour, metres.

    Returns
    -------
    ndarray, shape (n,)
        Distance of points on the contour to the front, metres.
    """
    pieces = shapely.segmentize(zero_contour(mesh, phi), step)
    xy = shapely.get_coordinates(pieces)
    return distance(xy[:, 0], xy[:, 1], front)
