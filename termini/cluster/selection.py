"""How many types there are, if any: silhouette, stability, and a null test.

k-means finds k clusters in anything. A number of types is believed only if its
silhouette is larger than that of series drawn from one Gaussian population with
the mean and the covariance of the data (red noise as the data have it, without
groups), and if it comes back when a fifth of the glaciers is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from termini.cluster.medoids import medoid_labels, silhouettes

Distances = Callable[[NDArray[np.float64]], NDArray[np.float64]]


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
    p_any : float
        Share of null samples whose best excess over all k is at least the data's.
    chosen : int
        Number chosen; 1 where nothing beats the null.
    verdict : str
        The choice in words.
    candidates : tuple of int
        All numbers that beat the null and are stable, best first.
    least_stability : float
        What counted as stable.
    """

    k: NDArray[np.int64]
    silhouette: NDArray[np.float64]
    stability: NDArray[np.float64]
    null: NDArray[np.float64]
    null_upper: NDArray[np.float64]
    p: NDArray[np.float64]
    p_any: float
    chosen: int
    verdict: str
    candidates: tuple[int, ...] = ()
    least_stability: float = 0.0


def same_covariance_null(
    series: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Series of one Gaussian population that looks like the data but has no groups.

    Parameters
    ----------
    series : ndarray, (n, T)
        The data.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, (n, T)
        n draws with the sample mean and the sample covariance of the data.
    """
    mean = series.mean(axis=0)
    n = len(series)
    weights = rng.standard_normal((n, n))
    return np.asarray(mean + weights @ (series - mean) / np.sqrt(max(n - 1, 1)))


def subsample_stability(
    distances: NDArray[np.float64],
    k: int,
    rng: np.random.Generator,
    *,
    repeats: int = 30,
    share: float = 0.8,
) -> float:
    """Mean agreement of the clusters with those of subsamples.

    Parameters
    ----------
    distances : ndarray, (n, n)
        Distances of all members.
    k : int
        Number of clusters.
    rng : numpy.random.Generator
        Source of randomness.
    repeats : int
        Number of subsamples.
    share : float
        Share of the members in each.

    Returns
    -------
    float
        Mean adjusted Rand index (Hubert & Arabie 1985), 1 for perfect agreement.
    """
    n = len(distances)
    whole = medoid_labels(distances, k)
    size = min(n, max(k + 1, round(share * n)))
    scores = []
    for _ in range(repeats):
        chosen = np.sort(rng.choice(n, size, replace=False))
        part = medoid_labels(distances[np.ix_(chosen, chosen)], k)
        scores.append(adjusted_rand_score(whole[chosen], part))
    return float(np.mean(scores))


def choose_k(
    series: NDArray[np.float64],
    distance: Distances,
    *,
    k_range: tuple[int, int] = (2, 8),
    seed: int = 0,
    n_null: int = 100,
    level: float = 0.05,
    least_stability: float = 0.6,
) -> Choice:
    """Number of clusters by excess of the silhouette over the null.

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
        Seed of the null and the subsamples.
    n_null : int
        Number of null samples.
    level : float
        Largest p of a number that may be chosen.
    least_stability : float
        Least stability of a number that may be chosen.

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
    rng = np.random.default_rng(seed)
    matrix = distance(series)
    observed = _curve(matrix, k_values)
    null = np.array(
        [_curve(distance(same_covariance_null(series, rng)), k_values) for _ in range(n_null)]
    )
    stability = np.array([subsample_stability(matrix, int(k), rng) for k in k_values])
    mean, spread = null.mean(axis=0), np.maximum(null.std(axis=0), 1e-9)
    p = (1 + (null >= observed).sum(axis=0)) / (n_null + 1)
    excess = (observed - mean) / spread
    null_best = ((null - mean) / spread).max(axis=1)
    p_any = float((1 + (null_best >= excess.max()).sum()) / (n_null + 1))
    allowed = (p <= level) & (stability >= least_stability) & (p_any <= level)
    chosen, verdict = _decide(k_values, excess, p, stability, p_any, allowed, n_null)
    best_first = np.argsort(np.where(allowed, -excess, np.inf), kind="stable")
    return Choice(
        k_values,
        observed,
        stability,
        mean,
        np.quantile(null, 0.95, axis=0),
        p,
        p_any,
        chosen,
        verdict,
        tuple(int(k) for k in k_values[best_first][: int(allowed.sum())]),
        least_stability,
    )


def _curve(matrix: NDArray[np.float64], k_values: NDArray[np.int64]) -> NDArray[np.float64]:
    scores = [silhouettes(matrix, medoid_labels(matrix, int(k))).mean() for k in k_values]
    return np.asarray(np.nan_to_num(np.array(scores), nan=0.0))


def _decide(
    k_values: NDArray[np.int64],
    excess: NDArray[np.float64],
    p: NDArray[np.float64],
    stability: NDArray[np.float64],
    p_any: float,
    allowed: NDArray[np.bool_],
    n_null: int,
) -> tuple[int, str]:
    if not allowed.any():
        best = int(excess.argmax())
        return 1, (
            f"no number of types is both stable and better than noise without groups "
            f"(best k={k_values[best]}: p={p[best]:.3f}, stability {stability[best]:.2f}, "
            f"p over all k {p_any:.3f}); all in one type"
        )
    best = int(np.where(allowed, excess, -np.inf).argmax())
    return int(k_values[best]), (
        f"k={k_values[best]}: silhouette {excess[best]:.1f} standard deviations above "
        f"{n_null} samples of noise without groups (p={p[best]:.3f}), "
        f"stability {stability[best]:.2f}"
    )
