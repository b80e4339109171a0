"""Matplotlib figures of one glacier with its traces and series."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from termini.domain import GlacierDomain
from termini.errors import MissingExtraError
from termini.files import written_whole
from termini.fronttable import crs_text
from termini.report.colours import INK, MONTHLY, TRACE, WATER
from termini.report.data import reference_words
from termini.times import decimal_year
from termini.variables import is_rejected

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def new_figure(**options: Any) -> Figure:
    """Empty figure that needs no display.

    Parameters
    ----------
    **options
        Of `matplotlib.figure.Figure`.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure as New
    except ImportError as error:
        raise MissingExtraError("report", "a figure") from error
    figure = New(**{"layout": "constrained", **options})
    engine = figure.get_layout_engine()
    if engine is not None and "layout" not in options:
        engine.set(w_pad=0.08, h_pad=0.08)  # type: ignore[call-arg]
    return figure


def save_figure(figure: Figure, path: str | Path) -> Path:
    """Write a figure whole, without the time of writing in it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    path : path
        PNG or PDF file.

    Returns
    -------
    pathlib.Path
        The path.
    """
    with written_whole(path) as temporary:
        figure.savefig(temporary, dpi=150, metadata={"Software": None})
    return Path(path)


def glacier_figure(
    domain: GlacierDomain,
    fronts: gpd.GeoDataFrame,
    observations: pd.DataFrame,
    series: xr.Dataset | None = None,
) -> Figure:
    """One glacier: its domain with all traces, and its length change.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    fronts : GeoDataFrame
        Front table; traces of other glaciers are ignored, rejected ones are grey.
    observations : DataFrame
        One row per trace and measure; those of rejected traces are left out.
    series : xarray.Dataset, optional
        Monthly series; nothing is drawn if the glacier is not in it.

    Returns
    -------
    matplotlib.figure.Figure
        Map on the left, series on the right.
    """
    figure = new_figure(figsize=(13, 5.5))
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.5])
    mine = fronts[fronts["glacier_id"] == domain.glacier_id]
    if crs_text(fronts) != domain.crs:
        mine = mine.to_crs(domain.crs)
    _draw_domain(left, domain)
    drawn = draw_traces(left, mine)
    if drawn is not None:
        figure.colorbar(drawn, ax=left, label="year", shrink=0.8)
    _frame_domain(left, domain)
    name = f"{domain.name} ({domain.glacier_id})" if domain.name else domain.glacier_id
    usable = int((~is_rejected(mine["quality"])).sum())
    left.set_title(f"{name}\n{usable} usable and {len(mine) - usable} rejected traces", fontsize=10)
    _draw_series(right, domain.glacier_id, observations, series)
    right.set_title(_series_title(domain.glacier_id, series), fontsize=10)
    return figure


def _draw_domain(axes: Any, domain: GlacierDomain) -> None:
    for polygon in shapely.get_parts(domain.fjord):
        x, y = np.array(polygon.exterior.coords)[:, :2].T / 1e3
        axes.fill(x, y, color=WATER)
    for line, colour, label in [
        (domain.left_wall, "#8a6d3b", "left wall"),
        (domain.right_wall, "#c49a6c", "right wall"),
        (domain.gate, INK, "gate"),
        (domain.centreline, INK, "centreline, flow"),
    ]:
        x, y = np.array(line.coords)[:, :2].T / 1e3
        style = ":" if line is domain.centreline else "-"
        axes.plot(x, y, style, color=colour, label=label, linewidth=1.2)
    # an arrow tells down-glacier
    end = np.array(domain.centreline.coords)[-2:, :2] / 1e3
    axes.annotate("", xy=end[1], xytext=end[0], arrowprops={"arrowstyle": "->", "color": INK})
    axes.set_aspect("equal")
    axes.set_xlabel(f"x (km, {domain.crs})")
    axes.set_ylabel("y (km)")
    axes.ticklabel_format(useOffset=False)
    axes.locator_params(nbins=5)


def _frame_domain(axes: Any, domain: GlacierDomain) -> None:
    """A square about the fjord, however far off a rejected trace lies."""
    x0, y0, x1, y1 = np.array(domain.fjord.bounds) / 1e3
    half = 0.55 * max(x1 - x0, y1 - y0)
    axes.set_xlim((x0 + x1) / 2 - half, (x0 + x1) / 2 + half)
    axes.set_ylim((y0 + y1) / 2 - half, (y0 + y1) / 2 + half)
    axes.legend(fontsize=7, loc="best")


def draw_traces(axes: Any, traces: gpd.GeoDataFrame | None, *, width: float = 1.0) -> Any:
    """Draw traces, the usable ones coloured by year, rejected ones dashed grey.

    Parameters
    ----------
    axes : matplotlib Axes
        In km of the map.
    traces : GeoDataFrame or None
        Front table of one glacier.
    width : float
        Width of a line, points.

    Returns
    -------
    LineCollection or None
        What a colour bar needs; None where no usable trace is drawn.
    """
    from matplotlib.collections import LineCollection

    if traces is None or len(traces) == 0:
        return None
    rejected = is_rejected(traces["quality"])
    lines, _ = _pieces(traces[rejected])
    if lines:
        style: dict[str, Any] = {"colors": "0.55", "linewidths": 0.7 * width, "linestyles": "--"}
        axes.add_collection(LineCollection(lines, label="rejected trace", **style))
    lines, years = _pieces(traces[~rejected])
    if not lines:
        return None
    drawn = LineCollection(lines, array=years, cmap="viridis", linewidths=width)
    axes.add_collection(drawn)
    return drawn


