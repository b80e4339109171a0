"""Subglacial discharge of a basin, cubic metres a day, from runoff series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.errors import InputError
from termini.issm.timeline import mean_preserving, month_edges
from termini.issm.units import convert
from termini.times import decimal_year

Array = NDArray[np.float64]

#: What a value of a runoff series stands for.
CADENCES = ("daily", "monthly", "summer", "annual")

# Months of the summer means of ISMIP6.
_SUMMER = (6, 7, 8)


@dataclass(frozen=True)
class Discharge:
    """Discharge of a basin.

    Parameters
    ----------
    years, values : ndarray, shape (T,)
        Nodes between which it is linear: decimal years, m3 d-1.
    notes : tuple of str
        What was assumed.
    """

    years: Array
    values: Array
    notes: tuple[str, ...]


def basin_discharge(
    runoff: pd.Series,
    units: str,
    *,
    cadence: str | None = None,
    area: float | None = None,
    where: str = "runoff",
) -> Discharge:
    """Discharge of a whole basin from a runoff series, its volume kept.

    Parameters
    ----------
    runoff : Series
        Indexed by date. ``daily`` and ``monthly`` values belong to their day and
        calendar month, ``summer`` and ``annual`` ones to their calendar year.
    units : str
        Such as ``m3 s-1``, ``m3 d-1``, ``Gt a-1``, or of a flux a square metre
        (``kg m-2 s-1``, ``mm w.e. month-1``) with `area`.
    cadence : str, optional
        One of `CADENCES`; daily and monthly series are recognised by their spacing.
    area : float, optional
        Area of the basin, m2.
    where : str
        Table and column, for errors.

    Returns
    -------
    Discharge
        m3 d-1, at monthly resolution.

    Raises
    ------
    InputError
        If units or cadence are not known, or nothing is finite.

    Notes
    -----
    All runoff is taken to leave at the glacier's front at once (no storage under the
    ice). Of a summer mean (June to August) all flows in these months and none in the
    other nine, as the ISMIP6 processing takes it (Slater et al. 2019).
    """
    series = runoff.sort_index()
    if not isinstance(series.index, pd.DatetimeIndex):
        raise InputError(f"{where}: the series must be indexed by date")
    if series.index.has_duplicates:
        raise InputError(
            f"{where}: has {series.index.duplicated().sum()} date(s) twice; give one value a date"
        )
    cadence = cadence or _cadence(series.index, where)
    if cadence not in CADENCES:
        raise InputError(f"{where}: cadence {cadence!r} is unknown; known are {list(CADENCES)}")
    daily = convert(series, units, "m3 d-1", where=where, dates=series.index, area=area)
    data = pd.Series(daily, index=series.index).dropna()
    notes = [f"{where}: {cadence} {units} taken as the whole basin's discharge, no storage"]
    if data.empty:
        raise InputError(f"{where}: holds no finite value; give a series with values")
    if (data < 0).any():
        notes.append(f"{where}: {int((data < 0).sum())} negative value(s) taken as none")
    months, filled = _monthly(data.clip(lower=0), cadence)
    if filled:
        notes.append(f"{where}: {filled} month(s) without values have their calendar month's mean")
    if cadence == "summer":
        notes.append(
            f"{where}: summer means flow from June to August, nothing flows in other months"
        )
    years, values = mean_preserving(month_edges(pd.DatetimeIndex(months.index)), months.to_numpy())
    return Discharge(years, values, tuple(notes))


def _cadence(index: pd.DatetimeIndex, where: str) -> str:
    step = float(np.median(np.diff(decimal_year(index)))) * 365.25 if len(index) > 1 else np.inf
    if step < 16:
        return "daily"
    if step < 45:
        return "monthly"
    raise InputError(
        f"{where}: one value in {step:.0f} days; say what it stands for, cadence='summer' (mean of "
        "June to August) or cadence='annual'"
    )


def _monthly(data: pd.Series, cadence: str) -> tuple[pd.Series, int]:
    """Monthly means (m3 d-1) without gaps, and how many had to be filled."""
    monthly = cadence in ("daily", "monthly")
    periods = pd.DatetimeIndex(data.index).to_period("M" if monthly else "Y")
    means = data.groupby(periods).mean()
    span = pd.period_range(periods[0], periods[-1], freq=periods.freqstr)
    whole = means.reindex(span)
    missing = int(whole.isna().sum())
    if monthly:
        climate = whole.groupby(span.month).transform("mean")
        whole = whole.fillna(climate).fillna(float(means.mean()))
        return pd.Series(whole.to_numpy(), index=span.to_timestamp()), missing
    whole = whole.fillna(float(means.mean()))
    months = pd.period_range(f"{span[0]}-01", f"{span[-1]}-12", freq="M")
    spread = np.repeat(whole.to_numpy(), 12)
    if cadence == "summer":
        spread = np.where(np.isin(months.month, _SUMMER), spread, 0.0)
    return pd.Series(spread, index=months.to_timestamp()), 12 * missing
