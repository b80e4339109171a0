"""Frontal melt and surface mass balance in ISSM's units.

ISSM's year has 365 days and its ice 917 kg/m3; runoff enters as the whole
basin's discharge a day, the same number at every vertex of the basin.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

DAYS_PER_YEAR = 365.0
SECONDS_PER_DAY = 86400.0


def submerged_area(
    front: BaseGeometry, bed_points: tuple[NDArray[np.float64], ...], spacing: float = 50.0
) -> float:
    """Area of a calving front below sea level.

    Parameters
    ----------
    front : shapely LineString or MultiLineString
        Front, metres.
    bed_points : tuple of ndarray
        x, y and bed elevation of points at which the bed is known, metres.
    spacing : float
        Step along the front, metres.

    Returns
    -------
    float
        Length times depth, square metres. The bed at each step is that of the
        nearest point.
    """
    x, y, bed = bed_points
    tree = shapely.STRtree(shapely.points(x, y))
    total = 0.0
    for line in shapely.get_parts(front):
        steps = max(int(np.ceil(line.length / spacing)), 1)
        middle = line.interpolate((np.arange(steps) + 0.5) / steps, normalized=True)
        depth = np.maximum(-bed[tree.nearest(middle)], 0.0)
        total += float(depth.mean() * line.length)
    return total


def frontal_melt(
    bed: ArrayLike, discharge: ArrayLike, front_area: ArrayLike, thermal_forcing: ArrayLike
) -> NDArray[np.float64]:
    """Undercutting of a calving front by the ocean.

    Parameters
    ----------
    bed : array_like
        Bed elevation, metres; above sea level nothing but the background melts.
    discharge : array_like
        Subglacial discharge of the whole basin, m3 s-1.
    front_area : array_like
        Submerged area of the basin's front, m2.
    thermal_forcing : array_like
        Ocean temperature above freezing, K; negative values melt nothing.

    Returns
    -------
    ndarray
        Melt rate, metres of ice a year.

    Notes
    -----
    Rignot et al. (2016, GRL 43, eq. 3), in metres a day:
    q_m = (A h q_sg^alpha + B) TF^beta with A = 3e-4, alpha = 0.39, B = 0.15,
    beta = 1.18, h the depth, and q_sg the discharge a day over the front's
    submerged area. Where that area is zero nothing melts, as in ISSM.
    """
    depth = np.maximum(-np.asarray(bed, dtype=np.float64), 0.0)
    area = np.asarray(front_area, dtype=np.float64)
    warm = np.maximum(np.asarray(thermal_forcing, dtype=np.float64), 0.0)
    volume = np.maximum(np.asarray(discharge, dtype=np.float64), 0.0) * SECONDS_PER_DAY
    with np.errstate(divide="ignore", invalid="ignore"):
        flux = np.where(area > 0, volume / area, 0.0)
    daily = (3e-4 * depth * flux**0.39 + 0.15) * warm**1.18
    return np.asarray(np.where(area > 0, daily, 0.0) * DAYS_PER_YEAR)
