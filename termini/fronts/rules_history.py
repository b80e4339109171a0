"""Rules that hold a trace against those before and those after it, as a whole or in sections.

A wrong front stands apart from those before *and* after it; after a calving event the
later ones agree with it. Both ends of a record are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from termini.fronts.rules import Judgement
from termini.fronts.rules_kernels import outside_neighbours
from termini.fronts.rules_traces import GlacierTraces

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Days within which a front can have grown anywhere.
_LONG = 1e6


def history(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    """Probability that a trace is wrong, by its distance outside its neighbours in time.

    Parameters
    ----------
    traces : GlacierTraces
        Traces of a glacier.
    alive : ndarray of bool, shape (n,)
        Those that no rule has rejected.
    numbers : mapping of str to float
        Settings of the rule.

    Returns
    -------
    Judgement
        Probability of each trace.
    """
    score, away, flagged = _against_history(traces, traces.position, alive, numbers)
    return Judgement(
        score,
        numbers["probability"],
        lambda k: f"{away[k]:+.0f} m outside the fronts before and after it",
        flagged,
    )


def sections(traces: GlacierTraces, alive: Mask, numbers: Mapping[str, float]) -> Judgement:
    """The same for each section of the width, of which one that is wrong is enough.

    Parameters
    ----------
    traces : GlacierTraces
        Traces of a glacier.
    alive : ndarray of bool, shape (n,)
        Those that no rule has rejected.
    numbers : mapping of str to float
        Settings of the rule.

    Returns
    -------
    Judgement
        Largest probability of each trace's sections.
    """
    form = traces.along - traces.shape
    seen = np.isfinite(form)
    places, wide = form.shape[1], int(numbers["places"])
    score, away = np.full(len(traces), np.nan), np.full(len(traces), np.nan)
    flagged = np.zeros(len(traces), dtype=bool)
    at = np.zeros(len(traces))
    for first in range(0, places - wide + 1, max(1, wide - 1)):
        part = seen[:, first : first + wide]
        enough = part.sum(axis=1) > wide / 2
        position = np.full(len(traces), np.nan)
        position[enough] = _row_mean(form[enough, first : first + wide], part[enough])
        new_score, new_away, new = _against_history(traces, position, alive, numbers)
        worse = ~(new_score <= score) & np.isfinite(new_score)
        worse = np.where(new == flagged, worse, new)
        score[worse], away[worse] = new_score[worse], new_away[worse]
        at[worse] = (first + wide / 2) / places
        flagged |= new
    return Judgement(
        score,
        numbers["probability"],
        lambda k: (
            f"{away[k]:+.0f} m outside the fronts before and after it, "
            f"{at[k]:.0%} of the way across"
        ),
        flagged,
    )


def _against_history(
    traces: GlacierTraces, position: Floats, alive: Mask, numbers: Mapping[str, float]
) -> tuple[Floats, Floats, Mask]:
    """Probability of being wrong, metres outside the neighbours, and who is flagged."""
    score = np.full(len(traces), np.nan)
    away = np.full(len(traces), np.nan)
    flagged = np.zeros(len(traces), dtype=bool)
    room = traces.domain.centreline.length
    least = max(numbers["least"], numbers.get("least_width", 0.0) * traces.domain.reference_width)
    flow = numbers["flow"]
    if numbers.get("own_flow", 0.0) > 0:
        flow = min(flow, numbers["own_flow"] * _own_advance(traces, position, alive, numbers))
    for _ in range(int(numbers["rounds"])):
        rows = np.flatnonzero(alive & ~flagged & np.isfinite(position))
        if len(rows) < numbers["needed"]:
            break
        day, sigma = traces.day[rows], traces.sigma[rows]
        out = outside_neighbours(position[rows], day, int(numbers["reach"]))
        spread = _usual_spread(out, day, sigma)
        usual = stats.t.pdf(out / spread, numbers["freedom"]) / spread * (1 - numbers["share"])
        wrong = numbers["share"] / room
        probability = wrong / (wrong + usual)
        # it may have grown to where it is, or from there, before the next calving
        grown = flow * _days_beside(day, out > 0)
        far = np.abs(out) > np.maximum(least, grown)
        new = (probability > numbers["probability"]) & far
        score[rows] = np.where(np.isfinite(probability), probability, score[rows])
        away[rows] = out
        if not new.any():
            break
        # the worst of each neighbourhood, since its neighbours may only look wrong by it
        size = np.pad(np.where(new, np.abs(out), 0.0), 2)
        most = np.max([size[k : k + len(rows)] for k in range(5)], axis=0)
        flagged[rows[new & (size[2:-2] == most)]] = True
    return score, away, flagged


def _own_advance(
    traces: GlacierTraces, position: Floats, alive: Mask, numbers: Mapping[str, float]
) -> float:
    """Speed at which the glacier's front usually advances where it does, metres a day."""
    rows = np.flatnonzero(alive & np.isfinite(position))
    step = np.diff(position[rows]) / np.maximum(np.diff(traces.day[rows]), 1.0)
    ahead = step[step > 0]
    return float(np.percentile(ahead, numbers["own_percentile"])) if len(ahead) > 3 else np.inf


def _row_mean(values: Floats, seen: Mask) -> Floats:
    return np.asarray(np.where(seen, values, 0.0).sum(axis=1) / seen.sum(axis=1))


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
