"""Whether clusters come back: without some glaciers, with others twice, without some years."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score

from termini.cluster.medoids import k_medoids, medoid_labels

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def matched(reference: Labels, labels: Labels) -> Labels:
    """Number in `reference` that each cluster of `labels` corresponds to.

    Parameters
    ----------
    reference, labels : ndarray of int, (n,)
        Two clusterings of the same members; negative numbers belong to no cluster.

    Returns
    -------
    ndarray of int, (largest label + 1,)
        The assignment with most members in common; -1 for a cluster left over.
    """
    overlap = np.zeros((int(labels.max(initial=0)) + 1, int(reference.max(initial=0)) + 1))
    both = (labels >= 0) & (reference >= 0)
    np.add.at(overlap, (labels[both], reference[both]), 1)
    rows, columns = linear_sum_assignment(-overlap)
    match = np.full(len(overlap), -1, dtype=np.int64)
    match[rows] = columns
    return match


def subsample_stability(
    distances: Array, k: int, rng: np.random.Generator, *, repeats: int = 30, share: float = 0.8
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


def bootstrap_medoids(distances: Array, k: int, rng: np.random.Generator) -> Labels:
    """Medoids of a bootstrap sample of the members.

    Parameters
    ----------
    distances : ndarray, (n, n)
        Distances of all members.
    k : int
        Number of clusters.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of int, (k,)
        Members, drawn with replacement, that are the medoids of the sample. Where
        fewer than k different ones are drawn, all members take part.
    """
    drawn = np.sort(rng.integers(0, len(distances), len(distances)))
    if len(np.unique(drawn)) <= k:
        drawn = np.arange(len(distances))
    return np.asarray(drawn[k_medoids(distances[np.ix_(drawn, drawn)], k)], dtype=np.int64)


def bootstrap_stability(
    distances: Array, k: int, rng: np.random.Generator, *, repeats: int = 30
) -> float:
    """Mean agreement of the clusters with those that bootstrap samples give all members.

    Parameters
    ----------
    distances : ndarray, (n, n)
        Distances of all members.
    k : int
        Number of clusters.
    rng : numpy.random.Generator
        Source of randomness.
    repeats : int
        Number of bootstrap samples.

    Returns
    -------
    float
        Mean adjusted Rand index; each member belongs to the nearest medoid of the
        sample.
    """
    whole = medoid_labels(distances, k)
    scores = []
    for _ in range(repeats):
        medoids = bootstrap_medoids(distances, k, rng)
        scores.append(adjusted_rand_score(whole, distances[:, medoids].argmin(axis=1)))
    return float(np.mean(scores))


def period_stability(whole: Array, left: list[Array], k: int) -> float:
    """Mean agreement of the clusters with those without each period.

    Parameters
    ----------
    whole : ndarray, (n, n)
        Distances over the whole record.
    left : list of ndarray, (n, n)
        Distances without one period after the other; may be empty.
    k : int
        Number of clusters.

    Returns
    -------
    float
        Mean adjusted Rand index; NaN if there is no such matrix.
    """
    if not left:
        return float("nan")
    labels = medoid_labels(whole, k)
    return float(np.mean([adjusted_rand_score(labels, medoid_labels(m, k)) for m in left]))
