"""Cheng et al. (2021): CALFIN, 22,678 fronts of 66 Greenland basins, 1972-2019."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from termini.fronts.readers.calfin_polygons import fronts_of_polygons
from termini.fronts.readers.layers import source_path
from termini.fronts.readers.mapped_files import (
    find_columns,
    first_stated,
    layer_in,
    middle_of_traces,
    texts,
    vector_files,
)
from termini.fronts.readers.termpicks import stated_sensors
from termini.fronts.readers.termpicks_flags import read_quality
from termini.fronts.readers.traces import prior_sigma, traces_table
from termini.geo import ARCTIC

SPELLINGS: dict[str, tuple[str, ...]] = {
    "glacier": ("GlacierID",),
    "quality": ("QualFlag",),
    "satellite": ("Satellite",),
    "date": ("Date",),
    "image": ("ImageID",),
    "greenlandic": ("GrnlndcN", "GrnlndcNam"),
    "official": ("OfficialN", "Official_n"),
    "alternative": ("AltName",),
    "reference": ("RefName",),
    "author": ("Author",),
}
# Mean distance of CALFIN's fronts from manual ones on its test images (Cheng et al. 2021).
SIGMA_M = 86.76
METHOD = "CALFIN (Cheng et al. 2021)"
_FILES = r"termini_\d{4}-\d{4}_.+_v[\d.]+"
_CLOSED = re.compile(r"_(closed|polygons?)_v[\d.]+$", flags=re.IGNORECASE)
# Files that hold again what those of the basins hold, or one front a year of it.
_ALL_BASINS = re.compile(r"_Greenland(_closed|_polygons?)?_v[\d.]+$", flags=re.IGNORECASE)
_ANNUAL = re.compile(r"_annual_v[\d.]+$", flags=re.IGNORECASE)


def calfin(
    path: str | Path | None = None, *, fjords: Mapping[str, BaseGeometry] | None = None
) -> gpd.GeoDataFrame:
    """Front table of CALFIN.

    Parameters
    ----------
    path : path, optional
        Folder (any depth) or zip file with ``termini_1972-2019_<Basin>_v1.0.shp`` (lines)
        or ``..._<Basin>_closed_v1.0.shp`` (closed polygons), or one such file.
    fjords : mapping of str to polygon, optional
        Outline of the fjord by glacier id, EPSG:3413, to find fronts of closed polygons
        by; else they are found by the other polygons of the basin, see
        `termini.fronts.readers.calfin_polygons`.

    Returns
    -------
    GeoDataFrame
        Front table; glaciers are ``calfin:<GlacierID>``, as ``calfin:3``, or
        ``calfin:<RefName>`` where the number lacks. A polygon whose front is not found is
        flagged ``bad_geometry`` with the reason, one whose front may have pieces of the
        walls ``doubtful``.

    Raises
    ------
    InputError
        If there is no such file, it cannot be read or a column lacks.

    Notes
    -----
    A closed polygon of which the line is there too (same glacier, date and image) is the
    same front and makes no row. Files of all basins (``_Greenland_``) are read only where
    there is none of a basin, those of one front a year (``_annual_``) only where there is
    nothing else. QualFlag: 0 by hand, 10 by the network, with 3 for Landsat 7 with gaps.
    """
    table = _rows(path)
    closed = table["closed"].to_numpy(dtype=bool)
    reasons = [""] * len(table)
    geometry = table.geometry.to_numpy().copy()
    for glacier in table["glacier_id"][closed].unique():
        rows = np.flatnonzero(closed & (table["glacier_id"] == glacier).to_numpy())
        found = fronts_of_polygons(geometry[rows], (fjords or {}).get(glacier))
        for row, (line, reason) in zip(rows, found, strict=True):
            geometry[row], reasons[row] = line, reason
    lined = table["scene"].isin(table["scene"][~table["closed"]]).to_numpy()
    keep = ~(closed & lined)
    table = table.set_geometry(gpd.GeoSeries(geometry, index=table.index, crs=ARCTIC))
    table["reason"] = reasons
    return _fronts(table[keep].reset_index(drop=True))


def _fronts(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Front table of the rows, one a front."""
    quality = read_quality(table["quality"].tolist())
    sensors = stated_sensors(table["satellite"], table["image"])
    columns = {
        "glacier_id": table["glacier_id"].to_numpy(),
        "date": table["date"].to_numpy(),
        "sensor": sensors,
        "scene_id": table["image"].to_numpy(),
        "source": "calfin",
        "method": np.where(quality.automatic, METHOD, "manual"),
        "analyst": table["author"].to_numpy(),
        "sigma_m": [
            SIGMA_M if automatic else prior_sigma(sensor)
            for automatic, sensor in zip(quality.automatic, sensors, strict=True)
        ],
    }
    flags: dict[str, tuple[Any, Any]] = dict(quality.flags)
    said = (table["reason"] != "").to_numpy()
    none = table.geometry.isna().to_numpy()
    flags["bad_geometry"] = (said & none, table["reason"].tolist())
    flags["doubtful"] = (said & ~none, table["reason"].tolist())
    nameless = (table["glacier_id"] == "").to_numpy()
    flags["unknown_glacier"] = (nameless, "the source names no glacier")
    return traces_table(table, columns, crs=ARCTIC, flags=flags)


