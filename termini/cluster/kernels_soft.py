"""Compiled soft-DTW: values, and gradients by the first series."""

from __future__ import annotations

import numpy as np

from termini.cluster.kernels import Array, compiled, inner


@inner
def _cell(x: Array, y: Array, i: int, j: int) -> float:
    total = 0.0
    for c in range(x.shape[1]):
        total += (x[i, c] - y[j, c]) ** 2
    return total


@compiled
def forward(x: Array, y: Array, lo: Array, hi: Array, gamma: float, r: Array) -> float:
    """Soft-DTW of two series (Cuturi & Blondel 2017, ICML, algorithm 1).

    ``r`` (n + 2, m + 2) is filled with the values of the cells, counted from 1.
    """
    n, m = x.shape[0], y.shape[0]
    r[:] = np.inf
    r[0, 0] = 0.0
    for i in range(n):
        for j in range(lo[i], hi[i]):
            a, b, c = r[i, j + 1], r[i, j], r[i + 1, j]
            least = min(a, b, c)
            spread = np.exp((least - a) / gamma) + np.exp((least - b) / gamma)
            spread += np.exp((least - c) / gamma)
            r[i + 1, j + 1] = _cell(x, y, i, j) + least - gamma * np.log(spread)
    return float(r[n, m])


@compiled
def backward(x: Array, y: Array, lo: Array, hi: Array, gamma: float, r: Array, gradient: Array) -> None:  # fmt: skip # noqa: E501
    """Add the gradient of soft-DTW by `x` (algorithm 2), given `r` of `forward`."""
    n, m = x.shape[0], y.shape[0]
    below, here = np.zeros(m + 2), np.zeros(m + 2)
    for i in range(n - 1, -1, -1):
        here[:] = 0.0
        for j in range(hi[i] - 1, lo[i] - 1, -1):
            own = r[i + 1, j + 1]
            share = 1.0 if i == n - 1 and j == m - 1 else 0.0
            if i < n - 1 and below[j + 1] > 0.0:
                share += below[j + 1] * np.exp((r[i + 2, j + 1] - own - _cell(x, y, i + 1, j)) / gamma)  # fmt: skip # noqa: E501
            if j < m - 1 and here[j + 2] > 0.0:
                share += here[j + 2] * np.exp((r[i + 1, j + 2] - own - _cell(x, y, i, j + 1)) / gamma)  # fmt: skip # noqa: E501
            if i < n - 1 and j < m - 1 and below[j + 2] > 0.0:
                share += below[j + 2] * np.exp((r[i + 2, j + 2] - own - _cell(x, y, i + 1, j + 1)) / gamma)  # fmt: skip # noqa: E501
            here[j + 1] = share
            for c in range(x.shape[1]):
                gradient[i, c] += 2.0 * share * (x[i, c] - y[j, c])
        below[:] = here
