"""Third page of the report: drivers of the types, tables of the attribution, and quality."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pandas as pd
from bokeh.layouts import column, gridplot
from bokeh.models import ColumnDataSource, DataTable, Div, NumberFormatter, TableColumn
from bokeh.plotting import figure

from termini.report.colours import type_colour
from termini.report.data import ReportData
from termini.variables import attributes, flag_bits, is_rejected, rejecting_mask

_STATIC = ["bed_depth", "sill_depth", "runoff", "thermal_forcing"]


def drivers_page(data: ReportData) -> Any:
    """Drivers by type, and the tables of the attribution.

    Parameters
    ----------
    data : ReportData
        A release.

    Returns
    -------
    bokeh layout
        The page; a sentence if the release has no drivers.
    """
    if data.drivers is None:
        return Div(text="This release holds no drivers.")
    plots = [_strip(data, name) for name in _STATIC if name in data.drivers]
    parts: list[Any] = [Div(text="<h3>Drivers by inter-annual type</h3>(mean over time)")]
    if plots:
        parts.append(gridplot([plots[:2], plots[2:]], toolbar_location=None))
    for title, table in data.tables.items():
        parts += [Div(text=f"<h3>{escape(title)}</h3>"), _table(table)]
    return column(*parts)


def quality_page(data: ReportData) -> Any:
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
    quality = data.fronts["quality"].to_numpy().astype(int)
    rejected = is_rejected(quality)
    rows = [
        {
            "flag": name,
            "rejects": "yes" if mask & rejecting_mask() else "no",
            "traces": int(((quality & mask) != 0).sum()),
        }
        for name, mask in flag_bits().items()
    ]
    table = pd.DataFrame(rows)
    summary = (
        f"<h3>Traces</h3>{len(quality):,} traces, {int((~rejected).sum()):,} usable, "
        f"{int(rejected.sum()):,} rejected. A trace can carry several flags; "
        "every one stays in the front table."
    )
    per_glacier = data.glaciers[
        ["glacier_id", "name", "traces", "usable", "total_change", "trend", "seasonal_amplitude"]
    ]
    return column(
        Div(text=summary),
        _table(table[table["traces"] > 0]),
        Div(text="<h3>Glaciers</h3>"),
        _table(per_glacier),
    )


def _strip(data: ReportData, name: str) -> Any:
    """One dot a glacier, a column a type."""
    assert data.drivers is not None
    values = data.drivers[name]
    others = [dim for dim in values.dims if dim != "glacier"]
    mean = values.mean(others).to_numpy() if others else values.to_numpy()
    kinds = data.glaciers["interannual_type"].to_numpy()
    about = attributes(name)
    plot = figure(
        width=540,
        height=260,
        title=f"{about['long_name']} ({about.get('units', '')})",
        tools="save",
    )
    jitter = np.random.default_rng(0).uniform(-0.18, 0.18, len(kinds))
    plot.scatter(
        kinds + jitter, mean, color=[type_colour(int(k)) for k in kinds], size=7, alpha=0.8
    )
    for kind in np.unique(kinds):
        middle = mean[(kinds == kind) & np.isfinite(mean)]
        if len(middle):
            level = float(np.median(middle))
            plot.line([kind - 0.3, kind + 0.3], [level, level], color="black", line_width=2)
    plot.xaxis.ticker = [int(kind) for kind in np.unique(kinds)]
    plot.xaxis.axis_label = "type"
    return plot


def _table(table: pd.DataFrame) -> Any:
    shown = table.reset_index(drop=True)
    columns = []
    for name in shown.columns:
        number = pd.api.types.is_float_dtype(shown[name])
        formatter = {"formatter": NumberFormatter(format="0,0.[000]")} if number else {}
        columns.append(TableColumn(field=str(name), title=str(name), **formatter))
    plain = {
        str(name): [None if value is pd.NA or value != value else value for value in shown[name]]
        for name in shown.columns
    }
    return DataTable(
        source=ColumnDataSource(plain),
        columns=columns,
        width=1180,
        height=min(60 + 25 * len(shown), 520),
        index_position=None,
    )
