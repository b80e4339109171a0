"""What the estimators of series share: reading, checking, saving."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from termini.cluster.distance_blocks import Engine, Metric
from termini.cluster.distance_input import SeriesSet, read_series, same_units, units_of
from termini.cluster.distance_metric import metric_of
from termini.cluster.kmeans_files import load_estimator, save_estimator
from termini.errors import InputError


class SeriesClusterer(ClusterMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Estimator with centres that are series; see `DTWKMeans` and `DTWKMedoids`."""

    cluster_centers_: NDArray[np.float64]
    labels_: NDArray[np.int64]
    inertia_: float

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """DTW distance of each series to each centre.

        Parameters
        ----------
        X : array_like, (n, T) or (n, T, d), list of arrays, or xarray.DataArray
            Series; two-dimensional arrays of the length that was fitted.

        Returns
        -------
        ndarray of float64, (n, n_clusters)
            Distances, in double precision.
        """
        check_is_fitted(self)
        series = self._read(X, reset=False)
        if series.channels != self.cluster_centers_.shape[2]:
            raise InputError(
                f"series have {series.channels} channels, "
                f"{self.cluster_centers_.shape[2]} were fitted"
            )
        return self._distances(series)

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Nearest cluster of each series.

        Parameters
        ----------
        X : as for `transform`
            Series.

        Returns
        -------
        ndarray of int, (n,)
            Cluster numbers.
        """
        return np.asarray(self.transform(X).argmin(axis=1), dtype=np.int64)

    def score(self, X: ArrayLike, y: object = None) -> float:
        """Minus the mean squared distance (or soft-DTW) to the nearest centre.

        Parameters
        ----------
        X : as for `transform`
            Series.
        y : ignored
            For scikit-learn's conventions.

        Returns
        -------
        float
            The larger the better.
        """
        least = self.transform(X).min(axis=1)
        soft = getattr(self, "metric", "dtw") == "softdtw"
        return -float((least if soft else least**2).mean())

    def save(self, path: str | Path) -> None:
        """Write the estimator to an ``.npz`` file without pickling.

        Parameters
        ----------
        path : path
            Where.
        """
        check_is_fitted(self)
        save_estimator(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Estimator from a file that `save` wrote.

        Parameters
        ----------
        path : path
            Where it is.

        Returns
        -------
        estimator
            As it was saved.
        """
        return load_estimator(cls, path)  # type: ignore[no-any-return]

    def _distances(self, series: SeriesSet) -> NDArray[np.float64]:
        """Distances to the centres (n, k) in double precision."""
        raise AssertionError("each estimator says how")  # pragma: no cover

    def _check_units(self, X: Any, *, reset: bool) -> None:
        """Keep the unit of what is fitted; refuse another later."""
        if reset:
            self.units_in_ = units_of(X)
        else:
            fitted = getattr(self, "units_in_", None)
            same_units(fitted, units_of(X), "what was fitted", type(self).__name__)

    def _read(self, X: Any, *, reset: bool, errors: Any = None) -> SeriesSet:
        own: Any = self
        self._check_units(X, reset=reset)
        if not isinstance(X, xr.DataArray) and not _ragged(X):
            if isinstance(X, (list, tuple)):
                X = np.asarray(X)
            if getattr(X, "ndim", 2) == 3:  # lengths may differ from those that were fitted
                validate_data(self, X, reset=reset, skip_check_array=True)
            else:  # gaps are refused below, where the series is named
                X = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite=False)
        name = type(self).__name__
        gaps = own.missing_penalty is not None
        scale = getattr(own, "error_scale", None)
        series = read_series(X, name, errors=errors, error_scale=scale, gaps=gaps, least=2)
        if reset and not hasattr(self, "n_features_in_"):
            self.n_features_in_ = series.values.shape[1]
        return series

    def _engine(self, series: SeriesSet, precision: str, *, plain: bool = True) -> Engine:
        return Engine(series, self._metric(series, precision), plain=plain)

    def _metric(self, series: SeriesSet, precision: str) -> Metric:
        own: Any = self
        params = dict(own.metric_params or {})
        jobs = params.pop("n_jobs", None) if own.n_jobs is None else own.n_jobs
        band, times = own.band, own.times
        if isinstance(band, np.timedelta64):
            band, times = float(band / np.timedelta64(1, "D")), series.times
            if times is None:
                raise InputError(
                    "band is a time, but the series carry no dates; give xarray or times"
                )
        if np.ndim(times) > 1:
            raise InputError("times of an estimator are those of all series: one row")
        return metric_of(
            band,
            times=times,
            metric_params=params,
            missing_penalty=own.missing_penalty,
            lag_steepness=own.lag_steepness,
            precision=precision,
            n_jobs=jobs,
        )

    def _check_parameters(self, series: SeriesSet, names: tuple[str, ...]) -> None:
        own: Any = self
        for name in names:
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; it must be at least 1")
        if len(series) < own.n_clusters:
            raise InputError(
                f"n_samples={len(series)} series cannot make n_clusters={own.n_clusters}; "
                "ask for fewer"
            )
        # zero is added so that there is one zero only
        rows = (series.padded() + 0.0).reshape(len(series), -1)
        different = len({row.tobytes() for row in rows})
        if different < own.n_clusters:
            raise InputError(
                f"n_clusters={own.n_clusters}, but there are only {different} different series; "
                "ask for fewer clusters"
            )


def _ragged(X: Any) -> bool:
    return isinstance(X, (list, tuple)) and len({np.shape(row)[:1] for row in X}) > 1
