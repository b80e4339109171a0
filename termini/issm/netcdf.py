"""The model input as NetCDF files, a group for each field of ISSM's model.

One file serves two readers. Class names and layout are those that pyISSM reads;
scalars are variables without dimensions, so that ISSM's own reader finds them as
well, and the classes named are those that a fresh ISSM model has, because its
reader keeps them. Rignot's forcing needs another class than the fresh one, which
ISSM's reader would not set: it lies in a file of its own, for the loader.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np
from numpy.typing import NDArray

import termini
from termini.files import written_whole
from termini.issm.model import CLASSES, FIELDS, FRONT, ModelInput

#: Layout of ISSM's writer that the file follows, and the versions it was read with.
DIALECT = "ISSM-NetCDF-2.0"
READ_BY = "ISSM 2026.3, pyISSM 0.2.1"

RIGNOT = "frontalforcingsrignot"


def write_model(model: ModelInput, path: str | Path, *, title: str, history: str) -> Path:
    """Write a model input, the same bytes for the same input.

    Parameters
    ----------
    model : ModelInput
        A model that `check_model` accepts.
    path : path
        NetCDF-4 file to write: everything but Rignot's forcing.
    title, history : str
        Global attributes.

    Returns
    -------
    pathlib.Path
        The path.
    """
    fields = {k: v for k, v in model.fields().items() if not k.startswith(f"{RIGNOT}.")}
    return _write(fields, path, title=title, history=history, crs=model.crs)


def write_rignot(model: ModelInput, path: str | Path, *, title: str, history: str) -> Path:
    """Write Rignot's forcing: discharge, thermal forcing and basins.

    Parameters
    ----------
    model : ModelInput
        A model whose ``parameterised`` is true.
    path : path
        NetCDF-4 file to write, with the one group ``frontalforcings`` of the class
        ``frontalforcings.rignot``.
    title, history : str
        Global attributes.

    Returns
    -------
    pathlib.Path
        The path.
    """
    fields = {k: v for k, v in model.fields().items() if k.startswith(f"{RIGNOT}.")}
    return _write(fields, path, title=title, history=history, crs=model.crs)


def write_members(model: ModelInput, folder: str | Path, *, title: str, history: str) -> list[Path]:
    """Write each member of the ensemble as a file with the fields that differ.

    Parameters
    ----------
    model : ModelInput
        A model with ``front_members`` or ``forcing_members``.
    folder : path
        Where ``member_001.nc`` and so on go, to be read after the model's own file,
        and ``rignot_001.nc``, after ``rignot.nc``.
    title, history : str
        Global attributes.

    Returns
    -------
    list of pathlib.Path
        The paths, none if there is no ensemble.
    """
    fronts = model.front_members
    count = max(
        [0 if fronts is None else len(fronts), *map(len, model.forcing_members.values())], default=0
    )
    written = []
    for i in range(count):
        fields: dict[str, NDArray[np.generic]] = {}
        if fronts is not None and i < len(fronts):
            fields[FRONT] = model.front(fronts[i])
            fields["mask.ice_levelset"] = fronts[i][:, 0]
            fields["mask.ocean_levelset"] = -fronts[i][:, 0]
        for name, values in model.forcing_members.items():
            if i < len(values):
                fields[name] = values[i]
        own = f"{title}, member {i + 1} of {count}"
        # two classes of frontal forcing cannot share the one group that ISSM has for them
        apart = {k: v for k, v in fields.items() if k.startswith(f"{RIGNOT}.")}
        rest = {k: v for k, v in fields.items() if k not in apart}
        for stem, part in (("member", rest), ("rignot", apart)):
            if part:
                to = Path(folder) / f"{stem}_{i + 1:03d}.nc"
                written.append(_write(part, to, title=own, history=history, crs=model.crs))
    return written


def _write(
    fields: Mapping[str, NDArray[np.generic]],
    path: str | Path,
    *,
    title: str,
    history: str,
    crs: str,
) -> Path:
    sizes: dict[str, int] = {}
    groups: dict[str, dict[str, NDArray[np.generic]]] = {}
    for name, values in fields.items():
        group, _, variable = name.partition(".")
        groups.setdefault(group, {})[variable] = values
        sizes.update(zip(FIELDS[name].dims, values.shape, strict=True))
    with written_whole(path) as temporary, h5netcdf.File(temporary, "w") as file:
        file.attrs.update(
            {
                "Conventions": DIALECT,
                "title": title,
                "history": history,
                "institution": "termini",
                "source": f"termini {termini.__version__}, export for the ice-sheet model ISSM",
                "references": "https://issm.jpl.nasa.gov",
                "read_by": READ_BY,
                "comment": f"groups are the fields of an ISSM model; the projection is {crs}",
            }
        )
        file.dimensions = sizes
        for group, variables in groups.items():
            made = file.create_group("frontalforcings" if group == RIGNOT else group)
            # pyISSM takes every other attribute of a group for a field of the model
            made.attrs["classtype"] = CLASSES[group]
            for name, values in variables.items():
                _write_variable(made, f"{group}.{name}", values)
    return Path(path)


def _write_variable(group: Any, field: str, values: NDArray[np.generic]) -> None:
    spec = FIELDS[field]
    options = {"compression": "gzip", "shuffle": True} if spec.dims else {}
    variable = group.create_variable(
        field.partition(".")[2], spec.dims, values.dtype, data=values, **options
    )
    variable.attrs["units"] = spec.units
    variable.attrs["long_name"] = spec.long_name
