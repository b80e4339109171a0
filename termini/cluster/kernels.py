"""Compiled drivers of the sweeps: many distances, nearest centres, alignments.

All work on blocks of series side by side, as `termini.cluster.distance_blocks`
makes them. Those called from Python release the interpreter lock and do every `step`-th
item from `start`, so that threads share the work without sharing anything else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import literally
from numpy.typing import NDArray

from termini.cluster.kernels_emit import ROWS
from termini.cluster.kernels_sweep import sweep, sweep_columns, sweep_general
from termini.compiling import compiler

Array = NDArray[Any]

#: Columns that are done before looking whether the next are needed.
_AHEAD = 16
#: A row minimum is compared with the bound after this many times `ROWS` rows.
_CHECK = 4


#: Functions called from Python, if by tests alone, and those that only compiled ones call.
compiled = compiler(error_model="numpy")
inner = compiler(inner=True, error_model="numpy")


@inner
def _above(row: Array, first: int, last: int, bound: Array) -> bool:
    """Whether no lane can come below its bound any more."""
    for lane in range(row.shape[1]):
        for j in range(first, last):
            if row[j + 1, lane] <= bound[lane]:
                return False
    return True


@inner
def plan_of(lo: Array, hi: Array) -> Array:
    """How each `ROWS` rows are done, (rows / ROWS, 6).

    First column, begin and end of the columns that all rows enter, end; whether rows
    begin, and end, together (0), one column after the other (1) or otherwise (-1).
    """
    plan = np.empty((lo.shape[0] // ROWS, 6), np.int64)
    for k in range(plan.shape[0]):
        i0, last = k * ROWS, k * ROWS + ROWS - 1
        begin, end = lo[i0 + 1] - lo[i0], hi[i0 + 1] - hi[i0]
        for r in range(i0 + 1, last + 1):
            begin = begin if lo[r] - lo[r - 1] == begin else -1
            end = end if hi[r] - hi[r - 1] == end else -1
        if lo[last] > hi[i0] or begin > 1:
            begin = -1
        inner = min(lo[last], hi[last])
        outer = max(min(hi[i0], hi[last]), inner)
        plan[k] = lo[i0], inner, outer, hi[last], begin, (end if end < 2 else -1)
    return plan


@inner
def solve(x: Array, n: int, y: Array, work: Any, bound: Array, abandon: bool) -> int:
    """Squared DTW of `x` to each lane; gives the row of ``left`` that holds it.

    -1 where `abandon` is set and every lane has passed its bound.
    """
    row, last = work[0], (n + ROWS - 1) // ROWS
    row[:] = np.inf
    row[0] = 0.0
    if not abandon:
        sweep(x, y, work, 0, last, False)
    else:
        for k in range(0, last, _CHECK):
            end = min(k + _CHECK, last)
            sweep(x, y, work, k, end, False)
            if end < last and _above(row, work[5][end - 1, 1], work[5][end - 1, 3], bound):
                return -1
    return (n - 1) % ROWS + 1


@compiled
def solve_path(x: Array, n: int, y: Array, work: Any) -> int:
    """As `solve`, and keeps the directions."""
    row = work[0]
    row[:] = np.inf
    row[0] = 0.0
    sweep(x, y, work, 0, (n + ROWS - 1) // ROWS, True)
    return (n - 1) % ROWS + 1


@inner
def solve_general(one: Any, n: int, many: Any, numbers: Array, lags: Array, work: Any, path: Any) -> int:  # fmt: skip # noqa: E501
    """As `solve` with what `sweep_general` knows; `path` (literal) keeps the directions."""
    literally(path)
    row = work[0]
    row[:] = np.inf
    row[0] = 0.0
    sweep_general(one, many, numbers, lags, work, 0, (n + ROWS - 1) // ROWS, path)
    return (n - 1) % ROWS + 1


@inner
def _alive(values: Array, first: int, end: int, bound: Array) -> bool:
    """Whether any of the rows of `values` (rows, lanes) is at or below a lane's bound."""
    found = False
    for r in range(first, end):
        for lane in range(values.shape[1]):
            found |= values[r, lane] <= bound[lane]
    return found


