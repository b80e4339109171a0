"""Loops compiled while scenes are read: what is rehearsed, and when not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from termini.catalog import read_netcdf
from termini.errors import InputError
from termini.pipeline import ahead
from termini.pipeline.parts import OBSERVATIONS, TYPES


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "compiled"
    monkeypatch.setattr(ahead, "_mark", lambda: path)
    yield path
    logging.disable(logging.NOTSET)


def test_the_rehearsal_goes_through_series_types_and_issm(tmp_path: Path) -> None:
    context = ahead.rehearse(tmp_path)
    assert read_netcdf(context.path(OBSERVATIONS)).sizes["observation"] > 0
    types = read_netcdf(context.path(TYPES))
    assert types.sizes["glacier"] == ahead.REGION["glaciers"]
    assert list((tmp_path / "issm").glob("*.nc"))


def test_what_was_compiled_before_is_not_compiled_again(mark: Path) -> None:
    mark.write_text("done")
    assert ahead.compile_ahead() is None
    ahead.finish(None)


def test_a_rehearsal_leaves_its_mark(mark: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "rehearse", lambda folder: print("not to be seen"))
    ahead._begin()
    assert mark.is_file()


def test_a_rehearsal_that_fails_says_nothing_and_leaves_no_mark(
    mark: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(folder: Path) -> None:
        print("half way")
        raise InputError("no room")

    monkeypatch.setattr(ahead, "rehearse", fails)
    ahead._begin()
    assert not mark.exists()
    assert capsys.readouterr() == ("", "")


def test_the_mark_is_of_this_code_and_this_processor() -> None:
    assert ahead._mark().name.startswith("compiled-")
    assert ahead._mark() == ahead._mark()
