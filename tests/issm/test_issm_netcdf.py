"""The NetCDF files as ISSM's own reader takes them, by the facts of its layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
from exported_made_up import glacier, read_fields

from termini.issm.check import check_folder
from termini.issm.forcing import BALANCE
from termini.issm.mesh import triangulate
from termini.issm.model import ModelInput
from termini.issm.netcdf import write_members


def as_issm_reads(path: Path) -> dict[str, dict[str, Any]]:
    """What ISSM's layout 2.0 gives: arrays squeezed, whole numbers as int, no classes changed.

    A group that a fresh model does not have is skipped, attributes are not fields, and a
    variable with a dimension named like text would be decoded as text.
    """
    fresh = {
        "mesh", "mask", "geometry", "levelset", "transient", "frontalforcings", "calving",
        "smb", "timestepping",
    }  # fmt: skip
    found: dict[str, dict[str, Any]] = {}
    with netCDF4.Dataset(path) as nc:
        nc.set_auto_mask(False)
        assert nc.Conventions == "ISSM-NetCDF-2.0"
        for group in nc.groups.values():
            if group.name not in fresh:
                continue
            values = found.setdefault(group.name, {})
            for name, variable in group.variables.items():
                assert not any("char" in dim for dim in variable.dimensions)
                data = np.squeeze(np.array(variable[:]))
                values[name] = data if data.ndim else data.item()
    return found


def test_every_field_is_one_that_issms_reader_finds(folder: Path) -> None:
    fields = read_fields(folder / "model_input.nc")
    read = as_issm_reads(folder / "model_input.nc")
    assert {f"{g}.{n}" for g, values in read.items() for n in values} == set(fields)
    for name, values in fields.items():
        group, _, variable = name.partition(".")
        np.testing.assert_array_equal(read[group][variable], values)
    assert read["mesh"]["epsg"] == 3413
    assert read["mesh"]["elements"].min() == 1
    assert read["levelset"]["spclevelset"].dtype == np.float64


def test_groups_carry_their_class_and_nothing_else(folder: Path) -> None:
    # pyISSM takes any other attribute of a group for a field
    for name, kinds in {
        "model_input.nc": {"mesh": "mesh.mesh2d", "frontalforcings": "frontalforcings.default"},
        "rignot.nc": {"frontalforcings": "frontalforcings.rignot"},
    }.items():
        with netCDF4.Dataset(folder / name) as nc:
            for group in nc.groups.values():
                assert group.ncattrs() == ["classtype"]
                assert group.classtype == kinds.get(group.name, group.classtype)
            assert all(v.units for g in nc.groups.values() for v in g.variables.values())


def test_members_hold_what_differs(tmp_path: Path) -> None:
    mesh = triangulate(glacier().domain.fjord, 900.0)
    nv = len(mesh.x)
    years = np.array([2015.0, 2016.0])
    phi = np.linspace(-5000, 5000, nv)[:, None] + [0.0, -100.0]
    model = ModelInput(
        name="a", crs="EPSG:3413", mesh=mesh, bed=np.full(nv, -300.0), ice_levelset=phi[:, 0],
        spclevelset=np.vstack([phi, years]), gate_vertices=np.zeros(0, dtype=np.int64),
        front_members=np.stack([phi + 10, phi - 10]),
        forcing_members={BALANCE: np.ones((3, nv + 1, 2)) * years},
    )  # fmt: skip
    paths = write_members(model, tmp_path / "members", title="t", history="h")
    assert [path.name for path in paths] == [f"member_00{i}.nc" for i in (1, 2, 3)]
    second = read_fields(paths[1])
    np.testing.assert_array_equal(second["levelset.spclevelset"][:-1], phi - 10)
    np.testing.assert_array_equal(second["levelset.spclevelset"][-1], years)
    assert set(read_fields(paths[2])) == {"smb.mass_balance"}


def test_a_model_in_issms_own_dialect_is_read(folder: Path, tmp_path: Path) -> None:
    """Scalars as arrays of one value, unset fields as NaN, Rignot's class in the model."""
    fields = read_fields(folder / "model_input.nc")
    rignot = read_fields(folder / "rignot.nc")
    fields = {k: v for k, v in fields.items() if not k.startswith("frontalforcings")} | rignot
    fields["geometry.surface"] = np.array(np.nan)
    with netCDF4.Dataset(tmp_path / "model.nc", "w") as nc:
        nc.createDimension("scalar", 1)
        for name, values in fields.items():
            group, _, variable = name.partition(".")
            made = nc.groups.get(group) or nc.createGroup(group)
            made.classtype = "frontalforcingsrignot" if group == "frontalforcings" else group
            dims = [f"{variable}_dim{i}" for i in range(values.ndim)]
            for dim, size in zip(dims, values.shape, strict=True):
                nc.createDimension(f"{group}_{dim}", size)
            made.createVariable(
                variable, values.dtype.str[1:], [f"{group}_{d}" for d in dims] or ["scalar"]
            )[:] = values
    assert check_folder(tmp_path) == []
    with netCDF4.Dataset(tmp_path / "model.nc", "a") as nc:
        nc["frontalforcings"]["basin_id"][3] = 0
    assert "basin id 0 in 1 elements" in str(check_folder(tmp_path / "model.nc")[0])
