"""Forcings that reach over the time of the fronts.

ISSM holds a series at its first and last value outside its dates. A discharge whose
record ends in July would flow as in July for years.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from termini.issm.forcing import Forcings

Array = NDArray[np.float64]

# Shorter than this a value that is held does little.
_SHORT = 31 / 365
_DAY = 1 / 365


def over_fronts(given: Forcings, years: Array, name: str) -> Forcings:
    """Forcings that outside their dates have the mean of the year beside it.

    Parameters
    ----------
    given : Forcings
        Forcings; each of their series is linear between its dates.
    years : ndarray, shape (T,)
        Decimal years of the fronts, increasing.
    name : str
        Glacier, for what is said.

    Returns
    -------
    Forcings
        With columns for the times of fronts more than a month before the first date or
        after the last: the mean, at every vertex, of the first or last year of the
        series. Its assumptions say so.
    """
    first, last = float(given.years[0]), float(given.years[-1])
    notes, before, after = [], np.empty(0), np.empty(0)
    if first - years[0] > _SHORT:
        before = np.array([years[0], first - _DAY])
        notes.append(_about(name, "start", first, "from", years[0], "first"))
    if years[-1] - last > _SHORT:
        after = np.array([last + _DAY, years[-1]])
        notes.append(_about(name, "end", last, "until", years[-1], "last"))
    if not notes:
        return given
    every = np.concatenate([before, given.years, after])

    def longer(series: Array) -> Array:
        head = _mean(given.years, series, first, min(first + 1, last))
        tail = _mean(given.years, series, max(last - 1, first), last)
        columns = [np.repeat(head[..., None], len(before), axis=-1), series]
        columns.append(np.repeat(tail[..., None], len(after), axis=-1))
        found = np.concatenate(columns, axis=-1)
        found[..., -1, :] = every
        return found

    return replace(
        given,
        years=every,
        series={key: longer(series) for key, series in given.series.items()},
        members={key: longer(series) for key, series in given.members.items()},
        assumptions=[*given.assumptions, *notes],
    )


def _about(name: str, what: str, at: float, how: str, year: float, which: str) -> str:
    return (
        f"{name}: the forcings {what} in {at:.2f}; {how} {year:.2f} they are held at the mean of "
        f"their {which} year."
    )


def _mean(years: Array, series: Array, start: float, end: float) -> Array:
    """Mean of a piecewise linear series from one of its times to another, by rows."""
    inner = years[(years > start) & (years < end)]
    nodes = np.concatenate([[start], inner, [end]])
    place = np.searchsorted(years, nodes, side="right").clip(1, len(years) - 1)
    share = (nodes - years[place - 1]) / (years[place] - years[place - 1])
    at = series[..., place - 1] * (1 - share) + series[..., place] * share
    step = np.diff(nodes)
    return np.asarray(((at[..., 1:] + at[..., :-1]) / 2 * step).sum(axis=-1) / step.sum())
