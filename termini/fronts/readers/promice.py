"""PROMICE: end-of-melt-season fronts of 47 marine-terminating glaciers of Greenland."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
LAYOUT = "<glacier>_frontlines_4326/<glacier><year>/<glacier><year>.shp"
# `79F_frontlines_4326/79F2018/79F2018.shp`: the folder names the glacier, the file the year.
_GLACIER = re.compile(r"(?P<name>.+?)_front_?lines?(?:_\d{4,5})?", re.IGNORECASE)
_YEAR = re.compile(r".*(?P<year>(?:19|20)\d\d)")
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
        Folder in which each glacier has a folder, with a shapefile for each year at any
        depth, or one of these folders or files.

    Returns
    -------
    GeoDataFrame
        Front table in EPSG:3413; glaciers are ``promice:<name>``, as ``promice:helheim``.

    Raises
    ------
    InputError
        If there is no vector file, none can be read, or there is neither a glacier
        name nor a date or year.

    Notes
    -----
    Folders, file names, longitude and latitude, and that a file is the front of one
    glacier in one year (several lines in it are its pieces) were found in two programs
    that read the files, one of them of the publisher; columns are used by neither, and
    the files themselves were not at hand. Other files are accepted too, each line a
    trace: a name (``Name``, ``Glacier``, ...), a ``Date`` or a ``Year``, and where there
    are such, a sensor and a scene; a glacier or year that no column gives is taken from
    the file name (``<glacier>_<year>``). The lines are of the end of the melt season and
    drawn by hand (Andersen et al. 2019): a year alone becomes 15 September with a
    standard error of 18 days and is flagged ``date_coarse``. In the published layout a
    date counts only if it lies in the year of its file.
    """
    folder = source_path(FOLDER, path)
    table = _rows(folder)
    other_year = _other_year(table)
    dates, sigma = _dates(table, other_year)
    columns = {
        "glacier_id": [f"promice:{slug(name)}" for name in table["_name"]],
        "date": dates,
        "date_sigma_days": sigma,
        "sensor": values(table, SENSOR),
        "scene_id": values(table, SCENE),
        "source": "promice",
        "method": "manual",
    }
    notes = [f"its date says {day}, its file {year}" for day, year in _stated(table)]
    flags = {**problem_flags(table), "source_uncertain": (other_year, notes)}
    return traces_table(table, columns, crs=ARCTIC, flags=flags)


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


def _published(file: Path) -> tuple[str, str] | None:
    """Glacier and year of a file that lies where the publisher keeps it."""
    year = _YEAR.fullmatch(file.stem)
    names = [found["name"] for part in file.parent.parts if (found := _GLACIER.fullmatch(part))]
    return (names[-1], year["year"]) if year and names else None


def _rows(folder: Path) -> gpd.GeoDataFrame:
    """All rows, with the name and year that folder and file name give."""
    table = lines_of_files(
        find_files(folder, LAYOUT), ARCTIC, together=lambda file: _published(file) is not None
    )
    published = [_published(file) for file in table["file"]]
    if not all(published):
        _require_columns(table, folder)
    named = [re.fullmatch(r"(.*?)[_-]?((?:19|20)\d\d)?(?:\d{4})?", f.stem) for f in table["file"]]
    names: list[Any] = []
    years: list[Any] = []
    rows = zip(
        table["file"], published, named, values(table, NAME), values(table, YEAR), strict=True
    )
    for file, own, found, name, year in rows:
        plain = found[1] if found and found[1] else file.stem
        names.append(own[0] if own else plain if name is None else name)
        years.append(own[1] if own else found[2] if found and year is None else year)
    table["_name"] = pd.Series(names, index=table.index, dtype=object)
    table["_year"] = pd.Series(years, index=table.index, dtype=object)
    table["_published"] = [own is not None for own in published]
    return table


def _require_columns(table: gpd.GeoDataFrame, folder: Path) -> None:
    """Refuse files of another layout of which neither columns nor names tell glacier and year."""
    named = [re.fullmatch(r"(.*?)[_-]?((?:19|20)\d\d)?(?:\d{4})?", f.stem) for f in table["file"]]
    if len({found[1] for found in named if found}) < 2:
        require(table, "glacier name", NAME, folder)
    if not any(found[2] for found in named if found):
        require(table, "date or year", [*DATE, *YEAR], folder)


def _stated(table: gpd.GeoDataFrame) -> list[tuple[Any, Any]]:
    """Date and year of each row as they are stated."""
    return list(zip(values(table, DATE), table["_year"], strict=True))


def _other_year(table: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Whether a row of the published layout states a date of another year than its file."""
    off = [
        own and day is not None and str(year) not in str(day)
        for own, (day, year) in zip(table["_published"], _stated(table), strict=True)
    ]
    return np.array(off, dtype=bool)


def _dates(table: gpd.GeoDataFrame, ignored: NDArray[np.bool_]) -> tuple[list[Any], list[float]]:
    """Date of each row and its standard error, days; without the dates to be ignored."""
    dates: list[Any] = []
    sigma: list[float] = []
    for (stated, year), off in zip(_stated(table), ignored, strict=True):
        day = None if off else stated
        text = str(year).strip().removesuffix(".0")
        if day is None and re.fullmatch(r"\d{4}", text):
            dates.append(f"{text}-{SEASON_END}")
            sigma.append(SEASON_SIGMA_DAYS)
        else:
            dates.append(day if day is not None or year is None else text)
            sigma.append(0.0)
    return dates, sigma
