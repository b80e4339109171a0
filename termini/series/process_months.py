"""Posterior of months: a filter forward and a smoother backward with one more state.

The seventeenth state gathers the mean of the month: it is emptied where the month
begins, grows by the integral of the weekly part, gains the slow parts in the middle
of the month, and is read where the month ends. Sums over many months (a mean
season, a trend) are carried along the filter with their covariance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from termini.series.process_kernels import (
    CONSTANT,
    HALF,
    STATES,
    WEEKS,
    Array,
    compiled,
    decay,
    inner,
    observe_row,
)

Whole = NDArray[np.int64]

#: What happens at a time; at the same time in this order.
OBSERVED, ENDS, BEGINS, MIDDLE = 0, 1, 2, 3
_ALL = STATES + 1
_MEAN = STATES


@inner
def _prior() -> Array:
    """Covariance of the states before any observation."""
    spread = np.zeros((_ALL, _ALL))
    for j in range(HALF):
        spread[j, j] = spread[HALF + j, HALF + j] = 1.0
        if j != WEEKS:
            spread[j, HALF + j] = spread[HALF + j, j] = 1.0
            spread[HALF + j, HALF + j] = 2.0
    return spread


@inner
def _rows(matrix: Array, keep: Array, mix: Array, keep2: Array, reach: float) -> None:
    """Transition of the rows of a matrix (values by anything), in place."""
    for k in range(matrix.shape[1]):
        matrix[_MEAN, k] += reach * matrix[WEEKS, k]
    for j in range(HALF):
        for k in range(matrix.shape[1]):
            matrix[j, k] = keep[j] * (matrix[j, k] + mix[j] * matrix[HALF + j, k])
            matrix[HALF + j, k] *= keep2[j]


@inner
def _rows_back(matrix: Array, keep: Array, mix: Array, keep2: Array, reach: float) -> None:
    """The transposed transition of the rows of a matrix, in place."""
    for j in range(HALF):
        for k in range(matrix.shape[1]):
            matrix[HALF + j, k] = keep2[j] * matrix[HALF + j, k] + keep[j] * mix[j] * matrix[j, k]
            matrix[j, k] *= keep[j]
    for k in range(matrix.shape[1]):
        matrix[WEEKS, k] += reach * matrix[_MEAN, k]


@inner
def _flip(matrix: Array) -> None:
    """Transpose in place."""
    for i in range(matrix.shape[0]):
        for j in range(i):
            matrix[i, j], matrix[j, i] = matrix[j, i], matrix[i, j]


@inner
def _noise(spread: Array, keep: Array, mix: Array, x: float, unit: float) -> None:
    """Add what the states gain of their own; `unit` is the weekly integral per scale."""
    for j in range(HALF):
        if j == WEEKS:
            continue
        y, fall = mix[j], keep[j] * keep[j]
        spread[j, j] += 1.0 - fall * (1.0 + 2.0 * y + 2.0 * y * y)
        both = 1.0 - fall * (1.0 + 2.0 * y)
        spread[j, HALF + j] += both
        spread[HALF + j, j] += both
        spread[HALF + j, HALF + j] += 2.0 * (1.0 - fall)
    # the integral of an Ornstein-Uhlenbeck process (Gillespie 1996)
    gone = 1.0 - keep[WEEKS]
    spread[WEEKS, WEEKS] += gone * (1.0 + keep[WEEKS])
    both = unit * gone * gone
    spread[WEEKS, _MEAN] += both
    spread[_MEAN, WEEKS] += both
    spread[_MEAN, _MEAN] += max(unit * unit * (2.0 * x - 2.0 * gone - gone * gone), 0.0)


@inner
def _slow_rows(waves: Array, amplitude: Array, slow: Array) -> None:
    """Fill what reads the inter-annual part (row 0) and the seasonal part (row 1)."""
    slow[:] = 0.0
    slow[0, 0], slow[0, CONSTANT] = amplitude[0], amplitude[3]
    for j in range(6):
        slow[1, 1 + j] = amplitude[1] * waves[j]


@inner
def _gather(
    slow: Array, spread: Array, weight: Array, kind: Whole, month: int,
    link: Array, sums: Array,
) -> None:  # fmt: skip
    """Add a month to the sums: their covariance, and that of the states with them."""
    number = len(kind)
    seen = slow @ spread  # (2, states)
    shared = slow @ seen.T
    before = slow @ link  # (2, sums)
    for a in range(number):
        for b in range(number):
            wa, wb = weight[a, month], weight[b, month]
            sums[a, b] += wa * before[kind[a], b] + wb * before[kind[b], a]
            sums[a, b] += wa * wb * shared[kind[a], kind[b]]
    for i in range(_ALL):
        for a in range(number):
            link[i, a] += weight[a, month] * seen[kind[a], i]


@inner
def _pass(
    apart: float, by_clock: float, growth: float, amplitude: Array, scales: Array,
    state: Array, link: Array, spread: Array,
) -> None:  # fmt: skip
    """Let time pass: states, their covariance, and that with the sums."""
    keep, mix, keep2 = np.zeros(HALF), np.zeros(HALF), np.zeros(HALF)
    decay(apart, by_clock, scales, keep, mix, keep2)
    unit = amplitude[2] * scales[1] * growth
    reach = unit * (1.0 - keep[WEEKS])
    _rows(state.reshape(_ALL, 1), keep, mix, keep2, reach)
    _rows(link, keep, mix, keep2, reach)
    _rows(spread, keep, mix, keep2, reach)
    _flip(spread)
    _rows(spread, keep, mix, keep2, reach)
    _noise(spread, keep, mix, apart / scales[1], unit)


@inner
def _take(
    row: Array, value: float, noise: float,
    state: Array, spread: Array, link: Array, gain: Array, sums: Array,
) -> tuple[float, float]:  # fmt: skip
    """Take in an observation; its variance as foretold, and how far off it is."""
    cross = spread @ row
    total = float(noise + row @ cross)
    off = float(value - row @ state)
    known = row @ link
    for i in range(_ALL):
        gain[i] = cross[i] / total
        state[i] += gain[i] * off
    for i in range(_ALL):
        for j in range(_ALL):
            spread[i, j] -= cross[i] * gain[j]
        for a in range(len(known)):
            link[i, a] -= gain[i] * known[a]
    for a in range(len(known)):
        for b in range(len(known)):
            sums[a, b] -= known[a] * known[b] / total
    return total, off


@compiled
def months_posterior(
    time: Array, clock: Array, event: Whole, which: Whole, growth: Array, value: Array,
    noise: Array, waves: Array, amplitude: Array, scales: Array, months: int, weight: Array,
    kind: Whole,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Mean and variance of each month's sums of parts, and covariance of sums over months.

    Parameters
    ----------
    time, clock : ndarray, shape (e,)
        Decimal years of the events, in order; years by the inter-annual part's clock.
    event : ndarray of int, shape (e,)
        `OBSERVED`, or what happens to a month.
    which : ndarray of int, shape (e,)
        Number of the observation or the month.
    growth : ndarray, shape (e,)
        One over the length of the month that is running before the event, or 0.
    value, noise : ndarray, shape (n,)
        Observations, metres, and their variances.
    waves : ndarray, shape (e, 6)
        From `wave_table`, at the events.
    amplitude, scales : ndarray
        As in `likelihood`.
    months : int
        Number of months m.
    weight : ndarray, shape (k, m)
        Weights of the months in each sum.
    kind : ndarray of int, shape (k,)
        0 for a sum of the inter-annual part, 1 for one of the seasonal part.

    Returns
    -------
    mean, variance : ndarray, shape (3, m)
        Of the month's mean, and of the inter-annual and the seasonal part in its
        middle.
    sums : ndarray, shape (k, k)
        Covariance of the sums.
    """
    mean, variance = np.zeros((3, months)), np.zeros((3, months))
    reads = np.zeros((3, months, _ALL))
    gain, innovation = np.zeros((len(value), _ALL)), np.zeros(len(value))
    total = np.zeros(len(value))
    sums, link = np.zeros((len(kind), len(kind))), np.zeros((_ALL, len(kind)))
    state, spread = np.zeros(_ALL), _prior()
    row, slow = np.zeros(_ALL), np.zeros((2, _ALL))
    for e in range(len(time)):
        if e > 0 and time[e] > time[e - 1]:
            _pass(
                time[e] - time[e - 1], clock[e] - clock[e - 1], growth[e], amplitude, scales,
                state, link, spread,
            )  # fmt: skip
        k = which[e]
        if event[e] == OBSERVED:
            observe_row(row[:STATES], waves[e], amplitude)
            total[k], innovation[k] = _take(
                row, value[k], noise[k], state, spread, link, gain[k], sums
            )
        elif event[e] == ENDS:
            reads[0, k] = spread[_MEAN]
            mean[0, k], variance[0, k] = state[_MEAN], spread[_MEAN, _MEAN]
        elif event[e] == BEGINS:
            state[_MEAN] = 0.0
            spread[_MEAN], spread[:, _MEAN], link[_MEAN] = 0.0, 0.0, 0.0
        else:
            _slow_rows(waves[e], amplitude, slow)
            for s in range(2):
                reads[1 + s, k] = spread @ slow[s]
                mean[1 + s, k] = slow[s] @ state
                variance[1 + s, k] = slow[s] @ reads[1 + s, k]
            _gather(slow, spread, weight, kind, k, link, sums)
            both = slow[0] + slow[1]
            state[_MEAN] += both @ state
            spread[_MEAN] += both @ spread
            spread[:, _MEAN] += spread @ both
    _smooth(
        time, clock, event, which, growth, waves, amplitude, scales,
        gain, innovation, total, reads, mean, variance,
    )  # fmt: skip
    return mean, variance, sums


