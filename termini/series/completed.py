"""What drawing a front in full adds to the ice, where a part of it was not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry import LineString

from termini.geometry.lines import vertices
from termini.series.frame import Frame, Points
from termini.series.kernels import distances, nearest_along, polyline
from termini.series.shape_lines import PLACES

_SPACING_M = 50.0


@dataclass(frozen=True)
class Net:
    """Where a position along the flow lies at any place across the fjord.

    Parameters
    ----------
    stations : ndarray, shape (n,)
        Distances along the centreline, metres, ascending.
    left, right : ndarray, shape (n, 2)
        Points of the walls whose nearest point of the centreline is the station.
    """

    stations: Points
    left: Points
    right: Points

    def points(self, places: Points, along: Points) -> Points:
        """Points at places across the fjord and positions along the flow.

        Parameters
        ----------
        places : ndarray, shape (..., k)
            From 0 at the left wall to 1 at the right.
        along : ndarray, shape (..., k)
            Distances along the centreline, metres.

        Returns
        -------
        ndarray, shape (..., k, 2)
            Points in the plane of the frame.
        """
        left, right = (
            np.stack([np.interp(along, self.stations, wall[:, axis]) for axis in (0, 1)], axis=-1)
            for wall in (self.left, self.right)
        )
        return np.asarray(left + np.asarray(places)[..., None] * (right - left))

    def widths(self) -> Points:
        """Width of the fjord at the stations, shape (n,), metres."""
        return np.asarray(np.hypot(*(self.right - self.left).T))


def net_of(frame: Frame) -> Net:
    """Net of a frame.

    Parameters
    ----------
    frame : Frame
        Frame.

    Returns
    -------
    Net
        Stations 50 m apart.
    """
    number = max(round(frame.centreline.length / _SPACING_M), 1) + 1
    stations = np.linspace(0.0, frame.centreline.length, number)
    return Net(stations, *(_beside(frame, wall, stations) for wall in (frame.left, frame.right)))


def _beside(frame: Frame, wall: LineString, stations: Points) -> Points:
    """Points of a wall that are level with stations."""
    line = vertices(wall)
    along = distances(line)
    number = max(round(wall.length / _SPACING_M), 1) + 1
    even = np.linspace(0.0, along[-1], number)
    xy = np.stack([np.interp(even, along, line[:, axis]) for axis in (0, 1)], axis=1)
    level = nearest_along(polyline(vertices(frame.centreline)), xy)
    # a wall in a bend may fall back along the centreline
    forward = np.maximum.accumulate(level)
    fresh = np.concatenate([[True], np.diff(forward) > 0])
    return np.stack([np.interp(stations, forward[fresh], xy[fresh, axis]) for axis in (0, 1)], 1)


def added_between(net: Net, ends: Points, edges: tuple[float, float], course: Points) -> float:
    """What the course of a front between two of its pieces adds to the ice.

    Parameters
    ----------
    net : Net
        Of the fjord.
    ends : ndarray, shape (2, 2)
        End of the left piece and beginning of the right one.
    edges : (float, float)
        Their places across the fjord.
    course : ndarray, shape (41,)
        Positions along the flow at `PLACES`, of which those between count.

    Returns
    -------
    float
        Area between the course and the straight joint, m2.
    """
    within = (edges[0] < PLACES) & (edges[1] > PLACES)
    line = np.vstack([ends[:1], net.points(PLACES[within], course[within]), ends[1:]]) - ends[0]
    # the ring round the ice runs along the front from right to left
    return -float(_cross(line[:-1], line[1:]).sum()) / 2


def _cross(one: Points, two: Points) -> Points:
    return np.asarray(one[..., 0] * two[..., 1] - one[..., 1] * two[..., 0])
