"""The front as the cheapest path from one fjord wall to the other.

A threshold leaves gaps where the network doubts and branches where it sees two
fronts. A path is always one line from wall to wall, and goes over a gap by the
shortest way. All pixels of the left wall are sources at once, all of the right
wall are ends: one search instead of one for every pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.graph import MCP_Geometric

from termini.errors import TraceError
from termini.fronts import subpixel
from termini.fronts.judgement import FrontPath, PathSettings, ice_contrast, judge
from termini.fronts.walls import Mask, Walls, border_walls

Array = NDArray[np.float64]


#: How probable a front is where it is clearest: this quantile along the path.
CLEAREST = 0.9

#: Half the width of the gaps between scan lines that the network bridges, pixels.
GAP_REACH = 5

#: Below that probability there is no front.
FAINTEST = 0.1


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


def cheapest_path(cost: Array, left: Mask, right: Mask) -> NDArray[np.intp]:
    """Cheapest way from any pixel of one set to any of another.

    Parameters
    ----------
    cost : ndarray, shape (rows, columns)
        Cost of each pixel; negative is impassable.
    left, right : ndarray of bool, shape (rows, columns)
        Where the path begins and ends.

    Returns
    -------
    ndarray of int, shape (n, 2)
        Rows and columns.

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
    return np.asarray(search.traceback(tuple(ends[best])), dtype=np.intp)


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
        evidence, except in gaps between scan lines, which the network bridges.
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
        If no line of at least three pixels is found.

    Notes
    -----
    The cheapest path is compared with the cheapest one away from it. A short
    false front may lie nearer to the borders of a picture and so be cheaper;
    the one for which more speaks is taken.
    """
    settings = settings or PathSettings()
    heat = np.asarray(front, dtype=np.float64)
    mask = np.asarray(ice, dtype=np.float64)
    if valid is not None:
        heat = np.where(without_gaps(valid), heat, 0.0)
    walls = walls or border_walls((heat.shape[0], heat.shape[1]))
    if walls.known:  # so that refining does not lead out of the fjord
        heat = np.where(ndimage.binary_dilation(walls.inside), heat, 0.0)
    cost = path_cost(heat, mask, walls, settings)
    pixels = cheapest_path(cost, walls.left, walls.right)
    best = _candidate(heat, mask, pixels, walls.known, settings)
    other = _runner_up(heat, mask, cost, pixels, walls, settings)
    if other is not None and other.evidence > best.evidence:
        best, other = other, best
    rivalry = other.evidence / best.evidence if other is not None else 0.0
    return judge(heat, mask, best.whole, (best.first, best.last), rivalry, settings)


def without_gaps(valid: Mask, reach: int = GAP_REACH) -> Mask:
    """What a sensor saw, with narrow gaps filled but nothing added beyond the swath.

    Parameters
    ----------
    valid : ndarray of bool, shape (rows, columns)
        What the sensor saw.
    reach : int
        Half the width of the widest gap to fill, pixels.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
        True there and in the gaps.
    """
    if valid.all():
        return valid
    near = ndimage.distance_transform_edt(~valid) <= reach
    # what lies beyond the border is taken as seen, so that borders stay as they are
    inner = ndimage.distance_transform_edt(np.pad(near, 1, constant_values=True))[1:-1, 1:-1]
    return np.asarray(valid | (near & (inner > reach)))


@dataclass(frozen=True)
class _Candidate:
    """A refined path, its stretch that is the front, and how much speaks for it."""

    whole: Array
    first: int
    last: int
    evidence: float


def _candidate(
    heat: Array, mask: Array, pixels: NDArray[np.intp], known: bool, settings: PathSettings
) -> _Candidate:
    """Path refined and cut. Evidence: pixels of sure front with ice behind and water before."""
    if len(pixels) < 3:
        raise TraceError("the walls touch: the front would be shorter than three pixels")
    whole = subpixel.refine(heat, pixels[:, ::-1].astype(np.float64))
    height = subpixel.ridge(heat, whole).height
    first, last = _stretch(height, known, settings)
    if last - first < 2:
        raise TraceError("the network sees no front: only a spot of it is probable")
    contrast = max(ice_contrast(mask, whole[first : last + 1]), 0.0)
    return _Candidate(whole, first, last, float(height[first : last + 1].sum()) * (0.1 + contrast))


def _runner_up(
    heat: Array,
    mask: Array,
    cost: Array,
    pixels: NDArray[np.intp],
    walls: Walls,
    settings: PathSettings,
) -> _Candidate | None:
    """Best path away from a given one, searched on every second pixel; None if none is seen."""
    there = np.ones(cost.shape, dtype=bool)
    there[pixels[:, 0], pixels[:, 1]] = False
    near = ndimage.distance_transform_edt(there) < settings.runner_up
    priced = np.where(near & (cost >= 0), 1.0 + settings.floor, cost)[::2, ::2]
    left, right = (ndimage.maximum_filter(m, 3)[::2, ::2] for m in (walls.left, walls.right))
    try:
        other = 2 * cheapest_path(priced, left, right)
        return _candidate(np.where(near, 0.0, heat), mask, other, walls.known, settings)
    except TraceError:
        return None


def kept_stretch(heat: Array, whole: Array, known: bool, settings: PathSettings) -> tuple[int, int]:
    """First and last vertex of a refined path that belong to the front.

    Parameters
    ----------
    heat : ndarray, shape (rows, columns)
        Probability of a front.
    whole : ndarray, shape (n, 2)
        Path from wall to wall.
    known : bool
        Whether the walls are those of a fjord.
    settings : PathSettings
        Where to cut.

    Returns
    -------
    tuple of int
        Both belong to the front.

    Raises
    ------
    TraceError
        If nowhere on it is a front probable.
    """
    return _stretch(subpixel.ridge(heat, whole).height, known, settings)


def _stretch(height: Array, known: bool, settings: PathSettings) -> tuple[int, int]:
    """First and last vertex of the stretch that holds the most evidence.

    The stretch whose sum of (probability - trim) is greatest: a gap within the
    front stays if what lies beyond it outweighs it. A faint front is cut by a
    lower measure, so that it is found and then judged by its faintness.
    """
    even = ndimage.gaussian_filter1d(height, 1.0, mode="nearest")
    clear = float(np.quantile(even, CLEAREST))
    if clear < FAINTEST:
        raise TraceError(f"the network sees no front: nowhere is it more probable than {clear:.2f}")
    trim = settings.trim_in_fjord if known else settings.trim
    gain = np.cumsum(even - min(trim, 0.6 * clear))
    before = np.minimum.accumulate(np.concatenate([[0.0], gain[:-1]]))
    last = int(np.argmax(gain - before))
    upto = np.concatenate([[0.0], gain[:-1]])[: last + 1]
    first = int(np.flatnonzero(upto == upto.min())[-1])
    if known:
        first = 0 if first <= settings.snap else first
        last = len(height) - 1 if len(height) - 1 - last <= settings.snap else last
    return first, last
