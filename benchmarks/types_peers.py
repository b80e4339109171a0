"""What is done without a model of gaps and errors: tslearn on interpolated series."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tslearn.clustering import TimeSeriesKMeans

Array = NDArray[np.float64]


def interpolated(rows: pd.DataFrame, months: pd.DatetimeIndex) -> Array:
    """Observations of one glacier on straight lines, by month."""
    at = pd.DatetimeIndex(rows["date"]).as_unit("s").asi8.astype(np.float64)
    return np.interp(
        months.as_unit("s").asi8.astype(np.float64), at, rows["length_change"].to_numpy()
    )


def tslearn_labels(
    observations: pd.DataFrame, ids: list[str], months: pd.DatetimeIndex, k: dict[str, int]
) -> dict[str, NDArray[np.int64]]:
    """Labels of DTW k-means by tslearn, which is told the right number of types.

    Inter-annual: quarterly means of the interpolated series since the first year.
    Seasonal: mean by calendar month of what a running year leaves. Both in metres and,
    as tslearn's documentation does, each scaled to unit variance.
    """
    lines = []
    for name in ids:
        rows = observations[observations["glacier_id"] == name]
        lines.append(interpolated(rows, months))
    series = np.array(lines)
    slow = pd.DataFrame(series.T).rolling(13, center=True, min_periods=7).mean().to_numpy().T
    left = series - slow
    cycle = np.stack([left[:, months.month == k].mean(axis=1) for k in range(1, 13)], axis=1)
    quarter = series[:, : len(months) // 3 * 3].reshape(len(series), -1, 3).mean(axis=2)
    inputs = {
        "interannual": quarter - quarter[:, :4].mean(axis=1, keepdims=True),
        "seasonal": cycle - cycle.mean(axis=1, keepdims=True),
    }
    found = {}
    for scale, values in inputs.items():
        spread = np.maximum(values.std(axis=1, keepdims=True), 1e-9)
        scaled = (values - values.mean(axis=1, keepdims=True)) / spread
        for form, given in {"metres": values, "scaled": scaled}.items():
            model = TimeSeriesKMeans(k[scale], metric="dtw", n_init=3, random_state=0)
            found[f"{scale} tslearn {form}"] = model.fit_predict(given[:, :, None])
    return found
