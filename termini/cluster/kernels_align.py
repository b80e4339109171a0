"""Compiled alignments to a centre: paths, what meets each sample, averaging steps.

As `termini.cluster.kernels`; after a change in `termini.cluster.kernels_sweep` remove
``__pycache__/kernels*.nb?``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from termini.cluster.kernels import (
    Array,
    compiled,
    inner,
    plan_of,
    slack,
    solve_general,
    solve_path,
    solve_within,
    straight,
    unlimited,
    workspace,
)
from termini.cluster.kernels_emit import ROWS
from termini.compiling import compiler


@inner
def _step(bits: Array, cell: int, lane: int, lanes: int) -> Any:
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
def _back(at: Any, weight: Any, where: Any, into: Any) -> Any:
    """Add what a lane meets at a cell to its sums, and go back one cell.

    `at` counts cells of the matrix, sums and values, all unsigned so that no index is
    checked for being negative; a lane at the first cell stays there and weighs 0.
    """
    bits, values, total, count, first = into
    columns, lanes, lane = where
    cell, i, j = at
    first[i] = j
    total[i] += weight * values[j]
    count[i] += weight
    word, one, zero = np.uint64(bits[cell]), np.uint64(1), weight - weight
    going = np.uint64(cell != np.uint64(0))
    diagonal = (word >> lane) & one
    left = (word >> (lane + lanes)) & one & ~diagonal
    up, back = (one - left) * going, (diagonal | left) * going
    at = cell - up * columns - back, i - up * lanes, j - back * lanes
    return at, weight if cell != np.uint64(0) else zero


@inner
def _gather(bits: Array, y: Array, n: int, used: Array, total: Array, count: Array, first: Array) -> None:  # fmt: skip # noqa: E501
    """Follow the paths of the lanes in use; add up what meets each sample.

    `total`, `count` (n * lanes,): sum of weight times value, and of weight; `first`
    (n * lanes,): the first value that meets it, as a place in `y`. Four lanes go
    together, because each waits for its next direction.
    """
    total[:], count[:] = 0.0, 0.0
    values = y.reshape(-1)
    columns, lanes = np.uint64(y.shape[0]), np.uint64(y.shape[1])
    into = (bits, values, total, count, first)
    for lane in range(0, y.shape[1], 4):
        a, b, c, d = (
            np.uint64(lane), np.uint64(lane + 1), np.uint64(lane + 2), np.uint64(lane + 3)
        )  # fmt: skip
        p, u = _begin(n, columns, lanes, a, used)
        q, v = _begin(n, columns, lanes, b, used)
        r, w = _begin(n, columns, lanes, c, used)
        s, x = _begin(n, columns, lanes, d, used)
        going = True
        while going:
            going = (p[0] | q[0] | r[0] | s[0]) != np.uint64(0)
            p, u = _back(p, u, (columns, lanes, a), into)
            q, v = _back(q, v, (columns, lanes, b), into)
            r, w = _back(r, w, (columns, lanes, c), into)
            s, x = _back(s, x, (columns, lanes, d), into)


@njit(inline="always", error_model="numpy")  # type: ignore[untyped-decorator]
def _begin(n: int, columns: Any, lanes: Any, lane: Any, used: Array) -> Any:
    """The end of a lane's path; its beginning where the lane is not in use."""
    some = np.uint64(used[lane] != 0.0)
    rows = np.uint64(n) * some
    last, ahead = (np.uint64(n - 1) * lanes) * some, ((columns - np.uint64(1)) * lanes) * some
    return (rows * columns - some, last + lane, ahead + lane), used[lane]


