"""First page of the report: a map of glaciers, and the series of the one clicked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from bokeh.layouts import column, row
from bokeh.models import (
    Band,
    ColumnDataSource,
    CustomJS,
    Div,
    HoverTool,
    Select,
    TapTool,
    Whisker,
)
from bokeh.plotting import figure

from termini.geo import ARCTIC, LONLAT, transformer
from termini.report.colours import INK, WATER, type_colour, type_name
from termini.report.data import ReportData
from termini.variables import is_rejected

_SHOW_GLACIER = """
const ids = glaciers.data.glacier_id;
const i = cb_obj.value !== undefined ? ids.indexOf(cb_obj.value) : glaciers.selected.indices[0];
if (i === undefined || i < 0) { return; }
if (select.value !== ids[i]) { select.value = ids[i]; }
glaciers.selected.indices = [i];
const s = all.data;
series.data = {time: all.tags[0], change: s.change[i], low: s.low[i], high: s.high[i],
               slow: s.slow[i]};
const o = points.data;
const from = o.start[i], to = o.start[i] + o.count[i], p = points.tags;
observations.data = {time: p[0].slice(from, to), change: p[1].slice(from, to),
                     low: p[2].slice(from, to), high: p[3].slice(from, to),
                     label: p[4].slice(from, to)};
title.text = glaciers.data.summary[i];
"""


def map_page(data: ReportData) -> Any:
    """Map coloured by type beside the series of one glacier.

    Parameters
    ----------
    data : ReportData
        A release.

    Returns
    -------
    bokeh layout
        The page.
    """
    glaciers = ColumnDataSource(_glacier_columns(data))
    all_series, points = _series_source(data), _point_source(data)
    start = int(np.argmax(np.abs(data.glaciers["total_change"].fillna(0.0))))
    series = ColumnDataSource(
        {
            "time": all_series.tags[0],
            **{k: all_series.data[k][start] for k in ("change", "low", "high", "slow")},
        }
    )
    observations = ColumnDataSource(_points_of(points, start))
    title = Div(text=glaciers.data["summary"][start], styles={"font-size": "15px"}, width=640)
    ids = list(glaciers.data["glacier_id"])
    names = [
        (i, f"{name} ({i})" if name else i)
        for i, name in zip(ids, data.glaciers["name"], strict=True)
    ]
    select = Select(title="Glacier", value=ids[start], options=names, width=320)
    arguments = {
        "glaciers": glaciers,
        "all": all_series,
        "points": points,
        "series": series,
        "observations": observations,
        "title": title,
        "select": select,
    }
    show = CustomJS(args=arguments, code=_SHOW_GLACIER)
    select.js_on_change("value", show)
    glaciers.selected.indices = [start]
    glaciers.selected.js_on_change("indices", show)
    left = column(_map(glaciers, data), width=480)
    right = column(select, title, _series_plot(series, observations), width=760)
    return row(left, right)


def _glacier_columns(data: ReportData) -> dict[str, list[Any]]:
    table = data.glaciers
    labels = _labels(data, "interannual")
    return {
        "glacier_id": table["glacier_id"].tolist(),
        "name": table["name"].tolist(),
        "x": table["x"].round(-2).tolist(),
        "y": table["y"].round(-2).tolist(),
        "colour": [type_colour(t) for t in table["interannual_type"]],
        "type": [type_name(t, labels.get(t, "")) for t in table["interannual_type"]],
        "summary": [_summary(line, labels) for _, line in table.iterrows()],
    }


def _labels(data: ReportData, scale: str) -> dict[int, str]:
    """Words for each type, where the release has them."""
    if data.types is None or f"{scale}_label" not in data.types:
        return {}
    numbers = data.types[f"{scale}_cluster"].to_numpy().astype(int)
    words = data.types[f"{scale}_label"].to_numpy().astype(str)
    return dict(zip(numbers.tolist(), words.tolist(), strict=True))


def _summary(line: pd.Series, labels: dict[int, str]) -> str:
    """One glacier in a few lines of HTML."""
    parts = [f"<b>{line['name'] or line['glacier_id']}</b> ({line['glacier_id']})"]
    parts.append(f"{line['usable']} of {line['traces']} traces usable")
    if np.isfinite(line["total_change"]):
        parts.append(f"total change {line['total_change']:+,.0f} m")
    if np.isfinite(line["trend"]):
        parts.append(f"trend {line['trend']:+,.0f} ± {line['trend_se']:,.0f} m/yr")
    if np.isfinite(line["seasonal_amplitude"]):
        amplitude, error = line["seasonal_amplitude"], line["seasonal_amplitude_se"]
        parts.append(f"seasonal range {amplitude:,.0f} ± {error:,.0f} m")
    kind = int(line["interannual_type"])
    parts.append(f"type {type_name(kind, labels.get(kind, ''))}")
    return "<br>".join([parts[0], " · ".join(parts[1:])])


def _series_source(data: ReportData) -> ColumnDataSource:
    """Monthly series of all glaciers, a list a glacier; the time axis is a tag."""
    change = data.series["length_change"].to_numpy()
    error = data.series["length_change_se"].to_numpy()
    slow = data.series["length_interannual"].to_numpy()
    source = ColumnDataSource(
        {
            "change": _lists(change),
            "low": _lists(change - 1.96 * error),
            "high": _lists(change + 1.96 * error),
            "slow": _lists(slow),
        }
    )
    source.tags = [_milliseconds(data.series["time"].to_numpy())]
    return source


def _point_source(data: ReportData) -> ColumnDataSource:
    """Observations of all glaciers in one list, and where each glacier's begin."""
    table = data.observations
    keep = (table["measure"] == "length_area") & ~is_rejected(table["quality"])
    traces = data.fronts.set_index("trace_id")
    table = table[keep & table["length_change"].notna()].sort_values(["glacier_id", "date"])
    sensor = traces["sensor"].reindex(table["trace_id"]).fillna("").to_numpy()
    count = table.groupby("glacier_id").size().reindex(data.glaciers["glacier_id"]).fillna(0)
    order = table.groupby("glacier_id").ngroup().to_numpy()
    starts = np.concatenate([[0], np.cumsum(np.bincount(order, minlength=1))])
    first = dict(zip(sorted(set(table["glacier_id"])), starts.tolist(), strict=False))
    source = ColumnDataSource(
        {
            "start": [int(first.get(i, 0)) for i in data.glaciers["glacier_id"]],
            "count": count.astype(int).tolist(),
        }
    )
    value, error = table["length_change"].to_numpy(), table["length_change_se"].to_numpy()
    dates = pd.DatetimeIndex(table["date"]).strftime("%Y-%m-%d")
    source.tags = [
        _milliseconds(table["date"].to_numpy()),
        np.round(value, 1).tolist(),
        np.round(value - error, 1).tolist(),
        np.round(value + error, 1).tolist(),
        [f"{d} {s}" for d, s in zip(dates, sensor, strict=True)],
    ]
    return source


