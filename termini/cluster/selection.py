"""How many types there are, if any: silhouette, gap, stability, and two nulls.

k-means finds k clusters in anything. A number of types is believed only if its
silhouette is larger than that of series drawn from one Gaussian population with the
mean and the covariance of the data (red noise as the data have it, without groups) and
than that of the series themselves at random phases (for mean cycles also than that of
cycles whose sizes and dates scatter about one middle), if it comes back when a fifth of
the glaciers is left out, and if every type has enough members to be one. Among the
numbers that are believed the largest is taken whose silhouette is nearly that of the
best: as many types as the data bear.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from termini.cluster.medoids import k_medoids, silhouettes
from termini.cluster.nulls import CYCLE_NULLS, NULLS, Array, Null
from termini.cluster.stability import (
    bootstrap_stability,
    period_stability,
    subsample_stability,
)

Distances = Callable[[Array], Array]


@dataclass(frozen=True)
class Rule:
    """When a number of types is believed.

    Attributes
    ----------
    level : float
        Largest share of samples of any null that reach the silhouette; for the nulls of
        one population also with the best number of each sample.
    stability : float
        Least mean adjusted Rand index with subsamples.
    near : float
        Silhouettes of at least this share of the best are as good.
    members : int
        Least members of every type; two are enough of up to `few` glaciers.
    few : int
        What is a small sample.
    cycle_silhouette : float
        Least mean silhouette of types of mean cycles: simulated regions of one population
        that pass the rest stay below 0.57, those with planted types are above 0.64.
    """

    level: float = 0.05
    stability: float = 0.6
    near: float = 0.95
    members: int = 3
    few: int = 20
    cycle_silhouette: float = 0.6

    def least_members(self, n: int) -> int:
        """Least members of a type among n glaciers."""
        return min(2, self.members) if n <= self.few else self.members


@dataclass(frozen=True)
class Choice:
    """Curves over the number of clusters, and the number chosen.

    Attributes
    ----------
    k : ndarray of int, (m,)
        Numbers tried.
    silhouette, stability, null, null_upper, p : ndarray, (m,)
        Mean silhouette; mean adjusted Rand index of subsamples; mean and 95th
        percentile of the null's silhouette; share of null samples at least as large.
    phase, phase_upper, phase_p : ndarray, (m,)
        The same of the phase-randomised null.
    cycle, cycle_upper, cycle_p : ndarray, (m,)
        The same of the null of one population of cycles; NaN for other series.
    gap, gap_se : ndarray, (m,)
        Gap of Tibshirani et al. 2001 (J. R. Stat. Soc. B 63, 411) and its standard
        error, against the same-covariance null.
    bootstrap, period : ndarray, (m,)
        Mean adjusted Rand index of bootstrap samples of the glaciers, and without
        each period of the record.
    smallest : ndarray of int, (m,)
        Members of the smallest cluster.
    p_any : float
        Share of null samples whose best excess over all k is at least the data's; the
        larger one of the same-covariance null and of that of cycles.
    chosen : int
        Number chosen; 1 where nothing is believed.
    verdict : str
        The choice in words.
    candidates : tuple of int
        All numbers that are believed, best first.
    least_stability : float
        What counted as stable.
    """

    k: NDArray[np.int64]
    silhouette: Array
    stability: Array
    null: Array
    null_upper: Array
    p: Array
    p_any: float
    chosen: int
    verdict: str
    candidates: tuple[int, ...] = ()
    least_stability: float = 0.0
    phase: Array = field(default_factory=lambda: np.empty(0))
    phase_upper: Array = field(default_factory=lambda: np.empty(0))
    phase_p: Array = field(default_factory=lambda: np.empty(0))
    cycle: Array = field(default_factory=lambda: np.empty(0))
    cycle_upper: Array = field(default_factory=lambda: np.empty(0))
    cycle_p: Array = field(default_factory=lambda: np.empty(0))
    gap: Array = field(default_factory=lambda: np.empty(0))
    gap_se: Array = field(default_factory=lambda: np.empty(0))
    bootstrap: Array = field(default_factory=lambda: np.empty(0))
    period: Array = field(default_factory=lambda: np.empty(0))
    smallest: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @property
    def worst_p(self) -> Array:
        """Largest share over the nulls, (m,)."""
        return np.fmax(np.fmax(self.p, self.phase_p), self.cycle_p)


def choose_k(
    series: Array,
    distance: Distances,
    *,
    k_range: tuple[int, int] = (2, 8),
    seed: int = 0,
    n_null: int = 100,
    rule: Rule | None = None,
    without: Sequence[Array] = (),
    periodic: bool = False,
) -> Choice:
    """Number of clusters: as many as are believed and as clear as the best.

    Parameters
    ----------
    series : ndarray, (n, T)
        Scaled series.
    distance : callable
        Series (n, T) to their matrix of distances (n, n).
    k_range : (int, int)
        Least and largest number; at most a third of the series are tried, and no
        more than there are different ones.
    seed : int
        Seed of the nulls and the samples.
    n_null : int
        Number of samples of each null.
    rule : Rule, optional
        When a number is believed.
    without : sequence of ndarray, (n, any)
        The same series without one period of the record after the other.
    periodic : bool
        Whether the series are cycles, so that `cycle_null` is a null as well.

    Returns
    -------
    Choice
        Curves and choice. Partitions here are k-medoids of the same distances, for
        data and null alike.
    """
    largest = min(k_range[1], len(series) // 3, len(np.unique(series, axis=0)))
    k_values = np.arange(k_range[0], largest + 1)
    if len(k_values) == 0:
        none = np.empty(0)
        words = f"{len(series)} series are too few or too equal to look for types; all in one type"
        return Choice(k_values, none, none, none, none, none, 1.0, 1, words)
    nulls = NULLS | (CYCLE_NULLS if periodic else {})
    rng = np.random.default_rng(seed)
    return _judged(series, distance, k_values, rng, n_null, rule or Rule(), without, nulls)


def _judged(
    series: Array,
    distance: Distances,
    k_values: NDArray[np.int64],
    rng: np.random.Generator,
    n_null: int,
    rule: Rule,
    without: Sequence[Array],
    nulls: dict[str, Null],
) -> Choice:
    """Curves over the numbers of clusters, and the choice by the rule."""
    matrix = distance(series)
    observed, within, smallest = _curves(matrix, k_values)
    draws = {
        name: [_curves(distance(make(series, rng)), k_values)[:2] for _ in range(n_null)]
        for name, make in nulls.items()
    }
    null, dispersion = (np.array(part) for part in zip(*draws["covariance"], strict=True))
    phase = np.array([silhouette for silhouette, _ in draws["phase"]])
    left = [distance(part) for part in without]
    stability = np.array([subsample_stability(matrix, int(k), rng) for k in k_values])
    logs = np.log(dispersion)
    p, p_any, excess = _beaten(observed, null)
    phase_p = _beaten(observed, phase)[0]
    cycle = np.array([silhouette for silhouette, _ in draws.get("cycle", [])])
    cycle_p, clear = np.full(len(p), np.nan), np.ones(len(p), dtype=bool)
    if len(cycle):
        cycle_p, cycle_any, _ = _beaten(observed, cycle)
        p_any = max(p_any, cycle_any)
        clear = observed >= rule.cycle_silhouette
    worst = np.fmax(np.fmax(p, phase_p), cycle_p)
    believed = (worst <= rule.level) & (p_any <= rule.level) & clear
    believed &= (stability >= rule.stability) & (smallest >= rule.least_members(len(series)))
    candidates = _in_order(k_values, observed, believed, rule.near)
    return Choice(
        k=k_values,
        silhouette=observed,
        stability=stability,
        null=null.mean(axis=0),
        null_upper=np.quantile(null, 0.95, axis=0),
        p=p,
        p_any=p_any,
        chosen=candidates[0] if candidates else 1,
        verdict=_words(k_values, candidates, observed, excess, worst, stability, p_any, n_null),
        candidates=candidates,
        least_stability=rule.stability,
        phase=phase.mean(axis=0),
        phase_upper=np.quantile(phase, 0.95, axis=0),
        phase_p=phase_p,
        cycle=cycle.mean(axis=0) if len(cycle) else cycle_p.copy(),
        cycle_upper=np.quantile(cycle, 0.95, axis=0) if len(cycle) else cycle_p.copy(),
        cycle_p=cycle_p,
        gap=logs.mean(axis=0) - np.log(within),
        gap_se=logs.std(axis=0) * np.sqrt(1.0 + 1.0 / n_null),
        bootstrap=np.array([bootstrap_stability(matrix, int(k), rng) for k in k_values]),
        period=np.array([period_stability(matrix, left, int(k)) for k in k_values]),
        smallest=smallest,
    )


def _curves(matrix: Array, k_values: NDArray[np.int64]) -> tuple[Array, Array, NDArray[np.int64]]:
    """Mean silhouette, sum of squared distances to the medoid, smallest cluster."""
    rows = []
    for k in k_values:
        to_medoids = matrix[:, k_medoids(matrix, int(k))]
        labels = to_medoids.argmin(axis=1)
        within = max(float((to_medoids.min(axis=1) ** 2).sum()), np.finfo(np.float64).tiny)
        score = np.nan_to_num(silhouettes(matrix, labels).mean(), nan=0.0)
        rows.append((score, within, np.bincount(labels, minlength=k).min()))
    scores, within_all, smallest = (np.array(column) for column in zip(*rows, strict=True))
    return scores, within_all, smallest.astype(np.int64)


def _beaten(observed: Array, null: Array) -> tuple[Array, float, Array]:
    """Share of the null at least as large, for each k and for the best k; the excess."""
    n_null = len(null)
    mean, spread = null.mean(axis=0), np.maximum(null.std(axis=0), 1e-9)
    p = (1 + (null >= observed).sum(axis=0)) / (n_null + 1)
    excess = (observed - mean) / spread
    null_best = ((null - mean) / spread).max(axis=1)
    return p, float((1 + (null_best >= excess.max()).sum()) / (n_null + 1)), excess


def _in_order(
    k_values: NDArray[np.int64], observed: Array, believed: NDArray[np.bool_], near: float
) -> tuple[int, ...]:
    """Numbers that are believed; those nearly as clear as the best first, by most types."""
    places = np.flatnonzero(believed)
    if len(places) == 0:
        return ()
    clear = observed[places] >= near * observed[places].max()
    first = places[clear][::-1]
    rest = places[~clear]
    rest = rest[np.argsort(-observed[rest], kind="stable")]
    return tuple(int(k_values[place]) for place in (*first, *rest))


def _words(
    k_values: NDArray[np.int64],
    candidates: tuple[int, ...],
    observed: Array,
    excess: Array,
    p: Array,
    stability: Array,
    p_any: float,
    n_null: int,
) -> str:
    if not candidates:
        best = int(excess.argmax())
        return (
            f"no number of types is stable, large enough and better than noise without groups "
            f"(best k={k_values[best]}: p={p[best]:.3f}, stability {stability[best]:.2f}, "
            f"p over all k {p_any:.3f}); all in one type"
        )
    at = int(np.flatnonzero(k_values == candidates[0])[0])
    return (
        f"k={candidates[0]}: silhouette {observed[at]:.2f}, {excess[at]:.1f} standard deviations "
        f"above {n_null} samples of noise without groups (p={p[at]:.3f}), "
        f"stability {stability[at]:.2f}"
    )
