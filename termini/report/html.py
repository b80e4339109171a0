"""The report: one HTML file that works without a network."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from termini.errors import MissingExtraError
from termini.files import write_text
from termini.report.data import load_release


def html_report(
    release: str | Path, out: str | Path, tables: dict[str, pd.DataFrame] | None = None
) -> Path:
    """Write the report of a release.

    Parameters
    ----------
    release : path
        Folder ``catalog/releases/<version>``.
    out : path
        HTML file to write; it holds its own scripts and needs no network.
    tables : dict of DataFrame, optional
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
        from bokeh.embed import file_html
        from bokeh.models import TabPanel, Tabs
        from bokeh.resources import INLINE
    except ImportError as error:
        raise MissingExtraError("report", "the HTML report") from error
    from termini.report.drivers_page import drivers_page, quality_page
    from termini.report.map_page import map_page
    from termini.report.types_page import types_page

    data = load_release(release, tables)
    pages = [
        ("Map and series", map_page(data)),
        ("Types", types_page(data)),
        ("Drivers", drivers_page(data)),
        ("Traces", quality_page(data)),
    ]
    tabs = Tabs(tabs=[TabPanel(child=child, title=title) for title, child in pages])
    title = f"termini: glacier terminus change, release {data.version}"
    return write_text(out, file_html(tabs, resources=INLINE, title=title))
