"""Frontal melt by the parameterisation of Rignot et al. (2016), with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from termini.errors import InputError
from termini.issm.units import DAYS_PER_YEAR, SECONDS_PER_DAY

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RignotParameters:
    """Numbers of q_m = (A h q_sg^alpha + B) TF^beta, in metres, days and kelvin.

    Parameters
    ----------
    A, alpha, B, beta : float
        Rignot et al. (2016, Geophys. Res. Lett. 43, 6374-6382).
    """

    A: float = 3e-4
    alpha: float = 0.39
    B: float = 0.15
    beta: float = 1.18


@dataclass(frozen=True)
class RignotUncertainty:
    """Relative standard errors with which parameters and forcings are drawn.

    Parameters
    ----------
    melt : float
        Common to a member's melt at all places and times: error of the fit, that is
        of A and B together.
    alpha, beta : float
        Of the exponents.
    discharge : float
        Of the runoff model, common to all times of a member.

    Notes
    -----
    These widths are assumptions of this package, not numbers of the paper: 0.2 in
    the melt for the misfit of the formula, 0.05 in the exponents (at two standard
    errors alpha reaches the 1/3 of plume theory), 0.15 in runoff for what regional
    climate models differ by. Give others where there is better evidence.
    """

    melt: float = 0.20
    alpha: float = 0.05
    beta: float = 0.05
    discharge: float = 0.15


def draw_parameters(
    members: int,
    rng: np.random.Generator,
    parameters: RignotParameters | None = None,
    uncertainty: RignotUncertainty | None = None,
) -> tuple[list[RignotParameters], Array]:
    """Parameters and factor of discharge of each member of an ensemble.

    Parameters
    ----------
    members : int
        How many.
    rng : numpy.random.Generator
        Randomness.
    parameters : RignotParameters, optional
        Their middle.
    uncertainty : RignotUncertainty, optional
        Their width.

    Returns
    -------
    parameters : list of RignotParameters
        One a member; factors are log-normal with median one, so none is negative.
    discharge : ndarray, shape (members,)
        Factor of discharge.
    """
    middle, width = parameters or RignotParameters(), uncertainty or RignotUncertainty()
    sigma = np.array([width.melt, width.alpha, width.beta, width.discharge])
    if (sigma < 0).any():
        raise InputError("relative standard errors of the melt must not be negative")
    factor = np.exp(rng.standard_normal((members, 4)) * np.sqrt(np.log1p(sigma**2)))
    drawn = [
        RignotParameters(middle.A * f[0], middle.alpha * f[1], middle.B * f[0], middle.beta * f[2])
        for f in factor
    ]
    return drawn, np.asarray(factor[:, 3])


def melt_rate(
    depth: ArrayLike,
    discharge: ArrayLike,
    front_area: ArrayLike,
    thermal_forcing: ArrayLike,
    parameters: RignotParameters | None = None,
) -> Array:
    """Melt of a calving front, its forcings in ISSM's own units.

    Parameters
    ----------
    depth : array_like
        Depth of the bed below the sea, metres; above it only the background melts.
    discharge : array_like
        Subglacial discharge of the whole basin, m3 d-1.
    front_area : array_like
        Submerged area of the basin's front, m2.
    thermal_forcing : array_like
        Kelvin above freezing; negative values melt nothing.
    parameters : RignotParameters, optional
        The published ones by default.

    Returns
    -------
    ndarray
        Metres of ice a year of 365 days, in the shape that the arguments broadcast to.

    Notes
    -----
    Rignot et al. (2016), in metres a day: (A h q_sg^alpha + B) TF^beta with q_sg
    discharge over submerged area. Where that area is zero nothing melts, as in ISSM.
    """
    p = parameters or RignotParameters()
    area = np.asarray(front_area, dtype=np.float64)
    h = np.maximum(np.asarray(depth, dtype=np.float64), 0.0)
    warm = np.maximum(np.asarray(thermal_forcing, dtype=np.float64), 0.0)
    volume = np.maximum(np.asarray(discharge, dtype=np.float64), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        flux = np.where(area > 0, volume / area, 0.0)
    daily = (p.A * h * flux**p.alpha + p.B) * warm**p.beta
    return np.asarray(np.where(area > 0, daily, 0.0) * DAYS_PER_YEAR)


def frontal_melt(
    bed: ArrayLike,
    discharge: ArrayLike,
    front_area: ArrayLike,
    thermal_forcing: ArrayLike,
    parameters: RignotParameters | None = None,
) -> Array:
    """Melt of a calving front from bed elevation and discharge a second.

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
    parameters : RignotParameters, optional
        The published ones by default.

    Returns
    -------
    ndarray
        Melt rate, metres of ice a year; see `melt_rate`.
    """
    volume = np.asarray(discharge, dtype=np.float64) * SECONDS_PER_DAY
    depth = -np.asarray(bed, dtype=np.float64)
    return melt_rate(depth, volume, front_area, thermal_forcing, parameters)


def submerged_area(
    front: BaseGeometry, bed_points: tuple[Array, ...], spacing: float = 50.0
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
