"""Dates as people write them, read where they can mean one thing only.

A column is judged as a whole: ``25/12/2015`` in one row says that ``03/02/2016`` in
another is the third of February. Where two readings remain, neither is taken.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# The first satellite image of a glacier front that could be dated to a day
# (CORONA, 1960) is later than this; manual maps reach back to 1800.
EARLIEST = pd.Timestamp("1800-01-01")
#: Decimal years are looked for up to this year.
_LAST_YEAR = 2200
#: Standard errors of a date known to a year or a month: a uniform one, days.
YEAR_SIGMA_DAYS = 365.25 / np.sqrt(12.0)
MONTH_SIGMA_DAYS = 30.44 / np.sqrt(12.0)

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ](.+))?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ](.+))?")
_SHORT_YEAR = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}")
_DAY_OF_YEAR = re.compile(r"(\d{4})-?(\d{3})")
_DECIMAL = re.compile(r"\d{4}\.(\d+)")
_MONTH_NAMED = re.compile(
    r"(?i)(?=.*\d{4})(?=.*(jan|feb|mar|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]))"
)
_REMEDY = "write dates like 2016-03-02"


def read_texts(texts: Sequence[str]) -> tuple[list[Any], list[float], list[str]]:
    """Dates of the texts of one column.

    Parameters
    ----------
    texts : sequence of str
        What the rows hold, no blanks around it. Year first (``2016-03-02``,
        ``2016/3/2``, with or without time), compact (``20160302``,
        ``20160302T101530``), day of the year (``2016-062``, ``2016062``), decimal
        year (``2016.168``), day and month before the year (``25/12/2015``,
        ``2.3.2016``), month by name (``2 Mar 2016``), year and month (``2016-03``)
        or year alone.

    Returns
    -------
    dates : list of Timestamp or NaT
        UTC, with a zone; year and month is its 15th, a year alone its middle.
    sigma : list of float
        Standard error that the missing day or month brings, days.
    reasons : list of str
        Why a text has no date, with the remedy; empty where it has one.
    """
    orders = _day_and_month(texts)
    decimal = _all_decimal_years(texts)
    unique: dict[str, tuple[Any, float, str]] = {}
    for text in dict.fromkeys(texts):
        try:
            unique[text] = _read(text, orders, decimal)
        except ValueError:
            unique[text] = (pd.NaT, 0.0, f"{text!r} is not a date; {_REMEDY}")
    found = [unique[text] for text in texts]
    return [d for d, _, _ in found], [s for _, s, _ in found], [r for _, _, r in found]


def read_numbers(values: Sequence[float]) -> tuple[list[Any], list[float], list[str]]:
    """Dates of the numbers of one column: compact (20160302), decimal (2016.168), or years.

    Parameters
    ----------
    values : sequence of float
        What the rows hold. Where one is a decimal year, 2016 is the start of that
        year; where all are whole, it is the year alone.

    Returns
    -------
    dates, sigma, reasons : list
        As of `read_texts`.
    """
    in_range = [EARLIEST.year <= value <= _LAST_YEAR for value in values]
    decimal = any(near and value % 1 for near, value in zip(in_range, values, strict=True))
    found = [
        _read_number(float(value), near, decimal)
        for near, value in zip(in_range, values, strict=True)
    ]
    return [d for d, _, _ in found], [s for _, s, _ in found], [r for _, _, r in found]


def _read_number(value: float, year: bool, decimal: bool) -> tuple[Any, float, str]:
    if year:
        return _of_decimal(value) if decimal else _of_year(int(value))
    if value.is_integer() and 10**6 < value < 10**8:
        try:
            return _read(str(int(value)), {}, decimal)
        except ValueError:
            pass
    return (
        pd.NaT,
        0.0,
        (
            f"the number {value:.15g} is neither a date like 20160302 nor a decimal year like "
            "2016.168 (days or seconds are not read, as they do not say since when); "
            f"{_REMEDY}"
        ),
    )


def _read(text: str, orders: dict[str, str], decimal: bool) -> tuple[Any, float, str]:
    """Date, error and reason of one text; ValueError where there is no such day."""
    if re.fullmatch(r"\d{4}", text):
        return _of_year(int(text))
    if found := re.fullmatch(r"(\d{4})[-/](\d{1,2})", text):
        middle = _day(found[1], found[2], "15")
        return middle, MONTH_SIGMA_DAYS, ""
    if found := _YEAR_FIRST.fullmatch(text):
        return _timed(_day(found[1], found[3], found[4]), found[5]), 0.0, ""
    if found := _COMPACT.fullmatch(text):
        clock = ":".join(found.groups()[3:]) if found[4] else None
        return _timed(_day(*found.groups()[:3]), clock), 0.0, ""
    if found := _YEAR_LAST.fullmatch(text):
        return _year_last(text, found, orders[found[2]])
    if found := _DAY_OF_YEAR.fullmatch(text):
        return (
            pd.Timestamp(dt.datetime.strptime("-".join(found.groups()), "%Y-%j"), tz="UTC"),
            0.0,
            "",
        )
    if _DECIMAL.fullmatch(text):
        if not decimal:
            return (
                pd.NaT,
                0.0,
                (
                    f"{text!r} may be a decimal year or a year and its month; {_REMEDY}, "
                    "or the decimal year with three digits or more"
                ),
            )
        return _of_decimal(float(text))
    if _SHORT_YEAR.fullmatch(text):
        return pd.NaT, 0.0, f"{text!r} does not say which number is the year; {_REMEDY}"
    if _MONTH_NAMED.search(text) and re.search(r"\b\d{1,2}\b", text):
        return pd.to_datetime(text, utc=True), 0.0, ""
    raise ValueError(text)


def _day(year: str, month: str, day: str) -> pd.Timestamp:
    return pd.Timestamp(dt.datetime(int(year), int(month), int(day)), tz="UTC")


def _timed(day: pd.Timestamp, clock: str | None) -> pd.Timestamp:
    """Day with its time, which may carry a zone; UTC."""
    if clock is None:
        return day
    return pd.Timestamp(pd.to_datetime(f"{day:%Y-%m-%d}T{clock}", utc=True, format="ISO8601"))


def _of_year(year: int) -> tuple[Any, float, str]:
    return pd.Timestamp(dt.datetime(year, 7, 2), tz="UTC"), float(YEAR_SIGMA_DAYS), ""


def _of_decimal(value: float) -> tuple[Any, float, str]:
    """Date of a decimal year to the minute: a day of 24 h has but 0.0027 of it."""
    year = int(value)
    if not EARLIEST.year <= year <= _LAST_YEAR:
        return pd.NaT, 0.0, f"the decimal year {value:.15g} is out of range; {_REMEDY}"
    start, end = pd.Timestamp(dt.datetime(year, 1, 1)), pd.Timestamp(dt.datetime(year + 1, 1, 1))
    stamp = start + (end - start) * (value - year)
    return stamp.tz_localize("UTC").round("min"), 0.0, ""


def _year_last(text: str, found: re.Match[str], order: str) -> tuple[Any, float, str]:
    if order not in {"day", "month"}:
        return pd.NaT, 0.0, f"{text!r}: {order}; {_REMEDY}"
    first, second = found[1], found[3]
    day, month = (first, second) if order == "day" else (second, first)
    return _timed(_day(found[4], month, day), found[5]), 0.0, ""


def _day_and_month(texts: Sequence[str]) -> dict[str, str]:
    """What comes first where the year comes last, by mark: ``day``, ``month``, or why unknown."""
    found = [m.groups()[:3] for m in map(_YEAR_LAST.fullmatch, dict.fromkeys(texts)) if m]
    orders = {".": "day"}  # with dots nobody writes the month first
    for mark in "/-":
        pairs = [(int(a), int(b)) for a, sign, b in found if sign == mark]
        days = [pair for pair in pairs if pair[0] > 12]
        months = [pair for pair in pairs if pair[1] > 12]
        if days and months:
            (a, b), (c, d) = days[0], months[0]
            orders[mark] = (
                f"the column has the day first ({a}{mark}{b}{mark}...) and also the month first "
                f"({c}{mark}{d}{mark}...), so one cannot tell which is meant"
            )
        elif months:
            orders[mark] = "month"
        elif days or all(a == b for a, b in pairs):
            orders[mark] = "day"
        else:
            orders[mark] = "no row of the column tells whether the day or the month comes first"
    return orders


def _all_decimal_years(texts: Sequence[str]) -> bool:
    """Whether numbers like 2015.07 are decimal years, as others of the column tell."""
    parts = [m[1] for m in map(_DECIMAL.fullmatch, dict.fromkeys(texts)) if m]
    return any(len(part) != 2 or not 1 <= int(part) <= 12 for part in parts if len(part) > 1)


def uncertain(text: Any, sigma: float) -> str:
    """Why a date that lacks its day or month does not do where a day is needed.

    Parameters
    ----------
    text : Any
        What was written.
    sigma : float
        What `read_texts` said of it, days.

    Returns
    -------
    str
        A sentence.
    """
    kind, middle = ("year", "2016-07-02") if sigma > 100 else ("month", "2016-07-15")
    return (
        f"{text!r} is a {kind} without a day; write its middle, like {middle}, and "
        f"{sigma:.0f} in date_sigma_days"
    )


def classes(values: NDArray[np.object_]) -> NDArray[np.str_]:
    """What kind of thing each value is.

    Parameters
    ----------
    values : ndarray of object
        Any.

    Returns
    -------
    ndarray of str
        ``none``, ``number``, ``text`` or ``date``.
    """
    found = np.full(len(values), "date", dtype="U6")
    for i, value in enumerate(values):
        if value is None or value is pd.NA or value is pd.NaT or value != value:
            found[i] = "none"
        elif isinstance(value, bool | np.bool_):
            found[i] = "text"
        elif isinstance(value, int | float | np.integer | np.floating):
            found[i] = "number"
        elif isinstance(value, str):
            found[i] = "text" if value.strip() else "none"
    return found
