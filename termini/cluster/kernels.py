"""Compiled drivers of the sweeps: many distances, nearest centres, alignments.

All work on blocks of series side by side, as `termini.cluster.distance_blocks`
makes them. They release the interpreter lock and do every `step`-th item from
`start`, so that threads share the work without sharing anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import literally, njit
from numpy.typing import NDArray

from termini.cluster.kernels_sweep import ROWS, sweep, sweep_general

F = TypeVar("F", bound=Callable[..., Any])
Array = NDArray[Any]

#: A row minimum is compared with the bound after this many times `ROWS` rows.
_CHECK = 4


def compiled(function: F) -> F:
    """Compile without the interpreter lock and keep the result on disk."""
    return cast(F, njit(cache=True, nogil=True, error_model="numpy")(function))


@compiled
def _above(row: Array, first: int, last: int, bound: Array) -> bool:
    """Whether no lane can come below its bound any more."""
    for lane in range(row.shape[1]):
        for j in range(first, last):
            if row[j + 1, lane] <= bound[lane]:
                return False
    return True


@compiled
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


@compiled
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
def _solve_path(x: Array, n: int, y: Array, work: Any) -> int:
    """As `solve`, and keeps the directions."""
    row = work[0]
    row[:] = np.inf
    row[0] = 0.0
    sweep(x, y, work, 0, (n + ROWS - 1) // ROWS, True)
    return (n - 1) % ROWS + 1


@compiled
def _solve_general(one: Any, n: int, many: Any, numbers: Array, lags: Array, work: Any, path: Any) -> int:  # fmt: skip # noqa: E501
    """As `solve` with what `sweep_general` knows; `path` (literal) keeps the directions."""
    literally(path)
    row = work[0]
    row[:] = np.inf
    row[0] = 0.0
    sweep_general(one, many, numbers, lags, work, 0, (n + ROWS - 1) // ROWS, path)
    return (n - 1) % ROWS + 1


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
            out[i, b] = work[1][_solve_general(x, n, y, numbers, lags, work, False)]


@compiled
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
    where the smallest value of a row is. `guess` (blocks,) is tried first; `done`
    (3, threads) counts centres solved, abandoned and left out.
    """
    lower, upper = envelopes
    k, lanes = xs.shape[0], ys.shape[2]
    work = workspace(ys, ys.shape[1], 1, bits, lo, hi)
    bounds, least = np.zeros((k, lanes), ys.dtype), np.zeros(k, ys.dtype)
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
            row = solve(xs[c], n, ys[b], work, best, True)
            if row < 0:
                done[1, start] += 1
                continue
            done[0, start] += 1
            for lane in range(lanes):
                value = work[1][row, lane]
                if value < best[lane] or (value == best[lane] and c < found[lane]):
                    best[lane], found[lane] = value, c


@compiled
def _step(bits: Array, cell: int, lane: int, lanes: int) -> tuple[int, int]:
    """Rows and columns to go back from a cell of a lane."""
    word = np.int64(bits[cell])
    diagonal = (word >> lane) & 1
    left = (word >> (lane + lanes)) & 1 & ~diagonal
    return 1 - left, diagonal | left


@compiled
def trace(bits: Array, columns: int, n: int, lane: int, lanes: int, path: Array) -> int:
    """Cells of the alignment of a lane, from the end; gives their number."""
    i, j, length = n - 1, columns - 1, 0
    while True:
        path[length, 0], path[length, 1] = i, j
        length += 1
        if i == 0 and j == 0:
            return length
        up, back = _step(bits, i * columns + j, lane, lanes)
        i, j = i - up, j - back


@njit(inline="always", error_model="numpy")  # type: ignore[untyped-decorator]
def _back(at: Any, weight: float, where: Any, into: Any) -> Any:
    """Add what a lane meets at a cell to the sums, and go back one cell.

    `at` counts cells of the matrix, sums and values, all unsigned so that no index is
    checked for being negative; a lane at the first cell stays there and weighs 0.
    """
    bits, values, total, count = into
    columns, lanes, lane = where
    cell, i, j = at
    total[i] += weight * values[j]
    count[i] += weight
    word, one = np.uint64(bits[cell]), np.uint64(1)
    going = np.uint64(cell != np.uint64(0))
    diagonal = (word >> lane) & one
    left = (word >> (lane + lanes)) & one & ~diagonal
    up, back = (one - left) * going, (diagonal | left) * going
    return (cell - up * columns - back, i - up * lanes, j - back * lanes), weight * going


