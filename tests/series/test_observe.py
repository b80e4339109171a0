import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_glaciers import fronts_at, straight_domain, turned
from shapely.geometry import LineString, MultiLineString

from termini.errors import InputError
from termini.fronttable import front_table
from termini.geo import reproject, true_area
from termini.series import OBSERVATION_COLUMNS, ObservationSettings, observe
from termini.series.settings import DEFAULT_MEASURES
from termini.variables import flag_names, is_rejected

DOMAINS = {"test:1": straight_domain()}


def observed(fronts, domains=DOMAINS, **options):
    return observe(fronts, domains, **options)


def lengths(observations, measure="length_area"):
    return observations.loc[observations["measure"] == measure, "length_change"].to_numpy()


def test_advance_is_positive_and_zero_is_at_the_first_date():
    table, _ = observed(fronts_at([5000, 5600, 4000]))
    assert set(table["measure"]) == set(DEFAULT_MEASURES)
    assert list(table.columns) == list(OBSERVATION_COLUMNS)
    # EPSG:3413 is 0.8 % longer than the truth here
    for measure in ("length_area", "centreline", "curvilinear_box"):
        assert lengths(table, measure) == pytest.approx([0, 600, -1000], rel=0.02, abs=1e-6)
    area = table.loc[table["measure"] == "area"]
    assert area["length_change"].isna().all()
    assert np.sign(area["area_change"].to_numpy()).tolist() == [0, 1, -1]


@settings(max_examples=12)
@given(st.floats(-1500, 1500), st.floats(0, 360), st.booleans())
def test_a_front_moved_by_d_changes_its_length_by_d(step, degrees, reverse):
    domain = straight_domain(degrees=degrees)
    fronts = fronts_at([6000, 6000 + step], degrees=degrees)
    if reverse:
        fronts.geometry = shapely.reverse(fronts.geometry.to_numpy())
    table, _ = observed(fronts, {"test:1": domain}, measures=("length_area", "centreline"))
    width = LineString(domain.gate).length
    moved = true_area(domain.fjord, domain.crs) / domain.fjord.area * step * width / 4000.0
    assert lengths(table)[1] == pytest.approx(moved, rel=1e-3, abs=0.01)
    assert lengths(table, "centreline")[1] == pytest.approx(step, rel=0.02, abs=0.01)


@pytest.mark.parametrize(("latitude", "inflation"), [(60.0, 1.0796), (80.0, 0.9549)])
def test_areas_are_true_ones_at_any_latitude(latitude, inflation):
    place = reproject(shapely.Point(-45.0, latitude), "EPSG:4326", "EPSG:3413")
    origin = (place.x, place.y)
    domain = straight_domain(origin=origin)
    table, _ = observed(fronts_at([5000, 6000], origin=origin), {"test:1": domain})
    change = table.loc[table["measure"] == "area", "area_change"].iloc[-1]
    assert change == pytest.approx(4000 * 1000 / inflation, rel=2e-3)


def test_the_order_of_traces_does_not_matter():
    fronts = fronts_at([5000, 5600, 4000, 4500])
    one, _ = observed(fronts)
    two, _ = observed(fronts.iloc[::-1])
    pd.testing.assert_frame_equal(one, two)


def test_a_given_reference_date_is_where_changes_are_zero():
    fronts = fronts_at([5000, 5600, 4000])
    third = fronts["date"].iloc[2]
    table, _ = observed(fronts, reference_date=third + pd.Timedelta(days=20))
    assert lengths(table)[2] == 0
    assert (table["reference_date"] == third).all()
    dated = straight_domain()
    object.__setattr__(dated, "reference_date", third)
    again, _ = observed(fronts, {"test:1": dated})
    assert lengths(again) == pytest.approx(lengths(table))


def test_a_later_trace_does_not_rewrite_history():
    fronts = fronts_at([5000, 5600, 4000, 2000])
    before, _ = observed(fronts.iloc[:3])
    after, _ = observed(fronts)
    old = after[after["date"] <= before["date"].max()].reset_index(drop=True)
    columns = ["trace_id", "measure", "length_change", "area_change", "reference_date"]
    pd.testing.assert_frame_equal(before[columns], old[columns])


