"""What is read off along a trace: its shape, how it meets the centreline, flowlines."""

from __future__ import annotations

import numpy as np

from termini.series.kernels import Array, Ints, Polyline, compiled, inner, nearest
from termini.series.kernels_lay import Outline, between, outside, point_at

_VERTICES = 41
_MOST_OBLIQUE = 5.0  # as in `uncertainty.obliqueness`


@inner
def _ordered_mean(places: Array, values: Array, wanted: int, out: Array) -> None:
    """Values interpolated at even places from 0 to 1, as `numpy.interp` after a stable sort."""
    order = np.argsort(places, kind="mergesort")
    k, n = 0, len(places)
    for i in range(wanted):
        x = i / (wanted - 1)
        while k + 1 < n and places[order[k + 1]] <= x:
            k += 1
        here = places[order[k]]
        if x <= here or k == n - 1:
            out[i] = values[order[k]]
        else:
            there = places[order[k + 1]]
            slope = (values[order[k + 1]] - values[order[k]]) / (there - here)
            out[i] = values[order[k]] + slope * (x - here)


@inner
def shape(
    path: Array, outline: Outline, centre: Polyline, first: float, last: float,
    place: Array, line: Ints, count: int, out: Array,
) -> None:  # fmt: skip
    """Distance along the centreline at even places across, as `uncertainty.shape_of`.

    Of many vertices only every second, third ... is taken, so that there are at least
    `_VERTICES`.
    """
    start = int(np.floor(first)) + 1
    stop = int(np.ceil(last))
    stride = max((stop - start) // _VERTICES, 1)
    n = (stop - start + stride - 1) // stride + 2
    fractions, along = np.empty(n), np.empty(n)
    cut, inside, guess, near_left, near_right = 0, True, -1, -1, -1
    left_wall, right_wall, ring = outline.rough_left, outline.rough_right, outline.ring
    for i in range(n):
        v = first if i == 0 else (last if i == n - 1 else float(start + (i - 1) * stride))
        while cut < count and place[cut] < v:
            if line[cut] == outline.number and first < place[cut] < last:
                inside = not inside
            cut += 1
        x, y = point_at(path, v)
        left, near_left, _ = nearest(left_wall, x, y, near_left)
        right, near_right, _ = nearest(right_wall, x, y, near_right)
        fractions[i] = between(left, right) if inside else outside(ring, x, y, left, right)
        _, guess, part = nearest(centre, x, y, guess)
        along[i] = centre.along[guess] + part * (centre.along[guess + 1] - centre.along[guess])
    _ordered_mean(fractions, along, len(out), out)


@inner
def oblique(
    path: Array, centre: Polyline, first: float, last: float, at: float, along: float, reach: float
) -> float:
    """Growth of a drawing error along the centreline, as `uncertainty.obliqueness`."""
    ax, ay = _walked(path, at, -reach / 2, first, last)
    bx, by = _walked(path, at, reach / 2, first, last)
    cx, cy = _on(centre, along - 1.0)
    dx, dy = _on(centre, along + 1.0)
    one, two = np.hypot(bx - ax, by - ay), np.hypot(dx - cx, dy - cy)
    if one == 0.0 or two == 0.0:
        return 1.0
    sine = abs((bx - ax) * (dy - cy) - (by - ay) * (dx - cx)) / (one * two)
    return float(min(1.0 / max(sine, 1e-9), _MOST_OBLIQUE))


@inner
def _on(line: Polyline, along: float) -> tuple[float, float]:
    """Point at a distance along a line."""
    n = len(line.along)
    k = min(max(int(np.searchsorted(line.along, along)) - 1, 0), n - 2)
    length = line.along[k + 1] - line.along[k]
    part = 0.0 if length == 0.0 else (along - line.along[k]) / length
    return point_at(line.xy, k + min(max(part, 0.0), 1.0))


@inner
def _walked(path: Array, at: float, way: float, first: float, last: float) -> tuple[float, float]:
    """Point reached by walking along a line from a place, not beyond its ends."""
    left, step = abs(way), 1.0 if way > 0 else -1.0
    x, y = point_at(path, at)
    while True:
        at = min(np.floor(at) + 1.0, last) if step > 0 else max(np.ceil(at) - 1.0, first)
        nx, ny = point_at(path, at)
        length = np.hypot(nx - x, ny - y)
        if length >= left:
            part = left / length if length > 0 else 0.0
            return x + part * (nx - x), y + part * (ny - y)
        left -= length
        x, y = nx, ny
        if at in (first, last):
            return x, y


@inner
def hits(
    centre: Polyline, number: int, first: float, last: float,
    place: Array, line: Ints, edge: Ints, share: Array, count: int, along: Array,
) -> tuple[int, float]:  # fmt: skip
    """Crossings of the centreline: their number, and where on the trace the last one lies.

    `along` is filled with distances along the centreline, ascending; the number is -1
    if there are more.
    """
    found, at = 0, first
    for k in range(count):
        if line[k] != number or place[k] < first or place[k] > last:
            continue
        if found == len(along):
            return -1, at
        e = edge[k]
        here = centre.along[e] + share[k] * (centre.along[e + 1] - centre.along[e])
        i = found
        while i > 0 and along[i - 1] > here:
            along[i] = along[i - 1]
            i -= 1
        along[i] = here
        if i == found:
            at = place[k]
        found += 1
    return found, at


@inner
def flow_positions(
    flow_along: Array, flow_start: Ints, number: int, first: float, last: float,
    place: Array, line: Ints, edge: Ints, share: Array, count: int, out: Array, least: Array,
) -> None:  # fmt: skip
    """Most and least advanced crossing of every flowline; `out` must come with NaN in it."""
    for k in range(count):
        j = line[k] - number
        if j < 0 or place[k] < first or place[k] > last:
            continue
        e = flow_start[j] + edge[k]
        here = flow_along[e] + share[k] * (flow_along[e + 1] - flow_along[e])
        if not out[j] >= here:
            out[j] = here
        if not least[j] <= here:
            least[j] = here


@inner
def mean_along(
    path: Array, centre: Polyline, heading: Array, first: float, last: float
) -> tuple[float, float]:
    """Mean distance along a curved line over a front's own width, and that width.

    The area between a front and the start of the line is the integral over the
    distance n to the left of the line of s - n theta(s), theta being the angle by
    which the line has turned at s: the integral of 1 - kappa n along the line.
    """
    total, guess = 0.0, -1
    before_n, before_f, first_n, last_n = 0.0, 0.0, 0.0, 0.0
    v = first
    while True:
        x, y = point_at(path, v)
        _, guess, part = nearest(centre, x, y, guess)
        ax, ay = centre.xy[guess, 0], centre.xy[guess, 1]
        dx, dy = centre.xy[guess + 1, 0] - ax, centre.xy[guess + 1, 1] - ay
        length = np.hypot(dx, dy)
        side = dx * (y - ay) - dy * (x - ax)
        qx, qy = ax + part * dx - x, ay + part * dy - y
        n = np.hypot(qx, qy) * (1.0 if side >= 0 else -1.0)
        f = centre.along[guess] + part * length
        f -= n * (heading[guess] + part * (heading[guess + 1] - heading[guess]))
        if v == first:
            first_n = n
        else:
            total += 0.5 * (f + before_f) * (before_n - n)
        before_n, before_f, last_n = n, f, n
        if v >= last:
            break
        v = min(np.floor(v) + 1.0, last)
    width = first_n - last_n
    return (total / width if width > 0 else np.nan), width


@compiled
def flow_summary(flow: Array, fewest: int) -> Array:
    """Median and half the way from the 16th to the 84th percentile, shape (t, 2).

    `flow` holds a row of positions a trace; NaN where fewer than `fewest` are not NaN.
    """
    found = np.full((len(flow), 2), np.nan)
    for i in range(len(flow)):
        known = np.sort(flow[i][~np.isnan(flow[i])])
        if len(known) < max(fewest, 1):
            continue
        found[i, 0] = _percentile(known, 50.0)
        found[i, 1] = (_percentile(known, 84.0) - _percentile(known, 16.0)) / 2
    return found


@inner
def _percentile(ordered: Array, percent: float) -> float:
    """Percentile, linear between two values."""
    place = percent / 100.0 * (len(ordered) - 1)
    i = min(int(place), len(ordered) - 2) if len(ordered) > 1 else 0
    if len(ordered) == 1:
        return float(ordered[0])
    return float(ordered[i] + (place - i) * (ordered[i + 1] - ordered[i]))


@inner
def half_spread(most: Array, least: Array) -> float:
    """Half the way between the medians over flowlines of their outer crossings."""
    known = most == most
    if not known.any():
        return np.nan
    return float(np.median(most[known]) - np.median(least[known])) / 2
