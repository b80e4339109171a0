"""What a glacier's complete fronts say about the unseen parts of others, by date."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from termini.series.kernels import Array, Ints
from termini.series.shape_learning import learnt, level_doubt
from termini.series.shape_lines import EVEN, PLACES, below, hat
from termini.series.shape_times import NO_MEMORY, foretold, kriged, memory_of

#: Shares of the width at which what the ends of complete fronts enclose is compared
#: with what their courses say. Some lie between the places of a course, as ends do.
NODES: Array = np.array(
    [0.01, 0.025, 0.0375, 0.0625, 0.075, 0.1, 0.1375, 0.2, 0.25, 0.3, 0.3625, 0.5, 0.7, 1.0]
)
_NODES0 = np.concatenate([[0.0], NODES])
# So many kinds of deviation are followed in time; the others are fresh in each front.
_MODES = 10
# Before it is known, what the course of an end leaves out of the area, as a share of
# the width; it counts as much as so many fronts.
_RESIDUE_SHARE = 0.0005
_RESIDUE_FRONTS = 12.0


def beyond_weights(low: Array, high: Array) -> Array:
    """Weights with which the course makes the mean position beyond both ends.

    Parameters
    ----------
    low, high : ndarray, shape (m,)
        Ends, as fractions of the width.

    Returns
    -------
    ndarray, shape (m, 2, 41)
        For the left and the right end; of the course minus the position at the end.
    """
    left = below(low) - low[:, None] * hat(low)
    right = EVEN - below(high) - (1 - high)[:, None] * hat(high)
    return np.stack([left, right], axis=1)


def between_nodes(missing: Array) -> Array:
    """Weights with which values at `NODES` make those at shares of the width.

    Parameters
    ----------
    missing : ndarray, shape (m, 2)
        Shares; at 0 the value is 0.

    Returns
    -------
    ndarray, shape (m, 2, 14)
        Weights, straight between nodes.
    """
    after = np.clip(np.searchsorted(_NODES0, missing, side="right"), 1, len(NODES))
    part = (missing - _NODES0[after - 1]) / (_NODES0[after] - _NODES0[after - 1])
    node = np.arange(len(_NODES0))
    after, part = after[..., None], np.clip(part, 0.0, 1.0)[..., None]
    weight = np.where(node == after, part, np.where(node == after - 1, 1 - part, 0.0))
    return np.asarray(weight[..., 1:])


@dataclass(frozen=True)
class Known:
    """Complete fronts of a glacier.

    Parameters
    ----------
    days : ndarray, shape (n,)
        Dates in days, ascending.
    shapes : ndarray, shape (n, 41)
        Positions along the flow at `PLACES`, metres.
    residues : ndarray, shape (n, 2, 14)
        What the area beyond an end at `NODES` is more than its course says, metres
        over the reference width; 0 where it is not known.
    """

    days: Array
    shapes: Array
    residues: Array

    def take(self, rows: NDArray[np.bool_]) -> Known:
        """Some of them."""
        return Known(self.days[rows], self.shapes[rows], self.residues[rows])


@dataclass(frozen=True)
class TimedModel:
    """Shapes of a glacier's fronts and how they hold over time.

    Parameters
    ----------
    known : Known
        Fronts by which those of other dates are foretold.
    mean : ndarray, shape (41,)
        Mean shape, metres.
    modes : ndarray, shape (41, k)
        Shapes of the deviations that are followed in time.
    variance : ndarray, shape (k + 28,)
        Their variances, and those of the residues beside what the shape says of them.
    memory : ndarray, shape (k + 28, 2)
        Time scales and own shares.
    rest : ndarray, shape (41, 41)
        Covariance of the other deviations.
    noise : float
        Standard deviation of what is not the front in a position, metres.
    residue : ndarray, shape (28,)
        Mean residues.
    lean : ndarray, shape (28, 41)
        What deviations of the shape add to them.
    scores : ndarray, shape (n, k + 28)
        Of the known fronts.
    width : float
        Width of the fjord, metres.
    """

    known: Known
    mean: Array
    modes: Array
    variance: Array
    memory: Array
    rest: Array
    noise: float
    residue: Array
    lean: Array
    scores: Array
    width: float

    @classmethod
    def fit(
        cls,
        known: Known,
        width: float,
        learn: NDArray[np.bool_] | None = None,
        memory: Array | None = None,
    ) -> TimedModel:
        """Learn from complete fronts.

        Parameters
        ----------
        known : Known
            The fronts.
        width : float
            Width of the fjord, metres.
        learn : ndarray of bool, shape (n,), optional
            Which of them the shapes and their scatter are learnt from. All of them
            tell of fronts of near dates.
        memory : ndarray, shape (k + 28, 2), optional
            Time scales and own shares, if they are known.

        Returns
        -------
        TimedModel
            The model.
        """
        some = known if learn is None else known.take(learn)
        mean, covariance, noise = learnt(some.shapes, width)
        values, vectors = np.linalg.eigh(covariance - level_doubt(some.shapes, width))
        modes = np.ascontiguousarray(vectors[:, ::-1][:, :_MODES])
        variance = np.maximum(values[::-1][:_MODES], 1e-4)
        rest = covariance - (modes * variance) @ modes.T
        # residues: their mean, and what the shape says of them
        number = len(some.days)
        flat = some.residues.reshape(number, 2 * len(NODES))
        residue = flat.sum(axis=0) / (number + 2.0)
        away, form = flat - residue, some.shapes - mean
        cross = away.T @ form / (_RESIDUE_FRONTS + number)
        lean = np.linalg.solve(covariance + noise**2 * np.eye(len(PLACES)), cross.T).T
        left = away - form @ lean.T
        usual = _RESIDUE_FRONTS * (_RESIDUE_SHARE * width) ** 2
        small = (usual + (left**2).sum(axis=0)) / (_RESIDUE_FRONTS + number)
        variance = np.concatenate([variance, small])

        def scored(fronts: Known) -> Array:
            off = fronts.shapes - mean
            rough = fronts.residues.reshape(len(off), 2 * len(NODES)) - residue - off @ lean.T
            return np.ascontiguousarray(np.hstack([off @ modes, rough]))

        if memory is None:
            memory = np.tile(np.array(NO_MEMORY), (len(variance), 1))
            # residues that hardly differ need no memory
            followed = _MODES + (small > 4 * (_RESIDUE_SHARE * width) ** 2).any() * len(small)
            memory_of(some.days, scored(some)[:, :followed], variance, memory[:followed])
        return cls(
            known, mean, modes, variance, memory, rest, noise, residue, lean, scored(known),
            width,
        )  # fmt: skip

    def courses(
        self, seen: NDArray[np.bool_], along: Array, low: Array, high: Array, when: Array,
        scale: Array, gap: float = 0.0, holes: Array | None = None,
    ) -> tuple[Array, Array, Array]:  # fmt: skip
        """Courses of fronts, what their ends enclose beside it, and the error of both.

        Parameters
        ----------
        seen : ndarray of bool, shape (m, 41)
            Places seen.
        along : ndarray, shape (m, 41)
            Positions, metres.
        low, high : ndarray, shape (m,)
            Ends, as fractions of the width.
        when : ndarray, shape (m,)
            Dates in days.
        scale : ndarray, shape (m,)
            Width of the fjord at the fronts over the reference width.
        gap : float
            Known fronts less than so many days away are not used.
        holes : ndarray, shape (m, 41), optional
            Weights of the places in gaps between pieces.

        Returns
        -------
        course : ndarray, shape (m, 41)
            Metres.
        residue : ndarray, shape (m, 2)
            Metres of mean position over the reference width.
        sigma : ndarray, shape (m,)
            Standard error of what is not seen, the same.
        """
        kinds = self.modes.shape[1]
        mean = np.empty((len(when), len(self.variance)))
        spread = np.empty_like(mean)
        foretold(
            self.known.days, self.scores, self.variance, self.memory, when, gap, mean, spread
        )  # fmt: skip
        pick = between_nodes(np.stack([low, 1 - high], axis=1))
        weight = beyond_weights(low, high).sum(axis=1)
        weight = (weight if holes is None else weight + holes) * scale[:, None]
        lean = self.lean.reshape(2, len(NODES), -1)
        weight += np.einsum("msn,snp->mp", pick, lean)
        course, variance = np.empty(np.shape(along)), np.empty(len(when))
        kriged(
            seen, along, _edges(seen, along, low, high, self.width),
            self.mean + mean[:, :kinds] @ self.modes.T, self.modes,
            np.ascontiguousarray(spread[:, :kinds]), self.rest, self.noise, weight, course,
            variance,
        )  # fmt: skip
        form = course - self.mean
        base = self.residue + mean[:, kinds:] + form @ self.lean.T
        residue = np.einsum("msn,msn->ms", pick, base.reshape(pick.shape))
        # residues at neighbouring shares go together
        own = (pick * np.sqrt(spread[:, kinds:]).reshape(pick.shape)).sum(axis=2)
        return course, residue, np.sqrt(variance + (own**2).sum(axis=1))


def _edges(seen: NDArray[np.bool_], along: Array, low: Array, high: Array, width: float) -> Array:
    """Ends in steps between places, shape (m, 2); at the wall where they tell nothing.

    A front that runs more along the flow than across it from its last place to its end
    follows its wall, and says nothing of the course beyond.
    """
    last, each = len(PLACES) - 1, np.arange(len(low))
    edges = np.stack([low, high], axis=1) * last
    for side, place in enumerate((seen.argmax(axis=1), last - seen[:, ::-1].argmax(axis=1))):
        away = np.abs(along[each, place] - along[:, 0 if side == 0 else last])
        steep = away > np.abs(place - edges[:, side]) * (width / last)
        edges[steep, side] = 0.0 if side == 0 else last
    return edges


def hole_weights(holes: dict[int, list[tuple[float, float, Array]]], count: int) -> Array:
    """Weights of the places between pieces of fronts, less those of a straight joint.

    Parameters
    ----------
    holes : dict
        As in `filling.Partial`.
    count : int
        Number of fronts.

    Returns
    -------
    ndarray, shape (m, 41)
        Weights.
    """
    weight = np.zeros((count, len(PLACES)))
    for row, parts in holes.items():
        for low, high, _ in parts:
            ends = np.array([low, high])
            whole = below(ends[1:])[0] - below(ends[:1])[0]
            weight[row] += whole - (high - low) / 2 * hat(ends).sum(axis=0)
    return weight


def gaps_of(days: Array, when: Array) -> Array:
    """Days from dates to the nearest of others, shape (m,); infinite without any."""
    if not len(days):
        return np.full(len(when), np.inf)
    after = np.searchsorted(days, when)
    near: Ints = np.stack([np.maximum(after - 1, 0), np.minimum(after, len(days) - 1)])
    return np.asarray(np.abs(days[near] - when).min(axis=0))


__all__ = ["NODES", "Known", "TimedModel", "beyond_weights", "gaps_of", "hole_weights"]
