"""Where a dataset's vector files are, and which of their columns is which.

Publishers spell one column in many ways, shapefiles cut it to ten letters, and what is
one file today was a zipped folder yesterday. Readers of datasets that are met in many
forms go through here.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataSourceError

from termini.errors import InputError
from termini.fronts.readers.layers import read_layer
from termini.geo import ARCTIC, DEGREES

#: Endings of files that are read as vector files.
ENDINGS = (".shp", ".gpkg", ".geojson", ".json", ".fgb")


def vector_files(path: Path, pattern: str) -> dict[str, str]:
    """Vector files of a dataset: of a folder at any depth, of a zip file, or one file.

    Parameters
    ----------
    path : path
        Existing folder, ``.zip`` or vector file.
    pattern : str
        Regular expression that the whole name of a file without its ending matches.
        A file that the user names need not match it.

    Returns
    -------
    dict of str to str
        Name to show (with the folder) and what GDAL opens, sorted by name.

    Raises
    ------
    InputError
        If there is none, or the zip file is broken.
    """
    if path.is_dir():
        inside = {str(file): str(file) for file in path.rglob("*")}
    elif path.suffix.lower() == ".zip":
        inside = {f"{path}/{name}": f"/vsizip/{path}/{name}" for name in _members(path)}
    else:
        return {str(path): str(path)}
    found = {
        shown: opened
        for shown, opened in sorted(inside.items())
        if shown.lower().endswith(ENDINGS)
        and re.fullmatch(pattern, Path(shown).stem, flags=re.IGNORECASE)
    }
    if not found:
        raise InputError(
            f"{path}: holds no vector file whose name is like {pattern!r}; see docs/datasets.md "
            "for the layout, or name the file itself"
        )
    return found


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as packed:
            return packed.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(f"{path}: not a zip file ({error}); download it again") from error


def plain_name(name: Any) -> str:
    """Name of a column as it is compared: small letters and digits only.

    Parameters
    ----------
    name : Any
        What the file has.

    Returns
    -------
    str
        The name.
    """
    return re.sub(r"[^a-z0-9]", "", str(name).lower())


def find_columns(
    table: pd.DataFrame, spellings: Mapping[str, Iterable[str]], needed: Iterable[str], what: Any
) -> dict[str, str]:
    """Which column of a table is which.

    Parameters
    ----------
    table : DataFrame
        A publisher's rows.
    spellings : mapping
        What is looked for to the names that it goes by, the best first. Case, blanks
        and underscores do not matter, nor what a shapefile cuts off after ten letters.
    needed : iterable of str
        What must be there.
    what : Any
        File, for the error.

    Returns
    -------
    dict of str to str
        What was found to the column's name.

    Raises
    ------
    InputError
        If something needed is not there.
    """
    names = {plain_name(column): str(column) for column in reversed(list(table.columns))}
    cut = {plain_name(column): str(column) for column in table.columns if len(str(column)) == 10}
    found: dict[str, str] = {}
    for key, known in spellings.items():
        for name in map(plain_name, known):
            short = next((cut[c] for c in cut if len(c) < len(name) and name.startswith(c)), None)
            if (column := names.get(name) or short) and column not in found.values():
                found[key] = column
                break
    if lacking := [key for key in needed if key not in found]:
        wanted = "; ".join(f"{key} (as {', '.join(spellings[key])})" for key in lacking)
        raise InputError(
            f"{what}: lacks the column(s) {wanted} and has "
            f"{', '.join(map(str, table.columns))}; is it the published file?"
        )
    return found


def texts(table: pd.DataFrame, column: str | None) -> list[str]:
    """Values of a column as texts without blanks around them.

    Parameters
    ----------
    table : DataFrame
        A publisher's rows.
    column : str or None
        Its name, or None where the file has none.

    Returns
    -------
    list of str
        One a row; empty where there is nothing. Whole numbers lose their ``.0``.
    """
    if column is None:
        return [""] * len(table)
    return [plain_text(value) for value in table[column].tolist()]


def plain_text(value: Any) -> str:
    """Value as a text without blanks around it; empty for nothing, no ``.0`` on whole numbers.

    Parameters
    ----------
    value : Any
        What a file holds.

    Returns
    -------
    str
        The text.
    """
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return "" if text.lower() in {"nan", "none", "null", "<null>", "nat"} else text


def first_stated(*columns: list[str]) -> list[str]:
    """For each row the first of several texts that is not empty.

    Parameters
    ----------
    *columns : list of str
        Texts, one a row.

    Returns
    -------
    list of str
        One a row.
    """
    return [next((text for text in row if text), "") for row in zip(*columns, strict=True)]


def layer_in(opened: str, crs: str, shown: str) -> gpd.GeoDataFrame:
    """Layer of a file whose projection its publisher states, also where the file does not.

    Parameters
    ----------
    opened : str
        What GDAL opens.
    crs : str
        Projection that the publisher states, see `read_layer`.
    shown : str
        File, for the error.

    Returns
    -------
    GeoDataFrame
        The layer in `crs`.

    Raises
    ------
    InputError
        If it cannot be read, or states no projection and its coordinates are not in the
        units of `crs`.
    """
    try:
        stated = pyogrio.read_info(opened)["crs"]
    except (DataSourceError, OSError):
        stated = ""  # read_layer says what is wrong
    table = read_layer(opened, [], crs=crs)
    reach = np.abs(table.total_bounds)
    degrees = bool(table.crs.is_geographic)
    if stated is None and len(table) and ((reach <= DEGREES).all() != degrees):
        units = ("metres", "degrees") if degrees else ("degrees", "metres")
        raise InputError(
            f"{shown}: states no projection, and its coordinates are in {units[0]}, not in "
            f"{units[1]} as those of {crs}, in which it is published; put its .prj file beside it"
        )
    return table


def middle_of_traces(
    ids: Iterable[str],
    geometry: gpd.GeoSeries,
    names: Iterable[str] | None = None,
    other_names: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Table of the glaciers that have traces, each at the middle of its traces.

    Parameters
    ----------
    ids : iterable of str
        Glacier of each trace; rows with an empty one are left out.
    geometry : GeoSeries
        The traces, in any projection.
    names, other_names : iterable of str, optional
        Names of the glacier of each trace; the first that is not empty is taken.

    Returns
    -------
    DataFrame
        ``glacier_id``, ``name``, ``other_names``, ``x``, ``y`` in EPSG:3413, metres, sorted.
    """
    # lines in degrees across the date line or the pole have no middle
    bounds = geometry.to_crs(ARCTIC).bounds.replace([np.inf, -np.inf], np.nan)
    n = len(bounds)
    table = pd.DataFrame(
        {
            "glacier_id": list(ids),
            "name": [""] * n if names is None else list(names),
            "other_names": [""] * n if other_names is None else list(other_names),
        }
    ).assign(**{name: bounds[name].to_numpy() for name in bounds})
    table = table[table["glacier_id"] != ""]
    for name in ("name", "other_names"):
        table[name] = table[name].where(table[name] != "")
    groups = table.groupby("glacier_id", sort=True)
    result = groups[["name", "other_names"]].first().fillna("").astype("str")
    result["x"] = (groups["minx"].min() + groups["maxx"].max()) / 2
    result["y"] = (groups["miny"].min() + groups["maxy"].max()) / 2
    return result.reset_index()
