"""Figures of glacier domains with their traces, by which a person sees that they are right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.fronttable import crs_text
from termini.report.colours import INK, WATER
from termini.report.figures import draw_traces, new_figure, save_figure
from termini.variables import is_rejected

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Left and right wall, blue and orange: told apart by people with any colour vision.
LEFT, RIGHT = "#0072B2", "#D55E00"
_FLOW = "#7a93a8"
# Traces so far out that they would shrink the fjord to a dot are not framed.
_FRAME_SHARE = 0.98
_MANY = 12


def domain_figure(
    domain: GlacierDomain,
    fronts: gpd.GeoDataFrame | None = None,
    *,
    branches: Sequence[GlacierDomain] = (),
    drawn: BaseGeometry | None = None,
    problems: Sequence[str] = (),
) -> Figure:
    """One domain with its traces, large.

    Parameters
    ----------
    domain : GlacierDomain
        The domain.
    fronts : GeoDataFrame, optional
        Front table; traces of other glaciers are left out.
    branches : sequence of GlacierDomain
        Branches of the glacier: their walls are drawn dashed.
    drawn : shapely geometry, optional
        What the domain was made from, in its projection; drawn thin.
    problems : sequence of str
        What is wrong with it, written below.

    Returns
    -------
    matplotlib.figure.Figure
        Map with fjord, both walls, gate, centreline with arrows down-glacier,
        flowlines and traces coloured by year.
    """
    figure = new_figure(figsize=(9.5, 8.5))
    axes = figure.subplots()
    mine = _traces_of(domain, fronts)
    _draw(axes, domain, mine, drawn)
    for branch in branches:
        for wall in (branch.left_wall, branch.right_wall):
            _line(axes, wall, color=INK, linewidth=1.0, linestyle="--")
        at = shapely.get_coordinates(branch.centreline.interpolate(0.3, normalized=True))[0] / 1e3
        axes.annotate(branch.glacier_id, at, fontsize=8, ha="center", clip_on=True)
    colours = draw_traces(axes, mine, width=0.8)
    if colours is not None:
        figure.colorbar(colours, ax=axes, label="year of the trace", shrink=0.7)
    axes.set_title(_title(domain, mine), fontsize=10)
    axes.set_xlabel("\n".join([f"x (km, {domain.crs})", *problems]), wrap=True)
    axes.set_ylabel("y (km)")
    axes.legend(fontsize=8, loc="best", framealpha=0.9)
    return figure


def domain_sheet(
    domains: Mapping[str, GlacierDomain],
    fronts: gpd.GeoDataFrame | None = None,
    *,
    columns: int = 4,
) -> Figure:
    """Several domains with their traces, small, to be looked through.

    Parameters
    ----------
    domains : mapping
        Glacier id to domain; twelve to a sheet is about what an eye takes.
    fronts : GeoDataFrame, optional
        Front table.
    columns : int
        Panels side by side.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a domain.

    Raises
    ------
    InputError
        If there is no domain.
    """
    if not domains:
        raise InputError("there is no domain to draw; give a table of domains or glacier ids in it")
    columns = min(columns, len(domains))
    rows = math.ceil(len(domains) / columns)
    figure = new_figure(figsize=(4.2 * columns, 4.3 * rows))
    panels = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    for axes, domain in zip(panels, domains.values(), strict=False):
        mine = _traces_of(domain, fronts)
        _draw(axes, domain, mine, None)
        draw_traces(axes, mine, width=0.8)
        axes.set_title(_title(domain, mine, short=True), fontsize=8)
        axes.tick_params(labelsize=6)
    for axes in panels[len(domains) :]:
        axes.set_axis_off()
    return figure


def write_domain_figures(
    folder: str | Path,
    domains: Mapping[str, GlacierDomain],
    fronts: gpd.GeoDataFrame | None = None,
    *,
    per_sheet: int = 1,
    problems: Mapping[str, Sequence[str]] | None = None,
) -> list[Path]:
    """Figures of domains as PNG files.

    Parameters
    ----------
    folder : path
        Where to.
    domains : mapping
        Glacier id to domain.
    fronts : GeoDataFrame, optional
        Front table.
    per_sheet : int
        1 for a large figure of each, named by its id; else so many on a sheet.
    problems : mapping, optional
        Glacier id to what is wrong with its domain, for the large figures.

    Returns
    -------
    list of pathlib.Path
        The files.
    """
    out = Path(folder)
    if per_sheet <= 1:
        return [
            save_figure(
                domain_figure(
                    domain,
                    fronts,
                    branches=[d for d in domains.values() if d.branch_of == glacier_id],
                    problems=(problems or {}).get(glacier_id, ()),
                ),
                out / f"{glacier_id.replace(':', '_').replace('/', '_')}.png",
            )
            for glacier_id, domain in domains.items()
        ]
    ids = list(domains)
    return [
        save_figure(
            domain_sheet({i: domains[i] for i in ids[k : k + per_sheet]}, fronts),
            out / f"domains_{k // per_sheet + 1:03d}.png",
        )
        for k in range(0, len(ids), per_sheet)
    ]


def _traces_of(domain: GlacierDomain, fronts: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    if fronts is None:
        return None
    mine = fronts[fronts["glacier_id"] == domain.glacier_id]
    mine = mine[mine.geometry.notna() & ~mine.geometry.is_empty]
    return mine if crs_text(fronts) == domain.crs else mine.to_crs(domain.crs)


def _title(domain: GlacierDomain, traces: gpd.GeoDataFrame | None, *, short: bool = False) -> str:
    name = f"{domain.name} ({domain.glacier_id})" if domain.name else domain.glacier_id
    width = f"reference width {domain.reference_width / 1e3:.2f} km"
    if traces is None or len(traces) == 0:
        return f"{name}\n{width}, no traces"
    inside = shapely.length(shapely.intersection(traces.geometry.to_numpy(), domain.fjord)).sum()
    share = inside / max(float(traces.geometry.length.sum()), 1e-9)
    rejected = int(is_rejected(traces["quality"]).sum())
    if short:
        count = f"{len(traces)} traces, {share:.0%} inside"
        return f"{name}\n{domain.reference_width / 1e3:.2f} km wide, {count}"
    return (
        f"{name}\n{width}, {len(traces)} traces ({rejected} rejected), "
        f"{share:.0%} of their length in the fjord"
    )


def _draw(
    axes: Any,
    domain: GlacierDomain,
    traces: gpd.GeoDataFrame | None,
    drawn: BaseGeometry | None,
) -> None:
    for polygon in shapely.get_parts(domain.fjord):
        x, y = shapely.get_coordinates(polygon.exterior).T / 1e3
        axes.fill(x, y, color=WATER)
    if drawn is not None:
        _line(axes, drawn, color="0.5", linewidth=6, alpha=0.4, label="as it was drawn")
    if domain.flowlines is not None:
        lines = shapely.get_parts(domain.flowlines)
        thin = 0.6 if len(lines) < _MANY else 0.3
        for k, line in enumerate(lines):
            _line(axes, line, color=_FLOW, linewidth=thin, label=None if k else "flowlines")
    _line(axes, domain.left_wall, color=LEFT, linewidth=1.8, label="left wall")
    _line(axes, domain.right_wall, color=RIGHT, linewidth=1.8, label="right wall")
    _line(axes, domain.gate, color=INK, linewidth=2.5, label="upstream gate")
    _line(axes, domain.centreline, color=INK, linewidth=1.0, linestyle=":", label="centreline")
    for share in (0.25, 0.5, 0.75, 0.98):
        ends = [domain.centreline.interpolate(share + d, normalized=True) for d in (-0.015, 0.015)]
        one, two = shapely.get_coordinates(ends) / 1e3
        axes.annotate("", xy=two, xytext=one, arrowprops={"arrowstyle": "-|>", "color": INK})
    _frame(axes, domain, traces)


def _line(axes: Any, geometry: BaseGeometry, **style: Any) -> None:
    for k, part in enumerate(shapely.get_parts(geometry)):
        if part.geom_type == "Polygon":
            part = part.exterior
        if part.geom_type in ("LineString", "LinearRing"):
            x, y = shapely.get_coordinates(part).T / 1e3
            axes.plot(x, y, **{**style, "label": style.get("label") if k == 0 else None})


def _frame(axes: Any, domain: GlacierDomain, traces: gpd.GeoDataFrame | None) -> None:
    """A square about fjord and traces, without the few traces that lie far off."""
    boxes = np.array([domain.fjord.bounds])
    if traces is not None and len(traces):
        far = shapely.distance(traces.geometry.to_numpy(), domain.fjord)
        reach = math.sqrt(domain.fjord.area)
        kept = traces.geometry[(far <= np.quantile(far, _FRAME_SHARE)) & (far < reach)]
        boxes = np.vstack([boxes, kept.bounds.to_numpy()])
    low, high = boxes[:, :2].min(axis=0) / 1e3, boxes[:, 2:].max(axis=0) / 1e3
    half, middle = 0.53 * float((high - low).max()), (low + high) / 2
    axes.set_xlim(middle[0] - half, middle[0] + half)
    axes.set_ylim(middle[1] - half, middle[1] + half)
    axes.set_aspect("equal")
    axes.ticklabel_format(useOffset=False)
