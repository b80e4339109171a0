"""The model of one glacier's months: from its observations to season and trends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.errors import InputError
from termini.series.process import Posterior, fit_processes, posterior
from termini.series.process_analysts import analysts_of, fit_apart, with_offsets
from termini.series.process_kernels import Array
from termini.series.robust import RobustFit, fit_robustly
from termini.series.summary import (
    Season,
    linear_trend,
    mean_season,
    no_season,
    season_weights,
    trend_weights,
)
from termini.times import decimal_year, month_index, to_date

Period = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True)
class MonthlySettings:
    """When a number is given.

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
    analyst_sigma : float, optional
        What one analyst's lines are off by, one standard deviation, metres; by default
        that of the measure in `termini.series.ObservationSettings`.
    """

    fewest_observations: int = 3
    season_observations: int = 24
    season_months: int = 8
    season_years: int = 2
    season_months_a_year: int = 4
    analyst_sigma: float | None = None


@dataclass(frozen=True)
class GlacierMonths:
    """Months of one glacier.

    Parameters
    ----------
    span : DatetimeIndex, length m
        Months from its first to its last observation.
    at : ndarray, shape (m,)
        The same in decimal years.
    fit : RobustFit
        Process and errors, in the order of the observations given.
    found : Posterior
        Mean and error of each month; where too little was seen for a season, the
        total shows none (`seasonless`).
    season : Season
        Mean season; NaN where too little was seen.
    trends : list of tuple
        Trend and standard error in each period, metres a year.
    """

    span: pd.DatetimeIndex
    at: Array
    fit: RobustFit
    found: Posterior
    season: Season
    trends: list[tuple[float, float]]


def value_and_error(rows: pd.DataFrame, measure: str, width: float) -> tuple[Array, Array, Array]:
    """Observed lengths with their errors.

    Parameters
    ----------
    rows : DataFrame
        Observations of one glacier by one measure.
    measure : str
        The measure; areas are divided by the width.
    width : float
        Reference width, metres.

    Returns
    -------
    value, error, shared : ndarray, shape (n,)
        Metres; `shared` is the part of the error from geolocation, common to all
        fronts of one scene.
    """
    scale, kind = (width, "area") if measure == "area" else (1.0, "length")
    value = rows[f"{kind}_change"].to_numpy() / scale
    error = rows[f"{kind}_change_se"].to_numpy() / scale
    return value, error, np.minimum(rows["sigma_geolocation"].to_numpy(), error)


def model_months(
    rows: pd.DataFrame,
    measure: str,
    width: float,
    settings: MonthlySettings,
    periods: Sequence[Period | None] = (None,),
) -> GlacierMonths | None:
    """Months of one glacier by the process through its observations.

    Parameters
    ----------
    rows : DataFrame
        Observations of one glacier by one measure, in the order of time; with columns
        ``analyst`` and ``analyst_sigma`` several analysts are told apart
        (`termini.series.process_analysts`).
    measure : str
        The measure.
    width : float
        Reference width, metres.
    settings : MonthlySettings
        When a number is given.
    periods : sequence
        First and last day of each period of which the trend is wanted; None for the
        whole span.

    Returns
    -------
    GlacierMonths or None
        None if there are too few observations.
    """
    if len(rows) < settings.fewest_observations:
        return None
    value, error, shared = value_and_error(rows, measure, width)
    dates = pd.DatetimeIndex(rows["date"])
    time = decimal_year(dates)
    groups = rows["correlation_group"].to_numpy() if "correlation_group" in rows else None
    analysts = analysts_of(rows)
    if analysts is None:
        fit = fit_robustly(time, value, error, shared, groups)
    else:
        fit, between = fit_apart(time, value, error, shared, groups, analysts)
    span = month_index(dates.min(), dates.max())
    at = decimal_year(span)
    inside = [_inside(span, period) for period in periods]
    slopes = [_slope_weights(at, months) for months in inside]
    weights = {"interannual": np.concatenate([np.zeros((0, len(at))), *slopes])}
    if has_season(dates, settings) and span.month.nunique() == 12:
        weights["seasonal"] = season_weights(span)
    found = posterior(fit.time, fit.value, fit.merged_error, at, fit.processes, weights)
    if analysts is not None:
        found = with_offsets(found, fit, at, between, weights)
    season = no_season()
    if "seasonal" in weights:
        cycle = weights["seasonal"] @ found.mean["seasonal"]
        season = mean_season(cycle, found.covariance["seasonal"])
    else:
        observed = fit.time, fit.value, fit.merged_error
        found = seasonless(found, posterior(*observed, at, fit_processes(*observed, season=False)))
    variances = np.diag(found.covariance["interannual"])
    trends = [
        linear_trend(at[months], found.mean["interannual"][months], float(variance))
        for months, variance in zip(inside, variances, strict=True)
    ]
    return GlacierMonths(span, at, fit, found, season, trends)


def seasonless(found: Posterior, without: Posterior) -> Posterior:
    """Months of a glacier of which too little was seen for a season.

    Where a front was seen about once a year, its scatter may be laid to a season of
    almost any shape, and the mean of those that fit would swing every year as nobody
    saw it swing. But there is a season, and it may have any shape.

    Parameters
    ----------
    found : Posterior
        With a season.
    without : Posterior
        Of the same observations and months, without one.

    Returns
    -------
    Posterior
        Total and inter-annual part have the means of what has no season; their
        errors are those of the position with a season about these means. The
        seasonal part and the covariances are those of `found`.
    """
    mean, error = dict(found.mean), dict(found.error)
    for name in ("total", "interannual"):
        mean[name] = without.mean[name]
        error[name] = np.hypot(found.error[name], found.mean[name] - without.mean[name])
    return Posterior(mean, error, found.covariance)


def read_periods(periods: Iterable[tuple[Any, Any]]) -> list[Period]:
    """First and last day of periods.

    Parameters
    ----------
    periods : iterable of tuple
        Dates as `termini.times.to_date` takes them, decimal years too.

    Returns
    -------
    list of tuple of pandas.Timestamp
        First and last day of each.

    Raises
    ------
    InputError
        If one is not a date, or a period ends before it begins.
    """
    read = []
    for number, (first, last) in enumerate(periods):
        begin = to_date(first, f"first day of period {number}")
        end = to_date(last, f"last day of period {number}")
        if end < begin:
            raise InputError(f"period {number}: ends ({last}) before it begins ({first})")
        read.append((begin, end))
    return read


def _inside(span: pd.DatetimeIndex, period: Period | None) -> NDArray[np.bool_]:
    if period is None:
        return np.ones(len(span), dtype=bool)
    first, last = (pd.Timestamp(day).to_period("M") for day in period)
    months = span.to_period("M")
    return np.asarray((months >= first) & (months <= last))


def _slope_weights(at: Array, months: NDArray[np.bool_]) -> Array:
    weights = np.zeros((1, len(at)))
    if months.any():
        weights[:, months] = trend_weights(at[months])
    return weights


def has_season(dates: pd.DatetimeIndex, settings: MonthlySettings) -> bool:
    """Whether a glacier was seen often enough for a season.

    Parameters
    ----------
    dates : DatetimeIndex
        Dates of its observations.
    settings : MonthlySettings
        How often is enough.

    Returns
    -------
    bool
        True if so.
    """
    months_a_year = pd.Series(dates.month).groupby(dates.year).nunique()
    good_years = (months_a_year >= settings.season_months_a_year).sum()
    return bool(
        len(dates) >= settings.season_observations
        and dates.month.nunique() >= settings.season_months
        and good_years >= settings.season_years
    )
