"""Domains of glaciers that have a centreline but no box: walls from the traces' ends."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from scipy.ndimage import gaussian_filter1d
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain
from termini.errors import DomainError
from termini.geo import ARCTIC
from termini.geometry.assemble import MARGIN_M, domain_from_walls
from termini.geometry.bays import with_bays
from termini.geometry.decide import decide
from termini.geometry.direction import flowline_vote, middle_of
from termini.geometry.ground import GroundFile
from termini.geometry.lines import (
    Points,
    along_across,
    left_normals,
    resampled,
    smoothed,
    unit,
    vertices,
)
from termini.geometry.projections import check_coordinates, check_traces

_SPACING_M = 200.0
# Traces are thinned to this tolerance where only their sides are looked for.
_ROUGH_M = 30.0
# Of the traces that reach near a place, this share stays inside the wall there. Ends
# scatter to both sides of a wall: with half of them inside, widths are nearest to
# those of published boxes (benchmarks/domains.py), and most fronts are complete.
_INSIDE = 0.5
# Between fronts and the wall of a bay there is this share of the margin.
_CLEAR = 0.2
_NEIGHBOURS = 9
_ROOM_M = 3000.0


def domain_from_centreline(
    glacier_id: str,
    name: str,
    centreline: LineString,
    traces: gpd.GeoDataFrame,
    width: float | None = None,
    crs: str = ARCTIC,
    *,
    flowlines: gpd.GeoDataFrame | None = None,
    ground: GroundFile | None = None,
    margin: float = MARGIN_M,
) -> GlacierDomain:
    """Domain along a centreline.

    Parameters
    ----------
    glacier_id, name : str
        Of the glacier.
    centreline : shapely LineString
        Drawn in either direction.
    traces : GeoDataFrame
        Front table of this glacier.
    width : float, optional
        Width of the fjord, metres, half of it on either side. By default the walls
        follow the sides of the traces: near any place half of the ends stay
        inside them, and they give way where fronts leave the fjord and come back.
    crs : str
        Projection of `centreline` and `traces`.
    flowlines : GeoDataFrame, optional
        Lines from the front inland, evidence of the direction.
    ground : GroundFile, optional
        Gridded bed, surface or mask, evidence of the direction.
    margin : float
        Distance between the fronts and gate or mouth, metres.

    Returns
    -------
    GlacierDomain
        The domain, its centreline down-glacier.

    Raises
    ------
    DomainError
        If the traces do not cross the centreline, or the direction cannot be
        decided.
    """
    usable = check_traces(glacier_id, traces, crs)
    check_coordinates(glacier_id, "centreline", [centreline], crs, near=usable.geometry.iloc[0])
    if not usable.geometry.intersects(centreline).any():
        raise DomainError(
            f"glacier {glacier_id}: no trace crosses its centreline; "
            "check that both have the same projection and belong to the same glacier"
        )
    middle = middle_of(usable)
    agrees, by = decide(glacier_id, centreline, usable, flowlines, ground=ground)
    line = centreline if agrees else LineString(vertices(centreline)[::-1])
    shapes = list(usable.geometry)
    rough = list(shapely.simplify(np.array(shapes, dtype=object), _ROUGH_M))
    left, right, middle_line = _walls(glacier_id, line, rough, width, margin)
    if width is None:
        left, right = with_bays(left, right, np.array(rough, dtype=object), _CLEAR * margin)
    axis = unit(left[-1] + right[-1] - left[0] - right[0])
    _, along_flow = flowline_vote(axis, middle, flowlines)
    return domain_from_walls(
        glacier_id,
        name,
        left,
        right,
        shapes,
        centreline=middle_line,
        flowlines=along_flow,
        crs=crs,
        margin=margin,
        direction_from=by,
    )


def _walls(
    glacier_id: str, line: LineString, traces: list[LineString], width: float | None, margin: float
) -> tuple[Points, Points, LineString]:
    """Walls at the sides of the traces, and the part of the centreline between their ends.

    The centreline is smoothed more and more until the walls do not fold.
    """
    for window in (2.0, 5.0, 10.0, 20.0, 40.0, 80.0):
        smooth = LineString(smoothed(resampled(line, _SPACING_M), window))
        points = vertices(shapely.geometrycollections(traces))
        along = shapely.line_locate_point(smooth, shapely.points(points))
        reach = (
            max(float(along.min()) - margin, 0.0),
            min(float(along.max()) + margin, smooth.length),
        )
        centre = resampled(shapely.ops.substring(smooth, *reach), _SPACING_M)
        at = np.linspace(*reach, len(centre))
        normals = left_normals(centre)
        if width is not None:
            sides = np.full(len(at), width / 2), np.full(len(at), -width / 2)
        else:
            sides = _sides(smooth, traces, at)
        left = centre + sides[0][:, None] * normals
        right = centre + sides[1][:, None] * normals
        if Polygon(np.vstack([left[0], right, left[:0:-1]])).is_valid:
            return left, right, LineString(centre)
    raise DomainError(
        f"glacier {glacier_id}: its fjord is too wide for the bends of its centreline; "
        "give a box instead"
    )


def _sides(line: LineString, traces: list[LineString], at: Points) -> tuple[Points, Points]:
    """Distance of both walls from a centreline, at distances along it.

    The end of a front lies at the wall; the part that is farthest from the
    centreline may lie in a bay behind it.
    """
    reach = {1: ([], []), -1: ([], [])}  # type: dict[int, tuple[list[float], list[float]]]
    for trace in traces:
        along, across = along_across(line, vertices(trace)[[0, -1]])
        for side in (1, -1):
            k = int(np.argmax(side * across))
            reach[side][0].append(float(along[k]))
            reach[side][1].append(float(side * across[k]))
    found = []
    for side in (1, -1):
        where, how_far = (np.array(values) for values in reach[side])
        wall = np.empty(len(at))
        for i, here in enumerate(at):
            away = np.abs(where - here)
            close = away <= max(np.sort(away)[min(_NEIGHBOURS, len(away)) - 1], 2 * _SPACING_M)
            wall[i] = np.quantile(how_far[close], _INSIDE)
        wall = gaussian_filter1d(wall, _ROOM_M / _SPACING_M / 4, mode="nearest")
        found.append(side * np.maximum(wall, 0.1 * wall.max()))
    return found[0], found[1]
