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
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from termini.series.process import LEAST_ERROR, Process, fit_processes, left_out
from termini.series.process_kernels import Array
from termini.series.process_search import Search

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
    low, high = _between(value)
    return value - np.clip(value, low, high)


def _between(value: Array) -> tuple[Array, Array]:
    """Ends of the interval between the values before and those after each; NaN where none."""
    n = len(value)
    # medians of the values before each; those after are the same, read backwards
    before, after = _median_before(value), _median_before(value[::-1])[::-1]
    low, high = np.minimum(before, after), np.maximum(before, after)
    low[[0, n - 1]] = high[[0, n - 1]] = np.nan
    return low, high


def _median_before(value: Array) -> Array:
    """Median of the `NEIGHBOURS` values before each, of fewer near the beginning."""
    found = np.full(len(value), np.nan)
    for i in range(1, min(NEIGHBOURS, len(value))):
        found[i] = np.median(value[:i])
    if len(value) > NEIGHBOURS:
        windows = sliding_window_view(value[:-1], NEIGHBOURS)
        found[NEIGHBOURS:] = np.median(windows, axis=1)
    return found


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
    time, value, merged_error : ndarray, shape (g,)
        What the process is to be conditioned on: one observation for each group.
    whose : ndarray, shape (g, a)
        Columns that go with the observations, merged as they are.
    """

    processes: list[Process]
    error: Array
    residual: Array
    predicted_se: Array
    time: Array
    value: Array
    merged_error: Array
    whose: Array


def fit_robustly(
    time: Array,
    value: Array,
    error: Array,
    shared: Array | None = None,
    group: NDArray[np.object_] | None = None,
    whose: Array | None = None,
) -> RobustFit:
    """Parameters of the process, and errors with those of stray observations widened.

    Parameters
    ----------
    time, value, error : ndarray, shape (n,)
        Observations in the order of time: decimal years, metres, metres.
    shared : ndarray, shape (n,), optional
        The part of the error that is common to observations of one group, metres.
    group : ndarray of str, shape (n,), optional
        Observations of the same time and group (not empty) share it: several traces
        of one scene say no more of its position on the Earth than one.
    whose : ndarray, shape (n, a), optional
        Columns that are merged with the observations.

    Returns
    -------
    RobustFit
        The errors are not less than those given. An observation farther from what
        those of other groups predict than `BELIEVED` standard deviations gets the
        error at which it would be just so far.
    """
    stated = np.maximum(error, LEAST_ERROR)
    number = _numbers(time, group)
    part = np.zeros(len(time)) if shared is None or group is None else shared
    low, high = _between(_merge(number, time, value, stated, part)[1])
    away = np.abs(value - np.clip(value, low[number], high[number]))
    # a first guess, without which several far strays make the process so lively that
    # none of them surprises it
    widened = np.hypot(stated, np.nan_to_num(np.where(away > _far(away), away, 0.0)))
    ends = Search()
    for _ in range(ROUNDS):
        merged = _merge(number, time, value, widened, part)
        processes = fit_processes(*merged, ends)
        heaviest = max(processes, key=lambda process: process.weight)
        off, spread = left_out(*merged, heaviest)
        residual = value - (merged[1] - off)[number]
        limit = np.where(np.isnan(away), np.abs(residual) / 2, away)
        residual = np.clip(residual, -limit, limit)
        others = np.maximum(spread**2 - merged[2] ** 2, 0.0)[number]
        needed = np.maximum((residual / BELIEVED) ** 2 - others, 0.0)
        before, widened = widened, np.sqrt(np.maximum(needed, stated**2))
        if np.allclose(before, widened, rtol=0.2):
            break
    merged = _merge(number, time, value, widened, part)
    columns = np.zeros((len(time), 0)) if whose is None else whose
    each = [_merge(number, time, column, widened, part)[1] for column in columns.T]
    drawn = np.array(each).T if each else np.zeros((len(merged[0]), 0))
    return RobustFit(processes, widened, residual, np.sqrt(others), *merged, drawn)


def _numbers(time: Array, group: NDArray[np.object_] | None) -> NDArray[np.int64]:
    """Number of the group of each observation, counted in the order of time."""
    if group is None:
        return np.arange(len(time))
    names = [name or f" {i}" for i, name in enumerate(group)]
    keys = pd.MultiIndex.from_arrays([time, names])
    return np.asarray(pd.factorize(keys)[0], dtype=np.int64)


def _merge(
    number: NDArray[np.int64], time: Array, value: Array, error: Array, shared: Array
) -> tuple[Array, Array, Array]:
    """One observation for each group, as good as all its members together.

    For members with a common error g and their own errors d, the mean weighted by
    1/d^2 holds all that they say, and its variance is 1 / sum(1/d^2) + g^2.
    """
    if len(number) == 0 or number[-1] == len(number) - 1:
        return time, value, error
    weight = 1.0 / np.maximum(error**2 - shared**2, LEAST_ERROR**2)
    total = np.bincount(number, weight)
    first = np.unique(number, return_index=True)[1]
    common = np.zeros(len(total))
    np.maximum.at(common, number, shared**2)
    alone = np.bincount(number)[number] == 1
    spread = np.sqrt(1.0 / total + common)
    spread[number[alone]] = error[alone]
    return time[first], np.bincount(number, weight * value) / total, spread


def _far(away: Array) -> float:
    """Distance beyond which a value is at first taken to be stray, metres."""
    return 5.0 * 1.4826 * float(np.nanmedian(away)) if np.isfinite(away).any() else np.inf
