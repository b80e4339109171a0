"""Results of the stand-in flowline model, in the layout of ISSM's own files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np
from numpy.typing import NDArray

from termini.files import written_whole

Array = NDArray[np.float64]


def write_results(
    path: Path, fields: dict[str, NDArray[Any]], years: Array, phi: Array, thickness: Array
) -> Path:
    """Results in the layout of ISSM's export_netCDF."""
    nv, ne = len(fields["mesh.x"]), len(fields["mesh.elements"])
    with written_whole(path) as temporary, h5netcdf.File(temporary, "w") as file:
        file.attrs["source"] = "stand-in flowline model of termini, not ISSM"
        file.dimensions = {"Time": len(years), "VertNum": nv, "EltNum": ne, "VertPerElt": 3}
        mesh = file.create_group("mesh")
        mesh.attrs["classtype"] = "mesh2d.mesh2d"
        for name, dims in {
            "x": ("VertNum",),
            "y": ("VertNum",),
            "elements": ("EltNum", "VertPerElt"),
        }.items():
            mesh.create_variable(name, dims, data=fields[f"mesh.{name}"])
        steps = file.create_group("results").create_group("TransientSolution")
        steps.attrs["classtype"] = "results.solutionstep"
        steps.create_variable("time", ("Time",), data=years)
        steps.create_variable("step", ("Time",), data=np.arange(1, len(years) + 1))
        for name, values in {"MaskIceLevelset": phi, "Thickness": thickness}.items():
            steps.create_variable(name, ("Time", "VertNum"), data=values, compression="gzip")
    return path
