"""What a vectoriser is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from termini.errors import InputError, TraceError
from termini.fronts import subpixel
from termini.fronts.judgement import FrontPath, PathSettings, judge
from termini.fronts.walls import Mask, Walls, border_walls

Array = NDArray[np.float64]

#: Pixel corners of a raster in pixel coordinates, where centres are whole numbers.
CORNERS = Affine.translation(-0.5, -0.5)


@dataclass(frozen=True)
class Maps:
    """Probability maps on a flow-aligned grid, ocean at row 0.

    Parameters
    ----------
    front, ice : ndarray of float64, shape (rows, columns)
        Probability of a front, and of ice rather than water.
    valid : ndarray of bool, shape (rows, columns)
        What the sensor saw.
    walls : Walls
        Where a front may run, begin and end.
    """

    front: Array
    ice: Array
    valid: Mask
    walls: Walls


def take_maps(
    front: NDArray[np.floating],
    ice: NDArray[np.floating],
    valid: Mask | None = None,
    walls: Walls | None = None,
) -> Maps:
    """Check maps and fill in what is not given.

    Parameters
    ----------
    front, ice : ndarray, shape (rows, columns)
        Probabilities.
    valid : ndarray of bool, shape (rows, columns), optional
        Everywhere if not given.
    walls : Walls, optional
        The picture's borders if not given.

    Returns
    -------
    Maps
        What a vectoriser takes; not finite values count as 0.

    Raises
    ------
    InputError
        If the shapes differ.
    """
    shape = np.shape(front)
    walls = walls or border_walls((shape[0], shape[1]))
    seen = np.ones(shape, dtype=bool) if valid is None else np.asarray(valid, dtype=bool)
    for name, layer in (("ice", ice), ("valid", seen), ("walls", walls.inside)):
        if np.shape(layer) != shape:
            raise InputError(
                f"{name} has shape {np.shape(layer)}, the front map {shape}: give maps of one grid"
            )
    clean = [np.nan_to_num(np.asarray(f, dtype=np.float64)) for f in (front, ice)]
    return Maps(clean[0], clean[1], seen, walls)


def left_to_right(xy: Array) -> Array:
    """Line that begins at its left end.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices.

    Returns
    -------
    ndarray, shape (n, 2)
        The same, turned round where it began on the right.
    """
    return xy if xy[0, 0] <= xy[-1, 0] else xy[::-1]


def traced(maps: Maps, xy: Array, settings: PathSettings | None = None) -> FrontPath:
    """Any line with the judgement that `termini.fronts.front_path` gives its own.

    Parameters
    ----------
    maps : Maps
        What the line was found in.
    xy : ndarray, shape (n, 2)
        Vertices, x right and y down.
    settings : PathSettings, optional
        Limits of trust.

    Returns
    -------
    FrontPath
        The line left to right. Nothing is known of a rival; its ends are open
        where they stay farther than the snap distance from their walls.

    Raises
    ------
    TraceError
        If the line is shorter than two pixels.
    """
    settings = settings or PathSettings()
    line = left_to_right(np.asarray(xy, dtype=np.float64))
    if len(line) < 2 or np.hypot(*np.diff(line, axis=0).T).sum() < 2:
        raise TraceError("the line is shorter than two pixels")
    even = subpixel.resample(line)
    found = judge(maps.front, maps.ice, even, (0, len(even) - 1), 0.0, settings)
    open_left, open_right = (
        _open(end, wall, settings.snap)
        for end, wall in ((even[0], maps.walls.left), (even[-1], maps.walls.right))
    )
    held = {**vars(found), "xy": line, "open_left": open_left, "open_right": open_right}
    return FrontPath(**held)


def _open(end: Array, wall: Mask, snap: float) -> float:
    """Distance of an end from its wall, 0 where it is near enough."""
    at = np.argwhere(wall)[:, ::-1]
    if len(at) == 0:
        return 0.0
    distance = float(np.hypot(*(at - end).T).min())
    return distance if distance > snap else 0.0


def outlines(mask: Mask) -> list[Polygon]:
    """Polygons of the true pixels of a raster, in pixel coordinates, along pixel edges.

    Parameters
    ----------
    mask : ndarray of bool, shape (rows, columns)
        Raster.

    Returns
    -------
    list of shapely Polygon
        Four-connected parts with their holes.
    """
    found = rasterio.features.shapes(mask.astype("uint8"), mask=mask, transform=CORNERS)
    return [shapely.geometry.shape(part) for part, _ in found]


def region_of(walls: Walls, *, inset: float = 0.1, buffer: float = 0.0) -> BaseGeometry:
    """Where a front may be kept: the fjord less a buffer, or the picture less its rim.

    Parameters
    ----------
    walls : Walls
        The fjord.
    inset : float
        Share of each side that is left out where no fjord is known.
    buffer : float
        Distance kept from rock where it is, pixels.

    Returns
    -------
    shapely geometry
        In pixel coordinates.
    """
    rows, columns = walls.inside.shape
    if not walls.known:
        x, y = inset * columns, inset * rows
        return box(x - 0.5, y - 0.5, columns - x - 0.5, rows - y - 0.5)
    fjord = shapely.union_all(outlines(walls.inside))
    return fjord.buffer(-buffer) if buffer > 0 else fjord


def longest_line(geometry: BaseGeometry) -> LineString:
    """Longest of the lines that a geometry holds, joined where they meet end to end.

    Parameters
    ----------
    geometry : shapely geometry
        Lines.

    Returns
    -------
    shapely LineString
        The longest.

    Raises
    ------
    TraceError
        If there is none.
    """
    parts: Sequence[BaseGeometry] = list(getattr(geometry, "geoms", [geometry]))
    lines = [p for p in parts if isinstance(p, LineString) and p.length > 0]
    if not lines:
        raise TraceError("no line is left within the fjord")
    merged = shapely.line_merge(shapely.multilinestrings(lines))
    joined = [p for p in getattr(merged, "geoms", [merged]) if isinstance(p, LineString)]
    return max(joined, key=lambda line: float(line.length))


def drawn_line(xy: Array, shape: tuple[int, ...]) -> Mask:
    """Pixels of a line that no four-connected way leads through.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices.
    shape : tuple of int
        Rows and columns.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
        True on the line; what lies off the grid is left out.
    """
    raster = np.zeros(shape, dtype=bool)
    fine = shapely.get_coordinates(shapely.segmentize(LineString(xy), 0.25))
    row, column = np.rint(fine[:, 1]).astype(int), np.rint(fine[:, 0]).astype(int)
    kept = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1])
    raster[row[kept], column[kept]] = True
    return raster
