"""The inner loop of dynamic time warping: one series against many at once.

The many lie side by side (time, lane), so that one vector instruction does the
same cell of 16 (single precision) or 8 (double precision) matrices. `ROWS` rows of
the matrix are done in one pass over the columns and stay in registers; the cells
above are read and the cells below written once a pass. The loop is written as
LLVM vectors because a compiler that finds the lanes by itself keeps the rows in
memory, which costs half the speed.

A cell takes four vector operations, of which the machine does two a cycle, if it
always finds two whose operands are ready. So the cell above, which is known last,
enters the minimum last, and eight rows are done at once: with four, the wait for the
cell on the left is as long as the work.

After a change here remove ``__pycache__/kernels.*.nb?``: numba keeps what it compiled
for `termini.cluster.kernels` until that file itself changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

#: Rows of the matrix that are done together.
ROWS = 8
#: Series that are done together, by precision.
LANES = {np.dtype(np.float32): 16, np.dtype(np.float64): 8}
#: Integers that hold two bits a lane: whether a cell's path comes diagonally, and, in
#: the upper half, whether it comes from the left if not.
BITS = {np.dtype(np.float32): np.uint32, np.dtype(np.float64): np.uint16}

_INT = ir.IntType(64)


def _number(value: int) -> ir.Constant:
    return ir.Constant(_INT, value)


class _How(NamedTuple):
    """Whether costs are general, which columns are done, whether directions are kept."""

    general: bool
    span: int
    path: bool


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
    places = [e.builder.add(i0, _number(r)) for r in range(ROWS)]
    if p["paired"]:
        x = [e.load(p["x"], place) for place in places]
    else:
        x = [e.spread(e.scalar(p["x"], place)) for place in places]

    def at_column(j: Any, rows: range, y: Any = None) -> dict[int, Any]:
        y = e.load(p["y"], j) if y is None else y
        return {r: e.builder.fsub(x[r], y) for r in rows}

    return at_column


def _general_cost(e: _Emitter, p: dict[str, Any], i0: Any) -> Any:
    """Whole cost of a cell: channels, weights, missing values, times, lags."""
    b = e.builder
    penalty = e.spread(e.scalar(p["numbers"], _number(0)))
    reach = e.spread(e.scalar(p["numbers"], _number(1)))
    clocks = [e.spread(e.scalar(p["tx"], b.add(i0, _number(r)))) for r in range(ROWS)]
    nothing, infinite = ir.Constant(e.vec, [0.0] * e.lanes), e.spread(e.inf)
    sums = [cgutils.alloca_once(b, e.vec) for _ in range(ROWS)]

    def at_column(j: Any, rows: range, _: Any = None) -> dict[int, Any]:
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
        factors = [e.spread(e.scalar(p["lags"], b.add(lag, _number(r)))) for r in rows]
        return {r: b.fmul(b.load(sums[r]), f) for r, f in zip(rows, factors, strict=True)}

    return at_column


#: What a sweep does with the columns before and beside it: `WHOLE` rows from their
#: beginning; `INNER` columns that all rows enter, going on from ``left``; the same
#: with `EDGES`, where ``lo`` and ``hi`` cut rows.
WHOLE, INNER, EDGES = 0, 1, 2


class _Columns:
    """Writes the cells of one column after another; keeps the column before in registers."""

    def __init__(self, e: _Emitter, p: dict[str, Any], i0: Any, how: _How) -> None:
        b = e.builder
        self.e, self.p, self.i0, self.how = e, p, i0, how
        self.cost_at = (_general_cost if how.general else _plain_cost)(e, p, i0)
        if how.span == EDGES:
            rows = [b.add(i0, _number(r)) for r in range(ROWS)]
            self.bounds = [
                (e.scalar(p["lo"], r, _INT), e.scalar(p["hi"], r, _INT)) for r in rows
            ]
        infinite = ir.Constant(e.vec, [float("inf")] * e.lanes)
        start = [infinite] * (ROWS + 1)
        if how.span != WHOLE:
            start = [e.load(p["left"], _number(r)) for r in range(ROWS + 1)]
        self.state = [cgutils.alloca_once_value(b, value) for value in start]
        self.nothing = infinite

    def column(self, j: Any, first: int, end: int) -> None:
        """Rows ``first`` to ``end - 1``; those before have ended, those after not begun."""
        up = self.nothing
        if first == 0:
            up = self.e.load(self.p["row"], self.e.builder.add(j, _number(1)))
        for _ in self._cells(j, first, end, up, self.state[first]):
            pass

    def _cells(
        self, j: Any, first: int, end: int, up: Any, corner: Any, y: Any = None
    ) -> Iterator[None]:
        """One cell of a column after another.

        `up` is the value above the first; `corner` keeps the one before that.
        """
        b = self.e.builder
        diag = b.load(corner)
        b.store(up, corner)
        costs = self.cost_at(j, range(first, end), y)
        for r in range(first, end):
            left = b.load(self.state[r + 1])
            before = self.e.least(self.e.least(left, diag), up)
            if self.how.path:
                self._directions(j, r, before, left, diag)
            new = self._cell(costs[r], before, j, r)
            b.store(new, self.state[r + 1])
            diag, up = left, new
            yield
        if end == ROWS:
            self.e.store(up, self.p["row"], b.add(j, _number(1)))

    def lagging(self, j0: Any, j1: Any) -> None:
        """All rows of some columns, the lower half one column behind the upper.

        So fewer operations wait for one another. The lower half takes what is above
        it from the state before the upper half goes on.
        """
        b, half, y = self.e.builder, ROWS // 2, self.p["y"]
        corner, last = (cgutils.alloca_once(b, self.e.vec) for _ in range(2))

        def lower(j: Any) -> Iterator[None]:
            up, behind = b.load(self.state[half]), b.load(last)
            return self._cells(j, half, ROWS, up, corner, behind)

        with b.if_then(b.icmp_signed("<", j0, j1)):
            b.store(b.load(self.state[half]), corner)
            self.column(j0, 0, half)
            b.store(self.e.load(y, j0), last)
            after = b.add(j0, _number(1))
            with cgutils.for_range_slice(b, after, j1, _number(1), intp=_INT) as (j, _):
                behind = lower(b.sub(j, _number(1)))
                here = self.e.load(y, j)
                above = self.e.load(self.p["row"], b.add(j, _number(1)))
                upper = self._cells(j, 0, half, above, self.state[0], here)
                for _both in zip(behind, upper, strict=True):
                    pass
                b.store(here, last)
            for _cell in lower(b.sub(j1, _number(1))):
                pass

    def _cell(self, cost: Any, before: Any, j: Any, r: int) -> Any:
        e, b = self.e, self.e.builder
        if self.how.general:
            new = b.fadd(cost, before)
        elif e.lanes == 8:  # rounded as tslearn rounds: same bits, same ties
            new = b.fadd(b.fmul(cost, cost), before)
        else:
            new = e.call("fma", cost, cost, before)
        if self.how.span != EDGES:
            return new
        low, high = self.bounds[r]
        inside = b.and_(b.icmp_signed(">=", j, low), b.icmp_signed("<", j, high))
        return b.fadd(new, e.unless(inside))

    def _directions(self, j: Any, r: int, before: Any, left: Any, diag: Any) -> None:
        """Keep where a cell's path comes from: diagonal first, then left, then up."""
        e, b, p = self.e, self.e.builder, self.p
        place = b.add(b.mul(b.add(self.i0, _number(r)), p["columns"]), j)
        cell = b.mul(place, _number(2))
        for k, origin in enumerate((diag, left)):
            bit = b.bitcast(b.fcmp_ordered("==", before, origin), e.bits)
            b.store(bit, e.at(p["bits"], b.add(cell, _number(k)), e.bits), align=1)

    def keep(self) -> None:
        """Write the last column to memory."""
        for r in range(ROWS + 1):
            self.e.store(self.e.builder.load(self.state[r]), self.p["left"], _number(r))


