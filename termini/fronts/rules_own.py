"""Screening rules that tell a wrong trace from a glacier that moved.

Ice cannot advance faster than it flows, but can calve in a day: a front drawn too
far up the fjord, or too far down, makes an advance that no ice can make, a calving
event never does. `rules_history` and `rules_shape` hold the others.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from termini.fronts.rules import Judgement, Rule
from termini.fronts.rules_history import history, sections
from termini.fronts.rules_shape import mirrored, shape
from termini.fronts.rules_traces import GlacierTraces, samples

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

OWN = "termini"


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


def _partial(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    """How much less of the width a trace spans than its neighbours in time usually do."""
    rows = np.flatnonzero(alive)
    share = np.full(len(traces), np.nan)
    size = 2 * int(numbers["reach"]) + 1
    spans = []
    for span in (traces.chord[rows], traces.coverage[rows]):
        usual = median_filter(span, size=size, mode="nearest")
        spans.append(span / np.maximum(usual, 1e-9))
    share[rows] = np.minimum(*spans)
    return Judgement(
        1.0 - share, 1.0 - numbers["least"], lambda k: f"spans {share[k]:.0%} of what is usual"
    )


def _off_fjord(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    """How much more of a trace lies outside the fjord than of the glacier's usual one."""
    rows = np.flatnonzero(alive)
    off = np.median(traces.inside[rows]) - traces.inside
    return Judgement(
        off, numbers["share"], lambda k: f"only {traces.inside[k]:.0%} of it lies in the fjord"
    )


def _unseen(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    return Judgement(
        score=1.0 - traces.coverage,
        limit=1.0 - numbers["least"],
        reason=lambda k: f"lies in {traces.coverage[k]:.0%} of the width",
    )


def _other_fjord(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    score = np.zeros(len(traces))
    where = np.full(len(traces), "", dtype=object)
    if traces.others:
        points, owner = samples(traces.table.geometry.to_numpy())
    for name, fjord in traces.others.items():
        share = _share_in(fjord, points, owner, len(traces)) - traces.inside
        where[share > score] = name
        score = np.maximum(score, share)
    return Judgement(score, numbers["share"], lambda k: f"lies in the fjord of {where[k]}")


def _share_in(fjord: shapely.Polygon, points: Floats, owner: NDArray[np.int64], n: int) -> Floats:
    shapely.prepare(fjord)
    inside = shapely.contains_xy(fjord, points[:, 0], points[:, 1])
    count = np.bincount(owner, weights=inside, minlength=n)
    return np.asarray(count / np.maximum(np.bincount(owner, minlength=n), 1))


_REACH = {"reach": 6}
_HISTORY = {"reach": 3, "rounds": 6, "needed": 8, "freedom": 6.0, "share": 0.02,
            "probability": 0.99, "least": 150.0, "flow": 30.0}  # fmt: skip

#: The rules of termini by name.
OWN_RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in [
        Rule("other_fjord", _other_fjord, "odd_place",
             "longer in another glacier's fjord than in its own", OWN, {"share": 0.3}),
        Rule("fast_advance", _fast_advance, "odd_move",
             "advances to it, or from it, faster than ice flows", OWN,
             {"speed": 50.0, "spreads": 4.0, "least": 250.0, "within": 5}, fewest=4),
        Rule("history", history, "odd_move",
             "probability that it is wrong, from the fronts before and after it", OWN,
             _HISTORY, fewest=8),
        Rule("sections", sections, "odd_shape",
             "as history, of a section of the width", OWN,
             _HISTORY | {"probability": 0.999, "places": 5, "least_width": 0.1}, fewest=8),
        Rule("own_pace", history, "odd_move",
             "as history, with the pace at which the glacier itself advances", OWN,
             _HISTORY | {"own_flow": 8.0, "own_percentile": 75.0}, fewest=8, action="mark"),
        Rule("shape", shape, "odd_shape", "shape unlike that of its neighbours in time", OWN,
             _REACH | {"spreads": 8.0, "least": 0.04}, fewest=8),
        Rule("mirrored", mirrored, "odd_shape", "fits better when mirrored across the fjord",
             OWN, _REACH | {"times": 2.0, "spreads": 2.5}, fewest=8),
        Rule("partial", _partial, "odd_length", "spans much less of the width than is usual",
             OWN, _REACH | {"least": 0.7}, fewest=8, action="mark"),
        Rule("off_fjord", _off_fjord, "odd_place", "more of it lies off the fjord than is usual",
             OWN, {"share": 0.35}, fewest=8),
        Rule("coverage", _unseen, "odd_length", "too little of the width was seen", OWN,
             {"least": 0.5}),
    ]
}  # fmt: skip
