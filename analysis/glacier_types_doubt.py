"""Which glaciers are least certain of their type and why, and types without each decade."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from sklearn.metrics import adjusted_rand_score

from termini.cluster import TypeSettings
from termini.cluster.distance import dtw_distances
from termini.cluster.fit import fit_clusters
from termini.cluster.interannual import interannual_features
from termini.cluster.selection import choose_k
from termini.cluster.stability import matched

#: Below these a glacier is uncertain of its type.
SURE, INSIDE, STABLE = 0.9, 0.1, 0.9


def least_certain(series: xr.Dataset, types: xr.Dataset) -> pd.DataFrame:
    """Glaciers that may belong to another inter-annual type, and why.

    Parameters
    ----------
    series, types : xarray.Dataset
        Monthly series, and `glacier_types` of them with two types or more.

    Returns
    -------
    DataFrame
        One row a glacier whose probability is below 0.9, silhouette below 0.1, or
        stability below 0.9, least silhouette first: the three, the share of the other
        methods, change over the window and twice its largest standard error (metres),
        years with a front, longest time without one (years), and ``why``: *errors* (they
        reach the other type), *between* (it is nearly as close to members of another
        type) or *glaciers* (the type depends on which others take part).
    """
    labels = types["interannual_type"].to_numpy()
    chance = types["interannual_probability"].to_numpy()
    mine = chance[np.arange(len(labels)), np.maximum(labels, 0)]
    inside = types["interannual_silhouette"].to_numpy()
    stable = types["interannual_stability"].to_numpy()
    doubt = {"errors": mine < SURE, "between": inside < INSIDE, "glaciers": stable < STABLE}
    rows = np.flatnonzero(np.any(list(doubt.values()), axis=0) & (labels >= 0))
    table = pd.DataFrame(
        {
            "glacier_id": types["glacier_id"].to_numpy()[rows],
            "glacier_name": types["glacier_name"].to_numpy()[rows],
            "type": labels[rows],
            "probability": mine[rows],
            "silhouette": inside[rows],
            "stability": stable[rows],
            "methods": types["interannual_method_share"].to_numpy()[rows],
        }
    )
    table = pd.concat([table, _record(series, types, rows)], axis=1)
    table["why"] = [" ".join(name for name, is_so in doubt.items() if is_so[row]) for row in rows]
    return table.sort_values("silhouette", kind="stable").reset_index(drop=True).round(3)


def _record(series: xr.Dataset, types: xr.Dataset, rows: np.ndarray) -> pd.DataFrame:
    """Change, error and how often a glacier was seen, within the window of the types."""
    time = types["time"].to_numpy()
    part = series.isel(glacier=rows).sel(time=slice(time[0], time[-1]))
    value = part["length_interannual"].transpose("glacier", "time").to_numpy()
    error = part["length_interannual_se"].transpose("glacier", "time").to_numpy()
    seen = part["observed"].transpose("glacier", "time").to_numpy() == 1
    year = part["time"].dt.year.to_numpy()
    found = []
    for line, spread, looks in zip(value, error, seen, strict=True):
        known = np.flatnonzero(np.isfinite(line))
        at = np.flatnonzero(looks)
        gap = np.diff(np.concatenate([[0], at, [len(line) - 1]])).max() / 12.0
        change = line[known[-1]] - line[known[0]]
        found.append((change, 2.0 * np.nanmax(spread), len(np.unique(year[at])), gap))
    return pd.DataFrame(found, columns=["change_m", "error_m", "years_seen", "longest_gap"])


def without_decades(
    series: xr.Dataset, settings: TypeSettings, numbers: tuple[int, ...] = (2, 3, 4)
) -> pd.DataFrame:
    """Whether inter-annual types survive the loss of each decade.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series.
    settings : TypeSettings
        Settings of the types.
    numbers : tuple of int
        Numbers of types that are looked at.

    Returns
    -------
    DataFrame
        ``decade``, ``believed`` (number of types that the rule believes without it) and,
        for each number k, ``ari_k`` (adjusted Rand index with the types of the whole
        window) and ``moved_k`` (glaciers that change type).
    """
    features = interannual_features(
        series, amplitude=settings.amplitude, scale=settings.scale, step=settings.step_months
    )
    assert features.time is not None
    band = round(settings.band_months / features.step)
    decade = features.time.year.to_numpy() // 10 * 10

    def types(values: np.ndarray, k: int) -> np.ndarray:
        return fit_clusters(values, k, band=band, seed=settings.seed, repeats=0).labels

    whole = {k: types(features.scaled, k) for k in numbers}
    rows = []
    for lost in np.unique(decade):
        left = features.scaled[:, decade != lost]
        choice = choose_k(
            left,
            lambda values: dtw_distances(values, band=band),
            k_range=settings.k_range,
            seed=settings.seed,
            n_null=settings.n_null,
            rule=settings.rule,
        )
        row: dict[str, float] = {"decade": int(lost), "samples": int((decade == lost).sum())}
        row["believed"] = choice.chosen
        for k in numbers:
            found = types(left, k)
            row[f"ari_{k}"] = round(float(adjusted_rand_score(whole[k], found)), 3)
            row[f"moved_{k}"] = int((matched(whole[k], found)[found] != whole[k]).sum())
        rows.append(row)
    return pd.DataFrame(rows)
