"""Courses that a front may have taken where it was not seen.

Each runs from an end of what was seen to the wall, or from piece to piece: straight; on
the flowlines where fronts seen whole have it around that date, moved with the end; or
along such a front itself, which also knows bays that no flowline follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.ops import substring

from termini.issm.front_times import Flow
from termini.series.layout import LaidFront

Floats = NDArray[np.float64]

# An end this near to its wall was seen up to it.
_AT_WALL_M = 1e-6
# A flowline nearer to an end than this share of the way between two is seen.
_NEAR = 0.05
# The course of another front is joined over this many times the distance to it.
_JOINT = 2.0


class Gap(NamedTuple):
    """A part of the width that was not seen.

    Parameters
    ----------
    left, right : ndarray, shape (2,), or None
        Ends of what was seen left and right of it; None at a wall.
    """

    left: Floats | None
    right: Floats | None


@dataclass(frozen=True)
class Around:
    """What is known of a glacier's front around a date.

    Parameters
    ----------
    flow : Flow
        Flowlines.
    course : ndarray, shape (k,), or None
        Where the front is expected on every line, metres from the gate.
    fronts : list of ndarray, shape (n, 2)
        Fronts seen whole, left to right, as near in time as there are.
    """

    flow: Flow
    course: Floats | None
    fronts: list[Floats]


def is_whole(laid: LaidFront) -> bool:
    """Whether a front was seen from wall to wall."""
    return not laid.missing and max(laid.gap_left, laid.gap_right) <= _AT_WALL_M


def gaps_of(laid: LaidFront) -> list[Gap | None]:
    """What was not seen left of each piece of a front, and right of the last.

    Parameters
    ----------
    laid : LaidFront
        The front.

    Returns
    -------
    list of Gap or None
        One more than there are pieces; None where a piece reaches its wall.
    """
    pieces = laid.pieces
    found: list[Gap | None] = [None if laid.gap_left <= _AT_WALL_M else Gap(None, pieces[0][0])]
    found += [Gap(a[-1], b[0]) for a, b in pairwise(pieces)]
    return [*found, None if laid.gap_right <= _AT_WALL_M else Gap(pieces[-1][-1], None)]


def courses(gap: Gap, around: Around) -> list[Floats]:
    """Courses that a front may take through a gap.

    Parameters
    ----------
    gap : Gap
        Where it was not seen.
    around : Around
        What is known around its date.

    Returns
    -------
    list of ndarray, shape (n, 2)
        From left to right with the ends that were seen; the first is straight, to the
        nearest place of the wall.
    """
    found: list[Floats | None] = [_straight(gap, around.flow)]
    if around.course is not None:
        found.append(_on_flowlines(gap, around.flow, around.course))
    found += [_beside(gap, front) for front in around.fronts]
    return [course for course in found if course is not None]


def _straight(gap: Gap, flow: Flow) -> Floats:
    left = _foot(flow.drawn[0], gap.right) if gap.left is None else gap.left
    right = _foot(flow.drawn[-1], gap.left) if gap.right is None else gap.right
    return np.stack([left, right])


def _foot(wall: LineString, end: Floats | None) -> Floats:
    """Nearest place of a wall."""
    foot = wall.interpolate(wall.project(shapely.Point(end)))
    return np.asarray(shapely.get_coordinates(foot)[0])


def _on_flowlines(gap: Gap, flow: Flow, course: Floats) -> Floats | None:
    """Course on the flowlines of a gap; None where there is none but the wall."""
    left = None if gap.left is None else flow.at(gap.left)
    right = None if gap.right is None else flow.at(gap.right)
    low = -np.inf if left is None else left[0]
    high = np.inf if right is None else right[0]
    lines = np.arange(len(course))
    rows = np.flatnonzero((lines > low + _NEAR) & (lines < high - _NEAR))
    if len(rows) < 2:
        return None
    # the front goes on beside its ends as it is there
    off = [_departure(*end, course) for end in (left, right) if end is not None]
    moved = off[0] if len(off) == 1 else np.interp(rows, [low, high], off)
    found = flow.path(flow.kept(course[rows] + moved, rows), rows)
    parts = [gap.left, *found, gap.right]
    return np.array([part for part in parts if part is not None])


def _departure(place: float, along: Floats, course: Floats) -> float:
    """How far an end lies down-glacier of the course expected, metres."""
    left = int(np.clip(np.floor(place), 0, len(course) - 2))
    off = along[left : left + 2] - course[left : left + 2]
    return float(off[0] + (place - left) * (off[1] - off[0]))


def _beside(gap: Gap, front: Floats) -> Floats | None:
    """Course along another front, joined to the ends; None where that one has none."""
    line = LineString(front)
    places = [
        edge if end is None else float(line.project(shapely.Point(end)))
        for end, edge in zip(gap, (0.0, line.length), strict=True)
    ]
    if places[1] - places[0] < 1.0:
        return None
    part = shapely.get_coordinates(substring(line, *places))
    found = part.copy()
    for end, backwards in ((gap.left, False), (gap.right, True)):
        if end is None:
            continue
        way = part[::-1] if backwards else part
        run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))])
        off = end - way[0]
        reach = max(_JOINT * float(np.hypot(*off)), 1e-3)
        if gap.left is not None and gap.right is not None:
            reach = run[-1]
        share = np.clip(1 - run / reach, 0.0, 1.0)[:, None]
        found += (share * off)[::-1] if backwards else share * off
    return np.asarray(found)
