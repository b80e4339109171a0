"""Hierarchical clustering and HDBSCAN under dynamic time warping."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import HDBSCAN, AgglomerativeClustering
from sklearn.utils.validation import validate_data

from termini.cluster.distance import as_series_array, dtw_distances
from termini.errors import InputError

METRICS = ("dtw", "precomputed")


class _OnDistances(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """What needs a matrix of distances: made of series, or given."""

    band: int | None
    metric: str

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.metric == "precomputed"
        return tags

    def _matrix(self, X: ArrayLike) -> NDArray[np.float64]:
        """Distances of all series; `distances_` keeps them."""
        if self.metric not in METRICS:
            raise InputError(f"metric is {self.metric!r}; choose one of {', '.join(METRICS)}")
        checked = validate_data(
            self, X, allow_nd=True, dtype=np.float64, ensure_all_finite=False, ensure_min_samples=2
        )
        if self.metric == "dtw":
            return dtw_distances(as_series_array(checked, type(self).__name__), band=self.band)
        if checked.ndim != 2 or checked.shape[0] != checked.shape[1]:
            raise InputError(
                f"metric='precomputed' needs a square matrix of distances, got {checked.shape}"
            )
        if not np.isfinite(checked).all() or (checked < 0).any():
            raise InputError("the matrix of distances holds NaN, infinity or negative values")
        return np.asarray((checked + checked.T) / 2)


class DTWAgglomerative(_OnDistances):
    """Hierarchical clustering on DTW distances.

    Parameters
    ----------
    n_clusters : int
        Number of clusters that the tree is cut into.
    band : int or None
        Half-width of the Sakoe-Chiba band in samples; None warps without limit.
    linkage : {"average", "complete", "single"}
        Distance of two clusters. Ward's needs Euclidean distances, which DTW is not.
    metric : {"dtw", "precomputed"}
        Whether `fit` is given series or their matrix of distances.

    Attributes
    ----------
    labels_ : ndarray of int, (n,)
        Cluster of each series.
    children_ : ndarray of int, (n - 1, 2)
        The tree, as scikit-learn's.
    heights_ : ndarray, (n - 1,)
        Distance at which each pair of the tree is joined.
    n_features_in_ : int
        Length of the series, or number of columns of the matrix.
    """

    def __init__(
        self,
        n_clusters: int = 3,
        *,
        band: int | None = None,
        linkage: str = "average",
        metric: str = "dtw",
    ) -> None:
        self.n_clusters = n_clusters
        self.band = band
        self.linkage = linkage
        self.metric = metric

    def fit(self, X: ArrayLike, y: object = None) -> DTWAgglomerative:
        """Find the clusters.

        Parameters
        ----------
        X : array_like, (n, T), (n, T, d) or (n, n)
            Series without gaps, or distances.
        y : ignored
            For scikit-learn's conventions.

        Returns
        -------
        DTWAgglomerative
            The estimator itself.

        Raises
        ------
        InputError
            If a value is not finite, there are fewer series than clusters, or a
            parameter is out of range.
        """
        matrix = self._matrix(X)
        if self.linkage not in ("average", "complete", "single"):
            raise InputError(
                f"linkage is {self.linkage!r}; choose 'average', 'complete' or 'single'"
            )
        if not 1 <= self.n_clusters <= len(matrix):
            raise InputError(
                f"n_clusters={self.n_clusters}, but n_samples={len(matrix)} series are given; "
                "ask for at least one cluster and at most as many as there are series"
            )
        model = AgglomerativeClustering(
            self.n_clusters,
            metric="precomputed",
            linkage=self.linkage,
            compute_distances=True,
        ).fit(matrix)
        self.labels_: NDArray[np.int64] = np.asarray(model.labels_, dtype=np.int64)
        self.children_: NDArray[np.int64] = np.asarray(model.children_, dtype=np.int64)
        self.heights_: NDArray[np.float64] = np.asarray(model.distances_)
        return self


class DTWHDBSCAN(_OnDistances):
    """Clusters of high density on DTW distances; how many, the data say.

    Campello et al. 2015 (ACM Trans. Knowl. Discov. Data 10, 5), by scikit-learn.

    Parameters
    ----------
    min_cluster_size : int
        Least members of a cluster.
    min_samples : int or None
        Neighbours that make a member part of a core; by default `min_cluster_size`.
    band : int or None
        Half-width of the Sakoe-Chiba band in samples; None warps without limit.
    metric : {"dtw", "precomputed"}
        Whether `fit` is given series or their matrix of distances.

    Attributes
    ----------
    labels_ : ndarray of int, (n,)
        Cluster of each series; -1 for those in none.
    probabilities_ : ndarray, (n,)
        How strongly each belongs to its cluster, 0 to 1.
    n_features_in_ : int
        Length of the series, or number of columns of the matrix.
    """

    def __init__(
        self,
        min_cluster_size: int = 3,
        *,
        min_samples: int | None = None,
        band: int | None = None,
        metric: str = "dtw",
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.band = band
        self.metric = metric

    def fit(self, X: ArrayLike, y: object = None) -> DTWHDBSCAN:
        """Find the clusters.

        Parameters
        ----------
        X : array_like, (n, T), (n, T, d) or (n, n)
            Series without gaps, or distances.
        y : ignored
            For scikit-learn's conventions.

        Returns
        -------
        DTWHDBSCAN
            The estimator itself.

        Raises
        ------
        InputError
            If a value is not finite or a parameter is out of range.
        """
        matrix = self._matrix(X)
        if self.min_cluster_size < 2:
            raise InputError(
                f"min_cluster_size is {self.min_cluster_size}; a cluster has at least 2 members"
            )
        size = min(self.min_cluster_size, len(matrix))
        near = min(self.min_samples or size, len(matrix))
        model = HDBSCAN(size, min_samples=near, metric="precomputed", copy=True).fit(matrix)
        self.labels_: NDArray[np.int64] = np.asarray(model.labels_, dtype=np.int64)
        self.probabilities_: NDArray[np.float64] = np.asarray(model.probabilities_)
        return self
