"""What the gains of a front within a few days say of the errors of its traces.

Ice does not outrun its own flow: between two traces a day or a few apart a front may lose
any length to calving, but gains no more than flow brings. What it gains beyond that is
error of the traces, and only of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Longest time between two traces of a pair, days.
NEAR_DAYS = 3.0
#: With fewer pairs of one analyst on one sensor nothing is learnt.
FEWEST_PAIRS = 4
# That errors are as stated is likely beforehand by so much; that they are larger, the rest,
# alike for each of these factors.
_AS_STATED = 0.8
_FACTORS: Array = np.geomspace(1.0, 8.0, 25)
# Flow that is taken off is known to this share of it.
_FLOW_SHARE = 0.2
# Gains are taken for errors of Student's t with so many degrees of freedom, that a single
# slip does not speak for all, with the scale that makes normal ones out to be as they are.
_FREEDOM, _SCALE = 5.0, 0.8566


class Learnt(NamedTuple):
    """What near-day pairs of one analyst on one sensor say.

    Attributes
    ----------
    gains : int
        Pairs that gained more than steady flow brings.
    sigma : float
        What one trace is to have in quadrature beside its stated error, metres.
    """

    gains: int
    sigma: float


def steady_rate(change: Array, days: Array) -> float:
    """Advance a day while nothing calves.

    Parameters
    ----------
    change, days : ndarray, shape (n,)
        Changes, metres, and the days they took.

    Returns
    -------
    float
        Metres a day: the mean of the shortest half of the rates, which calving does
        not move (Rousseeuw & Leroy 1987, chapter 4), but no less than their median, for
        calving makes it small and errors go either way; zero for fewer than four.
    """
    rates = np.sort((change / np.where(days > 0, days, 1.0))[days > 0])
    if len(rates) < FEWEST_PAIRS:
        return 0.0
    half = len(rates) // 2 + 1
    first = int(np.argmin(rates[half - 1 :] - rates[: len(rates) - half + 1]))
    return float(max(rates[first : first + half].mean(), np.median(rates)))


def learnt_from(change: Array, days: Array, variance: Array, rate: float) -> Learnt:
    """Error of traces beyond the stated one, from pairs of one analyst on one sensor.

    Parameters
    ----------
    change, days : ndarray, shape (n,)
        Changes, metres, and the days they took.
    variance : ndarray, shape (n,)
        Their stated variance, square metres.
    rate : float
        Steady flow, metres a day.

    Returns
    -------
    Learnt
        Empirical Bayes. Errors are as stated, or their variance is larger by the same for
        all pairs; the square of ``sigma`` is half of what it is larger by, its mean over
        what the gains leave likely. What is lost says nothing, for fronts calve.
    """
    beyond = change - rate * days
    gains = beyond > 0
    number = int(gains.sum())
    if not number:
        return Learnt(0, 0.0)
    stated = variance[gains] + (_FLOW_SHARE * rate * days[gains]) ** 2
    more = (_FACTORS**2 - 1) * stated.mean()
    size = _SCALE * np.sqrt(np.maximum(stated[:, None] + more, 1e-12))
    square = (beyond[gains][:, None] / size) ** 2
    fits = np.sum(-0.5 * (_FREEDOM + 1) * np.log1p(square / _FREEDOM) - np.log(size), axis=0)
    chance = np.full(len(_FACTORS), (1 - _AS_STATED) / (len(_FACTORS) - 1))
    chance[0] = _AS_STATED
    chance *= np.exp(fits - fits.max())
    return Learnt(number, float(np.sqrt(0.5 * np.sum(chance * more) / chance.sum())))


def pairs_within(days: Array, most: float, least: float = 0.0) -> Ints:
    """Pairs of days some days apart.

    Parameters
    ----------
    days : ndarray, shape (t,)
        Ascending.
    most, least : float
        How far apart, days.

    Returns
    -------
    ndarray of int, shape (n, 2)
        The earlier first; of no row with itself.
    """
    own = np.arange(1, len(days) + 1)
    first = np.maximum(np.searchsorted(days, days + least, side="left"), own)
    each = np.maximum(np.searchsorted(days, days + most, side="right") - first, 0)
    one = np.repeat(np.arange(len(days)), each)
    other = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each) + np.repeat(first, each)
    return np.column_stack([one, other]).astype(np.int64)


def near_day_errors(
    length: Array, variance: Array, shared: Array, scene: Ints, drawer: Ints, days: Array
) -> Array:
    """What traces of one glacier err beyond what they state.

    Parameters
    ----------
    length : ndarray, shape (t,)
        Positions, metres; NaN where there is none.
    variance : ndarray, shape (t,)
        Of all errors but those that traces of a scene share, square metres.
    shared : ndarray, shape (t,)
        Error that traces of one scene share, metres.
    scene : ndarray of int, shape (t,)
        Scene of each; negative where it shares nothing.
    drawer : ndarray of int, shape (t,)
        Who drew it, on which sensor.
    days : ndarray, shape (t,)
        Dates, days, ascending.

    Returns
    -------
    ndarray, shape (t,)
        Metres, to be added in quadrature.
    """
    more = np.zeros(len(length))
    known = np.flatnonzero(np.isfinite(length))
    pairs = known[pairs_within(days[known], NEAR_DAYS)]
    pairs = pairs[drawer[pairs[:, 0]] == drawer[pairs[:, 1]]]
    if len(pairs) < FEWEST_PAIRS:
        return more
    one, other = pairs.T
    change, apart = length[other] - length[one], days[other] - days[one]
    rate = steady_rate(change, apart)
    together = (scene[one] == scene[other]) & (scene[one] >= 0)
    square = variance[one] + variance[other] + shared[one] ** 2 + shared[other] ** 2
    square -= np.where(together, 2 * shared[one] * shared[other], 0.0)
    for name in np.unique(drawer[one]):
        mine = drawer[one] == name
        if mine.sum() >= FEWEST_PAIRS:
            more[drawer == name] = learnt_from(change[mine], apart[mine], square[mine], rate).sigma
    return more
