"""k-medoids under dynamic time warping as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from termini.cluster.distance_input import SeriesSet
from termini.cluster.kmeans_base import SeriesClusterer
from termini.cluster.medoids import partition_around_medoids
from termini.errors import InputError


class DTWKMedoids(SeriesClusterer):
    """Clusters about members of their own, by PAM on the DTW distances.

    Kaufman & Rousseeuw 1990, with squared distances. No random numbers: the start is
    greedy. The matrix of all distances is computed, which is slower than k-means for
    many series.

    Parameters
    ----------
    n_clusters : int
        Number of clusters.
    max_iter : int
        Largest number of swaps.
    metric : "dtw" or "precomputed"
        "precomputed" takes the matrix of distances (n, n) instead of series.
    metric_params, n_jobs, band, times, missing_penalty, error_scale, lag_steepness
        As in `DTWKMeans`.

    Attributes
    ----------
    labels_ : ndarray of int, (n,)
        Cluster of each series.
    medoid_indices_ : ndarray of int, (n_clusters,)
        Which series are the medoids.
    cluster_centers_ : ndarray of float64, (n_clusters, T, d)
        The medoids, NaN after the end of the shorter ones; not with "precomputed".
    inertia_ : float
        Mean squared distance to the nearest medoid.
    n_iter_ : int
        How often the best swap was looked for.
    n_features_in_ : int
        T, the length of the series.
    """

    def __init__(
        self,
        n_clusters: int = 3,
        max_iter: int = 100,
        metric: str = "dtw",
        metric_params: Any = None,
        n_jobs: Any = None,
        *,
        band: Any = None,
        times: Any = None,
        missing_penalty: Any = None,
        error_scale: Any = None,
        lag_steepness: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.max_iter = max_iter
        self.metric = metric
        self.metric_params = metric_params
        self.n_jobs = n_jobs
        self.band = band
        self.times = times
        self.missing_penalty = missing_penalty
        self.error_scale = error_scale
        self.lag_steepness = lag_steepness

    def fit(self, X: ArrayLike, y: object = None, *, errors: Any = None) -> DTWKMedoids:
        """Find the clusters.

        Parameters
        ----------
        X : as for `DTWKMeans.fit`, or ndarray (n, n)
            Series, or their distances.
        y : ignored
            For scikit-learn's conventions.
        errors : array_like, as X, optional
            Standard errors of the values.

        Returns
        -------
        DTWKMedoids
            The estimator itself.
        """
        if self.metric == "precomputed":
            matrix = self._matrix(X)
        elif self.metric == "dtw":
            series = self._read(X, reset=True, errors=errors)
            self._check_parameters(series, ("n_clusters", "max_iter"))
            matrix = np.sqrt(self._engine(series, "float64").squared(series, same=True))
        else:
            raise InputError(f"metric is {self.metric!r}; it is 'dtw' or 'precomputed'")
        found = partition_around_medoids(matrix, self.n_clusters, self.max_iter)
        self.medoid_indices_, self.n_iter_ = found
        nearest = matrix[:, self.medoid_indices_]
        self.labels_ = nearest.argmin(axis=1).astype(np.int64)
        self.inertia_ = float((nearest.min(axis=1) ** 2).mean())
        if self.metric == "dtw":
            self.cluster_centers_ = series.take(self.medoid_indices_).padded()
            if series.weights is not None:
                gone = series.weights[self.medoid_indices_] == 0.0
                self.cluster_centers_ = np.where(gone, np.nan, self.cluster_centers_)
        return self

    def _matrix(self, X: Any) -> NDArray[np.float64]:
        matrix = X if isinstance(X, np.memmap) else np.asarray(X, dtype=np.float64)
        square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
        if not square or not np.isfinite(matrix).all() or (matrix < 0.0).any():
            raise InputError("metric='precomputed' needs a square matrix of distances")
        if not 1 <= self.n_clusters <= len(matrix):
            raise InputError(f"n_clusters is {self.n_clusters}, but there are {len(matrix)} series")
        self.n_features_in_ = matrix.shape[1]
        return matrix

    def _distances(self, series: SeriesSet) -> NDArray[np.float64]:
        from termini.cluster.distance_input import read_series

        gaps = self.missing_penalty is not None
        medoids = read_series(self.cluster_centers_, "medoids", gaps=gaps)
        if medoids.weights is None and series.weights is not None:
            medoids = SeriesSet(medoids.values, medoids.lengths, np.ones_like(medoids.values))
        if series.weights is None and medoids.weights is not None:
            series = SeriesSet(series.values, series.lengths, np.ones_like(series.values))
        return np.sqrt(self._engine(series, "float64").squared(medoids).T)
