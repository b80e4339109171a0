"""What must not change the measures: where a glacier lies, how its lines are drawn, in what order.

All through the public functions: domains from what a user has, then `observe`. The
glaciers lie in an equal-area plane, in which they can be moved, turned and mirrored
without changing in size.
"""

from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from glaciers_in_a_plane import LENGTH, PLAIN, PLANE, WIDTH, moved, table_of
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString

from termini.geometry import (
    branch_domains,
    branch_fronts,
    domain_from,
    domain_from_box,
    domain_from_centreline,
)
from termini.series import MEASURES, observe

# Lengths are true to 2 parts in 100 000 wherever a glacier lies in its plane, and so
# are the widths that turn them into areas; areas themselves are exact.
LENGTH_M, AREA_M2 = 0.02, 0.01


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


def test_a_domain_from_a_centreline_gives_the_same_in_either_direction():
    _, _, centreline, fronts = drawn(5)
    lines = [moved()(line) for line in retreating(fronts)]
    domains = [
        domain_from_centreline("test:1", "", line, table_of(lines), WIDTH, PLANE)
        for line in (moved()(centreline), moved()(centreline).reverse())
    ]
    one, two = (measured(domain, lines) for domain in domains)
    same(one, two, length=1e-3, area=1.0)
