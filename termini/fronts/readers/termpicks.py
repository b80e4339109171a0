"""Goliber et al. (2022): TermPicks, 39,060 traces of 278 Greenland glaciers by many hands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from termini.fronts.readers.layers import source_path
from termini.fronts.readers.mapped_files import (
    find_columns,
    first_stated,
    layer_in,
    middle_of_traces,
    texts,
    vector_files,
)
from termini.fronts.readers.termpicks_dates import date_texts
from termini.fronts.readers.termpicks_flags import SWITCHES, read_quality
from termini.fronts.readers.traces import scene_name, sensor_name, traces_table
from termini.geo import ARCTIC

#: Names that the columns go by in the versions of the database, in the datasets that went
#: into it, and in what GEEDiT exports for it.
SPELLINGS: dict[str, tuple[str, ...]] = {
    "glacier": ("GlacierID", "TermPicksID", "Glacier_ID", "IcePicks", "IcePicksID"),
    "date": ("Date", "SourceDate", "Source_Date", "ImageDate"),
    "year": ("Year",),
    "month": ("Month",),
    "day": ("Day",),
    "decimal": ("DecDate", "DecimalDate", "DecYear", "Decimal_Year"),
    "quality": ("QualFlag", "Quality_Flag", "QFlag", "Qual_Flag", "Quality", "Flag"),
    "satellite": ("Satellite", "Sensor", "Sat"),
    "image": ("ImageID", "Image_ID", "SceneID", "Scene_ID", "Image", "Image_Tile"),
    "author": ("Author", "Analyst", "operatorName", "Dataset", "Create_User", "Digitiser"),
    "official": ("OfficialN", "Official", "Official_n", "Official_Name"),
    "greenlandic": ("GrnlndcN", "GrnlndcNam", "Greenlandic_Name"),
    "alternative": ("AltName", "Alternative_Name", "RefName"),
    **{f"switch{digit}": names for digit, names in SWITCHES.items()},
}
_FILES = r"termpicks.*"


def termpicks(path: str | Path | None = None) -> gpd.GeoDataFrame:
    """Front table of TermPicks.

    Parameters
    ----------
    path : path, optional
        ``TermPicks_V2.shp`` or another version, the folder or the zip file that holds it,
        or a file that GEEDiT exported.

    Returns
    -------
    GeoDataFrame
        Front table; glaciers are ``termpicks:<GlacierID>``, as ``termpicks:278``.

    Raises
    ------
    InputError
        If there is no such file, it cannot be read, or has no column for the glacier or
        none for a date.

    Notes
    -----
    Of a folder with several versions the latest is read; that with CALFIN's fronts in it
    (``TermPicks+CALFIN_V2``) only where there is no other. A month or day that is not known
    (00) makes a coarse date with its standard error, never 2 July as if it were known. The
    flag's first digit 1 says that a program drew the front.
    """
    table = _layer(path)
    column = find_columns(table, SPELLINGS, ["glacier"], table.attrs["file"])
    if not {"date", "year", "decimal"} & set(column):
        column = find_columns(table, SPELLINGS, ["date"], table.attrs["file"])
    given = {name: texts(table, column.get(name)) for name in SPELLINGS}
    dates, conflicts = date_texts(
        given["date"], given["year"], given["month"], given["day"], given["decimal"],
        parts={"month", "day"} <= set(column),
    )  # fmt: skip
    switches = {digit: given[f"switch{digit}"] for digit in SWITCHES}
    quality = read_quality(given["quality"], switches)
    columns = {
        "glacier_id": _ids(given["glacier"]),
        "date": dates,
        "sensor": stated_sensors(given["satellite"], given["image"]),
        "scene_id": given["image"],
        "source": "termpicks",
        "method": np.where(quality.automatic, "automatic", "manual"),
        "analyst": given["author"],
    }
    flags = dict(quality.flags)
    mask, reasons = flags["source_uncertain"]
    contradicted = np.array([text != "" for text in conflicts], dtype=bool)
    both = ["; ".join(filter(None, pair)) for pair in zip(conflicts, reasons, strict=True)]
    flags["source_uncertain"] = (mask | contradicted, both)
    nameless = np.array([text == "" for text in columns["glacier_id"]], dtype=bool)
    flags["unknown_glacier"] = (nameless, ["the source names no glacier"] * len(table))
    return traces_table(table, columns, crs=ARCTIC, flags=flags)


def termpicks_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Names, where the file has any, and positions of the glaciers that have traces.

    Parameters
    ----------
    path : path, optional
        As in `termpicks`.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`; the position is the
        middle of the traces.
    """
    table = _layer(path)
    column = find_columns(table, SPELLINGS, ["glacier"], table.attrs["file"])
    official, greenlandic, alternative = (
        texts(table, column.get(name)) for name in ("official", "greenlandic", "alternative")
    )
    names = first_stated(official, greenlandic, alternative)
    others = [
        "; ".join(dict.fromkeys(n for n in row[1:] if n and n != row[0]))
        for row in zip(names, official, greenlandic, alternative, strict=True)
    ]
    return middle_of_traces(_ids(texts(table, column["glacier"])), table.geometry, names, others)


def _layer(path: str | Path | None) -> gpd.GeoDataFrame:
    """The latest version's rows, the file's name in ``attrs``."""
    files = vector_files(source_path("termpicks", path), _FILES)
    shown = max(files, key=_rank)
    table = layer_in(files[shown], ARCTIC, shown)
    table.attrs["file"] = shown
    return table


def _rank(file: str) -> tuple[bool, int, bool, str]:
    """Later versions first, without CALFIN before with, shapefiles before their copies."""
    stem = Path(file).stem.lower()
    version = re.search(r"_v(\d+)", stem)
    return "calfin" not in stem, int(version[1]) if version else 0, file.endswith(".shp"), file


def _ids(numbers: list[str]) -> list[str]:
    return [f"termpicks:{number}" if number else "" for number in numbers]


def stated_sensors(satellites: Iterable[str], images: Iterable[str]) -> list[str]:
    """Sensor of each row: what the source states, else what its image's name tells.

    Parameters
    ----------
    satellites, images : iterable of str
        Satellite and image of each row, empty where there is none.

    Returns
    -------
    list of str
        Name as `termini.fronts.readers.traces.sensor_name` gives it, the source's word for
        a sensor that termini does not know, or nothing.
    """
    rows = list(zip(satellites, images, strict=True))
    known = {text: sensor_name(text) for row in rows for text in row}
    return [known[sat] or scene_name(sat) or known[image] for sat, image in rows]