def _emit(e: _Emitter, p: dict[str, Any], where: tuple[Any, ...], how: _How) -> None:
    """The columns ``j0 <= j < j1`` of rows ``i0`` to ``i0 + ROWS - 1``.

    Of `WHOLE` rows ``j0`` is the beginning of the first row and ``j1`` its end; `where`
    goes on with whether the rows begin and end one column after the other. Then no
    cell beside the band is computed.
    """
    b = e.builder
    i0, j0, j1, *steps = where
    columns = _Columns(e, p, i0, how)
    if how.span == WHOLE:
        b.store(e.load(p["row"], j0), columns.state[0])
        with b.if_then(b.icmp_signed("!=", steps[0], _number(0))):
            for k in range(ROWS - 1):
                columns.column(b.add(j0, _number(k)), 0, k + 1)
        j0 = b.add(j0, b.mul(steps[0], _number(ROWS - 1)))
    if how.general or how.span == EDGES:
        with cgutils.for_range_slice(b, j0, j1, _number(1), intp=_INT) as (j, _):
            columns.column(j, 0, ROWS)
    else:
        columns.lagging(j0, j1)
    if how.span == WHOLE:
        with b.if_then(b.icmp_signed("!=", steps[1], _number(0))):
            for k in range(ROWS - 1):
                columns.column(b.add(j1, _number(k)), k + 1, ROWS)
    for r in range(ROWS + 1):
        e.store(b.load(columns.state[r]), p["left"], _number(r))


