"""Forcing of one glacier as a table, for models."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from termini.errors import InputError

FORCINGS = ("runoff", "thermal_forcing", "surface_mass_balance")


def forcing_table(drivers: xr.Dataset, glacier_id: str) -> pd.DataFrame:
    """Series of the joined drivers of one glacier.

    Parameters
    ----------
    drivers : xarray.Dataset
        What `join_drivers` gave.
    glacier_id : str
        The glacier.

    Returns
    -------
    DataFrame
        Indexed by date; of the columns ``runoff`` (m3 s-1), ``thermal_forcing``
        (K) and ``surface_mass_balance`` (m ice a-1) those with a value; their units
        are in ``attrs["units"]``.

    Raises
    ------
    InputError
        If the glacier is not among the drivers.
    """
    ids = drivers["glacier_id"].to_numpy().astype(str).tolist()
    if glacier_id not in ids:
        raise InputError(
            f"glacier {glacier_id!r} is not among the drivers; there are {', '.join(ids[:8])}"
        )
    row = drivers.isel(glacier=ids.index(glacier_id))
    columns = {
        name: row[name].to_series()
        for name in FORCINGS
        if name in row and row[name].dims == ("time",)
    }
    table = pd.DataFrame(columns).dropna(how="all")
    table = table.dropna(axis="columns", how="all")
    table.attrs["units"] = {name: str(row[name].attrs.get("units", "")) for name in table}
    source = row.get("runoff_match_source")
    if "runoff" in table and source is not None and "summer" in str(source.item()):
        table.attrs["cadence"] = "summer"
    return table
