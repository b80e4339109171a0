"""Compiled loops of screening: nearest vertices, neighbours in time, usual shapes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from termini.compiling import compiler

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Vertices in a block.
_BLOCK = 12


#: Functions called from Python, and those that only compiled ones call.
_compiled, _inner = compiler(), compiler(inner=True)


@_compiled
def nearest_vertices(line: Floats, points: Floats) -> tuple[Ints, Floats]:
    """Vertex of a line that is nearest to each point.

    Parameters
    ----------
    line : ndarray, shape (m, 2)
        Vertices of the line.
    points : ndarray, shape (n, 2)
        Points; quickest where each is near the one before it.

    Returns
    -------
    index : ndarray of int, shape (n,)
        The vertex; the first of those equally near.
    distance : ndarray, shape (n,)
        How far it is, metres.

    Notes
    -----
    Vertices go in blocks, each within a circle; a circle that is farther away than
    the nearest vertex so far is passed over.
    """
    blocks = (len(line) + _BLOCK - 1) // _BLOCK
    circle = np.empty((blocks, 3))
    for b in range(blocks):
        part = line[b * _BLOCK : (b + 1) * _BLOCK]
        x, y = part[len(part) // 2]
        circle[b, 0], circle[b, 1] = x, y
        circle[b, 2] = np.sqrt(((part[:, 0] - x) ** 2 + (part[:, 1] - y) ** 2).max())
    index = np.zeros(len(points), dtype=np.int64)
    distance = np.empty(len(points))
    last = 0
    for k in range(len(points)):
        x, y = points[k]
        square = (x - line[last, 0]) ** 2 + (y - line[last, 1]) ** 2
        best = np.sqrt(square)
        for b in range(blocks):
            far = best + circle[b, 2]
            if (x - circle[b, 0]) ** 2 + (y - circle[b, 1]) ** 2 > far * far:
                continue
            for i in range(b * _BLOCK, min((b + 1) * _BLOCK, len(line))):
                here = (x - line[i, 0]) ** 2 + (y - line[i, 1]) ** 2
                if here < square or (here == square and i < last):
                    square, last = here, i
            best = np.sqrt(square)
        index[k], distance[k] = last, best
    return index, distance


@_inner
def _middle(values: Floats, count: int) -> float:
    """Median of the first `count` values, which it sorts."""
    for i in range(1, count):
        value, j = values[i], i - 1
        while j >= 0 and values[j] > value:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = value
    half = count // 2
    return float(values[half] if count % 2 else 0.5 * (values[half - 1] + values[half]))


@_inner
def _side(
    x: Floats, day: Floats, row: int, first: int, count: int, room: Floats
) -> tuple[float, float]:
    """Median of `count` values from `first`, and that moved to a row's day with their slope."""
    slopes = 0
    low = high = day[first]
    for i in range(count):
        low, high = min(low, day[first + i]), max(high, day[first + i])
        for j in range(i + 1, count):
            apart = day[first + j] - day[first + i]
            room[slopes] = (x[first + j] - x[first + i]) / (apart if apart >= 1.0 else 1.0)
            slopes += 1
    slope = _middle(room, slopes)
    room[:count] = day[first : first + count]
    ahead = day[row] - _middle(room, count)
    # not much farther than the side itself reaches, or two days of noise would go anywhere
    far = 1.5 * (high - low)
    room[:count] = x[first : first + count]
    middle = _middle(room, count)
    return middle, middle + slope * min(max(ahead, -far), far)


@_compiled
def outside_neighbours(x: Floats, day: Floats, reach: int) -> Floats:
    """How far each value lies outside what those before and those after it foretell.

    Parameters
    ----------
    x, day : ndarray, shape (n,)
        Values and their days, ascending.
    reach : int
        How many before and after.

    Returns
    -------
    ndarray, shape (n,)
        Signed distance beyond the nearest of four guesses: the median of each side,
        and that carried on to the day with the side's median slope; 0 among them.
        nan for the first and last two, which have too few on one side.
    """
    n = len(x)
    away = np.full(n, np.nan)
    room = np.empty(max(reach * reach, 4))
    for k in range(2, n - 2):
        before, after = min(k, reach), min(n - 1 - k, reach)
        a, b = _side(x, day, k, k - before, before, room)
        c, d = _side(x, day, k, k + 1, after, room)
        low, high = min(a, b, c, d), max(a, b, c, d)
        away[k] = x[k] - high if x[k] > high else min(x[k] - low, 0.0)
    return away


@_compiled
def shape_residuals(form: Floats, usual: Floats, rows: Ints, reach: int) -> tuple[Floats, Floats]:
    """Rms distance of each shape from that of its neighbours in time, as is and mirrored.

    Parameters
    ----------
    form : ndarray, shape (n, p)
        Metres of each place before the front's mean; nan where it was not seen.
    usual : ndarray, shape (p,)
        What stands for places of the neighbours that were not seen.
    rows : ndarray of int, shape (m,)
        Rows that take part, by date.
    reach : int
        Half of the number of neighbours.

    Returns
    -------
    plain, mirrored : ndarray, shape (n,)
        Metres, the mean difference taken out; nan with fewer than three neighbours
        or where nothing was seen.
    """
    n, places = form.shape
    plain, mirrored = np.full(n, np.nan), np.full(n, np.nan)
    near, middle = np.empty(2 * reach + 1), np.empty(places)
    for turn in range(len(rows)):
        k = rows[turn]
        first = max(0, min(turn - reach, len(rows) - 2 * reach - 1))
        last = min(first + 2 * reach + 1, len(rows))
        if last - first < 4:
            continue
        for p in range(places):
            count = 0
            for other in range(first, last):
                if other != turn:
                    value = form[rows[other], p]
                    near[count] = value if np.isfinite(value) else usual[p]
                    count += 1
            middle[p] = _middle(near, count)
        plain[k] = _spread(form[k], middle, False)
        mirrored[k] = _spread(form[k], middle, True)
    return plain, mirrored


@_inner
def _spread(form: Floats, middle: Floats, turned: bool) -> float:
    """Standard deviation of a shape, or its mirror image, about another."""
    total = square = 0.0
    count = 0
    for p in range(len(form)):
        value = form[len(form) - 1 - p] if turned else form[p]
        if np.isfinite(value):
            away = value - middle[p]
            total += away
            square += away * away
            count += 1
    if count == 0:
        return np.nan
    mean = total / count
    return float(np.sqrt(max(square / count - mean * mean, 0.0)))
