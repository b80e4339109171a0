"""DTW k-means as a scikit-learn estimator."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from termini.cluster.distance_align import centre_set, nearest_centres
from termini.cluster.distance_blocks import Engine
from termini.cluster.distance_input import SeriesSet
from termini.cluster.kmeans_averaging import averaging_of
from termini.cluster.kmeans_base import SeriesClusterer
from termini.cluster.kmeans_fit import Fitted, Seeder, run, seed_centres
from termini.cluster.kmeans_tslearn import fit_like_tslearn
from termini.errors import InputError


class DTWKMeans(SeriesClusterer):
    """k-means under dynamic time warping, with DBA centres.

    Petitjean et al. 2011 (Pattern Recognition 44, 678) for the centres, k-means++
    starts. Parameters and attributes are named as in
    `tslearn.clustering.TimeSeriesKMeans`; those after `init` are further ones. With
    the default settings single precision searches, a few averaging steps are made
    between assignments instead of averaging to convergence, and labels and inertia
    are computed at the end in double precision from the final centres.

    Parameters
    ----------
    n_clusters : int
        Number of clusters.
    max_iter : int
        Largest number of iterations of a start.
    tol : float
        A start has converged when its inertia changes by less than this and no label
        changes.
    n_init : int
        Number of starts; the one with the least inertia is kept.
    metric : "dtw" or "softdtw"
        What is compared; for soft-DTW `metric_params` may hold ``gamma``.
    max_iter_barycenter : int
        Averaging steps of a centre between two assignments.
    metric_params : dict, optional
        tslearn's ``global_constraint``, ``sakoe_chiba_radius``, ``itakura_max_slope``.
    n_jobs : int, optional
        Threads; -1 for all cores.
    verbose : int
        Not used; nothing is printed.
    random_state : int, RandomState or None
        Seed of the starts. The same seed gives the same clusters.
    init : "k-means++", "random" or array (n_clusters, T, d)
        How to start.
    band : int, float or numpy.timedelta64, optional
        Half-width of the Sakoe-Chiba band: samples; the unit of `times` where these
        are given; or a time, for series with a time coordinate.
    times : array_like, (T,), optional
        Times of the samples.
    missing_penalty : float, optional
        Cost of a match without a value; without it gaps are refused.
    error_scale : float, optional
        Error at which a value weighs half, where `fit` is given errors.
    lag_steepness : float, optional
        Weighted DTW; see `Metric`.
    averaging : "dba", "petitjean" or "subgradient"
        How centres are averaged, see `averaging_of`: "petitjean" takes the steps as they
        were published, "dba" longer ones.
    border : bool
        Once the centres stand still, move series near the border of two clusters
        (Hartigan & Wong 1979) and go on, as long as that ends lower. Not with `compat`.
    precision : "float32" or "float64"
        Of the search.
    compat : "tslearn" or None
        "tslearn" takes tslearn's steps one by one and gives its labels, centres and
        inertia (`max_iter_barycenter`, `precision` and `averaging` do not apply).

    Attributes
    ----------
    labels_ : ndarray of int, (n,)
        Cluster of each series.
    cluster_centers_ : ndarray of float64, (n_clusters, T, d)
        Barycentre of each cluster.
    inertia_ : float
        Mean squared DTW distance to the nearest centre (as tslearn, not the sum).
    n_iter_ : int
        Iterations of the start that was kept.
    n_mended_ : int
        Empty clusters in that start that were given a new centre.
    n_features_in_ : int
        T, the length of the series.
    units_in_ : str or None
        Unit of the series, where they said it; `predict` refuses others.
    """

    def __init__(
        self,
        n_clusters: int = 3,
        max_iter: int = 50,
        tol: float = 1e-6,
        n_init: int = 3,
        metric: str = "dtw",
        max_iter_barycenter: int = 10,
        metric_params: Any = None,
        n_jobs: Any = None,
        verbose: int = 0,
        random_state: Any = None,
        init: Any = "k-means++",
        *,
        band: Any = None,
        times: Any = None,
        missing_penalty: Any = None,
        error_scale: Any = None,
        lag_steepness: Any = None,
        averaging: str = "dba",
        border: bool = False,
        precision: str = "float32",
        compat: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.max_iter = max_iter
        self.tol = tol
        self.n_init = n_init
        self.metric = metric
        self.max_iter_barycenter = max_iter_barycenter
        self.metric_params = metric_params
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.random_state = random_state
        self.init = init
        self.band = band
        self.times = times
        self.missing_penalty = missing_penalty
        self.error_scale = error_scale
        self.lag_steepness = lag_steepness
        self.averaging = averaging
        self.border = border
        self.precision = precision
        self.compat = compat

    def fit(self, X: ArrayLike, y: object = None, *, errors: Any = None) -> DTWKMeans:
        """Find the clusters.

        Parameters
        ----------
        X : array_like (n, T) or (n, T, d), list of arrays, or xarray.DataArray
            Series; NaN at the end is the end of a shorter one.
        y : ignored
            For scikit-learn's conventions.
        errors : array_like, as X, optional
            Standard errors; a value weighs s² / (s² + error²), s being `error_scale`.

        Returns
        -------
        DTWKMeans
            The estimator itself.

        Raises
        ------
        InputError
            If a value is NaN (without `missing_penalty`) or infinite, a series has one
            value only, there are fewer series (or fewer different series) than
            clusters, or a parameter is out of range.
        """
        series = self._read(X, reset=True, errors=errors)
        self._check_parameters(series, ("n_clusters", "n_init", "max_iter", "max_iter_barycenter"))
        self._check_choices(series)
        random = check_random_state(self.random_state)
        if self.compat == "tslearn":
            best = self._like_tslearn(series, errors, random)
        elif self.metric == "softdtw":
            best = self._soft(series, random)
        else:
            best = self._best(series, random)
        self.labels_ = best.labels
        self.cluster_centers_ = best.centres
        self.inertia_ = best.inertia
        self.n_iter_ = best.n_iter
        self.n_mended_ = best.mended
        return self

    def _best(self, series: SeriesSet, random: Any) -> Fitted:
        engine = self._engine(series, self.precision)
        seeder = Seeder(engine)
        best: Fitted | None = None
        for _ in range(self.n_init if isinstance(self.init, str) else 1):
            found = run(
                engine,
                self._start(engine, seeder, random),
                max_iter=self.max_iter,
                tol=self.tol,
                weights=np.ones(len(series)),
                averaging=averaging_of(self.averaging, self.max_iter_barycenter, self.border),
            )
            if best is None or found.inertia < best.inertia:
                best = found
        assert best is not None
        exact = self._engine(series, "float64")
        labels, squared, _ = nearest_centres(exact, best.centres, exact.arranged(best.labels))
        return replace(best, labels=labels, inertia=float(squared.mean()))

    def _start(self, engine: Engine, seeder: Seeder, random: Any) -> NDArray[np.float64]:
        if not isinstance(self.init, str):
            return self._given(engine.series)
        if self.init == "random":
            rows = random.choice(len(engine.series), self.n_clusters, replace=False)
            return seed_centres(engine, rows)
        return seed_centres(engine, seeder.plus_plus(self.n_clusters, random))

    def _given(self, series: SeriesSet) -> NDArray[np.float64]:
        start = np.asarray(self.init, dtype=np.float64)
        start = start[:, :, None] if start.ndim == 2 else start
        if start.ndim != 3 or start.shape[::2] != (self.n_clusters, series.channels):
            raise InputError(
                f"init has shape {np.shape(self.init)}; it must be (n_clusters, T, d) with "
                f"{self.n_clusters} clusters and {series.channels} channels"
            )
        if not np.isfinite(start).all():
            raise InputError("init holds NaN or infinity; centres must be complete")
        return start

    def _like_tslearn(self, series: SeriesSet, errors: Any, random: Any) -> Fitted:
        if self.missing_penalty is not None or errors is not None or self.lag_steepness is not None:
            raise InputError(
                "compat='tslearn' knows no gaps, errors or lag weights; leave them out"
            )
        if self.metric != "dtw":
            raise InputError("compat='tslearn' is for metric='dtw'")
        named = bool((self.metric_params or {}).get("global_constraint"))
        return fit_like_tslearn(
            self._engine(series, "float64", plain=False),
            self.n_clusters,
            init=self.init if isinstance(self.init, str) else self._given(series),
            n_init=self.n_init,
            max_iter=self.max_iter,
            tol=self.tol,
            random_state=random,
            free=named or self.band is not None,
        )

    def _soft(self, series: SeriesSet, random: Any) -> Fitted:
        from termini.cluster.softdtw import fit_soft

        engine = self._engine(series, "float64")
        seeder = Seeder(engine)
        tries = self.n_init if isinstance(self.init, str) else 1
        starts = [self._start(engine, seeder, random) for _ in range(tries)]
        found, converged = fit_soft(
            series,
            engine.metric.window,
            starts,
            gamma=self._gamma(),
            max_iter=self.max_iter,
            tol=self.tol,
            steps=self.max_iter_barycenter,
        )
        if not converged:
            warnings.warn(
                "soft-DTW k-means did not converge; raise max_iter", ConvergenceWarning, 2
            )
        return found

    def _gamma(self) -> float:
        gamma = float((self.metric_params or {}).get("gamma", 1.0))
        if not gamma > 0.0:
            raise InputError(f"gamma is {gamma}; it must be positive")
        return gamma

    def _check_choices(self, series: SeriesSet) -> None:
        choices = {
            "metric": ("dtw", "softdtw"),
            "averaging": ("dba", "petitjean", "subgradient"),
            "compat": (None, "tslearn"),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise InputError(f"{name} is {getattr(self, name)!r}; it is one of {allowed}")
        if isinstance(self.init, str) and self.init not in ("k-means++", "random"):
            raise InputError(f"init is {self.init!r}; it is 'k-means++', 'random' or an array")
        if self.border and (self.metric == "softdtw" or self.compat is not None):
            raise InputError("border is for metric='dtw' without compat; leave one of them out")
        if self.metric == "softdtw" and (
            series.weights is not None or self.lag_steepness is not None
        ):
            raise InputError("soft-DTW knows no gaps, errors or weighted DTW; leave them out")

    def _distances(self, series: SeriesSet) -> NDArray[np.float64]:
        if self.metric == "softdtw":
            from termini.cluster.softdtw import soft_dtw_distances

            window = self._metric(series, "float64").window
            return soft_dtw_distances(
                series.padded(), self.cluster_centers_, gamma=self._gamma(), window=window
            )
        engine = self._engine(series, "float64", plain=self.compat is None)
        return np.sqrt(engine.squared(centre_set(self.cluster_centers_, engine)).T)
