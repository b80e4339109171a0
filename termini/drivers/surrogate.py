"""Surrogates: series that keep a driver's spectrum and lose its timing."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def phase_randomised(
    values: NDArray[np.float64], rng: np.random.Generator, count: int
) -> NDArray[np.float64]:
    """Series with the same spectra and random phases.

    Parameters
    ----------
    values : ndarray, (n, T)
        Series without gaps.
    rng : numpy.random.Generator
        Source of randomness.
    count : int
        Number of surrogates.

    Returns
    -------
    ndarray, (count, n, T)
        Theiler et al. 1992 (Physica D 58, 77). The same phases are added for all n
        series, so that what they have in common stays in common (Prichard &
        Theiler 1994).
    """
    length = values.shape[1]
    spectrum = np.fft.rfft(values, axis=1)
    turns = rng.uniform(0.0, 2.0 * np.pi, (count, 1, spectrum.shape[1]))
    turns[:, :, 0] = 0.0
    if length % 2 == 0:
        turns[:, :, -1] = 0.0
    return np.asarray(np.fft.irfft(spectrum[None] * np.exp(1j * turns), n=length, axis=2))


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """p-values corrected for their number.

    Parameters
    ----------
    p_values : array_like, (m,)
        Raw p-values; missing ones are not counted.

    Returns
    -------
    ndarray, (m,)
        Holm 1979 (Scand. J. Statist. 6, 65).
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    stepped = p[order] * (len(known) - np.arange(len(known)))
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0) if len(known) else []
    return adjusted


def filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Series with gaps interpolated linearly and ends held.

    Parameters
    ----------
    values : ndarray, (T,)
        Series with at least one value.

    Returns
    -------
    ndarray, (T,)
        Without gaps.
    """
    known = np.flatnonzero(np.isfinite(values))
    return np.asarray(np.interp(np.arange(len(values)), known, values[known]))
