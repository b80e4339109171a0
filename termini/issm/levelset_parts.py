"""Fronts at dates, and the ice and water that they part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.geo import true_area
from termini.issm.levelset import front_between, signed_distance
from termini.issm.levelset_times import MonthlyAreas
from termini.issm.mesh import Mesh
from termini.series.frame import Frame
from termini.series.ice import split_along
from termini.times import decimal_year

Floats = NDArray[np.float64]


@dataclass
class FrontsAt:
    """Fronts at dates, with the ice and water that they part.

    Parameters
    ----------
    dates : DatetimeIndex, length T
        Dates.
    ice, water, lines : list of shapely geometry, length T
        As `Parted` has them.
    trace_ids : list of str, length T
        Trace that was seen, empty where reconstructed.
    sigma : ndarray, shape (T,)
        Standard error of the position, metres.
    paths : list of ndarray, shape (n, 2), length T
        The fronts as they were drawn, from the left wall to the right.
    area, wished : ndarray, shape (T,)
        True area of the ice, rock included, and the area that the release has, m2; NaN
        where it has none.
    """

    dates: pd.DatetimeIndex
    ice: list[BaseGeometry]
    water: list[BaseGeometry]
    lines: list[BaseGeometry]
    trace_ids: list[str]
    sigma: Floats
    paths: list[Floats]
    area: Floats
    wished: Floats

    @property
    def years(self) -> Floats:
        """Decimal years of the dates."""
        return decimal_year(self.dates)


class Parted(NamedTuple):
    """Ice, water and the line between them.

    Parameters
    ----------
    ice, water, line : shapely geometry
        The parts without rock, and the front between them.
    area : float
        True area of the ice with the rock in it, m2.
    """

    ice: BaseGeometry
    water: BaseGeometry
    line: BaseGeometry
    area: float


def parted(domain: GlacierDomain, path: Floats, frame: Frame, rock: BaseGeometry | None) -> Parted:
    """Ice, water and the line between them.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    path : ndarray, shape (n, 2)
        Front in the domain's projection, from the left wall to the right.
    frame : Frame
        What `termini.series.ice.map_frame` gives for `domain`.
    rock : shapely geometry or None
        What is neither ice nor water.

    Returns
    -------
    Parted
        The parts, and the front between them.

    Raises
    ------
    TraceError
        If the front leaves no ice or no water.
    InputError
        If the parts do not touch.
    """
    ice, water = split_along(domain, path, frame)
    area = true_area(ice, domain.crs)
    if rock is not None:
        ice, water = shapely.difference(ice, rock), shapely.difference(water, rock)
    return Parted(ice, water, front_between(ice, water), area)


def all_distances(
    mesh: Mesh, ice: list[BaseGeometry], water: list[BaseGeometry], lines: list[BaseGeometry]
) -> Floats:
    """Level sets of all dates.

    Parameters
    ----------
    mesh : Mesh
        Mesh.
    ice, water : list of Polygon or MultiPolygon, length T
        The two parts of the fjord.
    lines : list of LineString or MultiLineString, length T
        Fronts.

    Returns
    -------
    ndarray, shape (nv, T)
        Metres, negative in ice.
    """
    found = np.empty((len(mesh.x), len(ice)))
    for k, (one, other, line) in enumerate(zip(ice, water, lines, strict=True)):
        found[:, k] = signed_distance(mesh.x, mesh.y, one, other, line)
    return found


def front_errors(
    years: Floats, seen: FrontsAt, areas: MonthlyAreas | None, notes: list[str]
) -> Floats:
    """Standard error of the front's position at each date, metres along flow.

    Parameters
    ----------
    years : ndarray, shape (T,)
        Decimal years.
    seen : FrontsAt
        Fronts that were seen.
    areas : MonthlyAreas or None
        Monthly series; its errors are taken where it has them.
    notes : list of str
        Where it has none is added here.

    Returns
    -------
    ndarray, shape (T,)
        Metres.
    """
    drawn = np.interp(years, seen.years, np.nan_to_num(seen.sigma))
    known = np.full(len(years), np.nan) if areas is None else areas.length_error(years)
    missing = ~np.isfinite(known)
    if missing.any():
        notes.append(
            f"At {missing.sum()} date(s) members take the error of the traces around, without "
            "that of the time between."
        )
    return np.where(missing, drawn, known)
