"""The published rules do what their papers say, with their numbers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_glaciers import X0, Y0, straight_domain, turned
from shapely.geometry import LineString, Polygon

from termini.fronts import RULE_SETS, RULES, apply_rules, measure_traces
from termini.fronts.rules_published import area_between, quartiles_away
from termini.fronttable import front_table
from termini.variables import flag_names, is_rejected

WIDTH = 4000.0
DOMAINS = {"test:1": straight_domain(width=WIDTH, length=20_000.0)}


def fronts(positions, *, points=40, wiggle=None, share=None, **columns):
    """Nearly straight fronts at positions; each may be given its own wiggle and extent."""
    rng = np.random.default_rng(1)
    lines = []
    for k, y in enumerate(positions):
        low, high = (share or {}).get(k, (0.0, 1.0))
        across = np.linspace(low, high, points)
        # lengths and curvatures of real lines are never equal
        size = (wiggle or {}).get(k, 10.0 + 2.0 * rng.random())
        along = y + size * np.sin(np.linspace(0, 40, points))
        lines.append(LineString(turned(np.column_stack([across * WIDTH, along]), 0)))
    rows = {
        "glacier_id": "test:1",
        "date": pd.date_range("2018-01-01", periods=len(lines), freq="10D"),
        "sensor": "Landsat-8",
        "geometry": lines,
    }
    return front_table(pd.DataFrame(rows | columns))


def found(table, name, **changes):
    table, _ = apply_rules(table, DOMAINS, [RULES[name].but(**changes)])
    return np.flatnonzero(is_rejected(table["quality"])).tolist()


def steady(n=40, y=10_000.0):
    return y + np.random.default_rng(0).uniform(-10.0, 10.0, n)


@pytest.mark.parametrize(("points", "rows"), [(3, [0, 1, 2]), (4, [])])
def test_three_points_are_too_few(points, rows):
    assert found(fronts(steady(3), points=points), "autoterm_points") == rows


def test_curvature_and_length_beyond_the_quartiles():
    curved = fronts(steady(), wiggle={11: 120.0})
    assert found(curved, "autoterm_curvature") == [11]
    assert found(curved, "autoterm_length") == [11]
    short = fronts(steady(), share={5: (0.0, 0.4)})
    assert found(short, "autoterm_length") == [5]
    assert 5 in found(short, "autoterm_shape")
    table, scores = apply_rules(short, DOMAINS, [RULES["autoterm_length"]])
    assert "interquartile range" in table["note"].iloc[5]
    assert scores["score"].item() > 1.0


def test_sentinel_1_borrows_the_quartiles_of_sentinel_2():
    sensors = ["Sentinel-2"] * 30 + ["Sentinel-1"] * 10
    wiggle = {k: 300.0 + k for k in range(30, 40)}
    table = fronts(steady(), wiggle=wiggle, sensor=sensors)
    assert found(table, "autoterm_length") == list(range(30, 40))
    own = fronts(steady(), wiggle=wiggle, sensor=["Sentinel-2"] * 30 + ["Envisat"] * 10)
    assert found(own, "autoterm_length") == []


def test_the_better_sensor_of_a_day_is_kept():
    sensors = ["Sentinel-1", "Landsat-8", "Sentinel-2", "Sentinel-1"]
    scenes = ["ascending", "", "", "descending"]
    table = fronts(steady(4), sensor=sensors, scene_id=scenes, date="2018-01-01")
    flagged, _ = apply_rules(table, DOMAINS, [RULES["autoterm_duplicates"]])
    kept = flagged[~is_rejected(flagged["quality"])]
    assert kept["sensor"].tolist() == ["Sentinel-2"]
    radar = table[table["sensor"] == "Sentinel-1"]
    flagged, _ = apply_rules(radar, DOMAINS, [RULES["autoterm_duplicates"]])
    assert flagged[~is_rejected(flagged["quality"])]["scene_id"].tolist() == ["descending"]
    assert flag_names(flagged["quality"].max()) == ["duplicate"]


@given(
    st.lists(st.floats(2000.0, 15_000.0), min_size=2, max_size=6),
    st.floats(0.0, 360.0),
)
@settings(max_examples=10)
def test_area_between_is_that_of_the_polygon(positions, degrees):
    domains = {"test:1": straight_domain(width=WIDTH, length=20_000.0, degrees=degrees)}
    table = fronts(positions)
    turned_lines = [
        LineString(turned(shapely.get_coordinates(g) - (X0, Y0), degrees)) for g in table.geometry
    ]
    table = table.set_geometry(gpd.GeoSeries(turned_lines, crs=table.crs))
    traces = measure_traces(table, domains)["test:1"]
    area = area_between(traces, np.arange(len(traces)))
    lines = traces.table.geometry.to_numpy()
    for k, value in enumerate(area):
        ring = Polygon([*lines[k].coords, *list(lines[k + 1].coords)[::-1]])
        if ring.is_valid:
            assert abs(value) == pytest.approx(ring.area, abs=1.0)
        moved = traces.position[k + 1] - traces.position[k]
        if abs(moved) > 100.0:
            assert np.sign(value) == np.sign(moved)


def test_a_jump_there_and_back_is_found_and_a_lasting_one_is_not():
    y = steady()
    y[20] += 1500.0
    assert found(fronts(y), "autoterm_jump") == [20]
    step = steady()
    step[20:] -= 5000.0
    assert found(fronts(step), "autoterm_jump") == []


def test_calfin_rules():
    short = fronts(steady(), share={5: (0.0, 0.5)})
    assert found(short, "calfin_short") == [5]
    uneven = fronts(steady(), share={k: (0.001 * (k % 7), 1.0) for k in range(40)})
    gap = fronts(steady(), share={k: (0.001 * (k % 7) if k != 9 else 0.2, 1.0) for k in range(40)})
    assert found(uneven, "calfin_walls") == []
    assert found(gap, "calfin_walls") == [9]
    assert found(gap, "calfin_confidence") == []
    sure = gap.assign(confidence=np.where(np.arange(40) == 3, 0.5, 0.9))
    assert found(sure, "calfin_confidence") == [3]


def test_kc_rules():
    short = fronts(steady(), share={5: (0.0, 0.4)}, wiggle={8: 600.0})
    assert found(short, "kc_length") == [5, 8]
    fast = steady()
    fast[20:] -= 3000.0
    assert 20 in found(fronts(fast), "kc_velocity")
    loop = LineString(turned([(0, 9000), (3000, 9500), (3000, 9000), (0, 9500)], 0))
    table = fronts(steady(4))
    lines = table.geometry.to_numpy().copy()
    lines[2] = loop
    table = table.set_geometry(gpd.GeoSeries(lines, crs=table.crs))
    marked, _ = apply_rules(table, DOMAINS, [RULES["kc_crossing"]])
    assert flag_names(marked["quality"].iloc[2]) == ["doubtful"]


def test_published_numbers():
    assert dict(RULES["autoterm_jump"].settings) == {
        "iqr": 2.0, "within": 5, "within_sar": 10, "rounds": 10,
    }  # fmt: skip
    assert dict(RULES["autoterm_shape"].settings) == {
        "curvature_iqr": 2.0, "length_iqr": 1.5, "rounds": 3,
    }  # fmt: skip
    assert RULES["calfin_walls"].settings["z"] == 2.5
    assert RULES["kc_length"].settings == {"least": 0.5, "most": 1.5}
    assert [rule.name for rule in RULE_SETS["autoterm"]] == [
        "autoterm_points", "autoterm_shape", "autoterm_duplicates", "autoterm_jump",
    ]  # fmt: skip
    assert np.isnan(quartiles_away(np.ones(5), np.ones(5), both=True)).all()
