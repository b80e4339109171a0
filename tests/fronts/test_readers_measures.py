"""MEaSUREs NSIDC-0642 and NSIDC-0781, on miniatures in the layout that other programs read."""

from __future__ import annotations

import front_miniatures
import pandas as pd
import pyogrio
import pytest

from termini.errors import InputError
from termini.fronts import read_source, source_glaciers
from termini.fronts.readers.measures_traces import measures_id, middle_of
from termini.geo import ARCTIC
from termini.variables import flag_names


@pytest.fixture
def annual(tmp_path):
    return front_miniatures.write_measures_0642(tmp_path)


@pytest.fixture
def weekly(tmp_path):
    return front_miniatures.write_measures_0781(tmp_path)


def test_a_winter_mosaic_dates_its_fronts_to_weeks_and_shares_its_error(annual):
    table = read_source("measures_0642", annual)
    winter = table[table["date"] == pd.Timestamp("2000-11-15")]
    assert winter["glacier_id"].tolist() == ["measures:175", "measures:3"]
    assert winter["date_sigma_days"].to_numpy() == pytest.approx(151 / 12**0.5)
    assert [flag_names(q) for q in winter["quality"]] == [["date_coarse"]] * 2
    assert set(winter["correlation_group"]) == {"measures_0642 mosaic 01Sep2000-30Jan2001"}
    assert set(winter["sensor"]) == {"Radarsat-1"}


def test_both_versions_are_one_table(annual):
    table = read_source("measures_0642", annual)
    assert len(table) == 7
    dated = table.set_index("date")["date_sigma_days"]
    assert dated[pd.Timestamp("2015-02-10")] == pytest.approx(12 / 12**0.5)
    assert dated[pd.Timestamp("2021-02-05")] == 0
    flags = {flag for q in table["quality"] for flag in flag_names(q)}
    assert flags == {
        "date_coarse",
        "bad_date",
        "source_uncertain",
        "source_checked",
        "bad_geometry",
    }
    assert "'no image' is not a date" in table[table["date"].isna()]["note"].iloc[0]


def test_names_and_places_come_from_the_table_of_glaciers(annual):
    glaciers = source_glaciers("measures_0642", annual).set_index("glacier_id")
    assert glaciers.loc["measures:3", "name"] == "Jakobshavn Isbrae"
    assert glaciers.loc["measures:3", "other_names"] == "Sermeq Kujalleq"
    assert tuple(glaciers.loc["measures:3", ["x", "y"]]) == front_miniatures.PLACES["jakobshavn"]
    for part in annual.rglob("GlacierIDs*"):
        part.unlink()
    without = source_glaciers("measures_0642", annual).set_index("glacier_id")
    assert without.loc["measures:175", "name"] == "Helheim"


def test_one_winter_alone(annual):
    assert len(read_source("measures_0642", annual / "termini_0001_v01.2.shp")) == 2


def test_weekly_traces_share_the_mosaic_they_were_drawn_on(weekly):
    table = read_source("measures_0781", weekly)
    assert set(table["sensor"]) == {"Sentinel-1"}
    assert table.groupby("correlation_group").size().tolist() == [3, 2]
    assert "'2020-13-45' is not a date" in table[table["date"].isna()]["note"].iloc[0]


def test_two_dates_of_a_mosaic_give_its_middle(tmp_path):
    rows = [{"GlacierID": "3", "DATE1": "2020-01-06", "DATE2": "2020-01-18"}]
    file = tmp_path / "termini_weekly.shp"
    front_miniatures.write(file, rows, [front_miniatures.front("jakobshavn")], ARCTIC)
    table = read_source("measures_0781", file)
    assert table["date"].iloc[0] == pd.Timestamp("2020-01-12")
    assert table["date_sigma_days"].iloc[0] == pytest.approx(12 / 12**0.5)


@pytest.mark.parametrize(
    ("lost", "message"), [("Glacier_ID", "glacier number"), ("SourceDate", "date")]
)
def test_a_missing_column_names_it_and_what_there_is(weekly, lost, message):
    file = weekly / "glacier_termini_v01.0.shp"
    table = pyogrio.read_dataframe(file).drop(columns=lost)
    pyogrio.write_dataframe(table, file)
    with pytest.raises(
        InputError, match=rf"lacks the column\(s\) for the {message}.*has .*Image_ID"
    ):
        read_source("measures_0781", weekly)


def test_degrees_that_are_called_metres_are_refused_with_the_remedy(weekly):
    file = weekly / "glacier_termini_v01.0.shp"
    table = pyogrio.read_dataframe(file).to_crs("EPSG:4326")
    pyogrio.write_dataframe(table.set_crs(ARCTIC, allow_override=True), file)
    with pytest.raises(InputError, match=r"glacier_termini_v01\.0\.shp.*degrees.*EPSG:4326"):
        read_source("measures_0781", weekly)


def test_a_folder_of_other_files(tmp_path):
    front_miniatures.write(
        tmp_path / "other.shp", [{"a": 1}], [front_miniatures.front("helheim")], ARCTIC
    )
    with pytest.raises(InputError, match="holds no shapefile of a winter"):
        read_source("measures_0642", tmp_path)


@pytest.mark.parametrize(
    ("number", "glacier"),
    [
        (3, "measures:3"),
        (3.0, "measures:3"),
        (" 3 ", "measures:3"),
        (None, ""),
        ("3a", "measures:3a"),
    ],
)
def test_numbers_in_any_spelling(number, glacier):
    assert measures_id(number) == glacier


def test_a_range_that_cannot_be_read_has_no_middle():
    assert middle_of("01Sep2000", "winter") == (None, 0.0)
