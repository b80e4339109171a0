"""Series laid side by side for the kernels, and the kernels called on them, in threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from termini.cluster import kernels
from termini.cluster.distance_input import SeriesSet
from termini.cluster.distance_threads import cores, in_threads
from termini.cluster.distance_window import Window
from termini.cluster.kernels_emit import BITS, LANES, ROWS
from termini.errors import InputError

Array = NDArray[Any]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Metric:
    """How two series are compared.

    Parameters
    ----------
    window : Window
        Limits on warping.
    missing_penalty : float, optional
        Cost of a matched pair and channel of which one value is missing.
    lag_steepness : float, optional
        Steepness g of weighted DTW (Jeong et al. 2011, Pattern Recognition 44, 2231):
        a match at lag l costs 1 / (1 + exp(-g (l - T / 2))) times its square.
    series_times : bool
        Whether the band is in time and each series has its own times.
    dtype : numpy dtype
        Precision of the matrices: float64, or float32 at twice the speed.
    n_jobs : int, optional
        Threads; -1 for all cores.
    """

    window: Window = field(default_factory=Window)
    missing_penalty: float | None = None
    lag_steepness: float | None = None
    series_times: bool = False
    dtype: Any = np.float64
    n_jobs: int | None = None

    def lags(self, n: int, columns: int, padded: int) -> Array:
        """Factor of each cell by ``i - j + columns``, (padded + columns + 1,)."""
        lag = np.abs(np.arange(-columns, padded + 1, dtype=np.float64))
        if self.lag_steepness is None:
            return np.ones(len(lag), self.dtype)
        half = max(n, columns) / 2.0
        return (1.0 / (1.0 + np.exp(-self.lag_steepness * (lag - half)))).astype(self.dtype)

    @property
    def threads(self) -> int:
        """Number of threads to use."""
        jobs = 1 if self.n_jobs is None else int(self.n_jobs)
        return jobs if jobs > 0 else max(1, cores() + 1 + jobs)


@dataclass(frozen=True)
class Block:
    """Series of one length, side by side.

    Parameters
    ----------
    index : ndarray of int, (blocks, lanes)
        Which series; -1 for a lane without one.
    group : ndarray of int, (blocks,)
        Number that all series of a block share (their cluster), or 0.
    length : int
        Samples.
    many : tuple of ndarray
        Values (blocks, T, lanes); in the general case values, weights (blocks, T, d,
        lanes) and times (blocks, T, lanes).
    """

    index: Ints
    group: Ints
    length: int
    many: tuple[Array, ...]


#: A thread is not started for fewer cells than this (about 2 ms).
_CELLS = 30_000_000


class Engine:
    """Distances, nearest centres and alignments of one set of series.

    Parameters
    ----------
    series : SeriesSet
        The many.
    metric : Metric
        How they are compared.
    times : ndarray, (n, T), optional
        Times of each series where ``metric.series_times``.
    plain : bool
        Whether one channel without weights may take the fast kernel.
    """

    def __init__(
        self,
        series: SeriesSet,
        metric: Metric,
        times: Array | None = None,
        *,
        plain: bool = True,
    ) -> None:
        self.series, self.metric, self.times = series, metric, times
        missing = series.weights is not None and (series.weights[_inside(series)] == 0.0).any()
        if missing and metric.missing_penalty is None:
            raise InputError("values are missing inside series; give missing_penalty")
        self.general = (
            not plain
            or series.weights is not None
            or series.channels > 1
            or metric.lag_steepness is not None
            or metric.series_times
        )
        self.shift, self.scale = np.zeros(series.channels), 1.0
        if metric.dtype == np.float32:  # keep the digits for the differences
            inside = series.values[_inside(series)]
            self.shift = inside.mean(axis=0)
            self.scale = float((inside - self.shift).std()) or 1.0
        self.lanes = LANES[np.dtype(metric.dtype)]
        self.bits = np.zeros(1, BITS[np.dtype(metric.dtype)])
        penalty = (metric.missing_penalty or 0.0) / self.scale**2
        reach = metric.window.reach if metric.series_times else 1.0
        self.numbers = np.array([penalty, reach], dtype=metric.dtype)
        self._directions: dict[int, Array] = {}
        self._windows: dict[tuple[int, int], tuple[Ints, Ints]] = {}
        self._plain: Array | None = None

    @cached_property
    def blocks(self) -> list[Block]:
        """The series side by side as they come."""
        return self.arranged(np.zeros(len(self.series), dtype=np.int64))

    def directions(self, part: int, cells: int) -> Array:
        """Memory for the directions of a part of the work, kept for the next."""
        kept = self._directions.get(part)
        if kept is None or len(kept) < cells:
            kept = self._directions[part] = np.empty(cells, self.bits.dtype)
        return kept

    def threads_for(self, cells: int) -> int:
        """Threads worth their start for a number of cells of the matrix."""
        return max(1, min(self.metric.threads, cells // _CELLS))

    def arranged(self, group: Ints) -> list[Block]:
        """The series side by side, each block of one group only."""
        made = []
        for length in np.unique(self.series.lengths):
            rows, groups = [], []
            of_length = np.flatnonzero(self.series.lengths == length)
            for number in np.unique(group[of_length]):
                members = of_length[group[of_length] == number]
                count = -(-len(members) // self.lanes)
                index = np.full(count * self.lanes, -1, dtype=np.int64)
                index[: len(members)] = members
                rows.append(index.reshape(count, self.lanes))
                groups.append(np.full(count, number, dtype=np.int64))
            index = np.concatenate(rows)
            made.append(
                Block(index, np.concatenate(groups), int(length), self._many(index, int(length)))
            )
        return made

    def _many(self, index: Ints, length: int) -> tuple[Array, ...]:
        dtype = self.metric.dtype
        if not self.general:  # scaled once: k-means arranges the series many times
            if self._plain is None:
                plain = (self.series.values[:, :, 0] - self.shift[0]) / self.scale
                self._plain = plain.astype(dtype)
            return (np.ascontiguousarray(self._plain[index, :length].transpose(0, 2, 1)),)
        values = ((self.series.values[index, :length] - self.shift) / self.scale).astype(dtype)
        weights = self._weights(self.series, index)[:, :, :length].astype(dtype)
        clock = np.zeros(values.shape[:3], dtype)
        if self.times is not None:
            clock = self.times[index, :length].astype(dtype)
        lanes_last = (values.transpose(0, 2, 3, 1), weights.transpose(0, 2, 3, 1))
        return (*map(np.ascontiguousarray, lanes_last), np.ascontiguousarray(clock.transpose(0, 2, 1)))  # fmt: skip # noqa: E501

    @staticmethod
    def _weights(series: SeriesSet, index: Ints) -> Array:
        if series.weights is None:
            return np.ones((*index.shape, *series.values.shape[1:]))
        return series.weights[index]

    def ones(self, series: SeriesSet, times: Array | None = None) -> tuple[Array, ...]:
        """The same for series that are each compared with all of the many."""
        dtype, n = self.metric.dtype, series.values.shape[1]
        pad = -(-n // ROWS) * ROWS - n
        values = np.zeros((len(series), n + pad, series.channels), dtype)
        values[:, :n] = (series.values - self.shift) / self.scale
        if not self.general:
            return (np.ascontiguousarray(values[:, :, 0]),)
        weights = self._weights(series, np.arange(len(series))).astype(dtype)
        weights = np.pad(weights, ((0, 0), (0, pad), (0, 0)), constant_values=1.0)
        clock = np.zeros(values.shape[:2], dtype)
        if times is not None:
            clock[:, :n] = times[:, :n]
        return values, weights, clock

    def window(self, n: int, columns: int) -> tuple[Ints, Ints]:
        """Limits of each row, padded as the rows are."""
        if (n, columns) not in self._windows:
            limits = Window() if self.metric.series_times else self.metric.window
            lo, hi = limits.rows(n, columns)
            after = np.arange(1, -n % ROWS + 1) * (lo[-1] - lo[-2] if n > 1 else 0)
            more = np.minimum(lo[-1] + after, columns - 1)
            hi_more = np.full(len(more), columns)
            self._windows[n, columns] = np.append(lo, more), np.append(hi, hi_more)
        return self._windows[n, columns]

    def squared(
        self, series: SeriesSet, times: Array | None = None, *, same: bool = False
    ) -> Array:
        """Squared distances of `series` to the many, (m, n).

        Parameters
        ----------
        series : SeriesSet
            The one side.
        times : ndarray, (m, T), optional
            Their times.
        same : bool
            Whether `series` are the many themselves: half of the matrix is computed.
        """
        result = np.empty((len(series), len(self.series)))
        for length in np.unique(series.lengths):
            rows = np.flatnonzero(series.lengths == length)
            part = series.take(rows)
            part = SeriesSet(
                part.values[:, :length],
                part.lengths,
                None if part.weights is None else part.weights[:, :length],
            )
            clock = None if times is None else times[rows]
            for block in self.blocks:
                if same and block.length < length:
                    continue
                half = same and block.length == length
                found = self._pairs(part, clock, block, half)
                columns = block.index.ravel()
                used = columns >= 0
                result[np.ix_(rows, columns[used])] = found[:, used]
                if same and not half:
                    result[np.ix_(columns[used], rows)] = found[:, used].T
        if same:
            low = np.tril_indices(len(result), -1)
            equal = self.series.lengths[low[0]] == self.series.lengths[low[1]]
            low = low[0][equal], low[1][equal]
            result[low] = result.T[low]
        return result

    def _pairs(self, part: SeriesSet, times: Array | None, block: Block, half: bool) -> Array:
        n = part.values.shape[1]
        lo, hi = self.window(n, block.length)
        one = self.ones(part, times)
        first = np.zeros(len(part), dtype=np.int64)
        if half:  # of the blocks before, the mirrored half is taken
            first = np.arange(len(part), dtype=np.int64) // self.lanes
        out = np.zeros((len(part) + -len(part) % self.lanes, *block.index.shape), self.metric.dtype)
        threads = self.metric.threads
        if self.general:
            lags = self.metric.lags(n, block.length, len(lo))
            start = (one, n, block.many, self.numbers, lags, lo, hi, self.bits, first, out)
            tasks: list[Any] = [(*start, k, threads) for k in range(threads)]
            in_threads(threads, kernels.pairs_general, tasks)
        else:
            if half:
                within = (n, block.many[0], lo, hi, self.bits, out)
                tasks = [(*within, k, threads) for k in range(threads)]
                in_threads(threads, kernels.pairs_within, tasks)
            plain = (one[0], n, block.many[0], lo, hi, self.bits, first + half, out)
            tasks = [(*plain, k, threads) for k in range(threads)]
            in_threads(threads, kernels.pairs, tasks)
        out = out[: len(part)]
        return out.reshape(len(part), -1).astype(np.float64) * self.scale**2


def _inside(series: SeriesSet) -> NDArray[np.bool_]:
    return np.arange(series.values.shape[1]) < series.lengths[:, None]
