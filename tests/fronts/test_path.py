"""The path on heat maps whose front is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon

from termini.errors import TraceError
from termini.fronts import border_walls, fjord_walls, front_path, polygon_walls
from termini.fronts.path import without_gaps
from termini.fronts.subpixel import normals, refine, resample, smooth
from termini.scenes import raster_polygon

ROWS, COLUMNS = 160, 120


def _maps(
    height: np.ndarray, left: int = 0, right: int = COLUMNS, noise: float = 0.03
) -> tuple[np.ndarray, np.ndarray]:
    """Heat map and ice mask of a front at row `height` in each column."""
    row = np.arange(ROWS)[:, None]
    away = (row - height[None, :]) / np.sqrt(1 + np.gradient(height) ** 2)[None, :]
    heat = np.exp(-0.5 * (away / 1.5) ** 2) * 0.9
    heat[:, :left] = heat[:, right:] = 0
    heat += noise * np.random.default_rng(0).random(heat.shape)
    return heat.clip(0, 1), 1 / (1 + np.exp(-away))


def _error(xy: np.ndarray, height: np.ndarray) -> np.ndarray:
    truth = LineString(np.column_stack([np.arange(COLUMNS), height]))
    return np.array([truth.distance(Point(p)) for p in xy])


@settings(max_examples=25)
@given(st.floats(50, 110), st.floats(-20, 20), st.floats(0.5, 2), st.floats(-0.3, 0.3))
def test_the_front_is_found_below_the_pixel(
    level: float, bend: float, waves: float, slope: float
) -> None:
    x = np.arange(COLUMNS)
    height = level + bend * np.sin(waves * np.pi * x / COLUMNS) + slope * (x - 60)
    found = front_path(*_maps(height))
    error = _error(found.xy, height)
    assert error.mean() < 0.3
    assert np.quantile(error, 0.95) < 1.0
    assert found.xy[0, 0] < 3
    assert found.xy[-1, 0] > COLUMNS - 4
    assert found.reasons == ()
    assert found.confidence > 0.5
    assert 0.1 < found.sigma_px < 3


def test_ends_without_evidence_are_cut_and_gaps_within_are_bridged() -> None:
    height = np.full(COLUMNS, 80.0)
    heat, ice = _maps(height, left=30, right=95)
    heat[:, 55:61] = 0.01
    found = front_path(heat, ice)
    assert found.xy[0, 0] == pytest.approx(30, abs=3)
    assert found.xy[-1, 0] == pytest.approx(94, abs=3)
    assert found.open_left > 20
    assert np.abs(found.xy[:, 1] - 80).max() < 1.5


def test_the_path_stays_in_the_fjord_and_reaches_its_walls() -> None:
    height = np.full(COLUMNS, 80.0)
    heat, ice = _maps(height, left=22, right=98)
    fjord = Polygon([(20, 5), (100, 5), (100, 150), (20, 150)])
    inside = raster_polygon(fjord, (ROWS, COLUMNS))
    left, right = LineString([(20, 150), (20, 5)]), LineString([(100, 150), (100, 5)])
    for walls in (fjord_walls(inside, left, right), polygon_walls(inside)):
        found = front_path(heat, ice, walls=walls)
        assert found.xy[0, 0] == pytest.approx(20, abs=3)
        assert found.xy[-1, 0] == pytest.approx(100, abs=3)
        assert found.open_left == found.open_right == 0


def test_of_two_lines_the_one_with_ice_behind_it_is_taken() -> None:
    height = np.full(COLUMNS, 100.0)
    heat, ice = _maps(height)
    heat[50] = heat[100]  # as clear, but with water on both sides
    found = front_path(heat, ice)
    assert np.abs(found.xy[:, 1] - 100).max() < 2
    upside_down = front_path(heat[::-1], ice)
    assert upside_down.reasons


def test_no_front_is_said_to_be_none() -> None:
    flat = np.full((ROWS, COLUMNS), 0.02)
    with pytest.raises(TraceError, match="no front"):
        front_path(flat, np.full_like(flat, 0.5))
    faint, ice = _maps(np.full(COLUMNS, 80.0))
    doubtful = front_path(faint * 0.28, ice)
    assert any("mean probability" in reason for reason in doubtful.reasons)


def test_two_equal_lines_are_not_trusted() -> None:
    heat, _ = _maps(np.full(COLUMNS, 110.0))
    other, _ = _maps(np.full(COLUMNS, 50.0))
    found = front_path(np.maximum(heat, other), np.full(heat.shape, 0.5))
    assert any("another line" in reason for reason in found.reasons)


def test_gaps_of_the_sensor_hold_no_evidence() -> None:
    heat, ice = _maps(np.full(COLUMNS, 80.0))
    valid = np.ones(heat.shape, dtype=bool)
    valid[:, 40:56] = False
    valid[:, 80:86] = False
    valid[:, 110:] = False
    filled = without_gaps(valid)
    assert filled[:, 80:86].all()
    assert not filled[:, 46:50].any()
    assert not filled[:, 110:].any()
    whole, gapped = front_path(heat, ice), front_path(heat, ice, valid)
    assert gapped.probability < whole.probability
    assert np.abs(gapped.xy[:, 1] - 80).max() < 1.5
    assert gapped.xy[-1, 0] == pytest.approx(109, abs=3)


def test_walls_that_cannot_be() -> None:
    empty = np.zeros((ROWS, COLUMNS), dtype=bool)
    with pytest.raises(TraceError, match="not cover a single pixel"):
        polygon_walls(empty)
    with pytest.raises(TraceError, match="outside the grid"):
        fjord_walls(~empty, LineString([(-50, 0), (-50, 9)]), LineString([(5, 0), (5, 9)]))
    assert not border_walls((ROWS, COLUMNS)).known
    heat, ice = _maps(np.full(COLUMNS, 80.0))
    cut = polygon_walls(raster_polygon(Polygon([(5, 5), (5, 6), (6, 6), (6, 5)]), heat.shape))
    with pytest.raises(TraceError):
        front_path(heat, ice, walls=cut)


def test_smoothing_keeps_ends_and_straight_lines() -> None:
    line = resample(np.array([[0.0, 0.0], [30.0, 40.0]]))
    assert len(line) == 51
    assert np.allclose(smooth(line, 2.0), line)
    bent = resample(np.array([[0.0, 0.0], [20.0, 0.0], [20.0, 20.0]]))
    assert np.allclose(smooth(bent, 2.0)[[0, -1]], bent[[0, -1]])
    assert np.allclose(normals(np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])), [[0, 1]] * 3)


def test_refining_does_not_round_off_a_bend() -> None:
    radius, centre = 20.0, np.array([60.0, 80.0])
    row, column = np.mgrid[:ROWS, :COLUMNS]
    distance = np.hypot(column - centre[0], row - centre[1])
    heat = np.exp(-0.5 * ((distance - radius) / 1.5) ** 2)
    turn = np.linspace(np.pi, 2 * np.pi, 200)
    start = np.rint(centre + radius * np.column_stack([np.cos(turn), np.sin(turn)]))
    line = refine(heat, start)
    found = np.hypot(*(line - centre).T)
    assert found[5:-5].mean() == pytest.approx(radius, abs=0.15)
