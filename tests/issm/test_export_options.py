"""Options of the export: own mesh, rock, other dates, ensembles, forcings as they are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from exported_made_up import export, glacier, read_fields

from termini.files import sha256
from termini.issm import check_folder, read_exp, triangulate
from termini.times import decimal_year

MELT = "frontalforcings.meltingrate"
PHI = "levelset.spclevelset"


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("options") / "ensemble"
    return export(out, resolution=600.0, times="monthly", members=2, seed=4)


def test_monthly_fronts_and_members(ensemble: Path, tmp_path: Path) -> None:
    fields = read_fields(ensemble / "model_input.nc")
    manifest = json.loads((ensemble / "manifest.json").read_text())
    dates = pd.to_datetime(manifest["dates"])
    assert (dates.day == 15).all()
    np.testing.assert_allclose(fields[PHI][-1], decimal_year(dates), atol=1e-12)
    assert manifest["members"] == 2
    for i in (1, 2):
        member = read_fields(ensemble / "members" / f"member_00{i}.nc")
        assert member[PHI].shape == fields[PHI].shape
        assert 0 < np.abs(member[PHI] - fields[PHI])[:-1].max() < 500
        np.testing.assert_array_equal(member[PHI][-1], fields[PHI][-1])
        wet = member["mask.ocean_levelset"] < 0
        assert (member[MELT][:-1][wet] == 0).all(), "by the member's own first front"
        assert set(read_fields(ensemble / "members" / f"rignot_00{i}.nc")) == {
            "frontalforcings.subglacial_discharge", "frontalforcings.thermalforcing",
        }  # fmt: skip
    again = export(tmp_path / "again", resolution=600.0, times="monthly", members=2, seed=4)
    for path in ensemble.rglob("*"):
        if path.is_file():
            assert sha256(path) == sha256(again / path.relative_to(ensemble)), path.name
    plain = export(tmp_path / "again", resolution=600.0)
    assert not (plain / "members").exists(), "nothing of the earlier export is left"


def test_own_mesh_given_as_an_earlier_export(ensemble: Path, tmp_path: Path) -> None:
    out = export(tmp_path / "out", mesh=ensemble / "model_input.nc")
    mine, theirs = (read_fields(f / "model_input.nc") for f in (out, ensemble))
    np.testing.assert_array_equal(mine["mesh.x"], theirs["mesh.x"])
    np.testing.assert_array_equal(mine["mesh.elements"], theirs["mesh.elements"])
    assert check_folder(out) == []


def test_own_mesh_that_reaches_beyond_the_fjord(tmp_path: Path) -> None:
    mesh = triangulate(glacier().domain.fjord.convex_hull.buffer(2000), 900.0)
    out = export(tmp_path / "out", mesh=mesh)
    fields = read_fields(out / "model_input.nc")
    assert fields["mesh.x"].size == len(mesh.x)
    assert np.isfinite(fields[PHI]).all()


def test_rock_is_a_hole_and_no_front(tmp_path: Path) -> None:
    domain = glacier().domain
    middle = shapely.line_interpolate_point(domain.centreline, 0.3, normalized=True)
    rock = middle.buffer(1200.0)
    out = export(tmp_path / "out", rock=rock, resolution=400.0)
    fields = read_fields(out / "model_input.nc")
    inside = shapely.contains_xy(rock.buffer(-150), fields["mesh.x"], fields["mesh.y"])
    assert not inside.any()
    assert read_exp(out / "rock.exp")[0].closed
    lines = shapely.union_all([shapely.LineString(c.xy) for c in read_exp(out / "fronts.exp")])
    assert lines.intersection(rock.boundary.buffer(1)).length < 50


def test_where_the_front_is_free_only_the_masks_know_it(tmp_path: Path) -> None:
    fjord = glacier().domain.fjord
    x0, y0, x1, y1 = fjord.bounds
    half = shapely.box(x0 - 1e4, y0 - 1e4, x1 + 1e4, (y0 + y1) / 2)
    out = export(tmp_path / "half", free=half, resolution=700.0, members=1)
    for name in ("model_input.nc", "members/member_001.nc"):
        fields = read_fields(out / name)
        if name == "model_input.nc":
            free = fields["mesh.y"] <= (y0 + y1) / 2
            assert fields["levelset.reinit_frequency"] == 0
        assert np.isnan(fields[PHI][:-1][free]).all()
        assert np.isfinite(fields[PHI][:-1][~free]).all()
        assert np.isfinite(fields["mask.ice_levelset"]).all()
    assert f"The front is free (NaN) at {free.sum()} of {free.size} vertices" in (
        out / "README.md"
    ).read_text(encoding="utf-8")
    whole = export(tmp_path / "whole", free=fjord.buffer(2000), resolution=700.0)
    fields = read_fields(whole / "model_input.nc")
    assert np.isnan(fields[PHI][:-1]).all()
    assert fields["levelset.reinit_frequency"] == 10
    assert check_folder(whole) == []


def test_mesh_is_finer_where_fronts_are(tmp_path: Path) -> None:
    plain = read_fields(export(tmp_path / "a", resolution=700.0) / "model_input.nc")
    fine = export(tmp_path / "b", resolution=700.0, front_resolution=250.0)
    fields = read_fields(fine / "model_input.nc")
    near = np.abs(fields["mask.ice_levelset"]) < 700
    assert near.sum() > 3 * (np.abs(plain["mask.ice_levelset"]) < 700).sum()
    assert fields["mesh.x"].size < 6 * plain["mesh.x"].size


def test_columns_with_too_little_are_named(tmp_path: Path) -> None:
    table = glacier().forcing.copy()
    table.loc[table.index[1:], "surface_mass_balance"] = np.nan
    out = export(tmp_path / "out", forcing=table, resolution=700.0)
    assert "smb.mass_balance" not in read_fields(out / "model_input.nc")
    assert (
        "surface_mass_balance: fewer than two values, left out" in (out / "README.md").read_text()
    )


def test_runoff_of_summers_is_none_in_winter(tmp_path: Path) -> None:
    years = pd.date_range("2013-07-15", "2020-07-15", freq="12MS") + pd.Timedelta(days=14)
    table = pd.DataFrame({"runoff": 300.0, "thermal_forcing": 3.0}, index=years)
    table.attrs["cadence"] = "summer"
    out = export(tmp_path / "out", forcing=table, resolution=600.0)
    discharge = read_fields(out / "rignot.nc")["frontalforcings.subglacial_discharge"]
    years_of = np.arange(2014, 2020)
    winter, summer = (np.interp(years_of + x, discharge[-1], discharge[0]) for x in (0.05, 0.54))
    assert winter.max() == 0
    assert summer.min() > 200 * 86_400
