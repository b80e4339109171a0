"""Records of the drivers as published tables would give them: displaced, misspelt, noisy.

To join them to glaciers is part of what is tested. The glacier that a record
truly belongs to is kept in the coordinate ``true_glacier_id``, for scoring only.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from termini.simulate.bed import depth_at
from termini.simulate.coast import invented_names
from termini.simulate.region import SimulatedGlacier, SimulatedRegion
from termini.variables import describe

#: Published table: its variables.
TABLES: dict[str, tuple[str, ...]] = {
    "bathymetry": ("bed_depth", "sill_depth", "overdeepening"),
    "runoff": ("runoff",),
    "ocean": ("thermal_forcing",),
    "melange": ("melange",),
    "climate": ("surface_mass_balance",),
}
FARTHEST_M = 3000.0
_REACH_INLAND_M = 5000.0


def driver_records(region: SimulatedRegion, missing: float = 0.04) -> dict[str, xr.Dataset]:
    """Driver records of a region as published tables would give them.

    Parameters
    ----------
    region : SimulatedRegion
        The region.
    missing : float
        Chance that a table lacks a glacier.

    Returns
    -------
    dict
        Table name (`TABLES`) to a Dataset with dimensions ``record`` and, but for
        the bathymetry, ``time`` (monthly). ``name`` is right for some 60 %,
        misspelt for 20 %, empty for 20 %; ``x``, ``y`` (EPSG:3413) lie up to 3 km
        from the front. Some records belong to other places, at least 8 km from
        any front. Values carry the error of their kind: 30 m for depths, 15 % of
        scale for runoff, 0.2 K, 0.05 of melange, 0.5 m a-1.
    """
    found = {}
    for turn, (table, names) in enumerate(TABLES.items()):
        rng = np.random.default_rng([region.seed, 6, turn])
        kept = [g for g in region.glaciers if rng.uniform() >= missing]
        places = _places(kept, region, rng)
        values = {name: _published(name, kept, len(places), rng) for name in names}
        order = rng.permutation(len(places))
        found[table] = _dataset(places.iloc[order], values, order, region)
    return found


def front_bed(glacier: SimulatedGlacier) -> dict[str, float]:
    """What the bed is like at the front at the start of the period.

    Parameters
    ----------
    glacier : SimulatedGlacier
        The glacier.

    Returns
    -------
    dict
        ``bed_depth`` at the front, ``sill_depth`` of the shallowest place between
        it and the mouth of the fjord, ``overdeepening``: how much deeper than at
        the front the bed gets within 5 km inland; metres.
    """
    front = float(glacier.position.iloc[:90].mean())
    seaward = np.arange(front, glacier.channel.length, 50.0)
    inland = np.arange(max(front - _REACH_INLAND_M, 0.0), front, 50.0)
    depth = float(depth_at(glacier.bed, front))
    return {
        "bed_depth": depth,
        "sill_depth": float(depth_at(glacier.bed, seaward).min()),
        "overdeepening": max(float(depth_at(glacier.bed, inland).max()) - depth, 0.0),
    }


def _places(
    kept: list[SimulatedGlacier], region: SimulatedRegion, rng: np.random.Generator
) -> pd.DataFrame:
    """Name and place of each record, those of other places last."""
    fronts = np.array([g.channel.centre_at(float(g.position.mean())) for g in region.glaciers])
    taken = {g.domain.name for g in region.glaciers}
    rows = []
    for glacier in kept:
        x, y = glacier.channel.centre_at(float(glacier.position.mean()))
        off = FARTHEST_M * np.sqrt(rng.uniform(0.0, 1.0)) * rng.uniform(0.2, 1.0)
        way = rng.uniform(0.0, 2 * np.pi)
        name = _as_published(glacier.domain.name, rng)
        rows.append((name, x + off * np.cos(way), y + off * np.sin(way), glacier.glacier_id))
    others = [n for n in invented_names(4 * len(fronts) + 40, rng) if n not in taken]
    for k in range(max(3, len(fronts) // 3)):
        x, y = _elsewhere(fronts, rng)
        rows.append((others[k] if rng.uniform() < 0.7 else "", x, y, ""))
    return pd.DataFrame(rows, columns=["name", "x", "y", "true_glacier_id"])


def _elsewhere(fronts: NDArray[np.float64], rng: np.random.Generator) -> tuple[float, float]:
    """Place of another glacier: 8 to 40 km from one front and no nearer to the others."""
    while True:
        way, off = rng.uniform(0.0, 2 * np.pi), rng.uniform(8e3, 40e3)
        spot = fronts[rng.integers(len(fronts))] + off * np.array([np.cos(way), np.sin(way)])
        if np.hypot(*(fronts - spot).T).min() >= 8e3:
            return float(spot[0]), float(spot[1])


def _as_published(name: str, rng: np.random.Generator) -> str:
    """Name right, misspelt in one of the usual ways, or missing."""
    luck = rng.uniform()
    if luck < 0.6:
        return name
    if luck > 0.8:
        return ""
    at = int(rng.integers(1, len(name.split()[0]) - 1))
    spellings = [
        name[:at] + name[at + 1 :],
        name[:at] + name[at] + name[at:],
        name.lower().replace("q", "k").title(),
        name.split()[0] + " Gl.",
        name.replace("æ", "ae").upper(),
    ]
    return spellings[int(rng.integers(len(spellings)))]


def _published(
    name: str, kept: list[SimulatedGlacier], n: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Values of one variable with their error; other places get those of some glacier, changed."""
    if name in TABLES["bathymetry"]:
        true = np.array([front_bed(glacier)[name] for glacier in kept])
    else:
        true = np.array([glacier.forcing[name].to_numpy() for glacier in kept])
    spare = true[rng.integers(0, len(kept), n - len(kept))]
    factor = rng.uniform(0.5, 1.6, n - len(kept)).reshape(-1, *[1] * (true.ndim - 1))
    values = np.concatenate([true, spare * factor])
    noise = rng.standard_normal(values.shape)
    if name == "runoff":
        scale = np.exp(rng.normal(0.0, 0.15, n))[:, None]
        return np.asarray(values * scale * np.exp(0.05 * noise))
    if name == "melange":
        return np.clip(values + 0.05 * noise, 0.0, 1.0)
    if name == "thermal_forcing":
        return np.maximum(values + 0.2 * noise, 0.0)
    if name == "surface_mass_balance":
        return np.asarray(values + 0.5 * noise)
    return np.maximum(values + 30.0 * noise, 0.0)


def _dataset(
    places: pd.DataFrame,
    values: dict[str, NDArray[np.float64]],
    order: NDArray[np.int64],
    region: SimulatedRegion,
) -> xr.Dataset:
    """One published table."""
    data = {}
    coords = {"true_glacier_id": ("record", places["true_glacier_id"].to_numpy(dtype=object))}
    for name, value in values.items():
        data[name] = (("record", "time")[: value.ndim], value[order])
    dataset = xr.Dataset(
        {
            "name": ("record", places["name"].to_numpy(dtype=object)),
            "x": ("record", places["x"].to_numpy()),
            "y": ("record", places["y"].to_numpy()),
            **data,
        },
        coords=coords,
    )
    if "time" in dataset.dims:
        dataset = dataset.assign_coords(time=region.glaciers[0].forcing.index.to_numpy())
    return describe(dataset, only=[*values, *(["time"] if "time" in dataset.dims else [])])
