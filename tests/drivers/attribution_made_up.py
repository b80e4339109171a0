"""Series, types and drivers in which what drives what is known."""

from __future__ import annotations

import numpy as np
import xarray as xr

from termini.times import month_index

TIME = month_index("2013-01-01", "2020-12-31")
YEAR = np.arange(len(TIME)) / 12
MONTH = np.asarray(TIME.month) - 1
PEAK = np.exp(-0.5 * ((np.arange(12) - 6.0) / 1.2) ** 2)


def ids(n):
    return np.array([f"test:{row + 1}" for row in range(n)], dtype=object)


def monthly_forcing(rng, n):
    """Runoff, thermal forcing and melange with a season and weather."""
    weather = rng.normal(size=(n, len(TIME)))
    return {
        "runoff": 5 + 100 * PEAK[MONTH] * np.exp(0.2 * weather),
        "thermal_forcing": 3 + 0.3 * np.cos(2 * np.pi * (MONTH - 9) / 12) + 0.1 * weather,
        "melange": np.clip(np.isin(MONTH, [0, 1, 2, 3, 4]) * 0.9 + 0.02 * weather, 0, 1),
    }


def drivers_dataset(varying, **static):
    n = len(next(iter(varying.values()))) if varying else len(next(iter(static.values())))
    return xr.Dataset(
        {
            **{name: (("glacier", "time"), values) for name, values in varying.items()},
            **{
                name: ("glacier", np.asarray(values, dtype=float))
                for name, values in static.items()
            },
        },
        coords={"glacier_id": ("glacier", ids(n)), "time": TIME},
    )


def series_dataset(slow, cycle):
    n = len(slow)
    cycle = cycle - cycle.mean(axis=1, keepdims=True)
    return xr.Dataset(
        {
            "length_change": (("glacier", "time"), slow + cycle[:, MONTH]),
            "length_interannual": (("glacier", "time"), slow),
            "length_interannual_se": (("glacier", "time"), np.full(slow.shape, 20.0)),
            "seasonal_cycle": (("glacier", "month"), cycle),
            "seasonal_cycle_se": (("glacier", "month"), np.full((n, 12), 8.0)),
            "seasonal_amplitude": ("glacier", np.ptp(cycle, axis=1)),
            "seasonal_amplitude_se": ("glacier", np.full(n, 15.0)),
        },
        coords={"glacier_id": ("glacier", ids(n)), "time": TIME, "month": np.arange(1, 13)},
    )


def types_dataset(labels):
    labels = np.asarray(labels, dtype=np.int32)
    return xr.Dataset(
        {
            "interannual_type": ("glacier", labels),
            "seasonal_type": ("glacier", np.zeros(len(labels), dtype=np.int32)),
        },
        coords={"glacier_id": ("glacier", ids(len(labels)))},
    )


def cycle_by_runoff():
    """Steady advance taken back by melt as Q^0.4."""
    melt = (5 + 100 * PEAK) ** 0.4
    cycle = np.cumsum(melt.mean() - melt)
    return 300 * (cycle - cycle.mean()) / np.ptp(cycle)


def cycle_by_melange():
    """Advance under melange from January to May, loss of what was gained thereafter."""
    length = np.zeros(48)
    for month in range(1, 48):
        gain = 70.0 if month % 12 in (1, 2, 3, 4, 5) else 0.0
        length[month] = length[month - 1] * (1.0 if gain else 0.45) + gain
    return length[36:] - length[36:].mean()
