"""The compiled pieces of geometry, each against shapely."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon

from termini.geo import local_plane_at, transformer
from termini.series.engine_plane import cleaned, move_points, polynomial_move
from termini.series.kernels import edge_boxes, nearest, nearest_along, polyline, within
from termini.series.kernels_along import flow_summary
from termini.series.kernels_cross import build_grid, find_crossings
from termini.series.kernels_loops import MOST_LOOPS, find_loops, without_loops
from termini.series.kernels_missing import ends_error
from termini.series.settings import ObservationSettings
from termini.series.uncertainty import missing_error

seeds = st.integers(0, 2**32 - 1)


def wandering(rng, number, step=50.0):
    return np.cumsum(rng.normal(0, step, (number, 2)), axis=0)


@settings(max_examples=30)
@given(seeds, st.integers(2, 300), st.integers(-1, 400))
def test_the_nearest_point_is_that_of_shapely_whatever_the_guess(seed, number, guess):
    rng = np.random.default_rng(seed)
    xy = wandering(rng, number)
    x, y = rng.normal(0, 500, 2)
    distance, edge, share = nearest(polyline(xy), x, y, min(guess, number - 2))
    assert distance == pytest.approx(LineString(xy).distance(Point(x, y)), abs=1e-9)
    at = xy[edge] + share * (xy[edge + 1] - xy[edge])
    assert np.hypot(*(at - [x, y])) == pytest.approx(distance, abs=1e-9)
    assert nearest_along(polyline(xy), np.array([[x, y]]))[0] == pytest.approx(
        LineString(xy).project(Point(x, y)), abs=1e-6
    )


@settings(max_examples=30)
@given(seeds, st.integers(3, 100))
def test_a_point_is_within_a_ring_as_shapely_says(seed, number):
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, number))
    reach = rng.uniform(50, 150, number)
    ring = np.column_stack([reach * np.cos(angle), reach * np.sin(angle)])
    line = polyline(np.vstack([ring, ring[:1]]))
    for x, y in rng.uniform(-160, 160, (20, 2)):
        assert within(line, x, y) == Polygon(ring).covers(Point(x, y))


@settings(max_examples=30)
@given(seeds, st.floats(10, 2000), st.integers(2, 80))
def test_crossings_are_those_of_shapely_each_once_and_in_order(seed, cell, number):
    rng = np.random.default_rng(seed)
    lines = [wandering(rng, 60, 100.0), wandering(rng, 5, 900.0), wandering(rng, 200, 30.0)]
    path = wandering(rng, number, 120.0)
    segments = np.vstack([np.hstack([xy[:-1], xy[1:]]) for xy in lines])
    line = np.concatenate([np.full(len(xy) - 1, k) for k, xy in enumerate(lines)])
    edge = np.concatenate([np.arange(len(xy) - 1) for xy in lines])
    grid = build_grid(np.ascontiguousarray(segments), line, edge, cell)
    place, share = np.empty(4096), np.empty(4096)
    which, where = np.empty(4096, dtype=np.int64), np.empty(4096, dtype=np.int64)
    count = find_crossings(path, grid, place, which, where, share)
    assert (np.diff(place[:count]) >= 0).all()
    for k, xy in enumerate(lines):
        pairs = [
            (i, j)
            for i in range(len(path) - 1)
            for j in range(len(xy) - 1)
            if LineString(path[i : i + 2]).crosses(LineString(xy[j : j + 2]))
        ] if number < 20 else None  # fmt: skip
        mine = which[:count] == k
        if pairs is not None:
            found = sorted(zip(place[:count][mine].astype(int), where[:count][mine], strict=True))
            assert found == pairs
        i, t = place[:count][mine].astype(int), place[:count][mine] % 1
        one = path[i] + t[:, None] * (path[i + 1] - path[i])
        j, u = where[:count][mine], share[:count][mine]
        two = xy[j] + u[:, None] * (xy[j + 1] - xy[j])
        assert one == pytest.approx(two, abs=1e-6)


def loops_of(xy):
    starts, ends = np.empty(MOST_LOOPS), np.empty(MOST_LOOPS)
    count = find_loops(xy, edge_boxes(xy), starts, ends)
    return count, starts[: max(count, 0)], ends[: max(count, 0)]


@settings(max_examples=60)
@given(seeds, st.integers(2, 40))
def test_no_loop_is_found_in_simple_lines_and_only_there(seed, number):
    xy = wandering(np.random.default_rng(seed), number)
    assert (loops_of(xy)[0] == 0) == shapely.is_simple(LineString(xy))


def test_a_line_without_its_loops_is_simple():
    angle = np.linspace(-0.5 * np.pi, 1.45 * np.pi, 12)
    loop = np.column_stack([np.cos(angle), np.sin(angle) + 0.9])
    # two loops that begin and end on the same long edge, and one further on
    xy = np.vstack([[-9, 0], np.add(loop, [-3, 0]), np.add(loop, [2, 0]), [6, -0.2], [9, 0.3]])
    count, starts, ends = loops_of(xy)
    assert count == 2
    plain = without_loops(xy, starts, ends, count)
    assert shapely.is_simple(LineString(plain))
    assert plain[0] == pytest.approx(xy[0])
    assert plain[-1] == pytest.approx(xy[-1])


def test_entangled_loops_and_lines_that_fold_back_are_left_to_geos():
    eight = np.array([[0.0, 0], [4, 4], [4, 0], [0, 4], [6, 2.5], [-1, 2.2]])
    assert loops_of(eight)[0] == -1
    assert loops_of(np.array([[0.0, 0], [2, 0], [1, 0], [3, 1]]))[0] == -1


@pytest.mark.parametrize("crs", ["EPSG:3413", "EPSG:32622", "EPSG:3031"])
def test_a_polynomial_projects_as_proj_does(crs):
    latitude = -75.0 if crs == "EPSG:3031" else 72.0
    plane = local_plane_at(latitude, -50.0)
    back = transformer(plane, crs)
    corners = np.array(back.transform([-3e4, 3e4], [-2e4, 2.5e4]))
    bounds = np.concatenate([corners.min(axis=1), corners.max(axis=1)])
    move = polynomial_move(bounds, crs, plane)
    assert move is not None
    xy = np.random.default_rng(1).uniform(bounds[:2], bounds[2:], (300, 2))
    right = np.column_stack(transformer(crs, plane).transform(xy[:, 0], xy[:, 1]))
    move_points(xy, move)
    assert np.abs(xy - right).max() < 1e-5


def test_no_polynomial_for_half_a_continent():
    plane = local_plane_at(72.0, -50.0)
    bounds = np.array([-6e5, -3.3e6, 8e5, -7e5])
    assert polynomial_move(bounds, "EPSG:3413", plane) is None


def test_repeated_and_infinite_points_go_and_long_edges_are_cut():
    xy = np.array([[0, 0], [0, 0], [np.nan, 1], [0, 4500], [5, 5], [5, 5], [1, 1], [2, 2.0]])
    out, starts = cleaned(xy, np.array([0, 4, 6, 8]), 2000.0)
    assert starts.tolist() == [0, 4, 4, 6]
    assert out[:4, 1] == pytest.approx([0, 1500, 3000, 4500])
    dense = shapely.get_coordinates(shapely.segmentize(LineString(xy[[0, 3]]), 2000.0))
    assert out[:4] == pytest.approx(dense)


@given(seeds, st.floats(0, 0.4), st.floats(0, 0.4))
def test_the_error_of_missing_ends_is_that_of_the_plain_code(seed, left, right):
    rng = np.random.default_rng(seed)
    shapes = np.cumsum(rng.normal(0, 30, (8, 41)), axis=1)
    found = ends_error(np.array([left]), np.array([1 - right]), shapes)[0]
    holes = [hole for hole in ((0.0, left), (1 - right, 1.0)) if hole[1] > hole[0]]
    assert found == pytest.approx(missing_error(holes, shapes, ObservationSettings()), abs=1e-9)


@given(seeds)
def test_median_and_spread_are_those_of_numpy(seed):
    rng = np.random.default_rng(seed)
    flow = rng.normal(0, 100, (5, 51))
    flow[rng.random(flow.shape) < 0.3] = np.nan
    flow[0, 3:] = np.nan
    found = flow_summary(flow, 5)
    assert np.isnan(found[0]).all()
    for row, (median, spread) in zip(flow[1:], found[1:], strict=True):
        low, middle, high = np.nanpercentile(row, [16, 50, 84])
        assert (median, spread) == pytest.approx((middle, (high - low) / 2))
