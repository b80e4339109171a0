"""Fronts with long sides along the flow."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon

from termini.domain import GlacierDomain
from termini.simulate import training_scene
from termini.simulate.front_flanks import drawn_out, with_flanks


def _channel(width: float = 4000.0, length: float = 20_000.0) -> GlacierDomain:
    """Straight fjord that flows to the north."""
    left, right = LineString([(0, 0), (0, length)]), LineString([(width, 0), (width, length)])
    fjord = Polygon([(0, 0), (0, length), (width, length), (width, 0)])
    gate, centre = (
        LineString([(0, 0), (width, 0)]),
        LineString([(width / 2, 0), (width / 2, length)]),
    )
    return GlacierDomain("test:1", "", fjord, gate, left, right, centre, width)


FRONT = LineString([(0, 9000), (1500, 8800), (4000, 9100)])


def test_a_tongue_reaches_as_far_as_asked() -> None:
    widths = np.where(np.abs(np.linspace(-1, 1, 401)) < 0.4, 0.5, 0.0)
    line = drawn_out(FRONT, _channel(), widths)
    assert line is not None
    assert line.coords[0] == pytest.approx((0, 9000), abs=60)
    assert line.coords[-1] == pytest.approx((4000, 9100), abs=60)
    # half of a chord of four kilometres beyond what lay across
    assert shapely.bounds(line)[3] == pytest.approx(9000 + 2000, abs=120)
    assert line.length > FRONT.length + 2 * 1800


def test_a_bay_lies_behind_the_front() -> None:
    widths = np.where(np.abs(np.linspace(-1, 1, 401)) < 0.4, -0.5, 0.0)
    line = drawn_out(FRONT, _channel(), widths)
    assert line is not None
    assert shapely.bounds(line)[1] == pytest.approx(8850 - 2000, abs=120)


def test_there_must_be_room() -> None:
    short = _channel(length=9500.0)
    assert drawn_out(FRONT, short, np.full(401, 0.5)) is None
    assert drawn_out(FRONT, short, np.zeros(401)) is not None


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=60)
def test_whatever_is_moved_ends_on_the_walls(seed: int) -> None:
    domain = _channel()
    line = with_flanks(FRONT, domain, np.random.default_rng(seed))
    assert line is not None
    assert line.is_simple
    assert domain.fjord.buffer(1.0).covers(line)
    assert domain.left_wall.distance(Point(line.coords[0])) < 50
    assert domain.right_wall.distance(Point(line.coords[-1])) < 50


def test_only_the_front_of_a_training_scene_changes() -> None:
    plain = training_scene(5, (96, 80))
    same = training_scene(5, (96, 80), flanks=0.0)
    np.testing.assert_array_equal(plain.image, same.image)
    moved = [training_scene(seed, (96, 80), flanks=1.0) for seed in range(5, 9)]
    usual = [training_scene(seed, (96, 80)) for seed in range(5, 9)]
    longer = []
    for one, other in zip(moved, usual, strict=True):
        np.testing.assert_array_equal(one.fjord, other.fjord)
        assert one.pixel == other.pixel
        longer.append(LineString(one.front).length > 1.2 * LineString(other.front).length)
    assert sum(longer) >= 2
