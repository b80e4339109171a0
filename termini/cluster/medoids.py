"""k-medoids on a matrix of distances: the quick relative of k-means.

Used where many clusterings are compared (null test, resampling), because it
needs the DTW distances only once. No random numbers: the start is greedy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def k_medoids(distances: NDArray[np.float64], k: int, max_swaps: int = 100) -> NDArray[np.int64]:
    """Members that are nearest to all others, by PAM.

    Kaufman & Rousseeuw 1990: greedy build, then the best swap of a medoid for
    another member until none lowers the sum of squared distances.

    Parameters
    ----------
    distances : ndarray, (n, n)
        Symmetric distances.
    k : int
        Number of medoids, at most n.
    max_swaps : int
        Largest number of swaps.

    Returns
    -------
    ndarray of int, (k,)
        Indices of the medoids.
    """
    squared = distances**2
    medoids = [int(squared.sum(axis=0).argmin())]
    nearest = squared[medoids[0]]
    while len(medoids) < k:
        cost = np.minimum(nearest, squared).sum(axis=1)
        cost[medoids] = np.inf
        medoids.append(int(cost.argmin()))
        nearest = np.minimum(nearest, squared[medoids[-1]])
    best = float(nearest.sum())
    for _ in range(max_swaps):
        trials = []
        for position in range(k):
            others = [m for i, m in enumerate(medoids) if i != position]
            left = squared[others].min(axis=0) if others else np.full(len(squared), np.inf)
            cost = np.minimum(left, squared).sum(axis=1)
            candidate = int(cost.argmin())
            trials.append((float(cost[candidate]), position, candidate))
        cost_least, position, candidate = min(trials)
        if cost_least >= best * (1.0 - 1e-12):
            break
        best = cost_least
        medoids[position] = candidate
    return np.asarray(medoids, dtype=np.int64)


def medoid_labels(distances: NDArray[np.float64], k: int) -> NDArray[np.int64]:
    """Cluster of each member under k-medoids.

    Parameters
    ----------
    distances : ndarray, (n, n)
        Symmetric distances.
    k : int
        Number of clusters.

    Returns
    -------
    ndarray of int, (n,)
        Number of the nearest medoid.
    """
    medoids = k_medoids(distances, k)
    return np.asarray(distances[:, medoids].argmin(axis=1), dtype=np.int64)


def silhouettes(distances: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Silhouette of each member.

    Parameters
    ----------
    distances : ndarray, (n, n)
        Symmetric distances.
    labels : ndarray of int, (n,)
        Clusters.

    Returns
    -------
    ndarray of float64, (n,)
        Rousseeuw 1987 (J. Comput. Appl. Math. 20, 53): (b - a) / max(a, b); 0 for a
        member that is alone in its cluster; NaN where there is one cluster only.
    """
    groups, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if len(groups) < 2:
        return np.full(len(labels), np.nan)
    onehot = np.eye(len(groups))[inverse]
    sums = distances @ onehot
    rows = np.arange(len(labels))
    own = counts[inverse]
    a = sums[rows, inverse] / np.maximum(own - 1, 1)
    means = sums / counts
    means[rows, inverse] = np.inf
    b = means.min(axis=1)
    scale = np.maximum(np.maximum(a, b), np.finfo(np.float64).tiny)
    return np.asarray(np.where(own > 1, (b - a) / scale, 0.0))
