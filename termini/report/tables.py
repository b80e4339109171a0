"""Tables of the report: sortable, wide ones scroll, long text is read by pointing at it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import (
    ColumnDataSource,
    DataTable,
    HTMLTemplateFormatter,
    NumberFormatter,
    TableColumn,
)

_WIDTH = 1270
_PIXELS_A_LETTER = 6.6
_WIDEST = 420
# Underscore template: <%- escapes what could be taken for HTML.
_TEXT = '<span title="<%- value %>"><%- value %></span>'
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def data_table(
    table: pd.DataFrame, titles: Mapping[str, str] | None = None, height: int = 520
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

    Returns
    -------
    bokeh DataTable
        The table.
    """
    shown = table.reset_index(drop=True)
    titles = titles or {}
    columns, values, widths = [], {}, []
    for name in map(str, shown.columns):
        title = titles.get(name, name.replace("_", " "))
        values[name], formatter, letters = _column(shown[name])
        width = int(min(_WIDEST, _PIXELS_A_LETTER * max(len(title) + 1, letters) + 14))
        widths.append(width)
        columns.append(TableColumn(field=name, title=title, width=width, formatter=formatter))
    return DataTable(
        source=ColumnDataSource(values),
        columns=columns,
        width=min(_WIDTH, sum(widths) + 30),
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


def _column(values: pd.Series[Any]) -> tuple[Any, Any, int]:
    """Values as the browser gets them, how they are printed, and how many letters."""
    if pd.api.types.is_bool_dtype(values):
        values = values.map({True: "yes", False: "no"})
    if pd.api.types.is_integer_dtype(values):
        found = values.to_numpy(dtype=np.int64).tolist()
        return found, NumberFormatter(format="0,0", text_align="right"), 5
    if pd.api.types.is_float_dtype(values):
        numbers = np.round(values.to_numpy(dtype=np.float64), 6)
        style = _number_format(numbers)
        return numbers, NumberFormatter(format=style, text_align="right", nan_format="–"), 6
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
