"""The report: one HTML file that works without a network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from termini.errors import MissingExtraError
from termini.files import write_text
from termini.report.data import load_release

_TEMPLATE = """
{% block postamble %}
<meta name="viewport" content="width=device-width">
<style>
  body { padding: 10px 14px; height: auto; color: #1a1a1a; }
  body { font-family: Helvetica, Arial, sans-serif; }
  header h1 { font-size: 21px; margin: 0 0 4px; }
  header p { font-size: 13px; margin: 0 0 3px; max-width: 1165px; }
  header { margin-bottom: 8px; }
</style>
{% endblock %}
{% block contents %}
{{ header }}
<noscript>The plots below need JavaScript. The data are in the files of the release.</noscript>
{{ super() }}
{% endblock %}
"""
# Only where Bokeh writes its own ids, never what may look alike in the data.
_DRAWN_IDS = re.compile(r'(?:\bid="|"docid":")([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')
_NUMBERED_IDS = re.compile(r'("id":|"root_ids":\[|"roots":\{|data-root-id=)"(p\d+)"')
_LEGENDS = "setTimeout(() => legends.forEach(legend => legend.change.emit()), 50);"
# Bokeh only makes pages invisible; here they take no room either, so that a short
# page does not scroll as far as the longest.
_TABS_STYLE = """
:host { font-size: 14px; }
.bk-tab { padding: 6px 14px; }
[style*="visibility: hidden"] { position: fixed; top: 0; left: 0; }
"""


def html_report(
    release: str | Path, out: str | Path, tables: Mapping[str, pd.DataFrame] | None = None
) -> Path:
    """Write the report of a release.

    Parameters
    ----------
    release : path
        Folder ``catalog/releases/<version>``.
    out : path
        HTML file to write; it holds its own scripts and needs no network. The same
        release and version of bokeh give the same bytes.
    tables : mapping of DataFrame, optional
        Further tables for the drivers page, by title.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    InputError
        If the folder holds no release.
    MissingExtraError
        If bokeh is not installed.
    """
    try:
        from bokeh.document import Document
        from bokeh.embed import file_html
        from bokeh.models import TabPanel, Tabs
        from bokeh.resources import INLINE
    except ImportError as error:
        raise MissingExtraError("report", "the HTML report") from error
    from termini.report.about_page import about_page, header
    from termini.report.drivers_page import drivers_page
    from termini.report.map_page import map_page
    from termini.report.traces_page import glaciers_page, traces_page
    from termini.report.types_page import types_page

    data = load_release(release, tables)
    first, show = map_page(data)
    pages = [
        ("Map and series", first),
        ("Types", types_page(data)),
        ("Drivers", drivers_page(data)),
        ("Glaciers", glaciers_page(data)),
        ("Traces", traces_page(data)),
        ("About", about_page(data)),
    ]
    panels = [TabPanel(child=child, title=title) for title, child in pages]
    title = f"termini {data.version}: change of marine-terminating glaciers"
    document = Document(title=title)
    tabs = Tabs(tabs=panels, stylesheets=[_TABS_STYLE])
    _keep_legends(tabs)
    document.add_root(tabs)
    document.js_on_event("document_ready", show)
    text = file_html(
        document, INLINE, title, template=_TEMPLATE, template_variables={"header": header(data)}
    )
    return write_text(out, _with_steady_ids(text))


def _keep_legends(tabs: Any) -> None:
    """Draw the legends again after a plot has changed its size.

    Bokeh 3.9 lays out the whole page then, which wipes the marks from the legends
    of the plots that keep theirs.
    """
    from bokeh.models import CustomJS, Legend, Plot

    def parts(kind: type[Any]) -> list[Any]:
        return sorted(tabs.select({"type": kind}), key=lambda part: int(part.id[1:]))

    again = CustomJS(args={"legends": parts(Legend)}, code=_LEGENDS)
    for plot in parts(Plot):
        for size in ("inner_width", "inner_height", "outer_width", "outer_height"):
            plot.js_on_change(size, again)


def _with_steady_ids(text: str) -> str:
    """The same page with ids that depend on nothing but their order.

    Bokeh numbers models through the life of the process and draws random ids for
    the parts of a page.
    """
    for n, found in enumerate(dict.fromkeys(_DRAWN_IDS.findall(text)), start=1):
        text = text.replace(found, f"00000000-0000-4000-8000-{n:012x}")
    numbers: dict[str, int] = {}

    def steady(found: re.Match[str]) -> str:
        return f'{found[1]}"p{numbers.setdefault(found[2], 1001 + len(numbers))}"'

    return _NUMBERED_IDS.sub(steady, text)
