"""Barycentres of series under dynamic time warping."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from termini.cluster.distance_align import GroupAligner, align_to
from termini.cluster.distance_blocks import Block, Engine
from termini.cluster.distance_input import read_series
from termini.cluster.distance_metric import metric_of
from termini.errors import InputError

Array = NDArray[np.float64]

#: Learning rate of the subgradient steps at the start and the end of an average.
_RATES = (0.05, 0.005)


def average(
    engine: Engine,
    centre: Array,
    blocks: list[Block],
    group: int,
    weights: Array,
    *,
    steps: int,
    tol: float,
    method: str = "dba",
    aligner: GroupAligner | None = None,
    known: Array | None = None,
    relax: float = 1.0,
    reach: float | None = None,
) -> tuple[Array, bool, float]:
    """Averaging steps of one centre, and whether it stands still.

    Parameters
    ----------
    engine : Engine
        The series.
    centre : ndarray, (T, d)
        Where to start.
    blocks : list of Block
        The series arranged by group.
    group : int
        Which group is averaged.
    weights : ndarray, (n,)
        Weight of each series.
    steps : int
        Largest number of steps.
    tol : float
        Decrease of the sum of squares that counts as none.
    method : "dba" or "subgradient"
        DBA (Petitjean et al. 2011): each step aligns the members to the centre and
        replaces each of its samples by the mean of what was matched with it, which
        never raises the sum of squares. Subgradient (Schultz & Jain 2018, Pattern
        Recognition 74, 340): a step goes through the members in batches and moves the
        centre against the gradient of each; the best centre seen is kept.
    aligner : GroupAligner, optional
        The group laid out, where it is averaged from several starts.
    known : ndarray, (n,), optional
        Squared distance of each series to `centre`, which spares work.
    relax : float, above 0 and below 2
        A step of DBA goes this many times as far. The sum of squares over the paths of
        the last alignment is a parabola in each sample of the centre with its least at
        the mean, so that none below twice as far raises it; one further than the mean
        needs fewer steps and often ends in a deeper hollow.
    reach : float, optional
        Share of the samples by which the paths of a step may leave those of the step
        before, which spares work; without a band, one channel only.

    Returns
    -------
    centre : ndarray, (T, d)
        The centre.
    settled : bool
        Whether a further step would not change it.
    cost : float
        Sum of squares of the last alignment; that of `centre` is no larger.
    """
    if method == "subgradient":
        return _subgradient(engine, centre, blocks, group, weights, steps, tol)
    cost = np.inf
    aligner = aligner or GroupAligner(engine, len(centre), blocks, group, weights)
    found_at_once = aligner.refined(centre, steps, tol, known, relax, reach)
    if found_at_once is not None:
        return found_at_once
    place = centre
    for _ in range(steps):
        found = aligner.align(place)
        new = found.centre(place)
        if cost - found.cost <= tol or np.array_equal(new, place):
            return (new, True, found.cost) if found.cost <= cost else (centre, True, cost)
        centre, cost = new, found.cost
        place = new if relax == 1.0 else place + relax * (new - place)
    return centre, False, cost


def _subgradient(
    engine: Engine, centre: Array, blocks: list[Block], group: int, weights: Array, steps: int, tol: float  # noqa: E501
) -> tuple[Array, bool, float]:  # fmt: skip
    batches = [
        replace(
            block,
            index=block.index[row : row + 1],
            group=block.group[row : row + 1],
            many=tuple(values[row : row + 1] for values in block.many),
        )
        for block in blocks
        for row in np.flatnonzero(block.group == group)
    ]
    best, least = centre, align_to(engine, centre, blocks, group, weights).cost
    started = least
    for rate in np.linspace(*_RATES, steps):
        for batch in batches:
            found = align_to(engine, centre, [batch], group, weights)
            share = weights[batch.index[batch.index >= 0]].sum()
            centre = centre - rate * 2.0 * (found.counts * centre - found.sums) / share
        cost = align_to(engine, centre, blocks, group, weights).cost
        if cost < least:
            best, least = centre, cost
    return best, started - least <= tol, least


def dtw_barycentre(
    X: ArrayLike,
    *,
    method: str = "dba",
    init: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    band: float | None = None,
    metric_params: Any = None,
    errors: ArrayLike | None = None,
    error_scale: float | None = None,
    missing_penalty: float | None = None,
    gamma: float = 1.0,
    max_iter: int = 30,
    tol: float = 1e-5,
    n_jobs: int | None = None,
) -> Array:
    """Series that is nearest to others under DTW.

    Parameters
    ----------
    X : array_like (n, T) or (n, T, d), list of arrays, or xarray.DataArray
        The others.
    method : "dba", "subgradient" or "softdtw"
        How; see `average` and `termini.cluster.softdtw.soft_barycentre`.
    init : array_like, (T,) or (T, d), optional
        Where to start; by default the member with the least sum of squared distances.
    weights : array_like, (n,), optional
        Weights of the series.
    band, metric_params, errors, error_scale, missing_penalty, n_jobs
        As in `dtw_distances`.
    gamma : float
        Smoothing of soft-DTW.
    max_iter : int
        Largest number of steps.
    tol : float
        Decrease of the sum of squares that counts as none.

    Returns
    -------
    ndarray, (T, d)
        The barycentre.
    """
    series = read_series(
        X, "X", errors=errors, error_scale=error_scale, gaps=missing_penalty is not None
    )
    metric = metric_of(
        band, metric_params=metric_params, missing_penalty=missing_penalty, n_jobs=n_jobs
    )
    engine = Engine(series, metric)
    share = np.ones(len(series)) if weights is None else np.asarray(weights, dtype=np.float64)
    if share.shape != (len(series),) or not (share >= 0).all() or share.sum() <= 0:
        raise InputError(f"weights must be {len(series)} values of zero or more, not all zero")
    if init is None:
        from termini.cluster.kmeans_fit import seed_centres

        squared = engine.squared(series, same=True)
        centre = seed_centres(engine, np.array([int((squared @ share).argmin())]))[0]
    else:
        centre = np.asarray(init, dtype=np.float64)
        centre = centre[:, None] if centre.ndim == 1 else centre
    if method == "softdtw":
        from termini.cluster.softdtw import soft_barycentre

        return soft_barycentre(
            series, centre, gamma=gamma, window=metric.window, weights=share, max_iter=max_iter
        )
    if method not in ("dba", "subgradient"):
        raise InputError(f"method is {method!r}; it is 'dba', 'subgradient' or 'softdtw'")
    blocks = engine.blocks
    return average(engine, centre, blocks, 0, share, steps=max_iter, tol=tol, method=method)[0]
