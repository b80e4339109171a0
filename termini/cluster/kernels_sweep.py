"""The inner loop of dynamic time warping: one series against many at once.

The many lie side by side (time, lane), so that one vector instruction does the
same cell of 16 (single precision) or 8 (double precision) matrices. `ROWS` rows of
the matrix are done in one pass over the columns and stay in registers; the cells
above are read and the cells below written once a pass. The loop is written as
LLVM vectors because a compiler that finds the lanes by itself keeps the rows in
memory, which costs half the speed.

After a change here remove ``__pycache__/kernels.*.nb?``: numba keeps what it compiled
for `termini.cluster.kernels` until that file itself changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

#: Rows of the matrix that are done together.
ROWS = 4
#: Series that are done together, by precision.
LANES = {np.dtype(np.float32): 16, np.dtype(np.float64): 8}
#: Integers that hold one bit a lane.
BITS = {np.dtype(np.float32): np.uint16, np.dtype(np.float64): np.uint8}

_INT = ir.IntType(64)


def _number(value: int) -> ir.Constant:
    return ir.Constant(_INT, value)


class _Emitter:
    """Writes the instructions of one sweep; `context`, `builder` are numba's."""

    def __init__(self, context: Any, builder: Any, single: bool) -> None:
        self.context, self.builder = context, builder
        self.lanes = 16 if single else 8
        self.real = ir.FloatType() if single else ir.DoubleType()
        self.vec = ir.VectorType(self.real, self.lanes)
        self.bits = ir.IntType(self.lanes)
        self.suffix = f"v{self.lanes}f{32 if single else 64}"
        self.inf = ir.Constant(self.real, float("inf"))
        self.zero = ir.Constant(self.real, 0.0)

    def pointer(self, kind: Any, value: Any) -> Any:
        """Address of the first element of a contiguous array."""
        return self.context.make_array(kind)(self.context, self.builder, value).data

    def at(self, pointer: Any, index: Any, kind: Any) -> Any:
        typed = self.builder.bitcast(pointer, kind.as_pointer())
        return self.builder.gep(typed, [index], inbounds=True)

    def scalar(self, pointer: Any, index: Any, kind: Any = None) -> Any:
        return self.builder.load(self.at(pointer, index, kind or self.real))

    def _lane_address(self, pointer: Any, index: Any) -> Any:
        first = self.at(pointer, self.builder.mul(index, _number(self.lanes)), self.real)
        return self.builder.bitcast(first, self.vec.as_pointer())

    def load(self, pointer: Any, index: Any) -> Any:
        return self.builder.load(self._lane_address(pointer, index), align=4)

    def store(self, value: Any, pointer: Any, index: Any) -> None:
        self.builder.store(value, self._lane_address(pointer, index), align=4)

    def spread(self, value: Any) -> Any:
        """One number in every lane."""
        undefined = ir.Constant(self.vec, ir.Undefined)
        first = self.builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
        same = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(first, undefined, same)

    def least(self, a: Any, b: Any) -> Any:
        return self.builder.select(self.builder.fcmp_ordered("<", a, b), a, b)

    def call(self, name: str, *values: Any) -> Any:
        kind = ir.FunctionType(self.vec, [self.vec] * len(values))
        function = cgutils.get_or_insert_function(
            self.builder.module, kind, f"llvm.{name}.{self.suffix}"
        )
        return self.builder.call(function, values)

    def unless(self, allowed: Any) -> Any:
        """Nothing where a cell may be entered, infinity where not (same in all lanes)."""
        return self.spread(self.builder.select(allowed, self.zero, self.inf))


def _plain_cost(e: _Emitter, p: dict[str, Any], i0: Any) -> Any:
    """Difference of a cell, to be squared: one channel, no weights."""
    rows = [e.spread(e.scalar(p["x"], e.builder.add(i0, _number(r)))) for r in range(ROWS)]

    def at_column(j: Any) -> list[Any]:
        y = e.load(p["y"], j)
        return [e.builder.fsub(x, y) for x in rows]

    return at_column


