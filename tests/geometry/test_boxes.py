import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_glaciers import X0, Y0, flowlines, fronts_at, open_box, turned
from shapely.geometry import LineString, MultiLineString, Polygon

from termini.errors import DomainError
from termini.geo import true_length
from termini.geometry import domain_from_box

POSITIONS = [7000, 6500, 6000, 5600, 5000, 5200, 4600, 4000, 3800, 3500]


def is_left_of(line, point):
    a, b = shapely.get_coordinates(line)[[0, -1]]
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) > 0


def check_domain(domain, fronts, down):
    """What must hold of every domain."""
    assert domain.fjord.is_valid
    assert domain.fjord.exterior.is_ccw
    centre = shapely.get_coordinates(domain.centreline)
    assert np.dot(centre[-1] - centre[0], down) > 0
    assert is_left_of(
        domain.centreline, np.array(domain.left_wall.interpolate(0.5, normalized=True).coords[0])
    )
    right = np.array(domain.right_wall.interpolate(0.5, normalized=True).coords[0])
    assert not is_left_of(domain.centreline, right)
    gate = shapely.get_coordinates(domain.gate)
    assert gate[0] == pytest.approx(shapely.get_coordinates(domain.left_wall)[0])
    assert gate[-1] == pytest.approx(shapely.get_coordinates(domain.right_wall)[0])
    for front in fronts.geometry:
        assert front.distance(domain.gate) > 400
        mouth = LineString([domain.left_wall.coords[-1], domain.right_wall.coords[-1]])
        assert front.distance(mouth) > 400


@settings(max_examples=15)
@given(st.floats(0, 360), st.booleans())
def test_open_box_flows_to_its_open_side_however_it_is_drawn(degrees, reverse):
    fronts = fronts_at(POSITIONS, degrees=degrees)
    box = open_box(degrees=degrees)
    domain = domain_from_box("test:1", "", box.reverse() if reverse else box, fronts)
    check_domain(domain, fronts, turned([(0, 1)], degrees, (0, 0))[0])
    width = true_length(domain.gate, "EPSG:3413")
    assert domain.reference_width == pytest.approx(width, rel=2e-3)


def test_box_of_one_part_and_box_with_a_stub_are_the_same_box():
    fronts = fronts_at(POSITIONS)
    plain = domain_from_box("test:1", "", open_box(), fronts)
    parts = domain_from_box("test:1", "", MultiLineString([open_box()]), fronts)
    assert parts.geometry_version == plain.geometry_version
    xy = shapely.get_coordinates(open_box())
    stub = LineString(np.vstack([xy, xy[-1] + [15.0, 3.0]]))
    assert domain_from_box("test:1", "", stub, fronts).gate.equals(plain.gate)


def test_fronts_beyond_gate_and_mouth_make_the_fjord_longer():
    fronts = fronts_at([14_000, 9000, 5000, 2000, 300], overshoot=-50)
    domain = domain_from_box("test:1", "", open_box(), fronts)
    check_domain(domain, fronts, (0, 1))
    assert all(domain.fjord.contains(front) for front in fronts.geometry)


def test_tongue_that_bulges_out_of_the_mouth_lies_in_the_fjord():
    tongue = LineString(
        turned(
            [
                (50, 11_500),
                (60, 12_050),
                (-900, 13_000),
                (2000, 15_000),
                (4700, 13_500),
                (3950, 12_100),
                (3950, 11_500),
            ],
            0,
        )
    )
    fronts = fronts_at([9000, 8000, 7000, 6000])
    fronts.loc[0, "geometry"] = tongue
    domain = domain_from_box("test:1", "", open_box(), fronts)
    assert domain.fjord.contains(tongue)


def test_the_version_changes_with_the_geometry_only():
    fronts = fronts_at(POSITIONS)
    one = domain_from_box("test:1", "one", open_box(), fronts)
    again = domain_from_box("test:1", "other name", open_box(), fronts)
    wider = domain_from_box("test:1", "one", open_box(width=4100), fronts)
    assert one.geometry_version == again.geometry_version != wider.geometry_version


def test_flowlines_against_the_open_side_are_an_error_that_names_the_glacier():
    fronts = fronts_at(POSITIONS)
    against = flowlines()
    against.geometry = [LineString(turned([(x, 6000), (x, 40_000)], 0)) for x in (1000, 2000, 3000)]
    with pytest.raises(DomainError, match=r"test:1.*flowlines"):
        domain_from_box("test:1", "", open_box(), fronts, flowlines=against)


