import numpy as np
import shapely
from made_up_glaciers import fronts_at, turned
from shapely.geometry import LineString

from termini.geometry import domain_from_centreline, domain_problems
from termini.geometry.bays import with_bays

LEFT = np.array([(0.0, 0.0), (0.0, 12_000.0)])
RIGHT = np.array([(4000.0, 0.0), (4000.0, 12_000.0)])


def lobed(y, reach=2500.0):
    """Front that leaves the fjord through the right wall, comes back, and ends at the wall."""
    return [
        (-50, y),
        (2000, y),
        (4000 + reach, y + 200),
        (4000 + reach, y + 1500),
        (3950, y + 1700),
    ]


def test_fronts_that_leave_and_come_back_move_the_wall():
    lines = np.array([LineString(lobed(y)) for y in (4000, 4100, 4200, 4300)], dtype=object)
    left, right = with_bays(LEFT, RIGHT, lines, 200.0)
    assert np.array_equal(left, LEFT)
    fjord = shapely.Polygon(np.vstack([left[0], right, left[:0:-1]]))
    assert fjord.is_valid
    assert all(fjord.buffer(60).contains(line) for line in lines)
    assert np.array_equal(right[[0, -1]], RIGHT[[0, -1]])


def test_few_of_them_or_loose_ends_do_not():
    lines = np.array([LineString(lobed(y)) for y in (4000, 4100)], dtype=object)
    assert np.array_equal(with_bays(LEFT, RIGHT, lines, 200.0)[1], RIGHT)
    past = [LineString([(-500, y), (6000, y)]) for y in range(3000, 6000, 300)]
    assert np.array_equal(with_bays(LEFT, RIGHT, np.array(past, dtype=object), 200.0)[1], RIGHT)


def test_a_branch_from_the_side_lies_in_the_fjord_of_a_centreline():
    fronts = fronts_at(list(np.linspace(9000, 3000, 20)), overshoot=20.0)
    lines = list(fronts.geometry)
    for k in range(12, 20):
        lines[k] = LineString(turned(lobed(shapely.get_coordinates(lines[k])[0, 1] + 1_800_000), 0))
    fronts = fronts.set_geometry(lines, crs=fronts.crs)
    line = LineString(turned([(2000, -20_000), (2000, 25_000)], 0))
    domain = domain_from_centreline("test:1", "", line, fronts)
    assert domain_problems(domain, fronts) == []
    inside = shapely.intersection(fronts.geometry.to_numpy()[12:], domain.fjord)
    assert (shapely.length(inside) / fronts.geometry.length[12:] > 0.97).all()
