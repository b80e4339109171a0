"""What was not seen of fronts, filled from the glacier's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from termini.series.completed import Net, added_at_end, added_between
from termini.series.engine import Engine, Traces
from termini.series.frame import Frame
from termini.series.kernels import Array, Ints
from termini.series.shape_learning import CUT_SHARES
from termini.series.shapes import PLACES, ShapeModel

#: A correction of more than so many usual errors of extended ends is not believed.
MOST_USUAL = 2.5


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
        Ends, in the plane of the frame.
    holes : dict
        Number of the front to parts not seen between its pieces: their range and the
        ends of the pieces, shape (2, 2).
    """

    along: Array
    low: Array
    high: Array
    left: Array
    right: Array
    holes: dict[int, list[tuple[float, float, Array]]]

    def seen(self) -> NDArray[np.bool_]:
        """Which of `PLACES` were seen, shape (m, 41)."""
        seen = (self.low[:, None] <= PLACES) & (self.high[:, None] >= PLACES)
        for row, holes in self.holes.items():
            for low, high, _ in holes:
                seen[row] &= (low >= PLACES) | (high <= PLACES)
        return seen

    def take(self, rows: Ints) -> Partial:
        """Some of them that have no holes."""
        return Partial(
            self.along[rows], self.low[rows], self.high[rows], self.left[rows],
            self.right[rows], {},
        )  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """How filling does at a glacier.

    Parameters
    ----------
    belief : ndarray, shape (2, 5)
        Share of the correction that is made where `CUT_SHARES` are missing at the left
        and the right end.
    stretch : ndarray, shape (2, 5)
        Factor on the standard error.
    usual : ndarray, shape (2, 5)
        Rms error of ends extended at constant position, metres; infinite where it is
        not known. Corrections beyond `MOST_USUAL` times that are cut to it.
    """

    belief: Array
    stretch: Array
    usual: Array

    def at(self, missing: Array) -> tuple[Array, Array, Array]:
        """Belief, stretch and usual error where shares of the width are missing, (2, m)."""
        belief, stretch, usual = np.ones((3, *missing.shape))
        for side in range(2):
            belief[side] = np.interp(missing[side], CUT_SHARES, self.belief[side])
            stretch[side] = np.interp(missing[side], CUT_SHARES, self.stretch[side])
            known = np.isfinite(self.usual[side])
            shares, values = (
                np.append(0.0, CUT_SHARES[known]),
                np.append(0.0, self.usual[side, known]),
            )
            usual[side] = np.interp(missing[side], shares, values) if known.any() else np.inf
        return belief, stretch, usual


def additions(
    model: ShapeModel, frame: Frame, net: Net, fronts: Partial
) -> tuple[Array, Array, Array]:
    """What the model adds to the length of fronts, and its own error.

    Parameters
    ----------
    model : ShapeModel
        Shapes of the glacier's fronts.
    frame, net : Frame, Net
        Frame and its net.
    fronts : Partial
        The fronts.

    Returns
    -------
    ends : ndarray, shape (2, m)
        Beyond the left and the right end, metres over the reference width.
    between : ndarray, shape (m,)
        Between pieces, metres.
    sigma : ndarray, shape (m,)
        Standard error of the sum, metres; NaN where no place was seen.
    """
    limits = np.column_stack([fronts.low, fronts.high])
    _, sigma, course = model.course_many(fronts.seen(), fronts.along, limits)
    ends = np.zeros((2, len(course)))
    for side, wall, points, edge in (
        (0, frame.left, fronts.left, fronts.low),
        (1, frame.right, fronts.right, fronts.high),
    ):
        open_end = np.flatnonzero((edge > 0) if side == 0 else (edge < 1))
        open_end = open_end[np.isfinite(sigma[open_end])]
        if len(open_end):
            ends[side, open_end] = added_at_end(
                net, wall, points[open_end], edge[open_end], course[open_end], left=side == 0
            )
    between = np.zeros(len(course))
    for row, holes in fronts.holes.items():
        for low, high, joint in holes:
            if np.isfinite(sigma[row]):
                between[row] += added_between(net, joint, (low, high), course[row])
    # the model knows the mean over the width of the fjord where the front stands
    width = np.interp(np.nan_to_num(course.mean(axis=1)), net.stations, net.widths())
    return ends / frame.width, between / frame.width, sigma * width / frame.width


def fill(
    engine: Engine, model: ShapeModel, trial: Trial, net: Net, fronts: Partial
) -> tuple[Array, Array]:
    """Corrections of lengths and their errors.

    Parameters
    ----------
    engine : Engine
        The glacier.
    model : ShapeModel
        Shapes of its fronts.
    trial : Trial
        How the model does.
    net : Net
        Of its frame.
    fronts : Partial
        The fronts.

    Returns
    -------
    correction, sigma : ndarray, shape (m,)
        Metres to add to the length, and the standard error; NaN where no place was
        seen.
    """
    ends, between, sigma = additions(model, engine.frame, net, fronts)
    missing = np.stack([fronts.low, 1 - fronts.high])
    belief, stretch, usual = trial.at(missing)
    kept = np.clip(ends, -MOST_USUAL * usual, MOST_USUAL * usual)
    correction = (belief * kept).sum(axis=0) + between
    # a model that asks for more than that is not to be trusted in its error either
    sigma = np.hypot(sigma * factor_of(missing, stretch), _beyond(ends, kept, usual))
    return correction, sigma


def factor_of(missing: Array, stretch: Array) -> Array:
    """Factor on the standard error of both ends together."""
    # a side counts by the variance that it brings, which grows about as its cube
    weight = missing**3 + 1e-12
    return np.asarray(np.sqrt((weight * stretch**2).sum(axis=0) / weight.sum(axis=0)))


def _beyond(ends: Array, kept: Array, usual: Array) -> Array:
    """Usual error of the ends whose corrections were cut, metres."""
    return np.asarray(np.sqrt((np.where(ends != kept, usual, 0.0) ** 2).sum(axis=0)))


def ends_of(engine: Engine, traces: Traces, numbers: Ints) -> tuple[Array, Array]:
    """Left and right ends of packed traces in the plane of the frame, shape (m, 2) each."""
    first = traces.xy[traces.offsets[numbers]] + engine.origin
    last = traces.xy[traces.offsets[numbers + 1] - 1] + engine.origin
    return first, last


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
