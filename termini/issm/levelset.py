"""Level-set series: the signed distance to the front at every vertex and date.

ISSM takes the front as the zero of a function that is negative in ice
(`md.levelset.spclevelset`), linear in time between the dates given and held
before the first and after the last.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.errors import InputError
from termini.issm.distances import distance
from termini.times import decimal_year

Floats = NDArray[np.float64]

# Water narrower than twice this is the rounding of coordinates, metres.
_SLIVER = 0.01


def signed_distance(
    x: Floats,
    y: Floats,
    ice: BaseGeometry,
    water: BaseGeometry,
    front: BaseGeometry | None = None,
) -> Floats:
    """Distance to the border between ice and water, negative in ice.

    Parameters
    ----------
    x, y : ndarray, shape (nv,)
        Vertices, metres in the model's projection.
    ice, water : shapely Polygon or MultiPolygon
        The two parts of the model domain.
    front : shapely geometry, optional
        Their border, as `front_between` gives it.

    Returns
    -------
    ndarray, shape (nv,)
        Metres in the model's projection, exact up to rounding. The border is what
        ice and water share, so that fjord walls do not count as front. A vertex in
        neither, on a wall or on rock, has the sign of whichever is nearer.

    Raises
    ------
    InputError
        If ice and water do not touch.
    """
    border = front_between(ice, water) if front is None else front
    away = distance(x, y, border)
    ice, water = _opened(ice), _opened(water)
    shapely.prepare(ice)
    shapely.prepare(water)
    in_ice = np.asarray(shapely.contains_xy(ice, x, y), dtype=bool)
    neither = np.flatnonzero(~in_ice & ~shapely.contains_xy(water, x, y))
    if len(neither):
        beside = x[neither], y[neither]
        in_ice[neither] = distance(*beside, ice) <= distance(*beside, water)
    return np.asarray(np.where(in_ice, -away, away), dtype=np.float64)


def front_between(ice: BaseGeometry, water: BaseGeometry) -> BaseGeometry:
    """Line that ice and water share.

    Parameters
    ----------
    ice, water : shapely Polygon or MultiPolygon
        Two parts of a model domain.

    Returns
    -------
    shapely LineString or MultiLineString
        The front.

    Raises
    ------
    InputError
        If they do not touch along a line.
    """
    # a hair's breadth makes the shared line survive the rounding of coordinates
    sea = shapely.buffer(_opened(water), 1e-3)
    border = shapely.intersection(shapely.boundary(ice), sea)
    parts = [p for p in shapely.get_parts(border) if p.geom_type == "LineString" and p.length > 0]
    if not parts:
        raise InputError("ice and water do not touch: the front lies outside the model domain")
    return shapely.line_merge(shapely.multilinestrings(parts)) if len(parts) > 1 else parts[0]


def _opened(part: BaseGeometry) -> BaseGeometry:
    """Ice or water without the slivers that rounding leaves along walls; corners are kept."""
    inner = shapely.buffer(part, -_SLIVER, join_style="mitre")
    return shapely.buffer(inner, _SLIVER, join_style="mitre")


def time_series(columns: Sequence[Floats], dates: Sequence[pd.Timestamp]) -> Floats:
    """Time series in ISSM's layout: values, then a last row of decimal years.

    Parameters
    ----------
    columns : sequence of ndarray, shape (nv,)
        Values at each date.
    dates : sequence of pandas.Timestamp
        Dates, strictly increasing.

    Returns
    -------
    ndarray of float64, shape (nv + 1, T)
        The series.

    Raises
    ------
    InputError
        If there are fewer than two dates or they do not increase.
    """
    years = decimal_year(dates)
    if len(years) < 2 or not (np.diff(years) > 0).all():
        raise InputError(
            f"a series needs at least two dates that increase, it has {len(years)}: "
            "give more fronts or a longer span"
        )
    return np.vstack([np.column_stack(list(columns)), years])