def _pieces(traces: gpd.GeoDataFrame) -> tuple[list[np.ndarray], np.ndarray]:
    """Vertices in km of every piece of every trace, and its year (NaN for no date)."""
    lines, years = [], []
    for geometry, date in zip(traces.geometry, traces["date"], strict=True):
        for part in shapely.get_parts(geometry):
            if part is not None and part.geom_type == "LineString" and not part.is_empty:
                lines.append(shapely.get_coordinates(part) / 1e3)
                years.append(decimal_year([date])[0] if pd.notna(date) else np.nan)
    return lines, np.array(years)


def _series_title(glacier_id: str, series: xr.Dataset | None) -> str:
    ids = [] if series is None else series["glacier_id"].to_numpy().astype(str).tolist()
    day, error = "", ""
    if series is not None and glacier_id in ids:
        day, error = reference_words(series, ids.index(glacier_id))
    title = f"Length change since {day or 'the reference date'}"
    return f"{title}\nbars and band leave out {error}" if error else title


_MEASURES = [
    ("length_area", TRACE, "o", "trace (area change over width), ± 1 standard error"),
    ("centreline", "#777777", "x", "trace along the centreline"),
]


def _draw_series(
    axes: Any, glacier_id: str, observations: pd.DataFrame, series: xr.Dataset | None
) -> None:
    axes.axhline(0, color="0.7", linewidth=0.5)
    _draw_monthly(axes, glacier_id, series)
    usable = observations[~is_rejected(observations["quality"])]
    for measure, colour, marker, label in _MEASURES:
        mine = usable[(usable["glacier_id"] == glacier_id) & (usable["measure"] == measure)]
        if len(mine):
            axes.errorbar(
                mine["date"].to_numpy(),
                mine["length_change"].to_numpy(),
                mine["length_change_se"].to_numpy() if marker == "o" else None,
                fmt=marker,
                color=colour,
                markersize=3.5,
                linewidth=0.7,
                label=label,
                zorder=3 if marker == "o" else 2.5,
            )
    axes.set_ylabel("length change (m), advance positive")
    axes.margins(x=0.02)
    if axes.get_legend_handles_labels()[1]:
        # few enough labels that those of months do not run into each other
        from matplotlib.dates import AutoDateLocator

        axes.xaxis.set_major_locator(AutoDateLocator(maxticks=8))  # type: ignore[no-untyped-call]
        axes.legend(
            fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.07), ncols=3, frameon=False
        )
    else:
        axes.text(0.5, 0.5, "no usable trace", ha="center", transform=axes.transAxes)


def _draw_monthly(axes: Any, glacier_id: str, series: xr.Dataset | None) -> None:
    """Monthly series with its band; dots where the month holds a trace."""
    ids = [] if series is None else series["glacier_id"].to_numpy().astype(str).tolist()
    if series is None or glacier_id not in ids:
        return
    one = series.isel(glacier=ids.index(glacier_id))
    time, value = one["time"].to_numpy(), one["length_change"].to_numpy()
    if not np.isfinite(value).any():
        return
    error = 1.96 * one["length_change_se"].to_numpy()
    axes.fill_between(time, value - error, value + error, alpha=0.2, color=MONTHLY, linewidth=0)
    axes.plot(time, value, color=MONTHLY, linewidth=0.9, label="monthly, with 95 % band")
    if "observed" in one:
        seen = one["observed"].to_numpy().astype(bool)
        style = {"markersize": 2.5, "markerfacecolor": "white", "color": MONTHLY}
        axes.plot(time[seen], value[seen], "o", label="month with a trace", **style)
    if "length_interannual" in one:
        slow = one["length_interannual"].to_numpy()
        axes.plot(time, slow, color=INK, linewidth=1.2, label="inter-annual part")


def write_glacier_figures(
    folder: str | Path,
    glaciers: Mapping[str, GlacierDomain],
    fronts: gpd.GeoDataFrame,
    observations: pd.DataFrame,
    series: xr.Dataset | None = None,
) -> list[Path]:
    """Figure of each of some glaciers, named by its id.

    Parameters
    ----------
    folder : path
        Where to.
    glaciers : mapping
        Glacier id to domain.
    fronts, observations, series
        As for `glacier_figure`.

    Returns
    -------
    list of pathlib.Path
        The PNG files.
    """
    return [
        save_figure(
            glacier_figure(domain, fronts, observations, series),
            Path(folder) / f"{glacier_id.replace(':', '_')}.png",
        )
        for glacier_id, domain in glaciers.items()
    ]
