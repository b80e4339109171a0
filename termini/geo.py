"""Map projections: true areas and lengths, and the local plane of one glacier.

Fronts are stored in a polar stereographic projection (EPSG:3413 in the Arctic,
EPSG:3031 in the Antarctic). It keeps angles but not sizes: EPSG:3413 inflates
area by 8 % at 60 degrees north and shrinks it by 4 % at 80 (Snyder 1987, eq.
21-4). Areas and lengths in termini are true ones. They are computed in a
Lambert azimuthal equal-area plane centred on the glacier, in which areas are
exact and lengths are wrong by less than 2 parts in 100 000 within 50 km.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from termini.errors import InputError

ARCTIC = "EPSG:3413"
ANTARCTIC = "EPSG:3031"
LONLAT = "EPSG:4326"

#: Coordinates this small are degrees: no glacier lies within a map metre of the pole.
DEGREES = 360.0

# PROJ spells out a code in one of two ways, by what the process asked it before. Asked
# first thing it always gives the same, and files the same bytes.
_SPELT_OUT = {text: CRS(text) for text in (ARCTIC, ANTARCTIC, LONLAT)}

# Edges are straight in the projection in which they were drawn. Before a
# geometry is measured in another projection its edges are cut into pieces of at
# most this length, so that they stay where they were drawn to within a
# millimetre.
MAX_EDGE_M = 2000.0

_PLANE = re.compile(
    r"\+proj=laea \+lat_0=(-?[\d.]+) \+lon_0=(-?[\d.]+) \+datum=WGS84 \+units=m \+no_defs"
)

G = TypeVar("G", bound=BaseGeometry)


def spelt_out(crs: str) -> CRS:
    """Reference system as files state it.

    Parameters
    ----------
    crs : str
        Any text that pyproj takes as a coordinate reference system.

    Returns
    -------
    pyproj.CRS
        For the systems that termini works in the same in every process.
    """
    return _SPELT_OUT.get(crs) or CRS(crs)


@lru_cache(maxsize=1024)
def transformer(source: str, target: str) -> Transformer:
    """Coordinate transformer with x before y on both sides, cached.

    Parameters
    ----------
    source, target : str
        Any text that pyproj takes as a coordinate reference system.

    Returns
    -------
    pyproj.Transformer
        Transformer from `source` to `target`.

    Raises
    ------
    InputError
        If one of the two is not a coordinate reference system.
    """
    try:
        if (plane := _PLANE.fullmatch(target)) and source.startswith("EPSG:"):
            pipeline = _plane_pipeline(source)
            if pipeline is not None:
                return Transformer.from_pipeline(f"{pipeline} lat_0={plane[1]} lon_0={plane[2]}")
        return Transformer.from_crs(source, target, always_xy=True)
    except CRSError as error:
        raise InputError(
            f"{source!r} to {target!r}: not a pair of coordinate reference systems; "
            "write them like 'EPSG:3413'"
        ) from error


@lru_cache(maxsize=64)
def _plane_pipeline(source: str) -> str | None:
    """Way from a projection to a local plane, up to the plane's centre.

    PROJ takes ten milliseconds to find the way between two projections. Where it is
    but one projection undone and the other done, it is the same for all planes.
    """
    found = Transformer.from_crs(source, local_plane_at(70.0, -45.0), always_xy=True).definition
    plain = re.fullmatch(
        r"proj=pipeline step inv (proj=(?:stere|utm|tmerc|laea) [^ ]+(?: (?!step)[^ ]+)*) "
        r"step proj=laea lat_0=70 lon_0=-45 x_0=0 y_0=0 ellps=WGS84",
        found,
    )
    if plain is None or "ellps=WGS84" not in plain[1]:
        return None
    return f"proj=pipeline step inv {plain[1]} step proj=laea x_0=0 y_0=0 ellps=WGS84"


def reproject(geometry: G, source: str, target: str) -> G:
    """Geometry moved from one projection to another, vertex by vertex.

    Parameters
    ----------
    geometry : shapely geometry
        Any geometry with coordinates in `source`.
    source, target : str
        Coordinate reference systems.

    Returns
    -------
    shapely geometry
        Geometry of the same type with coordinates in `target`.
    """
    if source == target:
        return geometry
    move = transformer(source, target)

    def _move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(move.transform(xy[:, 0], xy[:, 1]))

    moved: G = shapely.transform(geometry, _move)
    return moved


def local_plane(geometry: BaseGeometry, crs: str) -> str:
    """Equal-area plane centred on a geometry, in which to measure it.

    Parameters
    ----------
    geometry : shapely geometry
        What is to be measured; only its centre is used.
    crs : str
        Projection of `geometry`.

    Returns
    -------
    str
        PROJ string of a Lambert azimuthal equal-area projection on the WGS84
        ellipsoid, centred to within a hundredth of a degree, so that
        neighbouring geometries of one glacier share a plane.
    """
    bounds = geometry.bounds
    lon, lat = transformer(crs, LONLAT).transform(
        (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    )
    return local_plane_at(lat, lon)


def local_plane_at(latitude: float, longitude: float) -> str:
    """Equal-area plane centred on a point to within a hundredth of a degree.

    Parameters
    ----------
    latitude, longitude : float
        The point, degrees.

    Returns
    -------
    str
        PROJ string, as `local_plane` gives it.
    """
    return f"+proj=laea +lat_0={latitude:.2f} +lon_0={longitude:.2f} +datum=WGS84 +units=m +no_defs"


def to_plane(geometry: G, crs: str, plane: str) -> G:
    """Geometry moved to a measuring plane with its edges kept where they were drawn.

    Parameters
    ----------
    geometry : shapely geometry
        Geometry in `crs`.
    crs : str
        Projection in which the edges are straight.
    plane : str
        Target, as `local_plane` gives it.

    Returns
    -------
    shapely geometry
        Geometry in `plane`, long edges cut into pieces first.
    """
    edge = MAX_EDGE_M if CRS.from_user_input(crs).is_projected else MAX_EDGE_M / 1e5
    cut: G = shapely.segmentize(geometry, edge)
    return reproject(cut, crs, plane)


def true_area(geometry: BaseGeometry, crs: str) -> float:
    """Area on the WGS84 ellipsoid.

    Parameters
    ----------
    geometry : shapely geometry
        Polygon or collection of polygons in `crs`.
    crs : str
        Projection of `geometry`.

    Returns
    -------
    float
        Area in square metres.
    """
    return float(to_plane(geometry, crs, local_plane(geometry, crs)).area)


def true_length(geometry: BaseGeometry, crs: str) -> float:
    """Length on the WGS84 ellipsoid, up to 2 parts in 100 000.

    Parameters
    ----------
    geometry : shapely geometry
        Line or collection of lines in `crs`, less than 50 km from its centre.
    crs : str
        Projection of `geometry`.

    Returns
    -------
    float
        Length in metres.
    """
    return float(to_plane(geometry, crs, local_plane(geometry, crs)).length)


def scale_factor(x: ArrayLike, y: ArrayLike, crs: str = ARCTIC) -> NDArray[np.float64]:
    """Projected length of one true metre, at points of a conformal projection.

    Parameters
    ----------
    x, y : array_like
        Coordinates in `crs`, metres.
    crs : str
        A conformal projection (polar stereographic, UTM).

    Returns
    -------
    ndarray
        Scale factor k, so that true length = projected length / k and true
        area = projected area / k squared (Snyder 1987, eq. 21-4).
    """
    lon, lat = transformer(crs, LONLAT).transform(np.asarray(x), np.asarray(y))
    factors = Proj(crs).get_factors(lon, lat)
    return np.asarray(factors.meridional_scale, dtype=np.float64)
