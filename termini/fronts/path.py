"""The front as the cheapest path from one fjord wall to the other.

A threshold leaves gaps where the network doubts and branches where it sees two
fronts. A path is always one line from wall to wall, and goes over a gap by the
shortest way. All pixels of the left wall are sources at once, all of the right
wall are ends: one search instead of one for every pair.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.graph import MCP_Geometric

from termini.errors import TraceError
from termini.fronts import subpixel
from termini.fronts.judgement import FrontPath, PathSettings, judge
from termini.fronts.walls import Mask, Walls, border_walls

Array = NDArray[np.float64]


def path_cost(front: Array, ice: Array, walls: Walls, settings: PathSettings) -> Array:
    """Cost of a front through each pixel.

    Parameters
    ----------
    front, ice : ndarray, shape (rows, columns)
        Probability of a front, and of ice.
    walls : Walls
        Where the front may run.
    settings : PathSettings
        Floor, least probability and weight of the ice mask.

    Returns
    -------
    ndarray, shape (rows, columns)
        ``floor`` to ``floor`` + 1; negative, which the search takes for
        impassable, outside the fjord.

    Notes
    -----
    The edge of the ice mask, 4 i (1 - i), counts only where ice lies below
    water, so that the margins along the walls attract no path.
    """
    slope = ndimage.gaussian_filter(ice, 1.5, order=(1, 0))
    steep = np.hypot(slope, ndimage.gaussian_filter(ice, 1.5, order=(0, 1)))
    facing = np.clip(slope / (steep + 0.02), 0.0, 1.0)
    edge = settings.ice_weight * 4.0 * ice * (1.0 - ice) * facing
    seen = 1.0 - (1.0 - front) * (1.0 - edge)
    cost = np.log(np.clip(seen, settings.least, 1.0)) / np.log(settings.least)
    return np.where(walls.inside, cost + settings.floor, -1.0)


def cheapest_path(cost: Array, left: Mask, right: Mask) -> tuple[NDArray[np.intp], float]:
    """Cheapest way from any pixel of one set to any of another.

    Parameters
    ----------
    cost : ndarray, shape (rows, columns)
        Cost of each pixel; negative is impassable.
    left, right : ndarray of bool, shape (rows, columns)
        Where the path begins and ends.

    Returns
    -------
    tuple
        Rows and columns, shape (n, 2), and the total cost.

    Raises
    ------
    TraceError
        If no way leads from one to the other.
    """
    starts = np.argwhere(left & (cost >= 0))
    ends = np.argwhere(right & (cost >= 0))
    if len(starts) == 0 or len(ends) == 0:
        raise TraceError("a wall of the fjord has no pixel on the grid")
    search = MCP_Geometric(cost)
    total, _ = search.find_costs(starts, ends, find_all_ends=False)
    reached = total[ends[:, 0], ends[:, 1]]
    best = int(np.argmin(reached))
    if not np.isfinite(reached[best]):
        raise TraceError("no way leads from the left wall to the right one within the fjord")
    return np.asarray(search.traceback(tuple(ends[best])), dtype=np.intp), float(reached[best])


def front_path(
    front: NDArray[np.floating],
    ice: NDArray[np.floating],
    valid: Mask | None = None,
    walls: Walls | None = None,
    settings: PathSettings | None = None,
) -> FrontPath:
    """Front line from the probabilities that a network gives.

    Parameters
    ----------
    front, ice : ndarray, shape (rows, columns)
        Probability of a front, and of ice; ocean at row 0.
    valid : ndarray of bool, shape (rows, columns), optional
        What the sensor saw. Where it saw nothing the path may run, but finds no
        evidence.
    walls : Walls, optional
        Where a front may begin and end; the picture's borders by default.
    settings : PathSettings, optional
        What the search goes by.

    Returns
    -------
    FrontPath
        The line and how far to trust it.

    Raises
    ------
    TraceError
        If no line of at least two pixels is found.
    """
    settings = settings or PathSettings()
    heat = np.asarray(front, dtype=np.float64)
    mask = np.asarray(ice, dtype=np.float64)
    if valid is not None:
        heat = np.where(valid, heat, 0.0)
    walls = walls or border_walls((heat.shape[0], heat.shape[1]))
    cost = path_cost(heat, mask, walls, settings)
    pixels, total = cheapest_path(cost, walls.left, walls.right)
    if len(pixels) < 3:
        raise TraceError("the walls touch: the front would be shorter than three pixels")
    rival = _rivalry(cost, pixels, total, walls, settings)
    whole = subpixel.refine(heat, pixels[:, ::-1].astype(np.float64))
    first, last = _kept(subpixel.ridge(heat, whole).height, walls.known, settings)
    line = whole[first : last + 1]
    if len(line) < 3:
        raise TraceError("the network sees no front: no part of the path has any probability")
    return judge(heat, mask, whole, line, (first, len(whole) - 1 - last), rival, settings)


def _rivalry(
    cost: Array, pixels: NDArray[np.intp], total: float, walls: Walls, settings: PathSettings
) -> float:
    """Cost of the path over that of the best path elsewhere, on every second pixel."""
    away = np.ones(cost.shape, dtype=bool)
    away[pixels[:, 0], pixels[:, 1]] = False
    near = ndimage.distance_transform_edt(away) < settings.runner_up
    priced = np.where(near & (cost >= 0), 1.0 + settings.floor, cost)[::2, ::2]
    left, right = (ndimage.maximum_filter(m, 3)[::2, ::2] for m in (walls.left, walls.right))
    try:
        _, other = cheapest_path(priced, left, right)
    except TraceError:
        return 0.0
    return float(np.clip(total / (2.0 * other), 0.0, 1.0))


def _kept(height: Array, known: bool, settings: PathSettings) -> tuple[int, int]:
    """First and last vertex of the stretch that holds the most evidence.

    The stretch whose sum of (probability - trim) is greatest: a gap within the
    front stays if what lies beyond it outweighs it.
    """
    gain = np.cumsum(ndimage.gaussian_filter1d(height, 1.0, mode="nearest") - settings.trim)
    before = np.minimum.accumulate(np.concatenate([[0.0], gain[:-1]]))
    last = int(np.argmax(gain - before))
    upto = np.concatenate([[0.0], gain[:-1]])[: last + 1]
    first = int(np.flatnonzero(upto == upto.min())[-1])
    if known:
        first = 0 if first <= settings.snap else first
        last = len(height) - 1 if len(height) - 1 - last <= settings.snap else last
    return first, last
