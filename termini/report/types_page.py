"""Second page of the report: the centres of the types, their members and how sure they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from bokeh.layouts import column, row
from bokeh.models import Div
from bokeh.plotting import figure

from termini.report.colours import INK, type_colour, type_name
from termini.report.data import ReportData

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def types_page(data: ReportData) -> Any:
    """Centres with members and spread at both scales, and the choice of their number.

    Parameters
    ----------
    data : ReportData
        A release.

    Returns
    -------
    bokeh layout
        The page; a sentence if the release has no types.
    """
    if data.types is None:
        return Div(text="This release holds no glacier types.")
    parts = []
    for scale, words in [("interannual", "Inter-annual"), ("seasonal", "Seasonal")]:
        parts.append(Div(text=f"<h3>{words} types</h3>{_counts(data.types, scale)}"))
        parts.append(row(_centres(data, scale), _choice(data.types, scale)))
    return column(*parts)


def _counts(types: xr.Dataset, scale: str) -> str:
    label = types[f"{scale}_type"].to_numpy().astype(int)
    words = _words(types, scale)
    lines = []
    for number in np.unique(label):
        mine = label == number
        inside = types[f"{scale}_silhouette"].to_numpy()[mine]
        text = f"{type_name(int(number), words.get(int(number), ''))}: {mine.sum()} glaciers"
        if np.isfinite(inside).any():
            text += f", median silhouette {np.nanmedian(inside):.2f}"
        colour = type_colour(int(number))
        lines.append(f"<li><span style='color:{colour}'>&#9632;</span> {text}</li>")
    return f"<ul>{''.join(lines)}</ul>"


def _words(types: xr.Dataset, scale: str) -> dict[int, str]:
    if f"{scale}_label" not in types:
        return {}
    numbers = types[f"{scale}_cluster"].to_numpy().astype(int).tolist()
    return dict(zip(numbers, types[f"{scale}_label"].to_numpy().astype(str), strict=True))


def _centres(data: ReportData, scale: str) -> Any:
    types = data.types
    assert types is not None
    seasonal = scale == "seasonal"
    plot = figure(
        width=680,
        height=360,
        title="Centres (bold) and members, metres",
        x_axis_type="linear" if seasonal else "datetime",
        tools="pan,wheel_zoom,reset,save",
    )
    label = types[f"{scale}_type"].to_numpy().astype(int)
    name = "seasonal_cycle" if seasonal else "length_interannual"
    members = data.series[name].to_numpy()
    x = np.arange(1, 13) if seasonal else data.series["time"].to_numpy()
    for line, number in zip(members, label, strict=True):
        if number >= 0 and np.isfinite(line).any():
            zero = 0.0 if seasonal else line[np.isfinite(line)][0]
            plot.line(x, np.round(line - zero, 1), color=type_colour(int(number)), alpha=0.3)
    centres = types[f"{scale}_centre"]
    axis = np.arange(1, 13) if seasonal else centres[centres.dims[1]].to_numpy()
    words = _words(types, scale)
    for number, line in zip(
        types[f"{scale}_cluster"].to_numpy().astype(int), centres.to_numpy(), strict=True
    ):
        if np.isfinite(line).any():
            plot.line(
                axis,
                np.round(line, 1),
                color=type_colour(int(number)),
                line_width=4,
                legend_label=type_name(int(number), words.get(int(number), "")),
            )
    if seasonal:
        plot.xaxis.ticker = list(range(1, 13))
        plot.xaxis.major_label_overrides = dict(enumerate(_MONTHS, start=1))
    if plot.legend:
        plot.legend.location = "bottom_left"
        plot.legend.background_fill_alpha = 0.7
        plot.legend.label_text_font_size = "8pt"
    return plot


def _choice(types: xr.Dataset, scale: str) -> Any:
    """Silhouette, null and stability against the number of types."""
    k = types[f"{scale}_k"].to_numpy().astype(int)
    plot = figure(
        width=420,
        height=360,
        title="Choice of the number of types",
        tools="save",
        y_range=(-0.3, 1.05),
    )
    for ending, colour, words, dash in [
        ("k_silhouette", "#0072B2", "silhouette", "solid"),
        ("k_null_upper", "#999999", "silhouette of noise, 95 %", "dashed"),
        ("k_stability", "#009E73", "stability (ARI)", "solid"),
    ]:
        name = f"{scale}_{ending}"
        if name in types and len(k):
            values = types[name].to_numpy()
            plot.line(k, values, color=colour, legend_label=words, line_dash=dash, line_width=2)
            plot.scatter(k, values, color=colour, size=6)
    plot.xaxis.axis_label = "number of types"
    plot.xaxis.ticker = k.tolist() or [2]
    plot.axis.axis_label_text_color = INK
    if plot.legend:
        plot.legend.location = "bottom_right"
        plot.legend.label_text_font_size = "8pt"
        plot.legend.background_fill_alpha = 0.7
    return plot
