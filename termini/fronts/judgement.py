"""How far to trust a front line, and its error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from termini.fronts import subpixel
from termini.fronts.sigma import LineSigma

Array = NDArray[np.float64]

#: Brings the error to one sigma: with it 68 % of the vertices of the glacier held
#: out of training (Kangerlussuaq, middle 80 % of each front) lie within one sigma of
#: the hand-drawn line.
CALIBRATION = 1.9


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
    trim, trim_in_fjord : float
        Both ends of the path are cut off as far as its probability stays below
        this on balance: in a picture whose walls are not known, and in a fjord.
    snap : float
        An end that lies nearer to a wall than this is drawn on to it, pixels.
    runner_up : float
        A second path is looked for outside this distance of the first, pixels.
    min_probability, min_contrast, min_span : float
        Below these mean probability along the line, mean difference of the ice
        mask across it, or share of the way between the walls, the front is not
        trusted.
    max_rivalry : float
        If the evidence for the runner-up is more than this share of that for
        the line, the line is not trusted.
    """

    floor: float = 0.03
    least: float = 1e-3
    ice_weight: float = 0.3
    trim: float = 0.5
    trim_in_fjord: float = 0.4
    snap: float = 8.0
    runner_up: float = 12.0
    min_probability: float = 0.3
    min_contrast: float = 0.5
    min_span: float = 0.25
    max_rivalry: float = 0.6


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
        Evidence for the best line elsewhere over that for this one, 0 to 1; near
        1 there is a second line as good.
    open_left, open_right : float
        Length cut off at each end for want of evidence, pixels.
    reasons : tuple of str
        Why the front is not to be trusted; empty if it is.
    p_wrong, p_incomplete : float
        Probability that the line is wrong, and that it is or a part of the front is
        missing, of `termini.fronts.assess`; NaN before.
    probably_wrong, probably_incomplete : bool
        Whether they exceed the failure detector's thresholds.
    errors : LineSigma or None
        Calibrated errors of each vertex and of the mean position, pixels.
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
    p_wrong: float = np.nan
    p_incomplete: float = np.nan
    probably_wrong: bool = False
    probably_incomplete: bool = False
    errors: LineSigma | None = None


def judge(
    heat: Array,
    mask: Array,
    whole: Array,
    kept: tuple[int, int],
    rivalry: float,
    settings: PathSettings,
) -> FrontPath:
    """Confidence, error and reasons for doubt of a line.

    Parameters
    ----------
    heat, mask : ndarray, shape (rows, columns)
        Probability of a front, and of ice.
    whole : ndarray, shape (n, 2)
        Path from wall to wall.
    kept : tuple of int
        First and last vertex of it that belong to the front.
    rivalry : float
        As in `FrontPath`.
    settings : PathSettings
        Limits of trust.

    Returns
    -------
    FrontPath
        The line with all of it.
    """
    line = whole[kept[0] : kept[1] + 1]
    profile = subpixel.ridge(heat, line)
    probability = float(profile.height.mean())
    offset, ice = subpixel.across(mask, line, reach=6.0)
    contrast = ice_contrast(mask, line)
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
        reasons.append(f"another line has {rivalry:.0%} of its evidence")
    return FrontPath(
        xy=line,
        confidence=float(probability * np.sqrt(np.clip(contrast, 0.0, 1.0))),
        sigma_px=_sigma(profile, disagreement),
        probability=probability,
        contrast=contrast,
        disagreement=disagreement,
        rivalry=rivalry,
        open_left=float(kept[0]),
        open_right=float(len(whole) - 1 - kept[1]),
        reasons=tuple(reasons),
    )


def ice_contrast(mask: Array, line: Array) -> float:
    """Mean of the ice mask up-glacier of a line less that down-glacier of it.

    Parameters
    ----------
    mask : ndarray, shape (rows, columns)
        Probability of ice.
    line : ndarray, shape (n, 2)
        Vertices, left to right.

    Returns
    -------
    float
        1 where all is ice behind and all water before the line; negative where
        it is the other way round.
    """
    offset, ice = subpixel.across(mask, line, reach=6.0)
    return float(ice[:, offset > 2].mean() - ice[:, offset < -2].mean())


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
    return CALIBRATION * float(np.hypot(0.5 * width, 0.25 * disagreement))