def flags_of(fronts, geometry, glacier_id="test:1"):
    bad = front_table(
        gpd.GeoDataFrame(
            {"glacier_id": [glacier_id], "date": ["2015-08-01"]}, geometry=[geometry],
            crs="EPSG:3413",
        )
    )  # fmt: skip
    both = front_table(
        gpd.GeoDataFrame(pd.concat([fronts, bad], ignore_index=True), crs="EPSG:3413")
    )
    table, flagged = observed(both)
    mine = flagged[flagged["trace_id"] == bad["trace_id"].iloc[0]].iloc[0]
    rows = table[table["trace_id"] == mine["trace_id"]]
    assert len(table) - len(rows) == 4 * len(fronts)
    return flag_names(mine["quality"]), mine["note"], rows


GOOD = fronts_at([5000, 5600, 4000, 4200, 4300, 4100, 3900])


@pytest.mark.parametrize(
    ("geometry", "glacier_id", "name"),
    [
        (LineString(turned([(0, 5000), (0, 5000)], 0)), "test:1", "too_few_points"),
        (LineString(), "test:1", "bad_geometry"),
        (LineString([(0, 0), (500, 500)]), "test:1", "outside_domain"),
        (LineString(turned([(0, 5000), (900, 5000)], 0)), "test:1", "low_coverage"),
        (LineString(turned([(0, 5000), (4000, 5000)], 0)), "test:9", "unknown_glacier"),
    ],
)
def test_a_bad_trace_is_flagged_with_a_reason_and_the_rest_goes_on(geometry, glacier_id, name):
    names, note, rows = flags_of(GOOD, geometry, glacier_id)
    assert name in names
    assert note
    assert len(rows) == 0


@pytest.mark.parametrize(
    ("points", "name"),
    [
        ([(0, 5000), (3000, 5000), (3000, 6000), (2500, 6000), (2500, 4500), (4000, 4500)],
         "self_crossing"),
        ([(0, 5000), (2500, 5000), (2500, 5500), (1500, 5500), (1500, 6000), (4000, 6000)],
         "multiple_crossings"),
        ([(600, 5000), (4000, 5000)], "open_end"),
    ],
)  # fmt: skip
def test_an_odd_trace_is_used_and_marked(points, name):
    names, _, rows = flags_of(GOOD, LineString(turned(points, 0)))
    assert name in names
    assert len(rows) == 4


def test_pieces_are_marked_and_their_gap_widens_the_error():
    whole = LineString(turned([(0, 5000), (4000, 5000)], 0))
    pieces = MultiLineString(
        [turned([(0, 5000), (1000, 5000)], 0), turned([(4000, 5000), (2200, 5000)], 0)]
    )
    names, _, rows = flags_of(GOOD, pieces)
    assert "several_pieces" in names
    _, _, plain = flags_of(GOOD, whole)
    area = rows[rows["measure"] == "length_area"].iloc[0]
    assert area["coverage"] == pytest.approx(0.7, abs=0.01)
    assert area["length_change"] == pytest.approx(
        plain[plain["measure"] == "length_area"]["length_change"].iloc[0], abs=1.0
    )


