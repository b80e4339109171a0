"""How probably a glacier belongs to each type, given the errors of its series.

Each draw moves every series within its standard errors; the share of draws in which a
glacier is nearest to the centre of a type is the probability that it belongs to it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Array = NDArray[np.float64]
#: Time over which the errors of the inter-annual component forget, months. They are
#: errors of a smooth curve through observations that are weeks apart.
MEMORY_MONTHS = 12.0
#: Waves a year of which the errors of a mean cycle consist, as its model has them.
HARMONICS = 3


def lasting_noise(
    errors: Array, keep: float, draws: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draws of errors that last.

    Parameters
    ----------
    errors : ndarray, (n, T)
        Standard errors, metres.
    keep : float
        Correlation of one sample with the next.
    draws : int
        Number of draws.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, (draws, n, T)
        First-order autoregressive noise of these standard deviations.
    """
    kicks = rng.standard_normal((draws, *errors.shape))
    kicks[..., 1:] *= np.sqrt(1.0 - keep**2)
    return np.asarray(lfilter([1.0], [1.0, -keep], kicks, axis=2) * errors)


def cyclic_noise(errors: Array, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draws of the error of mean cycles.

    Parameters
    ----------
    errors : ndarray, (n, 12)
        Standard errors, metres.
    draws : int
        Number of draws.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, (draws, n, 12)
        Sums of three waves of random phase, one, two and three a year, of these
        standard deviations.
    """
    turn = 2 * np.pi * np.outer(np.arange(1, HARMONICS + 1), np.arange(12)) / 12
    waves = np.concatenate([np.cos(turn), np.sin(turn)]) / np.sqrt(HARMONICS)
    return np.asarray((rng.standard_normal((draws, len(errors), len(waves))) @ waves) * errors)


def membership_probabilities(
    moved: NDArray[np.float64], centres: Array, distance: Callable[[Array, Array], Array]
) -> Array:
    """Probability of each glacier's belonging to each cluster.

    Parameters
    ----------
    moved : ndarray, (draws, n, T)
        Scaled series, moved within their errors.
    centres : ndarray, (k, T)
        Scaled centres of the clusters. They stay: what other glaciers would have made of
        them is what the stability is for.
    distance : callable
        Series (m, T) and series (k, T) to their distances (m, k).

    Returns
    -------
    ndarray, (n, k)
        Share of the draws in which each centre is the nearest; rows sum to 1. Half a
        draw is added for each cluster (Jeffreys), so that no probability is 0 or 1 for
        want of draws.
    """
    draws, n, length = moved.shape
    k = len(centres)
    nearest = distance(moved.reshape(draws * n, length), centres).argmin(axis=1)
    counts = np.stack([(nearest.reshape(draws, n) == c).sum(axis=0) for c in range(k)], axis=1)
    return np.asarray((counts + 0.5) / (draws + 0.5 * k))
