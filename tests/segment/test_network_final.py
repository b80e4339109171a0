"""The chosen network trained longer: what is left out, what is scored."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from shapely.geometry import Polygon

ANALYSIS = Path(__file__).parents[2] / "analysis"


@pytest.fixture
def final(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ANALYSIS))
    spec = importlib.util.spec_from_file_location("network_final", ANALYSIS / "network_final.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "network_final", module)
    spec.loader.exec_module(module)
    return module


def test_folds_differ_in_the_glacier_left_out_alone(final, tmp_path) -> None:
    configs = [final.recipe(tmp_path, g, final.STAGES, 0.5) for g in (*final.GLACIERS, None)]
    assert [c.hold_out for c in configs] == [*final.GLACIERS, None]
    assert len({c.name for c in configs}) == 4
    alike = {c.model_copy(update={"hold_out": None, "name": ""}).model_dump_json() for c in configs}
    assert len(alike) == 1


def test_first_stage_is_the_same_with_and_without_the_second(final, tmp_path) -> None:
    alone = final.recipe(tmp_path, None, final.STAGES[:1], 0.5).settings(0)
    assert alone == final.recipe(tmp_path, "Sverdrup", final.STAGES, 0.5).settings(0)


def test_walls_are_the_outline_without_the_ends_at_the_border(final) -> None:
    fjord = Polygon([(5, -1), (5, 30), (15, 30), (15, -1)])
    walls = final.sides(fjord, (30, 20))
    assert walls.length == pytest.approx(2 * 27)
    assert {x for x, _ in (c for part in walls.geoms for c in part.coords)} == {5.0, 15.0}


def test_table_has_a_row_for_each_score(final) -> None:
    row = {"weights": "shipped", "glacier": "K", "crops": 23, "whole line": 100.6, "lost": 0}
    lines = final.markdown([row, row]).splitlines()
    assert lines[0] == "| weights | glacier | crops | whole line | lost |"
    assert lines[2:] == ["| shipped | K | 23 | 101 | 0 |"] * 2
