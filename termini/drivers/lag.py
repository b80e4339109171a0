"""Which driver's anomalies lead the rate of length change, and by how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.drivers.align import EXPECTED_SIGN, is_monthly, yearly
from termini.drivers.surrogate import filled, phase_randomised

FEWEST_STEPS = {"month": 36, "year": 8}


@dataclass(frozen=True)
class Lead:
    """A driver's lead over the front, for a group of glaciers.

    Attributes
    ----------
    n : int
        Glaciers with both.
    lead_months : float
        Lag of the strongest correlation in the expected direction.
    correlation : float
        Mean correlation of the glaciers there.
    p : float
        Share of surrogates with as strong a correlation at any lag.
    step : str
        "month" or "year".
    note : str
        Why there is no number, if so.
    """

    n: int
    lead_months: float
    correlation: float
    p: float
    step: str
    note: str = ""


def lead_of(
    length: NDArray[np.float64],
    interannual: NDArray[np.float64],
    seasonal: bool,
    driver: NDArray[np.float64],
    months: pd.DatetimeIndex,
    name: str,
    *,
    rng: np.random.Generator,
    largest_lag: int = 12,
    surrogates: int = 200,
) -> Lead:
    """Lagged correlation of the rate of length change with a driver's anomalies.

    Parameters
    ----------
    length, interannual : ndarray, (n, T)
        Monthly length change and its inter-annual component, metres.
    seasonal : bool
        Whether the series resolve the season. If not, or if the driver is annual,
        years are compared instead of months.
    driver : ndarray, (n, T)
        The driver at the same months.
    months : DatetimeIndex, (T,)
        The months.
    name : str
        Name of the driver; tells the direction that physics expects. Without one
        the correlation counts whatever its sign.
    rng : numpy.random.Generator
        Source of randomness.
    largest_lag : int
        Largest lead, months.
    surrogates : int
        Phase-randomised drivers; those of all glaciers share their phases, so that
        a common climate counts once.

    Returns
    -------
    Lead
        Both series are freed of their mean season and of a linear trend before:
        two trends always correlate and show no lead.
    """
    if seasonal and is_monthly(driver):
        step, lags = "month", np.arange(largest_lag + 1)
        rate = np.gradient(length, axis=1) * 12.0
        front, force = _anomalies(rate, months), _anomalies(driver, months)
    else:
        step, lags = "year", np.arange(largest_lag // 12 + 1)
        years = yearly(interannual, months)
        rate = np.full(years.shape, np.nan)
        rate[:, 1:-1] = (years[:, 2:] - years[:, :-2]) / 2.0
        front, force = _detrended(rate), _detrended(yearly(driver, months))
    both = np.isfinite(front) & np.isfinite(force)
    used = np.flatnonzero(both.sum(axis=1) >= FEWEST_STEPS[step])
    if len(used) == 0:
        words = f"no glacier has {FEWEST_STEPS[step]} {step}s of front and driver"
        return Lead(0, np.nan, np.nan, np.nan, step, words)
    front = front[used]
    force = np.array([filled(row) for row in force[used]])
    sign = EXPECTED_SIGN.get(name, 0)
    observed = _correlations(front, force[None], lags)[0]
    null = _correlations(front, phase_randomised(force, rng, surrogates), lags)
    strength = np.abs(observed) if sign == 0 else sign * observed
    against = np.abs(null) if sign == 0 else sign * null
    best = int(strength.argmax())
    p = (1 + (against.max(axis=1) >= strength[best]).sum()) / (surrogates + 1)
    lead = float(lags[best]) * (1 if step == "month" else 12)
    return Lead(len(used), lead, float(observed[best]), float(p), step)


def _anomalies(values: NDArray[np.float64], months: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Values less the mean of their calendar month and less a linear trend."""
    table = pd.DataFrame(_detrended(values).T)
    season = table.groupby(np.asarray(months.month)).transform("mean")
    return np.asarray((table - season).to_numpy(dtype=np.float64)).T


def _detrended(values: NDArray[np.float64]) -> NDArray[np.float64]:
    time = np.arange(values.shape[1], dtype=np.float64)
    left = np.full(values.shape, np.nan)
    for row, line in enumerate(values):
        known = np.isfinite(line)
        if known.sum() >= 3:
            left[row, known] = line[known] - np.polyval(
                np.polyfit(time[known], line[known], 1), time[known]
            )
    return left


def _correlations(
    front: NDArray[np.float64], force: NDArray[np.float64], lags: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Mean correlation over glaciers, (count, lags), of `front` with `force` earlier."""
    result = np.empty((len(force), len(lags)))
    for column, lag in enumerate(lags):
        later = front[:, lag:]
        earlier = force[:, :, : force.shape[2] - lag]
        weight = np.isfinite(later).astype(np.float64)
        number = weight.sum(axis=1)
        a = np.nan_to_num(later)
        a = (a - (a.sum(axis=1) / number)[:, None]) * weight
        b = earlier - ((earlier * weight).sum(axis=2) / number)[:, :, None]
        b = b * weight
        scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=2))
        result[:, column] = ((a * b).sum(axis=2) / np.maximum(scale, 1e-30)).mean(axis=1)
    return result
