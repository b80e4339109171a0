"""Series that ISSM interpolates linearly, with the means that were given.

ISSM draws straight lines between the columns of a series. A series of monthly
means put at mid-month therefore loses part of every summer's volume. Here each
mean becomes three nodes whose straight lines have exactly that mean.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.errors import InputError
from termini.times import decimal_year

Array = NDArray[np.float64]


def mean_preserving(edges: Array, means: Array, *, nonnegative: bool = True) -> tuple[Array, Array]:
    """Nodes of a piecewise linear curve with given means of its intervals.

    Parameters
    ----------
    edges : ndarray, shape (n + 1,)
        Borders of the intervals, decimal years, increasing.
    means : ndarray, shape (n,)
        Mean of each interval.
    nonnegative : bool
        Whether the curve must not fall below zero; the means must then not either.

    Returns
    -------
    years, values : ndarray, shape (T,)
        Nodes at borders and middles; those on a straight line between their
        neighbours are left out.

    Notes
    -----
    With border values b the middle of an interval of mean m takes 2 m - (b0 + b1)/2.
    Borders take the mean of both sides, but no more than twice the smaller of them,
    which keeps every middle at or above zero.
    """
    edges, means = np.asarray(edges, dtype=np.float64), np.asarray(means, dtype=np.float64)
    if len(edges) != len(means) + 1 or not (np.diff(edges) > 0).all():
        raise InputError("means need one border more than there are means, in increasing order")
    if not np.isfinite(means).all() or (nonnegative and (means < 0).any()):
        raise InputError("means must be finite, and not negative where the quantity cannot be")
    before, after = means[:-1], means[1:]
    inner = (before + after) / 2
    if nonnegative:
        inner = np.minimum(inner, 2 * np.minimum(before, after))
    border = np.concatenate([means[:1], inner, means[-1:]])
    middle = 2 * means - (border[:-1] + border[1:]) / 2
    years = np.empty(2 * len(means) + 1)
    values = np.empty_like(years)
    years[::2], years[1::2] = edges, (edges[:-1] + edges[1:]) / 2
    values[::2], values[1::2] = border, middle
    return without_straight(years, values)


def without_straight(years: Array, values: Array) -> tuple[Array, Array]:
    """Nodes without those that straight lines between the others give anyway.

    Parameters
    ----------
    years, values : ndarray, shape (T,)
        Nodes, years increasing.

    Returns
    -------
    years, values : ndarray
        The nodes that are needed; the first and the last always.
    """
    if len(years) < 3:
        return years, values
    slope = np.diff(values) / np.diff(years)
    large = max(float(np.abs(slope).max()), 1e-300)
    bend = np.abs(np.diff(slope)) > 1e-9 * large
    keep = np.concatenate([[True], bend, [True]])
    return years[keep], values[keep]


def month_edges(dates: pd.DatetimeIndex) -> Array:
    """Borders of the calendar months of dates, decimal years.

    Parameters
    ----------
    dates : DatetimeIndex
        One date in each of consecutive months.

    Returns
    -------
    ndarray, shape (n + 1,)
        First of each month, and of the month after the last.
    """
    months = dates.to_period("M")
    first = months.to_timestamp()
    return decimal_year(first.append(pd.DatetimeIndex([(months[-1] + 1).to_timestamp()])))


def common_years(axes: list[Array], span: tuple[float, float] | None = None) -> Array:
    """Times at which all series are known, with every node of each.

    Parameters
    ----------
    axes : list of ndarray
        Decimal years of each series.
    span : tuple of float, optional
        First and last decimal year wanted.

    Returns
    -------
    ndarray, shape (T,)
        Decimal years, strictly increasing, T at least 2.

    Raises
    ------
    InputError
        If the series share no time.
    """
    first = max(float(axis[0]) for axis in axes)
    last = min(float(axis[-1]) for axis in axes)
    if span is not None:
        first, last = max(first, span[0]), min(last, span[1])
    if not last > first:
        raise InputError(
            f"the forcings share no time: the latest starts in {first:.2f}, the earliest ends in "
            f"{last:.2f}; give series that overlap, or a wider span"
        )
    every = np.unique(np.concatenate([*axes, [first, last]]))
    every = every[(every >= first) & (every <= last)]
    # nodes closer than a minute are one; the last stays
    keep = np.concatenate([np.diff(every) > 2e-6, [True]])
    return np.asarray(every[keep])


def time_mean(years: Array, values: Array) -> float:
    """Mean over time of a piecewise linear curve.

    Parameters
    ----------
    years, values : ndarray, shape (T,)
        Nodes.

    Returns
    -------
    float
        Integral over the length of time.
    """
    integral = ((values[1:] + values[:-1]) / 2 * np.diff(years)).sum()
    return float(integral / (years[-1] - years[0]))
