"""A trace laid out in a frame: where it enters and leaves, what it shows, its area.

The trace is a line with places on it: place 3.25 is a quarter of the way along its
fourth edge. Cutting a trace at the walls then only means to remember two places.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from termini.series.kernels import Array, Ints, Polyline, inner, nearest, within

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
    right_start, left_start : int
        Edges of the ring with which the right wall begins, and the left one, which it
        runs through towards the gate.
    left, right : Polyline
        Walls from the gate to the mouth.
    rough_left, rough_right : Polyline
        The same with few vertices, for distances.
    number : int
        Number of the ring in the grid.
    gate_only : bool
        Whether only the piece at the gate counts of a front that divides the frame
        into several.
    """

    ring: Polyline
    side: Ints
    right_start: int
    left_start: int
    left: Polyline
    right: Polyline
    rough_left: Polyline
    rough_right: Polyline
    number: int
    gate_only: bool


@inner
def point_at(path: Array, place: float) -> tuple[float, float]:
    """Point at a place on a line."""
    i = min(int(place), len(path) - 2)
    t = place - i
    return (
        path[i, 0] + t * (path[i + 1, 0] - path[i, 0]),
        path[i, 1] + t * (path[i + 1, 1] - path[i, 1]),
    )


@inner
def swept_between(path: Array, swept: Array, one: float, two: float) -> float:
    """Twice the area that a line sweeps between two places, the first before the second."""
    i, j = min(int(one), len(path) - 2), min(int(two), len(path) - 2)
    ax, ay = point_at(path, one)
    bx, by = point_at(path, two)
    if i == j:
        return ax * by - ay * bx
    start = ax * path[i + 1, 1] - ay * path[i + 1, 0]
    end = path[j, 0] * by - path[j, 1] * bx
    return float(start + (swept[j] - swept[i + 1]) + end)


@inner
def across(
    outline: Outline, x: float, y: float, inside: bool, near: Ints
) -> tuple[float, float, float]:
    """Place across the fjord and distances to both walls, as `layout.across`.

    `near` holds the edges of both walls nearest to the point before, or -1, and is
    set to those nearest to this one.
    """
    left, near[0], _ = nearest(outline.rough_left, x, y, near[0])
    right, near[1], _ = nearest(outline.rough_right, x, y, near[1])
    if inside:
        return between(left, right), left, right
    return outside(outline.ring, x, y, left, right), left, right


@inner
def between(left: float, right: float) -> float:
    """Place across the fjord from the distances to both walls.

    `across` takes as long to hand over the arrays of an outline, of each of which a
    reference is counted, as to find the distances: loops over many points find them
    themselves.
    """
    one = left if left >= _NEAR_M else 0.0
    two = right if right >= _NEAR_M else 0.0
    return one / max(one + two, _TOUCH_M)


@inner
def outside(ring: Polyline, x: float, y: float, left: float, right: float) -> float:
    """Place across the fjord of a point outside of its outline: 0 or 1 beyond a wall."""
    one = left if left >= _NEAR_M else 0.0
    two = right if right >= _NEAR_M else 0.0
    least = min(one, two)
    if least > 0:
        beyond, _, _ = nearest(ring, x, y, -1)
        if least <= beyond + _NEAR_M:
            return 1.0 if one > two else 0.0
    return between(left, right)


@inner
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
    # which side is which is asked in the middle of the longest interval: an end may
    # lie on the outline
    longest, middle, most = 0, 0.0, -1.0
    for k in range(found + 1):
        low = first if k == 0 else place[cuts[k - 1]]
        high = last if k == found else place[cuts[k]]
        if high - low > most:
            longest, middle, most = k, (low + high) / 2, high - low
    mx, my = point_at(path, middle)
    inside = within(outline.ring, mx, my) == (longest % 2 == 0)
    if found == 0 and not inside:
        # it may yet touch
        return (ABSENT if _apart(path, outline.ring.xy, first, last) else HARD), 0, 0, 0
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


@inner
def _apart(path: Array, ring: Array, first: float, last: float) -> bool:
    """Whether the boxes of a part of a trace and of a ring have no point in common."""
    low, high = int(first), int(np.ceil(last)) + 1
    for axis in range(2):
        one, two = path[low:high, axis], ring[:, axis]
        if one.max() < two.min() or two.max() < one.min():
            return True
    return False
