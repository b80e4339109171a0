"""The grid of networks and normalisations: equal for all, and its table."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

ANALYSIS = Path(__file__).parents[2] / "analysis"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, ModuleType]:
    """The script that runs cells, and the one that makes their table."""
    monkeypatch.syspath_prepend(str(ANALYSIS))
    found = []
    for name in ("network_grid", "network_grid_table"):
        spec = importlib.util.spec_from_file_location(name, ANALYSIS / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        found.append(module)
    return found[0], found[1]


def test_all_cells_are_trained_alike_but_for_network_and_loss(scripts, tmp_path) -> None:
    grid, _ = scripts
    budget = grid.Budget("examples", 80)
    seen, losses = set(), {}
    for network, normalisation, glacier in grid.cells(
        list(grid.NETWORKS), list(grid.ALL_NORMALISATIONS)
    ):
        config = grid.config_of(network, normalisation, glacier, 80, budget, tmp_path)
        settings = config.settings(0)
        assert (config.network.name, config.hold_out) == (network, glacier)
        assert settings.view.normalisation == normalisation
        assert not any(layer.startswith("band") for layer in settings.view.layers)
        view = {k: v for k, v in vars(settings.view).items() if k in grid.VIEW}
        alike = (view, settings.optimiser, settings.schedule, settings.steps, settings.batch)
        seen.add(repr((alike, settings.seed, settings.average, settings.half)))
        losses[network] = settings.loss.name
    assert len(seen) == 1
    assert losses["calfin_xception65"] == "calfin"
    assert losses["deeplab_drn54"] == "bce"
    assert losses["mohajerani2019"] == "weighted_bce"


def test_pretraining_goes_first_and_has_a_folder_of_its_own(scripts, tmp_path) -> None:
    grid, _ = scripts
    budget = grid.Budget("seconds", 40.0, 160)
    config = grid.config_of("ours_small", "equalise", "Sverdrup", 80, budget, tmp_path)
    assert [(s.name, s.steps) for s in config.stages] == [("simulated", 20), ("crops", 10)]
    assert budget.folder == "seconds-40-after-160"
    assert grid.Budget("seconds", 40.0).folder == "seconds-40"


def cell(network: str, glacier: str, nearest: list[float | None]) -> dict[str, object]:
    images = {
        f"{glacier}{k}": {
            "nearest_mean": value, "nearest_cut": value, "same_index": value, "seconds": 0.1,
        }
        for k, value in enumerate(nearest)
    }  # fmt: skip
    return {
        "budget": "examples-8", "network": network, "normalisation": "none",
        "held_out": glacier, "examples": 8, "simulated": 0, "processor_seconds": 2.0,
        "images": images, "view": {}, "optimiser": {}, "batch": 8,
    }  # fmt: skip


def test_table_ranks_whole_rows_and_counts_what_was_lost(scripts, tmp_path, capsys) -> None:
    _, tables = scripts
    cells = [
        cell("good", "A", [10.0, 30.0]), cell("good", "B", [40.0]), cell("good", "C", [700.0]),
        cell("lossy", "A", [5.0, None]), cell("lossy", "B", [5.0]), cell("lossy", "C", [9000.0]),
        cell("begun", "A", [1.0]),
    ]  # fmt: skip
    table = tables.table_of(cells).set_index("network")
    assert list(table.index) == ["good", "lossy", "begun"]
    assert table.loc["good", "score"] == pytest.approx((20 + 40 + 700) / 3)
    assert table.loc["lossy", "score"] == pytest.approx((502.5 + 5 + 1000) / 3)
    assert table["score"].isna().to_dict() == {"good": False, "lossy": False, "begun": True}
    assert (table.loc["good", "gross"], table.loc["good", "lost"]) == (1, 0)
    assert (table.loc["lossy", "gross"], table.loc["lossy", "lost"]) == (2, 1)
    failed = {k: v for k, v in cell("bad", "A", []).items() if k != "images"}
    for k, held in enumerate([*cells, failed | {"reason": "RuntimeError: too large"}]):
        path = tmp_path / "examples-8" / str(k) / "result.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(held))
    tables.print_tables(tmp_path, tmp_path / "t.json")
    said = capsys.readouterr().out
    assert "Smallest score: `good`, none" in said
    assert "Failed (8 views of crops): bad, none, without A: RuntimeError: too large" in said
    assert "7 trainings, 2 not done yet" in said
    written = json.loads((tmp_path / "t.json").read_text())
    assert [row["network"] for row in written["rows"]] == ["good", "lossy", "begun"]
    assert written["failed"][0]["reason"] == "RuntimeError: too large"
    page = tmp_path / "page.md"
    page.write_text(f"Before.\n{tables.BEGINS}\nold\n{tables.ENDS}\nAfter.\n")
    tables.print_tables(tmp_path, docs=page)
    text = page.read_text()
    assert text.startswith("Before.")
    assert text.endswith("After.\n")
    assert "`good`" in text
    assert "old" not in text
    page.write_text("no marks")
    with pytest.raises(SystemExit, match="grid begins"):
        tables.print_tables(tmp_path, docs=page)
