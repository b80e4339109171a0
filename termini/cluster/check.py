"""What the glacier types refuse, each by name and with what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from termini.errors import InputError

#: Variables that the types are made of, and their dimensions beside the glaciers.
LENGTHS = {"length_interannual": "time", "seasonal_cycle": "month", "length_seasonal": "time"}
ERRORS = {
    "length_interannual_se": "time",
    "seasonal_cycle_se": "month",
    "seasonal_amplitude_se": "",
}
METRES = ("m", "metre", "metres", "meter", "meters")


def check_series(series: xr.Dataset) -> None:
    """Refuse monthly series of which types would be made wrongly.

    Parameters
    ----------
    series : xarray.Dataset
        As `termini.cluster.glacier_types` takes them.

    Raises
    ------
    InputError
        If there is no glacier or no time; if a glacier comes twice; if time does not
        increase month by month or the cycle does not go from January to December; if a
        length or a standard error is not a number, not in metres, or infinite, or an
        error is negative. The message names the variable and the glacier.
    """
    if not isinstance(series, xr.Dataset) or "glacier" not in series.dims:
        what = "" if isinstance(series, xr.Dataset) else f" but a {type(series).__name__}"
        raise InputError(
            f"series have no dimension 'glacier'{what}; give the monthly series of a release"
        )
    if series.sizes["glacier"] == 0:
        raise InputError("the series hold no glacier; give those of one at least")
    _check_glaciers(series)
    _check_time(series)
    if "month" in series.coords and series["month"].to_numpy().tolist() != list(range(1, 13)):
        raise InputError(
            "month does not go from 1 to 12; use series.sortby('month') and give all twelve"
        )
    for name, axis in (LENGTHS | ERRORS).items():
        if name in series:
            _check_variable(series, name, axis)


def _check_glaciers(series: xr.Dataset) -> None:
    if "glacier_id" not in series:
        raise InputError("the series have no glacier_id; types could not be told whose they are")
    ids = pd.Series(series["glacier_id"].to_numpy().astype(str))
    twice = ids[ids.duplicated()]
    if len(twice):
        raise InputError(
            f"glacier {twice.iloc[0]} comes more than once ({twice.nunique()} such glaciers in "
            "all); keep one of its series"
        )


def _check_time(series: xr.Dataset) -> None:
    if "time" not in series.dims or "time" not in series.coords:
        raise InputError("series have no dimension 'time' with dates; give monthly series")
    time = series["time"].to_numpy()
    if not np.issubdtype(time.dtype, np.datetime64):
        raise InputError(f"time holds {time.dtype}, not dates; give the months as datetime64")
    if (np.diff(time.astype("int64")) <= 0).any():
        raise InputError("time does not increase; use series.sortby('time') first")
    stamps = pd.DatetimeIndex(time)
    months = np.asarray(stamps.year * 12 + stamps.month)
    jumps = np.flatnonzero(np.diff(months) != 1)
    if len(jumps):
        first, second = (str(stamps[at].date()) for at in (jumps[0], jumps[0] + 1))
        raise InputError(
            f"time does not go month by month: {second} follows {first}; give one value a month, "
            "NaN where there is none"
        )


def _check_variable(series: xr.Dataset, name: str, axis: str) -> None:
    variable = series[name]
    wanted = {"glacier", axis} if axis else {"glacier"}
    if set(variable.dims) != wanted:
        raise InputError(f"{name} has dimensions {variable.dims}; they must be {sorted(wanted)}")
    if variable.dtype.kind not in "fiu":
        raise InputError(f"{name} holds {variable.dtype}, not numbers; give metres")
    units = variable.attrs.get("units", "m")
    if units not in METRES:
        raise InputError(
            f"{name} is in {units!r}; types are of changes in metres, convert it and its errors"
        )
    values = variable.transpose("glacier", ...).to_numpy()
    _refuse(series, name, np.isinf(values), "infinite values; set them to NaN")
    if name in ERRORS:
        _refuse(series, name, values < 0, "negative standard errors; set them to NaN")


def _refuse(series: xr.Dataset, name: str, bad: Any, words: str) -> None:
    rows = np.flatnonzero(bad.reshape(len(bad), -1).any(axis=1))
    if len(rows):
        who = str(series["glacier_id"].to_numpy()[rows[0]])
        what, remedy = words.split("; ")
        raise InputError(
            f"{name} of {who} holds {what} ({len(rows)} such glaciers in all); {remedy} or leave "
            "the glaciers out"
        )
