"""Observations that a series must not follow.

A Gaussian process takes each observation as seriously as its stated error says. A
front found in the wrong place has a stated error of tens of metres and is hundreds
of metres off; the process would follow it and say that it is sure. Each
observation is therefore compared with what all others predict for its day, and
the error of one that lies much farther from it than both errors allow is widened.
A step surprises such a prediction on both its sides; but what lies between the
fronts before and those after is motion, and keeps its errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky

from termini.series.process import PARTS, Array, Process, fit_processes, part_covariance

#: Beyond so many predictive standard deviations an observation is not believed.
BELIEVED = 2.5
#: Observations on each side that an observation may lie between.
NEIGHBOURS = 3
#: Errors and process depend on each other and are found in turn.
ROUNDS = 6
#: Smaller stated errors are not believed, metres.
LEAST_ERROR = 1.0


def left_out(time: Array, value: Array, error: Array, process: Process) -> tuple[Array, Array]:
    """What all other observations predict for each.

    Parameters
    ----------
    time, value, error : ndarray, shape (n,)
        Observations: decimal years, metres, metres.
    process : Process
        Parameters.

    Returns
    -------
    residual : ndarray, shape (n,)
        Observation less prediction, metres.
    spread : ndarray, shape (n,)
        Standard deviation expected of it, metres: of prediction and observation.

    Notes
    -----
    With K the covariance of the observations, the residual is ``(K^-1 y)_i`` over
    ``(K^-1)_ii`` and its variance one over ``(K^-1)_ii`` (Rasmussen & Williams
    2006, equations 5.10 to 5.12).
    """
    names = ("constant", *PARTS)
    covariance = sum(part_covariance(name, time, time, process) for name in names)
    factor = cholesky(covariance + np.diag(error**2), lower=True, check_finite=False)
    inverse = cho_solve((factor, True), np.eye(len(time)), check_finite=False)
    own = np.diag(inverse)
    return inverse @ (value - value.mean()) / own, 1.0 / np.sqrt(own)


def from_between(value: Array) -> Array:
    """Distance of each value from the interval between those before and those after.

    Parameters
    ----------
    value : ndarray, shape (n,)
        Positions in the order of time, metres.

    Returns
    -------
    ndarray, shape (n,)
        Metres, from the interval between the medians of the `NEIGHBOURS` values on
        each side: zero in steady motion and on both sides of a step. NaN for the
        first and the last, which lie between nothing.
    """
    away = np.full(len(value), np.nan)
    for i in range(1, len(value) - 1):
        before = np.median(value[max(i - NEIGHBOURS, 0) : i])
        after = np.median(value[i + 1 : i + 1 + NEIGHBOURS])
        away[i] = value[i] - np.clip(value[i], min(before, after), max(before, after))
    return away


@dataclass(frozen=True)
class RobustFit:
    """A process and how each observation agrees with the others.

    Parameters
    ----------
    processes : list of Process
        From `fit_processes`.
    error : ndarray, shape (n,)
        Standard errors, those of stray observations widened, metres.
    residual : ndarray, shape (n,)
        How far the observation is from what the others predict, or from lying
        between its neighbours if that is less, metres. For the first and the last,
        where a stray front cannot be told from a step, half of the former.
    predicted_se : ndarray, shape (n,)
        Standard error of that prediction, without that of the observation, metres.
    """

    processes: list[Process]
    error: Array
    residual: Array
    predicted_se: Array


def fit_robustly(time: Array, value: Array, error: Array, most_fitted: int) -> RobustFit:
    """Parameters of the process, and errors with those of stray observations widened.

    Parameters
    ----------
    time, value, error : ndarray, shape (n,)
        Observations in the order of time: decimal years, metres, metres.
    most_fitted : int
        The parameters are found from at most so many observations, drawn at
        random with a fixed seed.

    Returns
    -------
    RobustFit
        The errors are not less than those given. An observation farther from what
        the others predict than `BELIEVED` standard deviations gets the error at
        which it would be just so far.
    """
    chosen = np.arange(len(time))
    if len(time) > most_fitted:
        random = np.random.default_rng(0)
        chosen = np.sort(random.choice(len(time), most_fitted, replace=False))
    away = np.abs(from_between(value))
    stated = np.maximum(error, LEAST_ERROR)
    # a first guess, without which several far strays make the process so lively that
    # none of them surprises it
    widened = np.hypot(stated, np.nan_to_num(np.where(away > _far(away), away, 0.0)))
    for _ in range(ROUNDS):
        processes = fit_processes(time[chosen], value[chosen], widened[chosen])
        heaviest = max(processes, key=lambda process: process.weight)
        residual, spread = left_out(time, value, widened, heaviest)
        limit = np.where(np.isnan(away), np.abs(residual) / 2, away)
        residual = np.clip(residual, -limit, limit)
        others = np.maximum(spread**2 - widened**2, 0.0)
        needed = np.maximum((residual / BELIEVED) ** 2 - others, 0.0)
        before, widened = widened, np.sqrt(np.maximum(needed, stated**2))
        if np.allclose(before, widened, rtol=0.2):
            break
    return RobustFit(processes, widened, residual, np.sqrt(others))


def _far(away: Array) -> float:
    """Distance beyond which a value is at first taken to be stray, metres."""
    return 5.0 * 1.4826 * float(np.nanmedian(away)) if np.isfinite(away).any() else np.inf
