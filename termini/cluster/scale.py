"""One scale from features to clusters: choice of k, fit, verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from termini.cluster.distance import dtw_distances
from termini.cluster.features import Features
from termini.cluster.fit import Clusters, fit_clusters
from termini.cluster.selection import Choice, choose_k
from termini.errors import InputError


@dataclass(frozen=True)
class ScaleResult:
    """What one scale gives.

    Attributes
    ----------
    labels : ndarray of int, (n_glaciers,)
        Cluster of each glacier of the input, -1 without data.
    clusters : Clusters or None
        The clusters of the glaciers that take part; None where none does.
    choice : Choice or None
        Curves over k.
    features : Features
        What was compared.
    verdict : str
        How the number of types came about.
    agreement : float
        Mean adjusted Rand index of subsamples of the final clustering.
    """

    labels: NDArray[np.int32]
    clusters: Clusters | None
    choice: Choice | None
    features: Features
    verdict: str
    agreement: float


def cluster_scale(
    features: Features,
    *,
    band: int,
    k: int | None,
    periodic: bool,
    k_range: tuple[int, int],
    seed: int,
    n_null: int,
) -> ScaleResult:
    """Clusters of one scale.

    Parameters
    ----------
    features : Features
        What is compared.
    band : int
        Sakoe-Chiba half-width, samples.
    k : int, optional
        Number of clusters; chosen by the test where it is None.
    periodic : bool
        Whether the last sample is followed by the first: series are continued by
        `band` samples at both ends, and clusters are ordered by the time of their
        largest value instead of by their last value.
    k_range, seed, n_null
        As in `choose_k`.

    Returns
    -------
    ScaleResult
        Labels, clusters and curves.

    Raises
    ------
    InputError
        If more clusters are asked for than there are series.
    """
    labels = np.full(len(features.reason), -1, dtype=np.int32)
    n = len(features.rows)
    if n == 0:
        words = "no glacier has the data for this scale"
        return ScaleResult(labels, None, None, features, words, float("nan"))
    different = len(np.unique(features.scaled, axis=0))
    if k is not None and not 1 <= k <= different:
        raise InputError(
            f"k={k} types were asked for, but only {different} different series can be compared; "
            "give a smaller k"
        )
    pad = band if periodic else 0

    def wrapped(series: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.pad(series, ((0, 0), (pad, pad)), mode="wrap") if pad else series

    def order(centres: NDArray[np.float64]) -> NDArray[np.float64]:
        inner = centres[:, pad : centres.shape[1] - pad]
        return inner.argmax(axis=1).astype(np.float64) if periodic else inner[:, -1]

    choice = choose_k(
        features.scaled,
        lambda series: dtw_distances(wrapped(series), band=band),
        k_range=k_range,
        seed=seed,
        n_null=n_null,
    )

    def fitted(number: int) -> Clusters:
        found = fit_clusters(wrapped(features.scaled), number, band=band, seed=seed, order_by=order)
        return found.cut(pad) if pad else found

    if k is not None:
        clusters = fitted(k)
        words = f"k={k} was asked for; the test says: {choice.verdict}"
    else:
        clusters, words = _first_stable(choice, fitted)
    labels[features.rows] = clusters.labels
    return ScaleResult(labels, clusters, choice, features, words, clusters.agreement)


def _first_stable(choice: Choice, fitted: Callable[[int], Clusters]) -> tuple[Clusters, str]:
    """Best candidate whose final clusters, not only their medoids, are stable."""
    failed: list[str] = []
    for number in choice.candidates:
        clusters = fitted(number)
        if clusters.agreement >= choice.least_stability:
            place = int(np.flatnonzero(choice.k == number)[0])
            words = choice.verdict
            if failed:
                words = (
                    f"k={number}: p={choice.p[place]:.3f}, agreement of subsamples "
                    f"{clusters.agreement:.2f}; {', '.join(failed)}"
                )
            return clusters, words
        failed.append(f"k={number} beats the noise but is not stable ({clusters.agreement:.2f})")
    words = "; ".join(failed) + "; all in one type" if failed else choice.verdict
    return fitted(1), words
