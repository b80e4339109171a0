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

After a change here remove ``__pycache__/kernels*.nb?``: numba keeps what it compiled
for `termini.cluster.kernels` until that file itself changes.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

from termini.cluster.kernels_columns import INNER, emit, emit_all, start_left
from termini.cluster.kernels_emit import ROWS, Emitter, How, number


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
        e = Emitter(context, builder, y.dtype == types.float32)
        p = plain_arguments(e, sig, args)
        emit_all(e, p, args[3], args[4], False, bool(path.literal_value))
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
        e = Emitter(context, builder, y.dtype == types.float32)
        p = plain_arguments(e, sig, args)
        j0, j1 = (builder.extract_value(args[4], c) for c in range(2))
        with builder.if_then(builder.icmp_signed("!=", args[5], number(0))):
            start_left(e, p, j0)
        where = (builder.mul(args[3], number(ROWS)), j0, j1)
        emit(e, p, where, How(False, INNER, bool(path.literal_value)))
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
        e = Emitter(context, builder, numbers.dtype == types.float32)
        p = work_arguments(e, sig.args[4], args[4])
        for names, kind, value in (("x u tx", one, args[0]), ("y v ty", many, args[1])):
            for k, name in enumerate(names.split()):
                p[name] = e.pointer(kind[k], builder.extract_value(value, k))
        p["numbers"], p["lags"] = e.pointer(numbers, args[2]), e.pointer(lags, args[3])
        y = context.make_array(many[0])(context, builder, builder.extract_value(args[1], 0))
        p["columns"] = builder.extract_value(y.shape, 0)
        p["channels"] = builder.extract_value(y.shape, 1)
        emit_all(e, p, args[5], args[6], True, bool(path.literal_value))
        return context.get_dummy_value()

    return signature, codegen


def plain_arguments(e: Emitter, sig: Any, args: Any) -> dict[str, Any]:
    """Addresses of the arguments ``x``, ``y`` and ``work`` of a plain sweep."""
    x, y, work = sig.args[:3]
    p = work_arguments(e, work, args[2])
    p["x"], p["y"] = e.pointer(x, args[0]), e.pointer(y, args[1])
    p["paired"] = x.ndim == 2
    shape = e.context.make_array(y)(e.context, e.builder, args[1]).shape
    p["columns"] = e.builder.extract_value(shape, 0)
    return p


def work_arguments(e: Emitter, kind: Any, value: Any) -> dict[str, Any]:
    """Addresses of the buffers, see `sweep`."""
    names = ("row", "left", "bits", "lo", "hi", "plan")
    return {
        name: e.pointer(kind[k], e.builder.extract_value(value, k)) for k, name in enumerate(names)
    }
