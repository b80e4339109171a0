"""The dataset of types, put together from the two scales."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from termini.cluster.features import unpress
from termini.cluster.scale import ScaleResult
from termini.cluster.words import interannual_words, seasonal_words
from termini.variables import describe

COPIED = ("glacier_id", "glacier_name", "longitude", "latitude")
NO_CYCLE = "no cycle that stands out of its error"


def types_dataset(
    series: xr.Dataset,
    interannual: ScaleResult,
    seasonal: ScaleResult,
    settings: dict[str, Any],
) -> xr.Dataset:
    """Everything that ``glacier_types.nc`` holds.

    Parameters
    ----------
    series : xarray.Dataset
        The monthly series that were clustered.
    interannual, seasonal : ScaleResult
        Results of the two scales.
    settings : dict
        Settings, kept as JSON in the attribute ``settings``.

    Returns
    -------
    xarray.Dataset
        Described by ``variables.yml``.
    """
    dataset = xr.Dataset(
        coords={name: ("glacier", series[name].to_numpy()) for name in COPIED if name in series}
    )
    shaped = settings["amplitude"] == "shape"
    _add_interannual(dataset, interannual, None if shaped else settings["scale_m"], settings)
    _add_seasonal(
        dataset, seasonal, _cycles(series), None if shaped else settings["seasonal_scale_m"]
    )
    dataset.attrs = {
        "interannual_verdict": interannual.verdict,
        "seasonal_verdict": seasonal.verdict,
        "interannual_agreement": interannual.agreement,
        "seasonal_agreement": seasonal.agreement,
        "settings": json.dumps(settings, sort_keys=True),
    }
    return describe(dataset)


def _add_interannual(
    dataset: xr.Dataset, result: ScaleResult, scale: float | None, settings: dict[str, Any]
) -> None:
    features, clusters = result.features, result.clusters
    time = features.time if features.time is not None and len(features.time) else None
    if clusters is None or time is None:
        _add_glacier_part(dataset, "interannual", result, result.labels, np.empty((0, 0)), 0)
        return
    k = len(clusters.centres)
    centres = _centres_m(clusters.centres, clusters.labels, features.metres, scale)
    dataset["time"] = ("time", time.as_unit("us").to_numpy())
    _add_glacier_part(dataset, "interannual", result, result.labels, clusters.distances, k)
    _add_centres(dataset, "interannual", "time", centres, features.metres, clusters.labels)
    words = [interannual_words(c, settings["scale_m"]) for c in centres]
    dataset["interannual_label"] = ("interannual_cluster", np.array(words, dtype=object))
    _add_curves(dataset, "interannual", result)


def _add_seasonal(
    dataset: xr.Dataset, result: ScaleResult, cycles: NDArray[np.float64], scale: float | None
) -> None:
    """Type 0 holds the glaciers without a significant cycle; clusters count from 1."""
    features, clusters = result.features, result.clusters
    weak = features.reason == 2
    labels = np.where(weak, 0, np.where(result.labels >= 0, result.labels + 1, -1))
    k = 0 if clusters is None else len(clusters.centres)
    if k == 0 and not weak.any():
        _add_glacier_part(dataset, "seasonal", result, labels, np.empty((0, 0)), 0)
        return
    none = cycles[weak].mean(axis=0, keepdims=True) if weak.any() else np.zeros((1, 12))
    centres = none - none.mean()
    if clusters is not None:
        found = _centres_m(clusters.centres, clusters.labels, features.metres, scale)
        centres = np.concatenate([centres, found])
    distances = np.empty((0, 0)) if clusters is None else clusters.distances
    dataset["month"] = ("month", np.arange(1, 13, dtype=np.int32))
    _add_glacier_part(dataset, "seasonal", result, labels, distances, k, first=1)
    members = np.flatnonzero(labels >= 0)
    about_mean = cycles[members] - cycles[members].mean(axis=1, keepdims=True)
    _add_centres(dataset, "seasonal", "month", centres, about_mean, labels[members])
    words = [NO_CYCLE, *(seasonal_words(c) for c in centres[1:])]
    dataset["seasonal_label"] = ("seasonal_cluster", np.array(words, dtype=object))
    _add_curves(dataset, "seasonal", result)


def _add_glacier_part(
    dataset: xr.Dataset,
    scale: str,
    result: ScaleResult,
    labels: NDArray[np.int_],
    distances: NDArray[np.float64],
    k: int,
    *,
    first: int = 0,
) -> None:
    n = len(labels)
    rows, clusters = result.features.rows, result.clusters
    dataset[f"{scale}_type"] = ("glacier", labels.astype(np.int32))
    dataset[f"{scale}_reason"] = ("glacier", result.features.reason.astype(np.int32))
    for name in ("silhouette", "stability"):
        values = np.full(n, np.nan)
        if clusters is not None:
            values[rows] = getattr(clusters, name)
        dataset[f"{scale}_{name}"] = ("glacier", values)
    if k + first == 0 or (k == 0 and not (labels >= 0).any()):
        return
    table = np.full((n, k + first), np.nan)
    if k:
        table[rows, first:] = distances
    dataset[f"{scale}_cluster"] = (f"{scale}_cluster", np.arange(k + first, dtype=np.int32))
    dataset[f"{scale}_distance"] = (("glacier", f"{scale}_cluster"), table)


def _add_centres(
    dataset: xr.Dataset,
    scale: str,
    axis: str,
    centres: NDArray[np.float64],
    metres: NDArray[np.float64],
    labels: NDArray[np.int_],
) -> None:
    spread = np.full(centres.shape, np.nan)
    count = np.bincount(labels, minlength=len(centres))
    for number in np.flatnonzero(count):
        about = metres[labels == number] - centres[number]
        spread[number] = np.sqrt(np.mean(about**2, axis=0))
    dims = (f"{scale}_cluster", axis)
    dataset[f"{scale}_centre"] = (dims, centres)
    dataset[f"{scale}_spread"] = (dims, spread)
    dataset[f"{scale}_members"] = (f"{scale}_cluster", count.astype(np.int32))


def _add_curves(dataset: xr.Dataset, scale: str, result: ScaleResult) -> None:
    choice = result.choice
    if choice is None or len(choice.k) == 0:
        return
    axis = f"{scale}_k"
    dataset[axis] = (axis, choice.k.astype(np.int32))
    for name in ("silhouette", "stability", "null", "null_upper", "p"):
        dataset[f"{axis}_{name}"] = (axis, getattr(choice, name))


def _centres_m(
    scaled: NDArray[np.float64],
    labels: NDArray[np.int64],
    metres: NDArray[np.float64],
    scale: float | None,
) -> NDArray[np.float64]:
    """Centres in metres; of shape-only clusters the mean of the members."""
    if scale is not None:
        return unpress(scaled, scale)
    return np.array([metres[labels == number].mean(axis=0) for number in range(len(scaled))])


def _cycles(series: xr.Dataset) -> NDArray[np.float64]:
    if "seasonal_cycle" not in series:
        return np.full((series.sizes["glacier"], 12), np.nan)
    return series["seasonal_cycle"].transpose("glacier", "month").to_numpy().astype(np.float64)
