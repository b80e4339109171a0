"""What others do to make months of irregular observations; see ``monthly_series.py``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import ruptures
from numpy.typing import NDArray

from termini.times import decimal_year

try:
    from statsmodels.tsa.seasonal import STL
except ImportError:  # a peer, not a dependency
    STL = None

Array = NDArray[np.float64]


def linear(rows: pd.DataFrame, months: pd.DatetimeIndex) -> tuple[Array, Array]:
    at = decimal_year(pd.DatetimeIndex(rows["date"]))
    days = (decimal_year(months)[:, None] + (np.arange(8) - 3.5) / 96).ravel()
    value = np.interp(days, at, rows["length_change"]).reshape(-1, 8).mean(axis=1)
    return value, np.interp(decimal_year(months), at, rows["length_change_se"])


def medians(rows: pd.DataFrame, months: pd.DatetimeIndex) -> tuple[Array, Array]:
    period = pd.DatetimeIndex(rows["date"]).to_period("M")
    groups = rows.groupby(period)
    value = groups["length_change"].median().reindex(months.to_period("M"))
    # the median of n is less sure than their mean by pi / 2
    error = groups["length_change_se"].mean() * np.sqrt(np.pi / 2 / groups.size())
    error = np.where(groups.size() > 2, error, groups["length_change_se"].mean())
    spread = pd.Series(error, groups.size().index).reindex(months.to_period("M"))
    return (
        value.reset_index(drop=True).interpolate(limit_direction="both").to_numpy(),
        spread.reset_index(drop=True).interpolate(limit_direction="both").to_numpy(),
    )


def stl(rows: pd.DataFrame, months: pd.DatetimeIndex) -> tuple[Array, Array]:
    filled, _ = medians(rows, months)
    found = STL(filled, period=12, robust=True).fit()
    value = np.asarray(found.trend + found.seasonal)
    return value, np.full(len(value), 1.4826 * np.median(np.abs(found.resid)))


def harmonics(rows: pd.DataFrame, months: pd.DatetimeIndex) -> tuple[Array, Array]:
    at, middle = decimal_year(pd.DatetimeIndex(rows["date"])), decimal_year(months)
    knots = np.arange(np.floor(middle[0]), np.ceil(middle[-1]) + 1)

    def design(when: Array) -> Array:
        hats = [np.interp(when, knots, unit) for unit in np.eye(len(knots))]
        waves = [f(2 * np.pi * k * when) for k in (1, 2) for f in (np.cos, np.sin)]
        return np.column_stack([*hats, *waves])

    weight = 1 / rows["length_change_se"].to_numpy()
    # a weak pull to the next knot where a year was not seen
    pull = 1e-3 * np.diff(np.eye(len(knots) + 4), axis=0)[: len(knots) - 1]
    left = np.vstack([design(at) * weight[:, None], pull])
    right = np.concatenate([rows["length_change"] * weight, np.zeros(len(pull))])
    solved = np.linalg.lstsq(left, right, rcond=None)[0]
    off = rows["length_change"].to_numpy() - design(at) @ solved
    return design(middle) @ solved, np.full(len(middle), 1.4826 * np.median(np.abs(off)))


PEERS: dict[str, Callable[[pd.DataFrame, pd.DatetimeIndex], tuple[Array, Array]]] = {
    "linear": linear,
    "median": medians,
    "harmonics": harmonics,
}
if STL is not None:
    PEERS["STL"] = stl


def bend_by_ruptures(rows: pd.DataFrame, months: pd.DatetimeIndex) -> float:
    """Bend by dynamic programming on the means of years (two joined straight lines)."""
    value, _ = medians(rows, months)
    yearly = pd.Series(value).groupby(months.year).mean()
    found = ruptures.Dynp(model="clinear", min_size=3, jump=1).fit(yearly.to_numpy())
    return float(yearly.index[min(found.predict(n_bkps=1)[0], len(yearly) - 1)]) + 0.5
