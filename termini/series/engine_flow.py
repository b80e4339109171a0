"""Flowlines across a fjord on which fronts are measured, and its width along the way."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry import LineString

from termini.geometry.lines import vertices
from termini.series.frame import Frame, Points, evenly
from termini.series.kernels import Array, nearest_along, polyline

_STATIONS = 240
_SHORTEST_M = 50.0
#: Fewer lines than these do not show a front; published flowlines are three to six.
FEWEST_GIVEN = 11


class Bundle(NamedTuple):
    """Lines from gate to mouth that share a fjord's width evenly.

    Parameters
    ----------
    lines : list of ndarray, shape (n, 2)
        Flowlines, left to right.
    starts : ndarray, shape (k,)
        Position of the first vertex of each, metres from the gate.
    stations : ndarray, shape (s,)
        Distances along the centreline, metres.
    widths : ndarray, shape (s,)
        Width of the fjord there, metres.
    """

    lines: list[Points]
    starts: Array
    stations: Array
    widths: Array


def flow_bundle(frame: Frame, number: int, given: list[LineString] | None = None) -> Bundle:
    """Flowlines of a frame.

    Parameters
    ----------
    frame : Frame
        Fjord in its plane.
    number : int
        How many.
    given : list of LineString, optional
        Flowlines of the domain, down-glacier, in the same plane; used as they are if
        there are at least `FEWEST_GIVEN`.

    Returns
    -------
    Bundle
        The given lines, or `number` lines that divide the way from one wall to the
        other evenly. To that end stations along the centreline are joined to the
        nearest points of both walls, in their order; where walls draw together or
        apart, so do the lines. Positions count from the gate: where a given line
        does not meet it, from the start of the line, as far from the gate as the
        centreline is there.
    """
    points = evenly(frame.centreline, max(frame.centreline.length / _STATIONS, _SHORTEST_M))
    left, right = (_beside(wall, points) for wall in (frame.left, frame.right))
    stations = np.linspace(0.0, frame.centreline.length, len(points))
    widths = np.hypot(*(right - left).T)
    if given and len(given) >= FEWEST_GIVEN:
        return Bundle([vertices(line) for line in given], _starts(frame, given), stations, widths)
    shares = (np.arange(number) + 0.5) / number
    lines = [left + share * (right - left) for share in shares]
    return Bundle(lines, np.zeros(number), stations, widths)


def _beside(wall: LineString, points: Points) -> Points:
    """Points of a wall nearest to those of the centreline, in their order, ends at its ends."""
    line = polyline(vertices(wall))
    along = np.maximum.accumulate(nearest_along(line, points))
    along[0], along[-1] = 0.0, line.along[-1]
    return np.column_stack([np.interp(along, line.along, line.xy[:, axis]) for axis in (0, 1)])


def _starts(frame: Frame, lines: list[LineString]) -> Array:
    gate = LineString(frame.gate)
    starts = np.empty(len(lines))
    for k, line in enumerate(lines):
        met = shapely.intersection(gate, line)
        if met.is_empty:
            starts[k] = frame.centreline.project(shapely.Point(line.coords[0]))
        else:
            starts[k] = -line.project(shapely.point_on_surface(met))
    return starts
