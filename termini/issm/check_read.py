"""What the checks look at: fields, contours and manifest of one model.

The same checks run on a model before it is written and on a folder, whoever
wrote it. A folder is read in either dialect: with the class names and scalar
variables of ISSM's writer, or those of pyISSM's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np
from numpy.typing import NDArray

from termini.errors import InputError
from termini.issm.contours import Contour, exp_faults, read_exp
from termini.issm.model import ModelInput
from termini.issm.netcdf import RIGNOT

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a model input.

    Parameters
    ----------
    field : str
        Field of the model, or name of the file.
    place : str
        Where in it: file, vertex, element, date.
    fault : str
        What is wrong.
    remedy : str
        What to do about it.
    """

    field: str
    place: str
    fault: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field} ({self.place}): {self.fault}; {self.remedy}"


@dataclass
class Bundle:
    """What there is to check.

    Parameters
    ----------
    name : str
        Glacier or folder, for messages.
    fields : dict of str to ndarray
        By the name in ISSM's model, as ``levelset.spclevelset``; Rignot's forcing
        under ``frontalforcingsrignot``.
    units : dict of str to str
        Unit that the file states.
    places : dict of str to str
        File of each field.
    contours : dict of str to list of Contour
        By the name of the file.
    manifest : dict
        What ``manifest.json`` says; empty where there is none.
    gate : ndarray of int
        Vertices that must be ice, counted from 0; empty where not known.
    found : list of Problem
        What was wrong already when it was read.
    """

    name: str
    fields: dict[str, NDArray[Any]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    contours: dict[str, list[Contour]] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    gate: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    found: list[Problem] = field(default_factory=list)

    @property
    def vertices(self) -> int:
        """Number of vertices."""
        return int(np.size(self.fields["mesh.x"]))

    @property
    def xy(self) -> NDArray[np.float64]:
        """Vertices, shape (nv, 2)."""
        pair = [np.asarray(self.fields[f"mesh.{axis}"], dtype=np.float64).ravel() for axis in "xy"]
        return np.column_stack(pair)

    @property
    def corners(self) -> NDArray[np.int64]:
        """Vertices of the elements, shape (ne, 3), counted from 0."""
        return np.asarray(self.fields["mesh.elements"]).astype(np.int64).reshape(-1, 3) - 1

    @property
    def front(self) -> NDArray[np.float64] | None:
        """The level-set series, if it is one that can be looked at."""
        phi = self.fields.get("levelset.spclevelset")
        whole = phi is not None and phi.ndim == 2 and phi.shape[0] == self.vertices + 1
        return np.asarray(phi, dtype=np.float64) if whole else None

    @property
    def edge(self) -> float:
        """Median length of an edge, metres."""
        corner = self.xy[self.corners]
        return float(np.median(np.linalg.norm(corner - np.roll(corner, 1, axis=1), axis=2)))

    def problem(self, name: str, fault: str, remedy: str, place: str = "") -> Problem:
        """Problem of a field, with its file as the place.

        Parameters
        ----------
        name, fault, remedy, place : str
            As in `Problem`; the place follows the file.

        Returns
        -------
        Problem
            The problem.
        """
        where = [part for part in (self.places.get(name, self.name), place) if part]
        return Problem(name, ", ".join(where), fault, remedy)


def bundle_of(model: ModelInput) -> Bundle:
    """What there is to check of a model that is about to be written.

    Parameters
    ----------
    model : ModelInput
        The model.

    Returns
    -------
    Bundle
        Its fields, without contours.
    """
    return Bundle(model.name, fields=dict(model.fields()), gate=model.gate_vertices)


def read_bundles(path: str | Path) -> Iterator[Bundle]:
    """Read every model of a folder, or the one in a file.

    Parameters
    ----------
    path : path
        Folder with at least one NetCDF file that has a mesh, or such a file; the
        contours, Rignot's forcing and the manifest beside it belong to it.

    Yields
    ------
    Bundle
        One a model.

    Raises
    ------
    InputError
        If there is none.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: no such file or folder; give what 'termini export issm' wrote")
    folder = path if path.is_dir() else path.parent
    files = sorted(folder.glob("*.nc")) if path.is_dir() else [path]
    shared, whole = Bundle(str(path)), []
    for file in files:
        one = _read_file(file)
        if {"mesh.x", "mesh.y", "mesh.elements"} <= set(one.fields):
            whole.append(one)
        else:
            shared.found += one.found
            for name, values in one.fields.items():
                shared.fields.setdefault(name, values)
                shared.places.setdefault(name, file.name)
                shared.units.setdefault(name, one.units.get(name, ""))
    if not whole:
        why = "; ".join(str(problem) for problem in shared.found)
        raise InputError(
            f"{path}: no NetCDF file with the groups of an ISSM model (mesh, levelset, ...)"
            + (f" ({why})" if why else "")
            + "; give a folder that 'termini export issm' wrote, or one with a model saved by ISSM "
            "or pyISSM as NetCDF"
        )
    _read_beside(folder, shared)
    for one in whole:
        yield Bundle(
            one.name,
            fields={**shared.fields, **one.fields},
            units={**shared.units, **one.units},
            places={**shared.places, **one.places},
            contours=shared.contours,
            manifest=shared.manifest,
            found=one.found + shared.found,
        )


def read_members(folder: str | Path, whole: Bundle) -> Iterator[Bundle]:
    """Read the members of an ensemble that lie in a folder.

    Parameters
    ----------
    folder : path
        Folder of the model; its members are in ``members``.
    whole : Bundle
        The model, whose fields a member has where it holds none of its own.

    Yields
    ------
    Bundle
        One a file.
    """
    for path in sorted((Path(folder) / "members").glob("*.nc")):
        own = _read_file(path)
        name = f"members/{path.name}"
        yield Bundle(
            name,
            fields={**whole.fields, **own.fields},
            units={**whole.units, **own.units},
            places={**whole.places, **dict.fromkeys(own.fields, name)},
            contours=whole.contours,
            found=own.found,
        )


def _read_beside(folder: Path, bundle: Bundle) -> None:
    """Add the contours and the manifest of a folder."""
    for path in sorted(folder.glob("*.exp")):
        try:
            faults = exp_faults(path)
            bundle.contours[path.name] = read_exp(path)
        except InputError as error:
            faults = [str(error)]
        for fault in faults:
            remedy = "rename the contour or write the file anew with termini.issm.write_exp"
            bundle.found.append(Problem(path.name, "contour file", fault, remedy))
    manifest = folder / MANIFEST
    if manifest.is_file():
        try:
            read = json.loads(manifest.read_text(encoding="utf-8"))
            bundle.manifest = read if isinstance(read, dict) else {}
        except ValueError as error:
            bundle.found.append(
                Problem(MANIFEST, "file", f"is not JSON ({error})", "export the folder anew")
            )


def _read_file(path: Path) -> Bundle:
    """Fields of one NetCDF file, of both dialects."""
    bundle = Bundle(path.name)
    try:
        with h5netcdf.File(path, "r") as file:
            for group, content in file.groups.items():
                _read_group(path.name, group, content, bundle)
    except OSError as error:
        bundle.found.append(
            Problem(path.name, "file", f"cannot be read ({error})", "export it anew as NetCDF-4")
        )
    return bundle


def _read_group(file: str, group: str, content: Any, bundle: Bundle) -> None:
    kind = str(content.attrs.get("classtype", "")).lower()
    if "rignot" in kind or "subglacial_discharge" in content.variables:
        group = RIGNOT
    # pyISSM keeps scalars as attributes of the group
    for name, value in content.attrs.items():
        if np.asarray(value).dtype.kind in "iuf" and np.isfinite(value).all():
            bundle.fields[f"{group}.{name}"] = np.squeeze(np.asarray(value))
            bundle.places[f"{group}.{name}"] = file
    for name, variable in content.variables.items():
        if np.dtype(variable.dtype).kind not in "iuf":
            continue
        values = np.asarray(variable[...])
        # ISSM keeps scalars as arrays of one value
        values = values.reshape(()) if values.size == 1 else values
        if values.ndim == 0 and not np.isfinite(values):
            continue  # a field that is not set
        key = f"{group}.{name}"
        bundle.fields[key] = values
        bundle.places[key] = file
        bundle.units[key] = str(variable.attrs.get("units", ""))
