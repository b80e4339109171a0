"""Surface mass balance in metres of ice a year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from termini.errors import InputError
from termini.issm.mesh import Mesh
from termini.issm.regrid import regrid
from termini.issm.units import convert
from termini.variables import attributes

#: No glacier of Greenland gains or loses more at its surface, metres of ice a year.
PLAUSIBLE = 30.0


def mass_balance(
    values: ArrayLike,
    units: str,
    *,
    dates: pd.DatetimeIndex | None = None,
    area: float | None = None,
    where: str = "surface_mass_balance",
) -> NDArray[np.float64]:
    """Surface mass balance as ISSM takes it.

    Parameters
    ----------
    values : array_like
        Mass balance, the first axis its dates where units are per month.
    units : str
        ``kg m-2 s-1``, ``mm w.e. a-1``, ``mm w.e. month-1``, ``m ice a-1`` and the
        like; ``m year-1`` as in ``variables.yml`` is metres of ice. With `area` also
        a basin's total, ``m3 w.e. d-1`` or ``Gt a-1``.
    dates : DatetimeIndex, optional
        Needed for units per month.
    area : float, optional
        Area in m2 over which a total is spread.
    where : str
        Table and column, for the error.

    Returns
    -------
    ndarray
        Metres of ice in 365 days, ice of 917 kg/m3.

    Raises
    ------
    InputError
        If the units do not say whether metres are of ice or of water, do not fit, or
        the result exceeds `PLAUSIBLE`.
    """
    if units == attributes("surface_mass_balance")["units"]:
        units = "m ice a-1"
    data = np.asarray(values, dtype=np.float64)
    if area is not None:
        if not area > 0:
            raise InputError(f"{where}: area {area} is not positive; give square metres")
        data, units = data / area, f"{units} m-2"
    found = convert(data, units, "m ice a-1", where=where, dates=dates)
    known = np.abs(found[np.isfinite(found)])
    if known.size and known.max() > PLAUSIBLE:
        raise InputError(
            f"{where}: reaches {known.max():.0f} m of ice a year in units {units!r}, more than "
            f"{PLAUSIBLE:.0f}; check the units"
        )
    return found


def gridded_mass_balance(
    mesh: Mesh, grid: xr.DataArray, *, where: str = "surface mass balance grid"
) -> tuple[NDArray[np.float64], list[str]]:
    """Surface mass balance at the vertices of a mesh from a regular grid.

    Parameters
    ----------
    mesh : Mesh
        The mesh.
    grid : xarray.DataArray
        Dimensions ``y, x`` or ``time, y, x`` in the mesh's projection, with the
        attribute ``units``.
    where : str
        What it is, for the error.

    Returns
    -------
    values : ndarray, shape (nv,) or (nv, T)
        Metres of ice a year, integrals over the mesh kept (`regrid`).
    notes : list of str
        What was assumed.

    Raises
    ------
    InputError
        If units lack or do not fit.
    """
    dates = pd.DatetimeIndex(grid["time"].values) if "time" in grid.dims else None
    dims = ("time", "y", "x") if dates is not None else ("y", "x")
    ordered = grid.transpose(*dims)
    ice = mass_balance(ordered.values, str(grid.attrs.get("units", "")), dates=dates, where=where)
    return regrid(mesh, ordered.copy(data=ice), where=where)
