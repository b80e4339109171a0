"""A front of which a part was not seen, drawn in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString

from termini.geometry.lines import resampled
from termini.series.frame import Frame, Points
from termini.series.layout import LaidFront
from termini.series.shapes import PLACES, ShapeModel
from termini.series.uncertainty import shape_of
from termini.series.upstream import upstream_outline

_SPACING_M = 25.0
# A place this near to one that was seen adds nothing to the line.
_NEAR = 1e-6
# Fronts told worse than this share of the width are not filled.
_TOLD_SHARE = 0.02
_MOST_CUT = 40


@dataclass(frozen=True)
class Net:
    """Where a position along the flow lies at any place across the fjord.

    Parameters
    ----------
    stations : ndarray, shape (n,)
        Distances along the centreline, metres, ascending.
    left, right : ndarray, shape (n, 2)
        Points of the walls whose nearest point of the centreline is the station.
    """

    stations: Points
    left: Points
    right: Points

    def points(self, places: Points, along: Points) -> Points:
        """Points at places across the fjord and positions along the flow.

        Parameters
        ----------
        places : ndarray, shape (..., k)
            From 0 at the left wall to 1 at the right.
        along : ndarray, shape (..., k)
            Distances along the centreline, metres.

        Returns
        -------
        ndarray, shape (..., k, 2)
            Points in the plane of the frame.
        """
        left, right = (
            np.stack([np.interp(along, self.stations, wall[:, axis]) for axis in (0, 1)], axis=-1)
            for wall in (self.left, self.right)
        )
        return np.asarray(left + np.asarray(places)[..., None] * (right - left))

    def widths(self) -> Points:
        """Width of the fjord at the stations, shape (n,), metres."""
        return np.asarray(np.hypot(*(self.right - self.left).T))


def net_of(frame: Frame) -> Net:
    """Net of a frame.

    Parameters
    ----------
    frame : Frame
        Frame.

    Returns
    -------
    Net
        Stations 25 m apart.
    """
    number = max(round(frame.centreline.length / _SPACING_M), 1) + 1
    stations = np.linspace(0.0, frame.centreline.length, number)
    return Net(stations, *(_beside(frame, wall, stations) for wall in (frame.left, frame.right)))


def _beside(frame: Frame, wall: LineString, stations: Points) -> Points:
    """Points of a wall that are level with stations."""
    xy = resampled(wall, _SPACING_M)
    level = shapely.line_locate_point(frame.centreline, shapely.points(xy))
    # a wall in a bend may fall back along the centreline
    forward = np.maximum.accumulate(level)
    fresh = np.concatenate([[True], np.diff(forward) > 0])
    return np.stack([np.interp(stations, forward[fresh], xy[fresh, axis]) for axis in (0, 1)], 1)


def complete(net: Net, front: LaidFront, course: NDArray[np.float64]) -> Points:
    """A front with what was not seen of it drawn in.

    Parameters
    ----------
    net : Net
        Of its frame.
    front : LaidFront
        Front.
    course : ndarray, shape (41,)
        Expected positions, `shapes.Filled.course`.

    Returns
    -------
    ndarray, shape (n, 2)
        One line from wall to wall.
    """
    parts = list(front.pieces)
    middles = [float(f.min() + f.max()) / 2 for f in front.fractions]
    for low, high in front.missing:
        within = (low - _NEAR * (low <= 0) < PLACES) & (high + _NEAR * (high >= 1) > PLACES)
        if within.any():
            parts.append(net.points(PLACES[within], course[within]))
            middles.append((low + high) / 2)
    return np.vstack([parts[turn] for turn in np.argsort(middles, kind="stable")])


def untold(frame: Frame, net: Net, fronts: Sequence[LaidFront]) -> float:
    """What positions at even places across the fjord do not tell of a glacier's fronts.

    Parameters
    ----------
    frame, net : Frame, Net
        Frame and its net.
    fronts : sequence of LaidFront
        Complete fronts.

    Returns
    -------
    float
        Rms difference between the length of a front and that of the line through
        its positions at `PLACES`, metres; below a metre where fronts run from wall
        to wall, hundreds where they run along a wall or into a side arm.
    """
    off = []
    for front in fronts:
        told = net.points(PLACES, shape_of(frame, front))
        off.append((_enclosed(frame, told) - _enclosed(frame, front.path)) / frame.width)
    return float(np.sqrt(np.mean(np.square(off)))) if off else 0.0


def fill_front(
    model: ShapeModel,
    frame: Frame,
    net: Net,
    front: LaidFront,
    unsure: float = 0.0,
    history: Sequence[LaidFront] = (),
) -> tuple[float, float]:
    """What the part of a front that was not seen adds to its length.

    Parameters
    ----------
    model : ShapeModel
        Shapes of the glacier's fronts.
    frame, net : Frame, Net
        Frame and its net.
    front : LaidFront
        A front, of which a part may be missing.
    unsure : float
        From `untold`, metres.
    history : sequence of LaidFront
        Complete fronts of the glacier, needed where `unsure` is large.

    Returns
    -------
    correction : float
        Metres to add to the upstream area over the reference width; zero for a
        front that covers the whole width.
    sigma : float
        Its standard error.

    Notes
    -----
    Where fronts of a glacier run along its walls or into side arms, so that
    positions across the fjord do not tell them (`untold` above 2 % of the width),
    ends stay extended at constant position, and the error is what that costs the
    complete fronts, cut alike.
    """
    missing = front.missing
    if not missing:
        return 0.0, 0.0
    low = missing[0][1] if missing[0][0] <= 0 else 0.0
    high = missing[-1][0] if missing[-1][1] >= 1 else 1.0
    seen = (low <= PLACES) & (high >= PLACES)
    for start, end in missing:
        seen &= (start >= PLACES) | (end <= PLACES)
    along = shape_of(frame, front)
    filled = model.fill(seen, along, ends=(low, high))
    if not np.isfinite(filled.correction):
        return float("nan"), float("nan")
    whole = _enclosed(frame, complete(net, front, filled.course))
    change = (whole - _enclosed(frame, front.path)) / frame.width
    width = float(np.interp(filled.course.mean(), net.stations, net.widths()))
    sigma = filled.sigma * width / frame.width
    if unsure <= _TOLD_SHARE * frame.width:
        return change, float(np.hypot(sigma, unsure * (1.0 - front.coverage)))
    return 0.0, _cost(frame, history, low, high) if history else float(np.hypot(sigma, change))


def _cost(frame: Frame, history: Sequence[LaidFront], low: float, high: float) -> float:
    """Rms error of complete fronts seen only between two places, metres."""
    off = []
    for front in history[:: max(len(history) // _MOST_CUT, 1)]:
        part = part_of(front, low, high)
        if part is not None:
            off.append((_enclosed(frame, part.path) - _enclosed(frame, front.path)) / frame.width)
    return float(np.sqrt(np.mean(np.square(off)))) if off else float("nan")


def part_of(front: LaidFront, low: float, high: float) -> LaidFront | None:
    """Part of a front between two places across the fjord.

    Parameters
    ----------
    front : LaidFront
        Front; of several pieces the one that shows most of the width.
    low, high : float
        Places, as fractions of the width.

    Returns
    -------
    LaidFront or None
        From where the front first to where it last lies between them; None if it
        does not. Its gaps are not known.
    """
    which = int(np.argmax([np.ptp(places) for places in front.fractions]))
    line, places = front.pieces[which], front.fractions[which]
    within = np.flatnonzero((places >= low) & (places <= high))
    if len(within) < 2:
        return None
    first, last = int(within[0]), int(within[-1])
    inner, shown = [line[first : last + 1]], [places[first : last + 1]]
    for inside, outside, place in ((first, first - 1, low), (last, last + 1, high)):
        if not 0 <= outside < len(line) or places[outside] == places[inside]:
            continue
        share = (place - places[inside]) / (places[outside] - places[inside])
        if not 0 < share <= 1:
            continue
        edge = line[inside] + share * (line[outside] - line[inside])
        at = 0 if outside < inside else len(inner)
        inner.insert(at, edge[None])
        shown.insert(at, np.array([place]))
    return LaidFront(
        (np.vstack(inner),), (np.concatenate(shown),), float("nan"), float("nan"), 0, True
    )


def _enclosed(frame: Frame, path: Points) -> float:
    """Area within the closed line round the ice, by Green's theorem.

    What two such lines have in common, be it out of the fjord, cancels in their
    difference.
    """
    x, y = (upstream_outline(frame, path) - path[0]).T
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1]) / 2
