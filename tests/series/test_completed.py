"""Partial fronts drawn in full, in a plane."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon

from termini.series.completed import added_between, net_of
from termini.series.filling import part_between
from termini.series.frame import Frame
from termini.series.kernels import polyline
from termini.series.layout import lay_front
from termini.series.shape_ends import Banks, worth_of_course, worth_of_ends
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
BANKS = Banks(
    polyline(np.array(FRAME.left.coords)), polyline(np.array(FRAME.right.coords)),
    NET.stations[1], NET.left, NET.right,
)  # fmt: skip


def front_of(level, bend, low=0.0, high=1.0):
    """A front that bends by a cosine, between two places."""
    places = np.linspace(low, high, 121)
    return NET.points(places, level + bend * np.cos(np.pi * places))


def laid(path):
    front = lay_front(FRAME, [path])
    assert front is not None
    return front


@given(st.floats(0.02, 0.98), st.floats(500, 13000))
def test_points_of_the_net_lie_where_they_are_asked_for(place, along):
    point = shapely.points(NET.points(np.array([place]), np.array([along])))[0]
    left, right = FRAME.left.distance(point), FRAME.right.distance(point)
    assert left / (left + right) == pytest.approx(place, abs=2e-3)
    assert FRAME.centreline.project(point) == pytest.approx(along, abs=12)


@given(st.floats(5000, 7000), st.floats(-300, 300), st.floats(0.05, 0.4), st.floats(0.05, 0.4))
def test_a_cut_front_with_its_own_course_encloses_the_whole_area(level, bend, left, right):
    whole, part = laid(front_of(level, bend)), laid(front_of(level, bend, left, 1 - right))
    course = shape_of(FRAME, whole)[None]
    added = sum(
        worth_of_course(course, np.array([place]), part.path[[end]], BANKS, end == 0)[0]
        for end, place in ((0, left), (-1, 1 - right))
    )
    true, cut = (upstream_area(FRAME, front.path)[0] for front in (whole, part))
    assert (cut + added) / FRAME.width == pytest.approx(true / FRAME.width, abs=5)


@given(st.floats(5000, 7000), st.floats(-300, 300), st.floats(0.1, 0.4), st.floats(0.5, 0.9))
def test_a_hole_with_its_own_course_encloses_the_whole_area(level, bend, low, high):
    whole = laid(front_of(level, bend))
    front = lay_front(FRAME, [front_of(level, bend, 0.0, low), front_of(level, bend, high, 1.0)])
    ends = np.array([front.pieces[0][-1], front.pieces[1][0]])
    added = added_between(NET, ends, (low, high), shape_of(FRAME, whole))
    true, cut = (upstream_area(FRAME, f.path)[0] for f in (whole, front))
    assert (cut + added) / FRAME.width == pytest.approx(true / FRAME.width, abs=5)


def test_nothing_is_added_to_a_front_extended_at_its_own_course():
    part = laid(front_of(6000, 0, 0.3, 1.0))
    course = shape_of(FRAME, part)[None]
    added = worth_of_course(course, np.array([0.3]), part.path[:1], BANKS, True)
    assert abs(added[0]) / FRAME.width < 1


@given(st.floats(5000, 7000), st.floats(-300, 300), st.floats(0.05, 0.4))
def test_what_a_cut_end_encloses_is_the_difference_of_the_areas(level, bend, share):
    whole = laid(front_of(level, bend))
    starts = np.array([0, len(whole.path)])
    worth, unseen, cuts = worth_of_ends(
        whole.path, np.concatenate(whole.fractions), starts, BANKS, np.array([share])
    )
    true = upstream_area(FRAME, whole.path)[0]
    for side, span in enumerate(((share, 1.0), (0.0, 1 - share))):
        part = part_between(whole.path, np.concatenate(whole.fractions), *span)
        assert np.allclose(cuts[0, side, 0], part[0 if side == 0 else -1])
        cut = upstream_area(FRAME, laid(part).path)[0]
        assert worth[0, side, 0] == pytest.approx(true - cut, abs=1e-3 * FRAME.width)
        assert unseen[0, side, 0] == pytest.approx(share)
