"""Matplotlib figure of a region: the change of every glacier, and the types' members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from termini.errors import InputError
from termini.geo import ARCTIC, LONLAT, transformer
from termini.report.basemap import coast, frame, graticule
from termini.report.colours import (
    COAST,
    INK,
    LAND,
    MATPLOTLIB_MARKS,
    UNKNOWN,
    WATER,
    mark_size,
    type_colour,
    type_mark,
    type_name,
)
from termini.report.figures import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT = 4.6, 6.4  # of the map, inches


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
    ids = series["glacier_id"].to_numpy().astype(str)
    values = change.reindex(ids).to_numpy(dtype=np.float64) / 1e3
    if not np.isfinite(values).any():
        raise InputError(f"{title}: no glacier has a value to draw")
    figure = new_figure(figsize=(13, 7.4))
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.35])
    kinds, words = _types(types, ids)
    _draw_map(figure, left, series, values, kinds)
    left.set_title(title)
    _draw_types(right, series, kinds, words)
    return figure


def _draw_map(
    figure: Any, axes: Any, series: xr.Dataset, values: np.ndarray, kinds: np.ndarray
) -> None:
    """Marks of the types, coloured by the change; hollow for a glacier without."""
    move = transformer(LONLAT, ARCTIC)
    x, y = move.transform(series["longitude"].to_numpy(), series["latitude"].to_numpy())
    x, y = np.where(np.isfinite(x), x, np.nan), np.where(np.isfinite(y), y, np.nan)
    _draw_ground(axes, frame(x, y, _WIDTH, _HEIGHT))
    limit = max(float(np.nanquantile(np.abs(values), 0.95)), 0.1)
    seen, drawn = np.isfinite(values), None
    for kind in np.unique(kinds):
        mine = seen & (kinds == kind)
        if mine.any():
            drawn = axes.scatter(
                x[mine] / 1e3,
                y[mine] / 1e3,
                c=values[mine],
                s=mark_size(int(kind), 6.5) ** 2,
                marker=MATPLOTLIB_MARKS[type_mark(int(kind))],
                cmap="RdBu",
                vmin=-limit,
                vmax=limit,
                edgecolors=INK,
                linewidths=0.6,
                zorder=3,
            )
    if not seen.all():
        axes.scatter(
            x[~seen] / 1e3,
            y[~seen] / 1e3,
            s=20,
            facecolors="none",
            edgecolors="0.4",
            label="no value",
            zorder=2,
        )
        axes.legend(fontsize=8, loc="lower right")
    figure.colorbar(
        drawn, ax=axes, label="length change (km), advance positive", shrink=0.7, extend="both"
    )


def _draw_ground(axes: Any, extent: tuple[float, float, float, float]) -> None:
    """Rough coast, graticule and a scale."""
    rings = coast(extent)
    axes.set_facecolor(WATER if rings else UNKNOWN)
    for x, y in rings:
        axes.fill(x / 1e3, y / 1e3, facecolor=LAND, edgecolor=COAST, linewidth=0.8)
    for line in graticule(extent):
        axes.plot(line.x / 1e3, line.y / 1e3, color="#b4c3cf", linewidth=0.6, zorder=1)
        if line.label:
            at = (line.where[0] / 1e3, line.where[1] / 1e3)
            offset = {"xytext": (2, 2), "textcoords": "offset points"}
            axes.annotate(line.label, at, fontsize=7, color="#5d7080", **offset)
    axes.set_xlim(extent[0] / 1e3, extent[2] / 1e3)
    axes.set_ylim(extent[1] / 1e3, extent[3] / 1e3)
    axes.set_aspect("equal")
    axes.set_xlabel("x (km, EPSG:3413)")
    axes.set_ylabel("y (km); the coast is a rough outline" if rings else "y (km)")
    axes.ticklabel_format(useOffset=False)


def _draw_types(axes: Any, series: xr.Dataset, kinds: np.ndarray, words: dict[int, str]) -> None:
    from matplotlib.lines import Line2D

    lines = series["length_interannual"].transpose("glacier", "time").to_numpy() / 1e3
    # the largest type first, so that it hides none of the others
    sizes = {int(kind): int((kinds == kind).sum()) for kind in np.unique(kinds)}
    for kind in sorted(sizes, key=lambda k: (k >= 0, -sizes[k])):
        style = {"color": type_colour(kind), "linewidth": 0.9, "alpha": 0.8}
        for line in lines[kinds == kind]:
            axes.plot(series["time"].to_numpy(), line, **style)
    axes.axhline(0, color="0.7", linewidth=0.5, zorder=0)
    axes.set_title("Inter-annual length change, advance positive")
    axes.set_ylabel("km since the reference date")
    handles = [
        Line2D(
            [],
            [],
            color=type_colour(kind),
            marker=MATPLOTLIB_MARKS[type_mark(kind)],
            markersize=mark_size(kind, 6.5),
            markerfacecolor="white",
            markeredgecolor=INK,
            markeredgewidth=0.6,
            linewidth=2,
            label=f"{type_name(kind, words.get(kind, ''))} ({sizes[kind]})",
        )
        for kind in sorted(sizes)
    ]
    axes.legend(
        handles=handles,
        fontsize=8,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.06),
        ncols=2,
        frameon=False,
        title="inter-annual type (number of glaciers); its mark on the map",
        title_fontsize=8,
    )


def _types(types: xr.Dataset | None, ids: np.ndarray) -> tuple[np.ndarray, dict[int, str]]:
    """Type of each glacier of the series, and the types in words."""
    if types is None:
        return np.full(len(ids), -1), {}
    found = pd.Series(
        types["interannual_type"].to_numpy(), types["glacier_id"].to_numpy().astype(str)
    )
    kinds = found.reindex(ids).fillna(-1).to_numpy().astype(int)
    if "interannual_label" not in types:
        return kinds, {}
    numbers = types["interannual_cluster"].to_numpy().astype(int).tolist()
    return kinds, dict(zip(numbers, types["interannual_label"].to_numpy().astype(str), strict=True))
