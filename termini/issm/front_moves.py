"""How a front is moved where it is not known: more where it is less sure.

A front that was not seen, or not in full, is first drawn where the fronts around it in
time have it. A release may say how large the ice is; the front is moved until it is,
along each flowline in proportion to what the area tells of that line (the mean of a
Gaussian field given its sum: covariance times weights).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Fewer fronts than this say nothing of which lines move; so many count as much as what
# is expected before any: equal motion, alike over a third of the width.
_FEWEST = 5
_PRIOR_FRONTS = 20.0
_ALIKE = 1 / 3
# A line that never moved is moved by a tenth of the usual all the same.
_STILL = 0.1
_LEAST = 0.02


def unsure(years: Floats, positions: Floats) -> Floats:
    """How fronts depart from where the ones before and after would have them.

    Parameters
    ----------
    years : ndarray, shape (n,)
        Decimal years, increasing.
    positions : ndarray, shape (n, k)
        Fronts along each line, metres.

    Returns
    -------
    ndarray, shape (n, k)
        Departures from the line through the fronts before and after, metres; without a
        row for the first and the last.
    """
    if len(years) < 3:
        return np.empty((0, positions.shape[1]))
    share = ((years[1:-1] - years[:-2]) / (years[2:] - years[:-2]))[:, None]
    return np.asarray(positions[1:-1] - (1 - share) * positions[:-2] - share * positions[2:])


def line_spread(departures: Floats) -> Floats:
    """Standard deviation of the front on every line, shape (k,), relative to the usual."""
    if len(departures) < _FEWEST:
        return np.ones(departures.shape[1])
    spread = np.sqrt((departures**2).mean(axis=0))
    usual = float(np.median(spread))
    if usual == 0:
        return np.ones(len(spread))
    return np.asarray(np.maximum(spread / usual, _STILL))


def lean_of_all(departures: Floats) -> Floats:
    """How much each line moves when the whole front is moved by its area.

    Parameters
    ----------
    departures : ndarray, shape (n, k)
        What `unsure` gives.

    Returns
    -------
    ndarray, shape (k,)
        From 0.02 to 1, the most.
    """
    count, lines = departures.shape
    spread = line_spread(departures)
    apart = np.abs(np.subtract.outer(np.arange(lines), np.arange(lines)))
    cover = np.outer(spread, spread) * np.exp(-apart / (_ALIKE * lines))
    if count >= _FEWEST:
        found = departures.T @ departures / count
        trust = count / (count + _PRIOR_FRONTS)
        size = np.trace(found) / np.trace(cover)
        cover = trust * found / size + (1 - trust) * cover if size > 0 else cover
    weight = np.ones(lines)
    weight[[0, -1]] = 0.5
    lean = cover @ weight
    return np.asarray(np.maximum(lean / lean.max(), _LEAST))


def lean_of_gap(places: Floats, edges: tuple[float, float], spread: Floats) -> Floats:
    """How much each line of a gap moves, nothing at the ends of what was seen.

    Parameters
    ----------
    places : ndarray, shape (m,)
        Where the lines lie across the fjord.
    edges : (float, float)
        Places of the ends left and right of the gap; infinite where a wall is.
    spread : ndarray, shape (m,)
        Standard deviation on each.

    Returns
    -------
    ndarray, shape (m,)
        On one scale for all gaps of a front: across the fjord it is a Brownian path from
        the end that was seen, a bridge between two.
    """
    left, right = places - edges[0], edges[1] - places
    if np.isfinite(left).all() and np.isfinite(right).all():
        cover = np.minimum.outer(left, left) - np.outer(left, left) / (edges[1] - edges[0])
    else:
        away = right if np.isinf(left).all() else left
        cover = np.minimum.outer(away, away)
    return np.asarray(spread * (cover @ spread))
