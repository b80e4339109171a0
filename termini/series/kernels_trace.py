"""All traces of a glacier, one after the other, each in one pass over its vertices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from termini.series.kernels import (
    Array,
    Grid,
    Ints,
    Polyline,
    compiled,
    edge_boxes,
    nearest,
)
from termini.series.kernels_along import flow_positions, hits, mean_along, oblique, shape
from termini.series.kernels_cross import find_crossings
from termini.series.kernels_frame import lay
from termini.series.kernels_lay import ABSENT, GOOD, HARD, Outline
from termini.series.kernels_meet import touches_itself

#: Numbers of the lines in the grid: three outlines, the centreline, then flowlines.
FJORD, RIBBON, BOX, CENTRE, FLOW = 0, 1, 2, 3, 4
#: Columns of the results in metres and square metres.
(
    LOW, HIGH, GAP_LEFT, GAP_RIGHT, AREA, UNCLEAR,
    RIBBON_LOW, RIBBON_HIGH, RIBBON_AREA, RIBBON_UNCLEAR,
    BOX_LOW, BOX_HIGH, BOX_AREA, BOX_UNCLEAR,
    HIT_FIRST, HIT_LAST, STRETCH, FLOW_SPREAD, OWN_LENGTH, OWN_WIDTH,
) = range(20)  # fmt: skip
#: Columns of the counts.
STATUS, RIBBON_STATUS, BOX_STATUS, HITS = range(4)
_NEAR_M = 1.0
_MOST_CROSSINGS = 4096
_MOST_HITS = 64


class Glacier(NamedTuple):
    """A glacier as the kernels take it.

    Parameters
    ----------
    fjord, ribbon, box : Outline
        Fjord, curvilinear box and straight box; a box with number -1 is not wanted.
    grid : Grid
        Index of all lines.
    centre : Polyline
        Centreline of the fjord.
    axis : Polyline
        Centreline of the ribbon.
    heading : ndarray, shape (n,)
        Angle by which `axis` has turned at each vertex, radians to the left.
    flow_along : ndarray
        Distances along the flowlines of their vertices, one flowline after the other.
    flow_start : ndarray of int, shape (k + 1,)
        Where each flowline begins in `flow_along`.
    """

    fjord: Outline
    ribbon: Outline
    box: Outline
    grid: Grid
    centre: Polyline
    axis: Polyline
    heading: Array
    flow_along: Array
    flow_start: Ints


@compiled
def measure_traces(
    xy: Array, offsets: Ints, glacier: Glacier, limit: float, reach: float, own_width: bool,
    numbers: Ints, values: Array, flow: Array,
) -> None:  # fmt: skip
    """Measure traces of one piece each.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices of all traces in the plane of the glacier; they are turned left to
        right in place.
    offsets : ndarray of int, shape (t + 1,)
        Where each trace begins.
    glacier : Glacier
        The glacier.
    limit : float
        Share of the width below which nothing is measured.
    reach : float
        Distance along a front over which its direction is taken, metres.
    own_width : bool
        Whether positions over the front's own width are wanted.
    numbers : ndarray of int, shape (t, 4)
        Filled with the status in the fjord and the boxes, and the number of
        crossings of the centreline.
    values : ndarray, shape (t, 20)
        Filled with lengths and areas.
    flow : ndarray, shape (t, k)
        Filled with the positions on the flowlines, NaN where there is no crossing.
    """
    place = np.empty(_MOST_CROSSINGS)
    line = np.empty(_MOST_CROSSINGS, dtype=np.int64)
    edge = np.empty(_MOST_CROSSINGS, dtype=np.int64)
    share = np.empty(_MOST_CROSSINGS)
    along = np.empty(_MOST_HITS)
    least = np.empty(flow.shape[1])
    for i in range(len(offsets) - 1):
        path = xy[offsets[i] : offsets[i + 1]]
        if len(path) < 2:
            numbers[i, STATUS] = ABSENT
            continue
        turn(path, glacier.fjord)
        numbers[i] = 0
        boxes = edge_boxes(path)
        count = find_crossings(path, glacier.grid, place, line, edge, share)
        if count < 0 or touches_itself(path, boxes):
            numbers[i, STATUS] = HARD
            continue
        swept = sweep(path)
        fjord = lay(
            path, swept, boxes, glacier.fjord, glacier.grid, 0.0, len(path) - 1.0,
            place, line, edge, share, count, limit,
        )  # fmt: skip
        numbers[i, STATUS] = fjord.status
        if fjord.status != GOOD:
            continue
        first, last = fjord.first, fjord.last
        values[i, LOW : UNCLEAR + 1] = (
            fjord.low, fjord.high, fjord.gap_left, fjord.gap_right, fjord.area, fjord.unclear
        )  # fmt: skip
        met, at = hits(
            glacier.centre, CENTRE, first, last, place, line, edge, share, count, along
        )
        if met < 0:
            numbers[i, STATUS] = HARD
            continue
        numbers[i, HITS] = met
        if fjord.high - fjord.low < limit:
            continue
        if met > 0:
            values[i, HIT_FIRST], values[i, HIT_LAST] = along[0], along[met - 1]
            values[i, STRETCH] = oblique(
                path, glacier.centre, first, last, at, along[met - 1], reach
            )
        if glacier.ribbon.number >= 0:
            inner = lay(
                path, swept, boxes, glacier.ribbon, glacier.grid, first, last,
                place, line, edge, share, count, limit,
            )  # fmt: skip
            numbers[i, RIBBON_STATUS] = inner.status
            values[i, RIBBON_LOW : RIBBON_UNCLEAR + 1] = (
                inner.low, inner.high, inner.area, inner.unclear
            )  # fmt: skip
        if glacier.box.number >= 0:
            inner = lay(
                path, swept, boxes, glacier.box, glacier.grid, first, last,
                place, line, edge, share, count, limit,
            )  # fmt: skip
            numbers[i, BOX_STATUS] = inner.status
            values[i, BOX_LOW : BOX_UNCLEAR + 1] = (
                inner.low, inner.high, inner.area, inner.unclear
            )  # fmt: skip
        if flow.shape[1] > 0:
            least[:] = np.nan
            flow_positions(
                glacier.flow_along, glacier.flow_start, FLOW, first, last,
                place, line, edge, share, count, flow[i], least,
            )  # fmt: skip
            values[i, FLOW_SPREAD] = half_spread(flow[i], least)
        if own_width:
            values[i, OWN_LENGTH], values[i, OWN_WIDTH] = mean_along(
                path, glacier.axis, glacier.heading, first, last
            )


@compiled
def shapes_of_traces(
    xy: Array, offsets: Ints, glacier: Glacier, which: Ints, shapes: Array
) -> None:
    """Shapes of some of the traces that `measure_traces` has turned, shape (s, 41)."""
    place = np.empty(_MOST_CROSSINGS)
    line = np.empty(_MOST_CROSSINGS, dtype=np.int64)
    edge = np.empty(_MOST_CROSSINGS, dtype=np.int64)
    share = np.empty(_MOST_CROSSINGS)
    for k in range(len(which)):
        path = xy[offsets[which[k]] : offsets[which[k] + 1]]
        count = find_crossings(path, glacier.grid, place, line, edge, share)
        # no area is taken of less than twice the width
        fjord = lay(
            path, place, np.empty((0, 4)), glacier.fjord, glacier.grid, 0.0, len(path) - 1.0,
            place, line, edge, share, count, 2.0,
        )  # fmt: skip
        if fjord.status == GOOD:
            shape(
                path, glacier.fjord, glacier.centre, fjord.first, fjord.last,
                place, line, count, shapes[k],
            )  # fmt: skip


@compiled
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


@compiled
def _far(wall: Polyline, point: Array) -> float:
    distance, _, _ = nearest(wall, point[0], point[1], -1)
    return distance if distance >= _NEAR_M else 0.0


@compiled
def sweep(path: Array) -> Array:
    """Twice the area swept by a line up to each vertex, as seen from the origin."""
    swept = np.empty(len(path))
    swept[0] = 0.0
    for k in range(len(path) - 1):
        swept[k + 1] = swept[k] + path[k, 0] * path[k + 1, 1] - path[k, 1] * path[k + 1, 0]
    return swept


@compiled
def half_spread(most: Array, least: Array) -> float:
    """Mean over the flowlines crossed of half the way between their outer crossings."""
    total, count = 0.0, 0
    for k in range(len(most)):
        if most[k] == most[k]:
            total += (most[k] - least[k]) / 2
            count += 1
    return total / count if count else np.nan
