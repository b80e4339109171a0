"""A Gaussian mixture on state-space features: a check that types do not hang on DTW."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.utils.validation import check_is_fitted, validate_data

from termini.errors import InputError

Array = NDArray[np.float64]


def level_features(series: Array) -> Array:
    """What the level of a structural time series does, in five numbers.

    Parameters
    ----------
    series : ndarray, (n, T)
        Scaled inter-annual series.

    Returns
    -------
    ndarray, (n, 5)
        Slope of a straight line over the record; final change; largest fall and
        largest rise within a sixth of the record, the shocks of a local level; root
        mean square about the line.
    """
    length = series.shape[1]
    at = np.linspace(-0.5, 0.5, length)
    slope = series @ at / max(float(at @ at), np.finfo(np.float64).tiny)
    about = series - series.mean(axis=1, keepdims=True) - np.outer(slope, at)
    lag = min(max(1, length // 6), max(length - 1, 1))
    moves = series[:, lag:] - series[:, :-lag] if length > 1 else np.zeros((len(series), 1))
    final = series[:, -max(1, length // 8) :].mean(axis=1)
    roughness = np.sqrt((about**2).mean(axis=1))
    return np.column_stack([slope, final, moves.min(axis=1), moves.max(axis=1), roughness])


def season_features(series: Array) -> Array:
    """States of a seasonal component: its first two harmonics.

    Parameters
    ----------
    series : ndarray, (n, 12)
        Scaled cycles.

    Returns
    -------
    ndarray, (n, 4)
        Cosine and sine of the annual and of the half-yearly wave.
    """
    waves = np.fft.rfft(series, axis=1)[:, 1:3] * 2 / series.shape[1]
    return np.concatenate([waves.real, waves.imag], axis=1)


class StateMixture(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Mixture of Gaussian populations with axes of their own, on features.

    Parameters
    ----------
    n_clusters : int
        Number of populations.
    n_init : int
        Number of starts.
    least_spread : float
        Least standard deviation of a population along any feature, as a share of
        that of all; keeps a population of equal members from shrinking to a point.
    random_state : int, RandomState or None
        Seed of the starts.

    Attributes
    ----------
    labels_ : ndarray of int, (n,)
        Most probable population.
    bic_ : float
        Bayesian information criterion; less is better.
    n_features_in_ : int
        Number of features.
    """

    def __init__(
        self,
        n_clusters: int = 3,
        *,
        n_init: int = 5,
        least_spread: float = 0.2,
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.least_spread = least_spread
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: object = None) -> StateMixture:
        """Find the populations.

        Parameters
        ----------
        X : array_like, (n, p)
            Features, such as those of `level_features`; each is divided by its
            standard deviation.
        y : ignored
            For scikit-learn's conventions.

        Returns
        -------
        StateMixture
            The estimator itself.

        Raises
        ------
        InputError
            If there are fewer rows than populations.
        """
        features = validate_data(self, X, dtype=np.float64)
        if not 1 <= self.n_clusters <= len(features):
            raise InputError(
                f"n_clusters={self.n_clusters}, but n_samples={len(features)} rows are given; "
                "ask for at least one population and at most as many as there are rows"
            )
        self._middle = features.mean(axis=0)
        spread = features.std(axis=0)
        self._spread = np.where(spread > 1e-12 * (1 + np.abs(self._middle)), spread, 1.0)
        model = GaussianMixture(
            self.n_clusters,
            covariance_type="diag",
            n_init=self.n_init,
            reg_covar=self.least_spread**2,
            random_state=self.random_state,
        )
        with warnings.catch_warnings():
            # fewer different rows than populations, or slow ends: the best start is taken
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._model = model.fit(self._scaled(features))
        self.labels_: NDArray[np.int64] = np.asarray(
            self._model.predict(self._scaled(features)), dtype=np.int64
        )
        self.bic_ = float(self._model.bic(self._scaled(features)))
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Most probable population of each row.

        Parameters
        ----------
        X : array_like, (n, p)
            Features.

        Returns
        -------
        ndarray of int, (n,)
            Populations.
        """
        return np.asarray(self.predict_proba(X).argmax(axis=1), dtype=np.int64)

    def predict_proba(self, X: ArrayLike) -> Array:
        """Probability of each population.

        Parameters
        ----------
        X : array_like, (n, p)
            Features.

        Returns
        -------
        ndarray, (n, n_clusters)
            Rows sum to 1.
        """
        check_is_fitted(self)
        features = validate_data(self, X, reset=False, dtype=np.float64)
        return np.asarray(self._model.predict_proba(self._scaled(features)))

    def _scaled(self, features: Array) -> Array:
        return np.asarray((features - self._middle) / self._spread)
