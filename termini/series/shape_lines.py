"""Courses of fronts given at even places across the fjord."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Places across the fjord, 0 at the left wall and 1 at the right.
PLACES: Array = np.linspace(0.0, 1.0, 41)
STEP = 1.0 / 40
EVEN = np.full(41, STEP)
EVEN[[0, -1]] /= 2


def hat(place: Array) -> Array:
    """Weights with which values at `PLACES` make that at a place."""
    return np.maximum(1.0 - np.abs(place[:, None] - PLACES) / STEP, 0.0)


def below(place: Array) -> Array:
    """Weights with which values at `PLACES` make the integral from 0 to a place.

    Parameters
    ----------
    place : ndarray, shape (m,)
        From 0 to 1.

    Returns
    -------
    ndarray, shape (m, 41)
        Weights of the course that is straight between `PLACES`.
    """
    part = np.clip((place[:, None] - PLACES) / STEP, -1.0, 1.0)
    # integral of the hat of each place from minus infinity
    area = np.where(part < 0, (1 + part) ** 2 / 2, 0.5 + part - part**2 / 2)
    area[:, 0] -= 0.5
    return np.asarray(area * STEP)
