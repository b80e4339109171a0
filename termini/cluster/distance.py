"""DTW distances and alignments of series: bands, weights, gaps, channels, derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from termini.cluster.distance_blocks import Engine, Metric
from termini.cluster.distance_input import SeriesSet, read_series, same_units
from termini.cluster.distance_metric import derivative, metric_of
from termini.cluster.kernels_align import align_general
from termini.errors import InputError


def as_series_array(values: ArrayLike, what: str = "series") -> NDArray[np.float64]:
    """Series as a finite array of three dimensions.

    Parameters
    ----------
    values : array_like, (n, T) or (n, T, d)
        One series a row.
    what : str
        What they are, for the error.

    Returns
    -------
    ndarray of float64, (n, T, d)
        The same values; d = 1 is added where it is missing.

    Raises
    ------
    InputError
        If the shape is another, or a value is NaN or infinite; the message names
        the first such series.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[1] == 0:
        raise InputError(
            f"{what}: expected an array of shape (n, T) or (n, T, d), got {np.shape(values)}"
        )
    bad = ~np.isfinite(array).all(axis=(1, 2))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{what}: series {row} holds NaN or infinity ({int(bad.sum())} such series in all); "
            "DTW has no value for a gap: fill the gaps or leave the series out"
        )
    return array


def band_parameters(band: int | None) -> dict[str, Any]:
    """Parameters of tslearn for a Sakoe-Chiba band.

    Parameters
    ----------
    band : int or None
        Half-width of the band in samples; None for unconstrained warping.

    Returns
    -------
    dict
        ``metric_params`` of tslearn's estimators.

    Raises
    ------
    InputError
        If the band is negative.
    """
    if band is None:
        return {}
    if band < 0:
        raise InputError(f"band is {band} samples; give zero or more, or None for no band")
    return {"global_constraint": "sakoe_chiba", "sakoe_chiba_radius": int(band)}


def dtw_distances(
    a: ArrayLike,
    b: ArrayLike | None = None,
    *,
    band: float | None = None,
    times: ArrayLike | None = None,
    other_times: ArrayLike | None = None,
    metric_params: Mapping[str, Any] | None = None,
    errors: ArrayLike | None = None,
    other_errors: ArrayLike | None = None,
    error_scale: float | None = None,
    missing_penalty: float | None = None,
    lag_steepness: float | None = None,
    slopes: bool = False,
    independent: bool = False,
    precision: str = "float64",
    n_jobs: int | None = None,
) -> NDArray[np.float64]:
    """DTW distance of every series in `a` to every series in `b`.

    Parameters
    ----------
    a, b : array_like (n, T[, d]), list of arrays, or xarray.DataArray (glacier, time)
        Series, of unequal length where they end in NaN or stand in a list; `b` is `a`
        by default.
    band : int or float, optional
        Half-width of the Sakoe-Chiba band: two samples are matched only if they lie at
        most this far apart, in samples or, with `times`, in the unit of these.
    times, other_times : array_like, (T,), or (n, T) and (m, T), optional
        Times of the samples, for all series or for each; datetimes count in days.
    metric_params : mapping, optional
        tslearn's ``global_constraint``, ``sakoe_chiba_radius``, ``itakura_max_slope``.
    errors, other_errors : array_like, as `a` and `b`, optional
        Standard errors, and in `error_scale` that at which a value weighs half; see
        `read_series`. A squared difference is multiplied by the weights of both values.
    missing_penalty : float, optional
        Cost of a matched pair and channel of which one value is missing, in squared
        units of the series; without it gaps are refused.
    lag_steepness : float, optional
        Weighted DTW; see `Metric`.
    slopes, independent : bool
        Derivative DTW (see `derivative`); warp each channel by itself (squared distances
        are added) instead of all alike.
    precision : "float64" or "float32"
        Single precision is twice as fast, with a relative error of about 1e-6.
    n_jobs : int, optional
        Threads; -1 for all cores.

    Returns
    -------
    ndarray of float64, (n, m)
        Square root of the least sum of squared differences along a warping path
        (Sakoe & Chiba 1978, IEEE Trans. Acoust. 26, 43).
    """
    limits: dict[str, Any] = {
        "metric_params": metric_params,
        "precision": precision,
        "n_jobs": n_jobs,
    }
    costs: dict[str, Any] = {"missing_penalty": missing_penalty, "lag_steepness": lag_steepness}
    metric = metric_of(band, times=times, **limits, **costs)
    gaps = missing_penalty is not None
    first = read_series(a, "a", errors=errors, error_scale=error_scale, gaps=gaps)
    second = None
    if b is not None:
        second = read_series(b, "b", errors=other_errors, error_scale=error_scale, gaps=gaps)
        first, second = _matching(first, second)
    clocks = _clocks(first, second, metric, times, other_times)
    if slopes:
        first, second = derivative(first), None if second is None else derivative(second)
    channels: Any = range(first.channels) if independent else [None]
    return np.sqrt(_summed(first, second, metric, clocks, channels))


