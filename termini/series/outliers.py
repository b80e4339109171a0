"""Observations that disagree with the glacier's own history.

A front that a network found in the wrong place jumps away and back within a few
scenes; ice does not. Each observation is compared with its nearest neighbours in
time on both sides. A calving event or a step stays where it went and is kept,
since the neighbours after it agree with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.fronttable import flag


@dataclass(frozen=True)
class OutlierSettings:
    """When an observation is called an outlier.

    Parameters
    ----------
    neighbours : int
        Observations on each side that it is compared with.
    reach_days : float
        Neighbours farther away in time tell nothing.
    fewest : int
        With fewer neighbours in all nothing is said.
    spreads : float
        How many robust standard deviations of the glacier's own residuals.
    least_m : float
        Smaller disagreements are never outliers, metres: a seasonal cycle bends by
        as much between neighbours a month apart.
    one_sided : float
        Factor on both limits where there are neighbours on one side only.
    rounds : int
        Repeats, each without the outliers found before.
    """

    neighbours: int = 3
    reach_days: float = 200.0
    fewest: int = 3
    spreads: float = 5.0
    least_m: float = 400.0
    one_sided: float = 2.0
    rounds: int = 5


def flag_outliers(
    observations: pd.DataFrame,
    fronts: gpd.GeoDataFrame,
    settings: OutlierSettings | None = None,
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Set the flag ``outlier`` on traces that disagree with their glacier's history.

    Parameters
    ----------
    observations : DataFrame
        As `observe` gives it.
    fronts : GeoDataFrame
        Front table; changed in place.
    settings : OutlierSettings, optional
        When an observation is called an outlier.

    Returns
    -------
    observations : DataFrame
        Without those of outliers.
    fronts : GeoDataFrame
        Front table with flags, and the disagreement in metres in ``note``.

    Notes
    -----
    Traces drawn by hand (method ``manual``) are left alone: with one trace a year
    a jump cannot be told from motion, and a person has looked at each.
    """
    settings = settings or OutlierSettings()
    method = fronts.set_index("trace_id")["method"]
    table = observations[observations["measure"] == "length_area"]
    table = table[method.reindex(table["trace_id"]).to_numpy() != "manual"]
    found: dict[str, float] = {}
    for _, part in table.groupby("glacier_id", sort=True):
        part = part.sort_values(["date", "trace_id"])
        days = part["date"].to_numpy().astype("datetime64[s]").astype("float64") / 86400.0
        away = _disagreements(days, part["length_change"].to_numpy(), settings)
        names = part["trace_id"].to_numpy()
        found |= {str(names[i]): float(away[i]) for i in np.flatnonzero(np.isfinite(away))}
    rows = fronts["trace_id"].isin(list(found)).to_numpy()
    reasons = [
        f"{found[name]:+.0f} m from the fronts before and after"
        for name in fronts.loc[rows, "trace_id"]
    ]
    flag(fronts, rows, "outlier", reasons)
    kept = observations[~observations["trace_id"].isin(list(found))]
    return kept.reset_index(drop=True), fronts


def _disagreements(
    days: NDArray[np.float64], length: NDArray[np.float64], settings: OutlierSettings
) -> NDArray[np.float64]:
    """Distance of each outlier from its neighbours' median, NaN for all that are none."""
    away = np.full(len(days), np.nan)
    kept = np.isfinite(length)
    for _ in range(settings.rounds):
        rows = np.flatnonzero(kept)
        residual, both = _residuals(days[rows], length[rows], settings)
        judged = np.isfinite(residual)
        if not judged.any():
            break
        spread = 1.4826 * float(np.median(np.abs(residual[judged])))
        limit = max(settings.spreads * spread, settings.least_m)
        limits = np.where(both, limit, settings.one_sided * limit)
        excess = np.where(judged, np.abs(residual) / limits, 0.0)
        # the worst of each run of neighbours first: it makes those beside it look bad
        worst = [
            i
            for i in np.flatnonzero(excess > 1.0)
            if excess[i]
            >= excess[max(i - settings.neighbours, 0) : i + settings.neighbours + 1].max()
        ]
        if not worst:
            break
        away[rows[worst]] = residual[worst]
        kept[rows[worst]] = False
    return away


def _residuals(
    days: NDArray[np.float64], length: NDArray[np.float64], settings: OutlierSettings
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Distance of each value from its neighbours, and whether both sides have some.

    With neighbours on both sides it is the distance from the interval between the
    median before and the median after: zero in steady motion and beside a step.
    """
    n = len(days)
    residual, both = np.full(n, np.nan), np.zeros(n, dtype=bool)
    for i in range(n):
        before = np.arange(max(i - settings.neighbours, 0), i)
        after = np.arange(i + 1, min(i + 1 + settings.neighbours, n))
        before = before[days[i] - days[before] <= settings.reach_days]
        after = after[days[after] - days[i] <= settings.reach_days]
        both[i] = len(before) > 0 and len(after) > 0
        if len(before) + len(after) < settings.fewest:
            continue
        medians = [np.median(length[side]) for side in (before, after) if len(side)]
        residual[i] = length[i] - np.clip(length[i], min(medians), max(medians))
    return residual, both
