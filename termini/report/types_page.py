"""Page of the types: their centres and members, the choice of their number, who is what."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from bokeh.layouts import column, row
from bokeh.models import ColumnDataSource, Div, HoverTool, Legend, LegendItem
from bokeh.plotting import figure

from termini.report.colours import INK, UNTYPED, type_colour, type_dash, type_name
from termini.report.data import SCALES, ReportData, natural_order
from termini.report.glacier_plots import MONTHS
from termini.report.style import PAGE_WIDTH, thousands
from termini.report.tables import data_table

_TITLES = {"interannual": "Inter-annual types", "seasonal": "Seasonal types"}
_ABOUT = {
    "interannual": "Length change since the first year of the window that most glaciers share "
    "(m, advance positive). A bold line is the centre of a type, a barycentre under dynamic time "
    "warping: it has the shape of its members, whose steps may come earlier or later.",
    "seasonal": "Mean seasonal cycle about its mean (m, advance positive). Type 0 holds the "
    "glaciers without a clear cycle; the others are ordered by the month of the most advanced "
    "front.",
}


def types_page(data: ReportData) -> Any:
    """Centres with members at both scales, the choice of their number, and the members.

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
        return Div(text="<p>This release holds no glacier types.</p>", width=PAGE_WIDTH)
    parts: list[Any] = []
    for scale in SCALES:
        about = f"<h3>{_TITLES[scale]}</h3>{_ABOUT[scale]} {_untyped(data, scale)}"
        parts.append(Div(text=about, width=PAGE_WIDTH))
        if (data.glaciers[f"{scale}_type"] >= 0).any():
            parts.append(row(_centres(data, data.types, scale), _choice(data.types, scale)))
    parts.append(
        Div(text="<h3>Type of each glacier</h3>Click a heading to sort.", width=PAGE_WIDTH)
    )
    parts.append(data_table(_members(data), _COLUMNS, height=620))
    return column(*parts)


def _untyped(data: ReportData, scale: str) -> str:
    """How many glaciers have no type and why."""
    none = data.glaciers[data.glaciers[f"{scale}_type"] < 0]
    if none.empty:
        return "Every glacier has a type."
    reasons = none[f"{scale}_reason"].replace("", "not stated").value_counts(sort=True)
    why = ", ".join(f"{reason}: {n}" for reason, n in reasons.items())
    return f"<b>Without a type: {len(none)} of {len(data.glaciers)} ({why}).</b>"


def _centres(data: ReportData, types: xr.Dataset, scale: str) -> Any:
    seasonal = scale == "seasonal"
    plot = figure(
        width=740,
        height=340 + 22 * types.sizes[f"{scale}_cluster"],
        title="Centres (bold) and members; click an entry below to hide a type",
        x_axis_type="linear" if seasonal else "datetime",
        y_axis_label="length (m)" if seasonal else "length change (m)",
        tools="pan,wheel_zoom,box_zoom,reset,save",
        active_scroll=None,
    )
    x, lines = _member_lines(data, types, scale)
    axis = np.arange(1, 13) if seasonal else types["time"].to_numpy()
    kinds = data.glaciers[f"{scale}_type"].to_numpy()
    inside = _per_glacier(data, f"{scale}_silhouette")
    items, thin = [], []
    centres = types[f"{scale}_centre"].to_numpy()
    for kind, centre in zip(types[f"{scale}_cluster"].to_numpy().tolist(), centres, strict=True):
        mine = np.flatnonzero(kinds == kind)
        style = {"color": type_colour(kind)}
        members = _lines_source(data, x, lines, mine)
        thin.append(plot.multi_line("xs", "ys", source=members, alpha=0.35, **style))
        drawn = [thin[-1]]
        if np.isfinite(centre).any():
            dash = type_dash(kind)
            drawn.append(plot.line(axis, centre.round(1), line_width=4, line_dash=dash, **style))
        members_text = "1 glacier" if len(mine) == 1 else f"{len(mine)} glaciers"
        text = f"{type_name(kind, data.words(scale).get(kind, ''))} ({members_text}"
        if len(mine) and np.isfinite(inside[mine]).any():
            text += f", median silhouette {np.nanmedian(inside[mine]):.2f}"
        items.append(LegendItem(label=f"{text})", renderers=drawn[::-1]))
    plot.add_tools(HoverTool(renderers=thin, tooltips="@name"))
    plot.add_layout(_legend(items), "below")
    plot.yaxis.formatter = thousands()
    if seasonal:
        plot.xaxis.ticker = list(range(1, 13))
        plot.xaxis.major_label_overrides = dict(enumerate(MONTHS, start=1))
    plot.toolbar.logo = None
    return plot


def _legend(items: list[LegendItem]) -> Legend:
    return Legend(
        items=items,
        click_policy="hide",
        location="top_left",
        border_line_color=None,
        label_text_font_size="9pt",
        padding=2,
        spacing=0,
    )


