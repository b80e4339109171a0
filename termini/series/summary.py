"""Numbers that sum up a series: mean season, trend, breakpoint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]

_NOT = float("nan")
_NO_YEAR = _NOT
# What three harmonics and whole months cannot tell of the dates of a lopsided season,
# days: root mean square over simulated glaciers (benchmarks/monthly_series.py).
_SHAPE_DAYS = 6.0
# Cycles drawn to see how far their dates scatter.
_DRAWS = 400
# Evidence (difference of BIC) from which a breakpoint is called supported: strong
# by Kass & Raftery (1995).
_STRONG = 6.0
_FEWEST_YEARS = 10
_FEWEST_SIDE = 3
_MID_MONTH = 14.5
# Squares of metres below which a residual is nothing but rounding.
_NOTHING = 1e-12


@dataclass(frozen=True)
class Season:
    """Mean season.

    Parameters
    ----------
    cycle, cycle_se : ndarray, shape (12,)
        Mean by calendar month about the mean of the year, metres.
    amplitude, amplitude_se : float
        Range of the cycle, metres.
    maximum, maximum_se : float
        Day of the year of the most advanced front and its standard error, days; NaN
        where the amplitude is less than twice its standard error.
    minimum, minimum_se : float
        The same of the least advanced front.
    """

    cycle: Array
    cycle_se: Array
    amplitude: float = _NOT
    amplitude_se: float = _NOT
    maximum: float = _NOT
    maximum_se: float = _NOT
    minimum: float = _NOT
    minimum_se: float = _NOT


def no_season() -> Season:
    """Season of a glacier that was not seen often enough.

    Returns
    -------
    Season
        All NaN.
    """
    nothing = np.full(12, np.nan)
    return Season(nothing, nothing.copy())


def season_weights(months: pd.DatetimeIndex) -> Array:
    """Weights that make a mean season from a monthly component.

    Parameters
    ----------
    months : DatetimeIndex, length m
        Months of the component; every calendar month occurs.

    Returns
    -------
    ndarray, shape (12, m)
        Times the component: its mean by calendar month, about the mean of the year.
    """
    take = np.array([months.month == k for k in range(1, 13)], dtype=np.float64)
    take /= take.sum(axis=1, keepdims=True)
    return np.asarray(take - take.mean(axis=0, keepdims=True))


def mean_season(cycle: Array, covariance: Array) -> Season:
    """Range and dates of a mean season, with their errors.

    Parameters
    ----------
    cycle : ndarray, shape (12,)
        Mean by calendar month, metres.
    covariance : ndarray, shape (12, 12)
        Its covariance, square metres.

    Returns
    -------
    Season
        The errors of the dates are the circular standard deviations of the dates
        of cycles drawn from the covariance (with a fixed seed), and six days for
        what the shape of the cycle hides: a sharp peak before a steep fall comes
        out too early.
    """
    high, low = int(np.argmax(cycle)), int(np.argmin(cycle))
    variance = covariance[high, high] + covariance[low, low] - 2 * covariance[high, low]
    amplitude, error = float(cycle[high] - cycle[low]), float(np.sqrt(max(variance, 0.0)))
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    if amplitude < 2 * error:
        return Season(cycle, spread, amplitude, error)
    values, vectors = np.linalg.eigh(covariance)
    noise = np.random.default_rng(0).normal(size=(_DRAWS, 12)) * np.sqrt(np.maximum(values, 0.0))
    drawn = cycle + noise @ vectors.T
    return Season(
        cycle, spread, amplitude, error,
        float(_day_of_maximum(cycle[None])[0]), _date_error(_day_of_maximum(drawn)),
        float(_day_of_maximum(-cycle[None])[0]), _date_error(_day_of_maximum(-drawn)),
    )  # fmt: skip


def _day_of_maximum(cycles: Array) -> Array:
    """Day of the year at which the waves through twelve monthly values are highest.

    Cycles have the shape (n, 12), the days (n,).
    """
    waves = np.fft.rfft(cycles, axis=1)[:, 1:5] / 12
    days = np.arange(1.0, 366.0)
    turn = 2 * np.pi * np.outer(np.arange(1, 5), (days - 1 - _MID_MONTH) / 365.25)
    curves = waves.real @ np.cos(turn) - waves.imag @ np.sin(turn)
    return np.asarray(days[np.argmax(curves, axis=1)])


def _date_error(days: Array) -> float:
    """Circular standard deviation (Mardia & Jupp 2000, section 2.3.1), and that of the shape."""
    length = min(abs(np.exp(2j * np.pi * days / 365.25).mean()), 1.0)
    drawn = np.sqrt(-2 * np.log(max(length, _NOTHING))) * 365.25 / (2 * np.pi)
    return float(np.hypot(drawn, _SHAPE_DAYS))


def trend_weights(time: Array) -> Array:
    """Weights that make a linear trend from a monthly component.

    Parameters
    ----------
    time : ndarray, shape (m,)
        Decimal years.

    Returns
    -------
    ndarray, shape (1, m)
        Times the component: its slope by least squares, metres a year.
    """
    centred = time - time.mean()
    return np.asarray(centred / max(centred @ centred, _NOTHING))[None, :]


def linear_trend(time: Array, mean: Array, variance: float) -> tuple[float, float]:
    """Linear trend of a monthly component and its standard error.

    Parameters
    ----------
    time : ndarray, shape (m,)
        Decimal years.
    mean : ndarray, shape (m,)
        Component, metres.
    variance : float
        What the observations leave open of the trend (the variance of its
        `trend_weights` times the component), squares of metres a year.

    Returns
    -------
    trend, error : float
        Metres a year. The error adds what the observations leave open to what
        the scatter about the line says of the trend, its years counted only as
        often as they are independent: n (1 - r) / (1 + r), r the correlation of
        one year with the next (Santer et al. 2000). NaN for less than two years.
    """
    if len(time) < 24:
        return float("nan"), float("nan")
    centred = time - time.mean()
    slope = float(trend_weights(time)[0] @ mean)
    residual = mean - mean.mean() - slope * centred
    # one value a year: months of a smooth component are not independent
    yearly = residual[: len(residual) // 12 * 12].reshape(-1, 12).mean(axis=1)
    number = _independent(yearly)
    scatter = float(yearly @ yearly) / max(number - 2.0, 0.5)
    middle = np.arange(len(yearly)) - (len(yearly) - 1) / 2
    from_scatter = scatter / max(float(middle @ middle), 0.5)
    return slope, float(np.sqrt(from_scatter + max(variance, 0.0)))


def _independent(residual: Array) -> float:
    """Number of independent values in a correlated series."""
    number = len(residual)
    if number < 4 or residual @ residual < _NOTHING:
        return float(number)
    lag = float(residual[1:] @ residual[:-1] / (residual @ residual))
    lag = float(np.clip(lag, 0.0, 0.95))
    return max(number * (1 - lag) / (1 + lag), 2.5)


def breakpoint_year(time: Array, mean: Array) -> float:
    """Year of the strongest change of trend.

    Parameters
    ----------
    time : ndarray, shape (m,)
        Decimal years of consecutive months.
    mean : ndarray, shape (m,)
        Component, metres.

    Returns
    -------
    float
        Decimal year at which two joined straight lines fit the yearly means best;
        NaN where the record is shorter than ten years, or where one line fits
        nearly as well (difference of BIC below 6, years counted as often as they
        are independent).
    """
    years = len(mean) // 12
    if years < _FEWEST_YEARS:
        return _NO_YEAR
    value = mean[: years * 12].reshape(years, 12).mean(axis=1)
    at = time[: years * 12].reshape(years, 12).mean(axis=1)
    centred = at - at.mean()
    line = np.column_stack([np.ones(years), centred])
    plain, _ = _misfit(line, value)
    candidates = np.linspace(at[_FEWEST_SIDE], at[-1 - _FEWEST_SIDE], 4 * years)
    fits = [
        _misfit(np.column_stack([line, np.maximum(at - bend, 0.0)]), value) for bend in candidates
    ]
    best = int(np.argmin([misfit for misfit, _ in fits]))
    misfit, residual = fits[best]
    number = _independent(residual)
    if misfit <= 0:
        return _NO_YEAR if plain <= 0 else float(candidates[best])
    # the bend costs two parameters: its size and its year
    gain = number * np.log(plain / misfit) - 2 * np.log(number)
    return float(candidates[best]) if gain > _STRONG else _NO_YEAR


def _misfit(design: Array, value: Array) -> tuple[float, Array]:
    solution, *_ = np.linalg.lstsq(design, value, rcond=None)
    residual = value - design @ solution
    return float(residual @ residual), residual
