"""Numbers that speak for one driver or another at a single glacier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import nnls

Array = NDArray[np.float64]

# Frontal melt grows with this power of the runoff (Jenkins 2011; Slater et al. 2019).
MELT_POWER = 0.4
# The seasonal component of the series has three harmonics.
HARMONICS = 3


@dataclass(frozen=True)
class Change:
    """Inter-annual change of a front.

    Attributes
    ----------
    furthest : float
        Largest change since the first year, signed, metres.
    share : float
        Share of the whole range that falls into the fastest quarter of the record;
        a steady change has a little over 0.25.
    """

    furthest: float
    share: float


def change_of(length: Array) -> Change:
    """Size and abruptness of the inter-annual change.

    Parameters
    ----------
    length : ndarray, (T,)
        Monthly inter-annual component, metres; missing outside the record only.

    Returns
    -------
    Change
        Missing numbers for less than four years.
    """
    known = np.flatnonzero(np.isfinite(length))
    if len(known) < 48:
        return Change(np.nan, np.nan)
    line = length[known[0] : known[-1] + 1]
    line = line - np.nanmean(line[:12])
    reach = float(np.nanmax(line) - np.nanmin(line))
    window = len(line) // 4
    fastest = float(np.nanmax(np.abs(line[window:] - line[:-window])))
    furthest = float(line[np.nanargmax(np.abs(line))])
    return Change(furthest, fastest / reach if reach > 0 else np.nan)


def forcing_change(length: Array, driver: Array) -> tuple[float, float]:
    """Linear change of a driver over the record, and its correlation with the length.

    Parameters
    ----------
    length, driver : ndarray, (years,)
        Yearly means; years that lack one are left out.

    Returns
    -------
    change, correlation : float
        In units of the driver over the whole record, and from -1 to 1. Missing for
        fewer than five years.
    """
    both = np.isfinite(length) & np.isfinite(driver)
    if both.sum() < 5 or np.ptp(driver[both]) == 0.0 or np.ptp(length[both]) == 0.0:
        return np.nan, np.nan
    years = np.flatnonzero(both).astype(np.float64)
    span = float(years[-1] - years[0])
    years -= years.mean()
    front = length[both] - length[both].mean()
    force = driver[both] - driver[both].mean()
    correlation = front @ force / np.sqrt((front @ front) * (force @ force))
    return float(years @ force / (years @ years)) * span, float(correlation)


def by_calendar_month(
    values: Array, months: pd.DatetimeIndex, years: NDArray[np.int64] | None = None
) -> Array:
    """Mean cycle of a driver.

    Parameters
    ----------
    values : ndarray, (T,)
        Monthly values.
    months : DatetimeIndex, (T,)
        Their months.
    years : ndarray of int, optional
        Years to take, repeated as often as they are to count; all once by default.

    Returns
    -------
    ndarray, (12,)
        January first; missing where a month never has a value.
    """
    first = int(months.year.min())
    span = int(months.year.max()) - first + 1
    grid = np.full((span, 12), np.nan)
    grid[np.asarray(months.year) - first, np.asarray(months.month) - 1] = values
    if years is not None:
        grid = grid[np.asarray(years, dtype=np.int64) - first]
    known = np.isfinite(grid)
    total = np.where(known, grid, 0.0).sum(axis=0)
    return np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)


def runoff_fit(cycle: Array, runoff: Array) -> float:
    """How well runoff explains the rate of a mean seasonal cycle.

    Parameters
    ----------
    cycle : ndarray, (12,)
        Mean cycle of length, metres.
    runoff : ndarray, (12,)
        Mean cycle of runoff, m3 s-1.

    Returns
    -------
    float
        R2 of dL/dt = c - a Q^0.4 - b L with a, b >= 0: melt takes the front back,
        flow restores it. Missing without runoff.
    """
    if not np.isfinite(runoff).all():
        return np.nan
    return _fit(cycle, [-(np.maximum(runoff, 0.0) ** MELT_POWER), -cycle])


def melange_fit(cycle: Array, melange: Array) -> float:
    """How well rigid melange explains the rate of a mean seasonal cycle.

    Parameters
    ----------
    cycle : ndarray, (12,)
        Mean cycle of length, metres.
    melange : ndarray, (12,)
        Mean cycle of the melange cover, 0 to 1.

    Returns
    -------
    float
        R2 of dL/dt = c + a M - b (1 - M)^2 (L - min L) with a, b >= 0: under melange
        the front advances, and what it gained breaks off in open water (Amundson et
        al. 2010). Missing without melange.
    """
    if not np.isfinite(melange).all() or np.ptp(melange) == 0.0:
        return np.nan
    strength = melange / melange.max()
    return _fit(cycle, [strength, -((1.0 - strength) ** 2) * (cycle - cycle.min())])


def _fit(cycle: Array, terms: list[Array]) -> float:
    rate = _smooth(np.roll(cycle, -1) - np.roll(cycle, 1)) / 2.0
    if np.ptp(rate) == 0.0:
        return np.nan
    design = np.column_stack([_smooth(term - term.mean()) for term in terms])
    scale = np.maximum(np.abs(design).max(axis=0), 1e-12)
    target = rate - rate.mean()
    _, misfit = nnls(design / scale, target)
    return float(1.0 - misfit**2 / (target @ target))


def _smooth(values: Array) -> Array:
    """Periodic series of twelve values without the harmonics that the cycle lacks."""
    waves = np.fft.rfft(values)
    waves[HARMONICS + 1 :] = 0.0
    return np.asarray(np.fft.irfft(waves, n=len(values)))