def test_the_parts_of_the_error_add_up_and_mean_what_they_say():
    bowed = []
    random = np.random.default_rng(3)
    for y in np.linspace(6000, 4000, 12):
        x = np.linspace(-100, 4100, 60)
        bowed.append(
            LineString(
                turned(
                    np.column_stack([x, y - 300 * np.sin(x / 4000 * np.pi) + random.normal(0, 40)]),
                    0,
                )
            )
        )
    half = shapely.ops.substring(bowed[-1], 0, 0.75, normalized=True)
    rows = gpd.GeoDataFrame(
        {"glacier_id": "test:1", "date": pd.date_range("2015-01-01", periods=13, freq="30D"),
         "sensor": "Landsat-8", "sigma_m": 20.0, "method": "manual"},
        geometry=[*bowed, half], crs="EPSG:3413",
    )  # fmt: skip
    table, _ = observed(front_table(rows))
    parts = ["sigma_geolocation", "sigma_digitising", "sigma_coverage", "sigma_definition"]
    length = table[table["measure"] == "length_area"]
    total = np.sqrt((length[parts] ** 2).sum(axis=1))
    assert length["length_change_se"].to_numpy() == pytest.approx(total.to_numpy())
    assert length["area_change_se"].to_numpy() == pytest.approx(4000 * total.to_numpy())
    assert length["sigma_geolocation"].iloc[0] == 6.0
    # a little more: the front bows
    drawn = 20 * np.sqrt(500 / 4000)
    assert length["sigma_digitising"].iloc[0] == pytest.approx(drawn, rel=0.02)
    assert (length["sigma_coverage"].iloc[:-1] == 0).all()
    short = length.iloc[-1]
    # what is missing bows like the other fronts of this glacier; without them the error
    # is that of an end extended at constant position, and the error says so
    error = abs(short["length_change"] - length["length_change"].iloc[-2])
    plain, _ = observed(front_table(rows), settings=ObservationSettings(fill_missing=False))
    extended = plain[plain["measure"] == "length_area"]
    worse = abs(extended["length_change"].iloc[-1] - extended["length_change"].iloc[-2])
    assert 0.5 * worse < extended["sigma_coverage"].iloc[-1] < 2 * worse
    assert error < 0.2 * worse
    assert error < 2 * short["sigma_coverage"] < 2 * extended["sigma_coverage"].iloc[-1]
    line = table[table["measure"] == "centreline"]
    assert line["sigma_digitising"].iloc[0] >= 20.0


def test_rejected_traces_take_no_part():
    fronts = fronts_at([5000, 5600, 4000])
    fronts.loc[1, "quality"] = 1 << 6
    table, flagged = observed(fronts)
    assert len(table) == 2 * 4
    assert is_rejected(flagged["quality"]).sum() == 1


def test_nothing_usable_gives_an_empty_table_with_all_columns():
    fronts = fronts_at([5000, 5600])
    table, flagged = observed(fronts, {})
    assert len(table) == 0
    assert list(table.columns) == list(OBSERVATION_COLUMNS)
    assert (flagged["note"] == "no domain for test:1").all()


def test_an_unknown_measure_is_an_error():
    with pytest.raises(InputError, match="boxes"):
        observed(GOOD, measures=("boxes",))


def test_the_coverage_limit_is_a_setting():
    short = fronts_at([5000, 5600])
    short.geometry = [LineString(turned([(0, y), (1200, y)], 0)) for y in (5000, 5600)]
    none, _ = observed(short)
    some, _ = observed(short, settings=ObservationSettings(coverage_limit=0.2))
    assert len(none) == 0
    assert set(some["measure"]) >= {"area", "length_area"}


def test_input_is_not_changed():
    fronts = fronts_at([5000, 5600])
    before = fronts.copy()
    observed(fronts, {})
    pd.testing.assert_frame_equal(pd.DataFrame(fronts), pd.DataFrame(before))


def test_box_and_area_agree_in_a_bent_fjord():
    domain = straight_domain(bend=1.0)
    centre = domain.centreline
    lines = []
    for share in (0.3, 0.5, 0.7):
        here, there = (
            centre.interpolate(share + d, normalized=True).coords[0] for d in (-0.01, 0.01)
        )
        along = np.subtract(there, here) / np.hypot(*np.subtract(there, here))
        middle = centre.interpolate(share, normalized=True).coords[0]
        normal = np.array([-along[1], along[0]])
        lines.append(LineString([middle + 2100 * normal, middle - 2100 * normal]))
    fronts = front_table(
        gpd.GeoDataFrame(
            {"glacier_id": "test:1", "date": ["2000-01-01", "2001-01-01", "2002-01-01"]},
            geometry=lines, crs="EPSG:3413",
        )
    )  # fmt: skip
    table, _ = observed(fronts, {"test:1": domain})
    assert lengths(table, "curvilinear_box") == pytest.approx([0, 2400, 4800], rel=0.03)
    assert lengths(table) == pytest.approx(lengths(table, "curvilinear_box"), rel=0.02)
