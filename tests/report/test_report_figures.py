"""Figures are written, also of glaciers about which little is known."""

from __future__ import annotations

import pandas as pd
import pytest

from termini.errors import InputError
from termini.report import glacier_figure, region_figure, save_figure, write_glacier_figures
from termini.report.data import load_release


@pytest.fixture(scope="module")
def data(release):
    return load_release(release)


def texts(figure) -> str:
    figure.canvas.draw()
    found = []
    for axes in figure.axes:
        found += [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
        found += [text.get_text() for text in axes.texts]
        if axes.get_legend():
            found += [text.get_text() for text in axes.get_legend().get_texts()]
    return "\n".join(found)


def test_written_the_same_twice(data, tmp_path):
    shown = {i: data.domains[i] for i in ("test:2", "test:4")}
    arguments = (shown, data.fronts, data.observations, data.series)
    first = write_glacier_figures(tmp_path / "a", *arguments)
    second = write_glacier_figures(tmp_path / "b", *arguments)
    assert [path.name for path in first] == ["test_2.png", "test_4.png"]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
        assert one.read_bytes().startswith(b"\x89PNG")


def test_a_glacier(data):
    figure = glacier_figure(data.domains["test:2"], data.fronts, data.observations, data.series)
    shown = texts(figure)
    for words in ("(test:2)", "rejected trace", "advance positive", "month with a trace", "EPSG"):
        assert words in shown
    left = figure.axes[0]
    fjord = data.domains["test:2"].fjord.bounds
    assert left.get_xlim()[0] * 1e3 < fjord[0]
    assert left.get_xlim()[1] * 1e3 > fjord[2]


def test_the_error_of_the_reference_is_told(data):
    figure = glacier_figure(data.domains["test:2"], data.fronts, data.observations, data.series)
    assert "leave out the error of that date's front, ± 25 m" in texts(figure)
    older = data.series.drop_vars(["reference_se", "reference_date"])
    shown = texts(glacier_figure(data.domains["test:2"], data.fronts, data.observations, older))
    assert "Length change since the reference date" in shown
    assert "leave out" not in shown


def test_a_glacier_without_traces_or_series(data):
    domain = data.domains["test:4"]
    assert "no usable trace" in texts(glacier_figure(domain, data.fronts, data.observations))
    others = data.series.isel(glacier=[0])
    figure = glacier_figure(domain, data.fronts, data.observations, others)
    assert "no usable trace" in texts(figure)


@pytest.mark.parametrize("with_types", [True, False])
def test_a_region(data, tmp_path, with_types):
    change = pd.Series({"test:1": -900.0, "test:2": 150.0})
    types = data.types if with_types else None
    figure = region_figure(data.series, change, "change 2014-2016", types)
    shown = texts(figure)
    assert "change 2014-2016" in shown
    assert "no value" in shown
    assert ("stable (1)" in shown) == with_types
    assert save_figure(figure, tmp_path / "region.png").stat().st_size > 10_000


def test_nothing_is_cut_off(data):
    """Labels stay inside the picture, and numbers below zero have a minus sign."""
    change = pd.Series({"test:1": -12900.0, "test:2": 150.0})
    types = data.types.copy()
    types["interannual_label"] = ("interannual_cluster", ["retreat, -6.2 km", "stable"])
    figure = region_figure(data.series, change, "change", types)
    assert "retreat, −6.2 km" in texts(figure)
    width, height = figure.get_size_inches()
    figure.draw_without_rendering()
    box = figure.get_tightbbox()
    assert 0 <= box.x0 < box.x1 <= width
    assert 0 <= box.y0 < box.y1 <= height


def test_nothing_to_draw(data):
    with pytest.raises(InputError, match="no glacier has a value"):
        region_figure(data.series, pd.Series({"test:9": 1.0}), "change")
