"""Annual masks of where ice may stand, on a regular grid.

As those that ISMIP6 gave to the models of Greenland (Goelzer et al. 2020, The
Cryosphere 14, 3071, section 2.3; Slater et al. 2019), under the name that PISM reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.issm.gridded import cell_centres, grid_of, increasing, without
from termini.issm.levelset import signed_distance

Statistic = Literal["mean", "end", "minimum"]

# Points in a row and column of a cell are about so far apart, metres.
_SUBGRID = 100.0


def retreat_masks(
    domain: GlacierDomain,
    ice: Sequence[BaseGeometry],
    dates: Sequence[Any],
    *,
    resolution: float = 1000.0,
    statistic: Statistic = "mean",
    elsewhere: float = np.nan,
    rock: BaseGeometry | None = None,
) -> xr.Dataset:
    """Annual masks of where ice may stand, in the manner of ISMIP6.

    Parameters
    ----------
    domain, ice, dates
        As for `gridded_distances`.
    resolution : float
        Width of the cells, metres; 1000 m gives cells of ISMIP6's Greenland grid.
    statistic : {"mean", "end", "minimum"}
        Share of ice in the mean of the year, at its end, or when the fjord held least.
    elsewhere : float
        Value of cells outside the fjord: missing, or 1 for a model that takes the
        mask for the whole ice sheet.
    rock : shapely geometry, optional
        Rock and ice-free ground in the fjord: neither ice nor water, its edge is no front.

    Returns
    -------
    xarray.Dataset
        ``land_ice_area_fraction_retreat`` (time, y, x): share of the cell's part of
        the fjord that is ice, for each calendar year that the dates span whole, or
        touch where they span none; ``fjord_area_fraction`` (y, x).

    Raises
    ------
    InputError
        As for `gridded_distances`, or if the statistic is unknown.

    Notes
    -----
    The level set is linear in time between dates, as a model takes it, and its sign is
    counted at points about 100 m apart, a point next to the front in the share that
    its distance leaves to the ice.
    """
    if statistic not in ("mean", "end", "minimum"):
        raise InputError(f"statistic {statistic!r} is unknown; there are mean, end, minimum")
    times = increasing(domain, dates, len(ice))
    x, y = cell_centres(domain.fjord, resolution)
    points = max(int(np.ceil(resolution / _SUBGRID)), 1)
    step = resolution / points
    columns, rows = np.meshgrid(_split(x, points, step), _split(y, points, step))
    room = without(domain.fjord, rock)
    inside = shapely.contains_xy(room, columns, rows)
    if not inside.any():
        raise InputError(f"{domain.glacier_id}: no cell lies in the fjord; give a finer resolution")
    years = _years(times)
    covered = np.zeros((len(years), *columns.shape), dtype=np.float32)
    covered[:, inside] = _covered(
        room, ice, times, years, (columns[inside], rows[inside]), step, statistic
    )
    blocks = (len(y), points, len(x), points)
    fjord = inside.reshape(blocks).sum(axis=(1, 3))
    share = covered.reshape(len(years), *blocks).sum(axis=(2, 4), dtype=np.float64)
    with np.errstate(invalid="ignore"):
        mask = np.where(fjord > 0, share / fjord, elsewhere)
    return _masks(domain, (x, y), years, mask, fjord / points**2, statistic)


def _split(centres: NDArray[np.float64], points: int, step: float) -> NDArray[np.float64]:
    offsets = (np.arange(points) - (points - 1) / 2) * step
    return np.asarray((centres[:, None] + offsets).ravel())


def _years(times: pd.DatetimeIndex) -> NDArray[np.int64]:
    """Calendar years that lie wholly between the dates, or those touched if none does."""
    first, last = times[0], times[-1]
    start = first.year + (first > pd.Timestamp(first.year, 1, 31))
    stop = last.year - (last < pd.Timestamp(last.year, 12, 1))
    if stop < start:
        start, stop = first.year, last.year
    return np.arange(start, stop + 1)


def _covered(
    room: BaseGeometry,
    ice: Sequence[BaseGeometry],
    times: pd.DatetimeIndex,
    years: NDArray[np.int64],
    points: tuple[NDArray[np.float64], NDArray[np.float64]],
    step: float,
    statistic: Statistic,
) -> NDArray[np.float64]:
    """Share of ice at each point in each year, shape (years, points)."""
    water = [shapely.difference(room, polygon) for polygon in ice]
    # only where both were seen does anything change; elsewhere the first date says it all
    changing = shapely.intersection(shapely.union_all(list(ice)), shapely.union_all(water))
    shapely.prepare(changing)
    x, y = points
    near = shapely.dwithin(shapely.points(x, y), changing, 2 * step)
    always = shapely.contains_xy(ice[0], x, y).astype(np.float64)
    phi = np.stack(
        [signed_distance(x[near], y[near], i, w) for i, w in zip(ice, water, strict=True)]
    )
    when = times.to_numpy().astype("datetime64[s]").astype(np.float64)
    found = np.repeat(always[None], len(years), axis=0)
    for number, year in enumerate(years):
        moments = pd.date_range(f"{year}-01-01", periods=12, freq="MS") + pd.Timedelta(days=14)
        if statistic == "end":
            moments = pd.DatetimeIndex([pd.Timestamp(year + 1, 1, 1)])
        at = moments.to_numpy().astype("datetime64[s]").astype(np.float64)
        months = np.clip(0.5 - _between(at, when, phi) / step, 0.0, 1.0)
        if statistic == "minimum":
            months = months[[months.sum(axis=1).argmin()]]
        found[number, near] = months.mean(axis=0)
    return found


def _between(
    at: NDArray[np.float64], when: NDArray[np.float64], phi: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Level set at some moments, linear between its dates, held at both ends."""
    if len(when) == 1:
        return np.repeat(phi, len(at), axis=0)
    after = np.clip(np.searchsorted(when, at), 1, len(when) - 1)
    weight = np.clip((at - when[after - 1]) / (when[after] - when[after - 1]), 0.0, 1.0)[:, None]
    return np.asarray(phi[after - 1] * (1 - weight) + phi[after] * weight)


def _masks(
    domain: GlacierDomain,
    grid: tuple[NDArray[np.float64], NDArray[np.float64]],
    years: NDArray[np.int64],
    mask: NDArray[np.float64],
    fjord: NDArray[np.float64],
    statistic: Statistic,
) -> xr.Dataset:
    """Masks with the bounds of their years."""
    start = pd.DatetimeIndex([pd.Timestamp(year, 1, 1) for year in years])
    end = pd.DatetimeIndex([pd.Timestamp(year + 1, 1, 1) for year in years])
    middle = pd.DatetimeIndex([pd.Timestamp(year, 7, 2) for year in years])
    how = {"mean": "mean", "end": "point", "minimum": "minimum"}[statistic]
    found = grid_of(domain, *grid).assign_coords(
        time=("time", middle, {"bounds": "time_bounds", "description": "middle of the year"})
    )
    found["time_bounds"] = (("time", "bound"), np.column_stack([start, end]))
    found["fjord_area_fraction"] = (("y", "x"), fjord, {"grid_mapping": "crs"})
    found["land_ice_area_fraction_retreat"] = (
        ("time", "y", "x"),
        mask,
        {"grid_mapping": "crs", "cell_methods": f"time: {how} area: mean"},
    )
    return found
