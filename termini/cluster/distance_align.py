"""Nearest centres and alignments to centres, on series laid side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from termini.cluster import kernels, kernels_align
from termini.cluster.distance_blocks import Array, Block, Engine, Ints
from termini.cluster.distance_input import SeriesSet
from termini.cluster.distance_threads import in_threads
from termini.cluster.kernels_emit import ROWS


@dataclass(frozen=True)
class Alignment:
    """What series contribute to each sample of the centre they were aligned to.

    Parameters
    ----------
    sums, counts : ndarray of float64, (T, d)
        Sum of weight times value, and sum of weights, of the values matched with it.
    cost : float
        Sum of weight times squared distance.
    """

    sums: NDArray[np.float64]
    counts: NDArray[np.float64]
    cost: float

    def centre(self, before: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weighted mean of what meets each sample; the old value where nothing does."""
        some = self.counts > 0.0
        return np.where(some, self.sums / np.where(some, self.counts, 1.0), before)


def centre_set(centres: NDArray[np.float64], engine: Engine) -> SeriesSet:
    """Centres (k, T, d) as series; they are known everywhere."""
    lengths = np.full(len(centres), centres.shape[1], dtype=np.int64)
    weights = np.ones_like(centres) if engine.general else None
    return SeriesSet(centres, lengths, weights)


