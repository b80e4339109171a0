"""From two walls to a glacier domain: gate, mouth, centreline, width, version."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import DomainError
from termini.geo import ARCTIC, local_plane, to_plane
from termini.geometry.flownet import ACROSS, net_between
from termini.geometry.lines import Points, left_normals, midway_line, unit, vertices
from termini.geometry.room import Geometries, ring, with_room

#: Distance kept between the fronts and the gate, and between them and the mouth, metres.
MARGIN_M = 500.0
#: Share of a centreline that may lie outside its fjord between gate and mouth.
LEAVES_SHARE = 0.02
_CROSS_SECTIONS = 60
_MAX_FLOWLINES = 6


def cross_section(fjord: Polygon, centre: Points, normal: Points, reach: float) -> float:
    """Width of a fjord across its centreline.

    Parameters
    ----------
    fjord : shapely Polygon
        Fjord.
    centre : ndarray, shape (2,)
        Point of the centreline.
    normal : ndarray, shape (2,)
        Unit vector across.
    reach : float
        Longer than the fjord is wide.

    Returns
    -------
    float
        Length of the piece of the cross-section that holds `centre`; NaN if
        `centre` is not in the fjord.
    """
    line = LineString([centre - reach * normal, centre + reach * normal])
    point = shapely.Point(centre)
    for piece in shapely.get_parts(shapely.intersection(line, fjord)):
        if piece.distance(point) < 1e-6 * reach:
            return float(piece.length)
    return float("nan")


def mean_width(fjord: Polygon, centreline: LineString, traces: Geometries, crs: str) -> float:
    """Mean true width of the reach in which the fronts of a glacier lay.

    Parameters
    ----------
    fjord, centreline : shapely geometry
        Of the glacier, in `crs`.
    traces : ndarray of shapely geometry
        Its traces; none for the whole fjord.
    crs : str
        Projection.

    Returns
    -------
    float
        Mean length of cross-sections at right angles to the centreline, between
        the most retreated and the most advanced crossing by a trace, metres.
    """
    plane = local_plane(fjord, crs)
    area, line = to_plane(fjord, crs, plane), to_plane(centreline, crs, plane)
    moved = shapely.get_parts(to_plane(shapely.geometrycollections(traces), crs, plane))
    hits = vertices(shapely.geometrycollections(shapely.intersection(moved, line)))
    along = np.array([0.05, 0.95]) * line.length
    if len(hits):
        found = np.asarray(shapely.line_locate_point(line, shapely.points(hits)))
        along = np.array([found.min(), found.max()])
    # a front that hardly moves still gets a width from more than one cross-section
    along = np.clip(along + np.array([-1, 1]) * MARGIN_M, 0, line.length)
    at = np.linspace(along[0], along[1], _CROSS_SECTIONS)
    centres = vertices(shapely.line_interpolate_point(line, at))
    reach = float(np.hypot(*np.ptp(vertices(area), axis=0)))
    normals = left_normals(centres)
    widths = [
        cross_section(area, centre, normal, reach)
        for centre, normal in zip(centres, normals, strict=True)
    ]
    return float(np.nanmean(widths)) if np.isfinite(widths).any() else float("nan")


def version_of(
    geometries: Sequence[BaseGeometry | None], width: float, date: pd.Timestamp | None = None
) -> str:
    """Version that changes whenever a geometry does.

    Parameters
    ----------
    geometries : sequence of shapely geometry or None
        What the domain holds.
    width : float
        Its reference width.
    date : Timestamp, optional
        Its reference date.

    Returns
    -------
    str
        Eight hexadecimal digits of a hash of all coordinates, to the millimetre.
    """
    digest = hashlib.sha256(f"{width:.3f}".encode())
    for geometry in geometries:
        if geometry is not None:
            digest.update(np.round(shapely.get_coordinates(geometry), 3).tobytes())
        digest.update(b"|")
    if date is not None:
        digest.update(date.isoformat().encode())
    return digest.hexdigest()[:8]


def domain_from_walls(
    glacier_id: str,
    name: str,
    left: Points,
    right: Points,
    traces: Sequence[BaseGeometry] | Geometries,
    *,
    centreline: LineString | None = None,
    flowlines: Sequence[LineString] = (),
    crs: str = ARCTIC,
    margin: float = MARGIN_M,
    direction_from: str = "",
) -> GlacierDomain:
    """Domain between two walls, long enough to hold all traces of the glacier.

    Parameters
    ----------
    glacier_id, name : str
        Of the glacier.
    left, right : ndarray, shape (n, 2), (m, 2)
        Walls, down-glacier, left and right of someone looking that way.
    traces : sequence of shapely geometry
        All traces of the glacier.
    centreline : shapely LineString, optional
        In either direction; by default the line midway between the walls.
    flowlines : sequence of LineString
        Further lines along flow, down-glacier; the six longest within the fjord
        are kept.
    crs : str
        Projection of all of these.
    margin : float
        Distance between the traces and gate or mouth, metres.
    direction_from : str
        By what evidence the direction was decided.

    Returns
    -------
    GlacierDomain
        The domain.

    Raises
    ------
    DomainError
        If the walls cross, the centreline leaves the fjord, or no width can be
        found.
    """
    lines = np.asarray(traces, dtype=object)
    left, right, fjord = _fjord(glacier_id, left, right, lines, margin)
    walls = LineString(left), LineString(right)
    spacing = max(min(fjord.length / 200, 200.0), 20.0)
    if centreline is None:
        middle = _between(*walls, fjord, spacing)
    else:
        middle = _downward(glacier_id, centreline, left, fjord)
    middle = _within(middle, fjord)
    width = mean_width(fjord, middle, lines, crs)
    if not np.isfinite(width):
        raise DomainError(
            f"glacier {glacier_id}: its centreline lies outside its fjord; check both"
        )
    kept = _kept_flowlines(flowlines, fjord)
    gate = LineString([left[0], right[0]])
    geometries = [fjord, gate, *walls, middle, kept]
    return GlacierDomain(
        glacier_id=glacier_id,
        name=name,
        fjord=fjord,
        gate=gate,
        left_wall=walls[0],
        right_wall=walls[1],
        centreline=middle,
        reference_width=width,
        flowlines=kept,
        geometry_version=version_of(geometries, width),
        crs=crs,
        direction_from=direction_from,
    )


def _fjord(
    glacier_id: str, left: Points, right: Points, traces: Geometries, margin: float
) -> tuple[Points, Points, Polygon]:
    """Walls long enough for all traces, and what lies between them."""
    if not ring(left, right).is_valid:
        raise DomainError(
            f"glacier {glacier_id}: its fjord walls cross each other; check the box or centreline"
        )
    left, right = with_room(left, right, traces, margin)
    fjord = ring(left, right)
    if not fjord.exterior.is_ccw:
        raise DomainError(
            f"glacier {glacier_id}: the left wall lies to the right of the right wall; "
            "give the walls as someone looking down-glacier sees them"
        )
    return left, right, fjord


def _between(left: LineString, right: LineString, fjord: Polygon, spacing: float) -> LineString:
    """Line midway between the walls, or, where they hide each other, the middle flowline."""
    middle = midway_line(left, right, fjord, spacing)
    outside = shapely.length(shapely.difference(middle, fjord))
    if outside <= LEAVES_SHARE * middle.length:
        return middle
    net = net_between(vertices(left), vertices(right), fjord, fjord.length / (8 * ACROSS))
    return middle if net is None else net.line(0.5)


def _downward(glacier_id: str, line: LineString, left: Points, fjord: Polygon) -> LineString:
    """Centreline that somebody drew, down-glacier, unless it leaves the fjord on its way."""
    inside = shapely.intersection(line, fjord)
    pieces = [p for p in shapely.get_parts(inside) if p.geom_type == "LineString" and p.length > 0]
    if not pieces:
        raise DomainError(
            f"glacier {glacier_id}: its centreline does not enter its fjord; check that both "
            "belong to the same glacier and have the same projection"
        )
    ends = shapely.points(np.vstack([vertices(piece)[[0, -1]] for piece in pieces]))
    along = np.asarray(shapely.line_locate_point(line, ends))
    outside = float(np.ptp(along)) - sum(piece.length for piece in pieces)
    if outside > LEAVES_SHARE * np.ptp(along):
        raise DomainError(
            f"glacier {glacier_id}: its centreline leaves its fjord over {outside:.0f} m between "
            "gate and mouth; redraw one of the two, or leave the centreline out: the line midway "
            "between the walls is taken then"
        )
    flow = shapely.line_locate_point(LineString(left), ends)
    return line if flow[np.argmin(along)] <= flow[np.argmax(along)] else line.reverse()


def _within(line: LineString, fjord: Polygon) -> LineString:
    """Line lengthened past the fjord's ends and cut to the fjord, direction kept."""
    xy = vertices(line)
    far = fjord.length
    whole = LineString(
        np.vstack([xy[0] - far * unit(xy[1] - xy[0]), xy, xy[-1] + far * unit(xy[-1] - xy[-2])])
    )
    inside = shapely.intersection(whole, fjord)
    pieces = [p for p in shapely.get_parts(inside) if p.geom_type == "LineString"]
    if not pieces:
        return line
    longest = max(pieces, key=lambda piece: piece.length)
    ends = shapely.line_locate_point(whole, [shapely.Point(p) for p in vertices(longest)[[0, -1]]])
    return longest if ends[0] < ends[1] else LineString(vertices(longest)[::-1])


def _kept_flowlines(lines: Sequence[LineString], fjord: Polygon) -> MultiLineString | None:
    pieces: list[LineString] = []
    for line in lines:
        cut = shapely.get_parts(shapely.intersection(line, fjord))
        inside = [p for p in cut if p.geom_type == "LineString" and p.length > 0]
        if inside:
            pieces.append(max(inside, key=lambda piece: piece.length))
    pieces.sort(key=lambda piece: -piece.length)
    return MultiLineString(pieces[:_MAX_FLOWLINES]) if pieces else None
