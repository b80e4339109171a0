"""Datasets of many small vector files, a file for each date, glacier or winter.

Every file becomes rows of one table. A file that cannot be used is a row too, with
the reason, so that one broken download among thousands neither ends the reading nor
goes unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from termini.errors import InputError
from termini.fronts.readers.layers import read_layer
from termini.fronttable import crs_text
from termini.geo import DEGREES, LONLAT, reproject

#: Files that hold vectors, by the end of their name.
VECTOR_FILES = (".shp", ".gpkg", ".geojson", ".json")


def find_files(folder: Path, layout: str, ends: Sequence[str] = VECTOR_FILES) -> list[Path]:
    """Vector files at any depth of a folder.

    Parameters
    ----------
    folder : path
        Folder of the dataset, or one file of it.
    layout : str
        How files are named, for the error.
    ends : sequence of str
        Ends of the names.

    Returns
    -------
    list of pathlib.Path
        Sorted; files that another program hides (``._name``) are left out.

    Raises
    ------
    InputError
        If there is none.
    """
    if folder.is_file():
        return [folder]
    files = [f for f in folder.rglob("*") if f.suffix.lower() in ends and f.name[0] != "."]
    if not files:
        raise InputError(
            f"{folder}: holds no {' or '.join(ends)} file; the published layout is {layout}, "
            "see docs/data.md"
        )
    return sorted(files)


def lines_of_files(
    files: Iterable[Path],
    target: str,
    *,
    crs: str | None = None,
    together: bool | Callable[[Path], bool] = False,
) -> gpd.GeoDataFrame:
    """Lines of many files in one projection.

    Parameters
    ----------
    files : iterable of path
        Vector files, each in a projection that it states.
    target : str
        Projection of the result.
    crs : str, optional
        Projection that the publisher states for all of them, as in
        `termini.fronts.readers.layers.read_layer`.
    together : bool or callable
        Whether a file is one trace, or what tells it of a path. Lines that it holds
        twice then count once and several become one geometry of several pieces; its
        attributes are those of its first row. By default each line is a trace.

    Returns
    -------
    GeoDataFrame
        Columns of all files, ``file`` (its path), ``problem`` (why it cannot be used,
        or an empty text) and the geometry in `target`. A file that cannot be used is
        one row without geometry.

    Raises
    ------
    InputError
        If none of the files can be used; the message is that of the first.
    """
    tables: list[pd.DataFrame] = []
    for file in files:
        try:
            table = _in_projection(read_layer(file, [], crs=crs), target, file)
            table = pd.DataFrame(table).rename(columns={table.geometry.name: "geometry"})
            if together(file) if callable(together) else together:
                whole = _one_geometry(table["geometry"])
                table = table.iloc[:1].copy()
                table["geometry"] = pd.Series([whole], index=table.index, dtype=object)
            table["problem"] = ""
        except InputError as error:
            table = pd.DataFrame({"geometry": [None], "problem": [str(error)]})
        table["file"] = pd.Series([file] * len(table), index=table.index, dtype=object)
        tables.append(table.astype(object))
    rows = pd.concat(tables, ignore_index=True)
    if (rows["problem"] != "").all():
        raise InputError(str(rows["problem"].iloc[0]))
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=target)


def _in_projection(table: gpd.GeoDataFrame, target: str, file: Path) -> gpd.GeoDataFrame:
    """Table of a file reprojected, if its coordinates can be what it says they are."""
    if not len(table):
        raise InputError(f"{file}: holds no line; download it again")
    extent = np.abs(table.geometry.bounds.to_numpy())
    extent = extent[np.isfinite(extent).all(axis=1)]
    projected = bool(table.crs.is_projected)
    if len(extent) and (extent.max() > DEGREES) != projected:
        held, label = ("degrees", LONLAT) if projected else ("metres", "EPSG:3413 or EPSG:3031")
        raise InputError(
            f"{file}: states {crs_text(table)}, but its coordinates are {held}; "
            f"label it {label} (geopandas: set_crs(..., allow_override=True)) and write it again"
        )
    stated = f"EPSG:{code}" if (code := table.crs.to_epsg()) else crs_text(table)
    if stated == target:
        return table.set_crs(target, allow_override=True)
    moved = [None if g is None else reproject(g, stated, target) for g in table.geometry]
    return table.set_geometry(gpd.GeoSeries(moved, index=table.index, crs=target))


def _one_geometry(geometries: pd.Series) -> BaseGeometry | None:
    """Lines of one file as one geometry, each of them once."""
    held = [g for g in geometries if g is not None and not g.is_empty]
    if not held:
        return None
    parts = {shapely.normalize(part).wkb: part for part in shapely.get_parts(held)}
    lines = list(parts.values())
    if len(lines) == 1 or any(line.geom_type != "LineString" for line in lines):
        return lines[0]
    return shapely.multilinestrings(lines)


def column(table: pd.DataFrame, spellings: Sequence[str]) -> str | None:
    """Column of a table under any of its documented spellings.

    Parameters
    ----------
    table : DataFrame
        A publisher's rows.
    spellings : sequence of str
        Names, the first that is there counts; upper and lower case are one.

    Returns
    -------
    str or None
        Name as it stands in the table.
    """
    held = {str(name).lower(): str(name) for name in table.columns}
    return next((held[name.lower()] for name in spellings if name.lower() in held), None)


def values(table: pd.DataFrame, spellings: Sequence[str]) -> list[Any]:
    """Values of a column under any of its spellings, row by row where they differ.

    Parameters
    ----------
    table : DataFrame
        Rows of files whose spellings may differ.
    spellings : sequence of str
        Names; of a row that has several, the first that is not empty counts.

    Returns
    -------
    list
        None where a row has no value.
    """
    found = pd.Series([None] * len(table), index=table.index, dtype=object)
    known = {name.lower() for name in spellings}
    for name in sorted(
        (str(c) for c in table.columns if str(c).lower() in known),
        key=lambda c: [s.lower() for s in spellings].index(c.lower()),
    ):
        found = found.where(found.notna(), table[name].astype(object))
    return [None if pd.isna(value) else value for value in found]


def require(table: pd.DataFrame, what: str, spellings: Sequence[str], path: Path) -> None:
    """Refuse a table that has a column under none of its spellings.

    Parameters
    ----------
    table : DataFrame
        A publisher's rows.
    what : str
        What the column holds, for the error.
    spellings : sequence of str
        Names.
    path : path
        File or folder, for the error.

    Raises
    ------
    InputError
        If the column lacks.
    """
    if column(table, spellings) is None:
        held = [str(c) for c in table.columns if c not in ("geometry", "file", "problem")]
        raise InputError(
            f"{path}: lacks the column(s) for the {what} ({' or '.join(spellings)}) and has "
            f"{', '.join(held) or 'none'}; is it the published file?"
        )


def problem_flags(table: pd.DataFrame) -> dict[str, tuple[Any, Any]]:
    """Flags for `termini.fronts.readers.traces.traces_table`: files that cannot be used.

    Parameters
    ----------
    table : DataFrame
        What `lines_of_files` gave.

    Returns
    -------
    dict
        ``bad_geometry`` with the reason of each file.
    """
    return {"bad_geometry": ((table["problem"] != "").to_numpy(), list(table["problem"]))}
