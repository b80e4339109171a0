"""Error of a position because the day is not known on which the front was there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from termini.series.kernels import Array

# What a front of which little is known may do, metres: a season of so large a standard
# deviation (the median seasonal range of 219 Greenland glaciers is 220 m, Black &
# Joughin 2023), calving within weeks, and a trend in metres a year. As the monthly
# model has it (`termini.series.process`).
_SEASON_M, _WEEKS_M, _TREND_M = 78.0, 40.0, 150.0
_WEEKS_DAYS = 0.1 * 365.25
# The prior counts as so many pairs of the glacier's own.
_PRIOR_PAIRS = 5.0
# Pairs serve whose time apart is within this factor of the error of the date.
_NEAR = 2.0
# Changes count up to so many standard deviations, as the median change has them: chosen on
# the simulated regions 400 to 402 (`benchmarks/calibration.py`).
_MOST_DEVIATIONS = 4.0
_MEDIAN_OF_CHI2 = 0.455
_MOST_PAIRS = 2000
# The prior of a span is that of all glaciers, times what this one did over so much longer
# ones, up to this many days.
_LONGER, _LONGEST = 4.0, 500.0
# Of the prior so much is left at least.
_LEAST = 0.02


def prior_change(days: Array) -> Array:
    """Rms change of a front of which nothing is known, over some days.

    Parameters
    ----------
    days : ndarray, shape (n,)
        Time, days.

    Returns
    -------
    ndarray, shape (n,)
        Metres.
    """
    season = 2 * _SEASON_M**2 * (1 - np.cos(2 * np.pi * np.minimum(days / 365.25, 0.5)))
    weeks = 2 * _WEEKS_M**2 * (1 - np.exp(-days / _WEEKS_DAYS))
    return np.asarray(np.sqrt(season + weeks + (_TREND_M * days / 365.25) ** 2))


def date_errors(length: Array, error: Array, days: Array, sigma_days: Array) -> Array:
    """Error of positions from the errors of their dates.

    Parameters
    ----------
    length : ndarray, shape (t,)
        Positions of one glacier, metres; NaN where there is none.
    error : ndarray, shape (t,)
        Their standard errors but for the date, metres.
    days : ndarray, shape (t,)
        Dates, days, ascending.
    sigma_days : ndarray, shape (t,)
        Standard errors of the dates, days.

    Returns
    -------
    ndarray, shape (t,)
        Metres; zero where the date is known.

    Notes
    -----
    The rate of change of the glacier times the error of the date, s. Fronts jump and
    turn, so that a rate holds for one span of time only: it is that over s, the rms
    change between well-dated fronts of the glacier from s/2 to 2 s apart (each scaled to
    s as for a random walk, less what the errors of both make of it), over s. Pairs count
    by the square of the share of their change that is not error. The prior counts as five
    such pairs: `prior_change` times what the glacier does over 4 s, in the same way.
    """
    found = np.zeros(len(length))
    uncertain = np.isfinite(sigma_days) & (sigma_days > 0)
    for span in np.unique(sigma_days[uncertain]):
        known = np.isfinite(length) & ~(sigma_days > span / 4)
        found[sigma_days == span] = np.sqrt(
            _square(length[known], error[known], days[known], float(span))
        )
    return found


def _square(length: Array, error: Array, days: Array, span: float) -> float:
    """Mean square change over a span, square metres, of the glacier and the prior."""
    prior = float(prior_change(np.array([span]))[0]) ** 2
    longer = _LONGER * span
    if longer <= _LONGEST:
        # a front that does little in months does little in weeks
        prior *= _square(length, error, days, longer) / (
            float(prior_change(np.array([longer]))[0]) ** 2
        )
    own, noise, number = _own(length, error, days, span)
    # what errors make of the changes says nothing of the front
    number *= (prior / (prior + noise)) ** 2
    square = (own * number + prior * _PRIOR_PAIRS) / (number + _PRIOR_PAIRS)
    return max(square, _LEAST * prior)


def _own(length: Array, error: Array, days: Array, span: float) -> tuple[float, float, float]:
    """Mean square change over a span, what errors add to it, and from how many pairs."""
    pairs = _pairs(days, span)
    if not len(pairs):
        return 0.0, 0.0, 0.0
    one, other = pairs.T
    change = length[other] - length[one]
    scale = span / (days[other] - days[one])
    square = change**2 * scale
    noise = float(np.mean((error[one] ** 2 + error[other] ** 2) * scale))
    # one surge or one bad trace must not speak for the rest of the record; the limit is on
    # what was seen: where errors are most of it, half the rest is below zero
    limit = max(_MOST_DEVIATIONS**2 * float(np.median(square)) / _MEDIAN_OF_CHI2, 1.0)
    return float(np.mean(np.minimum(square, limit))) - noise, noise, float(len(pairs))


def _pairs(days: Array, span: float) -> NDArray[np.int64]:
    """Pairs of days that are about a span apart, shape (n, 2)."""
    first = np.searchsorted(days, days + span / _NEAR, side="left")
    last = np.searchsorted(days, days + span * _NEAR, side="right")
    each = np.maximum(last - first, 0)
    one = np.repeat(np.arange(len(days)), each)
    other = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each) + np.repeat(first, each)
    if len(one) > _MOST_PAIRS:
        some = np.linspace(0, len(one) - 1, _MOST_PAIRS).astype(np.int64)
        one, other = one[some], other[some]
    return np.column_stack([one, other]).astype(np.int64)
