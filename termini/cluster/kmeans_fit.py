"""The iterations of DTW k-means: seeds, assignment, centres, empty clusters, restarts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from termini.cluster.distance_align import centre_set, nearest_centres
from termini.cluster.distance_blocks import Engine, Ints
from termini.cluster.kmeans_averaging import Assigned, Averager, Averaging

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """One run of k-means.

    Parameters
    ----------
    centres : ndarray, (k, T, d)
        Centres.
    labels : ndarray of int, (n,)
        Nearest centre of each series.
    inertia : float
        Mean squared distance to it.
    n_iter : int
        Iterations.
    mended : int
        Clusters that became empty and were given a new centre.
    """

    centres: Array
    labels: Ints
    inertia: float
    n_iter: int
    mended: int = 0


class Seeder:
    """k-means++ seeds under DTW; distances from a seed are computed once.

    Arthur & Vassilvitskii 2007 (SODA), with 2 + log k trials for each seed of which
    the best is kept, as in scikit-learn and tslearn.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._known: dict[int, Array] = {}

    def distances(self, rows: NDArray[Any]) -> Array:
        """Squared distances of some series to all."""
        new = np.array(sorted({int(r) for r in rows} - set(self._known)), dtype=np.int64)
        if len(new):
            found = self.engine.squared(self.engine.series.take(new))
            self._known.update({int(row): found[k] for k, row in enumerate(new)})
        return np.array([self._known[int(row)] for row in rows])

    def _drawn_by(self, rows: NDArray[Any], squares: bool) -> Array:
        found = self.distances(rows)
        return np.sqrt(found) ** 2 if squares else found

    def plus_plus(self, k: int, random: np.random.RandomState, *, squares: bool = False) -> Ints:
        """Numbers of `k` series that lie far from each other.

        With `squares` the distances are rounded to their roots and squared again, as
        tslearn does, so that the draws are the same.
        """
        n = len(self.engine.series)
        trials = 2 + int(np.log(k))
        chosen = [int(random.randint(n))]
        closest = self._drawn_by(np.array(chosen), squares)[0]
        for _ in range(1, k):
            drawn = random.random_sample(trials) * closest.sum()
            candidates = np.clip(np.searchsorted(np.cumsum(closest), drawn), None, n - 1)
            reached = np.minimum(closest, self._drawn_by(candidates, squares))
            best = int(reached.sum(axis=1).argmin())
            closest = reached[best]
            chosen.append(int(candidates[best]))
        return np.array(chosen, dtype=np.int64)


def run(
    engine: Engine,
    centres: Array,
    *,
    max_iter: int,
    tol: float,
    weights: Array,
    averaging: Averaging,
) -> Fitted:
    """k-means from given centres until the inertia stands still.

    Parameters
    ----------
    engine : Engine
        The series.
    centres : ndarray, (k, T, d)
        Where to start.
    max_iter : int
        Largest number of assignments.
    tol : float
        Change of inertia that counts as none.
    weights : ndarray, (n,)
        Weight of each series in the centres and the inertia.
    averaging : Averaging
        How centres are averaged.

    Returns
    -------
    Fitted
        Centres and the labels that belong to them.
    """
    centres, k, iterations = centres.copy(), len(centres), 0
    blocks, before, mended = None, np.inf, 0
    groups = np.full(len(engine.series), -1, dtype=np.int64)
    settled = np.zeros(k, dtype=bool)
    loose, averager = averaging.loose, Averager(engine, weights, averaging, tol)
    kept: Fitted | None = None
    for iterations in range(1, max_iter + 1):
        labels, squared, _ = nearest_centres(engine, centres, blocks)
        inertia = float(np.average(squared, weights=weights))
        settled[_touched(labels, groups)] = False
        if settled.all() or (before - inertia < tol and (labels == groups).all()):
            if loose > 0.0:
                loose, settled[:] = 0.0, False
            elif not averaging.border or (kept and inertia > kept.inertia - tol):
                break
            else:
                kept = Fitted(centres.copy(), labels, inertia, iterations, mended)
                labels, squared = over_the_border(engine, centres, labels, weights)
                if (labels == groups).all():
                    break
                settled[_touched(labels, groups)] = False
        loose = loose if iterations < max_iter else 0.0
        changed = _touched(labels, groups)
        if len(np.unique(labels)) < k:
            mended += mend(labels, squared, centres, engine)
            settled[:] = False
        groups, before = labels, inertia
        blocks = engine.arranged(groups)
        now, both = Assigned(groups, squared, blocks), averaging.both or iterations == 1
        for c in np.flatnonzero(~settled):
            centres[c], settled[c] = averager(
                centres[c], now, int(c), loose=loose, both=both, changed=bool(c in changed)
            )
    else:
        labels, squared, _ = nearest_centres(engine, centres, blocks)
        inertia = float(np.average(squared, weights=weights))
    if kept and kept.inertia <= inertia:
        return replace(kept, n_iter=iterations)
    return Fitted(centres, labels, inertia, iterations, mended)


