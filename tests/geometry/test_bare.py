"""Domains from less than a box: fjord outlines, flowlines, or the fronts alone."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_glaciers import flowlines, fronts_at, open_box, straight_domain, turned
from shapely.geometry import LineString, Polygon
from test_boxes import check_domain

from termini.errors import DomainError
from termini.geometry import (
    domain_from,
    domain_from_box,
    domain_from_flowlines,
    domain_from_traces,
    domain_problems,
)

RETREAT = list(np.linspace(9000, 3000, 20))


@settings(max_examples=8)
@given(st.floats(0, 360))
def test_fronts_alone_give_a_domain_along_their_retreat(degrees):
    fronts = fronts_at(RETREAT, degrees=degrees)
    domain = domain_from_traces("test:1", "", fronts)
    check_domain(domain, fronts, turned([(0, 1)], degrees, (0, 0))[0])
    assert domain_problems(domain, fronts) == []
    # fronts overshoot by 200 m on either side
    assert domain.reference_width == pytest.approx(4400 / 0.983, rel=0.03)


def test_order_direction_and_density_of_traces_change_nothing():
    fronts = fronts_at(RETREAT)
    one = domain_from_traces("test:1", "", fronts)
    shuffled = fronts.sample(frac=1, random_state=3)
    dense = shapely.reverse(shapely.segmentize(shuffled.geometry.to_numpy(), 20.0))
    two = domain_from_traces("test:1", "", shuffled.set_geometry(dense, crs=fronts.crs))
    assert one.fjord.symmetric_difference(two.fjord).area < 1e-3 * one.fjord.area


def test_a_mirrored_glacier_has_a_mirrored_domain():
    fronts = fronts_at(RETREAT, degrees=30)
    # the projection is symmetric about its central meridian, x = 0
    other = shapely.transform(fronts.geometry.to_numpy(), lambda xy: xy * [-1, 1])
    one = domain_from_traces("test:1", "", fronts)
    two = domain_from_traces("test:1", "", fronts.set_geometry(other, crs=fronts.crs))
    back = shapely.transform(two.left_wall, lambda xy: xy * [-1, 1])
    assert back.hausdorff_distance(one.right_wall) < 1e-3
    assert two.reference_width == pytest.approx(one.reference_width, rel=1e-4)


def test_fronts_alone_that_neither_retreat_nor_advance_are_an_error():
    fronts = fronts_at(6000 + 500 * np.cos(np.arange(20.0) * np.pi))
    with pytest.raises(DomainError, match=r"test:1.*cannot be decided.*give"):
        domain_from_traces("test:1", "", fronts)


@pytest.mark.parametrize("count", [1, 3])
def test_few_fronts_with_flowlines_are_enough(count):
    fronts = fronts_at(RETREAT[:count])
    domain = domain_from_flowlines("test:1", "", flowlines(), fronts)
    check_domain(domain, fronts, (0, 1))


def test_flowlines_far_away_are_an_error():
    far = flowlines(origin=(-200_000.0, -1_800_000.0))
    with pytest.raises(DomainError, match=r"test:1.*no flowline passes"):
        domain_from_flowlines("test:1", "", far, fronts_at(RETREAT))


def test_the_best_of_what_is_given_is_taken():
    fronts = fronts_at(RETREAT)
    line = LineString(turned([(2000, -20_000), (2000, 25_000)], 0))
    given_box = domain_from("test:1", "", fronts, box=open_box(), centreline=line)
    assert given_box.gate.equals(domain_from_box("test:1", "", open_box(), fronts).gate)
    along = domain_from("test:1", "", fronts, centreline=line, width=3000.0)
    assert along.gate.length == pytest.approx(3000.0)
    check_domain(domain_from("test:1", "", fronts, flowlines=flowlines()), fronts, (0, 1))
    check_domain(domain_from("test:1", "", fronts), fronts, (0, 1))


def lake(bend=0.0):
    """Outline of many vertices, which reaches far past the fronts at both ends."""
    domain = straight_domain(length=40_000.0, bend=bend, origin=(-300_000.0, -1_815_000.0))
    return shapely.segmentize(domain.fjord, 700.0)


def test_an_outline_of_many_vertices_is_cut_where_the_fronts_lay():
    fronts = fronts_at(RETREAT)
    domain = domain_from_box("test:1", "", lake(), fronts)
    check_domain(domain, fronts, (0, 1))
    assert domain_problems(domain, fronts) == []
    assert domain.gate.length == pytest.approx(4000, rel=1e-3)
    # about a width of the front beyond them at either end
    assert domain.centreline.length == pytest.approx(6000 + 2 * 4400, rel=0.05)
    assert domain.reference_width == pytest.approx(4000 / 0.983, rel=0.02)


def test_a_side_branch_of_an_outline_does_not_take_the_mouth():
    main = Polygon(turned([(0, -15_000), (4000, -15_000), (4000, 25_000), (0, 25_000)], 0))
    side = Polygon(turned([(3000, 7000), (15_000, 4000), (16_000, 8000), (3000, 11_000)], 0))
    both = shapely.segmentize(shapely.union(main, side), 700.0)
    fronts = fronts_at([5000, 4500, 4000, 3500, 3000, 2500, 2000, 1500, 1000, 500, 0, -500])
    domain = domain_from_box("test:1", "", both, fronts)
    check_domain(domain, fronts, (0, 1))
    assert domain.gate.length == pytest.approx(4000, rel=1e-3)


def test_an_outline_that_holds_no_front_is_an_error():
    beside = shapely.affinity.translate(lake(), 9000.0)
    with pytest.raises(DomainError, match=r"test:1.*none of its traces enters"):
        domain_from_box("test:1", "", beside, fronts_at(RETREAT))
