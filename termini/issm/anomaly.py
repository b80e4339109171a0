"""Forcings as anomalies against a reference period."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from termini.errors import InputError
from termini.times import to_date

KINDS = ("difference", "ratio")


def anomaly(
    series: pd.Series,
    reference: tuple[Any, Any],
    *,
    kind: str = "difference",
    where: str = "series",
) -> pd.Series:
    """Series against its mean of a reference period, by calendar month where monthly.

    Parameters
    ----------
    series : Series
        Indexed by date.
    reference : pair of dates
        First and last day of the reference period.
    kind : {"difference", "ratio"}
        Ratios for discharge, differences for the rest.
    where : str
        What it is, for the error.

    Returns
    -------
    Series
        Anomalies. A ratio to a reference of zero is 1 where the value is zero too,
        and missing elsewhere.

    Raises
    ------
    InputError
        If the reference period holds no value, or lacks a calendar month of the
        series.
    """
    climate = _climate(series, reference, kind, where)
    if kind == "difference":
        return series - climate
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = series / climate
    return ratio.where(climate != 0, np.where(series == 0, 1.0, np.nan))


def on_baseline(
    series: pd.Series,
    reference: tuple[Any, Any],
    baseline: float,
    *,
    kind: str = "difference",
    where: str = "series",
) -> pd.Series:
    """Series shifted or scaled so that its mean of the reference period is a given one.

    Parameters
    ----------
    series : Series
        Indexed by date, as of a climate model.
    reference : pair of dates
        First and last day of the reference period.
    baseline : float
        Observed mean of that period.
    kind : {"difference", "ratio"}
        Whether the bias is added or multiplied away.
    where : str
        What it is, for the error.

    Returns
    -------
    Series
        With the model's changes about the observed mean.

    Raises
    ------
    InputError
        If the reference period holds no value, or its mean is zero for a ratio.
    """
    _check_kind(kind)
    mean = float(_within(series, reference, where).mean())
    if kind == "difference":
        return series - mean + baseline
    if mean == 0:
        raise InputError(f"{where}: its mean of the reference period is zero; use differences")
    return series * (baseline / mean)


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise InputError(f"anomaly {kind!r} is unknown; known are {', '.join(KINDS)}")


def _within(series: pd.Series, reference: tuple[Any, Any], where: str) -> pd.Series:
    first, last = (to_date(date, "the reference period's date") for date in reference)
    inside = series[(series.index >= first) & (series.index <= last)].dropna()
    if inside.empty:
        raise InputError(
            f"{where}: no value from {first:%Y-%m-%d} to {last:%Y-%m-%d}; give another reference"
        )
    return inside


def _climate(series: pd.Series, reference: tuple[Any, Any], kind: str, where: str) -> pd.Series:
    """Reference value of each date."""
    _check_kind(kind)
    inside = _within(series, reference, where)
    months = pd.DatetimeIndex(series.index).month
    if len(set(months)) == 1:
        return pd.Series(float(inside.mean()), index=series.index)
    by_month = inside.groupby(pd.DatetimeIndex(inside.index).month).mean()
    if missing := sorted(set(months) - set(by_month.index)):
        raise InputError(
            f"{where}: the reference period lacks the calendar month(s) {missing}; take whole years"
        )
    return pd.Series(by_month.loc[months].to_numpy(), index=series.index)
