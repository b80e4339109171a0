"""Small tools of the simulation: noise with a memory, smooth steps, runs of days."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.signal import lfilter


def red_noise(
    rng: np.random.Generator, n: int, memory: float, sigma: float = 1.0
) -> NDArray[np.float64]:
    """First-order autoregressive noise.

    Parameters
    ----------
    rng : numpy Generator
        Source of randomness.
    n : int
        Length.
    memory : float
        Steps after which the correlation has fallen to 1/e.
    sigma : float
        Standard deviation of the values.

    Returns
    -------
    ndarray, shape (n,)
        Stationary from the first value on.
    """
    phi = float(np.exp(-1.0 / memory))
    kicks = rng.standard_normal(n) * np.sqrt(1.0 - phi**2)
    first = rng.standard_normal()
    values, _ = lfilter([1.0], [1.0, -phi], kicks, zi=[phi * first])
    return np.asarray(sigma * values)


def days_between(start: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
    """Every day from `start` to `end`, both included.

    Parameters
    ----------
    start, end : pandas.Timestamp
        First and last day.

    Returns
    -------
    pandas.DatetimeIndex
        Midnights, microsecond resolution.
    """
    return pd.date_range(start.normalize(), end.normalize(), freq="D").as_unit("us")


def smooth_step(x: ArrayLike) -> NDArray[np.float64]:
    """Logistic step from 0 to 1.

    Parameters
    ----------
    x : array_like
        Distance past the step in units of its e-folding width.

    Returns
    -------
    ndarray
        1 / (1 + exp(-x)), without overflow.
    """
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * np.asarray(x, dtype=np.float64))))
