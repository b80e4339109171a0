"""Domains of glaciers of which nothing is drawn but flowlines, or nothing but the fronts."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import DomainError
from termini.geo import ARCTIC
from termini.geometry.assemble import MARGIN_M
from termini.geometry.axis import front_axis
from termini.geometry.boxes import domain_from_box
from termini.geometry.centrelines import domain_from_centreline
from termini.geometry.ground import GroundFile
from termini.geometry.lines import Points, unit, vertices
from termini.geometry.projections import check_coordinates, check_traces

# A flowline within so much of the middle of the fronts, or a width of them, is theirs.
_NEAR_M = 2000.0


def domain_from_traces(
    glacier_id: str,
    name: str,
    traces: gpd.GeoDataFrame,
    width: float | None = None,
    crs: str = ARCTIC,
    *,
    flowlines: gpd.GeoDataFrame | None = None,
    ground: GroundFile | None = None,
    margin: float = MARGIN_M,
) -> GlacierDomain:
    """Domain of a glacier of which only the fronts are known.

    Parameters
    ----------
    glacier_id, name : str
        Of the glacier.
    traces : GeoDataFrame
        Front table of this glacier.
    width, crs, flowlines, ground, margin
        As in `domain_from_centreline`.

    Returns
    -------
    GlacierDomain
        Its centreline joins the middles of the fronts, from the most retreated to
        the most advanced, and runs on straight at both ends.

    Raises
    ------
    DomainError
        If there are no usable traces or the direction cannot be decided: fronts
        alone tell it only by retreat over ten years or more.
    """
    usable = check_traces(glacier_id, traces, crs)
    line = front_axis(usable)
    return domain_from_centreline(
        glacier_id,
        name,
        line,
        usable,
        width,
        crs,
        flowlines=flowlines,
        ground=ground,
        margin=margin,
    )


def domain_from_flowlines(
    glacier_id: str,
    name: str,
    flowlines: gpd.GeoDataFrame,
    traces: gpd.GeoDataFrame,
    width: float | None = None,
    crs: str = ARCTIC,
    *,
    ground: GroundFile | None = None,
    margin: float = MARGIN_M,
) -> GlacierDomain:
    """Domain from flowlines and fronts.

    Parameters
    ----------
    glacier_id, name : str
        Of the glacier.
    flowlines : GeoDataFrame
        Lines along flow, in either direction; the end that is farther from the
        fronts is inland.
    traces, width, crs, ground, margin
        As in `domain_from_centreline`.

    Returns
    -------
    GlacierDomain
        Its centreline is the middle one of the flowlines, lengthened straight past
        all fronts; its walls follow the ends of the fronts.

    Raises
    ------
    DomainError
        If no flowline comes near the fronts, or the direction cannot be decided.
    """
    usable = check_traces(glacier_id, traces, crs)
    lines = shapely.get_parts(flowlines.geometry.to_numpy())
    lines = lines[shapely.get_type_id(lines) == 1]
    if len(lines) == 0:
        raise DomainError(f"glacier {glacier_id}: there is no flowline; give at least one line")
    check_coordinates(glacier_id, "flowlines", lines[:1], crs)
    close, middle, reach = _close(lines, usable)
    if len(close) == 0:
        check_coordinates(glacier_id, "flowlines", lines[:1], crs, near=usable.geometry.iloc[0])
        raise DomainError(
            f"glacier {glacier_id}: no flowline passes within {reach:.0f} m of the middle of "
            "its fronts; check that both belong to the same glacier and have the same projection"
        )
    line = min(close, key=lambda one: one.distance(middle))
    return domain_from_centreline(
        glacier_id,
        name,
        _past_all(line, usable.geometry.to_numpy()),
        usable,
        width,
        crs,
        flowlines=flowlines,
        ground=ground,
        margin=margin,
    )


def _past_all(line: LineString, traces: np.ndarray) -> LineString:
    """Line lengthened straight at both ends until it has passed all fronts."""
    xy = vertices(line)
    whole = vertices(shapely.geometrycollections(traces))
    spread = float(np.hypot(*np.ptp(whole, axis=0)))
    k = int(np.searchsorted(_along(xy), 1000.0).clip(1, len(xy) - 1))
    m = int(np.searchsorted(_along(xy[::-1]), 1000.0).clip(1, len(xy) - 1))
    head = xy[0] - spread * unit(xy[k] - xy[0])
    tail = xy[-1] + spread * unit(xy[-1] - xy[-1 - m])
    return LineString(np.vstack([head, xy, tail]))


def _along(xy: Points) -> Points:
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])


def domain_from(
    glacier_id: str,
    name: str,
    traces: gpd.GeoDataFrame,
    crs: str = ARCTIC,
    *,
    box: BaseGeometry | None = None,
    centreline: LineString | None = None,
    flowlines: gpd.GeoDataFrame | None = None,
    ground: GroundFile | None = None,
    width: float | None = None,
    margin: float = MARGIN_M,
) -> GlacierDomain:
    """Domain from whatever is known of a glacier.

    Parameters
    ----------
    glacier_id, name : str
        Of the glacier.
    traces : GeoDataFrame
        Front table of this glacier.
    crs : str
        Projection of all geometries.
    box : shapely geometry, optional
        Three-sided box (line), closed box or fjord outline (polygon).
    centreline : shapely LineString, optional
        In either direction.
    flowlines : GeoDataFrame, optional
        Lines along flow.
    ground : GroundFile, optional
        Gridded bed, surface or mask, evidence of the direction.
    width : float, optional
        Width of the fjord, where there is no box.
    margin : float
        Distance between the fronts and gate or mouth, metres.

    Returns
    -------
    GlacierDomain
        From the box if there is one, else along the centreline, else along the
        flowline that passes the middle of the fronts, else along the line through
        their middles. What
        is left of these is evidence of the direction.

    Raises
    ------
    DomainError
        As the function that is used raises it.
    """
    if box is not None:
        return domain_from_box(
            glacier_id,
            name,
            box,
            traces,
            crs,
            centreline=centreline,
            flowlines=flowlines,
            ground=ground,
            margin=margin,
        )
    if centreline is not None:
        return domain_from_centreline(
            glacier_id,
            name,
            centreline,
            traces,
            width,
            crs,
            flowlines=flowlines,
            ground=ground,
            margin=margin,
        )
    if flowlines is not None and _any_near(flowlines, traces):
        return domain_from_flowlines(
            glacier_id, name, flowlines, traces, width, crs, ground=ground, margin=margin
        )
    return domain_from_traces(
        glacier_id, name, traces, width, crs, flowlines=flowlines, ground=ground, margin=margin
    )


def _any_near(flowlines: gpd.GeoDataFrame, traces: gpd.GeoDataFrame) -> bool:
    """Whether a flowline passes the fronts; a single one is meant for this glacier."""
    usable = traces[traces.geometry.notna() & ~traces.geometry.is_empty]
    if len(flowlines) <= 1 or len(usable) == 0:
        return len(flowlines) > 0
    return len(_close(shapely.get_parts(flowlines.geometry.to_numpy()), usable)[0]) > 0


def _close(lines: np.ndarray, traces: gpd.GeoDataFrame) -> tuple[np.ndarray, shapely.Point, float]:
    """Lines within a width of the front of the middle of the fronts, the middle, the width."""
    ends = np.array([vertices(line)[[0, -1]] for line in traces.geometry])
    reach = max(float(np.median(np.hypot(*(ends[:, 1] - ends[:, 0]).T))), _NEAR_M)
    middle = shapely.Point(np.median(ends.mean(axis=1), axis=0))
    return lines[shapely.dwithin(lines, middle, reach)], middle, reach
