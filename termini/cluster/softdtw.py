"""Soft-DTW: distances, gradients, barycentres and k-means with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from termini.cluster.distance_input import SeriesSet, read_series
from termini.cluster.distance_window import Window, window_of
from termini.cluster.kernels_soft import backward, forward
from termini.cluster.kmeans_fit import Fitted
from termini.errors import InputError

Array = NDArray[np.float64]


def soft_dtw_distances(
    a: ArrayLike,
    b: ArrayLike | None = None,
    *,
    gamma: float = 1.0,
    band: float | None = None,
    metric_params: Mapping[str, Any] | None = None,
    window: Window | None = None,
) -> Array:
    """Soft-DTW of every series in `a` to every series in `b`.

    Parameters
    ----------
    a, b : array_like, (n, T[, d]) and (m, T[, d]), or lists of arrays
        Series; `b` is `a` by default.
    gamma : float
        Smoothing, in squared units of the series; towards 0 the values become those
        of squared DTW.
    band, metric_params
        As in `dtw_distances`.
    window : Window, optional
        The limits themselves, instead of `band` and `metric_params`.

    Returns
    -------
    ndarray, (n, m)
        Soft-DTW (Cuturi & Blondel 2017), which is not a distance: it is not zero
        between equal series and may be negative.
    """
    if not gamma > 0.0:
        raise InputError(f"gamma is {gamma}; it must be positive")
    first = read_series(a, "a")
    second = first if b is None else read_series(b, "b")
    if first.channels != second.channels:
        raise InputError(f"a has {first.channels} channels, b {second.channels}")
    limits = window_of(band, None, metric_params) if window is None else window
    out = np.empty((len(first), len(second)))
    for i in range(len(first)):
        for j in range(i if b is None else 0, len(second)):
            out[i, j] = soft_dtw(_row(first, i), _row(second, j), gamma=gamma, window=limits)[0]
    if b is None:
        low = np.tril_indices(len(out), -1)
        out[low] = out.T[low]
    return out


def soft_dtw(
    x: Array, y: Array, *, gamma: float = 1.0, window: Window | None = None, gradient: bool = False
) -> tuple[float, Array]:
    """Soft-DTW of two series, and its gradient by the first.

    Parameters
    ----------
    x, y : ndarray, (n, d) and (m, d)
        Series without gaps.
    gamma : float
        Smoothing.
    window : Window, optional
        Limits on warping.
    gradient : bool
        Whether the gradient is wanted.

    Returns
    -------
    value : float
        Soft-DTW.
    gradient : ndarray, (n, d)
        Its gradient; zero where not wanted.
    """
    lo, hi = (window or Window()).rows(len(x), len(y))
    table = np.empty((len(x) + 2, len(y) + 2))
    value = forward(x, y, lo, hi, gamma, table)
    slope = np.zeros_like(x)
    if gradient:
        backward(x, y, lo, hi, gamma, table, slope)
    return value, slope


def soft_barycentre(
    series: SeriesSet,
    start: Array,
    *,
    gamma: float = 1.0,
    window: Window | None = None,
    weights: Array | None = None,
    max_iter: int = 50,
    tol: float = 1e-3,
) -> Array:
    """Series with the least mean soft-DTW to others.

    Parameters
    ----------
    series : SeriesSet
        The others.
    start : ndarray, (T, d)
        Where to start.
    gamma, window
        As in `soft_dtw`.
    weights : ndarray, (n,), optional
        Weights of the series.
    max_iter : int
        Largest number of steps of L-BFGS-B.
    tol : float
        Its tolerance.

    Returns
    -------
    ndarray, (T, d)
        The barycentre.
    """
    share = np.ones(len(series)) if weights is None else np.asarray(weights, dtype=np.float64)

    def loss(flat: Array) -> tuple[float, Array]:
        x, total, slope = flat.reshape(start.shape), 0.0, np.zeros_like(start)
        for i, weight in enumerate(share):
            value, by = soft_dtw(x, _row(series, i), gamma=gamma, window=window, gradient=True)
            total += weight * value
            slope += weight * by
        return total, slope.ravel()

    options = {"maxiter": max_iter}
    found = minimize(loss, start.ravel(), method="L-BFGS-B", jac=True, tol=tol, options=options)
    return np.asarray(found.x.reshape(start.shape))


def fit_soft(
    series: SeriesSet,
    window: Window,
    starts: list[Array],
    *,
    gamma: float,
    max_iter: int,
    tol: float,
    steps: int,
) -> tuple[Fitted, bool]:
    """k-means with soft-DTW: the best of several starts, and whether it converged.

    Parameters
    ----------
    series : SeriesSet
        Series without gaps.
    window : Window
        Limits on warping.
    starts : list of ndarray, (k, T, d)
        Centres to start from.
    gamma : float
        Smoothing.
    max_iter, tol
        Largest number of assignments, and change of the inertia that ends them.
    steps : int
        Steps of each barycentre between assignments.

    Returns
    -------
    Fitted
        Centres, labels, and as inertia the mean soft-DTW to the nearest centre.
    bool
        Whether the kept start converged.
    """
    best: tuple[float, Fitted, bool] | None = None
    for start in starts:
        centres, before, done, mended = start.copy(), np.inf, False, 0
        for iteration in range(1, max_iter + 1):
            table = _table(series, centres, gamma, window)
            labels = table.argmin(axis=1).astype(np.int64)
            inertia = float(table.min(axis=1).mean())
            done = abs(before - inertia) < tol
            if done or iteration == max_iter:
                break
            before = inertia
            for c in range(len(centres)):
                if not (labels == c).any():
                    centres[c] = _farthest(series, table, centres.shape[1])
                    mended += 1
                    continue
                members = series.take(np.flatnonzero(labels == c))
                centres[c] = soft_barycentre(
                    members, centres[c], gamma=gamma, window=window, max_iter=steps
                )
        if best is None or inertia < best[0]:
            best = inertia, Fitted(centres, labels, inertia, iteration, mended), done
    assert best is not None
    return best[1], best[2]


def _table(series: SeriesSet, centres: Array, gamma: float, window: Window) -> Array:
    out = np.empty((len(series), len(centres)))
    for i in range(len(series)):
        for c, centre in enumerate(centres):
            out[i, c] = soft_dtw(_row(series, i), centre, gamma=gamma, window=window)[0]
    return out


def _farthest(series: SeriesSet, table: Array, length: int) -> Array:
    row = int(table.min(axis=1).argmax())
    values = _row(series, row)
    old, new = np.linspace(0, 1, len(values)), np.linspace(0, 1, length)
    return np.stack([np.interp(new, old, column) for column in values.T], axis=1)


def _row(series: SeriesSet, row: int) -> Array:
    return np.ascontiguousarray(series.values[row, : series.lengths[row]])