def calfin_glaciers(path: str | Path | None = None) -> pd.DataFrame:
    """Names and positions of the glaciers that have fronts.

    Parameters
    ----------
    path : path, optional
        As in `calfin`.

    Returns
    -------
    DataFrame
        As `termini.fronts.readers.nw_greenland.nw_greenland_glaciers`; the position is the
        middle of the lines, or of the polygons where there are no lines.
    """
    table = _rows(path)
    lined = set(table["glacier_id"][~table["closed"]])
    table = table[~table["closed"] | ~table["glacier_id"].isin(lined)]
    names = [table[key].tolist() for key in ("alternative", "official", "greenlandic", "reference")]
    others = [
        "; ".join(dict.fromkeys(n for n in row if n and n != first_stated(*[[r] for r in row])[0]))
        for row in zip(*names, strict=True)
    ]
    return middle_of_traces(table["glacier_id"], table.geometry, first_stated(*names), others)


def _rows(path: str | Path | None) -> gpd.GeoDataFrame:
    """Rows of all files, texts under the names of `SPELLINGS`, lines before polygons."""
    files = _chosen(vector_files(source_path("calfin", path), _FILES))
    tables = []
    for shown, opened in files.items():
        layer = layer_in(opened, ARCTIC, shown)
        column = find_columns(layer, SPELLINGS, ["glacier", "date", "quality"], shown)
        rows = {key: texts(layer, column.get(key)) for key in SPELLINGS}
        table = gpd.GeoDataFrame(rows, geometry=layer.geometry.to_numpy(), crs=ARCTIC)
        table["closed"] = layer.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
        tables.append(table)
    table = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=ARCTIC)
    named = first_stated(table["glacier"].tolist(), table["reference"].tolist())
    table["glacier_id"] = [f"calfin:{name.replace(' ', '-')}" if name else "" for name in named]
    # a scene without an image's name is told by its day and satellite
    image = table["image"].where(table["image"] != "", table["satellite"])
    table["scene"] = table["glacier_id"] + "|" + table["date"] + "|" + image
    return table.sort_values("closed", kind="stable", ignore_index=True)


def _chosen(files: dict[str, str]) -> dict[str, str]:
    """Files of the basins; of all basins where there are none; of the years where no other."""
    several = {shown: opened for shown, opened in files.items() if not _is(_ANNUAL, shown)}
    several = several or files
    chosen: dict[str, str] = {}
    for closed in (False, True):
        kind = {s: o for s, o in several.items() if _is(_CLOSED, s) == closed}
        chosen |= {s: o for s, o in kind.items() if not _is(_ALL_BASINS, s)} or kind
    return chosen


def _is(pattern: re.Pattern[str], file: str) -> bool:
    return pattern.search(Path(file).stem) is not None
