"""Tables of the report: sortable, wide ones scroll, long text is read by pointing at it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import (
    ColumnDataSource,
    CustomJSCompare,
    DataTable,
    HTMLTemplateFormatter,
    NanCompare,
    NumberFormatter,
    TableColumn,
)

from termini.report.style import PAGE_WIDTH

_PIXELS_A_LETTER = 6.6
_WIDEST = 420
# Underscore template: <%- escapes what could be taken for HTML.
_TEXT = '<span title="<%- value %>"><%- value %></span>'
_NUMBER = """<div style="text-align: right">
<%= value === null || isNaN(value) ? "–" : {shown} %></div>"""
_SHOWN = {
    "digits": 'Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en-US")'
    " : value.toPrecision(3)",
    "p": 'value < 0.001 ? "&lt;0.001" : value.toFixed(3)',
}
# People count: sim:2 stands before sim:10.
_COUNTED = 'return String(x).localeCompare(String(y), "en", {numeric: true});'
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def data_table(
    table: pd.DataFrame,
    titles: Mapping[str, str] | None = None,
    height: int = 520,
    formats: Mapping[str, str] | None = None,
) -> Any:
    """Table to be sorted and scrolled.

    Parameters
    ----------
    table : DataFrame
        What to show, all columns.
    titles : mapping of str to str, optional
        Headings; by default the names of the columns in words.
    height : int
        Greatest height, pixels.
    formats : mapping of str to str, optional
        How the numbers of a column are printed: ``digits`` for three significant
        ones, ``p`` for probabilities, else a numbro format as ``0.0``. By default
        with decimals as the column needs them.

    Returns
    -------
    bokeh DataTable
        The table.
    """
    shown = table.reset_index(drop=True)
    titles, formats = titles or {}, formats or {}
    counted = CustomJSCompare(code=_COUNTED)
    columns, values, widths = [], {}, []
    for name in map(str, shown.columns):
        title = titles.get(name, name.replace("_", " "))
        values[name], formatter, letters = _column(shown[name], formats.get(name, ""))
        words = isinstance(formatter, HTMLTemplateFormatter) and name not in formats
        sorter = counted if words else NanCompare()
        width = int(min(_WIDEST, _PIXELS_A_LETTER * max(len(title) + 1, letters) + 14))
        widths.append(width)
        columns.append(
            TableColumn(field=name, title=title, width=width, formatter=formatter, sorter=sorter)
        )
    return DataTable(
        source=ColumnDataSource(values),
        columns=columns,
        width=min(PAGE_WIDTH, sum(widths) + 30),
        height=min(50 + 25 * len(shown), height),
        autosize_mode="none",
        index_position=None,
        reorderable=False,
        selectable=False,
    )


def pretty_units(units: str) -> str:
    """Units as they are printed.

    Parameters
    ----------
    units : str
        As ``m3 s-1``; ``1`` is dimensionless.

    Returns
    -------
    str
        As ``m³ s⁻¹``; empty for what is dimensionless.
    """
    if units in ("", "1"):
        return ""
    units = units.replace("year", "a")
    return re.sub(r"(?<=[A-Za-z])-?\d+", lambda power: power[0].translate(_SUPERSCRIPT), units)


def _column(values: pd.Series[Any], style: str = "") -> tuple[Any, Any, int]:
    """Values as the browser gets them, how they are printed, and how many letters."""
    if pd.api.types.is_bool_dtype(values):
        values = values.map({True: "yes", False: "no"})
    if pd.api.types.is_integer_dtype(values):
        found = values.to_numpy(dtype=np.int64).tolist()
        most = max((len(f"{n:,}") for n in found), default=0)
        return found, NumberFormatter(format="0,0", text_align="right"), most
    if pd.api.types.is_float_dtype(values):
        numbers = np.round(values.to_numpy(dtype=np.float64), 6)
        if style in _SHOWN:
            template = _NUMBER.replace("{shown}", _SHOWN[style])
            return numbers, HTMLTemplateFormatter(template=template), 6
        style = style or _number_format(numbers)
        decimals = len(style.partition(".")[2])
        finite = numbers[np.isfinite(numbers)]
        most = max((len(f"{n:,.{decimals}f}") for n in finite), default=0)
        return numbers, NumberFormatter(format=style, text_align="right", nan_format="–"), most
    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.dt.strftime("%Y-%m-%d")
    words = values.astype(object).where(values.notna(), "").astype(str).tolist()
    # in a long table a few odd values may be cut off
    letters = [len(word) for word in words] or [0]
    most = max(letters) if len(letters) < 50 else int(np.quantile(letters, 0.97))
    return words, HTMLTemplateFormatter(template=_TEXT), most


def _number_format(numbers: np.ndarray) -> str:
    finite = np.abs(numbers[np.isfinite(numbers)])
    if not len(finite) or (finite == np.round(finite)).all() or np.median(finite) >= 10:
        return "0,0"
    middle = np.median(finite)
    return "0,0.0" if middle >= 2 else "0.00" if middle >= 0.2 else "0.000"
