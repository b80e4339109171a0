"""k-medoids on a matrix of distances: the quick relative of k-means.

Used where many clusterings are compared (null test, resampling), because it
needs the DTW distances only once. No random numbers: the start is greedy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Cells of a matrix that are squared at a time where it is larger, as those on disk are.
_CELLS = 8_000_000


def k_medoids(distances: NDArray[Any], k: int, max_swaps: int = 100) -> NDArray[np.int64]:
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
    return partition_around_medoids(distances, k, max_swaps)[0]


def partition_around_medoids(
    distances: NDArray[Any], k: int, max_swaps: int
) -> tuple[NDArray[np.int64], int]:
    """As `k_medoids`, with the number of searches for a swap.

    Parameters
    ----------
    distances, k, max_swaps
        As in `k_medoids`.

    Returns
    -------
    medoids : ndarray of int, (k,)
        Indices of the medoids.
    searches : int
        How often the best swap was looked for; the last found none that helps, or
        `max_swaps` was reached.
    """
    parts = _squares(distances)

    def row(member: int) -> NDArray[np.float64]:
        return np.asarray(distances[member], dtype=np.float64) ** 2

    medoids = [int(_costs(parts, None).argmin())]
    nearest = row(medoids[0])
    while len(medoids) < k:
        cost = _costs(parts, nearest)
        cost[medoids] = np.inf
        medoids.append(int(cost.argmin()))
        nearest = np.minimum(nearest, row(medoids[-1]))
    best = float(nearest.sum())
    searches = 0
    for searches in range(1, max_swaps + 1):  # noqa: B007
        trials = []
        rows = [row(member) for member in medoids]
        for position in range(k):
            others = [each for i, each in enumerate(rows) if i != position]
            cost = _costs(parts, np.min(others, axis=0) if others else None)
            candidate = int(cost.argmin())
            trials.append((float(cost[candidate]), position, candidate))
        cost_least, position, candidate = min(trials)
        if cost_least >= best * (1.0 - 1e-12):
            break
        best = cost_least
        medoids[position] = candidate
    return np.asarray(medoids, dtype=np.int64), searches


class _Lazy:
    """Squares of a matrix that is read from disk, some rows at a time."""

    def __init__(self, distances: NDArray[Any]) -> None:
        self.distances = distances

    def __iter__(self) -> Iterator[NDArray[np.float64]]:
        step = max(1, _CELLS // len(self.distances))
        for first in range(0, len(self.distances), step):
            yield np.asarray(self.distances[first : first + step], dtype=np.float64) ** 2


def _squares(distances: NDArray[Any]) -> Iterable[NDArray[np.float64]]:
    if distances.size > _CELLS:
        return _Lazy(distances)
    return [np.asarray(distances, dtype=np.float64) ** 2]


def _costs(
    parts: Iterable[NDArray[np.float64]], nearest: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Sum of squares if each member became a medoid besides those that give `nearest`."""
    sums = [(part if nearest is None else np.minimum(nearest, part)).sum(axis=1) for part in parts]
    return np.concatenate(sums)


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
