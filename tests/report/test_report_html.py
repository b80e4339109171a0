"""The HTML report: complete, without a network, and whatever the release lacks."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import report_made_up as made_up
from bokeh.models import HoverTool
from conftest import TABLES

from termini.errors import InputError
from termini.report import html_report
from termini.report.glacier_plots import empty_sources, series_plot


def content(report: str) -> str:
    """The document without Bokeh's own scripts, as JSON text (escaped once in the page)."""
    found = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', report, re.DOTALL)
    assert found
    return html.unescape(found[1])


def models(report: str) -> list[dict]:
    """All parts of the document that have attributes."""
    found = []

    def walk(part) -> None:
        if isinstance(part, dict):
            if "attributes" in part:
                found.append(part)
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(json.loads(content(report)))
    return found


def named(report: str, name: str) -> list[dict]:
    return [m["attributes"] for m in models(report) if m["name"] == name]


def test_holds_all_glaciers(report):
    [select] = named(report, "Select")
    ids = [f"test:{n}" for n in range(1, 5)]
    assert [option[0] for option in select["options"]] == ids
    assert select["value"] in ids
    for glacier_id in ids:
        assert content(report).count(glacier_id) > 3


def test_head_says_what_it_is(report):
    head = re.search(r"<header>.*</header>", report, re.DOTALL)
    assert head
    for words in ("termini 1.2.0", "2026-11-20", "4 glaciers", "CC-BY-4.0", "Cite:", "made &lt;up"):
        assert words in head[0]
    assert "Nobody &amp; Sons" in content(report)


