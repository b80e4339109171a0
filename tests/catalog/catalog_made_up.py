"""Made-up content of a release: small, but with everything that a real one has."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain
from termini.fronttable import flag, front_table
from termini.times import month_index

DATE = "2026-11-20"
GLACIERS = {"sim:1": "Sermeq Kujalleq", "sim:2": "", "sim:10": "Daugaard-Jensen Gletsjer æøå"}
SOURCES = [
    {
        "name": "simulated truth",
        "citation": "The termini developers: a simulated region, seed 7.",
        "title": "A simulated region",
        "authors": ["The termini developers"],
        "year": 2026,
        "url": "https://github.com/termini/termini",
        "license": "BSD-3-Clause",
    },
    {
        "name": "nw_greenland",
        "citation": "Author, A. (2021): Fronts of a coast. A data centre. doi:10.1234/abcd",
        "doi": "10.1234/abcd",
    },
]


def domain(number: int, glacier_id: str, name: str) -> GlacierDomain:
    """Straight fjord, 2 km wide and 10 km long, down-glacier towards -y."""
    x, y = -300_000.0 + 30_000 * number, -1_800_000.0 - 20_000 * number
    corners = [(x, y), (x + 2000, y), (x + 2000, y - 10_000), (x, y - 10_000)]
    return GlacierDomain(
        glacier_id=glacier_id,
        name=name,
        fjord=Polygon(corners),
        gate=LineString([corners[1], corners[0]]),
        left_wall=LineString([corners[1], corners[2]]),
        right_wall=LineString([corners[0], corners[3]]),
        centreline=LineString([(x + 1000, y), (x + 1000, y - 10_000)]),
        reference_width=2000.0,
    )


def domains() -> dict[str, GlacierDomain]:
    return {i: domain(n, i, name) for n, (i, name) in enumerate(GLACIERS.items())}


def fronts(seed: int = 0, months: int = 24) -> gpd.GeoDataFrame:
    """Two glaciers with a trace in most months, one of them rejected; the third has none."""
    random = np.random.default_rng(seed)
    rows = []
    for number, glacier_id in enumerate(list(GLACIERS)[:2]):
        box = domains()[glacier_id].fjord.bounds
        for month in range(0, months, 2 - number):
            y = box[3] - 5000 + 200 * np.sin(month / 2) + random.normal(0, 20)
            x = np.linspace(box[0], box[2], 6)
            rows.append(
                {
                    "glacier_id": glacier_id,
                    "date": pd.Timestamp("2015-01-07 13:27:05.123456")
                    + pd.DateOffset(months=month),
                    "sensor": "Landsat 8",
                    "scene_id": f"LC08_{number}_{month:03}",
                    "source": "simulated truth",
                    "method": "manual",
                    "sigma_m": 12.5,
                    "geometry": LineString(np.column_stack([x, y + random.normal(0, 30, 6)])),
                }
            )
    table = front_table(rows)
    return flag(table, table.index == 3, "outlier", "made up")


def observations(fronts: gpd.GeoDataFrame) -> pd.DataFrame:
    used = fronts[fronts["quality"] == 0]
    parts = []
    for measure in ("area", "length_area", "centreline"):
        y = used.geometry.centroid.y.to_numpy()
        change = y[0] - y
        count = len(used)
        nothing = np.full(count, np.nan)
        parts.append(
            pd.DataFrame(
                {
                    "glacier_id": used["glacier_id"].to_numpy(),
                    "trace_id": used["trace_id"].to_numpy(),
                    "date": used["date"].to_numpy(),
                    "measure": measure,
                    "length_change": nothing if measure == "area" else change,
                    "length_change_se": nothing if measure == "area" else 15.0,
                    "area_change": change * 2000 if measure == "area" else nothing,
                    "area_change_se": 3e4 if measure == "area" else nothing,
                    "sigma_geolocation": 10.0,
                    "sigma_digitising": 5.0,
                    "sigma_coverage": 0.0,
                    "sigma_definition": 2.0,
                    "coverage": 0.98,
                    "gap_left": 0.0,
                    "gap_right": 12.0,
                    "crossings": np.ones(count, dtype="int32"),
                    "quality": used["quality"].to_numpy(),
                    "reference_date": used["date"].min(),
                }
            )
        )
    table = pd.concat(parts)
    table = table.astype(dict.fromkeys(["glacier_id", "trace_id", "measure"], "str"))
    for name in ("date", "reference_date"):
        table[name] = table[name].astype("datetime64[us]")
    return table.sort_values(["glacier_id", "date", "trace_id", "measure"], ignore_index=True)


def glacier_coordinates() -> dict[str, tuple[str, np.ndarray]]:
    ids = sorted(GLACIERS)
    return {
        "glacier_id": ("glacier", np.array(ids)),
        "glacier_name": ("glacier", np.array([GLACIERS[i] for i in ids])),
        "longitude": ("glacier", np.array([-50.0, -54.5, -28.25])),
        "latitude": ("glacier", np.array([69.1, 72.0, 71.9])),
    }


def series(observations: pd.DataFrame) -> xr.Dataset:
    random = np.random.default_rng(1)
    time = month_index("2015-01-01", "2016-12-31")
    ids = sorted(GLACIERS)
    counts = np.zeros((len(ids), len(time)), dtype="int32")
    for _, row in observations[observations["measure"] == "length_area"].iterrows():
        month = time.get_indexer([pd.Timestamp(row["date"]).replace(day=15).normalize()])[0]
        counts[ids.index(row["glacier_id"]), month] += 1
    shape = counts.shape
    length = np.where(counts.sum(axis=1, keepdims=True) > 0, random.normal(0, 100, shape), np.nan)
    gt, g, gm = ("glacier", "time"), ("glacier",), ("glacier", "month")
    some = np.array([1.0, np.nan, 3.0])
    none = np.array(["2015-01-07", "NaT", "2015-02-01"], dtype="datetime64[us]")
    return xr.Dataset(
        {
            "length_change": (gt, length),
            "length_change_se": (gt, np.abs(length) / 5),
            "area_change": (gt, length * 2000),
            "area_change_se": (gt, np.abs(length) * 400),
            "observed": (gt, counts > 0),
            "n_observations": (gt, counts),
            "length_seasonal": (gt, length / 3),
            "length_interannual": (gt, length / 2),
            "length_interannual_se": (gt, np.abs(length) / 9),
            "seasonal_cycle": (gm, random.normal(0, 50, (len(ids), 12))),
            "seasonal_cycle_se": (gm, np.full((len(ids), 12), 8.0)),
            "seasonal_amplitude": (g, some * 100),
            "seasonal_amplitude_se": (g, some),
            "seasonal_phase": (g, some * 90),
            "trend": (g, -some),
            "trend_se": (g, some / 4),
            "breakpoint": (g, some + 2000),
            "reference_date": (g, none),
            "reference_width": (g, np.full(len(ids), 2000.0)),
        },
        coords={**glacier_coordinates(), "time": time, "month": np.arange(1, 13)},
    )


def types(series: xr.Dataset) -> xr.Dataset:
    random = np.random.default_rng(2)
    n, k = series.sizes["glacier"], 2
    found = xr.Dataset(coords={**glacier_coordinates(), "time": series["time"]})
    found["month"] = series["month"]
    for scale, along in (("interannual", "time"), ("seasonal", "month")):
        cluster = f"{scale}_cluster"
        found[f"{scale}_type"] = ("glacier", np.array([0, -1, 1]))
        found[f"{scale}_silhouette"] = ("glacier", np.array([0.5, np.nan, 0.7]))
        found[f"{scale}_stability"] = ("glacier", np.array([0.9, np.nan, 1.0]))
        found[f"{scale}_distance"] = (("glacier", cluster), random.random((n, k)))
        found[f"{scale}_centre"] = ((cluster, along), random.random((k, series.sizes[along])))
        found[f"{scale}_label"] = (cluster, np.array(["steady", "retreating, not steady"]))
        found[f"{scale}_reason"] = ("glacier", np.array([0, 2, 0]))
        found[f"{scale}_members"] = (cluster, np.array([1, 1]))
        found[f"{scale}_k_silhouette"] = (f"{scale}_k", np.array([0.4, 0.6]))
        found[f"{scale}_k"] = np.array([2, 3])
        found[cluster] = np.arange(k)
    return found.assign_attrs(settings='{"k": 2, "seed": 0}')


def drivers(series: xr.Dataset) -> xr.Dataset:
    random = np.random.default_rng(3)
    shape = (series.sizes["glacier"], series.sizes["time"])
    found = series[["glacier_id", "glacier_name", "time"]].drop_vars(["longitude", "latitude"])
    for name in ("bed_depth", "sill_depth"):
        found[name] = ("glacier", np.array([300.0, np.nan, 512.5]))
    for name in ("runoff", "thermal_forcing", "melange", "surface_mass_balance"):
        found[name] = (("glacier", "time"), random.random(shape))
    for name in list(found.data_vars):
        found[f"{name}_match_distance"] = ("glacier", np.array([120.0, np.nan, 2200.0]))
        found[f"{name}_match_name"] = (
            "glacier",
            np.array(["Sermeq Kuj.", "", "Daugård"], dtype=object),
        )
    return found


def content_of_series() -> xr.Dataset:
    """Lengths of zero in every month of every glacier."""
    monthly = xr.Dataset(
        coords={**glacier_coordinates(), "time": month_index("2015-01", "2016-12")}
    )
    monthly["length_change"] = (("glacier", "time"), np.zeros((3, 24)))
    return monthly


def content(seed: int = 0, months: int = 24) -> dict[str, object]:
    """All keyword arguments of `write_release` but root and version."""
    table = fronts(seed, months)
    observed = observations(table)
    monthly = series(observed)
    return {
        "fronts": table,
        "domains": domains(),
        "observations": observed,
        "series": monthly,
        "types": types(monthly),
        "drivers": drivers(monthly),
        "sources": SOURCES,
        "date": DATE,
        "notes": "Made up for tests.",
    }
