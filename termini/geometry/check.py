"""What is wrong with a domain: numbered checks, each a sentence with the remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.validation import explain_validity

from termini.domain import GlacierDomain
from termini.errors import DomainError
from termini.fronttable import crs_text
from termini.geometry.freeze import domain_version
from termini.geometry.lines import vertices
from termini.geometry.projections import check_coordinates
from termini.variables import is_rejected

# Length of a centreline or flowline that may lie outside its fjord: rounding only.
_OUTSIDE_SHARE = 0.01
_OUTLINE_SHARE = 0.02
# Mean length of front outside the fjord from which the walls are doubted.
_WALLS_SHARE = 0.25


def domain_problems(domain: GlacierDomain, fronts: gpd.GeoDataFrame | None = None) -> list[str]:
    """What is wrong with a domain.

    Parameters
    ----------
    domain : GlacierDomain
        Domain, as made by termini or by hand.
    fronts : GeoDataFrame, optional
        Front table, to see whether the glacier's traces lie in its domain.

    Returns
    -------
    list of str
        One sentence a problem, which names the glacier, says what is wrong, and
        what to do; empty if all is well.
    """
    name = f"glacier {domain.glacier_id}: "
    try:
        check_coordinates(domain.glacier_id, "fjord", [domain.fjord], domain.crs)
    except DomainError as error:
        # what follows measures in metres
        return [str(error)]
    found = [name + text for check in _CHECKS for text in check(domain)]
    if fronts is not None:
        found += [name + text for text in _with_fronts(domain, fronts)]
    return found


def checked_domain(domain: GlacierDomain) -> GlacierDomain:
    """Domain, or an error if something is wrong with it.

    Parameters
    ----------
    domain : GlacierDomain
        Domain.

    Returns
    -------
    GlacierDomain
        The same.

    Raises
    ------
    DomainError
        With all of `domain_problems`.
    """
    if problems := domain_problems(domain):
        raise DomainError("\n".join(problems))
    return domain


def _with_islands(domain: GlacierDomain) -> Polygon:
    """Fjord and its islands: what lies within the walls."""
    return Polygon(domain.fjord.exterior)


def _simple(domain: GlacierDomain) -> Iterator[str]:
    if not domain.fjord.is_valid:
        yield (
            f"its fjord is not a valid polygon ({explain_validity(domain.fjord)}); redraw it so "
            "that its outline does not touch or cross itself"
        )
    for what, line in [("left wall", domain.left_wall), ("right wall", domain.right_wall)]:
        if not line.is_simple:
            yield f"its {what} crosses itself; redraw it"
    if shapely.intersects(domain.left_wall, domain.right_wall):
        yield "its walls meet; redraw them so that the fjord is open at gate and mouth"


def _outline(domain: GlacierDomain) -> Iterator[str]:
    left, right = vertices(domain.left_wall), vertices(domain.right_wall)
    gate = vertices(domain.gate)
    near = 1e-3 * domain.fjord.length
    if np.hypot(*(gate[0] - left[0])) > near or np.hypot(*(gate[-1] - right[0])) > near:
        yield (
            "its gate does not join the upstream ends of its walls, left to right; make the "
            "domain anew with termini domains make"
        )
    outline = shapely.LinearRing(np.vstack([gate, right, left[::-1]]))
    if not outline.is_ccw:
        yield "its left and right wall are exchanged; walls are those of someone looking down-flow"
    whole = Polygon(outline).buffer(0)
    if domain.fjord.is_valid:
        other = shapely.symmetric_difference(whole, _with_islands(domain)).area
        if other > _OUTLINE_SHARE * domain.fjord.area:
            yield (
                f"gate and walls enclose {other / 1e6:.2f} km2 that differ from its fjord; give "
                "walls that run along the fjord"
            )


def _lines(domain: GlacierDomain) -> Iterator[str]:
    outside = shapely.length(shapely.difference(domain.centreline, _with_islands(domain)))
    if outside > _OUTSIDE_SHARE * domain.centreline.length:
        yield (
            f"its centreline leaves the fjord over {outside:.0f} m; redraw one of the two, or "
            "leave the centreline out: the line midway between the walls is taken then"
        )
    ends = shapely.distance(shapely.points(vertices(domain.centreline)[[0, -1]]), domain.gate)
    if ends[0] > ends[1]:
        yield "its centreline runs up-glacier; reverse it"
    if domain.flowlines is not None:
        beyond = shapely.length(shapely.difference(domain.flowlines, _with_islands(domain)))
        if beyond > _OUTSIDE_SHARE * domain.flowlines.length:
            yield f"its flowlines leave the fjord over {beyond:.0f} m; lay them anew"


def _width(domain: GlacierDomain) -> Iterator[str]:
    if not (np.isfinite(domain.reference_width) and domain.reference_width > 0):
        yield "its reference width is not positive; give the width of the fjord in metres"
        return
    mean = max(domain.fjord.area / max(domain.centreline.length, 1.0), 1e-9)
    if not 1 / 3 < domain.reference_width / mean < 3:
        yield (
            f"its reference width is {domain.reference_width:.0f} m, yet its fjord is "
            f"{mean:.0f} m wide on average; check the unit and the walls"
        )


def _version(domain: GlacierDomain) -> Iterator[str]:
    if len(domain.geometry_version) == 8 and domain.geometry_version != domain_version(domain):
        yield (
            f"its geometry is not that of version {domain.geometry_version}; it was altered "
            "without a new version: use termini.geometry.frozen"
        )


_CHECKS: list[Callable[[GlacierDomain], Iterator[str]]] = [
    _simple,
    _outline,
    _lines,
    _width,
    _version,
]


def _with_fronts(domain: GlacierDomain, fronts: gpd.GeoDataFrame) -> Iterator[str]:
    mine = fronts[fronts["glacier_id"] == domain.glacier_id]
    mine = mine[mine.geometry.notna() & ~mine.geometry.is_empty & ~is_rejected(mine["quality"])]
    if len(mine) == 0:
        yield "it has no usable trace; give its traces or leave it out"
        return
    if fronts.crs is not None and crs_text(fronts) != domain.crs:
        mine = mine.to_crs(domain.crs)
    lines = mine.geometry.to_numpy()
    try:
        check_coordinates(domain.glacier_id, "traces", lines, domain.crs, near=domain.fjord)
    except DomainError as error:
        yield str(error).split(": ", 1)[1]
        return
    away = ~shapely.intersects(lines, domain.fjord)
    if away.any():
        first = mine["trace_id"].to_numpy()[away][0]
        yield (
            f"{away.sum()} of its {len(mine)} traces (as {first}) do not enter its fjord; flag "
            "them, or make the domain anew with them"
        )
    gate = shapely.intersects(lines, domain.gate)
    if gate.any():
        first = mine["trace_id"].to_numpy()[gate][0]
        yield (
            f"{gate.sum()} of its {len(mine)} traces (as {first}) cross its gate; make the domain "
            "anew with them, so that the gate lies up-glacier of all"
        )
    within = shapely.length(shapely.intersection(lines, _with_islands(domain)))
    share = 1 - float(within.sum() / shapely.length(lines).sum())
    # the fronts of a branch are those of the whole glacier
    if share > _WALLS_SHARE and not domain.branch_of:
        yield (
            f"{share:.0%} of the length of its traces lies outside its walls; draw the domain and "
            "see whether the walls are too narrow"
        )
    crossed = shapely.intersects(lines, LineString(domain.centreline))
    if crossed.mean() < 0.5:
        yield (
            f"only {crossed.mean():.0%} of its traces cross its centreline; draw the domain and "
            "see whether the centreline runs through the middle of the fronts"
        )
