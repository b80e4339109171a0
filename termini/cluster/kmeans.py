"""DTW k-means as a scikit-learn estimator, computed by tslearn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from termini.cluster.distance import as_series_array, band_parameters, dtw_distances
from termini.errors import InputError


class DTWKMeans(ClusterMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """k-means under dynamic time warping, with DBA centres.

    Petitjean et al. 2011 (Pattern Recognition 44, 678) for the centres, with
    k-means++ starts. Parameter and attribute names are those of
    `tslearn.clustering.TimeSeriesKMeans`, which does the work; the band is one
    number, the series must be complete, and failures say what to do.

    Parameters
    ----------
    n_clusters : int
        Number of clusters.
    band : int or None
        Half-width of the Sakoe-Chiba band in samples; None warps without limit.
    n_init : int
        Number of starts; the one with the least inertia is kept.
    max_iter : int
        Largest number of iterations of a start.
    tol : float
        A start has converged when its inertia changes by less than this.
    init : "k-means++", "random" or array (n_clusters, T, d)
        How to start.
    random_state : int, RandomState or None
        Seed of the starts. The same seed gives the same clusters.

    Attributes
    ----------
    labels_ : ndarray of int, (n,)
        Cluster of each series.
    cluster_centers_ : ndarray of float64, (n_clusters, T, d)
        DBA barycentre of each cluster.
    inertia_ : float
        Mean squared DTW distance to the nearest centre (as tslearn, not the sum).
    n_iter_ : int
        Iterations of the start that was kept.
    n_features_in_ : int
        T, the length of the series.
    """

    def __init__(
        self,
        n_clusters: int = 3,
        *,
        band: int | None = None,
        n_init: int = 3,
        max_iter: int = 50,
        tol: float = 1e-6,
        init: Any = "k-means++",
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.band = band
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.init = init
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: object = None) -> DTWKMeans:
        """Find the clusters.

        Parameters
        ----------
        X : array_like, (n, T) or (n, T, d)
            Series without gaps, all of one length.
        y : ignored
            For scikit-learn's conventions.

        Returns
        -------
        DTWKMeans
            The estimator itself.

        Raises
        ------
        InputError
            If a value is NaN or infinite, there are fewer series (or fewer different
            series) than clusters, or a parameter is out of range.
        """
        from tslearn.clustering import TimeSeriesKMeans

        series = self._checked(X, reset=True)
        self._check_parameters(len(series), len(np.unique(series, axis=0)))
        model = TimeSeriesKMeans(
            n_clusters=self.n_clusters,
            metric="dtw",
            metric_params=band_parameters(self.band),
            n_init=self.n_init,
            max_iter=self.max_iter,
            tol=self.tol,
            init=self.init,
            random_state=self.random_state,
        ).fit(series)
        if getattr(model, "cluster_centers_", None) is None:
            raise InputError(
                f"n_clusters={self.n_clusters}: every start left a cluster empty; there are "
                "fewer different series than clusters, so ask for fewer clusters"
            )
        self.labels_: NDArray[np.int64] = np.asarray(model.labels_, dtype=np.int64)
        self.cluster_centers_: NDArray[np.float64] = np.asarray(model.cluster_centers_)
        self.inertia_ = float(model.inertia_)
        self.n_iter_ = int(model.n_iter_)
        self._n_channels = series.shape[2]
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Nearest cluster of each series.

        Parameters
        ----------
        X : array_like, (n, T) or (n, T, d)
            Series of the length that was fitted.

        Returns
        -------
        ndarray of int, (n,)
            Cluster numbers.
        """
        return np.asarray(self.transform(X).argmin(axis=1), dtype=np.int64)

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """DTW distance of each series to each centre.

        Parameters
        ----------
        X : array_like, (n, T) or (n, T, d)
            Series of the length that was fitted.

        Returns
        -------
        ndarray of float64, (n, n_clusters)
            Distances.
        """
        check_is_fitted(self)
        series = self._checked(X, reset=False)
        if series.shape[2] != self._n_channels:
            raise InputError(
                f"series have {series.shape[2]} channels, {self._n_channels} were fitted"
            )
        return dtw_distances(series, self.cluster_centers_, band=self.band)

    def _checked(self, X: ArrayLike, *, reset: bool) -> NDArray[np.float64]:
        checked = validate_data(
            self,
            X,
            reset=reset,
            allow_nd=True,
            dtype=np.float64,
            ensure_all_finite=False,  # refused below, where the series is named
        )
        return as_series_array(checked, type(self).__name__)

    def _check_parameters(self, n: int, different: int) -> None:
        for name, least in (("n_clusters", 1), ("n_init", 1), ("max_iter", 1)):
            if getattr(self, name) < least:
                raise InputError(f"{name} is {getattr(self, name)}; it must be at least {least}")
        if n < self.n_clusters:
            raise InputError(
                f"n_samples={n} series cannot make n_clusters={self.n_clusters}; ask for fewer"
            )
        if different < self.n_clusters:
            raise InputError(
                f"n_clusters={self.n_clusters}, but there are only {different} different series; "
                "ask for fewer clusters"
            )
