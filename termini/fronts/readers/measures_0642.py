"""MEaSUREs NSIDC-0642: one front a winter of the outlet glaciers of Greenland."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from termini.errors import InputError
from termini.fronts.readers.dated_files import (
    column,
    find_files,
    lines_of_files,
    problem_flags,
    values,
)
from termini.fronts.readers.layers import read_layer, source_path
from termini.fronts.readers.measures_traces import (
    GLACIER,
    IMAGE,
    NAMES,
    RANGE,
    SENSOR,
    measures_columns,
    measures_id,
    quality_flags,
)
from termini.fronts.readers.places import glacier_table
from termini.fronts.readers.traces import sensor_name, traces_table
from termini.geo import ARCTIC

FOLDER = "measures_0642"
LAYOUT = "termini_<winter>_v<version>.shp, as termini_0506_v01.2.shp, termini_2020_2021_v02.0.shp"
_TERMINI = re.compile(r"termini_(?:\d{4}_)?\d{2,4}.*", re.IGNORECASE)
_POINTS = re.compile(r"GlacierIDs.*\.shp", re.IGNORECASE)


def measures_0642(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of the annual MEaSUREs termini, both versions.

    Parameters
    ----------
    path : path, optional
        Folder with a shapefile for each winter, at any depth, or one of them.

    Returns
    -------
    GeoDataFrame
        Front table in EPSG:3413; glaciers are ``measures:<number>``.

    Raises
    ------
    InputError
        If there is no such shapefile, none can be read, or there is no glacier
        number or date.

    Notes
    -----
    The layout is as `termini.fronts.readers.measures_traces` says; it was found in
    programs that read the files, the files themselves were not at hand. In version 1
    a winter up to 2012/13 has the range of dates of its mosaic: the date is its
    middle, its error that of a uniform distribution (weeks), and the correlation
    group that mosaic. No image is named there; the mosaics of those winters are of
    Radarsat-1 (NSIDC-0633), later ones of Sentinel-1 (NSIDC-0723). Quality is 0
    (sure), 1 (uncertain), 2 (checked on a second image) or 3 (Landsat 7 with gaps).
    """
    folder = source_path(FOLDER, path)
    table = lines_of_files(_files(folder), ARCTIC, crs=ARCTIC)
    columns = measures_columns(table, folder)
    ranges, images = values(table, RANGE), values(table, IMAGE)
    columns["source"] = "measures_0642"
    columns["sensor"] = [
        sensor or (sensor_name(image) if image else _mosaic_sensor(winter))
        for sensor, image, winter in zip(values(table, SENSOR), images, ranges, strict=True)
    ]
    columns["correlation_group"] = [
        f"measures_0642 mosaic {winter}" if winter is not None and image is None else ""
        for winter, image in zip(ranges, images, strict=True)
    ]
    flags = {**problem_flags(table), **quality_flags(table)}
    return traces_table(table, columns, crs=ARCTIC, flags=flags)


def measures_0642_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Names and positions of the glaciers.

    Parameters
    ----------
    path : path, optional
        As in `measures_0642`. Where the folder holds ``GlacierIDs_v<version>.shp``
        the positions and names are from there; else the position is the middle of
        the fronts and the names are those of version 1.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`.
    """
    folder = source_path(FOLDER, path)
    fronts = measures_0642(path)
    points = [] if folder.is_file() else [f for f in folder.rglob("*") if _POINTS.fullmatch(f.name)]
    rows = [read_layer(file, [], crs=ARCTIC) for file in sorted(points)[-1:]]
    rows = [table for table in rows if column(table, GLACIER)]
    named = _names(lines_of_files(_files(folder), ARCTIC, crs=ARCTIC))
    found = glacier_table(fronts, {k: v[0] for k, v in named.items() if v})
    found["other_names"] = ["; ".join(named.get(g, [])[1:]) for g in found["glacier_id"]]
    for table in rows:
        named = _names(table)
        middles = table.geometry.centroid
        places = dict(zip(map(measures_id, values(table, GLACIER)), middles, strict=True))
        for row, glacier in enumerate(found["glacier_id"]):
            if glacier in places and places[glacier] is not None:
                found.loc[row, ["x", "y"]] = [places[glacier].x, places[glacier].y]
            if named.get(glacier):
                found.loc[row, "name"] = named[glacier][0]
                found.loc[row, "other_names"] = "; ".join(named[glacier][1:])
    return found


def _mosaic_sensor(winter: Any) -> str:
    """Satellite of the mosaics of a winter of version 1."""
    return "Sentinel-1" if winter is None else "Radarsat-1"


def _files(folder: Path) -> list[Path]:
    files = find_files(folder, LAYOUT, (".shp",))
    chosen = [f for f in files if _TERMINI.fullmatch(f.name)] if folder.is_dir() else files
    if not chosen:
        raise InputError(
            f"{folder}: holds no shapefile of a winter; the published layout is {LAYOUT}, "
            "see docs/data.md"
        )
    return chosen


def _names(table: pd.DataFrame) -> dict[str, list[str]]:
    """Names of each glacier, none twice, the alternative one first."""
    found: dict[str, list[str]] = {}
    ids = [measures_id(number) for number in values(table, GLACIER)]
    for name in NAMES:
        for glacier, text in zip(ids, values(table, [name]), strict=True):
            known = found.setdefault(glacier, [])
            plain = "" if text is None else str(text).strip()
            if plain and plain.lower() != "none" and plain not in known:
                known.append(plain)
    return found
