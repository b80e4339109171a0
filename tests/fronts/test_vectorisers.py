"""Every vectoriser on maps whose front is known; branches, walls, polygons."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from termini.errors import InputError, TraceError
from termini.fronts import (
    VECTORISERS,
    branch_paths,
    corner_walls,
    front_path,
    ice_and_ocean,
    polygon_walls,
    vectorise,
    walls_in_scene,
)
from termini.fronts.vector import fjord_classes, islands_of
from termini.fronts.vector.longest_path import tree_path
from termini.fronts.vector.polygons import front_sides

ROWS, COLUMNS = 140, 110


def _maps(height: np.ndarray, noise: float = 0.02) -> tuple[np.ndarray, np.ndarray]:
    row = np.arange(ROWS)[:, None]
    away = (row - height[None, :]) / np.sqrt(1 + np.gradient(height) ** 2)[None, :]
    heat = np.exp(-0.5 * (away / 1.5) ** 2) * 0.9
    heat += noise * np.random.default_rng(0).random(heat.shape)
    return heat.clip(0, 1), 1 / (1 + np.exp(-away.clip(-30, 30)))


def _fjord() -> np.ndarray:
    inside = np.zeros((ROWS, COLUMNS), dtype=bool)
    inside[5:135, 15:95] = True
    return inside


def _off(xy: np.ndarray, height: np.ndarray) -> float:
    truth = LineString(np.column_stack([np.arange(COLUMNS), height]))
    return float(np.mean([truth.distance(Point(p)) for p in xy]))


@settings(max_examples=10, deadline=None)
@given(st.floats(50, 90), st.floats(-15, 15), st.floats(0.5, 2))
@pytest.mark.parametrize("name", VECTORISERS)
def test_every_vectoriser_finds_a_clear_front(
    name: str, level: float, bend: float, waves: float
) -> None:
    height = level + bend * np.sin(waves * np.pi * np.arange(COLUMNS) / COLUMNS)
    heat, ice = _maps(height)
    found = vectorise(heat, ice, None, corner_walls(_fjord()), vectoriser=name)
    assert _off(found.xy, height) < 1.0
    assert found.xy[0, 0] < found.xy[-1, 0]
    assert found.xy[0, 0] < 15 + 8
    assert found.xy[-1, 0] > 94 - 8
    assert found.contrast > 0.5
    refined = vectorise(heat, ice, None, corner_walls(_fjord()), vectoriser=name, refined=True)
    assert _off(refined.xy, height) < 0.4


def test_the_shipped_way_is_the_minimal_path() -> None:
    heat, ice = _maps(np.full(COLUMNS, 70.0))
    walls = corner_walls(_fjord())
    ours = vectorise(heat, ice, None, walls)
    assert np.array_equal(ours.xy, front_path(heat, ice, None, walls).xy)


@pytest.mark.parametrize("name", VECTORISERS)
def test_an_empty_map_gives_an_error_and_no_line(name: str) -> None:
    nothing = np.zeros((ROWS, COLUMNS))
    with pytest.raises(TraceError):
        vectorise(nothing, nothing, None, corner_walls(_fjord()), vectoriser=name)


def test_unknown_names_and_maps_of_two_shapes_are_refused() -> None:
    heat, ice = _maps(np.full(COLUMNS, 70.0))
    with pytest.raises(InputError, match=r"snake.*minimal_path"):
        vectorise(heat, ice, vectoriser="snake")
    with pytest.raises(InputError, match="one grid"):
        vectorise(heat, ice[1:])


def test_a_short_front_between_far_borders_is_not_lost() -> None:
    heat, ice = _maps(np.full(COLUMNS, 70.0), noise=0.0)
    heat[:, :45] = heat[:, 60:] = 0.0
    ice[:, :45] = ice[:, 60:] = 0.5
    found = vectorise(heat, ice)
    assert _off(found.xy, np.full(COLUMNS, 70.0)) < 1.0


def test_slanted_ends_of_a_fjord_are_no_walls() -> None:
    row, column = np.indices((ROWS, COLUMNS))
    inside = (column > 20) & (column < 90) & (row > 10 + 0.8 * (column - 20)) & (row < 130)
    walls = corner_walls(inside)
    assert not walls.right[:60].any()  # the slanted mouth
    assert walls.left[20:120].any()
    assert not (walls.left & walls.right).any()
    assert polygon_walls(inside).right[20:60].any()
    with pytest.raises(TraceError, match="single pixel"):
        corner_walls(np.zeros((ROWS, COLUMNS), dtype=bool))


def test_two_arms_have_two_fronts_and_one_trunk_has_one() -> None:
    inside = _fjord()
    inside[60:110, 50:60] = False
    walls = corner_walls(inside)
    assert islands_of(walls).sum() == 500
    for level, count in ((85.0, 2), (30.0, 1)):
        heat, ice = _maps(np.full(COLUMNS, level))
        heat[~inside] = 0
        found = branch_paths(heat, ice, None, walls)
        assert len(found) == count
        assert all(_off(part.xy, np.full(COLUMNS, level)) < 0.5 for part in found)
    assert len(branch_paths(heat, ice, None, corner_walls(_fjord()))) == 1


def test_walls_are_found_where_rock_is_seen() -> None:
    heat, _ = _maps(np.full(COLUMNS, 70.0))
    rock = np.where(_fjord(), 0.05, 0.95)
    rock[:, 15:95] = np.minimum(rock[:, 15:95], 0.1)
    walls = walls_in_scene(heat, rock)
    assert walls.known
    assert np.flatnonzero(walls.left.any(axis=0)).min() == pytest.approx(15, abs=2)
    assert np.flatnonzero(walls.right.any(axis=0)).max() == pytest.approx(94, abs=2)
    assert not walls_in_scene(heat, np.zeros_like(rock)).known


def test_ice_and_ocean_fill_the_fjord_and_meet_at_the_front() -> None:
    height = np.full(COLUMNS, 70.0)
    _, ice = _maps(height)
    line = np.array([[10.0, 70.0], [100.0, 70.0]])
    frozen, ocean = ice_and_ocean(ice, [line], _fjord())
    assert frozen.area + ocean.area == pytest.approx(_fjord().sum(), rel=0.01)
    assert frozen.area == pytest.approx(80 * 64.5, rel=0.02)
    assert frozen.intersection(ocean).area < 1
    classes = fjord_classes(ice, [line], _fjord())
    assert set(np.unique(classes)) == {0, 1, 2}
    with pytest.raises(TraceError, match="single pixel"):
        ice_and_ocean(ice, [line], np.zeros_like(_fjord()))


def test_sides_of_a_front_and_distances_from_it() -> None:
    side, off = front_sides(np.array([[100.0, 50.0], [10.0, 50.0]]), (ROWS, COLUMNS))
    assert side[80].all()
    assert not side[20].any()
    assert off[60, 50] == pytest.approx(10)


@given(st.integers(3, 60), st.integers(0, 100))
def test_the_tree_of_points_on_a_curve_runs_along_it(count: int, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(count)
    points = np.column_stack([order.astype(float), 0.1 * np.sin(order)])
    path = tree_path(points)
    along = points[path, 0]
    assert len(path) == count
    assert (np.diff(along) > 0).all() or (np.diff(along) < 0).all()
