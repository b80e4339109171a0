"""How well filling does at a glacier, tried on its own fronts.

Complete fronts are cut, measured, and filled by a model learnt from the others. What
that gains or loses against ends extended at constant position says how far the model is
believed at this glacier, and how large its errors are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from termini.series import kernels_trace as k
from termini.series.completed import Net
from termini.series.engine import Engine, Traces, measure_packed
from termini.series.engine_plane import pack
from termini.series.filling import MOST_USUAL, Partial, Trial, additions, ends_of, part_between
from termini.series.kernels import Array, Ints
from termini.series.kernels_lay import GOOD
from termini.series.kernels_parts import laid_vertices
from termini.series.settings import ObservationSettings
from termini.series.shape_learning import CUT_SHARES, FOLDS, learnt
from termini.series.shapes import PLACES, ShapeModel

_MOST_TRIED = 30
# A front that winds across the cut does not lose the share meant.
_TOLERANCE = 0.03
# Fronts of the same month are not used to try each other.
_MONTH_DAYS = 30.0
# What is usual at other glaciers counts as much as so many fronts: the model is fully
# believed, and its standard errors are to be stretched a little.
_USUAL_FRONTS = 10.0
_USUAL_RATIO = 1.1


def try_model(
    engine: Engine,
    net: Net,
    traces: Traces,
    numbers: Ints,
    shapes: Array,
    days: Array,
    settings: ObservationSettings,
) -> Trial:
    """Cut a glacier's complete fronts, and fill them from the others.

    Parameters
    ----------
    engine : Engine
        The glacier.
    net : Net
        Of its frame.
    traces : Traces
        Its traces, measured.
    numbers : ndarray of int, shape (n,)
        Which of them are the complete fronts; -1 for those that GEOS measured, which
        are not cut.
    shapes : ndarray, shape (n, 41)
        Their shapes.
    days : ndarray, shape (n,)
        Their dates in days.
    settings : ObservationSettings
        Settings.

    Returns
    -------
    Trial
        Believed fully, and stretched as is usual, where there are no complete fronts.
    """
    whole = np.isfinite(shapes).all(axis=1)
    tried = np.flatnonzero((numbers >= 0) & whole)
    tried = tried[:: max(-(-len(tried) // _MOST_TRIED), 1)]
    cells = (2, len(CUT_SHARES))
    trial = Trial(np.ones(cells), np.full(cells, _USUAL_RATIO**0.5), np.full(cells, np.inf))
    if not len(tried):
        return trial
    cut = _cut(engine, traces, numbers[tried], shapes[tried], settings)
    fold = (days // _MONTH_DAYS).astype(np.int64) % FOLDS
    of = fold[tried[cut.of]]
    added, sigma = np.zeros(len(of)), np.full(len(of), np.nan)
    for turn in np.unique(of):
        rows, others = np.flatnonzero(of == turn), shapes[whole & (fold != turn)]
        model = ShapeModel(*learnt(others, engine.frame.width), len(others))
        ends, _, sigma[rows] = additions(model, engine.frame, net, cut.fronts.take(rows))
        added[rows] = ends.sum(axis=0)
    for side in range(2):
        for share in range(len(CUT_SHARES)):
            mine = (cut.side == side) & (cut.share == share) & np.isfinite(sigma)
            if mine.any():
                usual = float(np.sqrt(np.mean(cut.constant[mine] ** 2)))
                kept = np.clip(added[mine], -MOST_USUAL * usual, MOST_USUAL * usual)
                trial.usual[side, share] = usual
                trial.belief[side, share], trial.stretch[side, share] = _judged(
                    cut.constant[mine], kept, sigma[mine]
                )
    return trial


def _judged(constant: Array, added: Array, sigma: Array) -> tuple[float, float]:
    """Belief and stretch from errors with ends extended, corrections and their sigma."""
    usual = _USUAL_FRONTS / len(added)
    gain, square = float(np.mean(-constant * added)), float(np.mean(added**2))
    belief = 1.0
    if square > 0:
        belief = float(np.clip((gain + usual * square) / ((1 + usual) * square), 0.0, 1.0))
    ratio = float(np.sum((constant + belief * added) ** 2) / np.sum(sigma**2))
    return belief, float(np.sqrt((ratio + usual * _USUAL_RATIO) / (1 + usual)))


@dataclass(frozen=True)
class _Cut:
    """Complete fronts with an end cut off: which, where, and errors with ends extended."""

    fronts: Partial
    of: Ints
    side: Ints
    share: Ints
    constant: Array


def _cut(
    engine: Engine, traces: Traces, numbers: Ints, shapes: Array, settings: ObservationSettings
) -> _Cut:
    """Traces with ends cut off, measured with their ends extended."""
    points, places, starts = laid_vertices(traces.xy, traces.offsets, engine.arrays, numbers)
    lines, which = [], []
    for turn in range(len(numbers)):
        mine = slice(starts[turn], starts[turn + 1])
        for share, missing in enumerate(CUT_SHARES):
            for side, span in enumerate(((missing, 1.0), (0.0, 1.0 - missing))):
                part = part_between(points[mine], places[mine], *span)
                if part is not None:
                    lines.append(shapely.linestrings(part + engine.origin))
                    which.append((turn, side, share))
    loose = replace(settings, coverage_limit=1.0 - CUT_SHARES[-1] - 2 * _TOLERANCE)
    found = measure_packed(engine, pack(np.array(lines, dtype=object)), engine.plane, loose)
    low, high = found.values[:, k.LOW], found.values[:, k.HIGH]
    of, sides, shares = np.array(which, dtype=np.int64).reshape(-1, 3).T
    constant = (found.values[:, k.AREA] - traces.values[numbers[of], k.AREA]) / engine.frame.width
    good = (found.numbers[:, k.STATUS] == GOOD) & np.isfinite(constant)
    good &= np.abs(1 - high + low - CUT_SHARES[shares]) <= _TOLERANCE
    rows = np.flatnonzero(good)
    low, high = low[rows], high[rows]
    along = _extended(shapes[of[rows]], low, high)
    fronts = Partial(along, low, high, *ends_of(engine, found, rows), {})
    return _Cut(fronts, of[rows], sides[rows], shares[rows], constant[rows])


def _extended(shapes: Array, low: Array, high: Array) -> Array:
    """Shapes of which only a range is seen, extended at constant position."""
    found = np.empty_like(shapes)
    for row, shape in enumerate(shapes):
        found[row] = np.interp(np.clip(PLACES, low[row], high[row]), PLACES, shape)
    return found
