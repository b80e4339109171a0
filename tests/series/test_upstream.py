"""Area upstream of a front, in the plane, against GEOS and by property."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon

from termini.series.frame import Frame, ribbon
from termini.series.layout import lay_front, pieces_of
from termini.series.upstream import (
    crossings,
    outer_crossings,
    upstream_area,
    winding_number,
)

WIDTH, LENGTH = 3000.0, 10_000.0


def straight_frame(width=WIDTH):
    return Frame(
        fjord=Polygon([(0, 0), (width, 0), (width, LENGTH), (0, LENGTH)]),
        gate=np.array([[0.0, 0.0], [width, 0.0]]),
        left=LineString([(0, 0), (0, LENGTH)]),
        right=LineString([(width, 0), (width, LENGTH)]),
        centreline=LineString([(width / 2, 0), (width / 2, LENGTH)]),
        width=width,
    )


FRAME = straight_frame()


def area_of(frame, *pieces):
    front = lay_front(frame, [np.asarray(piece, dtype=float) for piece in pieces])
    assert front is not None
    return upstream_area(frame, front.path)[0]


def wavy(heights, overshoot=300.0):
    x = np.linspace(-overshoot, WIDTH + overshoot, len(heights))
    return np.column_stack([x, heights])


heights = st.lists(st.floats(1000, 9000), min_size=2, max_size=12)


@given(heights)
def test_area_is_that_of_geos_on_fronts_from_wall_to_wall(values):
    front = wavy(values)
    parts = shapely.ops.split(FRAME.fjord, LineString(front)).geoms
    upstream = sum(p.area for p in parts if p.distance(shapely.Point(1500, 0)) == 0)
    assert area_of(FRAME, front) == pytest.approx(upstream, abs=1e-6)


@given(heights, st.integers(2, 9))
def test_area_knows_neither_direction_nor_vertex_density(values, times):
    front = wavy(values)
    dense = shapely.get_coordinates(shapely.segmentize(LineString(front), 700.0 / times))
    area = area_of(FRAME, front)
    assert area_of(FRAME, front[::-1]) == pytest.approx(area, abs=1e-4)
    assert area_of(FRAME, dense) == pytest.approx(area, abs=1e-4)


@given(heights, st.floats(-900, 900))
def test_moving_a_front_moves_the_area_by_width_times_distance(values, step):
    moved = area_of(FRAME, wavy(values) + np.array([0, step]))
    assert moved - area_of(FRAME, wavy(values)) == pytest.approx(step * WIDTH, abs=1e-3)


@given(st.floats(0, 0.45), st.floats(0, 0.45), st.floats(500, 9500), st.booleans())
def test_short_ends_close_at_constant_position_to_their_own_walls(left, right, y, reverse):
    front = np.array([[left * WIDTH, y], [(1 - right) * WIDTH, y]])
    assert area_of(FRAME, front[::-1] if reverse else front) == pytest.approx(y * WIDTH, rel=1e-9)


def test_a_half_seen_front_is_not_closed_to_the_wrong_wall():
    # ends at 60 m and at 1,400 m: the second is nearer to the left wall
    front = lay_front(FRAME, [np.array([[1400.0, 5000.0], [60.0, 5000.0]])])
    assert front.gap_left == pytest.approx(60)
    assert front.gap_right == pytest.approx(1600)
    assert front.coverage == pytest.approx(1340 / 3000)
    assert upstream_area(FRAME, front.path)[0] == pytest.approx(5000 * WIDTH)


def test_a_front_that_ends_inside_gives_not_the_whole_fjord():
    inside = np.array([[0.0, 5000.0], [2500.0, 5100.0]])
    assert area_of(FRAME, inside) < 0.6 * FRAME.fjord.area


def test_a_front_that_leaves_and_enters_the_fjord_is_exact():
    weaving = np.array(
        [[-200, 4000], [1000, 4000], [2900, 4000], [3200, 4500], [3200, 5500], [2900, 6000],
         [2000, 6000], [2000, 5000], [3200, 5000]], dtype=float,
    )  # fmt: skip
    area = area_of(FRAME, weaving)
    assert 4000 * WIDTH < area < 6200 * WIDTH
    assert area_of(FRAME, weaving[::-1]) == pytest.approx(area)


def test_overshoot_along_the_outside_of_a_wall_does_not_count():
    plain = np.array([[0.0, 5000], [3000, 5000]])
    tail = np.vstack([[-100.0, 9000], [-100, 5000], plain, [3100, 5000], [3100, 1000]])
    assert area_of(FRAME, tail) == pytest.approx(area_of(FRAME, plain))


def test_a_loop_is_called_unclear():
    loop = np.array(
        [[0, 5000], [2000, 5000], [2000, 6000], [1000, 6000], [1000, 4500], [3000, 4500]],
        dtype=float,
    )
    front = lay_front(FRAME, [loop])
    assert not front.simple
    area, unclear = upstream_area(FRAME, front.path)
    assert unclear == pytest.approx(1000 * 1000)
    assert 4500 * WIDTH < area < 5100 * WIDTH


@given(st.permutations(range(3)), st.lists(st.booleans(), min_size=3, max_size=3))
def test_pieces_are_joined_in_any_order_and_direction(order, flips):
    pieces = [
        np.array([[0.0, 5000], [800, 5200]]),
        np.array([[1000.0, 5200], [1900, 5100]]),
        np.array([[2200.0, 5100], [3000, 5000]]),
    ]
    whole = area_of(FRAME, np.vstack(pieces))
    mixed = [pieces[k][::-1] if flips[k] else pieces[k] for k in order]
    assert area_of(FRAME, *mixed) == pytest.approx(whole)
    front = lay_front(FRAME, mixed)
    assert front.coverage == pytest.approx(1 - 500 / 3000)


def test_a_piece_that_shows_nothing_new_is_left_out():
    whole = np.array([[0.0, 5000], [3000, 5000]])
    island = np.array([[1000.0, 7000], [1800, 7100]])
    front = lay_front(FRAME, [island, whole])
    assert front.dropped == 1
    assert area_of(FRAME, island, whole) == pytest.approx(5000 * WIDTH)


def test_a_front_elsewhere_is_none():
    assert lay_front(FRAME, [np.array([[5000.0, 0], [6000, 10]])]) is None


@given(st.floats(-2.5, 2.5), st.floats(-1000, 1000))
def test_box_along_a_bend_is_area_over_width_with_the_jacobian(bend, slope):
    assume(abs(bend) > 0.2)
    angle = np.linspace(0, bend, 200)
    centre = LENGTH / bend * np.column_stack([np.cos(angle) - 1, np.sin(angle)])
    normal = np.column_stack([-np.cos(angle), -np.sin(angle)]) * np.sign(1.0)
    half = 600.0
    outer = [centre + side * 2 * half * normal for side in (1, -1)]
    frame = Frame(
        fjord=Polygon(np.vstack([outer[0][0], outer[1], outer[0][:0:-1]])),
        gate=np.vstack([outer[0][0], outer[1][0]]),
        left=LineString(outer[0]), right=LineString(outer[1]), centreline=LineString(centre),
        width=4 * half,
    )  # fmt: skip
    box = ribbon(frame, 2 * half)
    across = np.linspace(-2 * half, 2 * half, 81)
    along = 0.5 * LENGTH + slope * across / (2 * half)
    turn = along / LENGTH * bend
    at = LENGTH / bend * np.column_stack([np.cos(turn) - 1, np.sin(turn)])
    front = at + across[:, None] * np.column_stack([-np.cos(turn), -np.sin(turn)])
    curved, _ = upstream_area(box, lay_front(box, [front]).path)
    straight = at[40] + across[:, None] * [-np.cos(turn[40]), -np.sin(turn[40])]
    level, _ = upstream_area(box, lay_front(box, [straight]).path)
    inside = np.abs(across) <= half
    kappa = bend / LENGTH
    # area = integral of (1 - kappa n) over n and the distance s that the front is ahead
    ahead = (along - along[40])[inside]
    expected = np.trapezoid((1 - kappa * across[inside]) * ahead, across[inside])
    # the strip follows the smoothed line, which cuts this corner by some 8 m
    assert curved - level == pytest.approx(expected, abs=10.0 * abs(slope) + 500.0)


def test_every_crossing_of_the_centreline_is_found():
    back = np.array(
        [[0, 5000], [2000, 5000], [2000, 5500], [1000, 5500], [1000, 6000], [3000, 6000]]
    )
    found = crossings(FRAME.centreline, (back.astype(float),))
    assert found == pytest.approx([5000, 5500, 6000])


@given(st.integers(0, 10_000), st.integers(1, 3))
def test_outer_crossings_of_many_lines_are_those_of_each(seed, pieces):
    rng = np.random.default_rng(seed)
    middle = np.array([1500.0, 5000.0])
    fronts = tuple(rng.normal(0, 400, (30, 2)).cumsum(axis=0) + middle for _ in range(pieces))
    straight = [np.linspace([x, 0], [x, 10_000], 40) for x in rng.uniform(0, 3000, 9)]
    lines = [LineString(xy + rng.normal(0, 30, (40, 2)).cumsum(axis=0)) for xy in straight]
    found = outer_crossings(np.array(lines, dtype=object), fronts)
    for line, (least, most) in zip(lines, found, strict=True):
        each = crossings(line, fronts)
        if len(each):
            assert (least, most) == pytest.approx((each[0], each[-1]), abs=1e-6)
        else:
            assert np.isnan([least, most]).all()


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_winding_number_of_a_square_run_twice(x, y):
    assume(min(abs(abs(x) - 1), abs(abs(y) - 1)) > 1e-6)
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=float)
    twice = np.vstack([square, square, square[:1]])
    inside = abs(x) < 1 and abs(y) < 1
    assert winding_number(twice, np.array([[x, y]]))[0] == (2 if inside else 0)


def test_pieces_of_odd_geometries():
    assert pieces_of(None) == []
    assert pieces_of(LineString()) == []
    assert pieces_of(LineString([(1, 1), (1, 1)])) == []
    assert len(pieces_of(shapely.from_wkt("MULTILINESTRING((0 0, 1 1), (1 1, 2 0))"))) == 1
