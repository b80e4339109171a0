"""The cells of a pass over the columns, written in the order that keeps the machine busy.

See `termini.cluster.kernels_sweep`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llvmlite import ir
from numba.core import cgutils

from termini.cluster.kernels_emit import INT, ROWS, Emitter, How, general_cost, number, plain_cost

#: What a sweep does with the columns before and beside it: `WHOLE` rows from their
#: beginning; `INNER` columns that all rows enter, going on from ``left``; the same
#: with `EDGES`, where ``lo`` and ``hi`` cut rows.
WHOLE, INNER, EDGES = 0, 1, 2


class _Columns:
    """Writes the cells of one column after another; keeps the column before in registers."""

    def __init__(self, e: Emitter, p: dict[str, Any], i0: Any, how: How) -> None:
        b = e.builder
        self.e, self.p, self.i0, self.how = e, p, i0, how
        self.cost_at = (general_cost if how.general else plain_cost)(e, p, i0)
        if how.span == EDGES:
            rows = [b.add(i0, number(r)) for r in range(ROWS)]
            self.bounds = [(e.scalar(p["lo"], r, INT), e.scalar(p["hi"], r, INT)) for r in rows]
        infinite = ir.Constant(e.vec, [float("inf")] * e.lanes)
        start = [infinite] * (ROWS + 1)
        if how.span != WHOLE:
            start = [e.load(p["left"], number(r)) for r in range(ROWS + 1)]
        self.state = [cgutils.alloca_once_value(b, value) for value in start]
        self.nothing = infinite

    def column(self, j: Any, first: int, end: int) -> None:
        """Rows ``first`` to ``end - 1``; those before have ended, those after not begun."""
        up = self.nothing
        if first == 0:
            up = self.e.load(self.p["row"], self.e.builder.add(j, number(1)))
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
            self.e.store(up, self.p["row"], b.add(j, number(1)))

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
            after = b.add(j0, number(1))
            with cgutils.for_range_slice(b, after, j1, number(1), intp=INT) as (j, _):
                behind = lower(b.sub(j, number(1)))
                here = self.e.load(y, j)
                above = self.e.load(self.p["row"], b.add(j, number(1)))
                upper = self._cells(j, 0, half, above, self.state[0], here)
                for _both in zip(behind, upper, strict=True):
                    pass
                b.store(here, last)
            for _cell in lower(b.sub(j1, number(1))):
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
        place = b.add(b.mul(b.add(self.i0, number(r)), p["columns"]), j)
        cell = b.mul(place, number(2))
        for k, origin in enumerate((diag, left)):
            bit = b.bitcast(b.fcmp_ordered("==", before, origin), e.bits)
            b.store(bit, e.at(p["bits"], b.add(cell, number(k)), e.bits), align=1)

    def keep(self) -> None:
        """Write the last column to memory."""
        for r in range(ROWS + 1):
            self.e.store(self.e.builder.load(self.state[r]), self.p["left"], number(r))


def emit(e: Emitter, p: dict[str, Any], where: tuple[Any, ...], how: How) -> None:
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
        with b.if_then(b.icmp_signed("!=", steps[0], number(0))):
            for k in range(ROWS - 1):
                columns.column(b.add(j0, number(k)), 0, k + 1)
        j0 = b.add(j0, b.mul(steps[0], number(ROWS - 1)))
    if how.general or how.span == EDGES:
        with cgutils.for_range_slice(b, j0, j1, number(1), intp=INT) as (j, _):
            columns.column(j, 0, ROWS)
    else:
        columns.lagging(j0, j1)
    if how.span == WHOLE:
        with b.if_then(b.icmp_signed("!=", steps[1], number(0))):
            for k in range(ROWS - 1):
                columns.column(b.add(j1, number(k)), k + 1, ROWS)
    for r in range(ROWS + 1):
        e.store(b.load(columns.state[r]), p["left"], number(r))


def emit_all(e: Emitter, p: dict[str, Any], k0: Any, k1: Any, general: bool, path: bool) -> None:
    """`ROWS` rows after `ROWS` rows, as the plan says."""
    b = e.builder
    with cgutils.for_range_slice(b, k0, k1, number(1), intp=INT) as (k, _):
        at = b.mul(k, number(6))
        first, inner, outer, end, begins, ends = (
            e.scalar(p["plan"], b.add(at, number(c)), INT) for c in range(6)
        )
        i0 = b.mul(k, number(ROWS))
        regular = b.icmp_signed(">=", b.or_(begins, ends), number(0))
        if general:
            regular = ir.Constant(ir.IntType(1), 0)
        with b.if_else(regular) as (whole, pieces):
            with whole:
                if not general:
                    emit(e, p, (i0, first, outer, begins, ends), How(False, WHOLE, path))
            with pieces:
                start_left(e, p, first)
                if general:
                    emit(e, p, (i0, first, end), How(True, EDGES, path))
                else:
                    emit(e, p, (i0, first, inner), How(False, EDGES, path))
                    emit(e, p, (i0, inner, outer), How(False, INNER, path))
                    emit(e, p, (i0, outer, end), How(False, EDGES, path))
        nothing = ir.Constant(e.vec, [float("inf")] * e.lanes)
        e.store(nothing, p["row"], first if general else inner)


def start_left(e: Emitter, p: dict[str, Any], first: Any) -> None:
    """Make ``left`` ready for rows that begin at column `first`."""
    nothing = ir.Constant(e.vec, [float("inf")] * e.lanes)
    for r in range(ROWS + 1):
        e.store(nothing if r else e.load(p["row"], first), p["left"], number(r))
