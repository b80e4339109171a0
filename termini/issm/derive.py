"""A model input made from another by changing some of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np
from numpy.typing import NDArray

from termini.errors import InputError
from termini.files import written_whole
from termini.issm.model import CLASSES, FIELDS


def read_fields(path: str | Path) -> dict[str, NDArray[Any]]:
    """Every field of a model input.

    Parameters
    ----------
    path : path
        ``model_input.nc``.

    Returns
    -------
    dict of str to ndarray
        By group and name, as ``levelset.spclevelset``.

    Raises
    ------
    InputError
        If the file is missing or is not NetCDF.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; export the glacier first")
    try:
        with h5netcdf.File(path, "r") as file:
            return {
                f"{group}.{name}": np.asarray(variable[...])
                for group, content in file.groups.items()
                for name, variable in content.variables.items()
            }
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read as NetCDF ({error}); export the glacier again"
        ) from error


def derive_input(
    source: str | Path,
    target: str | Path,
    changes: Mapping[str, NDArray[Any] | None],
    *,
    title: str,
) -> Path:
    """Copy a model input with some fields replaced, added or left out.

    Parameters
    ----------
    source : path
        ``model_input.nc`` of an export.
    target : path
        File to write; the same bytes for the same input.
    changes : mapping
        By group and name: the new values, or None to leave the field out. A series of
        shape (nv + 1, T) may have another number of dates than before.
    title : str
        Title of the new file; what else it says of itself stays.

    Returns
    -------
    pathlib.Path
        The new file.

    Raises
    ------
    InputError
        If the source cannot be read, or a field is changed that it lacks and that is
        not described here.
    """
    known = read_fields(source)
    if lacking := [
        n for n, v in changes.items() if v is not None and n not in known and n not in FIELDS
    ]:
        raise InputError(f"{source}: has no {', '.join(lacking)} to change")
    fields = {n: v for n, v in {**known, **changes}.items() if v is not None}
    with (
        h5netcdf.File(source, "r") as old,
        written_whole(target) as temporary,
        h5netcdf.File(temporary, "w") as new,
    ):
        new.attrs.update({**dict(old.attrs), "title": title})
        for name in sorted(fields, key=lambda n: (list(known).index(n) if n in known else 999, n)):
            _copy(old, new, name, fields[name])
    return Path(target)


def _copy(old: Any, new: Any, field: str, values: NDArray[Any]) -> None:
    """Write one field, as it is described in the old file or here."""
    group, _, name = field.partition(".")
    had = old.groups[group].variables.get(name) if group in old.groups else None
    if group not in new.groups:
        made = new.create_group(group)
        kind = old.groups[group].attrs["classtype"] if group in old.groups else CLASSES[group]
        made.attrs["classtype"] = kind
    dims: tuple[str, ...]
    if had is not None:
        dims = had.dimensions
        attrs = dict(had.attrs)
    else:
        spec = FIELDS[field]
        dims, attrs = spec.dims, {"units": spec.units, "long_name": spec.long_name}
    if had is not None and had.shape != values.shape:
        dims = (dims[0], f"{name}_time")
    for dim, size in zip(dims, values.shape, strict=True):
        if dim not in new.dimensions:
            new.dimensions[dim] = size
    options = {"compression": "gzip", "shuffle": True} if dims else {}
    variable = new.groups[group].create_variable(name, dims, values.dtype, data=values, **options)
    variable.attrs.update(attrs)
