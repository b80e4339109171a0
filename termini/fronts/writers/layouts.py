"""What the writers share: rows checked, numbers of glaciers, texts that fit, dates, lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from termini.datetexts import MONTH_SIGMA_DAYS, YEAR_SIGMA_DAYS
from termini.errors import InputError
from termini.fronts.writers.losses import Losses
from termini.fronttable import COLUMNS
from termini.geo import ARCTIC

#: Longest text that a shapefile's table holds, bytes of UTF-8.
LONGEST = 254


def checked(fronts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Front table with a plain index in EPSG:3413.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.

    Returns
    -------
    GeoDataFrame
        The same rows.

    Raises
    ------
    InputError
        If it is no front table or has no rows.
    """
    if missing := sorted({*COLUMNS, "geometry"} - set(fronts.columns)):
        raise InputError(f"not a front table: it lacks {', '.join(missing)}")
    if not len(fronts):
        raise InputError("the front table has no rows, so there is nothing to write")
    if fronts.crs is None:
        raise InputError("the front table states no projection; set one with set_crs()")
    return fronts.to_crs(ARCTIC).reset_index(drop=True)


def glacier_numbers(
    ids: pd.Series, namespace: str, numbers: Mapping[str, int] | None
) -> NDArray[np.int32]:
    """Number of each row's glacier in the layout.

    Parameters
    ----------
    ids : Series of str
        Glacier ids.
    namespace : str
        That of the layout: the id ``termpicks:278`` has the number 278 in TermPicks.
    numbers : mapping of str to int, optional
        Numbers of glaciers with other ids.

    Returns
    -------
    ndarray of int32
        One a row.

    Raises
    ------
    InputError
        If a glacier has no number. That of another numbering is never taken: it would be
        another glacier's.
    """
    known = dict(numbers or {})
    for name in ids.unique():
        if name not in known and (found := re.fullmatch(rf"{namespace}:(\d{{1,9}})", str(name))):
            known[name] = int(found[1])
    if lacking := [str(name) for name in ids.unique() if name not in known]:
        shown = ", ".join(repr(name) for name in lacking[:5])
        raise InputError(
            f"{len(lacking)} glacier(s) have no number in the layout (as {shown}); give numbers=, "
            f"as {{{lacking[0]!r}: 12}}, or ids like '{namespace}:12'"
        )
    return np.array([known[name] for name in ids], dtype="int32")


def fitted(values: Iterable[str], column: str, losses: Losses) -> list[str]:
    """Texts cut to what a shapefile holds; what is cut is noted.

    Parameters
    ----------
    values : iterable of str
        Texts.
    column : str
        Column of the front table that they come from.
    losses : Losses
        Where to note.

    Returns
    -------
    list of str
        Texts of at most 254 bytes.
    """
    given = list(values)
    cut = [text.encode()[:LONGEST].decode(errors="ignore") for text in given]
    lost = [a != b for a, b in zip(given, cut, strict=True)]
    losses.add(column, lost, f"longer than the {LONGEST} bytes of a shapefile's text; cut")
    return cut


def day_texts(fronts: gpd.GeoDataFrame, losses: Losses) -> list[tuple[int, int, int]]:
    """Year, month and day of each row, 0 for what is not known.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    losses : Losses
        Where to note times of day and errors of dates that no missing day explains.

    Returns
    -------
    list of tuple of int
        All 0 where there is no date.
    """
    dates, sigma = fronts["date"], fronts["date_sigma_days"].to_numpy()
    year = (dates.dt.month == 7) & (dates.dt.day == 2) & np.isclose(sigma, YEAR_SIGMA_DAYS)
    month = (dates.dt.day == 15) & np.isclose(sigma, MONTH_SIGMA_DAYS)
    losses.add(
        "date_sigma_days", (sigma > 0) & ~year & ~month, "the layout has no error of the date"
    )
    losses.add("date", dates.notna() & (dates != dates.dt.normalize()), "the time of day")
    parts = []
    for date, only_year, only_month in zip(dates, year, month, strict=True):
        if pd.isna(date):
            parts.append((0, 0, 0))
        else:
            no_day = only_year or only_month
            parts.append((date.year, 0 if only_year else date.month, 0 if no_day else date.day))
    return parts


def day_text(parts: tuple[int, int, int]) -> str:
    """Date as far as it is known.

    Parameters
    ----------
    parts : tuple of int
        As of `day_texts`.

    Returns
    -------
    str
        As ``2004-05-09``, ``2004-05``, ``2004`` or nothing.
    """
    year, month, day = parts
    if not year:
        return ""
    return f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")


def lines_only(fronts: gpd.GeoDataFrame, losses: Losses) -> gpd.GeoSeries:
    """Lines of the table; nothing where a row has none that a shapefile of lines can hold.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    losses : Losses
        Where to note what is left out.

    Returns
    -------
    GeoSeries
        Lines and None.
    """
    geometry = fronts.geometry
    bounds = geometry.bounds.to_numpy(dtype="float64")
    finite = np.isfinite(bounds).all(axis=1)
    xy, owner = shapely.get_coordinates(geometry.to_numpy(), return_index=True)
    finite[owner[~np.isfinite(xy).all(axis=1)]] = False
    line = geometry.geom_type.isin(["LineString", "MultiLineString"]).to_numpy() & finite
    given = geometry.notna().to_numpy() & ~geometry.is_empty.to_numpy()
    losses.add("geometry", given & ~line, "not a line with finite coordinates; written without")
    return gpd.GeoSeries(geometry.where(line), crs=fronts.crs)