@inner
def _corridor(first: Array, n: int, columns: int, used: Array, radius: int, work: Any) -> Any:
    """`work` for the cells near the paths of the lanes in use, see `_gather`.

    `ROWS` rows have the same columns: those from the least to the largest that a path
    meets there, and `radius` more on either side.
    """
    lanes, lo, hi = used.shape[0], np.empty_like(work[3]), np.empty_like(work[4])
    for i in range(0, lo.shape[0], ROWS):
        low, high = columns, 0 if i + ROWS < n else columns
        for lane in range(lanes):
            if used[lane] != 0.0:
                low = min(low, first[i * lanes + lane] // lanes)
                if i + ROWS < n:
                    high = max(high, first[(i + ROWS) * lanes + lane] // lanes + 1)
        lo[i : i + ROWS] = max(low - radius, 0)
        hi[i : i + ROWS] = min(high + radius, columns)
    return work[0], work[1], work[2], lo, hi, plan_of(lo, hi)


@inner
def _align_block(x: Array, n: int, y: Array, work: Any, used: Array, bound: Array) -> int:
    """Alignment of each lane in use; cells that cannot matter are left out.

    `bound` (lanes,) is changed: at least the squared DTW of each lane, or infinite; if
    it turns out too small, all is done again.
    """
    if not unlimited(work[3][:n], work[4][:n], y.shape[0]):
        return solve_path(x, n, y, work)
    if np.isinf(bound).any():
        straight(x, n, y, bound)
    for lane in range(y.shape[1]):
        if used[lane] == 0.0:
            bound[lane] = -1.0
    row = solve_within(x, n, y, work, bound, True)
    good = row >= 0
    if good:
        for lane in range(y.shape[1]):
            good &= bound[lane] < 0.0 or work[1][row, lane] <= bound[lane]
    return row if good else solve_path(x, n, y, work)


@compiled
def align(x: Array, n: int, ys: Array, lo: Array, hi: Array, bits: Array, used: Array, out: Array, bound: Array, radius: int, sums: Array, counts: Array, met: Any) -> None:  # fmt: skip # noqa: E501
    """Align each lane to the centre `x` (rows,) and add up what meets its samples.

    `used` (blocks, lanes) are the weights of the series, 0 for lanes without one.
    `out` (blocks, lanes): squared DTW. `bound` (blocks, lanes): see `_align_block`.
    `sums`, `counts` (n, 1) are added to. `met`: what each lane meets, see `_gather`:
    (blocks, n * lanes) thrice. With a `radius` that is not negative only cells near the
    paths in `met` are entered; then `bound` is not used.
    """
    columns, lanes = ys.shape[1], ys.shape[2]
    work = workspace(ys, columns, x.shape[0] * columns, bits, lo, hi)
    total, count, first = met
    weight = used.astype(ys.dtype)
    added = np.zeros((2, n * lanes))
    for b in range(ys.shape[0]):
        if radius < 0:
            row = _align_block(x, n, ys[b], work, used[b], bound[b])
        else:
            row = solve_path(x, n, ys[b], _corridor(first[b], n, columns, used[b], radius, work))
        for lane in range(lanes):
            out[b, lane] = work[1][row, lane] if used[b, lane] != 0.0 else 0.0
        _gather(work[2], ys[b], n, weight[b], total[b], count[b], first[b])
        _add(added[0], total[b])
        _add(added[1], count[b])
    _add_lanes(sums, added[0])
    _add_lanes(counts, added[1])


@inner
def _add(to: Array, what: Array) -> None:
    for k in range(to.shape[0]):
        to[k] += what[k]


@compiler(inner=True, error_model="numpy", fastmath={"reassoc"})
def _add_lanes(to: Array, what: Array) -> None:
    """Add up what all lanes met at each sample."""
    lanes = what.shape[0] // to.shape[0]
    for i in range(to.shape[0]):
        whole = 0.0
        for k in range(i * lanes, (i + 1) * lanes):
            whole += what[k]
        to[i, 0] += whole


@inner
def _bound_next(old: Array, new: Array, total: Array, count: Array, used: Array, out: Array, bound: Array) -> None:  # fmt: skip # noqa: E501
    """Cost of the paths of the last alignment with the centre as it is now, from above."""
    lanes = bound.shape[0]
    change, size = np.zeros(lanes), np.zeros(lanes)
    for i in range(old.shape[0]):
        step, both = np.float64(new[i]) - np.float64(old[i]), np.float64(new[i]) + old[i]
        for lane in range(lanes):
            k = i * lanes + lane
            add = step * (both * count[k] - 2.0 * total[k])
            change[lane] += add
            size[lane] += abs(add)
    for lane in range(lanes):
        bound[lane] = np.inf
        if used[lane] > 0.0:
            cost = out[lane] + (change[lane] + slack(0, bound) * size[lane]) / used[lane]
            bound[lane] = cost + slack(old.shape[0], bound) * (out[lane] + abs(cost))


@compiled
def refine(centre: Array, ys: Array, lo: Array, hi: Array, bits: Array, used: Array, out: Array, bound: Array, steps: int, tol: float, relax: float, radius: int) -> tuple[bool, float]:  # fmt: skip # noqa: E501
    """Averaging steps of a centre (T,), which is changed; see `termini.cluster.dba.average`.

    `bound` (blocks, lanes) is at least the squared DTW to the centre as it is given, or
    infinite. Steps after the first enter only cells that lie no more than `radius` from
    the paths of the last, unless it is negative or there is a window: the last paths are
    among them, so that the cost does not rise. Gives whether the centre stands still,
    and the cost of the last alignment.
    """
    n, (blocks, columns, lanes) = centre.shape[0], ys.shape
    x = np.zeros(lo.shape[0], ys.dtype)
    met = (
        np.empty((blocks, n * lanes), ys.dtype), np.empty((blocks, n * lanes), ys.dtype),
        np.zeros((blocks, n * lanes), np.int64),
    )  # fmt: skip
    old, place = x.copy(), centre.copy()
    cost = np.inf
    free = unlimited(lo[:n], hi[:n], columns)
    for step in range(steps):
        old[:n] = x[:n]
        x[:n] = place
        near = radius if step > 0 and free else -1
        for b in range(blocks if step > 0 and free and near < 0 else 0):
            _bound_next(old[:n], x[:n], met[0][b], met[1][b], used[b], out[b], bound[b])
        sums, counts = np.zeros((n, 1)), np.zeros((n, 1))
        align(x, n, ys, lo, hi, bits, used, out, bound, near, sums, counts, met)
        now, same = 0.0, True
        for b in range(blocks):
            for lane in range(lanes):
                now += used[b, lane] * out[b, lane]
        if now > cost:
            return True, cost
        for i in range(n):
            if counts[i, 0] > 0.0:
                value = sums[i, 0] / counts[i, 0]
                same &= value == place[i]
                centre[i] = value
                place[i] = value if relax == 1.0 else place[i] + relax * (value - place[i])
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
        out[b] = work[1][solve_general(one, n, y, numbers, lags, work, True)]
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
