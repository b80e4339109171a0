"""One scale from features to clusters: choice of k, fit, probabilities, other methods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from termini.cluster.consensus import Consensus, consensus
from termini.cluster.distance import dtw_distances
from termini.cluster.features import Features
from termini.cluster.fit import Clusters, fit_clusters
from termini.cluster.membership import membership_probabilities
from termini.cluster.selection import Choice, choose_k
from termini.cluster.settings import TypeSettings
from termini.errors import InputError

Array = NDArray[np.float64]


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
    probability : ndarray, (n, k), or None
        Probability of each cluster for the glaciers that take part; None where there
        is one cluster only.
    consensus : Consensus or None
        What other methods say; None as above.
    """

    labels: NDArray[np.int32]
    clusters: Clusters | None
    choice: Choice | None
    features: Features
    verdict: str
    agreement: float
    probability: Array | None = None
    consensus: Consensus | None = None

    @property
    def clusters_found(self) -> int:
        """Number of clusters."""
        return 0 if self.clusters is None else len(self.clusters.centres)


@dataclass(frozen=True)
class _Metric:
    """DTW with a band; periodic series are continued by the band at both ends."""

    band: int
    periodic: bool

    def wrapped(self, series: Array) -> Array:
        pad = self.pad
        return np.pad(series, ((0, 0), (pad, pad)), mode="wrap") if pad else series

    def among(self, series: Array) -> Array:
        return dtw_distances(self.wrapped(series), band=self.band)

    def between(self, series: Array, others: Array) -> Array:
        return dtw_distances(self.wrapped(series), self.wrapped(others), band=self.band)

    def order(self, centres: Array) -> Array:
        """By the time of the largest value if periodic, else by the last value."""
        inner = centres[:, self.pad : centres.shape[1] - self.pad]
        return inner.argmax(axis=1).astype(np.float64) if self.periodic else inner[:, -1]

    @property
    def pad(self) -> int:
        return self.band if self.periodic else 0


def cluster_scale(
    features: Features,
    states: Callable[[Array], Array],
    settings: TypeSettings,
    *,
    band: int,
    k: int | None,
    periodic: bool = False,
) -> ScaleResult:
    """Clusters of one scale.

    Parameters
    ----------
    features : Features
        What is compared.
    states : callable
        Scaled series (n, T) to state-space features (n, p), for the mixture.
    settings : TypeSettings
        Settings.
    band : int
        Sakoe-Chiba half-width, samples.
    k : int, optional
        Number of clusters; chosen by the test where it is None.
    periodic : bool
        Whether the last sample is followed by the first: series are continued by
        `band` samples at both ends, and clusters are ordered by the time of their
        largest value instead of by their last value.

    Returns
    -------
    ScaleResult
        Labels, clusters, curves, probabilities, other methods.

    Raises
    ------
    InputError
        If more clusters are asked for than there are series.
    """
    labels = np.full(len(features.reason), -1, dtype=np.int32)
    if len(features.rows) == 0:
        words = "no glacier has the data for this scale"
        return ScaleResult(labels, None, None, features, words, float("nan"))
    _check_number(k, len(np.unique(features.scaled, axis=0)))
    metric, seed = _Metric(band, periodic), settings.seed
    choice = choose_k(
        features.scaled,
        metric.among,
        k_range=settings.k_range,
        seed=seed,
        n_null=settings.n_null,
        rule=settings.rule,
        without=features.without,
        periodic=periodic,
    )

    def fitted(number: int) -> Clusters:
        series = metric.wrapped(features.scaled)
        found = fit_clusters(series, number, band=band, seed=seed, order_by=metric.order)
        return found.cut(metric.pad) if metric.pad else found

    if k is not None:
        clusters = fitted(k)
        words = f"k={k} was asked for; the test says: {choice.verdict}"
    else:
        clusters, words = _first_stable(choice, fitted)
    labels[features.rows] = clusters.labels
    probability, others = None, None
    if len(clusters.centres) > 1:
        probability = membership_probabilities(features.moved, clusters.centres, metric.between)
        matrix = metric.among(features.scaled)
        others = consensus(matrix, states(features.scaled), clusters.labels, seed)
    return ScaleResult(
        labels, clusters, choice, features, words, clusters.agreement, probability, others
    )


def _check_number(k: int | None, different: int) -> None:
    if k is not None and not 1 <= k <= different:
        raise InputError(
            f"k={k} types were asked for, but only {different} different series can be compared; "
            "give a smaller k"
        )


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
                    f"k={number}: p={choice.worst_p[place]:.3f}, agreement of subsamples "
                    f"{clusters.agreement:.2f}; {', '.join(failed)}"
                )
            return clusters, words
        failed.append(f"k={number} beats the noise but is not stable ({clusters.agreement:.2f})")
    words = "; ".join(failed) + "; all in one type" if failed else choice.verdict
    return fitted(1), words