def _touched(labels: Ints, groups: Ints) -> Ints:
    """Clusters that series left or came to."""
    moved = labels != groups
    found = np.union1d(labels[moved], groups[moved])
    return found[found >= 0]


def over_the_border(
    engine: Engine, centres: Array, labels: Ints, weights: Array
) -> tuple[Ints, Array]:
    """Series put where they cost least once the centres have followed them.

    A series draws the mean of its own cluster towards itself, and so lies nearer to it
    than it would to the mean of the others. Hartigan & Wong 1979 (J. R. Stat. Soc. C 28,
    100): of a cluster of weight W, which a series of weight w would leave, its squared
    distance counts W / (W - w) times, of one that it would join W / (W + w) times. Exact
    for means; for barycentres under warping an estimate, so that the caller must see
    whether the inertia is lower afterwards.

    Parameters
    ----------
    engine : Engine
        The series.
    centres : ndarray, (k, T, d)
        Centres that have come to rest.
    labels : ndarray of int, (n,)
        Nearest of them.
    weights : ndarray, (n,)
        Weight of each series.

    Returns
    -------
    labels : ndarray of int, (n,)
        Cluster to be tried; a series alone in its cluster stays.
    squared : ndarray, (n,)
        Squared distance to its centre.
    """
    table, each = engine.squared(centre_set(centres, engine)).T, np.arange(len(labels))
    size = np.bincount(labels, weights, minlength=len(centres))
    cost = table * (size / np.maximum(size + weights[:, None], np.finfo(float).tiny))
    rest = size[labels] - weights
    alone = np.bincount(labels, minlength=len(centres))[labels] == 1
    leaves = np.where(alone | (rest <= 0.0), 0.0, size[labels] / np.where(rest > 0.0, rest, 1.0))
    cost[each, labels] = table[each, labels] * leaves
    new = np.where(weights > 0.0, cost.argmin(axis=1), labels).astype(np.int64)
    return new, table[each, new].astype(np.float64)


def mend(labels: Ints, squared: Array, centres: Array, engine: Engine) -> int:
    """Give each empty cluster the series farthest from its centre; changes the first three.

    Series that are alone in their cluster stay where they are.
    """
    empty = np.setdiff1d(np.arange(len(centres)), labels)
    for c in empty:
        counts = np.bincount(labels, minlength=len(centres))
        row = int(np.where(counts[labels] > 1, squared, -1.0).argmax())
        labels[row], squared[row] = c, 0.0
        centres[c] = seed_centres(engine, np.array([row]), centres.shape[1])[0]
    return len(empty)


def seed_centres(engine: Engine, rows: NDArray[Any], length: int | None = None) -> Array:
    """Some of the series as centres: gaps interpolated, stretched to one length.

    Parameters
    ----------
    engine : Engine
        The series.
    rows : ndarray of int, (k,)
        Which.
    length : int, optional
        Samples of the centres; by default those of the longest series.

    Returns
    -------
    ndarray, (k, length, d)
        Centres without gaps.
    """
    series = engine.series
    size = series.values.shape[1] if length is None else length
    centres = np.empty((len(rows), size, series.channels))
    for place, row in enumerate(rows):
        n = int(series.lengths[row])
        clock = np.linspace(0.0, 1.0, n)
        for d in range(series.channels):
            values = series.values[row, :n, d]
            known = np.ones(n, bool) if series.weights is None else series.weights[row, :n, d] > 0
            if n == size and known.all():
                centres[place, :, d] = values
            elif known.any():
                centres[place, :, d] = np.interp(
                    np.linspace(0.0, 1.0, size), clock[known], values[known]
                )
            else:
                centres[place, :, d] = engine.shift[d]
    return centres
