"""Glaciers with several fronts: arms of ice parted by rock that stands in the fjord.

The path may cross rock that is neither of the two outer walls at next to no cost, and is
then cut there. One search so finds whether the ice ends in one front before the rock or
in one front on each side of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from termini.errors import TraceError
from termini.fronts.judgement import FrontPath, PathSettings, judge
from termini.fronts.path import (
    cheapest_path,
    front_path,
    kept_stretch,
    path_cost,
    without_gaps,
)
from termini.fronts.subpixel import refine
from termini.fronts.vector.maps import Array, take_maps
from termini.fronts.walls import Mask, Walls

#: Smaller rocks than this stand in nobody's way, pixels.
SMALLEST = 12

#: Cost of a pixel of rock between two arms; of sure front it is `PathSettings.floor`.
CROSSING = 1e-3


def islands_of(walls: Walls, smallest: int = SMALLEST) -> Mask:
    """Rock that stands in a fjord, joined to no outer wall.

    Parameters
    ----------
    walls : Walls
        The fjord.
    smallest : int
        Fewest pixels of a rock that counts.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
        Rock that the fjord encloses.
    """
    label, count = ndimage.label(~walls.inside, structure=np.ones((3, 3)))
    sizes = np.bincount(label.ravel(), minlength=count + 1)
    rims = (label[0], label[-1], label[:, 0], label[:, -1])
    outer = np.unique(np.concatenate(rims))
    sizes[outer] = 0
    sizes[0] = 0
    return np.asarray(sizes[label] >= smallest)


def branch_paths(
    front: NDArray[np.floating],
    ice: NDArray[np.floating],
    valid: Mask | None = None,
    walls: Walls | None = None,
    settings: PathSettings | None = None,
    *,
    islands: Mask | None = None,
) -> tuple[FrontPath, ...]:
    """Fronts of a glacier whose arms rock parts, one path each.

    Parameters
    ----------
    front, ice, valid, walls, settings
        As for `termini.fronts.front_path`.
    islands : ndarray of bool, shape (rows, columns), optional
        Rock between the arms; what the fjord encloses by default. Rock that reaches
        the picture's lower border has to be given.

    Returns
    -------
    tuple of FrontPath
        From left to right. Without rock in the fjord the one of `front_path`.

    Raises
    ------
    TraceError
        If no arm has a front.
    """
    settings = settings or PathSettings()
    maps = take_maps(front, ice, valid, walls)
    rock = islands_of(maps.walls) if islands is None else np.asarray(islands, dtype=bool)
    if not rock.any():
        return (front_path(front, ice, valid, walls, settings),)
    heat = np.where(without_gaps(maps.valid), maps.front, 0.0)
    near = ndimage.binary_dilation(maps.walls.inside & ~rock)
    heat = np.where(near, heat, 0.0) if maps.walls.known else heat
    cost = np.where(rock, CROSSING, path_cost(heat, maps.ice, maps.walls, settings))
    pixels = cheapest_path(cost, maps.walls.left & ~rock, maps.walls.right & ~rock)
    found = []
    for piece in _parts(pixels, rock):
        try:
            found.append(_refined(heat, maps.ice, piece, settings))
        except TraceError:
            continue
    if not found:
        raise TraceError("the network sees no front in any arm of the glacier")
    return tuple(found)


def _parts(pixels: NDArray[np.intp], rock: Mask) -> list[NDArray[np.intp]]:
    """Stretches of a path off the rock, three pixels and longer."""
    off = ~rock[pixels[:, 0], pixels[:, 1]]
    change = np.flatnonzero(np.diff(off.astype(int))) + 1
    parts = np.split(pixels, change)
    return [p for p in parts if len(p) >= 3 and not rock[p[0, 0], p[0, 1]]]


def _refined(
    heat: Array, mask: Array, pixels: NDArray[np.intp], settings: PathSettings
) -> FrontPath:
    """One arm's path moved on to the ridge, cut where nothing is seen, and judged."""
    whole = refine(heat, pixels[:, ::-1].astype(np.float64))
    first, last = kept_stretch(heat, whole, True, settings)
    if last - first < 2:
        raise TraceError("only a spot of this arm's front is probable")
    return judge(heat, mask, whole, (first, last), 0.0, settings)
