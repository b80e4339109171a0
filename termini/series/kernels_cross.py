"""All crossings of a trace with all lines of a glacier, in one pass over its edges."""

from __future__ import annotations

import numpy as np

from termini.series.kernels import Array, Grid, Ints, compiled, inner
from termini.series.kernels_meet import cut

_MARGIN = 1e-6  # of a cell, against rounding


@compiled
def build_grid(segments: Array, line: Ints, edge: Ints, cell: float) -> Grid:
    """Cells and the segments that pass through each.

    Parameters
    ----------
    segments : ndarray, shape (s, 4)
        x and y of both ends.
    line, edge : ndarray of int, shape (s,)
        Line of each segment, and which of its edges it is.
    cell : float
        Side of a cell, metres; doubled until there are at most a million cells.

    Returns
    -------
    Grid
        The index.
    """
    origin = np.empty(2)
    far = np.empty(2)
    for axis in range(2):
        origin[axis] = min(segments[:, axis].min(), segments[:, axis + 2].min()) - cell
        far[axis] = max(segments[:, axis].max(), segments[:, axis + 2].max()) + cell
    while ((far[0] - origin[0]) / cell + 1) * ((far[1] - origin[1]) / cell + 1) > 1e6:
        cell *= 2.0
    columns = int((far[0] - origin[0]) / cell) + 1
    rows = int((far[1] - origin[1]) / cell) + 1
    start = np.zeros(columns * rows + 1, dtype=np.int64)
    for s in range(len(segments)):
        _fill(segments[s], origin, cell, columns, rows, start, start, s, True)
    for k in range(columns * rows):
        start[k + 1] += start[k]
    items = np.empty(start[-1], dtype=np.int64)
    place = start.copy()
    for s in range(len(segments)):
        _fill(segments[s], origin, cell, columns, rows, place, items, s, False)
    return Grid(origin, cell, columns, rows, start, items, segments, line, edge)


@inner
def _fill(
    segment: Array, origin: Array, cell: float, columns: int, rows: int,
    place: Ints, items: Ints, s: int, count: bool,
) -> None:  # fmt: skip
    """Count a segment in the cells that it passes, or enter it there."""
    ax, ay = (segment[0] - origin[0]) / cell, (segment[1] - origin[1]) / cell
    bx, by = (segment[2] - origin[0]) / cell, (segment[3] - origin[1]) / cell
    nx, ny = by - ay, ax - bx
    reach = 0.5 * (abs(nx) + abs(ny)) * (1.0 + _MARGIN) + _MARGIN * _MARGIN
    for i in range(
        max(int(min(ax, bx) - _MARGIN), 0), min(int(max(ax, bx) + _MARGIN), columns - 1) + 1
    ):
        for j in range(
            max(int(min(ay, by) - _MARGIN), 0), min(int(max(ay, by) + _MARGIN), rows - 1) + 1
        ):
            if abs(nx * (i + 0.5 - ax) + ny * (j + 0.5 - ay)) > reach:
                continue
            k = j * columns + i
            if count:
                place[k + 1] += 1
            else:
                items[place[k]] = s
                place[k] += 1


@compiled
def find_crossings(
    path: Array, grid: Grid, place: Array, line: Ints, edge: Ints, share: Array
) -> int:
    """Crossings of a trace with all lines of a grid.

    Parameters
    ----------
    path : ndarray, shape (n, 2)
        The trace.
    grid : Grid
        Index of the lines.
    place : ndarray, shape (m,)
        Filled with the places of the crossings on the trace, ascending: number of
        its edge plus the share of the edge.
    line, edge, share : ndarray, shape (m,)
        Filled with the line crossed, its edge, and the share of that edge.

    Returns
    -------
    int
        Number of crossings, -1 if there are more than m.
    """
    count = 0
    # lines keep a cell away from the first row and column: rounding to 0 does for both
    x0, y0, per_metre = grid.origin[0], grid.origin[1], 1.0 / grid.cell
    for i in range(len(path) - 1):
        ax, ay, bx, by = path[i, 0], path[i, 1], path[i + 1, 0], path[i + 1, 1]
        left, right = min(ax, bx), max(ax, bx)
        low, high = min(ay, by), max(ay, by)
        column = max(int((left - x0) * per_metre), 0)
        last_column = min(int((right - x0) * per_metre), grid.columns - 1)
        row = max(int((low - y0) * per_metre), 0)
        last_row = min(int((high - y0) * per_metre), grid.rows - 1)
        before = count
        for r in range(row, last_row + 1):
            for c in range(column, last_column + 1):
                k = r * grid.columns + c
                for item in range(grid.start[k], grid.start[k + 1]):
                    s = grid.items[item]
                    seg = grid.segments[s]
                    t, u = cut(ax, ay, bx, by, seg[0], seg[1], seg[2], seg[3])
                    if t < 0.0:
                        continue
                    # a crossing belongs to the cell it lies in, and counts there once
                    px = min(max(ax + t * (bx - ax), left), right)
                    py = min(max(ay + t * (by - ay), low), high)
                    if int((px - x0) * per_metre) != c or int((py - y0) * per_metre) != r:
                        continue
                    if count == len(place):
                        return -1
                    at = count
                    while at > before and place[at - 1] > i + t:
                        place[at], line[at] = place[at - 1], line[at - 1]
                        edge[at], share[at] = edge[at - 1], share[at - 1]
                        at -= 1
                    place[at], line[at] = i + t, grid.line[s]
                    edge[at], share[at] = grid.edge[s], u
                    count += 1
    return count
