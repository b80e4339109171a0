"""Points inside a mesh moved to where the triangles around them are better."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from termini.issm.mesh_refine import Outline, missing_edges, triangles_within
from termini.series.kernels import Array, Ints, compiled, inner

Points = NDArray[np.float64]

_TURNS = 12
#: Vertices with a smaller angle than this beside them are moved by trial.
_TRIED_DEG = 36.0


def smoothed(points: Points, corners: Ints, outline: Outline) -> tuple[Points, Ints]:
    """Mesh with better triangles; its outline stays.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Points, those of the outline first.
    corners : ndarray of int, shape (m, 3)
        Triangles.
    outline : Outline
        Outline.

    Returns
    -------
    points : ndarray, shape (n, 2)
        Points.
    corners : ndarray of int, shape (m, 3)
        Triangles.

    Notes
    -----
    In turn, points move to the mean of the centres of the triangles around them, by
    area (Chen and Holst 2011, Comput. Methods Appl. Mech. Eng. 200, 967), points
    beside sharp triangles are tried in eight directions, and all are triangulated
    anew. The best of all turns is returned: the one whose sharpest angle is largest.
    """
    fixed = len(outline.points)
    best, best_angle = (points, corners), sharpest(points, corners).min()
    for turn in range(_TURNS):
        start, around = neighbours(corners, len(points))
        moved = points.copy()
        if turn < _TURNS // 2:
            average(moved, corners, start, around, fixed)
        try_moves(moved, corners, start, around, fixed, np.radians(_TRIED_DEG))
        again = triangles_within(moved, outline)
        if len(missing_edges(again, outline)) or len(np.unique(again)) < len(points):
            break
        points, corners = moved, again
        angle = sharpest(points, corners).min()
        if angle > best_angle:
            best, best_angle = (points, corners), angle
    return best


def sharpest(points: Points, corners: Ints) -> Points:
    """Smallest angle of triangles.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Points.
    corners : ndarray of int, shape (m, 3)
        Triangles.

    Returns
    -------
    ndarray, shape (m,)
        Radians.
    """
    xy = points[corners]
    ahead, back = np.roll(xy, -1, axis=1) - xy, np.roll(xy, 1, axis=1) - xy
    cross = ahead[..., 0] * back[..., 1] - ahead[..., 1] * back[..., 0]
    return np.asarray(np.arctan2(cross, (ahead * back).sum(axis=2)).min(axis=1))


def neighbours(corners: Ints, n: int) -> tuple[Ints, Ints]:
    """Triangles round each point.

    Parameters
    ----------
    corners : ndarray of int, shape (m, 3)
        Triangles.
    n : int
        Number of points.

    Returns
    -------
    start : ndarray of int, shape (n + 1,)
        Where the triangles of each point begin in `around`.
    around : ndarray of int, shape (3 m,)
        Triangles.
    """
    flat = corners.ravel()
    start = np.concatenate([[0], np.cumsum(np.bincount(flat, minlength=n))])
    return start, np.argsort(flat, kind="stable") // 3


@compiled
def average(points: Array, corners: Ints, start: Ints, around: Ints, fixed: int) -> None:
    """Move points to the mean of the centres around them, by area, where nothing folds."""
    for v in range(fixed, len(points)):
        total, sx, sy = 0.0, 0.0, 0.0
        for k in range(start[v], start[v + 1]):
            t = corners[around[k]]
            area = _area(points, t)
            total += area
            sx += area * (points[t[0], 0] + points[t[1], 0] + points[t[2], 0]) / 3
            sy += area * (points[t[0], 1] + points[t[1], 1] + points[t[2], 1]) / 3
        if total <= 0:
            continue
        x, y = points[v, 0], points[v, 1]
        before = _worst(points, corners, start, around, v)
        points[v, 0], points[v, 1] = sx / total, sy / total
        if _worst(points, corners, start, around, v) < min(before, 0.5):
            points[v, 0], points[v, 1] = x, y


@compiled
def try_moves(
    points: Array, corners: Ints, start: Ints, around: Ints, fixed: int, enough: float
) -> None:
    """Move points beside sharp triangles where that makes the sharpest of them less so."""
    for _ in range(3):
        for v in range(fixed, len(points)):
            worst = _worst(points, corners, start, around, v)
            if worst >= enough:
                continue
            t = corners[around[start[v]]]
            step = 0.25 * np.sqrt(abs(_area(points, t)))
            while step > 1e-3 * np.sqrt(abs(_area(points, t))) + 1e-9:
                x, y = points[v, 0], points[v, 1]
                bx, by, better = x, y, worst
                for d in range(8):
                    points[v, 0] = x + step * np.cos(d * np.pi / 4)
                    points[v, 1] = y + step * np.sin(d * np.pi / 4)
                    here = _worst(points, corners, start, around, v)
                    if here > better:
                        bx, by, better = points[v, 0], points[v, 1], here
                points[v, 0], points[v, 1] = bx, by
                if better > worst:
                    worst = better
                else:
                    step *= 0.5


@inner
def _area(points: Array, t: Ints) -> float:
    ax, ay = points[t[0], 0], points[t[0], 1]
    one = (points[t[1], 0] - ax) * (points[t[2], 1] - ay)
    return float(one - (points[t[1], 1] - ay) * (points[t[2], 0] - ax)) / 2


@inner
def _worst(points: Array, corners: Ints, start: Ints, around: Ints, v: int) -> float:
    """Smallest angle of the triangles round a point; negative where one is folded."""
    least = 4.0
    for k in range(start[v], start[v + 1]):
        t = corners[around[k]]
        for i in range(3):
            a, b, c = t[i], t[(i + 1) % 3], t[(i + 2) % 3]
            ux, uy = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
            wx, wy = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1]
            least = min(least, np.arctan2(ux * wy - uy * wx, ux * wx + uy * wy))
    return float(least)
