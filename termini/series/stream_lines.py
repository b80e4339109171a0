"""Fronts of a part written with their lines as they were read."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from termini.files import written_whole
from termini.fronttable import GROUP_ROWS, crs_text, parquet_storage
from termini.geo import spelt_out

# Well-known binary of a line: byte order, kind (ISO, with z more by 1000), number of points.
_HEAD = np.dtype([("order", "u1"), ("kind", "<u4"), ("points", "<u4")])
_BYTES_A_POINT = {2: 16, 1002: 24}


def write_part(
    table: gpd.GeoDataFrame, path: Path, known: NDArray[np.object_], encoded: pa.ChunkedArray
) -> None:
    """Write fronts as `write_fronts` does without compression, faster.

    Parameters
    ----------
    table : GeoDataFrame
        Front table.
    path : pathlib.Path
        File to write.
    known : ndarray of shapely geometry or None, shape (n,)
        Its lines as they were read; those that still are the same objects are not
        encoded again.
    encoded : pyarrow.ChunkedArray, shape (n,)
        What they were read from.
    """
    now = table.geometry.to_numpy()
    changed = np.array([one is not old for one, old in zip(now, known, strict=True)], dtype=bool)
    few = _with_few_lines(table, changed)
    buffer = BytesIO()
    few.set_crs(spelt_out(crs_text(table)), allow_override=True).to_parquet(
        buffer, compression=None, index=False, schema_version="1.1.0"
    )
    part = pq.read_table(buffer, use_threads=False)
    place = part.schema.get_field_index(table.geometry.name)
    kind = part.schema.field(place)
    lines = pa.chunked_array([_plain(chunk.cast(kind.type)) for chunk in encoded.chunks], kind.type)
    if changed.any():
        lines = pc.coalesce(part.column(place), lines)
    with written_whole(path) as temporary:
        pq.write_table(
            part.set_column(place, kind, lines), temporary, compression="none",
            row_group_size=GROUP_ROWS, **parquet_storage(part.column_names),
        )  # fmt: skip


def _with_few_lines(table: gpd.GeoDataFrame, changed: NDArray[np.bool_]) -> gpd.GeoDataFrame:
    """Table with None for lines that are as they were read.

    Those of each kind and at the bounds stay, by which the file says what all are.
    """
    lines, kept = table.geometry.to_numpy(), changed.copy()
    kinds = 2 * shapely.get_type_id(lines) + shapely.has_z(lines)
    kept[np.unique(kinds, return_index=True)[1]] = True
    bounds = shapely.bounds(lines)
    if not np.isnan(bounds).all():
        kept[np.nanargmin(bounds[:, :2], axis=0)] = True
        kept[np.nanargmax(bounds[:, 2:], axis=0)] = True
    return table.set_geometry(gpd.GeoSeries(np.where(kept, lines, None), table.index, table.crs))


def _plain(lines: pa.Array) -> pa.Array:
    """Lines in the one way in which they are written; most are in it."""
    starts = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset :][: len(lines) + 1]
    long_enough = np.diff(starts) >= _HEAD.itemsize
    data = np.frombuffer(lines.buffers()[2] or b"", np.uint8)
    heads = np.zeros(len(lines), dtype=_HEAD)
    rows = starts[:-1][long_enough, None] + np.arange(_HEAD.itemsize)
    heads[long_enough] = data[rows].view(_HEAD)[:, 0]
    each = np.select(
        [heads["kind"] == kind for kind in _BYTES_A_POINT], list(_BYTES_A_POINT.values())
    )
    length = _HEAD.itemsize + heads["points"].astype(np.int64) * each
    good = (heads["order"] == 1) & (each > 0) & (length == np.diff(starts))
    good |= ~np.asarray(lines.is_valid())
    if good.all():
        return lines
    found = np.array(lines.to_pylist(), dtype=object)
    found[~good] = shapely.to_wkb(shapely.from_wkb(found[~good]), byte_order=1, flavor="iso")
    return pa.array(found, lines.type)
