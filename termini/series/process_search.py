"""Search for the amplitudes of greatest posterior density."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from termini.series.process_kernels import Array, compiled, inner, likelihood

_MOST_STEPS = 40
# Log density behind the best, from which widened errors of a few observations do not
# bring time scales back.
_RULED_OUT = 15.0
# Expected gain in log density below which the search ends.
_NEAR_ENOUGH = 1e-4
# Longest step, logarithm of amplitudes.
_LONGEST = 1.5


class Search:
    """Where the searches of `termini.series.process.fit_processes` ended, by time scales."""

    def __init__(self) -> None:
        self._ends: dict[tuple[float, ...], tuple[Array, Array]] = {}
        self._last: tuple[Array, Array] | None = None
        self._hopeless: set[tuple[float, ...]] = set()

    def promising(self, scales: tuple[float, ...]) -> bool:
        """Whether a search with these time scales is worth its time.

        Parameters
        ----------
        scales : tuple of float
            Time scales, years, and the number of the clock.

        Returns
        -------
        bool
            False where an earlier fit left them a negligible weight by far.
        """
        return scales not in self._hopeless

    def judge(self, densities: Mapping[tuple[float, ...], float]) -> None:
        """Remember which time scales the observations rule out.

        Parameters
        ----------
        densities : mapping
            Time scales to the log posterior density found.
        """
        top = max(densities.values())
        self._hopeless |= {s for s, one in densities.items() if one < top - _RULED_OUT}

    def begin(self, scales: tuple[float, ...], centre: Array, width: Array) -> tuple[Array, Array]:
        """Where to begin with these time scales.

        Parameters
        ----------
        scales : tuple of float
            Time scales, years, and the number of the clock.
        centre, width : ndarray, shape (3,)
            Prior of the logarithms of the amplitudes.

        Returns
        -------
        x, inverse : ndarray, shape (3,), (3, 3)
            Logarithms of the amplitudes and a guess of the inverse of the second
            derivatives; to be moved in place.
        """
        if scales not in self._ends:
            x, inverse = self._last or (centre, np.diag(np.minimum(width**2, 1.0)) * 0.1)
            self._ends[scales] = (x.copy(), inverse.copy())
        self._last = self._ends[scales]
        return self._last


@inner
def _cost(
    x: Array, centre: Array, width: Array, constant: float,
    time: Array, clock: Array, value: Array, noise: Array, waves: Array, scales: Array,
    slope: Array,
) -> float:  # fmt: skip
    amplitude = np.empty(4)
    for k in range(3):
        amplitude[k] = np.exp(x[k])
    amplitude[3] = constant
    cost, by_data, _, _ = likelihood(time, clock, value, noise, waves, amplitude, scales)
    for k in range(3):
        off = (x[k] - centre[k]) / width[k]
        cost += 0.5 * off * off
        slope[k] = by_data[k] + off / width[k]
    return cost


@compiled
def search(
    start: Array, inverse: Array, centre: Array, width: Array, constant: float,
    time: Array, clock: Array, value: Array, noise: Array, waves: Array, scales: Array,
) -> float:  # fmt: skip
    """Log amplitudes of greatest posterior density, by BFGS.

    Parameters
    ----------
    start : ndarray, shape (3,)
        Logarithms of the amplitudes of years, season, weeks; moved in place.
    inverse : ndarray, shape (3, 3)
        Guess of the inverse of the second derivatives; improved in place.
    centre, width : ndarray, shape (3,)
        Means and standard deviations of the normal prior of the logarithms.
    constant : float
        Standard deviation of the constant, metres.
    time, clock, value, noise, waves, scales : ndarray
        As in `likelihood`.

    Returns
    -------
    float
        Minus the log posterior density there, without its constant.
    """
    slope, trial_slope, trial = np.empty(3), np.empty(3), np.empty(3)
    cost = _cost(start, centre, width, constant, time, clock, value, noise, waves, scales, slope)
    for _ in range(_MOST_STEPS):
        step = -inverse @ slope
        fall = slope @ step
        if not fall < 0.0:
            inverse[:] = 0.0
            for k in range(3):
                inverse[k, k] = 0.1
            step = -0.1 * slope
            fall = slope @ step
        if -0.5 * fall < _NEAR_ENOUGH:
            break
        share = 1.0
        reach = float(np.sqrt(step @ step))
        if reach > _LONGEST:
            share = _LONGEST / reach
        found = False
        for _ in range(12):
            for k in range(3):
                # four widths from the middle of the prior nothing more is learnt
                move = start[k] + share * step[k]
                trial[k] = min(max(move, centre[k] - 4 * width[k]), centre[k] + 4 * width[k])
            new = _cost(
                trial, centre, width, constant,
                time, clock, value, noise, waves, scales, trial_slope,
            )  # fmt: skip
            if new <= cost + 1e-4 * share * fall:
                found = True
                break
            share *= 0.3
        if not found:
            break
        _learn(inverse, trial - start, trial_slope - slope)
        cost = new
        for k in range(3):
            start[k], slope[k] = trial[k], trial_slope[k]
    return cost


@inner
def _learn(inverse: Array, moved: Array, bent: Array) -> None:
    """The BFGS update of the inverse second derivatives (Nocedal & Wright 2006, eq. 6.17)."""
    along = moved @ bent
    if along <= 1e-10 * np.sqrt((moved @ moved) * (bent @ bent)):
        return
    half = inverse @ bent
    factor = (1.0 + bent @ half / along) / along
    for i in range(3):
        for j in range(3):
            inverse[i, j] += (
                factor * moved[i] * moved[j] - (half[i] * moved[j] + moved[i] * half[j]) / along
            )
