"""Readers of published front datasets: on miniatures in the real layout, and on the real files."""

from __future__ import annotations

import shutil

import miniatures
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, Point

from termini.errors import InputError
from termini.fronts import get_source, read_source, source_glaciers
from termini.fronts.readers.trace_lines import one_line
from termini.fronts.readers.traces import prior_sigma, read_dates, sensor_name
from termini.fronttable import COLUMNS, read_fronts, write_fronts
from termini.variables import flag_bits, flag_names

FOLDERS = {
    "nw_greenland": "nw_greenland",
    "jakobshavn": "jakobshavn",
    "harald_moltke": "harald_moltke",
    "daugaard_jensen": "central_east",
    "svalbard": "svalbard",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return miniatures.write_all(tmp_path_factory.mktemp("published"))


def read(root, name):
    return read_source(name, root / FOLDERS[name])


def flags(table):
    return [flag_names(value) for value in table["quality"]]


@pytest.mark.parametrize("name", FOLDERS)
def test_every_source_gives_a_front_table(root, name):
    table = read(root, name)
    assert list(table.columns) == [*COLUMNS, "geometry"]
    assert table.crs.to_epsg() == 3413
    assert table["trace_id"].is_unique
    assert (table["source"] == name).all()
    assert (table["sigma_m"] > 0).all()
    assert table["glacier_id"].str.fullmatch(r"[a-z]+:\w+").all()
    pd.testing.assert_frame_equal(table, read(root, name))


@pytest.mark.parametrize("name", FOLDERS)
def test_every_source_knows_its_glaciers(root, name):
    glaciers = source_glaciers(name, root / FOLDERS[name])
    assert {"glacier_id", "name", "other_names", "x", "y"} <= set(glaciers)
    assert set(read(root, name)["glacier_id"]) <= set(glaciers["glacier_id"])
    assert glaciers[["x", "y"]].notna().all().all()


def published(root, name):
    """Lines of a miniature as a user of plain geopandas reads them, in EPSG:3413."""
    folder = root / FOLDERS[name]
    if name == "nw_greenland":
        files = [(folder / "nwgreenland_decadal.gdb", {"layer": "annual_termini"})]
    else:
        pattern = {"svalbard": "*/front_positions.geojson", "daugaard_jensen": "*.geojson"}
        files = [(file, {}) for file in sorted(folder.rglob(pattern.get(name, "*.shp")))]
    lines = []
    for file, options in files:
        try:
            table = pyogrio.read_dataframe(file, on_invalid="ignore", **options)
        except pyogrio.errors.DataSourceError:
            continue  # the truncated one
        if "Polar_Stereographic" in table.crs.to_wkt() or table.crs.to_epsg() == 3413:
            table = table.set_crs("EPSG:3413", allow_override=True)
        lines += [g for g in table.to_crs("EPSG:3413").geometry if g is not None]
    return lines


@pytest.mark.parametrize("name", FOLDERS)
def test_every_line_of_a_miniature_comes_through_unchanged(root, tmp_path, name):
    table = read(root, name)
    lines = published(root, name)
    held = table[~table.geometry.isna()].geometry.to_numpy()
    assert len(lines) == len(held) > 0
    for line in lines:
        if len(shapely.get_parts(line)) == 1:
            assert shapely.hausdorff_distance(line, held).min() < 0.01
        else:  # the bridges between its pieces are new; its vertices are all there
            corners = shapely.points(shapely.get_coordinates(line))
            assert min(shapely.distance(corners, one).max() for one in held) < 0.01
    again = read_fronts(write_fronts(table, tmp_path / "fronts.parquet"))
    pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(table))


def test_default_path_is_the_data_root(root, monkeypatch):
    monkeypatch.setenv("TERMINI_DATA", str(root))
    assert len(read_source("nw_greenland")) == 7


def test_nw_greenland_rows(root):
    table = read(root, "nw_greenland").set_index(["glacier_id", "sensor"])
    assert len(table) == 7
    assert flag_names(table.loc[("measures:3", "Landsat-7"), "quality"]) == ["slc_off"]
    assert flag_names(table.loc[("measures:3", "Sentinel-1"), "quality"]) == ["source_checked"]
    old = table.loc[("measures:75", "Landsat-1")]
    assert flag_names(old["quality"]) == ["source_uncertain"]
    assert old["sigma_m"] > table.loc[("measures:75", "Radarsat-1"), "sigma_m"]
    unknown = table.loc[("measures:75", "")]
    assert unknown["scene_id"] == ""
    assert unknown["correlation_group"] == ""
    assert unknown["analyst"] == "Moon_Twila"


