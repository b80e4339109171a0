"""Regular monthly series from irregular observations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from shapely.geometry import Point
from tqdm import tqdm

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.geo import LONLAT, reproject
from termini.series.process import posterior
from termini.series.robust import fit_robustly
from termini.series.settings import MEASURES
from termini.series.summary import (
    breakpoint_year,
    linear_trend,
    mean_season,
    no_season,
    season_weights,
    trend_weights,
)
from termini.times import decimal_year, month_index
from termini.variables import describe


@dataclass(frozen=True)
class MonthlySettings:
    """When a number is given, and how much is computed.

    Parameters
    ----------
    fewest_observations : int
        With fewer a glacier gets no series.
    season_observations, season_months : int
        A glacier has a season only if it was seen at least so often, and in so many
        different calendar months, ...
    season_years, season_months_a_year : int
        ... and if in at least so many years it was seen in at least so many months
        of that year: one front a year shows no season, in whatever month it comes.
        Else all seasonal variables are NaN.
    """

    fewest_observations: int = 3
    season_observations: int = 24
    season_months: int = 8
    season_years: int = 2
    season_months_a_year: int = 4


_BY_TIME = (
    "length_change",
    "length_change_se",
    "area_change",
    "area_change_se",
    "length_seasonal",
    "length_interannual",
    "length_interannual_se",
)
_BY_GLACIER = (
    "seasonal_amplitude",
    "seasonal_amplitude_se",
    "seasonal_phase",
    "trend",
    "trend_se",
    "breakpoint",
    "reference_width",
    "reference_se",
)


def monthly_series(
    observations: pd.DataFrame,
    domains: Mapping[str, GlacierDomain],
    *,
    measure: str = "length_area",
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    settings: MonthlySettings | None = None,
    progress: bool = False,
) -> xr.Dataset:
    """Monthly series of all glaciers, with components, season, trend and breakpoint.

    Parameters
    ----------
    observations : DataFrame
        From `termini.series.observe`.
    domains : mapping
        Glacier id to domain; one row of the result each, sorted by id.
    measure : str
        Which measure to use.
    start, end : date-like, optional
        First and last month of the result; by default those of the observations.
    settings : MonthlySettings, optional
        Settings.
    progress : bool
        Show a progress bar.

    Returns
    -------
    xarray.Dataset
        Dimensions ``glacier``, ``time`` (the 15th of each month) and ``month``.
        A value is the mean over the calendar month by a Gaussian process through
        all observations (see `termini.series.process` and, for stray observations,
        `termini.series.robust`). It is NaN before a glacier's first and after its
        last observation; between, its standard error grows with the distance from
        observations. The error of the reference observation, common to all months
        of a glacier, is not in it but in ``reference_se``: it cancels in the change
        between two months, and adds in squares to one since the reference date.

    Raises
    ------
    InputError
        If the measure is unknown or there is no observation and no `start` and
        `end`.
    """
    if measure not in MEASURES:
        raise InputError(f"measure {measure!r} is unknown; known are {', '.join(MEASURES)}")
    settings = settings or MonthlySettings()
    chosen = observations[observations["measure"] == measure].sort_values("date", kind="stable")
    if len(chosen) == 0 and (start is None or end is None):
        raise InputError(f"no observation by measure {measure!r}; see the flags of the fronts")
    months = month_index(
        chosen["date"].min() if start is None else start,
        chosen["date"].max() if end is None else end,
    )
    ids = sorted(domains)
    data = _empty(len(ids), len(months))
    groups = dict(list(chosen.groupby("glacier_id", sort=False)))
    for i, glacier_id in enumerate(tqdm(ids, "monthly series", disable=not progress)):
        domain = domains[glacier_id]
        data["reference_width"][i] = domain.reference_width
        if glacier_id in groups:
            _fill(data, i, groups[glacier_id], domain.reference_width, measure, months, settings)
    return _dataset(data, ids, domains, months, measure)


def _empty(glaciers: int, months: int) -> dict[str, NDArray[Any]]:
    data: dict[str, NDArray[Any]] = {}
    for name in _BY_TIME:
        data[name] = np.full((glaciers, months), np.nan)
    for name in _BY_GLACIER:
        data[name] = np.full(glaciers, np.nan)
    for name in ("seasonal_cycle", "seasonal_cycle_se"):
        data[name] = np.full((glaciers, 12), np.nan)
    data["n_observations"] = np.zeros((glaciers, months), dtype=np.int32)
    data["reference_date"] = np.full(glaciers, np.datetime64("NaT", "us"))
    return data


def _fill(
    data: dict[str, NDArray[Any]],
    i: int,
    rows: pd.DataFrame,
    width: float,
    measure: str,
    months: pd.DatetimeIndex,
    settings: MonthlySettings,
) -> None:
    """Write one glacier's series into row `i` of the arrays."""
    scale, kind = (width, "area") if measure == "area" else (1.0, "length")
    value = rows[f"{kind}_change"].to_numpy() / scale
    error = rows[f"{kind}_change_se"].to_numpy() / scale
    data["reference_date"][i] = rows["reference_date"].iloc[0].to_datetime64()
    there = (rows["date"] == rows["reference_date"]).to_numpy()
    data["reference_se"][i] = np.sqrt(np.sum(error[there] ** 2)) / there.sum()
    dates = pd.DatetimeIndex(rows["date"])
    place = (dates.year - months[0].year) * 12 + dates.month - months[0].month
    seen = place[(place >= 0) & (place < len(months))]
    np.add.at(data["n_observations"][i], seen, 1)
    if len(rows) < settings.fewest_observations:
        return
    time = decimal_year(dates)
    # the model sees the whole span even if the result is cut to part of it
    span = month_index(dates.min(), dates.max())
    at = decimal_year(span)
    full = {"interannual": trend_weights(at)}
    if _has_season(dates, settings) and span.month.nunique() == 12:
        full["seasonal"] = season_weights(span)
    fit = fit_robustly(time, value, error)
    data["reference_se"][i] = np.sqrt(np.sum(fit.error[there] ** 2)) / there.sum()
    found = posterior(time, value, fit.error, at, fit.processes, full)
    inside = np.isin(months, span)
    taken = np.isin(span, months)
    for name, part in (("length_change", "total"), ("length_interannual", "interannual")):
        data[name][i, inside] = found.mean[part][taken]
        data[f"{name}_se"][i, inside] = found.error[part][taken]
    if measure in ("area", "length_area"):
        data["area_change"][i] = data["length_change"][i] * width
        data["area_change_se"][i] = data["length_change_se"][i] * width
    trend = linear_trend(at, found.mean["interannual"], found.covariance["interannual"][0, 0])
    data["trend"][i], data["trend_se"][i] = trend
    data["breakpoint"][i] = breakpoint_year(at, found.mean["interannual"])
    if "seasonal" in full:
        season = mean_season(full["seasonal"] @ found.mean["seasonal"], found.covariance["seasonal"])
        data["length_seasonal"][i, inside] = found.mean["seasonal"][taken]
    else:
        season = no_season()
    data["seasonal_cycle"][i], data["seasonal_cycle_se"][i] = season.cycle, season.cycle_se
    data["seasonal_amplitude"][i] = season.amplitude
    data["seasonal_amplitude_se"][i] = season.amplitude_se
    data["seasonal_phase"][i] = season.maximum


