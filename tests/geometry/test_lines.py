import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon

from termini.geometry.lines import (
    along_across,
    left_normals,
    midway_line,
    resampled,
    smoothed,
    vertices,
)


def test_resampled_keeps_both_ends_and_even_spacing():
    points = resampled(LineString([(0, 0), (10, 0), (10, 5)]), 2.0)
    assert points[0] == pytest.approx([0, 0])
    assert points[-1] == pytest.approx([10, 5])
    assert len(points) == 9


def test_smoothing_keeps_the_ends_and_a_straight_line():
    straight = np.column_stack([np.arange(30.0), 2 * np.arange(30.0)])
    assert smoothed(straight, 4.0) == pytest.approx(straight)
    bent = np.column_stack([np.arange(30.0), np.random.default_rng(1).normal(size=30)])
    calm = smoothed(bent, 4.0)
    assert calm[[0, -1]] == pytest.approx(bent[[0, -1]])
    assert np.std(np.diff(calm[:, 1])) < 0.3 * np.std(np.diff(bent[:, 1]))


def test_left_is_left():
    north = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    assert left_normals(north) == pytest.approx(np.array([[-1.0, 0.0]] * 3))


@given(st.floats(1, 99), st.floats(-40, 40).filter(lambda n: abs(n) > 1e-3))
def test_along_across_is_the_inverse_of_an_offset(along, across):
    line = LineString([(0, 0), (0, 100)])
    where = np.array([[-across, along]])
    found = along_across(line, where)
    assert found[0][0] == pytest.approx(along)
    assert found[1][0] == pytest.approx(across)


def test_midway_line_is_equally_far_from_both_walls():
    left = LineString([(0, 0), (0, 4000), (-3000, 9000)])
    right = LineString([(3000, 0), (2000, 5000), (1000, 9000)])
    fjord = Polygon([*left.coords, *list(right.coords)[::-1]])
    line = midway_line(left, right, fjord, 100.0)
    inner = vertices(line)[10:-10]
    distances = [
        (left.distance(LineString([p, p])), right.distance(LineString([p, p]))) for p in inner
    ]
    assert np.abs(np.diff(distances, axis=1)).max() < 60
    assert vertices(line)[0] == pytest.approx([1500, 0])
    assert vertices(line)[-1] == pytest.approx([-1000, 9000])
