"""Fronts on the edges of their domain, and odd ones: loops, islands, walls crossed twice."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import shapely
from glaciers_in_a_plane import LENGTH, PLAIN, PLANE, WIDTH, moved, table_of
from shapely.geometry import LineString, MultiLineString, Polygon

from termini.geometry import domain_from_box
from termini.series import observe
from termini.variables import flag_names

STRAIGHT = (
    np.column_stack([np.zeros(30), np.linspace(0, LENGTH, 30)]),
    np.column_stack([np.full(30, WIDTH), np.linspace(0, LENGTH, 30)]),
)


@cache
def straight():
    move = moved()
    fronts = [LineString([(-200, y), (WIDTH + 200, y)]) for y in (6000, 7000)]
    box = move(LineString(np.vstack([STRAIGHT[0][::-1], STRAIGHT[1]])))
    centreline = move(LineString([(WIDTH / 2, -100), (WIDTH / 2, LENGTH + 100)]))
    table = table_of([move(line) for line in fronts])
    return domain_from_box("test:1", "", box, table, PLANE, centreline=centreline)


def odd(line, domain=None, measures=("area", "length_area", "centreline")):
    """Change from a straight front at 7000 m to a line, flags of it, and all rows of it."""
    first = LineString([(-200, 7000), (WIDTH + 200, 7000)])
    lines = [moved()(one) for one in (first, line)]
    table, flagged = observe(
        table_of(lines), {"test:1": domain or straight()}, measures, settings=PLAIN
    )
    mine = table[table["trace_id"] == "t1"].set_index("measure")
    names = flag_names(flagged.set_index("trace_id").loc["t1", "quality"])
    return mine, names


def across(points):
    return LineString([(-200, points[0][1]), *points, (WIDTH + 200, points[-1][1])])


@pytest.mark.parametrize("side", ["gate", "mouth"])
def test_a_front_exactly_on_the_gate_or_the_mouth(side):
    domain = straight()
    end = 0 if side == "gate" else -1
    ends = [wall.coords[end] for wall in (domain.left_wall, domain.right_wall)]
    y = ends[0][1] + LENGTH / 2
    rows, names = odd(LineString([(0, y), (WIDTH, y)]))
    # at the gate no ice is left: with some projections the last digit says that there is nothing
    # to measure
    if side == "gate" and rows.empty:
        assert "outside_domain" in names
    else:
        assert rows.loc["area", "area_change"] == pytest.approx((y - 7000) * WIDTH, abs=2.0)
    near, names = odd(LineString([(-200, y + 1), (WIDTH + 200, y + 1)]))
    if side == "gate":
        assert near.loc["area", "area_change"] == pytest.approx((y + 1 - 7000) * WIDTH, abs=2.0)


def test_a_front_that_runs_on_along_a_wall_ends_there():
    plain, _ = odd(across([(0, 6000), (WIDTH, 6000)]))
    along, _ = odd(LineString([(0, 8000), (0, 7000), (0, 6000), (WIDTH, 6000)]))
    assert along.loc["area", "area_change"] == pytest.approx(plain.loc["area", "area_change"])
    wholly, names = odd(LineString([(0, 5000), (0, 9000)]))
    assert len(wholly) == 0
    assert "low_coverage" in names


def test_a_loop_counts_for_little_and_is_said():
    plain, clean = odd(across([(1000, 6000), (3000, 6000)]))
    loop, names = odd(
        across([(1000, 6000), (1500, 6000), (1500, 6100), (1400, 6100), (1400, 5990), (3000, 6000)])
    )
    assert "self_crossing" in names
    assert "self_crossing" not in clean
    away = abs(loop.loc["area", "area_change"] - plain.loc["area", "area_change"])
    # the loop itself is 100 m squared; beside it the front is drawn up to 10 m off
    assert away < 100.0 * 100.0 + 10.0 * 1600.0


def test_a_weaving_front_has_the_area_of_its_polygon():
    weaving = [(500, 6000), (2500, 6000), (2500, 6500), (1500, 6500), (1500, 7200), (3500, 7200)]
    rows, names = odd(across(weaving))
    assert "multiple_crossings" in names
    assert rows.loc["centreline", "crossings"] == 3
    polygon = Polygon([(0, 0), (WIDTH, 0), (WIDTH, 7200), *weaving[::-1], (0, 6000)])
    assert rows.loc["area", "area_change"] == pytest.approx(polygon.area - 7000 * WIDTH, abs=2.0)


def test_a_front_that_weaves_across_a_wall_counts_within_the_fjord_only():
    weaving = LineString(
        [(300, 6000), (-300, 6100), (-300, 6300), (200, 6300), (2000, 6300), (WIDTH + 100, 6300)]
    )
    rows, _ = odd(weaving.reverse())
    polygon = Polygon([*weaving.coords, (WIDTH + 100, 0), (0, 0), (0, 6050)])
    inside = polygon.buffer(0).intersection(shapely.box(0, 0, WIDTH, LENGTH)).area
    away = abs(rows.loc["area", "area_change"] - (inside - 7000 * WIDTH))
    # where it enters, leaves and comes back, the strip between is of either side
    assert away < 300 * 300


def test_an_island_is_no_ice_wherever_the_front_lies():
    plain = straight()
    island = moved()(shapely.Point(WIDTH / 2, 6000).buffer(400.0))
    domain = replace(plain, fjord=plain.fjord.difference(island))
    line = LineString([(-200, 5000), (WIDTH + 200, 5000)])
    with_island, _ = odd(line, domain)
    without, _ = odd(line)
    # the reference lies down-glacier of the island, this front up-glacier of it
    gained = with_island.loc["area", "area_change"] - without.loc["area", "area_change"]
    assert gained == pytest.approx(island.area, abs=2.0)
    both, _ = odd(LineString([(-200, 6800), (WIDTH + 200, 6800)]), domain)
    assert both.loc["area", "area_change"] == pytest.approx(-200 * WIDTH, abs=2.0)
    # a front in two pieces that end at the island's shores
    halves = MultiLineString(
        [[(-200, 6000), (WIDTH / 2 - 400, 6000)], [(WIDTH / 2 + 400, 6000), (WIDTH + 200, 6000)]]
    )
    half, _ = odd(halves, domain)
    assert half.loc["area", "area_change"] == pytest.approx(
        -1000 * WIDTH + island.area / 2, rel=1e-3
    )


def test_a_front_of_two_pieces_that_repeat_each_other_counts_once():
    line = LineString([(-200, 6000), (WIDTH + 200, 6000)])
    once, _ = odd(line)
    twice, _ = odd(MultiLineString([line, LineString([(1000, 6003), (3000, 6003)])]))
    assert twice.loc["area", "area_change"] == pytest.approx(once.loc["area", "area_change"])