def _member_lines(data: ReportData, types: xr.Dataset, scale: str) -> tuple[np.ndarray, np.ndarray]:
    """The same zero for the members as for the centres."""
    if scale == "seasonal":
        cycle = data.series["seasonal_cycle"].transpose("glacier", "month").to_numpy()
        middle = [np.nanmean(c) if np.isfinite(c).any() else np.nan for c in cycle]
        return np.arange(1, 13), cycle - np.array(middle)[:, None]
    time = data.series["time"].to_numpy()
    lines = data.series["length_interannual"].transpose("glacier", "time").to_numpy()
    samples = types["time"].to_numpy()
    if len(samples) > 1:
        half = (samples[1] - samples[0]) / 2
        inside = (time >= samples[0] - half) & (time <= samples[-1] + half)
        time, lines = time[inside], lines[:, inside]
    moved = np.full(lines.shape, np.nan)
    for k, line in enumerate(lines):
        known = np.flatnonzero(np.isfinite(line))
        if len(known):
            year = known[known < 12] if (known < 12).any() else known[:1]
            moved[k] = line - line[year].mean()
    return time, moved


def _lines_source(
    data: ReportData, x: np.ndarray, lines: np.ndarray, rows: np.ndarray
) -> ColumnDataSource:
    table, seen = data.glaciers, [k for k in rows if np.isfinite(lines[k]).any()]
    known = [np.isfinite(lines[k]) for k in seen]
    return ColumnDataSource(
        {
            "xs": [x[k] for k in known],
            "ys": [lines[i][k].astype("float32") for i, k in zip(seen, known, strict=True)],
            "name": [
                f"{table['name'].iloc[k] or 'no name'} ({table['glacier_id'].iloc[k]})"
                for k in seen
            ],
        }
    )


def _choice(types: xr.Dataset, scale: str) -> Any:
    """Silhouette, null and stability against the number of types."""
    if not np.isfinite(types.get(f"{scale}_k_silhouette", np.nan)).any():
        return Div(text="<p>Too few glaciers to compare several numbers of types.</p>", width=410)
    k = types[f"{scale}_k"].to_numpy().astype(int)
    plot = figure(
        width=410,
        height=340,
        title="Choice of the number of types",
        x_axis_label="number of types tried",
        y_axis_label="silhouette, Rand index",
        tools="save",
    )
    items, lowest = [], 0.0
    for ending, colour, words, dash, mark in [
        ("k_silhouette", "#0072B2", "mean silhouette", "solid", "circle"),
        ("k_null_upper", "#777777", "silhouette of one population, 95 %", "dashed", "square"),
        ("k_cycle_upper", "#CC79A7", "of one population of cycles, 95 %", "dotted", "diamond"),
        (
            "k_stability",
            "#009E73",
            "stability of subsamples (adjusted Rand index)",
            "dotdash",
            "triangle",
        ),
    ]:
        name = f"{scale}_{ending}"
        if name not in types or not np.isfinite(types[name]).any():
            continue
        values = types[name].to_numpy()
        lowest = min(lowest, float(np.nanmin(values)) - 0.05)
        line = plot.line(k, values, color=colour, line_dash=dash, line_width=2)
        dots = plot.scatter(k, values, color=colour, size=7, marker=mark)
        items.append(LegendItem(label=words, renderers=[line, dots]))
    plot.y_range.start, plot.y_range.end = lowest, 1.05
    plot.xaxis.ticker = k.tolist() or [2]
    plot.axis.axis_label_text_color = INK
    plot.xaxis.minor_tick_line_color = UNTYPED
    plot.add_layout(_legend(items), "below")
    plot.toolbar.logo = None
    return plot


_COLUMNS = {
    "glacier_id": "glacier",
    "interannual": "inter-annual type",
    "interannual_silhouette": "silhouette",
    "interannual_stability": "stability",
    "seasonal": "seasonal type",
    "seasonal_silhouette": "silhouette",
    "seasonal_stability": "stability",
}


def _members(data: ReportData) -> pd.DataFrame:
    table = data.glaciers[["glacier_id", "name"]].copy()
    order = natural_order(table["glacier_id"])
    for scale in SCALES:
        words = data.words(scale)
        table[scale] = [
            type_name(kind, words.get(kind, "")) if kind >= 0 else f"none: {reason or 'not stated'}"
            for kind, reason in zip(
                data.glaciers[f"{scale}_type"], data.glaciers[f"{scale}_reason"], strict=True
            )
        ]
        for name in ("silhouette", "stability"):
            table[f"{scale}_{name}"] = _per_glacier(data, f"{scale}_{name}")
    return table.iloc[order]


def _per_glacier(data: ReportData, name: str) -> np.ndarray:
    """A variable of the types in the order of the glaciers."""
    if data.types is None or name not in data.types:
        return np.full(len(data.glaciers), np.nan)
    ids = data.types["glacier_id"].to_numpy().astype(str)
    found = pd.Series(data.types[name].to_numpy(), ids)
    return np.asarray(found.reindex(data.glaciers["glacier_id"]).to_numpy(), dtype=np.float64)
