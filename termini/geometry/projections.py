"""Whether coordinates are what their label says, before a domain is made of them."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from termini.errors import DomainError
from termini.fronttable import crs_text
from termini.geo import ARCTIC, DEGREES

#: Parts of one glacier that lie so far apart are in two projections, metres.
APART_M = 200e3


def check_traces(glacier_id: str, traces: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    """Traces of a glacier of which a domain can be made.

    Parameters
    ----------
    glacier_id : str
        Of the glacier.
    traces : GeoDataFrame
        Front table of this glacier.
    crs : str
        Projection in which the domain is to be made.

    Returns
    -------
    GeoDataFrame
        Those that have a geometry.

    Raises
    ------
    DomainError
        If there is none; if the table states another projection; if coordinates
        are degrees though the projection is in metres; or if some traces are in
        another projection than the rest.
    """
    usable = traces[traces.geometry.notna() & ~traces.geometry.is_empty]
    if len(usable) == 0:
        raise DomainError(
            f"glacier {glacier_id}: no trace, so its fjord's extent is unknown; give its traces"
        )
    if traces.crs is not None and CRS.from_user_input(traces.crs) != _metric(glacier_id, crs):
        raise DomainError(
            f"glacier {glacier_id}: its traces are in {crs_text(traces)}, the domain is to be in "
            f"{crs}; reproject them: traces.to_crs({crs!r})"
        )
    shapes = usable.geometry.to_numpy()
    names = [str(name) for name in usable["trace_id"]] if "trace_id" in usable else None
    check_coordinates(glacier_id, "traces", shapes, crs, names=names)
    return usable


def check_coordinates(
    glacier_id: str,
    what: str,
    shapes: Sequence[BaseGeometry] | NDArray[np.object_],
    crs: str,
    *,
    near: BaseGeometry | None = None,
    names: Sequence[str] | None = None,
) -> None:
    """Refuse coordinates that are not what their label says.

    Parameters
    ----------
    glacier_id : str
        Of the glacier.
    what : str
        What the geometries are, for the message, as ``traces`` or ``box``.
    shapes : sequence of shapely geometry
        Geometries that are said to be in `crs`.
    crs : str
        Their projection.
    near : shapely geometry, optional
        Something of the same glacier in `crs`.
    names : sequence of str, optional
        What each geometry is called.

    Raises
    ------
    DomainError
        As in `check_traces`; or if they lie far from `near`.
    """
    _metric(glacier_id, crs)
    bounds = np.atleast_2d(shapely.bounds(np.asarray(shapes, dtype=object)))
    if not np.isfinite(bounds).all():
        k = int(np.argmin(np.isfinite(bounds).all(axis=1)))
        raise DomainError(
            f"glacier {glacier_id}: {what}{_called(names, k)} has no or infinite coordinates; "
            "leave it out"
        )
    degrees = np.abs(bounds).max(axis=1) <= DEGREES
    remedy = (
        "they are longitude and latitude: label them, set_crs('EPSG:4326', allow_override=True), "
        f"and reproject, to_crs({crs!r})"
    )
    if degrees.all():
        raise DomainError(
            f"glacier {glacier_id}: the coordinates of its {what} are within {DEGREES:.0f}, "
            f"but {crs} is in metres; {remedy}"
        )
    if degrees.any():
        raise DomainError(
            f"glacier {glacier_id}: {degrees.sum()} of its {len(degrees)} {what}"
            f"{_called(names, int(np.argmax(degrees)))} are in degrees and the others in metres; "
            f"{remedy}"
        )
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2
    apart = np.linalg.norm(middle - np.median(middle, axis=0), axis=1)
    if (apart > APART_M).any():
        far = int(np.argmax(apart))
        raise DomainError(
            f"glacier {glacier_id}: {(apart > APART_M).sum()} of its {len(apart)} {what}"
            f"{_called(names, far)} lie {apart[far] / 1e3:.0f} km from the others; they are in "
            f"another projection or of another glacier: reproject them to {crs} or leave them out"
        )
    if near is not None:
        # the nearest part counts: a flowline may run hundreds of kilometres inland
        distance = float(np.min(shapely.distance(np.asarray(shapes, dtype=object), near)))
        if distance > APART_M:
            raise DomainError(
                f"glacier {glacier_id}: its {what} and its traces are {distance / 1e3:.0f} km "
                f"apart; one of the two is not in {crs}: look up its projection and reproject it"
            )


def _metric(glacier_id: str, crs: str) -> CRS:
    try:
        known = CRS.from_user_input(crs)
    except CRSError as error:
        raise DomainError(
            f"glacier {glacier_id}: {crs!r} is not a projection; write it like 'EPSG:3413'"
        ) from error
    if not known.is_projected:
        raise DomainError(
            f"glacier {glacier_id}: {crs} is in degrees; domains are made in a projection: "
            f"reproject, to_crs({ARCTIC!r})"
        )
    return known


def _called(names: Sequence[str] | None, k: int) -> str:
    return f" (as {names[k]})" if names is not None else ""
