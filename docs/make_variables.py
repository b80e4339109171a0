"""Fill the tables of variables, flags and ISSM's fields into the docs, from where they stand.

A hook of mkdocs: a line ``<!-- variables -->``, ``<!-- flags -->`` or
``<!-- issm fields -->`` of a page becomes the table when the docs are built.
"""

from __future__ import annotations

from typing import Any

from termini.issm.model import CLASSES, FIELDS
from termini.variables import flag_table, variables


def flags() -> str:
    """Markdown table of the quality flags."""
    rows = [
        f"| {entry['bit']} | `{name}` | {entry['meaning']} | {'yes' if entry['rejects'] else ''} |"
        for name, entry in flag_table().items()
    ]
    return "\n".join(["| Bit | Name | Meaning | Rejects |", "| --- | --- | --- | --- |", *rows])


def described() -> str:
    """Markdown table of all variables."""
    rows = []
    for name, entry in variables().items():
        parts = [entry["long_name"], entry.get("description")]
        if "values" in entry:
            values = (
                f"{value} {word.replace('_', ' ')}" for value, word in entry["values"].items()
            )
            parts.append(", ".join(values))
        meaning = "; ".join(part for part in parts if part)
        rows.append(f"| `{name}` | {meaning} | {entry.get('units') or ''} |")
    return "\n".join(["| Name | Meaning | Unit |", "| --- | --- | --- |", *rows])


def issm_fields() -> str:
    """Markdown table of the fields of an export for ISSM."""
    rows = []
    for name, field in FIELDS.items():
        shape = " × ".join(dim.replace("_", " ") for dim in field.dims) or "one"
        if field.is_series:
            shape = "series"
        limits = ""
        if field.high < 1e9 or field.low == 0:
            limits = f"{field.low:g} to {field.high:g}"
        kind = CLASSES[name.partition(".")[0]]
        rows.append(
            f"| `{name}` | {shape} | {field.units} | {limits} | {field.long_name} | `{kind}` |"
        )
    head = [
        "| Field | Shape | Unit | Range | Meaning | Class |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *rows])


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Page with the tables filled in; called by mkdocs for every page."""
    filled = markdown.replace("<!-- variables -->", described())
    filled = filled.replace("<!-- issm fields -->", issm_fields())
    return filled.replace("<!-- flags -->", flags())
