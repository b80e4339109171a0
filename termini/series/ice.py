"""The ice in a fjord as a polygon, for models."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import TraceError
from termini.geometry.lines import vertices
from termini.series.frame import Frame, Points
from termini.series.layout import lay_front, pieces_of
from termini.series.upstream import outline_faces, upstream_outline, winding_number


def map_frame(domain: GlacierDomain) -> Frame:
    """Frame of a domain in its own projection, to split a fjord at many fronts.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.

    Returns
    -------
    Frame
        Its walls, gate and fjord.
    """
    return Frame(
        fjord=domain.fjord,
        gate=vertices(domain.gate),
        left=domain.left_wall,
        right=domain.right_wall,
        centreline=domain.centreline,
        width=domain.reference_width,
    )


def split_at_front(
    domain: GlacierDomain, front: BaseGeometry, frame: Frame | None = None
) -> tuple[BaseGeometry, BaseGeometry]:
    """Ice and water of a glacier's fjord with the front where it was seen.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    front : shapely LineString or MultiLineString
        Front in the domain's projection, in any direction. An end that stops short
        is closed to its own wall, as in `upstream_area`.
    frame : Frame, optional
        What `map_frame` gives for `domain`, to save time.

    Returns
    -------
    ice, water : shapely Polygon or MultiPolygon
        The two parts of ``domain.fjord``, in the domain's projection.

    Raises
    ------
    TraceError
        If the front does not enter the fjord, or leaves no ice or no water in it.
    """
    frame = frame or map_frame(domain)
    laid = lay_front(frame, pieces_of(front))
    if laid is None:
        raise TraceError(f"{domain.glacier_id}: the front does not enter the glacier's fjord")
    return split_along(domain, laid.path, frame)


def split_along(
    domain: GlacierDomain, path: Points, frame: Frame
) -> tuple[BaseGeometry, BaseGeometry]:
    """Ice and water on both sides of a front that is laid out already.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    path : ndarray, shape (n, 2)
        Front from the left wall to the right, in the domain's projection; what of it
        lies outside the fjord does not count.
    frame : Frame
        What `map_frame` gives for `domain`.

    Returns
    -------
    ice, water : shapely Polygon or MultiPolygon
        The two parts of ``domain.fjord``.

    Raises
    ------
    TraceError
        If the front leaves no ice or no water in the fjord.
    """
    outline = upstream_outline(frame, path)
    polygon = shapely.polygons(outline)
    if shapely.is_valid(polygon):
        upstream = polygon
    else:
        faces = outline_faces(outline)
        turns = winding_number(outline, vertices(shapely.point_on_surface(faces)))
        upstream = shapely.union_all(faces[turns > 0])
    ice = _areas(shapely.intersection(upstream, frame.fjord))
    water = _areas(shapely.difference(frame.fjord, ice))
    if ice.is_empty or water.is_empty:
        raise TraceError(
            f"{domain.glacier_id}: the front leaves no {'ice' if ice.is_empty else 'water'} in the "
            "fjord; the domain must reach beyond it"
        )
    return ice, water


def _areas(geometry: BaseGeometry) -> BaseGeometry:
    """Polygons of a geometry, without the lines and points that cutting can leave."""
    parts = shapely.get_parts(geometry)
    return shapely.union_all(parts[np.isin(shapely.get_type_id(parts), [3, 6])])