def _matching(a: SeriesSet, b: SeriesSet) -> tuple[SeriesSet, SeriesSet]:
    """Both with weights where one has them; refused where the channels differ."""
    if b.channels != a.channels:
        raise InputError(f"a has {a.channels} channels, b {b.channels}")
    same_units(a.units, b.units, "a", "b")
    if a.weights is None and b.weights is not None:
        a = SeriesSet(a.values, a.lengths, np.ones_like(a.values))
    if b.weights is None and a.weights is not None:
        b = SeriesSet(b.values, b.lengths, np.ones_like(b.values))
    return a, b


def _summed(
    a: SeriesSet, b: SeriesSet | None, metric: Metric, clocks: tuple[Any, Any], channels: Any
) -> NDArray[np.float64]:
    """Squared distances, added over channels (None for all alike)."""
    total = np.zeros((len(a), len(a if b is None else b)))
    for channel in channels:
        total += _squared(_channel(a, channel), _channel(b, channel), metric, clocks)
    if not np.isfinite(total).all():
        i, j = np.argwhere(~np.isfinite(total))[0]
        raise InputError(
            f"no alignment of series {i} and {j} keeps within {metric.window.words()}; widen it"
        )
    return total


def _clocks(
    a: SeriesSet, b: SeriesSet | None, metric: Metric, times: Any, other: Any
) -> tuple[Any, Any]:
    """Times of each of `a` and of `b`, where the band needs them."""
    if not metric.series_times:
        return None, None
    one = np.asarray(times, dtype=np.float64)
    two = one if b is None else np.asarray(other, dtype=np.float64)
    for name, clock, series in (("times", one, a), ("other_times", two, a if b is None else b)):
        if clock.shape != series.values.shape[:2]:
            raise InputError(
                f"{name} has shape {clock.shape}, the series {series.values.shape[:2]}"
            )
    return one, two


def _channel(series: SeriesSet | None, channel: int | None) -> Any:
    if series is None or channel is None:
        return series
    part = slice(channel, channel + 1)
    weights = None if series.weights is None else series.weights[:, :, part]
    return SeriesSet(series.values[:, :, part], series.lengths, weights)


def _squared(
    a: SeriesSet, b: SeriesSet | None, metric: Metric, clocks: tuple[Any, Any]
) -> NDArray[np.float64]:
    engine = Engine(a if b is None else b, metric, clocks[1])
    return np.asarray(engine.squared(a, clocks[0], same=b is None))


def dtw_path(
    a: ArrayLike,
    b: ArrayLike,
    *,
    band: float | None = None,
    times: ArrayLike | None = None,
    metric_params: Mapping[str, Any] | None = None,
    missing_penalty: float | None = None,
    lag_steepness: float | None = None,
) -> tuple[list[tuple[int, int]], float]:
    """Alignment of two series and their distance.

    Parameters
    ----------
    a, b : array_like, (T,) or (T, d)
        The series.
    band, times, metric_params, missing_penalty, lag_steepness
        As in `dtw_distances`.

    Returns
    -------
    path : list of (int, int)
        Samples of `a` and `b` that are matched, from the first to the last. Of equally
        good paths the one that tslearn gives.
    distance : float
        Their DTW distance.
    """
    metric = metric_of(
        band,
        times=times,
        metric_params=metric_params,
        missing_penalty=missing_penalty,
        lag_steepness=lag_steepness,
    )
    gaps = missing_penalty is not None
    both = [read_series(_row(s), name, gaps=gaps) for s, name in ((a, "a"), (b, "b"))]
    for k, series in enumerate(both):
        if series.weights is None:
            both[k] = SeriesSet(series.values, series.lengths, np.ones_like(series.values))
    many, one = both  # rows of the kernel are b, so that ties fall as in tslearn
    engine = Engine(many, metric)
    n, block = int(one.lengths[0]), engine.blocks[0]
    lo, hi = engine.window(n, block.length)
    x = tuple(part[0] for part in engine.ones(one))
    used = (block.index >= 0).astype(np.float64)
    out = np.zeros(block.index.shape)
    sums = np.zeros((2, n, many.channels))
    paths = np.zeros((*block.index.shape, n + block.length, 2), np.int32)
    lengths = np.zeros(block.index.shape, np.int64)
    lags = metric.lags(n, block.length, len(lo))
    align_general(
        x,
        n,
        block.many,
        engine.numbers,
        lags,
        lo,
        hi,
        engine.bits,
        used,
        out,
        sums[0],
        sums[1],
        paths,
        lengths,
    )
    cells = paths[0, 0, : lengths[0, 0]][::-1]
    return [(int(j), int(i)) for i, j in cells], float(np.sqrt(out[0, 0]))


def _row(series: ArrayLike) -> Any:
    array = np.asarray(series, dtype=np.float64)
    return array[None, :, None] if array.ndim == 1 else array[None]
