"""What fronts of one glacier, and of others, say about a further front."""

from __future__ import annotations

import numpy as np

from termini.series.shape_lines import EVEN, PLACES, Array

# Fronts of the 87 glaciers of Black and Joughin (2022): the standard deviation of the
# position about a glacier's own mean shape is 0.066 of the width (median), that of
# mean shapes about flat 0.089 (rms); squared differences between places grow with
# about their distance to the power 1.4 (scatter) and 1.8 (means). Power 1 for the
# scatter fills fronts of that dataset with smaller errors.
_SCATTER_SHARE = 0.066
_MEAN_SHARE = 0.089
_SCATTER_LENGTH, _SCATTER_POWER = 0.5, 1.0
_MEAN_LENGTH, _MEAN_POWER = 1.0, 1.8
# What is known from other glaciers counts as much as so many own fronts.
_PRIOR_FRONTS = 12.0
_PRIOR_SCALE_FRONTS = 3.0
# The level of the front is hardly known before it is seen.
_LEVEL_SHARE = 0.15
_NOISE_M = 1.0
_NOISE_SHARE = 0.015


def _likeness(length: float, power: float) -> Array:
    """Covariance of deviations from the mean over the width, mean variance 1."""
    distance = np.abs(PLACES[:, None] - PLACES) / length
    centring = np.eye(41) - EVEN
    covariance = centring @ np.exp(-(distance**power)) @ centring.T
    return np.asarray(covariance / np.diag(covariance).mean())


_SCATTER = _likeness(_SCATTER_LENGTH, _SCATTER_POWER)
_MEANS = _likeness(_MEAN_LENGTH, _MEAN_POWER)


def learnt(rows: Array, width: float) -> tuple[Array, Array, float]:
    """Mean, covariance and noise of a further front, from finite shapes.

    Parameters
    ----------
    rows : ndarray, shape (n, 41)
        Shapes, metres; none at all will do.
    width : float
        Width of the fjord, metres.

    Returns
    -------
    mean : ndarray, shape (41,)
        Metres.
    covariance : ndarray, shape (41, 41)
        Square metres, the uncertainty of the mean included.
    noise : float
        Standard deviation of what is not the front in a position, metres.
    """
    number = len(rows)
    level = rows @ EVEN
    form = rows - level[:, None]
    own = form - form.mean(axis=0) if number else form
    prior2 = (_SCATTER_SHARE * width) ** 2
    free = max(number - 1, 0)
    scatter2 = (_PRIOR_SCALE_FRONTS * prior2 + (own**2).sum() / 41) / (_PRIOR_SCALE_FRONTS + free)
    level2 = _level_variance(level, width)
    away = rows - rows.mean(axis=0) if number else rows
    prior = _PRIOR_FRONTS * (scatter2 * _SCATTER + level2)
    covariance = (prior + away.T @ away) / (_PRIOR_FRONTS + free)
    noise = float(np.hypot(_NOISE_M, _NOISE_SHARE * np.sqrt(scatter2)))
    # the mean shape: that of the glacier's own fronts, drawn towards flat
    between = (_MEAN_SHARE * width) ** 2 * _MEANS + 100.0 * level2
    if number == 0:
        return np.zeros(41), covariance + between, noise
    total = between + covariance / number + np.eye(41)
    gain = np.linalg.solve(total, between).T
    mean = level.mean() + gain @ (rows.mean(axis=0) - level.mean())
    unsure = between - gain @ between
    return mean, covariance + (unsure + unsure.T) / 2, noise


def level_doubt(rows: Array, width: float) -> float:
    """Part of `learnt`'s covariance that says that the level is hardly known, m2.

    Parameters
    ----------
    rows : ndarray, shape (n, 41)
        Shapes, metres.
    width : float
        Width of the fjord, metres.

    Returns
    -------
    float
        The same between all places. What the glacier's own fronts say of the level is
        not in it.
    """
    number = len(rows)
    level2 = _level_variance(rows @ EVEN, width)
    return _PRIOR_FRONTS * level2 / (_PRIOR_FRONTS + max(number - 1, 0))


def _level_variance(level: Array, width: float) -> float:
    own = float(level.var(ddof=1)) if len(level) > 1 else 0.0
    return max(own, (_LEVEL_SHARE * width) ** 2)
