"""What the pictures of a release are drawn from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from termini.catalog import read_netcdf, read_observations
from termini.errors import InputError
from termini.fronttable import read_fronts
from termini.geo import ARCTIC, LONLAT, transformer
from termini.variables import is_rejected


@dataclass(frozen=True)
class ReportData:
    """One release, opened, and what was found out about it.

    Parameters
    ----------
    version : str
        Version of the release.
    series : xarray.Dataset
        Monthly series.
    fronts : GeoDataFrame
        Front table.
    observations : DataFrame
        One row per trace and measure.
    types, drivers : xarray.Dataset or None
        Glacier types and drivers, where the release has them.
    glaciers : DataFrame
        One row a glacier in the order of the series: id, name, x, y in EPSG:3413,
        types, trend, seasonal range, counts of traces.
    tables : dict of DataFrame
        Further tables to show, by title.
    """

    version: str
    series: xr.Dataset
    fronts: gpd.GeoDataFrame
    observations: pd.DataFrame
    types: xr.Dataset | None
    drivers: xr.Dataset | None
    glaciers: pd.DataFrame
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


def load_release(release: str | Path, tables: dict[str, pd.DataFrame] | None = None) -> ReportData:
    """Open all files of a release that a report shows.

    Parameters
    ----------
    release : path
        Folder ``catalog/releases/<version>``.
    tables : dict of DataFrame, optional
        Further tables to show, by title.

    Returns
    -------
    ReportData
        The release in memory.

    Raises
    ------
    InputError
        If the folder holds no release.
    """
    folder = Path(release)
    if not (folder / "terminus_series.nc").is_file():
        raise InputError(f"{folder}: no release here; give a folder catalog/releases/<version>")
    series = read_netcdf(folder / "terminus_series.nc")
    fronts = read_fronts(folder / "fronts.parquet")
    observations = read_observations(folder / "terminus_observations.nc")
    types, drivers = (
        read_netcdf(folder / name) if (folder / name).is_file() else None
        for name in ("glacier_types.nc", "drivers.nc")
    )
    return ReportData(
        version=folder.name,
        series=series,
        fronts=fronts,
        observations=observations,
        types=types,
        drivers=drivers,
        glaciers=_glaciers(series, types, fronts),
        tables=tables or {},
    )


def _glaciers(
    series: xr.Dataset, types: xr.Dataset | None, fronts: gpd.GeoDataFrame
) -> pd.DataFrame:
    x, y = transformer(LONLAT, ARCTIC).transform(
        series["longitude"].to_numpy(), series["latitude"].to_numpy()
    )
    ids = series["glacier_id"].to_numpy().astype(str)
    count = fronts.groupby("glacier_id").size()
    kept = fronts[~is_rejected(fronts["quality"])].groupby("glacier_id").size()
    change = series["length_change"].to_numpy()
    first, last = _ends(change)
    table = pd.DataFrame(
        {
            "glacier_id": ids,
            "name": series["glacier_name"].to_numpy().astype(str),
            "x": x,
            "y": y,
            "traces": count.reindex(ids).fillna(0).to_numpy().astype(int),
            "usable": kept.reindex(ids).fillna(0).to_numpy().astype(int),
            "total_change": last - first,
        }
    )
    for name in ("trend", "trend_se", "seasonal_amplitude", "seasonal_amplitude_se"):
        table[name] = series[name].to_numpy() if name in series else np.nan
    for scale in ("interannual", "seasonal"):
        name = f"{scale}_type"
        table[name] = -1 if types is None else types[name].to_numpy().astype(int)
    return table


def _ends(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last finite value of each row, NaN where there is none."""
    first, last = np.full(len(values), np.nan), np.full(len(values), np.nan)
    for row, line in enumerate(values):
        finite = line[np.isfinite(line)]
        if len(finite):
            first[row], last[row] = finite[0], finite[-1]
    return first, last