@compiled
def solve_within(x: Array, n: int, y: Array, work: Any, bound: Array, path: Any) -> int:
    """As `solve` without a window, leaving out cells above the bound of every lane.

    Values and directions of cells at or below the bound of their lane are those of
    `solve`, because the path to such a cell has no other cells (Silva & Batista 2016,
    SIAM Int. Conf. Data Mining, 837; Herrmann & Webb 2021, Data Min. Knowl. Discov.
    35, 2577); others may be too large. `path` (literal) keeps the directions. -1 where
    no lane reaches the end.
    """
    literally(path)
    row, left, columns = work[0], work[1], y.shape[0]
    row[:] = np.inf
    row[0] = 0.0
    first, last, reached, blocks = 0, -1, 0, (n + ROWS - 1) // ROWS
    for k in range(blocks):
        end = min(columns, last + 2 + _AHEAD)
        sweep_columns(x, y, work, k, (first, end), 1, path)
        while end < columns and _alive(left, 1, ROWS + 1, bound):
            after = min(columns, end + _AHEAD)
            sweep_columns(x, y, work, k, (end, after), 0, path)
            end = after
        row[first] = np.inf
        row[end + 1 : reached + 1] = np.inf  # of earlier rows, which went on further
        reached = end
        if k == blocks - 1:  # its last rows may lie after the end of `x`
            break
        while first < end and not _alive(row, first + 1, first + 2, bound):
            first += 1
        if first == end:
            return -1
        row[first] = np.inf
        last = end - 1
        while not _alive(row, last + 1, last + 2, bound):
            last -= 1
    return -1 if reached < columns else (n - 1) % ROWS + 1


@inner
def straight(x: Array, n: int, y: Array, bound: Array) -> None:
    """Lower `bound` (lanes,) to the cost of matching sample by sample, plus rounding."""
    if n != y.shape[0]:
        return
    cost = np.zeros_like(bound)
    for j in range(n):
        for lane in range(y.shape[1]):
            cost[lane] += (x[j] - y[j, lane]) ** 2
    for lane in range(y.shape[1]):
        bound[lane] = min(bound[lane], cost[lane] * (1.0 + slack(n, bound)))


@compiled
def slack(n: int, like: Array) -> float:
    """Relative rounding of a sum along a path of `n` samples, generously."""
    return 4.0 * (n + 16.0) * (1.2e-7 if like.itemsize == 4 else 2.3e-16)


@inner
def unlimited(lo: Array, hi: Array, columns: int) -> bool:
    """Whether every sample may meet every other."""
    return bool(lo.max() == 0 and hi.min() == columns)


@compiled
def workspace(y: Array, columns: int, cells: int, bits: Array, lo: Array, hi: Array) -> Any:
    """Buffers of one thread, in the precision and with the lanes of `y`.

    `bits` is used where it is large enough: new memory costs more than the work.
    """
    lanes = y.shape[-1]
    return (
        np.empty((columns + 1, lanes), y.dtype),
        np.empty((ROWS + 1, lanes), y.dtype),
        bits if bits.shape[0] >= cells else np.empty(cells, bits.dtype),
        lo,
        hi,
        plan_of(lo, hi),
    )


@compiled
def pairs(xs: Array, n: int, ys: Array, lo: Array, hi: Array, bits: Array, first: Array, out: Array, start: int, step: int) -> None:  # fmt: skip # noqa: E501
    """Squared DTW of each of `xs` (m, rows) to each lane of `ys` (blocks, T2, lanes).

    Blocks before ``first[i]`` are left out; `out` is (m, blocks, lanes).
    """
    work = workspace(ys, ys.shape[1], 1, bits, lo, hi)
    none = np.zeros(ys.shape[2], ys.dtype)
    for i in range(start, xs.shape[0], step):
        for b in range(first[i], ys.shape[0]):
            out[i, b] = work[1][solve(xs[i], n, ys[b], work, none, False)]


