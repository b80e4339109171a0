"""Loebel et al. (2024): 159 fronts of Harald Moltke Brae that a network drew."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import pandas as pd

from termini.errors import InputError
from termini.fronts.readers.dated_files import lines_of_files, problem_flags
from termini.fronts.readers.layers import source_path
from termini.fronts.readers.traces import traces_table
from termini.geo import ARCTIC

# Mean distance of the published network's fronts from manual ones on its three
# test sets is 61 to 74 m (Loebel et al. 2024).
SIGMA_M = 68.0
METHOD = "U-Net (Loebel et al. 2024)"


def harald_moltke(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of the Harald Moltke fronts.

    Parameters
    ----------
    path : path, optional
        Folder in which each date has its shapefile, named
        ``<glacier>_<yyyymmdd>.shp``, at any depth; or the folder above it.

    Returns
    -------
    GeoDataFrame
        Front table; the glacier is ``measures:75``. A shapefile that cannot be
        read is a row with the flag ``bad_geometry`` and the reason.

    Raises
    ------
    InputError
        If there is no such shapefile at all, or none can be read.

    Notes
    -----
    The projection is that of each ``.prj``; EPSG:3413 written as ESRI WKT is set
    as EPSG:3413. The source states neither scene nor satellite of a front; its
    input was Landsat 8, whose name is given as sensor.
    """
    folder = source_path("harald_moltke", path)
    files = sorted(f for f in folder.rglob("*.shp") if re.search(r"_\d{8}$", f.stem))
    if not files:
        raise InputError(
            f"{folder}: holds no shapefile named like harald_moltke_brae_20190803.shp; "
            "see docs/data.md for the layout"
        )
    table = lines_of_files(files, ARCTIC)
    columns = {
        "glacier_id": "measures:75",
        "date": [file.stem[-8:] for file in table["file"]],
        "sensor": "Landsat-8",
        "source": "harald_moltke",
        "method": METHOD,
        "sigma_m": SIGMA_M,
    }
    return traces_table(table, columns, crs=ARCTIC, flags=problem_flags(table))


def harald_moltke_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Name and position of the glacier.

    Parameters
    ----------
    path : path, optional
        Not needed: the dataset states no position.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`.
    """
    return pd.DataFrame(
        {
            "glacier_id": ["measures:75"],
            "name": ["Harald Moltke Bræ"],
            "other_names": ["Ullip Sermia"],
            "x": [-563855.0],
            "y": [-1345096.0],
        }
    )
