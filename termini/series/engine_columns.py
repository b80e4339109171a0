"""All traces of one glacier measured, column by column."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.geo import to_plane
from termini.series import kernels_trace as k
from termini.series.engine import Engine, Traces, engine_of, measure_packed
from termini.series.engine_plane import pack
from termini.series.kernels import Array, Ints
from termini.series.kernels_along import flow_summary
from termini.series.kernels_lay import ABSENT, HARD
from termini.series.layout import LaidFront, pieces_of
from termini.series.measure import Value, measure_trace
from termini.series.settings import ObservationSettings

Holes = dict[int, list[tuple[float, float]]]

#: Why a trace gives nothing, by flag.
REASONS = {
    "bad_geometry": "no geometry",
    "too_few_points": "fewer than two distinct points",
    "outside_domain": "does not enter the fjord of its glacier",
}
_LINE = 1


@dataclass
class Measure:
    """One measure of all traces of a glacier; rows without a value hold NaN.

    Parameters
    ----------
    length : ndarray, shape (t,)
        Position, metres, from a fixed origin.
    width : float
        Width that turns it into area, metres; NaN for the centreline.
    stretch, definition, spread : ndarray, shape (t,)
        Factor on the drawing error, error from the definition and half the range
        over the flowlines, metres.
    low, high : ndarray, shape (t,)
        Range of the width that was seen.
    holes : dict
        Row to the parts not seen, where they are not only at the ends.
    """

    length: Array
    width: float
    stretch: Array
    definition: Array
    spread: Array
    low: Array
    high: Array
    holes: Holes = field(default_factory=dict)

    def copy(self) -> Measure:
        """The same with arrays of its own."""
        return Measure(
            self.length.copy(), self.width, self.stretch.copy(), self.definition.copy(),
            self.spread.copy(), self.low.copy(), self.high.copy(), dict(self.holes),
        )  # fmt: skip

    @property
    def coverage(self) -> Array:
        """Share of the width that was seen."""
        seen = self.high - self.low
        for row, holes in self.holes.items():
            seen[row] = 1.0 - sum(high - low for low, high in holes)
        return seen


@dataclass
class Columns:
    """Traces of one glacier, measured.

    Parameters
    ----------
    engine : Engine
        The glacier.
    traces : Traces
        From the kernels, the traces of `packed`.
    packed : ndarray of int, shape (t,)
        Number of each row in `traces`, -1 where only `fronts` has it.
    fronts : dict
        Row to its front, where GEOS measured it.
    flag : ndarray of str, shape (t,)
        Name of the flag of rows that cannot be measured, else "".
    gap_left, gap_right, crossings : ndarray, shape (t,)
        As in the observations.
    front : Measure
        Range of the fjord's width that was seen.
    measures : dict of str to Measure
        What was measured.
    crossed : ndarray of bool, shape (t,)
        Fronts that cross themselves.
    """

    engine: Engine
    traces: Traces
    packed: Ints
    fronts: dict[int, LaidFront]
    flag: NDArray[np.object_]
    gap_left: Array
    gap_right: Array
    crossings: Ints
    front: Measure
    measures: dict[str, Measure]
    crossed: NDArray[np.bool_]


def measure_glacier(
    geometries: NDArray[np.object_],
    domain: GlacierDomain,
    crs: str,
    measures: tuple[str, ...],
    settings: ObservationSettings,
) -> Columns:
    """Measure all traces of a glacier.

    Parameters
    ----------
    geometries : ndarray of shapely geometry or None, shape (t,)
        Traces in `crs`.
    domain : GlacierDomain
        The glacier.
    crs : str
        Projection of the traces.
    measures : tuple of str
        Which measures.
    settings : ObservationSettings
        Settings.

    Returns
    -------
    Columns
        One row per trace.

    Raises
    ------
    DomainError
        If the domain's parts contradict each other.
    """
    engine = engine_of(domain, measures, settings)
    lines, packed, flag = _lines(geometries)
    traces = measure_packed(engine, pack(lines), crs, settings)
    found = _columns(engine, traces, packed, flag, measures, settings)
    for row in np.flatnonzero((flag == "") & _hard(traces, packed, measures)):
        pieces = pieces_of(geometries[row])
        sound = shapely.multilinestrings([shapely.linestrings(piece) for piece in pieces])
        _measure_hard(found, int(row), to_plane(sound, crs, engine.plane), measures, settings)
    return found


def _lines(
    geometries: NDArray[np.object_],
) -> tuple[NDArray[np.object_], Ints, NDArray[np.object_]]:
    """Traces of one piece, their numbers by row, and flags of those that are nothing."""
    kind = shapely.get_type_id(geometries)
    flag = np.full(len(geometries), "", dtype=object)
    flag[(kind < 0) | shapely.is_empty(geometries)] = "bad_geometry"
    lines = geometries.copy()
    single = (kind == _LINE) & (flag == "")
    for row in np.flatnonzero((flag == "") & ~single):
        pieces = pieces_of(geometries[row])
        if not pieces:
            flag[row] = "too_few_points"
        elif len(pieces) == 1:
            lines[row], single[row] = shapely.linestrings(pieces[0]), True
    packed = np.full(len(geometries), -1, dtype=np.int64)
    packed[single] = np.arange(single.sum())
    return lines[single], packed, flag


def _hard(traces: Traces, packed: Ints, measures: tuple[str, ...]) -> NDArray[np.bool_]:
    """Rows that are for GEOS."""
    needed = [k.STATUS]
    needed += [k.RIBBON_STATUS] if "curvilinear_box" in measures else []
    needed += [k.BOX_STATUS] if "box" in measures else []
    hard = (traces.numbers[:, needed] == HARD).any(axis=1)
    return np.where(packed < 0, True, np.append(hard, True)[packed])


def _columns(
    engine: Engine,
    traces: Traces,
    packed: Ints,
    flag: NDArray[np.object_],
    measures: tuple[str, ...],
    settings: ObservationSettings,
) -> Columns:
    """Columns from what the kernels found; rows for GEOS hold NaN."""
    values = np.vstack([traces.values, np.full((1, traces.values.shape[1]), np.nan)])[packed]
    numbers = np.vstack([traces.numbers, np.full((1, traces.numbers.shape[1]), HARD)])[packed]
    empty = np.append(np.diff(traces.offsets) < 2, False)[packed]
    flag[empty & (flag == "")] = "too_few_points"
    flag[(flag == "") & (numbers[:, k.STATUS] == ABSENT)] = "outside_domain"
    width, box_width = engine.frame.width, engine.ribbon.width
    low, high = values[:, k.LOW], values[:, k.HIGH]
    short = ~(high - low >= settings.coverage_limit)
    nan = float("nan")
    area = _area(values[:, k.LOW : k.UNCLEAR + 1][:, [0, 1, 4, 5]], width, settings)
    found = {"area": area, "length_area": area.copy()}
    found["curvilinear_box"] = _area(
        values[:, k.RIBBON_LOW : k.RIBBON_UNCLEAR + 1], box_width, settings
    )
    found["box"] = _area(values[:, k.BOX_LOW : k.BOX_UNCLEAR + 1], box_width, settings)
    line = _length(values[:, k.HIT_LAST], nan)
    line.stretch = values[:, k.STRETCH]
    line.definition = (values[:, k.HIT_LAST] - values[:, k.HIT_FIRST]) / 2
    found["centreline"] = line
    found["variable_box"] = _length(values[:, k.OWN_LENGTH], width)
    fewest = min(settings.fewest_flowlines, traces.flow.shape[1])
    summary = np.vstack([flow_summary(traces.flow, fewest), [[nan, nan]]])[packed]
    flow = _length(summary[:, 0], width)
    flow.spread, flow.definition = summary[:, 1], values[:, k.FLOW_SPREAD]
    flow.low, flow.high = low.copy(), high.copy()
    found["flowlines"] = flow
    for measure in found.values():
        measure.length[short] = np.nan
    front = _length(np.where(np.isfinite(low), 0.0, np.nan), width)
    front.low, front.high = low.copy(), high.copy()
    return Columns(
        engine, traces, packed, {}, flag,
        values[:, k.GAP_LEFT], values[:, k.GAP_RIGHT], numbers[:, k.HITS],
        front, {name: found[name] for name in measures}, numbers[:, k.LOOPS] > 0,
    )  # fmt: skip


def _length(length: Array, width: float) -> Measure:
    """Measure of the whole width, without errors of its own."""
    count = len(length)
    return Measure(
        length.copy(), width, np.ones(count), np.zeros(count), np.full(count, np.nan),
        np.zeros(count), np.ones(count),
    )  # fmt: skip


def _area(columns: Array, width: float, settings: ObservationSettings) -> Measure:
    """Measure from columns low, high, area and unclear area."""
    low, high, area, unclear = columns.T
    found = _length(area / width, width)
    found.low, found.high, found.definition = low.copy(), high.copy(), unclear / 2 / width
    found.length[~(high - low >= settings.coverage_limit)] = np.nan
    return found


def _measure_hard(
    columns: Columns,
    row: int,
    geometry: BaseGeometry,
    measures: tuple[str, ...],
    settings: ObservationSettings,
) -> None:
    """Measure one trace with GEOS and enter it."""
    engine = columns.engine
    result = measure_trace(
        engine.frame, engine.ribbon, geometry, measures, settings,
        straight=engine.box, bundle=engine.bundle,
    )  # fmt: skip
    if isinstance(result, str):
        columns.flag[row] = result
        for measure in columns.measures.values():
            measure.length[row] = np.nan
        return
    front = result.front
    columns.packed[row], columns.fronts[row] = -1, front
    columns.gap_left[row], columns.gap_right[row] = front.gap_left, front.gap_right
    columns.crossings[row], columns.crossed[row] = result.crossings, not front.simple
    _enter(columns.front, row, Value(0.0, 0.0, 1.0, front.missing, 0.0))
    for name, measure in columns.measures.items():
        value = result.values.get(name)
        if value is None:
            measure.length[row] = np.nan
        else:
            _enter(measure, row, value)


def _enter(measure: Measure, row: int, value: Value) -> None:
    measure.length[row], measure.stretch[row] = value.length, value.stretch
    measure.definition[row], measure.spread[row] = value.definition, value.spread
    ends = [hole for hole in value.missing if hole[0] <= 0 or hole[1] >= 1]
    measure.low[row] = max([high for low, high in ends if low <= 0], default=0.0)
    measure.high[row] = min([low for low, high in ends if high >= 1], default=1.0)
    if len(ends) < len(value.missing):
        measure.holes[row] = value.missing
