"""Series without groups that look like the data: what types are judged against."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Null = Callable[[Array, np.random.Generator], Array]


def same_covariance_null(series: Array, rng: np.random.Generator) -> Array:
    """Series of one Gaussian population that looks like the data but has no groups.

    Parameters
    ----------
    series : ndarray, (n, T)
        The data.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, (n, T)
        n draws with the sample mean and the sample covariance of the data.
    """
    mean = series.mean(axis=0)
    n = len(series)
    weights = rng.standard_normal((n, n))
    return np.asarray(mean + weights @ (series - mean) / np.sqrt(max(n - 1, 1)))


def phase_randomised_null(series: Array, rng: np.random.Generator) -> Array:
    """Each series with the spectrum of its departure from the mean, at random phases.

    Parameters
    ----------
    series : ndarray, (n, T)
        The data.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, (n, T)
        The mean of the data and, for each series, a surrogate of what it departs from
        it (Theiler et al. 1992, Physica D 58, 77; independent phases, the constant
        with a random sign). What is shared by a group, other than sizes, is lost. A
        series is laid end to end with its mirror image before the transform, so that
        a trend makes no jump at its end.
    """
    mean = series.mean(axis=0)
    n, length = series.shape
    about = series - mean
    doubled = np.concatenate([about, about[:, ::-1]], axis=1)
    waves = np.fft.rfft(doubled, axis=1)
    turn = np.exp(2j * np.pi * rng.random(waves.shape))
    # the constant and the last wave of an even number of samples are real
    turn[:, [0, -1]] = rng.choice([-1.0, 1.0], (n, 2))
    return np.asarray(mean + np.fft.irfft(waves * turn, 2 * length, axis=1)[:, :length])


NULLS: dict[str, Null] = {
    "covariance": same_covariance_null,
    "phase": phase_randomised_null,
}
