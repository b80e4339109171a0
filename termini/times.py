"""Dates, decimal years and months.

Decimal years follow the convention that ISSM reads: the year, plus the time
since 1 January over the length of that year. All dates are UTC without a zone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.errors import InputError

# The first satellite image of a glacier front that could be dated to a day
# (CORONA, 1960) is later than this; manual maps reach back to 1800.
EARLIEST = pd.Timestamp("1800-01-01")


def to_dates(values: Any, what: str = "date") -> pd.DatetimeIndex:
    """Dates as termini keeps them: UTC, no zone, microsecond resolution.

    Parameters
    ----------
    values : sequence of date-likes
        Texts, datetimes, numpy or pandas dates.
    what : str
        Name of the column, for the error.

    Returns
    -------
    pandas.DatetimeIndex
        The dates, ``NaT`` where a value was missing.

    Raises
    ------
    InputError
        If a value is not a date; the message names its row.
    """
    series = pd.Series(values).reset_index(drop=True)
    parsed = pd.to_datetime(series, errors="coerce", utc=True, format="mixed")
    wrong = parsed.isna() & series.notna() & (series.astype(str).str.strip() != "")
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"{what}: row {row} holds {series.iloc[row]!r}, which is not a date; "
            "write dates like 2016-03-02"
        )
    return pd.DatetimeIndex(parsed).tz_localize(None).as_unit("us")


def to_date(value: Any, what: str = "date") -> pd.Timestamp:
    """One date as termini keeps it: UTC, no zone, microsecond resolution.

    Parameters
    ----------
    value : date-like
        Text, datetime, numpy or pandas date.
    what : str
        What it is, for the error.

    Returns
    -------
    pandas.Timestamp
        The date.

    Raises
    ------
    InputError
        If it is not a date.
    """
    found = pd.to_datetime(pd.Series([value]), errors="coerce", utc=True, format="mixed")
    if found.isna().any():
        raise InputError(f"{what}: {value!r} is not a date; write dates like 2016-03-02")
    return pd.Timestamp(pd.DatetimeIndex(found).tz_localize(None).as_unit("us")[0])


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
