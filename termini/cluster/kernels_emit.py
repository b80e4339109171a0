"""What the inner loop of dynamic time warping is written with: lanes, costs of cells.

`termini.cluster.kernels_sweep` says what is done. After a change here remove
``__pycache__/kernels*.nb?``: numba keeps what it compiled for `termini.cluster.kernels`
until that file itself changes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba.core import cgutils

#: Rows of the matrix that are done together.
ROWS = 8
#: Series that are done together, by precision.
LANES = {np.dtype(np.float32): 16, np.dtype(np.float64): 8}
#: Integers that hold two bits a lane: whether a cell's path comes diagonally, and, in
#: the upper half, whether it comes from the left if not.
BITS = {np.dtype(np.float32): np.uint32, np.dtype(np.float64): np.uint16}

INT = ir.IntType(64)


def number(value: int) -> ir.Constant:
    """A whole number as an operand."""
    return ir.Constant(INT, value)


class How(NamedTuple):
    """Whether costs are general, which columns are done, whether directions are kept."""

    general: bool
    span: int
    path: bool


class Emitter:
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
        """Address of an element."""
        typed = self.builder.bitcast(pointer, kind.as_pointer())
        return self.builder.gep(typed, [index], inbounds=True)

    def scalar(self, pointer: Any, index: Any, kind: Any = None) -> Any:
        """One element."""
        return self.builder.load(self.at(pointer, index, kind or self.real))

    def _lane_address(self, pointer: Any, index: Any) -> Any:
        first = self.at(pointer, self.builder.mul(index, number(self.lanes)), self.real)
        return self.builder.bitcast(first, self.vec.as_pointer())

    def load(self, pointer: Any, index: Any) -> Any:
        """The lanes at an index."""
        return self.builder.load(self._lane_address(pointer, index), align=4)

    def store(self, value: Any, pointer: Any, index: Any) -> None:
        """Write the lanes at an index."""
        self.builder.store(value, self._lane_address(pointer, index), align=4)

    def spread(self, value: Any) -> Any:
        """One number in every lane."""
        undefined = ir.Constant(self.vec, ir.Undefined)
        first = self.builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
        same = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(first, undefined, same)

    def least(self, a: Any, b: Any) -> Any:
        """The lesser in each lane."""
        return self.builder.select(self.builder.fcmp_ordered("<", a, b), a, b)

    def call(self, name: str, *values: Any) -> Any:
        """An operation of LLVM on all lanes."""
        kind = ir.FunctionType(self.vec, [self.vec] * len(values))
        function = cgutils.get_or_insert_function(
            self.builder.module, kind, f"llvm.{name}.{self.suffix}"
        )
        return self.builder.call(function, values)

    def unless(self, allowed: Any) -> Any:
        """Nothing where a cell may be entered, infinity where not (same in all lanes)."""
        return self.spread(self.builder.select(allowed, self.zero, self.inf))


def plain_cost(e: Emitter, p: dict[str, Any], i0: Any) -> Any:
    """Difference of a cell, to be squared: one channel, no weights."""
    places = [e.builder.add(i0, number(r)) for r in range(ROWS)]
    if p["paired"]:
        x = [e.load(p["x"], place) for place in places]
    else:
        x = [e.spread(e.scalar(p["x"], place)) for place in places]

    def at_column(j: Any, rows: range, y: Any = None) -> dict[int, Any]:
        y = e.load(p["y"], j) if y is None else y
        return {r: e.builder.fsub(x[r], y) for r in rows}

    return at_column


def general_cost(e: Emitter, p: dict[str, Any], i0: Any) -> Any:
    """Whole cost of a cell: channels, weights, missing values, times, lags."""
    b = e.builder
    penalty = e.spread(e.scalar(p["numbers"], number(0)))
    reach = e.spread(e.scalar(p["numbers"], number(1)))
    clocks = [e.spread(e.scalar(p["tx"], b.add(i0, number(r)))) for r in range(ROWS)]
    nothing, infinite = ir.Constant(e.vec, [0.0] * e.lanes), e.spread(e.inf)
    sums = [cgutils.alloca_once(b, e.vec) for _ in range(ROWS)]

    def at_column(j: Any, rows: range, _: Any = None) -> dict[int, Any]:
        clock = e.load(p["ty"], j)
        for r in range(ROWS):
            apart = e.call("fabs", b.fsub(clocks[r], clock))
            near = b.fcmp_ordered("<=", apart, reach)
            b.store(b.select(near, nothing, infinite), sums[r])
        with cgutils.for_range(b, p["channels"], intp=INT) as loop:
            place = b.add(b.mul(j, p["channels"]), loop.index)
            y, u = e.load(p["y"], place), e.load(p["v"], place)
            for r in range(ROWS):
                k = b.add(b.mul(b.add(i0, number(r)), p["channels"]), loop.index)
                d = b.fsub(e.spread(e.scalar(p["x"], k)), y)
                w = b.fmul(e.spread(e.scalar(p["u"], k)), u)
                cost = b.fmul(w, b.fmul(d, d))
                cost = b.select(b.fcmp_ordered(">", w, nothing), cost, penalty)
                b.store(b.fadd(b.load(sums[r]), cost), sums[r])
        lag = b.add(b.sub(b.add(i0, number(0)), j), p["columns"])
        factors = [e.spread(e.scalar(p["lags"], b.add(lag, number(r)))) for r in rows]
        return {r: b.fmul(b.load(sums[r]), f) for r, f in zip(rows, factors, strict=True)}

    return at_column
