"""Dates, decimal years and months.

Decimal years follow the convention that ISSM reads: the year, plus the time
since 1 January over the length of that year. All dates are UTC without a zone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.datetexts import EARLIEST, classes, read_numbers, read_texts, uncertain
from termini.errors import InputError

__all__ = [
    "EARLIEST", "decimal_year", "from_decimal_year", "month_index", "read_dates", "to_date",
    "to_dates", "year_start",
]  # fmt: skip


def read_dates(values: Any) -> tuple[pd.DatetimeIndex, NDArray[np.float64], list[str]]:
    """Dates of a column as termini keeps them, without failing on any.

    Parameters
    ----------
    values : sequence
        Datetimes, numpy or pandas dates, numbers or texts as in
        `termini.datetexts.read_texts`, also of different kinds.

    Returns
    -------
    dates : DatetimeIndex
        UTC, no zone, microseconds; ``NaT`` where there is none or it cannot be read.
        Year and month is its 15th, a year alone its middle.
    sigma : ndarray
        Standard error that the missing day or month brings, days.
    reasons : list of str
        Why a row has no date; empty where it has one or holds nothing.
    """
    series = pd.Series(values).reset_index(drop=True)
    sigma, reasons = np.zeros(len(series)), [""] * len(series)
    if pd.api.types.is_datetime64_any_dtype(series):
        return _kept(pd.to_datetime(series, utc=True)), sigma, reasons
    objects = series.to_numpy(dtype=object)
    kinds = classes(objects)
    dates = np.full(len(series), pd.NaT, dtype=object)
    read: list[tuple[str, Any]] = [
        ("text", lambda chosen: read_texts([str(value).strip() for value in chosen])),
        ("number", read_numbers),
        ("date", _read_stamps),
    ]
    for kind, reader in read:
        rows = np.flatnonzero(kinds == kind)
        if len(rows):
            for row, date, error, reason in zip(rows, *reader(objects[rows]), strict=True):
                dates[row], sigma[row], reasons[row] = date, error, reason
    return _kept(pd.to_datetime(pd.Series(dates, dtype=object), utc=True)), sigma, reasons


def _kept(stamps: Any) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(stamps).tz_localize(None).as_unit("us")


def _read_stamps(values: Any) -> tuple[list[Any], list[float], list[str]]:
    """Datetimes and dates of any library; what is none of them is refused."""
    found = [pd.to_datetime(value, errors="coerce", utc=True) for value in values]
    reasons = [
        f"{value!r} is not a date; write dates like 2016-03-02" if date is pd.NaT else ""
        for date, value in zip(found, values, strict=True)
    ]
    return found, [0.0] * len(found), reasons


def to_dates(values: Any, what: str = "date") -> pd.DatetimeIndex:
    """Dates as termini keeps them: UTC, no zone, microsecond resolution.

    Parameters
    ----------
    values : sequence of date-likes
        As `read_dates` takes them.
    what : str
        Name of the column, for the error.

    Returns
    -------
    pandas.DatetimeIndex
        The dates, ``NaT`` where a value was missing.

    Raises
    ------
    InputError
        If a value is not a date, can be read in two ways (``03/02/2016`` where no
        other row tells), or lacks its day; the message names its row.
    """
    dates, sigma, reasons = read_dates(values)
    unread = np.array([reason != "" for reason in reasons], dtype=bool)
    if not (unread | (sigma > 0)).any():
        return dates
    row = int(np.flatnonzero(unread | (sigma > 0))[0])
    held = pd.Series(values).tolist()[row]
    reason = reasons[row] or uncertain(held, sigma[row])
    raise InputError(f"{what}: row {row}: {reason}")


def to_date(value: Any, what: str = "date") -> pd.Timestamp:
    """One date as termini keeps it: UTC, no zone, microsecond resolution.

    Parameters
    ----------
    value : date-like
        Text, datetime, numpy or pandas date. A month or year alone is its first day.
    what : str
        What it is, for the error.

    Returns
    -------
    pandas.Timestamp
        The date.

    Raises
    ------
    InputError
        If it is not a date or can be read in two ways.
    """
    dates, sigma, reasons = read_dates([value])
    if pd.isna(dates[0]):
        raise InputError(
            f"{what}: {reasons[0] or repr(value) + ' is not a date; write dates like 2016-03-02'}"
        )
    if sigma[0] > 0:
        return dates[0].to_period("Y" if sigma[0] > 100 else "M").start_time.as_unit("us")
    return pd.Timestamp(dates[0])


def decimal_year(dates: Any) -> NDArray[np.float64]:
    """Decimal year of each date.

    Parameters
    ----------
    dates : sequence of date-likes
        Dates, UTC.

    Returns
    -------
    ndarray of float64
        Year + (date - 1 January) / length of the year.

    Notes
    -----
    float64 throughout: in float32 a decimal year is only good to an hour, which
    moves a fast front by centimetres.
    """
    index = pd.DatetimeIndex(dates)
    year = index.year.to_numpy()
    start = year_start(year)
    length = year_start(year + 1) - start
    stamps = index.as_unit("us").to_numpy()
    return np.asarray(year + (stamps - start) / length, dtype=np.float64)


def from_decimal_year(years: Any) -> pd.DatetimeIndex:
    """Date of each decimal year, the inverse of `decimal_year`.

    Parameters
    ----------
    years : array_like of float
        Decimal years.

    Returns
    -------
    pandas.DatetimeIndex
        Dates to the nearest microsecond that float64 resolves (about 10).
    """
    value = np.asarray(years, dtype=np.float64)
    year = np.floor(value).astype(int)
    start = year_start(year)
    length = (year_start(year + 1) - start).astype("int64")
    offset = np.rint((value - year) * length).astype("timedelta64[us]")
    return pd.DatetimeIndex(start + offset)


def year_start(year: Any) -> NDArray[np.datetime64]:
    """Midnight of 1 January.

    Parameters
    ----------
    year : array_like of int
        Calendar years.

    Returns
    -------
    ndarray of datetime64[us]
        First instant of each year.
    """
    return (np.asarray(year, dtype="int64") - 1970).astype("datetime64[Y]").astype("datetime64[us]")


def month_index(start: Any, end: Any) -> pd.DatetimeIndex:
    """Middle of every calendar month from that of `start` to that of `end`.

    Parameters
    ----------
    start, end : date-like
        First and last date to be covered.

    Returns
    -------
    pandas.DatetimeIndex
        The 15th of each month, the time stamp of the monthly series.
    """
    first = pd.Timestamp(start).to_period("M")
    last = pd.Timestamp(end).to_period("M")
    months = pd.period_range(first, last, freq="M").to_timestamp()
    return pd.DatetimeIndex(months + pd.Timedelta(days=14)).as_unit("us")
