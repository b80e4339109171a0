"""Branches in tables: made of what a user has drawn, and the fronts that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import DomainError
from termini.geometry.branches import branch_domains, branch_fronts
from termini.geometry.flownet import flow_net
from termini.geometry.lines import vertices
from termini.geometry.projections import check_coordinates

# Two lines nearer to each other, in shares of the width, lie in one branch.
_APART = 0.05
_POINTS = 60


def branches_of(
    domain: GlacierDomain, drawn: Sequence[BaseGeometry], fronts: gpd.GeoDataFrame | None = None
) -> tuple[GlacierDomain, ...]:
    """Branches of a glacier by what somebody has drawn.

    Parameters
    ----------
    domain : GlacierDomain
        The whole glacier.
    drawn : sequence of shapely geometry
        In the projection of the domain: a point or outline on each headland or
        nunatak between two branches; or lines, one along each branch, in either
        direction. They may meet down-glacier: what counts is where they lie in the
        third of the fjord next to the gate that they reach.
    fronts : GeoDataFrame, optional
        Front table, for the reference widths.

    Returns
    -------
    tuple of GlacierDomain
        As `branch_domains` gives them: the dividers run through the headlands, or midway
        between neighbouring lines.

    Raises
    ------
    DomainError
        If lines and headlands are mixed, a line is alone, two lie in one branch, or one
        does not run through the fjord.
    """
    check_coordinates(domain.glacier_id, "branches", list(drawn), domain.crs, near=domain.fjord)
    lines = [one for one in drawn if shapely.get_dimensions(one) == 1]
    if not lines:
        return branch_domains(domain, list(drawn), fronts)
    start = f"glacier {domain.glacier_id}: "
    if len(lines) < len(drawn) or len(lines) < 2:
        raise DomainError(
            f"{start}its branches are given by {len(lines)} line(s) and "
            f"{len(drawn) - len(lines)} other shape(s); give either two lines or more, one along "
            "each branch, or a point or outline on each headland between two"
        )
    places = sorted(_place_of(domain, line) for line in lines)
    if np.diff(places).min() < _APART:
        raise DomainError(
            f"{start}two of the lines of its branches lie within {_APART:.0%} of its width of each "
            "other where they enter its fjord; draw one line along each branch, from above the "
            "gate, or give the headland between them"
        )
    return branch_domains(domain, list((np.array(places)[1:] + places[:-1]) / 2), fronts)


def _place_of(domain: GlacierDomain, line: BaseGeometry) -> float:
    """Place across the fjord of a line, next to the gate."""
    inside = shapely.line_merge(shapely.intersection(line, domain.fjord))
    parts = [part for part in shapely.get_parts(inside) if part.length > 0]
    if not parts:
        raise DomainError(
            f"glacier {domain.glacier_id}: a line of its branches does not enter its fjord; check "
            "that it belongs to this glacier; a branch that enters from the side, above no part of "
            "the gate, needs a box of its own"
        )
    longest = max(parts, key=lambda part: part.length)
    points = vertices(
        shapely.line_interpolate_point(longest, np.linspace(0, 1, _POINTS), normalized=True)
    )
    along = shapely.line_locate_point(domain.centreline, shapely.points(points))
    upper = points[np.argsort(along, kind="stable")[: _POINTS // 3]]
    return float(np.nanmedian(flow_net(domain).place(upper)))


def with_branch_fronts(
    fronts: gpd.GeoDataFrame, domains: Mapping[str, GlacierDomain]
) -> gpd.GeoDataFrame:
    """Front table with a row more for every branch that a front enters.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table of whole glaciers.
    domains : mapping
        Glacier id to domain, with or without branches.

    Returns
    -------
    GeoDataFrame
        Fronts of whole glaciers as they were, then those of the branches, as
        `branch_fronts` makes them. Branches that have fronts of their own in the table
        get no others. The table itself where there are no branches.
    """
    there = set(fronts["glacier_id"])
    groups: dict[str, list[GlacierDomain]] = {}
    for domain in domains.values():
        if domain.branch_of in there and domain.glacier_id not in there:
            groups.setdefault(domain.branch_of, []).append(domain)
    if not groups:
        return fronts
    parts = [branch_fronts(fronts, branches, whole) for whole, branches in groups.items()]
    table = pd.concat([fronts, *parts], ignore_index=True)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=fronts.crs)
