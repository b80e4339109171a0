"""The model of a front's motion in time: a Gaussian process with four parts.

A front moves over years (with the ice and the climate), with the seasons, and
within weeks (calving, melange). Each is a Gaussian process: a Matern-3/2 one for
years, a periodic one of three harmonics whose shape drifts over a decade, an
Ornstein-Uhlenbeck one for weeks, and a constant. Their sum is observed at
irregular times with known errors (Rasmussen & Williams 2006, chapters 2, 4, 5).
Away from observations the standard error grows by itself, up to the natural
spread of the part that is not observed: without winter scenes the seasonal part
of the winter is as uncertain as seasons are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.optimize import minimize

Array = NDArray[np.float64]

#: Parts of the process, in the order of the amplitudes.
PARTS = ("years", "season", "weeks")

# Variance of the seasonal part by harmonic: a season is mostly one wave.
_HARMONICS = (0.8, 0.15, 0.05)
# Years over which the shape of the season drifts.
_SEASON_MEMORY = 12.0
# Time scales between which the data choose, years.
_SCALES_YEARS = (0.7, 2.0, 6.0, 20.0)
_SCALES_WEEKS = (0.04, 0.15)
# Prior of the amplitudes (standard deviations, metres) as log-normal medians and
# widths. The median seasonal range of 219 Greenland glaciers is 220 m (Black &
# Joughin 2023), that of a wave of standard deviation 78 m. The others are wide.
_SEASON_M = 78.0
_WEEKS_M = 40.0
_WIDTH_YEARS, _WIDTH_SEASON, _WIDTH_WEEKS = 2.0, 1.0, 1.2
_MONTH = 1.0 / 12.0
# A posterior weight below this is not worth its computing time.
_NEGLIGIBLE = 0.02


@dataclass(frozen=True)
class Process:
    """One choice of the model's parameters.

    Parameters
    ----------
    amplitudes : tuple of float
        Standard deviations of the parts in `PARTS`, metres.
    scales : tuple of float
        Time scales of the parts ``years`` and ``weeks``, years.
    constant : float
        Standard deviation of the constant, metres; large.
    weight : float
        Posterior weight among the choices.
    """

    amplitudes: tuple[float, float, float]
    scales: tuple[float, float]
    constant: float
    weight: float = 1.0


def part_covariance(part: str, one: Array, two: Array, process: Process) -> Array:
    """Covariance of one part between two sets of times.

    Parameters
    ----------
    part : str
        One of `PARTS`, or ``constant``.
    one, two : ndarray, shape (n,), (m,)
        Decimal years.
    process : Process
        Parameters.

    Returns
    -------
    ndarray, shape (n, m)
        Square metres.
    """
    apart = np.abs(one[:, None] - two[None, :])
    if part == "constant":
        return np.full(apart.shape, process.constant**2)
    variance = process.amplitudes[PARTS.index(part)] ** 2
    return variance * _correlation(part, apart, process.scales)


def _correlation(part: str, apart: Array, scales: tuple[float, float]) -> Array:
    if part == "years":
        scaled = np.sqrt(3.0) * apart / scales[0]
        return np.asarray((1.0 + scaled) * np.exp(-scaled))
    if part == "weeks":
        return np.asarray(np.exp(-apart / scales[1]))
    waves = sum(share * np.cos(2 * np.pi * (k + 1) * apart) for k, share in enumerate(_HARMONICS))
    return np.asarray(waves * np.exp(-0.5 * (apart / _SEASON_MEMORY) ** 2))


def _month_mean(apart: Array, scale: float) -> Array:
    """Correlation of the weekly part at a time with its mean over a month centred elsewhere."""
    half = _MONTH / 2
    outside = np.exp(-np.maximum(apart, half) / scale) * (scale / half) * np.sinh(half / scale)
    near = np.minimum(apart, half)
    edges = np.exp(-(half - near) / scale) + np.exp(-(half + near) / scale)
    return np.asarray(np.where(apart >= half, outside, scale / (2 * half) * (2 - edges)))


def _month_mean_variance(scale: float) -> float:
    """Variance of a mean over a month of the weekly part, as a share of its variance."""
    ratio = scale / _MONTH
    return float(2 * ratio * (1 - ratio * (1 - np.exp(-1 / ratio))))


def fit_processes(time: Array, value: Array, error: Array) -> list[Process]:
    """Parameters that the observations support, with their posterior weights.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Decimal years.
    value, error : ndarray, shape (n,)
        Positions and their standard errors, metres.

    Returns
    -------
    list of Process
        Over a grid of time scales, the amplitudes of greatest posterior density;
        choices of negligible weight are left out. Weights add up to one.
    """
    centred = value - value.mean()
    spread = max(float(centred.std()), float(np.median(error)), 1.0)
    constant = 10.0 * spread + 1000.0
    centre = np.log([spread, _SEASON_M, _WEEKS_M])
    width = np.array([_WIDTH_YEARS, _WIDTH_SEASON, _WIDTH_WEEKS])
    apart = np.abs(time[:, None] - time[None, :])
    season = _correlation("season", apart, (1.0, 1.0))
    base = np.diag(np.maximum(error, 1.0) ** 2) + constant**2
    found: list[tuple[float, Array, tuple[float, float]]] = []
    for weeks in _SCALES_WEEKS:
        for years in _SCALES_YEARS:
            parts = [
                _correlation("years", apart, (years, weeks)),
                season,
                _correlation("weeks", apart, (years, weeks)),
            ]
            best = minimize(
                _cost,
                centre,
                args=(centred, base, parts, centre, width),
                jac=True,
                method="L-BFGS-B",
                bounds=list(zip(centre - 4 * width, centre + 4 * width, strict=True)),
                options={"maxiter": 30, "ftol": 1e-6},
            )
            found.append((float(-best.fun), best.x, (years, weeks)))
    top = max(density for density, _, _ in found)
    weights = np.exp([density - top for density, _, _ in found])
    weights /= weights.sum()
    weights[weights < _NEGLIGIBLE] = 0.0
    weights /= weights.sum()
    chosen = [(np.exp(x).tolist(), scales) for _, x, scales in found]
    return [
        Process((x[0], x[1], x[2]), scales, constant, float(weight))
        for (x, scales), weight in zip(chosen, weights, strict=True)
        if weight > 0
    ]


def _cost(
    x: Array, value: Array, base: Array, parts: list[Array], centre: Array, width: Array
) -> tuple[float, Array]:
    """Minus the log of the posterior density of the log amplitudes, and its gradient."""
    variance = np.exp(2 * x)
    covariance = base + sum(v * part for v, part in zip(variance, parts, strict=True))
    factor = cholesky(covariance, lower=True, check_finite=False)
    solved = cho_solve((factor, True), value, check_finite=False)
    inverse = cho_solve((factor, True), np.eye(len(value)), check_finite=False)
    off = (x - centre) / width
    cost = 0.5 * value @ solved + np.log(np.diag(factor)).sum() + 0.5 * off @ off
    slope = np.array(
        [
            v * (np.sum(inverse * part) - solved @ part @ solved)
            for v, part in zip(variance, parts, strict=True)
        ]
    )
    return float(cost), slope + off / width


@dataclass(frozen=True)
class Posterior:
    """Mean and covariance of sums of parts at given times.

    Parameters
    ----------
    mean : dict
        Name in `SUMS` to the mean, shape (m,), metres.
    error : dict
        The same to the standard error, shape (m,), metres.
    covariance : dict
        The same to the covariance, shape (m, m), square metres, for those sums for
        which it was asked.
    """

    mean: dict[str, Array]
    error: dict[str, Array]
    covariance: dict[str, Array]


#: What is told apart: everything, what changes over years, what comes with the seasons.
SUMS = {
    "total": ("constant", *PARTS),
    "interannual": ("constant", "years"),
    "seasonal": ("season",),
}


def posterior(
    time: Array,
    value: Array,
    error: Array,
    at: Array,
    processes: list[Process],
    full: Collection[str] = ("interannual", "seasonal"),
) -> Posterior:
    """Monthly mean position, given the observations.

    Parameters
    ----------
    time, value, error : ndarray, shape (n,)
        Observations: decimal years, metres, metres.
    at : ndarray, shape (m,)
        Decimal years of the middles of months.
    processes : list of Process
        Parameters with weights, from `fit_processes`.
    full : collection of str
        Sums of which the covariance is wanted, not only the standard error.

    Returns
    -------
    Posterior
        Mean over the choices of parameters; the errors hold their spread. The
        weekly part is averaged over the month; the others hardly change in one.
    """
    offset = float(value.mean())
    single = [_single(time, value - offset, error, at, process, full) for process in processes]
    weights = np.array([process.weight for process in processes])
    mean, spread, covariance = {}, {}, {}
    for name in SUMS:
        means = np.array([one.mean[name] for one in single])
        middle = weights @ means
        away = means - middle
        variance = weights @ np.array([one.error[name] ** 2 for one in single])
        spread[name] = np.sqrt(variance + weights @ away**2)
        mean[name] = middle + (offset if "constant" in SUMS[name] else 0.0)
        if name in full:
            within = sum(w * one.covariance[name] for w, one in zip(weights, single, strict=True))
            covariance[name] = np.asarray(within + (away.T * weights) @ away)
    return Posterior(mean, spread, covariance)


def _single(
    time: Array, value: Array, error: Array, at: Array, process: Process, full: Collection[str]
) -> Posterior:
    """Posterior for one choice of the parameters."""
    names = ("constant", *PARTS)
    observed = sum(part_covariance(name, time, time, process) for name in names)
    factor = cholesky(
        observed + np.diag(np.maximum(error, 1.0) ** 2), lower=True, check_finite=False
    )
    solved = cho_solve((factor, True), value, check_finite=False)
    crosses = {name: part_covariance(name, at, time, process) for name in names}
    variances = {"constant": process.constant**2}
    variances |= {part: a**2 for part, a in zip(PARTS, process.amplitudes, strict=True)}
    weeks, scale = variances["weeks"], process.scales[1]
    crosses["weeks"] = weeks * _month_mean(np.abs(at[:, None] - time[None, :]), scale)
    variances["weeks"] = weeks * _month_mean_variance(scale)
    mean, spread, covariance = {}, {}, {}
    for name, members in SUMS.items():
        cross = np.asarray(sum(crosses[part] for part in members))
        half = solve_triangular(factor, cross.T, lower=True, check_finite=False)
        mean[name] = cross @ solved
        prior = sum(variances[part] for part in members)
        spread[name] = np.sqrt(np.maximum(prior - (half**2).sum(axis=0), 0.0))
        if name in full:
            before = sum(part_covariance(part, at, at, process) for part in members)
            covariance[name] = np.asarray(before - half.T @ half)
    return Posterior(mean, spread, covariance)
