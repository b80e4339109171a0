"""What must not change the measures: where a glacier lies, how its lines are drawn, in what order.

All through the public functions: domains from what a user has, then `observe`. The
glaciers lie in an equal-area plane, in which they can be moved, turned and mirrored
without changing in size.
"""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely.geometry import LineString, MultiLineString, Polygon

from termini.fronttable import front_table
from termini.geometry import (
    branch_domains,
    branch_fronts,
    domain_from,
    domain_from_box,
    domain_from_centreline,
)
from termini.series import MEASURES, ObservationSettings, observe
from termini.variables import flag_names

PLANE = CRS("+proj=laea +lat_0=72 +lon_0=-50 +datum=WGS84 +units=m +no_defs").to_wkt()
PLAIN = ObservationSettings(fill_missing=False)
WIDTH, LENGTH = 4000.0, 14_000.0
# Lengths are true to 2 parts in 100 000 wherever a glacier lies in its plane, and so
# are the widths that turn them into areas; areas themselves are exact.
LENGTH_M, AREA_M2 = 0.02, 0.01


def moved(degrees=0.0, shift=(0.0, 0.0), *, mirror=False):
    """Mover of points: mirrored about the fjord's axis, turned about its middle, shifted."""
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = matrix @ np.diag([-1.0, 1.0]) if mirror else matrix

    def move(shape):
        about = np.array([WIDTH / 2, LENGTH / 2])
        return shapely.transform(shape, lambda xy: (xy - about) @ matrix.T + shift)

    return move


@cache
def drawn(seed):
    """Walls, centreline and fronts of a made-up glacier that flows along y."""
    rng = np.random.default_rng(seed)
    y = np.linspace(0, LENGTH, 60)
    bend = rng.uniform(-900, 900) * np.sin(y / LENGTH * np.pi)
    sides = [
        np.column_stack([x + bend + 100 * np.sin(y / rng.uniform(900, 1500)), y])
        for x in (0, WIDTH)
    ]
    fronts = []
    for _ in range(4):
        x = np.linspace(-1300, WIDTH + 1300, 90)
        shape = rng.uniform(-400, 400) * np.cos(x / WIDTH * 6) + rng.normal(0, 15, 90).cumsum()
        fronts.append(LineString(np.column_stack([x, rng.uniform(5000, 9000) + shape])))
    return *sides, LineString((sides[0] + sides[1]) / 2), tuple(fronts)


def table_of(lines):
    rows = gpd.GeoDataFrame(
        {"glacier_id": "test:1", "sensor": "Landsat-8",
         "trace_id": [f"t{k}" for k in range(len(lines))],
         "date": pd.date_range("2001-01-01", periods=len(lines), freq="1600D")},
        geometry=list(lines), crs=PLANE,
    )  # fmt: skip
    return front_table(rows)


def retreating(fronts):
    """Twelve fronts that step back, which tells the direction where nothing else does."""
    stepped = []
    for k, line in enumerate(fronts * 3):
        step = np.array([0.0, 9000.0 - 400.0 * k - line.centroid.y])
        stepped.append(shapely.transform(line, lambda xy, step=step: xy + step))
    return stepped


def box_domain(seed, move=moved(), fronts=None):  # noqa: B008 - a pure function
    left, right, centreline, own = drawn(seed)
    return domain_from_box(
        "test:1", "", move(LineString(np.vstack([left[::-1], right]))),
        table_of([move(line) for line in (fronts or own)]), PLANE, centreline=move(centreline),
    )  # fmt: skip


def measured(domain, lines, measures=MEASURES):
    return observe(table_of(lines), {"test:1": domain}, measures, settings=PLAIN)[0]


