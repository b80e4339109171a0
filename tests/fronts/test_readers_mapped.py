"""Any table of fronts with its columns named by the user."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from miniatures import front
from shapely.geometry import LineString, Point

from termini.errors import InputError
from termini.fronts import read_mapped
from termini.fronttable import COLUMNS
from termini.variables import flag_names

MAP = {"date": "Datum", "glacier_id": "Nummer"}


def frame(n=3, crs="EPSG:3413", **columns):
    given_columns = {
        "Datum": [f"2015-08-0{k + 1}" for k in range(n)],
        "Nummer": [12] * n,
        "Satellit": ["LC08"] * n,
        "Fehler": [10.0 + k for k in range(n)],
        "Güte": ["0", "1", "3"][:n],
    } | columns
    lines = [front(3, 100.0 * k) for k in range(n)]
    return gpd.GeoDataFrame(given_columns, geometry=lines, crs="EPSG:3413").to_crs(crs)


def names(table):
    return [flag_names(value) for value in table["quality"]]


def test_all_columns_that_can_be_filled():
    made = frame(Bild=["a", "b", "c"], Wer=["X", "Y", None], Wie=["net", "", "hand"])
    table = read_mapped(
        made,
        {**MAP, "sensor": "Satellit", "sigma_m": "Fehler", "quality": "Güte", "scene_id": "Bild",
         "analyst": "Wer", "method": "Wie"},
        source="mine",
    )  # fmt: skip
    assert list(table.columns) == [*COLUMNS, "geometry"]
    assert set(table["glacier_id"]) == {"mine:12"}
    assert table["sensor"].tolist() == ["Landsat-8"] * 3
    assert table["sigma_m"].tolist() == [10.0, 11.0, 12.0]
    assert names(table) == [[], ["source_uncertain"], ["slc_off"]]
    assert table["scene_id"].tolist() == table["correlation_group"].tolist() == ["a", "b", "c"]
    assert table["analyst"].tolist() == ["X", "Y", ""]
    assert table["method"].tolist() == ["net", "manual", "hand"]
    assert (table["source"] == "mine").all()


@pytest.mark.parametrize("ending", ["shp", "gpkg", "geojson", "parquet"])
def test_files(tmp_path, ending):
    file = tmp_path / f"own.{ending}"
    made = frame(crs="EPSG:4326" if ending == "geojson" else "EPSG:32622").drop(columns="Güte")
    if ending == "parquet":
        made.to_parquet(file)
    else:
        made.to_file(file)
    table = read_mapped(file, MAP)
    assert set(table["glacier_id"]) == {"own:12"}
    for k, line in enumerate(table.geometry):
        assert line.hausdorff_distance(front(3, 100.0 * k)) < 0.01


@given(st.permutations(range(3)), st.sampled_from(["EPSG:3413", "EPSG:32622", "EPSG:4326"]))
def test_order_and_projection_do_not_matter(order, crs):
    expected = read_mapped(frame(), MAP)
    table = read_mapped(frame(crs=crs).iloc[list(order)], MAP)
    assert table.drop(columns="geometry").equals(expected.drop(columns="geometry"))
    assert table.geometry.distance(expected.geometry).max() < 0.01


def test_glacier_and_source_given_for_all():
    table = read_mapped(frame(), {"date": "Datum"}, glacier_id="measures:3", source="mine")
    assert set(table["glacier_id"]) == {"measures:3"}
    empty = frame(Nummer=[None, "x:1", ""])
    table = read_mapped(empty, MAP)
    assert sorted(table["glacier_id"]) == ["", "", "x:1"]
    assert names(table).count(["unknown_glacier"]) == 2


def test_date_formats():
    made = frame(Datum=["03/02/2016", "04/02/2016", "2016-02-05"])
    table = read_mapped(made, MAP, date_format="%d/%m/%Y")
    assert table["date"].dropna().dt.strftime("%Y-%m-%d").tolist() == ["2016-02-03", "2016-02-04"]
    assert "'2016-02-05' does not fit the date format '%d/%m/%Y'" in table["note"].iloc[-1]
    # without a format such dates can be read in two ways, and are not read
    open_table = read_mapped(made, MAP)
    assert open_table["date"].notna().sum() == 1
    assert sum("day or the month" in note for note in open_table["note"]) == 2
    with pytest.raises(InputError, match=r"no value of 'Datum' fits .*'03/02/2016'"):
        read_mapped(made, MAP, date_format="%Y.%m.%d")
    coarse = read_mapped(frame(Datum=["1931", "1931-07", "1931-07-04"]), MAP)
    assert sorted(coarse["date_sigma_days"].round(1)) == [0.0, 8.8, 105.4]


def test_missing_columns_and_wrong_names(tmp_path):
    with pytest.raises(InputError, match=r"the table: lacks the column\(s\) Tag and has Datum"):
        read_mapped(frame(), {**MAP, "date": "Tag"})
    with pytest.raises(InputError, match=r"colour cannot be filled; known are glacier_id, date"):
        read_mapped(frame(), {**MAP, "colour": "Datum"})
    with pytest.raises(InputError, match="say which column is the date"):
        read_mapped(frame(), {"glacier_id": "Nummer"})
    with pytest.raises(InputError, match="no glacier"):
        read_mapped(frame(), {"date": "Datum"})
    with pytest.raises(InputError, match="no such file"):
        read_mapped(tmp_path / "x.shp", MAP)
    (tmp_path / "x.parquet").write_bytes(b"no")
    with pytest.raises(InputError, match="not a GeoParquet file"):
        read_mapped(tmp_path / "x.parquet", MAP)
    with pytest.raises(InputError, match="has no rows"):
        read_mapped(frame().iloc[:0], MAP)


def test_projection_missing_or_wrong(tmp_path):
    bare = gpd.GeoDataFrame(frame().drop(columns="geometry"), geometry=list(frame().geometry))
    with pytest.raises(InputError, match="states no projection; give crs="):
        read_mapped(bare, MAP)
    assert read_mapped(bare, MAP, crs="EPSG:3413").geometry.iloc[0].equals(front(3))
    with pytest.raises(InputError, match="not a projection"):
        read_mapped(bare, MAP, crs="greenland")
    degrees = frame(crs="EPSG:4326").set_crs("EPSG:3413", allow_override=True)
    with pytest.raises(InputError, match=r"in longitude and latitude.*give crs='EPSG:4326'"):
        read_mapped(degrees, MAP)
    right = read_mapped(degrees, MAP, crs="EPSG:4326")
    degrees.to_file(tmp_path / "degrees.gpkg")
    filed = read_mapped(tmp_path / "degrees.gpkg", MAP, crs="EPSG:4326")
    np.testing.assert_allclose(filed.total_bounds, right.total_bounds, atol=1e-3)
    assert right.geometry.iloc[0].hausdorff_distance(front(3)) < 0.01
    metres = frame().set_crs("EPSG:4326", allow_override=True)
    with pytest.raises(InputError, match="in metres, though EPSG:4326 is in degrees"):
        read_mapped(metres, MAP)


@pytest.mark.parametrize("crs", ["EPSG:3413", "EPSG:32622", "EPSG:4326"])
def test_one_line_in_other_units_is_flagged(crs):
    made = frame(crs=crs)
    odd = frame(crs="EPSG:3413" if crs == "EPSG:4326" else "EPSG:4326")
    made.loc[1, "geometry"] = odd.geometry.iloc[1]
    table = read_mapped(made, MAP)
    assert names(table) == [[], ["bad_geometry"], []]
    assert "reproject the line" in table["note"].iloc[1]
    assert table.geometry.iloc[2].hausdorff_distance(front(3, 200.0)) < 0.01


def test_what_is_no_line_and_doubles():
    made = frame(Datum=["2015-08-01"] * 3)
    made["geometry"] = [Point(-182e3, -2276e3), None, front(3)]
    table = read_mapped(made, MAP)
    assert sorted(map(tuple, names(table))) == [(), ("bad_geometry",), ("bad_geometry",)]
    assert table["trace_id"].is_unique
    infinite = frame()
    infinite.loc[0, "geometry"] = LineString([(np.inf, 0), (1e5, 1e5)])
    assert "bad_geometry" in names(read_mapped(infinite, MAP))[0]


def test_heights_are_left_out():
    made = frame()
    made["geometry"] = made.geometry.force_3d(7.0)
    assert not read_mapped(made, MAP).geometry.has_z.any()
    assert isinstance(read_mapped(made, MAP), pd.DataFrame)


def test_traces_far_from_the_others_of_their_glacier_are_flagged_whatever_else_is():
    made = frame(5, Datum=["2015-08-01", "2015", "2015-08-03", "sometime", "2015-08-05"],
                 Güte=["0", "0", "0", "0", "1"])  # fmt: skip
    lines = list(made.geometry)
    lines[3:] = list(made.geometry.to_crs("EPSG:32622"))[3:]
    table = read_mapped(made.set_geometry(lines, crs=made.crs), MAP | {"quality": "Güte"})
    by_date = table.set_index(table["date"].dt.day.fillna(0).astype(int))
    found = {day: flag_names(value) for day, value in by_date["quality"].items()}
    assert found[1] == found[3] == []
    assert found[2] == ["date_coarse"]
    assert set(found[0]) == {"outside_domain", "bad_date"}
    assert set(found[5]) == {"outside_domain", "source_uncertain"}
    far = by_date["note"].str.contains("km from other traces")
    assert set(by_date.index[far]) == {0, 5}
    assert not by_date["note"].str.match(r"\d+(;|$)").any()