def test_pieces_are_joined_and_said_so(root):
    table = read(root, "nw_greenland")
    row = table[table["sensor"] == ""].iloc[0]
    assert flag_names(row["quality"]) == ["several_pieces"]
    assert row["geometry"].geom_type == "LineString"
    assert "2 pieces joined over gaps of" in row["note"]
    assert row["geometry"].is_simple


def test_bad_date_keeps_its_row_and_text(root):
    table = read(root, "nw_greenland")
    row = table[table["date"].isna()].iloc[0]
    assert flag_names(row["quality"]) == ["bad_date"]
    assert "'sometime' is not a date" in row["note"]


def test_scene_ids_lose_line_ends(root):
    table = read(root, "jakobshavn")
    assert not table["scene_id"].str.contains(r"\s").any()
    assert (table["correlation_group"] == table["scene_id"]).all()


def test_esri_projection_keeps_its_axes(root):
    x, y = shapely.get_coordinates(read(root, "jakobshavn").geometry.iloc[0])[0]
    assert abs(x - miniatures.PLACES[3][0]) < 5e3
    assert abs(y - miniatures.PLACES[3][1]) < 5e3


def test_harald_moltke_reprojects_and_keeps_the_broken_file(root):
    table = read(root, "harald_moltke")
    assert table["date"].dt.strftime("%Y%m%d").tolist() == [
        "20190803", "20200604", "20210404", "20210605",
    ]  # fmt: skip
    # Reprojected to UTM and back, a front is where it was.
    assert table.geometry.iloc[1].hausdorff_distance(miniatures.front(75, 200.0)) < 0.01
    assert flags(table)[3] == ["bad_geometry"]
    assert "20210605.shp" in table["note"].iloc[3]


def test_daugaard_jensen_rows(root):
    table = read(root, "daugaard_jensen").set_index("date")
    assert (table["glacier_id"] == "king:DJ").all()
    assert flag_names(table.loc[pd.Timestamp("2005-03-19"), "quality"]) == ["slc_off"]
    assert table.loc[pd.Timestamp("2010-03-22"), "sensor"] == ""
    point = table.loc[pd.Timestamp("2021-05-08")]
    assert set(flag_names(point["quality"])) & {"bad_geometry", "too_few_points"}


def test_unknown_source_names_the_known():
    with pytest.raises(InputError, match="nw_greenland"):
        read_source("greenland")
    with pytest.raises(InputError, match="unknown"):
        get_source("x")


@pytest.mark.parametrize("name", FOLDERS)
def test_missing_file_names_it_and_the_remedy(tmp_path, name):
    with pytest.raises(InputError, match=r"docs/data\.md"):
        read_source(name, tmp_path / "nowhere")


def test_empty_folder_of_dates(tmp_path):
    with pytest.raises(InputError, match="holds no shapefile"):
        read_source("harald_moltke", tmp_path)


def test_missing_column_and_layer(root, tmp_path):
    shapefile = "jakobshavn_1990_2023_TP"
    for part in (root / "jakobshavn").glob(f"{shapefile}.*"):
        if part.suffix != ".dbf":
            shutil.copy(part, tmp_path)
    with pytest.raises(InputError, match=r"lacks the column\(s\) .*Image_ID"):
        read_source("jakobshavn", tmp_path)
    shutil.copytree(root / "nw_greenland" / "nwgreenland_decadal.gdb", tmp_path / "x.gdb")
    (tmp_path / "nwgreenland_decadal.gdb").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        read_source("nw_greenland", tmp_path)


