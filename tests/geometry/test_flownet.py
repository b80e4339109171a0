import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_glaciers import straight_domain, turned
from shapely.geometry import LineString

from termini.errors import DomainError
from termini.geometry import flow_net, flowlines_across


def test_flowlines_of_a_straight_fjord_are_straight_and_even():
    lines = shapely.get_parts(flowlines_across(straight_domain(), 5))
    for k, line in enumerate(lines):
        across, along = turned(shapely.get_coordinates(line), 0, (300_000.0, 1_800_000.0)).T
        assert across == pytest.approx(4000 * (k + 0.5) / 5, abs=2)
        assert along[[0, -1]] == pytest.approx([0, 12_000], abs=1e-3)


@settings(max_examples=10)
@given(
    st.floats(-2.0, 2.0), st.floats(800, 5000), st.floats(0, 360), st.sampled_from([1, 2, 11, 51])
)
def test_flowlines_run_from_gate_to_mouth_and_never_cross(bend, width, degrees, number):
    domain = straight_domain(width=width, bend=bend, degrees=degrees)
    lines = shapely.get_parts(flowlines_across(domain, number))
    assert len(lines) == number
    mouth = LineString([domain.left_wall.coords[-1], domain.right_wall.coords[-1]])
    room = domain.fjord.buffer(1e-3)
    for line in lines:
        assert line.is_simple
        assert room.contains(line)
        assert shapely.Point(line.coords[0]).distance(domain.gate) < 1e-3
        assert shapely.Point(line.coords[-1]).distance(mouth) < 1e-3
    for one, two in itertools.pairwise(lines):
        assert not one.intersects(two)
    from_left = shapely.distance(lines, shapely.Point(domain.gate.coords[0]))
    assert (np.diff(from_left) > 0).all()


def test_place_is_constant_along_a_flowline_and_unknown_outside():
    net = flow_net(straight_domain(bend=1.0))
    line = net.line(0.3)
    inner = shapely.get_coordinates(line.interpolate(np.linspace(0.1, 0.9, 9), normalized=True))
    assert net.place(inner) == pytest.approx(0.3, abs=1e-3)
    assert np.isnan(net.place(np.array([[0.0, 0.0]]))).all()


def test_turning_and_moving_a_fjord_turns_and_moves_its_flowlines():
    one = shapely.get_parts(flowlines_across(straight_domain(bend=0.8), 7))
    two = shapely.get_parts(flowlines_across(straight_domain(bend=0.8, degrees=40), 7))
    for a, b in zip(one, two, strict=True):
        assert a.length == pytest.approx(b.length, rel=2e-3)


def test_no_flowline_is_an_error_that_names_the_glacier():
    with pytest.raises(DomainError, match=r"test:1.*1 or more"):
        flowlines_across(straight_domain(), 0)
