"""Frames and flowlines as the plain arrays that the kernels take."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from termini.geometry.lines import vertices
from termini.series.frame import Frame, Points
from termini.series.kernels import Array, Ints, distances, polyline
from termini.series.kernels_cross import build_grid
from termini.series.kernels_lay import GATE, LEFT, MOUTH, RIGHT, Outline
from termini.series.kernels_trace import BOX, CENTRE, FJORD, FLOW, RIBBON, Glacier

_CELL_SHARE = 1 / 40
# Walls, gate and fjord polygon are stored one by one; they are the same outline if
# what lies between them is no more than rounding, as a share of the fjord.
_SAME = 1e-11
# The mouth is straight here, but may have been so in another projection.
_MOUTH_M = 20.0


def outline_of(frame: Frame, number: int, origin: Points, *, gate_only: bool = False) -> Outline:
    """Frame as the kernels take it.

    Parameters
    ----------
    frame : Frame
        The frame.
    number : int
        Number of its outline in the grid.
    origin : ndarray, shape (2,)
        Point from which coordinates count; near the traces, areas are exact to
        rounding of small numbers.
    gate_only : bool
        Whether of a front that divides the frame into several pieces only that at the
        gate counts.

    Returns
    -------
    Outline
        Its arrays.
    """
    left, right = vertices(frame.left) - origin, vertices(frame.right) - origin
    gate = frame.gate - origin
    ring = [gate, right, left[::-1], gate[:1]]
    # the edge that joins a side to the next belongs to the gate or to the mouth
    side = [GATE] * len(gate) + [RIGHT] * (len(right) - 1)
    side += [MOUTH] + [LEFT] * (len(left) - 1) + [GATE]
    return Outline(
        polyline(np.vstack(ring)),
        np.array(side, dtype=np.int64),
        len(gate),
        len(gate) + len(right),
        polyline(left),
        polyline(right),
        polyline(vertices(frame.rough_left) - origin),
        polyline(vertices(frame.rough_right) - origin),
        number,
        gate_only,
    )


def bounded_by_its_walls(frame: Frame) -> bool:
    """Whether a fjord is what its gate and walls enclose, without islands.

    Parameters
    ----------
    frame : Frame
        The frame.

    Returns
    -------
    bool
        False where areas in it are for GEOS alone.
    """
    ring = np.vstack([frame.gate, vertices(frame.right), vertices(frame.left)[::-1]])
    fresh = np.append(True, (np.abs(np.diff(ring, axis=0)) > 0).any(axis=1))
    enclosed = Polygon(ring[fresh])
    if len(frame.fjord.interiors) or not enclosed.is_valid:
        return False
    mouth = LineString([vertices(frame.right)[-1], vertices(frame.left)[-1]])
    border = vertices(frame.fjord)
    strange = border[~_among(border, ring)]
    at_mouth = shapely.distance(mouth, shapely.points(strange)) < _MOUTH_M
    if _among(ring, border).all() and at_mouth.all():
        return True
    between = shapely.symmetric_difference(enclosed, frame.fjord)
    rest = shapely.difference(between, shapely.buffer(mouth, _MOUTH_M)).area
    return bool(rest <= _SAME * frame.fjord.area)


def _among(one: Points, two: Points) -> NDArray[np.bool_]:
    """Which points are among others, to a hundredth of a millimetre."""
    keys = [np.round(xy[:, 0], 5) + 1j * np.round(xy[:, 1], 5) for xy in (one, two)]
    return np.isin(keys[0], keys[1])


def glacier_arrays(
    frame: Frame,
    ribbon: Frame,
    box: Frame | None,
    flowlines: list[Points],
    origin: Points,
    *,
    want_ribbon: bool = True,
    gate_only: bool = False,
) -> Glacier:
    """All lines of a glacier for the kernels.

    Parameters
    ----------
    frame, ribbon : Frame
        Fjord and curvilinear box.
    box : Frame or None
        Straight box, where it is wanted.
    flowlines : list of ndarray, shape (n, 2)
        Flowlines, may be empty.
    origin : ndarray, shape (2,)
        Point from which coordinates count.
    want_ribbon : bool
        Whether areas in the ribbon are wanted.
    gate_only : bool
        Whether only the piece of the fjord at its gate counts.

    Returns
    -------
    Glacier
        Its arrays.
    """
    fjord = outline_of(frame, FJORD, origin, gate_only=gate_only)
    strip = outline_of(ribbon, RIBBON if want_ribbon else -1, origin)
    straight = (
        fjord._replace(number=-1, gate_only=False) if box is None else outline_of(box, BOX, origin)
    )
    centre = polyline(vertices(frame.centreline) - origin)
    axis = polyline(vertices(ribbon.centreline) - origin)
    lines = [line - origin for line in flowlines]
    along = [distances(line) for line in lines]
    start = np.concatenate([[0], np.cumsum([len(a) for a in along])]).astype(np.int64)
    drawn = [(FJORD, fjord.ring.xy), (CENTRE, centre.xy)]
    drawn += [(o.number, o.ring.xy) for o in (strip, straight) if o.number >= 0]
    drawn += [(FLOW + k, line) for k, line in enumerate(lines)]
    segments = np.vstack([np.hstack([xy[:-1], xy[1:]]) for _, xy in drawn])
    line, edge = _numbered(drawn)
    return Glacier(
        fjord,
        strip,
        straight,
        build_grid(np.ascontiguousarray(segments), line, edge, _CELL_SHARE * frame.width),
        centre,
        axis,
        heading(axis.xy),
        np.concatenate([*along, np.empty(0)]),
        start,
    )


def _numbered(drawn: list[tuple[int, Points]]) -> tuple[Ints, Ints]:
    line = np.concatenate([np.full(len(xy) - 1, number) for number, xy in drawn])
    edge = np.concatenate([np.arange(len(xy) - 1) for _, xy in drawn])
    return line.astype(np.int64), edge.astype(np.int64)


def heading(xy: Points) -> Array:
    """Angle by which a line has turned to the left at each vertex.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        The line.

    Returns
    -------
    ndarray, shape (n,)
        Radians, 0 at the start.
    """
    step = np.diff(xy, axis=0)
    angle = np.unwrap(np.arctan2(step[:, 1], step[:, 0]))
    at = np.concatenate([angle[:1], (angle[1:] + angle[:-1]) / 2, angle[-1:]])
    return np.asarray(at - at[0])
