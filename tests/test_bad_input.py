"""Tables and files that are not what they say: named, explained, never silently wrong."""

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from made_up_glaciers import X0, Y0, fronts_at, straight_domain
from shapely.geometry import LineString
from typer.testing import CliRunner

from termini.cli.app import app
from termini.domain import read_domains, write_domains
from termini.errors import DomainError, InputError
from termini.fronts import screen
from termini.fronts.readers.layers import read_layer
from termini.fronttable import front_table, read_fronts, write_fronts
from termini.series import observe
from termini.variables import flag_names, is_rejected

POSITIONS = [6000, 6500, 5000, 5600, 5200]
DOMAIN = straight_domain()


def with_geometry(shapes, crs="EPSG:3413", **columns):
    rows = fronts_at(POSITIONS)[["glacier_id", "date", "sensor"]].assign(**columns)
    return gpd.GeoDataFrame(rows, geometry=list(shapes), crs=crs)


def other(crs, rows=slice(None)):
    """The fronts, of which some have the coordinates of another system, labelled EPSG:3413."""
    here = fronts_at(POSITIONS).geometry
    shapes, there = here.to_numpy().copy(), here.to_crs(crs).to_numpy()
    shapes[rows] = there[rows]
    return shapes


def call(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exception, result.output


def put(tmp_path, table, name="fronts.parquet"):
    """Write a table as it is, past all checks."""
    table.to_parquet(tmp_path / name, index=False)
    return tmp_path / name


def series(tmp_path, fronts, domain=DOMAIN):
    domains = write_domains([domain], tmp_path / "domains.parquet")
    return call("series", fronts, "--domains", domains, "--out", tmp_path / "out")


# --- coordinates ----------------------------------------------------------------------


def test_degrees_labelled_as_metres(tmp_path):
    with pytest.raises(InputError, match=r"front table.*longitude and latitude.*EPSG:3413"):
        front_table(with_geometry(other("EPSG:4326")))
    good = fronts_at(POSITIONS)
    bad = good.set_geometry(gpd.GeoSeries(other("EPSG:4326"), crs="EPSG:3413"))
    error, _ = series(tmp_path, put(tmp_path, bad))
    assert isinstance(error, InputError)
    assert "set_crs('EPSG:4326', allow_override=True)" in str(error)
    assert "fronts.parquet" in str(error)


def test_metres_labelled_as_degrees():
    with pytest.raises(InputError, match=r"are in metres, though EPSG:4326 is in degrees"):
        front_table(with_geometry(fronts_at(POSITIONS).geometry, crs=None), crs="EPSG:4326")


@pytest.mark.parametrize(
    ("crs", "words"), [("EPSG:4326", "longitude and latitude"), ("EPSG:32622", "km from other")]
)
def test_some_rows_in_another_system_are_flagged_and_the_rest_goes_on(tmp_path, crs, words):
    table = front_table(with_geometry(other(crs, slice(3, 5))))
    assert is_rejected(table["quality"]).tolist() == [False] * 3 + [True] * 2
    assert table["note"].str.contains(words).tolist() == [False] * 3 + [True] * 2
    assert table["note"].iloc[3].endswith(("to_crs()", "glacier_id"))
    found, _ = observe(screen(table, {"test:1": DOMAIN}), {"test:1": DOMAIN})
    assert found["trace_id"].nunique() == 3
    # written by other hands, it is seen on reading, and told only once
    good = fronts_at(POSITIONS)
    bad = good.set_geometry(gpd.GeoSeries(other(crs, slice(3, 5)), crs="EPSG:3413"))
    again = read_fronts(write_fronts(read_fronts(put(tmp_path, bad)), tmp_path / "b.parquet"))
    assert again["note"].str.count(words).tolist() == [0, 0, 0, 1, 1]
    error, said = series(tmp_path, put(tmp_path, bad))
    assert error is None
    assert "2 of 5 traces cannot be used" in said


def test_two_equal_heaps_of_traces_are_both_doubted():
    table = front_table(with_geometry(other("EPSG:32622", slice(3, 5))).iloc[1:])
    assert all("outside_domain" in flag_names(value) for value in table["quality"])


def test_a_file_that_states_another_projection_than_the_published_is_reprojected(tmp_path):
    here = fronts_at(POSITIONS)[["date", "geometry"]].astype({"date": "str"})
    for crs in ("EPSG:4326", "EPSG:32622"):
        here.to_crs(crs).to_file(tmp_path / "a.geojson")
        table = read_layer(tmp_path / "a.geojson", ["date"], crs="EPSG:3413")
        away = shapely.hausdorff_distance(table.geometry.to_numpy(), here.geometry.to_numpy())
        assert away.max() < 0.5
    # one that states nothing, which for GeoJSON means degrees, is as published
    here.set_crs("EPSG:4326", allow_override=True).to_file(tmp_path / "b.geojson")
    table = read_layer(tmp_path / "b.geojson", ["date"], crs="EPSG:3413")
    assert (
        shapely.hausdorff_distance(table.geometry.to_numpy(), here.geometry.to_numpy()).max() < 0.5
    )


# --- ids and dates ----------------------------------------------------------------------


def test_duplicate_ids_are_named(tmp_path):
    shapes = fronts_at(POSITIONS).geometry
    with pytest.raises(InputError, match=r"1 trace_id\(s\) on more than one row \(as 'b'\)"):
        front_table(with_geometry(shapes, trace_id=["a", "b", "b", "c", "d"]))
    doubled = fronts_at(POSITIONS)
    doubled["trace_id"] = "x"
    error, _ = series(tmp_path, put(tmp_path, doubled))
    assert "give each front an id of its own" in str(error)


def test_dates_in_three_formats(tmp_path):
    shapes = fronts_at(POSITIONS).geometry
    texts = ["2015-01-02", "25/12/2015", "03/02/2016", "20150102", "2016.5000"]
    wanted = ["2015-01-02", "2015-01-02", "2015-12-25", "2016-02-03", "2016-07-02"]
    table = front_table(with_geometry(shapes, date=texts))
    assert table["date"].dt.strftime("%Y-%m-%d").tolist() == wanted
    unclear = [*texts[:1], "03/02/2016", *texts[3:], ""]
    with pytest.raises(InputError, match=r"date: row 1: '03/02/2016'.*write dates like"):
        front_table(with_geometry(shapes, date=unclear))
    written = pd.DataFrame(fronts_at(POSITIONS)).assign(date=unclear)
    file = put(tmp_path, gpd.GeoDataFrame(written, geometry="geometry", crs="EPSG:3413"))
    error, _ = series(tmp_path, file)
    assert isinstance(error, InputError)
    assert "fronts.parquet: date: row 1: '03/02/2016'" in str(error)


def test_a_year_or_month_alone_is_its_middle_with_its_error():
    shapes = fronts_at(POSITIONS).geometry
    table = front_table(with_geometry(shapes, date=["2015", "2016-03", "2017-01-01"] + [""] * 2))
    assert table["date"].dt.strftime("%Y-%m-%d").tolist()[:3] == [
        "2015-07-02", "2016-03-15", "2017-01-01",
    ]  # fmt: skip
    assert table["date_sigma_days"].round().tolist()[:3] == [105, 9, 0]
    assert ["date_coarse" in flag_names(q) for q in table["quality"]][:3] == [True, True, False]


# --- domains ----------------------------------------------------------------------------

LEAVING = LineString([(X0 + 2000, Y0 + 10), (X0 + 9000, Y0 + 6000), (X0 + 2000, Y0 + 11_900)])
BOW = shapely.Polygon([(X0, Y0), (X0 + 4000, Y0 + 12_000), (X0 + 4000, Y0), (X0, Y0 + 12_000)])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"centreline": LEAVING}, r"test:1: its centreline leaves its fjord over \d+ m; redraw"),
        ({"fjord": BOW}, "test:1: its fjord is not a valid polygon"),
        ({"left_wall": DOMAIN.right_wall, "right_wall": DOMAIN.left_wall}, "test:1.*left to right"),
    ],
)
def test_a_domain_that_contradicts_itself_gives_no_value_and_says_why(change, words):
    found, table = observe(fronts_at(POSITIONS), {"test:1": replace(DOMAIN, **change)})
    assert len(found) == 0
    assert table["note"].str.contains(words).all()
    assert is_rejected(table["quality"]).all()


