"""Dates of TermPicks: a text in which 00 is unknown, its parts, and a decimal year."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DATE = re.compile(r"(\d{4})([-/_.]?)(\d\d)\2(\d\d)(?:[T _].*)?")
# What the publishers' own programs put where month and day are not known.
_FILLED_IN = (7, 2)


def date_texts(
    date: Sequence[str],
    year: Sequence[str],
    month: Sequence[str],
    day: Sequence[str],
    decimal: Sequence[str],
    *,
    parts: bool = True,
) -> tuple[list[str], list[str]]:
    """Dates of all rows as texts that say no more than is known.

    Parameters
    ----------
    date : sequence of str
        As ``2004-05-09``; 00 for a month or day that is not known. Empty where it lacks.
    year, month, day : sequence of str
        The same in three columns; empty, 0 or negative where it is not known.
    decimal : sequence of str
        The same as a decimal year, used where nothing else is given.
    parts : bool
        Whether the source has the columns `month` and `day` at all.

    Returns
    -------
    dates : list of str
        ``2004-05-09``, ``2004-05`` or ``2004``, or what the source says where that is no
        such date. 2 July whose month is not known according to `month` is the year alone.
    conflicts : list of str
        What the two ways of writing the date contradict each other in; empty where not.
    """
    dates, conflicts = [], []
    for row in zip(date, year, month, day, decimal, strict=True):
        text, conflict = _one(*row, parts=parts)
        dates.append(text)
        conflicts.append(conflict)
    return dates, conflicts


def _one(
    date: str, year: str, month: str, day: str, decimal: str, *, parts: bool
) -> tuple[str, str]:
    columns = tuple(_number(part) for part in (year, month, day))
    found = _DATE.fullmatch(date)
    if not found:
        if date:
            return date, ""
        return (_written(columns) if columns[0] else decimal), ""
    own = (int(found[1]), int(found[3]), int(found[4]))
    if not (columns[0] and parts):
        return _written(own), ""
    filled_in = own[1:] == _FILLED_IN and not columns[1]
    known = [(a, b) for a, b in zip(own, columns, strict=True) if a and b]
    if any(a != b for a, b in known):
        return _written(own), f"the date {date} contradicts year, month and day {_written(columns)}"
    if filled_in:
        return f"{own[0]:04d}", ""
    return _written(own), ""


def _number(text: str) -> int:
    """Whole number above 0, else 0."""
    try:
        return max(int(float(text)), 0)
    except (ValueError, OverflowError):
        return 0


def _written(parts: tuple[int, ...]) -> str:
    """Year, month and day as far as they are known; what is no date stays as it is."""
    year, month, day = parts
    if not month:
        return f"{year:04d}"
    return f"{year:04d}-{month:02d}" + (f"-{day:02d}" if day else "")
