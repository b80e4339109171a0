"""Page of the drivers: by type, with the records joined to the glaciers and the attribution."""

from __future__ import annotations

import textwrap
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from bokeh.layouts import column, gridplot
from bokeh.models import ColumnDataSource, Div, FixedTicker, HoverTool, Range1d
from bokeh.plotting import figure

from termini.drivers import match_table
from termini.report.colours import mark_size, type_colour, type_mark, type_name
from termini.report.data import ReportData
from termini.report.tables import data_table, pretty_units
from termini.variables import attributes, variables

_ORDER = [
    "bed_depth",
    "sill_depth",
    "overdeepening",
    "runoff",
    "thermal_forcing",
    "melange",
    "surface_mass_balance",
]
_COLUMNS = {
    "variable": "driver",
    "glacier_id": "glacier",
    "glacier_name": "name",
    "match_name": "record joined",
    "match_source": "from",
    "match_distance": "distance (m)",
}


def drivers_page(data: ReportData) -> Any:
    """Drivers by type, the records joined, and the tables of the attribution.

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
        parts: list[Any] = [Div(text="<p>This release holds no drivers.</p>", width=900)]
    else:
        parts = _by_type(data, data.drivers)
    for title, table in data.tables.items():
        shown = table.dropna(axis="columns", how="all")
        parts += [Div(text=f"<h3>{escape(title)}</h3>", width=1200), data_table(shown, height=420)]
    joined = pd.DataFrame() if data.drivers is None else match_table(data.drivers)
    if len(joined):
        words = {name: joined[name].str.replace("_", " ") for name in ("variable", "doubt")}
        joined = joined.assign(**words)
        parts.append(
            Div(
                text="<h3>Records joined to the glaciers</h3>By position and name, the doubtful "
                "ones first; not every record has a name.",
                width=1200,
            )
        )
        parts.append(data_table(joined, _COLUMNS, height=420))
    return column(*parts)


def _by_type(data: ReportData, drivers: xr.Dataset) -> list[Any]:
    means = {name: _means(data, drivers, name) for name in _names(drivers)}
    missing = [name.replace("_", " ") for name, m in means.items() if not np.isfinite(m).any()]
    plots = [_strip(data, name, m) for name, m in means.items() if np.isfinite(m).any()]
    kinds, words = data.glaciers["interannual_type"], data.words("interannual")
    named = [
        f"<li><span style='color:{type_colour(k)}'>&#9632;</span> "
        f"{escape(type_name(k, words.get(k, '')))}: {_glaciers(int((kinds == k).sum()))}</li>"
        for k in sorted(set(kinds))
    ]
    text = (
        "<h3>Drivers by inter-annual type</h3>One mark a glacier; a black line is the median of a "
        "type. Drivers that vary in time are averaged over it."
        f"<ul style='list-style: none; padding-left: 8px'>{''.join(named)}</ul>"
    )
    if missing:
        text += f"No glacier has a record of {', '.join(missing)}."
    parts: list[Any] = [Div(text=text, width=1200)]
    if plots:
        parts.append(gridplot(plots, ncols=3, toolbar_location=None))
    return parts


def _glaciers(n: int) -> str:
    return f"{n} glacier{'' if n == 1 else 's'}"


def _names(drivers: xr.Dataset) -> list[str]:
    """Drivers that are numbers of a glacier: the known ones first."""
    found = [
        str(name)
        for name, values in drivers.data_vars.items()
        if "_match_" not in str(name)
        and "glacier" in values.dims
        and np.issubdtype(values.dtype, np.floating)
        and str(name) in variables()
    ]
    return sorted(found, key=lambda n: (_ORDER.index(n) if n in _ORDER else len(_ORDER), n))


def _strip(data: ReportData, name: str, values: np.ndarray) -> Any:
    """One mark a glacier, a column a type."""
    kinds = data.glaciers["interannual_type"].to_numpy()
    about = attributes(name)
    units = pretty_units(str(about.get("units", "")))
    title = textwrap.fill(f"{about['long_name']}", 52)
    known = np.isfinite(values)
    plot = figure(
        width=420,
        height=280,
        title=f"{title}\n{int(known.sum())} of {len(known)} glaciers have a record",
        x_axis_label="inter-annual type",
        y_axis_label=units,
        x_range=Range1d(kinds.min() - 0.6, kinds.max() + 0.6),
        tools="",
    )
    sideways = np.random.default_rng(0).uniform(-0.18, 0.18, len(kinds))
    source = ColumnDataSource(
        {
            "x": (kinds + sideways)[known].round(3),
            "value": values[known].astype("float32"),
            "name": [
                f"{n or 'no name'} ({i})"
                for n, i in data.glaciers.loc[known, ["name", "glacier_id"]].to_numpy()
            ],
            "colour": [type_colour(int(k)) for k in kinds[known]],
            "mark": [type_mark(int(k)) for k in kinds[known]],
            "size": [mark_size(int(k), 8) for k in kinds[known]],
        }
    )
    dots = plot.scatter(
        "x",
        "value",
        source=source,
        marker="mark",
        fill_color="colour",
        size="size",
        line_color="white",
    )
    plot.add_tools(HoverTool(renderers=[dots], tooltips=f"@name: @value{{0,0.[00]}} {units}"))
    for kind in np.unique(kinds[known]):
        level = float(np.median(values[known & (kinds == kind)]))
        plot.line([kind - 0.3, kind + 0.3], [level, level], color="black", line_width=2)
    plot.xaxis.ticker = FixedTicker(ticks=[int(kind) for kind in np.unique(kinds)])
    plot.xaxis.major_label_overrides = {-1: "no type"}
    plot.title.text_font_size = "9pt"
    plot.xgrid.visible = False
    return plot


def _means(data: ReportData, drivers: xr.Dataset, name: str) -> np.ndarray:
    """Driver of each glacier of the report, averaged over what is not the glacier."""
    values = (
        drivers[name].transpose("glacier", ...).to_numpy().reshape(drivers.sizes["glacier"], -1)
    )
    mean = [
        float(line[np.isfinite(line)].mean()) if np.isfinite(line).any() else np.nan
        for line in values
    ]
    found = pd.Series(mean, drivers["glacier_id"].to_numpy().astype(str), dtype="float64")
    return np.asarray(found.reindex(data.glaciers["glacier_id"]).to_numpy())
