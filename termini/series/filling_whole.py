"""Complete fronts of a glacier as examples of what ends of fronts enclose."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from termini.series.completed import Net
from termini.series.engine import Engine, Traces
from termini.series.filling_model import NODES, Known, beyond_weights
from termini.series.kernels import Array, Ints, nearest_along
from termini.series.kernels_parts import laid_vertices
from termini.series.shape_ends import Banks, worth_of_course, worth_of_ends

# So many fronts, evenly spread, are cut to see what their ends enclose; all of them
# where that is off from what the course tells by more than this share of the width.
_MOST_CUT = 50
_PLAIN_SHARE = 0.001


@dataclass(frozen=True)
class Whole:
    """Complete fronts of a glacier, and what their ends enclose.

    Parameters
    ----------
    known : Known
        The fronts, by date.
    worth, unseen : ndarray, shape (n, 2, 14)
        Of their ends beyond `NODES`, as `shape_ends.worth_of_ends` has it; metres over
        the reference width.
    cuts : ndarray, shape (n, 2, 14, 2)
        Where they end if they are cut there, counted from the engine's origin.
    ends : ndarray, shape (n, 2, 14)
        Distance of these along the centreline, metres.
    by_course : ndarray of bool, shape (2,)
        Whether the area beyond an end is that which the course encloses in the net, or
        its mean over the width times the width. A front that runs along its wall, as
        round a bay, encloses another area than its positions along the flow tell; then
        the second is steadier.
    banks : Banks
        The fjord for the kernels.
    net : Net
        Net of the frame.
    width : float
        Reference width, metres.
    """

    known: Known
    worth: Array
    unseen: Array
    cuts: Array
    ends: Array
    by_course: NDArray[np.bool_]
    banks: Banks
    net: Net
    width: float

    def scale(self, shapes: Array) -> Array:
        """Width of the fjord at fronts over the reference width, shape (m,)."""
        level = np.nan_to_num(shapes.mean(axis=1))
        return np.asarray(np.interp(level, self.net.stations, self.net.widths()) / self.width)


def whole_fronts(
    engine: Engine, net: Net, traces: Traces, numbers: Ints, shapes: Array, days: Array
) -> Whole:
    """Take complete fronts as examples.

    Parameters
    ----------
    engine : Engine
        The glacier.
    net : Net
        Of its frame.
    traces : Traces
        Its traces, measured.
    numbers : ndarray of int, shape (n,)
        Which of them are the complete fronts; -1 for those that GEOS measured.
    shapes : ndarray, shape (n, 41)
        Their shapes; rows with values that are not finite are left out.
    days : ndarray, shape (n,)
        Their dates in days.

    Returns
    -------
    Whole
        The examples.
    """
    finite = np.flatnonzero(np.isfinite(shapes).all(axis=1))
    order = finite[np.argsort(days[finite], kind="stable")]
    numbers, shapes, days = numbers[order], shapes[order], days[order]
    fjord, width = engine.arrays.fjord, engine.frame.width
    step = float(net.stations[-1] / max(len(net.stations) - 1, 1))
    banks = Banks(
        fjord.left, fjord.right, step, net.left - engine.origin, net.right - engine.origin
    )
    cells = (len(order), 2, len(NODES))
    whole = Whole(
        known=Known(days, shapes, np.zeros(cells)),
        worth=np.full(cells, np.nan),
        unseen=np.full(cells, np.nan),
        cuts=np.full((*cells, 2), np.nan),
        ends=np.full(cells, np.nan),
        by_course=np.ones(2, dtype=bool),
        banks=banks,
        net=net,
        width=width,
    )
    measured = np.flatnonzero(numbers >= 0)
    some = measured[:: max(-(-len(measured) // _MOST_CUT), 1)]
    drawn, flat = np.full((2, *whole.worth.shape), np.nan)
    flat[:] = _flat(shapes, whole.scale(shapes))
    _cut_ends(engine, traces, numbers, some, whole, drawn)
    by_course = np.array(
        [_scatter(whole.worth - drawn, s) <= _scatter(whole.worth - flat, s) for s in (0, 1)]
    )
    residues = whole.worth - np.where(by_course[:, None], drawn, flat)
    if max(_scatter(residues, side) for side in (0, 1)) > _PLAIN_SHARE * width:
        _cut_ends(engine, traces, numbers, np.setdiff1d(measured, some), whole, drawn)
        residues = whole.worth - np.where(by_course[:, None], drawn, flat)
    for side in range(2):
        for node in range(len(NODES)):
            column = residues[:, side, node]
            fair = np.isfinite(column)
            column[~fair] = column[fair].mean() if fair.any() else 0.0
    return replace(whole, known=Known(days, shapes, residues), by_course=by_course)


def _cut_ends(
    engine: Engine, traces: Traces, numbers: Ints, which: Ints, whole: Whole, drawn: Array
) -> None:
    """Fill in what ends of some fronts enclose, in truth and as their course has it."""
    points, places, starts = laid_vertices(
        traces.xy, traces.offsets, engine.arrays, numbers[which]
    )  # fmt: skip
    area, whole.unseen[which], cuts = worth_of_ends(points, places, starts, whole.banks, NODES)
    whole.worth[which], whole.cuts[which] = area / whole.width, cuts
    known = np.isfinite(cuts).all(axis=-1)
    along = np.full(known.shape, np.nan)
    along[known] = nearest_along(engine.arrays.centre, cuts[known])
    whole.ends[which] = along
    shapes = whole.known.shapes[which]
    for side in range(2):
        for node, share in enumerate(NODES):
            edge = np.full(len(which), share if side == 0 else 1 - share)
            found = worth_of_course(
                shapes, edge, np.ascontiguousarray(cuts[:, side, node]), whole.banks, side == 0
            )
            drawn[which, side, node] = found / whole.width


def _flat(shapes: Array, scale: Array) -> Array:
    """Area beyond ends at `NODES` as the mean over the width has it, shape (n, 2, 14)."""
    left = beyond_weights(NODES, np.ones(len(NODES)))[:, 0]
    right = beyond_weights(np.zeros(len(NODES)), 1 - NODES)[:, 1]
    return np.stack([shapes @ left.T, shapes @ right.T], axis=1) * scale[:, None, None]


def _scatter(residues: Array, side: int) -> float:
    """Median over the shares of the scatter of residues of one side."""
    part = residues[:, side, : len(NODES) - 2]
    part = part[np.isfinite(part).all(axis=1)]
    return float(np.median(part.std(axis=0))) if len(part) else 0.0
