"""Area of a fjord upstream of a front."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from termini.geometry.lines import vertices
from termini.series.frame import Frame, Points

_AT_GATE_M = 0.01
_ASIDE_M = 1.0


def upstream_area(frame: Frame, path: Points, *, gate_only: bool = False) -> tuple[float, float]:
    """Area between gate, walls and a front.

    Parameters
    ----------
    frame : Frame
        Frame.
    path : ndarray, shape (n, 2)
        Front from left to right. Its first point is joined straight to the
        nearest point of the left wall, its last to that of the right wall,
        whichever wall may be nearer.
    gate_only : bool
        Count only the piece of the fjord that touches the gate.

    Returns
    -------
    area : float
        Area of the fjord upstream, m2.
    unclear : float
        Area of loops, where the front crosses itself so that one cannot tell ice
        from water, m2; the part of it that lies upstream by winding is in `area`.

    Notes
    -----
    Gate, right wall, front and left wall make a closed line; a point is upstream
    if that line winds round it. Where the line does not cross itself this is the
    polygon; where it does, it is cut into faces and each is judged by its winding
    number. A front that leaves and enters the fjord several times needs nothing
    more: only faces within the fjord count. Unlike splitting or polygonising the
    fjord, this gives no whole box for a front that ends inside.
    """
    outline = upstream_outline(frame, path)
    polygon = shapely.polygons(outline)
    if shapely.is_valid(polygon):
        # the ends lie on the walls; what matters is whether the front leaves between
        bare = len(path) > 3 and not len(frame.fjord.interiors)
        if bare and shapely.contains_properly(frame.fjord, shapely.linestrings(path[1:-1])):
            return float(polygon.area), 0.0
        ice = shapely.intersection(polygon, frame.fjord)
        return float((_at_gate(frame, ice) if gate_only else ice).area), 0.0
    faces = outline_faces(outline)
    turns = winding_number(outline, vertices(shapely.point_on_surface(faces)))
    areas = np.asarray(shapely.area(faces))
    out = ~shapely.contains_properly(frame.fjord, faces)
    areas[out] = shapely.area(shapely.intersection(faces[out], frame.fjord))
    unclear = areas[(turns != 0) & (turns != 1)].sum()
    if gate_only:
        ice = shapely.intersection(shapely.union_all(faces[turns > 0]), frame.fjord)
        return float(_at_gate(frame, ice).area), float(unclear)
    return float(areas[turns > 0].sum()), float(unclear)


def _at_gate(frame: Frame, ice: BaseGeometry) -> BaseGeometry:
    """The piece of several that shares most of the gate."""
    parts = shapely.get_parts(ice)
    parts = parts[shapely.get_dimensions(parts) == 2]
    if len(parts) < 2:
        return ice
    gate = shapely.buffer(LineString(frame.gate), _AT_GATE_M)
    return parts[int(np.argmax(shapely.area(shapely.intersection(parts, gate))))]


def upstream_outline(frame: Frame, path: Points) -> Points:
    """Closed line round the ice: gate, right wall, front from right to left, left wall.

    Parameters
    ----------
    frame : Frame
        Frame.
    path : ndarray, shape (n, 2)
        Front from left to right, as `upstream_area` takes it.

    Returns
    -------
    ndarray, shape (m, 2)
        Anticlockwise, last point equal to the first; it may cross itself.
    """
    ends = shapely.points(path[[0, -1]])
    up_left = _wall_to(frame.left, float(shapely.line_locate_point(frame.left, ends[0])))
    up_right = _wall_to(frame.right, float(shapely.line_locate_point(frame.right, ends[1])))
    ring = np.vstack([frame.gate, up_right, path[::-1], up_left[::-1]])
    fresh = np.ones(len(ring), dtype=bool)
    fresh[1:] = (np.abs(np.diff(ring, axis=0)) > 0).any(axis=1)
    ring = ring[fresh]
    return ring if (ring[0] == ring[-1]).all() else np.vstack([ring, ring[:1]])


def _wall_to(wall: LineString, along: float) -> Points:
    """Wall from the gate to a distance along it."""
    xy = vertices(wall)
    distance = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    passed = distance < along
    if not passed.any():
        return xy[:1]
    end = [np.interp(along, distance, xy[:, 0]), np.interp(along, distance, xy[:, 1])]
    return np.vstack([xy[passed], end])


def outline_faces(outline: Points) -> NDArray[np.object_]:
    """Faces into which a closed line that crosses itself divides the plane.

    Parameters
    ----------
    outline : ndarray, shape (n, 2)
        Closed line.

    Returns
    -------
    ndarray of shapely Polygon
        The faces; `winding_number` tells those upstream.
    """
    line = shapely.linestrings(outline)
    try:
        noded = shapely.node(line)
    except shapely.errors.GEOSException:
        # edges that cross at very small angles; the union snaps vertices where it must
        noded = shapely.union_all([line])
    return np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))), dtype=object)


def winding_number(ring: Points, points: Points) -> NDArray[np.int64]:
    """How many times a closed line runs anticlockwise round points.

    Parameters
    ----------
    ring : ndarray, shape (n, 2)
        Closed line, last point equal to the first.
    points : ndarray, shape (m, 2)
        Points not on the line.

    Returns
    -------
    ndarray of int, shape (m,)
        Winding numbers (Sunday 2001: upward crossings to the right of a point
        minus downward ones).
    """
    start, end = ring[:-1, None, :], ring[1:, None, :]
    side = (end[..., 0] - start[..., 0]) * (points[:, 1] - start[..., 1]) - (
        points[:, 0] - start[..., 0]
    ) * (end[..., 1] - start[..., 1])
    upward = (start[..., 1] <= points[:, 1]) & (end[..., 1] > points[:, 1]) & (side > 0)
    downward = (start[..., 1] > points[:, 1]) & (end[..., 1] <= points[:, 1]) & (side < 0)
    return np.asarray(upward.sum(axis=0) - downward.sum(axis=0), dtype=np.int64)


def crossings(line: LineString, pieces: tuple[Points, ...]) -> Points:
    """Where a front crosses a line, as the centreline.

    Parameters
    ----------
    line : LineString
        The line.
    pieces : tuple of ndarray, shape (n, 2)
        Pieces of the front; the straight joints between them do not count.

    Returns
    -------
    ndarray, shape (n,)
        Distances along the line, metres, ascending.
    """
    found: list[float] = []
    for piece in pieces:
        # most of a line is far from a front
        low, high = piece.min(axis=0) - _ASIDE_M, piece.max(axis=0) + _ASIDE_M
        near = shapely.clip_by_rect(line, *low, *high)
        met = shapely.intersection(shapely.linestrings(piece), near)
        parts = [part.centroid for part in shapely.get_parts(met) if not part.is_empty]
        found.extend(float(d) for d in shapely.line_locate_point(line, parts))
    return np.sort(np.array(found, dtype=np.float64))


def outer_crossings(lines: NDArray[np.object_], pieces: tuple[Points, ...]) -> Points:
    """Where a front first and last crosses each of many lines, as flowlines.

    Parameters
    ----------
    lines : ndarray of shapely LineString, shape (k,)
        The lines.
    pieces : tuple of ndarray, shape (n, 2)
        As for `crossings`, which gives the same, edge by edge of the front: only the
        edges that meet a line are laid over it.

    Returns
    -------
    ndarray, shape (k, 2)
        Smallest and largest distance along each line, metres; NaN without a crossing.
    """
    found = np.full((len(lines), 2), np.nan)
    for piece in pieces:
        low, high = piece.min(axis=0) - _ASIDE_M, piece.max(axis=0) + _ASIDE_M
        near = shapely.clip_by_rect(lines, *low, *high)
        edges = shapely.linestrings(np.stack([piece[:-1], piece[1:]], axis=1))
        line, edge = shapely.STRtree(edges).query(near, predicate="intersects")
        parts, of = shapely.get_parts(
            shapely.intersection(edges[edge], near[line]), return_index=True
        )
        there = ~shapely.is_empty(parts)
        line = line[of[there]]
        along = shapely.line_locate_point(lines[line], shapely.centroid(parts[there]))
        np.fmin.at(found[:, 0], line, along)
        np.fmax.at(found[:, 1], line, along)
    return found
