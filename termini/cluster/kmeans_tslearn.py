"""k-means step by step as tslearn takes it, for comparing results to the last digit.

tslearn starts with the same random draws, averages each centre to convergence
between two assignments, gives up a start that leaves a cluster empty, and reports
the inertia of the assignment before the last averaging. Where its parameters name
a ``global_constraint`` (release 0.10), tslearn obeys it in the assignment but
averages the centres without it; that is repeated here too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from termini.cluster.distance_align import centre_set
from termini.cluster.distance_blocks import Engine, Ints
from termini.cluster.distance_window import Window
from termini.cluster.kernels_align import align_general
from termini.cluster.kmeans_fit import Fitted, Seeder, seed_centres
from termini.errors import InputError

Array = NDArray[np.float64]

#: Averaging steps of a centre, and change of its cost that ends them, in tslearn.
_STEPS, _TOL = 30, 1e-5


class _EmptyError(Exception):
    """A start left a cluster empty."""


def fit_like_tslearn(
    engine: Engine,
    k: int,
    *,
    init: Any,
    n_init: int,
    max_iter: int,
    tol: float,
    random_state: Any,
    free: bool = False,
) -> Fitted:
    """The best of `n_init` runs, as ``tslearn.clustering.TimeSeriesKMeans`` makes them.

    Parameters
    ----------
    engine : Engine
        The series, in double precision, not plain.
    k : int
        Number of clusters.
    init, n_init, max_iter, tol
        As tslearn's.
    random_state : numpy.random.RandomState
        Source of randomness, drawn from as tslearn draws.
    free : bool
        Whether the centres are averaged without the limits on warping.

    Returns
    -------
    Fitted
        The best run.

    Raises
    ------
    InputError
        If every start left a cluster empty.
    """
    best: Fitted | None = None
    made = tried = 0
    seeder = Seeder(engine)
    while made < n_init and tried < max(n_init, 10):
        tried += 1
        try:
            centres = _start(engine, seeder, init, k, random_state)
            found = _one_run(engine, centres, max_iter, tol, free)
        except _EmptyError:
            continue
        made += 1
        if best is None or found.inertia < best.inertia:
            best = found
    if best is None:
        raise InputError(
            f"n_clusters={k}: every start left a cluster empty; there are fewer different series "
            "than clusters, so ask for fewer clusters"
        )
    return best


def _start(engine: Engine, seeder: Seeder, init: Any, k: int, random: Any) -> Array:
    if not isinstance(init, str):
        return np.array(init, dtype=np.float64)
    if init == "random":
        return seed_centres(engine, random.choice(len(engine.series), k, replace=False))
    return seed_centres(engine, seeder.plus_plus(k, random, squares=True))


def _assigned(engine: Engine, centres: Array) -> tuple[Ints, float]:
    distances = np.sqrt(engine.squared(centre_set(centres, engine))).T
    labels = distances.argmin(axis=1)
    if len(np.unique(labels)) < len(centres):
        raise _EmptyError
    own = distances[np.arange(len(labels)), labels]
    return labels.astype(np.int64), float(np.sum(own**2) / len(own))


def _one_run(engine: Engine, centres: Array, max_iter: int, tol: float, free: bool) -> Fitted:
    before, iterations = np.inf, 0
    metric = replace(engine.metric, window=Window()) if free else engine.metric
    for iterations in range(1, max_iter + 1):  # noqa: B007
        labels, inertia = _assigned(engine, centres)
        for c in range(len(centres)):
            members = engine.series.take(np.flatnonzero(labels == c))
            centres[c] = _barycentre(Engine(members, metric, plain=False), centres[c])
        if abs(before - inertia) < tol:
            break
        before = inertia
    return Fitted(centres.copy(), _assigned(engine, centres)[0], inertia, iterations)


def _barycentre(engine: Engine, centre: Array) -> Array:
    """Petitjean's averaging until the cost changes by less than `_TOL`, or rises."""
    before = np.inf
    for _ in range(_STEPS):
        matched, cost = _matched(engine, centre)
        centre = np.array([np.average(m, axis=0, weights=np.ones(len(m))) for m in matched])
        if abs(before - cost) < _TOL or before < cost:
            break
        before = cost
    return centre


def _matched(engine: Engine, centre: Array) -> tuple[list[Array], float]:
    """Values matched with each sample of the centre, series by series, and the cost."""
    n, d = centre.shape
    one = tuple(part[0] for part in engine.ones(centre_set(centre[None], engine)))
    values: list[Any] = [None] * len(engine.series)
    places: list[Any] = list(values)
    squared = np.empty(len(engine.series))
    for block in engine.blocks:
        lo, hi = engine.window(n, block.length)
        lags = engine.metric.lags(n, block.length, len(lo))
        out = np.zeros(block.index.shape)
        sums = np.zeros((2, n, d))
        paths = np.zeros((*block.index.shape, n + block.length, 2), np.int32)
        lengths = np.zeros(block.index.shape, np.int64)
        used = (block.index >= 0).astype(np.float64)
        align_general(
            one, n, block.many, engine.numbers, lags, lo, hi, engine.bits, used, out,
            sums[0], sums[1], paths, lengths,
        )  # fmt: skip
        for b, lane in np.argwhere(block.index >= 0):
            row = block.index[b, lane]
            path = paths[b, lane, : lengths[b, lane]][::-1]
            places[row] = path[:, 0]
            values[row] = engine.series.values[row, path[:, 1]]
            squared[row] = out[b, lane]
    place = np.concatenate(places)
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place, minlength=n))[:-1]
    cost = sum(float(distance) ** 2 for distance in np.sqrt(squared)) / len(squared)
    return np.split(np.concatenate(values)[order], ends), cost
