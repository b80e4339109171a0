"""Any table of front lines, with its columns named by the user."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from termini.errors import InputError
from termini.fronts.readers.layers import read_layer
from termini.fronts.readers.mapped_files import plain_text, texts
from termini.fronts.readers.termpicks_flags import read_quality
from termini.fronts.readers.traces import prior_sigma, sensor_name, traces_table
from termini.fronttable import crs_text
from termini.geo import DEGREES, LONLAT

#: Columns of the front table that a column of the source can fill.
FILLED = ("glacier_id", "date", "sensor", "scene_id", "method", "analyst", "sigma_m", "quality")


def read_mapped(
    path_or_frame: str | Path | gpd.GeoDataFrame,
    columns: Mapping[str, str],
    *,
    glacier_id: str | None = None,
    source: str | None = None,
    method: str = "manual",
    date_format: str | None = None,
    crs: str | None = None,
    layer: str | None = None,
) -> gpd.GeoDataFrame:
    """Front table of any vector file or GeoDataFrame.

    Parameters
    ----------
    path_or_frame : path or GeoDataFrame
        Shapefile, GeoJSON, GeoPackage, geodatabase or GeoParquet, or a table in memory.
    columns : mapping of str to str
        Column of the front table (one of `FILLED`) to the column's name in the source.
        ``date`` is needed. ``quality`` is read as the flag of TermPicks in any of its
        spellings, ``sensor`` in any usual one.
    glacier_id : str, optional
        Glacier of all rows, where no column gives it. An id without a namespace gets
        `source` as one: ``12`` of the source ``mine`` is ``mine:12``.
    source : str, optional
        Name of the dataset; by default the file's, or ``mapped``.
    method : str
        How the lines were drawn, where no column says it.
    date_format : str, optional
        As of `datetime.datetime.strptime`, as ``%d/%m/%Y``; by default dates are read
        where they can mean one thing only (`termini.times.read_dates`).
    crs : str, optional
        Projection of the lines where the source states none, or states it wrongly or in
        another wording. By default the source's own.
    layer : str, optional
        Layer of a file that has several.

    Returns
    -------
    GeoDataFrame
        Front table in EPSG:3413, every row of the source. What cannot be used is flagged
        with the reason: no date, no line, coordinates that contradict the projection.

    Raises
    ------
    InputError
        If the source cannot be read, is empty, lacks a column or a projection, `columns`
        names what the front table has not, no date fits `date_format`, or all coordinates
        contradict the projection.
    """
    what = "the table" if isinstance(path_or_frame, gpd.GeoDataFrame) else str(path_or_frame)
    _check_names(columns, glacier_id, what)
    table = _table(path_or_frame, columns, crs, layer, what)
    own = "mapped" if isinstance(path_or_frame, gpd.GeoDataFrame) else Path(path_or_frame).stem
    name = source or own
    filled, flags = _columns(table, columns, glacier_id, name, method)
    filled["date"], flags["bad_date"] = _dates(table, columns["date"], date_format, what)
    stated = crs_text(table)
    table, flags["bad_geometry"] = _right_units(table, stated, what)
    return traces_table(table, filled, crs=stated, flags=flags)


def _check_names(columns: Mapping[str, str], glacier_id: str | None, what: str) -> None:
    if unknown := sorted(set(columns) - set(FILLED)):
        raise InputError(
            f"{what}: columns: {', '.join(unknown)} cannot be filled; known are {', '.join(FILLED)}"
        )
    if "date" not in columns:
        raise InputError(f"{what}: columns: say which column is the date, as {{'date': 'Datum'}}")
    if "glacier_id" not in columns and not glacier_id:
        raise InputError(
            f"{what}: no glacier; name its column in columns as 'glacier_id', or give glacier_id="
        )


def _table(
    given: str | Path | gpd.GeoDataFrame,
    columns: Mapping[str, str],
    crs: str | None,
    layer: str | None,
    what: str,
) -> gpd.GeoDataFrame:
    """Rows of the source, two-dimensional, in a known projection."""
    try:
        wanted = CRS(crs) if crs else None
    except CRSError as error:
        raise InputError(f"crs: {crs!r} is not a projection; write it like 'EPSG:3413'") from error
    if isinstance(given, gpd.GeoDataFrame):
        table = given.reset_index(drop=True)
    elif Path(given).suffix.lower() in {".parquet", ".geoparquet"}:
        table = _parquet(Path(given))
    else:
        if not Path(given).exists():
            raise InputError(f"{given}: no such file")
        table = read_layer(given, [], layer=layer, crs=crs, relabel=True)
        wanted = None
    if wanted is not None:
        table = table.set_crs(wanted, allow_override=True)
    if missing := sorted(set(columns.values()) - set(map(str, table.columns))):
        raise InputError(
            f"{what}: lacks the column(s) {', '.join(missing)} and has "
            f"{', '.join(map(str, table.columns))}; name those in columns"
        )
    if not len(table):
        raise InputError(f"{what}: has no rows")
    if table.crs is None:
        raise InputError(f"{what}: states no projection; give crs=, as 'EPSG:3413'")
    return table.set_geometry(table.geometry.force_2d())


def _parquet(path: Path) -> gpd.GeoDataFrame:
    try:
        return gpd.read_parquet(path).reset_index(drop=True)
    except (ValueError, TypeError, KeyError, OSError, pa.ArrowException) as error:
        words = " ".join(str(error).split())
        raise InputError(f"{path}: not a GeoParquet file ({words})") from error


def _columns(
    table: gpd.GeoDataFrame,
    columns: Mapping[str, str],
    glacier_id: str | None,
    source: str,
    method: str,
) -> tuple[dict[str, Any], dict[str, tuple[Any, Any]]]:
    """Columns of the front table but the date, and flags from the source's own."""
    given = {key: texts(table, columns[key]) for key in columns if key != "date"}
    ids = [text or glacier_id or "" for text in given.get("glacier_id", [""] * len(table))]
    quality = read_quality(given.get("quality", [""] * len(table)))
    methods = given.get("method") or ["automatic" if a else "" for a in quality.automatic]
    filled: dict[str, Any] = {
        "glacier_id": [text if ":" in text or not text else f"{source}:{text}" for text in ids],
        "source": source,
        "method": [text or method for text in methods],
    }
    filled |= {key: given[key] for key in ("sensor", "scene_id", "analyst") if key in given}
    if "sigma_m" in given:
        sigma = pd.to_numeric(pd.Series(given["sigma_m"]), errors="coerce").to_numpy("float64")
        known = given.get("sensor") or given.get("scene_id") or [""] * len(table)
        priors = np.array([prior_sigma(sensor_name(text)) for text in known])
        filled["sigma_m"] = np.where(np.isfinite(sigma) & (sigma > 0), sigma, priors)
    flags: dict[str, tuple[Any, Any]] = dict(quality.flags)
    nameless = np.array([text == "" for text in ids], dtype=bool)
    flags["unknown_glacier"] = (nameless, "the row names no glacier")
    return filled, flags


