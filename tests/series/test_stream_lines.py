"""Lines of fronts that are written as they were read."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString

from termini.fronttable import front_table, read_fronts, read_fronts_and_lines, write_fronts
from termini.series.stream_lines import write_part

LINES = [
    LineString([(0, -2e6), (900, -2e6 + 20)]),
    LineString([(10, -2e6, 5.0), (800, -2e6 + 9, 6.0), (950, -2e6, 7.0)]),
    MultiLineString([[(0, -2e6), (300, -2e6)], [(400, -2e6), (800, -2e6 + 50)]]),
    None,
    LineString(),
    LineString([(-50, -2e6 - 70), (1000, -2e6 + 90)]),
    LineString([(0, -2e6), (900, -2e6 + 20)]),
]


def table_of(lines):
    rows = pd.DataFrame(
        {
            "glacier_id": "test:1",
            "date": pd.date_range("2001-01-01", periods=len(lines), freq="40D"),
            "geometry": lines,
        }
    )
    return front_table(gpd.GeoDataFrame(rows, crs="EPSG:3413"))


def encoded_in(path, encode):
    """Write the lines of a file again in another encoding."""
    table = pq.read_table(path)
    lines = shapely.from_wkb(np.array(table["geometry"]))
    place = table.schema.get_field_index("geometry")
    field = table.schema.field("geometry")
    pq.write_table(table.set_column(place, field, pa.array(encode(lines), field.type)), path)


def same_files(one, two):
    first, second = pq.read_table(one), pq.read_table(two)
    assert first.equals(second)
    assert first.schema.equals(second.schema, check_metadata=True)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, len(LINES) - 1), min_size=1, max_size=12),
    st.sets(st.integers(0, 11)),
    st.sampled_from(["plain", "big-endian", "with a projection"]),
)
def test_a_part_is_what_writing_the_table_gives(tmp_path_factory, kinds, turned, how):
    folder = tmp_path_factory.mktemp("lines")
    path = write_fronts(table_of([LINES[k] for k in kinds]), folder / "fronts.parquet")
    if how == "big-endian":
        encoded_in(path, lambda lines: shapely.to_wkb(lines, byte_order=0, flavor="iso"))
    elif how == "with a projection":
        encoded_in(
            path,
            lambda lines: shapely.to_wkb(
                shapely.set_srid(lines, 3413), include_srid=True, flavor="extended"
            ),
        )
    table, encoded = read_fronts_and_lines(path)
    known = table.geometry.to_numpy().copy()
    for row in turned & set(range(len(table))):
        if known[row] is not None:
            table.loc[row, "geometry"] = shapely.reverse(known[row])
    write_part(table, folder / "part.parquet", known, encoded)
    write_fronts(table, folder / "whole.parquet", compression=None)
    same_files(folder / "part.parquet", folder / "whole.parquet")


def test_a_file_that_does_not_say_how_its_lines_are_held_is_read_all_the_same(tmp_path):
    table = table_of(LINES)
    path = write_fronts(table, tmp_path / "fronts.parquet")
    raw = pq.read_table(path)
    bare = pa.schema([field.remove_metadata() for field in raw.schema], raw.schema.metadata)
    pq.write_table(raw.cast(bare), path)
    found, lines = read_fronts_and_lines(path)
    assert lines is None
    assert found.drop(columns="geometry").equals(table.drop(columns="geometry"))
    assert found.crs == table.crs
    assert shapely.to_wkb(found.geometry).tolist() == shapely.to_wkb(table.geometry).tolist()


def test_lines_come_as_they_stand_in_the_file(tmp_path):
    table = table_of(LINES)
    path = write_fronts(table, tmp_path / "fronts.parquet")
    found, lines = read_fronts_and_lines(path, ["test:1"])
    assert lines.to_pylist() == pq.read_table(path)["geometry"].to_pylist()
    assert found.crs == read_fronts(path).crs == table.crs
    geo = json.loads(pq.read_schema(path).metadata[b"geo"])
    assert np.array(geo["columns"]["geometry"]["bbox"]) == pytest.approx(found.total_bounds)
