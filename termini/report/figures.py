"""Matplotlib figures: one glacier with its traces and series, and a region's change."""

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
from termini.errors import InputError, MissingExtraError
from termini.files import written_whole
from termini.fronttable import crs_text
from termini.report.colours import INK, WATER, type_colour, type_name
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
    return New(**{"layout": "constrained", **options})


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
        One row per trace and measure.
    series : xarray.Dataset, optional
        Monthly series.

    Returns
    -------
    matplotlib.figure.Figure
        Map on the left, series on the right.
    """
    figure = new_figure(figsize=(12, 5))
    left, right = figure.subplots(1, 2)
    _draw_domain(left, domain)
    mine = fronts[fronts["glacier_id"] == domain.glacier_id]
    if crs_text(fronts) != domain.crs:
        mine = mine.to_crs(domain.crs)
    drawn = _draw_traces(left, mine)
    if drawn is not None:
        figure.colorbar(drawn, ax=left, label="year", shrink=0.8)
    left.set_title(f"{domain.name or domain.glacier_id} ({domain.glacier_id})")
    _draw_series(right, domain.glacier_id, observations, series)
    return figure


def _draw_domain(axes: Any, domain: GlacierDomain) -> None:
    for polygon in shapely.get_parts(domain.fjord):
        x, y = np.array(polygon.exterior.coords)[:, :2].T / 1e3
        axes.fill(x, y, color=WATER)
    for line, colour, label in [
        (domain.left_wall, "#8a6d3b", "left wall"),
        (domain.right_wall, "#c49a6c", "right wall"),
        (domain.gate, "#cc0000", "gate"),
        (domain.centreline, INK, "centreline"),
    ]:
        x, y = np.array(line.coords)[:, :2].T / 1e3
        style = ":" if label == "centreline" else "-"
        axes.plot(x, y, style, color=colour, label=label, linewidth=1.5)
    # an arrow tells down-glacier
    end = np.array(domain.centreline.coords)[-2:, :2] / 1e3
    axes.annotate("", xy=end[1], xytext=end[0], arrowprops={"arrowstyle": "->", "color": INK})
    axes.set_aspect("equal")
    axes.set_xlabel("x (km)")
    axes.set_ylabel("y (km)")
    axes.legend(fontsize=7, loc="best")


def _draw_traces(axes: Any, traces: gpd.GeoDataFrame) -> Any:
    from matplotlib.collections import LineCollection

    usable = ~is_rejected(traces["quality"])
    groups = [(traces[~usable], 0.5), (traces[usable], 1.0)]
    drawn = None
    for group, width in groups:
        lines, years = [], []
        for row in group.itertuples():
            for part in shapely.get_parts(row.geometry):
                if part is not None and part.geom_type == "LineString":
                    lines.append(np.array(part.coords)[:, :2] / 1e3)
                    years.append(decimal_year([row.date])[0] if pd.notna(row.date) else np.nan)
        if not lines:
            continue
        if width < 1:
            axes.add_collection(LineCollection(lines, colors="0.6", linewidths=width))
        else:
            drawn = LineCollection(lines, array=np.array(years), cmap="viridis", linewidths=width)
            axes.add_collection(drawn)
    return drawn


def _draw_series(
    axes: Any, glacier_id: str, observations: pd.DataFrame, series: xr.Dataset | None
) -> None:
    for measure, marker in [("length_area", "o"), ("centreline", "x")]:
        mine = observations[
            (observations["glacier_id"] == glacier_id) & (observations["measure"] == measure)
        ]
        if len(mine):
            axes.errorbar(
                mine["date"].to_numpy(),
                mine["length_change"].to_numpy(),
                mine["length_change_se"].to_numpy() if marker == "o" else None,
                fmt=marker,
                markersize=3,
                linewidth=0.6,
                label=measure,
            )
    if series is not None:
        row = series["glacier_id"].to_numpy().astype(str).tolist().index(glacier_id)
        one = series.isel(glacier=row)
        time, value = one["time"].to_numpy(), one["length_change"].to_numpy()
        error = one["length_change_se"].to_numpy()
        axes.fill_between(time, value - 1.96 * error, value + 1.96 * error, alpha=0.2, color=INK)
        axes.plot(time, value, color=INK, linewidth=0.8, label="monthly, 95 %")
    axes.axhline(0, color="0.7", linewidth=0.5)
    axes.set_ylabel("length change (m), advance positive")
    axes.legend(fontsize=7)


def region_figure(
    series: xr.Dataset, change: pd.Series[float], title: str, types: xr.Dataset | None = None
) -> Figure:
    """Change of every glacier on a map, and the types' members.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series.
    change : pandas.Series
        Length change in metres by glacier id.
    title : str
        What the change is.
    types : xarray.Dataset, optional
        Glacier types.

    Returns
    -------
    matplotlib.figure.Figure
        Map on the left; on the right the inter-annual series, coloured by type.

    Raises
    ------
    InputError
        If no glacier has a change.
    """
    from termini.geo import ARCTIC, LONLAT, transformer

    ids = series["glacier_id"].to_numpy().astype(str)
    values = change.reindex(ids).to_numpy() / 1e3
    if not np.isfinite(values).any():
        raise InputError(f"{title}: no glacier has a value to draw")
    move = transformer(LONLAT, ARCTIC)
    x, y = move.transform(series["longitude"].to_numpy(), series["latitude"].to_numpy())
    figure = new_figure(figsize=(12, 7))
    left, right = figure.subplots(1, 2)
    limit = max(float(np.nanquantile(np.abs(values), 0.95)), 0.1)
    seen = np.isfinite(values)
    left.scatter(x[~seen] / 1e3, y[~seen] / 1e3, s=12, facecolors="none", edgecolors="0.5")
    dots = left.scatter(
        x[seen] / 1e3, y[seen] / 1e3, c=values[seen], cmap="RdBu", vmin=-limit, vmax=limit, s=30
    )
    figure.colorbar(dots, ax=left, label="km, advance positive", shrink=0.7)
    left.set_aspect("equal")
    left.set_title(title)
    left.set_xlabel("x (km, EPSG:3413)")
    left.set_ylabel("y (km)")
    labels = _labels(types, len(ids))
    for number in sorted(set(labels.tolist())):
        rows = series["length_interannual"].to_numpy()[labels == number] / 1e3
        for k, line in enumerate(rows):
            right.plot(
                series["time"].to_numpy(),
                line,
                color=type_colour(int(number)),
                linewidth=0.8,
                alpha=0.7,
                label=f"{type_name(int(number))} ({len(rows)})" if k == 0 else None,
            )
    right.set_title("inter-annual length change (km) by type")
    right.legend(fontsize=8)
    return figure


def _labels(types: xr.Dataset | None, n: int) -> np.ndarray:
    if types is None:
        return np.full(n, -1)
    return np.asarray(types["interannual_type"].to_numpy()).astype(int)


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
