"""The dataset of types, put together from the two scales."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from termini.cluster.features import unpress
from termini.cluster.joint import joint_types
from termini.cluster.scale import ScaleResult
from termini.cluster.seasonal import seasonal_change
from termini.cluster.words import interannual_words, seasonal_words
from termini.variables import describe

COPIED = ("glacier_id", "glacier_name", "longitude", "latitude")
CURVES = (
    "silhouette",
    "stability",
    "null",
    "null_upper",
    "p",
    "phase",
    "phase_upper",
    "phase_p",
    "gap",
    "gap_se",
    "bootstrap",
    "period",
    "smallest",
)
#: Curves of mean cycles only.
CYCLE_CURVES = ("cycle", "cycle_upper", "cycle_p")
METHODS = ("k-medoids", "average linkage", "complete linkage", "HDBSCAN", "mixture")


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
        Described by ``variables.yml``. All variables are always there, of missing
        values where a scale has no data.
    """
    dataset = xr.Dataset(
        coords={name: ("glacier", series[name].to_numpy()) for name in COPIED if name in series}
    )
    shaped = settings["amplitude"] == "shape"
    _add_interannual(dataset, interannual, shaped, settings)
    _add_seasonal(dataset, seasonal, shaped, settings)
    change, error = seasonal_change(series)
    dataset["seasonal_change"] = ("glacier", change)
    dataset["seasonal_change_se"] = ("glacier", error)
    dataset = joint_types(dataset)
    dataset.attrs = {
        "interannual_verdict": interannual.verdict,
        "seasonal_verdict": seasonal.verdict,
        "interannual_agreement": interannual.agreement,
        "seasonal_agreement": seasonal.agreement,
        "settings": json.dumps(settings, sort_keys=True),
    }
    return describe(dataset)


def _add_interannual(
    dataset: xr.Dataset, result: ScaleResult, shaped: bool, settings: dict[str, Any]
) -> None:
    features, scale = result.features, settings["scale_m"]
    time = features.time
    if time is None or len(time) == 0:
        time = pd.DatetimeIndex([])
    dataset["time"] = ("time", time.as_unit("us").to_numpy())
    clusters = result.clusters
    centres = np.full((1, len(time)), np.nan)
    if clusters is not None:
        centres = _centres_m(result, None if shaped else scale)
    words = [
        "no data" if np.isnan(c).any() or c.size == 0 else interannual_words(c, scale)
        for c in centres
    ]
    if clusters is not None and len(centres) == 1:
        words = [f"no types told apart; on average {words[0]}"]
    order = np.arange(len(centres))
    _add_scale(dataset, "interannual", "time", result, result.labels, centres, order, words)
    _add_curves(dataset, "interannual", result, settings)


def _add_seasonal(
    dataset: xr.Dataset, result: ScaleResult, shaped: bool, settings: dict[str, Any]
) -> None:
    """Number 0 is no or a weak cycle; the clusters with a cycle follow, by phase."""
    features, clusters = result.features, result.clusters
    dataset["month"] = ("month", np.arange(1, 13, dtype=np.int32))
    found = np.empty((0, 12))
    if clusters is not None:
        found = _centres_m(result, None if shaped else settings["seasonal_scale_m"])
    limit = settings["seasonal_scale_m"]
    weak = np.flatnonzero(np.ptp(found, axis=1) < limit) if len(found) else np.empty(0, dtype=int)
    strong = np.setdiff1d(np.arange(len(found)), weak)
    number = np.zeros(len(found) + 1, dtype=np.int32)  # the last entry serves label -1
    number[strong] = np.arange(1, len(strong) + 1)
    number[-1] = -1
    labels = np.where(features.reason == 2, 0, number[result.labels])
    zero = features.metres[labels[features.rows] == 0]
    none = zero.mean(axis=0) if len(zero) else np.full(12, 0.0 if len(found) else np.nan)
    centres = np.concatenate([none[None, :], found[strong]])
    # where no cluster is weak, no distance to number 0 is known
    order = np.concatenate([weak[:1] if len(weak) else [-1], strong]).astype(int)
    words = [f"no or weak cycle, range below {limit:.0f} m or within what errors and steps make"]
    words += [seasonal_words(c) for c in centres[1:]]
    _add_scale(dataset, "seasonal", "month", result, labels, centres, order, words)
    _add_curves(dataset, "seasonal", result, settings)


