"""ESA Greenland Ice Sheet CCI: hand-drawn fronts of 28 outlet glaciers, by ENVEO."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.errors import InputError
from termini.fronts.readers.dated_files import find_files, lines_of_files, problem_flags, values
from termini.fronts.readers.layers import source_path
from termini.fronts.readers.places import glacier_table
from termini.fronts.readers.traces import traces_table
from termini.geo import ARCTIC, LONLAT, transformer

FOLDER = "esa_cci"
LAYOUT = "<glacier>_<GLIMS id>/cfl_<glacier>_<GLIMS id>_<yyyymmdd>.shp"
# `cfl_Jakobshavn_Isbræ_G310846E69083N_20150819.shp`: name, GLIMS id, date.
_FILE = re.compile(r"cfl_(?P<name>.+)_(?P<glims>G\d{6}E\d{5}[NS])_(?P<date>\d{8}).*", re.IGNORECASE)
SENSOR = ["sensor", "satellite", "platform", "mission", "sat"]
SCENE = ["scene", "scene_id", "image_id", "image", "product", "filename"]
# Of version 3: date and time, as `2015-08-19 10:15:30`.
TIME = ["acq_time"]
ANALYST = ["operator", "analyst", "author", "digitizer", "processor"]


def esa_cci(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of the calving front locations of the Greenland Ice Sheet CCI.

    Parameters
    ----------
    path : path, optional
        Folder in which each glacier has a folder with a shapefile a date, or the
        folder above it, or one shapefile.

    Returns
    -------
    GeoDataFrame
        Front table in EPSG:3413; glaciers are ``glims:<id>``, as
        ``glims:G310846E69083N``, the id that the file names bear.

    Raises
    ------
    InputError
        If there is no such shapefile or none can be read.

    Notes
    -----
    Folders, file names and longitude and latitude on WGS84 were found in programs that
    read versions 2 and 3 and in the catalogue of the data centre; that version 3 has a
    column ``acq_time`` that begins with the date, in one of these programs. The catalogue
    says that the attribute table tells sensor and processing; under which names could
    not be checked: a sensor, scene or operator is read under the usual ones and left
    empty elsewhere, and then the error is that of an unknown sensor. The date is that
    of the file name; where ``acq_time`` states another the front is ``source_uncertain``.
    A file is one trace; several lines in it are its pieces. A file in EPSG:3413 is read
    as well.
    """
    folder = source_path(FOLDER, path)
    table = lines_of_files(_files(folder), ARCTIC, together=True)
    columns: dict[str, Any] = {
        "glacier_id": [f"glims:{_named(file)['glims']}" for file in table["file"]],
        "date": [_named(file)["date"] for file in table["file"]],
        "sensor": values(table, SENSOR),
        "scene_id": values(table, SCENE),
        "analyst": values(table, ANALYST),
        "source": "esa_cci",
        "method": "manual",
    }
    flags = {**problem_flags(table), "source_uncertain": _contradicted(table, columns["date"])}
    return traces_table(table, columns, crs=ARCTIC, flags=flags)


def esa_cci_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Names of the glaciers and the positions that their GLIMS ids state.

    Parameters
    ----------
    path : path, optional
        As in `esa_cci`.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`.
    """
    files = [_named(file) for file in _files(source_path(FOLDER, path))]
    found = glacier_table(
        esa_cci(path), {f"glims:{f['glims']}": f["name"].replace("_", " ") for f in files}
    )
    for row, glacier in enumerate(found["glacier_id"]):
        lon, lat = glims_place(glacier.removeprefix("glims:"))
        found.loc[row, ["x", "y"]] = transformer(LONLAT, ARCTIC).transform(lon, lat)
    return found


def glims_place(glims: str) -> tuple[float, float]:
    """Longitude and latitude in a GLIMS id.

    Parameters
    ----------
    glims : str
        As ``G310846E69083N``: thousandths of degrees east of Greenwich and north or
        south.

    Returns
    -------
    tuple of float
        Degrees, longitude from -180 to 180.

    Raises
    ------
    InputError
        If it is no such id.
    """
    found = re.fullmatch(r"G(\d{6})E(\d{5})([NS])", glims.upper())
    if found is None:
        raise InputError(f"{glims!r} is no GLIMS id; they are like G310846E69083N")
    longitude = (int(found[1]) / 1000.0 + 180.0) % 360.0 - 180.0
    return longitude, int(found[2]) / 1000.0 * (1.0 if found[3] == "N" else -1.0)


def _contradicted(table: pd.DataFrame, dates: list[str]) -> tuple[NDArray[np.bool_], list[str]]:
    """Whether the time of acquisition is of another day than the file name says, and a note."""
    days = [re.match(r"\d{4}-\d\d-\d\d", str(value)) for value in values(table, TIME)]
    stated = [found[0].replace("-", "") if found else "" for found in days]
    off = [bool(day) and day != date for day, date in zip(stated, dates, strict=True)]
    notes = [
        f"acq_time says {day}, the file name {d}" for day, d in zip(stated, dates, strict=True)
    ]
    return np.array(off, dtype=bool), notes


def _named(file: Path) -> dict[str, str]:
    found = _FILE.fullmatch(file.stem)
    assert found is not None  # _files keeps only such
    parts = found.groupdict()
    return {**parts, "glims": parts["glims"].upper()}


def _files(folder: Path) -> list[Path]:
    files = [f for f in find_files(folder, LAYOUT, (".shp",)) if _FILE.fullmatch(f.stem)]
    if not files:
        raise InputError(
            f"{folder}: holds no shapefile named as published, {LAYOUT}; see docs/data.md"
        )
    return files
