"""Fronts of which a part was not seen, drawn in full.

What was seen stays as it is. On flowlines that the front was not seen on it is drawn
where fronts seen whole have it around that date, moved with the ends of what was seen,
and then moved until the ice has the area that the release states for the trace: the
series fills what was not seen from the glacier's own shapes, and the two agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString

from termini.issm.front_area import TruePlane, step_to_area
from termini.issm.front_moves import lean_of_gap
from termini.issm.front_times import Flow
from termini.series.layout import LaidFront

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# An end this near to its wall was seen up to it.
_AT_WALL_M = 1e-6
# A line nearer to an end than this share of the way between lines is seen.
_NEAR = 0.05


@dataclass(frozen=True)
class _Gap:
    """Lines of a gap, where the front is drawn on them, and how much they move."""

    rows: Ints
    positions: Floats
    lean: Floats


@dataclass(frozen=True)
class Filled:
    """A front drawn in full.

    Parameters
    ----------
    line : LineString
        From wall to wall, in the projection of the flowlines.
    step : float
        How far what was not seen has been moved for the area, metres, at most.
    missing : float
        Area that is missing all the same, m2.
    """

    line: LineString
    step: float
    missing: float


def is_whole(laid: LaidFront) -> bool:
    """Whether a front was seen from wall to wall."""
    return not laid.missing and max(laid.gap_left, laid.gap_right) <= _AT_WALL_M


def fill_front(
    laid: LaidFront, flow: Flow, course: Floats, spread: Floats, plane: TruePlane, area: float
) -> Filled:
    """Draw a front in full.

    Parameters
    ----------
    laid : LaidFront
        What was seen of it, in the projection of the flowlines.
    flow : Flow
        Flowlines.
    course : ndarray, shape (k,)
        Where it is expected on every line, metres.
    spread : ndarray, shape (k,)
        How unsure that is, on any scale.
    plane : TruePlane
        Where areas are measured.
    area : float
        Area of the ice that is wanted, m2.

    Returns
    -------
    Filled
        The front.
    """
    gaps = _gaps(laid, flow, course, spread)
    pieces = list(laid.pieces)
    moved = [plane.points(piece) for piece in pieces]

    def area_at(step: float) -> float:
        return plane.area(_joined(flow, gaps, moved, step, true=True))

    lines = sum(float((gap.lean).sum()) for gap in gaps)
    slope = max(lines, 0.25) * plane.frame.width / len(flow.drawn)
    far = float(flow.length.max())
    near = 1e-3 * plane.frame.width
    step, missing = step_to_area(area_at, area, slope, far, near)
    return Filled(LineString(_joined(flow, gaps, pieces, step, true=False)), step, missing)


def _joined(
    flow: Flow, gaps: list[_Gap], pieces: list[Floats], step: float, *, true: bool
) -> Floats:
    """Pieces and what is drawn between them, left to right, shape (n, 2)."""
    parts = []
    for k, gap in enumerate(gaps):
        if len(gap.rows):
            there = flow.kept(gap.positions + step * gap.lean, gap.rows)
            parts.append(flow.path(there, gap.rows, true=true))
        if k < len(pieces):
            parts.append(pieces[k])
    return np.vstack(parts)


def _gaps(laid: LaidFront, flow: Flow, course: Floats, spread: Floats) -> list[_Gap]:
    """What was not seen left of each piece, and right of the last."""
    ends = [
        tuple((*flow.at(piece[row]), piece[row]) for row in (0, -1)) for piece in laid.pieces
    ]
    found = []
    for k in range(len(ends) + 1):
        before = ends[k - 1][1] if k else None
        after = ends[k][0] if k < len(ends) else None
        if (before is None and laid.gap_left <= _AT_WALL_M) or (
            after is None and laid.gap_right <= _AT_WALL_M
        ):
            found.append(_Gap(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0)))
            continue
        low = -np.inf if before is None else before[0]
        high = np.inf if after is None else after[0]
        places = np.arange(len(flow.drawn), dtype=np.float64)
        rows = np.flatnonzero((places > low + _NEAR) & (places < high - _NEAR))
        # the front moves on beside its ends as it is there
        off = [
            _departure(end[0], end[1], course) if end is not None else np.nan
            for end in (before, after)
        ]
        if before is not None and after is not None and high > low:
            departure = np.interp(places[rows], [low, high], off)
        else:
            departure = np.full(len(rows), off[0] if after is None else off[1])
        lean = lean_of_gap(places[rows], (low, high), spread[rows]) if len(rows) else np.empty(0)
        found.append(_Gap(rows, course[rows] + departure, lean))
    return found


def _departure(place: float, along: Floats, course: Floats) -> float:
    """How far an end lies down-glacier of the course expected, metres."""
    left = int(np.clip(np.floor(place), 0, len(course) - 2))
    off = along[left : left + 2] - course[left : left + 2]
    return float(off[0] + (place - left) * (off[1] - off[0]))
