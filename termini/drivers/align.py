"""Series and drivers brought to one order of glaciers and one step of time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from termini.errors import InputError

#: Sign of the effect on the rate of length change that physics expects: more
#: runoff or warmer water melts the front back, melange and mass balance hold it.
EXPECTED_SIGN = {
    "runoff": -1,
    "thermal_forcing": -1,
    "melange": 1,
    "surface_mass_balance": 1,
}


def aligned(series: xr.Dataset, drivers: xr.Dataset) -> xr.Dataset:
    """Drivers in the order of the series.

    Parameters
    ----------
    series, drivers : xarray.Dataset
        Both with ``glacier_id`` on the dimension ``glacier``.

    Returns
    -------
    xarray.Dataset
        `drivers` with one row for each glacier of `series`; glaciers that it lacks
        are missing values.

    Raises
    ------
    InputError
        If one has no ``glacier_id``, or no glacier is in both.
    """
    for what, dataset in (("series", series), ("drivers", drivers)):
        if "glacier_id" not in dataset.variables or "glacier" not in dataset.dims:
            raise InputError(f"the {what} have no glacier_id on the dimension 'glacier'")
    wanted = series["glacier_id"].to_numpy().astype(str)
    known = pd.Index(drivers["glacier_id"].to_numpy().astype(str))
    place = known.get_indexer(pd.Index(wanted))
    if (place < 0).all():
        raise InputError(
            "series and drivers have no glacier in common; join the drivers to the glaciers of "
            f"this release (series: {wanted[0]}, drivers: {known[0] if len(known) else 'none'})"
        )
    taken = xr.Dataset(
        {
            name: drivers[name].isel(glacier=np.maximum(place, 0))
            for name in (*static_drivers(drivers), *varying_drivers(drivers))
        }
    )
    return taken.where(xr.DataArray(place >= 0, dims="glacier"))


def static_drivers(drivers: xr.Dataset) -> list[str]:
    """Names of the drivers that are one number a glacier.

    Parameters
    ----------
    drivers : xarray.Dataset
        As `termini.drivers.join_drivers` gives it.

    Returns
    -------
    list of str
        Without the records of the join.
    """
    return _names(drivers, ("glacier",))


def varying_drivers(drivers: xr.Dataset) -> list[str]:
    """Names of the drivers that change with time.

    Parameters
    ----------
    drivers : xarray.Dataset
        As `termini.drivers.join_drivers` gives it.

    Returns
    -------
    list of str
        In the order of the dataset.
    """
    return _names(drivers, ("glacier", "time"))


def _names(drivers: xr.Dataset, dims: tuple[str, ...]) -> list[str]:
    return [
        str(name)
        for name, values in drivers.data_vars.items()
        if values.dims == dims
        and np.issubdtype(values.dtype, np.floating)
        and "_match_" not in str(name)
    ]


def monthly(values: xr.DataArray, months: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Driver by calendar month, missing where it has no value that month.

    Parameters
    ----------
    values : xarray.DataArray, (glacier, time)
        Driver.
    months : DatetimeIndex, (T,)
        Months wanted.

    Returns
    -------
    ndarray, (n, T)
        Means of the values in each month.
    """
    table = values.transpose("time", "glacier").to_numpy().astype(np.float64)
    period = pd.DatetimeIndex(values["time"].to_numpy()).to_period("M")
    means = pd.DataFrame(table).groupby(np.asarray(period.astype(str))).mean()
    wanted = months.to_period("M").astype(str)
    return np.asarray(means.reindex(wanted).to_numpy(dtype=np.float64)).T


def is_monthly(values: NDArray[np.float64]) -> bool:
    """Whether a driver on monthly stamps has a value in most of its months.

    Parameters
    ----------
    values : ndarray, (n, T)
        As `monthly` gives it.

    Returns
    -------
    bool
        False for annual tables.
    """
    any_value = np.asarray(np.isfinite(values)).any(axis=0).reshape(-1)
    if not any_value.any():
        return False
    first, last = np.flatnonzero(any_value)[[0, -1]]
    return bool(any_value[first : last + 1].mean() > 0.5)


def yearly(values: NDArray[np.float64], months: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Means by calendar year.

    Parameters
    ----------
    values : ndarray, (n, T)
        Monthly values; annual tables have one value a year.
    months : DatetimeIndex, (T,)
        Their months.

    Returns
    -------
    ndarray, (n, years)
        From the first to the last year of `months`. A year with fewer than ten
        months is missing, unless the table is annual.
    """
    year = np.asarray(months.year) - int(months.year.min())
    member = (year[:, None] == np.arange(year.max() + 1)).astype(np.float64)
    known = np.isfinite(values)
    count = known @ member
    total = np.where(known, values, 0.0) @ member
    least = 10 if is_monthly(values) else 1
    return np.where(count >= least, total / np.maximum(count, 1.0), np.nan)
