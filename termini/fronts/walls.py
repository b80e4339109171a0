"""Where a front may run, begin and end, on the pixels of a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rasterio.features import rasterize
from shapely.geometry.base import BaseGeometry

from termini.errors import TraceError

Mask = NDArray[np.bool_]


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
        burnt = rasterize([(near, 1)], out_shape=fjord.shape, all_touched=True, dtype="uint8")
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
