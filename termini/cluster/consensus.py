"""Whether the types hang on the method: the same glaciers by several, and what they share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.metrics import adjusted_rand_score

from termini.cluster.hierarchy import DTWHDBSCAN, DTWAgglomerative
from termini.cluster.medoids import medoid_labels
from termini.cluster.mixture import StateMixture
from termini.cluster.stability import matched

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Consensus:
    """What several methods say of the same glaciers.

    Attributes
    ----------
    methods : tuple of str, length m
        Names of the methods.
    labels : ndarray of int, (m, n)
        Clusters by each method; -1 for a glacier that the method leaves out.
    agreement : ndarray, (m,)
        Adjusted Rand index of each method with the reference.
    together : ndarray, (n, n)
        Share of the methods in which two glaciers are in one cluster.
    share : ndarray, (n,)
        Share of the methods that give a glacier the cluster of the reference.
    consensus : ndarray of int, (n,)
        Clusters of what is together, as many as the reference has, and numbered as
        there.
    """

    methods: tuple[str, ...]
    labels: NDArray[np.int64]
    agreement: Array
    together: Array
    share: Array
    consensus: Labels


def co_association(labels: NDArray[np.int64]) -> Array:
    """Share of the clusterings in which two members are in one cluster.

    Parameters
    ----------
    labels : ndarray of int, (m, n)
        m clusterings of n members; negative numbers belong to no cluster.

    Returns
    -------
    ndarray, (n, n)
        Fred & Jain 2005 (IEEE Trans. Pattern Anal. Mach. Intell. 27, 835); 1 on the
        diagonal.
    """
    same = (labels[:, :, None] == labels[:, None, :]) & (labels[:, :, None] >= 0)
    together = same.mean(axis=0)
    np.fill_diagonal(together, 1.0)
    return np.asarray(together)


def consensus_labels(together: Array, k: int) -> Labels:
    """Clusters of a matrix of co-association.

    Parameters
    ----------
    together : ndarray, (n, n)
        From `co_association`.
    k : int
        Number of clusters.

    Returns
    -------
    ndarray of int, (n,)
        Average linkage on 1 less the share, cut into k.
    """
    apart = squareform(1.0 - together, checks=False)
    return np.asarray(fcluster(linkage(apart, "average"), k, "maxclust") - 1, dtype=np.int64)


def consensus(matrix: Array, features: Array, reference: Labels, seed: int = 0) -> Consensus:
    """Clusterings by several methods, compared with one.

    Parameters
    ----------
    matrix : ndarray, (n, n)
        Distances.
    features : ndarray, (n, p)
        State-space features, for the mixture.
    reference : ndarray of int, (n,)
        Clusters to compare with.
    seed : int
        Seed of the mixture.

    Returns
    -------
    Consensus
        k-medoids, average and complete linkage with as many clusters, HDBSCAN with as
        many as it finds, and a Gaussian mixture on the features with as many.
    """
    k = int(reference.max()) + 1
    found = {
        "k-medoids": medoid_labels(matrix, k),
        "average linkage": DTWAgglomerative(k, metric="precomputed").fit_predict(matrix),
        "complete linkage": DTWAgglomerative(
            k, linkage="complete", metric="precomputed"
        ).fit_predict(matrix),
        "HDBSCAN": DTWHDBSCAN(metric="precomputed").fit_predict(matrix),
        "mixture": StateMixture(k, random_state=seed).fit_predict(features),
    }
    labels = np.array([reference, *found.values()], dtype=np.int64)
    together = co_association(labels)
    same = []
    for one in found.values():
        match = np.append(matched(reference, one), -1)  # the last entry serves label -1
        same.append(match[one] == reference)
    agreed = consensus_labels(together, k)
    return Consensus(
        methods=tuple(found),
        labels=labels[1:],
        agreement=np.array([adjusted_rand_score(reference, one) for one in found.values()]),
        together=together,
        share=np.mean(same, axis=0),
        consensus=matched(reference, agreed)[agreed],
    )
