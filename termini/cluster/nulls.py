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


def cycle_null(series: Array, rng: np.random.Generator) -> Array:
    """Mean cycles of one population whose sizes and dates scatter about one middle.

    Parameters
    ----------
    series : ndarray, (n, T)
        Cycles, of which the last sample is followed by the first.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, (n, T)
        n cycles. The size of the annual wave and what the shorter waves are beside it
        are drawn from one Gaussian population with the mean and the covariance of the
        data; each cycle is then moved in time, by a Gaussian draw of the spread that
        the dates of the data have (each weighted by its size). Cycles that differ in
        date lie on an arc, not in an ellipse: they are closer to a line than Gaussian
        series of the same covariance, and k pieces of an arc are clearer than k pieces
        of an ellipse. Against the latter alone one population would pass for types.
    """
    n, length = series.shape
    waves = np.fft.rfft(series, axis=1)
    number = np.arange(waves.shape[1])
    size = np.abs(waves[:, 1])
    middle = np.angle(waves[:, 1].sum())
    turn = np.angle(waves[:, 1] * np.exp(-1j * middle))
    spread = np.sqrt((size * turn**2).sum() / max(float(size.sum()), np.finfo(np.float64).tiny))
    still = waves[:, 2:] * np.exp(-1j * turn[:, None] * number[2:])
    drawn = same_covariance_null(np.column_stack([size, still.real, still.imag]), rng)
    made = np.zeros_like(waves)
    made[:, 1] = np.maximum(drawn[:, 0], 0.0) * np.exp(1j * middle)
    rest = len(number) - 2
    made[:, 2:] = drawn[:, 1 : 1 + rest] + 1j * drawn[:, 1 + rest :]
    made *= np.exp(1j * spread * rng.standard_normal((n, 1)) * number)
    return np.asarray(np.fft.irfft(made, length, axis=1))


NULLS: dict[str, Null] = {
    "covariance": same_covariance_null,
    "phase": phase_randomised_null,
}
#: Further nulls of series that are cycles.
CYCLE_NULLS: dict[str, Null] = {"cycle": cycle_null}
