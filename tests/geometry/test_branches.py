import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_glaciers import X0, Y0, fronts_at, straight_domain
from shapely.geometry import LineString, Point, box
from shapely.ops import split

from termini.errors import DomainError
from termini.geometry import (
    branch_domains,
    branch_fronts,
    domain_problems,
    flow_net,
    pinned_places,
)


def upstream(domain, front):
    """Area of the pieces of a fjord that touch the gate, by GEOS."""
    middle = domain.gate.interpolate(0.5, normalized=True)
    pieces = shapely.get_parts(split(domain.fjord, front))
    return sum(p.area for p in pieces if p.distance(middle) < 1e-3)


@settings(max_examples=8)
@given(
    st.lists(st.floats(0.1, 0.9), min_size=1, max_size=3).filter(
        lambda v: min(np.diff(sorted([0, *v, 1]))) > 0.05
    ),
    st.floats(-1, 1),
)
def test_branches_tile_the_fjord_and_areas_add_up(places, bend):
    domain = straight_domain(bend=bend)
    branches = branch_domains(domain, places)
    assert len(branches) == len(places) + 1
    assert [b.glacier_id for b in branches] == [f"test:1.{c}" for c in "abcd"][: len(branches)]
    total = sum(b.fjord.area for b in branches)
    assert total == pytest.approx(domain.fjord.area, rel=1e-9)
    assert all(domain_problems(branch) == [] for branch in branches)
    y = Y0 + 5000 + 800 * np.sin(np.arange(61) / 3)
    front = LineString(np.column_stack([np.linspace(X0 - 9000, X0 + 13_000, 61), y]))
    parts = sum(upstream(branch, front) for branch in branches)
    assert parts == pytest.approx(upstream(domain, front), rel=1e-9)


def test_a_divider_runs_through_the_headland():
    domain = straight_domain(bend=0.5)
    headland = Point(shapely.get_coordinates(flow_net(domain).line(0.4))[50])
    left, right = branch_domains(domain, [headland.buffer(50)], names=["south", "north"])
    assert (left.name, right.name) == ("south", "north")
    assert left.right_wall.distance(headland) < 30
    assert left.right_wall.equals(right.left_wall)
    assert left.reference_width < right.reference_width


def test_every_front_stands_in_each_branch_that_it_enters():
    domain = straight_domain()
    fronts = fronts_at([7000, 6000, 5000])
    fronts.loc[2, "geometry"] = LineString([(X0 - 100, Y0 + 5000), (X0 + 1500, Y0 + 5000)])
    branches = branch_domains(domain, [0.5], fronts)
    table = branch_fronts(fronts, branches, "test:1")
    assert table["glacier_id"].tolist() == ["test:1.a"] * 3 + ["test:1.b"] * 2
    assert table["trace_id"].is_unique
    widths = [branch.reference_width for branch in branches]
    assert widths == pytest.approx([2000 / 0.983] * 2, rel=0.02)


@pytest.mark.parametrize("divider", [0.0, 1.2, Point(0, 0), box(0, 0, 1, 1)])
def test_a_divider_outside_is_an_error(divider):
    with pytest.raises(DomainError, match=r"test:1.*divider"):
        branch_domains(straight_domain(), [divider])


def test_two_equal_dividers_or_wrong_names_are_errors():
    with pytest.raises(DomainError, match=r"test:1.*the same"):
        branch_domains(straight_domain(), [0.4, 0.4])
    with pytest.raises(DomainError, match=r"test:1.*names"):
        branch_domains(straight_domain(), [0.4], names=["one"])


def test_fronts_that_hang_on_a_headland_show_a_place_to_divide():
    fronts = fronts_at([6000] * 40, step_days=100)
    x = np.linspace(-200, 4200, 89)
    away = np.abs(x - 1600) / 2400
    lines = [
        LineString(np.column_stack([X0 + x, Y0 + 6000 - 150.0 * k * np.minimum(away, 1)]))
        for k in range(40)
    ]
    found = pinned_places(straight_domain(), fronts.set_geometry(lines, crs=fronts.crs))
    assert len(found) == 1
    assert found[0] == pytest.approx(0.4, abs=0.05)
    assert len(pinned_places(straight_domain(), fronts)) == 0
