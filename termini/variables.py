"""Names, units, descriptions and flags, read from ``variables.yml``.

Every column of a table and every variable of a NetCDF file is described there
and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import xarray as xr
import yaml
from numpy.typing import ArrayLike, NDArray

from termini.errors import InputError


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    text = (resources.files("termini") / "variables.yml").read_text(encoding="utf-8")
    # every process reads it: by the compiled reader, where PyYAML has it
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(text, loader)
    return document


def variables() -> dict[str, dict[str, Any]]:
    """Every described variable.

    Returns
    -------
    dict
        Name to its description: ``long_name``, ``units``, ``dtype`` and, where
        they apply, ``standard_name``, ``description``, ``cf_role``,
        ``units_metadata``, ``flags``, ``values``.
    """
    described: dict[str, dict[str, Any]] = _document()["variables"]
    return described


def description(name: str) -> dict[str, Any]:
    """Description of one variable, or of one derived from a described one.

    Parameters
    ----------
    name : str
        Name in ``variables.yml``, or such a name with one of the endings listed
        there: ``runoff_match_name`` is described from ``runoff``.

    Returns
    -------
    dict
        As in `variables`.

    Raises
    ------
    InputError
        If neither is described.
    """
    if name in variables():
        return variables()[name]
    for ending, entry in _document()["endings"].items():
        stem = name.removesuffix(ending)
        base = variables().get(stem)
        if name.endswith(ending) and base is not None:
            units = base.get("units", "") if entry["units"] == "same" else entry["units"]
            long_name = entry["long_name"].format(
                name=stem.replace("_", " "), long_name=base["long_name"]
            )
            return {**entry, "long_name": long_name, "units": units}
    raise InputError(f"{name!r} is not described in variables.yml; add it there first")


def place(name: str) -> tuple[int, str]:
    """Where a variable stands in a file: as in ``variables.yml``, then by name.

    Parameters
    ----------
    name : str
        Name of a variable.

    Returns
    -------
    tuple
        To be compared with those of other names.
    """
    described = list(variables())
    return (described.index(name) if name in variables() else len(described), name)


def flag_table(group: str = "quality") -> dict[str, dict[str, Any]]:
    """Every flag of a group.

    Parameters
    ----------
    group : str
        Name of the group in ``variables.yml``.

    Returns
    -------
    dict
        Flag name to its ``bit``, ``meaning`` and whether it ``rejects``.
    """
    flags: dict[str, dict[str, Any]] = _document()["flags"][group]
    return flags


def flag_bits(group: str = "quality") -> dict[str, int]:
    """Mask of each flag of a group.

    Parameters
    ----------
    group : str
        Name of the group in ``variables.yml``.

    Returns
    -------
    dict
        Flag name to its mask, a power of two.
    """
    return {name: 1 << entry["bit"] for name, entry in flag_table(group).items()}


def rejecting_mask(group: str = "quality") -> int:
    """Mask of all flags that keep a trace out of the series.

    Parameters
    ----------
    group : str
        Name of the group in ``variables.yml``.

    Returns
    -------
    int
        The masks of all rejecting flags, joined.
    """
    return sum(1 << entry["bit"] for entry in flag_table(group).values() if entry["rejects"])


def is_rejected(quality: ArrayLike) -> NDArray[np.bool_]:
    """Which traces are kept out of the series.

    Parameters
    ----------
    quality : array_like of int
        Column ``quality`` of the front table.

    Returns
    -------
    ndarray of bool
        True where a rejecting flag is set.
    """
    return np.asarray((np.asarray(quality, dtype=np.int64) & rejecting_mask()) != 0)


def flag_names(value: int, group: str = "quality") -> list[str]:
    """Names of the flags that are set in a value.

    Parameters
    ----------
    value : int
        A value of a flag variable.
    group : str
        Name of the group in ``variables.yml``.

    Returns
    -------
    list of str
        The names, lowest bit first.
    """
    return [name for name, mask in flag_bits(group).items() if int(value) & mask]


def attributes(name: str) -> dict[str, Any]:
    """NetCDF attributes of a variable.

    Parameters
    ----------
    name : str
        Name in ``variables.yml``.

    Returns
    -------
    dict
        ``long_name``, ``units``, ``comment``, ``standard_name``, ``flag_masks`` and
        ``flag_meanings``, as far as they apply. Times carry no units here: the
        writer encodes them.

    Raises
    ------
    InputError
        If the variable is not described.
    """
    entry = description(name)
    found: dict[str, Any] = {"long_name": entry["long_name"]}
    for key in ("standard_name", "cf_role", "units_metadata"):
        if key in entry:
            found[key] = entry[key]
    if entry.get("units"):
        found["units"] = entry["units"]
    if "description" in entry:
        found["comment"] = entry["description"]
    if "flags" in entry:
        bits = flag_bits(entry["flags"])
        found["flag_masks"] = np.array(list(bits.values()), dtype=entry["dtype"])
        found["flag_meanings"] = " ".join(bits)
    if "values" in entry:
        found["flag_values"] = np.array(list(entry["values"]), dtype=entry["dtype"])
        found["flag_meanings"] = " ".join(entry["values"].values())
    return found


def describe(dataset: xr.Dataset, only: Iterable[str] | None = None) -> xr.Dataset:
    """Dataset whose variables carry their attributes from ``variables.yml``.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dataset with variables named as in ``variables.yml``.
    only : iterable of str, optional
        Names to describe; all by default.

    Returns
    -------
    xarray.Dataset
        A shallow copy. Attributes already set by the caller win.
    """
    described = dataset.copy()
    names = [str(n) for n in dataset.variables] if only is None else list(only)
    for name in names:
        described[name].attrs = {**attributes(name), **described[name].attrs}
    return described
