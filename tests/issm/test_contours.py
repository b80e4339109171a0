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
from termini.issm import Contour, exp_faults, read_exp, write_exp
from termini.issm.contours import contours_of

WELL = (
    "## Name:front_2015\n## Icon:0\n# Points Count Value\n2 1.\n# X pos Y pos\n"
    "0.0000 0.0000\n1.5000 2.0000\n\n"
)


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


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (WELL.replace("front_2015", "front 2015"), "'front 2015' is empty or holds a space"),
        (WELL.replace("Name:front_2015", "Name:"), "'' is empty or holds a space"),
        (WELL.replace("2 1.", "3 1."), "says 3 points and has 2"),
        (WELL.replace("1.5000", "1.5"), "differing decimals"),
        (WELL.replace("\n", "\r\n"), "lines end in CR LF"),
        (WELL.removesuffix("\n"), "not laid out as name"),
        (WELL + "stray\n", "the contour from line 9 on is not laid out"),
        ("1 2\n3 4\n", "the contour from line 1 on is not laid out"),
    ],
)
def test_faults_of_the_layout_are_said(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "bad.exp"
    path.write_bytes(text.encode())
    assert fault in " ".join(exp_faults(path))


def test_well_formed_text_comes_back_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "well.exp"
    text = WELL + WELL.replace("front_2015", "b").replace("Icon:0", "Icon:2").replace(
        "1.\n", "0.5\n"
    )
    path.write_bytes(text.encode())
    assert exp_faults(path) == []
    assert write_exp(read_exp(path), tmp_path / "again.exp").read_bytes() == text.encode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WELL.replace("2 1.", "many 1."), "line 4 holds 'many 1.'"),
        (WELL.replace("1.5000 2.0000", "1.5000"), "line 7 holds '1.5000'"),
        (WELL.replace("1.5000 2.0000", "nan 2"), "line 7 holds 'nan 2'"),
        (WELL.replace("1.5000 2.0000", "a b"), "where x and y of a point"),
    ],
)
def test_what_is_no_contour_names_the_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.exp"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"bad\.exp: .*{words}"):
        read_exp(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not a text file"):
        read_exp(path)


@pytest.mark.data
def test_real_contours_come_back_byte_for_byte(data_root: Path, tmp_path: Path) -> None:
    paths = sorted((data_root / "issm_contours").rglob("*.exp"))
    assert len(paths) == 37
    for path in paths:
        assert exp_faults(path) == []
        again = write_exp(read_exp(path), tmp_path / path.name)
        assert again.read_bytes() == path.read_bytes(), path
        assert all(contour.closed for contour in read_exp(path))
