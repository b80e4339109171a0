"""Made-up releases for the report: any number of glaciers, monthly or annual traces."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from shapely.geometry import LineString, Polygon

from termini.catalog import write_release
from termini.domain import GlacierDomain
from termini.fronttable import flag, front_table
from termini.geo import ARCTIC, LONLAT, transformer
from termini.times import month_index

SOURCE = {"name": "made <up>", "citation": "Nobody & Sons (2026): made up. doi:10.1234/abcd"}
WIDTH, LENGTH = 3000.0, 20_000.0


def domain(number: int) -> GlacierDomain:
    """Straight fjord on the west coast, down-glacier towards -x."""
    x, y = -300_000.0 - 2000.0 * number, -1_300_000.0 - 12_000.0 * number
    corners = [(x, y), (x, y + WIDTH), (x - LENGTH, y + WIDTH), (x - LENGTH, y)]
    return GlacierDomain(
        glacier_id=f"test:{number + 1}",
        name=f"Sermeq & <b>{number + 1}</b>" if number % 5 else "",
        fjord=Polygon(corners),
        gate=LineString(corners[:2]),
        left_wall=LineString([corners[0], corners[3]]),
        right_wall=LineString([corners[1], corners[2]]),
        centreline=LineString([(x, y + WIDTH / 2), (x - LENGTH, y + WIDTH / 2)]),
        reference_width=WIDTH,
    )


def dates_of(first: str, last: str, every_days: int) -> pd.DatetimeIndex:
    return pd.date_range(first, last, freq=f"{every_days}D")


def fronts(
    domains: dict[str, GlacierDomain], dates: pd.DatetimeIndex, points: int
) -> gpd.GeoDataFrame:
    """Every glacier retreats by 100 m a year; the last has no trace, every tenth is rejected."""
    random = np.random.default_rng(3)
    rows = []
    for glacier in list(domains.values())[: max(1, len(domains) - 1)]:
        x0, y0, _, _ = glacier.fjord.bounds
        for date in dates:
            x = x0 + LENGTH / 2 + 100.0 * (date.year - dates[0].year)
            line = np.column_stack(
                [x + random.normal(0, 40, points), np.linspace(y0, y0 + WIDTH, points)]
            )
            rows.append(
                {
                    "glacier_id": glacier.glacier_id,
                    "date": date,
                    "sensor": "Landsat 5" if date.year < 2000 else "Sentinel-1",
                    "scene_id": f"S_{date:%Y%m%d}",
                    "source": SOURCE["name"],
                    "method": "manual",
                    "sigma_m": 20.0,
                    "geometry": LineString(line),
                }
            )
    table = front_table(rows)
    return flag(table, table.index % 10 == 4, "outlier", "said to be <off>")


def observations(table: gpd.GeoDataFrame, domains: dict[str, GlacierDomain]) -> pd.DataFrame:
    used = table[table["quality"] == 0]
    middle = shapely.get_x(shapely.centroid(used.geometry.to_numpy()))
    start = pd.Series(middle, used["glacier_id"]).groupby(level=0).first()
    change = start.reindex(used["glacier_id"]).to_numpy() - middle
    columns = {
        "glacier_id": used["glacier_id"].to_numpy(),
        "trace_id": used["trace_id"].to_numpy(),
        "date": used["date"].to_numpy(),
        "measure": "length_area",
        "length_change": change,
        "length_change_se": 25.0,
        "area_change": change * WIDTH,
        "area_change_se": 25.0 * WIDTH,
        "sigma_geolocation": 10.0,
        "sigma_digitising": 5.0,
        "sigma_coverage": 0.0,
        "sigma_definition": 2.0,
        "coverage": 1.0,
        "gap_left": 0.0,
        "gap_right": 0.0,
        "crossings": np.ones(len(used), dtype="int32"),
        "quality": used["quality"].to_numpy(),
        "reference_date": used["date"].min(),
    }
    found = pd.DataFrame(columns)
    found = found.astype(dict.fromkeys(["glacier_id", "trace_id", "measure"], "str"))
    times = dict.fromkeys(["date", "reference_date"], "datetime64[us]")
    return found.astype(times).sort_values(["glacier_id", "date"], ignore_index=True)


def series(
    observed: pd.DataFrame, domains: dict[str, GlacierDomain], dates: pd.DatetimeIndex, season: bool
) -> xr.Dataset:
    """A line through the observations; nothing for a glacier without any."""
    time = month_index(dates[0], dates[-1])
    ids, n, steps = list(domains), len(domains), len(time)
    change = np.full((n, steps), np.nan)
    count = np.zeros((n, steps), dtype="int32")
    for row, glacier_id in enumerate(ids):
        mine = observed[observed["glacier_id"] == glacier_id]
        if len(mine):
            change[row] = np.interp(
                time.asi8.astype(float),
                pd.DatetimeIndex(mine["date"]).as_unit(time.unit).asi8.astype(float),
                mine["length_change"],
            )
            months = (mine["date"].dt.year - time[0].year) * 12 + mine["date"].dt.month - 1
            np.add.at(count[row], months.to_numpy() - (time[0].month - 1), 1)
    known = np.isfinite(change[:, 0])
    cycle = np.where(known[:, None] & season, 100 * np.sin(np.arange(12) / 2), np.nan)
    centre = np.array([d.fjord.centroid.coords[0] for d in domains.values()])
    lon, lat = transformer(ARCTIC, LONLAT).transform(*centre.T)
    gt, g, gm = ("glacier", "time"), "glacier", ("glacier", "month")
    some = np.where(known, 100.0, np.nan)
    none = np.full(n, np.datetime64("NaT", "us"))
    return xr.Dataset(
        {
            "length_change": (gt, change),
            "length_change_se": (gt, np.abs(change) * 0.05 + 20),
            "area_change": (gt, change * WIDTH),
            "area_change_se": (gt, np.abs(change) * 0.05 * WIDTH),
            "observed": (gt, count > 0),
            "n_observations": (gt, count),
            "length_seasonal": (gt, change * 0.0),
            "length_interannual": (gt, change),
            "length_interannual_se": (gt, np.abs(change) * 0.03),
            "seasonal_cycle": (gm, cycle),
            "seasonal_cycle_se": (gm, np.where(np.isfinite(cycle), 15.0, np.nan)),
            "seasonal_amplitude": (g, some if season else some * np.nan),
            "seasonal_amplitude_se": (g, (some if season else some * np.nan) / 10),
            "seasonal_phase": (g, some if season else some * np.nan),
            "trend": (g, -some),
            "trend_se": (g, some / 10),
            "breakpoint": (g, some * np.nan),
            "reference_date": (g, np.where(known, dates[0].to_datetime64().astype("M8[us]"), none)),
            "reference_se": (g, some / 4),
            "reference_width": (g, np.full(n, WIDTH)),
        },
        coords={
            "glacier_id": (g, np.array(ids)),
            "glacier_name": (g, np.array([d.name for d in domains.values()])),
            "longitude": (g, lon),
            "latitude": (g, lat),
            "time": time,
            "month": np.arange(1, 13),
        },
        attrs={"measure": "length_area"},
    )


def types(monthly: xr.Dataset, season: bool) -> xr.Dataset:
    """Two inter-annual types; seasonal ones only of glaciers with a cycle."""
    n = monthly.sizes["glacier"]
    known = np.isfinite(monthly["length_change"].to_numpy()).any(axis=1)
    found = xr.Dataset(
        coords={
            name: monthly[name]
            for name in ("glacier_id", "glacier_name", "longitude", "latitude", "month")
        }
    )
    found["time"] = monthly["time"].to_numpy()[:: max(1, monthly.sizes["time"] // 20)]
    for scale, along, real in (("interannual", "time", True), ("seasonal", "month", season)):
        cluster, count = f"{scale}_cluster", found.sizes[along]
        kind = np.where(known & real, np.arange(n) % 2, -1)
        found[f"{scale}_type"] = ("glacier", kind.astype("int32"))
        found[f"{scale}_reason"] = ("glacier", np.where(kind < 0, 1, 0).astype("int32"))
        for name in ("silhouette", "stability"):
            found[f"{scale}_{name}"] = ("glacier", np.where(kind < 0, np.nan, 0.8))
        centre = np.outer([-1000.0, 10.0], np.linspace(0, 1, count))
        found[f"{scale}_centre"] = ((cluster, along), centre if real else centre * np.nan)
        found[f"{scale}_label"] = (cluster, np.array(["steady <retreat>", "stable"]))
        tried = [0.6, 0.5, 0.3] if real else [np.nan] * 3
        found[f"{scale}_k"] = np.array([2, 3, 4])
        found[f"{scale}_k_silhouette"] = (f"{scale}_k", tried)
        found[cluster] = np.arange(2)
    return found


def drivers(monthly: xr.Dataset) -> xr.Dataset:
    n, steps = monthly.sizes["glacier"], monthly.sizes["time"]
    found = xr.Dataset({name: monthly[name] for name in ("glacier_id", "glacier_name")})
    found["time"] = monthly["time"]
    depth = np.where(np.arange(n) == 0, np.nan, 100.0 + np.arange(n))
    found["bed_depth"] = ("glacier", depth)
    found["sill_depth"] = ("glacier", np.full(n, np.nan))
    found["runoff"] = (("glacier", "time"), np.ones((n, steps)))
    found["bed_depth_match_distance"] = ("glacier", depth)
    found["bed_depth_match_name"] = ("glacier", np.full(n, "A record", dtype=object))
    return found


def release(
    root: Path,
    n: int = 4,
    first: str = "2014-02-03",
    last: str = "2016-11-20",
    every_days: int = 40,
    *,
    season: bool = True,
    with_types: bool = True,
    with_drivers: bool = True,
    points: int = 12,
) -> Path:
    """Write a release and say where."""
    domains = {d.glacier_id: d for d in (domain(number) for number in range(n))}
    dates = dates_of(first, last, every_days)
    table = fronts(domains, dates, points)
    observed = observations(table, domains)
    monthly = series(observed, domains, dates, season)
    return write_release(
        root,
        "1.2.0",
        fronts=table,
        domains=domains,
        observations=observed,
        series=monthly,
        types=types(monthly, season) if with_types else None,
        drivers=drivers(monthly) if with_drivers else None,
        sources=[SOURCE],
        date="2026-11-20",
        notes="Made up for the report.",
    )
