"""Observations with the error of their reference.

Standard errors of observations are those of the front's own position. Values count from
the front of the reference day, whose error all values of a glacier have in common.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.series.differences import analysts_of, check_columns
from termini.series.settings import ObservationSettings
from termini.series.uncertainty import error_parts, width_of

Array = NDArray[np.float64]


def since_reference(
    observations: pd.DataFrame,
    *,
    fronts: pd.DataFrame | None = None,
    settings: ObservationSettings | None = None,
) -> pd.DataFrame:
    """Observations with the error of their reference in their standard errors.

    Parameters
    ----------
    observations : DataFrame
        As `termini.series.observe` gives them, whose standard errors are those of the
        front's own position.
    fronts, settings : optional
        As `changes` takes them.

    Returns
    -------
    DataFrame
        The same rows, ``length_change_se`` and ``area_change_se`` those of the change
        since the reference: the reference, the mean of the observations of its day,
        adds its own error, except for what it shares with the observation. Zero for
        the reference itself where it is a single observation.
    """
    check_columns(table := observations.copy())
    total, shared, rest = error_parts(table)
    width = width_of(table)
    who, style = analysts_of(table, fronts, settings)
    error = np.full(len(table), np.nan)
    group = table["correlation_group"].to_numpy(dtype=object)
    is_reference = (table["date"] == table["reference_date"]).to_numpy()
    numbers = table.groupby(["glacier_id", "measure"], sort=False).ngroup().to_numpy()
    for number in np.unique(numbers):
        rows = np.flatnonzero(numbers == number)
        there = rows[is_reference[rows]]
        if not there.size:
            continue
        weight = 1.0 / there.size
        names = group[there]
        bare = np.sum(np.square(weight * rest[there])) + _in_groups(weight * shared[there], names)
        own = rows[:, None] == there
        alike = own | ((group[rows][:, None] == names) & (names != ""))
        covariance = np.sum(shared[rows] * (alike @ shared[there]), axis=1)
        covariance += rest[rows] ** 2 * own.sum(axis=1)
        variance = np.maximum(total[rows] ** 2 + bare - 2 * weight * covariance, 0.0)
        # coefficients of the analysts' errors: of the observation's one, less the mean
        held = (who[rows][:, None] == np.unique(who[rows])).astype(np.float64)
        held -= held[is_reference[rows]].mean(axis=0)
        error[rows] = np.sqrt(variance + style[rows] ** 2 * np.square(held).sum(axis=1))
    known = np.isfinite(table["length_change"].to_numpy())
    table["length_change_se"] = np.where(known, error, np.nan)
    table["area_change_se"] = error * width
    return table


def _in_groups(weighted: Array, names: NDArray[np.object_]) -> float:
    """Variance of sums of errors, shape (n, parts), of which those of one group are equal."""
    alone = names == ""
    total = float(np.sum(weighted[alone] ** 2))
    for name in set(names[~alone]):
        total += float(np.sum(np.square(weighted[names == name].sum(axis=0))))
    return total
