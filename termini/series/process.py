"""The model of a front's motion in time: a Gaussian process with four parts.

A front moves over years (with the ice and the climate), with the seasons, and
within weeks (calving, melange). Each is a Gaussian process: a Matern-3/2 one for
years, three harmonics whose coefficients drift over decades for the season, an
Ornstein-Uhlenbeck one for weeks, and a constant. Their sum is observed at
irregular times with known errors (Rasmussen & Williams 2006, chapters 2, 4, 5).
All are Markov, so that time and memory grow with the number of observations only
(`termini.series.process_kernels`; Hartikainen & Sarkka 2010). Away from
observations the standard error grows by itself, up to the natural spread of the
part that is not observed: without winter scenes the seasonal part of the winter is
as uncertain as seasons are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from termini.series.process_events import month_events
from termini.series.process_kernels import Array, likelihood, wave_table
from termini.series.process_months import months_posterior
from termini.series.process_pace import EVEN, Pace, paces
from termini.series.process_search import Search, search

#: Parts of the process, in the order of the amplitudes.
PARTS = ("years", "season", "weeks")
#: What is told apart: everything, what changes over years, what comes with the seasons.
SUMS = ("total", "interannual", "seasonal")
#: Smaller stated errors are not believed, metres.
LEAST_ERROR = 1.0

# Time scales between which the data choose, years.
_SCALES_YEARS = (0.7, 2.0, 6.0, 20.0)
_SCALES_WEEKS = (0.04, 0.15)
# Prior of the amplitudes (standard deviations, metres) as log-normal medians and
# widths. The median seasonal range of 219 Greenland glaciers is 220 m (Black &
# Joughin 2023), that of a wave of standard deviation 78 m. The others are wide.
_SEASON_M = 78.0
_WEEKS_M = 40.0
_WIDTH_YEARS, _WIDTH_SEASON, _WIDTH_WEEKS = 2.0, 1.0, 1.2
# A season that is as good as none, kept as it is.
_NO_SEASON_M, _FIXED = 1e-3, 1e-3
# Log density by which a clock of its own must fit better: its busy times are chosen.
_CLOCK_COST = 5.0
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
    pace : Pace
        Clock by which the years run.
    """

    amplitudes: tuple[float, float, float]
    scales: tuple[float, float]
    constant: float
    weight: float = 1.0
    pace: Pace = EVEN

    def arrays(self) -> tuple[Array, Array]:
        """Parameters as the engine takes them.

        Returns
        -------
        amplitude, scales : ndarray, shape (4,), (2,)
            Standard deviations with the constant, metres; years.
        """
        return np.array([*self.amplitudes, self.constant]), np.array(self.scales)


def fit_processes(
    time: Array,
    value: Array,
    error: Array,
    before: Search | None = None,
    *,
    season: bool = True,
) -> list[Process]:
    """Parameters that the observations support, with their posterior weights.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Decimal years.
    value, error : ndarray, shape (n,)
        Positions and their standard errors, metres.
    before : Search, optional
        Where to begin; holds afterwards where it ended, so that a fit to nearly the
        same observations is quick.
    season : bool
        Whether the process has a season.

    Returns
    -------
    list of Process
        Over a grid of time scales and clocks, the amplitudes of greatest posterior
        density; choices of negligible weight are left out. Weights add up to one.
    """
    before = before or Search()
    order = np.argsort(time, kind="stable")
    time, value, error = time[order], value[order], error[order]
    centred = value - value.mean()
    noise = np.maximum(error, LEAST_ERROR) ** 2
    spread = max(float(centred.std()), float(np.median(error)), 1.0)
    constant = 10.0 * spread + 1000.0
    centre = np.log([spread, _SEASON_M if season else _NO_SEASON_M, _WEEKS_M])
    width = np.array([_WIDTH_YEARS, _WIDTH_SEASON if season else _FIXED, _WIDTH_WEEKS])
    waves = wave_table(time)
    clocks = paces(time, value)
    found: dict[tuple[float, ...], tuple[float, Array]] = {}
    for choice in product(range(len(clocks)), _SCALES_WEEKS, _SCALES_YEARS):
        number, weeks, years = choice
        if before.promising(choice):
            x, bend = before.begin(choice, centre, width)
            cost = search(
                x, bend, centre, width, constant,
                time, clocks[number](time), centred, noise, waves, np.array([years, weeks]),
            )  # fmt: skip
            found[choice] = (-float(cost) - _CLOCK_COST * (number > 0), x)
    before.judge({choice: density for choice, (density, _) in found.items()})
    top = max(density for density, _ in found.values())
    weights = np.exp([density - top for density, _ in found.values()])
    weights /= weights.sum()
    weights[weights < _NEGLIGIBLE] = 0.0
    weights /= weights.sum()
    chosen = [
        (np.exp(x).tolist(), (years, weeks), clocks[int(number)])
        for (number, weeks, years), (_, x) in found.items()
    ]
    return [
        Process((x[0], x[1], x[2]), scales, constant, float(weight), pace)
        for (x, scales, pace), weight in zip(chosen, weights, strict=True)
        if weight > 0
    ]


