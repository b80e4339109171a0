"""The engine against GEOS, and what must not change its answers."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_glaciers import fronts_at, straight_domain
from shapely.geometry import LineString, MultiLineString, Polygon

from termini.fronttable import front_table
from termini.geo import transformer
from termini.series import MEASURES, ObservationSettings, observe
from termini.series.engine import engine_of, measure_packed
from termini.series.engine_columns import measure_glacier
from termini.series.engine_plane import move_points, pack, polynomial_move
from termini.series.kernels_lay import GOOD
from termini.series.kernels_trace import AREA
from termini.series.measure import measure_trace

SETTINGS = ObservationSettings(fill_missing=False)
DOMAIN = straight_domain(bend=0.9, degrees=35.0)
CRS = "EPSG:3413"


def rough_fronts(seed, kinds=("whole", "short", "weaving", "looped")):
    """Fronts as a detector draws them, in the domain's projection."""
    rng = np.random.default_rng(seed)
    centre = shapely.get_coordinates(DOMAIN.centreline)
    lines = []
    for kind in kinds:
        i = rng.integers(30, 90)
        flow = centre[i + 1] - centre[i]
        flow /= np.hypot(*flow)
        normal = np.array([-flow[1], flow[0]])
        across = np.linspace(1.1, -1.1, 60)
        along = np.cumsum(rng.normal(0, 25, 60)) + 200 * np.cos(across * 1.5)
        if kind == "short":
            across = np.linspace(rng.uniform(0.3, 0.9), rng.uniform(-0.9, -0.3), 60)
        if kind == "weaving":
            across[:12] = 1.0 + 0.04 * np.cos(np.arange(12) * rng.uniform(1, 2))
            along[:12] = along[12] + np.linspace(600, 40, 12)
        if kind == "looped":
            angle = np.linspace(0, 2 * np.pi * rng.choice([-1, 1]), 10)
            across[30:40] = across[30] - 0.02 * np.sin(angle)
            along[30:40] = along[30] + 40 * (1 - np.cos(angle))
            along[40:] += 30 * rng.choice([-1, 1])
        xy = centre[i] + 2000 * across[:, None] * normal + along[:, None] * flow
        lines.append(LineString(xy[:: rng.choice([-1, 1])]))
    return lines


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_every_measure_is_that_of_geos(seed, gate_only):
    chosen = replace(SETTINGS, gate_only=gate_only)
    columns = measure_glacier(
        np.array(rough_fronts(seed), dtype=object), DOMAIN, CRS, MEASURES, chosen
    )
    engine, traces = columns.engine, columns.traces
    for row in range(len(columns.packed)):
        if row in columns.fronts:
            continue
        xy = traces.xy[traces.offsets[row] : traces.offsets[row + 1]] + engine.origin
        plain = measure_trace(
            engine.frame, engine.ribbon, LineString(xy), MEASURES, chosen,
            straight=engine.box, bundle=engine.bundle,
        )  # fmt: skip
        assert not isinstance(plain, str)
        assert columns.front.coverage[row] == pytest.approx(plain.front.coverage, abs=1e-12)
        assert columns.gap_left[row] == pytest.approx(plain.front.gap_left, abs=1e-9)
        assert columns.gap_right[row] == pytest.approx(plain.front.gap_right, abs=1e-9)
        assert columns.crossings[row] == plain.crossings
        assert columns.crossed[row] == (not plain.front.simple)
        for name, measure in columns.measures.items():
            value = plain.values.get(name)
            if value is None:
                assert np.isnan(measure.length[row]), name
                continue
            width = value.width if np.isfinite(value.width) else 1.0
            away = abs(measure.length[row] - value.length) * width
            assert away < (1e-6 if name in ("area", "length_area") else 2e-6), name
            assert measure.definition[row] == pytest.approx(value.definition, abs=1e-9)
            assert measure.stretch[row] == pytest.approx(value.stretch, abs=1e-9)
            assert measure.coverage[row] == pytest.approx(
                1 - sum(h - low for low, h in value.missing), abs=1e-12
            )
            if name == "flowlines":
                assert measure.spread[row] == pytest.approx(value.spread, abs=1e-9)


def observed(lines, domain=DOMAIN, **options):
    scenes = np.arange(len(lines)).astype(str)
    rows = gpd.GeoDataFrame(
        {"glacier_id": "test:1", "sensor": "Landsat-8", "scene_id": scenes,
         "date": pd.date_range("2015-01-01", periods=len(lines), freq="30D")},
        geometry=lines, crs=CRS,
    )  # fmt: skip
    table, _ = observe(
        front_table(rows), {"test:1": domain}, MEASURES, settings=SETTINGS, **options
    )
    return table


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_neither_direction_nor_vertex_density_nor_threads_change_anything(seed):
    lines = rough_fronts(seed)
    plain = observed(lines)
    columns = ["length_change", "area_change", "coverage", "gap_left", "flowline_spread"]
    turned = observed([line.reverse() for line in lines])
    assert turned[columns].to_numpy() == pytest.approx(
        plain[columns].to_numpy(), abs=1e-6, nan_ok=True
    )
    dense = observed([shapely.segmentize(line, 60.0) for line in lines])
    lengths = plain["measure"] != "variable_box"  # which is taken at the vertices
    columns.remove("area_change")  # the length times a width
    assert dense.loc[lengths, columns].to_numpy() == pytest.approx(
        plain.loc[lengths, columns].to_numpy(), abs=1e-3, nan_ok=True
    )
    pd.testing.assert_frame_equal(plain, observed(lines, workers=3))


def test_a_front_in_one_piece_is_the_same_as_in_a_collection_of_one():
    lines = rough_fronts(5)
    one = observed(lines)
    two = observed([MultiLineString([line]) for line in lines])
    pd.testing.assert_frame_equal(one.drop(columns="trace_id"), two.drop(columns="trace_id"))


