"""Errors of the observations of one glacier, and what was not seen filled in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from termini.series.completed import net_of
from termini.series.date_errors import date_errors
from termini.series.engine import shapes_at
from termini.series.engine_columns import Columns, Measure
from termini.series.filling import Partial, ends_of, fill
from termini.series.filling_trial import try_model
from termini.series.flow_errors import median_errors, median_missing, sinuosity
from termini.series.kernels import Array, Ints
from termini.series.kernels_missing import ends_error
from termini.series.layout import LaidFront
from termini.series.settings import ObservationSettings
from termini.series.shape_learning import learnt
from termini.series.shapes import PLACES, ShapeModel
from termini.series.uncertainty import (
    drawing_error,
    geolocation_of,
    missing_error,
    shape_of,
)

_FILLED = ("area", "length_area")
_STRIPS = ("curvilinear_box", "box")
_PARTS = ("geolocation", "digitising", "coverage", "definition", "date")


def parts_of(
    columns: Columns, days: Array, errors: Sequence[Array], settings: ObservationSettings
) -> dict[str, dict[str, Array]]:
    """Parts of the standard errors of one glacier's observations.

    Parameters
    ----------
    columns : Columns
        The glacier's traces, in the order of their dates. Lengths of ``area`` and
        ``length_area`` are corrected in place if the settings say so.
    days : ndarray, shape (t,)
        Dates in days.
    errors : sequence of ndarray, shape (t,)
        What `trace_errors` gives, of these traces.
    settings : ObservationSettings
        Settings.

    Returns
    -------
    dict of str to dict of str to ndarray, shape (t,)
        Measure to the columns ``sigma_...`` of the observations, metres.

    Notes
    -----
    The drawing error of a mean over a width shrinks by the number of independent
    parts of the front and grows with its turns, for a longer line sweeps more:
    digitising squared = drawing squared * correlation length / width * (length of the
    front / distance between its ends). Where a front lies oblique to the centreline, its crossing moves farther
    than the front by one over the cosine of the angle, whether the front is drawn
    wrong or its scene is misplaced. A median over flowlines hangs on the places near
    it (`termini.series.flow_errors`).
    """
    drawing, geolocation, correlation, sigma_days = errors
    coverage = coverage_errors(columns, days, settings)
    traces = columns.traces
    bends = sinuosity(traces.xy, traces.offsets, settings.correlation_length / 4)
    longer = np.where(columns.packed >= 0, np.append(bends, 1.0)[columns.packed], 1.0)
    found = {}
    for name, measure in columns.measures.items():
        moved = geolocation
        drawn = drawing * measure.stretch
        if name == "flowlines":
            drawn, moved = _on_flowlines(columns, measure, drawing, geolocation, correlation)
        elif np.isfinite(measure.width):
            drawn = drawn * np.sqrt(np.minimum(longer * correlation / measure.width, 1.0))
        else:
            moved = geolocation * measure.stretch
        parts = [moved, drawn, coverage[name], measure.definition]
        known = np.sqrt(np.sum(np.square(parts), axis=0))
        parts.append(date_errors(measure.length, known, days, sigma_days))
        found[name] = {f"sigma_{p}": part for p, part in zip(_PARTS, parts, strict=True)}
    return found


def _on_flowlines(
    columns: Columns, measure: Measure, drawing: Array, geolocation: Array, correlation: Array
) -> tuple[Array, Array]:
    """Drawing and geolocation error of the median over flowlines, metres."""
    flow = columns.traces.flow
    drawn, moved = drawing.copy(), geolocation.copy()
    rows = np.flatnonzero(np.isfinite(measure.length) & (columns.packed >= 0))
    if len(rows) and flow.shape[1]:
        spacing = measure.width / flow.shape[1]
        error, stretch = median_errors(
            flow[columns.packed[rows]], spacing, drawing[rows], correlation[rows]
        )
        known = np.isfinite(error)
        drawn[rows[known]] = error[known]
        moved[rows[known]] *= stretch[known]
    return drawn, moved


class Shapes:
    """Shapes of the fronts of a glacier, taken when they are asked for.

    Parameters
    ----------
    columns : Columns
        The glacier's traces.
    days : ndarray, shape (t,)
        Their dates in days.
    settings : ObservationSettings
        Which fronts are complete, and how many serve.
    """

    def __init__(self, columns: Columns, days: Array, settings: ObservationSettings) -> None:
        """Choose the complete fronts."""
        self.columns = columns
        complete = np.flatnonzero(columns.front.coverage >= settings.full_coverage)
        if len(complete) > settings.most_shapes:
            even = np.linspace(0, len(complete) - 1, settings.most_shapes).round()
            complete = complete[even.astype(np.int64)]
        self.days = days[complete]
        self.rows = complete
        self._complete: Array | None = None

    @property
    def complete(self) -> Array:
        """Shapes of complete fronts, shape (n, 41)."""
        if self._complete is None:
            self._complete = self.of(self.rows)
        return self._complete

    def of(self, rows: Ints) -> Array:
        """Shapes of fronts, shape (m, 41)."""
        columns = self.columns
        found = np.full((len(rows), len(PLACES)), np.nan)
        numbers = columns.packed[rows]
        found[numbers >= 0] = shapes_at(columns.engine, columns.traces, numbers[numbers >= 0])
        for place in np.flatnonzero(numbers < 0):
            found[place] = shape_of(columns.engine.frame, columns.fronts[int(rows[place])])
        return found


def coverage_errors(
    columns: Columns, days: Array, settings: ObservationSettings
) -> dict[str, Array]:
    """Error from the parts that were not seen, and those parts filled in.

    Parameters
    ----------
    columns : Columns
        The glacier's traces, in the order of their dates. Lengths of ``area`` and
        ``length_area`` are corrected in place if the settings say so.
    days : ndarray, shape (t,)
        Dates in days.
    settings : ObservationSettings
        Settings.

    Returns
    -------
    dict of str to ndarray
        Measure to the errors, metres.
    """
    shapes = Shapes(columns, days, settings)
    filled = None
    found = {}
    for name, measure in columns.measures.items():
        rows = np.flatnonzero(
            np.isfinite(measure.length) & ~((measure.low <= 0) & (measure.high >= 1))
            | np.isin(np.arange(len(measure.length)), list(measure.holes))
        )
        error = np.zeros(len(measure.length))
        if len(rows):
            if name in _FILLED and settings.fill_missing:
                filled = filled or _filled(columns, measure, rows, shapes, settings)
                measure.length[rows] += filled[0]
                unseen = np.isnan(filled[1])
                error[rows] = filled[1]
                if unseen.any():
                    plain = _unfilled(name, measure, rows[unseen], shapes.complete, settings)
                    error[rows[unseen]] = plain
            elif name == "flowlines":
                error[rows] = _median_unseen(columns, measure, rows, shapes, settings)
            else:
                error[rows] = _unfilled(name, measure, rows, shapes.complete, settings)
        found[name] = error
    return found


def _filled(
    columns: Columns, measure: Measure, rows: Ints, shapes: Shapes, settings: ObservationSettings
) -> tuple[Array, Array]:
    """Correction of the length and its error, metres."""
    engine = columns.engine
    net = net_of(engine.frame)
    complete = shapes.complete
    known = complete[np.isfinite(complete).all(axis=1)]
    model = ShapeModel(*learnt(known, engine.frame.width), len(known))
    trial = try_model(
        engine, net, columns.traces, columns.packed[shapes.rows], complete, shapes.days, settings
    )
    correction, sigma = fill(engine, model, trial, net, _partial(columns, measure, rows, shapes))
    return np.nan_to_num(correction), sigma


def _partial(columns: Columns, measure: Measure, rows: Ints, shapes: Shapes) -> Partial:
    """Fronts to be filled."""
    engine = columns.engine
    along = shapes.of(rows)
    ends = np.full((2, len(rows), 2), np.nan)
    numbers = columns.packed[rows]
    mine = np.flatnonzero(numbers >= 0)
    ends[:, mine] = ends_of(engine, columns.traces, numbers[mine])
    holes = {}
    for place in np.flatnonzero(numbers < 0):
        front = columns.fronts[int(rows[place])]
        ends[:, place] = front.path[[0, -1]]
        inner = [hole for hole in front.missing if hole[0] > 0 and hole[1] < 1]
        if inner:
            holes[int(place)] = [(*hole, _joint(front, hole)) for hole in inner]
    return Partial(along, measure.low[rows], measure.high[rows], ends[0], ends[1], holes)


def _joint(front: LaidFront, hole: tuple[float, float]) -> Array:
    """End of the piece left of a hole and beginning of the one right of it."""
    before = [p for p, f in zip(front.pieces, front.fractions, strict=True) if f.max() <= hole[0]]
    after = [p for p, f in zip(front.pieces, front.fractions, strict=True) if f.min() >= hole[1]]
    return np.array([before[-1][-1], after[0][0]])


def _unfilled(
    name: str, measure: Measure, rows: Ints, shapes: Array, settings: ObservationSettings
) -> Array:
    """Error where ends are extended at constant position and gaps joined straight."""
    known = len(shapes) >= settings.fewest_shapes
    if name in _STRIPS and known:
        # a strip sees the middle of the fjord only, where fronts are straighter
        shapes = _at(shapes, 0.5 + settings.box_share * (PLACES - 0.5))
    error = np.zeros(len(rows))
    if known:
        error = ends_error(measure.low[rows], measure.high[rows], shapes)
    odd = [place for place, row in enumerate(rows) if not known or int(row) in measure.holes]
    for place in odd:
        row = int(rows[place])
        ends = [(0.0, float(measure.low[row])), (float(measure.high[row]), 1.0)]
        holes = measure.holes.get(row, [end for end in ends if end[1] > end[0]])
        error[place] = missing_error(holes, shapes, settings)
    return np.asarray(error)


def _median_unseen(
    columns: Columns, measure: Measure, rows: Ints, shapes: Shapes, settings: ObservationSettings
) -> Array:
    """Error of the median over flowlines of which some were not crossed."""
    flow = columns.traces.flow
    complete = columns.packed[shapes.rows]
    complete = complete[complete >= 0]
    packed = columns.packed[rows]
    crossed = (packed >= 0) & np.isfinite(flow[packed]).any(axis=1)
    error = _unfilled("flowlines", measure, rows, shapes.complete, settings)
    if crossed.any() and len(complete) >= settings.fewest_shapes:
        error[crossed] = median_missing(flow[packed[crossed]], flow[complete])
    return error


def _at(shapes: Array, places: Array) -> Array:
    """Shapes at places across the fjord, shape (n, m)."""
    return np.array([np.interp(places, PLACES, shape) for shape in shapes])


def trace_errors(
    fronts: pd.DataFrame, settings: ObservationSettings
) -> tuple[Array, Array, Array, Array]:
    """Errors of traces that their sensor, method and date bring.

    Parameters
    ----------
    fronts : DataFrame
        Front table.
    settings : ObservationSettings
        Settings.

    Returns
    -------
    drawing, geolocation, correlation, days : ndarray, shape (t,)
        Drawing error, geolocation error, and the distance along the front over which
        the drawing error is the same, metres; standard error of the date, days.
    """
    sensor, names = pd.factorize(fronts["sensor"])
    method, methods = pd.factorize(fronts["method"])
    known = [drawing_error(float("nan"), str(name), settings) for name in names]
    geolocation = [geolocation_of(str(name), settings) for name in names]
    length = [settings.correlation_of(str(name)) for name in methods]
    stated = fronts["sigma_m"].to_numpy(dtype=np.float64)
    drawing = np.where(np.isfinite(stated), stated, np.array([*known, np.nan])[sensor])
    return (
        drawing,
        np.array([*geolocation, np.nan])[sensor],
        np.array([*length, np.nan])[method],
        np.nan_to_num(fronts["date_sigma_days"].to_numpy(dtype=np.float64)),
    )
