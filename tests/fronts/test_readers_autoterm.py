"""AutoTerm: a shapefile a glacier in degrees, errors as text, orbits, broken files."""

from __future__ import annotations

import geopandas as gpd
import miniatures_a
import numpy as np
import pandas as pd
import pytest
from miniatures import front

from termini.errors import InputError
from termini.fronts import read_source, source_glaciers
from termini.fronts.readers import autoterm
from termini.fronts.readers.autoterm import METHOD
from termini.fronttable import COLUMNS
from termini.variables import flag_names


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return miniatures_a.write_autoterm(tmp_path_factory.mktemp("published"))


def test_every_row_of_every_file(folder):
    table = read_source("autoterm", folder)
    assert list(table.columns) == [*COLUMNS, "geometry"]
    assert table.crs.to_epsg() == 3413
    n = len(miniatures_a.AUTOTERM_ROWS)
    assert table["glacier_id"].value_counts().to_dict() == {
        "autoterm:1": n, "autoterm:2": n, "autoterm:3": 1,
    }  # fmt: skip
    assert table["trace_id"].is_unique
    for number, place in [(1, 3), (2, 75)]:
        own = table[table["glacier_id"] == f"autoterm:{number}"]
        for k, (date, _, _) in enumerate(miniatures_a.AUTOTERM_ROWS):
            line = own.loc[own["date"] == date, "geometry"].iloc[0]
            assert line.hausdorff_distance(front(place, 120.0 * k)) < 1e-3


def test_broken_file_is_a_row_with_the_reason(folder):
    row = read_source("autoterm", folder).iloc[-1]
    assert row["glacier_id"] == "autoterm:3"
    assert "bad_geometry" in flag_names(row["quality"])
    assert "GID3.shp" in row["note"]
    with pytest.raises(InputError, match=r"GID3\.shp.*cannot be read"):
        read_source("autoterm", folder / "GID3.shp")


def test_sensors_orbits_errors(folder):
    table = read_source("autoterm", folder)
    own = table[table["glacier_id"] == "autoterm:1"].set_index("date")
    assert own["sensor"].tolist() == [
        "Landsat-5", "Landsat-7", "Landsat-8", "Sentinel-1", "Sentinel-1", "Sentinel-2",
    ]  # fmt: skip
    assert own.loc["2018-01-12", "method"] == f"{METHOD}, ascending"
    assert own.loc["2018-01-14", "method"] == f"{METHOD}, descending"
    assert own.loc["2019-08-01", "method"] == METHOD
    # stated, and where it says N/A the mean of the sensor's and the duplicates' value
    assert own["sigma_m"].tolist() == [23.1, 18.2, 12.5, 35.0, (30 + 26) / 2, (14 + 26) / 2]
    other = table[table["glacier_id"] == "autoterm:2"].set_index("date")
    assert other.loc["2018-01-14", "sigma_m"] == 40.0  # the sensor's is 0, not known
    assert (table["correlation_group"] == "").all()


def test_errors_without_the_table_and_with_another(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TERMINI_DATA", str(tmp_path))
    file = miniatures_a.shapefile(miniatures_a.autoterm_frame(7, 3), tmp_path / "a" / "GID7.shp")
    sigma = read_source("autoterm", file)["sigma_m"].tolist()
    assert sigma[-2:] == [29.0, 14.0]  # as usual for Sentinel-1 and Sentinel-2
    beside = tmp_path / "glacier_tables" / "uncertainty_all_lola.txt"
    beside.parent.mkdir()
    beside.write_text("70 -50 1 2 3 4 5 0\n" * 7)
    assert read_source("autoterm", file)["sigma_m"].tolist()[-2:] == [4.0, 5.0]
    beside.write_text("70 -50\n")
    with pytest.raises(InputError, match="has 2 columns"):
        autoterm(file, errors=beside)
    beside.write_text("seventy\n")
    with pytest.raises(InputError, match="not AutoTerm's table"):
        autoterm(file, errors=beside)


def test_zip_and_one_file(folder, tmp_path):
    packed = miniatures_a.zipped(folder, tmp_path / "autoterm.zip")
    table = read_source("autoterm", packed)
    assert len(table) == 2 * len(miniatures_a.AUTOTERM_ROWS) + 1
    assert set(read_source("autoterm", folder / "GID2.shp")["glacier_id"]) == {"autoterm:2"}


def test_positions(folder):
    glaciers = source_glaciers("autoterm", folder).set_index("glacier_id")
    assert list(glaciers.index) == ["autoterm:1", "autoterm:2", "autoterm:3"]
    for name, place in [("autoterm:1", 3), ("autoterm:2", 75)]:
        x, y = miniatures_a.PLACES[place]
        assert np.hypot(glaciers.loc[name, "x"] - x, glaciers.loc[name, "y"] - y) < 5e3


def frame(**columns):
    table = miniatures_a.autoterm_frame(4, 3).iloc[:2].reset_index(drop=True)
    return table.assign(**columns)


def test_bad_input(tmp_path):
    with pytest.raises(InputError, match="holds no vector file"):
        read_source("autoterm", tmp_path)
    file = miniatures_a.shapefile(frame().drop(columns="Date"), tmp_path / "a" / "GID4.shp")
    with pytest.raises(InputError, match=r"GID4\.shp: lacks the column\(s\) date"):
        read_source("autoterm", file)
    file = miniatures_a.shapefile(frame(Date=["soon", "2015-08-01"]), tmp_path / "b" / "GID4.shp")
    table = read_source("autoterm", file)
    assert sorted(table["quality"].map(lambda v: tuple(flag_names(v)))) == [(), ("bad_date",)]
    assert "'soon' is not a date" in "".join(table["note"])
    empty = frame(geometry=gpd.GeoSeries([None, front(3)], crs="EPSG:3413").to_crs("EPSG:4326"))
    table = read_source("autoterm", miniatures_a.shapefile(empty, tmp_path / "c" / "GID4.shp"))
    assert len(table) == 2
    double = frame(Date="2015-08-01", Satellite="Landsat8")
    table = read_source("autoterm", miniatures_a.shapefile(double, tmp_path / "d" / "GID4.shp"))
    assert table["trace_id"].is_unique


def test_projections(tmp_path):
    metres = frame().to_crs("EPSG:3413")
    bare = miniatures_a.shapefile(metres, tmp_path / "a" / "GID4.shp", wkt="")
    with pytest.raises(InputError, match=r"states no projection.*in metres"):
        read_source("autoterm", bare)
    degrees = miniatures_a.shapefile(frame(), tmp_path / "b" / "GID4.shp", wkt="")
    utm = miniatures_a.shapefile(frame().to_crs("EPSG:32622"), tmp_path / "c" / "GID4.shp")
    for file in (degrees, utm):
        line = read_source("autoterm", file).geometry.iloc[0]
        assert line.hausdorff_distance(front(3)) < 0.01


def test_glacier_from_the_files_name(tmp_path):
    file = miniatures_a.shapefile(frame().drop(columns="Glacier ID"), tmp_path / "GID_012.shp")
    assert set(read_source("autoterm", file)["glacier_id"]) == {"autoterm:12"}
    pd.testing.assert_series_equal(
        read_source("autoterm", file)["date"], read_source("autoterm", tmp_path)["date"]
    )
