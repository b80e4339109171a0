"""The likelihood of a front's motion in time that grows with the observations, not their cube.

All parts of the process are Markov: a weekly Ornstein-Uhlenbeck one (one state), a
Matern-3/2 one for years (two states), cosine and sine of three harmonics whose
coefficients are Matern-3/2 themselves (twelve states), and a constant. A Kalman
filter forward and the recursions of de Jong (1989) backward give in one pass each
the likelihood, its gradient and what is left out of each observation. States are
scaled to unit variance; the amplitudes stand in the observation vector. A
Matern-3/2 pair is (f, f + f'/rate), with covariance [[1, 1], [1, 2]] and transition
exp(-x) [[1, x], [0, 1]], x the rate times the time apart. The filter carries what the
observations took away from the prior covariance, so that process noise never
appears (the form of Foreman-Mackey et al. 2017).

Layout of the 16 states: eight values (years, six of the season, weeks), then the
eight that go with them (seven partners, and the constant, which stands alone).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from termini.compiling import compiler

Array = NDArray[np.float64]

#: Variance of the seasonal part by harmonic: a season is mostly one wave.
HARMONICS = (0.8, 0.15, 0.05)
#: Years over which the coefficients of the season change: in a few years they change
#: as those of a squared exponential of twelve years, sqrt(3) times 12.
SEASON_MEMORY = 20.8
STATES = 16
HALF = 8
WEEKS, CONSTANT = 7, 15
_PAIRS = 7
_ROOT3 = 1.7320508075688772
_LOOSE = {"contract", "reassoc", "nsz"}


#: Functions called from Python, and those that only compiled ones call.
compiled = compiler(fastmath=_LOOSE, error_model="numpy")
inner = compiler(inner=True, fastmath=_LOOSE, error_model="numpy")


def wave_table(time: Array) -> Array:
    """Cosines and sines of the seasonal part.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Decimal years.

    Returns
    -------
    ndarray, shape (n, 6)
        Of each harmonic, for a seasonal part of unit variance.
    """
    columns = []
    for k, share in enumerate(HARMONICS):
        turn = 2 * np.pi * (k + 1) * (time - np.floor(time))
        columns += [np.sqrt(share) * np.cos(turn), np.sqrt(share) * np.sin(turn)]
    return np.ascontiguousarray(np.column_stack(columns))


@inner
def observe_row(row: Array, waves: Array, amplitude: Array) -> None:
    """Fill the observation vector.

    Parameters
    ----------
    row : ndarray, shape (16,)
        Filled in place.
    waves : ndarray, shape (6,)
        Row of `wave_table`.
    amplitude : ndarray, shape (4,)
        Years, season, weeks, constant: standard deviations, metres.
    """
    row[:] = 0.0
    row[0] = amplitude[0]
    for j in range(6):
        row[1 + j] = amplitude[1] * waves[j]
    row[WEEKS] = amplitude[2]
    row[CONSTANT] = amplitude[3]


@inner
def prior_row(out: Array, row: Array) -> None:
    """Prior covariance of the states with an observation.

    Parameters
    ----------
    out : ndarray, shape (16,)
        Filled in place.
    row : ndarray, shape (16,)
        Observation vector.
    """
    for j in range(HALF):
        out[j] = row[j]
        out[HALF + j] = row[j]
    out[CONSTANT] = row[CONSTANT]


@inner
def decay(
    apart: float, by_clock: float, scales: Array, keep: Array, mix: Array, keep2: Array
) -> None:
    """Transition over a time: values become ``keep (f + mix g)``, partners ``keep2 g``.

    Parameters
    ----------
    apart : float
        Years.
    by_clock : float
        The same by the clock of the inter-annual part, years.
    scales : ndarray, shape (2,)
        Time scales of years and weeks, years.
    keep, mix, keep2 : ndarray, shape (8,)
        Filled in place.
    """
    x = _ROOT3 * by_clock / scales[0]
    keep[0], mix[0] = np.exp(-x), x
    x = _ROOT3 * apart / SEASON_MEMORY
    slow = np.exp(-x)
    for j in range(1, _PAIRS):
        keep[j], mix[j] = slow, x
    keep[WEEKS], mix[WEEKS] = np.exp(-apart / scales[1]), 0.0
    for j in range(_PAIRS):
        keep2[j] = keep[j]
    keep2[WEEKS] = 1.0


@inner
def _forward(
    time: Array, clock: Array, value: Array, noise: Array, waves: Array,
    amplitude: Array, scales: Array, gain: Array, innovation: Array, variance: Array,
) -> float:  # fmt: skip
    """Filter forward; minus the log likelihood (without its constant)."""
    taken = np.zeros((STATES, STATES))
    mean = np.zeros(STATES)
    row, cross = np.zeros(STATES), np.zeros(STATES)
    keep, mix, keep2 = np.zeros(HALF), np.zeros(HALF), np.zeros(HALF)
    cost = 0.0
    for i in range(len(time)):
        if i > 0:
            decay(time[i] - time[i - 1], clock[i] - clock[i - 1], scales, keep, mix, keep2)
            for j in range(HALF):
                mean[j] = keep[j] * (mean[j] + mix[j] * mean[HALF + j])
                mean[HALF + j] *= keep2[j]
            _move(taken, keep, mix, keep2)
        observe_row(row, waves[i], amplitude)
        prior_row(cross, row)
        for k in range(HALF + 1):
            at = k if k < HALF else CONSTANT
            for j in range(STATES):
                cross[j] -= row[at] * taken[at, j]
        total = noise[i]
        off = value[i]
        for k in range(HALF + 1):
            at = k if k < HALF else CONSTANT
            total += row[at] * cross[at]
            off -= row[at] * mean[at]
        innovation[i], variance[i] = off, total
        for j in range(STATES):
            gain[i, j] = cross[j] / total
            mean[j] += gain[i, j] * off
        for k in range(STATES):
            for j in range(STATES):
                taken[k, j] += cross[k] * gain[i, j]
        cost += 0.5 * (np.log(total) + off * off / total)
    return cost


@inner
def _move(matrix: Array, keep: Array, mix: Array, keep2: Array) -> None:
    """Transition of a covariance, in place."""
    for j in range(HALF):
        for k in range(STATES):
            matrix[j, k] = keep[j] * (matrix[j, k] + mix[j] * matrix[HALF + j, k])
            matrix[HALF + j, k] *= keep2[j]
    for k in range(STATES):
        for j in range(HALF):
            matrix[k, j] = keep[j] * (matrix[k, j] + mix[j] * matrix[k, HALF + j])
            matrix[k, HALF + j] *= keep2[j]


@inner
def _move_back(matrix: Array, keep: Array, mix: Array, keep2: Array) -> None:
    """The transposed transition of the information matrix, in place."""
    for j in range(HALF):
        for k in range(STATES):
            matrix[HALF + j, k] = keep2[j] * matrix[HALF + j, k] + keep[j] * mix[j] * matrix[j, k]
            matrix[j, k] *= keep[j]
    for k in range(STATES):
        for j in range(HALF):
            matrix[k, HALF + j] = keep2[j] * matrix[k, HALF + j] + keep[j] * mix[j] * matrix[k, j]
            matrix[k, j] *= keep[j]


@inner
def _backward(
    time: Array, clock: Array, waves: Array, amplitude: Array, scales: Array,
    gain: Array, innovation: Array, variance: Array, solved: Array, own: Array, slope: Array,
) -> None:  # fmt: skip
    """Inverse times values, diagonal of the inverse, and the gradient by log amplitude."""
    pull = np.zeros(STATES)
    inform = np.zeros((STATES, STATES))
    row, cross, seen = np.zeros(STATES), np.zeros(STATES), np.zeros(STATES)
    keep, mix, keep2 = np.zeros(HALF), np.zeros(HALF), np.zeros(HALF)
    slope[:] = 0.0
    for back in range(len(time)):
        i = len(time) - 1 - back
        observe_row(row, waves[i], amplitude)
        prior_row(cross, row)
        seen[:] = 0.0
        for k in range(STATES):
            for j in range(STATES):
                seen[j] += gain[i, k] * inform[k, j]
        off, known = innovation[i] / variance[i], 1.0 / variance[i]
        for j in range(STATES):
            off -= gain[i, j] * pull[j]
            known += gain[i, j] * seen[j]
        solved[i], own[i] = off, known
        # what this observation adds to (pull pull' - information), against the prior
        for j in range(HALF):
            change = off * off - known
            linear = 2.0 * (off * pull[j] + seen[j])
            if j < _PAIRS:
                linear += 2.0 * (off * pull[HALF + j] + seen[HALF + j])
            part = 0 if j == 0 else (2 if j == WEEKS else 1)
            slope[part] -= row[j] * (change * row[j] + linear)
        for k in range(STATES):
            pull[k] += row[k] * off
            for j in range(STATES):
                inform[k, j] += known * row[k] * row[j] - row[k] * seen[j] - seen[k] * row[j]
        if i > 0:
            decay(time[i] - time[i - 1], clock[i] - clock[i - 1], scales, keep, mix, keep2)
            for j in range(HALF):
                pull[HALF + j] = keep2[j] * pull[HALF + j] + keep[j] * mix[j] * pull[j]
                pull[j] *= keep[j]
            _move_back(inform, keep, mix, keep2)


@compiled
def likelihood(
    time: Array, clock: Array, value: Array, noise: Array, waves: Array,
    amplitude: Array, scales: Array,
) -> tuple[float, Array, Array, Array]:  # fmt: skip
    """Likelihood of observations, with its gradient and what is left out of each.

    Parameters
    ----------
    time, clock : ndarray, shape (n,)
        Decimal years in order; years by the clock of the inter-annual part.
    value, noise : ndarray, shape (n,)
        Metres about zero; variances, square metres.
    waves : ndarray, shape (n, 6)
        From `wave_table`.
    amplitude : ndarray, shape (4,)
        Standard deviations of years, season, weeks and constant, metres.
    scales : ndarray, shape (2,)
        Time scales of years and weeks, years.

    Returns
    -------
    cost : float
        Minus the log likelihood, without its constant.
    slope : ndarray, shape (3,)
        Its derivative by the logarithm of the amplitudes of years, season, weeks.
    solved, own : ndarray, shape (n,)
        With K the covariance of the observations, ``K^-1 value`` and the diagonal of
        ``K^-1``.
    """
    n = len(time)
    gain, innovation, variance = np.empty((n, STATES)), np.empty(n), np.empty(n)
    solved, own, slope = np.empty(n), np.empty(n), np.empty(3)
    cost = _forward(time, clock, value, noise, waves, amplitude, scales, gain, innovation, variance)
    _backward(
        time, clock, waves, amplitude, scales, gain, innovation, variance, solved, own, slope
    )  # fmt: skip
    return cost, slope, solved, own
