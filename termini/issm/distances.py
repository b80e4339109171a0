"""Exact distances from points to lines and polygons, with the boxes of blocks of edges.

Distances to the points of a densified line are only as good as its spacing (10 m
apart: up to 0.5 % of a distance of 50 m). Here every edge counts as an edge. Edges
stand in blocks of eight, blocks in blocks of eight; a block whose box is farther
than the best edge so far is passed over, so that the answer is that of trying all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.series.kernels import BLOCK, Array, box_boxes, box_distance2, compiled, inner


class Edges(NamedTuple):
    """Edges of lines, with the boxes of their blocks.

    Parameters
    ----------
    ends : ndarray, shape (n, 4)
        x and y of both ends.
    inverse : ndarray, shape (n,)
        One over the squared length, 0 where both ends are the same.
    leaves, tops : ndarray, shape (m, 4)
        Boxes (x, y, x, y) of eight edges and of eight leaves.
    """

    ends: Array
    inverse: Array
    leaves: Array
    tops: Array


def edges_of(geometry: BaseGeometry) -> Edges:
    """Edges of a line, of a polygon's rings, or of a collection of them.

    Parameters
    ----------
    geometry : shapely geometry
        Lines, polygons, points (edges without length) or collections of them.

    Returns
    -------
    Edges
        All edges; none where the geometry is empty.
    """
    lines = shapely.get_parts(_flat(geometry))
    xy, part = shapely.get_coordinates(lines, return_index=True)
    same = part[1:] == part[:-1]
    ends = np.hstack([xy[:-1], xy[1:]])[same]
    single = xy[np.isin(part, np.flatnonzero(np.bincount(part, minlength=1) == 1))]
    if len(single):
        ends = np.vstack([ends, np.hstack([single, single])])
    ends = np.ascontiguousarray(ends, dtype=np.float64)
    length2 = (ends[:, 2] - ends[:, 0]) ** 2 + (ends[:, 3] - ends[:, 1]) ** 2
    inverse = np.divide(1.0, length2, out=np.zeros(len(ends)), where=length2 > 0)
    count = -(-len(ends) // BLOCK)
    leaves = np.empty((count, 4))
    if count:
        starts = np.arange(0, len(ends), BLOCK)
        for axis in range(2):
            both = ends[:, [axis, axis + 2]]
            leaves[:, axis] = np.minimum.reduceat(both.min(axis=1), starts)
            leaves[:, axis + 2] = np.maximum.reduceat(both.max(axis=1), starts)
    return Edges(ends, inverse, leaves, box_boxes(leaves))


def _flat(geometry: BaseGeometry) -> BaseGeometry:
    """Lines and points of a geometry; a polygon gives its rings."""
    pieces: list[BaseGeometry] = []
    for part in shapely.get_parts(geometry):
        if part.geom_type.startswith("Multi") or part.geom_type == "GeometryCollection":
            pieces += list(shapely.get_parts(_flat(part)))
        elif part.geom_type == "Polygon":
            pieces += [ring for ring in (part.exterior, *part.interiors) if not ring.is_empty]
        elif not part.is_empty:
            pieces.append(part)
    return shapely.geometrycollections(pieces)


def distance(x: Array, y: Array, geometry: BaseGeometry | Edges) -> NDArray[np.float64]:
    """Distance of points to the nearest edge of a geometry.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Points, metres.
    geometry : shapely geometry or Edges
        Lines, or polygons: then the distance to their rings, also from within.

    Returns
    -------
    ndarray, shape (n,)
        Metres; infinite where the geometry is empty. Exact up to rounding.
    """
    edges = geometry if isinstance(geometry, Edges) else edges_of(geometry)
    if not len(edges.ends):
        return np.full(len(x), np.inf)
    points = np.column_stack([x, y]).astype(np.float64)
    return np.asarray(_distances(points, *edges))


@compiled
def _distances(points: Array, ends: Array, inverse: Array, leaves: Array, tops: Array) -> Array:
    found = np.empty(len(points))
    guess = 0
    for i in range(len(points)):
        x, y = points[i, 0], points[i, 1]
        # the edge that was nearest to the point before is a good first bound
        best = _to_edge(ends[guess], inverse[guess], x, y)
        for top in range(len(tops)):
            if box_distance2(tops[top], x, y) >= best:
                continue
            for leaf in range(BLOCK * top, min(BLOCK * (top + 1), len(leaves))):
                if box_distance2(leaves[leaf], x, y) >= best:
                    continue
                for k in range(BLOCK * leaf, min(BLOCK * (leaf + 1), len(ends))):
                    here = _to_edge(ends[k], inverse[k], x, y)
                    if here < best:
                        best, guess = here, k
        found[i] = np.sqrt(best)
    return found


@inner
def _to_edge(edge: Array, inverse: float, x: float, y: float) -> float:
    """Squared distance to an edge."""
    dx, dy = edge[2] - edge[0], edge[3] - edge[1]
    share = ((x - edge[0]) * dx + (y - edge[1]) * dy) * inverse
    share = min(max(share, 0.0), 1.0)
    ex, ey = edge[0] + share * dx - x, edge[1] + share * dy - y
    return float(ex * ex + ey * ey)