def test_truncated_file(root, tmp_path):
    whole = (root / "central_east" / "terminus_traces.geojson").read_text()
    (tmp_path / "terminus_traces.geojson").write_text(whole[:200])
    with pytest.raises(InputError, match="download it again"):
        read_source("daugaard_jensen", tmp_path)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("LM02", "Landsat-2"),
        ("LM03_L1TP_026006_19780728_20180421_01_T2", "Landsat-3"),
        ("LT04", "Landsat-4"),
        ("Lxxx_L1xx_xxxxxx_20150305_xxxxxxxx_Tx", "Landsat"),
        ("LANDSAT_9", "Landsat-9"),
        ("LC08_L1TP_009011_20140209_20170425_01_T1", "Landsat-8"),
        ("SEN1_NSIDC_0723_V4_20220518_20220529", "Sentinel-1"),
        ("RAD1_NSIDC_0633_V01_20_2005_2006", "Radarsat-1"),
        ("ERS1/ERS2/ENVISAT", "ERS"),
        ("unkn", ""),
        (None, ""),
        (float("nan"), ""),
    ],
)
def test_sensor_spellings(text, name):
    assert sensor_name(text) == name
    assert prior_sigma(sensor_name(text)) > 0


def test_coarse_dates():
    dates, sigma, reasons = read_dates(["2003", "2003-05", "2003/05/09", "", None, "2003-13-45"])
    assert dates[:3].strftime("%Y-%m-%d").tolist() == ["2003-07-02", "2003-05-15", "2003-05-09"]
    assert sigma[0] == pytest.approx(105.4, abs=0.1)
    assert sigma[1] == pytest.approx(8.8, abs=0.1)
    assert sigma[2] == 0
    assert dates[3:].isna().all()
    assert [bool(reason) for reason in reasons] == [False] * 3 + [True] * 3


@pytest.mark.parametrize(
    ("geometry", "name"),
    [
        (None, "bad_geometry"),
        (Point(1, 2), "bad_geometry"),
        (LineString(), "bad_geometry"),
        (LineString([(0, 0), (0, 0)]), "too_few_points"),
        (LineString([(0, 0), (np.inf, 1)]), "bad_geometry"),
        (LineString([(0, 0), (1, 1)]), ""),
        (MultiLineString([[(0, 0), (1, 1)], [(1, 1), (2, 0)]]), ""),
    ],
)
def test_what_is_no_line_is_flagged(geometry, name):
    assert one_line(geometry)[1] == name


@given(
    st.lists(st.integers(3, 5), min_size=2, max_size=4),
    st.permutations(range(4)),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_pieces_are_chained_in_order(sizes, order, turned):
    """However the pieces of a smooth front are shuffled and turned, the chain is the front."""
    x = np.linspace(0.0, 4000.0, sum(sizes))
    whole = np.column_stack([x, 300.0 * np.sin(x / 900.0)])
    pieces = np.split(whole, np.cumsum(sizes)[:-1])
    shuffled = [pieces[k] for k in order if k < len(pieces)]
    drawn = [p[::-1] if back else p for p, back in zip(shuffled, turned, strict=False)]
    line, name, _ = one_line(MultiLineString([LineString(p) for p in drawn]))
    assert name == "several_pieces"
    assert line.length == pytest.approx(LineString(whole).length)
    assert LineString(whole).equals_exact(line, 1e-9) or LineString(whole[::-1]).equals_exact(
        line, 1e-9
    )


@pytest.mark.data
def test_real_sources(data_root):
    tables = {name: read_source(name) for name in FOLDERS}
    assert {name: len(table) for name, table in tables.items()} == {
        "nw_greenland": 3511,
        "jakobshavn": 414,
        "harald_moltke": 159,
        "daugaard_jensen": 920,
        "svalbard": 386,
    }
    north_west = tables["nw_greenland"]
    assert north_west["glacier_id"].nunique() == 87
    counts = {
        name: int(((north_west["quality"] & bit) != 0).sum()) for name, bit in flag_bits().items()
    }
    assert {name: n for name, n in counts.items() if n} == {
        "source_uncertain": 244,
        "source_checked": 48,
        "slc_off": 348,
    }
    assert north_west["date"].min() == pd.Timestamp("1972-09-16")
    for table in tables.values():
        assert (table.geom_type == "LineString").all()
        assert table["trace_id"].is_unique
    names = source_glaciers("nw_greenland").set_index("glacier_id")["name"]
    assert names["measures:3"] == "Jakobshavn Isbræ"
