"""One simulated glacier exported, and ways to spoil the folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import h5netcdf
import numpy as np
import pandas as pd

from termini.fronttable import front_table
from termini.issm import check_folder, export_issm
from termini.simulate import SimulatedGlacier, simulate_region

PHI = "levelset.spclevelset"
MELT = "frontalforcings.meltingrate"
BALANCE = "smb.mass_balance"
DATES = pd.date_range("2015-01-20", "2016-12-20", freq="45D")


@lru_cache(maxsize=1)
def glacier() -> SimulatedGlacier:
    """Glacier that retreats in a step."""
    region = simulate_region(11, 5, start="2015-01-01", end="2016-12-31")
    return next(g for g in region.glaciers if g.planted_type == "step_retreat")


@lru_cache(maxsize=1)
def fronts() -> gpd.GeoDataFrame:
    """Its true fronts."""
    one = glacier()
    rows = [
        {
            "glacier_id": one.glacier_id,
            "date": date,
            "sigma_m": 20.0,
            "source": "simulated truth",
            "geometry": one.front(date),
        }
        for date in DATES
    ]
    return front_table(rows)


def export(out: Path, **options: Any) -> Path:
    """Export it with all its forcings."""
    one = glacier()
    given = {"bed": one.bed, "forcing": one.forcing, "resolution": 350.0, "release": "9.9.9"}
    table = options.pop("fronts", fronts())
    return export_issm(one.domain, table, out, **{**given, **options})


Fields = dict[str, np.ndarray]
Spoil = Callable[[Fields], None]


def read_fields(path: Path) -> dict[str, np.ndarray]:
    """Every variable of a file, by group and name."""
    with h5netcdf.File(path) as file:
        return {
            f"{group}.{name}": np.asarray(variable[...])
            for group in file.groups
            for name, variable in file[group].variables.items()
        }


def spoil(folder: Path, out: Path, change: Spoil, name: str = "model_input.nc") -> Path:
    """Copy of a folder with one file changed, written as others might write it.

    The copy has no manifest, which would tell a changed file by its checksum; it has no
    attributes but the class names, so that nothing is known of it but numbers.
    """
    shutil.copytree(folder, out)
    (out / "manifest.json").unlink()
    with h5netcdf.File(out / name) as file:
        kinds = {group: file[group].attrs["classtype"] for group in file.groups}
    fields = read_fields(out / name)
    change(fields)
    (out / name).unlink()
    with h5netcdf.File(out / name, "w") as file:
        for field, values in fields.items():
            group, _, variable = field.partition(".")
            if group not in file.groups:
                file.create_group(group).attrs["classtype"] = kinds[group]
            dims = [f"{variable}_{i}" for i in range(values.ndim)]
            for dim, size in zip(dims, values.shape, strict=True):
                file[group].dimensions[dim] = size
            file[group].create_variable(variable, tuple(dims), values.dtype, data=values)
    return out


def said(folder: Path, **options: Path) -> str:
    """Problems of a folder, one a line, each with its field, place and remedy."""
    problems = check_folder(folder, **options)
    for problem in problems:
        assert problem.field
        assert problem.place
        assert problem.remedy
    return "\n".join(map(str, problems))