@inner
def _smooth(
    time: Array, clock: Array, event: Whole, which: Whole, growth: Array, waves: Array,
    amplitude: Array, scales: Array, gain: Array, innovation: Array, total: Array,
    reads: Array, mean: Array, variance: Array,
) -> None:  # fmt: skip
    """Add to what was read at each month what later observations say (de Jong 1989)."""
    pull, inform = np.zeros(_ALL), np.zeros((_ALL, _ALL))
    row, slow = np.zeros(_ALL), np.zeros((2, _ALL))
    keep, mix, keep2 = np.zeros(HALF), np.zeros(HALF), np.zeros(HALF)
    for e in range(len(time) - 1, -1, -1):
        k = which[e]
        if event[e] == OBSERVED:
            observe_row(row[:STATES], waves[e], amplitude)
            seen = inform @ gain[k]
            off = innovation[k] / total[k] - gain[k] @ pull
            known = 1.0 / total[k] + gain[k] @ seen
            pull += row * off
            for i in range(_ALL):
                for j in range(_ALL):
                    inform[i, j] += known * row[i] * row[j] - row[i] * seen[j] - seen[i] * row[j]
        elif event[e] == ENDS:
            mean[0, k] += reads[0, k] @ pull
            variance[0, k] -= reads[0, k] @ (inform @ reads[0, k])
        elif event[e] == BEGINS:
            pull[_MEAN] = 0.0
            inform[_MEAN], inform[:, _MEAN] = 0.0, 0.0
        else:
            _slow_rows(waves[e], amplitude, slow)
            both = slow[0] + slow[1]
            pull += both * pull[_MEAN]
            for i in range(_ALL):
                inform[i] += both[i] * inform[_MEAN]
            _flip(inform)
            for i in range(_ALL):
                inform[i] += both[i] * inform[_MEAN]
            for s in range(2):
                mean[1 + s, k] += reads[1 + s, k] @ pull
                variance[1 + s, k] -= reads[1 + s, k] @ (inform @ reads[1 + s, k])
        if e > 0 and time[e] > time[e - 1]:
            decay(time[e] - time[e - 1], clock[e] - clock[e - 1], scales, keep, mix, keep2)
            reach = amplitude[2] * scales[1] * growth[e] * (1.0 - keep[WEEKS])
            _rows_back(pull.reshape(_ALL, 1), keep, mix, keep2, reach)
            _rows_back(inform, keep, mix, keep2, reach)
            _flip(inform)
            _rows_back(inform, keep, mix, keep2, reach)
