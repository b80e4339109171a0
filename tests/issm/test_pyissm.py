"""The files through the real pyISSM, where it is installed."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exported_made_up import read_fields

from termini.issm import check_folder


@pytest.fixture
def pyissm(monkeypatch: pytest.MonkeyPatch) -> Any:
    # its model asks the environment who runs it
    monkeypatch.setenv("USER", "modeller")
    return pytest.importorskip("pyissm", reason="pip install pyissm==0.2.1")


@pytest.fixture(scope="module")
def folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # a copy: the loader leaves its compiled self beside it
    return shutil.copytree(folder, tmp_path_factory.mktemp("pyissm") / "out")


@pytest.mark.filterwarnings("ignore")
def test_model_loads_field_for_field(
    pyissm: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    md = pyissm.model.io.load_model(str(folder / "model_input.nc"))
    assert "⚠" not in capsys.readouterr().out
    fields = read_fields(folder / "model_input.nc")
    assert len(fields) >= 18
    for name, values in fields.items():
        group, _, variable = name.partition(".")
        read = getattr(getattr(md, group), variable)
        np.testing.assert_array_equal(read, values, err_msg=name)
        assert (type(read) in {int, float}) == (values.ndim == 0)
    # what the file does not hold keeps its default
    assert md.levelset.migration_max == pyissm.model.Model().levelset.migration_max
    assert set(vars(md)) == set(vars(pyissm.model.Model())), "no field that pyISSM does not know"


@pytest.mark.filterwarnings("ignore")
def test_rignots_file_gives_rignots_class(pyissm: Any, folder: Path) -> None:
    md = pyissm.model.io.load_model(str(folder / "rignot.nc"))
    assert type(md.frontalforcings) is pyissm.model.classes.frontalforcings.rignot
    for name, values in read_fields(folder / "rignot.nc").items():
        read = getattr(md.frontalforcings, name.partition(".")[2])
        np.testing.assert_array_equal(read, values, err_msg=name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("melt", ["rate", "rignot"])
def test_loader_fills_a_model_that_pyissm_finds_consistent(
    pyissm: Any, folder: Path, melt: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = importlib.util.spec_from_file_location("load_issm", folder / "load_issm.py")
    assert spec is not None
    assert spec.loader is not None
    loader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loader)
    md = loader.load_issm(pyissm.model.Model(), melt=melt)
    capsys.readouterr()
    md.private.isconsistent = True
    for part in (md.mesh, md.mask, md.levelset, md.frontalforcings, md.calving, md.smb):
        part.check_consistency(
            md, "TransientSolution", ["LevelsetAnalysis", "MasstransportAnalysis"]
        )
    assert md.private.isconsistent, capsys.readouterr().out


@pytest.mark.filterwarnings("ignore")
def test_what_pyissm_saves_is_checked(pyissm: Any, folder: Path, tmp_path: Path) -> None:
    md = pyissm.model.io.load_model(str(folder / "model_input.nc"))
    pyissm.model.io.save_model(md, str(tmp_path / "saved.nc"))
    assert check_folder(tmp_path) == []
    md.levelset.spclevelset[:-1] *= -1
    md.frontalforcings.meltingrate[2, 2] = np.nan
    pyissm.model.io.save_model(md, str(tmp_path / "saved.nc"))
    text = "\n".join(map(str, check_folder(tmp_path)))
    assert "sign opposite to levelset.spclevelset" in text
    assert "NaN or infinite" in text
