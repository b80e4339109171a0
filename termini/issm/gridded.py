"""Signed distances to the front on a regular grid, for models other than ISSM.

PISM, Elmer/Ice and BISICLES read regular grids. The distances are those of the
level set, taken at cell centres instead of at the vertices of a mesh.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from termini.catalog import write_netcdf
from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.issm.levelset import signed_distance
from termini.times import to_date


def gridded_distances(
    domain: GlacierDomain,
    ice: Sequence[BaseGeometry],
    dates: Sequence[Any],
    *,
    resolution: float = 150.0,
    rock: BaseGeometry | None = None,
    beyond_fjord: bool = False,
) -> xr.Dataset:
    """Signed distance to the front at the cells of a regular grid.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier; its projection becomes that of the grid.
    ice : sequence of shapely Polygon or MultiPolygon, length T
        The part of ``domain.fjord`` that is ice at each date, as `LevelSets.ice`.
    dates : sequence of date-like, length T
        Strictly increasing.
    resolution : float
        Width of the cells, metres. Centres lie at multiples of it, as those of the
        grids of ISMIP6, BedMachine and PISM do.
    rock : shapely geometry, optional
        Rock and ice-free ground in the fjord: neither ice nor water, its edge is no front.
    beyond_fjord : bool
        Whether cells outside the fjord bear a distance as well.

    Returns
    -------
    xarray.Dataset
        ``signed_distance`` (time, y, x), metres, negative in ice, with ``crs``,
        ``longitude`` and ``latitude``.

    Raises
    ------
    InputError
        If dates do not increase, their number is not that of the polygons, or no cell
        lies in the fjord.
    """
    times = increasing(domain, dates, len(ice))
    x, y = cell_centres(domain.fjord, resolution)
    columns, rows = np.meshgrid(x, y)
    wanted = np.ones(columns.shape, dtype=bool)
    if not beyond_fjord:
        wanted = shapely.contains_xy(without(domain.fjord, rock), columns, rows)
    if not wanted.any():
        raise InputError(
            f"{domain.glacier_id}: no cell of {resolution:g} m lies in the fjord; "
            "give a finer resolution"
        )
    phi = np.full((len(times), *columns.shape), np.nan)
    for layer, polygon in zip(phi, ice, strict=True):
        water = without(shapely.difference(domain.fjord, polygon), rock)
        layer[wanted] = signed_distance(columns[wanted], rows[wanted], polygon, water)
    found = grid_of(domain, x, y).assign_coords(time=times)
    found["signed_distance"] = (("time", "y", "x"), phi, {"grid_mapping": "crs"})
    return found


def write_gridded(
    dataset: xr.Dataset, path: str | Path, *, title: str, date: Any, history: str = ""
) -> Path:
    """Write gridded distances or masks as CF-1.11, the same bytes for the same input.

    Parameters
    ----------
    dataset : xarray.Dataset
        From `gridded_distances` or `retreat_masks`.
    path : path
        NetCDF-4 file.
    title, history : str
        Global attributes.
    date : date-like
        Date of the release, the only time stamp in the file.

    Returns
    -------
    pathlib.Path
        The path.
    """
    summary = (
        "Calving fronts of one glacier on a regular grid, from traces of satellite images. "
        "Outside the glacier's fjord nothing is said about ice."
    )
    return write_netcdf(dataset, path, title=title, date=date, summary=summary, history=history)


def without(part: BaseGeometry, rock: BaseGeometry | None) -> BaseGeometry:
    """Part of a fjord that is no rock.

    Parameters
    ----------
    part : shapely geometry
        Fjord, ice or water.
    rock : shapely geometry or None
        Rock.

    Returns
    -------
    shapely geometry
        The rest.
    """
    return part if rock is None else shapely.difference(part, rock)


def increasing(domain: GlacierDomain, dates: Sequence[Any], number: int) -> pd.DatetimeIndex:
    """Dates of ice polygons, checked.

    Parameters
    ----------
    domain : GlacierDomain
        For messages.
    dates : sequence of date-like
        Dates.
    number : int
        Number of polygons.

    Returns
    -------
    pandas.DatetimeIndex
        The dates.

    Raises
    ------
    InputError
        If there are not as many dates as polygons, none, or they do not increase.
    """
    times = pd.DatetimeIndex([to_date(date, "the date of a front") for date in dates])
    if len(times) != number or number == 0:
        raise InputError(
            f"{domain.glacier_id}: {number} ice polygons for {len(times)} dates; "
            "give one polygon for each date, and at least one"
        )
    if not (np.diff(times.to_numpy()) > np.timedelta64(0)).all():
        raise InputError(f"{domain.glacier_id}: dates must increase strictly; sort the fronts")
    return times


def cell_centres(
    fjord: BaseGeometry, resolution: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres of cells over a polygon, at multiples of their width.

    Parameters
    ----------
    fjord : shapely Polygon
        What the cells are to cover, metres.
    resolution : float
        Width of a cell, metres.

    Returns
    -------
    x, y : ndarray, shapes (nx,) and (ny,)
        Metres, increasing.

    Raises
    ------
    InputError
        If the width is not positive.
    """
    if not resolution > 0:
        raise InputError(f"the resolution is {resolution!r}; give metres above zero")
    left, bottom, right, top = np.asarray(fjord.bounds) / resolution
    x = np.arange(np.round(left), np.round(right) + 1) * resolution
    y = np.arange(np.round(bottom), np.round(top) + 1) * resolution
    return x, y


def grid_of(domain: GlacierDomain, x: NDArray[np.float64], y: NDArray[np.float64]) -> xr.Dataset:
    """Coordinates of a grid, with its projection in CF's words.

    Parameters
    ----------
    domain : GlacierDomain
        Gives the projection, and who the grid is of.
    x, y : ndarray, shapes (nx,) and (ny,)
        Centres of cells, metres.

    Returns
    -------
    xarray.Dataset
        ``crs``, ``x``, ``y``, and ``longitude`` and ``latitude`` (y, x).
    """
    longitude, latitude = Transformer.from_crs(domain.crs, "EPSG:4326", always_xy=True).transform(
        *np.meshgrid(x, y)
    )
    return xr.Dataset(
        {"crs": ((), np.int32(0), _projection(domain.crs))},
        coords={
            "x": ("x", x, {"axis": "X"}),
            "y": ("y", y, {"axis": "Y"}),
            "longitude": (("y", "x"), longitude, {"long_name": "longitude of the cell's centre"}),
            "latitude": (("y", "x"), latitude, {"long_name": "latitude of the cell's centre"}),
        },
        attrs={
            "glacier_id": domain.glacier_id,
            "glacier_name": domain.name,
            "geometry_version": domain.geometry_version,
        },
    )


def _projection(crs: str) -> dict[str, Any]:
    """Projection in CF's words; of a polar one CF wants the pole named as well."""
    words = CRS(crs).to_cf()
    if words.get("grid_mapping_name") == "polar_stereographic":
        words["latitude_of_projection_origin"] = 90.0 * np.sign(words["standard_parallel"])
    return words