def _add_scale(
    dataset: xr.Dataset,
    scale: str,
    axis: str,
    result: ScaleResult,
    labels: NDArray[np.integer[Any]],
    centres: NDArray[np.float64],
    order: NDArray[np.integer[Any]],
    words: list[str],
) -> None:
    """Variables of one scale; `order` is the cluster of each number, -1 for none."""
    n, k = len(labels), len(centres)
    rows, clusters = result.features.rows, result.clusters
    dataset[f"{scale}_type"] = ("glacier", labels.astype(np.int32))
    dataset[f"{scale}_reason"] = ("glacier", result.features.reason.astype(np.int32))
    for name in ("silhouette", "stability"):
        values = np.full(n, np.nan)
        if clusters is not None:
            values[rows] = getattr(clusters, name)
        dataset[f"{scale}_{name}"] = ("glacier", values)
    distances = np.full((n, k), np.nan)
    if clusters is not None:
        known = np.flatnonzero(order >= 0)
        distances[np.ix_(rows, known)] = clusters.distances[:, order[known]]
    number = f"{scale}_cluster"
    dataset[number] = (number, np.arange(k, dtype=np.int32))
    dataset[f"{scale}_distance"] = (("glacier", number), distances)
    _add_belief(dataset, scale, result, order)
    spread, count = _spread(centres, result.features.metres, labels[rows])
    dataset[f"{scale}_centre"] = ((number, axis), centres)
    dataset[f"{scale}_spread"] = ((number, axis), spread)
    dataset[f"{scale}_members"] = (number, count)
    dataset[f"{scale}_label"] = (number, np.array(words, dtype=object))


def _add_belief(
    dataset: xr.Dataset, scale: str, result: ScaleResult, order: NDArray[np.integer[Any]]
) -> None:
    """Probabilities, and what other methods say; missing where there is one type only."""
    n, rows = len(result.labels), result.features.rows
    dataset["method"] = ("method", np.array(METHODS, dtype=object))
    probability = np.full((n, len(order)), np.nan)
    share, agreed, agreement = np.full(n, np.nan), np.full(n, -1), np.full(len(METHODS), np.nan)
    if result.probability is not None and result.consensus is not None:
        columns = np.array([_number_of(cluster, order) for cluster in range(result.clusters_found)])
        probability[rows] = 0.0
        for cluster, column in enumerate(columns):
            probability[rows, column] += result.probability[:, cluster]
        share[rows], agreement = result.consensus.share, result.consensus.agreement
        agreed[rows] = np.append(columns, -1)[result.consensus.consensus]
    dataset[f"{scale}_probability"] = (("glacier", f"{scale}_cluster"), probability)
    dataset[f"{scale}_method_share"] = ("glacier", share)
    dataset[f"{scale}_consensus"] = ("glacier", agreed.astype(np.int32))
    dataset[f"{scale}_method_agreement"] = ("method", agreement)


def _number_of(cluster: int, order: NDArray[np.integer[Any]]) -> int:
    """Number of the type that a cluster became; weak ones that share one are number 0."""
    found = np.flatnonzero(order == cluster)
    return int(found[0]) if len(found) else 0


def _spread(
    centres: NDArray[np.float64], metres: NDArray[np.float64], labels: NDArray[np.integer[Any]]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    spread = np.full(centres.shape, np.nan)
    count = np.bincount(labels[labels >= 0], minlength=len(centres))
    for number in np.flatnonzero(count):
        about = metres[labels == number] - centres[number]
        spread[number] = np.sqrt(np.mean(about**2, axis=0))
    return spread, count.astype(np.int32)


def _add_curves(
    dataset: xr.Dataset, scale: str, result: ScaleResult, settings: dict[str, Any]
) -> None:
    """Curves over k, missing where nothing could be tried."""
    low, high = settings["k_range"]
    axis, choice = f"{scale}_k", result.choice
    tried = choice is not None and len(choice.k) > 0
    k = choice.k if choice is not None and tried else np.arange(low, high + 1)
    dataset[axis] = (axis, k.astype(np.int32))
    for name in CURVES + (CYCLE_CURVES if scale == "seasonal" else ()):
        values = getattr(choice, name) if tried else np.full(len(k), np.nan)
        dataset[f"{axis}_{name}"] = (axis, values)


def _centres_m(result: ScaleResult, scale: float | None) -> NDArray[np.float64]:
    """Centres in metres; of shape-only clusters the mean of the members."""
    assert result.clusters is not None
    scaled, labels = result.clusters.centres, result.clusters.labels
    if scale is not None:
        return unpress(scaled, scale)
    metres = result.features.metres
    return np.array([metres[labels == number].mean(axis=0) for number in range(len(scaled))])
