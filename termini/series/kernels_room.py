"""What every trace is given before it is measured: room, direction, and the area it sweeps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from termini.series.kernels import Array, Ints, Polyline, inner, nearest
from termini.series.kernels_lay import Outline
from termini.series.kernels_loops import MOST_LOOPS

_NEAR_M = 1.0
_MOST_CROSSINGS = 4096
_MOST_HITS = 64


class Room(NamedTuple):
    """Room for what is found of one trace, used again for the next.

    Parameters
    ----------
    place, line, edge, share : ndarray, shape (4096,)
        Its crossings, from `find_crossings`.
    starts, ends : ndarray, shape (16,)
        Its loops, from `find_loops`.
    along : ndarray, shape (64,)
        Where it crosses the centreline.
    least : ndarray, shape (k,)
        Least advanced crossings of the flowlines.
    """

    place: Array
    line: Ints
    edge: Ints
    share: Array
    starts: Array
    ends: Array
    along: Array
    least: Array


@inner
def new_room(flowlines: int) -> Room:
    """Room for one trace, with so many flowlines."""
    return Room(
        np.empty(_MOST_CROSSINGS),
        np.empty(_MOST_CROSSINGS, dtype=np.int64),
        np.empty(_MOST_CROSSINGS, dtype=np.int64),
        np.empty(_MOST_CROSSINGS),
        np.empty(MOST_LOOPS),
        np.empty(MOST_LOOPS),
        np.empty(_MOST_HITS),
        np.empty(flowlines),
    )


@inner
def turn(path: Array, fjord: Outline) -> None:
    """Turn a trace left to right, by both its ends together as `layout.lay_front`."""
    n = len(path)
    left_first = _far(fjord.rough_left, path[0])
    right_first = _far(fjord.rough_right, path[0])
    left_last = _far(fjord.rough_left, path[n - 1])
    right_last = _far(fjord.rough_right, path[n - 1])
    if left_first + right_last > left_last + right_first:
        for k in range(n // 2):
            for axis in range(2):
                keep = path[k, axis]
                path[k, axis] = path[n - 1 - k, axis]
                path[n - 1 - k, axis] = keep


@inner
def _far(wall: Polyline, point: Array) -> float:
    distance, _, _ = nearest(wall, point[0], point[1], -1)
    return distance if distance >= _NEAR_M else 0.0


@inner
def sweep(path: Array) -> Array:
    """Twice the area swept by a line up to each vertex, as seen from the origin."""
    swept = np.empty(len(path))
    swept[0] = 0.0
    for k in range(len(path) - 1):
        swept[k + 1] = swept[k] + path[k, 0] * path[k + 1, 1] - path[k, 1] * path[k + 1, 0]
    return swept
