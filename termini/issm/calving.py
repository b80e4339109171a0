"""Calving rate that the front's motion and the ice velocity imply."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from termini.errors import InputError
from termini.issm.timeline import mean_preserving
from termini.issm.units import DAYS_PER_YEAR, convert
from termini.times import decimal_year, from_decimal_year, to_dates


def implied_calving(
    dates: ArrayLike,
    position: ArrayLike,
    velocity: pd.Series,
    *,
    units: str,
    position_se: ArrayLike | None = None,
    velocity_se: float = 0.0,
    melt: pd.Series | float = 0.0,
    minimum_days: float = 5.0,
    glacier: str = "glacier",
) -> pd.DataFrame:
    """Rate of calving between fronts: what flows in, less advance, less melt.

    Parameters
    ----------
    dates, position, position_se : array_like, shape (n,)
        Increasing dates of the fronts, their place along flow (such as
        ``length_change``; advance positive) and its standard errors, metres.
    velocity, velocity_se : Series, float
        Speed of the ice at the front along flow, indexed by date, and the standard
        error of its mean over an interval, in `units` (``m a-1``, ``m d-1``).
    units : str
        Of the velocity.
    melt : Series or float
        Frontal melt, m a-1 of 365 days, indexed by date or constant.
    minimum_days : float
        Fronts nearer in time to the one before are left out (mostly error).
    glacier : str
        For errors.

    Returns
    -------
    DataFrame
        One row an interval: ``start``, ``end``, ``velocity``, ``front_speed``, ``melt``,
        ``calving_rate``, ``calving_rate_se`` (m a-1 of 365 days) and ``clipped``, true
        where the balance was negative and the rate is zero. ``attrs``: ``left_out``, the
        fronts left out, and ``clipping_bias``, what clipping adds to the mean, m a-1.

    Raises
    ------
    InputError
        If fewer than two fronts remain, dates do not increase, or velocities do not
        cover an interval.

    Notes
    -----
    dL/dt = v - c - m (Benn et al. 2007, Earth-Sci. Rev. 82, eq. 1), each averaged over
    the interval: velocities and melt as the integral of the straight lines between
    their values.
    """
    when, place, error = _fronts(dates, position, position_se, minimum_days, glacier)
    days = _days(when)
    years = np.diff(days) / DAYS_PER_YEAR
    speed = convert(velocity.to_numpy(), units, "m a-1", where=f"{glacier}: velocity")
    flow = _mean_between(days, pd.Series(speed, velocity.index), f"{glacier}: velocity")
    if isinstance(melt, pd.Series):
        melted = _mean_between(days, melt, f"{glacier}: melt")
    else:
        melted = np.full(len(years), float(melt))
    front = np.diff(place) / years
    rate = flow - front - melted
    flow_se = float(convert(velocity_se, units, "m a-1", where=f"{glacier}: velocity"))
    table = pd.DataFrame(
        {
            "start": when[:-1],
            "end": when[1:],
            "velocity": flow,
            "front_speed": front,
            "melt": melted,
            "calving_rate": np.maximum(rate, 0.0),
            "calving_rate_se": np.hypot(np.hypot(error[:-1], error[1:]) / years, flow_se),
            "clipped": rate < 0,
        }
    )
    table.attrs["left_out"] = len(np.asarray(position)) - len(place)
    table.attrs["clipping_bias"] = float(np.average(np.maximum(-rate, 0.0), weights=years))
    table.attrs["units"] = {"calving_rate": "m a-1"}
    return table


def calving_table(intervals: pd.DataFrame) -> pd.DataFrame:
    """Implied calving as a forcing table whose straight lines keep each interval's mean.

    Parameters
    ----------
    intervals : DataFrame
        What `implied_calving` gave.

    Returns
    -------
    DataFrame
        Column ``calving_rate`` (m a-1, in ``attrs["units"]``), indexed by date, for
        `termini.issm.forcing_build.make_forcings`.
    """
    dates = pd.DatetimeIndex([*intervals["start"], intervals["end"].iloc[-1]])
    years, rate = mean_preserving(decimal_year(dates), intervals["calving_rate"].to_numpy())
    table = pd.DataFrame({"calving_rate": rate}, index=from_decimal_year(years))
    table.attrs["units"] = {"calving_rate": "m a-1"}
    return table


def _fronts(
    dates: ArrayLike,
    position: ArrayLike,
    position_se: ArrayLike | None,
    minimum_days: float,
    glacier: str,
) -> tuple[pd.DatetimeIndex, np.ndarray, np.ndarray]:
    """Fronts far enough apart in time: dates, positions and their errors."""
    when = to_dates(dates, f"{glacier}: dates of fronts")
    place = np.asarray(position, dtype=np.float64)
    error = np.zeros_like(place) if position_se is None else np.asarray(position_se, np.float64)
    days = _days(when)
    if len(place) != len(days) or not np.isfinite(place).all() or (np.diff(days) <= 0).any():
        raise InputError(f"{glacier}: needs a finite position at each of dates that increase")
    kept = _spaced(days, minimum_days)
    if len(kept) < 2:
        raise InputError(
            f"{glacier}: {len(kept)} front(s) {minimum_days} days apart, two are needed"
        )
    return when[kept], place[kept], error[kept]


def _days(dates: pd.DatetimeIndex) -> np.ndarray:
    since = (dates - pd.Timestamp("2000-01-01")) / pd.Timedelta(days=1)
    return np.asarray(since, dtype=np.float64)


def _spaced(days: np.ndarray, minimum: float) -> list[int]:
    kept: list[int] = []
    for row, day in enumerate(days):
        if not kept or day - days[kept[-1]] >= minimum:
            kept.append(row)
    return kept


def _mean_between(days: np.ndarray, series: pd.Series, where: str) -> np.ndarray:
    """Mean of a series over each interval between days."""
    known = series.dropna().sort_index()
    known = known.groupby(level=0).mean()
    at = _days(pd.DatetimeIndex(known.index))
    if len(at) < 2 or at[0] > days[0] or at[-1] < days[-1]:
        covered = (
            "nothing" if not len(at) else f"{known.index[0]:%Y-%m-%d} to {known.index[-1]:%Y-%m-%d}"
        )
        raise InputError(
            f"{where} covers {covered}, not all fronts; leave out the fronts outside, a rate "
            "cannot be implied there"
        )
    nodes = np.union1d(at, days)
    values = np.interp(nodes, at, known.to_numpy(dtype=np.float64))
    sums = np.concatenate([[0.0], np.cumsum((values[1:] + values[:-1]) / 2 * np.diff(nodes))])
    return np.asarray(np.diff(np.interp(days, nodes, sums)) / np.diff(days))
