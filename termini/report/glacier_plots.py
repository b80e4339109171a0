"""Plots of one glacier: its series, its fronts in plan, its mean seasonal cycle."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import (
    ColorBar,
    ColumnDataSource,
    HoverTool,
    Legend,
    LegendItem,
    LinearColorMapper,
    Range1d,
    Span,
)
from bokeh.palettes import Viridis256
from bokeh.plotting import figure

from termini.report.colours import COAST, INK, MONTHLY, TRACE, WATER
from termini.report.data import ReportData
from termini.report.style import kilometres, thousands

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_REJECTED = "#8c8c8c"
_TOOLS = "pan,wheel_zoom,box_zoom,reset,save"


def empty_sources() -> dict[str, ColumnDataSource]:
    """Sources that the browser fills with the glacier that was chosen.

    Returns
    -------
    dict of ColumnDataSource
        By the name under which the script knows them.
    """
    lines = ("xs", "ys", "year", "label")
    columns = {
        "series": ("time", "change", "low", "high", "slow", "seen", "se"),
        "seen": ("time", "change"),
        "trace": ("time", "change", "low", "high", "se", "sensor"),
        "chosen": ("x", "y"),
        "cycle": ("month", "cycle", "low", "high", "se"),
        **dict.fromkeys(("front", "rejected", "fjord", "centreline"), lines),
    }
    return {f"{k}_source": ColumnDataSource({c: [] for c in names}) for k, names in columns.items()}


def series_plot(sources: dict[str, ColumnDataSource]) -> Any:
    """Traces with their errors, the monthly series, its inter-annual part.

    Parameters
    ----------
    sources : dict of ColumnDataSource
        As `empty_sources` gives them.

    Returns
    -------
    bokeh figure
        The plot.
    """
    monthly, traces = sources["series_source"], sources["trace_source"]
    plot = figure(
        width=745,
        height=390,
        x_axis_type="datetime",
        title="Length change",
        y_axis_label="length change (m), advance positive",
        tools=_TOOLS,
        active_scroll=None,
    )
    plot.add_layout(Span(location=0, dimension="width", line_color="#bbbbbb"))
    band = plot.varea("time", "low", "high", source=monthly, fill_color=MONTHLY, fill_alpha=0.18)
    line = plot.line("time", "change", source=monthly, color=MONTHLY, line_width=1.2)
    slow = plot.line("time", "slow", source=monthly, color=INK, line_width=2)
    seen = plot.scatter(
        "time",
        "change",
        source=sources["seen_source"],
        size=4,
        fill_color="white",
        line_color=MONTHLY,
    )
    bars = plot.segment("time", "low", "time", "high", source=traces, color=TRACE, line_width=1)
    dots = plot.scatter("time", "change", source=traces, size=7, color=TRACE, line_color="white")
    any_month = plot.scatter("time", "change", source=monthly, size=8, alpha=0)
    # a trace and its month lie over each other: one says its say on either side
    plot.add_tools(
        HoverTool(
            renderers=[dots],
            attachment="right",
            tooltips=[
                ("trace", "@time{%F}, @sensor"),
                ("length change", "@change{+0,0} ± @se{0,0} m (1 standard error)"),
            ],
            formatters={"@time": "datetime"},
        ),
        HoverTool(
            renderers=[any_month],
            attachment="left",
            tooltips=[
                ("month", "@time{%Y-%m}: @seen"),
                ("length change", "@change{+0,0} ± @se{0,0} m"),
                ("inter-annual", "@slow{+0,0} m"),
            ],
            formatters={"@time": "datetime"},
        ),
    )
    items = [
        ("trace, ± 1 standard error", [dots, bars]),
        ("monthly, with 95 % band", [line, band]),
        ("month with a trace (others: modelled)", [seen]),
        ("inter-annual part", [slow]),
    ]
    _legend_below(plot, items)
    plot.yaxis.formatter = thousands()
    plot.toolbar.logo = None
    return plot


def plan_plot(sources: dict[str, ColumnDataSource], data: ReportData) -> Any:
    """Fronts of the glacier in plan, coloured by year.

    Parameters
    ----------
    sources : dict of ColumnDataSource
        As `empty_sources` gives them.
    data : ReportData
        A release; for the span of years.

    Returns
    -------
    bokeh figure
        The plot; its ranges are set by the browser.
    """
    plot = figure(
        frame_width=270,
        frame_height=270,
        title="Fronts by year; rejected ones grey, dashed",
        x_axis_label="x (km, EPSG:3413)",
        y_axis_label="y (km)",
        x_range=Range1d(0, 1),
        y_range=Range1d(0, 1),
        tools=_TOOLS,
        active_scroll=None,
    )
    mapper = LinearColorMapper(palette=Viridis256[:240], **_years(data))
    plot.patches(
        "xs",
        "ys",
        source=sources["fjord_source"],
        fill_color=WATER,
        line_color=COAST,
        line_width=1.5,
    )
    plot.multi_line("xs", "ys", source=sources["centreline_source"], color=INK, line_dash="dotted")
    rejected = plot.multi_line(
        "xs", "ys", source=sources["rejected_source"], color=_REJECTED, line_dash="dashed"
    )
    fronts = plot.multi_line(
        "xs",
        "ys",
        source=sources["front_source"],
        color={"field": "year", "transform": mapper},
        line_width=1.5,
    )
    plot.add_tools(HoverTool(renderers=[fronts, rejected], tooltips="@label"))
    plot.add_layout(ColorBar(color_mapper=mapper, width=10, padding=4, label_standoff=5), "right")
    for axis in (plot.xaxis[0], plot.yaxis[0]):
        axis.formatter = kilometres()
        axis.ticker.desired_num_ticks = 4
    plot.grid.visible = False
    plot.toolbar.logo = None
    return plot


def cycle_plot(source: ColumnDataSource) -> Any:
    """Mean seasonal cycle with its 95 % band.

    Parameters
    ----------
    source : ColumnDataSource
        Columns month, cycle, low, high, se.

    Returns
    -------
    bokeh figure
        The plot.
    """
    plot = figure(
        width=345,
        height=340,
        title="Mean seasonal cycle (m), with 95 % band",
        x_range=Range1d(0.5, 12.5),
        y_range=Range1d(-1, 1),
        tools="save",
    )
    plot.add_layout(Span(location=0, dimension="width", line_color="#bbbbbb"))
    plot.varea("month", "low", "high", source=source, fill_color=MONTHLY, fill_alpha=0.18)
    plot.line("month", "cycle", source=source, color=MONTHLY, line_width=2)
    dots = plot.scatter("month", "cycle", source=source, color=MONTHLY, size=6)
    plot.add_tools(
        HoverTool(renderers=[dots], tooltips=[("", "@cycle{+0,0} ± @se{0,0} m (1 standard error)")])
    )
    plot.xaxis.ticker = list(range(1, 13))
    plot.xaxis.major_label_overrides = dict(enumerate([m[0] for m in MONTHS], start=1))
    plot.toolbar.logo = None
    return plot


def _legend_below(plot: Any, items: list[tuple[str, list[Any]]]) -> None:
    legend = Legend(
        items=[LegendItem(label=label, renderers=drawn) for label, drawn in items],
        orientation="horizontal",
        label_text_font_size="9pt",
        location="top_left",
        border_line_color=None,
        padding=2,
        margin=2,
        spacing=6,
    )
    plot.add_layout(legend, "below")


def _years(data: ReportData) -> dict[str, float]:
    dates = data.fronts["date"].dropna()
    if dates.empty:
        return {"low": 0.0, "high": 1.0}
    first, last = float(dates.min().year), float(dates.max().year + 1)
    return {"low": first, "high": float(np.maximum(last, first + 1))}
