"""What fronts enclose beyond their ends, in compiled loops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from termini.series.kernels import Array, Ints, Polyline, compiled, inner, nearest
from termini.series.kernels_lay import Outline, across
from termini.series.shape_lines import PLACES

_LAST = len(PLACES) - 1
_SAME = 1e-9


class Banks(NamedTuple):
    """Walls of a fjord, and where a position along the flow lies at either of them.

    Parameters
    ----------
    left, right : Polyline
        Walls, from the gate to the mouth.
    step : float
        Distance between stations along the centreline, metres; the first is 0.
    left_at, right_at : ndarray, shape (n, 2)
        Points of the walls level with the stations.
    """

    left: Polyline
    right: Polyline
    step: float
    left_at: Array
    right_at: Array


@compiled
def worth_of_ends(
    points: Array, places: Array, starts: Ints, banks: Banks, shares: Array
) -> tuple[Array, Array, Array]:
    """Area that fronts enclose beyond what they would if an end were cut off.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Vertices of all fronts, each left to right from wall to wall.
    places : ndarray, shape (n,)
        Where they lie across the fjord, 0 at the left wall and 1 at the right.
    starts : ndarray of int, shape (m + 1,)
        Where each front begins.
    banks : Banks
        The fjord.
    shares : ndarray, shape (k,)
        Shares of the width that are cut off, ascending.

    Returns
    -------
    worth : ndarray, shape (m, 2, k)
        Area, m2, for the left and the right end: by Green's theorem round the part cut
        off, the wall, and the straight joint to the nearest point of the wall with
        which the engine closes a front. Positive where the whole front lies farther
        forward; NaN where a front has no vertex on either side of the cut.
    unseen : ndarray, shape (m, 2, k)
        Share of the width that the rest does not show: less than the share cut off
        where a front winds back across the cut.
    cuts : ndarray, shape (m, 2, k, 2)
        Where the rest ends.
    """
    count = len(starts) - 1
    worth = np.full((count, 2, len(shares)), np.nan)
    unseen = np.full((count, 2, len(shares)), np.nan)
    cuts = np.full((count, 2, len(shares), 2), np.nan)
    for front in range(count):
        first, last = starts[front], starts[front + 1] - 1
        if last <= first:
            continue
        for side in range(2):
            wall = banks.left if side == 0 else banks.right
            step, start, end = (1, first, last) if side == 0 else (-1, last, first)
            v = start
            begin, swept_begin = _foot(wall, points[v])
            swept = _cross(begin, points[v])
            at = np.abs(places[v] - side)
            for k in range(len(shares)):
                while v != end and at < shares[k]:
                    swept += _cross(points[v], points[v + step])
                    v += step
                    at = np.abs(places[v] - side)
                if v == start or at < shares[k]:
                    continue
                # back from the vertex to the cut
                was = np.abs(places[v - step] - side)
                back = (at - shares[k]) / (at - was) if at > was else 0.0
                cut = points[v] + back * (points[v - step] - points[v])
                foot, swept_foot = _foot(wall, cut)
                total = swept + _cross(points[v], cut) + _cross(cut, foot)
                area = (swept_foot - swept_begin - total) / 2
                worth[front, side, k] = area if side == 0 else -area
                cuts[front, side, k] = cut
                rest = places[v : last + 1] if side == 0 else 1.0 - places[first : v + 1]
                unseen[front, side, k] = min(shares[k], rest.min())
    return worth, unseen, cuts


@compiled
def places_of(points: Array, outline: Outline) -> Array:
    """Places across the fjord of points in it, shape (m,); NaN for points with NaN."""
    found, near = np.empty(len(points)), np.full(2, -1)
    for k in range(len(points)):
        x, y = points[k, 0], points[k, 1]
        found[k] = across(outline, x, y, True, near)[0] if x == x and y == y else np.nan
    return found


@compiled
def worth_of_course(course: Array, edge: Array, cuts: Array, banks: Banks, left: bool) -> Array:
    """Area that courses enclose beyond the ends of fronts.

    Parameters
    ----------
    course : ndarray, shape (m, 41)
        Positions along the flow at `PLACES`, of which those beyond the end count.
    edge : ndarray, shape (m,)
        The places across the fjord of the ends.
    cuts : ndarray, shape (m, 2)
        Where the fronts end.
    banks : Banks
        The fjord.
    left : bool
        Whether it is the left end.

    Returns
    -------
    ndarray, shape (m,)
        Area, m2, beside the straight joint from the end to its wall, as in
        `worth_of_ends`.
    """
    wall = banks.left if left else banks.right
    worth = np.empty(len(course))
    point, other, level = np.empty(2), np.empty(2), np.empty(2)
    for front in range(len(course)):
        _level(banks, course[front], 0 if left else _LAST, point)
        begin, swept_begin = _foot(wall, point)
        total = _cross(begin, point)
        for j in range(1, _LAST + 1):
            place = j / _LAST if left else 1.0 - j / _LAST
            if (place >= edge[front] - _SAME) if left else (place <= edge[front] + _SAME):
                break
            _level(banks, course[front], j if left else _LAST - j, other)
            total += _cross(point, other)
            point[:] = other
        level[:] = cuts[front]
        foot, swept_foot = _foot(wall, level)
        total += _cross(point, level) + _cross(level, foot)
        area = (swept_foot - swept_begin - total) / 2
        worth[front] = area if left else -area
    return worth


@inner
def _level(banks: Banks, course: Array, j: int, out: Array) -> None:
    """Point at a place across the fjord and a position along the flow."""
    at = min(max(course[j] / banks.step, 0.0), len(banks.left_at) - 1.0)
    i = min(int(at), len(banks.left_at) - 2)
    part, place = at - i, j / _LAST
    for axis in range(2):
        left = banks.left_at[i, axis] * (1 - part) + banks.left_at[i + 1, axis] * part
        right = banks.right_at[i, axis] * (1 - part) + banks.right_at[i + 1, axis] * part
        out[axis] = left + place * (right - left)


@inner
def _cross(one: Array, two: Array) -> float:
    return float(one[0] * two[1] - one[1] * two[0])


@inner
def _foot(wall: Polyline, point: Array) -> tuple[Array, float]:
    """Nearest point of a wall, and twice the area that the wall sweeps up to it."""
    _, edge, share = nearest(wall, point[0], point[1], -1)
    foot = wall.xy[edge] + share * (wall.xy[edge + 1] - wall.xy[edge])
    return foot, wall.swept[edge] + _cross(wall.xy[edge], foot)
