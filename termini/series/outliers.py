"""Observations that disagree with the glacier's own history.

A front that a network found in the wrong place jumps away and back within a few
scenes; ice does not. Each observation is compared with what all others of the
glacier, with their trend and seasonal cycle, predict for its day. A calving event
or a step stays where it went and is kept, since the observations after it agree
with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from tqdm import tqdm

from termini.fronttable import flag
from termini.series.reference import refer_to_what_is_left
from termini.series.robust import fit_robustly
from termini.times import decimal_year


@dataclass(frozen=True)
class OutlierSettings:
    """When an observation is called an outlier.

    Parameters
    ----------
    fewest : int
        A glacier with fewer observations has no history to speak of.
    spreads : float
        How many standard deviations, of prediction and observation together, it
        must be away from what the others predict.
    least_m : float
        Smaller disagreements are never outliers, metres.
    """

    fewest: int = 12
    spreads: float = 4.0
    least_m: float = 150.0


def flag_outliers(
    observations: pd.DataFrame,
    fronts: gpd.GeoDataFrame,
    settings: OutlierSettings | None = None,
    *,
    progress: bool = False,
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
    progress : bool
        Show a progress bar.

    Returns
    -------
    observations : DataFrame
        Without those of outliers. Where the reference was one, changes count from
        the nearest observation that is left.
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
    groups = table.groupby("glacier_id", sort=True)
    for _, part in tqdm(groups, "outliers", disable=not progress, unit="glacier"):
        if len(part) < settings.fewest:
            continue
        away = _disagreements(part.sort_values(["date", "trace_id"]), settings)
        found |= {str(name): float(metres) for name, metres in away.items()}
    rows = fronts["trace_id"].isin(list(found)).to_numpy()
    reasons = [
        f"{found[name]:+.0f} m from what the other fronts of the glacier predict"
        for name in fronts.loc[rows, "trace_id"]
    ]
    flag(fronts, rows, "outlier", reasons)
    kept = observations[~observations["trace_id"].isin(list(found))]
    return refer_to_what_is_left(kept.reset_index(drop=True)), fronts


def _disagreements(part: pd.DataFrame, settings: OutlierSettings) -> pd.Series[float]:
    """Distance of each outlier from what the others predict, by trace id."""
    error = part["length_change_se"].to_numpy()
    time = decimal_year(pd.DatetimeIndex(part["date"]))
    shared = groups = None
    if "correlation_group" in part:
        shared = np.minimum(part["sigma_geolocation"].to_numpy(), error)
        groups = part["correlation_group"].to_numpy()
    fit = fit_robustly(time, part["length_change"].to_numpy(), error, shared, groups)
    limit = np.maximum(settings.spreads * np.hypot(fit.predicted_se, error), settings.least_m)
    rows = np.abs(fit.residual) > limit
    return pd.Series(fit.residual[rows], index=part["trace_id"].to_numpy()[rows])
