"""Error of a position because the day is not known on which the front was there."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from termini.series.kernels import Array
from termini.series.near_days import pairs_within

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
# The three parts of the prior are each as large as the glacier's changes over these longer
# spans, days, have them; of each span no more pairs count than fit into the record one after
# the other, and no more than so many. What is usual at other glaciers counts as the square of
# the last number in such pairs: the likeliest on the simulated regions 400 to 402.
_LONGER_DAYS = (12.0, 24.0, 48.0, 96.0, 192.0, 384.0)
_MOST_COUNTED = 30.0
_USUAL = 4.0
_ROUNDS = 3
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
    return np.asarray(np.sqrt(_parts_of(days).sum(axis=1)))


def _parts_of(days: Array) -> Array:
    """Mean square changes by season, by calving within weeks and by trend, shape (n, 3)."""
    season = 2 * _SEASON_M**2 * (1 - np.cos(2 * np.pi * np.minimum(days / 365.25, 0.5)))
    weeks = 2 * _WEEKS_M**2 * (1 - np.exp(-days / _WEEKS_DAYS))
    return np.stack([season, weeks, (_TREND_M * days / 365.25) ** 2], axis=-1)


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
    such pairs: the parts of `prior_change` (season, weeks, trend), each as large as makes the
    changes of this glacier over longer spans (non-negative least squares, Lawson & Hanson
    1974). A glacier that moves steadily does little in days, one that calves does much.
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
    prior = float(_parts_of(np.array([span]))[0] @ _sizes(length, error, days, span))
    own, noise, number = _own(length, error, days, span)
    # what errors make of the changes says nothing of the front
    number *= (prior / (prior + noise)) ** 2
    square = (own * number + prior * _PRIOR_PAIRS) / (number + _PRIOR_PAIRS)
    return max(square, _LEAST * prior)


def _sizes(length: Array, error: Array, days: Array, span: float) -> Array:
    """Sizes of the parts of the prior at a glacier, shape (3,), from longer spans."""
    seen = []
    for longer in _LONGER_DAYS:
        own, noise, number = _own(length, error, days, longer)
        if longer > span and number:
            counted = min(number, float(days[-1] - days[0]) / longer, _MOST_COUNTED)
            seen.append((longer, own, noise, counted))
    sizes = np.ones(3)
    if not seen:
        return sizes
    longer, own, noise, counted = np.array(seen).T
    parts = _parts_of(longer)
    for _ in range(_ROUNDS):
        # mean squares scatter as they are large
        weight = np.sqrt(counted) / (parts @ sizes + noise)
        known = np.vstack([weight[:, None] * parts, _USUAL * np.eye(3)])
        sizes, _ = nnls(known, np.append(weight * own, np.full(3, _USUAL)))
        sizes = np.maximum(sizes, _LEAST)
    return sizes


def _own(length: Array, error: Array, days: Array, span: float) -> tuple[float, float, float]:
    """Mean square change over a span, what errors add to it, and from how many pairs."""
    pairs = pairs_within(days, span * _NEAR, span / _NEAR)
    if len(pairs) > _MOST_PAIRS:
        pairs = pairs[np.linspace(0, len(pairs) - 1, _MOST_PAIRS).astype(np.int64)]
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
