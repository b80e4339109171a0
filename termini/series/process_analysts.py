"""What analysts take to be the front, in the monthly model.

An analyst's traces all lie off by the same length, which differs from one analyst to
another's. With Z the matrix that says whose each observation is, the positions are
y = f + Z b + noise, with f the process and b the analysts' lengths. The months are those
of y - Z b. Conditioned on b the model is as it was, and its solution is linear in y:
solving for y and for each column of Z gives b with its covariance (generalised least
squares with a prior; Rasmussen & Williams 2006, section 2.7), in time that grows with
the number of observations only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.errors import InputError
from termini.series.process import SUMS, Posterior, Process, posterior
from termini.series.process_kernels import Array, likelihood, wave_table
from termini.series.robust import RobustFit, fit_robustly
from termini.series.uncertainty import of_several_analysts

# The process is fitted to what the analysts leave so often.
_ROUNDS = 2


@dataclass(frozen=True)
class Analysts:
    """Who drew the observations of a glacier.

    Parameters
    ----------
    whose : ndarray, shape (n, a)
        Share of each observation that each analyst drew, but for the analyst of the
        reference, against whom the others count.
    sigma : float
        What one analyst is off by, one standard deviation, metres.
    """

    whose: Array
    sigma: float

    @property
    def prior(self) -> Array:
        """Covariance of the differences from the reference's analyst, shape (a, a)."""
        number = self.whose.shape[1]
        return self.sigma**2 * (np.eye(number) + np.ones((number, number)))


def analysts_of(rows: pd.DataFrame) -> Analysts | None:
    """Analysts of one glacier's observations.

    Parameters
    ----------
    rows : DataFrame
        Observations with the columns ``analyst`` and ``analyst_sigma``, metres.

    Returns
    -------
    Analysts or None
        None without these columns, and where one analyst drew all. Values then count
        from the line of the one who drew the reference (of several, the one who drew
        most of the traces).
    """
    if "analyst" not in rows.columns:
        return None
    names, known = pd.factorize(rows["analyst"], sort=True)
    if len(known) < 2:
        return None
    there = (rows["date"] == rows["reference_date"]).to_numpy()
    often = np.bincount(names, minlength=len(known))
    first = names[there] if there.any() else names
    base = int(first[np.argmax(often[first])])
    others = [k for k in range(len(known)) if k != base]
    whose = (names[:, None] == np.array(others)).astype(np.float64)
    return Analysts(whose, float(rows["analyst_sigma"].max()))


def fit_apart(
    time: Array,
    value: Array,
    error: Array,
    shared: Array,
    group: NDArray[np.object_] | None,
    analysts: Analysts,
) -> tuple[RobustFit, Array]:
    """`termini.series.robust.fit_robustly` of observations by several analysts.

    Parameters
    ----------
    time, value, error, shared, group
        As there.
    analysts : Analysts
        Of these observations.

    Returns
    -------
    fit : RobustFit
        Of the observations as the analyst of the reference would have drawn them.
    covariance : ndarray, shape (a, a)
        Of the differences between the analysts, square metres.
    """
    mean = np.zeros(analysts.whose.shape[1])
    fit = fit_robustly(time, value, error, shared, group, analysts.whose)
    for number in range(_ROUNDS):
        drawn = fit.value + fit.whose @ mean
        merged = replace(analysts, whose=fit.whose)
        mean, covariance = offsets(fit.time, drawn, fit.merged_error, fit.processes, merged)
        if number < _ROUNDS - 1:
            less = value - analysts.whose @ mean
            fit = fit_robustly(time, less, error, shared, group, analysts.whose)
    return replace(fit, value=drawn - fit.whose @ mean), covariance


def offsets(
    time: Array, value: Array, error: Array, processes: list[Process], analysts: Analysts
) -> tuple[Array, Array]:
    """How far off each analyst's line is.

    Parameters
    ----------
    time, value, error : ndarray, shape (n,)
        Observations in the order of time: decimal years, metres, metres.
    processes : list of Process
        Parameters with weights.
    analysts : Analysts
        Of these observations.

    Returns
    -------
    mean : ndarray, shape (a,)
        Metres against the analyst of the reference.
    covariance : ndarray, shape (a, a)
        Square metres; holds the spread over the processes.
    """
    waves, whose = wave_table(time), analysts.whose
    inverse = np.linalg.inv(analysts.prior)
    centred = value - value.mean()
    means, covariances = [], []
    for process in processes:
        clock, (amplitude, scales) = process.pace(time), process.arrays()
        solved = np.column_stack(
            [
                likelihood(
                    time, clock, np.ascontiguousarray(column), error**2, waves, amplitude, scales
                )[2]
                for column in whose.T
            ]
        )
        covariance = np.linalg.inv(inverse + whose.T @ solved)
        means.append(covariance @ (solved.T @ centred))
        covariances.append(covariance)
    share = np.array([process.weight for process in processes])
    mean = share @ np.array(means)
    away = np.array(means) - mean
    spread = np.tensordot(share, covariances, axes=1) + (away.T * share) @ away
    return np.asarray(mean), np.asarray(spread)


def with_offsets(
    found: Posterior,
    fit: RobustFit,
    at: Array,
    covariance: Array,
    weights: Mapping[str, Array] | None = None,
) -> Posterior:
    """Months with what is not known of the analysts in their errors.

    Parameters
    ----------
    found : Posterior
        Of the observations less the means of the analysts' lengths.
    fit : RobustFit
        From `fit_apart`.
    at, weights
        As `termini.series.process.posterior` had them.
    covariance : ndarray, shape (a, a)
        From `fit_apart`.

    Returns
    -------
    Posterior
        The same means.
    """
    moved = [
        posterior(fit.time, column, fit.merged_error, at, fit.processes).mean
        for column in fit.whose.T
    ]
    errors, covariances = dict(found.error), dict(found.covariance)
    for name in SUMS:
        way = np.column_stack([mean[name] for mean in moved])
        more = np.sum((way @ covariance) * way, axis=1)
        errors[name] = np.sqrt(found.error[name] ** 2 + np.maximum(more, 0.0))
        if weights and name in weights:
            sums = weights[name] @ way
            covariances[name] = found.covariance[name] + sums @ covariance @ sums.T
    return Posterior(found.mean, errors, covariances)


def named(observations: pd.DataFrame, fronts: pd.DataFrame | None, sigma: float) -> pd.DataFrame:
    """Observations with who drew them.

    Parameters
    ----------
    observations : DataFrame
        As `termini.series.observe` gives them.
    fronts : DataFrame, optional
        Front table of these observations.
    sigma : float
        What one analyst is off by, metres.

    Returns
    -------
    DataFrame
        The same rows with ``analyst``, empty where one alone drew the glacier by hand,
        and ``analyst_sigma``; as they are without a front table.

    Raises
    ------
    InputError
        If a trace is not in the front table.
    """
    if fronts is None:
        return observations
    names = fronts["analyst"].where(of_several_analysts(fronts), "").set_axis(fronts["trace_id"])
    lost = ~observations["trace_id"].isin(names.index).to_numpy()
    if lost.any():
        raise InputError(
            f"trace {observations['trace_id'][lost].iloc[0]!r} is not in the front table: give "
            "that of these observations"
        )
    who = names.reindex(observations["trace_id"]).to_numpy()
    return observations.assign(analyst=who, analyst_sigma=sigma)
