"""Bad input is named and explained: projections, walls, centrelines, versions."""

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely
from made_up_glaciers import X0, Y0, fronts_at, open_box, straight_domain, turned
from shapely.geometry import LineString, Polygon

from termini.errors import DomainError
from termini.geometry import (
    check_traces,
    checked_domain,
    domain_from,
    domain_from_box,
    domain_problems,
    frozen,
)

POSITIONS = [7000, 6500, 6000, 5600, 5000]


def test_a_good_domain_has_no_problems():
    domain = domain_from_box("test:1", "", open_box(), fronts_at(POSITIONS))
    assert domain_problems(domain, fronts_at(POSITIONS)) == []
    assert checked_domain(domain) is domain


def degrees(fronts):
    return fronts.to_crs("EPSG:4326").geometry.to_numpy()


def test_degrees_labelled_as_metres():
    fronts = fronts_at(POSITIONS)
    wrong = fronts.set_geometry(gpd.GeoSeries(degrees(fronts), crs="EPSG:3413"))
    with pytest.raises(DomainError, match=r"test:1.*in metres.*longitude and latitude.*set_crs"):
        domain_from("test:1", "", wrong)


def test_a_box_in_degrees_labelled_as_metres():
    box = gpd.GeoSeries([open_box()], crs="EPSG:3413").to_crs("EPSG:4326").iloc[0]
    with pytest.raises(DomainError, match=r"test:1.*its box.*longitude and latitude"):
        domain_from_box("test:1", "", box, fronts_at(POSITIONS))


def test_some_traces_in_degrees():
    fronts = fronts_at(POSITIONS)
    mixed = [*fronts.geometry[:3], *degrees(fronts)[3:]]
    wrong = fronts.set_geometry(gpd.GeoSeries(mixed, crs="EPSG:3413"))
    first = fronts["trace_id"][3]
    with pytest.raises(DomainError, match=rf"test:1: 2 of its 5 traces.*{first}.*in degrees"):
        check_traces("test:1", wrong, "EPSG:3413")


def test_some_traces_in_another_projection():
    fronts = fronts_at(POSITIONS)
    other = fronts.to_crs("EPSG:32622").geometry.to_numpy()
    mixed = [*fronts.geometry[:3], *other[3:]]
    wrong = fronts.set_geometry(gpd.GeoSeries(mixed, crs="EPSG:3413"))
    with pytest.raises(DomainError, match=r"test:1: 2 of its 5 traces.*another projection"):
        check_traces("test:1", wrong, "EPSG:3413")


def test_a_table_in_another_projection():
    with pytest.raises(DomainError, match=r"test:1.*EPSG:32622.*to_crs\('EPSG:3413'\)"):
        domain_from("test:1", "", fronts_at(POSITIONS).to_crs("EPSG:32622"))


def test_a_domain_in_degrees():
    with pytest.raises(DomainError, match=r"test:1.*EPSG:4326 is in degrees.*reproject"):
        domain_from("test:1", "", fronts_at(POSITIONS).to_crs("EPSG:4326"), "EPSG:4326")
    with pytest.raises(DomainError, match=r"test:1.*not a projection"):
        domain_from("test:1", "", fronts_at(POSITIONS), "no such thing")


def test_a_box_in_another_projection():
    box = gpd.GeoSeries([open_box()], crs="EPSG:3413").to_crs("EPSG:32622").iloc[0]
    with pytest.raises(DomainError, match=r"test:1.*its box and its traces are .*km apart"):
        domain_from_box("test:1", "", box, fronts_at(POSITIONS))


def test_an_outline_that_crosses_itself():
    bow = Polygon(turned([(0, 0), (4000, 12_000), (4000, 0), (0, 12_000)], 0))
    with pytest.raises(DomainError, match=r"test:1.*Self-intersection.*redraw"):
        domain_from_box("test:1", "", bow, fronts_at(POSITIONS))


def test_a_centreline_that_leaves_the_fjord():
    line = LineString(
        turned([(2000, -500), (2000, 4000), (9000, 5500), (2000, 8000), (2000, 12_500)], 0)
    )
    with pytest.raises(DomainError, match=r"test:1.*centreline leaves its fjord over \d+ m"):
        domain_from_box("test:1", "", open_box(), fronts_at(POSITIONS), centreline=line)
    beside = LineString(turned([(9000, 0), (9000, 12_000)], 0))
    with pytest.raises(DomainError, match=r"test:1.*does not enter its fjord"):
        domain_from_box("test:1", "", open_box(), fronts_at(POSITIONS), centreline=beside)


def test_a_centreline_is_turned_down_glacier():
    line = LineString(turned([(2000, 12_500), (2000, -500)], 0))
    domain = domain_from_box("test:1", "", open_box(), fronts_at(POSITIONS), centreline=line)
    xy = shapely.get_coordinates(domain.centreline)
    assert xy[-1, 1] > xy[0, 1]


DOMAIN = straight_domain()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fjord": Polygon(turned([(0, 0), (4, 9), (4, 0), (0, 9)], 0))}, "not a valid polygon"),
        ({"left_wall": DOMAIN.right_wall, "right_wall": DOMAIN.left_wall}, "exchanged"),
        ({"gate": DOMAIN.gate.reverse()}, "gate does not join"),
        ({"right_wall": DOMAIN.left_wall}, "walls meet"),
        ({"centreline": DOMAIN.centreline.reverse()}, "runs up-glacier"),
        (
            {"centreline": LineString([(X0 + 2000, Y0), (X0 + 9000, Y0 + 9000)])},
            "centreline leaves the fjord",
        ),
        ({"reference_width": 4.0}, "check the unit"),
        ({"reference_width": -1.0}, "not positive"),
        ({"geometry_version": "0123abcd"}, "altered"),
        ({"fjord": Polygon([(-50, 70), (-49, 70), (-49, 71)])}, "longitude and latitude"),
    ],
)
def test_problems_of_a_domain_name_it_and_say_what_is_wrong(change, words):
    problems = domain_problems(replace(DOMAIN, **change))
    assert any(words in problem for problem in problems), problems
    assert all(problem.startswith("glacier test:1: ") for problem in problems)
    with pytest.raises(DomainError, match="test:1"):
        checked_domain(replace(DOMAIN, **change))


def test_problems_with_traces():
    past = fronts_at([7000, -1000, 30_000, 0])
    problems = " ".join(domain_problems(DOMAIN, past))
    assert "do not enter its fjord" in problems
    assert "cross its gate" in problems
    narrow = straight_domain(width=1500.0)
    assert "outside its walls" in " ".join(domain_problems(narrow, fronts_at(POSITIONS)))
    assert "no usable trace" in " ".join(domain_problems(DOMAIN, fronts_at([])))
    far = fronts_at(POSITIONS, origin=(X0 + 1e6, Y0))
    assert "km apart" in " ".join(domain_problems(DOMAIN, far))


def test_an_island_in_the_fjord_is_no_problem():
    fronts = fronts_at(POSITIONS)
    domain = domain_from_box("test:1", "", open_box(), fronts)
    island = Polygon(turned([(1500, 2500), (2500, 2500), (2500, 7500), (1500, 7500)], 0))
    fjord = Polygon(domain.fjord.exterior, [island.exterior])
    assert domain_problems(frozen(replace(domain, fjord=fjord)), fronts) == []
