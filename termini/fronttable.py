"""The front table: one row per front trace, the contract between all rooms.

A GeoDataFrame in memory, GeoParquet on disk. Readers of published datasets and
the extraction both give it; screening only sets flags in it; series are made
from it. A trace that is rejected stays, with the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from termini.errors import InputError
from termini.files import written_whole
from termini.frontflags import checked_coordinates, crs_text, flag, put_dates
from termini.geo import ARCTIC, spelt_out

__all__ = ["COLUMNS", "crs_text", "flag", "front_table", "read_fronts", "write_fronts"]

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
#: Small groups of rows, of which only those of the glaciers asked for are read.
GROUP_ROWS = 2048
# Of these hardly two rows are alike: to look for it takes longer than to write them.
_UNLIKE = {"trace_id", "scene_id", "geometry"}


def front_table(rows: Any, crs: str = ARCTIC) -> gpd.GeoDataFrame:
    """Front table from rows that hold some of its columns and a geometry.

    Parameters
    ----------
    rows : GeoDataFrame, DataFrame or list of dict
        Needs ``glacier_id``, ``date`` and ``geometry``; other columns of
        `COLUMNS` are filled where they lack, further columns are refused. Dates
        are read as by `termini.times.read_dates`; a year or month alone is flagged.
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
        If a needed column lacks or a column is unknown, a date cannot be read in
        one way only, two rows have one ``trace_id``, or all coordinates contradict
        the projection. Single rows that contradict it are flagged.
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
    put_dates(full, table["date"], "date")
    geometry = gpd.GeoSeries(table["geometry"].to_numpy(), crs=stated or crs)
    fresh = (full["trace_id"] == "").to_numpy()
    if fresh.any():
        full.loc[fresh, "trace_id"] = _trace_ids(full[fresh])
    if doubled := sorted(set(full["trace_id"][full["trace_id"].duplicated()])):
        raise InputError(
            f"front table has {len(doubled)} trace_id(s) on more than one row (as {doubled[0]!r}); "
            "give each trace an id of its own, or leave the column out and ids are made"
        )
    result = gpd.GeoDataFrame(full, geometry=geometry)
    result = checked_coordinates(result, "front table")
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


def parquet_storage(columns: Iterable[str]) -> dict[str, Any]:
    """How columns of a front table, or made from one, are stored in Parquet files.

    Parameters
    ----------
    columns : iterable of str
        Names of the columns.

    Returns
    -------
    dict
        Options of `pyarrow.parquet.ParquetWriter`: for which columns dictionaries of
        their values, and smallest and largest values, are kept.
    """
    names = list(columns)
    return {
        "use_dictionary": [name for name in names if name not in _UNLIKE],
        "write_statistics": [name for name in names if name != "geometry"],
    }


def write_fronts(
    table: gpd.GeoDataFrame, path: str | Path, *, compression: str | None = "zstd"
) -> Path:
    """Write a front table as GeoParquet, the same bytes for the same table.

    Parameters
    ----------
    table : GeoDataFrame
        Front table.
    path : path
        File to write.
    compression : str, optional
        As Parquet has it; None for a file that is soon read again and deleted.

    Returns
    -------
    pathlib.Path
        The path.
    """
    stated = table.set_crs(spelt_out(crs_text(table)), allow_override=True)
    with written_whole(path) as temporary:
        stated.to_parquet(
            temporary, compression=compression, index=False, schema_version="1.1.0",
            row_group_size=GROUP_ROWS, **parquet_storage(stated.columns),
        )  # fmt: skip
    return Path(path)


def read_fronts(path: str | Path, glaciers: Collection[str] | None = None) -> gpd.GeoDataFrame:
    """Read a front table that `write_fronts` wrote.

    Parameters
    ----------
    path : path
        GeoParquet file.
    glaciers : collection of str, optional
        Only fronts of these glaciers, without the others in memory; by default all.

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
    return read_fronts_and_lines(path, glaciers)[0]


def read_fronts_and_lines(
    path: str | Path, glaciers: Collection[str] | None = None
) -> tuple[gpd.GeoDataFrame, pa.ChunkedArray | None]:
    """`read_fronts`, and the lines as they stand in the file.

    Parameters
    ----------
    path, glaciers
        As `read_fronts` takes them.

    Returns
    -------
    fronts : GeoDataFrame
        Front table.
    lines : pyarrow.ChunkedArray or None
        Well-known binary of its lines; None if the file holds them in another way.

    Raises
    ------
    InputError
        As `read_fronts` does.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; give a front table that termini wrote")
    try:
        with np.errstate(invalid="ignore"):  # of coordinates that are not finite
            table, lines = _read(path, glaciers)
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
    return _checked(table, path), lines


def _read(
    path: str | Path, glaciers: Collection[str] | None
) -> tuple[gpd.GeoDataFrame, pa.ChunkedArray | None]:
    """Table of a GeoParquet file, and its lines as they stand there."""
    chosen = None if glaciers is None else [("glacier_id", "in", sorted(glaciers))]
    fields = [field for field in pq.read_schema(path) if field.metadata]
    if len(fields) == 1 and fields[0].metadata.get(b"ARROW:extension:name") == b"geoarrow.wkb":
        # some glaciers are read beside others: threads would only be in their way
        raw = pq.read_table(path, filters=chosen, use_threads=chosen is None)
        return gpd.GeoDataFrame.from_arrow(raw), raw[fields[0].name]
    return gpd.read_parquet(path, filters=chosen), None


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _checked(table: gpd.GeoDataFrame, path: str | Path) -> gpd.GeoDataFrame:
    """Table whose columns have their types; a value that cannot be is refused with its row."""
    table = table.reset_index(drop=True)
    for name in _TEXT:
        table[name] = table[name].astype("str").where(table[name].notna(), "")
    for name in [*_NUMBER, "quality"]:
        number = pd.to_numeric(table[name], errors="coerce").astype("float64")
        wrong = (number.isna() & table[name].notna()) | (number < 0) | np.isinf(number)
        if name == "quality":
            number = number.fillna(0.0)
            wrong |= (number != np.floor(number)) | (number >= 2**31)
        _refuse(path, table, name, wrong, "a number that is not negative, or nothing")
        table[name] = number.astype("int32") if name == "quality" else number
    put_dates(table, table["date"], f"{path}: date")
    _refuse(path, table, "trace_id", table["trace_id"] == "", "an id of its own")
    _refuse(path, table, "trace_id", table["trace_id"].duplicated(), "an id that no other row has")
    return checked_coordinates(table, path)


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
