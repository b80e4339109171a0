"""What was not seen of fronts, filled from the glacier's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from termini.series.completed import added_between
from termini.series.engine import Engine, Traces
from termini.series.filling_model import TimedModel, beyond_weights, gaps_of
from termini.series.filling_model import hole_weights as weights_of
from termini.series.filling_whole import Whole
from termini.series.kernels import Array, Ints
from termini.series.shape_ends import places_of, worth_of_course
from termini.series.shape_lines import PLACES, hat

#: A correction of more than so many usual errors of extended ends is not believed.
MOST_USUAL = 2.5
#: Shares of the width that are cut off fronts to try the model, and the gaps, days,
#: that are left about the date of each.
TRIED_SHARES: Array = np.array([0.1, 0.2, 0.3, 0.5])
TRIED_GAPS: Array = np.array([15.0, 182.0])
# Both ends count as missing alike where neither has this share of what is missing.
_ONE_SIDED = 0.8
# Places as near as this are one place, gaps whose ratio is this one gap (natural logarithm).
_SAME = 1e-9
_SAME_GAP = 0.05


@dataclass(frozen=True)
class Partial:
    """Fronts of which a part may be missing.

    Parameters
    ----------
    along : ndarray, shape (m, 41)
        Positions along the flow at `PLACES`; where not seen, of the ends extended.
    low, high : ndarray, shape (m,)
        Range of the width that was seen.
    left, right : ndarray, shape (m, 2)
        Ends, counted from the engine's origin.
    holes : dict
        Number of the front to parts not seen between its pieces: their range and the
        ends of the pieces in the plane of the frame, shape (2, 2).
    days : ndarray, shape (m,)
        Dates in days.
    """

    along: Array
    low: Array
    high: Array
    left: Array
    right: Array
    holes: dict[int, list[tuple[float, float, Array]]]
    days: Array

    def seen(self) -> NDArray[np.bool_]:
        """Which of `PLACES` were seen, shape (m, 41)."""
        seen = self.low[:, None] <= PLACES + _SAME
        seen &= self.high[:, None] >= PLACES - _SAME
        for row, holes in self.holes.items():
            for low, high, _ in holes:
                seen[row] &= (low >= PLACES) | (high <= PLACES)
        return seen

    def take(self, rows: Ints) -> Partial:
        """Some of them."""
        holes = {k: self.holes[row] for k, row in enumerate(rows.tolist()) if row in self.holes}
        return Partial(
            self.along[rows], self.low[rows], self.high[rows], self.left[rows], self.right[rows],
            holes, self.days[rows],
        )  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """How filling does at a glacier, by gap, kind and share missing.

    Kinds are the left end, the right end and both; gaps and shares `TRIED_GAPS` and
    `TRIED_SHARES`.

    Parameters
    ----------
    belief : ndarray, shape (2, 3, 4)
        Share of the correction that is made.
    stretch : ndarray, shape (2, 3, 4)
        Factor on the standard error.
    usual : ndarray, shape (3, 4)
        Rms error of ends extended at constant position, metres; infinite where it is
        not known. Corrections beyond `MOST_USUAL` times that are cut to it.
    gaps : ndarray, shape (2,)
        Days to the nearest front that told of those that were tried.
    """

    belief: Array
    stretch: Array
    usual: Array
    gaps: Array

    @classmethod
    def untried(cls, stretch: Array) -> Trial:
        """Full belief, and by gap the same stretch everywhere, shape (2,)."""
        cells = (len(TRIED_GAPS), 3, len(TRIED_SHARES))
        stretched = np.tile(stretch[:, None, None], (1, *cells[1:]))
        return cls(np.ones(cells), stretched, np.full(cells[1:], np.inf), TRIED_GAPS)

    def at(self, missing: Array, gap: Array) -> tuple[Array, Array, Array]:
        """Belief, stretch and usual error of fronts.

        Parameters
        ----------
        missing : ndarray, shape (2, m)
            Shares of the width missing at the left and the right end.
        gap : ndarray, shape (m,)
            Days to the nearest complete front.

        Returns
        -------
        ndarray, shape (m,), each
            Belief, stretch, and usual error in metres.
        """
        total = missing.sum(axis=0)
        kind = kinds_of(missing)
        near, away = np.log(self.gaps)
        middle, apart = (near + away) / 2, max(away - near, _SAME_GAP)
        reach = np.clip((np.log(np.maximum(gap, 1.0)) - middle) / apart + 0.5, 0.0, 1.0)
        belief, stretch = np.ones((2, len(total)))
        usual = np.full(len(total), np.inf)
        for one in range(3):
            mine = kind == one
            far = reach[mine]
            for out, table in ((belief, self.belief), (stretch, self.stretch)):
                low, high = (np.interp(total[mine], TRIED_SHARES, t[one]) for t in table)
                out[mine] = low + far * (high - low)
            known = np.isfinite(self.usual[one])
            if known.any():
                shares = np.append(0.0, TRIED_SHARES[known])
                usual[mine] = np.interp(total[mine], shares, np.append(0.0, self.usual[one, known]))
        return belief, stretch, usual


def kinds_of(missing: Array) -> Ints:
    """0 where mostly the left end is missing, 1 the right, 2 both; shape (m,)."""
    most = missing.max(axis=0) / np.maximum(missing.sum(axis=0), 1e-12)
    return np.where(most > _ONE_SIDED, missing.argmax(axis=0), 2)


def additions(
    model: TimedModel, whole: Whole, fronts: Partial, gap: float = 0.0
) -> tuple[Array, Array, Array, Array]:
    """What the model adds to the length of fronts, and its own error.

    Parameters
    ----------
    model : TimedModel
        Shapes of the glacier's fronts.
    whole : Whole
        Its complete fronts.
    fronts : Partial
        The fronts.
    gap : float
        Complete fronts less than so many days away are not used.

    Returns
    -------
    ends : ndarray, shape (m,)
        Beyond both ends, metres over the reference width.
    sigma : ndarray, shape (m,)
        Standard error of all that is not seen, metres; NaN where no place was seen.
    course : ndarray, shape (m, 41)
        Expected positions, metres.
    scale : ndarray, shape (m,)
        Width of the fjord at the fronts over the reference width.
    """
    seen = fronts.seen()
    scale = whole.scale(fronts.along)
    course, residue, sigma = model.courses(
        seen, np.nan_to_num(fronts.along), fronts.low, fronts.high, fronts.days, scale, gap,
        weights_of(fronts.holes, len(scale)),
    )  # fmt: skip
    weights = beyond_weights(fronts.low, fronts.high)
    ends = np.zeros(len(scale))
    for side, points, edge, missing in (
        (0, fronts.left, fronts.low, fronts.low), (1, fronts.right, fronts.high, 1 - fronts.high)
    ):  # fmt: skip
        if whole.by_course[side]:
            added = worth_of_course(course, edge, points, whole.banks, side == 0) / whole.width
        else:
            # from the end itself, not from the course there
            held = (hat(edge) * course).sum(axis=1) - fronts.along[:, 0 if side == 0 else -1]
            added = ((weights[:, side] * course).sum(axis=1) + missing * held) * scale
        ends += np.where(missing > 0, added + residue[:, side], 0.0)
    sigma[~seen.any(axis=1)] = np.nan
    return ends, sigma, course, scale


def fill(model: TimedModel, trial: Trial, whole: Whole, fronts: Partial) -> tuple[Array, Array]:
    """Corrections of lengths and their errors.

    Parameters
    ----------
    model : TimedModel
        Shapes of its fronts.
    trial : Trial
        How the model does.
    whole : Whole
        Its complete fronts.
    fronts : Partial
        The fronts.

    Returns
    -------
    correction, sigma : ndarray, shape (m,)
        Metres to add to the length, and the standard error; NaN where no place was
        seen.
    """
    ends, sigma, course, _ = additions(model, whole, fronts)
    between = np.zeros(len(ends))
    for row, holes in fronts.holes.items():
        for low, high, joint in holes:
            between[row] += added_between(whole.net, joint, (low, high), course[row])
    missing = np.stack([fronts.low, 1 - fronts.high])
    belief, stretch, usual = trial.at(missing, gaps_of(whole.known.days, fronts.days))
    kept = np.clip(ends, -MOST_USUAL * usual, MOST_USUAL * usual)
    # a model that asks for more than that is not to be trusted in its error either
    beyond = np.where(ends != kept, usual, 0.0)
    correction = belief * kept + between / whole.width
    correction[np.isnan(sigma)] = np.nan
    return correction, np.hypot(sigma * stretch, beyond)


def ends_of(traces: Traces, numbers: Ints) -> tuple[Array, Array]:
    """Left and right ends of packed traces from the engine's origin, shape (m, 2) each."""
    return traces.xy[traces.offsets[numbers]], traces.xy[traces.offsets[numbers + 1] - 1]


def end_places(engine: Engine, points: Array) -> Array:
    """Places across the fjord of points counted from the engine's origin, shape (m,)."""
    return places_of(points, engine.arrays.fjord)


def part_between(line: Array, places: Array, low: float, high: float) -> Array | None:
    """Part of a front between two places across the fjord.

    Parameters
    ----------
    line : ndarray, shape (n, 2)
        Front, left to right.
    places : ndarray, shape (n,)
        Where its vertices lie across.
    low, high : float
        Places, as fractions of the width.

    Returns
    -------
    ndarray, shape (m, 2), or None
        From where the front first to where it last lies between them; None if it does
        not.
    """
    within = np.flatnonzero((places >= low) & (places <= high))
    if len(within) < 2:
        return None
    first, last = int(within[0]), int(within[-1])
    parts = [line[first : last + 1]]
    for inside, outside, place in ((first, first - 1, low), (last, last + 1, high)):
        if not 0 <= outside < len(line) or places[outside] == places[inside]:
            continue
        share = (place - places[inside]) / (places[outside] - places[inside])
        if 0 < share <= 1:
            edge = (line[inside] + share * (line[outside] - line[inside]))[None]
            parts = [edge, *parts] if outside < inside else [*parts, edge]
    return np.vstack(parts)
