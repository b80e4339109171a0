"""What the pictures of a release are drawn from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from termini.catalog import read_netcdf, read_observations
from termini.domain import GlacierDomain, read_domains
from termini.errors import InputError
from termini.fronttable import read_fronts
from termini.geo import ARCTIC, LONLAT, transformer
from termini.variables import is_rejected, variables

SCALES = ("interannual", "seasonal")


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
        types and why there is none, trend, seasonal range, counts of traces.
    domains : dict of GlacierDomain
        Glacier domains, as far as the release has them.
    package : dict
        ``datapackage.json``: date, licence, sources, files.
    citation : str
        How to cite, in Markdown.
    changelog : str
        What changed, in Markdown.
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
    domains: Mapping[str, GlacierDomain] = field(default_factory=dict)
    package: Mapping[str, Any] = field(default_factory=dict)
    citation: str = ""
    changelog: str = ""
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def usable(self) -> int:
        """Number of traces that are not rejected."""
        return int((~is_rejected(self.fronts["quality"])).sum())

    def words(self, scale: str) -> dict[int, str]:
        """Types in words.

        Parameters
        ----------
        scale : {"interannual", "seasonal"}
            Which types.

        Returns
        -------
        dict of int to str
            Words of each type; empty where the release has none.
        """
        if self.types is None or f"{scale}_label" not in self.types:
            return {}
        numbers = self.types[f"{scale}_cluster"].to_numpy().astype(int).tolist()
        return dict(zip(numbers, self.types[f"{scale}_label"].to_numpy().astype(str), strict=True))


def load_release(
    release: str | Path, tables: Mapping[str, pd.DataFrame] | None = None
) -> ReportData:
    """Open all files of a release that a report shows.

    Parameters
    ----------
    release : path
        Folder ``catalog/releases/<version>``.
    tables : mapping of DataFrame, optional
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
    types, drivers = (
        read_netcdf(folder / name) if (folder / name).is_file() else None
        for name in ("glacier_types.nc", "drivers.nc")
    )
    domains = folder / "domains.parquet"
    return ReportData(
        version=str(series.attrs.get("product_version", folder.resolve().name)),
        series=series,
        fronts=fronts,
        observations=read_observations(folder / "terminus_observations.nc"),
        types=types,
        drivers=drivers,
        glaciers=_glaciers(series, types, fronts),
        domains=read_domains(domains) if domains.is_file() else {},
        package=json.loads(_text(folder / "datapackage.json") or "{}"),
        citation=_text(folder / "CITATION.md"),
        changelog=_text(folder / "CHANGELOG.md"),
        tables=tables or {},
    )


def natural_order(glacier_ids: Iterable[str]) -> list[int]:
    """Rows in the order in which people count: ``measures:3`` before ``measures:12``.

    Parameters
    ----------
    glacier_ids : iterable of str
        Glacier ids.

    Returns
    -------
    list of int
        Their places, sorted.
    """

    def key(item: tuple[int, str]) -> tuple[str, int, str]:
        space, _, number = item[1].rpartition(":")
        return (space, int(number), "") if number.isdecimal() else (item[1], -1, "")

    return [place for place, _ in sorted(enumerate(glacier_ids), key=key)]


def reference_words(series: xr.Dataset, row: int) -> tuple[str, str]:
    """The date from which a glacier's changes count, and the error of its front.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series.
    row : int
        Row of the glacier.

    Returns
    -------
    day : str
        As ``1973-03-29``, empty where it is not known.
    error : str
        What the errors of the changes leave out, in words; empty where it is not
        known.
    """
    day, error = "", ""
    if "reference_date" in series:
        date = pd.Timestamp(series["reference_date"].to_numpy()[row])
        day = "" if pd.isna(date) else f"{date:%Y-%m-%d}"
    if "reference_se" in series:
        value = float(series["reference_se"].to_numpy()[row])
        if np.isfinite(value):
            error = f"the error of that date's front, ± {value:,.0f} m"
    return day, error


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _glaciers(
    series: xr.Dataset, types: xr.Dataset | None, fronts: gpd.GeoDataFrame
) -> pd.DataFrame:
    ids = series["glacier_id"].to_numpy().astype(str)
    x, y = _positions(series)
    kept = fronts[~is_rejected(fronts["quality"])].groupby("glacier_id")
    table = pd.DataFrame(
        {
            "glacier_id": ids,
            "name": series["glacier_name"].to_numpy().astype(str),
            "x": x,
            "y": y,
            "traces": fronts.groupby("glacier_id").size().reindex(ids).fillna(0).to_numpy(),
            "usable": kept.size().reindex(ids).fillna(0).to_numpy(),
            "first": kept["date"].min().reindex(ids).to_numpy(),
            "last": kept["date"].max().reindex(ids).to_numpy(),
            "total_change": _total_change(series["length_change"].to_numpy()),
        }
    ).astype({"traces": int, "usable": int})
    for name in ("trend", "seasonal_amplitude"):
        for column in (name, f"{name}_se"):
            table[column] = series[column].to_numpy() if column in series else np.nan
    for name in ("seasonal_phase", "breakpoint"):
        table[name] = series[name].to_numpy() if name in series else np.nan
    for scale in SCALES:
        table[f"{scale}_type"] = _labels(types, ids, scale)
        table[f"{scale}_reason"] = _reasons(types, ids, scale)
    return table


def _positions(series: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """X and y in EPSG:3413, NaN for a glacier whose place is not known."""
    lon, lat = series["longitude"].to_numpy(), series["latitude"].to_numpy()
    x, y = transformer(LONLAT, ARCTIC).transform(lon, lat)
    known = np.isfinite(lon) & np.isfinite(lat)
    return np.where(known, x, np.nan), np.where(known, y, np.nan)


def _labels(types: xr.Dataset | None, ids: np.ndarray, scale: str) -> np.ndarray:
    name = f"{scale}_type"
    if types is None or name not in types:
        return np.full(len(ids), -1)
    found = pd.Series(types[name].to_numpy(), types["glacier_id"].to_numpy().astype(str))
    return found.reindex(ids).fillna(-1).to_numpy().astype(int)


def _reasons(types: xr.Dataset | None, ids: np.ndarray, scale: str) -> list[str]:
    """Why a glacier has no type, in words; empty for one that has."""
    name = f"{scale}_reason"
    if types is None or name not in types:
        return [""] * len(ids)
    meaning = {int(k): str(v) for k, v in variables()[name]["values"].items()}
    found = pd.Series(types[name].to_numpy(), types["glacier_id"].to_numpy().astype(str))
    values = found.reindex(ids).fillna(0).astype(int)
    return [meaning.get(v, "").replace("_", " ") if v else "" for v in values]


def _total_change(values: np.ndarray) -> np.ndarray:
    """Last less first finite value of each row, NaN where there is none."""
    change = np.full(len(values), np.nan)
    for row, line in enumerate(values):
        finite = line[np.isfinite(line)]
        if len(finite):
            change[row] = finite[-1] - finite[0]
    return change
