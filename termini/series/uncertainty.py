"""Parts of the standard error of an observation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.special import erf
from shapely.geometry import LineString

from termini.geometry.lines import unit, vertices
from termini.sensors import SENSORS
from termini.series.frame import Frame, Points
from termini.series.kernels import Array
from termini.series.layout import LaidFront
from termini.series.settings import ObservationSettings

#: Columns of the observations that hold the parts of the standard error, metres.
ERROR_PARTS = (
    "sigma_geolocation",
    "sigma_digitising",
    "sigma_coverage",
    "sigma_definition",
    "sigma_date",
)
#: Those of them that traces of one scene share.
SHARED_PARTS = ("sigma_geolocation", "sigma_date")

_PLACES = np.linspace(0.0, 1.0, 41)
# Length error of a front of which a share is missing at one end, where the
# glacier's own shapes are not known: rms over fronts of other glaciers.
_MISSING_SHARE = [0.0, 0.1, 0.2, 0.3, 0.5, 1.0]
_MISSING_ERROR_M = [0.0, 14.0, 42.0, 77.0, 156.0, 500.0]
# Drawing errors across the front grow along the flow as the front turns along it;
# beyond this factor the position along the centreline means nothing.
_MOST_OBLIQUE = 5.0


def shape_of(frame: Frame, front: LaidFront) -> NDArray[np.float64]:
    """Position along the flow at even places across the fjord.

    Parameters
    ----------
    frame : Frame
        Frame.
    front : LaidFront
        A front that covers the whole width.

    Returns
    -------
    ndarray, shape (41,)
        Distance along the centreline, metres, from the left wall to the right.
    """
    places = np.concatenate(front.fractions)
    along = shapely.line_locate_point(frame.centreline, shapely.points(front.path))
    order = np.argsort(places, kind="stable")
    return np.asarray(np.interp(_PLACES, places[order], along[order]))


def missing_error(
    missing: list[tuple[float, float]], shapes: NDArray[np.float64], settings: ObservationSettings
) -> float:
    """Error of the mean position from the parts of a front that were not seen.

    Parameters
    ----------
    missing : list of (float, float)
        Intervals of the width, as fractions, without front.
    shapes : ndarray, shape (n, 41)
        Complete fronts of the same glacier, from `shape_of`.
    settings : ObservationSettings
        Settings.

    Returns
    -------
    float
        Metres. The same parts are taken from the complete fronts and filled in
        the same way, at constant position at an end and straight between pieces;
        the rms of what that changes is the error.
    """
    if not missing:
        return 0.0
    if len(shapes) < settings.fewest_shapes:
        share = sum(high - low for low, high in missing)
        return float(np.interp(share, _MISSING_SHARE, _MISSING_ERROR_M))
    total = np.zeros(len(shapes))
    for low, high in missing:
        places = np.linspace(low, high, 21)
        at = _interpolated(shapes, places)
        start = at[:, -1] if low <= 0 else at[:, 0]
        end = at[:, 0] if high >= 1 else at[:, -1]
        fill = start[:, None] + (end - start)[:, None] * np.linspace(0, 1, 21)
        total += np.trapezoid(at - fill, places, axis=1)
    return float(np.sqrt(np.mean(total**2)))


def _interpolated(shapes: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """All shapes at places from 0 to 1."""
    step = places * (len(_PLACES) - 1)
    low = np.minimum(step.astype(int), len(_PLACES) - 2)
    part = step - low
    return np.asarray(shapes[:, low] * (1 - part) + shapes[:, low + 1] * part)


def obliqueness(frame: Frame, pieces: tuple[Points, ...], along: float, reach: float) -> float:
    """Factor by which a drawing error grows along the centreline.

    Parameters
    ----------
    frame : Frame
        Frame.
    pieces : tuple of ndarray, shape (n, 2)
        Front.
    along : float
        Where it crosses the centreline, metres.
    reach : float
        Distance along the front over which its direction is taken, metres.

    Returns
    -------
    float
        One over the cosine between the front's normal and the centreline, from 1
        to 5.
    """
    centre = frame.centreline
    point = centre.interpolate(along)
    piece = min((LineString(p) for p in pieces), key=lambda line: float(line.distance(point)))
    at = piece.project(point)
    ends = [piece.interpolate(max(at - reach / 2, 0.0)), piece.interpolate(at + reach / 2)]
    flow = [centre.interpolate(max(along - 1.0, 0.0)), centre.interpolate(along + 1.0)]
    front = np.vstack([vertices(end) for end in ends])
    line = np.vstack([vertices(end) for end in flow])
    if not np.ptp(front, axis=0).any() or not np.ptp(line, axis=0).any():
        return 1.0
    one, two = unit(front[1] - front[0]), unit(line[1] - line[0])
    sine = abs(float(one[0] * two[1] - one[1] * two[0]))
    return float(min(1.0 / max(sine, 1e-9), _MOST_OBLIQUE))


def geolocation_of(sensor: str, settings: ObservationSettings) -> float:
    """Geolocation error of a sensor.

    Parameters
    ----------
    sensor : str
        Name in the front table.
    settings : ObservationSettings
        Gives the value for an unknown sensor.

    Returns
    -------
    float
        One standard deviation, metres.
    """
    known = SENSORS.get(sensor)
    return known.geolocation if known else settings.default_geolocation


def drawing_error(sigma_m: float, sensor: str, settings: ObservationSettings) -> float:
    """Drawing error of a trace.

    Parameters
    ----------
    sigma_m : float
        As stated in the front table, metres; NaN where it is not.
    sensor : str
        Name in the front table, which gives a value where the table does not.
    settings : ObservationSettings
        Gives the value for an unknown sensor.

    Returns
    -------
    float
        One standard deviation along the front's normal, metres.
    """
    if np.isfinite(sigma_m):
        return float(sigma_m)
    known = SENSORS.get(sensor)
    return known.prior_sigma if known else settings.default_sigma


def mean_error(reach: Array, longer: Array) -> Array:
    """Error of a mean over a width, as a share of that at each place.

    Parameters
    ----------
    reach : ndarray, shape (t,)
        Correlation length over the width.
    longer : ndarray, shape (t,)
        Length of the front over the distance between its ends.

    Returns
    -------
    ndarray, shape (t,)
        Root of the share of the variance. With the correlation exp(-pi d²/L²), whose
        integral is L, of places d apart, that of a mean over a length l is, with r = L/l,
        r erf(sqrt(pi)/r) - r²/pi (1 - exp(-pi/r²)), the mean of the correlation over all pairs
        of places (Vanmarcke 1983, chapter 5); r for long fronts. What a winding front
        sweeps grows with its length, so that the share is that of the length times the
        square of `longer`, and one at most.
    """
    r = np.maximum(reach / longer, 1e-9)
    share = r * erf(np.sqrt(np.pi) / r) - r**2 / np.pi * -np.expm1(-np.pi / r**2)
    return np.asarray(np.sqrt(np.minimum(longer**2 * share, 1.0)))


def of_several_analysts(fronts: pd.DataFrame) -> NDArray[np.bool_]:
    """Traces that were drawn by one of several analysts of their glacier.

    Parameters
    ----------
    fronts : DataFrame
        Front table.

    Returns
    -------
    ndarray of bool, shape (t,)
        Manual traces of glaciers that several analysts drew. What an analyst takes to
        be the front is not in the errors of observations: where it is the same in all
        traces no change shows it. It is in the errors of changes from one analyst's
        trace to another's (`termini.series.changes`).
    """
    manual = (fronts["method"] == "manual").to_numpy(dtype=bool)
    analysts = fronts["analyst"].where(manual).groupby(fronts["glacier_id"]).transform("nunique")
    return manual & (analysts.to_numpy() > 1)


def error_parts(
    observations: pd.DataFrame,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Standard errors of observations: all together, what scenes share, and all else.

    Parameters
    ----------
    observations : DataFrame
        As `termini.series.observe` gives them; without ``sigma_date``, as releases
        of old have them, dates are taken as known.

    Returns
    -------
    total : ndarray, shape (n,)
        Metres.
    shared : ndarray, shape (n, 2)
        The parts in `SHARED_PARTS`, each the same error in all traces of a scene.
    rest : ndarray, shape (n,)
        All other parts.
    """
    parts = observations.reindex(columns=list(ERROR_PARTS), fill_value=0.0)
    shared = parts[list(SHARED_PARTS)].to_numpy(dtype=np.float64)
    rest = parts.drop(columns=list(SHARED_PARTS)).to_numpy(dtype=np.float64)
    alone = np.sum(rest**2, axis=1)
    return np.sqrt(alone + np.sum(shared**2, axis=1)), shared, np.sqrt(alone)


def width_of(observations: pd.DataFrame) -> NDArray[np.float64]:
    """Width that turns the length of an observation into area.

    Parameters
    ----------
    observations : DataFrame
        As `termini.series.observe` gives them.

    Returns
    -------
    ndarray, shape (n,)
        Metres; NaN for ``centreline``.
    """
    total, _, _ = error_parts(observations)
    area = observations["area_change_se"].to_numpy(dtype=np.float64)
    width = np.full(total.shape, np.nan)
    np.divide(area, total, out=width, where=total > 0)
    return width