def test_on_the_command_line_too(tmp_path):
    fronts = write_fronts(fronts_at(POSITIONS), tmp_path / "fronts.parquet")
    error, said = series(tmp_path, fronts, replace(DOMAIN, centreline=LEAVING))
    assert isinstance(error, InputError)
    assert "its centreline leaves the fjord" in said
    error, _ = series(tmp_path, fronts, replace(DOMAIN, fjord=BOW))
    assert isinstance(error, DomainError)
    assert "row 0 (test:1): fjord is not valid: Self-intersection" in str(error)


def test_a_file_of_domains_in_another_system(tmp_path):
    table = gpd.read_parquet(write_domains([DOMAIN], tmp_path / "good.parquet"))
    shapes = [c for c in table.columns if c == "fjord" or table[c].dtype == "geometry"]
    lonlat = table.copy()
    for name in shapes:
        moved = gpd.GeoSeries(table[name], crs="EPSG:3413").to_crs("EPSG:4326")
        lonlat[name] = gpd.GeoSeries(moved, crs="EPSG:4326").set_crs(
            "EPSG:3413", allow_override=True
        )
    lonlat = lonlat.set_geometry("fjord")
    with pytest.raises(DomainError, match=r"test:1.*longitude and latitude.*EPSG:3413"):
        read_domains(put(tmp_path, lonlat, "lonlat.parquet"))
    mixed = table.copy()
    mixed["gate"] = gpd.GeoSeries(table["gate"], crs="EPSG:3413").to_crs("EPSG:32622")
    with pytest.raises(DomainError, match=r"column gate is in EPSG:32622.*to_crs\('EPSG:3413'\)"):
        read_domains(put(tmp_path, mixed, "mixed.parquet"))
    double = gpd.GeoDataFrame(pd.concat([table, table]), geometry="fjord", crs="EPSG:3413")
    with pytest.raises(DomainError, match=r"row 1 \(test:1\): comes a second time"):
        read_domains(put(tmp_path, double, "double.parquet"))
