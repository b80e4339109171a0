"""Loops of a trace that crosses itself: found, measured and cut off."""

from __future__ import annotations

import numpy as np

from termini.series.kernels import BLOCK, Array, Ints, compiled, inner, within
from termini.series.kernels_lay import Outline, point_at
from termini.series.kernels_meet import apart, cut, folds, meet

#: More loops than these, or loops in loops, are for GEOS.
MOST_LOOPS = 16


@compiled
def find_loops(path: Array, boxes: Array, starts: Array, ends: Array) -> int:
    """Places on a trace at which loops begin and end.

    Parameters
    ----------
    path : ndarray, shape (n, 2)
        The trace.
    boxes : ndarray, shape (m, 4)
        Its `edge_boxes`.
    starts, ends : ndarray, shape (16,)
        Filled with the places of loops, ascending; both ends of a loop are the same
        point.

    Returns
    -------
    int
        Number of loops; -1 where the trace touches itself or loops are entangled.
    """
    count, edges = 0, len(path) - 1
    for m in range(len(boxes)):
        runs_on = _runs_on(path, BLOCK * m, min(BLOCK * (m + 2), edges))
        for n in range(m + 2 if runs_on else m, len(boxes)):
            if apart(boxes[m], boxes[n]):
                continue
            for i in range(BLOCK * m, min(BLOCK * (m + 1), edges)):
                for j in range(max(i + 1, BLOCK * n), min(BLOCK * (n + 1), edges)):
                    if j == i + 1:
                        if folds(path, i):
                            return -1
                        continue
                    if not meet(path[i], path[i + 1], path[j], path[j + 1]):
                        continue
                    t, u = cut(
                        path[i, 0], path[i, 1], path[i + 1, 0], path[i + 1, 1],
                        path[j, 0], path[j, 1], path[j + 1, 0], path[j + 1, 1],
                    )  # fmt: skip
                    if not (0.0 < t < 1.0 and 0.0 < u < 1.0) or count == len(starts):
                        return -1
                    at = count
                    while at > 0 and starts[at - 1] > i + t:
                        starts[at], ends[at] = starts[at - 1], ends[at - 1]
                        at -= 1
                    starts[at], ends[at] = i + t, j + u
                    count += 1
    for k in range(count - 1):
        if starts[k + 1] <= ends[k]:
            return -1
    return count


@inner
def _runs_on(path: Array, first: int, last: int) -> bool:
    """Whether all edges between two vertices lead forward, so that none meets another."""
    dx, dy = path[last, 0] - path[first, 0], path[last, 1] - path[first, 1]
    for k in range(first, last):
        if (path[k + 1, 0] - path[k, 0]) * dx + (path[k + 1, 1] - path[k, 1]) * dy <= 0.0:
            return False
    return True


@compiled
def without_loops(path: Array, starts: Array, ends: Array, count: int) -> Array:
    """The trace with its loops cut off, shape (m, 2)."""
    out = np.empty((len(path) + count, 2))
    n, v = 0, 0
    for k in range(count):
        for i in range(v, int(starts[k]) + 1):
            out[n] = path[i]
            n += 1
        out[n, 0], out[n, 1] = point_at(path, starts[k])
        n += 1
        v = int(ends[k]) + 1
    for i in range(v, len(path)):
        out[n] = path[i]
        n += 1
    return out[:n]


@inner
def loop_areas(
    path: Array, outline: Outline, first: float, last: float,
    starts: Array, ends: Array, count: int, place: Array, line: Ints, crossings: int,
) -> float:  # fmt: skip
    """Area of the loops within a frame, m2; -1 where one lies across its outline.

    A loop that lies on the side of the ice is run through anticlockwise once more, one
    in the water clockwise: neither can be told, and the area without them stands.
    """
    total = 0.0
    for k in range(count):
        if ends[k] <= first or starts[k] >= last:
            continue
        if starts[k] <= first or ends[k] >= last:
            return -1.0
        for c in range(crossings):
            if line[c] == outline.number and starts[k] < place[c] < ends[k]:
                return -1.0
        x0, y0 = point_at(path, starts[k])
        if not within(outline.ring, x0, y0):
            continue
        area = 0.0
        for i in range(int(starts[k]) + 1, int(ends[k])):
            ax, ay = path[i, 0] - x0, path[i, 1] - y0
            bx, by = path[i + 1, 0] - x0, path[i + 1, 1] - y0
            area += ax * by - ay * bx
        total += abs(area) / 2
    return total


@inner
def loops_between(starts: Array, ends: Array, count: int, first: float, last: float) -> int:
    """Number of loops between two places."""
    found = 0
    for k in range(count):
        if starts[k] >= first and ends[k] <= last:
            found += 1
    return found