def _points_of(points: ColumnDataSource, i: int) -> dict[str, list[Any]]:
    start = points.data["start"][i]
    part = slice(start, start + points.data["count"][i])
    names = ("time", "change", "low", "high", "label")
    return {name: tag[part] for name, tag in zip(names, points.tags, strict=True)}


def _lists(values: np.ndarray) -> list[list[float]]:
    return [np.round(line, 1).tolist() for line in values]


def _milliseconds(times: np.ndarray) -> list[int]:
    return [int(t) for t in times.astype("datetime64[ms]").astype("int64")]


def _map(glaciers: ColumnDataSource, data: ReportData) -> Any:
    plot = figure(
        width=480,
        height=620,
        match_aspect=True,
        title="Click a glacier (polar stereographic, km)",
        tools="pan,wheel_zoom,reset,save",
        active_scroll="wheel_zoom",
        background_fill_color=WATER,
    )
    for xs, ys, text in _graticule(data):
        plot.line(xs, ys, color="white", line_width=1)
        plot.text([xs[0]], [ys[0]], text=[text], text_font_size="8pt", text_color="#6b7f8f")
    dots = plot.scatter(
        "x",
        "y",
        source=glaciers,
        size=11,
        color="colour",
        line_color="white",
        legend_group="type",
        selection_line_color=INK,
        selection_line_width=3,
        nonselection_fill_alpha=0.85,
        nonselection_line_color="white",
    )
    plot.add_tools(
        HoverTool(renderers=[dots], tooltips=[("", "@name (@glacier_id)"), ("type", "@type")]),
        TapTool(renderers=[dots]),
    )
    plot.legend.label_text_font_size = "8pt"
    plot.legend.background_fill_alpha = 0.8
    _kilometres(plot)
    return plot


def _kilometres(plot: Any) -> None:
    from bokeh.models import CustomJSTickFormatter

    for axis in (plot.xaxis[0], plot.yaxis[0]):
        axis.formatter = CustomJSTickFormatter(code="return (tick / 1000).toFixed(0)")
    plot.grid.visible = False


def _graticule(data: ReportData) -> list[tuple[list[float], list[float], str]]:
    """Meridians and parallels that cross the region, in EPSG:3413."""
    move = transformer(LONLAT, ARCTIC)
    lon, lat = data.series["longitude"].to_numpy(), data.series["latitude"].to_numpy()
    south, north = np.floor(lat.min()) - 1, np.ceil(lat.max()) + 1
    west, east = np.floor(lon.min()) - 3, np.ceil(lon.max()) + 3
    step = 5.0 if north - south > 8 else 1.0
    lines = []
    for parallel in np.arange(np.ceil(south / step) * step, north + 0.1, step):
        xs, ys = move.transform(np.linspace(west, east, 60), np.full(60, parallel))
        lines.append((xs.tolist(), ys.tolist(), f"{parallel:.0f}°N"))
    wide = 10.0 if east - west > 25 else 5.0 if east - west > 8 else 1.0
    for meridian in np.arange(np.ceil(west / wide) * wide, east + 0.1, wide):
        xs, ys = move.transform(np.full(60, meridian), np.linspace(south, north, 60))
        lines.append(
            (xs.tolist(), ys.tolist(), f"{abs(meridian):.0f}°{'W' if meridian < 0 else 'E'}")
        )
    return lines


def _series_plot(series: ColumnDataSource, observations: ColumnDataSource) -> Any:
    plot = figure(
        width=760,
        height=460,
        x_axis_type="datetime",
        title="Length change, advance positive (m)",
        tools="pan,wheel_zoom,box_zoom,reset,save",
    )
    plot.add_layout(
        Band(
            base="time",
            lower="low",
            upper="high",
            source=series,
            fill_color="#0072B2",
            fill_alpha=0.15,
        )
    )
    plot.line("time", "change", source=series, color="#0072B2", legend_label="monthly, 95 %")
    plot.line("time", "slow", source=series, color=INK, line_width=2, legend_label="inter-annual")
    plot.add_layout(
        Whisker(base="time", lower="low", upper="high", source=observations, line_color="#D55E00")
    )
    dots = plot.scatter(
        "time", "change", source=observations, size=5, color="#D55E00", legend_label="observed, 1σ"
    )
    plot.add_tools(
        HoverTool(renderers=[dots], tooltips=[("", "@label"), ("length change", "@change m")])
    )
    plot.legend.location = "bottom_left"
    plot.legend.background_fill_alpha = 0.7
    return plot
