"""The loader for MATLAB, run by GNU Octave where it is installed with its NetCDF package.

Octave is not MATLAB: this tells that the file is read without error, and that every value
arrives in the shape that ISSM's classes take. The classes here have ISSM's names and
defaults and nothing else.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exported_made_up import MELT, export, read_fields
from scipy.io import loadmat

from termini.issm.derive import derive_input
from termini.issm.model import FRONT

CLASSES = {
    "mesh2d": "x=NaN; y=NaN; elements=NaN; numberofelements=0; numberofvertices=0; epsg=0;"
    "vertexonboundary=NaN; segments=NaN; segmentmarkers=NaN; average_vertex_connectivity=25;",
    "mask": "ice_levelset=NaN; ocean_levelset=NaN;",
    "geometry": "surface=NaN; thickness=NaN; base=NaN; bed=NaN;",
    "SMBforcing": "mass_balance=NaN; steps_per_step=1; averaging=0;",
    "SMBpdd": "precipitation=NaN;",
    "timestepping": "start_time=0; final_time=5; time_step=0.5;",
    "groundingline": "migration='None';",
    "transient": "ismovingfront=0; isgroundingline=0;",
    "levelset": "stabilization=1; spclevelset=NaN; reinit_frequency=10; kill_icebergs=1;"
    "migration_max=1e12; fe='P1';",
    "calving": "calvingrate=NaN;",
    "frontalforcings": "meltingrate=NaN; ablationrate=NaN;",
    "frontalforcingsrignot": "basin_id=NaN; num_basins=0; subglacial_discharge=NaN;"
    "thermalforcing=NaN;",
}
PARTS = {
    "mesh": "mesh2d",
    "smb": "SMBforcing",
    **{name: name for name in CLASSES if name[0].islower() and name != "mesh2d"},
}
del PARTS["frontalforcingsrignot"]
# MATLAB's package of functions, which Octave has under other names
NETCDF = {
    "open": "function r = open(p, m)\nr = netcdf_open(p, m);\nend",
    "close": "function close(f)\nnetcdf_close(f);\nend",
    "inqNcid": "function r = inqNcid(f, g)\nr = netcdf_inqNcid(f, g);\nend",
    "inqVarID": "function r = inqVarID(g, n)\nr = netcdf_inqVarID(g, n);\nend",
}


@pytest.fixture(scope="module")
def octave(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the classes."""
    program = shutil.which("octave-cli")
    if program is None:
        pytest.skip("no octave-cli: apt-get install octave octave-netcdf")
    tried = subprocess.run(
        [program, "--eval", "pkg load netcdf"], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        pytest.skip("octave has no NetCDF package: apt-get install octave-netcdf")
    root = tmp_path_factory.mktemp("classes")
    for name, defaults in CLASSES.items():
        lines = f"classdef {name}\nproperties\n{defaults}\nend\nend\n"
        (root / f"{name}.m").write_text(lines, encoding="utf-8")
    made = "\n".join(f"md.{part} = {name}();" for part, name in PARTS.items())
    empty = "".join(f"{part}=0;" for part in PARTS)
    (root / "model.m").write_text(
        f"classdef model\nproperties\n{empty}\nend\nmethods\nfunction md = model()\n{made}\nend\n"
        "end\nend\n",
        encoding="utf-8",
    )
    (root / "+netcdf").mkdir()
    for name, lines in NETCDF.items():
        (root / "+netcdf" / f"{name}.m").write_text(lines + "\n", encoding="utf-8")
    return root


def load(classes: Path, folder: Path, call: str, before: str = "") -> tuple[dict[str, Any], str]:
    """What a model holds after the loader, by group and name, and what was said."""
    shutil.copyfile(Path(__file__).parents[2] / "termini/issm/loaders/load_issm.m",
                    folder / "load_issm.m")  # fmt: skip
    found = folder / "found.mat"
    found.unlink(missing_ok=True)
    script = f"""pkg load netcdf
addpath('{classes}'); addpath('{folder}');
md = model(); {before}
md = {call};
kept = struct();
for part = fieldnames(md)'
  for name = fieldnames(md.(part{{1}}))'
    kept.([part{{1}} '__' name{{1}}]) = md.(part{{1}}).(name{{1}});
  end
  kept.([part{{1}} '__class']) = class(md.(part{{1}}));
end
save('-v7', '{found}', 'kept');
"""
    (folder / "go.m").write_text(script, encoding="utf-8")
    done = subprocess.run(
        ["octave-cli", "--no-gui", str(folder / "go.m")],
        capture_output=True,
        text=True,
        check=False,
    )
    if not found.is_file():
        return {}, done.stdout + done.stderr
    kept = loadmat(found)["kept"][0, 0]
    return {n.replace("__", "."): kept[n] for n in kept.dtype.names}, done.stdout


def same(found: dict[str, Any], wanted: dict[str, np.ndarray]) -> None:
    """Every field arrived, vectors as columns."""
    for name, values in wanted.items():
        given = found[name]
        assert given.dtype == np.float64, name
        shaped = values.reshape(-1, 1) if values.ndim < 2 else values
        np.testing.assert_array_equal(given, shaped, err_msg=name)


@pytest.fixture
def mine(folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(folder, tmp_path / "out")


def test_every_field_arrives_in_issms_shape(octave: Path, mine: Path) -> None:
    found, text = load(octave, mine, f"load_issm(md, '{mine}')")
    same(found, read_fields(mine / "model_input.nc"))
    nv = int(found["mesh.numberofvertices"].item())
    assert found["mesh.elements"].min() == 1
    assert found["calving.calvingrate"].shape == (nv, 1)
    for words in (
        "md.levelset.reinit_frequency = 0", "md.levelset.kill_icebergs = 0",
        "md.transient.ismovingfront = 1", "negative in ice", "md.frontalforcings.meltingrate",
        "md.smb.mass_balance: m ice/a", "free (NaN) at 0 vertices",
    ):  # fmt: skip
        assert words in text


def test_rignots_class_and_switch(octave: Path, mine: Path) -> None:
    found, text = load(octave, mine, f"load_issm(md, '{mine}', 'rignot')")
    rignot = read_fields(mine / "rignot.nc")
    same(
        found, {n.replace("frontalforcingsrignot", "frontalforcings"): v for n, v in rignot.items()}
    )
    assert found["frontalforcings.class"].item() == "frontalforcingsrignot"
    assert found["groundingline.migration"].item() == "SubelementMigration"
    assert found["transient.isgroundingline"].item() == 1
    assert "class frontalforcingsrignot now" in text


def test_a_free_front_is_said_and_re_distanced(octave: Path, mine: Path) -> None:
    phi = read_fields(mine / "model_input.nc")[FRONT]
    phi[:-1] = np.nan
    shutil.move(mine / "model_input.nc", mine / "whole.nc")
    derive_input(
        mine / "whole.nc", mine / "model_input.nc", {FRONT: phi[:, :2], MELT: None}, title="free"
    )
    before = "md.smb = SMBpdd(); md.geometry.bed = -5;"
    found, text = load(octave, mine, f"load_issm(md, '{mine}')", before)
    assert found["levelset.reinit_frequency"].item() == 10
    assert np.isnan(found["levelset.spclevelset"][:-1]).all()
    assert (found["frontalforcings.meltingrate"] == 0).all()
    assert found["geometry.bed"].item() == -5
    for words in ("the front is free", "of the class SMBpdd", "md.geometry.bed is yours"):
        assert words in text


def test_members_and_refusals(octave: Path, tmp_path: Path) -> None:
    out = export(tmp_path / "out", resolution=900.0, members=2, seed=3)
    best, _ = load(octave, out, f"load_issm(md, '{out}')")
    found, text = load(octave, out, f"load_issm(md, '{out}', [], 2)")
    own = read_fields(out / "members" / "member_002.nc")
    assert {FRONT, MELT} <= set(own)
    same(found, own)
    np.testing.assert_array_equal(found["mesh.elements"], best["mesh.elements"])
    assert "member 2 of the ensemble" in text
    for call, words in {
        f"load_issm(md, '{out}', 'rate', 3)": "export with --members 3 or more",
        f"load_issm(md, '{out}', 'wind')": "melt is 'wind'",
    }.items():
        assert words in load(octave, out, call)[1]
    other = "md.mesh.numberofvertices = 3; md.mesh.x = [0;1;2]; md.mesh.y = [0;1;0];"
    found, text = load(octave, out, f"load_issm(md, '{out}')", other)
    assert found == {}
    assert "export again with --mesh" in text
