"""Glaciers whose front splits into several: branches that share the fjord without gap.

A divider is a flowline from gate to mouth, through the headland or nunatak that
parts two branches. It is right wall of one branch and left wall of the next, so
the branches tile the fjord, and their areas add up to that of the glacier
whatever the front does.
"""

from __future__ import annotations

import dataclasses
import hashlib
import string
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.ndimage import uniform_filter1d
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import DomainError
from termini.fronttable import crs_text
from termini.geometry.assemble import mean_width
from termini.geometry.flownet import flow_net
from termini.geometry.freeze import domain_version
from termini.geometry.lines import Points, vertices
from termini.geometry.room import ring
from termini.variables import is_rejected

# Places across the fjord at which the fronts are compared, and the share of the
# width next to each wall at which no branch begins.
_PLACES = 41
_EDGE = 0.15
# A place is pinned where fronts spread by less than this share of what they do
# on both sides, over more than this distance there.
_PINNED = 0.35
_MOVED_M = 500.0
_FEWEST = 8


def branch_domains(
    domain: GlacierDomain,
    dividers: Sequence[BaseGeometry | float],
    fronts: gpd.GeoDataFrame | None = None,
    *,
    names: Sequence[str] | None = None,
) -> tuple[GlacierDomain, ...]:
    """Domains of the branches of a glacier.

    Parameters
    ----------
    domain : GlacierDomain
        The whole glacier.
    dividers : sequence of shapely geometry or float
        What parts each branch from the next: a point or outline (headland,
        nunatak), in the projection of the domain, or the place across the fjord,
        between 0 and 1. The divider is the flowline through it.
    fronts : GeoDataFrame, optional
        Front table, for the reference widths; those of the whole fjord without.
    names : sequence of str, optional
        One a branch, from left to right.

    Returns
    -------
    tuple of GlacierDomain
        From left to right, ``<glacier_id>.a``, ``.b``, and so on.

    Raises
    ------
    DomainError
        If a divider does not lie in the fjord or two are the same.
    """
    net = flow_net(domain)
    places = sorted(_place(domain, net.place, divider) for divider in dividers)
    walls = [vertices(domain.left_wall)]
    walls += [_joined(net.line(place), domain) for place in places]
    walls.append(vertices(domain.right_wall))
    if (np.diff([0.0, *places, 1.0]) < 1e-3).any() or len(places) >= len(string.ascii_lowercase):
        raise DomainError(
            f"glacier {domain.glacier_id}: two of its dividers are the same, or one lies on a "
            "wall; give one point on each headland between two branches"
        )
    edges = [0.0, *places, 1.0]
    if names is not None and len(names) != len(edges) - 1:
        raise DomainError(
            f"glacier {domain.glacier_id}: {len(edges) - 1} branches, but {len(names)} names; "
            "give one a branch, from left to right"
        )
    traces = _lines_of(domain, fronts)
    found = []
    for k in range(len(edges) - 1):
        left, right = walls[k], walls[k + 1]
        middle = _joined(net.line((edges[k] + edges[k + 1]) / 2), domain)
        fjord = ring(left, right)
        centreline = LineString(middle)
        branch = dataclasses.replace(
            domain,
            glacier_id=f"{domain.glacier_id}.{string.ascii_lowercase[k]}",
            name=names[k] if names else _branch_name(domain.name, k, len(edges) - 1),
            fjord=fjord,
            gate=LineString([left[0], right[0]]),
            left_wall=LineString(left),
            right_wall=LineString(right),
            centreline=centreline,
            flowlines=None,
            branch_of=domain.glacier_id,
            reference_width=mean_width(fjord, centreline, traces, domain.crs),
        )
        found.append(dataclasses.replace(branch, geometry_version=domain_version(branch)))
    return tuple(found)


def branch_fronts(
    fronts: gpd.GeoDataFrame, branches: Sequence[GlacierDomain], glacier_id: str
) -> gpd.GeoDataFrame:
    """Front table in which each front stands once for every branch that it enters.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    branches : sequence of GlacierDomain
        What `branch_domains` gave.
    glacier_id : str
        The whole glacier.

    Returns
    -------
    GeoDataFrame
        Rows of the branches only. The geometry is whole: an end beyond a divider
        is an end beyond a wall. ``trace_id`` is another for each branch.
    """
    mine = fronts[(fronts["glacier_id"] == glacier_id) & fronts.geometry.notna()]
    parts = []
    for branch in branches:
        same = crs_text(fronts) == branch.crs
        lines = mine.geometry if same else mine.geometry.to_crs(branch.crs)
        enters = shapely.length(shapely.intersection(lines.to_numpy(), branch.fjord)) > 0
        part = mine[enters].copy()
        part["glacier_id"] = branch.glacier_id
        part["trace_id"] = [_branch_trace(t, branch.glacier_id) for t in part["trace_id"]]
        parts.append(part)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=fronts.crs)