def _has_season(dates: pd.DatetimeIndex, settings: MonthlySettings) -> bool:
    months_a_year = pd.Series(dates.month).groupby(dates.year).nunique()
    good_years = (months_a_year >= settings.season_months_a_year).sum()
    return bool(
        len(dates) >= settings.season_observations
        and dates.month.nunique() >= settings.season_months
        and good_years >= settings.season_years
    )


def _dataset(
    data: dict[str, NDArray[Any]],
    ids: list[str],
    domains: Mapping[str, GlacierDomain],
    months: pd.DatetimeIndex,
    measure: str,
) -> xr.Dataset:
    dims = dict.fromkeys((*_BY_TIME, "n_observations", "observed"), ("glacier", "time"))
    dims |= dict.fromkeys(("seasonal_cycle", "seasonal_cycle_se"), ("glacier", "month"))
    data["observed"] = (data["n_observations"] > 0).astype(np.int8)
    variables = {name: (dims.get(name, ("glacier",)), values) for name, values in data.items()}
    middle = [_middle(domains[glacier_id]) for glacier_id in ids]
    names = np.array([domains[glacier_id].name for glacier_id in ids], dtype=object)
    versions = np.array([domains[glacier_id].geometry_version for glacier_id in ids], dtype=object)
    dataset = xr.Dataset(
        {**variables, "geometry_version": ("glacier", versions)},
        coords={
            "glacier_id": ("glacier", np.array(ids, dtype=object)),
            "glacier_name": ("glacier", names),
            "longitude": ("glacier", np.array([point.x for point in middle])),
            "latitude": ("glacier", np.array([point.y for point in middle])),
            "time": months,
            "month": np.arange(1, 13, dtype=np.int32),
        },
        attrs={"measure": measure},
    )
    return describe(dataset)


def _middle(domain: GlacierDomain) -> Point:
    """Middle of a fjord's centreline, longitude and latitude."""
    return reproject(domain.centreline.interpolate(0.5, normalized=True), domain.crs, LONLAT)
