"""Walls made long enough to hold every trace of a glacier."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from termini.geometry.lines import Points, vertices

#: Array of shapely geometries.
Geometries = NDArray[np.object_]


def with_room(
    left: Points, right: Points, traces: Geometries, margin: float
) -> tuple[Points, Points]:
    """Walls made longer at both ends, so that all traces lie between gate and mouth.

    Parameters
    ----------
    left, right : ndarray, shape (n, 2), (m, 2)
        Walls, down-glacier, left and right of someone looking that way.
    traces : ndarray of shapely geometry
        All traces of the glacier.
    margin : float
        Distance to keep.

    Returns
    -------
    left, right : ndarray
        The walls. Behind the gate they are moved straight up-glacier. Beyond the
        mouth they run straight down-glacier, and where traces bulge sideways out
        of the mouth they first step aside, along the line of the mouth.
    """
    left, right = _behind_gate(left, right, traces, margin)
    return _before_mouth(left, right, traces, margin)


def _behind_gate(
    left: Points, right: Points, traces: Geometries, margin: float
) -> tuple[Points, Points]:
    gate = right[0] - left[0]
    width = float(np.linalg.norm(gate))
    along_gate = gate / width
    # up-glacier is to the right of someone who walks the gate from left to right
    upward = np.array([along_gate[1], -along_gate[0]])
    points = vertices(shapely.segmentize(traces, margin))
    across = (points - left[0]) @ along_gate
    behind = (points - left[0]) @ upward
    # a trace that passes outside the walls does not move the gate
    near = (across > 0) & (across < width) & (behind > -margin) & (behind < 10 * width)
    need = float(behind[near].max() + margin) if near.any() else 0.0
    if need <= 0:
        return left, right
    for share in (1.0, 0.5):
        step = share * need * upward
        longer = np.vstack([left[0] + step, left]), np.vstack([right[0] + step, right])
        if ring(*longer).is_valid:
            return longer
    return left, right


def _before_mouth(
    left: Points, right: Points, traces: Geometries, margin: float
) -> tuple[Points, Points]:
    mouth = right[-1] - left[-1]
    width = float(np.linalg.norm(mouth))
    along_mouth = mouth / width
    seaward = np.array([-along_mouth[1], along_mouth[0]])
    points = _out_of_mouth(left, right, traces, margin)
    if len(points) == 0:
        return left, right
    across = (points - left[-1]) @ along_mouth
    beyond = (points - left[-1]) @ seaward
    points, across, beyond = (
        points[beyond > -margin],
        across[beyond > -margin],
        beyond[beyond > -margin],
    )
    if len(points) == 0:
        return left, right
    ahead = seaward * max(float(beyond.max()) + margin, 0.0)
    out = across[beyond > 0]
    aside = [0.0, 0.0]
    if len(out) and out.min() < 0:
        aside[0] = margin - float(out.min())
    if len(out) and out.max() > width:
        aside[1] = margin + float(out.max()) - width
    for share in (1.0, 0.5, 0.0):
        longer = (
            _extended(left, -along_mouth * aside[0] * share, ahead),
            _extended(right, along_mouth * aside[1] * share, ahead),
        )
        if ring(*longer).is_valid:
            return longer
    return left, right


def _out_of_mouth(left: Points, right: Points, traces: Geometries, margin: float) -> Points:
    """Points of traces near the mouth or out of it, but not of those out through a wall."""
    inside = ring(left, right)
    mouth = LineString([left[-1], right[-1]])
    kept = []
    outside = shapely.difference(traces, inside)
    for trace, rest in zip(traces, outside, strict=True):
        if shapely.dwithin(trace, mouth, margin):
            kept.append(vertices(shapely.segmentize(shapely.intersection(trace, inside), margin)))
        whole = not shapely.intersects(trace, inside)
        for part in shapely.get_parts(rest):
            near = shapely.dwithin(part, mouth, margin)
            if near or (whole and shapely.dwithin(part.centroid, mouth, 3 * mouth.length)):
                kept.append(vertices(shapely.segmentize(part, margin)))
    return np.vstack(kept) if kept else np.empty((0, 2))


def _extended(wall: Points, aside: Points, ahead: Points) -> Points:
    corner = wall[-1] + aside
    steps = [corner + ahead] if not aside.any() else [corner, corner + ahead]
    return np.vstack([wall, *steps])


def ring(left: Points, right: Points) -> Polygon:
    """Fjord between two walls, closed at gate and mouth.

    Parameters
    ----------
    left, right : ndarray, shape (n, 2), (m, 2)
        Walls, down-glacier.

    Returns
    -------
    shapely Polygon
        Anticlockwise where `left` lies to the left; not valid where they cross.
    """
    return Polygon(np.vstack([left[0], right, left[:0:-1]]))
