"""Stages: run once, again when something changes, and on from where a run was killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from termini.pipeline import Context, make_config
from termini.pipeline.engine import Stage, run_stages

CALLS: list[str] = []


def stages(fail: bool = False) -> list[Stage]:
    def first(context: Context) -> str:
        CALLS.append("first")
        return "made"

    def second(context: Context) -> str:
        CALLS.append("second")
        if fail:
            raise RuntimeError
        return "done"

    return [
        Stage("first", (), lambda c: c.run.seed, first),
        Stage("second", ("first",), lambda c: c.types.model_dump(), second),
    ]


def context(folder: Path, seed: int = 0, k: int | None = None) -> Context:
    document = {"run": {"seed": seed}, "simulate": {}, "types": {"k": k}}
    return Context(make_config(document), folder)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    CALLS.clear()


def test_nothing_is_done_twice(tmp_path: Path) -> None:
    run_stages(stages(), context(tmp_path))
    run_stages(stages(), context(tmp_path))
    assert CALLS == ["first", "second"]


def test_a_changed_setting_repeats_its_stage_and_those_after(tmp_path: Path) -> None:
    run_stages(stages(), context(tmp_path))
    run_stages(stages(), context(tmp_path, k=3))
    assert CALLS == ["first", "second", "second"]
    run_stages(stages(), context(tmp_path, seed=1, k=3))
    assert CALLS[3:] == ["first", "second"]


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        run_stages(stages(fail=True), context(tmp_path))
    run_stages(stages(), context(tmp_path))
    assert CALLS == ["first", "second", "second"]


def test_a_damaged_mark_is_not_believed(tmp_path: Path) -> None:
    run_stages(stages(), context(tmp_path))
    (tmp_path / ".stages" / "second.json").write_text("{half")
    run_stages(stages(), context(tmp_path))
    assert CALLS == ["first", "second", "second"]
