"""Observations of a front table that need not fit into memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.files import written_whole
from termini.fronttable import GROUP_ROWS, parquet_storage, read_fronts
from termini.series.observe import observe
from termini.series.settings import DEFAULT_MEASURES, ObservationSettings

_ROWS = 16_384
_GROUP_ROWS = 8192
# Of what is left, one group is not more than one part in so many.
_SHARE = 6
# Lines that zstd leaves larger than this share of them are stored as they are.
_SHRINKS = 0.875


def glacier_groups(
    path: str | Path, rows: int = _ROWS, fewest: int | None = None
) -> list[list[str]]:
    """Glaciers of a front table in groups of about equally many fronts.

    Parameters
    ----------
    path : path
        GeoParquet file.
    rows : int
        Fronts a group; a glacier of more is a group by itself.
    fewest : int, optional
        Groups towards the end are smaller, down to this many fronts, so that processes
        that take one after the other end at about the same time. By default they are not.

    Returns
    -------
    list of list of str
        Ids, sorted.

    Raises
    ------
    InputError
        If the file is no front table, or has one ``trace_id`` on two rows.
    """
    try:
        names = pq.read_table(path, columns=["glacier_id", "trace_id"]).to_pandas()
        glacier, trace = names["glacier_id"], names["trace_id"]
    except (OSError, KeyError, pa.ArrowException):
        read_fronts(path)  # says what is wrong
        raise
    if trace.duplicated().any():
        double = trace[trace.duplicated()].iloc[0]
        raise InputError(
            f"{path}: trace_id {double!r} stands on more than one row; give each front an id "
            "of its own"
        )
    groups: list[list[str]] = []
    room, left = 0, len(glacier)
    for name, count in glacier.fillna("").astype(str).value_counts().sort_index().items():
        if room < count:
            groups.append([])
            room = rows if fewest is None else min(rows, max(left // _SHARE, fewest))
        groups[-1].append(str(name))
        room -= int(count)
        left -= int(count)
    return groups


def observe_file(
    path: str | Path,
    domains: Mapping[str, GlacierDomain],
    measures: Iterable[str] = DEFAULT_MEASURES,
    *,
    reference_date: str | pd.Timestamp | None = None,
    settings: ObservationSettings | None = None,
    progress: bool = False,
    workers: int | None = None,
    rows: int = _ROWS,
) -> Iterator[tuple[pd.DataFrame, gpd.GeoDataFrame]]:
    """`observe` for a file, some glaciers at a time.

    Parameters
    ----------
    path : path
        Front table that `write_fronts` wrote.
    domains, measures, reference_date, settings, workers
        As `observe` takes them.
    progress : bool
        Show a progress bar.
    rows : int
        Fronts that are in memory together.

    Yields
    ------
    observations : DataFrame
        Of whole glaciers, in the order of their ids; one after the other they are
        what `observe` gives for the whole table.
    fronts : GeoDataFrame
        Their fronts with flags added.
    """
    groups = glacier_groups(path, rows)
    wanted = tuple(measures)
    for group in tqdm(groups, "measuring fronts", disable=not progress, unit="group"):
        yield observe(
            read_fronts(path, group), domains, wanted,
            reference_date=reference_date, settings=settings, workers=workers,
        )  # fmt: skip


def write_observations(parts: Iterable[pd.DataFrame], path: str | Path) -> int:
    """Write observations as they come.

    Parameters
    ----------
    parts : iterable of DataFrame
        Observations, as from `observe_file`.
    path : path
        Parquet file.

    Returns
    -------
    int
        Number of rows written.
    """
    writer, count = None, 0
    with written_whole(path) as temporary:
        try:
            for part in parts:
                table = pa.Table.from_pandas(part, preserve_index=False)
                writer = writer or pq.ParquetWriter(
                    temporary, table.schema, compression="zstd", **storage_of(table.schema)
                )
                writer.write_table(table.cast(writer.schema))
                count += len(part)
        finally:
            if writer is not None:
                writer.close()
        if writer is None:
            raise InputError(f"{path}: there are no observations to write")
    return count


def joined(parts: Sequence[Path], path: str | Path) -> Path:
    """Parquet files of the same columns as one, one part in memory at a time.

    Parameters
    ----------
    parts : sequence of pathlib.Path
        Files, in their order; GeoParquet files in one projection, or plain ones.
    path : path
        File to write. Its groups of rows are as large as `write_fronts` makes them.

    Returns
    -------
    pathlib.Path
        The path.
    """
    schema = pq.read_schema(parts[0])
    metadata = dict(schema.metadata or {})
    geo = [json.loads((pq.read_schema(part).metadata or {}).get(b"geo", b"null")) for part in parts]
    if geo[0] is not None:
        metadata[b"geo"] = json.dumps(_geo_of(geo)).encode()
    schema = schema.with_metadata(metadata)
    rows = GROUP_ROWS if geo[0] is not None else _GROUP_ROWS
    waiting: list[pa.Table] = []
    kinds = _compression(pq.read_table(parts[0], memory_map=True).slice(0, rows))
    with (
        written_whole(path) as temporary,
        pq.ParquetWriter(temporary, schema, compression=kinds, **storage_of(schema)) as writer,
    ):
        for part in parts:
            waiting.append(pq.read_table(part, memory_map=True, use_threads=False).cast(schema))
            table = pa.concat_tables(waiting)
            full = len(table) - len(table) % rows
            if full:
                writer.write_table(table.slice(0, full), row_group_size=rows)
            waiting = [table.slice(full)]
        if len(waiting[0]) or not sum(pq.read_metadata(part).num_rows for part in parts):
            writer.write_table(waiting[0], row_group_size=rows)
    return Path(path)


def _compression(sample: pa.Table) -> dict[str, str]:
    """Which columns are compressed: all but lines that hardly become smaller by it.

    Coordinates that were measured shrink by a tenth, those on a grid to a half; compressing
    is most of the time that it takes to write them.
    """
    kinds = dict.fromkeys(sample.schema.names, "zstd")
    if "geometry" in kinds and len(sample):
        lines = b"".join(v for v in sample["geometry"].to_pylist() if v is not None)
        if len(pa.compress(lines, codec="zstd", asbytes=True)) > _SHRINKS * len(lines):
            kinds["geometry"] = "none"
    return kinds


def storage_of(schema: pa.Schema) -> dict[str, Any]:
    """How columns are stored: as in front tables, and measures without dictionaries.

    Parameters
    ----------
    schema : pyarrow.Schema
        The columns.

    Returns
    -------
    dict
        Options of `pyarrow.parquet.ParquetWriter`.
    """
    options = parquet_storage(schema.names)
    options["use_dictionary"] = [
        name
        for name in options["use_dictionary"]
        if not pa.types.is_floating(schema.field(name).type)
    ]
    return options


def _geo_of(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """GeoParquet's own metadata of all parts together."""
    whole = dict(parts[0])
    for name, column in whole["columns"].items():
        mine = [part["columns"][name] for part in parts]
        column["geometry_types"] = sorted({kind for one in mine for kind in one["geometry_types"]})
        boxes = np.array([one["bbox"] for one in mine if one.get("bbox")])
        boxes = boxes[np.isfinite(boxes).all(axis=1)] if len(boxes) else boxes
        if len(boxes):
            half = boxes.shape[1] // 2
            low, high = boxes[:, :half].min(axis=0), boxes[:, half:].max(axis=0)
            column["bbox"] = [*low.tolist(), *high.tolist()]
    return whole
