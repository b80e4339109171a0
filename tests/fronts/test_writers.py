"""Writers in published layouts: what is read again is what was written, but for what is listed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from termini.errors import InputError
from termini.fronts import read_source
from termini.fronts.readers.autoterm import METHOD as AUTOTERM
from termini.fronts.readers.calfin import METHOD as CALFIN
from termini.fronts.writers import write_autoterm, write_calfin, write_termpicks
from termini.fronttable import COLUMNS, front_table
from termini.variables import flag_bits

WRITERS = {"termpicks": write_termpicks, "calfin": write_calfin, "autoterm": write_autoterm}
METHODS = {
    "termpicks": ["manual", "automatic", "U-Net"],
    "calfin": ["manual", CALFIN, "U-Net"],
    "autoterm": [AUTOTERM, f"{AUTOTERM}, ascending", "manual"],
}
BITS = flag_bits()
_TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), max_size=12)


def target(folder, layout):
    return folder / ("fronts.shp" if layout == "termpicks" else "written")


def line(x, y, n=4):
    return LineString([(x + 10.0 * k * k, y + 300.0 * k) for k in range(n)])


@st.composite
def rows(draw, layout):
    """One row as a table in memory may hold it."""
    date, sigma = draw(
        st.sampled_from(
            [
                ("2004-05-09", 0.0), ("2004-05", 0.0), ("1931", 0.0), ("2016-07-02", 0.0),
                ("2016-07-02T13:45:00", 0.0), ("2010-03-22", 3.0), (None, 0.0),
            ]
        )
    )  # fmt: skip
    return {
        "glacier_id": f"{layout}:{draw(st.integers(1, 3))}",
        "date": date,
        "date_sigma_days": sigma,
        "sensor": draw(st.sampled_from(["Landsat-8", "Landsat-1", "Sentinel-1", "ASTER", ""])),
        "scene_id": draw(st.sampled_from(["", "LC08_L1TP_009011_20150801_01_T1", "é" * 200])),
        "source": draw(st.sampled_from([layout, "mine"])),
        "method": draw(st.sampled_from(METHODS[layout])),
        "analyst": draw(_TEXT.filter(lambda text: text.lower() not in {"nan", "none", "null"})),
        "sigma_m": draw(st.sampled_from([16.0, 86.76, 12.345678, np.nan])),
        "quality": sum(
            draw(st.sets(st.sampled_from([BITS["slc_off"], BITS["source_checked"], 1 << 7])))
        ),
        "geometry": line(-182e3 + draw(st.integers(0, 900)), -2276e3, draw(st.integers(2, 6))),
    }


def sorted_by_line(table):
    """Rows in an order that reading and writing do not change: that of their first vertex."""
    first = [
        geometry.coords[0] if geometry is not None else (0.0, 0.0) for geometry in table.geometry
    ]
    return table.iloc[sorted(range(len(table)), key=lambda i: first[i])].reset_index(drop=True)


@pytest.mark.parametrize("layout", WRITERS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_not_listed_as_lost_comes_back(layout, data, tmp_path_factory):
    given_rows = data.draw(st.lists(rows(layout), min_size=1, max_size=4))
    for k, row in enumerate(given_rows):  # lines of their own tell the rows apart
        row["geometry"] = line(-182e3 + 2000.0 * k, -2276e3)
    table = sorted_by_line(front_table(given_rows))
    path = target(tmp_path_factory.mktemp("written"), layout)
    written = WRITERS[layout](table, path)
    assert written.rows == len(table)
    assert all(file.is_file() for file in written.files)
    again = sorted_by_line(read_source(layout, path))
    assert len(again) == len(table)
    lost = written.lost.groupby("column")["rows"].sum()
    for column in COLUMNS:
        if column in {"trace_id", "note"}:
            continue
        same = (table[column] == again[column]) | (table[column].isna() & again[column].isna())
        if column in {"date_sigma_days", "sigma_m"}:
            same = np.isclose(table[column], again[column], equal_nan=True)
        if column == "sensor":  # told by the image's name where it is not stated
            same |= table[column] == ""
        if column == "quality":
            same = (table[column] & ~again[column]) == 0
        assert int((~np.asarray(same)).sum()) <= lost.get(column, 0), (column, table, again)
    moved = table.geometry.distance(again.geometry)
    assert moved.max() < 1e-3


@pytest.mark.parametrize("layout", WRITERS)
def test_reading_and_writing_again_changes_nothing(layout, tmp_path):
    made = [
        {
            "glacier_id": f"{layout}:{k % 2 + 1}",
            "date": f"2015-0{k + 1}-03",
            "sensor": "Landsat-8",
            "source": layout,
            "method": METHODS[layout][0],
            "geometry": line(-182e3 + 700.0 * k, -2276e3),
        }
        for k in range(4)
    ]
    WRITERS[layout](front_table(made), target(tmp_path / "a", layout))
    once = read_source(layout, target(tmp_path / "a", layout))
    second = WRITERS[layout](once, target(tmp_path / "b", layout))
    assert second.lost.empty
    twice = read_source(layout, target(tmp_path / "b", layout))
    pd.testing.assert_frame_equal(
        pd.DataFrame(once.drop(columns="geometry")), pd.DataFrame(twice.drop(columns="geometry"))
    )
    assert once.geometry.distance(twice.geometry).max() < 1e-3


def one(layout, **columns):
    row = {"glacier_id": f"{layout}:7", "date": "2015-08-01", "geometry": line(-182e3, -2276e3)}
    return front_table([row | columns])


def lost(written):
    return set(written.lost["column"])


@pytest.mark.parametrize("layout", WRITERS)
def test_number_of_another_numbering_is_not_taken(layout, tmp_path):
    table = one(layout, glacier_id="measures:3")
    with pytest.raises(InputError, match=r"'measures:3'.*numbers="):
        WRITERS[layout](table, target(tmp_path, layout))
    written = WRITERS[layout](table, target(tmp_path, layout), numbers={"measures:3": 278})
    assert read_source(layout, target(tmp_path, layout))["glacier_id"].tolist() == [f"{layout}:278"]
    assert "glacier_id" in lost(written)


@pytest.mark.parametrize("layout", WRITERS)
def test_rows_without_date_or_line_are_written_and_flagged_when_read(layout, tmp_path):
    table = front_table(
        [
            {"glacier_id": f"{layout}:7", "date": None, "geometry": line(-182e3, -2276e3)},
            {"glacier_id": f"{layout}:7", "date": "2015-08-01", "geometry": None},
            {"glacier_id": f"{layout}:7", "date": "2015-08-02", "geometry": Point(-182e3, -2276e3)},
        ]
    )
    written = WRITERS[layout](table, target(tmp_path, layout))
    again = read_source(layout, target(tmp_path, layout))
    assert len(again) == 3
    assert int((again["quality"] & BITS["bad_date"] != 0).sum()) == 1
    assert int((again["quality"] & BITS["bad_geometry"] != 0).sum()) == 2
    row = written.lost.set_index("column").loc["geometry"]
    assert row["rows"] == 1
    assert row["example"] == table["trace_id"][table.geom_type == "Point"].iloc[0]


@pytest.mark.parametrize("layout", WRITERS)
def test_no_rows_no_front_table_no_projection(layout, tmp_path):
    table = one(layout)
    with pytest.raises(InputError, match="no rows"):
        WRITERS[layout](table.iloc[:0], target(tmp_path, layout))
    with pytest.raises(InputError, match="lacks analyst"):
        WRITERS[layout](table.drop(columns="analyst"), target(tmp_path, layout))
    bare = gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=list(table.geometry))
    with pytest.raises(InputError, match="set_crs"):
        WRITERS[layout](bare, target(tmp_path, layout))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("layout", ["calfin", "autoterm"])
def test_folder_that_holds_something_is_refused(layout, tmp_path):
    (tmp_path / "GID1.shp").write_text("somebody's")
    with pytest.raises(InputError, match="give a new folder"):
        WRITERS[layout](one(layout), tmp_path)
    assert (tmp_path / "GID1.shp").read_text() == "somebody's"


def test_termpicks_columns_are_those_of_the_layout(tmp_path):
    write_termpicks(one("termpicks", date="1931"), tmp_path / "x.shp")
    table = pyogrio.read_dataframe(tmp_path / "x.shp")
    assert list(table.columns) == [
        "GlacierID", "Date", "Year", "Month", "Day", "DecDate", "QualFlag", "Satellite", "ImageID",
        "Author", "Center_X", "Center_Y", "geometry",
    ]  # fmt: skip
    assert table["Date"].tolist() == ["1931-00-00"]
    assert table[["Year", "Month", "Day"]].to_numpy().tolist() == [[1931, 0, 0]]
    assert sorted(part.suffix for part in tmp_path.iterdir()) == [
        ".cpg", ".dbf", ".prj", ".shp", ".shx",
    ]  # fmt: skip


def test_termpicks_holds_one_flag_and_lists_the_others(tmp_path):
    both = BITS["slc_off"] | BITS["source_checked"] | BITS["outlier"]
    written = write_termpicks(one("termpicks", quality=both), tmp_path / "x.shp")
    again = read_source("termpicks", tmp_path / "x.shp")
    assert again["quality"].tolist() == [BITS["slc_off"]]
    reasons = written.lost.loc[written.lost["column"] == "quality", "reason"]
    assert sorted(text.split()[-1] for text in reasons) == ["outlier", "source_checked"]


def test_termpicks_needs_a_shapefile_and_replaces_one(tmp_path):
    with pytest.raises(InputError, match=r"\.shp"):
        write_termpicks(one("termpicks"), tmp_path / "x.gpkg")
    write_termpicks(one("termpicks", analyst="A"), tmp_path / "x.shp")
    write_termpicks(one("termpicks", analyst="B"), tmp_path / "x.shp")
    assert read_source("termpicks", tmp_path / "x.shp")["analyst"].tolist() == ["B"]


def test_calfin_files_are_named_after_the_glacier(tmp_path):
    two = pd.concat([one("calfin"), one("calfin", glacier_id="calfin:8", date="1990-01-02")])
    names = {"calfin:7": "Rink Isbræ", "calfin:8": "Rink Isbræ"}
    written = write_calfin(two, tmp_path / "out", names=names)
    assert sorted(file.name for file in written.files) == [
        "termini_1990-1990_Rink-Isbræ_v1.0.shp",
        "termini_2015-2015_Rink-Isbræ_v1.0.shp",
    ]
    again = read_source("calfin", tmp_path / "out")
    assert again["glacier_id"].tolist() == ["calfin:7", "calfin:8"]


def test_autoterm_is_in_degrees_with_errors_as_text(tmp_path):
    table = one("autoterm", sigma_m=12.5, sensor="Sentinel-1", method=f"{AUTOTERM}, descending")
    written = write_autoterm(table, tmp_path / "out")
    assert [file.name for file in written.files] == ["GID7.shp"]
    raw = pyogrio.read_dataframe(written.files[0])
    assert raw.crs.is_geographic
    assert raw.iloc[0][["Date", "Glacier ID", "Satellite", "Error"]].tolist() == [
        "2015-08-01", "GID7", "Sentinel1_descending", "12.5",
    ]  # fmt: skip
