"""A trace in a frame: its part inside, the width it shows, its gaps and its area."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from termini.series.kernels import (
    BLOCK,
    Array,
    Grid,
    Ints,
    edge_boxes,
    inner,
    nearest,
)
from termini.series.kernels_area import ring_place, upstream
from termini.series.kernels_cross import find_crossings
from termini.series.kernels_lay import (
    GOOD,
    HARD,
    LEFT,
    RIGHT,
    Outline,
    between,
    enter,
    outside,
    point_at,
)
from termini.series.kernels_meet import apart, meet

_NEAR_M = 1.0  # as in `layout.across`
_MOST_CUTS = 64
# An end this near to its wall lies on it but for rounding of projections; no joint of
# that length can change an area by what counts.
_ON_WALL_M = 1e-4


class Laid(NamedTuple):
    """A trace in a frame.

    Parameters
    ----------
    status : int
        `GOOD`, `ABSENT` or `HARD`.
    first, last : float
        Places of its ends on the trace.
    low, high : float
        Range of the width that it shows, 0 at the left wall.
    gap_left, gap_right : float
        Distances of its ends from their walls, metres.
    area, unclear : float
        As `upstream.upstream_area` gives them.
    """

    status: int
    first: float
    last: float
    low: float
    high: float
    gap_left: float
    gap_right: float
    area: float
    unclear: float


@inner
def lay(
    path: Array, swept: Array, boxes: Array, outline: Outline, grid: Grid,
    first: float, last: float,
    place: Array, line: Ints, edge: Ints, share: Array, count: int, limit: float,
) -> Laid:  # fmt: skip
    """A trace laid out in a frame, as `layout.lay_front` and `upstream_area` do.

    `limit` is the share of the width below which no area is taken.
    """
    cuts = np.empty(_MOST_CUTS, dtype=np.int64)
    status, found, start, end = enter(path, outline, first, last, place, line, count, cuts)
    nothing = Laid(status, first, last, 0.0, 0.0, 0.0, 0.0, np.nan, 0.0)
    if status != GOOD:
        return nothing
    hard = Laid(HARD, first, last, 0.0, 0.0, 0.0, 0.0, np.nan, 0.0)
    on_left, on_right = start > 0, end < found
    if on_left:
        k = cuts[start - 1]
        if outline.side[edge[k]] != LEFT:
            return hard
        first, left_end, gap_left = place[k], edge[k] + share[k], 0.0
    else:
        x, y = point_at(path, first)
        _, at, part = nearest(outline.left, x, y, -1)
        left_end = ring_place(outline, at + part, True)
        gap_left = nearest(outline.rough_left, x, y, -1)[0]
    if on_right:
        k = cuts[end]
        if outline.side[edge[k]] != RIGHT:
            return hard
        last, right_end, gap_right = place[k], edge[k] + share[k], 0.0
    else:
        x, y = point_at(path, last)
        _, at, part = nearest(outline.right, x, y, -1)
        right_end = ring_place(outline, at + part, False)
        gap_right = nearest(outline.rough_right, x, y, -1)[0]
    gap_left = gap_left if gap_left >= _NEAR_M else 0.0
    gap_right = gap_right if gap_right >= _NEAR_M else 0.0
    low, high = 0.0, 1.0
    if not (on_left and on_right):
        low, high = shown(path, outline, first, last, place, cuts, start, end)
    if high - low < limit:
        return Laid(GOOD, first, last, low, high, gap_left, gap_right, np.nan, 0.0)
    if not on_left and _blocked(path, boxes, outline, grid, first, first, last, left_end, True):
        return hard
    if not on_right and _blocked(path, boxes, outline, grid, last, first, last, right_end, False):
        return hard
    status, area, unclear = upstream(
        path, swept, outline, first, last, place, edge, share, cuts, start, end,
        left_end, right_end,
    )  # fmt: skip
    return Laid(status, first, last, low, high, gap_left, gap_right, area, unclear)


@inner
def shown(
    path: Array, outline: Outline, first: float, last: float,
    place: Array, cuts: Ints, start: int, end: int,
) -> tuple[float, float]:  # fmt: skip
    """Smallest and largest place across the fjord of the vertices of a trace.

    Along the trace the place across the fjord, distance to the left wall over the
    sum of both, changes by no more than the way over that sum. After one vertex,
    those that cannot set a new bound are passed over.
    """
    weaves = end > start
    cut, inside = start, True
    left_wall, right_wall, ring = outline.rough_left, outline.rough_right, outline.ring
    # the last vertex first: together the ends mostly set both bounds
    x, y = point_at(path, last)
    left, near_left, _ = nearest(left_wall, x, y, -1)
    right, near_right, _ = nearest(right_wall, x, y, -1)
    high = between(left, right)
    x, y = point_at(path, first)
    left, near_left, _ = nearest(left_wall, x, y, near_left)
    right, near_right, _ = nearest(right_wall, x, y, near_right)
    low = between(left, right)
    low, high = min(low, high), max(low, high)
    v = first
    while v < last:
        v = min(np.floor(v) + 1.0, last)
        nx, ny = point_at(path, v)
        if not weaves and v < last:
            way = np.hypot(nx - x, ny - y)
            total = left + right
            if (
                min(left, right) - way > _NEAR_M
                and left - way > low * total
                and left + way < high * total
            ):
                continue
        while cut < end and place[cuts[cut]] < v:
            cut += 1
            inside = not inside
        x, y = nx, ny
        left, near_left, _ = nearest(left_wall, x, y, near_left)
        right, near_right, _ = nearest(right_wall, x, y, near_right)
        fraction = between(left, right) if inside else outside(ring, x, y, left, right)
        low, high = min(low, fraction), max(high, fraction)
    return low, high


@inner
def _blocked(
    path: Array, boxes: Array, outline: Outline, grid: Grid,
    end: float, first: float, last: float, wall_end: float, left: bool,
) -> bool:  # fmt: skip
    """Whether the joint from an end to its wall meets the front or the outline."""
    joint = np.empty((2, 2))
    joint[0, 0], joint[0, 1] = point_at(path, end)
    joint[1, 0], joint[1, 1] = point_at(outline.ring.xy, wall_end)
    length = np.hypot(joint[1, 0] - joint[0, 0], joint[1, 1] - joint[0, 1])
    if length < _ON_WALL_M:
        return False
    box = edge_boxes(joint)[0]
    edges = len(path) - 1
    own = min(int(end), edges - 1)
    if end == own and not left:
        own -= 1
    for m in range(len(boxes)):
        if apart(boxes[m], box):
            continue
        for k in range(BLOCK * m, min(BLOCK * (m + 1), edges)):
            near = k != own and first < k + 1 and k < last
            if near and meet(joint[0], joint[1], path[k], path[k + 1]):
                return True
    # it ends on the wall, which by rounding lies a little before or behind it
    joint[1] = joint[0] + (1.0 - 0.01 * _ON_WALL_M / length) * (joint[1] - joint[0])
    place = np.empty(256)
    line, edge = np.empty(256, dtype=np.int64), np.empty(256, dtype=np.int64)
    count = find_crossings(joint, grid, place, line, edge, np.empty(256))
    if count < 0:
        return True
    return bool((line[:count] == outline.number).any())