def left_out(time: Array, value: Array, error: Array, process: Process) -> tuple[Array, Array]:
    """What all other observations predict for each.

    Parameters
    ----------
    time, value, error : ndarray, shape (n,)
        Observations in the order of time: decimal years, metres, metres.
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
    amplitude, scales = process.arrays()
    centred = value - value.mean()
    waves = wave_table(time)
    _, _, solved, own = likelihood(
        time, process.pace(time), centred, error**2, waves, amplitude, scales
    )
    return solved / own, 1.0 / np.sqrt(own)


@dataclass(frozen=True)
class Posterior:
    """Mean and error of sums of parts at given times.

    Parameters
    ----------
    mean : dict
        Name in `SUMS` to the mean, shape (m,), metres.
    error : dict
        The same to the standard error, shape (m,), metres.
    covariance : dict
        Name to the covariance of the weighted sums over months that were asked for,
        shape (k, k), square metres.
    """

    mean: dict[str, Array]
    error: dict[str, Array]
    covariance: dict[str, Array]


def posterior(
    time: Array,
    value: Array,
    error: Array,
    at: Array,
    processes: list[Process],
    weights: Mapping[str, Array] | None = None,
) -> Posterior:
    """Monthly mean position, given the observations.

    Parameters
    ----------
    time, value, error : ndarray, shape (n,)
        Observations: decimal years, metres, metres.
    at : ndarray, shape (m,)
        Decimal years of the middles of months, rising.
    processes : list of Process
        Parameters with weights, from `fit_processes`.
    weights : mapping, optional
        ``interannual`` or ``seasonal`` to weights of the months, shape (k, m), of
        sums of which the covariance is wanted; the unit matrix gives that of the
        months.

    Returns
    -------
    Posterior
        Mean over the choices of parameters; the errors hold their spread. The
        weekly part is averaged over the month (half a month to either side, less
        where months stand closer); the others hardly change in one.
    """
    weights = weights or {}
    offset = float(value.mean())
    order = np.argsort(time, kind="stable")
    when, event, which, growth = month_events(time[order], at)
    noise = np.maximum(error[order], LEAST_ERROR) ** 2
    stacked = np.concatenate([np.zeros((0, len(at))), *weights.values()])
    kind = np.array([SUMS.index(name) - 1 for name, rows in weights.items() for _ in rows], int)
    means, variances, covariances = [], [], []
    for process in processes:
        mean, variance, sums = months_posterior(
            when, process.pace(when), event, which, growth, value[order] - offset, noise,
            wave_table(when), *process.arrays(), len(at), stacked, kind,
        )  # fmt: skip
        means.append(mean)
        variances.append(np.maximum(variance, 0.0))
        covariances.append(sums)
    share = np.array([process.weight for process in processes])
    middle = np.tensordot(share, means, axes=1)
    away = np.array(means) - middle
    spread = np.sqrt(np.tensordot(share, np.array(variances) + away**2, axes=1))
    within = np.tensordot(share, covariances, axes=1)
    found = {}
    for name, rows in weights.items():
        part = rows @ away[:, SUMS.index(name)].T  # (k, processes)
        own = kind == SUMS.index(name) - 1
        found[name] = within[np.ix_(own, own)] + (part * share) @ part.T
    middle[:2] += offset
    return Posterior(
        dict(zip(SUMS, middle, strict=True)), dict(zip(SUMS, spread, strict=True)), found
    )