@pytest.mark.parametrize("measure", sorted(set(MEASURES) - {"area"}))
def test_all_measures_agree_on_a_straight_front_in_a_straight_fjord(measure):
    table, _ = observe(fronts_at([6000, 6500, 5000]), {"test:1": straight_domain()}, MEASURES)
    rows = table[table["measure"] == measure]
    assert rows["length_change"].to_numpy() == pytest.approx([0, 500, -1000], rel=0.02, abs=1e-6)


def test_fronts_that_end_on_a_wall_but_for_rounding_are_not_left_to_geos():
    shares = np.linspace(0.3, 0.7, 40)
    ends = [
        shapely.get_coordinates(shapely.line_interpolate_point(wall, shares * wall.length))
        for wall in (DOMAIN.left_wall, DOMAIN.right_wall)
    ]
    lines = [LineString([a, (a + b) / 2 + 30, b]) for a, b in zip(*ends, strict=True)]
    engine = engine_of(DOMAIN, ("area", "curvilinear_box"), SETTINGS)
    traces = measure_packed(engine, pack(np.array(lines)), CRS, SETTINGS)
    assert (traces.numbers[:, :2] == GOOD).all()
    assert (np.diff(traces.values[:, AREA]) > 0).all()


def test_a_piece_cut_off_from_the_gate_counts_if_wished():
    rng = np.random.default_rng(3)
    lines = np.array(rough_fronts(int(rng.integers(1000)), ("weaving",) * 20), dtype=object)
    areas = []
    for gate_only in (False, True):
        chosen = replace(SETTINGS, gate_only=gate_only)
        columns = measure_glacier(lines, DOMAIN, CRS, ("area", "curvilinear_box"), chosen)
        areas.append([columns.measures[name].length for name in columns.measures])
    assert (areas[1][0] <= areas[0][0] + 1e-9).all()
    assert (areas[1][0] < areas[0][0] - 0.1).any()
    assert np.array_equal(areas[0][1], areas[1][1])


@pytest.mark.parametrize(("half", "crs"), [(8000, CRS), (40_000, CRS), (20_000, "EPSG:32622")])
def test_the_polynomial_is_as_exact_as_proj(half, crs):
    middle = np.array([-300_000.0, -2e6] if crs == CRS else [500_000.0, 8_200_000.0])
    plane = "+proj=laea +lat_0=71.6 +lon_0=-53.4 +datum=WGS84 +units=m +no_defs"
    if crs != CRS:
        plane = "+proj=laea +lat_0=73.9 +lon_0=-51 +datum=WGS84 +units=m +no_defs"
    move = polynomial_move(np.concatenate([middle - half, middle + half]), crs, plane)
    assert move is not None
    xy = middle + np.random.default_rng(1).uniform(-half, half, (3000, 2))
    right = np.column_stack(transformer(crs, plane).transform(xy[:, 0], xy[:, 1]))
    move_points(xy, move)
    assert np.abs(xy - right).max() < 1e-7
    assert np.abs((xy - right).mean(axis=0)).max() < 5e-9


def test_an_island_is_left_to_geos_and_counts_not_as_ice():
    plain = straight_domain()
    hole = plain.fjord.centroid.buffer(300.0)
    island = straight_domain()
    object.__setattr__(island, "fjord", Polygon(plain.fjord.exterior, [hole.exterior]))
    engine = engine_of(island, ("area",), SETTINGS)
    assert not engine.sound
    fronts = fronts_at([3000, 9000])
    with_hole, _ = observe(fronts, {"test:1": island}, ("area",))
    without, _ = observe(fronts, {"test:1": plain}, ("area",))
    lost = without["area_change"].iloc[-1] - with_hole["area_change"].iloc[-1]
    assert lost == pytest.approx(hole.area, rel=0.02)


def test_a_trace_far_away_disturbs_nothing():
    lines = rough_fronts(7)
    engine = engine_of(DOMAIN, MEASURES, SETTINGS)
    one = measure_packed(engine, pack(np.array(lines)), CRS, SETTINGS)
    far = shapely.transform(lines[0], lambda xy: xy + 900_000.0)
    two = measure_packed(engine, pack(np.array([*lines, far])), CRS, SETTINGS)
    np.testing.assert_array_equal(one.numbers, two.numbers[:-1])
    # the polynomial is fitted to another rectangle
    np.testing.assert_allclose(one.values, two.values[:-1], atol=0.05, rtol=1e-9)
    assert np.isnan(two.values[-1]).all()


def test_a_reflected_glacier_mirrors_its_changes():
    # the projection is symmetric about the meridian of 45 degrees west, where x is 0
    def mirror(line):
        return shapely.transform(line, lambda xy: xy * [-1.0, 1.0])

    fields = {name: mirror(getattr(DOMAIN, name)) for name in ("centreline",)}
    gate = mirror(DOMAIN.gate).reverse()
    other = straight_domain()
    for name, value in {
        **fields, "gate": gate, "left_wall": mirror(DOMAIN.right_wall),
        "right_wall": mirror(DOMAIN.left_wall), "fjord": mirror(DOMAIN.fjord),
        "reference_width": DOMAIN.reference_width,
    }.items():  # fmt: skip
        object.__setattr__(other, name, value)
    lines = rough_fronts(11)
    one, two = observed(lines), observed([mirror(line) for line in lines], other)
    columns = ["length_change", "area_change", "coverage"]
    assert two[columns].to_numpy() == pytest.approx(
        one[columns].to_numpy(), abs=2.0, rel=1e-4, nan_ok=True
    )
    assert two["gap_left"].to_numpy() == pytest.approx(one["gap_right"].to_numpy(), abs=1e-2)
