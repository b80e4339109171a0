"""Figures of domains say what is drawn, also where little is known."""

from __future__ import annotations

import pytest
from made_up_glaciers import fronts_at, open_box, straight_domain

from termini.errors import InputError
from termini.fronttable import flag
from termini.geometry import branch_domains, domain_from_box, with_flowlines
from termini.report import domain_figure, domain_sheet, write_domain_figures

FRONTS = fronts_at([7000, 6000, 5000, 4000])


def texts(figure) -> str:
    figure.canvas.draw()
    found = []
    for axes in figure.axes:
        found += [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
        found += [text.get_text() for text in axes.texts]
        if axes.get_legend():
            found += [text.get_text() for text in axes.get_legend().get_texts()]
    return "\n".join(found)


def test_a_large_figure_names_all_that_it_shows():
    domain = with_flowlines(domain_from_box("test:1", "Some Glacier", open_box(), FRONTS), 7)
    fronts = FRONTS.copy()
    flag(fronts, fronts.index == 0, "duplicate", "made up")
    shown = texts(
        domain_figure(
            domain,
            fronts,
            branches=branch_domains(domain, [0.5]),
            drawn=open_box(),
            problems=["something is wrong"],
        )
    )
    for words in (
        "Some Glacier (test:1)",
        "4 traces (1 rejected)",
        "left wall",
        "right wall",
        "upstream gate",
        "centreline",
        "flowlines",
        "rejected trace",
        "as it was drawn",
        "test:1.a",
        "something is wrong",
        "EPSG:3413",
        "year",
    ):
        assert words in shown, words


def test_a_domain_without_traces():
    assert "no traces" in texts(domain_figure(straight_domain()))
    assert "no traces" in texts(domain_figure(straight_domain(), fronts_at([], glacier_id="x:1")))


def test_stray_traces_do_not_shrink_the_picture():
    far = fronts_at([5000] * 99 + [900_000])
    low, high = domain_figure(straight_domain(), far).axes[0].get_ylim()
    assert high - low < 20


def test_sheets_hold_several_and_are_the_same_twice(tmp_path):
    domains = {f"test:{k}": straight_domain(glacier_id=f"test:{k}") for k in range(5)}
    first = write_domain_figures(tmp_path / "a", domains, FRONTS, per_sheet=3)
    second = write_domain_figures(tmp_path / "b", domains, FRONTS, per_sheet=3)
    assert [path.name for path in first] == ["domains_001.png", "domains_002.png"]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    single = write_domain_figures(tmp_path, {"test:1": domains["test:1"]}, FRONTS)
    assert [path.name for path in single] == ["test_1.png"]
    with pytest.raises(InputError, match="no domain to draw"):
        domain_sheet({})
