"""Shapes of fronts: bays, headlands and roughness that change as time goes on.

A front is its width-averaged position plus a shape across the fjord whose mean
is zero. The shape is a lasting part (the bed's), slow bends that come and go in
months, roughness of ever shorter wavelength that changes ever faster, and the
bays that discrete calving events bite out and that heal within months.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from termini.simulate.motion import Motion
from termini.simulate.noise import red_noise

_VERTEX_M = 25.0
_HEALING_DAYS = 90.0


@dataclass(frozen=True)
class FrontShape:
    """Shape of one glacier's front through time.

    Parameters
    ----------
    share : ndarray, shape (n,)
        Share of the way from the left to the right wall, 0 to 1.
    modes : ndarray, shape (modes, n)
        Patterns across the fjord, each with mean zero.
    weight : ndarray, shape (days, modes)
        Their weights, metres.
    bite_day : ndarray of int, shape (bites,)
        Day of each calving event.
    bite : ndarray, shape (bites, 3)
        Middle (share), half width (share) and width-averaged loss (metres).
    """

    share: NDArray[np.float64]
    modes: NDArray[np.float64]
    weight: NDArray[np.float64]
    bite_day: NDArray[np.int64]
    bite: NDArray[np.float64]

    def on_day(self, day: int) -> NDArray[np.float64]:
        """Shape on one day.

        Parameters
        ----------
        day : int
            Row of `weight`.

        Returns
        -------
        ndarray, shape (n,)
            Metres down-glacier of the mean position; mean zero.
        """
        return np.asarray(self.on_days(np.array([day]))[0])

    def on_days(self, days: NDArray[np.int64]) -> NDArray[np.float64]:
        """Shapes on many days.

        Parameters
        ----------
        days : ndarray of int, shape (k,)
            Rows of `weight`, ascending.

        Returns
        -------
        ndarray, shape (k, n)
            Metres down-glacier of the mean position; each row has mean zero.
        """
        shape = self.weight[days] @ self.modes
        first = int(np.searchsorted(self.bite_day, days[0] - 5 * _HEALING_DAYS))
        last = int(np.searchsorted(self.bite_day, days[-1], side="right"))
        middle, half, loss = self.bite[first:last].T[:, :, None]
        bays = _bays(self.share, middle, half)
        age = days[:, None] - self.bite_day[first:last]
        open_ = (age >= 0) & (age <= 5 * _HEALING_DAYS)
        left = np.where(open_, np.exp(-np.maximum(age, 0) / _HEALING_DAYS), 0.0)
        shape = shape - (left * loss[:, 0]) @ bays
        return np.asarray(shape - np.asarray(np.trapezoid(shape, self.share, axis=1))[:, None])


def make_shape(width: float, motion: Motion, rng: np.random.Generator) -> FrontShape:
    """Random shapes for every day of a motion.

    Parameters
    ----------
    width : float
        Width at the front, metres.
    motion : Motion
        Its events become bays.
    rng : numpy Generator
        Source of randomness.

    Returns
    -------
    FrontShape
        Standard deviation across the fjord about 2-6 % of the width.
    """
    share = np.linspace(0.0, 1.0, int(np.ceil(width / _VERTEX_M)) + 1)
    days = len(motion.position)
    modes, weights = [], []
    across = 2.0 * share - 1.0
    bow = rng.uniform(-1.0, 0.4)  # most fronts bow inland in the middle
    for pattern, lasting, change in [
        (across**2 - 1.0 / 3.0, -0.17 * width * bow, 0.025 * width),
        (across, 0.04 * width * rng.standard_normal(), 0.020 * width),
    ]:
        modes.append(pattern)
        weights.append(lasting + red_noise(rng, days, 240.0, change))
    wave = 0.9 * width
    while wave > 160.0:
        size = 0.015 * wave * min(1.0, (wave / 1500.0) ** -0.15)
        # Two phases a quarter wave apart let the pattern wander along the front.
        phase = rng.uniform(0.0, 2 * np.pi)
        for quarter in (0.0, np.pi / 2):
            modes.append(np.cos(2 * np.pi * share * width / wave + phase + quarter))
            slow = 0.6 * size * rng.standard_normal()
            weights.append(slow + red_noise(rng, days, 12.0 + 0.05 * wave, size))
        wave /= rng.uniform(1.35, 1.6)
    pattern = np.array(modes)
    pattern -= np.asarray(np.trapezoid(pattern, share, axis=1))[:, None]
    kernel = np.hanning(9) / np.hanning(9).sum()
    smooth = [np.convolve(np.pad(w, 4, mode="edge"), kernel, mode="valid") for w in weights]
    return FrontShape(share, pattern, np.array(smooth).T, motion.event_day, _bites(motion, rng))


def _bites(motion: Motion, rng: np.random.Generator) -> NDArray[np.float64]:
    """Where each calving event bites and how wide; deeper than 300 m it grows wider instead."""
    n = len(motion.event_day)
    half = np.maximum(rng.uniform(0.06, 0.25, n), motion.event_size / 300.0)
    return np.column_stack([rng.uniform(0.0, 1.0, n), half, motion.event_size])


def _bays(
    share: NDArray[np.float64], middle: NDArray[np.float64], half: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Rounded bays, one a row, each with mean one across the fjord."""
    bays = np.exp(-0.5 * np.square(np.square((share - middle) / (0.6 * half))))
    return np.asarray(bays / np.asarray(np.trapezoid(bays, share, axis=1))[:, None])