def same(one, two, *, length=LENGTH_M, area=AREA_M2, widths=5e-5):
    """Whether two tables of observations say the same."""
    assert one[["trace_id", "measure", "crossings"]].equals(
        two[["trace_id", "measure", "crossings"]]
    )
    column = one["measure"].to_numpy()
    for name in ("length_change", "flowline_spread", "gap_left", "gap_right"):
        assert two[name].to_numpy() == pytest.approx(
            one[name].to_numpy(), abs=length, rel=widths, nan_ok=True
        ), name
    assert two["coverage"].to_numpy() == pytest.approx(one["coverage"].to_numpy(), abs=1e-6)
    whole = np.isin(column, ["area", "length_area"])
    for rows, near in ((whole, area), (~whole, length * 2 * WIDTH)):
        assert two["area_change"].to_numpy()[rows] == pytest.approx(
            one["area_change"].to_numpy()[rows], abs=near, rel=1e-8, nan_ok=True
        )


seeds = st.integers(0, 40)
places = st.tuples(st.floats(-20_000, 20_000), st.floats(-20_000, 20_000))


@settings(max_examples=6, deadline=None)
@given(seeds, st.floats(0, 360), places, st.booleans())
def test_a_glacier_moved_turned_or_mirrored_as_a_whole_changes_nothing(seed, angle, place, mirror):
    fronts = drawn(seed)[3]
    move = moved(angle, place, mirror=mirror)
    there = box_domain(seed, move)
    here = box_domain(seed, moved())
    assert there.reference_width == pytest.approx(here.reference_width, rel=3e-5)
    one = measured(here, [moved()(line) for line in fronts])
    two = measured(there, [move(line) for line in fronts])
    if mirror:
        two = two.rename(columns={"gap_left": "gap_right", "gap_right": "gap_left"})
    same(one, two)


@pytest.mark.parametrize("given_lines", ["centreline", "nothing"])
def test_a_glacier_of_which_less_is_known_may_be_moved_and_mirrored_too(given_lines):
    _, _, centreline, fronts = drawn(3)
    fronts = retreating(fronts)
    tables = []
    for move in (moved(), moved(71.0, (9000.0, -4000.0)), moved(200.0, mirror=True)):
        lines = [move(line) for line in fronts]
        line = move(centreline) if given_lines == "centreline" else None
        domain = domain_from("test:1", "", table_of(lines), PLANE, centreline=line)
        tables.append(measured(domain, lines))
    same(tables[0], tables[1])
    same(tables[0], tables[2].rename(columns={"gap_left": "gap_right", "gap_right": "gap_left"}))


@settings(max_examples=5, deadline=None)
@given(seeds, st.floats(-60, 60), places)
def test_a_front_moved_alone_changes_as_far_as_it_moved(seed, angle, place):
    move = moved(angle, place)
    fronts = drawn(seed)[3]
    domain = box_domain(seed, move)
    table = measured(domain, [move(line) for line in (fronts[0], fronts[0])])
    assert np.nan_to_num(table["length_change"].to_numpy()) == pytest.approx(0, abs=1e-9)


@settings(max_examples=6, deadline=None)
@given(seeds, st.floats(15.0, 300.0))
def test_neither_direction_nor_density_nor_doubled_vertices_matter(seed, step):
    fronts = drawn(seed)[3]
    domain = box_domain(seed)
    lines = [moved()(line) for line in fronts]
    plain = measured(domain, lines)
    turned = measured(domain, [line.reverse() for line in lines])
    same(plain, turned, length=1e-6, area=1e-3, widths=0)
    doubled = measured(domain, [LineString(np.repeat(line.coords, 2, axis=0)) for line in lines])
    same(plain, doubled, length=1e-6, area=1e-3, widths=0)
    dense = measured(domain, [shapely.segmentize(line, step) for line in lines])
    own_width = plain["measure"] == "variable_box"  # taken at the vertices
    same(plain[~own_width], dense[~own_width], length=1e-3, area=5.0)


