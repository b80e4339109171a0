"""Folders, their contours and manifests, and releases are checked together."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from exported_made_up import MELT, PHI, Fields, export, fronts, said, spoil

from termini.errors import InputError, ReleaseError
from termini.issm import check_folder, read_exp, write_exp
from termini.issm.contours import Contour
from termini.times import decimal_year


def half_a_year_on(fields: Fields) -> None:
    fields[PHI][-1] += 0.5


def no_melt(fields: Fields) -> None:
    fields[MELT][3, 5] = np.nan


def flipped(fields: Fields) -> None:
    fields[PHI][:-1] *= -1


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
    bad = spoil(folder, tmp_path / "bad", half_a_year_on)
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
    bad = spoil(folder, tmp_path / "bad", flipped)
    for path in [*bad.glob("*.exp"), *bad.glob("load*"), bad / "README.md"]:
        path.unlink()
    (bad / "model_input.nc").rename(bad / "helheim.nc")
    assert "mask.ice_levelset (helheim.nc): has the sign opposite" in said(bad)


def test_members_are_checked_as_well(tmp_path: Path) -> None:
    out = export(tmp_path / "out", members=2, resolution=600.0)
    assert check_folder(out) == []
    assert len(list((out / "members").iterdir())) == 4
    bad = spoil(out, tmp_path / "bad", no_melt, "members/member_002.nc")
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
