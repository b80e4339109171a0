"""Each fault in a model's fields that ISSM runs or dies of is refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from exported_made_up import BALANCE, MELT, PHI, Fields, Spoil, said, spoil


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
    for name in (PHI, MELT, BALANCE):
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
    fields[BALANCE][:-1] *= 917 / 31536000


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
    (balance_in_si, BALANCE, "kg m-2 s-1"),
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
