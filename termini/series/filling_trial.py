"""How well filling does at a glacier, tried on its own fronts.

Complete fronts are cut at either end and at both, and filled by a model that knows no
front of the weeks, or of the half years, about them. What that gains or loses against
ends extended at constant position says how far the model is believed at this glacier,
and how large its errors are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from termini.series.filling import (
    MOST_USUAL,
    TRIED_GAPS,
    TRIED_SHARES,
    Partial,
    Trial,
    additions,
)
from termini.series.filling_model import NODES, TimedModel
from termini.series.filling_whole import Whole
from termini.series.kernels import Array, Ints
from termini.series.shape_lines import PLACES

_MOST_TRIED = 36
# Fronts are tried together as long as no more than this share of all is left out.
_LEFT_OUT = 0.15
_FEWEST = 5
# A front that winds across the cut does not lose the share meant.
_TOLERANCE = 0.03
# What is usual at other glaciers counts as much as so many fronts, and the model is fully
# believed there. On simulated glaciers (seed 702) and every second one of Black and Joughin
# (2022), 5 to 60 fronts give errors that hold about alike.
_USUAL_FRONTS = 10.0
_BELIEF_FRONTS = 10.0
# True over stated variance of trials by gap, mean of the glaciers: 1.16 and 1.78 where they
# are simulated, with a month to the next front and with half a year, 1.03 of annual fronts.
_USUAL_RATIOS = (1.1, 1.4)
#: What is cut off at the left and the right end where both are missing, of one front and of
#: the next: seldom alike, and seldom at one of the places that a course is known at. Each
#: front is cut in mirrored ways, so that a mirrored fjord is tried alike.
_BOTH = (
    (((0.0375, 0.0625), (0.0625, 0.0375)), ((0.025, 0.075), (0.075, 0.025))),
    (((0.0625, 0.1375), (0.1375, 0.0625)), ((0.1, 0.1),)),
    (((0.1, 0.2), (0.2, 0.1)),),
    (((0.2, 0.3), (0.3, 0.2)), ((0.1375, 0.3625), (0.3625, 0.1375))),
)
_SAME = 1e-6
_NODE_OF = {float(share): node for node, share in enumerate(NODES)}


@dataclass(frozen=True)
class _Cut:
    """Complete fronts cut: which, how, and the error with ends extended."""

    of: Ints
    kind: Ints
    share: Ints
    low: Array
    high: Array
    constant: Array


def try_model(whole: Whole, model: TimedModel) -> Trial:
    """Cut a glacier's complete fronts, and fill them from the others.

    Parameters
    ----------
    whole : Whole
        The fronts.
    model : TimedModel
        What is learnt from all of them, of which the time scales are used.

    Returns
    -------
    Trial
        Believed fully, and stretched as is usual, where there are no complete fronts.
    """
    trial = Trial.untried(np.sqrt(_USUAL_RATIOS))
    known = whole.known
    count = len(known.days)
    tried = np.flatnonzero(np.isfinite(whole.worth).any(axis=(1, 2)))
    if len(tried) > _MOST_TRIED:
        tried = tried[np.linspace(0, len(tried) - 1, _MOST_TRIED).round().astype(np.int64)]
    if count < 2 or not len(tried):
        return trial
    cut = _cut(whole, tried)
    added, sigma = _filled(whole, model, tried, cut)
    for kind in range(3):
        for share in range(len(TRIED_SHARES)):
            mine = (cut.kind == kind) & (cut.share == share) & np.isfinite(cut.constant)
            if not mine.any():
                continue
            constant, of = cut.constant[mine], np.unique(cut.of[mine], return_inverse=True)[1]
            trial.usual[kind, share] = np.sqrt(np.mean(constant**2))
            for place in range(len(TRIED_GAPS)):
                trial.belief[place, kind, share], trial.stretch[place, kind, share] = _judged(
                    constant, added[place, mine], sigma[place, mine], of, _USUAL_RATIOS[place]
                )
    return replace(trial, gaps=_gaps_tried(known.days, tried))


def _gaps_tried(days: Array, tried: Ints) -> Array:
    """Days to the nearest front that tells of one that is tried: geometric means, shape (2,)."""
    found = TRIED_GAPS.copy()
    for place, gap in enumerate(TRIED_GAPS):
        apart = np.abs(days - days[tried][:, None])
        nearest = np.where(apart >= gap, apart, np.inf).min(axis=1)
        if np.isfinite(nearest).any():
            found[place] = np.exp(np.log(nearest[np.isfinite(nearest)]).mean())
    return found


def _filled(whole: Whole, model: TimedModel, tried: Ints, cut: _Cut) -> tuple[Array, Array]:
    """What the model adds to cut fronts and its error, shape (2, n), for each gap."""
    days = whole.known.days
    added, sigma = np.full((2, len(TRIED_GAPS), len(cut.of)), np.nan)
    fronts = _partial(whole, cut)
    for place, gap in enumerate(TRIED_GAPS):
        for some, far in _turns(days, tried, gap):
            rows = np.flatnonzero(np.isin(cut.of, some))
            others = TimedModel.fit(whole.known, whole.width, far, model.memory)
            found = additions(others, whole, fronts.take(rows), gap)
            added[place, rows], sigma[place, rows] = found[:2]
    return added, sigma


def _judged(
    constant: Array, added: Array, sigma: Array, of: Ints, usual_ratio: float = _USUAL_RATIOS[0]
) -> tuple[float, float]:
    """Belief and stretch from errors with ends extended, corrections and their sigma.

    The belief is that of all fronts, whose numbers from 0 are `of`. The stretch is for fronts
    that are not among them: each is corrected here as the others alone would have it.
    """
    count = np.full(len(of), float(len(of)))
    usual = np.sqrt(np.full(len(of), np.mean(constant**2)))
    kept = np.clip(added, -MOST_USUAL * usual, MOST_USUAL * usual)
    gain, square = -constant * kept, kept**2
    belief = _belief(count, *(np.full(len(of), v.sum()) for v in (gain, square)))
    believed = float(belief[0])
    if of.max() > 0:

        def others(values: Array) -> Array:
            return np.asarray(np.maximum(values.sum() - np.bincount(of, values)[of], 0.0))

        count = others(np.ones(len(of)))
        usual = np.sqrt(others(constant**2) / count)
        belief = _belief(count, gain.sum() - np.bincount(of, gain)[of], others(square))
        kept = np.clip(added, -MOST_USUAL * usual, MOST_USUAL * usual)
    # what `fill` states apart where a correction is cut is not for the stretch
    apart = np.where(kept != added, usual, 0.0)
    square = np.maximum((constant + belief * kept) ** 2 - apart**2, 0.0)
    # fronts that are far off count in full: the mean square is what is stated
    ratio, few = square.sum() / np.sum(sigma**2), _USUAL_FRONTS / len(added)
    return believed, float(np.sqrt((ratio + few * usual_ratio) / (1 + few)))


def _belief(count: Array, gain: Array, square: Array) -> Array:
    """Share of corrections to be made, from sums over so many fronts, shape (n,)."""
    full = _BELIEF_FRONTS / count * square
    fair = square > 0
    share = np.divide(gain + full, square + full, where=fair, out=np.ones(len(count)))
    return np.asarray(np.clip(share, 0.0, 1.0))


def _turns(days: Array, tried: Ints, gap: float) -> Iterator[tuple[Ints, NDArray[np.bool_]]]:
    """Fronts to be tried together, and those that the model is learnt from.

    Nothing within the gap of a front that is tried is learnt from. More is not left out than
    it takes: a model without whole years of the record is worse than the one in use.
    """
    # fronts of the same weeks or season are tried together: they lose the same neighbours
    group = np.zeros(len(tried), dtype=np.int64)
    for k in range(1, len(tried)):
        begin = days[tried[np.searchsorted(group[:k], group[k - 1])]]
        group[k] = group[k - 1] + (days[tried[k]] - begin > gap / 2)
    begin = np.searchsorted(group, np.arange(group[-1] + 1))
    end = np.append(begin[1:], len(tried)) - 1
    first = np.searchsorted(days, days[tried[begin]] - gap)
    last = np.searchsorted(days, days[tried[end]] + gap, side="right")
    lost = int((last - first).sum())
    turns = min(-int(-lost // max(_LEFT_OUT * len(days), 1.0)), len(begin))
    for turn in range(turns):
        mine = tried[group % turns == turn]
        far = np.ones(len(days), dtype=np.bool_)
        for low, high in zip(first[turn::turns], last[turn::turns], strict=True):
            far[low:high] = False
        if far.sum() < min(_FEWEST, len(days) - 1):
            # all are of one season: without the fronts themselves
            far[:] = True
            far[mine] = False
        yield mine, far


def _cut(whole: Whole, tried: Ints) -> _Cut:
    """Fronts with ends cut off, and what the area lacks when they are extended."""
    rows = []
    worth, unseen = np.nan_to_num(whole.worth, nan=0.0), whole.unseen
    for turn, front in enumerate(tried):
        for share, total in enumerate(TRIED_SHARES):
            one_sided = ((0, (total, 0.0)), (1, (0.0, total)))
            some = _BOTH[share][turn % len(_BOTH[share])]
            for kind, ends in (*one_sided, *((2, both) for both in some)):
                constant = 0.0
                for side, missing in enumerate(ends):
                    if missing > 0:
                        node = _NODE_OF[missing]
                        constant -= worth[front, side, node]
                        if not abs(unseen[front, side, node] - missing) <= _TOLERANCE:
                            constant = np.nan
                rows.append((front, kind, share, ends[0], 1 - ends[1], constant))
    of, kind, share, low, high, constant = np.array(rows).T
    return _Cut(
        of.astype(np.int64), kind.astype(np.int64), share.astype(np.int64), low, high, constant
    )  # fmt: skip


def _partial(whole: Whole, cut: _Cut) -> Partial:
    """Cut fronts as they are to be filled."""
    shapes, low, high = whole.known.shapes[cut.of], cut.low, cut.high
    last = len(PLACES) - 1
    along = shapes.copy()
    ends, front = np.zeros((2, len(low), 2)), np.arange(len(PLACES))
    for side, missing in enumerate((low, 1 - high)):
        node = np.abs(NODES - missing[:, None]).argmin(axis=1)
        ends[side] = np.nan_to_num(whole.cuts[cut.of, side, node])
        # beyond its end a front lies where it ends
        inward = front if side == 0 else last - front
        beyond = (missing[:, None] > 0) & (inward <= missing[:, None] * last + _SAME)
        held = np.nan_to_num(whole.ends[cut.of, side, node])
        along = np.where(beyond, held[:, None], along)
    # An end at one of the places is an end, not a place that was seen: the position there of
    # the whole front knows of the part cut off, if the front winds.
    low, high = np.where(low > 0, low + 2 * _SAME, 0.0), np.where(high < 1, high - 2 * _SAME, 1.0)
    return Partial(along, low, high, ends[0], ends[1], {}, whole.known.days[cut.of])
