"""Readers of published driver tables, registered by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import xarray as xr

from termini.drivers.sources.bed import front_bed_depth, ice_front_depth
from termini.drivers.sources.ocean import glacier_thermal_forcing, sector_thermal_forcing
from termini.drivers.sources.runoff import summer_runoff
from termini.drivers.sources.sills import sill_depth
from termini.errors import InputError

DRIVER_SOURCES: dict[str, Callable[[str | Path | None], xr.Dataset]] = {
    "front_bed": front_bed_depth,  # before the next, which fills what it leaves open
    "bed": ice_front_depth,
    "sill": sill_depth,
    "runoff": summer_runoff,
    "thermal_forcing": sector_thermal_forcing,
    "thermal_forcing_by_glacier": glacier_thermal_forcing,
}


def read_drivers(
    path: str | Path | None = None, names: Sequence[str] | None = None
) -> tuple[dict[str, xr.Dataset], pd.DataFrame]:
    """Published driver tables, as many as there are.

    Parameters
    ----------
    path : path, optional
        Root folder of the published data; by default `termini.files.data_root`.
    names : sequence of str, optional
        Which of `DRIVER_SOURCES`; all by default.

    Returns
    -------
    tables : dict
        Name to table, for `termini.drivers.join_drivers`.
    failures : DataFrame
        ``source`` and ``reason`` of each table that could not be read.

    Raises
    ------
    InputError
        If a name is unknown.
    """
    wanted = list(DRIVER_SOURCES) if names is None else list(names)
    if unknown := [name for name in wanted if name not in DRIVER_SOURCES]:
        raise InputError(
            f"driver table {unknown[0]!r} is unknown; known are {', '.join(DRIVER_SOURCES)}"
        )
    tables: dict[str, xr.Dataset] = {}
    failures = []
    for name in wanted:
        try:
            tables[name] = DRIVER_SOURCES[name](path)
        except InputError as error:
            failures.append({"source": name, "reason": str(error)})
    return tables, pd.DataFrame(failures, columns=["source", "reason"])


__all__ = [
    "DRIVER_SOURCES",
    "front_bed_depth",
    "glacier_thermal_forcing",
    "ice_front_depth",
    "read_drivers",
    "sector_thermal_forcing",
    "sill_depth",
    "summer_runoff",
]
