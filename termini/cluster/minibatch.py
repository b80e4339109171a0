"""DTW k-means for more series than fit into memory: a sample, then small batches."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from termini.cluster.blockwise_source import SeriesSource
from termini.cluster.distance_align import Alignment, align_to, centre_set, nearest_centres
from termini.cluster.distance_blocks import Engine
from termini.cluster.distance_input import SeriesSet
from termini.cluster.kmeans import DTWKMeans
from termini.cluster.kmeans_base import SeriesClusterer
from termini.errors import InputError

Array = NDArray[np.float64]

#: Bytes of workspace for each value of a part that is aligned, as measured.
_PER_VALUE = 80
#: Bytes for each cell of the directions of one block of 16 series.
_PER_CELL = 4
#: Batches without a lower mean inertia after which no more are drawn.
_PATIENCE = 10


class DTWMiniBatchKMeans(SeriesClusterer):
    """k-means under DTW that computes distances to centres only, a part at a time.

    A sample of the series is clustered by `DTWKMeans`. Batches drawn from all then move
    the centres as in Sculley 2010 (WWW, 1177): each sample of a centre becomes the mean
    of all that was ever matched with it. `full_passes` are iterations of the whole
    k-means with one averaging step each, and never raise the inertia of the centres.
    At the end each series is assigned in double precision. No pair of series is
    compared, and the memory does not grow with their number but for the labels.

    Parameters
    ----------
    n_clusters : int
        Number of clusters.
    max_iter : int
        Largest number of batches; 0 leaves the centres of the sample.
    batch_size : int
        Series of a batch.
    sample_size : int
        Series of the sample for the start; where there are no more than that the
        result is that of `DTWKMeans` on all.
    full_passes : int
        Passes over all series after the batches.
    n_init : int
        Starts of the k-means on the sample: what most of the loss depends on.
    memory_mb : float
        Memory for the series in work, 10^6 bytes, beside the program and `X` itself.
    metric_params, n_jobs, random_state, band, times, missing_penalty, lag_steepness, precision
        As in `DTWKMeans`.

    Attributes
    ----------
    labels_ : ndarray of int, (n,)
        Cluster of each series.
    cluster_centers_ : ndarray of float64, (n_clusters, T, d)
        Centres.
    inertia_ : float
        Mean squared DTW distance to the nearest centre, over all series.
    n_iter_ : int
        Batches that were used; without any, iterations of the k-means on the sample.
    n_features_in_ : int
        T, the length of the series.
    """

    def __init__(
        self,
        n_clusters: int = 3,
        max_iter: int = 50,
        batch_size: int = 1024,
        sample_size: int = 2000,
        full_passes: int = 1,
        n_init: int = 10,
        memory_mb: float = 256.0,
        metric_params: Any = None,
        n_jobs: Any = None,
        random_state: Any = None,
        *,
        band: Any = None,
        times: Any = None,
        missing_penalty: Any = None,
        lag_steepness: Any = None,
        precision: str = "float32",
    ) -> None:
        self.n_clusters = n_clusters
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.sample_size = sample_size
        self.full_passes = full_passes
        self.n_init = n_init
        self.memory_mb = memory_mb
        self.metric_params = metric_params
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.band = band
        self.times = times
        self.missing_penalty = missing_penalty
        self.lag_steepness = lag_steepness
        self.precision = precision

    def fit(self, X: Any, y: object = None) -> DTWMiniBatchKMeans:
        """Find the clusters.

        Parameters
        ----------
        X : array_like (n, T) or (n, T, d), path of an .npy file, or as for `DTWKMeans`
            Series. A memory map, a zarr or dask array, or a file is read in parts.
        y : ignored
            For scikit-learn's conventions.

        Returns
        -------
        DTWMiniBatchKMeans
            The estimator itself.

        Raises
        ------
        InputError
            As for `DTWKMeans.fit`, and if `memory_mb` is too small for a part.
        """
        source = self._source(X, reset=True)
        self._check_numbers(len(source))
        random = check_random_state(self.random_state)
        model = self._on_sample(source, random)
        centres, batches = model.cluster_centers_, 0
        if len(source) > self.sample_size:
            centres, batches = self._batches(source, centres, random)
            for _ in range(self.full_passes):
                centres = self._full_pass(source, centres)
        self.cluster_centers_, self.n_iter_ = centres, batches or model.n_iter_
        nearest = self._by_parts(source)
        self.labels_ = nearest.argmin(axis=1).astype(np.int64)
        self.inertia_ = float((nearest.min(axis=1) ** 2).mean())
        return self

    def transform(self, X: ArrayLike) -> Array:
        """DTW distance of each series to each centre, a part of them at a time.

        Parameters
        ----------
        X : as for `fit`
            Series.

        Returns
        -------
        ndarray of float64, (n, n_clusters)
            Distances, in double precision.
        """
        check_is_fitted(self)
        source = self._source(X, reset=False)
        if source.channels != self.cluster_centers_.shape[2]:
            raise InputError(
                f"series have {source.channels} channels, "
                f"{self.cluster_centers_.shape[2]} were fitted"
            )
        return self._by_parts(source)

    def _source(self, X: Any, *, reset: bool) -> SeriesSource:
        """The series; those in memory are checked by scikit-learn's conventions first."""
        name, gaps = type(self).__name__, self.missing_penalty is not None
        self._check_units(X, reset=reset)
        lazy = isinstance(X, np.memmap) or hasattr(X, "chunks") or not hasattr(X, "__len__")
        if not lazy and not isinstance(X, str):
            X = self._read(X, reset=reset)
            values = X.padded()
            if X.weights is not None:
                values = np.where(X.weights == 0.0, np.nan, values)
            X = values
        source = SeriesSource(X, name, gaps=gaps, least=2)
        if reset:
            self.n_features_in_ = source.length
        elif lazy and len(source.values.shape) == 2 and source.length != self.n_features_in_:
            raise InputError(
                f"X has {source.length} features, but {name} is expecting "
                f"{self.n_features_in_} features as input"
            )
        return source

    def _check_numbers(self, n: int) -> None:
        least = {"n_clusters": 1, "batch_size": 1, "n_init": 1, "max_iter": 0, "full_passes": 0}
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise InputError(f"{name} is {getattr(self, name)}; it must be at least {bound}")
        if self.sample_size < self.n_clusters:
            raise InputError(
                f"sample_size is {self.sample_size} for n_clusters={self.n_clusters}; "
                "give at least as many"
            )
        if n < self.n_clusters:
            raise InputError(
                f"n_samples={n} series cannot make n_clusters={self.n_clusters}; ask for fewer"
            )

    def _on_sample(self, source: SeriesSource, random: Any) -> DTWKMeans:
        n = len(source)
        rows = np.arange(n)
        if n > self.sample_size:
            rows = np.sort(random.choice(n, self.sample_size, replace=False))
        model = DTWKMeans(
            self.n_clusters,
            n_init=self.n_init,
            metric_params=self.metric_params,
            n_jobs=self.n_jobs,
            random_state=random.randint(2**31 - 1),
            band=self.band,
            times=self.times,
            missing_penalty=self.missing_penalty,
            lag_steepness=self.lag_steepness,
            precision=self.precision,
        )
        return model.fit(source.take(rows))

    def _batches(self, source: SeriesSource, centres: Array, random: Any) -> tuple[Array, int]:
        """Centres moved by batches; a centre holds the weight of all it has met."""
        mass, best, waited, used = np.zeros_like(centres), np.inf, 0, 0
        smooth = 0.0
        size = min(self.batch_size, self._part(source))
        for used in range(1, self.max_iter + 1):
            rows = np.sort(random.choice(len(source), min(size, len(source)), replace=False))
            engine = self._engine(self._known(source.take(rows)), self.precision)
            found, squared = self._aligned(engine, centres)
            for c, one in enumerate(found):
                total = mass[c] + one.counts
                some = total > 0.0
                moved = mass[c] * centres[c] + one.sums
                centres[c] = np.where(some, moved / np.where(some, total, 1.0), centres[c])
                mass[c] = total
            # a running mean over ten batches; a batch alone is too noisy to judge by
            smooth = squared.mean() if used == 1 else 0.9 * smooth + 0.1 * squared.mean()
            waited = 0 if smooth < best else waited + 1
            best = min(best, smooth)
            if waited >= _PATIENCE:
                break
        return centres, used

    def _full_pass(self, source: SeriesSource, centres: Array) -> Array:
        """One assignment of all series and one averaging step of each centre."""
        sums, counts = np.zeros((2, *centres.shape))
        for _, part in source.parts(self._part(source)):
            engine = self._engine(self._known(part), self.precision)
            found, _ = self._aligned(engine, centres)
            for c, one in enumerate(found):
                sums[c] += one.sums
                counts[c] += one.counts
        return np.where(counts > 0.0, sums / np.where(counts > 0.0, counts, 1.0), centres)

    def _aligned(self, engine: Engine, centres: Array) -> tuple[list[Alignment], Array]:
        """What the nearest series bring to each centre, and all least squared distances."""
        labels, squared, _ = nearest_centres(engine, centres)
        blocks, ones = engine.arranged(labels), np.ones(len(labels))
        found = [align_to(engine, centre, blocks, c, ones) for c, centre in enumerate(centres)]
        return found, squared

    def _known(self, values: Any) -> SeriesSet:
        if isinstance(values, SeriesSet):
            return values
        return SeriesSource(
            values, type(self).__name__, gaps=self.missing_penalty is not None
        ).read(0, len(values))

    def _by_parts(self, source: SeriesSource) -> Array:
        found = np.empty((len(source), len(self.cluster_centers_)))
        for place, part in source.parts(self._part(source)):
            found[place] = self._distances(part)
        return found

    def _distances(self, series: SeriesSet) -> Array:
        engine = self._engine(series, "float64")
        return np.sqrt(engine.squared(centre_set(self.cluster_centers_, engine)).T)

    def _part(self, source: SeriesSource) -> int:
        """Series that are worked on at a time."""
        fixed = _PER_CELL * source.length**2
        size = int((self.memory_mb * 1e6 - fixed) / (_PER_VALUE * source.length * source.channels))
        if size < 1:
            raise InputError(
                f"memory_mb is {self.memory_mb}; series of {source.length} samples need more than "
                f"{fixed / 1e6:.1f}"
            )
        return size
