"""Errors of a median position over flowlines.

A median is the position where as much of the front lies ahead as behind. When a front is
displaced by e(w) at the place w across the fjord, its median moves by the mean of e over
the places where the front lies at the median (the derivative of a quantile; Serfling 1980,
section 2.5), not by that over the whole width: fewer places, so less is averaged out, and
what is missing elsewhere matters by its side of the median only.
"""

from __future__ import annotations

import numpy as np

from termini.series.kernels import Array, Ints, compiled

# Places count by their distance from the median, in units of so much of the drawing error
# plus so much of the step between neighbours in the order of positions; slopes are taken
# over so many correlation lengths to either side. Chosen on the simulated region of seed
# 400 (`benchmarks/calibration.py` reports others).
_DRAWING_SHARE, _STEP_SHARE, _SLOPE_REACH = 0.35, 0.5, 0.25
_MOST_OBLIQUE = 5.0
# So many complete fronts nearest in time tell what a part that was not seen does.
_NEAREST = 24
# The spread at all other times counts by so much: near ones alone know no new shape.
_OTHER_TIMES = 0.33
_NEGLIGIBLE = 0.02


@compiled
def median_errors(
    flow: Array, spacing: float, drawing: Array, correlation: Array
) -> tuple[Array, Array]:
    """Drawing error of the median, and what a geolocation error is multiplied by.

    Parameters
    ----------
    flow : ndarray, shape (t, k)
        Positions on flowlines, metres, left to right; NaN where not crossed.
    spacing : float
        Distance between neighbouring flowlines, metres.
    drawing : ndarray, shape (t,)
        Error along the front's normal, metres.
    correlation : ndarray, shape (t,)
        Distance along the front over which it is the same, metres.

    Returns
    -------
    error : ndarray, shape (t,)
        Metres. At each place the normal error grows by one over the cosine between
        normal and flow; two places a distance d apart along the front have the
        correlation exp(-pi d²/L²), whose integral is the correlation length L.
    stretch : ndarray, shape (t,)
        At least one; NaN, as the error, for fewer than three crossings.
    """
    count, lines = flow.shape
    error, stretch = np.full(count, np.nan), np.full(count, np.nan)
    at, across, along = np.empty(lines), np.empty(lines), np.empty(lines)
    slope, weight = np.empty(lines), np.empty(lines)
    for i in range(count):
        n = 0
        for k in range(lines):
            if np.isfinite(flow[i, k]):
                at[n], across[n] = flow[i, k], k * spacing
                n += 1
        if n < 3:
            continue
        along[0] = 0.0
        for k in range(1, n):
            step = np.hypot(at[k] - at[k - 1], across[k] - across[k - 1])
            along[k] = along[k - 1] + step
        ordered = np.sort(at[:n])
        middle = 0.5 * (ordered[(n - 1) // 2] + ordered[n // 2])
        reach = max(n // 4, 1)
        low, high = max(n // 2 - reach, 0), min(n // 2 + reach, n - 1)
        step = (ordered[high] - ordered[low]) / max(high - low, 1)
        scale = max(_DRAWING_SHARE * drawing[i] + _STEP_SHARE * step, 1.0)
        near = max(int(_SLOPE_REACH * correlation[i] / spacing), 1)
        total, lean = 0.0, 0.0
        for k in range(n):
            one, other = max(k - near, 0), min(k + near, n - 1)
            slope[k] = (at[other] - at[one]) / (across[other] - across[one])
            away = (at[k] - middle) / scale
            weight[k] = np.exp(-0.5 * away * away)
            total += weight[k]
            lean += weight[k] * slope[k]
        variance = 0.0
        for k in range(n):
            if weight[k] < _NEGLIGIBLE:
                continue
            mine = weight[k] * min(np.hypot(1.0, slope[k]), _MOST_OBLIQUE)
            variance += mine * mine
            for j in range(k + 1, n):
                apart = (along[j] - along[k]) / correlation[i]
                if weight[j] < _NEGLIGIBLE or apart > 1.5:
                    continue
                grown = weight[j] * min(np.hypot(1.0, slope[j]), _MOST_OBLIQUE)
                variance += 2.0 * mine * grown * np.exp(-np.pi * apart * apart)
        error[i] = drawing[i] * np.sqrt(variance) / total
        stretch[i] = min(np.hypot(1.0, lean / total), _MOST_OBLIQUE)
    return error, stretch


def median_missing(
    flow: Array, complete: Array, days: Array, complete_days: Array, *, correct: bool = True
) -> tuple[Array, Array]:
    """What the median over the flowlines that a front crosses is off from that over all.

    Parameters
    ----------
    flow : ndarray, shape (m, k)
        Positions of fronts on flowlines, metres; NaN where not crossed.
    complete : ndarray, shape (n, k)
        The same of complete fronts of the glacier.
    days, complete_days : ndarray, shape (m,), (n,)
        Dates of both, days.
    correct : bool
        Whether the median is to be corrected.

    Returns
    -------
    off, error : ndarray, shape (m,)
        Metres. Of the complete fronts nearest in time, the median on the lines from
        the first to the last that was crossed minus that on all lines: its mean (zero
        without correction), and the standard error of one about it. NaN where no
        complete front crosses any of these lines.
    """
    crossed = np.isfinite(flow)
    first = crossed.argmax(axis=1)
    last = crossed.shape[1] - crossed[:, ::-1].argmax(axis=1)
    pairs, which = np.unique(np.column_stack([first, last]), axis=0, return_inverse=True)
    whole = _medians(complete, 0, complete.shape[1])
    off, error = np.full(len(flow), np.nan), np.full(len(flow), np.nan)
    for number, (one, other) in enumerate(pairs):
        part = _medians(complete, one, other)
        known = np.flatnonzero(np.isfinite(part))
        few = min(_NEAREST, len(known))
        if not few:
            continue
        each = part[known] - whole[known]
        for row in np.flatnonzero(which.ravel() == number):
            near = np.argpartition(np.abs(complete_days[known] - days[row]), few - 1)[:few]
            mean = float(each[near].mean()) if correct else 0.0
            square = float(np.sum((each[near] - mean) ** 2)) / max(few - int(correct), 1)
            square = (1.0 - _OTHER_TIMES) * square + _OTHER_TIMES * float(each.var())
            off[row], error[row] = mean, np.sqrt(square * (1.0 + int(correct) / few))
    return off, error


@compiled
def _medians(rows: Array, one: int, other: int) -> Array:
    """Median of what is finite in some columns of each row; NaN where nothing is."""
    found, some = np.full(len(rows), np.nan), np.empty(max(other - one, 1))
    for i in range(len(rows)):
        n = 0
        for k in range(one, other):
            if np.isfinite(rows[i, k]):
                # put in order as they come: neighbours are nearly so
                at = n
                while at > 0 and some[at - 1] > rows[i, k]:
                    some[at] = some[at - 1]
                    at -= 1
                some[at] = rows[i, k]
                n += 1
        if n:
            found[i] = 0.5 * (some[(n - 1) // 2] + some[n // 2])
    return found


@compiled
def sinuosity(xy: Array, offsets: Ints, step: float) -> Array:
    """Length of traces over the distance between their ends.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices of all traces.
    offsets : ndarray of int, shape (t + 1,)
        Where each trace begins.
    step : float
        Turns within less than this are passed over, metres.

    Returns
    -------
    ndarray, shape (t,)
        From 1 to 3; 1 for an empty trace.
    """
    found = np.ones(len(offsets) - 1)
    for i in range(len(found)):
        start, end = offsets[i], offsets[i + 1]
        if end - start < 3:
            continue
        length = 0.0
        for way in (1, -1):  # from either end, so that a mirrored front is as long
            first, last = (start, end - 1) if way > 0 else (end - 1, start)
            kept = first
            for k in range(first + way, last + way, way):
                apart = np.hypot(xy[k, 0] - xy[kept, 0], xy[k, 1] - xy[kept, 1])
                if apart >= step or k == last:
                    length += 0.5 * apart
                    kept = k
        chord = np.hypot(xy[end - 1, 0] - xy[start, 0], xy[end - 1, 1] - xy[start, 1])
        found[i] = min(max(length / max(chord, 1.0), 1.0), 3.0)
    return found
