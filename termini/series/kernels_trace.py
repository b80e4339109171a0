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
from termini.series.kernels_along import (
    flow_positions,
    half_spread,
    hits,
    mean_along,
    oblique,
    shape,
)
from termini.series.kernels_cross import find_crossings
from termini.series.kernels_frame import lay
from termini.series.kernels_lay import ABSENT, GOOD, HARD, Outline
from termini.series.kernels_loops import (
    MOST_LOOPS,
    find_loops,
    loop_areas,
    loops_between,
    without_loops,
)

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
STATUS, RIBBON_STATUS, BOX_STATUS, HITS, LOOPS = range(5)
COUNTS, VALUES = 5, 20
_NEAR_M = 1.0
_MOST_CROSSINGS = 4096
_MOST_HITS = 64
_NO_AREA = 2.0  # no front shows so large a share of the width


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
    numbers : ndarray of int, shape (t, 5)
        Filled with the status in the fjord and the boxes, the number of crossings of
        the centreline, and that of loops.
    values : ndarray, shape (t, 20)
        Filled with lengths and areas.
    flow : ndarray, shape (t, k)
        Filled with the positions on the flowlines, NaN where there is no crossing.
    """
    place, line, edge, share = _buffers()
    clean_place, clean_line, clean_edge, clean_share = _buffers()
    starts, ends = np.empty(MOST_LOOPS), np.empty(MOST_LOOPS)
    along = np.empty(_MOST_HITS)
    least = np.empty(flow.shape[1])
    for i in range(len(offsets) - 1):
        path = xy[offsets[i] : offsets[i + 1]]
        numbers[i] = 0
        if len(path) < 2:
            numbers[i, STATUS] = ABSENT
            continue
        turn(path, glacier.fjord)
        boxes = edge_boxes(path)
        count = find_crossings(path, glacier.grid, place, line, edge, share)
        loops = find_loops(path, boxes, starts, ends)
        if count < 0 or loops < 0:
            numbers[i, STATUS] = HARD
            continue
        swept = sweep(path)
        # of a trace with loops only the place is taken here, and the area without them
        front = lay(
            path, swept, boxes, glacier.fjord, glacier.grid, 0.0, len(path) - 1.0,
            place, line, edge, share, count, limit if loops == 0 else _NO_AREA,
        )  # fmt: skip
        numbers[i, STATUS] = front.status
        if front.status != GOOD:
            continue
        first, last = front.first, front.last
        values[i, LOW], values[i, HIGH] = front.low, front.high
        values[i, GAP_LEFT], values[i, GAP_RIGHT] = front.gap_left, front.gap_right
        numbers[i, LOOPS] = loops_between(starts, ends, loops, first, last)
        met, at = hits(
            glacier.centre, CENTRE, first, last, place, line, edge, share, count, along
        )  # fmt: skip
        numbers[i, HITS] = met
        if met < 0:
            numbers[i, STATUS] = HARD
            continue
        if front.high - front.low < limit:
            continue
        if met > 0:
            values[i, HIT_FIRST], values[i, HIT_LAST] = along[0], along[met - 1]
            values[i, STRETCH] = oblique(
                path, glacier.centre, first, last, at, along[met - 1], reach
            )
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
        if loops == 0:
            values[i, AREA], values[i, UNCLEAR] = front.area, front.unclear
            _areas(
                path, swept, boxes, glacier, first, last, place, line, edge, share, count,
                limit, numbers[i], values[i],
            )  # fmt: skip
            continue
        clean = without_loops(path, starts, ends, loops)
        clean_boxes, clean_swept = edge_boxes(clean), sweep(clean)
        clean_count = find_crossings(
            clean, glacier.grid, clean_place, clean_line, clean_edge, clean_share
        )
        plain = lay(
            clean, clean_swept, clean_boxes, glacier.fjord, glacier.grid, 0.0, len(clean) - 1.0,
            clean_place, clean_line, clean_edge, clean_share, clean_count, limit,
        )  # fmt: skip
        numbers[i, STATUS] = plain.status
        if plain.status != GOOD:
            continue
        values[i, AREA], values[i, UNCLEAR] = plain.area, plain.unclear
        _areas(
            clean, clean_swept, clean_boxes, glacier, plain.first, plain.last,
            clean_place, clean_line, clean_edge, clean_share, clean_count,
            limit, numbers[i], values[i],
        )  # fmt: skip
        for turn_of in range(3):
            outline = glacier.fjord
            if turn_of == 1:
                outline = glacier.ribbon
            elif turn_of == 2:
                outline = glacier.box
            if outline.number < 0:
                continue
            doubt = loop_areas(
                path, outline, first, last, starts, ends, loops, place, line, count
            )  # fmt: skip
            if doubt < 0:
                numbers[i, STATUS + turn_of] = HARD
            else:
                values[i, UNCLEAR + 4 * turn_of] += doubt


@compiled
def _buffers() -> tuple[Array, Ints, Ints, Array]:
    """Room for the crossings of one trace."""
    return (
        np.empty(_MOST_CROSSINGS),
        np.empty(_MOST_CROSSINGS, dtype=np.int64),
        np.empty(_MOST_CROSSINGS, dtype=np.int64),
        np.empty(_MOST_CROSSINGS),
    )


@compiled
def _areas(
    path: Array, swept: Array, boxes: Array, glacier: Glacier, first: float, last: float,
    place: Array, line: Ints, edge: Ints, share: Array, count: int, limit: float,
    numbers: Ints, values: Array,
) -> None:  # fmt: skip
    """Areas in the boxes."""
    if glacier.ribbon.number >= 0:
        inner = lay(
            path, swept, boxes, glacier.ribbon, glacier.grid, first, last,
            place, line, edge, share, count, limit,
        )  # fmt: skip
        numbers[RIBBON_STATUS] = inner.status
        values[RIBBON_LOW], values[RIBBON_HIGH] = inner.low, inner.high
        values[RIBBON_AREA], values[RIBBON_UNCLEAR] = inner.area, inner.unclear
    if glacier.box.number >= 0:
        inner = lay(
            path, swept, boxes, glacier.box, glacier.grid, first, last,
            place, line, edge, share, count, limit,
        )  # fmt: skip
        numbers[BOX_STATUS] = inner.status
        values[BOX_LOW], values[BOX_HIGH] = inner.low, inner.high
        values[BOX_AREA], values[BOX_UNCLEAR] = inner.area, inner.unclear


@compiled
def shapes_of_traces(
    xy: Array, offsets: Ints, glacier: Glacier, which: Ints, shapes: Array
) -> None:
    """Shapes of some of the traces that `measure_traces` has turned, shape (s, 41)."""
    place, line, edge, share = _buffers()
    for k in range(len(which)):
        path = xy[offsets[which[k]] : offsets[which[k] + 1]]
        count = find_crossings(path, glacier.grid, place, line, edge, share)
        fjord = lay(
            path, place, np.empty((0, 4)), glacier.fjord, glacier.grid, 0.0, len(path) - 1.0,
            place, line, edge, share, count, _NO_AREA,
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
