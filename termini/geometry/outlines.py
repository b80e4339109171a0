"""Gate, mouth and walls of a closed outline: a box of four corners or a whole fjord."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from termini.errors import DomainError
from termini.geometry.direction import decide, middle_of
from termini.geometry.lines import Points, unit, vertices

# An outline of more vertices is judged by this many corners.
_CORNERS = 14


def closed_walls(
    glacier_id: str,
    outline: BaseGeometry,
    traces: gpd.GeoDataFrame,
    flowlines: gpd.GeoDataFrame | None = None,
    centreline: LineString | None = None,
) -> tuple[Points, Points]:
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
        In either direction; gate and mouth lie where it enters and leaves.

    Returns
    -------
    left, right : ndarray, shape (n, 2), (m, 2)
        Down-glacier. Gate and mouth are the two sides that are left when the ends
        of the fronts lie on the other two.

    Raises
    ------
    DomainError
        If the outline crosses itself, holds no front, or the direction cannot be
        decided.
    """
    polygon = _one_polygon(glacier_id, outline, traces)
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
    axis = unit(one[-1] + two[-1] - one[0] - two[0])
    agrees, _ = decide(glacier_id, axis, traces, flowlines)
    return handed(one, two) if agrees else handed(one[::-1], two[::-1])


def handed(one: Points, two: Points) -> tuple[Points, Points]:
    """Two walls as left and right: gate, right wall, mouth, left wall run anticlockwise.

    Parameters
    ----------
    one, two : ndarray, shape (n, 2), (m, 2)
        Walls, both down-glacier.

    Returns
    -------
    left, right : ndarray
        The same two.
    """
    ring = shapely.LinearRing(np.vstack([one[0], two, one[:0:-1]]))
    return (one, two) if ring.is_ccw else (two, one)


def seen_width(edge: Points, middle: Points) -> float:
    """Length of an edge as seen from the middle of the fronts.

    Parameters
    ----------
    edge : ndarray, shape (2, 2)
        Its ends.
    middle : ndarray, shape (2,)
        Where one stands.

    Returns
    -------
    float
        Metres.
    """
    sight = unit(edge.mean(axis=0) - middle)
    step = edge[1] - edge[0]
    return float(abs(step[0] * sight[1] - step[1] * sight[0]))


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


def _corners(polygon: Polygon) -> list[int]:
    """Vertices that keep the shape of an outline, at most `_CORNERS` and at least four."""
    xy = vertices(polygon.exterior)[:-1]
    if len(xy) <= _CORNERS:
        return list(range(len(xy)))
    tolerance = 1e-3 * polygon.length
    rough = polygon
    while len(rough.exterior.coords) - 1 > _CORNERS:
        simpler = shapely.simplify(polygon, tolerance)
        if simpler.is_empty or len(simpler.exterior.coords) < 5:
            break
        rough = simpler
        tolerance *= 1.3
    kept = {tuple(point) for point in vertices(rough.exterior)}
    return [k for k, point in enumerate(xy) if tuple(point) in kept]


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
