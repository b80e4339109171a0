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
from termini.times import decimal_year


def signed_distance(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    ice: BaseGeometry,
    water: BaseGeometry,
) -> NDArray[np.float64]:
    """Distance to the border between ice and water, negative in ice.

    Parameters
    ----------
    x, y : ndarray, shape (nv,)
        Vertices, metres in the model's projection.
    ice, water : shapely Polygon or MultiPolygon
        The two parts of the model domain.

    Returns
    -------
    ndarray, shape (nv,)
        Metres in the model's projection. The border is what ice and water share,
        so that fjord walls do not count as front.

    Raises
    ------
    InputError
        If ice and water do not touch.
    """
    # a hair's breadth makes the shared line survive the rounding of coordinates
    border = ice.boundary.intersection(water.buffer(1e-3))
    if border.is_empty:
        raise InputError("ice and water do not touch: the front lies outside the model domain")
    point = shapely.points(x, y)
    for geometry in (border, ice, water):
        shapely.prepare(geometry)
    away = shapely.distance(point, border)
    # comparing distances also settles vertices on the fjord wall, which lie on
    # the boundary of a part and so are strictly inside neither
    in_ice = shapely.distance(point, ice) <= shapely.distance(point, water)
    return np.asarray(np.where(in_ice, -away, away), dtype=np.float64)


def time_series(
    columns: Sequence[NDArray[np.float64]], dates: Sequence[pd.Timestamp]
) -> NDArray[np.float64]:
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
