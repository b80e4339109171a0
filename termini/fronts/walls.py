"""Where a front may run, begin and end, on the pixels of a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio import features
from shapely.geometry import LineString, shape
from shapely.geometry.base import BaseGeometry

from termini.errors import TraceError

Mask = NDArray[np.bool_]

#: Pixel corners of a raster in pixel coordinates, where centres are whole numbers.
CORNERS = Affine.translation(-0.5, -0.5)


@dataclass(frozen=True)
class Walls:
    """Where a front may run, begin and end.

    Parameters
    ----------
    inside, left, right : ndarray of bool, shape (rows, columns)
        The fjord, and the pixels of it that lie at its left and right wall.
    known : bool
        False if the walls are only the borders of the picture.
    """

    inside: Mask
    left: Mask
    right: Mask
    known: bool = True


def border_walls(shape: tuple[int, int]) -> Walls:
    """Borders of a picture as walls, where no fjord is known.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns.

    Returns
    -------
    Walls
        First and last column.
    """
    left, right = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    left[:, 0], right[:, -1] = True, True
    return Walls(np.ones(shape, dtype=bool), left, right, known=False)


def fjord_walls(fjord: Mask, left: BaseGeometry, right: BaseGeometry) -> Walls:
    """Walls of a fjord from its two lines.

    Parameters
    ----------
    fjord : ndarray of bool, shape (rows, columns)
        Inside of the fjord.
    left, right : shapely lines
        Walls in pixel coordinates.

    Returns
    -------
    Walls
        Pixels of the fjord within a pixel of each wall.

    Raises
    ------
    TraceError
        If a wall lies outside the grid.
    """
    found = []
    for line in (left, right):
        near = line.buffer(1.5)
        burnt = features.rasterize(
            [(near, 1)], out_shape=fjord.shape, all_touched=True, dtype="uint8"
        )
        found.append(burnt.astype(bool) & fjord)
    if not (found[0].any() and found[1].any()):
        raise TraceError("a wall of the fjord lies outside the grid; widen the grid's margin")
    return Walls(fjord, found[0], found[1])


def polygon_walls(fjord: Mask) -> Walls:
    """Walls of a fjord of which only the inside is known, in a flow-aligned picture.

    Parameters
    ----------
    fjord : ndarray of bool, shape (rows, columns)
        Inside of the fjord.

    Returns
    -------
    Walls
        First and last pixel of the fjord in every row.

    Raises
    ------
    TraceError
        If the fjord is empty.
    """
    rows = np.flatnonzero(fjord.any(axis=1))
    if rows.size == 0:
        raise TraceError(
            "the fjord does not cover a single pixel of the picture; draw it in the picture's "
            "pixels, x to the right and y down"
        )
    left, right = np.zeros_like(fjord), np.zeros_like(fjord)
    left[rows, fjord[rows].argmax(axis=1)] = True
    right[rows, fjord.shape[1] - 1 - fjord[rows, ::-1].argmax(axis=1)] = True
    return Walls(fjord, left, right)


def corner_walls(fjord: Mask) -> Walls:
    """Walls of a fjord of which only the inside is known, parted from its two ends.

    Parameters
    ----------
    fjord : ndarray of bool, shape (rows, columns)
        Inside of the fjord, in a flow-aligned picture.

    Returns
    -------
    Walls
        The outline between the upper and the lower corner of either side. The corners
        are where the outline reaches farthest towards the picture's four corners, both
        ways measured by the fjord's own extent, so that slanted ends are no walls. Where
        that leaves no two walls, those of `polygon_walls`.

    Raises
    ------
    TraceError
        If the fjord is empty.
    """
    if not fjord.any():
        return polygon_walls(fjord)
    shapes = features.shapes(fjord.astype("uint8"), mask=fjord, transform=CORNERS)
    outline = max((shape(part) for part, _ in shapes), key=lambda part: float(part.area))
    ring = shapely.get_coordinates(shapely.segmentize(outline.exterior, 1.0))[:-1]
    extent = np.maximum(np.ptp(ring, axis=0), 1.0)
    even = (ring - ring.min(axis=0)) / extent - 0.5
    corner = {(i, j): int(np.argmax(even @ np.array([i, j]))) for i in (-1, 1) for j in (-1, 1)}
    found = []
    for side in (-1, 1):
        part = _between(len(ring), corner[side, -1], corner[side, 1], corner[-side, 1])
        if part is None or len(part) < 2:
            return polygon_walls(fjord)
        found.append(LineString(ring[part]))
    walls = fjord_walls(fjord, found[0], found[1])
    if (walls.left & walls.right).any():
        both = walls.left & walls.right
        walls = Walls(fjord, walls.left & ~both, walls.right & ~both)
        if not (walls.left.any() and walls.right.any()):
            return polygon_walls(fjord)
    return walls


def _between(count: int, start: int, end: int, avoid: int) -> NDArray[np.intp] | None:
    """Numbers along a ring from one to another, the way round that avoids a third."""
    for step in (1, -1):
        way = (start + step * np.arange(((end - start) * step) % count + 1)) % count
        if avoid not in way:
            return np.asarray(way, dtype=np.intp)
    return None
