"""Geometry of the checks, by itself: crossings, distances, boundary.

Written out in numpy on purpose. The level sets are made with shapely; a check
that used the same would share its mistakes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from termini.issm.check_read import Bundle

#: Start and end of each segment, shape (n, 2, 2).
Segments = NDArray[np.float64]


def segments_of(xy: NDArray[np.float64]) -> Segments:
    """Consecutive points as segments.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Points.

    Returns
    -------
    ndarray, shape (n - 1, 2, 2)
        Start and end of each segment.
    """
    return np.stack([xy[:-1], xy[1:]], axis=1)


def inside(points: NDArray[np.float64], edges: Segments) -> NDArray[np.bool_]:
    """Which points lie inside closed rings, by counting crossings.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Points.
    edges : ndarray, shape (m, 2, 2)
        Edges of the rings in any order.

    Returns
    -------
    ndarray of bool, shape (n,)
        Whether a ray towards larger x crosses an odd number of edges.
    """
    count = np.zeros(len(points), dtype=np.int64)
    x, y = points[:, 0], points[:, 1]
    for (xa, ya), (xb, yb) in edges:
        across = (ya > y) != (yb > y)
        if across.any():
            at = xa + (y[across] - ya) * (xb - xa) / (yb - ya)
            count[np.flatnonzero(across)[at > x[across]]] += 1
    return np.asarray(count % 2 == 1)


def distances(
    points: NDArray[np.float64], lines: Segments
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distance to the nearest of the segments, and the point of it that is nearest.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Points.
    lines : ndarray, shape (m, 2, 2)
        Segments.

    Returns
    -------
    ndarray, shape (n,), and ndarray, shape (n, 2)
        Distance, metres, and nearest point.
    """
    best = np.full(len(points), np.inf)
    foot = np.zeros_like(points)
    for start, end in lines:
        along = end - start
        size = float(along @ along)
        share = np.clip((points - start) @ along / max(size, 1e-12), 0, 1)
        near = start + share[:, None] * along
        away = np.hypot(*(points - near).T)
        closer = away < best
        best[closer], foot[closer] = away[closer], near[closer]
    return best, foot


def boundary(bundle: Bundle) -> Segments:
    """Edges of the mesh that belong to one element only.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.

    Returns
    -------
    ndarray, shape (n, 2, 2)
        Segments, in any order.
    """
    corner = bundle.corners
    ends = np.sort(np.vstack([corner[:, [0, 1]], corner[:, [1, 2]], corner[:, [2, 0]]]), axis=1)
    ends, count = np.unique(ends, axis=0, return_counts=True)
    return np.asarray(bundle.xy[ends[count == 1]])
