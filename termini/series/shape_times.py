"""How shapes of fronts hold over time: compiled loops over the fronts of a glacier."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from termini.series.kernels import Array, Ints, compiled, inner

#: Time scales, days, and shares of the variance that a further front has to itself,
#: among which a glacier's own are chosen.
SCALES: Array = np.array([30.0, 120.0, 500.0, 2000.0, 8000.0])
OWN_SHARES: Array = np.array([0.02, 0.1, 0.3, 0.6, 0.9])
#: Nothing holds over time: each front is a fresh one.
NO_MEMORY = (1.0, 0.98)
# So much likelier, in natural logarithms, must memory be than none.
_CLEARLY = 2.0
# An end nearer to a place than this share of a step is at it.
_BETWEEN = 0.05


@compiled
def memory_of(days: Array, scores: Array, variance: Array, kept: Array) -> None:
    """Choose time scale and own share of each score by likelihood.

    Parameters
    ----------
    days : ndarray, shape (n,)
        Dates in days, ascending.
    scores : ndarray, shape (n, k)
        Deviations of the fronts, one column for each kind of deviation.
    variance : ndarray, shape (k,)
        Variances of the columns.
    kept : ndarray, shape (k, 2)
        Filled with time scale and own share.

    Notes
    -----
    A score is the sum of an Ornstein-Uhlenbeck process, which successive fronts share,
    and of what each front has to itself.
    """
    none, own_share = NO_MEMORY
    fresh = _held(days, none)
    held = np.empty((len(SCALES), len(days)))
    for s in range(len(SCALES)):
        held[s] = _held(days, SCALES[s])
    for k in range(scores.shape[1]):
        kept[k, 0], kept[k, 1] = NO_MEMORY
        best = _likelihood(fresh, scores[:, k], variance[k], own_share) + _CLEARLY
        for s in range(len(SCALES)):
            for own in OWN_SHARES:
                found = _likelihood(held[s], scores[:, k], variance[k], own)
                if found > best:
                    best, kept[k, 0], kept[k, 1] = found, SCALES[s], own


@inner
def _held(days: Array, scale: float) -> Array:
    """Share of a deviation that is left from one date to the next, 0 for the first."""
    held = np.zeros(len(days))
    for i in range(1, len(days)):
        held[i] = np.exp(-(days[i] - days[i - 1]) / scale)
    return held


@inner
def _likelihood(held: Array, score: Array, variance: float, own: float) -> float:
    shared, noise = variance * (1.0 - own), variance * own
    mean, unsure, total = 0.0, shared, 0.0
    for i in range(len(held)):
        if i > 0:
            hold = held[i]
            mean, unsure = hold * mean, hold * hold * unsure + shared * (1.0 - hold * hold)
        spread, off = unsure + noise, score[i] - mean
        total -= 0.5 * (np.log(spread) + off * off / spread)
        gain = unsure / spread
        mean, unsure = mean + gain * off, unsure * (1.0 - gain)
    return float(total)


@compiled
def foretold(
    days: Array, scores: Array, variance: Array, memory: Array, when: Array, gap: float,
    mean: Array, spread: Array,
) -> None:  # fmt: skip
    """What fronts before and after dates say about the scores of a front of that date.

    Parameters
    ----------
    days : ndarray, shape (n,)
        Dates in days, ascending.
    scores : ndarray, shape (n, k)
        Their scores.
    variance : ndarray, shape (k,)
        Variances.
    memory : ndarray, shape (k, 2)
        From `memory_of`.
    when : ndarray, shape (m,)
        Dates asked for.
    gap : float
        Fronts less than so many days away are not used.
    mean, spread : ndarray, shape (m, k)
        Filled with the expected scores and their variances.
    """
    count = len(days)
    if count == 0:
        mean[:] = 0.0
        spread[:] = variance
        return
    past, past_var = np.empty(count), np.empty(count)
    ahead, ahead_var = np.empty(count), np.empty(count)
    befores, afters = np.empty(len(when), np.int64), np.empty(len(when), np.int64)
    for j in range(len(when)):
        befores[j] = np.searchsorted(days, when[j] - gap, "right") - 1
        # a front of the very day counts once
        afters[j] = max(np.searchsorted(days, when[j] + gap, "left"), befores[j] + 1)
    since, until, known = np.empty(len(when)), np.empty(len(when)), np.nan
    held, held_back = past, ahead
    for k in range(scores.shape[1]):
        scale, own = memory[k]
        shared, noise = variance[k] * (1.0 - own), variance[k] * own
        if scale != known:  # many kinds of deviation share a scale
            known = scale
            held, held_back = _held(days, scale), _held(-days[::-1], scale)
            for j in range(len(when)):
                before, after = befores[j], afters[j]
                since[j] = np.exp(-(when[j] - days[before]) / scale) if before >= 0 else 0.0
                until[j] = np.exp(-(days[after] - when[j]) / scale) if after < count else 0.0
        _filter(held, scores[:, k], shared, noise, past, past_var)
        _filter(held_back, scores[::-1, k], shared, noise, ahead, ahead_var)
        for j in range(len(when)):
            before, after = befores[j], afters[j]
            weight, total = 1.0 / shared, 0.0
            if before >= 0:
                hold = since[j]
                var = hold * hold * past_var[before] + shared * (1.0 - hold * hold)
                weight += 1.0 / var - 1.0 / shared
                total += hold * past[before] / var
            if after < count:
                hold, at = until[j], count - 1 - after
                var = hold * hold * ahead_var[at] + shared * (1.0 - hold * hold)
                weight += 1.0 / var - 1.0 / shared
                total += hold * ahead[at] / var
            mean[j, k], spread[j, k] = total / weight, 1.0 / weight + noise


@inner
def _filter(
    held: Array, score: Array, shared: float, noise: float, mean: Array, var: Array
) -> None:
    level, unsure = 0.0, shared
    for i in range(len(held)):
        if i > 0:
            hold = held[i]
            level, unsure = hold * level, hold * hold * unsure + shared * (1.0 - hold * hold)
        gain = unsure / (unsure + noise)
        level, unsure = level + gain * (score[i] - level), unsure * (1.0 - gain)
        mean[i], var[i] = level, unsure


@compiled
def kriged(
    seen: NDArray[np.bool_], along: Array, edges: Array, mean: Array, modes: Array, spread: Array,
    rest: Array, noise: float, weight: Array, course: Array, variance: Array,
) -> None:  # fmt: skip
    """Courses of fronts of which some places were seen.

    Parameters
    ----------
    seen : ndarray of bool, shape (m, 41)
        Places seen.
    along : ndarray, shape (m, 41)
        Positions there, metres; beyond the ends that of the end.
    edges : ndarray, shape (m, 2)
        Where the ends lie across the fjord, from 0 to 40. An end between two places is
        a place of its own, known as the seen ones are.
    mean : ndarray, shape (m, 41)
        Positions expected before anything is seen.
    modes : ndarray, shape (41, k)
        Shapes of the deviations, orthogonal.
    spread : ndarray, shape (m, k)
        Their variances.
    rest : ndarray, shape (41, 41)
        Covariance of what is not made up of the modes.
    noise : float
        Standard deviation of what is not the front in a position, metres.
    weight : ndarray, shape (m, 41)
        Weights of the sum of positions of which the variance is wanted.
    course : ndarray, shape (m, 41)
        Filled with the expected positions, metres.
    variance : ndarray, shape (m,)
        Filled with the variance of the weighted sum.
    """
    size, kinds = modes.shape
    full = np.zeros((size + 2, size + 2))
    off, pull = np.empty(size + 2), np.empty(size + 2)
    inside = np.empty(size + 2, np.int64)
    for front in range(len(seen)):
        full[size:], full[:, size:] = 0.0, 0.0
        # one front cut in many ways comes row after row: its covariance is made once
        if front == 0 or (spread[front] != spread[front - 1]).any():
            full[:size, :size] = rest
            for i in range(size):
                for j in range(i + 1):
                    total = 0.0
                    for k in range(kinds):
                        total += modes[i, k] * modes[j, k] * spread[front, k]
                    full[i, j] += total
                    full[j, i] = full[i, j]
        n = 0
        for i in range(size):
            if seen[front, i]:
                inside[n], off[n] = i, along[front, i] - mean[front, i]
                n += 1
        if n > 0:
            for side in range(2):
                at = edges[front, side]
                i = min(max(int(at), 0), size - 2)
                part = at - i
                # not at the wall, nor where the end lies at a place that is seen
                if not 0.0 < at < size - 1.0:
                    continue
                if (part < _BETWEEN and seen[front, i]) or (
                    part > 1.0 - _BETWEEN and seen[front, i + 1]
                ):
                    continue
                own = size + side
                full[own] = (1 - part) * full[i] + part * full[i + 1]
                full[:, own] = full[own]
                full[own, own] = (1 - part) * full[i, own] + part * full[i + 1, own]
                expected = (1 - part) * mean[front, i] + part * mean[front, i + 1]
                end = along[front, 0] if side == 0 else along[front, size - 1]
                inside[n], off[n] = own, end - expected
                n += 1
        pull[:] = 0.0
        for i in range(size + 2):
            for j in range(size):
                pull[i] += full[i, j] * weight[front, j]
        gain = _gain(full, inside[:n], noise, off, pull)
        variance[front] = max((weight[front] * pull[:size]).sum() - gain, 0.0)
        for j in range(size):
            total = mean[front, j]
            for i in range(n):
                total += full[j, inside[i]] * off[i]
            course[front, j] = total


@inner
def _gain(full: Array, inside: Ints, noise: float, off: Array, pull: Array) -> float:
    """Solve for the seen places in place, and what they take off the variance."""
    n = len(inside)
    lower, lean = np.empty((n, n)), np.empty(n)
    # Cholesky, and both right-hand sides forward
    for i in range(n):
        for j in range(i + 1):
            total = full[inside[i], inside[j]] + (noise * noise if i == j else 0.0)
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            lower[i, j] = np.sqrt(total) if i == j else total / lower[j, j]
        one, two = off[i], pull[inside[i]]
        for k in range(i):
            one -= lower[i, k] * off[k]
            two -= lower[i, k] * lean[k]
        off[i], lean[i] = one / lower[i, i], two / lower[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            off[i] -= lower[k, i] * off[k]
        off[i] /= lower[i, i]
    return float((lean * lean).sum())