def _general_cost(e: _Emitter, p: dict[str, Any], i0: Any) -> Any:
    """Whole cost of a cell: channels, weights, missing values, times, lags."""
    b = e.builder
    penalty = e.spread(e.scalar(p["numbers"], _number(0)))
    reach = e.spread(e.scalar(p["numbers"], _number(1)))
    clocks = [e.spread(e.scalar(p["tx"], b.add(i0, _number(r)))) for r in range(ROWS)]
    nothing, infinite = ir.Constant(e.vec, [0.0] * e.lanes), e.spread(e.inf)
    sums = [cgutils.alloca_once(b, e.vec) for _ in range(ROWS)]

    def at_column(j: Any) -> list[Any]:
        clock = e.load(p["ty"], j)
        for r in range(ROWS):
            apart = e.call("fabs", b.fsub(clocks[r], clock))
            near = b.fcmp_ordered("<=", apart, reach)
            b.store(b.select(near, nothing, infinite), sums[r])
        with cgutils.for_range(b, p["channels"], intp=_INT) as loop:
            place = b.add(b.mul(j, p["channels"]), loop.index)
            y, u = e.load(p["y"], place), e.load(p["v"], place)
            for r in range(ROWS):
                k = b.add(b.mul(b.add(i0, _number(r)), p["channels"]), loop.index)
                d = b.fsub(e.spread(e.scalar(p["x"], k)), y)
                w = b.fmul(e.spread(e.scalar(p["u"], k)), u)
                cost = b.fmul(w, b.fmul(d, d))
                cost = b.select(b.fcmp_ordered(">", w, nothing), cost, penalty)
                b.store(b.fadd(b.load(sums[r]), cost), sums[r])
        lag = b.add(b.sub(b.add(i0, _number(0)), j), p["columns"])
        factors = [e.spread(e.scalar(p["lags"], b.add(lag, _number(r)))) for r in range(ROWS)]
        return [b.fmul(b.load(s), f) for s, f in zip(sums, factors, strict=True)]

    return at_column


def _directions(e: _Emitter, p: dict[str, Any], cell: Any, up: Any, left: Any, diag: Any) -> None:
    """Keep where a cell's path comes from: diagonal first, then left, then up."""
    b = e.builder
    first = b.and_(b.fcmp_ordered("<=", diag, left), b.fcmp_ordered("<=", diag, up))
    second = b.fcmp_ordered("<=", left, up)
    b.store(b.bitcast(first, e.bits), e.at(p["bits"], cell, e.bits), align=1)
    after = b.add(cell, _number(1))
    b.store(b.bitcast(second, e.bits), e.at(p["bits"], after, e.bits), align=1)


