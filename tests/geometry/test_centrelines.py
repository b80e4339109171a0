import numpy as np
import pytest
import shapely
from made_up_glaciers import flowlines, fronts_at, turned
from shapely.geometry import LineString
from test_boxes import check_domain

from termini.errors import DomainError
from termini.geo import true_length
from termini.geometry import domain_from_centreline

RETREAT = list(np.linspace(9000, 3000, 20))


@pytest.mark.parametrize("degrees", [0, 75, 200, 290])
@pytest.mark.parametrize("reverse", [False, True])
def test_centreline_is_turned_down_glacier(degrees, reverse):
    line = LineString(turned([(2000, -20_000), (2000, 5000), (2000, 25_000)], degrees))
    fronts = fronts_at(RETREAT, degrees=degrees)
    domain = domain_from_centreline("test:1", "", line.reverse() if reverse else line, fronts)
    check_domain(domain, fronts, turned([(0, 1)], degrees, (0, 0))[0])
    # fronts overshoot by 200 m on either side, and the walls follow them
    end_to_end = true_length(fronts.geometry.iloc[0], "EPSG:3413")
    assert domain.reference_width == pytest.approx(end_to_end, rel=0.01)


def test_a_given_width_is_taken():
    line = LineString(turned([(2000, -20_000), (2000, 25_000)], 0))
    domain = domain_from_centreline("test:1", "", line, fronts_at(RETREAT), 3000.0)
    across = shapely.LineString([domain.left_wall.coords[0], domain.right_wall.coords[0]])
    assert across.length == pytest.approx(3000.0)


def test_walls_follow_a_widening_fjord():
    fronts = fronts_at(RETREAT)
    narrow = [
        shapely.affinity.scale(g, xfact=0.4 + y / 10_000)
        for g, y in zip(fronts.geometry, RETREAT, strict=True)
    ]
    fronts = fronts.set_geometry(narrow, crs=fronts.crs)
    line = LineString(turned([(2000, -20_000), (2000, 25_000)], 0))
    domain = domain_from_centreline("test:1", "", line, fronts)
    for front in fronts.geometry:
        share = front.intersection(domain.fjord).length / front.length
        assert share > 0.9


def test_flowlines_win_over_time():
    advancing = fronts_at(RETREAT[::-1])
    line = LineString(turned([(2000, -20_000), (2000, 25_000)], 0))
    domain = domain_from_centreline("test:1", "", line, advancing, flowlines=flowlines())
    check_domain(domain, advancing, (0, 1))


def test_walls_do_not_fold_in_a_bend():
    angle = np.linspace(0, np.pi / 2, 30)
    bend = np.column_stack([6000 * np.cos(angle) - 4000, 6000 * np.sin(angle)])
    line = LineString(turned(np.vstack([[(2000, -9000)], bend, [(-12_000, 6000)]]), 0))
    fronts = fronts_at([4000, 3500, 3000, 2500, 2000, 1500, 1000, 500, 0, -500, -1000, -1500])
    domain = domain_from_centreline("test:1", "", line, fronts, flowlines=flowlines(front=2000))
    assert domain.fjord.is_valid
    assert domain.left_wall.is_simple
    assert domain.right_wall.is_simple


def test_a_centreline_elsewhere_is_an_error():
    line = LineString(turned([(9000, 0), (9000, 10_000)], 0))
    with pytest.raises(DomainError, match=r"test:1.*no trace crosses"):
        domain_from_centreline("test:1", "", line, fronts_at(RETREAT))
    with pytest.raises(DomainError, match=r"test:1.*km apart"):
        domain_from_centreline("test:1", "", LineString([(0, 0), (0, 1000)]), fronts_at(RETREAT))


def test_ends_that_scatter_about_the_walls_leave_them_where_they_are():
    random = np.random.default_rng(3)
    fronts = fronts_at(np.linspace(9000, 3000, 40), overshoot=0.0)
    scattered = [shapely.affinity.scale(g, 1 + random.normal(0, 0.08)) for g in fronts.geometry]
    line = LineString(turned([(2000, -20_000), (2000, 25_000)], 0))
    true = domain_from_centreline("test:1", "", line, fronts).reference_width
    moved = fronts.set_geometry(scattered, crs=fronts.crs)
    assert domain_from_centreline("test:1", "", line, moved).reference_width == pytest.approx(
        true, rel=0.04
    )
