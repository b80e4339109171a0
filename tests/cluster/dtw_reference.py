"""Dynamic time warping written plainly, for comparing the kernels with."""

import numpy as np


def cell_costs(a, b, *, weights=None, penalty=0.0, steepness=None):
    """Costs (n, m) of series (n, d) and (m, d); weights of both, 0 where missing."""
    u, v = weights or (np.ones_like(a), np.ones_like(b))
    both = u[:, None] * v[None]
    square = both * (a[:, None] - b[None]) ** 2
    cost = np.where(both > 0, square, penalty).sum(axis=2)
    if steepness is not None:
        lag = np.abs(np.arange(len(a))[:, None] - np.arange(len(b)))
        cost = cost / (1.0 + np.exp(-steepness * (lag - max(len(a), len(b)) / 2)))
    return cost


def accumulated(cost, allowed=None):
    """Least sums along paths to each cell."""
    n, m = cost.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0.0
    for i in range(n):
        for j in range(m):
            if allowed is None or allowed[i, j]:
                least = min(total[i, j + 1], total[i + 1, j], total[i, j])
                total[i + 1, j + 1] = cost[i, j] + least
    return total[1:, 1:]


def soft(cost, gamma):
    """Soft-DTW by its definition over the cells."""
    n, m = cost.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0.0
    for i in range(n):
        for j in range(m):
            three = np.array([total[i, j + 1], total[i + 1, j], total[i, j]])
            with np.errstate(divide="ignore"):
                total[i + 1, j + 1] = cost[i, j] - gamma * np.logaddexp.reduce(-three / gamma)
    return total[n, m]
