"""The front table: one row per front trace, the contract between all rooms.

A GeoDataFrame in memory, GeoParquet on disk. Readers of published datasets and
the extraction both give it; screening only sets flags in it; series are made
from it. A trace that is rejected stays, with the reason.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
from pyproj import CRS

from termini.errors import InputError
from termini.files import written_whole
from termini.geo import ARCTIC, spelt_out
from termini.times import to_dates
from termini.variables import flag_bits

#: Columns in their order, with what fills them where a source says nothing.
COLUMNS: dict[str, Any] = {
    "trace_id": "",
    "glacier_id": "",
    "date": pd.NaT,
    "date_sigma_days": 0.0,
    "sensor": "",
    "scene_id": "",
    "source": "",
    "method": "",
    "analyst": "",
    "sigma_m": np.nan,
    "correlation_group": "",
    "quality": 0,
    "note": "",
}
_TEXT = [name for name, empty in COLUMNS.items() if isinstance(empty, str)]
_NUMBER = ["date_sigma_days", "sigma_m"]


def front_table(rows: Any, crs: str = ARCTIC) -> gpd.GeoDataFrame:
    """Front table from rows that hold some of its columns and a geometry.

    Parameters
    ----------
    rows : GeoDataFrame, DataFrame or list of dict
        Needs ``glacier_id``, ``date`` and ``geometry``; other columns of
        `COLUMNS` are filled where they lack, further columns are refused.
    crs : str
        Projection of the geometries if `rows` does not state one.

    Returns
    -------
    GeoDataFrame
        Columns as in `COLUMNS` plus ``geometry``, sorted by glacier, date and
        trace, with a fresh integer index.

    Raises
    ------
    InputError
        If a needed column lacks or a column is unknown.
    """
    table = pd.DataFrame(rows) if not isinstance(rows, pd.DataFrame) else rows
    needed = {"glacier_id", "date", "geometry"}
    if len(table) == 0:
        table = pd.DataFrame({name: [] for name in [*COLUMNS, "geometry"]})
    if missing := needed - set(table.columns):
        raise InputError(f"front table lacks the column(s) {sorted(missing)}")
    if unknown := set(table.columns) - set(COLUMNS) - {"geometry"}:
        raise InputError(
            f"front table has unknown column(s) {sorted(unknown)}; known are {list(COLUMNS)}"
        )
    stated = getattr(rows, "crs", None)
    full = pd.DataFrame(index=pd.RangeIndex(len(table)))
    for name, empty in COLUMNS.items():
        full[name] = table[name].to_numpy() if name in table else empty
    for name in _TEXT:
        full[name] = full[name].fillna("").astype("str")
    full[_NUMBER] = full[_NUMBER].astype("float64")
    full["quality"] = full["quality"].fillna(0).astype("int32")
    full["date"] = to_dates(full["date"])
    geometry = gpd.GeoSeries(table["geometry"].to_numpy(), crs=stated or crs)
    fresh = (full["trace_id"] == "").to_numpy()
    if fresh.any():
        full.loc[fresh, "trace_id"] = _trace_ids(full[fresh])
    result = gpd.GeoDataFrame(full, geometry=geometry)
    return result.sort_values(["glacier_id", "date", "trace_id"], ignore_index=True)


def _trace_ids(table: pd.DataFrame) -> list[str]:
    """Stable ids: a hash of glacier, date, scene and source, and of the turn among equals."""
    key = (
        table["glacier_id"]
        + "|"
        + table["date"].astype("str").fillna("undated")
        + "|"
        + table["scene_id"]
        + "|"
        + table["source"]
    )
    turn = key.groupby(key).cumcount()
    key = key.where(turn == 0, key + "|" + turn.astype("str"))
    return [hashlib.sha256(text.encode()).hexdigest()[:16] for text in key]


def flag(
    table: gpd.GeoDataFrame, rows: Any, name: str, reason: str | list[str] = ""
) -> gpd.GeoDataFrame:
    """Front table with a quality flag set on some rows and the reason noted.

    Parameters
    ----------
    table : GeoDataFrame
        Front table; it is changed in place.
    rows : boolean mask
        Which traces.
    name : str
        Flag from ``variables.yml``.
    reason : str or list of str
        What to add to ``note``: one text, or one for each flagged row.

    Returns
    -------
    GeoDataFrame
        The same table.
    """
    rows = np.asarray(rows, dtype=bool)
    if not rows.any():
        return table
    bit = flag_bits()[name]
    table["quality"] = np.where(rows, table["quality"] | bit, table["quality"]).astype("int32")
    added = pd.Series(reason, index=table.index[rows], dtype="str")
    if (added != "").any():
        old = table.loc[rows, "note"]
        table.loc[rows, "note"] = (old + "; " + added).where(
            (old != "") & (added != ""), old + added
        )
    return table


def write_fronts(table: gpd.GeoDataFrame, path: str | Path) -> Path:
    """Write a front table as GeoParquet, the same bytes for the same table.

    Parameters
    ----------
    table : GeoDataFrame
        Front table.
    path : path
        File to write.

    Returns
    -------
    pathlib.Path
        The path.
    """
    stated = table.set_crs(spelt_out(crs_text(table)), allow_override=True)
    with written_whole(path) as temporary:
        stated.to_parquet(temporary, compression="zstd", index=False, schema_version="1.1.0")
    return Path(path)


def read_fronts(path: str | Path) -> gpd.GeoDataFrame:
    """Read a front table that `write_fronts` wrote.

    Parameters
    ----------
    path : path
        GeoParquet file.

    Returns
    -------
    GeoDataFrame
        Front table.

    Raises
    ------
    InputError
        If the file is missing, is not GeoParquet, lacks columns or a projection,
        or holds a value of the wrong kind; the message names its row.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; give a front table that termini wrote")
    try:
        with np.errstate(invalid="ignore"):  # of coordinates that are not finite
            table = gpd.read_parquet(path)
    except (ValueError, TypeError, KeyError, OSError, pa.ArrowException) as error:
        raise InputError(
            f"{path}: not a GeoParquet file ({_one_line(error)}); give a front table that "
            "termini wrote"
        ) from error
    if missing := set(COLUMNS) - set(table.columns):
        raise InputError(
            f"{path}: not a front table, it lacks {sorted(missing)}; "
            "use 'termini fronts import' to read a published dataset"
        )
    if table.crs is None:
        raise InputError(
            f"{path}: the table states no projection; set one with geopandas' set_crs()"
        )
    return _checked(table, path)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _checked(table: gpd.GeoDataFrame, path: str | Path) -> gpd.GeoDataFrame:
    """Table whose columns have their types; a value that cannot be is refused with its row."""
    table = table.reset_index(drop=True)
    for name in _TEXT:
        table[name] = table[name].astype("str").where(table[name].notna(), "")
    table["date"] = to_dates(table["date"], f"{path}: date")
    for name in [*_NUMBER, "quality"]:
        number = pd.to_numeric(table[name], errors="coerce").astype("float64")
        wrong = (number.isna() & table[name].notna()) | (number < 0) | np.isinf(number)
        if name == "quality":
            number = number.fillna(0.0)
            wrong |= (number != np.floor(number)) | (number >= 2**31)
        _refuse(path, table, name, wrong, "a number that is not negative, or nothing")
        table[name] = number.astype("int32") if name == "quality" else number
    _refuse(path, table, "trace_id", table["trace_id"] == "", "an id of its own")
    _refuse(path, table, "trace_id", table["trace_id"].duplicated(), "an id that no other row has")
    return table


def _refuse(
    path: str | Path, table: gpd.GeoDataFrame, name: str, wrong: pd.Series, needed: str
) -> None:
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"{path}: {name}: row {row} (trace {table['trace_id'].iloc[row]!r}) holds "
            f"'{table[name].iloc[row]}', needed is {needed}; mend or leave out this row and the "
            f"{int(wrong.sum()) - 1} more like it"
        )


def crs_text(table: gpd.GeoDataFrame) -> str:
    """Projection of a table as a text that pyproj takes.

    Parameters
    ----------
    table : GeoDataFrame
        Any table with geometry.

    Returns
    -------
    str
        ``EPSG:...`` where it has a code, else WKT.

    Raises
    ------
    InputError
        If the table states no projection.
    """
    if table.crs is None:
        raise InputError("the table states no projection; set one with set_crs()")
    crs = CRS(table.crs)
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.to_wkt())
