"""The loader in Python, on models that stand in for ISSM's and pyISSM's."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from exported_made_up import export, read_fields

from termini.issm.derive import derive_input


@pytest.fixture(scope="module")
def folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # a copy: the loader leaves its compiled self beside it
    return shutil.copytree(folder, tmp_path_factory.mktemp("loader") / "out")


@pytest.fixture
def load(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("load_issm", folder / "load_issm.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def issm_classes() -> Iterator[None]:
    """Class as ISSM's Python has it, one module a class."""
    module = ModuleType("frontalforcingsrignot")
    module.frontalforcingsrignot = SimpleNamespace  # type: ignore[attr-defined]
    sys.modules["frontalforcingsrignot"] = module
    yield
    del sys.modules["frontalforcingsrignot"]


def fresh() -> SimpleNamespace:
    """Model with ISSM's defaults, as far as the loader looks at them."""
    return SimpleNamespace(
        mesh=SimpleNamespace(numberofvertices=0, x=np.nan, y=np.nan),
        mask=SimpleNamespace(),
        levelset=SimpleNamespace(reinit_frequency=10, kill_icebergs=1),
        transient=SimpleNamespace(ismovingfront=0, isgroundingline=0),
        geometry=SimpleNamespace(bed=np.nan),
        frontalforcings=SimpleNamespace(meltingrate=np.nan),
        groundingline=SimpleNamespace(migration="None"),
        calving=SimpleNamespace(calvingrate=np.nan),
        smb=SimpleNamespace(mass_balance=np.nan),
        timestepping=SimpleNamespace(start_time=0, final_time=5),
    )


def test_every_field_is_set_and_said(
    load: ModuleType, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    md = load.load_issm(fresh())
    fields = read_fields(folder / "model_input.nc")
    for name, values in fields.items():
        group, _, variable = name.partition(".")
        np.testing.assert_array_equal(getattr(getattr(md, group), variable), values, err_msg=name)
    assert (md.calving.calvingrate == 0).all()
    text = capsys.readouterr().out
    for words in (
        "md.levelset.reinit_frequency = 0", "md.levelset.kill_icebergs = 0",
        "md.transient.ismovingfront = 1", "negative in ice", "md.frontalforcings.meltingrate",
        "md.smb.mass_balance: m ice/a", "md.timestepping.start_time = 2015.05",
    ):  # fmt: skip
        assert words in text
    load.load_issm(fresh(), quiet=True)
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("issm_classes")
def test_rignot_sets_the_class_and_the_switch_without_which_issm_stops(
    load: ModuleType, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    md = load.load_issm(fresh(), melt="rignot")
    rignot = read_fields(folder / "rignot.nc")
    for name, values in rignot.items():
        given = getattr(md.frontalforcings, name.partition(".")[2])
        np.testing.assert_array_equal(given, values)
    assert md.groundingline.migration == "SubelementMigration"
    assert md.transient.isgroundingline == 1
    assert "class frontalforcingsrignot now" in capsys.readouterr().out
    own = fresh()
    own.groundingline.migration = "AggressiveMigration"
    assert load.load_issm(own, melt="rignot").groundingline.migration == "AggressiveMigration"


def test_a_model_with_its_own_mesh_and_bed_keeps_them(load: ModuleType, folder: Path) -> None:
    fields = read_fields(folder / "model_input.nc")
    md = fresh()
    md.mesh = SimpleNamespace(
        numberofvertices=fields["mesh.x"].size, x=fields["mesh.x"] + 0.1, y=fields["mesh.y"]
    )
    md.geometry.bed = np.full(fields["mesh.x"].size, -777.0)
    md = load.load_issm(md, melt=None)
    assert (md.geometry.bed == -777.0).all()
    np.testing.assert_array_equal(md.mesh.x, fields["mesh.x"] + 0.1)
    assert np.isnan(md.frontalforcings.meltingrate)
    md.mesh.x = md.mesh.x + 60.0
    with pytest.raises(ValueError, match="export again with --mesh"):
        load.load_issm(md)


def test_without_melt_it_is_nought_and_rignot_is_refused(load: ModuleType, tmp_path: Path) -> None:
    out = export(tmp_path / "out", forcing=None, resolution=900.0)
    assert (load.load_issm(fresh(), str(out)).frontalforcings.meltingrate == 0).all()
    with pytest.raises(ValueError, match=r"rignot\.nc: missing"):
        load.load_issm(fresh(), str(out), melt="rignot")
    with pytest.raises(ValueError, match="export with --members 2"):
        load.load_issm(fresh(), str(out), member=2)


def test_a_free_front_is_left_to_issm_and_other_classes_alone(
    load: ModuleType, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phi = read_fields(folder / "model_input.nc")["levelset.spclevelset"][:, :2]
    phi[:-1] = np.nan
    changes = {"levelset.spclevelset": phi}
    derive_input(folder / "model_input.nc", tmp_path / "model_input.nc", changes, title="free")
    md = fresh()
    md.smb = SimpleNamespace(precipitation=np.nan)
    md = load.load_issm(md, str(tmp_path))
    assert md.levelset.reinit_frequency == 10
    assert not hasattr(md.smb, "mass_balance")
    text = capsys.readouterr().out
    for words in ("front free", "takes no mass_balance", "give it a rate or a calving law"):
        assert words in text
