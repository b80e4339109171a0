"""Domains from reference boxes: three-sided ones open to the sea, and closed ones."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import DomainError
from termini.geo import ARCTIC
from termini.geometry.assemble import MARGIN_M, domain_from_walls
from termini.geometry.direction import decide, flowline_vote, middle_of
from termini.geometry.lines import Points, unit, vertices

# The last edge of a hand-drawn box is a slip of the mouse if it is shorter than
# this share of the box.
_STUB = 0.005


def domain_from_box(
    glacier_id: str,
    name: str,
    box: BaseGeometry,
    traces: gpd.GeoDataFrame,
    crs: str = ARCTIC,
    *,
    centreline: LineString | None = None,
    flowlines: gpd.GeoDataFrame | None = None,
    margin: float = MARGIN_M,
) -> GlacierDomain:
    """Domain from a reference box and the traces that were measured in it.

    Parameters
    ----------
    glacier_id, name : str
        Of the glacier.
    box : shapely LineString, MultiLineString of one line, or Polygon
        A line is a box open on its downstream side, with two walls and a closed
        side across the glacier. A polygon is a closed box.
    traces : GeoDataFrame
        Front table of this glacier.
    crs : str
        Projection of `box` and `traces`.
    centreline : shapely LineString, optional
        By default the line midway between the walls.
    flowlines : GeoDataFrame, optional
        Lines from the front inland, evidence of the direction.
    margin : float
        Distance between the fronts and gate or mouth, metres.

    Returns
    -------
    GlacierDomain
        The box, made longer where traces leave it up- or down-glacier. Its side
        walls are those of the box: what lies outside them is not measured.

    Raises
    ------
    DomainError
        If the box is not usable or the direction cannot be decided.
    """
    lines = traces.geometry[traces.geometry.notna() & ~traces.geometry.is_empty]
    if len(lines) == 0:
        raise DomainError(f"glacier {glacier_id}: no trace, so its fjord's extent is unknown")
    usable = traces.loc[lines.index]
    middle = middle_of(usable)
    if box.geom_type == "Polygon":
        left, right = _closed_box(glacier_id, box, usable, middle, flowlines)
    else:
        left, right = _open_box(glacier_id, box, usable, middle, flowlines)
    axis = unit(left[-1] + right[-1] - left[0] - right[0])
    _, along_flow = flowline_vote(axis, middle, flowlines)
    return domain_from_walls(
        glacier_id,
        name,
        left,
        right,
        list(lines),
        centreline=centreline,
        flowlines=along_flow,
        crs=crs,
        margin=margin,
    )


def _seen_width(edge: Points, middle: Points) -> float:
    """Length of an edge as seen from the middle of the fronts."""
    sight = unit(edge.mean(axis=0) - middle)
    step = edge[1] - edge[0]
    return float(abs(step[0] * sight[1] - step[1] * sight[0]))


def _without_stubs(xy: Points) -> Points:
    """Box without an edge at either end that is too short to be drawn on purpose."""
    lengths = np.linalg.norm(np.diff(xy, axis=0), axis=1)
    short = lengths < _STUB * lengths.sum()
    first = 1 if short[0] and len(xy) > 4 else 0
    last = len(xy) - 1 if short[-1] and len(xy) - first > 4 else len(xy)
    return xy[first:last]


def _gate_score(xy: Points, k: int, middle: Points) -> float:
    """How well edge k of an open box serves as its gate.

    The gate faces the fronts broadly, and leaves walls of similar length on
    either side. Its neighbours, where the closed side has several edges, belong to
    the walls.
    """
    lengths = np.linalg.norm(np.diff(xy, axis=0), axis=1)
    sides = lengths[:k].sum(), lengths[k + 1 :].sum()
    return _seen_width(xy[k : k + 2], middle) * float(min(sides) / max(sides))


def _handed(one: Points, two: Points) -> tuple[Points, Points]:
    """The two walls as left and right: gate, right wall, mouth, left wall run anticlockwise."""
    ring = shapely.LinearRing(np.vstack([one[0], two, one[:0:-1]]))
    return (one, two) if ring.is_ccw else (two, one)


def _open_box(
    glacier_id: str,
    box: BaseGeometry,
    traces: gpd.GeoDataFrame,
    middle: Points,
    flowlines: gpd.GeoDataFrame | None,
) -> tuple[Points, Points]:
    line = shapely.line_merge(box) if box.geom_type == "MultiLineString" else box
    if line.geom_type != "LineString" or len(line.coords) < 4 or not line.is_simple:
        raise DomainError(
            f"glacier {glacier_id}: its box must be one line of four or more vertices that does "
            f"not cross itself, open towards the sea; it is a {line.geom_type}"
        )
    xy = _without_stubs(vertices(line))
    inner = range(1, len(xy) - 2)
    gate = max(inner, key=lambda k: _gate_score(xy, k, middle))
    left, right = _handed(xy[gate::-1], xy[gate + 1 :])
    axis = unit(left[-1] + right[-1] - left[0] - right[0])
    decide(glacier_id, axis, traces, flowlines, open_side=True)
    return left, right


def _closed_box(
    glacier_id: str,
    box: BaseGeometry,
    traces: gpd.GeoDataFrame,
    middle: Points,
    flowlines: gpd.GeoDataFrame | None,
) -> tuple[Points, Points]:
    xy = vertices(box.exterior)[:-1]
    number = len(xy)
    if number < 4 or not box.is_valid:
        raise DomainError(
            f"glacier {glacier_id}: its box must be a valid polygon of four or more vertices"
        )
    ends = [vertices(line)[[0, -1]] for line in traces.geometry]
    pairs = [
        (i, j) for i in range(number) for j in range(i + 2, number) if (i, j) != (0, number - 1)
    ]
    costs = [_pair_cost(xy, pair, ends, middle) for pair in pairs]
    one, two = _walls_between(xy, *pairs[int(np.argmin(costs))])
    axis = unit(one[-1] + two[-1] - one[0] - two[0])
    agrees, _ = decide(glacier_id, axis, traces, flowlines)
    return _handed(one, two) if agrees else _handed(one[::-1], two[::-1])


def _walls_between(xy: Points, i: int, j: int) -> tuple[Points, Points]:
    """Sides of a ring between its edges i and j, both from edge i to edge j."""
    number = len(xy)
    forward = xy[np.arange(i + 1, j + 1)]
    backward = xy[np.arange(i, j - number, -1) % number]
    return forward, backward


def _pair_cost(xy: Points, pair: tuple[int, int], ends: list[Points], middle: Points) -> float:
    """Cost of taking two edges of a closed box as gate and mouth.

    Mean distance of the traces' ends from the two walls that are left, one end
    at each; among equals the edges that face the fronts most broadly.
    """
    one, two = (
        LineString(wall) if len(wall) > 1 else shapely.Point(wall[0])
        for wall in _walls_between(xy, *pair)
    )
    both = shapely.points(np.array(ends))
    near = shapely.distance(both, one), shapely.distance(both, two)
    straight = near[0][:, 0] + near[1][:, 1]
    crossed = near[0][:, 1] + near[1][:, 0]
    edges = [np.vstack([xy[k], xy[(k + 1) % len(xy)]]) for k in pair]
    seen = sum(_seen_width(edge, middle) for edge in edges)
    return float(np.mean(np.minimum(straight, crossed)) - 0.1 * seen)
