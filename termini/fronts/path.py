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
from termini.fronts.walls import Mask, Walls, border_walls

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PathSettings:
    """What the search goes by.

    Parameters
    ----------
    floor : float
        Cost of a pixel that is surely front; a pixel that is surely not costs
        one more. Keeps the path from wandering along a broad ridge.
    least : float
        Probabilities below this are alike.
    ice_weight : float
        How far the edge of the ice mask counts as a front, 0 to 1.
    trim : float
        Both ends of the path are cut off as far as its probability stays below
        this on balance.
    snap : float
        An end that lies nearer to a wall than this is drawn on to it, pixels.
    runner_up : float
        A second path is looked for outside this distance of the first, pixels.
    min_probability, min_contrast, min_span : float
        Below these mean probability along the line, mean difference of the ice
        mask across it, or share of the way between the walls, the front is not
        trusted.
    max_rivalry : float
        Above this ratio of the cost of the path to that of the runner-up, both
        over length, the front is not trusted.
    """

    floor: float = 0.03
    least: float = 1e-3
    ice_weight: float = 0.3
    trim: float = 0.2
    snap: float = 8.0
    runner_up: float = 12.0
    min_probability: float = 0.3
    min_contrast: float = 0.15
    min_span: float = 0.3
    max_rivalry: float = 0.9


@dataclass(frozen=True)
class FrontPath:
    """A front in pixel coordinates, and how far to trust it.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices left to right, x right and y down, pixel centres at whole numbers.
    confidence : float
        Mean probability along the line times the root of the ice mask's mean
        difference across it, 0 to 1.
    sigma_px : float
        One-sigma normal error of the line, pixels.
    probability : float
        Mean probability of a front along the line.
    contrast : float
        Mean of the ice mask on the up-glacier side less that on the other.
    disagreement : float
        Root mean square distance of the ice mask's edge from the line, pixels.
    rivalry : float
        Cost of the path over that of the best path elsewhere, both over length;
        near 1 there is a second line as good.
    open_left, open_right : float
        Length cut off at each end for want of evidence, pixels.
    reasons : tuple of str
        Why the front is not to be trusted; empty if it is.
    """

    xy: Array
    confidence: float
    sigma_px: float
    probability: float
    contrast: float
    disagreement: float
    rivalry: float
    open_left: float
    open_right: float
    reasons: tuple[str, ...]


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
    return _judged(heat, mask, whole, line, (first, len(whole) - 1 - last), rival, settings)


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


def _judged(
    heat: Array,
    mask: Array,
    whole: Array,
    line: Array,
    cut: tuple[int, int],
    rivalry: float,
    settings: PathSettings,
) -> FrontPath:
    """The line with its confidence, error and reasons for doubt."""
    profile = subpixel.ridge(heat, line)
    probability = float(profile.height.mean())
    offset, ice = subpixel.across(mask, line, reach=6.0)
    contrast = float((ice[:, offset > 2].mean(axis=1) - ice[:, offset < -2].mean(axis=1)).mean())
    apart = np.abs(_crossing(offset, ice))
    disagreement = float(np.sqrt(np.mean(apart**2)))
    span = len(line) / len(whole)
    reasons = []
    if probability < settings.min_probability:
        reasons.append(f"mean probability {probability:.2f} < {settings.min_probability}")
    if contrast < settings.min_contrast:
        reasons.append(f"ice mask differs by {contrast:.2f} < {settings.min_contrast} across it")
    if span < settings.min_span:
        reasons.append(f"seen over {span:.0%} < {settings.min_span:.0%} of the fjord's width")
    if rivalry > settings.max_rivalry:
        reasons.append(f"another line is as good (cost ratio {rivalry:.2f})")
    return FrontPath(
        xy=line,
        confidence=float(probability * np.sqrt(np.clip(contrast, 0.0, 1.0))),
        sigma_px=_sigma(profile, disagreement),
        probability=probability,
        contrast=contrast,
        disagreement=disagreement,
        rivalry=rivalry,
        open_left=float(cut[0]),
        open_right=float(cut[1]),
        reasons=tuple(reasons),
    )


def _crossing(offset: Array, ice: Array) -> Array:
    """Offset nearest to the line at which the ice mask passes one half, per vertex."""
    above = ice >= 0.5
    change = above[:, 1:] != above[:, :-1]
    middle = 0.5 * (offset[1:] + offset[:-1])
    distance = np.where(change, np.abs(middle), np.abs(offset).max())
    return np.asarray(distance.min(axis=1))


def _sigma(profile: subpixel.Profile, disagreement: float) -> float:
    """One-sigma normal error in pixels: width of the ridge and the mask's disagreement."""
    width = float(np.sqrt(np.mean(profile.width**2)))
    return float(np.hypot(0.5 * width, 0.25 * disagreement))