@compiled
def pairs_within(n: int, ys: Array, lo: Array, hi: Array, bits: Array, out: Array, start: int, step: int) -> None:  # fmt: skip # noqa: E501
    """Squared DTW of the lanes of each block to one another, each pair once.

    `out` is (blocks * lanes, blocks, lanes); each lane is compared with the one `turn`
    further on, all lanes at once, so that half as many matrices are needed.
    """
    lanes = ys.shape[2]
    work = workspace(ys, ys.shape[1], 1, bits, lo, hi)
    none = np.zeros(lanes, ys.dtype)
    x = np.zeros((lo.shape[0], lanes), ys.dtype)
    for b in range(start, ys.shape[0], step):
        for lane in range(lanes):
            out[b * lanes + lane, b, lane] = 0.0
        for turn in range(1, lanes // 2 + 1):
            x[:n, : lanes - turn] = ys[b, :, turn:]
            x[:n, lanes - turn :] = ys[b, :, :turn]
            row = solve(x, n, ys[b], work, none, False)
            for lane in range(lanes):
                other = (lane + turn) % lanes
                out[b * lanes + lane, b, other] = work[1][row, lane]
                out[b * lanes + other, b, lane] = work[1][row, lane]


@compiled
def pairs_general(one: Any, n: int, many: Any, numbers: Array, lags: Array, lo: Array, hi: Array, bits: Array, first: Array, out: Array, start: int, step: int) -> None:  # fmt: skip # noqa: E501
    """As `pairs` with the values, weights and times of `sweep_general`."""
    xs, us, txs = one
    ys, vs, tys = many
    work = workspace(ys, ys.shape[1], 1, bits, lo, hi)
    for i in range(start, xs.shape[0], step):
        x = (xs[i], us[i], txs[i])
        for b in range(first[i], ys.shape[0]):
            y = (ys[b], vs[b], tys[b])
            out[i, b] = work[1][solve_general(x, n, y, numbers, lags, work, False)]


@inner
def _outside(y: Array, lower: Array, upper: Array, out: Array) -> None:
    """Lower bound of Keogh: squared distance of each lane to the envelope."""
    out[:] = 0.0
    for j in range(y.shape[0]):
        for lane in range(y.shape[1]):
            off = max(y[j, lane] - upper[j], lower[j] - y[j, lane])
            off = max(off, 0.0 * off)
            out[lane] += off * off


@compiled
def nearest(xs: Array, n: int, ys: Array, lo: Array, hi: Array, bits: Array, envelopes: Any, guess: Array, label: Array, out: Array, done: Array, start: int, step: int) -> None:  # fmt: skip # noqa: E501
    """Nearest of the centres `xs` (k, rows) for each lane, and its squared DTW.

    A centre is left out for a block where the bound of Keogh (`envelopes`: lower
    and upper, (k, T2)) is above the best distance of every lane, and abandoned
    where the smallest value of a row is; without a window cells above the best
    distances are left out too. `guess` (blocks,) is tried first; `done` (3, threads)
    counts centres solved, abandoned and left out.
    """
    lower, upper = envelopes
    k, lanes = xs.shape[0], ys.shape[2]
    work = workspace(ys, ys.shape[1], 1, bits, lo, hi)
    bounds, least = np.zeros((k, lanes), ys.dtype), np.zeros(k, ys.dtype)
    limit, free = np.empty(lanes, ys.dtype), unlimited(lo[:n], hi[:n], ys.shape[1])
    for b in range(start, ys.shape[0], step):
        best, found = out[b], label[b]
        best[:] = np.inf
        for c in range(k):
            _outside(ys[b], lower[c], upper[c], bounds[c])
            least[c] = bounds[c].min()
        least[guess[b]] = -1.0
        for c in np.argsort(least):
            if (bounds[c] * 0.9999 > best).all():
                done[2, start] += 1
                continue
            if free:
                limit[:] = best
                if np.isinf(limit).any():
                    straight(xs[c], n, ys[b], limit)
                row = solve_within(xs[c], n, ys[b], work, limit, False)
            else:
                row = solve(xs[c], n, ys[b], work, best, True)
            if row < 0:
                done[1, start] += 1
                continue
            done[0, start] += 1
            for lane in range(lanes):
                value = work[1][row, lane]
                if value < best[lane] or (value == best[lane] and c < found[lane]):
                    best[lane], found[lane] = value, c
