"""One trace measured in every way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from termini.geometry.lines import along_across, vertices
from termini.series.engine_flow import Bundle
from termini.series.engine_frame import heading
from termini.series.frame import Frame, Points
from termini.series.layout import LaidFront, lay_front, pieces_of
from termini.series.settings import ObservationSettings
from termini.series.uncertainty import obliqueness
from termini.series.upstream import crossings, outer_crossings, upstream_area


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
    spread : float
        Half the range of positions over the flowlines, metres; NaN for others.
    """

    length: float
    width: float
    stretch: float
    missing: list[tuple[float, float]]
    definition: float
    spread: float = float("nan")


@dataclass(frozen=True)
class Measured:
    """What was measured of one trace.

    Parameters
    ----------
    front : LaidFront
        The front in its fjord.
    values : dict
        Measure to its `Value`, without those that could not be taken.
    hits : ndarray, shape (n,)
        Distances along the centreline at which it is crossed, ascending.
    """

    front: LaidFront
    values: dict[str, Value]
    hits: NDArray[np.float64]

    @property
    def crossings(self) -> int:
        """Number of crossings of the centreline."""
        return len(self.hits)


def measure_trace(
    frame: Frame,
    box: Frame | None,
    geometry: BaseGeometry,
    measures: tuple[str, ...],
    settings: ObservationSettings,
    *,
    straight: Frame | None = None,
    bundle: Bundle | None = None,
) -> Measured | str:
    """Measure a trace with GEOS: the answer for what is not simple, and the reference.

    Parameters
    ----------
    frame : Frame
        Of its glacier.
    box : Frame or None
        Curvilinear box, for ``curvilinear_box`` and ``variable_box``.
    geometry : shapely geometry
        Trace in the plane of `frame`.
    measures : tuple of str
        Which.
    settings : ObservationSettings
        Settings.
    straight : Frame, optional
        Straight box, for ``box``.
    bundle : Bundle, optional
        Flowlines, for ``flowlines``.

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
    hits = crossings(frame.centreline, front.pieces)
    if front.coverage < settings.coverage_limit:
        return Measured(front, {}, hits)
    values: dict[str, Value] = {}
    if "area" in measures or "length_area" in measures:
        area, unclear = upstream_area(frame, front.path, gate_only=settings.gate_only)
        value = Value(
            area / frame.width, frame.width, 1.0, front.missing, unclear / 2 / frame.width
        )
        values |= {name: value for name in ("area", "length_area") if name in measures}
    if "centreline" in measures and len(hits):
        stretch = obliqueness(frame, front.pieces, hits[-1], settings.slope_reach)
        spread = (hits[-1] - hits[0]) / 2
        values["centreline"] = Value(float(hits[-1]), float("nan"), stretch, [], float(spread))
    boxes = {"curvilinear_box": box, "box": straight}
    for name, strip in boxes.items():
        if strip is not None and name in measures:
            inner = lay_front(strip, list(front.pieces), turn=False)
            if inner is not None and inner.coverage >= settings.coverage_limit:
                area, unclear = upstream_area(strip, inner.path)
                values[name] = Value(
                    area / strip.width, strip.width, 1.0, inner.missing, unclear / 2 / strip.width
                )
    if box is not None and "variable_box" in measures:
        length, _ = over_own_width(box.centreline, front.path)
        if np.isfinite(length):
            values["variable_box"] = Value(length, frame.width, 1.0, [], 0.0)
    if bundle is not None and "flowlines" in measures:
        median = on_flowlines(frame, bundle, front, settings)
        values |= {} if median is None else {"flowlines": median}
    return Measured(front, values, hits)


def on_flowlines(
    frame: Frame, bundle: Bundle, front: LaidFront, settings: ObservationSettings
) -> Value | None:
    """Median position of a front on flowlines.

    Parameters
    ----------
    frame : Frame
        Of its glacier.
    bundle : Bundle
        Flowlines.
    front : LaidFront
        The front.
    settings : ObservationSettings
        Gives the fewest flowlines that must be crossed.

    Returns
    -------
    Value or None
        On each flowline the most advanced crossing counts; the definition error is
        half the way from their median to that of the least advanced ones, the spread half
        the way from the 16th to the 84th percentile over the flowlines.
    """
    lines = np.array([shapely.linestrings(line) for line in bundle.lines], dtype=object)
    first, last = outer_crossings(lines, front.pieces).T
    met = np.isfinite(last)
    if not met.any() or met.sum() < min(settings.fewest_flowlines, len(bundle.lines)):
        return None
    most, first, last = (last + bundle.starts)[met], first[met], last[met]
    low, middle, high = np.percentile(most, [16, 50, 84])
    several = float(np.median(last) - np.median(first)) / 2
    return Value(float(middle), frame.width, 1.0, front.missing, several, float(high - low) / 2)


def over_own_width(line: LineString, path: Points) -> tuple[float, float]:
    """Mean distance along a curved line over a front's own width, and that width.

    Parameters
    ----------
    line : LineString
        Centreline.
    path : ndarray, shape (n, 2)
        Front, left to right.

    Returns
    -------
    length, width : float
        Metres; NaN and the width if that is not positive. With s and n the distances
        along the line and to its left, and theta(s) the angle by which the line has
        turned, the area between a front and the start of the line is the integral
        over n of s - n theta(s), which is the integral of 1 - kappa n along the line.
    """
    along, across = along_across(line, path)
    xy = vertices(line)
    distance = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    level = along - across * np.interp(along, distance, heading(xy))
    width = float(across[0] - across[-1])
    if width <= 0:
        return float("nan"), width
    return float(-np.trapezoid(level, across)) / width, width
