"""Error of a line vertex by vertex and as a whole, calibrated on other glaciers.

The size of the error is a product of powers of what is seen at a vertex; conformal
factors (quantiles of error over size on glaciers that the model did not see) turn it
into intervals that hold 68 % and 95 % of the errors. ``benchmarks/trace_sigma.py`` fits
both; its numbers are in ``sigma.json`` beside this file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from termini.errors import InputError
from termini.fronts import subpixel

Array = NDArray[np.float64]

#: Half length of the profile on which the ice mask's edge is looked for, pixels.
REACH = 6.0

#: Smallest size of an error, pixels.
LEAST = 0.05

VERTEX_NAMES = ("width", "mask_apart", "doubt", "end", "wrong")
TRACE_NAMES = ("vertex", "wrong", "length")


@dataclass(frozen=True)
class LineSigma:
    """Errors of a line along its normals, pixels.

    Parameters
    ----------
    vertex : ndarray, shape (n,)
        Half width of the interval that holds 68 % of the errors at each vertex: one sigma.
    vertex_95 : ndarray, shape (n,)
        The same for 95 %.
    mean, mean_95 : float
        Half widths for the mean position of the line.
    """

    vertex: Array
    vertex_95: Array
    mean: float
    mean_95: float


def vertex_features(
    heat: NDArray[np.floating], mask: NDArray[np.floating], xy: Array, p_wrong: float
) -> Array:
    """What the error of a vertex goes by.

    Parameters
    ----------
    heat, mask : ndarray, shape (rows, columns)
        Probability of a front, and of ice.
    xy : ndarray, shape (n, 2)
        The line.
    p_wrong : float
        Probability that the line is wrong.

    Returns
    -------
    ndarray, shape (n, 5)
        Logarithms of the ridge's width, of the distance of the ice mask's edge, of what
        the ridge lacks in height, of the distance to the nearer end, and the log-odds
        that the line is wrong.
    """
    profile = subpixel.ridge(heat, xy)
    offset, ice = subpixel.across(mask, xy, reach=REACH)
    above = ice >= 0.5
    change = above[:, 1:] != above[:, :-1]
    middle = np.abs(0.5 * (offset[1:] + offset[:-1]))
    apart = np.where(change, middle, REACH).min(axis=1)
    steps = np.hypot(*np.diff(xy, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    end = np.minimum(along, along[-1] - along)
    return np.column_stack([
        np.log(profile.width + 0.1), np.log(apart + 0.1), np.log(1.05 - profile.height.clip(0, 1)),
        np.log(np.minimum(end, 30.0) + 1.0), np.full(len(xy), log_odds(p_wrong)),
    ])  # fmt: skip


def log_odds(p: float) -> float:
    """Log-odds of a probability, held within ±6."""
    p = float(np.clip(p, 0.0025, 0.9975))
    return float(np.log(p / (1.0 - p)))


def trace_features(size: Array, p_wrong: float) -> Array:
    """What the error of a line's mean position goes by.

    Parameters
    ----------
    size : ndarray, shape (n,)
        Sizes of the errors at its vertices.
    p_wrong : float
        Probability that the line is wrong.

    Returns
    -------
    ndarray, shape (3,)
        Logarithm of the sizes' root mean square, log-odds, logarithm of the length.
    """
    rms = float(np.sqrt(np.mean(np.square(size))))
    return np.array([np.log(rms), log_odds(p_wrong), np.log(len(size))])


@dataclass(frozen=True)
class SizeModel:
    """Size of an error as a product of powers, and its conformal factors.

    Parameters
    ----------
    weight : tuple of float
        One a feature, and the last for a constant.
    factor_68, factor_95 : float
        Quantiles of error over size.
    """

    weight: tuple[float, ...]
    factor_68: float
    factor_95: float

    def size(self, features: Array) -> Array:
        """Size of the error, pixels.

        Parameters
        ----------
        features : ndarray, shape (n, m)
            Rows as `vertex_features` or `trace_features` gives them.

        Returns
        -------
        ndarray, shape (n,)
            Pixels.
        """
        logarithm = features @ np.array(self.weight[:-1]) + self.weight[-1]
        return np.asarray(np.maximum(np.exp(np.clip(logarithm, -5.0, 5.0)), LEAST))


@lru_cache(maxsize=1)
def size_models(
    name: str = "sigma.json", vertex: tuple[str, ...] = VERTEX_NAMES
) -> tuple[SizeModel, SizeModel]:
    """The shipped models of vertices and of whole lines.

    Parameters
    ----------
    name : str
        File beside this module.
    vertex : tuple of str
        Names of what the error of a vertex goes by.

    Returns
    -------
    tuple of SizeModel
        Vertex, line.

    Raises
    ------
    InputError
        If the numbers are of another version than the features.
    """
    text = files("termini.fronts").joinpath(name).read_text(encoding="utf-8")
    held = json.loads(text)
    found = []
    for key, names in (("vertex", vertex), ("trace", TRACE_NAMES)):
        if tuple(held[key]["names"]) != names:
            raise InputError(f"{name} is of another version than the features; fit it again")
        part = held[key]
        found.append(SizeModel(tuple(part["weight"]), part["factor_68"], part["factor_95"]))
    return found[0], found[1]


def line_sigma(
    heat: NDArray[np.floating], mask: NDArray[np.floating], xy: Array, p_wrong: float
) -> LineSigma:
    """Calibrated errors of a line.

    Parameters
    ----------
    heat, mask : ndarray, shape (rows, columns)
        Probability of a front, and of ice.
    xy : ndarray, shape (n, 2)
        The line.
    p_wrong : float
        Probability that the line is wrong.

    Returns
    -------
    LineSigma
        Pixels.
    """
    vertex, trace = size_models()
    size = vertex.size(vertex_features(heat, mask, xy, p_wrong))
    whole = float(trace.size(trace_features(size, p_wrong)[None, :])[0])
    return LineSigma(
        vertex.factor_68 * size,
        vertex.factor_95 * size,
        trace.factor_68 * whole,
        trace.factor_95 * whole,
    )