def _emit_all(
    e: _Emitter, p: dict[str, Any], k0: Any, k1: Any, general: bool, path: bool
) -> None:
    """`ROWS` rows after `ROWS` rows, as the plan says."""
    b = e.builder
    with cgutils.for_range_slice(b, k0, k1, _number(1), intp=_INT) as (k, _):
        at = b.mul(k, _number(6))
        first, inner, outer, end, begins, ends = (
            e.scalar(p["plan"], b.add(at, _number(c)), _INT) for c in range(6)
        )
        i0 = b.mul(k, _number(ROWS))
        regular = b.icmp_signed(">=", b.or_(begins, ends), _number(0))
        if general:
            regular = ir.Constant(ir.IntType(1), 0)
        with b.if_else(regular) as (whole, pieces):
            with whole:
                if not general:
                    _emit(e, p, (i0, first, outer, begins, ends), _How(False, WHOLE, path))
            with pieces:
                _start(e, p, first)
                if general:
                    _emit(e, p, (i0, first, end), _How(True, EDGES, path))
                else:
                    _emit(e, p, (i0, first, inner), _How(False, EDGES, path))
                    _emit(e, p, (i0, inner, outer), _How(False, INNER, path))
                    _emit(e, p, (i0, outer, end), _How(False, EDGES, path))
        nothing = ir.Constant(e.vec, [float("inf")] * e.lanes)
        e.store(nothing, p["row"], first if general else inner)


def _start(e: _Emitter, p: dict[str, Any], first: Any) -> None:
    """Make ``left`` ready for rows that begin at column `first`."""
    nothing = ir.Constant(e.vec, [float("inf")] * e.lanes)
    for r in range(ROWS + 1):
        e.store(nothing if r else e.load(p["row"], first), p["left"], _number(r))


def _plain(e: _Emitter, sig: Any, args: Any) -> dict[str, Any]:
    """Addresses of the arguments ``x``, ``y`` and ``work`` of a plain sweep."""
    x, y, work = sig.args[:3]
    p = _work(e, work, args[2])
    p["x"], p["y"] = e.pointer(x, args[0]), e.pointer(y, args[1])
    p["paired"] = x.ndim == 2
    shape = e.context.make_array(y)(e.context, e.builder, args[1]).shape
    p["columns"] = e.builder.extract_value(shape, 0)
    return p


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def sweep(_typing: Any, x: Any, y: Any, work: Any, k0: Any, k1: Any, path: Any) -> Any:
    """Rows ``k0 * ROWS`` to ``k1 * ROWS - 1`` of the matrix, one channel.

    Parameters
    ----------
    x : array, (rows,) or (rows, lanes)
        The one series, padded to a multiple of `ROWS`; or one for each lane.
    y : array, (T2, lanes)
        The many.
    work : tuple of arrays
        ``row`` (T2 + 1, lanes): the row above, replaced by the last row done;
        ``left`` (ROWS + 1, lanes): replaced by the last column; ``bits`` (rows * T2,):
        directions; ``lo``, ``hi`` (rows,): columns that each row
        may enter; ``plan`` (rows / ROWS, 6): see `termini.cluster.kernels.plan_of`.
    k0, k1 : int
        Where.
    path : literal bool
        Whether directions are kept.
    """
    signature = types.void(x, y, work, types.intp, types.intp, path)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        e = _Emitter(context, builder, y.dtype == types.float32)
        p = _plain(e, sig, args)
        _emit_all(e, p, args[3], args[4], False, bool(path.literal_value))
        return context.get_dummy_value()

    return signature, codegen


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def sweep_columns(_typing: Any, x: Any, y: Any, work: Any, k: Any, span: Any, fresh: Any, path: Any) -> Any:  # fmt: skip # noqa: E501
    """Some columns of the rows ``k * ROWS`` to ``k * ROWS + ROWS - 1``, without limits.

    Parameters
    ----------
    x, y, work, path
        As in `sweep`.
    k : int
        Which rows.
    span : tuple of two int
        First column and end.
    fresh : int
        1 where nothing lies left of the first column, 0 to go on from ``left``.
    """
    signature = types.void(x, y, work, types.intp, span, types.intp, path)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        e = _Emitter(context, builder, y.dtype == types.float32)
        p = _plain(e, sig, args)
        j0, j1 = (builder.extract_value(args[4], c) for c in range(2))
        with builder.if_then(builder.icmp_signed("!=", args[5], _number(0))):
            _start(e, p, j0)
        where = (builder.mul(args[3], _number(ROWS)), j0, j1)
        _emit(e, p, where, _How(False, INNER, bool(path.literal_value)))
        return context.get_dummy_value()

    return signature, codegen


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def sweep_general(_typing: Any, one: Any, many: Any, numbers: Any, lags: Any, work: Any, k0: Any, k1: Any, path: Any) -> Any:  # fmt: skip # noqa: E501
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
    work, k0, k1, path
        As in `sweep`.
    """
    signature = types.void(one, many, numbers, lags, work, types.intp, types.intp, path)

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
        _emit_all(e, p, args[5], args[6], True, bool(path.literal_value))
        return context.get_dummy_value()

    return signature, codegen


def _work(e: _Emitter, kind: Any, value: Any) -> dict[str, Any]:
    names = ("row", "left", "bits", "lo", "hi", "plan")
    return {
        name: e.pointer(kind[k], e.builder.extract_value(value, k)) for k, name in enumerate(names)
    }
