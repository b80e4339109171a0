"""Small pieces that both a whole run and the single commands need."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from termini.catalog import read_netcdf, read_observations, write_release
from termini.domain import read_domains
from termini.errors import InputError
from termini.fronts import get_source, sources
from termini.fronttable import read_fronts
from termini.geo import ARCTIC, LONLAT, transformer

FRONTS, DOMAINS = "fronts.parquet", "domains.parquet"
OBSERVATIONS, SERIES = "terminus_observations.nc", "terminus_series.nc"
TYPES, DRIVERS = "glacier_types.nc", "drivers.nc"
ATTRIBUTION, MECHANISM = "attribution.csv", "mechanism.csv"

#: Tables of the attribution and what they are called in the report.
DRIVER_TABLES = {
    ATTRIBUTION: "Which driver separates and leads each type",
    MECHANISM: "Most likely driver of each glacier",
}

_OWN_CITATIONS = {
    "simulated truth": "Simulated region of termini; true fronts.",
    "termini": "Fronts extracted by termini from the scenes named in the front table.",
}


def today() -> str:
    """Date in UTC.

    Returns
    -------
    str
        ISO date.
    """
    return str(datetime.datetime.now(datetime.UTC).date())


def date_of(release: str | Path) -> str:
    """Date of a release, so that what is made from it carries the same.

    Parameters
    ----------
    release : path
        Folder of a release.

    Returns
    -------
    str
        ISO date.
    """
    series = read_netcdf(Path(release) / SERIES)
    return str(series.attrs.get("date_created", today()))[:10]


def read_optional(path: str | Path) -> xr.Dataset | None:
    """Dataset of a file that may be missing.

    Parameters
    ----------
    path : path
        NetCDF file.

    Returns
    -------
    xarray.Dataset or None
        None if there is no such file.
    """
    return read_netcdf(path) if Path(path).is_file() else None


def glacier_positions(series: xr.Dataset) -> pd.DataFrame:
    """Ids, names and positions of the glaciers of a series.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series.

    Returns
    -------
    DataFrame
        Columns glacier_id, name, x, y (EPSG:3413).
    """
    x, y = transformer(LONLAT, ARCTIC).transform(
        series["longitude"].to_numpy(), series["latitude"].to_numpy()
    )
    return pd.DataFrame(
        {
            "glacier_id": series["glacier_id"].to_numpy().astype(str),
            "name": series["glacier_name"].to_numpy().astype(str),
            "x": x,
            "y": y,
        }
    )


def bed_of(glacier: str, given: str | None, drivers: xr.Dataset | None) -> pd.DataFrame | float:
    """Bed along a glacier's centreline, from what the user gave or what was joined.

    Parameters
    ----------
    glacier : str
        Glacier id.
    given : str or None
        CSV file with ``distance`` and ``elevation``, or a number in metres.
    drivers : xarray.Dataset or None
        Drivers of the release.

    Returns
    -------
    DataFrame or float
        Profile, or one elevation, metres.

    Raises
    ------
    InputError
        If nothing is known of the bed.
    """
    if given is not None:
        try:
            return float(given)
        except ValueError:
            pass
        if not Path(given).is_file():
            raise InputError(
                f"--bed {given!r}: neither a number nor a file; give one elevation in metres, or "
                "a CSV file with the columns distance and elevation"
            )
        return _bed_table(given)
    depth = np.nan
    if drivers is not None and "bed_depth" in drivers:
        ids = drivers["glacier_id"].to_numpy().astype(str).tolist()
        depth = float(drivers["bed_depth"].to_numpy()[ids.index(glacier)])
    if not np.isfinite(depth):
        raise InputError(
            f"{glacier}: the bed is not known; give a profile or an elevation with "
            "'termini export issm --bed'"
        )
    return -depth


def _bed_table(path: str) -> pd.DataFrame:
    """Bed profile of a CSV file, every value a number."""
    needed = ["distance", "elevation"]
    try:
        table = pd.read_csv(path)
    except (ValueError, OSError) as error:
        raise InputError(f"{path}: cannot be read as CSV ({error}); mend the file") from error
    if missing := sorted(set(needed) - set(table.columns)):
        raise InputError(
            f"{path}: lacks the column(s) {', '.join(missing)}; needed are distance (m along the "
            "centreline from the gate) and elevation (m)"
        )
    number = pd.DataFrame({n: pd.to_numeric(table[n], errors="coerce") for n in needed})
    wrong = ~np.isfinite(number).all(axis=1)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"{path}: line {row + 2} holds {table[needed].iloc[row].to_list()}; needed are two "
            "numbers, metres; mend or remove the line"
        )
    return number


def citations(used: Any, given: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Citation of every source that a front table names.

    Parameters
    ----------
    used : iterable of str
        Column ``source`` of the front table.
    given : mapping of str to str, optional
        Citations of sources that termini does not know.

    Returns
    -------
    list of dict
        ``name`` and ``citation``, and ``title`` and ``license`` where known.

    Raises
    ------
    InputError
        If a source has no citation.
    """
    found: list[dict[str, Any]] = []
    for name in sorted(set(used)):
        if given and name in given:
            found.append({"name": name, "citation": given[name]})
        elif name in sources():
            source = get_source(name)
            found.append(
                {
                    "name": name,
                    "citation": source.citation,
                    "title": source.title,
                    "license": source.licence,
                }
            )
        elif name in _OWN_CITATIONS:
            found.append({"name": name, "citation": _OWN_CITATIONS[name]})
        else:
            raise InputError(
                f"source {name!r} has no citation; give one with --source '{name}=...'"
            )
    return found


def release_from_folder(
    folder: str | Path,
    root: str | Path,
    version: str,
    *,
    citations_given: Mapping[str, str] | None = None,
    date: str | None = None,
    notes: str = "",
) -> Path:
    """Write a release of the files in a folder.

    Parameters
    ----------
    folder : path
        Holds ``fronts.parquet``, ``domains.parquet``, ``terminus_observations.nc``,
        ``terminus_series.nc`` and, if they were made, ``glacier_types.nc`` and
        ``drivers.nc``.
    root : path
        Catalog folder.
    version : str
        Version, not there yet.
    citations_given : mapping of str to str, optional
        Citations of sources that termini does not know.
    date : str, optional
        Date of the release; today by default.
    notes : str
        What is to be said of it.

    Returns
    -------
    pathlib.Path
        The release.

    Raises
    ------
    InputError
        If a file is missing.
    ReleaseError
        If the version exists.
    """
    folder = Path(folder)
    for name in (FRONTS, DOMAINS, OBSERVATIONS, SERIES):
        if not (folder / name).is_file():
            raise InputError(f"{folder / name}: missing; make it with 'termini series' or a run")
    fronts = read_fronts(folder / FRONTS)
    return write_release(
        root,
        version,
        fronts=fronts,
        domains=read_domains(folder / DOMAINS),
        observations=read_observations(folder / OBSERVATIONS),
        series=read_netcdf(folder / SERIES),
        types=read_optional(folder / TYPES),
        drivers=read_optional(folder / DRIVERS),
        sources=citations(fronts["source"], citations_given),
        date=date or today(),
        notes=notes,
    )