def test_loads_nothing_from_a_network(report):
    """No script, style sheet, image or font of another address; links in text are no loads."""
    own = re.sub(r'<script type="application/json".*?</script>', "", report, flags=re.DOTALL)
    tags = re.findall(r"<(?:script|link|img|iframe|source)\b[^>]*>", own)
    assert not [tag for tag in tags if re.search(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", tag)]
    assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", own)
    assert "cdn.bokeh.org" not in re.sub(r"<script[^>]*>.*?</script>", "", report, flags=re.DOTALL)


def test_pages(report):
    titles = [panel["title"] for panel in named(report, "TabPanel")]
    assert titles == ["Map and series", "Types", "Drivers", "Glaciers", "Traces", "About"]
    text = json.dumps(json.loads(content(report)), ensure_ascii=False)
    for words in (
        "advance positive",
        "m a⁻¹",
        "1 standard error",
        "others: modelled",
        "position disagrees with the glacier's own history",
        "Most likely &lt;driver&gt;",
        "No glacier has a record of sill depth",
        "no values",
    ):
        assert words in text, words


def test_names_are_escaped_where_they_are_html(report):
    """A name with markup in it is shown, not obeyed."""
    for about in named(report, "Div"):
        assert "<b>2</b>" not in about.get("text", "")
    [glaciers] = [
        dict(s["data"]["entries"])
        for s in named(report, "ColumnDataSource")
        if "summary" in dict(s["data"]["entries"])
    ]
    assert "Sermeq &amp; &lt;b&gt;2&lt;/b&gt;" in glaciers["summary"][1]
    assert "no name" in glaciers["summary"][0]
    assert "no traces" in glaciers["summary"][3]


def test_the_error_of_the_reference_is_told(report):
    [glaciers] = [
        dict(s["data"]["entries"])
        for s in named(report, "ColumnDataSource")
        if "summary" in dict(s["data"]["entries"])
    ]
    assert "leave out the error of that date's front, ± 25 m" in glaciers["summary"][0]
    assert "leave out" not in glaciers["summary"][3]
    assert glaciers["title"][1].endswith(" since 2014-02-03")
    assert "adds in squares to the change since the reference date" in content(report)


def test_the_glacier_shown_has_a_ring_above_the_marks(report):
    [plot] = [p for p in named(report, "Figure") if "Click a glacier" in str(p["title"])]
    last = plot["renderers"][-1]["attributes"]
    scripts = [dict(s["args"]["entries"]) for s in named(report, "CustomJS") if s.get("args")]
    [chosen] = [s["chosen_source"]["id"] for s in scripts if "chosen_source" in s]
    assert last["data_source"]["id"] == chosen


def test_legends_are_drawn_again_when_a_plot_changes_its_size(report):
    """Zooming in one plot took the marks from the legend of the map."""
    [redraw] = [
        m for m in models(report) if "legend.change.emit" in m["attributes"].get("code", "")
    ]
    assert len(redraw["attributes"]["args"]["entries"][0][1]) == len(named(report, "Legend"))
    for plot in named(report, "Figure"):
        [again] = dict(plot["js_property_callbacks"]["entries"])["change:outer_width"]
        assert again["id"] == redraw["id"]


def test_tooltips_of_a_trace_and_its_month_do_not_cover_each_other():
    tips = series_plot(empty_sources()).select(type=HoverTool)
    assert sorted(tip.attachment for tip in tips) == ["left", "right"]


def test_pages_fit_a_small_window(report):
    for name in ("Figure", "Div", "DataTable"):
        assert max(part.get("width", 0) for part in named(report, name)) <= 1170


def test_no_bare_nan(report):
    """What a browser could not read: NaN is no JSON."""
    json.loads(content(report), parse_constant=lambda name: pytest.fail(f"{name} in the page"))


def test_the_same_bytes_in_another_process(release, report, tmp_path):
    script = (
        "import sys, pandas as pd, termini.report as r;"
        "t = {'Most likely <driver>': pd.DataFrame({'glacier_id': ['test:1'],"
        " 'driver': ['runoff'], 'confidence': [0.25], 'empty': [None]})};"
        "r.html_report(sys.argv[1], sys.argv[2], t)"
    )
    out = tmp_path / "again.html"
    environment = {**os.environ, "PYTHONHASHSEED": "5"}
    command = [sys.executable, "-c", script, str(release), str(out)]
    subprocess.run(command, check=True, env=environment)
    assert out.read_text(encoding="utf-8") == report


def test_annual_series_of_one_glacier_without_types_and_drivers(tmp_path):
    release = made_up.release(
        tmp_path / "catalog",
        1,
        "1990-08-01",
        "2012-09-01",
        400,
        season=False,
        with_types=False,
        with_drivers=False,
    )
    text = content(html_report(release, tmp_path / "r.html").read_text(encoding="utf-8"))
    assert "This release holds no glacier types." in text
    assert "This release holds no drivers." in text
    assert "inter-annual type none" in text


def test_types_without_seasons(tmp_path):
    release = made_up.release(tmp_path / "catalog", 3, season=False)
    report = html_report(release, tmp_path / "r.html").read_text(encoding="utf-8")
    assert not named(report, "RadioButtonGroup")
    assert "Without a type: 3 of 3 (no seasonal cycle: 3)." in content(report)


def test_both_scales_can_be_chosen(report):
    [switch] = named(report, "RadioButtonGroup")
    assert switch["labels"] == ["Inter-annual type", "Seasonal type"]


def test_only_the_data_files_are_needed(release, tmp_path):
    """Papers beside the data and domains may be missing."""
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("terminus_series.nc", "terminus_observations.nc", "fronts.parquet"):
        shutil.copy(release / name, bare)
    text = html_report(bare, tmp_path / "r.html").read_text(encoding="utf-8")
    assert "termini 1.2.0" in text


def test_no_release(tmp_path):
    with pytest.raises(InputError, match="no release here"):
        html_report(tmp_path, tmp_path / "r.html")


def test_tables_are_not_changed():
    assert list(TABLES["Most likely <driver>"].columns)[-1] == "empty"
    assert np.isclose(TABLES["Most likely <driver>"]["confidence"].iloc[0], 0.25)
