"""Parts of the standard errors of the observations of one glacier."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from termini.series.date_errors import date_errors
from termini.series.engine_columns import Columns, Measure
from termini.series.engine_unseen import coverage_errors
from termini.series.flow_errors import median_errors, sinuosity
from termini.series.kernels import Array, Ints
from termini.series.near_days import near_day_errors
from termini.series.settings import ObservationSettings
from termini.series.uncertainty import drawing_error, geolocation_of, mean_error


class TraceErrors(NamedTuple):
    """What is known of the errors of traces, each of shape (t,).

    Attributes
    ----------
    drawing, geolocation : ndarray
        Drawing and geolocation error, metres.
    correlation : ndarray
        Distance along the front over which the drawing error is the same, metres.
    days : ndarray
        Standard error of the date, days.
    scene, drawer : ndarray of int
        Numbers of the scene, -1 where it is not named, and of analyst and sensor.
    """

    drawing: Array
    geolocation: Array
    correlation: Array
    days: Array
    scene: Ints
    drawer: Ints

    def take(self, rows: Ints) -> TraceErrors:
        """Some of them."""
        return TraceErrors(
            self.drawing[rows],
            self.geolocation[rows],
            self.correlation[rows],
            self.days[rows],
            self.scene[rows],
            self.drawer[rows],
        )


_PARTS = ("geolocation", "digitising", "coverage", "definition", "date")


def parts_of(
    columns: Columns, days: Array, errors: TraceErrors, settings: ObservationSettings
) -> dict[str, dict[str, Array]]:
    """Parts of the standard errors of one glacier's observations.

    Parameters
    ----------
    columns : Columns
        The glacier's traces, in the order of their dates. Lengths of ``area`` and
        ``length_area`` are corrected in place if the settings say so.
    days : ndarray, shape (t,)
        Dates in days.
    errors : TraceErrors
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
    parts of the front and grows with its turns, for a longer line sweeps more
    (`termini.series.uncertainty.mean_error`). What near-day traces of one analyst on one
    sensor show beyond the stated errors is added to it (`termini.series.near_days`).
    Where a front lies oblique to the centreline, its
    crossing moves farther than the front by one over the cosine of the angle, whether
    the front is drawn wrong or its scene is misplaced. A median over flowlines hangs on
    the places near it (`termini.series.flow_errors`).
    """
    drawing, geolocation, correlation = errors.drawing, errors.geolocation, errors.correlation
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
            drawn = drawn * mean_error(correlation / measure.width, longer)
        else:
            moved = geolocation * measure.stretch
        # the value is itself one of the outermost answers: if either may be meant, the
        # rms way from it to the right one is half the way between them times root two
        parts = [moved, drawn, coverage[name], measure.definition * np.sqrt(2.0)]
        if settings.learn_from_near_days:
            own = np.sum(np.square(parts[1:]), axis=0)
            more = near_day_errors(measure.length, own, moved, errors.scene, errors.drawer, days)
            parts[1] = np.hypot(drawn, more)
        known = np.sqrt(np.sum(np.square(parts), axis=0))
        parts.append(date_errors(measure.length, known, days, errors.days))
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


def trace_errors(fronts: pd.DataFrame, settings: ObservationSettings) -> TraceErrors:
    """Errors of traces that their sensor, method and date bring.

    Parameters
    ----------
    fronts : DataFrame
        Front table.
    settings : ObservationSettings
        Settings.

    Returns
    -------
    TraceErrors
        Of all rows.
    """
    sensor, names = pd.factorize(fronts["sensor"])
    method, methods = pd.factorize(fronts["method"])
    analyst, _ = pd.factorize(fronts["analyst"])
    group, groups = pd.factorize(fronts["correlation_group"])
    known = [drawing_error(float("nan"), str(name), settings) for name in names]
    geolocation = [geolocation_of(str(name), settings) for name in names]
    length = [settings.correlation_of(str(name)) for name in methods]
    stated = fronts["sigma_m"].to_numpy(dtype=np.float64)
    named = np.append(np.asarray(groups, dtype=object) != "", False)
    return TraceErrors(
        drawing=np.where(np.isfinite(stated), stated, np.array([*known, np.nan])[sensor]),
        geolocation=np.array([*geolocation, np.nan])[sensor],
        correlation=np.array([*length, np.nan])[method],
        days=np.nan_to_num(fronts["date_sigma_days"].to_numpy(dtype=np.float64)),
        scene=np.where(named[group], group, -1),
        drawer=(analyst + 1) * (len(names) + 1) + sensor,
    )
