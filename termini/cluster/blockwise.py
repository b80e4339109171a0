"""Matrices of DTW distances that outgrow memory: tile by tile, on disk, resumed after a kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from termini.cluster.blockwise_files import MatrixFile
from termini.cluster.blockwise_source import SeriesSource
from termini.cluster.distance_blocks import Engine, Metric
from termini.cluster.distance_input import SeriesSet
from termini.cluster.distance_metric import metric_of
from termini.errors import InputError

#: Bytes of workspace for each cell of a tile and for each value of its series, as measured.
_PER_CELL, _PER_VALUE = 48, 64
#: Tiles begin at multiples of this, so that the lanes of the kernels are full.
_LANES = 16


def tile_side(memory: float, length: int, channels: int, tiles: int) -> int:
    """Series on each side of a tile whose computation keeps within a memory.

    Parameters
    ----------
    memory : float
        Bytes for all tiles that are in work together.
    length, channels : int
        Samples and channels of the series.
    tiles : int
        How many are in work together.

    Returns
    -------
    int
        Series on a side, a multiple of 16.

    Raises
    ------
    InputError
        If not even the smallest tile fits.
    """
    linear = 2.0 * _PER_VALUE * length * channels
    root = np.sqrt(linear**2 + 4.0 * _PER_CELL * memory / tiles)
    side = int((root - linear) / (2.0 * _PER_CELL)) // _LANES * _LANES
    if side < _LANES:
        least = tiles * (_PER_CELL * _LANES**2 + linear * _LANES) / 1e6
        raise InputError(
            f"memory_mb is {memory / 1e6:g}; series of {length} samples need at least {least:.1f}"
        )
    return side


def tile_distances(rows: SeriesSet, columns: SeriesSet | None, metric: Metric) -> NDArray[Any]:
    """DTW distances of one tile, in the precision of the metric.

    Parameters
    ----------
    rows, columns : SeriesSet
        The series of both sides; `columns` is None on the diagonal.
    metric : Metric
        How they are compared.

    Returns
    -------
    ndarray, (rows, columns)
        Distances; infinite where no alignment keeps within the window.
    """
    if columns is None:
        squared = Engine(rows, metric).squared(rows, same=True)
    else:
        if (rows.weights is None) != (columns.weights is None):
            rows, columns = _weighted(rows), _weighted(columns)
        squared = Engine(columns, metric).squared(rows)
    return np.sqrt(squared, out=squared).astype(metric.dtype)


def _weighted(series: SeriesSet) -> SeriesSet:
    if series.weights is not None:
        return series
    return replace(series, weights=np.ones_like(series.values))


def dtw_distances_on_disk(
    X: Any,
    path: str | Path,
    *,
    band: float | None = None,
    times: Any = None,
    metric_params: Any = None,
    missing_penalty: float | None = None,
    lag_steepness: float | None = None,
    precision: str = "float32",
    memory_mb: float = 512.0,
    n_jobs: int | None = None,
    executor: Executor | None = None,
    tiles_in_work: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[Any]:
    """Matrix of DTW distances in a file, in bounded memory.

    Parameters
    ----------
    X : array_like (n, T) or (n, T, d), path of an .npy file, or as in `dtw_distances`
        Series. Of a memory map, a zarr or dask array, or a file only the series of the
        tiles in work are read.
    path : path
        Name of the ``.npy`` file. While it is made it ends in ``.part``, with a journal
        of the tiles that are done beside it; a later call with the same series and
        settings goes on from there, also after a kill.
    band, times, metric_params, missing_penalty, lag_steepness
        As in `dtw_distances`; `times` are those of all series.
    precision : "float32" or "float64"
        Of the computation and of the file.
    memory_mb : float
        Memory for all tiles in work, 10^6 bytes, beside the program and `X` itself.
    n_jobs : int, optional
        Threads for each tile; -1 for all cores.
    executor : concurrent.futures.Executor, optional
        Where tiles are computed: a process pool, or ``dask.distributed.Client(...)
        .get_executor()`` for many machines. By default this process. The file is
        written here.
    tiles_in_work : int, optional
        Tiles that are sent to the executor before one has come back; by default one
        more than its workers.
    progress : callable, optional
        Called with the number of tiles done and of all.

    Returns
    -------
    numpy.memmap, (n, n)
        The matrix, open for reading; ``metric="precomputed"`` of the estimators takes it.

    Raises
    ------
    InputError
        If a series is refused, the disk is too small, no alignment keeps within the
        window, or the file holds another matrix; the message says what to do.
    """
    metric = metric_of(
        band,
        times=times,
        metric_params=metric_params,
        missing_penalty=missing_penalty,
        lag_steepness=lag_steepness,
        precision=precision,
        n_jobs=n_jobs,
    )
    if metric.series_times:
        raise InputError("times of a matrix on disk are those of all series: one row")
    source = SeriesSource(X, "X", gaps=missing_penalty is not None)
    workers = int(getattr(executor, "_max_workers", 4)) + 1 if executor is not None else 1
    many = workers if tiles_in_work is None else max(1, tiles_in_work)
    side = tile_side(memory_mb * 1e6, source.length, source.channels, many)
    step = max(1, int(memory_mb * 1e6 / (_PER_VALUE * source.length * source.channels)))
    kind = source.fingerprint(min(step, 4096), metric)
    file = MatrixFile(path, len(source), side, metric.dtype, kind)
    if file.begin():
        _fill(file, source, metric, executor, many, progress)
        file.finish()
    matrix: NDArray[Any] = np.load(file.path, mmap_mode="r")
    return matrix


def _fill(
    file: MatrixFile,
    source: SeriesSource,
    metric: Metric,
    executor: Executor | None,
    many: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Compute the tiles that are not in the file yet."""
    total, done = file.tiles, file.tiles - len(file.missing())

    def keep(tile: int, found: NDArray[Any]) -> None:
        nonlocal done
        if not np.isfinite(found).all():
            raise InputError(
                f"no alignment of some series keeps within {metric.window.words()}; widen it"
            )
        file.write(tile, found)
        done += 1
        if progress is not None:
            progress(done, total)

    if executor is None:
        for tile, rows, columns in _sides(file, source):
            keep(tile, tile_distances(rows, columns, metric))
        return
    waiting: dict[Future[Any], int] = {}
    try:
        for tile, rows, columns in _sides(file, source):
            waiting[executor.submit(tile_distances, rows, columns, metric)] = tile
            if len(waiting) >= many:
                _collect(waiting, keep)
        while waiting:
            _collect(waiting, keep)
    finally:
        for future in waiting:
            future.cancel()


def _collect(waiting: dict[Future[Any], int], keep: Callable[[int, NDArray[Any]], None]) -> None:
    ready, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in ready:
        keep(waiting.pop(future), future.result())


def _sides(
    file: MatrixFile, source: SeriesSource
) -> Iterator[tuple[int, SeriesSet, SeriesSet | None]]:
    """Tiles that are missing with the series of both sides; rows are read once a row."""
    before, rows = -1, None
    for tile in file.missing():
        first, second = file.place(tile)
        if first != before:
            before, rows = first, source.read(*file.span(first))
        assert rows is not None
        yield tile, rows, None if first == second else source.read(*file.span(second))
