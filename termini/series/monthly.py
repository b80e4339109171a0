"""Regular monthly series from irregular observations."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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
from termini.series.checks import checked_observations
from termini.series.monthly_fit import (
    GlacierMonths,
    MonthlySettings,
    Period,
    model_months,
    read_periods,
    value_and_error,
)
from termini.series.process_analysts import named
from termini.series.settings import ObservationSettings
from termini.series.summary import breakpoint_year
from termini.times import month_index
from termini.variables import describe

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
    "seasonal_maximum",
    "seasonal_maximum_se",
    "seasonal_minimum",
    "seasonal_minimum_se",
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
    fronts: pd.DataFrame | None = None,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    settings: MonthlySettings | None = None,
    threads: int | None = None,
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
    fronts : DataFrame, optional
        Front table of these observations, for the analysts: months are those of the
        line of the one who drew the reference. Without it all are taken to be alike.
    settings : MonthlySettings, optional
        Settings.
    threads : int, optional
        Glaciers that are computed at a time; by default as many as there are cores.
        The result does not depend on it.
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
        observations. Where too little was seen for a season, ``length_change`` shows
        none, and its standard error holds the season that may be there. The error
        of the reference observation, common to all months of a glacier, is not in
        it but in ``reference_se``: it cancels in the change between two months,
        and adds in squares to one since the reference date.

    Raises
    ------
    InputError
        If the measure is unknown, the table is not whole (`checked_observations`), it has
        no observation and there is no `start` and `end`, or the end is before the start.
    """
    chosen = _by_measure(observations, measure, fronts, settings)
    if not chosen and (start is None or end is None):
        raise InputError(f"no observation by measure {measure!r}; see the flags of the fronts")
    first = min(rows["date"].min() for rows in chosen.values()) if start is None else start
    last = max(rows["date"].max() for rows in chosen.values()) if end is None else end
    months = month_index(*read_periods([(first, last)])[0])
    found = _models(chosen, domains, measure, settings, (None,), threads, progress)
    ids = sorted(domains)
    data = _empty(len(ids), len(months))
    for i, glacier_id in enumerate(ids):
        width = data["reference_width"][i] = domains[glacier_id].reference_width
        if glacier_id in chosen:
            rows, one = chosen[glacier_id], found[glacier_id]
            _fill(data, i, rows, width, measure, months, one)
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
    found: GlacierMonths | None,
) -> None:
    """Write one glacier's series into row `i` of the arrays."""
    data["reference_date"][i] = rows["reference_date"].iloc[0].to_datetime64()
    there = (rows["date"] == rows["reference_date"]).to_numpy()
    error = value_and_error(rows, measure, width)[1] if found is None else found.fit.error
    if there.any():
        data["reference_se"][i] = np.sqrt(np.sum(error[there] ** 2)) / there.sum()
    dates = pd.DatetimeIndex(rows["date"])
    place = (dates.year - months[0].year) * 12 + dates.month - months[0].month
    seen = place[(place >= 0) & (place < len(months))]
    np.add.at(data["n_observations"][i], seen, 1)
    if found is None:
        return
    # the model saw the whole span even if the result is cut to part of it
    inside = np.isin(months, found.span)
    taken = np.isin(found.span, months)
    for name, part in (("length_change", "total"), ("length_interannual", "interannual")):
        data[name][i, inside] = found.found.mean[part][taken]
        data[f"{name}_se"][i, inside] = found.found.error[part][taken]
    if measure in ("area", "length_area"):
        data["area_change"][i] = data["length_change"][i] * width
        data["area_change_se"][i] = data["length_change_se"][i] * width
    data["trend"][i], data["trend_se"][i] = found.trends[0]
    data["breakpoint"][i] = breakpoint_year(found.at, found.found.mean["interannual"])
    season = found.season
    if np.isfinite(season.amplitude):
        data["length_seasonal"][i, inside] = found.found.mean["seasonal"][taken]
    data["seasonal_cycle"][i], data["seasonal_cycle_se"][i] = season.cycle, season.cycle_se
    for name in ("amplitude", "maximum", "minimum"):
        data[f"seasonal_{name}"][i] = getattr(season, name)
        data[f"seasonal_{name}_se"][i] = getattr(season, f"{name}_se")
    data["seasonal_phase"][i] = season.maximum


def trends(
    observations: pd.DataFrame,
    domains: Mapping[str, GlacierDomain],
    periods: Sequence[tuple[str | pd.Timestamp, str | pd.Timestamp]],
    *,
    measure: str = "length_area",
    fronts: pd.DataFrame | None = None,
    settings: MonthlySettings | None = None,
    threads: int | None = None,
) -> pd.DataFrame:
    """Linear trends over any periods.

    Parameters
    ----------
    observations : DataFrame
        From `termini.series.observe`.
    domains : mapping
        Glacier id to domain.
    periods : sequence of tuple
        First and last day of each (`read_periods`); whole months are taken.
    measure : str
        Which measure to use.
    fronts, settings, threads : optional
        As in `monthly_series`.

    Returns
    -------
    DataFrame
        ``glacier_id``, ``start``, ``end``, ``trend`` and ``trend_se`` (metres a year,
        see `termini.series.summary.linear_trend`) of the inter-annual component in the
        months between the glacier's first and last observation; NaN for under two years.
    """
    wanted = read_periods(periods)
    chosen = _by_measure(observations, measure, fronts, settings)
    found = _models(chosen, domains, measure, settings, wanted, threads, False)
    rows: list[tuple[Any, ...]] = []
    for glacier_id in sorted(domains):
        one = found.get(glacier_id)
        slopes = [(np.nan, np.nan)] * len(wanted) if one is None else one.trends
        rows += [(glacier_id, *days, *slope) for days, slope in zip(wanted, slopes, strict=True)]
    return pd.DataFrame(rows, columns=["glacier_id", "start", "end", "trend", "trend_se"])


def _by_measure(
    observations: pd.DataFrame,
    measure: str,
    fronts: pd.DataFrame | None,
    settings: MonthlySettings | None,
) -> dict[str, pd.DataFrame]:
    """Observations of each glacier by a measure, in the order of time."""
    chosen = checked_observations(observations, measure)
    stated = None if settings is None else settings.analyst_sigma
    sigma = ObservationSettings().analyst_sigma_of(measure) if stated is None else stated
    by_glacier = named(chosen, fronts, sigma).groupby("glacier_id", sort=False)
    return {str(name): rows for name, rows in by_glacier}


def _models(
    chosen: Mapping[str, pd.DataFrame],
    domains: Mapping[str, GlacierDomain],
    measure: str,
    settings: MonthlySettings | None,
    periods: Sequence[Period | None],
    threads: int | None,
    progress: bool,
) -> dict[str, GlacierMonths | None]:
    """Months of every glacier that was seen; the engine computes outside Python's lock."""
    settings = settings or MonthlySettings()
    ids = sorted(set(domains) & set(chosen))

    def one(name: str) -> GlacierMonths | None:
        width = domains[name].reference_width
        return model_months(chosen[name], measure, width, settings, periods)

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        results = pool.map(one, ids)
        bar = tqdm(results, "monthly series", len(ids), disable=not progress, unit="glacier")
        return dict(zip(ids, bar, strict=True))


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
