"""TermPicks: every spelling of its columns, flags and dates, and broken files."""

from __future__ import annotations

import geopandas as gpd
import miniatures_a
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from miniatures import front

from termini.errors import InputError
from termini.fronts import read_source, source_glaciers
from termini.fronts.readers.termpicks_dates import date_texts
from termini.fronts.readers.termpicks_flags import read_flag, read_quality
from termini.fronttable import COLUMNS
from termini.variables import flag_bits, flag_names


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return miniatures_a.write_termpicks(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def table(folder):
    return read_source("termpicks", folder)


def row_of(table, analyst, date):
    found = table[(table["analyst"] == analyst) & (table["date"] == pd.Timestamp(date))]
    assert len(found) == 1
    return found.iloc[0]


def test_every_row_of_the_latest_version_is_there(table):
    assert len(table) == len(miniatures_a.TERMPICKS_ROWS)
    assert list(table.columns) == [*COLUMNS, "geometry"]
    assert (table["source"] == "termpicks").all()
    assert set(table["glacier_id"]) == {"termpicks:278", "termpicks:75"}
    assert table["trace_id"].is_unique


def test_esri_projection_keeps_its_axes_and_lines(table):
    lines = [
        front(miniatures_a._WHERE[row[0]], 250.0 * k)
        for k, row in enumerate(miniatures_a.TERMPICKS_ROWS)
    ]
    for line in lines:
        assert min(line.hausdorff_distance(one) for one in table.geometry) < 1e-6


def test_unknown_month_is_no_second_of_july(table):
    year = row_of(table, "Bjork_A", "1931-07-02")
    assert year["date_sigma_days"] == pytest.approx(105.4, abs=0.1)
    assert "date_coarse" in flag_names(year["quality"])
    month = row_of(table, "Bjork_A", "1949-07-15")
    assert month["date_sigma_days"] == pytest.approx(8.8, abs=0.1)
    filled_in = row_of(table, "Bjork_A", "1972-07-02")
    assert filled_in["date_sigma_days"] == pytest.approx(105.4, abs=0.1)


def test_flags_authors_images(table):
    assert flag_names(row_of(table, "Carr_J", "2015-08-01")["quality"]) == ["source_checked"]
    assert flag_names(row_of(table, "Joughin_I", "2004-05-09")["quality"]) == ["slc_off"]
    automatic = row_of(table, "Cheng_D", "2016-09-13")
    assert automatic["method"] == "automatic"
    assert flag_names(automatic["quality"]) == ["slc_off"]
    assert flag_names(row_of(table, "Fahrner_D", "2016-09-14")["quality"]) == ["open_end"]
    assert (table["method"] == "manual").sum() == len(table) - 1
    named = table[table["scene_id"] != ""]
    assert (named["correlation_group"] == named["scene_id"]).all()
    assert set(table["sensor"]) >= {"Landsat-8", "Landsat-1", "ASTER", "Aerial", "Sentinel-2"}


def test_what_is_not_understood_is_said(table):
    row = row_of(table, "Wood_M", "2016-09-15")
    assert flag_names(row["quality"]) == ["source_uncertain"]
    assert "the date 2016-09-15 contradicts year, month and day 2016-09-16" in row["note"]
    assert "quality flag '05' of the source" in row["note"]
    undated = table[table["date"].isna()].iloc[0]
    assert "2016-13-45" in undated["note"]
    assert flag_names(undated["quality"]) == ["bad_date"]


@pytest.mark.parametrize(
    ("text", "digits", "automatic"),
    [
        ("00", [], False), ("0", [], False), ("", [], False), ("nan", [], False),
        ("-999", [], False), ("1", [1], False), ("01", [1], False), ("1.0", [1], False),
        ("02", [2], False), ("3", [3], False), ("03", [3], False), ("X3", [3], False),
        ("4", [4], False), ("10", [], True), ("13", [3], True), ("11", [1], True),
        ("13.0", [3], True), ("1,3", [1, 3], False), ("03;04", [3, 4], False),
        ("2 & 3", [2, 3], False), ("23", [2, 3], False), ("124", [1, 2, 4], False),
        ("SLC-off", [3], False), ("cloud/shadow", [1], False), ("partial pick", [4], False),
        ("checked on second image", [2], False), ("Manual", [], False), ("auto", [], True),
        ("good", [], False), ("no issues", [], False),
    ],
)  # fmt: skip
def test_spellings_of_the_quality_flag(text, digits, automatic):
    found, by_program, odd = read_flag(text)
    assert sorted(found) == digits
    assert by_program == automatic
    assert odd == ""


@pytest.mark.parametrize("text", ["5", "05", "99", "hmm", "1;oh"])
def test_unknown_quality_flags_are_kept_in_words(text):
    _, _, odd = read_flag(text)
    assert repr(text) in odd
    quality = read_quality(["0", text])
    mask, reasons = quality.flags["source_uncertain"]
    assert mask.tolist() == [False, True]
    assert repr(text) in reasons[1]


@pytest.mark.parametrize(
    "name",
    ["QualFlag", "Quality_Flag", "Quality_Fl", "QFlag", "QUALFLAG", "qual_flag", "Quality"],
)
@pytest.mark.parametrize("kind", [str, int, float])
def test_names_and_types_of_the_quality_column(tmp_path, name, kind):
    ending = "shp" if len(name) <= 10 else "gpkg"
    file = one_row(tmp_path, {name: [kind(3)]}, name=f"TermPicks_V2.{ending}")
    assert flag_names(read_source("termpicks", file)["quality"].iloc[0]) == ["slc_off"]


def one_row(folder, columns, name="TermPicks_V2.shp", crs="EPSG:3413"):
    given = {"GlacierID": [12], "Date": ["2015-08-01"], **columns}
    given = {key: value for key, value in given.items() if value is not None}
    frame = gpd.GeoDataFrame(given, geometry=[front(3)], crs=crs)
    return miniatures_a.shapefile(frame, folder / name)


def test_what_geedit_exports(tmp_path):
    frame = gpd.GeoDataFrame(
        {
            "TermPicksID": [12], "satellite": ["LANDSAT_7"], "imageID": ["LANDSAT/LE07/x_20040503"],
            "date": ["2004-05-03"], "Official": ["Sermeq"], "cloudShadowFlag": [True],
            "otherImageFlag": [False], "SLCFlag": [True], "partialPickFlag": [True],
            "notes": [""], "operatorName": ["A. Analyst"],
        },
        geometry=[front(3)],
        crs="EPSG:3413",
    )  # fmt: skip
    frame.to_crs("EPSG:4326").to_file(tmp_path / "pick.geojson")
    row = read_source("termpicks", tmp_path / "pick.geojson").iloc[0]
    assert flag_names(row["quality"]) == ["open_end", "source_uncertain", "slc_off"]
    assert row["analyst"] == "A. Analyst"
    assert row["glacier_id"] == "termpicks:12"
    assert row["geometry"].hausdorff_distance(front(3)) < 0.01
    assert source_glaciers("termpicks", tmp_path / "pick.geojson")["name"].tolist() == ["Sermeq"]
    # as a shapefile, in which no name has more than ten letters
    cut = frame.rename(columns={name: name[:10] for name in frame if name != "geometry"})
    miniatures_a.shapefile(cut, tmp_path / "cut" / "pick.shp")
    again = read_source("termpicks", tmp_path / "cut" / "pick.shp").iloc[0]
    assert (
        again[["analyst", "quality", "date"]].tolist()
        == row[["analyst", "quality", "date"]].tolist()
    )


def test_versions_and_zip(folder, tmp_path, table):
    assert len(read_source("termpicks", folder / "TermPicks_V1.shp")) == 3
    packed = miniatures_a.zipped(folder, tmp_path / "TermPicks_V2.zip")
    pd.testing.assert_frame_equal(
        pd.DataFrame(read_source("termpicks", packed)), pd.DataFrame(table)
    )
    one_row(tmp_path, {}, name="TermPicks+CALFIN_V3.shp")
    one_row(tmp_path, {"Author": ["A"]}, name="TermPicks_V1.shp")
    assert read_source("termpicks", tmp_path)["analyst"].tolist() == ["A"]


def test_positions(folder):
    glaciers = source_glaciers("termpicks", folder).set_index("glacier_id")
    assert set(glaciers.index) == {"termpicks:278", "termpicks:75"}
    assert abs(glaciers.loc["termpicks:278", "x"] - miniatures_a.PLACES[3][0]) < 2e3
    assert (glaciers["name"] == "").all()


def test_missing_columns_files_projections(tmp_path):
    with pytest.raises(InputError, match=r"lacks the column\(s\) glacier \(as GlacierID"):
        read_source("termpicks", one_row(tmp_path / "a", {"GlacierID": None, "x": [1]}))
    with pytest.raises(InputError, match=r"lacks the column\(s\) date"):
        read_source("termpicks", one_row(tmp_path / "b", {"Date": None}))
    (tmp_path / "c").mkdir()
    with pytest.raises(InputError, match=r"docs/datasets\.md"):
        read_source("termpicks", tmp_path / "c")
    broken = tmp_path / "c" / "x.zip"
    broken.write_bytes(b"no zip")
    with pytest.raises(InputError, match="download it again"):
        read_source("termpicks", broken)


def test_degrees_without_prj_are_refused(tmp_path):
    frame = gpd.GeoDataFrame({"GlacierID": [1], "Date": ["2015-08-01"]}, geometry=[front(3)])
    degrees = frame.set_crs("EPSG:3413").to_crs("EPSG:4326")
    file = miniatures_a.shapefile(degrees, tmp_path / "TermPicks_V2.shp", wkt="")
    with pytest.raises(InputError, match=r"states no projection.*in degrees"):
        read_source("termpicks", file)
    metres = miniatures_a.shapefile(
        frame.set_crs("EPSG:3413"), tmp_path / "b" / "TermPicks_V2.shp", wkt=""
    )
    assert read_source("termpicks", metres).geometry.iloc[0].hausdorff_distance(front(3)) < 1e-6


def test_another_projection_is_reprojected(tmp_path):
    file = one_row(tmp_path, {}, crs="EPSG:3413")
    moved = gpd.read_file(file).to_crs("EPSG:32622")
    other = miniatures_a.shapefile(moved, tmp_path / "b" / "TermPicks_V2.shp")
    assert read_source("termpicks", other).geometry.iloc[0].hausdorff_distance(front(3)) < 0.01


def test_broken_rows_are_flagged_and_doubles_kept(tmp_path):
    frame = gpd.GeoDataFrame(
        {"GlacierID": [5, 5, 5, np.nan], "Date": ["2015-08-01"] * 4, "Author": ["A"] * 4},
        geometry=[front(3), front(3), None, front(3)],
        crs="EPSG:3413",
    )
    table = read_source("termpicks", miniatures_a.shapefile(frame, tmp_path / "TermPicks_V2.shp"))
    assert len(table) == 4
    assert table["trace_id"].is_unique
    bits = flag_bits()
    assert ((table["quality"] & bits["bad_geometry"]) != 0).sum() == 1
    assert ((table["quality"] & bits["unknown_glacier"]) != 0).tolist() == [True] + [False] * 3


@given(
    st.integers(1900, 2024),
    st.integers(0, 12),
    st.integers(0, 28),
    st.sampled_from(["-", "/", "_", ""]),
)
def test_date_says_no_more_than_is_known(year, month, day, mark):
    text = f"{year:04d}{mark}{month:02d}{mark}{day:02d}"
    parts = [[str(part)] for part in (year, month, day)]
    (from_text,), (conflict,) = date_texts([text], [""], [""], [""], [""], parts=False)
    (from_parts,), _ = date_texts([""], *parts, [""])
    (from_both,), (also,) = date_texts([text], *parts, [""])
    assert from_text == from_parts == from_both
    assert conflict == also == ""
    known = [f"{year:04d}"] + ([f"{month:02d}"] if month else [])
    known += [f"{day:02d}"] if month and day else []
    assert from_text == "-".join(known)


def test_decimal_year_where_nothing_else_is_given(tmp_path):
    columns = {"Date": [None], "Year": [0], "Month": [0], "Day": [0], "DecDate": [2015.581]}
    date = read_source("termpicks", one_row(tmp_path, columns))["date"].iloc[0]
    assert date.normalize() == pd.Timestamp("2015-08-01")
