"""Domains from reference boxes: three-sided ones open to the sea, closed ones, fjords."""

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
from termini.geometry.decide import decide
from termini.geometry.direction import flowline_vote, middle_of
from termini.geometry.ground import GroundFile
from termini.geometry.lines import Points, handed, middle_way, seen_width, unit, vertices
from termini.geometry.outlines import closed_walls
from termini.geometry.projections import check_coordinates, check_traces

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
    ground: GroundFile | None = None,
    margin: float = MARGIN_M,
) -> GlacierDomain:
    """Domain from a reference box and the traces that were measured in it.

    Parameters
    ----------
    glacier_id, name : str
        Of the glacier.
    box : shapely LineString, MultiLineString of one line, or Polygon
        A line is a box open on its downstream side, with two walls and a closed
        side across the glacier. A polygon is a closed box or the outline of a
        fjord, of any number of vertices.
    traces : GeoDataFrame
        Front table of this glacier.
    crs : str
        Projection of `box` and `traces`.
    centreline : shapely LineString, optional
        In either direction. A closed box has gate and mouth where it enters and
        leaves. By default the line midway between the walls.
    flowlines : GeoDataFrame, optional
        Lines from the front inland, evidence of the direction.
    ground : GroundFile, optional
        Gridded bed, surface or mask, evidence of the direction.
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
    usable = check_traces(glacier_id, traces, crs)
    if centreline is not None:
        check_coordinates(glacier_id, "centreline", [centreline], crs, near=usable.geometry.iloc[0])
        centreline = shapely.remove_repeated_points(centreline)
    lines = usable.geometry
    check_coordinates(glacier_id, "box", [box], crs, near=lines.iloc[0])
    middle = middle_of(usable)
    if box.geom_type in ("Polygon", "MultiPolygon"):
        left, right, by = closed_walls(glacier_id, box, usable, flowlines, centreline, ground)
    else:
        left, right = _open_box(glacier_id, box, usable, middle, flowlines, ground)
        by = "open side"
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
        direction_from=by,
    )


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
    return seen_width(xy[k : k + 2], middle) * float(min(sides) / max(sides))


def _open_box(
    glacier_id: str,
    box: BaseGeometry,
    traces: gpd.GeoDataFrame,
    middle: Points,
    flowlines: gpd.GeoDataFrame | None,
    ground: GroundFile | None,
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
    left, right = handed(xy[gate::-1], xy[gate + 1 :])
    decide(glacier_id, middle_way(left, right), traces, flowlines, ground=ground, open_side=True)
    return left, right
