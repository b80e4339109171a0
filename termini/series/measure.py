"""One trace measured in every way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.series.frame import Frame
from termini.series.layout import LaidFront, lay_front, pieces_of
from termini.series.settings import ObservationSettings
from termini.series.uncertainty import missing_error, obliqueness, shape_of
from termini.series.upstream import crossings, upstream_area


@dataclass(frozen=True)
class Value:
    """Position of a front by one measure.

    Parameters
    ----------
    length : float
        Position, metres, from a fixed origin.
    width : float
        Width that turns it into area, metres; NaN for the centreline.
    stretch : float
        Factor on the drawing error.
    missing : list of (float, float)
        Parts of the width that were not seen.
    definition : float
        Error from the definition, metres.
    """

    length: float
    width: float
    stretch: float
    missing: list[tuple[float, float]]
    definition: float


@dataclass(frozen=True)
class Measured:
    """What was measured of one trace.

    Parameters
    ----------
    front : LaidFront
        The front in its fjord.
    values : dict
        Measure to its `Value`, without those that could not be taken.
    crossings : int
        Number of crossings of the centreline.
    shape : ndarray or None
        Shape of a front that covers the whole width.
    """

    front: LaidFront
    values: dict[str, Value]
    crossings: int
    shape: NDArray[np.float64] | None


def measure_trace(
    frame: Frame,
    box: Frame | None,
    geometry: BaseGeometry,
    measures: tuple[str, ...],
    settings: ObservationSettings,
) -> Measured | str:
    """Measure a trace.

    Parameters
    ----------
    frame : Frame
        Of its glacier.
    box : Frame or None
        Curvilinear box, if that measure is wanted.
    geometry : shapely geometry
        Trace in the plane of `frame`.
    measures : tuple of str
        Which.
    settings : ObservationSettings
        Settings.

    Returns
    -------
    Measured or str
        What was measured, or the name of the flag that says why nothing was.
    """
    pieces = pieces_of(geometry)
    if not pieces:
        return "too_few_points"
    front = lay_front(frame, pieces)
    if front is None:
        return "outside_domain"
    hits = crossings(frame, front.pieces)
    shape = shape_of(frame, front) if front.coverage >= settings.full_coverage else None
    if front.coverage < settings.coverage_limit:
        return Measured(front, {}, len(hits), shape)
    values: dict[str, Value] = {}
    if "area" in measures or "length_area" in measures:
        area, unclear = upstream_area(frame, front.path)
        value = Value(
            area / frame.width, frame.width, 1.0, front.missing, unclear / 2 / frame.width
        )
        values |= {name: value for name in ("area", "length_area") if name in measures}
    if "centreline" in measures and len(hits):
        stretch = obliqueness(frame, front.pieces, hits[-1], settings.correlation_length)
        spread = (hits[-1] - hits[0]) / 2
        values["centreline"] = Value(float(hits[-1]), float("nan"), stretch, [], float(spread))
    if box is not None and "curvilinear_box" in measures:
        inner = lay_front(box, list(front.pieces), turn=False)
        if inner is not None and inner.coverage >= settings.coverage_limit:
            area, unclear = upstream_area(box, inner.path)
            values["curvilinear_box"] = Value(
                area / box.width, box.width, 1.0, inner.missing, unclear / 2 / box.width
            )
    return Measured(front, values, len(hits), shape)


def error_parts(
    measure: str,
    value: Value,
    *,
    drawing: float,
    geolocation: float,
    correlation_length: float,
    shapes: NDArray[np.float64],
    settings: ObservationSettings,
) -> dict[str, float]:
    """Parts of the standard error of a length.

    Parameters
    ----------
    measure : str
        Which measure.
    value : Value
        Its value.
    drawing, geolocation : float
        Errors of the trace, metres.
    correlation_length : float
        Distance along the front over which the drawing error is the same, metres.
    shapes : ndarray, shape (n, 41)
        Complete fronts of the glacier.
    settings : ObservationSettings
        Settings.

    Returns
    -------
    dict
        ``sigma_geolocation``, ``sigma_digitising``, ``sigma_coverage`` and
        ``sigma_definition``, metres; they add in squares. The drawing error of a
        mean over a width shrinks by the number of independent parts of the front:
        digitising squared = drawing squared * correlation length / width.
    """
    shrink = 1.0
    if measure != "centreline":
        shrink = min(correlation_length / value.width, 1.0)
    return {
        "sigma_geolocation": geolocation,
        "sigma_digitising": drawing * value.stretch * float(np.sqrt(shrink)),
        "sigma_coverage": missing_error(value.missing, shapes, settings),
        "sigma_definition": value.definition,
    }