def _dates(
    table: gpd.GeoDataFrame, column: str, date_format: str | None, what: str
) -> tuple[Any, tuple[NDArray[np.bool_], list[str]]]:
    """Dates of all rows, and which do not fit the format that the user gave."""
    values = table[column]
    if date_format is None:
        return values.to_numpy(), (np.zeros(len(table), dtype=bool), [""] * len(table))
    words = [plain_text(value) for value in values.tolist()]
    dates = pd.to_datetime(pd.Series(words), format=date_format, errors="coerce", utc=True)
    wrong = dates.isna().to_numpy() & np.array([text != "" for text in words])
    if wrong.any() and dates.isna().all():
        first = words[int(np.flatnonzero(wrong)[0])]
        raise InputError(
            f"{what}: no value of {column!r} fits the date format {date_format!r} (as {first!r}); "
            "give the right one, or none"
        )
    reasons = [f"{text!r} does not fit the date format {date_format!r}" for text in words]
    return dates.dt.tz_localize(None).to_numpy(), (wrong, reasons)


def _right_units(
    table: gpd.GeoDataFrame, stated: str, what: str
) -> tuple[gpd.GeoDataFrame, tuple[NDArray[np.bool_], list[str]]]:
    """Table without lines in degrees among others in metres, or the other way round."""
    extent = np.abs(table.geometry.bounds.to_numpy(dtype="float64"))
    known = np.isfinite(extent).all(axis=1)
    degrees = known & (extent.max(axis=1, initial=0.0) <= DEGREES)
    projected = CRS(stated).is_projected
    wrong = known & (degrees == projected)
    units = ("longitude and latitude", "metres") if projected else ("metres", "degrees")
    said = f"coordinates in {units[0]}, though {stated} is in {units[1]}"
    if wrong.any() and wrong.sum() == known.sum():
        right = repr(LONLAT) if projected else "the code of their projection"
        raise InputError(f"{what}: all {said}; give crs={right}")
    reasons = [
        f"{said} (as {row[0]:.6g}, {row[1]:.6g}): reproject the line" if bad else ""
        for row, bad in zip(table.geometry.bounds.to_numpy(), wrong, strict=True)
    ]
    table = table.set_geometry(table.geometry.where(~wrong))
    return table, (wrong, reasons)
