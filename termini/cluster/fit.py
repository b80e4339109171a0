"""Clusters at one scale: DTW k-means, its order, silhouettes and stability."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from termini.cluster.distance import dtw_distances
from termini.cluster.kmeans import DTWKMeans
from termini.cluster.medoids import k_medoids, medoid_labels, silhouettes
from termini.cluster.stability import matched

Order = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Clusters:
    """Result of one clustering; cluster numbers are in their final order.

    Attributes
    ----------
    labels : ndarray of int, (n,)
        Cluster of each series.
    centres : ndarray, (k, T)
        DBA centres, scaled.
    distances : ndarray, (n, k)
        DTW distance of each series to each centre.
    silhouette : ndarray, (n,)
        Silhouette of each series; NaN for one cluster.
    stability : ndarray, (n,)
        Share of subsamples in which the series keeps its cluster.
    agreement : float
        Mean adjusted Rand index of the subsamples.
    inertia : float
        Mean squared distance to the nearest centre.
    """

    labels: NDArray[np.int64]
    centres: NDArray[np.float64]
    distances: NDArray[np.float64]
    silhouette: NDArray[np.float64]
    stability: NDArray[np.float64]
    agreement: float
    inertia: float

    def cut(self, pad: int) -> Clusters:
        """The same clusters without the first and last `pad` samples of the centres."""
        return replace(self, centres=self.centres[:, pad : self.centres.shape[1] - pad])


def fit_clusters(
    series: NDArray[np.float64],
    k: int,
    *,
    band: int,
    seed: int,
    n_init: int = 3,
    repeats: int = 50,
    order_by: Order | None = None,
) -> Clusters:
    """DTW k-means from several starts, and how well each series belongs.

    Parameters
    ----------
    series : ndarray, (n, T)
        Scaled series.
    k : int
        Number of clusters.
    band : int
        Sakoe-Chiba half-width, samples.
    seed : int
        Seed of the starts and the subsamples.
    n_init : int
        k-means++ starts, besides one from the k-medoids.
    repeats : int
        Subsamples of four fifths for the stability. They are clustered by k-medoids
        on the same distances: a label is stable only if another method on other
        glaciers finds it again.
    order_by : callable, optional
        Centres (k, T) to the values (k,) that the clusters are ordered by, ascending;
        by default the centres' last values.

    Returns
    -------
    Clusters
        The best of the starts.
    """
    matrix = dtw_distances(series, band=band)
    model = best_of_starts(series, matrix, k, band=band, seed=seed, n_init=n_init)
    found = model.cluster_centers_[:, :, 0]
    order = np.argsort(found[:, -1] if order_by is None else order_by(found), kind="stable")
    rank = np.argsort(order, kind="stable")
    labels = rank[model.labels_]
    stability, agreement = _stability(matrix, labels, k, seed, repeats)
    return Clusters(
        labels=labels,
        centres=found[order],
        distances=model.transform(series)[:, order],
        silhouette=silhouettes(matrix, labels),
        stability=stability,
        agreement=agreement,
        inertia=model.inertia_,
    )


def best_of_starts(
    series: NDArray[np.float64],
    matrix: NDArray[np.float64],
    k: int,
    *,
    band: int,
    seed: int,
    n_init: int,
    max_iter: int = 50,
) -> DTWKMeans:
    """DTW k-means with the least inertia among k-medoids and k-means++ starts.

    Parameters
    ----------
    series : ndarray, (n, T)
        Scaled series.
    matrix : ndarray, (n, n)
        Their DTW distances.
    k, band, seed, n_init, max_iter : int
        As in `fit_clusters` and `DTWKMeans`; ``n_init=0`` starts from the medoids only.

    Returns
    -------
    DTWKMeans
        Fitted.
    """
    start = series[k_medoids(matrix, k)][:, :, None]
    same: dict[str, Any] = {
        "band": band, "max_iter": max_iter, "random_state": seed,
        "averaging": "petitjean", "max_iter_barycenter": 5,
    }  # fmt: skip
    best = DTWKMeans(k, n_init=1, init=start, **same)
    best.fit(series)
    if n_init > 0 and k > 1:
        other = DTWKMeans(k, n_init=n_init, **same)
        if other.fit(series).inertia_ < best.inertia_ * (1.0 - 1e-9):
            return other
    return best


def _stability(
    matrix: NDArray[np.float64], labels: NDArray[np.int64], k: int, seed: int, repeats: int
) -> tuple[NDArray[np.float64], float]:
    """Share of subsamples in which each series keeps its cluster, and their mean ARI."""
    n = len(matrix)
    if k == 1 or repeats == 0:
        return np.ones(n), 1.0
    rng = np.random.default_rng([seed, 1])
    kept, drawn, scores = np.zeros(n), np.zeros(n), []
    size = min(n, max(k + 1, round(0.8 * n)))
    for _ in range(repeats):
        part = np.sort(rng.choice(n, size, replace=False))
        found = medoid_labels(matrix[np.ix_(part, part)], k)
        kept[part] += matched(labels[part], found)[found] == labels[part]
        drawn[part] += 1
        scores.append(adjusted_rand_score(labels[part], found))
    share = np.where(drawn > 0, kept / np.maximum(drawn, 1), np.nan)
    return share, float(np.mean(scores))
