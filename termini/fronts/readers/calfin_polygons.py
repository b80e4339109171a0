"""The calving front of CALFIN's closed polygons.

A closed polygon is one side of a fjord (the ice or the sea) in one scene: its ring runs
along the front, the fjord's walls and the edge of the domain. Walls and edge are the same
in all scenes of a basin and the front is not. So the front is what of a ring lies away from
the outline of the fjord; and where no fjord is given, away from the outline of all other
polygons of the basin together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry

#: Two pixels of CALFIN's masks, metres: closer to the outline, a ring is wall or edge.
TOLERANCE_M = 80.0
# A front is at least this long; shorter pieces are notches of the raster at the walls.
_SHORTEST_M = 200.0
# A gap in a front no longer than this is closed: there it touches an island or the outline.
_GAP_M = 500.0


def fronts_of_polygons(
    polygons: Sequence[BaseGeometry | None],
    fjord: BaseGeometry | None = None,
    *,
    tolerance: float = TOLERANCE_M,
) -> list[tuple[BaseGeometry | None, str]]:
    """Front lines of the closed polygons of one basin.

    Parameters
    ----------
    polygons : sequence of shapely geometry or None
        Closed polygons of all scenes of the basin, in a projection in metres.
    fjord : shapely geometry, optional
        Outline of the fjord with its upstream edge, as polygon. By default, for each
        polygon, the union of the others.
    tolerance : float
        How near to the outline a ring is not front, metres.

    Returns
    -------
    list of tuple
        For each polygon its front (a line, or several pieces) and why there is none, or
        what is doubtful in it. A front ends `tolerance` before the walls. With no fjord
        given, the front of a basin whose fronts all lie within `tolerance` of each other
        cannot be told from its edge, and the front farthest out has pieces of the walls at
        its ends, which is said.
    """
    shapes = [_valid(polygon) for polygon in polygons]
    outlines = [fjord] * len(shapes) if fjord is not None else _unions_of_others(shapes)
    return [
        _front(polygon, outline, fjord is not None, tolerance)
        for polygon, outline in zip(shapes, outlines, strict=True)
    ]


def _valid(polygon: BaseGeometry | None) -> BaseGeometry | None:
    """Largest polygon of a geometry, mended where its ring crosses itself; None for others."""
    if polygon is None or polygon.is_empty or "Polygon" not in polygon.geom_type:
        return None
    if not np.isfinite(shapely.get_coordinates(polygon)).all():
        return None
    parts = shapely.get_parts(polygon if polygon.is_valid else polygon.buffer(0))
    parts = [part for part in parts if part.area > 0]
    return max(parts, key=lambda part: float(part.area), default=None)


def _unions_of_others(shapes: list[BaseGeometry | None]) -> list[BaseGeometry]:
    """For each shape the union of all others: those before joined with those after."""
    empty = Polygon()
    before, after = [empty], [empty]
    for shape in shapes[:-1]:
        before.append(shapely.union(before[-1], shape if shape is not None else empty))
    for shape in shapes[:0:-1]:
        after.append(shapely.union(after[-1], shape if shape is not None else empty))
    return [shapely.union(a, b) for a, b in zip(before, reversed(after), strict=True)]


def _front(
    polygon: BaseGeometry | None, outline: BaseGeometry, given: bool, tolerance: float
) -> tuple[BaseGeometry | None, str]:
    if polygon is None:
        return None, "no polygon, or one without area"
    remedy = "give the fjord's outline to calfin(fjords=...), or use the line of the scene"
    if outline.is_empty:
        return None, f"the only polygon of its basin, so its front is not known; {remedy}"
    ring = LineString(polygon.exterior.coords)
    away = ring.difference(outline.boundary.buffer(tolerance))
    pieces = [piece for piece in _joined(away, ring) if piece.length >= _SHORTEST_M]
    if not pieces:
        than = "the outline of the fjord" if given else "the other polygons of its basin"
        return None, f"no part of the polygon lies {tolerance:.0f} m away from {than}; {remedy}"
    words = ""
    middle = max(pieces, key=lambda piece: float(piece.length)).interpolate(0.5, normalized=True)
    if not given and outline.distance(middle) > tolerance:
        words = "farthest out of its basin: the ends of its front may run along the walls"
    return (pieces[0] if len(pieces) == 1 else MultiLineString(pieces)), words


def _joined(away: BaseGeometry, ring: LineString) -> list[LineString]:
    """Pieces of a ring in their order, those with a short gap between them made one.

    The gap is closed along the ring, so that the front keeps its shape there.
    """
    parts = [p for p in shapely.get_parts(away) if p.geom_type == "LineString" and not p.is_empty]
    if not parts:
        return []
    length = ring.length
    spans = []
    for part in parts:
        xy = shapely.get_coordinates(part)
        start = ring.project(shapely.Point(xy[0]))
        spans.append((start, start + part.length))
    spans.sort()
    merged = [spans[0]]
    for start, end in spans[1:]:
        if start - merged[-1][1] <= _GAP_M:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    # the ring has no beginning: the last piece may go on in the first
    if len(merged) > 1 and merged[0][0] + length - merged[-1][1] <= _GAP_M:
        start, _ = merged.pop()
        merged[0] = (start - length, merged[0][1])
    return [_span(ring, start, end) for start, end in merged]


def _span(ring: LineString, start: float, end: float) -> LineString:
    """Part of a ring from one distance along it to another, over its beginning if need be."""
    if start >= 0:
        return shapely.ops.substring(ring, start, min(end, ring.length))
    first = shapely.ops.substring(ring, start + ring.length, ring.length)
    second = shapely.ops.substring(ring, 0.0, end)
    return LineString([*first.coords, *list(second.coords)[1:]])
