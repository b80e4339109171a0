"""Screening rules that tell a wrong trace from a glacier that moved.

Ice cannot advance faster than it flows, but can calve in a day: a front drawn too
far up the fjord, or too far down, makes an advance that no ice can make, a calving
event never does. A wrong front stands apart from those before *and* after it; after
a calving event the later ones agree with it. Both ends of a record are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import stats

from termini.fronts.rules import Judgement, Rule
from termini.fronts.rules_kernels import outside_neighbours, shape_residuals
from termini.fronts.rules_traces import GlacierTraces, samples

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

OWN = "termini"

# Days within which a front can have grown anywhere.
_LONG = 1e6


def _fast_advance(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    """Advances faster than `speed`; the trace that takes part in most of them is blamed."""
    score = np.full(len(traces), np.nan)
    flagged = np.zeros(len(traces), dtype=bool)
    rows = np.flatnonzero(alive & np.isfinite(traces.position))
    score[rows] = 0.0
    worst: dict[int, float] = {}
    while True:
        rows = rows[~flagged[rows]]
        too_fast = _too_fast(traces, rows, numbers)
        part = np.zeros(len(rows))
        excess = np.zeros(len(rows))
        for i, j, metres in too_fast:
            for k in (i, j):
                part[k] += 1
                excess[k] = max(excess[k], metres)
        score[rows] = np.maximum(score[rows], part)
        if not len(rows) or part.max() < 2:
            break
        blamed = int(np.lexsort((excess, part))[-1])
        rivals = np.flatnonzero((part == part[blamed]) & (excess == excess[blamed]))
        if len(rivals) > 1:  # two stand against each other: nobody knows which is wrong
            break
        flagged[rows[blamed]] = True
        worst[int(rows[blamed])] = float(excess[blamed])
    return Judgement(
        score,
        1.0,
        lambda k: f"{worst[k]:.0f} m farther apart from its neighbours than ice can flow",
        flagged,
    )


def _too_fast(
    traces: GlacierTraces, rows: NDArray[np.int64], numbers: Mapping[str, float]
) -> list[tuple[int, int, float]]:
    """Pairs of rows whose later one is too far forward, and by how many metres."""
    found = []
    x, day, sigma = traces.position[rows], traces.day[rows], traces.sigma[rows]
    for step in range(1, int(numbers["within"]) + 1):
        apart = np.maximum(day[step:] - day[:-step], 1.0)
        room = numbers["speed"] * apart + numbers["spreads"] * np.hypot(sigma[step:], sigma[:-step])
        over = x[step:] - x[:-step] - np.maximum(room, numbers["least"])
        found += [(int(i), int(i) + step, float(over[i])) for i in np.flatnonzero(over > 0)]
    return found


def _history(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    """Probability that a trace is wrong, by its distance outside its neighbours in time."""
    score = np.full(len(traces), np.nan)
    away = np.full(len(traces), np.nan)
    flagged = np.zeros(len(traces), dtype=bool)
    room = traces.domain.centreline.length
    for _ in range(int(numbers["rounds"])):
        rows = np.flatnonzero(alive & ~flagged & np.isfinite(traces.position))
        if len(rows) < numbers["needed"]:
            break
        out = outside_neighbours(traces.position[rows], traces.day[rows], int(numbers["reach"]))
        spread = _usual_spread(out, traces.day[rows], traces.sigma[rows])
        usual = stats.t.pdf(out / spread, numbers["freedom"]) / spread * (1 - numbers["share"])
        wrong = numbers["share"] / room
        probability = wrong / (wrong + usual)
        # it may have grown to where it is, or from there, before the next calving
        grown = numbers["flow"] * _days_beside(traces.day[rows], out > 0)
        far = np.abs(out) > np.maximum(numbers["least"], grown)
        new = (probability > numbers["probability"]) & far
        score[rows] = np.where(np.isfinite(probability), probability, score[rows])
        away[rows] = out
        if not new.any():
            break
        # the worst of each neighbourhood, since its neighbours may only look wrong by it
        size = np.where(new, np.abs(out), 0.0)
        most = np.array([size[max(0, i - 2) : i + 3].max() for i in range(len(size))])
        flagged[rows[new & (size == most)]] = True
    return Judgement(
        score,
        numbers["probability"],
        lambda k: f"{away[k]:+.0f} m outside the fronts before and after it",
        flagged,
    )


def _days_beside(day: Floats, before: Mask) -> Floats:
    """Days since the trace before (where `before`) or until the next one."""
    step = np.diff(day)
    # at the ends of the record anything may have happened
    since, until = np.append(_LONG, step), np.append(step, _LONG)
    return np.asarray(np.where(before, since, until))


def _usual_spread(out: Floats, day: Floats, sigma: Floats) -> Floats:
    """Standard deviation of what lies outside its neighbours, by their distance in time."""
    gap = np.full(len(day), np.nan)
    gap[1:-1] = np.maximum((day[2:] - day[:-2]) / 2, 1.0)
    seen = np.isfinite(out)
    excess = np.maximum(np.abs(out[seen]) - sigma[seen], 0.0) / np.sqrt(gap[seen])
    # two thirds of all lie within one standard deviation; wrong ones are fewer
    usual = float(np.percentile(excess, 68)) if seen.any() else 0.0
    return np.asarray(np.hypot(1.3 * sigma, usual * np.sqrt(np.where(seen, gap, 1.0))))


def _shape_residuals(traces: GlacierTraces, alive: Mask, reach: int) -> tuple[Floats, Floats]:
    """Rms distance of each shape from that of its neighbours in time, as is and mirrored."""
    form = traces.along - traces.position[:, None]
    rows = np.flatnonzero(alive & (traces.coverage > 0.2))
    return shape_residuals(form, traces.shape, rows, reach)


def _shape(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    away, _ = _shape_residuals(traces, alive, int(numbers["reach"]))
    known = away[np.isfinite(away)]
    middle = float(np.median(known)) if len(known) else 0.0
    spread = 1.4826 * float(np.median(np.abs(known - middle))) if len(known) else 0.0
    spread = max(spread, 0.25 * middle, 1.0)
    score = (away - middle) / spread
    flagged = (score > numbers["spreads"]) & (
        away > numbers["least"] * traces.domain.reference_width
    )
    return Judgement(
        score,
        numbers["spreads"],
        lambda k: f"shape {away[k]:.0f} m rms from that of its neighbours in time",
        flagged,
    )


def _mirrored(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    plain, turned = _shape_residuals(traces, alive, int(numbers["reach"]))
    known = plain[np.isfinite(plain)]
    usual = float(np.median(known)) if len(known) else 0.0
    score = plain / np.maximum(turned, 1.0)
    flagged = (score > numbers["times"]) & (plain > numbers["spreads"] * usual)
    return Judgement(
        score,
        numbers["times"],
        lambda k: f"fits its neighbours in time {score[k]:.1f} times better when mirrored",
        flagged,
    )


def _unseen(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    return Judgement(
        score=1.0 - traces.coverage,
        limit=1.0 - numbers["least"],
        reason=lambda k: f"lies in {traces.coverage[k]:.0%} of the width",
    )


def _other_fjord(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    points, owner = samples(traces.table.geometry.to_numpy())
    own = _share_in(traces.domain.fjord, points, owner, len(traces))
    score = np.zeros(len(traces))
    where = np.full(len(traces), "", dtype=object)
    for name, fjord in traces.others.items():
        share = _share_in(fjord, points, owner, len(traces)) - own
        where[share > score] = name
        score = np.maximum(score, share)
    return Judgement(score, numbers["share"], lambda k: f"lies in the fjord of {where[k]}")


def _share_in(fjord: shapely.Polygon, points: Floats, owner: NDArray[np.int64], n: int) -> Floats:
    shapely.prepare(fjord)
    inside = shapely.contains_xy(fjord, points[:, 0], points[:, 1])
    count = np.bincount(owner, weights=inside, minlength=n)
    return np.asarray(count / np.maximum(np.bincount(owner, minlength=n), 1))


_REACH = {"reach": 6}

#: The rules of termini by name.
OWN_RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in [
        Rule("other_fjord", _other_fjord, "odd_place",
             "longer in another glacier's fjord than in its own", OWN, {"share": 0.3}),
        Rule("fast_advance", _fast_advance, "odd_move",
             "advances to it, or from it, faster than ice flows", OWN,
             {"speed": 50.0, "spreads": 4.0, "least": 250.0, "within": 5}, fewest=4),
        Rule("history", _history, "odd_move",
             "probability that it is wrong, from the fronts before and after it", OWN,
             {"reach": 3, "rounds": 6, "needed": 8, "freedom": 6.0, "share": 0.02,
              "probability": 0.99, "least": 150.0, "flow": 30.0}, fewest=8),
        Rule("shape", _shape, "odd_shape", "shape unlike that of its neighbours in time", OWN,
             _REACH | {"spreads": 8.0, "least": 0.04}, fewest=8),
        Rule("mirrored", _mirrored, "odd_shape", "fits better when mirrored across the fjord",
             OWN, _REACH | {"times": 2.5, "spreads": 3.0}, fewest=8),
        Rule("coverage", _unseen, "odd_length", "too little of the width was seen", OWN,
             {"least": 0.5}),
    ]
}  # fmt: skip
