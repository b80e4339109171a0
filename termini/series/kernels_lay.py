"""A trace laid out in a frame: where it enters and leaves, what it shows, its area.

The trace is a line with places on it: place 3.25 is a quarter of the way along its
fourth edge. Cutting a trace at the walls then only means to remember two places.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from termini.series.kernels import Array, Ints, Polyline, compiled, nearest, within

#: Sides of a frame's outline, in the order in which they are run through.
GATE, RIGHT, MOUTH, LEFT = 0, 1, 2, 3
#: What became of a trace in a frame.
GOOD, ABSENT, HARD = 0, 1, 2
_NEAR_M = 1.0  # as in `layout.across`
_TOUCH_M = 1e-6


class Outline(NamedTuple):
    """A frame as the kernels take it.

    Parameters
    ----------
    ring : Polyline
        Gate, right wall, mouth, left wall, closed, anticlockwise.
    side : ndarray of int, shape (n - 1,)
        Side that each edge of the ring belongs to.
    wall_edge : ndarray of int, shape (n - 1,)
        Edge of that wall, for edges of walls.
    gate_swept : float
        Twice the area swept by the gate, from its left to its right end, with the
        joints to the walls.
    left, right : Polyline
        Walls from the gate to the mouth.
    rough_left, rough_right : Polyline
        The same with few vertices, for distances.
    number : int
        Number of the ring in the grid.
    """

    ring: Polyline
    side: Ints
    wall_edge: Ints
    gate_swept: float
    left: Polyline
    right: Polyline
    rough_left: Polyline
    rough_right: Polyline
    number: int


@compiled
def point_at(path: Array, place: float) -> tuple[float, float]:
    """Point at a place on a line."""
    i = min(int(place), len(path) - 2)
    t = place - i
    return (
        path[i, 0] + t * (path[i + 1, 0] - path[i, 0]),
        path[i, 1] + t * (path[i + 1, 1] - path[i, 1]),
    )


@compiled
def swept_between(path: Array, swept: Array, one: float, two: float) -> float:
    """Twice the area that a line sweeps between two places, the first before the second."""
    i, j = min(int(one), len(path) - 2), min(int(two), len(path) - 2)
    ax, ay = point_at(path, one)
    bx, by = point_at(path, two)
    if i == j:
        return ax * by - ay * bx
    return (
        (ax * path[i + 1, 1] - ay * path[i + 1, 0])
        + (swept[j] - swept[i + 1])
        + (path[j, 0] * by - path[j, 1] * bx)
    )


@compiled
def across(outline: Outline, x: float, y: float, inside: bool) -> tuple[float, float, float]:
    """Place across the fjord and distances to both walls, as `layout.across`."""
    left, _, _ = nearest(outline.rough_left, x, y, 0)
    right, _, _ = nearest(outline.rough_right, x, y, 0)
    one = left if left >= _NEAR_M else 0.0
    two = right if right >= _NEAR_M else 0.0
    fraction = one / max(one + two, _TOUCH_M)
    least = min(one, two)
    if not inside and least > 0:
        beyond, _, _ = nearest(outline.ring, x, y, 0)
        if least <= beyond + _NEAR_M:
            fraction = 1.0 if one > two else 0.0
    return fraction, left, right


@compiled
def enter(
    path: Array, outline: Outline, first: float, last: float,
    place: Array, line: Ints, count: int, cuts: Ints,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Part of a trace from the first to the last of its vertices in a frame.

    Parameters
    ----------
    path : ndarray, shape (n, 2)
        The trace.
    outline : Outline
        The frame.
    first, last : float
        Places between which the trace counts; they count as vertices.
    place, line, count
        Its crossings, from `find_crossings`.
    cuts : ndarray of int, shape (m,)
        Filled with the crossings of this frame, in their order.

    Returns
    -------
    status : int
        `GOOD`, `ABSENT` where the trace does not enter, `HARD` where that is
        for GEOS to say.
    found : int
        Number of crossings of this frame.
    start, end : int
        First and last interval inside that hold a vertex. Crossings divide the
        trace into intervals; interval k runs from crossing k - 1 to crossing k.
    """
    found = 0
    for k in range(count):
        if line[k] == outline.number and first < place[k] < last:
            if found == len(cuts):
                return HARD, 0, 0, 0
            cuts[found] = k
            found += 1
    ax, ay = point_at(path, first)
    bx, by = point_at(path, last)
    inside = within(outline.ring, ax, ay)
    if (inside != within(outline.ring, bx, by)) != (found % 2 == 1):
        return HARD, found, 0, 0  # a vertex on the outline
    if found == 0:
        return (GOOD if inside else ABSENT), 0, 0, 0
    start, end = -1, -1
    for k in range(found + 1):
        if inside != (k % 2 == 0):
            continue
        low = first if k == 0 else place[cuts[k - 1]]
        high = last if k == found else place[cuts[k]]
        if k == 0 or k == found or np.floor(high) >= np.ceil(low):
            if start < 0:
                start = k
            end = k
    return (HARD if start < 0 else GOOD), found, start, end


