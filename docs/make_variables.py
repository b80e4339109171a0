"""Fill the tables of variables and flags into the docs, from ``termini/variables.yml``.

A hook of mkdocs: a line ``<!-- variables -->`` or ``<!-- flags -->`` of a page
becomes the table when the docs are built.
"""

from __future__ import annotations

from typing import Any

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


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Page with the tables filled in; called by mkdocs for every page."""
    filled = markdown.replace("<!-- variables -->", described())
    return filled.replace("<!-- flags -->", flags())