def nearest_centres(
    engine: Engine, centres: NDArray[np.float64], blocks: list[Block] | None = None
) -> tuple[Ints, NDArray[np.float64], NDArray[np.int64]]:
    """Nearest centre of each series, without the distances to the others.

    Parameters
    ----------
    engine : Engine
        The series.
    centres : ndarray, (k, T, d)
        Centres.
    blocks : list of Block, optional
        The series arranged by the centre that is likely the nearest.

    Returns
    -------
    labels : ndarray of int, (n,)
        Nearest centre.
    squared : ndarray of float64, (n,)
        Squared distance to it.
    done : ndarray of int, (3,)
        Blocks times centres that were computed whole, abandoned, and left out by the
        lower bound (Keogh & Ratanamahatana 2005, Knowl. Inf. Syst. 7, 358).
    """
    if engine.general:
        table = engine.squared(centre_set(centres, engine))
        labels = table.argmin(axis=0).astype(np.int64)
        return labels, table.min(axis=0), np.array([table.size // engine.lanes, 0, 0])
    labels = np.zeros(len(engine.series), dtype=np.int64)
    squared = np.zeros(len(engine.series))
    counted = np.zeros(3, dtype=np.int64)
    (xs,) = engine.ones(centre_set(centres, engine))
    n = centres.shape[1]
    for block in engine.blocks if blocks is None else blocks:
        lo, hi = engine.window(n, block.length)
        threads = engine.threads_for(len(xs) * block.index.size * int((hi - lo).sum()))
        found = np.zeros(block.index.shape, dtype=np.int64)
        out = np.zeros(block.index.shape, dtype=engine.metric.dtype)
        done = np.zeros((3, threads), dtype=np.int64)
        around = envelopes(xs[:, :n], lo[:n], hi[:n], block.length)
        guess = np.minimum(block.group, len(xs) - 1)
        plain = (xs, n, block.many[0], lo, hi, engine.bits, around, guess, found, out, done)
        in_threads(threads, kernels.nearest, [(*plain, k, threads) for k in range(threads)])
        used = block.index >= 0
        labels[block.index[used]] = found[used]
        squared[block.index[used]] = out[used].astype(np.float64) * engine.scale**2
        counted += done.sum(axis=1)
    return labels, squared, counted


def envelopes(xs: Array, lo: Ints, hi: Ints, columns: int) -> tuple[Array, Array]:
    """Least and largest of the centre samples that each column may meet.

    Parameters
    ----------
    xs : ndarray, (k, n)
        Centres.
    lo, hi : ndarray of int, (n,)
        Window.
    columns : int
        Number of columns.

    Returns
    -------
    lower, upper : ndarray, (k, columns)
        The envelope.
    """
    first = np.searchsorted(hi, np.arange(columns), side="right")
    end = np.searchsorted(lo, np.arange(columns), side="right")
    return _extremes(np.minimum, xs, first, end), _extremes(np.maximum, xs, first, end)


def _extremes(of: np.ufunc, xs: Array, first: Ints, end: Ints) -> Array:
    """Least or largest of ``xs[:, first:end]`` by doubling spans."""
    levels = [xs]
    while 2 ** len(levels) <= xs.shape[1]:
        step = 2 ** (len(levels) - 1)
        levels.append(of(levels[-1][:, :-step], levels[-1][:, step:]))
    level = np.log2(np.maximum(end - first, 1)).astype(np.int64)
    out = np.empty((len(xs), len(first)), xs.dtype)
    for power, table in enumerate(levels):
        here = np.flatnonzero(level == power)
        if len(here):
            out[:, here] = of(table[:, first[here]], table[:, end[here] - 2**power])
    return np.ascontiguousarray(out)


class GroupAligner:
    """The series of one group, laid out once to be aligned to one centre after another.

    Parameters
    ----------
    engine : Engine
        The series.
    n : int
        Samples of the centres.
    blocks : list of Block
        The series arranged by group.
    group : int
        Which group.
    weights : ndarray, (n_series,)
        Weight of each series.
    """

    def __init__(
        self, engine: Engine, n: int, blocks: list[Block], group: int, weights: NDArray[np.float64]
    ) -> None:
        self.engine, self.n = engine, n
        self.parts: list[tuple[Any, ...]] = []
        self.index: list[Ints] = []
        for block in blocks:
            chosen = np.flatnonzero(block.group == group)
            if len(chosen) == 0:
                continue
            lo, hi = engine.window(n, block.length)
            cells = len(chosen) * engine.lanes * int((hi - lo).sum())
            lags = engine.metric.lags(n, block.length, len(lo)) if engine.general else None
            for part in np.array_split(chosen, min(engine.threads_for(cells), len(chosen))):
                index = block.index[part]
                used = np.where(index >= 0, weights[index], 0.0)
                many = tuple(values[part[0] : part[-1] + 1] for values in block.many)
                out = np.zeros(index.shape, engine.metric.dtype)
                self.index.append(index)
                self.parts.append((many, lags, lo, hi, used, out))

    def align(self, centre: NDArray[np.float64]) -> Alignment:
        """Align the group to a centre (T, d); sums over the group."""
        engine, n = self.engine, self.n
        sums = np.zeros((len(self.parts), 2, *centre.shape))
        tasks: list[tuple[Any, ...]] = []
        if engine.general:
            one = tuple(part[0] for part in engine.ones(centre_set(centre[None], engine)))
            for k, (many, lags, lo, hi, used, out) in enumerate(self.parts):
                rest = (lo, hi, self._bits(k), used, out, sums[k, 0], sums[k, 1])
                tasks.append((one, n, many, engine.numbers, lags, *rest, *_NO_PATHS))
        else:
            x = np.zeros(-(-n // ROWS) * ROWS, engine.metric.dtype)
            x[:n] = (centre[:, 0] - engine.shift[0]) / engine.scale
            for k, (many, _, lo, hi, used, out) in enumerate(self.parts):
                kinds = (out.dtype, out.dtype, np.int64)
                met = tuple(np.empty((len(used), n * engine.lanes), kind) for kind in kinds)
                known = (used, out, self._bounds(k), -1)
                tasks.append(
                    (x, n, many[0], lo, hi, self._bits(k), *known, sums[k, 0], sums[k, 1], met)
                )
        kernel = kernels_align.align_general if engine.general else kernels_align.align
        in_threads(engine.metric.threads, kernel, tasks)
        total = sums[0] if len(sums) == 1 else sums.sum(axis=0)
        cost = sum(float((used * out).sum(dtype=np.float64)) for *_, used, out in self.parts)
        counts = total[1]
        return Alignment(
            total[0] * engine.scale + counts * engine.shift, counts, cost * engine.scale**2
        )

    def _bits(self, part: int) -> Array:
        many, lo = self.parts[part][0], self.parts[part][2]
        return self.engine.directions(part, len(lo) * many[0].shape[1])

    def _bounds(self, part: int, known: NDArray[np.float64] | None = None) -> Array:
        """Upper bounds of the squared distances of a part, of which some may be known."""
        index, like = self.index[part], self.parts[part][-1]
        bounds = np.full(index.shape, np.inf, like.dtype)
        if known is not None:
            room = 1.0 + float(kernels.slack(self.n, like))
            bounds[:] = known[index] / self.engine.scale**2 * room
        return bounds

    def refined(
        self,
        centre: NDArray[np.float64],
        steps: int,
        tol: float,
        known: NDArray[np.float64] | None = None,
        relax: float = 1.0,
        reach: float | None = None,
    ) -> tuple[NDArray[np.float64], bool, float] | None:
        """Averaging steps (see `termini.cluster.dba.average`) in one call of a kernel.

        `known` (n_series,) are squared distances to `centre`, where these are known.
        None where the group is in several parts, or has channels, gaps or weights of
        values: then each step is a call.
        """
        engine = self.engine
        if engine.general or len(self.parts) != 1:
            return None
        many, _, lo, hi, used, out = self.parts[0]
        square = engine.scale**2
        new = (centre[:, 0] - engine.shift[0]) / engine.scale
        bounds = self._bounds(0, known)
        radius = -1 if reach is None else round(reach * self.n)
        how = (steps, tol / square, relax, radius)
        settled, cost = kernels_align.refine(
            new, many[0], lo, hi, self._bits(0), used, out, bounds, *how
        )
        return (new * engine.scale + engine.shift[0])[:, None], settled, cost * square


def align_to(
    engine: Engine,
    centre: NDArray[np.float64],
    blocks: list[Block],
    group: int,
    weights: NDArray[np.float64],
) -> Alignment:
    """Align the series of one group to its centre.

    Parameters
    ----------
    engine, blocks, group, weights
        As for `GroupAligner`.
    centre : ndarray, (T, d)
        Centre.

    Returns
    -------
    Alignment
        Sums over the group.
    """
    return GroupAligner(engine, len(centre), blocks, group, weights).align(centre)


_NO_PATHS = (np.zeros((0, 1, 1, 2), np.int32), np.zeros((0, 1), np.int64))