@compiled
def wall_place(outline: Outline, edge: int, share: float) -> float:
    """Place on its wall of a crossing with an edge of the ring."""
    if outline.side[edge] == LEFT:  # the ring runs up-glacier there
        return outline.wall_edge[edge] + 1.0 - share
    return outline.wall_edge[edge] + share


@compiled
def swept_to(wall: Polyline, place: float) -> float:
    """Twice the area swept by a wall from the gate to a place on it."""
    return swept_between(wall.xy, wall.swept, 0.0, place)


@compiled
def _bay(
    wall: Polyline, chord: float, one: float, two: float, main: float
) -> tuple[int, float, float]:
    """What a stretch of front from a wall back to it adds to the ice.

    Returns its status, the area to add and the unclear area, both doubled. Upstream
    of the main stretch it may cut water out of the ice, downstream add ice; the
    other way round one cannot tell, and nothing is added.
    """
    low, high = min(one, two), max(one, two)
    if low < main < high:
        return HARD, 0.0, 0.0
    area = swept_to(wall, two) - swept_to(wall, one) - chord
    if (high <= main) == (area <= 0.0):
        return GOOD, area, 0.0
    return GOOD, 0.0, abs(area)


@compiled
def upstream(
    path: Array, swept: Array, outline: Outline, first: float, last: float,
    place: Array, edge: Ints, share: Array, cuts: Ints, start: int, end: int,
    left_end: float, right_end: float,
) -> tuple[int, float, float]:  # fmt: skip
    """Area upstream of a trace by Green's theorem, each end closed to its own wall.

    Parameters
    ----------
    path, swept
        The trace, and the area swept to each of its vertices.
    outline : Outline
        The frame.
    first, last : float
        Places of the ends of its part in the frame.
    place, edge, share, cuts, start, end
        Crossings, and the intervals in which it begins and ends, from `enter`.
    left_end, right_end : float
        Places on the walls to which the ends are joined straight.

    Returns
    -------
    status : int
        `GOOD`, or `HARD` where the front weaves in a way that is for GEOS.
    area, unclear : float
        As `upstream.upstream_area`.

    Notes
    -----
    Where the front leaves through a wall and comes back through it, what is outside
    is replaced by the wall. That leaves one stretch from wall to wall and bays, each
    from a wall back to the same one.
    """
    # bays along the left wall come first, then the main stretch, then the right wall
    main = start
    while main < end and outline.side[edge[cuts[main]]] == LEFT:
        if outline.side[edge[cuts[main + 1]]] != LEFT:
            return HARD, 0.0, 0.0
        main += 2
    for k in range(main, end):
        if outline.side[edge[cuts[k]]] != RIGHT:
            return HARD, 0.0, 0.0
    main_left = left_end
    if main > start:
        main_left = wall_place(outline, edge[cuts[main - 1]], share[cuts[main - 1]])
    main_right = right_end
    if main < end:
        main_right = wall_place(outline, edge[cuts[main]], share[cuts[main]])
    spans = np.empty((end - start + 1, 2))
    area = outline.gate_swept + swept_to(outline.right, main_right)
    area -= swept_to(outline.left, main_left)
    unclear = 0.0
    for k in range(start, end + 1, 2):
        chord = swept_between(
            path,
            swept,
            first if k == start else place[cuts[k - 1]],
            last if k == end else place[cuts[k]],
        )
        if k == start:
            chord += _joint(path, first, outline.left, left_end)
        if k == end:
            chord -= _joint(path, last, outline.right, right_end)
        if k == main:
            area -= chord
            continue
        one = left_end if k == start else wall_place(outline, edge[cuts[k - 1]], share[cuts[k - 1]])
        two = right_end if k == end else wall_place(outline, edge[cuts[k]], share[cuts[k]])
        spans[k - start, 0], spans[k - start, 1] = min(one, two), max(one, two)
        for other in range(start if k < main else main + 2, k, 2):
            if _overlap(spans[other - start], spans[k - start]):
                return HARD, 0.0, 0.0
        wall = outline.left if k < main else outline.right
        status, gain, doubt = _bay(wall, chord, one, two, main_left if k < main else main_right)
        if status == HARD:
            return HARD, 0.0, 0.0
        area += gain
        unclear += doubt
    return GOOD, area / 2, unclear / 2


@compiled
def _overlap(one: Array, two: Array) -> bool:
    """Whether two stretches of a wall share more than a point."""
    return bool(max(one[0], two[0]) < min(one[1], two[1]))


@compiled
def _joint(path: Array, place: float, wall: Polyline, end: float) -> float:
    """Twice the area swept from a place on a wall straight to one on the front."""
    wx, wy = point_at(wall.xy, end)
    px, py = point_at(path, place)
    return wx * py - wy * px
