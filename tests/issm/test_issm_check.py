"""Each fault that ISSM runs or dies of, made in an exported folder, is refused by name."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from exported_made_up import Spoil, export, fronts, spoil

from termini.errors import InputError, ReleaseError
from termini.issm import check_folder, read_exp, write_exp
from termini.issm.contours import Contour
from termini.times import decimal_year

PHI = "levelset.spclevelset"
MELT = "frontalforcings.meltingrate"
DISCHARGE = "frontalforcings.subglacial_discharge"
BASIN = "frontalforcings.basin_id"
Fields = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("check") / "out")


def said(folder: Path, **options: Path) -> str:
    problems = check_folder(folder, **options)
    for problem in problems:
        assert problem.field
        assert problem.place
        assert problem.remedy
    return "\n".join(map(str, problems))


def flip_front(fields: Fields) -> None:
    fields[PHI][:-1] *= -1


def flip_all(fields: Fields) -> None:
    flip_front(fields)
    for name in ("mask.ice_levelset", "mask.ocean_levelset"):
        fields[name] *= -1
    fields[MELT][:-1] = 0


def turn_element(fields: Fields) -> None:
    fields["mesh.elements"][7] = fields["mesh.elements"][7][::-1]


def turn_all_elements(fields: Fields) -> None:
    fields["mesh.elements"] = fields["mesh.elements"][:, ::-1].copy()


def half_a_year(fields: Fields) -> None:
    fields[PHI][-1] += 0.5


def half_a_year_back(fields: Fields) -> None:
    fields[PHI][-1] -= 0.5


def sixty_metres_of_mesh(fields: Fields) -> None:
    fields["mesh.x"] += 60.0


def sixty_metres_of_front(fields: Fields) -> None:
    fields[PHI][:-1] += 60.0


def float32_series(fields: Fields) -> None:
    fields[PHI] = fields[PHI].astype(np.float32)


def float32_years(fields: Fields) -> None:
    fields[PHI][-1] = fields[PHI][-1].astype(np.float32)


def nan_in_melt(fields: Fields) -> None:
    fields[MELT][3, 5] = np.nan


def single_column(fields: Fields) -> None:
    fields[PHI] = fields[PHI][:, :1].copy()


def single_column_of_melt(fields: Fields) -> None:
    fields[MELT] = fields[MELT][:, 0].copy()


def orphan(fields: Fields) -> None:
    for name, value in (("mesh.x", 0.0), ("mesh.y", 0.0)):
        fields[name] = np.append(fields[name], fields[name].mean() + value)
    fields["mesh.numberofvertices"] = np.int32(fields["mesh.x"].size)
    for name in ("mask.ice_levelset", "mask.ocean_levelset", "geometry.bed"):
        fields[name] = np.append(fields[name], fields[name][-1])
    fields["mesh.vertexonboundary"] = np.append(fields["mesh.vertexonboundary"], np.int32(0))
    for name in (PHI, MELT, "smb.mass_balance"):
        fields[name] = np.insert(fields[name], -1, fields[name][-2], axis=0)


def front_gone(fields: Fields) -> None:
    fields[PHI][:-1, 4] = -np.abs(fields[PHI][:-1, 4]) - 1


def infinite(fields: Fields) -> None:
    fields[PHI][2, 2] = np.inf


def years_back(fields: Fields) -> None:
    fields[PHI][-1, 3] = fields[PHI][-1, 2]


def from_nought(fields: Fields) -> None:
    fields["mesh.elements"] -= 1


def melt_in_water(fields: Fields) -> None:
    fields[MELT][:-1] = 100.0


def not_a_distance(fields: Fields) -> None:
    fields[PHI][:-1] *= 3.0


def re_distanced(fields: Fields) -> None:
    fields["levelset.reinit_frequency"] = np.int32(10)


def still(fields: Fields) -> None:
    fields["transient.ismovingfront"] = np.int32(0)


def balance_in_si(fields: Fields) -> None:
    fields["smb.mass_balance"][:-1] *= 917 / 31536000


def afloat(fields: Fields) -> None:
    fields["mask.ocean_levelset"] = -np.abs(fields["mask.ocean_levelset"])
    fields[MELT][:-1] = 0


def run_elsewhen(fields: Fields) -> None:
    fields["timestepping.start_time"] = np.float64(0.0)
    fields["timestepping.final_time"] = np.float64(5.0)


def needle(fields: Fields) -> None:
    a, b, c = fields["mesh.elements"][40] - 1
    for axis in ("mesh.x", "mesh.y"):
        middle = (fields[axis][a] + fields[axis][b]) / 2
        fields[axis][c] = middle + 0.01 * (fields[axis][c] - middle)


FAULTS: list[tuple[Spoil, str, str]] = [
    (flip_front, PHI, "flipped sign"),
    (flip_all, PHI, "flipped sign"),
    (turn_element, "mesh.elements", "1 of .* elements are clockwise"),
    (turn_all_elements, "mesh.elements", "elements are clockwise"),
    (half_a_year, PHI, "half-year shift"),
    (half_a_year_back, PHI, "half-year shift"),
    (sixty_metres_of_mesh, "mesh.x", r"offset of [56]\d, -?\d m"),
    (sixty_metres_of_mesh, PHI, "lies off the fronts drawn"),
    (sixty_metres_of_front, PHI, "displaced by 60 m"),
    (float32_series, PHI, "time is float32"),
    (float32_years, PHI, "time is float32"),
    (nan_in_melt, MELT, "1 value.* NaN or infinite"),
    (single_column, PHI, "single column"),
    (single_column_of_melt, MELT, "single column"),
    (orphan, "mesh.x", "1 orphan vertex"),
    (front_gone, PHI, "front leaves the domain on 1 of"),
    (infinite, PHI, "infinite"),
    (years_back, PHI, "do not increase"),
    (from_nought, "mesh.elements", "counts vertices from 0"),
    (melt_in_water, MELT, "mask.ocean_levelset < 0: ISSM ignores it"),
    (not_a_distance, PHI, "is not a distance"),
    (re_distanced, "levelset.reinit_frequency", "re-distances"),
    (still, "transient.ismovingfront", "ignores every field"),
    (balance_in_si, "smb.mass_balance", "kg m-2 s-1"),
    (afloat, "mask.ocean_levelset", "nothing is grounded"),
    (run_elsewhen, "timestepping.start_time", "the front would not move"),
    (needle, "mesh.elements", "angle below 5 degrees"),
]


@pytest.mark.parametrize(("change", "field", "words"), FAULTS)
def test_fault_is_refused_by_name(
    folder: Path, tmp_path: Path, change: Spoil, field: str, words: str
) -> None:
    text = said(spoil(folder, tmp_path / "bad", change))
    assert [line for line in text.splitlines() if line.startswith(field)], text
    assert re.search(words, text), text


def metres_a_day(fields: Fields) -> None:
    fields[DISCHARGE][:-1] /= 2.5e6


def cubic_metres_a_second(fields: Fields) -> None:
    fields[DISCHARGE][:-1] /= 86400


def basin_nought(fields: Fields) -> None:
    fields[BASIN][11] = 0


def basins_from_nought(fields: Fields) -> None:
    fields[BASIN][:] = 0


def winter_floods(fields: Fields) -> None:
    fields[DISCHARGE][-1] += 0.5


def kelvin(fields: Fields) -> None:
    fields["frontalforcings.thermalforcing"][:-1] += 273.15


def shared_out(fields: Fields) -> None:
    fields[DISCHARGE][:-1] *= np.linspace(0.5, 1, len(fields[DISCHARGE]) - 1)[:, None]


def no_basin(fields: Fields) -> None:
    del fields[BASIN]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (metres_a_day, "m/d or m3/s, not m3/d"),
        (cubic_metres_a_second, "m/d or m3/s, not m3/d"),
        (basin_nought, "basin id 0 in 1 elements"),
        (basins_from_nought, "basin id 0"),
        (winter_floods, "half-year shift"),
        (kelvin, "must lie between -5 and 20 K"),
        (shared_out, "differs between the vertices of one basin"),
        (no_basin, "basin_id .*is missing"),
    ],
)
def test_fault_of_rignots_forcing_is_refused(
    folder: Path, tmp_path: Path, change: Spoil, words: str
) -> None:
    bad = spoil(folder, tmp_path / "bad", change, "rignot.nc")
    assert re.search(words, said(bad)), said(bad)


def test_good_folder_passes_with_and_without_manifest(folder: Path, tmp_path: Path) -> None:
    assert check_folder(folder) == []
    assert check_folder(spoil(folder, tmp_path / "other", lambda fields: None)) == []
    assert check_folder(folder / "model_input.nc") == []


def test_space_in_a_name_of_a_contour(folder: Path, tmp_path: Path) -> None:
    bad = shutil.copytree(folder, tmp_path / "bad")
    path = bad / "fronts.exp"
    path.write_text(path.read_text().replace("Name:front_", "Name:front ", 1))
    assert "fronts.exp (contour file): the name 'front 2015" in said(bad)


def test_front_drawn_outside_the_domain(folder: Path, tmp_path: Path) -> None:
    bad = shutil.copytree(folder, tmp_path / "bad")
    drawn = [
        Contour(c.name, c.xy + np.array([30_000.0, 0.0])) for c in read_exp(bad / "fronts.exp")
    ]
    write_exp(drawn, bad / "fronts.exp")
    assert "the front leaves the domain" in said(bad)


def test_a_front_around_a_free_block_is_no_ice_polygon(folder: Path, tmp_path: Path) -> None:
    some = spoil(folder, tmp_path / "some", lambda fields: None)
    drawn = read_exp(some / "fronts.exp")
    middle = drawn[3].xy[len(drawn[3].xy) // 2]
    ring = middle + 3.0 * np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
    write_exp([*drawn, Contour(f"{drawn[3].name}_2", ring)], some / "fronts.exp")
    assert check_folder(some) == []


def test_time_shifted_with_its_contours_is_told_by_the_manifest(
    folder: Path, tmp_path: Path
) -> None:
    bad = spoil(folder, tmp_path / "bad", half_a_year)
    shutil.copy(folder / "manifest.json", bad)
    drawn = [
        Contour(f"front_{float(c.name.split('_')[1]) + 0.5:.3f}", c.xy)
        for c in read_exp(bad / "fronts.exp")
    ]
    write_exp(drawn, bad / "fronts.exp")
    text = said(bad)
    assert "(a half-year shift) from the dates of manifest.json" in text
    assert "model_input.nc (manifest.json): is not the file that was exported" in text
    (bad / "fronts.exp").unlink()
    assert "fronts.exp (manifest.json): is missing" in said(bad)


def release(tmp_path: Path, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> Path:
    """Release with the fronts of the export, changed."""
    from termini.fronttable import write_fronts

    made = tmp_path / "1.0.0"
    made.mkdir()
    write_fronts(change(fronts()), made / "fronts.parquet")
    return made


def test_release_tells_time_and_place(folder: Path, tmp_path: Path) -> None:
    same = release(tmp_path, lambda table: table)
    assert check_folder(folder, release=same) == []
    (tmp_path / "moved").mkdir()
    moved = release(
        tmp_path / "moved", lambda table: table.set_geometry(table.geometry.translate(60.0, 0.0))
    )
    assert "lies off the fronts of 1.0.0" in said(folder, release=moved)
    with pytest.raises(ReleaseError, match="no release here"):
        check_folder(folder, release=tmp_path / "none")


def test_area_between_epochs_is_compared(folder: Path, tmp_path: Path) -> None:
    bad = shutil.copytree(folder, tmp_path / "bad")
    manifest = json.loads((bad / "manifest.json").read_text())
    manifest["ice_area_m2"][-1] -= 5e6
    (bad / "manifest.json").write_text(json.dumps(manifest))
    text = said(bad)
    assert "the area of ice changes by" in text
    assert f"{decimal_year(fronts()['date'])[-1]:.3f}" in text


def test_other_peoples_folders(folder: Path, tmp_path: Path) -> None:
    """Scalars as arrays of one value, Rignot's class in the model, no contours."""
    bad = spoil(folder, tmp_path / "bad", flip_front)
    for path in [*bad.glob("*.exp"), *bad.glob("load*"), bad / "README.md"]:
        path.unlink()
    (bad / "model_input.nc").rename(bad / "helheim.nc")
    assert "mask.ice_levelset (helheim.nc): has the sign opposite" in said(bad)


def test_members_are_checked_as_well(tmp_path: Path) -> None:
    out = export(tmp_path / "out", members=2, resolution=600.0)
    assert check_folder(out) == []
    assert len(list((out / "members").iterdir())) == 4
    bad = spoil(out, tmp_path / "bad", nan_in_melt, "members/member_002.nc")
    assert said(bad).startswith(f"{MELT} (members/member_002.nc")


def test_no_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        check_folder(tmp_path / "none")
    with pytest.raises(InputError, match="no NetCDF file with the groups of an ISSM model"):
        check_folder(tmp_path)
    (tmp_path / "x.nc").write_text("text")
    with pytest.raises(InputError, match=r"x\.nc \(file\): cannot be read"):
        check_folder(tmp_path)


def test_export_is_refused_before_it_is_written(tmp_path: Path) -> None:
    # bed in centimetres: nothing that a forcing's own reader could tell
    with pytest.raises(InputError, match=r"geometry.bed .* must lie between -6000 and 5000"):
        export(tmp_path / "out", bed=-30_000.0, forcing=None)
    assert not (tmp_path / "out").exists()
