"""Which fronts and which dates make a series of level sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.fronttable import crs_text
from termini.times import decimal_year, month_index, to_date, to_dates
from termini.variables import is_rejected

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MonthlyAreas:
    """Area of the ice and error of its length, month by month.

    Parameters
    ----------
    years : ndarray, shape (n,)
        Decimal years of the months.
    area : ndarray, shape (n,)
        True area of ice in the fjord, m2; NaN where the series has none.
    error : ndarray, shape (n,)
        Standard error of the length, metres.
    """

    years: Floats
    area: Floats
    error: Floats

    def at(self, year: float) -> float:
        """Area at a time, m2; NaN where a month beside it has none."""
        return float(np.interp(year, self.years, self.area, left=np.nan, right=np.nan))

    def length_error(self, years: Floats) -> Floats:
        """Standard error of the length at times, metres; NaN where it is not known."""
        return np.asarray(np.interp(years, self.years, self.error, left=np.nan, right=np.nan))


def usable_fronts(
    domain: GlacierDomain,
    fronts: gpd.GeoDataFrame,
    span: tuple[Any, Any] | None,
    spacing_days: float,
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Usable traces of a glacier in its projection, thinned in time.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    fronts : GeoDataFrame
        Front table.
    span : pair of dates or None
        Fronts outside it are left out.
    spacing_days : float
        Least time from one front to the next, days.

    Returns
    -------
    fronts : GeoDataFrame
        By date.
    notes : list of str
        How many were left out and why.

    Raises
    ------
    InputError
        If fewer than two fronts remain, or the span ends before it starts.
    """
    own = fronts[fronts["glacier_id"] == domain.glacier_id]
    mine = own[~is_rejected(own["quality"])]
    notes = [f"{len(own) - len(mine)} of {len(own)} traces are rejected in the front table."]
    when = ""
    if span is not None:
        first, last = (to_date(date, "the span's date") for date in span)
        if last < first:
            raise InputError(
                f"{domain.glacier_id}: the span ends on {last:%Y-%m-%d}, before it starts on "
                f"{first:%Y-%m-%d}; exchange the dates"
            )
        mine = mine[(mine["date"] >= first) & (mine["date"] <= last)]
        when = f"from {first:%Y-%m-%d} to {last:%Y-%m-%d} "
    if crs_text(fronts) != domain.crs:
        mine = mine.to_crs(domain.crs)
    mine = mine.sort_values(["date", "sigma_m", "trace_id"])
    rows: list[int] = []
    previous = pd.Timestamp.min
    for row, date in enumerate(mine["date"]):
        if not rows or date - previous >= pd.Timedelta(days=max(spacing_days, 1e-3)):
            rows.append(row)
            previous = date
    if len(rows) < 2:
        raise InputError(
            f"{domain.glacier_id}: {len(rows)} usable front(s) {when}"
            "but ISSM needs two dates at least; give a longer span, or a glacier with more fronts"
        )
    if len(rows) < len(mine):
        notes.append(
            f"{len(mine) - len(rows)} of {len(mine)} usable fronts follow the one before within "
            f"{spacing_days:g} days and are left out."
        )
    return mine.iloc[rows], notes


def wanted_dates(
    domain: GlacierDomain, seen: pd.DatetimeIndex, times: str | Sequence[Any]
) -> tuple[pd.DatetimeIndex, NDArray[np.int64]]:
    """Dates of a series of level sets, and the front that was seen on each.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier, for messages.
    seen : DatetimeIndex
        Dates of the fronts, increasing.
    times : str or sequence of dates
        As `level_sets` takes it.

    Returns
    -------
    dates : DatetimeIndex
        Increasing, two or more.
    which : ndarray of int
        Row of the front seen that very day, else -1.

    Raises
    ------
    InputError
        If the dates are not known, too few, or beyond the fronts.
    """
    first, last = seen[0], seen[-1]
    if isinstance(times, str):
        if times == "observed":
            return seen, np.arange(len(seen))
        if times == "monthly":
            dates = month_index(first, last)
        elif times == "annual":
            dates = pd.DatetimeIndex(
                [pd.Timestamp(year, 1, 1) for year in range(first.year, last.year + 1)]
            )
        else:
            raise InputError(
                f"{domain.glacier_id}: times {times!r} are not known; take 'observed', 'monthly', "
                "'annual' or a list of dates"
            )
        dates = dates[(dates >= first) & (dates <= last)].as_unit("us")
    else:
        dates = to_dates(list(times), "times").sort_values().unique()
        beyond = dates[(dates < first) | (dates > last)]
        if len(beyond):
            raise InputError(
                f"{domain.glacier_id}: no front is known on {beyond[0]:%Y-%m-%d}, the first is of "
                f"{first:%Y-%m-%d} and the last of {last:%Y-%m-%d}; take dates between"
            )
    if len(dates) < 2:
        raise InputError(
            f"{domain.glacier_id}: {len(dates)} date(s) lie between the first front, of "
            f"{first:%Y-%m-%d}, and the last, of {last:%Y-%m-%d}; ISSM needs two"
        )
    row = np.searchsorted(seen, dates).clip(0, len(seen) - 1)
    return dates, np.where(seen[row] == dates, row, -1)


def monthly_areas(
    domain: GlacierDomain,
    series: xr.Dataset | None,
    years: Floats,
    area: Floats,
    zero: float,
    notes: list[str],
) -> MonthlyAreas | None:
    """Area of the ice in every month of a release.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    series : Dataset or None
        Monthly series.
    years : ndarray, shape (n,)
        Decimal years of observed fronts.
    area : ndarray, shape (n,)
        True area of ice at those times, m2.
    zero : float
        Area where the release's change is 0, m2. If it is not known (NaN), the median
        difference to `area` makes areas of changes.
    notes : list of str
        What was assumed is added here.

    Returns
    -------
    MonthlyAreas or None
        None without a series.

    Raises
    ------
    InputError
        If the series has nothing of this glacier.
    """
    if series is None:
        return None
    ids = [str(name) for name in series["glacier_id"].to_numpy()]
    if domain.glacier_id not in ids:
        raise InputError(
            f"{domain.glacier_id}: the monthly series has no such glacier, it has "
            f"{', '.join(ids[:5])}; give the series of the same release"
        )
    one = series.isel(glacier=ids.index(domain.glacier_id))
    months = decimal_year(one["time"].to_numpy())
    change = np.asarray(one["area_change"].to_numpy(), dtype=np.float64)
    error = np.asarray(one["length_change_se"].to_numpy(), dtype=np.float64)
    if np.isfinite(zero):
        return MonthlyAreas(months, change + zero, error)
    off = area - np.interp(years, months, change, left=np.nan, right=np.nan)
    off = off[np.isfinite(off)]
    if not len(off):
        raise InputError(
            f"{domain.glacier_id}: the monthly series has no area in any month with a front; "
            "give the series that was made of these fronts"
        )
    notes.append(
        "The monthly series is of area change; "
        f"{np.median(off) / 1e6:.3f} km2, the median over {len(off)} fronts of their area less "
        "that change, makes areas of it."
    )
    return MonthlyAreas(months, change + float(np.median(off)), error)
