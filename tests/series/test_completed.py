"""Partial fronts drawn in full, in a plane."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon

from termini.series.completed import complete, fill_front, net_of, untold
from termini.series.frame import Frame
from termini.series.layout import lay_front
from termini.series.shapes import PLACES, ShapeModel
from termini.series.uncertainty import shape_of
from termini.series.upstream import upstream_area


def bent_frame(width=3000.0, radius=9000.0):
    """A fjord in a quarter of a ring; down-glacier is anticlockwise."""
    angle = np.linspace(0, np.pi / 2, 120)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    left, right = (radius - width / 2) * ring, (radius + width / 2) * ring
    return Frame(
        fjord=Polygon(np.vstack([right, left[::-1]])),
        gate=np.vstack([left[0], right[0]]),
        left=LineString(left),
        right=LineString(right),
        centreline=LineString(radius * ring),
        width=width,
    )


FRAME = bent_frame()
NET = net_of(FRAME)


def front_of(level, bend, low=0.0, high=1.0):
    """A front that bends by a cosine, between two places."""
    places = np.linspace(low, high, 121)
    return NET.points(places, level + bend * np.cos(np.pi * places))


def laid(path):
    front = lay_front(FRAME, [path])
    assert front is not None
    return front


SHAPES = np.array(
    [shape_of(FRAME, laid(front_of(6000 + 80 * k, 200 + 40 * (k % 7)))) for k in range(-15, 15)]
)
MODEL = ShapeModel.fit(SHAPES, width=FRAME.width)


@given(st.floats(0.02, 0.98), st.floats(500, 13000))
def test_points_of_the_net_lie_where_they_are_asked_for(place, along):
    point = shapely.points(NET.points(np.array([place]), np.array([along])))[0]
    left, right = FRAME.left.distance(point), FRAME.right.distance(point)
    assert left / (left + right) == pytest.approx(place, abs=2e-3)
    assert FRAME.centreline.project(point) == pytest.approx(along, abs=12)


@given(st.floats(5000, 7000), st.floats(-300, 300), st.floats(0.05, 0.3), st.floats(0.05, 0.3))
def test_a_cut_front_with_its_own_course_encloses_the_whole_area(level, bend, left, right):
    whole = laid(front_of(level, bend))
    part = laid(front_of(level, bend, left, 1 - right))
    path = complete(NET, part, shape_of(FRAME, whole))
    true, drawn = (upstream_area(FRAME, xy)[0] / FRAME.width for xy in (whole.path, path))
    assert drawn == pytest.approx(true, abs=3)


@pytest.mark.parametrize("side", ["left", "right"])
def test_filling_a_short_front_is_better_than_its_extended_end(side):
    low, high = (0.4, 1.0) if side == "left" else (0.0, 0.6)
    whole, part = laid(front_of(6100, 320)), laid(front_of(6100, 320, low, high))
    true, constant = (upstream_area(FRAME, f.path)[0] / FRAME.width for f in (whole, part))
    correction, sigma = fill_front(MODEL, FRAME, NET, part)
    assert abs(constant + correction - true) < 0.3 * abs(constant - true)
    assert abs(constant + correction - true) < 3 * sigma


def test_a_front_in_two_pieces_is_joined_by_its_course():
    one, two = front_of(6000, 250, 0.0, 0.35), front_of(6000, 250, 0.6, 1.0)
    front = lay_front(FRAME, [one, two])
    path = complete(NET, front, shape_of(FRAME, laid(front_of(6000, 250))))
    assert shapely.LineString(path).is_simple
    whole = upstream_area(FRAME, front_of(6000, 250))[0] / FRAME.width
    assert upstream_area(FRAME, path)[0] / FRAME.width == pytest.approx(whole, abs=2)


def test_a_whole_front_is_left_as_it_is():
    assert fill_front(MODEL, FRAME, NET, laid(front_of(6000, 100, -0.1, 1.1))) == (0.0, 0.0)


def test_fronts_along_a_wall_are_not_told_and_not_filled():
    plain = [laid(front_of(6000 + 50 * k, 200)) for k in range(8)]
    assert untold(FRAME, NET, plain) < 2
    # out along the left wall and back
    tongue = NET.points(
        np.array([0.0, 0.1, 0.1, 0.25, 0.2, 0.4, 1.0]),
        np.array([6000, 6000, 9000, 9000, 6500, 6000, 6000.0]),
    )
    assert (
        untold(FRAME, NET, [laid(shapely.get_coordinates(LineString(tongue).segmentize(50)))]) > 40
    )
    part = laid(front_of(6100, 320, 0.4, 1.0))
    correction, sigma = fill_front(MODEL, FRAME, NET, part, unsure=500.0)
    filled = fill_front(MODEL, FRAME, NET, part)
    assert correction == 0
    assert sigma == pytest.approx(np.hypot(*filled))
    assert len(PLACES) == 41
