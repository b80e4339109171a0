"""The data dictionary of a release, generated from ``variables.yml``.

A Frictionless data package (specs.frictionlessdata.io): one resource per data
file, with its checksum and the meaning of each of its columns or variables.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from termini.files import sha256
from termini.variables import attributes, description, place

#: What each file of a release holds, in the order in which they are listed.
FILES = {
    "terminus_observations.nc": "Change of length and area, one row per front trace and measure",
    "terminus_series.nc": "Monthly change of length and area, its seasonal and inter-annual parts",
    "glacier_types.nc": "Seasonal and inter-annual type of each glacier, and the centres of types",
    "drivers.nc": "Bed, sill, runoff, ocean and melange at each glacier",
    "fronts.parquet": "Front table: every trace with its line, the rejected ones with the reason",
    "domains.parquet": "Glacier domains: fjord, gate, walls, centreline, reference width",
}
MEDIA_TYPES = {".nc": "application/x-netcdf", ".parquet": "application/vnd.apache.parquet"}
_TYPES = {"str": "string", "datetime": "datetime", "geometry": "any"}


def field(name: str, dimensions: Sequence[str] = ()) -> dict[str, Any]:
    """Entry of one column or variable.

    Parameters
    ----------
    name : str
        Name in ``variables.yml``.
    dimensions : sequence of str
        Dimensions of a NetCDF variable.

    Returns
    -------
    dict
        ``name``, ``type``, ``title``, ``unit``, ``description``, ``dimensions`` and
        ``flags`` as far as they apply.

    Raises
    ------
    InputError
        If the variable is not described.
    """
    entry = description(name)
    kind = str(entry["dtype"])
    found: dict[str, Any] = {
        "name": name,
        "type": _TYPES.get(kind, "integer" if "int" in kind else "number"),
        "title": entry["long_name"],
    }
    if entry.get("units"):
        found["unit"] = entry["units"]
    if "description" in entry:
        found["description"] = entry["description"]
    if dimensions:
        found["dimensions"] = list(dimensions)
    attrs = attributes(name)
    marks = attrs.get("flag_masks", attrs.get("flag_values"))
    if marks is not None:
        meanings = attrs["flag_meanings"].split(" ")
        found["flags"] = {m: int(v) for m, v in zip(meanings, marks, strict=True)}
    return found


def fields(content: xr.Dataset | Sequence[str]) -> list[dict[str, Any]]:
    """Entries of all columns of a table or all variables of a dataset.

    Parameters
    ----------
    content : xarray.Dataset or sequence of str
        Dataset, or the columns of a table.

    Returns
    -------
    list of dict
        Columns in their order, variables in that of ``variables.yml``.

    Raises
    ------
    InputError
        If one is not described in ``variables.yml``.
    """
    if isinstance(content, xr.Dataset):
        names = sorted(map(str, content.variables), key=place)
        return [field(name, [str(d) for d in content[name].dims]) for name in names]
    return [field(name) for name in content]


def data_files(folder: str | Path) -> list[str]:
    """Data files that a release holds, in their order.

    Parameters
    ----------
    folder : path
        Release.

    Returns
    -------
    list of str
        File names.
    """
    return [name for name in FILES if Path(folder, name).is_file()]


def data_package(
    folder: str | Path,
    contents: Mapping[str, xr.Dataset | Sequence[str]],
    version: str,
    date: Any,
    sources: Iterable[Mapping[str, Any]],
    license_name: str,
) -> str:
    """Text of ``datapackage.json``.

    Parameters
    ----------
    folder : path
        Release whose data files are already there.
    contents : mapping
        File name to its dataset, or to the columns of its table.
    version : str
        Its version.
    date : date-like
        Its date.
    sources : iterable of mapping
        Its sources, as for `termini.catalog.citation`.
    license_name : str
        SPDX name of the licence of the data.

    Returns
    -------
    str
        JSON.
    """
    resources = [
        {
            "name": Path(name).stem,
            "path": name,
            "title": FILES[name],
            "format": Path(name).suffix[1:],
            "mediatype": MEDIA_TYPES[Path(name).suffix],
            "bytes": Path(folder, name).stat().st_size,
            "hash": f"sha256:{sha256(Path(folder, name))}",
            "schema": {"fields": fields(contents[name])},
        }
        for name in data_files(folder)
    ]
    document = {
        "name": "termini",
        "title": "Fronts, length and area change of marine-terminating glaciers",
        "version": version,
        "created": pd.Timestamp(date).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "licenses": [{"name": license_name}],
        "sources": [
            {"title": s["name"], "citation": s["citation"]}
            | ({"path": s["url"]} if s.get("url") else {})
            for s in sources
        ],
        "resources": resources,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
