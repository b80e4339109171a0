"""Screening: what is flagged, what stays, which of two traces is kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, Point, Polygon

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.fronts import read_source, rejected_summary, screen
from termini.fronts.duplicates import same_scene, scene_key
from termini.fronttable import front_table
from termini.variables import flag_bits, flag_names, is_rejected

TODAY = "2026-01-01"
SCENE = "LE07_L1TP_010011_20011103_20170202_01_T1"
X, Y = -200_000.0, -2_270_000.0


def domain(glacier_id="measures:3", turn=0.0):
    """Straight fjord, 4 km wide and 12 km long, that leads east and is then turned."""

    def at(along, across):
        c, s = np.cos(turn), np.sin(turn)
        return (X + c * along - s * across, Y + s * along + c * across)

    # Looking down-glacier (east), left is north.
    left = LineString([at(0, 2000), at(12000, 2000)])
    right = LineString([at(0, -2000), at(12000, -2000)])
    return GlacierDomain(
        glacier_id=glacier_id,
        name="",
        fjord=Polygon([*left.coords, *reversed(right.coords)]),
        gate=LineString([at(0, 2000), at(0, -2000)]),
        left_wall=left,
        right_wall=right,
        centreline=LineString([at(0, 0), at(12000, 0)]),
        reference_width=4000.0,
    )


DOMAINS = {"measures:3": domain()}


def front(along=6000.0, left=1900.0, right=-1900.0):
    across = np.linspace(left, right, 7)
    return LineString(np.column_stack([X + along + 100 * np.cos(across / 1000), Y + across]))


def trace(**changes):
    row = {
        "glacier_id": "measures:3",
        "date": "2010-04-04",
        "sensor": "Landsat-7",
        "scene_id": "",
        "source": "here",
        "sigma_m": 20.0,
        "geometry": front(),
    }
    return row | changes


CROSSED = LineString([(X + 5e3, Y), (X + 6e3, Y + 900), (X + 6e3, Y), (X + 5e3, Y + 900)])
BROKEN = MultiLineString(
    [[(X + 5e3, Y), (X + 5e3, Y + 900)], [(X + 5e3, Y - 900), (X + 5e3, Y - 50)]]
)


def screened(*rows, domains=DOMAINS, today=TODAY):
    return screen(front_table(list(rows)), domains, today=today)


def names(table):
    return [flag_names(value) for value in table["quality"]]


@pytest.mark.parametrize(
    ("changes", "flag", "words"),
    [
        ({"date": None}, "bad_date", "no date"),
        ({"date": "2031-05-01"}, "bad_date", "2031-05-01, in the future"),
        ({"date": "1650-05-01"}, "bad_date", "before any image"),
        ({"glacier_id": "measures:999"}, "unknown_glacier", "'measures:999'"),
        ({"glacier_id": ""}, "unknown_glacier", "names no glacier"),
        ({"geometry": None}, "bad_geometry", "not a line"),
        ({"geometry": Point(X, Y)}, "bad_geometry", "not a line"),
        ({"geometry": LineString([(X, Y), (X, Y)])}, "too_few_points", "two distinct"),
        ({"geometry": front(along=22000.0)}, "outside_domain", "km outside the domain"),
    ],
)
def test_rejected_with_its_reason(changes, flag, words):
    table = screened(trace(sensor="") | changes)
    assert names(table) == [[flag]]
    assert words in table["note"].iloc[0]
    assert is_rejected(table["quality"]).all()


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"geometry": CROSSED}, "self_crossing"),
        ({"geometry": BROKEN}, "several_pieces"),
        ({"sensor": "Landsat-7", "date": "2003-06-01"}, "slc_off"),
        ({"sensor": "Landsat-8", "date": "2003-06-01"}, "source_uncertain"),
        ({"scene_id": "LC08_L1TP_232009_20170721_20170728_01_T1"}, "source_uncertain"),
    ],
)
def test_told_but_not_rejected(changes, flag):
    table = screened(trace(sensor="") | changes)
    assert names(table) == [[flag]]
    assert not is_rejected(table["quality"]).any()


def test_a_good_trace_has_no_flag():
    table = screened(trace(date="2003-05-30"))
    assert table["quality"].tolist() == [0]
    assert table["note"].tolist() == [""]


def test_nothing_is_deleted_and_input_untouched():
    rows = front_table([trace(), trace(date="2031-01-01"), trace(glacier_id="x:1")])
    before = rows.copy()
    after = screen(rows, DOMAINS, today=TODAY)
    assert_geodataframe_equal(rows, before)
    assert set(after["trace_id"]) == set(before["trace_id"])


def test_screening_twice_is_screening_once():
    once = screened(
        trace(),
        trace(date="2031-01-01"),
        trace(glacier_id="x:1"),
        trace(geometry=None),
        trace(scene_id="LE07_L1TP_010011_20100404_20170202_01_T1"),
        trace(scene_id="LE07_L1xx_xxxxxx_20100404_xxxxxxxx_Tx", source="there"),
        trace(geometry=front(along=30000.0), date="2011-01-01"),
    )
    assert_geodataframe_equal(once, screen(once, DOMAINS, today=TODAY))


def test_an_empty_table_stays_one():
    table = screened()
    assert table.empty
    assert rejected_summary(table).attrs == {"total": 0, "rejected": 0, "kept": 0}


def test_not_a_front_table():
    with pytest.raises(InputError, match="it lacks"):
        screen(front_table([trace()]).drop(columns="sensor"), DOMAINS)


@settings(max_examples=15)
@given(
    st.floats(0, 2 * np.pi),
    st.lists(st.tuples(st.booleans(), st.floats(300.0, 11000.0)), min_size=1, max_size=8),
)
def test_lines_run_left_to_right_whatever_the_direction(turn, fronts):
    here = domain(turn=turn)
    rows, ends = [], []
    for k, (backwards, along) in enumerate(fronts):
        left, right = here.left_wall.interpolate(along), here.right_wall.interpolate(along + 250.0)
        line = LineString([right, left] if backwards else [left, right])
        rows.append(trace(date=pd.Timestamp("2001-01-01") + pd.Timedelta(days=k), geometry=line))
        ends.append((left, right))
    table = screened(*rows, domains={"measures:3": here})
    for line, (left, right) in zip(table.geometry, ends, strict=True):
        assert Point(line.coords[0]).distance(left) < 1.0
        assert Point(line.coords[-1]).distance(right) < 1.0


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (SCENE, "LE07_L1xx_xxxxxx_20011103_xxxxxxxx_Tx", True),
        (SCENE, "LANDSAT/LE07/C01/T1/LE07_010011_20011103", True),
        (SCENE, "LE07_L1TP_009011_20011103_20170202_01_T1", False),
        (SCENE, "LE07_L1TP_010011_20011104_20170202_01_T1", False),
        ("SEN1_NSIDC_0723_V2_20200204_20200209", "SEN1_NSIDC_0723_V3_20200204_20200209", True),
        ("SEN1_NSIDC_0723_V2_20200204_20200209", "SEN1_NSIDC_0723_V2_20200210_20200215", False),
        ("", "", False),
        ("", "RAD1_20070202", False),
    ],
)
def test_which_scene_ids_are_one_scene(a, b, same):
    assert same_scene(scene_key(a), scene_key(b)) is same
    assert same_scene(scene_key(b), scene_key(a)) is same


def test_better_of_two_traces_of_one_scene_is_kept():
    scene = "LE07_L1TP_010011_20020404_20170202_01_T1"
    good = trace(date="2002-04-04", scene_id=scene, source="good", geometry=front(6100.0))
    rough = good | {"source": "rough", "sigma_m": 40.0, "geometry": front(6050.0)}
    table = screened(rough, good).set_index("source")
    assert flag_names(table.loc["good", "quality"]) == []
    assert flag_names(table.loc["rough", "quality"]) == ["duplicate"]
    assert table.loc["good", "trace_id"] in table.loc["rough", "note"]


def test_different_scenes_of_one_day_both_stay():
    table = screened(
        trace(scene_id="LE07_L1TP_010011_20100404_20170202_01_T1"),
        trace(scene_id="LE07_L1TP_009011_20100404_20170202_01_T1", geometry=front(6050.0)),
        trace(sensor="Envisat", geometry=front(6080.0)),
    )
    assert not is_rejected(table["quality"]).any()


def test_equal_lines_are_duplicates_whatever_the_scene():
    turned = LineString(list(front().coords)[::-1])
    table = screened(trace(sensor=""), trace(sensor="", source="there", geometry=turned))
    assert sorted(map(tuple, names(table))) == [(), ("duplicate",)]


def test_a_rejected_trace_replaces_none():
    outside = trace(sensor="", scene_id="S", geometry=front(30000.0), sigma_m=1.0)
    table = screened(outside, trace(sensor="", scene_id="S", source="there"))
    assert sorted(map(tuple, names(table))) == [(), ("outside_domain",)]


@settings(max_examples=8)
@given(st.permutations(range(5)))
def test_choice_does_not_hang_on_the_order_of_rows(order):
    rows = [trace(scene_id="S", source=f"s{k}", sigma_m=20.0 + (k % 2)) for k in range(5)]
    table = screened(*(rows[k] for k in order))
    kept = table[~is_rejected(table["quality"])]
    assert len(kept) == 1
    assert kept["sigma_m"].item() == 20.0
    straight = screened(*rows)
    assert kept["trace_id"].item() == straight[~is_rejected(straight["quality"])]["trace_id"].item()


def test_summary_adds_up():
    table = screened(
        trace(),
        trace(date="2031-01-01", glacier_id="x:1"),
        trace(date="2031-02-01"),
        trace(geometry=None),
    )
    summary = rejected_summary(table)
    assert summary.attrs == {"total": 4, "rejected": 3, "kept": 1}
    assert summary["traces_first"].sum() == 3
    by_reason = summary.set_index("reason")["traces"].to_dict()
    assert by_reason == {"bad_geometry": 1, "bad_date": 2, "unknown_glacier": 1}
    assert rejected_summary(screened(trace())).empty


@pytest.mark.data
def test_the_two_sets_of_jakobshavn_contain_each_other(data_root):
    both = front_table(pd.concat([read_source("nw_greenland"), read_source("jakobshavn")]))
    both = both[both["glacier_id"] == "measures:3"]
    west, south, east, north = both.total_bounds
    box = Polygon([(west, south), (east, south), (east, north), (west, north)])
    walls = [LineString([(east, y), (west, y)]) for y in (south, north)]
    here = GlacierDomain(
        "measures:3", "", box, LineString([walls[0].coords[0], walls[1].coords[0]]),
        walls[0], walls[1], LineString([(east, Y), (west, Y)]), 5000.0,
    )  # fmt: skip
    table = screen(both, {"measures:3": here}, today=TODAY)
    duplicate = (table["quality"] & flag_bits()["duplicate"]) != 0
    assert duplicate.sum() == 29
    assert len(table) == len(both)


def test_a_table_in_degrees_is_judged_in_metres():
    table = front_table([trace(geometry=front()), trace(geometry=front(6300.0))])
    flat = screen(table, DOMAINS, TODAY)
    round_ = screen(table.to_crs("EPSG:4326"), DOMAINS, TODAY)
    assert round_.crs == flat.crs
    assert list(round_["quality"]) == list(flat["quality"])
