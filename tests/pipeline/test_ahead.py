"""Loops compiled while scenes are read: what is rehearsed, and when not."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import llvmlite.binding
import numba
import pytest

from termini.catalog import read_netcdf
from termini.errors import InputError
from termini.files import user_cache
from termini.pipeline import ahead
from termini.pipeline.parts import OBSERVATIONS, TYPES


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "ahead-1.nbm"
    monkeypatch.setattr(ahead, "_mark", lambda: path)
    return path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Processes begun."""
    begun: list[subprocess.Popen[bytes]] = []

    class Recorded(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, command: list[str], **options: object) -> None:
            super().__init__(command, **options)  # type: ignore[call-overload]
            begun.append(self)

    monkeypatch.setattr(ahead.subprocess, "Popen", Recorded)
    return begun


def test_the_rehearsal_goes_through_series_types_and_issm(tmp_path: Path) -> None:
    context = ahead.rehearse(tmp_path)
    assert read_netcdf(context.path(OBSERVATIONS)).sizes["observation"] > 0
    types = read_netcdf(context.path(TYPES))
    assert types.sizes["glacier"] == ahead.REGION["glaciers"]
    assert list((tmp_path / "issm").glob("*.nc"))


@pytest.mark.parametrize("why", ["compiled before", "nothing is compiled at all"])
def test_nothing_is_begun_where_there_is_nothing_to_compile(
    mark: Path,
    started: list[subprocess.Popen[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    why: str,
) -> None:
    if why == "compiled before":
        mark.write_text("done")
    else:
        monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    with ahead.compiling_ahead():
        pass
    assert started == []


def test_the_end_of_the_block_waits_for_the_process(
    mark: Path, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "_COMMAND", f"open({str(mark)!r}, 'w').write('done')")
    with ahead.compiling_ahead():
        assert len(started) == 1
    assert mark.read_text() == "done"
    assert started[0].returncode == 0


def test_a_block_that_fails_ends_the_process_and_leaves_no_folder(
    mark: Path, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "_COMMAND", "import time; time.sleep(600)")
    with pytest.raises(InputError), ahead.compiling_ahead():
        raise InputError("no scenes")
    assert started[0].returncode < 0
    folder = started[0].args[-1]  # type: ignore[index]
    assert not Path(str(folder)).exists()


def test_the_process_ends_when_nobody_waits_for_it() -> None:
    command = (
        "import threading, time; from termini.pipeline.ahead import _end_with; "
        "threading.Thread(target=_end_with, args=(0,), daemon=True).start(); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", command], stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.close()
    start = time.monotonic()
    assert process.wait(timeout=120) == 1
    assert time.monotonic() - start < 120


@pytest.mark.parametrize("fails", [False, True])
def test_a_rehearsal_leaves_its_mark_and_takes_older_ones_away(
    mark: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    def rehearse(folder: Path) -> None:
        if fails:
            raise InputError("no room")

    older = mark.with_name("ahead-0.nbm")
    older.write_text("done")
    monkeypatch.setattr(ahead, "rehearse", rehearse)
    monkeypatch.setattr(ahead, "_end_with", lambda pipe: None)
    monkeypatch.setattr(sys, "argv", ["-c", str(mark.parent)])
    ahead.work()
    assert ("no room" in mark.read_text()) is fails
    assert not older.exists()


def test_the_mark_is_of_this_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    here = ahead._mark()
    monkeypatch.setattr(llvmlite.binding, "get_host_cpu_name", lambda: "another")
    assert ahead._mark() != here
    assert ahead._mark().parent == here.parent


def test_the_mark_finds_a_place_where_the_package_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ahead.os, "access", lambda path, mode: False)
    assert ahead._mark().parent == user_cache()
