"""Head of the report and its last page: what release this is and how to cite it."""

from __future__ import annotations

import re
from html import escape
from typing import Any

import pandas as pd
from bokeh.layouts import column
from bokeh.models import Div

from termini.report.data import ReportData
from termini.report.tables import data_table

_READING = """<h3>How to read this report</h3><ul>
<li>Advance is positive, retreat negative. Lengths are metres, areas true areas on the
ellipsoid; a length change is {measure}.</li>
<li>A change is zero on the glacier's reference date. The front of that date has an error of
its own, which all changes of the glacier share: it is not in their ± and bands, cancels in the
change between two dates, and adds in squares to the change since the reference date.</li>
<li>± and bars are one standard error; shaded bands are 95 %.</li>
<li>A month without a trace is modelled: its value comes from the months around it, with the
larger error that goes with that.</li>
<li>Types are found by k-means under dynamic time warping; a glacier with too little data has
none. Silhouette: 1 is far from every other type, 0 on the border.</li>
<li>Maps and plans are in the polar stereographic projection EPSG:3413. The coast on the map
is a rough outline for orientation and no part of the data.</li></ul>"""
_MEASURES = {
    "length_area": "the area change divided by a fixed reference width",
    "centreline": "that along the centreline",
    "curvilinear_box": "that of a curvilinear box",
    "box": "that of a box",
}


def header(data: ReportData) -> str:
    """Head of every page.

    Parameters
    ----------
    data : ReportData
        A release.

    Returns
    -------
    str
        HTML.
    """
    time = data.series["time"].to_numpy()
    n, traces = len(data.glaciers), len(data.fronts)
    facts = [
        _date(data),
        f"{n:,} glacier{'' if n == 1 else 's'}",
        f"{traces:,} traces, {data.usable:,} usable",
    ]
    if len(time):
        first, last = (pd.Timestamp(t) for t in (time.min(), time.max()))
        facts.append(f"{first:%Y-%m} to {last:%Y-%m}")
    sources = ", ".join(sorted(set(data.fronts["source"].dropna().astype(str)) - {""}))
    facts.append(f"from {sources}" if sources else "")
    facts.append(f"licence {licence(data)}" if licence(data) else "")
    line = " · ".join(escape(fact) for fact in facts if fact)
    cite = f"<p>Cite: {escape(_own_citation(data))} Sources: see About.</p>"
    return (
        f"<header><h1>termini {escape(data.version)}: change of marine-terminating glaciers</h1>"
        f"<p>{line}</p>{cite if _own_citation(data) else ''}</header>"
    )


def about_page(data: ReportData) -> Any:
    """How to cite and to read, what changed, and the files of the release.

    Parameters
    ----------
    data : ReportData
        A release.

    Returns
    -------
    bokeh layout
        The page.
    """
    measure = str(data.series.attrs.get("measure", "length_area"))
    text = plain_html(data.citation) + _READING.format(measure=_MEASURES.get(measure, measure))
    text += plain_html(data.changelog)
    parts: list[Any] = [Div(text=text, width=950)]
    files = data.package.get("resources", [])
    if files:
        table = pd.DataFrame(
            {
                "file": [str(entry.get("path", "")) for entry in files],
                "what": [str(entry.get("title", "")) for entry in files],
                "bytes": [int(entry.get("bytes", 0)) for entry in files],
                "checksum": [str(entry.get("hash", "")) for entry in files],
            }
        )
        parts += [Div(text="<h3>Files of the release</h3>", width=950), data_table(table)]
    return column(*parts)


def licence(data: ReportData) -> str:
    """Licence of the release.

    Parameters
    ----------
    data : ReportData
        A release.

    Returns
    -------
    str
        Its name, empty where it is not stated.
    """
    names = [str(entry.get("name", "")) for entry in data.package.get("licenses", [])]
    return ", ".join(name for name in names if name) or str(data.series.attrs.get("license", ""))


def plain_html(markdown: str) -> str:
    """The little Markdown that a release holds as HTML: headings, lists, code, paragraphs.

    Parameters
    ----------
    markdown : str
        Text.

    Returns
    -------
    str
        HTML in which everything else is escaped.
    """
    parts = []
    for block in re.split(r"\n\s*\n", markdown.strip()):
        lines = [escape(line, quote=False) for line in block.strip().splitlines() if line.strip()]
        if not lines:
            continue
        if lines[0].startswith("#"):
            parts.append(f"<h3>{lines[0].lstrip('# ')}</h3>")
            lines = lines[1:]
        items = [line for line in lines if line.startswith("- ")]
        if items and len(items) == len(lines):
            parts.append(f"<ul>{''.join(f'<li>{item[2:]}</li>' for item in items)}</ul>")
        elif lines:
            parts.append(f"<p>{' '.join(lines)}</p>")
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", "\n".join(parts))


def _own_citation(data: ReportData) -> str:
    """First paragraph of the citation that is no heading."""
    blocks = re.split(r"\n\s*\n", data.citation.strip())
    return next((" ".join(b.split()) for b in blocks if b and not b.startswith("#")), "")


def _date(data: ReportData) -> str:
    date = data.package.get("created") or data.series.attrs.get("date_created", "")
    return str(date)[:10]
