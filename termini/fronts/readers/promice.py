"""PROMICE: end-of-melt-season fronts of 47 marine-terminating glaciers of Greenland."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from termini.fronts.readers.dated_files import (
    find_files,
    lines_of_files,
    problem_flags,
    require,
    values,
)
from termini.fronts.readers.layers import source_path
from termini.fronts.readers.places import glacier_table, slug
from termini.fronts.readers.traces import traces_table
from termini.geo import ARCTIC

FOLDER = "promice"
LAYOUT = "one or several shapefiles or GeoPackages with a line for each glacier and year"
NAME = ["Name", "Glacier", "GlacierName", "Glacier_Na", "GlacierNam"]
DATE = ["Date", "AcqDate", "Img_date", "ImageDate"]
YEAR = ["Year"]
SENSOR = ["Sensor", "Satellite", "Platform"]
SCENE = ["Image_ID", "ImageID", "Scene", "SceneID", "Image"]

# Where a row gives the year alone: the end of the melt season is taken as mid-August
# to mid-October.
SEASON_END = "09-15"
SEASON_SIGMA_DAYS = 61.0 / np.sqrt(12.0)


def promice(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of the PROMICE calving front lines.

    Parameters
    ----------
    path : path, optional
        Folder with the files, at any depth, or one of them.

    Returns
    -------
    GeoDataFrame
        Front table in EPSG:3413; glaciers are ``promice:<name>``.

    Raises
    ------
    InputError
        If there is no vector file, none can be read, or there is neither a glacier
        name nor a date or year.

    Notes
    -----
    The layout could not be checked on the published files nor in a program that reads
    them. What is accepted: a name (``Name``, ``Glacier``, ...), a ``Date`` or a
    ``Year``, and where there are such, a sensor and a scene. A glacier or year that
    no column gives is taken from the file name (``<glacier>_<year>``). A year alone
    becomes 15 September with a standard error of 18 days and is flagged
    ``date_coarse``. The lines are drawn by hand (Andersen et al. 2019).
    """
    folder = source_path(FOLDER, path)
    table = _rows(folder)
    dates, sigma = _dates(table)
    columns = {
        "glacier_id": [f"promice:{slug(name)}" for name in table["_name"]],
        "date": dates,
        "date_sigma_days": sigma,
        "sensor": values(table, SENSOR),
        "scene_id": values(table, SCENE),
        "source": "promice",
        "method": "manual",
    }
    return traces_table(table, columns, crs=ARCTIC, flags=problem_flags(table))


def promice_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Names and positions of the glaciers.

    Parameters
    ----------
    path : path, optional
        As in `promice`.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`; the position
        is the middle of the fronts.
    """
    table = _rows(source_path(FOLDER, path))
    names = {f"promice:{slug(name)}": str(name).replace("_", " ") for name in table["_name"]}
    return glacier_table(promice(path), names)


def _rows(folder: Path) -> gpd.GeoDataFrame:
    """All rows, with the name and year that a file's own name gives where no column does."""
    table = lines_of_files(find_files(folder, LAYOUT), ARCTIC)
    named = [re.fullmatch(r"(.*?)[_-]?((?:19|20)\d\d)?(?:\d{4})?", f.stem) for f in table["file"]]
    years = [found[2] if found else None for found in named]
    if len({found[1] for found in named if found}) < 2:
        require(table, "glacier name", NAME, folder)
    if not any(years):
        require(table, "date or year", [*DATE, *YEAR], folder)
    names = [
        name if name is not None else (found[1] if found and found[1] else file.stem)
        for name, found, file in zip(values(table, NAME), named, table["file"], strict=True)
    ]
    stated = [
        year if year is not None else own
        for year, own in zip(values(table, YEAR), years, strict=True)
    ]
    table["_name"] = pd.Series(names, index=table.index, dtype=object)
    table["_year"] = pd.Series(stated, index=table.index, dtype=object)
    return table


def _dates(table: gpd.GeoDataFrame) -> tuple[list[Any], list[float]]:
    """Date of each row and its standard error, days."""
    dates: list[Any] = []
    sigma: list[float] = []
    for day, year in zip(values(table, DATE), table["_year"], strict=True):
        text = str(year).strip().removesuffix(".0")
        if day is None and re.fullmatch(r"\d{4}", text):
            dates.append(f"{text}-{SEASON_END}")
            sigma.append(SEASON_SIGMA_DAYS)
        else:
            dates.append(day if day is not None or year is None else text)
            sigma.append(0.0)
    return dates, sigma
