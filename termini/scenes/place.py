"""Where a scene lies: whether its projection is possible and it sees the glacier."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import shapely
from affine import Affine
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry import Polygon, box

from termini.domain import GlacierDomain
from termini.errors import SceneError
from termini.geo import LONLAT, local_plane, to_plane, transformer

#: Ground size of a pixel that a front can be seen with, metres.
POSSIBLE_PIXEL = (0.1, 2000.0)

#: What to do about a missing projection.
STATE_CRS = "state the right one with crs= (--crs on the command line), as EPSG:3413"

#: Points along each edge of a footprint, so that it keeps its shape when moved.
_EDGE_POINTS = 8


def footprint(transform: Affine, shape: tuple[int, ...]) -> Polygon:
    """Outline of a grid in its own coordinates.

    Parameters
    ----------
    transform : affine.Affine
        (column, row) to coordinates.
    shape : tuple of int
        Rows and columns.

    Returns
    -------
    shapely Polygon
        The outline, its edges cut into pieces.
    """
    rows, columns = shape[:2]
    ring = shapely.segmentize(box(0, 0, columns, rows), max(rows, columns) / _EDGE_POINTS)
    corners = shapely.get_coordinates(ring)
    x, y = transform @ (corners[:, 0], corners[:, 1])
    return Polygon(np.column_stack([x, y]))


def true_pixel_size(crs: str, transform: Affine, shape: tuple[int, ...]) -> float:
    """Edge of a pixel on the ground, at the middle of a grid.

    Parameters
    ----------
    crs : str
        Projection of the grid.
    transform : affine.Affine
        (column, row) to coordinates.
    shape : tuple of int
        Rows and columns.

    Returns
    -------
    float
        Square root of a pixel's area, metres; infinite where the projection is
        not defined.
    """
    row, column = shape[0] / 2, shape[1] / 2
    corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
    pixel = Polygon([transform @ corner for corner in corners])
    lon, lat = transformer(crs, LONLAT).transform(*pixel.centroid.coords[0])
    if not (math.isfinite(lon) and math.isfinite(lat)) or abs(lat) > 90:
        return math.inf
    return math.sqrt(to_plane(pixel, crs, local_plane(pixel, crs)).area)


def check_place(
    crs: str,
    transform: Affine,
    shape: tuple[int, ...],
    path: str | Path,
    domain: GlacierDomain | None = None,
) -> None:
    """Refuse a scene whose stated place is impossible or does not see the glacier.

    Parameters
    ----------
    crs : str
        Projection of the scene.
    transform : affine.Affine
        (column, row) to coordinates.
    shape : tuple of int
        Rows and columns.
    path : path
        File, for the message.
    domain : GlacierDomain, optional
        The glacier.

    Raises
    ------
    SceneError
        If the projection is unknown, does not fit the coordinates, or puts the
        scene outside the domain.
    """
    try:
        system = CRS.from_user_input(crs)
    except CRSError as error:
        raise SceneError(f"{path}: {crs!r} is not a projection; {STATE_CRS}") from error
    west, south, east, north = footprint(transform, shape).bounds
    stated = f"{path}: its stated projection ({system.name}) is wrong"
    remedy = STATE_CRS
    lonlat = -180.5 <= west < east <= 360.5 and south >= -90 and north <= 90
    if system.is_geographic and not lonlat:
        raise SceneError(
            f"{stated}: its coordinates, {west:.6g} to {east:.6g} and {south:.6g} to {north:.6g}, "
            f"are not longitude and latitude; {remedy}"
        )
    if transform.is_degenerate:
        raise SceneError(
            f"{path}: its pixels have no area (transform {tuple(transform)[:6]}); "
            "georeference it again"
        )
    pixel = true_pixel_size(crs, transform, shape)
    if not POSSIBLE_PIXEL[0] <= pixel <= POSSIBLE_PIXEL[1]:
        size = (
            f"a pixel would be {pixel:.3g} m wide"
            if math.isfinite(pixel)
            else "it is off the Earth"
        )
        raise SceneError(f"{stated}: {size}; {remedy}")
    if domain is not None:
        _check_overlap(crs, transform, shape, path, domain)


def _check_overlap(
    crs: str, transform: Affine, shape: tuple[int, ...], path: str | Path, domain: GlacierDomain
) -> None:
    plane = local_plane(domain.fjord, domain.crs)
    fjord = to_plane(domain.fjord, domain.crs, plane)
    scene = shapely.make_valid(_moved(footprint(transform, shape), crs, plane))
    if scene.is_empty or not scene.intersects(fjord):
        away = math.inf if scene.is_empty else scene.distance(fjord)
        raise SceneError(
            f"{path}: does not overlap the domain of {domain.glacier_id} "
            f"({away / 1000:.4g} km away); choose a scene of this glacier, or, if it is one, "
            f"its stated projection ({CRS.from_user_input(crs).name}) is wrong: {STATE_CRS}"
        )


def _moved(outline: Polygon, crs: str, target: str) -> Polygon:
    xy = shapely.get_coordinates(outline)
    moved = np.column_stack(transformer(crs, target).transform(xy[:, 0], xy[:, 1]))
    moved = moved[np.isfinite(moved).all(axis=1)]
    return Polygon(moved) if len(moved) > 3 else Polygon()


def pixel_window(
    crs: str,
    transform: Affine,
    shape: tuple[int, ...],
    domain: GlacierDomain,
    margin: float,
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Rows and columns of a scene that see a glacier.

    Parameters
    ----------
    crs : str
        Projection of the scene.
    transform : affine.Affine
        (column, row) to coordinates.
    shape : tuple of int
        Rows and columns.
    domain : GlacierDomain
        The glacier.
    margin : float
        How far around its fjord, metres.

    Returns
    -------
    tuple
        First and last-plus-one row; first and last-plus-one column.
    """
    around = shapely.segmentize(domain.fjord.buffer(margin).envelope, 2000.0)
    xy = shapely.get_coordinates(around)
    x, y = transformer(domain.crs, crs).transform(xy[:, 0], xy[:, 1])
    columns, rows = ~transform @ (np.asarray(x), np.asarray(y))

    def _range(values: np.ndarray, size: int) -> tuple[int, int]:
        first = int(np.clip(math.floor(values.min()), 0, size - 1))
        last = int(np.clip(math.ceil(values.max()), first + 1, size))
        return first, last

    return _range(rows, shape[0]), _range(columns, shape[1])