def pinned_places(domain: GlacierDomain, fronts: gpd.GeoDataFrame) -> Points:
    """Places across a fjord at which all fronts meet: headlands between branches.

    Parameters
    ----------
    domain : GlacierDomain
        Domain.
    fronts : GeoDataFrame
        Front table; its last half is used, as branches part when a front retreats.

    Returns
    -------
    ndarray, shape (n,)
        Places, between 0 and 1 from the left wall, proposed as dividers: there the
        fronts spread along the flow by less than a third of what they do on either
        side of it. A proposal: look at the figure before it is used.
    """
    lines = _lines_of(domain, fronts)
    lines = lines[-max(_FEWEST, len(lines) // 4) :]
    if len(lines) < _FEWEST:
        return np.empty(0)
    net = flow_net(domain)
    at = (np.arange(_PLACES) + 0.5) / _PLACES
    spread = np.array([_spread(net.line(place), lines) for place in at])
    spread = uniform_filter1d(spread, 3, mode="nearest")
    found: list[float] = []
    for k in range(1, _PLACES - 1):
        if not _EDGE < at[k] < 1 - _EDGE or not np.isfinite(spread[k]):
            continue
        sides = np.nanmax(spread[:k]), np.nanmax(spread[k + 1 :])
        least = spread[k] <= np.nanmin(spread[max(k - 4, 0) : k + 5])
        if least and min(sides) > _MOVED_M and spread[k] < _PINNED * min(sides):
            found.append(float(at[k]))
    return np.array(found)


def _spread(line: LineString, lines: np.ndarray) -> float:
    """Middle four fifths of the places where fronts cross a flowline."""
    met = shapely.intersection(lines, line)
    points = shapely.points(vertices(shapely.geometrycollections(met)))
    if len(points) < _FEWEST:
        return float("nan")
    return float(np.ptp(np.quantile(shapely.line_locate_point(line, points), [0.1, 0.9])))


def _place(domain: GlacierDomain, place, divider: BaseGeometry | float) -> float:  # type: ignore[no-untyped-def]
    if isinstance(divider, (int, float)):
        value = float(divider)
    else:
        inside = shapely.intersection(divider, domain.fjord)
        points = vertices(shapely.segmentize(inside, domain.reference_width / 50))
        value = float(np.nanmean(place(points))) if len(points) else float("nan")
    if not 0 < value < 1:
        raise DomainError(
            f"glacier {domain.glacier_id}: a divider between its branches does not lie in its "
            f"fjord; give a point in it, in {domain.crs}, or a number between 0 and 1"
        )
    return value


def _joined(line: LineString, domain: GlacierDomain) -> Points:
    """Flowline with its ends put exactly on gate and mouth."""
    xy = vertices(line).copy()
    mouth = LineString([domain.left_wall.coords[-1], domain.right_wall.coords[-1]])
    for k, side in ((0, domain.gate), (-1, mouth)):
        point = side.interpolate(side.project(shapely.Point(xy[k])))
        xy[k] = vertices(point)[0]
    return xy


def _lines_of(domain: GlacierDomain, fronts: gpd.GeoDataFrame | None) -> np.ndarray:
    """Usable traces of a glacier by date, in the projection of its domain."""
    if fronts is None:
        return np.empty(0, dtype=object)
    mine = fronts[(fronts["glacier_id"] == domain.glacier_id) & fronts.geometry.notna()]
    mine = mine[~is_rejected(mine["quality"]) & ~mine.geometry.is_empty]
    if crs_text(fronts) != domain.crs:
        mine = mine.to_crs(domain.crs)
    return np.asarray(mine.sort_values("date", kind="stable").geometry.to_numpy(), dtype=object)


def _branch_name(name: str, k: int, number: int) -> str:
    if not name:
        return ""
    side = {2: ["left", "right"], 3: ["left", "middle", "right"]}.get(number)
    return f"{name}, {side[k] if side else string.ascii_lowercase[k]} branch"


def _branch_trace(trace_id: str, branch: str) -> str:
    return hashlib.sha256(f"{trace_id}|{branch}".encode()).hexdigest()[:16]
