"""Small compiled pieces of plane geometry: lines with an index, crossings, windings.

Every function is a plain loop over float64 arrays, compiled by numba on first use and
kept on disk, by itself or in those that call it. `tests/series/test_kernels.py` holds
each against shapely.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from termini.compiling import compiler

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Edges in a block, and blocks in a block of the next order.
BLOCK = 8


class Polyline(NamedTuple):
    """A line with the boxes of its blocks of edges.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices.
    along : ndarray, shape (n,)
        Distance of each vertex along the line.
    swept : ndarray, shape (n,)
        Sum of the cross products of successive vertices up to each: twice the area
        swept as seen from the origin.
    inverse : ndarray, shape (n - 1,)
        One over the squared length of each edge, 0 for edges of no length.
    leaves, tops : ndarray, shape (m, 4)
        Smallest and largest x and y (in the order x, y, x, y) of eight edges and of
        eight leaves.
    """

    xy: Array
    along: Array
    swept: Array
    inverse: Array
    leaves: Array
    tops: Array


class Grid(NamedTuple):
    """Cells that know which segments pass through them.

    Parameters
    ----------
    origin : ndarray, shape (2,)
        Corner with the smallest x and y.
    cell : float
        Side of a cell, metres.
    columns, rows : int
        Number of cells in x and y.
    start : ndarray of int, shape (columns * rows + 1,)
        Where the segments of each cell begin in `items`.
    items : ndarray of int
        Segments, cell by cell.
    segments : ndarray, shape (s, 4)
        Both ends of each segment.
    line, edge : ndarray of int, shape (s,)
        Line that each segment belongs to, and which of its edges it is.
    """

    origin: Array
    cell: float
    columns: int
    rows: int
    start: Ints
    items: Ints
    segments: Array
    line: Ints
    edge: Ints


#: Functions called from Python, if by tests alone, and those that only compiled ones call.
compiled, inner = compiler(), compiler(inner=True)


@inner
def box_distance2(box: Array, x: float, y: float) -> float:
    """Squared distance from a point to a box (x, y, x, y)."""
    dx = max(box[0] - x, 0.0, x - box[2])
    dy = max(box[1] - y, 0.0, y - box[3])
    return float(dx * dx + dy * dy)


@inner
def to_edge(line: Polyline, edge: int, x: float, y: float) -> tuple[float, float]:
    """Squared distance to an edge and the share of it at the nearest point."""
    ax, ay = line.xy[edge, 0], line.xy[edge, 1]
    dx, dy = line.xy[edge + 1, 0] - ax, line.xy[edge + 1, 1] - ay
    share = min(max(((x - ax) * dx + (y - ay) * dy) * line.inverse[edge], 0.0), 1.0)
    ex, ey = ax + share * dx - x, ay + share * dy - y
    return ex * ex + ey * ey, share


@compiled
def nearest(line: Polyline, x: float, y: float, guess: int) -> tuple[float, int, float]:
    """Distance to a line, the edge that is nearest, and the share of that edge.

    `guess` is an edge thought to be near, as that of the vertex before, or -1; it
    only saves time.
    """
    edges = len(line.xy) - 1
    if guess < 0:
        guess = _near_edge(line, x, y)
    best, share = to_edge(line, guess, x, y)
    edge = guess
    for top in range(len(line.tops)):
        if box_distance2(line.tops[top], x, y) >= best:
            continue
        for leaf in range(BLOCK * top, min(BLOCK * (top + 1), len(line.leaves))):
            if box_distance2(line.leaves[leaf], x, y) >= best:
                continue
            for k in range(BLOCK * leaf, min(BLOCK * (leaf + 1), edges)):
                distance2, at = to_edge(line, k, x, y)
                if distance2 < best:
                    best, edge, share = distance2, k, at
    return np.sqrt(best), edge, share


@inner
def _near_edge(line: Polyline, x: float, y: float) -> int:
    """An edge in the block whose box is nearest."""
    top, best = 0, np.inf
    for k in range(len(line.tops)):
        distance2 = box_distance2(line.tops[k], x, y)
        if distance2 < best:
            top, best = k, distance2
    leaf, best = 0, np.inf
    for k in range(BLOCK * top, min(BLOCK * (top + 1), len(line.leaves))):
        distance2 = box_distance2(line.leaves[k], x, y)
        if distance2 < best:
            leaf, best = k, distance2
    return min(BLOCK * leaf + BLOCK // 2, len(line.xy) - 2)


@compiled
def within(ring: Polyline, x: float, y: float) -> bool:
    """Whether a point lies in a closed line (odd number of edges to its right)."""
    odd = False
    edges = len(ring.xy) - 1
    for top in range(len(ring.tops)):
        if y < ring.tops[top, 1] or y > ring.tops[top, 3] or x > ring.tops[top, 2]:
            continue
        for leaf in range(BLOCK * top, min(BLOCK * (top + 1), len(ring.leaves))):
            box = ring.leaves[leaf]
            if y < box[1] or y > box[3] or x > box[2]:
                continue
            for k in range(BLOCK * leaf, min(BLOCK * (leaf + 1), edges)):
                ay, by = ring.xy[k, 1], ring.xy[k + 1, 1]
                if (ay > y) != (by > y):
                    ax, bx = ring.xy[k, 0], ring.xy[k + 1, 0]
                    side = (bx - ax) * (y - ay) - (x - ax) * (by - ay)
                    if (side > 0) == (by > ay):
                        odd = not odd
    return odd


@compiled
def edge_boxes(xy: Array) -> Array:
    """Boxes (x, y, x, y) of blocks of eight edges, shape (m, 4)."""
    edges = len(xy) - 1
    count = (edges + BLOCK - 1) // BLOCK
    boxes = np.empty((count, 4))
    for m in range(count):
        first, last = BLOCK * m, min(BLOCK * (m + 1), edges)
        boxes[m, 0] = boxes[m, 2] = xy[first, 0]
        boxes[m, 1] = boxes[m, 3] = xy[first, 1]
        for k in range(first + 1, last + 1):
            boxes[m, 0] = min(boxes[m, 0], xy[k, 0])
            boxes[m, 1] = min(boxes[m, 1], xy[k, 1])
            boxes[m, 2] = max(boxes[m, 2], xy[k, 0])
            boxes[m, 3] = max(boxes[m, 3], xy[k, 1])
    return boxes


@compiled
def box_boxes(boxes: Array) -> Array:
    """Boxes of blocks of eight boxes, shape (m, 4)."""
    count = (len(boxes) + BLOCK - 1) // BLOCK
    found = np.empty((count, 4))
    for m in range(count):
        found[m] = boxes[BLOCK * m]
        for k in range(BLOCK * m + 1, min(BLOCK * (m + 1), len(boxes))):
            for side in range(2):
                found[m, side] = min(found[m, side], boxes[k, side])
                found[m, side + 2] = max(found[m, side + 2], boxes[k, side + 2])
    return found


def polyline(xy: Array) -> Polyline:
    """Line with the boxes of its blocks of edges.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices, at least two.

    Returns
    -------
    Polyline
        The same for the kernels.
    """
    xy = np.ascontiguousarray(xy, dtype=np.float64)
    cross = xy[:-1, 0] * xy[1:, 1] - xy[:-1, 1] * xy[1:, 0]
    length2 = (np.diff(xy, axis=0) ** 2).sum(axis=1)
    inverse = np.divide(1.0, length2, out=np.zeros(len(length2)), where=length2 > 0)
    leaves = edge_boxes(xy)
    swept = np.concatenate([[0.0], np.cumsum(cross)])
    return Polyline(xy, distances(xy), swept, inverse, leaves, box_boxes(leaves))


def distances(xy: Array) -> Array:
    """Distance of each vertex along a line.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        The line.

    Returns
    -------
    ndarray, shape (n,)
        Metres, 0 at the start.
    """
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])


@compiled
def nearest_along(line: Polyline, points: Array) -> Array:
    """Distance along a line of the points of it nearest to others, shape (n,)."""
    found, guess = np.empty(len(points)), -1
    for k in range(len(points)):
        _, guess, share = nearest(line, points[k, 0], points[k, 1], guess)
        found[k] = line.along[guess] + share * (line.along[guess + 1] - line.along[guess])
    return found
