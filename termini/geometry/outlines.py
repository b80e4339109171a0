"""Gate, mouth and walls of a closed outline: a box of four corners or a whole fjord."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from termini.errors import DomainError
from termini.geometry.axis import front_axis
from termini.geometry.decide import decide
from termini.geometry.direction import middle_of
from termini.geometry.ground import GroundFile
from termini.geometry.lines import Points, handed, middle_way, seen_width, unit, vertices

# An outline of more vertices is a fjord or glacier, not a box.
_CORNERS = 14
# A cut across a fjord is looked for in so many steps from where it should be.
_STEPS = 40
# Gate and mouth are at least so wide, in widths of the fronts.
_WIDE = 0.6
_SAME_M = 1e-3
# At a corner an outline turns by more than this, radians.
_STRAIGHT = np.radians(10.0)


def closed_walls(
    glacier_id: str,
    outline: BaseGeometry,
    traces: gpd.GeoDataFrame,
    flowlines: gpd.GeoDataFrame | None = None,
    centreline: LineString | None = None,
    ground: GroundFile | None = None,
) -> tuple[Points, Points, str]:
    """Walls of a closed outline.

    Parameters
    ----------
    glacier_id : str
        Of the glacier.
    outline : shapely Polygon or MultiPolygon
        Box, or fjord. Of several polygons, the one that holds the fronts.
    traces : GeoDataFrame
        Traces of the glacier.
    flowlines : GeoDataFrame, optional
        Lines from the front inland, evidence of the direction.
    centreline : shapely LineString, optional
        In either direction; gate and mouth of a box lie where it enters and leaves.
    ground : GroundFile, optional
        Gridded bed, surface or mask, evidence of the direction.

    Returns
    -------
    left, right : ndarray, shape (n, 2), (m, 2)
        Down-glacier. Of a box of few corners, gate and mouth are the two sides that
        are left when the ends of the fronts lie on the other two. The outline of a
        fjord or of a whole glacier is cut across, a width of the front up- and
        down-glacier of all fronts, at right angles to the centreline or to the line
        through the middles of the fronts.
    evidence : str
        By what the direction was decided.

    Raises
    ------
    DomainError
        If the outline crosses itself, holds no front, or the direction cannot be
        decided.
    """
    polygon = _one_polygon(glacier_id, outline, traces)
    if len(polygon.exterior.coords) > _CORNERS + 1:
        line = front_axis(traces) if centreline is None else centreline
        if (
            found := _reach_walls(glacier_id, polygon, line, traces, (flowlines, ground))
        ) is not None:
            return found
    xy = vertices(polygon.exterior)[:-1]
    corners = _corners(polygon)
    number = len(corners)
    ends = [vertices(line)[[0, -1]] for line in traces.geometry]
    middle = middle_of(traces)
    pairs = [
        (i, j) for i in range(number) for j in range(i + 2, number) if (i, j) != (0, number - 1)
    ]
    if centreline is not None:
        pairs = _passed(xy[corners], pairs, centreline) or pairs
    costs = [_pair_cost(xy[corners], pair, ends, middle) for pair in pairs]
    i, j = pairs[int(np.argmin(costs))]
    one, two = _walls_between(xy, corners, i, j)
    agrees, evidence = decide(glacier_id, middle_way(one, two), traces, flowlines, ground=ground)
    return *(handed(one, two) if agrees else handed(one[::-1], two[::-1])), evidence


def _one_polygon(glacier_id: str, outline: BaseGeometry, traces: gpd.GeoDataFrame) -> Polygon:
    if not outline.is_valid:
        raise DomainError(
            f"glacier {glacier_id}: its box must be a valid polygon; it is not "
            f"({explain_validity(outline)}): redraw it so that it does not touch or cross itself"
        )
    lines = traces.geometry.to_numpy()
    parts = shapely.get_parts(outline)
    held = [float(shapely.length(shapely.intersection(lines, part)).sum()) for part in parts]
    if max(held) == 0:
        raise DomainError(
            f"glacier {glacier_id}: none of its traces enters its box; check that both belong to "
            "the same glacier and have the same projection"
        )
    polygon = shapely.remove_repeated_points(parts[int(np.argmax(held))])
    if len(polygon.exterior.coords) < 5:
        raise DomainError(
            f"glacier {glacier_id}: its box must be a polygon of four or more vertices"
        )
    return polygon


def _reach_walls(
    glacier_id: str,
    polygon: Polygon,
    line: LineString,
    traces: gpd.GeoDataFrame,
    evidence: tuple[gpd.GeoDataFrame | None, GroundFile | None],
) -> tuple[Points, Points, str] | None:
    """Walls of the part of an outline in which the fronts lay, or None."""
    agrees, by = decide(glacier_id, line, traces, evidence[0], ground=evidence[1])
    line = line if agrees else line.reverse()
    lines = traces.geometry.to_numpy()
    ends = np.array([vertices(one)[[0, -1]] for one in lines])
    room = float(np.median(np.hypot(*(ends[:, 1] - ends[:, 0]).T)))
    met = vertices(shapely.geometrycollections(shapely.intersection(lines, polygon)))
    along = shapely.line_locate_point(line, shapely.points(met))
    gate = _cut(polygon, line, float(along.min()) - room, float(along.min()), _WIDE * room)
    mouth = _cut(polygon, line, float(along.max()) + room, float(along.max()), _WIDE * room)
    if gate is None or mouth is None or gate.intersects(mouth):
        return None
    parts = shapely.get_parts(shapely.ops.split(polygon, gate))
    parts = [p for part in parts for p in shapely.get_parts(shapely.ops.split(part, mouth))]
    held = [shapely.length(shapely.intersection(lines, part)).sum() for part in parts]
    part = Polygon(parts[int(np.argmax(held))].exterior)
    # `gate` and `mouth` run from left to right
    corners = np.vstack([vertices(gate), vertices(mouth)])
    walls = walls_between(part, corners[0], corners[1], corners[2], corners[3])
    return None if walls is None else (*walls, by)


def _cut(
    polygon: Polygon, line: LineString, wished: float, last: float, least: float
) -> LineString | None:
    """Cross-section of an outline, as near as possible to a place along a line.

    From left to right, lengthened by a trifle so that it cuts; the first that is at
    least so wide, for one that is narrower clips a corner; else the first; None where
    the outline is left at once.
    """
    reach, narrow = polygon.length, None
    for at in np.linspace(wished, last, _STEPS):
        here = float(np.clip(at, 0.0, line.length))
        near = np.clip([here - 500.0, here + 500.0], 0.0, line.length)
        points = vertices(shapely.line_interpolate_point(line, [near[0], here, near[1]]))
        flow = unit(points[2] - points[0])
        centre = points[1] + (at - here) * flow
        across = np.array([flow[1], -flow[0]])
        whole = LineString([centre - reach * across, centre + reach * across])
        point = shapely.Point(centre)
        for piece in shapely.get_parts(shapely.intersection(whole, polygon)):
            if piece.geom_type == "LineString" and piece.distance(point) < 1e-6 * reach:
                xy = vertices(piece)
                found = LineString([xy[0] - 1e-4 * across, xy[-1] + 1e-4 * across])
                if piece.length >= least:
                    return found
                narrow = narrow or found
    return narrow


def walls_between(
    outline: Polygon, gate_left: Points, gate_right: Points, mouth_left: Points, mouth_right: Points
) -> tuple[Points, Points] | None:
    """Walls along an outline between the corners of gate and mouth.

    Parameters
    ----------
    outline : shapely Polygon
        Without holes.
    gate_left, gate_right, mouth_left, mouth_right : ndarray, shape (2,)
        Points on the outline, or within a millimetre of it.

    Returns
    -------
    tuple of ndarray or None
        Left and right wall, down-glacier; None where the corners are not on the
        outline or do not follow each other as those of a fjord do.
    """
    ring = vertices(shapely.orient_polygons(outline).exterior)[:-1]
    at = []
    for corner in (gate_right, mouth_right, mouth_left, gate_left):
        distance = np.hypot(*(ring - corner).T)
        if distance.min() > _SAME_M:
            return None
        at.append(int(np.argmin(distance)))
    steps = [(k - at[0]) % len(ring) for k in at]
    if steps != sorted(steps):
        return None
    turned = np.roll(ring, -at[0], axis=0)
    right, left = turned[: steps[1] + 1], turned[steps[2] : steps[3] + 1][::-1]
    whole = Polygon(np.vstack([left[0], right, left[:0:-1]]))
    return (left, right) if len(left) > 1 and len(right) > 1 and whole.is_valid else None


def _corners(polygon: Polygon) -> list[int]:
    """Vertices that keep the shape of an outline, at most `_CORNERS` and at least four."""
    xy = vertices(polygon.exterior)[:-1]
    if len(xy) <= _CORNERS:
        return _turning(xy, list(range(len(xy))))
    tolerance = 1e-3 * polygon.length
    rough = polygon
    while len(rough.exterior.coords) - 1 > _CORNERS:
        simpler = shapely.simplify(polygon, tolerance)
        if simpler.is_empty or len(simpler.exterior.coords) < 5:
            break
        rough = simpler
        tolerance *= 1.3
    kept = {tuple(point) for point in vertices(rough.exterior)}
    return _turning(xy, [k for k, point in enumerate(xy) if tuple(point) in kept])


def _turning(xy: Points, corners: list[int]) -> list[int]:
    """Corners at which an outline turns: a vertex on a straight side does not end it."""
    edges = np.diff(np.vstack([xy[corners], xy[corners[:1]]]), axis=0)
    heading = np.arctan2(edges[:, 1], edges[:, 0])
    turn = np.abs(np.angle(np.exp(1j * (heading - np.roll(heading, 1)))))
    kept = [k for k, angle in zip(corners, turn, strict=True) if angle > _STRAIGHT]
    return kept if len(kept) >= 4 else corners


def _passed(
    corners: Points, pairs: list[tuple[int, int]], centreline: LineString
) -> list[tuple[int, int]]:
    """Pairs of sides that a centreline, made longer, passes."""
    xy = vertices(centreline)
    far = float(np.ptp(corners, axis=0).sum())
    whole = LineString(
        np.vstack([xy[0] - far * unit(xy[1] - xy[0]), xy, xy[-1] + far * unit(xy[-1] - xy[-2])])
    )
    sides = [LineString([corners[k], corners[(k + 1) % len(corners)]]) for k in range(len(corners))]
    met = [side.intersects(whole) for side in sides]
    return [(i, j) for i, j in pairs if met[i] and met[j]]


def _walls_between(xy: Points, corners: list[int], i: int, j: int) -> tuple[Points, Points]:
    """Parts of an outline between its sides i and j, both from side i to side j."""
    number = len(corners)

    def part(first: int, last: int) -> Points:
        steps = (last - first) % len(xy)
        return xy[(first + np.arange(steps + 1)) % len(xy)]

    forward = part(corners[(i + 1) % number], corners[j])
    backward = part(corners[(j + 1) % number], corners[i])[::-1]
    return forward, backward


def _pair_cost(xy: Points, pair: tuple[int, int], ends: list[Points], middle: Points) -> float:
    """Cost of taking two sides of a closed outline as gate and mouth.

    Mean distance of the traces' ends from the two walls that are left, one end
    at each; among equals the sides that face the fronts most broadly.
    """
    one, two = (
        LineString(wall) if len(wall) > 1 else shapely.Point(wall[0])
        for wall in _walls_between(xy, list(range(len(xy))), *pair)
    )
    both = shapely.points(np.array(ends))
    near = shapely.distance(both, one), shapely.distance(both, two)
    straight = near[0][:, 0] + near[1][:, 1]
    crossed = near[0][:, 1] + near[1][:, 0]
    edges = [np.vstack([xy[k], xy[(k + 1) % len(xy)]]) for k in pair]
    seen = sum(seen_width(edge, middle) for edge in edges)
    return float(np.mean(np.minimum(straight, crossed)) - 0.1 * seen)
