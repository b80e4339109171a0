"""The clock by which a front's years run: fast in a surge, slow in quiet times.

A process that is equally lively at all times learns its liveliness from the surge,
and is then unsure of every quiet year by the pace of the surge. Where a record has
quiet and busy times, the inter-annual part may therefore run by a clock of its own
(a deformation of time, Sampson & Guttorp 1992): at one year a year in busy times,
slower in quiet ones. Whether it does is judged with the other parameters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from termini.series.process_kernels import Array

# Steps at which the motion over a year is looked at, years.
_STEP = 0.25
# Busy times are those of a motion so many times the usual one, ...
_TIMES = (3.0, 6.0)
# ... and make less than this share of the record: else they are the usual.
_MOST_BUSY = 0.6
# A clock less than this many times slower in quiet times is not worth its computing time.
_LEAST_RATIO = 4.0
_MOST_RATIO = 40.0
# Quiet times that are seen more often than this are known, whatever the clock: share of
# them in gaps of more than half a year. There the season is better told by an even clock.
_LEAST_UNSEEN, _LONG_GAP = 0.25, 0.5
# Fewer observations show no quiet times.
_FEWEST = 8


@dataclass(frozen=True)
class Pace:
    """A clock, straight between its knots.

    Parameters
    ----------
    time, clock : tuple of float
        Decimal years of the knots, rising, and what the clock shows there, years.
    """

    time: tuple[float, ...] = (0.0, 1.0)
    clock: tuple[float, ...] = (0.0, 1.0)

    def __call__(self, time: Array) -> Array:
        """What the clock shows.

        Parameters
        ----------
        time : ndarray
            Decimal years.

        Returns
        -------
        ndarray
            Years; before the first and after the last knot at the pace beside them.
        """
        at, shown = np.array(self.time), np.array(self.clock)
        inside = np.interp(time, at, shown)
        first = (shown[1] - shown[0]) / (at[1] - at[0])
        last = (shown[-1] - shown[-2]) / (at[-1] - at[-2])
        early, late = np.minimum(time - at[0], 0.0), np.maximum(time - at[-1], 0.0)
        return np.asarray(inside + first * early + last * late)


#: The clock of all others: one year a year.
EVEN = Pace()


def paces(time: Array, value: Array) -> list[Pace]:
    """Clocks that a record may run by.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Decimal years, in order.
    value : ndarray, shape (n,)
        Positions, metres.

    Returns
    -------
    list of Pace
        `EVEN`, and where the motion over a year is much larger at some times than
        usually, clocks that run slower at the others, by the ratio of the motions.
        Only where the others were seen less than about once in half a year.
    """
    found = [EVEN]
    span = time[-1] - time[0] if len(time) else 0.0
    if len(time) < _FEWEST or span < 3.0:
        return found
    at = np.arange(time[0], time[-1] + _STEP, _STEP)
    motion = _motion(time, _without_spikes(value), at)
    usual = max(float(np.median(motion)), 1.0)
    for times in _TIMES:
        busy = motion > times * usual
        if not busy.any() or busy.mean() > _MOST_BUSY or not _seldom_seen(time, at, busy):
            continue
        quiet = max(float(np.sqrt(np.mean(motion[~busy] ** 2))), 1.0)
        ratio = float(np.sqrt(np.mean(motion[busy] ** 2))) / quiet
        if ratio < _LEAST_RATIO:
            continue
        rate = np.where(busy, 1.0, 1.0 / min(ratio, _MOST_RATIO))
        clock = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2 * _STEP)])
        pace = Pace(tuple(at.tolist()), tuple(clock.tolist()))
        if pace not in found:
            found.append(pace)
    return found


def _motion(time: Array, value: Array, at: Array) -> Array:
    """Distance moved in the year about each time, which holds no season, metres."""
    early = np.clip(at - 0.5, time[0], max(time[-1] - 1.0, time[0]))
    return np.asarray(np.abs(np.interp(early + 1.0, time, value) - np.interp(early, time, value)))


def _seldom_seen(time: Array, at: Array, busy: NDArray[np.bool_]) -> bool:
    """Whether much of the quiet times lies in long gaps between observations."""
    gap = np.diff(time)
    quiet = np.interp((time[1:] + time[:-1]) / 2, at, busy.astype(float)) < 0.5
    unseen = gap[quiet & (gap > _LONG_GAP)].sum()
    return bool(unseen > _LEAST_UNSEEN * max(float(gap[quiet].sum()), 1e-9))


def _without_spikes(value: Array) -> Array:
    """Running median of three."""
    if len(value) < 3:
        return value
    middle = np.median(sliding_window_view(value, 3), axis=1)
    return np.concatenate([value[:1], middle, value[-1:]])
