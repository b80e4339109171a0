"""Argus contours: round trips, real files, bad input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely.geometry import LineString, box

from termini.errors import InputError
from termini.issm import Contour, read_exp, write_exp
from termini.issm.contours import contours_of


@given(arrays("float64", (7, 2), elements=st.floats(-3e6, 3e6, width=64)))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, xy: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("exp") / "front.exp"
    write_exp([Contour("front_2015.504", xy), Contour("b", xy[:3])], path)
    first, second = read_exp(path)
    assert (first.name, second.name) == ("front_2015.504", "b")
    np.testing.assert_allclose(first.xy, xy, atol=6e-5)
    assert len(second.xy) == 3


def test_layout_is_that_of_argus(tmp_path: Path) -> None:
    path = write_exp(contours_of(LineString([(0, 0), (1.5, 2)]), "front 2015"), tmp_path / "f.exp")
    assert path.read_text().splitlines() == [
        "## Name:front_2015",
        "## Icon:0",
        "# Points Count Value",
        "2 1.",
        "# X pos Y pos",
        "0.0000 0.0000",
        "1.5000 2.0000",
        "",
    ]


def test_polygon_is_closed(tmp_path: Path) -> None:
    contours = contours_of(box(0, 0, 1, 1), "domain")
    assert contours[0].closed
    assert read_exp(write_exp(contours, tmp_path / "d.exp"))[0].closed


def test_bad_input_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x\.exp: contour name 'a b' must not hold spaces"):
        write_exp([Contour("a b", np.zeros((2, 2)))], tmp_path / "x.exp")
    cut = tmp_path / "cut.exp"
    cut.write_text("## Name:a\n## Icon:0\n# Points Count Value\n3 1.\n# X pos Y pos\n0 0\n1 1\n")
    with pytest.raises(InputError, match=r"cut\.exp: contour a says 3 points and has 2"):
        read_exp(cut)
    with pytest.raises(InputError, match="no such contour file"):
        read_exp(tmp_path / "none.exp")


@pytest.mark.data
def test_real_contours(data_root: Path) -> None:
    paths = sorted((data_root / "issm_contours").rglob("*.exp"))
    assert paths
    for path in paths:
        for contour in read_exp(path):
            assert len(contour.xy) >= 2
            assert np.isfinite(contour.xy).all()
