"""Bed elevation at the vertices of a mesh, from what is known along the centreline."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator

from termini.domain import GlacierDomain
from termini.errors import InputError

# Fjord walls rise from the trough's floor. Where only the centreline's depth is
# known the cross-section is taken as a parabola that reaches this share of the
# centre's depth at the walls (Morlighem et al. 2017 find U-shaped troughs with
# steep but not vertical sides).
_WALL_SHARE = 0.3


def bed_from_profile(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    domain: GlacierDomain,
    profile: pd.DataFrame | float,
) -> NDArray[np.float64]:
    """Bed elevation of points in a fjord from the bed along its centreline.

    Parameters
    ----------
    x, y : ndarray, shape (nv,)
        Points in the domain's projection, metres.
    domain : GlacierDomain
        Gives the centreline and the walls.
    profile : DataFrame or float
        Columns ``distance`` (m along the centreline from the gate) and
        ``elevation`` (m, negative below sea level), or one elevation for all.

    Returns
    -------
    ndarray, shape (nv,)
        Bed elevation, metres: the profile's value at the foot of each point on
        the centreline, rising as a parabola to 30 % of the depth at the walls.

    Raises
    ------
    InputError
        If the profile lacks a column or a finite value.
    """
    points = shapely.points(x, y)
    if isinstance(profile, pd.DataFrame):
        if missing := {"distance", "elevation"} - set(profile.columns):
            raise InputError(
                f"{domain.glacier_id}: bed profile lacks the column(s) "
                f"{sorted(missing)}; needed are distance and elevation, metres"
            )
        known = profile[["distance", "elevation"]].dropna().sort_values("distance")
        if known.empty:
            raise InputError(
                f"{domain.glacier_id}: bed profile holds no finite value; "
                "give distances and elevations in metres"
            )
        along = shapely.line_locate_point(domain.centreline, points)
        centre = np.interp(along, known["distance"], known["elevation"])
    else:
        if not np.isfinite(profile):
            raise InputError(f"{domain.glacier_id}: bed elevation is not known; give a number")
        centre = np.full(len(points), float(profile))
    to_centre = shapely.distance(points, domain.centreline)
    to_wall = np.minimum(
        shapely.distance(points, domain.left_wall), shapely.distance(points, domain.right_wall)
    )
    across = to_centre / np.maximum(to_centre + to_wall, 1e-9)
    share = 1 - (1 - _WALL_SHARE) * across**2
    return np.asarray(np.where(centre < 0, centre * share, centre), dtype=np.float64)


def bed_from_grid(
    x: NDArray[np.float64], y: NDArray[np.float64], grid: xr.DataArray, *, where: str = "bed grid"
) -> NDArray[np.float64]:
    """Bed elevation of points from a gridded bed such as BedMachine.

    Parameters
    ----------
    x, y : ndarray, shape (nv,)
        Points in the grid's projection, metres.
    grid : xarray.DataArray
        Dimensions ``y, x``; elevation in metres, negative below sea level, with the
        attribute ``units``.
    where : str
        What it is, for the error.

    Returns
    -------
    ndarray, shape (nv,)
        Linear between the grid's points: the bed at a vertex, where a mean over its
        surroundings would blunt troughs.

    Raises
    ------
    InputError
        If units are not metres, or a point lies outside the grid or beside a gap.
    """
    if str(grid.attrs.get("units", "")) not in ("m", "meter", "meters", "metre", "metres"):
        raise InputError(f"{where}: units are {grid.attrs.get('units')!r}; set them to 'm'")
    ordered = grid.transpose("y", "x").sortby(["y", "x"])
    axes = (ordered["y"].to_numpy(), ordered["x"].to_numpy())
    values = np.asarray(ordered.values, dtype=np.float64)
    found = RegularGridInterpolator(axes, values, bounds_error=False)(np.column_stack([y, x]))
    if not np.isfinite(found).all():
        gaps = np.flatnonzero(~np.isfinite(found))
        bad = int(gaps[0])
        raise InputError(
            f"{where}: no bed at {len(gaps)} of {len(found)} points, the first "
            f"({x[bad]:.0f}, {y[bad]:.0f}); fill its gaps, or check its projection"
        )
    return np.asarray(found)
