"""All traces of a glacier, one after the other, each in one pass over its vertices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from termini.series.kernels import Array, Grid, Ints, Polyline, compiled, edge_boxes, inner
from termini.series.kernels_along import (
    flow_positions,
    half_spread,
    hits,
    mean_along,
    oblique,
    shape,
)
from termini.series.kernels_cross import find_crossings
from termini.series.kernels_frame import Laid, lay
from termini.series.kernels_lay import ABSENT, GOOD, HARD, Outline
from termini.series.kernels_loops import (
    find_loops,
    loop_areas,
    loops_between,
    without_loops,
)
from termini.series.kernels_room import Room, new_room, sweep, turn

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
    room, spare = new_room(flow.shape[1]), new_room(0)
    for i in range(len(offsets) - 1):
        path = xy[offsets[i] : offsets[i + 1]]
        numbers[i] = 0
        if len(path) < 2:
            numbers[i, STATUS] = ABSENT
            continue
        turn(path, glacier.fjord)
        _measure(
            path, glacier, limit, reach, own_width, room, spare, numbers[i], values[i], flow[i]
        )  # fmt: skip


@inner
def _measure(
    path: Array, glacier: Glacier, limit: float, reach: float, own_width: bool,
    room: Room, spare: Room, numbers: Ints, values: Array, flow: Array,
) -> None:  # fmt: skip
    """Measure a trace that runs left to right."""
    boxes = edge_boxes(path)
    count = find_crossings(path, glacier.grid, room.place, room.line, room.edge, room.share)
    loops = find_loops(path, boxes, room.starts, room.ends)
    if count < 0 or loops < 0:
        numbers[STATUS] = HARD
        return
    swept = sweep(path)
    # of a trace with loops only the place is taken here, and the area without them
    front = lay(
        path, swept, boxes, glacier.fjord, glacier.grid, 0.0, len(path) - 1.0,
        room.place, room.line, room.edge, room.share, count, limit if loops == 0 else _NO_AREA,
    )  # fmt: skip
    numbers[STATUS] = front.status
    if front.status != GOOD:
        return
    values[LOW], values[HIGH] = front.low, front.high
    values[GAP_LEFT], values[GAP_RIGHT] = front.gap_left, front.gap_right
    numbers[LOOPS] = loops_between(room.starts, room.ends, loops, front.first, front.last)
    if not _lines_met(path, glacier, front, reach, room, count, numbers, values, flow):
        return
    if front.high - front.low < limit:
        return
    if own_width:
        values[OWN_LENGTH], values[OWN_WIDTH] = mean_along(
            path, glacier.axis, glacier.heading, front.first, front.last
        )
    if loops > 0:
        _without_loops(path, glacier, front, limit, room, spare, count, loops, numbers, values)
        return
    values[AREA], values[UNCLEAR] = front.area, front.unclear
    _areas(path, swept, boxes, glacier, front, room, count, limit, numbers, values)


@inner
def _lines_met(
    path: Array, glacier: Glacier, front: Laid, reach: float, room: Room, count: int,
    numbers: Ints, values: Array, flow: Array,
) -> bool:  # fmt: skip
    """Where a front meets centreline and flowlines; False if that is for GEOS to say."""
    first, last = front.first, front.last
    met, at = hits(
        glacier.centre, CENTRE, first, last, room.place, room.line, room.edge, room.share,
        count, room.along,
    )  # fmt: skip
    numbers[HITS] = met
    if met < 0:
        numbers[STATUS] = HARD
        return False
    if met > 0:
        furthest = room.along[met - 1]
        values[HIT_FIRST], values[HIT_LAST] = room.along[0], furthest
        values[STRETCH] = oblique(path, glacier.centre, first, last, at, furthest, reach)
    if len(flow) > 0:
        room.least[:] = np.nan
        flow_positions(
            glacier.flow_along, glacier.flow_start, FLOW, first, last,
            room.place, room.line, room.edge, room.share, count, flow, room.least,
        )  # fmt: skip
        values[FLOW_SPREAD] = half_spread(flow, room.least)
    return True


@inner
def _without_loops(
    path: Array, glacier: Glacier, front: Laid, limit: float, room: Room, spare: Room,
    count: int, loops: int, numbers: Ints, values: Array,
) -> None:  # fmt: skip
    """Areas of a trace whose loops are cut off; what they enclose is unclear."""
    clean = without_loops(path, room.starts, room.ends, loops)
    boxes, swept = edge_boxes(clean), sweep(clean)
    found = find_crossings(
        clean, glacier.grid, spare.place, spare.line, spare.edge, spare.share
    )  # fmt: skip
    plain = lay(
        clean, swept, boxes, glacier.fjord, glacier.grid, 0.0, len(clean) - 1.0,
        spare.place, spare.line, spare.edge, spare.share, found, limit,
    )  # fmt: skip
    numbers[STATUS] = plain.status
    if plain.status != GOOD:
        return
    values[AREA], values[UNCLEAR] = plain.area, plain.unclear
    _areas(clean, swept, boxes, glacier, plain, spare, found, limit, numbers, values)
    for turn_of in range(3):
        outline = glacier.fjord
        if turn_of == 1:
            outline = glacier.ribbon
        elif turn_of == 2:
            outline = glacier.box
        if outline.number < 0:
            continue
        doubt = loop_areas(
            path, outline, front.first, front.last, room.starts, room.ends, loops,
            room.place, room.line, count,
        )  # fmt: skip
        if doubt < 0:
            numbers[STATUS + turn_of] = HARD
        else:
            values[UNCLEAR + 4 * turn_of] += doubt


@inner
def _areas(
    path: Array, swept: Array, boxes: Array, glacier: Glacier, front: Laid, room: Room,
    count: int, limit: float, numbers: Ints, values: Array,
) -> None:  # fmt: skip
    """Areas in the boxes."""
    if glacier.ribbon.number >= 0:
        inner = lay(
            path, swept, boxes, glacier.ribbon, glacier.grid, front.first, front.last,
            room.place, room.line, room.edge, room.share, count, limit,
        )  # fmt: skip
        numbers[RIBBON_STATUS] = inner.status
        values[RIBBON_LOW], values[RIBBON_HIGH] = inner.low, inner.high
        values[RIBBON_AREA], values[RIBBON_UNCLEAR] = inner.area, inner.unclear
    if glacier.box.number >= 0:
        inner = lay(
            path, swept, boxes, glacier.box, glacier.grid, front.first, front.last,
            room.place, room.line, room.edge, room.share, count, limit,
        )  # fmt: skip
        numbers[BOX_STATUS] = inner.status
        values[BOX_LOW], values[BOX_HIGH] = inner.low, inner.high
        values[BOX_AREA], values[BOX_UNCLEAR] = inner.area, inner.unclear


@compiled
def shapes_of_traces(
    xy: Array, offsets: Ints, glacier: Glacier, which: Ints, shapes: Array
) -> None:
    """Shapes of some of the traces that `measure_traces` has turned, shape (s, 41)."""
    room = new_room(0)
    for k in range(len(which)):
        path = xy[offsets[which[k]] : offsets[which[k] + 1]]
        count = find_crossings(path, glacier.grid, room.place, room.line, room.edge, room.share)
        fjord = lay(
            path, room.place, np.empty((0, 4)), glacier.fjord, glacier.grid, 0.0, len(path) - 1.0,
            room.place, room.line, room.edge, room.share, count, _NO_AREA,
        )  # fmt: skip
        if fjord.status == GOOD:
            shape(
                path, glacier.fjord, glacier.centre, fjord.first, fjord.last,
                room.place, room.line, count, shapes[k],
            )  # fmt: skip
