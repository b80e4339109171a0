"""Monthly series of planted types, and plain groups, for the tests of clusters."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.signal import lfilter

from termini.cluster import dtw_distances
from termini.times import month_index

KINDS = ("stable", "runoff", "melange", "retreat", "step", "advance")


def red(rng, n, length, sigma):
    kicks = rng.normal(size=(n, length + 100)) * sigma * np.sqrt(1 - 0.95**2)
    return lfilter([1.0], [1.0, -0.95], kicks, axis=1)[:, 100:]


def planted(seed, of_each=3, years=8):
    """Series as `monthly_series` gives them, and the planted kind of each glacier."""
    rng = np.random.default_rng(seed)
    time = month_index("2013-01-01", f"{2012 + years}-12-31")
    year = np.arange(len(time)) / 12
    kinds = np.array(KINDS * of_each)
    slow = red(rng, len(kinds), len(time), 20.0)
    cycle = rng.normal(size=(len(kinds), 12)) * 4.0
    month = np.arange(12) + 0.5
    for row, kind in enumerate(kinds):
        event = years * rng.uniform(0.2, 0.45)
        if kind == "retreat":
            slow[row] -= rng.uniform(130, 280) * year
        elif kind == "step":
            slow[row] -= rng.uniform(2500, 4500) / (1 + np.exp(-(year - event - 1) / 0.35))
        elif kind == "advance":
            slow[row] += rng.uniform(1200, 2800) * np.clip((year - event) / 1.5, 0, 1)
        elif kind == "runoff":
            cycle[row] += rng.uniform(130, 250) * np.cos(2 * np.pi * (month - 5.0) / 12)
        elif kind == "melange":
            cycle[row] += rng.uniform(130, 250) * np.cos(2 * np.pi * (month - 3.0) / 12)
    return dataset(slow, cycle, time), kinds


def dataset(slow, cycle, time, cycle_error=20.0):
    """Series dataset from an inter-annual component and mean cycles."""
    cycle = cycle - cycle.mean(axis=1, keepdims=True)
    n = len(slow)
    ids = np.array([f"test:{row + 1}" for row in range(n)], dtype=object)
    whole = slow + cycle[:, np.asarray(time.month) - 1]
    return xr.Dataset(
        {
            "length_change": (("glacier", "time"), whole),
            "length_interannual": (("glacier", "time"), slow),
            "length_interannual_se": (("glacier", "time"), np.full(slow.shape, 15.0)),
            "seasonal_cycle": (("glacier", "month"), cycle),
            "seasonal_cycle_se": (("glacier", "month"), np.full(cycle.shape, cycle_error / 2)),
            "seasonal_amplitude": ("glacier", np.ptp(cycle, axis=1)),
            "seasonal_amplitude_se": ("glacier", np.full(n, cycle_error)),
        },
        coords={
            "glacier_id": ("glacier", ids),
            "glacier_name": ("glacier", ids),
            "longitude": ("glacier", np.linspace(-60.0, -50.0, n)),
            "latitude": ("glacier", np.linspace(65.0, 77.0, n)),
            "time": time,
            "month": np.arange(1, 13),
        },
    )


def groups(seed=0, each=8, apart=4.0):
    """Three clear groups of series, and which is in which."""
    rng = np.random.default_rng(seed)
    truth = np.repeat([0, 1, 2], each)
    return np.eye(3, 10)[truth] * apart + rng.normal(size=(3 * each, 10)) * 0.3, truth


def euclid(series, others=None):
    return dtw_distances(series, others, band=0)