@compiled
def _gather(bits: Array, y: Array, n: int, used: Array, total: Array, count: Array) -> None:
    """Follow the paths of the lanes; add up what meets each sample.

    `total`, `count` (n * lanes,): sum of weight times value, and of weight. Four lanes
    go together, because each waits for its next direction.
    """
    values = y.reshape(-1)
    columns, lanes = np.uint64(y.shape[0]), np.uint64(y.shape[1])
    into = (bits, values, total, count)
    end = np.uint64(n) * columns - np.uint64(1)
    last, ahead = np.uint64(n - 1) * lanes, (columns - np.uint64(1)) * lanes
    for first in range(0, y.shape[1], 4):
        a, b, c, d = (
            np.uint64(first), np.uint64(first + 1), np.uint64(first + 2), np.uint64(first + 3)
        )  # fmt: skip
        p, q = (end, last + a, ahead + a), (end, last + b, ahead + b)
        r, s = (end, last + c, ahead + c), (end, last + d, ahead + d)
        u, v, w, x = used[a], used[b], used[c], used[d]
        going = True
        while going:
            going = (p[0] | q[0] | r[0] | s[0]) != np.uint64(0)
            p, u = _back(p, u, (columns, lanes, a), into)
            q, v = _back(q, v, (columns, lanes, b), into)
            r, w = _back(r, w, (columns, lanes, c), into)
            s, x = _back(s, x, (columns, lanes, d), into)


@compiled
def align(x: Array, n: int, ys: Array, lo: Array, hi: Array, bits: Array, used: Array, out: Array, sums: Array, counts: Array) -> None:  # fmt: skip # noqa: E501
    """Align each lane to the centre `x` (rows,) and add up what meets its samples.

    `used` (blocks, lanes) are the weights of the series, 0 for lanes without one.
    `out` (blocks, lanes): squared DTW. `sums`, `counts` (n, 1) are added to.
    """
    columns, lanes = ys.shape[1], ys.shape[2]
    work = workspace(ys, columns, x.shape[0] * columns, bits, lo, hi)
    total, count = np.zeros(n * lanes), np.zeros(n * lanes)
    for b in range(ys.shape[0]):
        out[b] = work[1][_solve_path(x, n, ys[b], work)]
        _gather(work[2], ys[b], n, used[b], total, count)
    for i in range(n):
        for k in range(i * lanes, (i + 1) * lanes):
            sums[i, 0] += total[k]
            counts[i, 0] += count[k]


@compiled
def refine(centre: Array, ys: Array, lo: Array, hi: Array, bits: Array, used: Array, out: Array, steps: int, tol: float) -> tuple[bool, float]:  # fmt: skip # noqa: E501
    """Averaging steps of a centre (T,), which is changed; see `termini.cluster.dba.average`.

    Gives whether it stands still, and the cost of the last alignment.
    """
    n = centre.shape[0]
    x = np.zeros(lo.shape[0], ys.dtype)
    cost = np.inf
    for _ in range(steps):
        x[:n] = centre
        sums, counts = np.zeros((n, 1)), np.zeros((n, 1))
        align(x, n, ys, lo, hi, bits, used, out, sums, counts)
        now, same = 0.0, True
        for b in range(ys.shape[0]):
            for lane in range(ys.shape[2]):
                now += used[b, lane] * out[b, lane]
        if now > cost:
            return True, cost
        for i in range(n):
            if counts[i, 0] > 0.0:
                value = sums[i, 0] / counts[i, 0]
                same &= value == centre[i]
                centre[i] = value
        if cost - now <= tol or same:
            return True, now
        cost = now
    return False, cost


@compiled
def align_general(one: Any, n: int, many: Any, numbers: Array, lags: Array, lo: Array, hi: Array, bits: Array, used: Array, out: Array, sums: Array, counts: Array, paths: Array, lengths: Array) -> None:  # fmt: skip # noqa: E501
    """As `align` with the values, weights and times of `sweep_general`, d channels."""
    ys, vs, tys = many
    columns, lanes = ys.shape[1], ys.shape[3]
    work = workspace(ys, columns, one[0].shape[0] * columns, bits, lo, hi)
    path = np.empty((n + columns, 2), np.int32)
    for b in range(ys.shape[0]):
        y = (ys[b], vs[b], tys[b])
        out[b] = work[1][_solve_general(one, n, y, numbers, lags, work, True)]
        for lane in range(lanes):
            weight = used[b, lane]
            if weight == 0.0:
                continue
            length = trace(work[2], columns, n, lane, lanes, path)
            for p in range(length):
                i, j = path[p, 0], path[p, 1]
                for c in range(ys.shape[2]):
                    share = weight * vs[b, j, c, lane] * lags[i - j + columns]
                    sums[i, c] += share * ys[b, j, c, lane]
                    counts[i, c] += share
            if paths.shape[0] > 0:
                paths[b, lane, :length] = path[:length]
                lengths[b, lane] = length
