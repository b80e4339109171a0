"""Pages of the traces and of the glaciers: how many, from where, and why some are rejected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from bokeh.layouts import column, row
from bokeh.models import ColumnDataSource, Div, HoverTool
from bokeh.plotting import figure

from termini.fronts import rejected_summary
from termini.report.colours import MONTHLY
from termini.report.data import SCALES, ReportData, natural_order
from termini.report.style import PAGE_WIDTH
from termini.report.tables import data_table
from termini.variables import flag_names, flag_table, is_rejected

_MOST_ROWS = 5000
_REJECTED = "#bbbbbb"


def glaciers_page(data: ReportData) -> Any:
    """All glaciers with their numbers.

    Parameters
    ----------
    data : ReportData
        A release.

    Returns
    -------
    bokeh layout
        The page.
    """
    titles = {
        "glacier_id": "glacier",
        "total_change": "change",
        "trend_se": "±",
        "seasonal_amplitude": "season",
        "seasonal_amplitude_se": "±",
        "seasonal_phase": "peak day",
        "interannual_type": "inter-annual",
        "seasonal_type": "seasonal",
    }
    left_out = ["x", "y", "interannual_reason", "seasonal_reason"]
    table = data.glaciers.drop(columns=left_out).iloc[natural_order(data.glaciers["glacier_id"])]
    for scale in SCALES:
        kind = table[f"{scale}_type"].astype(float)
        table[f"{scale}_type"] = kind.where(kind >= 0)
    text = (
        "<h3>Glaciers</h3>First and last: dates of the usable traces. Change (m, advance positive) "
        "is that of the monthly series from its first to its last month; trend in m a⁻¹; season is "
        "the range of the mean seasonal cycle in m, peak day the day of the year when the front "
        "is most advanced; breakpoint the year in which the trend changes most (none in less than "
        "ten years); the last columns are the types. ± is one standard error, – stands for none. "
        "Click a heading to sort."
    )
    return column(
        Div(text=text, width=PAGE_WIDTH),
        data_table(table, titles, height=700, formats={"breakpoint": "0.0"}),
    )


def traces_page(data: ReportData) -> Any:
    """How many traces were kept, and why the others were not.

    Parameters
    ----------
    data : ReportData
        A release.

    Returns
    -------
    bokeh layout
        The page.
    """
    fronts = data.fronts
    rejected = is_rejected(fronts["quality"])
    text = (
        f"<h3>Traces</h3>{len(fronts):,} traces, {data.usable:,} usable, "
        f"{int(rejected.sum()):,} rejected. Every trace stays in the front table, the rejected "
        "ones with their reason."
    )
    parts: list[Any] = [Div(text=text, width=PAGE_WIDTH)]
    if fronts["date"].notna().any():
        parts.append(row(_by_year(fronts["date"], rejected), _sources(fronts)))
    else:
        parts.append(_sources(fronts))
    parts += [Div(text="<h3>Rejected, by reason</h3>", width=PAGE_WIDTH), _reasons(fronts)]
    parts += [Div(text="<h3>Flags that do not reject</h3>", width=PAGE_WIDTH), _remarks(fronts)]
    if rejected.any():
        parts += _rejected_rows(fronts[rejected])
    return column(*parts)


def _by_year(dates: pd.Series[Any], rejected: np.ndarray) -> Any:
    """Usable and rejected traces of each year."""
    year = pd.to_datetime(dates).dt.year
    years = np.arange(int(year.min()), int(year.max()) + 1)
    counts = {
        name: year[which].value_counts().reindex(years).fillna(0).astype(int).tolist()
        for name, which in (("usable", ~rejected), ("rejected", rejected))
    }
    source = ColumnDataSource({"year": years.tolist(), **counts})
    plot = figure(
        width=600,
        height=300,
        title="Traces by year",
        y_axis_label="number of traces",
        tools="save",
    )
    plot.vbar_stack(
        ["usable", "rejected"],
        x="year",
        width=0.85,
        color=[MONTHLY, _REJECTED],
        line_color=None,
        source=source,
        legend_label=["usable", "rejected"],
    )
    plot.add_tools(HoverTool(tooltips="@year: @usable usable, @rejected rejected"))
    plot.add_layout(plot.legend[0], "below")
    plot.legend.location = "top_left"
    plot.legend.orientation = "horizontal"
    plot.legend.border_line_color = None
    plot.xaxis.ticker.min_interval = 1
    plot.xaxis.ticker.num_minor_ticks = 0
    plot.y_range.start = 0
    plot.toolbar.logo = None
    return plot


def _sources(fronts: pd.DataFrame) -> Any:
    table = pd.DataFrame(
        {
            "source": fronts["source"].fillna("").to_numpy(),
            "sensor": fronts["sensor"].fillna("").replace("", "unknown").to_numpy(),
            "traces": 1,
            "usable": (~is_rejected(fronts["quality"])).astype(int),
            "sigma": fronts["sigma_m"].to_numpy(),
        }
    )
    grouped = table.groupby(["source", "sensor"], as_index=False)
    summary = grouped.agg(
        traces=("traces", "sum"), usable=("usable", "sum"), sigma=("sigma", "median")
    )
    return data_table(summary, {"sigma": "median σ (m)"}, height=300)


def _reasons(fronts: pd.DataFrame) -> Any:
    summary = rejected_summary(fronts)
    if summary.empty:
        return Div(text="No trace is rejected.", width=PAGE_WIDTH)
    meaning = [flag_table()[str(name)]["meaning"] for name in summary["reason"]]
    summary.insert(1, "meaning", meaning)
    titles = {
        "traces": "traces that carry it",
        "traces_first": "first reason of (adds up)",
        "example": "example: trace and note",
    }
    return data_table(summary, titles)


def _remarks(fronts: pd.DataFrame) -> Any:
    quality = fronts["quality"].to_numpy()
    rows = [
        {
            "flag": name,
            "meaning": entry["meaning"],
            "traces": int(((quality >> entry["bit"]) & 1).sum()),
        }
        for name, entry in flag_table().items()
        if not entry["rejects"]
    ]
    table = pd.DataFrame(rows)
    table = table[table["traces"] > 0]
    return data_table(table) if len(table) else Div(text="No trace carries one.", width=PAGE_WIDTH)


def _rejected_rows(rejected: pd.DataFrame) -> list[Any]:
    """Every rejected trace with its reason, up to what a page can hold."""
    table = pd.DataFrame(rejected[["glacier_id", "date", "source", "sensor", "scene_id"]])
    table["reasons"] = [", ".join(flag_names(value)) for value in rejected["quality"]]
    table["note"] = rejected["note"]
    table = table.sort_values("date", kind="stable")
    table = table.iloc[natural_order(table["glacier_id"])]
    text = "<h3>Rejected traces</h3>"
    if len(table) > _MOST_ROWS:
        text += f"The first {_MOST_ROWS:,} of {len(table):,}; all are in fronts.parquet."
    shown = data_table(table.head(_MOST_ROWS), {"glacier_id": "glacier", "scene_id": "scene"})
    return [Div(text=text, width=PAGE_WIDTH), shown]
