"""The model input as one NetCDF file, a group for each field of ISSM's model.

Class names and layout are those that pyISSM reads; scalars are variables
without dimensions, so that ISSM's own reader finds them as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np
from pyproj import CRS

from termini.files import written_whole
from termini.issm.model import ModelInput

# group: (class name, {variable: (dimensions, units, long name)})
_LAYOUT: dict[str, tuple[str, dict[str, tuple[tuple[str, ...], str, str]]]] = {
    "mesh": (
        "mesh.mesh2d",
        {
            "x": (("vertex",), "m", "x of vertices"),
            "y": (("vertex",), "m", "y of vertices"),
            "elements": (("element", "three"), "1", "vertices of elements, counted from 1"),
            "segments": (("segment", "three"), "1", "vertex, vertex, element of boundary edges"),
            "vertexonboundary": (("vertex",), "1", "1 on the boundary of the mesh"),
            "numberofvertices": ((), "1", "number of vertices"),
            "numberofelements": ((), "1", "number of elements"),
            "epsg": ((), "1", "EPSG code of the projection"),
        },
    ),
    "mask": (
        "mask.mask",
        {
            "ice_levelset": (("vertex",), "m", "signed distance to the front, negative in ice"),
            "ocean_levelset": (("vertex",), "m", "negative in water, ice taken as grounded"),
        },
    ),
    "geometry": ("geometry.geometry", {"bed": (("vertex",), "m", "bed elevation")}),
    "levelset": (
        "levelset.levelset",
        {
            "spclevelset": (
                ("vertex_and_time", "front_time"),
                "m",
                "signed distance to the front, negative in ice; last row decimal years",
            ),
            "reinit_frequency": ((), "1", "0: the field is a distance already"),
            "kill_icebergs": ((), "1", "0: no ice is removed"),
        },
    ),
    "transient": ("transient.transient", {"ismovingfront": ((), "1", "1: the front moves")}),
    "frontalforcings": (
        "frontalforcings.default",
        {
            "meltingrate": (
                ("vertex_and_time", "forcing_time"),
                "m year-1",
                "frontal melt, metres of ice a year; last row decimal years",
            )
        },
    ),
    "frontalforcingsrignot": (
        "frontalforcings.rignot",
        {
            "num_basins": ((), "1", "number of basins"),
            "basin_id": (("element",), "1", "basin of each element, counted from 1"),
            "subglacial_discharge": (
                ("vertex_and_time", "forcing_time"),
                "m3 day-1",
                "discharge of the whole basin at every vertex; last row decimal years",
            ),
            "thermalforcing": (
                ("vertex_and_time", "forcing_time"),
                "K",
                "ocean temperature above freezing; last row decimal years",
            ),
        },
    ),
    "smb": (
        "smb.default",
        {
            "mass_balance": (
                ("vertex_and_time", "forcing_time"),
                "m year-1",
                "surface mass balance, metres of ice a year; last row decimal years",
            )
        },
    ),
    "timestepping": (
        "timestepping.default",
        {
            "start_time": ((), "year", "first date of the fronts, decimal year"),
            "final_time": ((), "year", "last date of the fronts, decimal year"),
        },
    ),
}


def write_model(model: ModelInput, path: str | Path, *, title: str, history: str) -> Path:
    """Write a model input, the same bytes for the same input.

    Parameters
    ----------
    model : ModelInput
        A model that `check_model` accepts.
    path : path
        NetCDF-4 file to write.
    title, history : str
        Global attributes.

    Returns
    -------
    pathlib.Path
        The path.
    """
    fields = _fields(model)
    sizes = {
        "vertex": len(model.mesh.x),
        "vertex_and_time": len(model.mesh.x) + 1,
        "element": len(model.mesh.elements),
        "segment": len(model.mesh.segments),
        "three": 3,
        "front_time": model.spclevelset.shape[1],
    }
    if model.meltingrate is not None:
        sizes["forcing_time"] = model.meltingrate.shape[1]
    elif model.mass_balance is not None:
        sizes["forcing_time"] = model.mass_balance.shape[1]
    with written_whole(path) as temporary, h5netcdf.File(temporary, "w") as file:
        file.attrs.update(
            {
                "Conventions": "CF-1.11",
                "title": title,
                "history": history,
                "institution": "termini",
                "source": "termini export for the ice-sheet model ISSM",
                "references": "https://issm.jpl.nasa.gov",
                "comment": "groups are the fields of an ISSM model; the projection is " + model.crs,
            }
        )
        file.dimensions = sizes
        for group, (class_name, variables) in _LAYOUT.items():
            present = {name: spec for name, spec in variables.items() if (group, name) in fields}
            if present:
                _write_group(file, group, class_name, present, fields)
    return Path(path)


def _write_group(
    file: Any,
    group: str,
    class_name: str,
    variables: dict[str, tuple[tuple[str, ...], str, str]],
    fields: dict[tuple[str, str], Any],
) -> None:
    made = file.create_group(group)
    made.attrs["classtype"] = class_name
    for name, (dimensions, units, long_name) in variables.items():
        values = np.asarray(fields[group, name])
        options = {"compression": "gzip", "shuffle": True} if dimensions else {}
        variable = made.create_variable(name, dimensions, values.dtype, data=values, **options)
        variable.attrs["units"] = units
        variable.attrs["long_name"] = long_name


def _fields(model: ModelInput) -> dict[tuple[str, str], Any]:
    """Values of all variables that the model has, by group and name."""
    mesh = model.mesh
    boundary = np.zeros(len(mesh.x), dtype=np.int32)
    boundary[mesh.segments[:, :2].ravel() - 1] = 1
    integer = np.int32
    fields: dict[tuple[str, str], Any] = {
        ("mesh", "x"): mesh.x,
        ("mesh", "y"): mesh.y,
        ("mesh", "elements"): mesh.elements.astype(integer),
        ("mesh", "segments"): mesh.segments.astype(integer),
        ("mesh", "vertexonboundary"): boundary,
        ("mesh", "numberofvertices"): integer(len(mesh.x)),
        ("mesh", "numberofelements"): integer(len(mesh.elements)),
        ("mesh", "epsg"): integer(CRS(model.crs).to_epsg() or 0),
        ("mask", "ice_levelset"): model.ice_levelset,
        ("mask", "ocean_levelset"): -model.ice_levelset,
        ("geometry", "bed"): model.bed,
        ("levelset", "spclevelset"): model.spclevelset,
        ("levelset", "reinit_frequency"): integer(0),
        ("levelset", "kill_icebergs"): integer(0),
        ("transient", "ismovingfront"): integer(1),
        ("timestepping", "start_time"): np.float64(model.spclevelset[-1, 0]),
        ("timestepping", "final_time"): np.float64(model.spclevelset[-1, -1]),
    }
    if model.meltingrate is not None:
        fields["frontalforcings", "meltingrate"] = model.meltingrate
    if model.discharge is not None and model.thermal_forcing is not None:
        fields["frontalforcingsrignot", "num_basins"] = integer(1)
        fields["frontalforcingsrignot", "basin_id"] = np.ones(len(mesh.elements), dtype=integer)
        fields["frontalforcingsrignot", "subglacial_discharge"] = model.discharge
        fields["frontalforcingsrignot", "thermalforcing"] = model.thermal_forcing
    if model.mass_balance is not None:
        fields["smb", "mass_balance"] = model.mass_balance
    return fields
