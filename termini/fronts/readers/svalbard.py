"""Mannerfelt et al. (2025): 386 dated fronts of 19 surge-type glaciers of Svalbard."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from termini.errors import InputError
from termini.fronts.readers.layers import read_layer, source_path
from termini.fronts.readers.traces import traces_table

#: UTM zone 33 north, in which all files are.
UTM33 = "EPSG:32633"
FRONTS = "front_positions.geojson"
# Folders whose name is not the key that the other files use.
_KEYS = {"etonfront": "eton", "vallakrabreen": "vallakra"}
# Folders of glaciers that the list of names leaves out.
_NAMES = {"basin3": "Basin-3"}


def svalbard(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of the Svalbard fronts.

    Parameters
    ----------
    path : path, optional
        Folder in which each glacier has a folder with ``front_positions.geojson``.

    Returns
    -------
    GeoDataFrame
        Front table in EPSG:3413; glaciers are ``mannerfelt:<key>``, as
        ``mannerfelt:arnesen``.

    Raises
    ------
    InputError
        If there is no such file, or one has no dates.

    Notes
    -----
    The source states neither image nor sensor. Some lines are fronts of a surge on
    land, not calving fronts; the files do not tell which.
    """
    tables = []
    for key, file in _files(path).items():
        table = read_layer(file, ["date"], crs=UTM33)
        tables.append(
            gpd.GeoDataFrame(
                {"key": key, "date": [_day(value) for value in table["date"]]},
                geometry=table.geometry,
            )
        )
    table = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=UTM33)
    columns = {
        "glacier_id": [f"mannerfelt:{key}" for key in table["key"]],
        "date": table["date"].to_numpy(),
        "source": "svalbard",
        "method": "manual",
    }
    return traces_table(table, columns, crs=UTM33)


def _day(value: object) -> object:
    """Date without its time of day, which is midnight in all files; text as it stands."""
    return value.strftime("%Y-%m-%d") if isinstance(value, pd.Timestamp) else value


def svalbard_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Names and positions of the glaciers that have fronts.

    Parameters
    ----------
    path : path, optional
        As in `svalbard`.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`; the position
        is the middle of the fronts.
    """
    files = _files(path)
    names = dict(_NAMES)
    listed = source_path("svalbard", path) / "glaciers.geojson"
    if listed.is_file():
        table = read_layer(listed, ["key", "name"])
        names |= dict(zip(table["key"], table["name"], strict=True))
    rows = []
    for key, file in files.items():
        west, south, east, north = read_layer(file, [], crs=UTM33).to_crs("EPSG:3413").total_bounds
        rows.append(
            {
                "glacier_id": f"mannerfelt:{key}",
                "name": names.get(key, key.title()),
                "other_names": "",
                "x": (west + east) / 2,
                "y": (south + north) / 2,
            }
        )
    return pd.DataFrame(rows)


def _files(path: str | Path | None) -> dict[str, Path]:
    """Key of each glacier and its file."""
    folder = source_path("svalbard", path)
    files = sorted(folder.glob(f"*/{FRONTS}"))
    if not files:
        raise InputError(
            f"{folder}: holds no {FRONTS} in a folder for each glacier; see docs/data.md for the "
            "layout"
        )
    return {_KEYS.get(file.parent.name, file.parent.name): file for file in files}
