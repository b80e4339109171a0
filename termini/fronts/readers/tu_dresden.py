"""Loebel et al. (TU Dresden): fronts that a network drew, in Greenland and elsewhere.

A shapefile for each glacier and date, as in `termini.fronts.readers.harald_moltke`,
which is one glacier of the same archive. The archive has both polar regions; a front
table has one projection, so each region is a dataset of its own here.
"""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from termini.errors import InputError
from termini.fronts.readers.dated_files import find_files, lines_of_files, problem_flags
from termini.fronts.readers.harald_moltke import METHOD, SIGMA_M
from termini.fronts.readers.layers import source_path
from termini.fronts.readers.places import glacier_table, slug
from termini.fronts.readers.traces import traces_table
from termini.geo import ANTARCTIC, ARCTIC, LONLAT

FOLDER = "tu_dresden"
LAYOUT = "<glacier>/<yyyymmdd>/<glacier>_<yyyymmdd>.shp or calving_front_<yyyymmdd>_3413.shp"
_NAME = re.compile(r"(?P<name>.+?)_(?P<date>(?:19|20)\d{6})(?:_\d{4,5})?")
# First day of images of Landsat 9; from then on a front may be on either.
_LANDSAT_9 = "20211031"


def tu_dresden(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of the fronts of the northern hemisphere (Greenland, Svalbard).

    Parameters
    ----------
    path : path, optional
        Folder in which each glacier has a folder, with a file for each date at any
        depth, or one such file.

    Returns
    -------
    GeoDataFrame
        Front table in EPSG:3413; glaciers are ``loebel:<name>``.

    Raises
    ------
    InputError
        If there is no such file, none can be read, or all are of the other
        hemisphere.

    Notes
    -----
    Checked on the 159 published files of Harald Moltke Brae and on the authors'
    program that writes the files (one line each, attribute ``threshold``, projection
    of the Landsat scene or EPSG:3413); the archives of the other glaciers were not at
    hand. Neither scene nor satellite is stated; the input is Landsat 8, from 31
    October 2021 also Landsat 9. The error is that of the Greenland test sets.
    """
    return _hemisphere(path, ARCTIC, "tu_dresden")


def tu_dresden_antarctica(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of the fronts of the southern hemisphere (Antarctic Peninsula).

    Parameters
    ----------
    path : path, optional
        As in `tu_dresden`.

    Returns
    -------
    GeoDataFrame
        As `tu_dresden`, in EPSG:3031.
    """
    return _hemisphere(path, ANTARCTIC, "tu_dresden_antarctica")


def tu_dresden_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Names and positions of the northern glaciers.

    Parameters
    ----------
    path : path, optional
        As in `tu_dresden`.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`; the position
        is the middle of the fronts.
    """
    return glacier_table(tu_dresden(path), _names(path))


def tu_dresden_antarctica_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Names and positions of the southern glaciers.

    Parameters
    ----------
    path : path, optional
        As in `tu_dresden`.

    Returns
    -------
    DataFrame
        As `tu_dresden_glaciers`, ``x`` and ``y`` in EPSG:3031.
    """
    return glacier_table(tu_dresden_antarctica(path), _names(path))


def _hemisphere(path: str | Path | None, target: str, source: str) -> gpd.GeoDataFrame:
    folder = source_path(FOLDER, path)
    table = lines_of_files(_files(folder), LONLAT)
    latitude = shapely.bounds(table.geometry.to_numpy())[:, 1]
    north = target == ARCTIC
    # a file that cannot be read may be of either, and is said in both
    table = table[np.isnan(latitude) | ((latitude > 0) == north)].reset_index(drop=True)
    if not table.geometry.notna().any():
        other = "tu_dresden_antarctica" if north else "tu_dresden"
        raise InputError(
            f"{folder}: holds no front of the {'northern' if north else 'southern'} hemisphere; "
            f"read it as {other!r}"
        )
    names = [_named(file) for file in table["file"]]
    columns = {
        "glacier_id": [f"loebel:{slug(name)}" for name, _ in names],
        "date": [date for _, date in names],
        "sensor": ["Landsat-8" if date < _LANDSAT_9 else "Lxx" for _, date in names],
        "source": source,
        "method": METHOD,
        "sigma_m": SIGMA_M,
    }
    flags = problem_flags(table)
    return traces_table(table, columns, crs=LONLAT, flags=flags, target=target)


def _names(path: str | Path | None) -> dict[str, str]:
    names = [_named(file)[0] for file in _files(source_path(FOLDER, path))]
    return {f"loebel:{slug(name)}": name.replace("_", " ").title() for name in names}


def _named(file: Path) -> tuple[str, str]:
    """Glacier and date of a file; the glacier from its folder where the name lacks it."""
    found = _NAME.fullmatch(file.stem)
    assert found is not None  # _files keeps only such
    name = found["name"]
    if slug(name) in {"calving_front", "front", "pred"}:
        folders = [part for part in file.parent.parts if not re.fullmatch(r"\d{8}", part)]
        name = folders[-1] if folders else name
    return name, found["date"]


def _files(folder: Path) -> list[Path]:
    files = [f for f in find_files(folder, LAYOUT) if _NAME.fullmatch(f.stem)]
    if not files:
        raise InputError(
            f"{folder}: holds no file named as published, {LAYOUT}; see docs/data.md for the layout"
        )
    return files
