"""COBRA (Heidler et al. 2023): fronts predicted by a deep active contour on three test sets.

Predictions, not labels: each line has 64 vertices and is the whole boundary of the sea in
its window, fjord walls included, so that only what lies in a glacier's domain is its
front. The files state nothing but the name of the image. One of the sets has both polar
regions, so each region is a dataset of its own here, as a front table has one projection.
"""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from termini.errors import InputError
from termini.fronts.readers.cobra_places import place_name
from termini.fronts.readers.dated_files import find_files, lines_of_files, problem_flags, require
from termini.fronts.readers.layers import source_path
from termini.fronts.readers.places import glacier_table, slug
from termini.fronts.readers.traces import traces_table
from termini.geo import ANTARCTIC, ARCTIC, LONLAT

FOLDER = "model_fronts"
LAYOUT = "CALFIN.geo.json, TUD.geo.json, Baumhoer.geo.json"
METHOD = "COBRA (Heidler et al. 2023)"
# Not stated in the files. Networks of the time are 61 to 74 m from manual fronts on the
# Landsat test sets (Loebel et al. 2024); for the 40 m images of Sentinel-1 two and a
# half pixels are assumed.
SIGMA_M = {"calfin": 75.0, "tud": 75.0, "baumhoer": 100.0}
UNKNOWN_SIGMA_M = 100.0

# `Helheim_LT05_L1TP_1992-09-02_232-013_T1_B4_mask.png`
_LANDSAT = re.compile(
    r"(?P<name>.+)_(?P<craft>L[A-Z]\d\d)_(?P<level>\w{4})_(?P<date>\d{4}-\d\d-\d\d)_"
    r"(?P<path>\d{3})-(?P<row>\d{3})_(?P<tier>\w\w)_B\d+_mask"
)
# `Amery_S1B_EW_GRDM_1SDH_2018-06-26_011542_01536C_EB6F_mask.png`
_SENTINEL = re.compile(
    r"(?P<name>.+)_(?P<craft>S1[A-D]_\w\w_\w{4}_\w{4})_(?P<date>\d{4}-\d\d-\d\d)_(?P<end>\w+)_mask"
)
# `20200405_30m.tif`: Landsat 8, the glacier not named
_DATED = re.compile(r"(?P<date>\d{8})_30m")


