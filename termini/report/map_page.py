"""First page of the report: a map of glaciers, and everything about the one clicked."""

from __future__ import annotations

from html import escape
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
from bokeh.layouts import column, row
from bokeh.models import Button, ColumnDataSource, CustomJS, Div, Select

from termini.report.colours import minus, type_name
from termini.report.data import SCALES, ReportData, natural_order, reference_words
from termini.report.glacier_plots import cycle_plot, empty_sources, plan_plot, series_plot
from termini.report.pack import pack_fronts, pack_series, pack_traces
from termini.report.region_map import region_map

_STEP = """
const ids = select.options.map(o => o[0]);
const next = ids.indexOf(select.value) + by;
if (next >= 0 && next < ids.length) { select.value = ids[next]; }
"""


def map_page(data: ReportData) -> tuple[Any, CustomJS]:
    """Map coloured by type beside the plots of one glacier.

    Parameters
    ----------
    data : ReportData
        A release.

    Returns
    -------
    page : bokeh layout
        The page.
    show : CustomJS
        Script that draws the chosen glacier; to be run when the page is ready.
    """
    glaciers = ColumnDataSource(_glacier_columns(data))
    select = _select(data)
    summary = Div(text="", width=745)
    sources = empty_sources()
    series = series_plot(sources)
    plan, cycle = plan_plot(sources, data), cycle_plot(sources["cycle_source"])
    show = CustomJS(
        args={
            "glaciers": glaciers,
            "select": select,
            "summary": summary,
            "series_title": series.title,
            "cycle_title": cycle.title,
            "cycle_y": cycle.y_range,
            "cycle_frame": [*cycle.axis, *cycle.grid],
            "plan_x": plan.x_range,
            "plan_y": plan.y_range,
            **sources,
            **pack_series(data),
            **pack_traces(data),
            **pack_fronts(data),
        },
        code=(resources.files("termini.report") / "show_glacier.js").read_text(encoding="utf-8"),
    )
    select.js_on_change("value", show)
    glaciers.selected.js_on_change("indices", show)
    chosen = row(select, *_steps(select))
    right = column(chosen, summary, series, row(plan, cycle))
    return row(
        column(*region_map(glaciers, sources["chosen_source"], data)), right, spacing=15
    ), show


def _select(data: ReportData) -> Select:
    """List of glaciers; at first the one that changed most."""
    table = data.glaciers
    change = table["total_change"].abs().fillna(-1.0).to_numpy()
    names = {
        i: f"{name} ({i})" if name else i
        for i, name in zip(table["glacier_id"], table["name"], strict=True)
    }
    ids = [table["glacier_id"].iloc[k] for k in natural_order(table["glacier_id"])]
    start = table["glacier_id"].iloc[int(np.argmax(change))] if len(table) else ""
    return Select(value=start, options=[(i, names[i]) for i in ids], width=330)


def _steps(select: Select) -> list[Button]:
    buttons = []
    for label, by in (("◀ previous", -1), ("next ▶", 1)):
        button = Button(label=label, width=90)
        button.js_on_event("button_click", CustomJS(args={"select": select, "by": by}, code=_STEP))
        buttons.append(button)
    return buttons


def _glacier_columns(data: ReportData) -> dict[str, list[Any]]:
    table = data.glaciers
    lon, lat = data.series["longitude"].to_numpy(), data.series["latitude"].to_numpy()
    words = {scale: data.words(scale) for scale in SCALES}
    rows = [line for _, line in table.iterrows()]
    types = {s: [_type_of(line, s, words[s]) for line in rows] for s in SCALES}
    places = [_place(*at) for at in zip(lon, lat, strict=True)]
    zero = [reference_words(data.series, k) for k in range(len(rows))]
    return {
        "glacier_id": table["glacier_id"].tolist(),
        "name": [name or "no name" for name in table["name"]],
        "x": table["x"].round(-1).tolist(),
        "y": table["y"].round(-1).tolist(),
        "place": places,
        "traces": [_traces(line) for line in rows],
        "change": [_change(line) for line in rows],
        "title": [_title(line, day) for line, (day, _) in zip(rows, zero, strict=True)],
        **types,
        "summary": [
            _summary(line, place, day, {s: types[s][k] for s in SCALES})
            for k, (line, place, day) in enumerate(zip(rows, places, zero, strict=True))
        ],
    }


def _type_of(line: pd.Series[Any], scale: str, words: dict[int, str]) -> str:
    kind = int(line[f"{scale}_type"])
    reason = line[f"{scale}_reason"]
    if kind >= 0:
        return type_name(kind, words.get(kind, ""))
    return f"none: {reason}" if reason else "none"


def _place(lon: float, lat: float) -> str:
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return "position not known"
    return f"{abs(lat):.2f}°{'S' if lat < 0 else 'N'}, {abs(lon):.2f}°{'W' if lon < 0 else 'E'}"


def _traces(line: pd.Series[Any]) -> str:
    if not line["traces"]:
        return "no traces"
    text = f"{line['usable']} of {line['traces']} traces usable"
    if pd.isna(line["first"]):
        return text
    return f"{text}, {line['first']:%Y-%m-%d} to {line['last']:%Y-%m-%d}"


def _change(line: pd.Series[Any]) -> str:
    if not np.isfinite(line["total_change"]):
        return "no series"
    return minus(f"length change over the record {line['total_change']:+,.0f} m")


def _title(line: pd.Series[Any], day: str) -> str:
    """Title of the series, so that a saved picture says what it shows."""
    name = line["name"] or line["glacier_id"]
    return f"Length change of {name}{f' since {day}' if day else ''}"


def _summary(line: pd.Series[Any], place: str, zero: tuple[str, str], types: dict[str, str]) -> str:
    """One glacier in a few lines of HTML."""
    name, glacier_id = escape(line["name"] or "no name"), escape(line["glacier_id"])
    facts = [_change(line)]
    if np.isfinite(line["trend"]):
        facts.append(f"trend {line['trend']:+,.0f} ± {line['trend_se']:,.0f} m a⁻¹")
    if np.isfinite(line["breakpoint"]):
        facts.append(f"trend changes most in {line['breakpoint']:.1f}")
    if np.isfinite(line["seasonal_amplitude"]):
        amplitude, error = line["seasonal_amplitude"], line["seasonal_amplitude_se"]
        facts.append(f"seasonal range {amplitude:,.0f} ± {error:,.0f} m")
        if np.isfinite(line["seasonal_phase"]) and amplitude > 2 * error:
            facts.append(f"most advanced about {_day(line['seasonal_phase'])}")
    kinds = f"inter-annual type {types['interannual']} · seasonal type {types['seasonal']}"
    head = f"<b style='font-size: 17px'>{name}</b> ({glacier_id}), {place}"
    counted = _traces(line)
    day, error = zero
    if day:
        counted += f"; change is zero on {day}"
    if error:
        counted += f".<br>Bars and band leave out {error}"
    return minus("<br>".join([head, counted, " · ".join(facts), escape(kinds)]))


def _day(number: float) -> str:
    """Day of the year in words, as ``3 May``."""
    day = pd.Timestamp("2001-01-01") + pd.Timedelta(days=round(number) - 1)
    return f"{day.day} {day:%B}"
