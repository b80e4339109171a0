"""What the types have to do with the drivers: one row a type and driver."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from termini.drivers.align import aligned, monthly, static_drivers, varying_drivers
from termini.drivers.lag import lead_of
from termini.drivers.separate import separation
from termini.drivers.surrogate import holm
from termini.errors import InputError

COLUMNS = [
    "scale",
    "type",
    "type_label",
    "driver",
    "test",
    "n_glaciers",
    "effect",
    "median",
    "median_others",
    "lead_months",
    "correlation",
    "p_value",
    "p_adjusted",
    "confidence",
    "note",
]
SCALES = ("interannual", "seasonal")


def attribute(
    series: xr.Dataset,
    types: xr.Dataset,
    drivers: xr.Dataset,
    seed: int = 0,
    *,
    permutations: int = 5000,
    surrogates: int = 500,
) -> pd.DataFrame:
    """Which driver separates the types, and which driver's anomalies lead the front's.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series.
    types : xarray.Dataset
        As `termini.cluster.glacier_types` gives them for the same glaciers.
    drivers : xarray.Dataset
        As `termini.drivers.join_drivers` gives them.
    seed : int
        Seed of permutations and surrogates.
    permutations, surrogates : int
        How many.

    Returns
    -------
    pandas.DataFrame
        For each scale, type (and ``all``) and driver: test ``separates`` (static
        drivers and the means of time-varying ones; ``effect`` as in `Separation`)
        and test ``leads`` (``lead_months`` and ``correlation`` of the driver's
        anomalies with the rate of length change; physically expected sign only).
        ``p_adjusted`` is corrected for the number of tests (Holm), those of all
        types and those of single types apart at each scale; ``confidence`` is
        1 - p_adjusted. ``note`` says why a number lacks.

    Raises
    ------
    InputError
        If series, types and drivers are not of the same glaciers.
    """
    ids = series["glacier_id"].to_numpy().astype(str)
    if (
        "glacier_id" not in types.variables
        or types["glacier_id"].to_numpy().astype(str).tolist() != ids.tolist()
    ):
        raise InputError(
            "types and series are not of the same glaciers in the same order; make the types from "
            "these series with termini.cluster.glacier_types"
        )
    forcing = aligned(series, drivers)
    rng = np.random.default_rng([seed, 10])
    rows: list[dict[str, Any]] = []
    for scale in SCALES:
        labels = types[f"{scale}_type"].to_numpy().astype(np.int64)
        words = _words(types, scale)
        rows += _separations(scale, labels, words, forcing, rng, permutations)
    rows += _leads(series, types, forcing, rng, surrogates)
    table = pd.DataFrame(rows).reindex(columns=COLUMNS)
    for _, part in table.groupby(["scale", "test", table["type"] == "all"], sort=False):
        table.loc[part.index, "p_adjusted"] = holm(part["p_value"].to_numpy(dtype=np.float64))
    table["confidence"] = 1.0 - table["p_adjusted"].astype(np.float64)
    table["note"] = table["note"].fillna("")
    return table


def _words(types: xr.Dataset, scale: str) -> dict[int, str]:
    if f"{scale}_label" not in types:
        return {}
    numbers = types[f"{scale}_cluster"].to_numpy().astype(int).tolist()
    return dict(zip(numbers, types[f"{scale}_label"].to_numpy().astype(str), strict=True))


def _separations(
    scale: str,
    labels: NDArray[np.int64],
    words: dict[int, str],
    forcing: xr.Dataset,
    rng: np.random.Generator,
    permutations: int,
) -> list[dict[str, Any]]:
    names = [*static_drivers(forcing), *varying_drivers(forcing)]
    present = [int(t) for t in np.unique(labels[labels >= 0])]
    rows = []
    for name in names:
        values = forcing[name].to_numpy().astype(np.float64)
        if values.ndim == 2:
            values, name = _means(values), f"mean {name}"
        for kind in [None, *present] if len(present) != 2 else [None, present[0]]:
            found = separation(values, labels, kind, rng=rng, permutations=permutations)
            note = ""
            if not np.isfinite(found.p):
                note = _why_not(values, labels, len(present))
            rows.append(
                {
                    "scale": scale,
                    "type": "all" if kind is None else str(kind),
                    "type_label": "all types" if kind is None else words.get(kind, ""),
                    "driver": name,
                    "test": "separates",
                    "n_glaciers": found.n,
                    "effect": found.effect,
                    "median": found.median,
                    "median_others": found.median_others,
                    "p_value": found.p,
                    "note": note,
                }
            )
    return rows


def _why_not(values: NDArray[np.float64], labels: NDArray[np.int64], n_types: int) -> str:
    if not np.isfinite(values).any():
        return "the driver has no value at any glacier"
    if n_types < 2:
        return "there is only one type" if n_types else "no glacier has a type at this scale"
    if not np.isfinite(values[labels >= 0]).any():
        return "no glacier with a type has a value"
    return "fewer than two glaciers on one side"


def _means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan)


def _leads(
    series: xr.Dataset,
    types: xr.Dataset,
    forcing: xr.Dataset,
    rng: np.random.Generator,
    surrogates: int,
) -> list[dict[str, Any]]:
    months = pd.DatetimeIndex(series["time"].to_numpy())
    length = series["length_change"].transpose("glacier", "time").to_numpy()
    slow = series["length_interannual"].transpose("glacier", "time").to_numpy()
    resolved = resolves_season(series)
    rows = []
    for scale in SCALES:
        labels = types[f"{scale}_type"].to_numpy().astype(np.int64)
        words = _words(types, scale)
        for name in varying_drivers(forcing):
            driver = monthly(forcing[name], months)
            for kind in [None, *np.unique(labels[labels >= 0])]:
                mine = labels >= 0 if kind is None else labels == kind
                found = lead_of(
                    length[mine],
                    slow[mine],
                    bool(resolved[mine].all()),
                    driver[mine],
                    months,
                    name,
                    rng=rng,
                    surrogates=surrogates,
                )
                rows.append(
                    {
                        "scale": scale,
                        "type": "all" if kind is None else str(int(kind)),
                        "type_label": "all types" if kind is None else words.get(int(kind), ""),
                        "driver": name,
                        "test": "leads",
                        "n_glaciers": found.n,
                        "lead_months": found.lead_months,
                        "correlation": found.correlation,
                        "p_value": found.p,
                        "note": found.note or f"compared by {found.step}",
                    }
                )
    return rows


def resolves_season(series: xr.Dataset) -> NDArray[np.bool_]:
    """Which glaciers were seen often enough for a seasonal cycle.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series.

    Returns
    -------
    ndarray of bool, (n,)
        True where ``seasonal_cycle`` has values.
    """
    if "seasonal_cycle" not in series:
        return np.zeros(series.sizes["glacier"], dtype=bool)
    cycle = series["seasonal_cycle"].transpose("glacier", "month").to_numpy()
    return np.asarray(np.isfinite(cycle).all(axis=1))
