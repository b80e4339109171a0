"""What was not seen of the fronts of one glacier: filled in, and its error."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from termini.geometry.lines import unit
from termini.series.completed import net_of
from termini.series.engine import shapes_at
from termini.series.engine_columns import Columns, Measure
from termini.series.filling import Partial, end_places, ends_of, fill
from termini.series.filling_model import TimedModel
from termini.series.filling_trial import try_model
from termini.series.filling_whole import whole_fronts
from termini.series.flow_errors import median_missing
from termini.series.frame import Frame
from termini.series.kernels import Array, Ints
from termini.series.kernels_missing import ends_error
from termini.series.layout import LaidFront
from termini.series.settings import ObservationSettings
from termini.series.shape_lines import PLACES
from termini.series.uncertainty import missing_error, shape_of

_FILLED = ("area", "length_area")
_STRIPS = ("curvilinear_box", "box")


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
    usable : ndarray of bool, shape (t,), optional
        Which fronts may serve; by default all do.
    """

    def __init__(
        self,
        columns: Columns,
        days: Array,
        settings: ObservationSettings,
        usable: NDArray[np.bool_] | None = None,
    ) -> None:
        """Choose the complete fronts."""
        self.columns = columns
        whole = columns.front.coverage >= settings.full_coverage
        complete = np.flatnonzero(whole if usable is None else whole & usable)
        self._whole, self._whole_days = complete, days[complete]
        if len(complete) > settings.most_shapes:
            even = np.linspace(0, len(complete) - 1, settings.most_shapes).round()
            complete = complete[even.astype(np.int64)]
        self.all_days, self.days = days, days[complete]
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
        if not len(self._whole):
            return self._whole
        after = np.searchsorted(self._whole_days, when)
        next_to = np.concatenate([after - 1, after]).clip(0, len(self._whole) - 1)
        return np.setdiff1d(self._whole[next_to], self.rows)

    def within(self, box: Frame) -> Array:
        """Shapes of complete fronts along a straight box, shape (m, 41)."""
        ends = shapely.get_coordinates(box.centreline)[[0, -1]] - self.columns.engine.origin
        flow = unit(ends[1] - ends[0])
        left = np.array([-flow[1], flow[0]])
        traces = self.columns.traces
        found = []
        for number in self.columns.packed[self.rows]:
            if number < 0:
                continue
            xy = traces.xy[traces.offsets[number] : traces.offsets[number + 1]] - ends[0]
            across = 0.5 - xy @ left / box.width
            order = np.argsort(across, kind="stable")
            found.append(np.interp(PLACES, across[order], (xy @ flow)[order]))
        return np.array(found).reshape(-1, len(PLACES))

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
        The glacier's traces, in the order of their dates. Lengths of ``area``,
        ``length_area`` and ``flowlines`` are corrected in place if the settings say so.
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
                filled = filled or filled_rows(columns, measure, rows, shapes, days)
                measure.length[rows] += filled[0]
                unseen = np.isnan(filled[1])
                error[rows] = filled[1]
                if unseen.any():
                    plain = _unfilled(measure, rows[unseen], shapes.complete, settings)
                    error[rows[unseen]] = plain
            else:
                error[rows] = _unfilled(measure, rows, _seen_by(name, shapes, settings), settings)
            if name == "flowlines":
                _median_unseen(columns, measure, rows, shapes, error, settings)
        found[name] = error
    return found


def filled_rows(
    columns: Columns, measure: Measure, rows: Ints, shapes: Shapes, days: Array
) -> tuple[Array, Array]:
    """Correction of the length of some fronts, and its error.

    Parameters
    ----------
    columns : Columns
        The glacier's traces.
    measure : Measure
        What is to be filled.
    rows : ndarray of int, shape (m,)
        The fronts.
    shapes : Shapes
        What they are filled from.
    days : ndarray, shape (t,)
        Dates of all traces in days.

    Returns
    -------
    correction, sigma : ndarray, shape (m,)
        Metres; the error is NaN where no place was seen.
    """
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
    # a piece that winds may reach over the hole that it ends at
    middle = (hole[0] + hole[1]) / 2
    pieces = list(zip(front.pieces, front.fractions, strict=True))
    before = [p for p, f in pieces if f.mean() <= middle] or [front.pieces[0]]
    after = [p for p, f in pieces if f.mean() > middle] or [front.pieces[-1]]
    return np.array([before[-1][-1], after[0][0]])


def _unfilled(measure: Measure, rows: Ints, shapes: Array, settings: ObservationSettings) -> Array:
    """Error where ends are extended at constant position and gaps joined straight."""
    known = len(shapes) >= settings.fewest_shapes
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
    columns: Columns,
    measure: Measure,
    rows: Ints,
    shapes: Shapes,
    error: Array,
    settings: ObservationSettings,
) -> None:
    """Median over flowlines of which some were not crossed: its error, and it corrected."""
    flow = columns.traces.flow
    packed, complete = columns.packed[rows], columns.packed[shapes.rows]
    if not len(flow):  # no front is simple enough for the kernels
        return
    crossed = (packed >= 0) & np.isfinite(flow[packed]).any(axis=1)
    whole = (complete >= 0) & np.isfinite(flow[complete]).any(axis=1)
    if not crossed.any() or whole.sum() < settings.fewest_shapes:
        return
    mine = rows[crossed]
    off, sigma = median_missing(
        flow[packed[crossed]], flow[complete[whole]], shapes.all_days[mine], shapes.days[whole],
        correct=settings.fill_missing,
    )  # fmt: skip
    told = np.isfinite(sigma)
    measure.length[mine[told]] -= off[told]
    error[mine[told]] = sigma[told]


def _seen_by(name: str, shapes: Shapes, settings: ObservationSettings) -> Array:
    """Shapes of complete fronts over the width that a measure sees, shape (n, 41)."""
    box = shapes.columns.engine.box
    if name == "box" and box is not None:
        return shapes.within(box)
    if name in _STRIPS and len(shapes.complete):
        # a strip sees the middle of the fjord only, where fronts are straighter
        places = 0.5 + settings.box_share * (PLACES - 0.5)
        return np.array([np.interp(places, PLACES, shape) for shape in shapes.complete])
    return shapes.complete
