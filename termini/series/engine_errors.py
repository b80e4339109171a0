"""Errors of the observations of one glacier, and what was not seen filled in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from termini.series.completed import net_of
from termini.series.engine import shapes_at
from termini.series.engine_columns import Columns, Measure
from termini.series.filling import Partial, end_places, ends_of, fill
from termini.series.filling_model import TimedModel
from termini.series.filling_trial import try_model
from termini.series.filling_whole import whole_fronts
from termini.series.kernels import Array, Ints
from termini.series.kernels_missing import ends_error
from termini.series.layout import LaidFront
from termini.series.settings import ObservationSettings
from termini.series.shapes import PLACES
from termini.series.uncertainty import (
    drawing_error,
    geolocation_of,
    missing_error,
    shape_of,
)

_FILLED = ("area", "length_area")


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
        self._all, self._all_days = complete, days[complete]
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

    def near(self, when: Array) -> Ints:
        """Complete fronts next before and after dates that are not among `rows`."""
        if not len(self._all):
            return self._all
        after = np.searchsorted(self._all_days, when)
        next_to = np.concatenate([after - 1, after]).clip(0, len(self._all) - 1)
        return np.setdiff1d(self._all[next_to], self.rows)

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
                filled = filled or _filled(columns, measure, rows, shapes, days)
                measure.length[rows] += filled[0]
                unseen = np.isnan(filled[1])
                error[rows] = filled[1]
                if unseen.any():
                    plain = _unfilled(measure, rows[unseen], shapes.complete, settings)
                    error[rows[unseen]] = plain
            else:
                error[rows] = _unfilled(measure, rows, shapes.complete, settings)
        found[name] = error
    return found


def _filled(
    columns: Columns, measure: Measure, rows: Ints, shapes: Shapes, days: Array
) -> tuple[Array, Array]:
    """Correction of the length and its error, metres."""
    engine = columns.engine
    near = shapes.near(days[rows])
    whole = whole_fronts(
        engine, net_of(engine.frame), columns.traces,
        columns.packed[np.concatenate([shapes.rows, near])],
        np.vstack([shapes.complete, shapes.of(near)]),
        np.concatenate([shapes.days, days[near]]),
    )  # fmt: skip
    model = TimedModel.fit(whole.known, engine.frame.width)
    fronts = _partial(columns, measure, rows, shapes, days)
    correction, sigma = fill(model, try_model(whole, model), whole, fronts)
    return np.nan_to_num(correction), sigma


def _partial(
    columns: Columns, measure: Measure, rows: Ints, shapes: Shapes, days: Array
) -> Partial:
    """Fronts to be filled."""
    along = shapes.of(rows)
    ends = np.full((2, len(rows), 2), np.nan)
    numbers = columns.packed[rows]
    mine = np.flatnonzero(numbers >= 0)
    ends[:, mine] = ends_of(columns.traces, numbers[mine])
    holes = {}
    for place in np.flatnonzero(numbers < 0):
        front = columns.fronts[int(rows[place])]
        ends[:, place] = front.path[[0, -1]] - columns.engine.origin
        inner = [hole for hole in front.missing if hole[0] > 0 and hole[1] < 1]
        if inner:
            holes[int(place)] = [(*hole, _joint(front, hole)) for hole in inner]
    # an end where a front has wound back lies farther in than the front has been seen
    low, high = measure.low[rows], measure.high[rows]
    low = np.where(low > 0, np.fmax(low, end_places(columns.engine, ends[0])), low)
    high = np.where(high < 1, np.fmin(high, end_places(columns.engine, ends[1])), high)
    return Partial(along, low, high, ends[0], ends[1], holes, days[rows])


def _joint(front: LaidFront, hole: tuple[float, float]) -> Array:
    """End of the piece left of a hole and beginning of the one right of it."""
    before = [p for p, f in zip(front.pieces, front.fractions, strict=True) if f.max() <= hole[0]]
    after = [p for p, f in zip(front.pieces, front.fractions, strict=True) if f.min() >= hole[1]]
    return np.array([before[-1][-1], after[0][0]])


def _unfilled(measure: Measure, rows: Ints, shapes: Array, settings: ObservationSettings) -> Array:
    """Error where ends are extended at constant position and gaps joined straight."""
    if len(shapes) >= settings.fewest_shapes:
        error = ends_error(measure.low[rows], measure.high[rows], shapes)
        odd = [place for place, row in enumerate(rows) if int(row) in measure.holes]
    else:
        error, odd = np.zeros(len(rows)), list(range(len(rows)))
    for place in odd:
        row = int(rows[place])
        ends = [(0.0, float(measure.low[row])), (float(measure.high[row]), 1.0)]
        holes = measure.holes.get(row, [end for end in ends if end[1] > end[0]])
        error[place] = missing_error(holes, shapes, settings)
    return np.asarray(error)


def trace_errors(fronts: pd.DataFrame, settings: ObservationSettings) -> tuple[Array, Array, Array]:
    """Errors of traces that their sensor and method bring.

    Parameters
    ----------
    fronts : DataFrame
        Front table.
    settings : ObservationSettings
        Settings.

    Returns
    -------
    drawing, geolocation, correlation : ndarray, shape (t,)
        Drawing error, geolocation error, and the distance along the front over which
        the drawing error is the same, metres.
    """
    sensor, names = pd.factorize(fronts["sensor"])
    method, methods = pd.factorize(fronts["method"])
    known = [drawing_error(float("nan"), str(name), settings) for name in names]
    geolocation = [geolocation_of(str(name), settings) for name in names]
    length = [settings.correlation_of(str(name)) for name in methods]
    stated = fronts["sigma_m"].to_numpy(dtype=np.float64)
    drawing = np.where(np.isfinite(stated), stated, np.array([*known, np.nan])[sensor])
    return drawing, np.array([*geolocation, np.nan])[sensor], np.array([*length, np.nan])[method]
