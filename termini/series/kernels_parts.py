"""Where the vertices of traces lie across the fjord, so that parts can be cut out."""

from __future__ import annotations

import numpy as np

from termini.series.kernels import Array, Ints, compiled, nearest
from termini.series.kernels_cross import find_crossings
from termini.series.kernels_frame import lay
from termini.series.kernels_lay import GOOD, between, outside, point_at
from termini.series.kernels_trace import Glacier

_MOST_CROSSINGS = 4096
_NO_AREA = 2.0  # no front shows so large a share of the width


@compiled
def laid_vertices(
    xy: Array, offsets: Ints, glacier: Glacier, which: Ints
) -> tuple[Array, Array, Ints]:
    """Traces that `measure_traces` has turned, cut at the walls.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices of all traces in the plane of the glacier.
    offsets : ndarray of int, shape (t + 1,)
        Where each trace begins.
    glacier : Glacier
        The glacier.
    which : ndarray of int, shape (m,)
        Traces wanted.

    Returns
    -------
    points : ndarray, shape (k, 2)
        Their vertices, the ends cut at the walls.
    fractions : ndarray, shape (k,)
        Places across the fjord, as `layout.across`.
    starts : ndarray of int, shape (m + 1,)
        Where each trace begins in these; empty where it does not enter.
    """
    place = np.empty(_MOST_CROSSINGS)
    line = np.empty(_MOST_CROSSINGS, dtype=np.int64)
    edge = np.empty(_MOST_CROSSINGS, dtype=np.int64)
    share = np.empty(_MOST_CROSSINGS)
    room = 0
    for number in which:
        room += offsets[number + 1] - offsets[number] + 2
    points, fractions = np.empty((room, 2)), np.empty(room)
    starts = np.zeros(len(which) + 1, dtype=np.int64)
    fjord = glacier.fjord
    left_wall, right_wall, ring = fjord.rough_left, fjord.rough_right, fjord.ring
    n = 0
    for k in range(len(which)):
        path = xy[offsets[which[k]] : offsets[which[k] + 1]]
        count = find_crossings(path, glacier.grid, place, line, edge, share)
        front = lay(
            path, place, np.empty((0, 4)), fjord, glacier.grid, 0.0, len(path) - 1.0,
            place, line, edge, share, count, _NO_AREA,
        )  # fmt: skip
        cut, inside, v = 0, True, front.first
        near_left, near_right = -1, -1
        while front.status == GOOD:
            while cut < count and place[cut] < v:
                if line[cut] == fjord.number and front.first < place[cut] < front.last:
                    inside = not inside
                cut += 1
            x, y = point_at(path, v)
            points[n, 0], points[n, 1] = x, y
            left, near_left, _ = nearest(left_wall, x, y, near_left)
            right, near_right, _ = nearest(right_wall, x, y, near_right)
            fractions[n] = between(left, right) if inside else outside(ring, x, y, left, right)
            n += 1
            if v >= front.last:
                break
            v = min(np.floor(v) + 1.0, front.last)
        starts[k + 1] = n
    return points[:n], fractions[:n], starts