def _emit(
    e: _Emitter, p: dict[str, Any], span: tuple[Any, Any, Any], how: tuple[bool, ...]
) -> None:
    """The loop over columns ``j0 <= j < j1`` of rows ``i0`` to ``i0 + ROWS - 1``."""
    b = e.builder
    i0, j0, j1 = span
    general, masked, path = how
    cost_at = (_general_cost if general else _plain_cost)(e, p, i0)
    if masked:
        rows = [b.add(i0, _number(r)) for r in range(ROWS)]
        bounds = [(e.scalar(p["lo"], r, _INT), e.scalar(p["hi"], r, _INT)) for r in rows]
    state = [cgutils.alloca_once_value(b, e.load(p["left"], _number(r))) for r in range(ROWS + 1)]
    with cgutils.for_range_slice(b, j0, j1, _number(1), intp=_INT) as (j, _):
        costs = cost_at(j)
        below = b.add(j, _number(1))
        up = corner = e.load(p["row"], below)
        diag = b.load(state[0])
        for r in range(ROWS):
            left = b.load(state[r + 1])
            if path:
                place = b.add(b.mul(i0, p["columns"]), b.add(b.mul(j, _number(ROWS)), _number(r)))
                _directions(e, p, b.mul(place, _number(2)), up, left, diag)
            before = e.least(e.least(up, diag), left)
            if general:
                new = b.fadd(costs[r], before)
            elif path or e.lanes == 8:  # rounded as tslearn rounds: same bits, same ties
                new = b.fadd(b.fmul(costs[r], costs[r]), before)
            else:
                new = e.call("fma", costs[r], costs[r], before)
            if masked:
                low, high = bounds[r]
                inside = b.and_(b.icmp_signed(">=", j, low), b.icmp_signed("<", j, high))
                new = b.fadd(new, e.unless(inside))
            b.store(new, state[r + 1])
            diag, up = left, new
        b.store(corner, state[0])
        e.store(up, p["row"], below)
    for r in range(ROWS + 1):
        e.store(b.load(state[r]), p["left"], _number(r))


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def sweep(_typing: Any, x: Any, y: Any, work: Any, i0: Any, j0: Any, j1: Any, masked: Any, path: Any) -> Any:  # fmt: skip # noqa: E501
    """Columns ``j0`` to ``j1 - 1`` of `ROWS` rows from ``i0``, one channel.

    Parameters
    ----------
    x : array, (rows,)
        The one series, padded to a multiple of `ROWS`.
    y : array, (T2, lanes)
        The many.
    work : tuple of arrays
        ``row`` (T2 + 1, lanes): the row above, replaced by the last row done;
        ``left`` (ROWS + 1, lanes): the column before ``j0``, replaced by column
        ``j1 - 1``; ``bits`` (rows * T2 * 2,): directions; ``lo``, ``hi`` (rows,):
        columns that each row may enter.
    i0, j0, j1 : int
        Where.
    masked, path : literal bool
        Whether `lo` and `hi` cut the rows here, and whether directions are kept.
    """
    how = (False, bool(masked.literal_value), bool(path.literal_value))
    signature = types.void(x, y, work, types.intp, types.intp, types.intp, masked, path)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        e = _Emitter(context, builder, y.dtype == types.float32)
        p = _work(e, sig.args[2], args[2])
        p["x"], p["y"] = e.pointer(x, args[0]), e.pointer(y, args[1])
        shape = context.make_array(y)(context, builder, args[1]).shape
        p["columns"] = builder.extract_value(shape, 0)
        _emit(e, p, args[3:6], how)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def sweep_general(_typing: Any, one: Any, many: Any, numbers: Any, lags: Any, work: Any, i0: Any, j0: Any, j1: Any, path: Any) -> Any:  # fmt: skip # noqa: E501
    """As `sweep` with channels, weights, missing values, times and lag weights.

    Parameters
    ----------
    one : tuple of arrays
        ``x`` (rows, d), weights ``u`` (rows, d), times ``tx`` (rows,).
    many : tuple of arrays
        ``y`` (T2, d, lanes), weights ``v`` (T2, d, lanes), times ``ty`` (T2, lanes).
    numbers : array, (2,)
        Cost of a cell and channel whose weight is 0; largest difference of times.
    lags : array, (rows + T2 + 1,)
        Factor of a cell by ``i - j + T2``.
    work, i0, j0, j1, path
        As in `sweep`; `lo` and `hi` always apply.
    """
    how = (True, True, bool(path.literal_value))
    signature = types.void(one, many, numbers, lags, work, types.intp, types.intp, types.intp, path)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        e = _Emitter(context, builder, numbers.dtype == types.float32)
        p = _work(e, sig.args[4], args[4])
        for names, kind, value in (("x u tx", one, args[0]), ("y v ty", many, args[1])):
            for k, name in enumerate(names.split()):
                p[name] = e.pointer(kind[k], builder.extract_value(value, k))
        p["numbers"], p["lags"] = e.pointer(numbers, args[2]), e.pointer(lags, args[3])
        y = context.make_array(many[0])(context, builder, builder.extract_value(args[1], 0))
        p["columns"] = builder.extract_value(y.shape, 0)
        p["channels"] = builder.extract_value(y.shape, 1)
        _emit(e, p, args[5:8], how)
        return context.get_dummy_value()

    return signature, codegen


def _work(e: _Emitter, kind: Any, value: Any) -> dict[str, Any]:
    names = ("row", "left", "bits", "lo", "hi")
    return {
        name: e.pointer(kind[k], e.builder.extract_value(value, k)) for k, name in enumerate(names)
    }
