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

from termini.series.process import LEAST_ERROR, Process, Search, fit_processes, left_out
from termini.series.process_kernels import Array

#: Beyond so many predictive standard deviations an observation is not believed.
BELIEVED = 2.5
#: Observations on each side that an observation may lie between.
NEIGHBOURS = 3
#: Errors and process depend on each other and are found in turn.
ROUNDS = 6


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


def fit_robustly(time: Array, value: Array, error: Array) -> RobustFit:
    """Parameters of the process, and errors with those of stray observations widened.

    Parameters
    ----------
    time, value, error : ndarray, shape (n,)
        Observations in the order of time: decimal years, metres, metres.

    Returns
    -------
    RobustFit
        The errors are not less than those given. An observation farther from what
        the others predict than `BELIEVED` standard deviations gets the error at
        which it would be just so far.
    """
    away = np.abs(from_between(value))
    stated = np.maximum(error, LEAST_ERROR)
    # a first guess, without which several far strays make the process so lively that
    # none of them surprises it
    widened = np.hypot(stated, np.nan_to_num(np.where(away > _far(away), away, 0.0)))
    ends = Search()
    for _ in range(ROUNDS):
        processes = fit_processes(time, value, widened, ends)
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
