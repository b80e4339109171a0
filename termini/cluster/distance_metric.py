"""How series are compared, from keywords; local slopes for derivative DTW."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from termini.cluster.distance_blocks import Metric
from termini.cluster.distance_input import SeriesSet
from termini.cluster.distance_window import window_of
from termini.errors import InputError


def derivative(series: SeriesSet) -> SeriesSet:
    """Local slopes, for derivative DTW.

    Parameters
    ----------
    series : SeriesSet
        At least three samples each, without gaps.

    Returns
    -------
    SeriesSet
        ((x_i - x_{i-1}) + (x_{i+1} - x_{i-1}) / 2) / 2 for all but the first and last
        samples (Keogh & Pazzani 2001, SIAM Data Mining, equation 1).
    """
    if series.weights is not None or (series.lengths < 3).any():
        raise InputError("derivative DTW needs series of three samples or more, without gaps")
    x = series.values
    slope = ((x[:, 1:-1] - x[:, :-2]) + (x[:, 2:] - x[:, :-2]) / 2.0) / 2.0
    inside = np.arange(slope.shape[1]) < (series.lengths - 2)[:, None]
    times = None if series.times is None else series.times[1:-1]
    return SeriesSet(np.where(inside[:, :, None], slope, 0.0), series.lengths - 2, None, times)


def metric_of(
    band: float | None = None,
    *,
    times: ArrayLike | None = None,
    metric_params: Mapping[str, Any] | None = None,
    missing_penalty: float | None = None,
    lag_steepness: float | None = None,
    precision: str = "float64",
    n_jobs: int | None = None,
) -> Metric:
    """How series are compared, from the keywords of `dtw_distances`; see there."""
    if precision not in ("float32", "float64"):
        raise InputError(f"precision is {precision!r}; it is 'float32' or 'float64'")
    for name, value in (("missing_penalty", missing_penalty), ("lag_steepness", lag_steepness)):
        if value is not None and not (np.isfinite(value) and value >= 0.0):
            raise InputError(f"{name} is {value}; it must be zero or more")
    own = times is not None and np.ndim(times) == 2
    if own and band is None:
        raise InputError("times were given for each series, but no band in time; give band")
    if own and (band is None or not (np.isfinite(band) and band >= 0.0)):
        raise InputError(f"band is {band}; it must be zero or more")
    clock = [0.0] if own else times
    return Metric(
        window=window_of(band, clock, metric_params),
        missing_penalty=missing_penalty,
        lag_steepness=lag_steepness,
        series_times=own,
        dtype=np.dtype(precision),
        n_jobs=n_jobs,
    )