def cobra(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of the predictions of the northern hemisphere.

    Parameters
    ----------
    path : path, optional
        Folder with ``CALFIN.geo.json``, ``TUD.geo.json`` and ``Baumhoer.geo.json``,
        or one of them.

    Returns
    -------
    GeoDataFrame
        Front table in EPSG:3413; glaciers are ``cobra:<test set>_<name>``. The TU
        Dresden set names no glacier: there it is the window that the front lies in
        (`termini.fronts.readers.cobra_places`), of which a wide front has several.

    Raises
    ------
    InputError
        If there is no such file, none can be read, one lacks ``src``, or none has a
        front of this hemisphere.

    Notes
    -----
    Checked on all three published files (EPSG:4326, the one column ``src``). The
    error of a front is not stated; it is assumed, see ``SIGMA_M``.
    """
    return _hemisphere(path, ARCTIC, "cobra")


def cobra_antarctica(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of the predictions of the southern hemisphere.

    Parameters
    ----------
    path : path, optional
        As in `cobra`.

    Returns
    -------
    GeoDataFrame
        As `cobra`, in EPSG:3031.
    """
    return _hemisphere(path, ANTARCTIC, "cobra_antarctica")


def cobra_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Names and positions of the northern glaciers.

    Parameters
    ----------
    path : path, optional
        As in `cobra`.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`; the position
        is the middle of the fronts.
    """
    return glacier_table(cobra(path), _names(_rows(source_path(FOLDER, path))))


def cobra_antarctica_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Names and positions of the southern glaciers.

    Parameters
    ----------
    path : path, optional
        As in `cobra`.

    Returns
    -------
    DataFrame
        As `cobra_glaciers`, ``x`` and ``y`` in EPSG:3031.
    """
    return glacier_table(cobra_antarctica(path), _names(_rows(source_path(FOLDER, path))))


def _hemisphere(path: str | Path | None, target: str, source: str) -> gpd.GeoDataFrame:
    folder = source_path(FOLDER, path)
    table = _rows(folder)
    north = target == ARCTIC
    # a row without a line may be of either, and is said in both
    table = table[table["lat"].isna() | ((table["lat"] > 0) == north)].reset_index(drop=True)
    if not table["lat"].notna().any():
        raise InputError(
            f"{folder}: holds no front of the {'northern' if north else 'southern'} hemisphere; "
            f"read it as {'cobra_antarctica' if north else 'cobra'!r}"
        )
    columns = {
        "glacier_id": list(table["glacier_id"]),
        "date": list(table["date"]),
        "sensor": list(table["sensor"]),
        "scene_id": list(table["scene_id"]),
        "source": source,
        "method": METHOD,
        "sigma_m": [SIGMA_M.get(name, UNKNOWN_SIGMA_M) for name in table["set"]],
    }
    flags = problem_flags(table)
    return traces_table(table, columns, crs=LONLAT, flags=flags, target=target)


def _rows(folder: Path) -> gpd.GeoDataFrame:
    """All predictions with what their image's name tells."""
    files = find_files(folder, LAYOUT, (".json", ".geojson"))
    table = lines_of_files(files, LONLAT)
    for file, rows in table.groupby("file"):
        if (rows["problem"] == "").all():
            require(rows.dropna(axis=1, how="all"), "image name", ["src"], Path(str(file)))
    bounds = shapely.bounds(table.geometry.to_numpy())
    table["lon"], table["lat"] = (
        (bounds[:, 0] + bounds[:, 2]) / 2,
        (bounds[:, 1] + bounds[:, 3]) / 2,
    )
    table["set"] = [slug(file.name.split(".")[0]) for file in table["file"]]
    sources = [str(s) if isinstance(s, str) else "" for s in table["src"]]
    told = [
        _told(source, lon, lat)
        for source, lon, lat in zip(sources, table["lon"], table["lat"], strict=True)
    ]
    for name in ("name", "date", "sensor", "scene_id"):
        table[name] = [row[name] for row in told]
    table["glacier_id"] = [
        f"cobra:{kind}_{slug(name)}" for kind, name in zip(table["set"], table["name"], strict=True)
    ]
    return table


def _told(source: str, lon: float, lat: float) -> dict[str, str]:
    """Glacier, date, sensor and scene of an image's name, as published or not at all."""
    if found := _LANDSAT.match(source):
        day = found["date"].replace("-", "")
        scene = (
            f"{found['craft']}_{found['level']}_{found['path']}{found['row']}_{day}_{found['tier']}"
        )
        return {
            "name": found["name"],
            "date": found["date"],
            "sensor": found["craft"],
            "scene_id": scene,
        }
    if found := _SENTINEL.match(source):
        scene = f"{found['craft']}_{found['date'].replace('-', '')}_{found['end']}"
        return {
            "name": found["name"],
            "date": found["date"],
            "sensor": "Sentinel-1",
            "scene_id": scene,
        }
    place = place_name(lon, lat) if np.isfinite(lon) else "unplaced"
    day = found["date"] if (found := _DATED.match(source)) else source
    return {"name": place, "date": day, "sensor": "Landsat-8" if found else "", "scene_id": ""}


def _names(table: gpd.GeoDataFrame) -> dict[str, str]:
    """Names as the files write them; of the TU Dresden windows in words."""
    names = [re.sub(r"[-_]+", " ", name) for name in table["name"]]
    return {
        glacier: name.title() if name == name.lower() else name
        for glacier, name in zip(table["glacier_id"], names, strict=True)
    }