@settings(max_examples=5, deadline=None)
@given(seeds, st.lists(st.integers(10, 80), min_size=1, max_size=3, unique=True), st.randoms())
def test_pieces_may_come_in_any_order_and_direction(seed, cuts, random):
    domain = box_domain(seed)
    lines = [moved()(line) for line in drawn(seed)[3]]
    edges = [0, *sorted(cuts), 89]
    pieces = []
    for line in lines:
        xy = np.asarray(line.coords)
        # the last vertex of each piece is left out: the pieces do not touch
        parts = [xy[a : b if b < 89 else 90] for a, b in pairwise(edges)]
        parts = [LineString(part) for part in parts if len(part) > 1]
        pieces.append(parts)
    plain = measured(domain, [MultiLineString(parts) for parts in pieces])
    mixed = []
    for parts in pieces:
        some = [part.reverse() if random.random() < 0.5 else part for part in parts]
        random.shuffle(some)
        mixed.append(MultiLineString(some))
    same(plain, measured(domain, mixed), length=1e-6, area=1e-3, widths=0)


@settings(max_examples=4, deadline=None)
@given(seeds, st.permutations(range(4)))
def test_the_order_of_rows_does_not_matter(seed, order):
    domain = box_domain(seed)
    table = table_of([moved()(line) for line in drawn(seed)[3]])
    other = table.iloc[list(order)]
    one, flags_one = observe(table, {"test:1": domain}, MEASURES)
    two, flags_two = observe(other, {"test:1": domain}, MEASURES)
    pd.testing.assert_frame_equal(one, two)
    assert (
        flags_one.set_index("trace_id")["quality"]
        .sort_index()
        .equals(flags_two.set_index("trace_id")["quality"].sort_index())
    )


@settings(max_examples=5, deadline=None)
@given(seeds, st.lists(st.floats(0.15, 0.85), min_size=1, max_size=2))
def test_area_is_additive_over_branches(seed, dividers):
    if len(dividers) == 2 and abs(dividers[0] - dividers[1]) < 0.1:
        dividers = dividers[:1]
    domain = box_domain(seed)
    table = table_of([moved()(line) for line in drawn(seed)[3]])
    branches = branch_domains(domain, dividers, table)
    whole, _ = observe(table, {"test:1": domain}, ("area",), settings=PLAIN)
    parts = branch_fronts(table, branches, "test:1")
    found, _ = observe(parts, {b.glacier_id: b for b in branches}, ("area",), settings=PLAIN)
    total = found.groupby("date")["area_change"].sum()
    assert total.to_numpy() == pytest.approx(whole["area_change"].to_numpy(), abs=1.0)


def test_what_is_filled_where_a_front_was_not_seen_moves_turns_and_mirrors_with_it():
    fronts = retreating(drawn(1)[3])
    seen = []
    for k, line in enumerate(fronts):
        xy = np.asarray(line.coords)
        part = xy[35:] if k % 3 == 1 else xy[:60] if k % 4 == 2 else xy
        seen.append(LineString(part) if k % 5 else MultiLineString([part[:40], part[46:]]))
    tables = []
    for move in (moved(), moved(77.0, (5000.0, -3000.0)), moved(33.0, mirror=True)):
        domain = box_domain(1, move, tuple(fronts))
        for turn in (False, True):
            lines = [move(line).reverse() if turn else move(line) for line in seen]
            tables.append(observe(table_of(lines), {"test:1": domain}, MEASURES)[0])
    assert tables[0]["coverage"].min() < 0.7
    for table in tables[1:]:
        for name in ("length_change", "length_change_se"):
            assert table[name].to_numpy() == pytest.approx(
                tables[0][name].to_numpy(), abs=LENGTH_M, rel=1e-4, nan_ok=True
            )


# --- fronts on the edges of their domain, and odd ones -------------------------------

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
    if side == "mouth":
        assert rows.loc["area", "area_change"] == pytest.approx((y - 7000) * WIDTH, abs=2.0)
    else:
        # no ice is left in the fjord: there is nothing to measure, and this is said
        assert len(rows) == 0
        assert "outside_domain" in names
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


def test_a_domain_from_a_centreline_gives_the_same_in_either_direction():
    _, _, centreline, fronts = drawn(5)
    lines = [moved()(line) for line in retreating(fronts)]
    domains = [
        domain_from_centreline("test:1", "", line, table_of(lines), WIDTH, PLANE)
        for line in (moved()(centreline), moved()(centreline).reverse())
    ]
    one, two = (measured(domain, lines) for domain in domains)
    same(one, two, length=1e-3, area=1.0)
