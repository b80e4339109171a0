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
from termini.report.colours import mark_size, type_colour, type_mark, type_name, type_sign
from termini.report.data import ReportData, natural_order
from termini.report.style import PAGE_WIDTH
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
_IN_WORDS = ("driver", "likeliest")
_TITLES = {
    "glacier_id": "glacier",
    "glacier_name": "name",
    "n_glaciers": "glaciers",
    "lead_months": "lead (months)",
    "p_value": "p",
    "p_adjusted": "p adjusted",
    "change": "change (m)",
    "overdeepening": "overdeepening (m)",
    "warming": "warming (K)",
    "seasonal_range": "seasonal range (m)",
    "seasonal_range_se": "± (m)",
}
# One column holds metres, kelvins and m³ s⁻¹, the other is mostly far from 0.
_FORMATS = {"median": "digits", "median_others": "digits", "p_value": "p", "p_adjusted": "p"}
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
        parts: list[Any] = [Div(text="<p>This release holds no drivers.</p>", width=PAGE_WIDTH)]
    else:
        parts = _by_type(data, data.drivers)
    for title, table in data.tables.items():
        parts += _further(title, table)
    joined = pd.DataFrame() if data.drivers is None else _joined(data.drivers)
    if len(joined):
        parts.append(
            Div(
                text="<h3>Records joined to the glaciers</h3>By position and name, the doubtful "
                "ones first; not every record has a name.",
                width=PAGE_WIDTH,
            )
        )
        parts.append(data_table(joined, _COLUMNS, height=420))
    return column(*parts)


def _further(title: str, table: pd.DataFrame) -> list[Any]:
    """A table of the attribution: names in words, glaciers in the order of their numbers."""
    shown = table.dropna(axis="columns", how="all")
    if "glacier_id" in shown:
        shown = shown.iloc[natural_order(shown["glacier_id"].astype(str))]
    words = {n: shown[n].str.replace("_", " ") for n in _IN_WORDS if n in shown}
    drawn = data_table(shown.assign(**words), _TITLES, height=420, formats=_FORMATS)
    text = f"<h3>{escape(title)}</h3>"
    if drawn.width == PAGE_WIDTH:
        text += "Scroll sideways for all columns."
    return [Div(text=text, width=PAGE_WIDTH), drawn]


def _joined(drivers: xr.Dataset) -> pd.DataFrame:
    """Records joined to the glaciers, in words."""
    order = natural_order(drivers["glacier_id"].to_numpy().astype(str))
    table = match_table(drivers.isel(glacier=order))
    words = {n: table[n].str.replace("_", " ") for n in ("variable", "doubt")}
    return table.assign(**words)


def _by_type(data: ReportData, drivers: xr.Dataset) -> list[Any]:
    means = {name: _means(data, drivers, name) for name in _names(drivers)}
    missing = [name.replace("_", " ") for name, m in means.items() if not np.isfinite(m).any()]
    plots = [_strip(data, name, m) for name, m in means.items() if np.isfinite(m).any()]
    kinds, words = data.glaciers["interannual_type"], data.words("interannual")
    named = [
        f"<li><span style='color:{type_colour(k)}'>{type_sign(k)}</span> "
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
    parts: list[Any] = [Div(text=text, width=PAGE_WIDTH)]
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
    name_of = str(about["long_name"])
    title = textwrap.fill(name_of[:1].upper() + name_of[1:], 48)
    known = np.isfinite(values)
    plot = figure(
        width=PAGE_WIDTH // 3,
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
