"""What happens in time to a month's mean: observations, beginnings, middles, ends."""

from __future__ import annotations

import numpy as np

from termini.series.process_kernels import Array
from termini.series.process_months import BEGINS, ENDS, MIDDLE, OBSERVED, Whole

_MONTH = 1.0 / 12.0


def month_edges(at: Array) -> Array:
    """Where months begin and end.

    Parameters
    ----------
    at : ndarray, shape (m,)
        Decimal years of their middles, rising.

    Returns
    -------
    ndarray, shape (m, 2)
        Half a month to either side, or half way to the next middle where that is
        nearer.
    """
    half = np.minimum(np.diff(at), _MONTH) / 2
    before = np.concatenate([[_MONTH / 2], half])
    after = np.concatenate([half, [_MONTH / 2]])
    return np.column_stack([at - before, at + after])


def month_events(time: Array, at: Array) -> tuple[Array, Whole, Whole, Array]:
    """Events in the order of time, as `months_posterior` takes them.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Decimal years of the observations, in order.
    at : ndarray, shape (m,)
        Decimal years of the middles of months, rising.

    Returns
    -------
    when, kind, which, growth : ndarray, shape (n + 3 m,)
        Decimal years; what happens; to which observation or month; one over the
        length of the month that runs before the event, or 0.
    """
    edges = month_edges(at)
    months = np.arange(len(at))
    when = np.concatenate([time, edges[:, 1], edges[:, 0], at])
    kind = np.repeat([OBSERVED, ENDS, BEGINS, MIDDLE], [len(time)] + [len(at)] * 3)
    which = np.concatenate([np.arange(len(time)), months, months, months])
    order = np.lexsort((kind, when))
    when, kind, which = when[order], kind[order], which[order]
    running = np.cumsum((kind == BEGINS).astype(int) - (kind == ENDS))
    # growth belongs to the time before an event
    inside = np.concatenate([[0], running[:-1]]) > 0
    number = np.maximum(np.cumsum(kind == BEGINS) - 1, 0)
    number = np.concatenate([[0], number[:-1]])
    growth = np.where(inside, 1.0 / (edges[number, 1] - edges[number, 0]), 0.0)
    return when, kind.astype(np.int64), which.astype(np.int64), growth