CLOSED = Polygon(turned([(0, 0), (4000, 0), (4000, 12_000), (0, 12_000)], 30))


def test_closed_box_takes_its_direction_from_flowlines():
    short = fronts_at(POSITIONS[::-1], degrees=30, step_days=60)
    domain = domain_from_box("test:1", "", CLOSED, short, flowlines=flowlines(degrees=30))
    check_domain(domain, short, turned([(0, 1)], 30, (0, 0))[0])
    assert domain.flowlines is not None


def test_closed_box_takes_its_direction_from_a_long_retreat():
    positions = np.linspace(9000, 3000, 20)
    fronts = fronts_at(positions, degrees=30)
    domain = domain_from_box("test:1", "", CLOSED, fronts)
    check_domain(domain, fronts, turned([(0, 1)], 30, (0, 0))[0])


def seasons(yearly, years):
    """Fronts every 30 days, 300 m of season, `yearly` metres on each year."""
    year = 30 * np.arange(12 * years) / 365.25
    return 6000 + yearly * year + 150 * np.cos(2 * np.pi * (year - 0.37))


def test_closed_box_takes_its_direction_from_summers():
    fronts = fronts_at(seasons(0.0, 6), degrees=30, step_days=30, start="2010-01-01")
    domain = domain_from_box("test:1", "", CLOSED, fronts)
    check_domain(domain, fronts, turned([(0, 1)], 30, (0, 0))[0])


def test_a_glacier_that_advances_for_years_is_not_turned_round():
    fronts = fronts_at(seasons(60.0, 14), degrees=30, step_days=30, start="2005-01-01")
    with pytest.raises(DomainError, match=r"test:1.*advance over the years.*give a box"):
        domain_from_box("test:1", "", CLOSED, fronts)


@pytest.mark.parametrize("step_days", [30, 365])
def test_direction_that_cannot_be_decided_is_an_error_with_a_remedy(step_days):
    positions = 6000 + 500 * np.cos(np.arange(20.0) * np.pi)
    fronts = fronts_at(positions, degrees=30, step_days=step_days)
    with pytest.raises(DomainError, match=r"test:1.*cannot be decided.*give"):
        domain_from_box("test:1", "", CLOSED, fronts)


@pytest.mark.parametrize(
    "box",
    [
        LineString([(X0, Y0), (X0, Y0 + 5), (X0 + 5, Y0)]),
        LineString(turned([(0, 9), (4, 0), (0, 0), (4, 9)], 0)),
        Polygon(turned([(0, 0), (4000, 12000), (4000, 0), (0, 12000)], 0)),
    ],
)
def test_unusable_boxes_are_errors_that_name_the_glacier(box):
    with pytest.raises(DomainError, match="test:1"):
        domain_from_box("test:1", "", box, fronts_at(POSITIONS))


def test_a_glacier_without_traces_is_an_error():
    with pytest.raises(DomainError, match=r"test:1.*no trace"):
        domain_from_box("test:1", "", open_box(), fronts_at([]))


def test_a_vertex_on_a_closed_side_does_not_end_the_gate():
    fronts = fronts_at(POSITIONS)
    side = [(1500, -100), (2600, -100)]
    points = [(0, 12_000), (0, 0), *side, (4000, 0), (4000, 12_000)]
    box = Polygon(turned(points, 0))
    gate = domain_from_box("test:1", "", box, fronts, flowlines=flowlines()).gate
    assert gate.length == pytest.approx(4000, rel=1e-3)


def test_the_gate_of_an_outline_does_not_clip_a_corner():
    fronts = fronts_at(POSITIONS)
    wavy = [(60 * np.sin(y / 700), y) for y in range(14_000, 500, -500)]
    other = [(4000 + 60 * np.cos(y / 700), y) for y in range(3500, 14_500, 500)]
    # the upstream side runs aslant: cut at right angles to flow, its corner is narrow
    outline = Polygon(turned([*wavy, (0, 0), *other], 0))
    domain = domain_from_box("test:1", "", outline, fronts, flowlines=flowlines())
    assert domain.gate.length > 0.6 * 4000
    check_domain(domain, fronts.iloc[:7], (0, 1))
