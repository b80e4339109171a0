"""The series engine: all traces of a glacier measured at once in plain arrays.

`engine_of` turns a domain into arrays, `measure_packed` measures traces of one
piece each. What is not simple (traces that cross themselves, end through gate or
mouth, or whose joint to their wall meets the front; fjords with islands) is marked
`HARD` and left to GEOS, see `measure.measure_trace`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely

from termini.domain import GlacierDomain
from termini.geo import to_plane, transformer
from termini.series.engine_flow import Bundle, flow_bundle
from termini.series.engine_frame import bounded_by_its_walls, glacier_arrays
from termini.series.engine_plane import Packed, into_plane, shift
from termini.series.frame import Frame, Points, box_frame, frame_of, ribbon
from termini.series.kernels import Array, Ints
from termini.series.kernels_lay import HARD
from termini.series.kernels_trace import (
    COUNTS,
    VALUES,
    Glacier,
    measure_traces,
    shapes_of_traces,
)
from termini.series.settings import ObservationSettings

_SHAPE = 41


@dataclass(frozen=True)
class Engine:
    """A glacier made ready for measuring.

    Parameters
    ----------
    frame, ribbon : Frame
        Fjord and curvilinear box.
    box : Frame or None
        Straight box, if it is wanted.
    bundle : Bundle
        Flowlines; without lines if they are not wanted.
    plane : str
        Projection of the frames.
    origin : ndarray, shape (2,)
        Point of the plane from which the arrays count.
    arrays : Glacier
        All of it for the kernels.
    sound : bool
        Whether areas may be taken by Green's theorem: the fjord is what its gate
        and walls enclose.
    own_width : bool
        Whether positions over the front's own width are wanted.
    """

    frame: Frame
    ribbon: Frame
    box: Frame | None
    bundle: Bundle
    plane: str
    origin: Points
    arrays: Glacier
    sound: bool
    own_width: bool


class Traces(NamedTuple):
    """What was measured of packed traces.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Vertices counted from the engine's origin, each trace left to right.
    offsets : ndarray of int, shape (t + 1,)
        Where each trace begins.
    numbers : ndarray of int, shape (t, 5)
        Status in fjord, ribbon and box, crossings of the centreline, loops.
    values : ndarray, shape (t, 20)
        Lengths and areas; columns as named in `kernels_trace`.
    flow : ndarray, shape (t, k)
        Positions on the flowlines, metres from the gate, NaN where not crossed.
    """

    xy: Array
    offsets: Ints
    numbers: Ints
    values: Array
    flow: Array


def engine_of(
    domain: GlacierDomain, measures: tuple[str, ...], settings: ObservationSettings
) -> Engine:
    """Make a glacier ready for measuring.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    measures : tuple of str
        Which measures are wanted.
    settings : ObservationSettings
        Width of the boxes, number of flowlines.

    Returns
    -------
    Engine
        Its frames and arrays.

    Raises
    ------
    DomainError
        If the domain's parts contradict each other.
    """
    frame, plane = frame_of(domain)
    width = settings.box_share * frame.width
    strip = ribbon(frame, width)
    box = box_frame(frame, width) if "box" in measures else None
    bundle = flow_bundle(
        frame,
        settings.flowlines if "flowlines" in measures else 0,
        _given_lines(domain, plane) if "flowlines" in measures else None,
    )
    origin = shapely.get_coordinates(frame.fjord.centroid)[0]
    arrays = glacier_arrays(
        frame, strip, box, bundle.lines, origin, want_ribbon="curvilinear_box" in measures,
        gate_only=settings.gate_only,
    )  # fmt: skip
    return Engine(
        frame, strip, box, bundle, plane, origin, arrays,
        bounded_by_its_walls(frame), "variable_box" in measures,
    )  # fmt: skip


def _given_lines(domain: GlacierDomain, plane: str) -> list[shapely.LineString] | None:
    if domain.flowlines is None or domain.flowlines.is_empty:
        return None
    # one line of a file comes without a collection round it
    return list(shapely.get_parts(shapely.force_2d(to_plane(domain.flowlines, domain.crs, plane))))


def measure_packed(
    engine: Engine, packed: Packed, crs: str, settings: ObservationSettings
) -> Traces:
    """Measure traces of one piece each.

    Parameters
    ----------
    engine : Engine
        The glacier.
    packed : Packed
        Traces in `crs`, in any direction.
    crs : str
        Their projection.
    settings : ObservationSettings
        Coverage limit, and the distance over which a front's direction is taken.

    Returns
    -------
    Traces
        Traces with status `HARD` hold no values. A trace of fewer than two distinct
        points is empty, which its offsets tell.
    """
    moved = into_plane(packed, crs, engine.plane, _near(engine, crs))
    xy, offsets = moved.xy, moved.offsets
    shift(xy, -engine.origin)
    count = len(offsets) - 1
    numbers = np.full((count, COUNTS), HARD, dtype=np.int64)
    values = np.full((count, VALUES), np.nan)
    flow = np.full((count, len(engine.bundle.lines)), np.nan)
    if engine.sound:
        measure_traces(
            xy, offsets, engine.arrays, settings.coverage_limit, settings.slope_reach,
            engine.own_width, numbers, values, flow,
        )  # fmt: skip
        if engine.bundle.starts.any():
            flow += engine.bundle.starts
    return Traces(xy, offsets, numbers, values, flow)


def _near(engine: Engine, crs: str) -> Array:
    """Rectangle in a projection round a glacier's fjord, half as large again."""
    outline = shapely.segmentize(shapely.box(*engine.frame.fjord.bounds), 5000.0)
    x, y = shapely.get_coordinates(outline).T
    found = transformer(crs, engine.plane).transform(x, y, direction="INVERSE")
    low, high = np.min(found, axis=1), np.max(found, axis=1)
    return np.concatenate([low - (high - low) / 4, high + (high - low) / 4])


def shapes_at(engine: Engine, traces: Traces, which: Ints) -> Array:
    """Shapes of some traces that are not hard.

    Parameters
    ----------
    engine : Engine
        The glacier.
    traces : Traces
        From `measure_packed`.
    which : ndarray of int, shape (m,)
        Numbers of the traces.

    Returns
    -------
    ndarray, shape (m, 41)
        Distance along the centreline at even places across the fjord, from the left
        wall to the right, as `uncertainty.shape_of`.
    """
    shapes = np.full((len(which), _SHAPE), np.nan)
    shapes_of_traces(traces.xy, traces.offsets, engine.arrays, which, shapes)
    return shapes
