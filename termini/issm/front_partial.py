"""Fronts of which a part was not seen, drawn in full.

What was seen stays as it is. Where it was not seen a front takes the course that, of
those which the glacier's other fronts suggest, comes nearest to the area that the release
states for the trace (the series fills what was not seen from the glacier's own shapes);
then that course is moved, square to itself, until the ice has the area.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely
from numpy.typing import NDArray

from termini.issm.front_area import Moving, TruePlane, square_to, step_to_area
from termini.issm.front_courses import Around, Gap, courses, gaps_of
from termini.series.layout import LaidFront

Floats = NDArray[np.float64]
Fill = list[Floats | None]

# A course is moved no farther than this share of the width, and not at all at the end of
# what was seen: the move grows over this share of its length.
_MOST_SHARE = 0.25
_TAPER = 0.25
# Other courses are not tried once one need not be moved farther than this, metres.
_ENOUGH_M = 30.0
# So many are moved in turn, until one has the area.
_MOST_MOVED = 6
# An end this near to its wall is joined to it straight.
_SLIT_M = 50.0
# Areas are met to this much times the width.
_NEAR_M = 1e-3


@dataclass(frozen=True)
class Filled:
    """A front drawn in full.

    Parameters
    ----------
    path : ndarray, shape (n, 2)
        From wall to wall, in the domain's projection.
    step : float
        How far what was not seen has been moved for the area, metres.
    missing : float
        Area that is missing all the same, m2.
    """

    path: Floats
    step: float
    missing: float


def fill_front(laid: LaidFront, around: Around, plane: TruePlane, area: float) -> Filled:
    """Draw a front in full.

    Parameters
    ----------
    laid : LaidFront
        What was seen of it, in the domain's projection.
    around : Around
        What is known of the glacier's front around its date.
    plane : TruePlane
        Where areas are measured.
    area : float
        Area of the ice that is wanted, m2.

    Returns
    -------
    Filled
        The front.
    """
    pieces = [plane.points(piece) for piece in laid.pieces]
    gaps = gaps_of(laid)
    choice = [[] if gap is None else courses(gap, around) for gap in gaps]

    def area_with(fill: Fill) -> float:
        moved = [None if part is None else plane.points(part) for part in fill]
        return plane.area(_joined(pieces, moved))

    width = plane.frame.width
    widths = [_extent(several) for several in choice]
    found = Filled(_joined(list(laid.pieces), [None] * len(gaps)), 0.0, np.inf)
    for fill in _likely(choice, widths, lambda fill: area - area_with(fill)):
        movable = _movable(fill, gaps, widths)
        length = sum(float(shapely.linestrings(c).length) for c in fill if c is not None)
        step, missing = step_to_area(
            partial(_area_moved, area_with, movable), area, max(length, 1.0), _MOST_SHARE * width,
            _NEAR_M * width,
        )  # fmt: skip
        if abs(missing) < abs(found.missing):
            path = _joined(list(laid.pieces), _moved(movable, step))
            found = Filled(path, step, missing)
        if abs(missing) <= _NEAR_M * width:
            break
    return found


def _likely(
    choice: list[list[Floats]], widths: list[float], missing: Callable[[Fill], float]
) -> list[Fill]:
    """Courses through all gaps, those first by which the least is missing."""
    best: Fill = [several[0] if several else None for several in choice]
    least = missing(best)
    tried = [(abs(least), best)]
    # the widest gap first: it has the most to say
    for k in sorted(range(len(choice)), key=lambda k: -widths[k]):
        if widths[k] < _SLIT_M:
            continue
        for course in choice[k][1:]:
            fill = [*best[:k], course, *best[k + 1 :]]
            off = missing(fill)
            tried.append((abs(off), fill))
            if abs(off) < abs(least):
                best, least = fill, off
            if abs(least) <= _ENOUGH_M * widths[k]:
                break
    order = sorted(range(len(tried)), key=lambda n: tried[n][0])
    return [tried[n][1] for n in order[:_MOST_MOVED]]


def _area_moved(
    area_with: Callable[[Fill], float], movable: list[Moving | None], step: float
) -> float:
    """Area with courses moved by so many metres."""
    return area_with(_moved(movable, step))


def _moved(movable: list[Moving | None], step: float) -> Fill:
    """Courses moved by so many metres."""
    return [None if one is None else one.moved(step) for one in movable]


def _extent(several: list[Floats]) -> float:
    """Length of the straight course."""
    return float(np.hypot(*(several[0][-1] - several[0][0]))) if several else 0.0


def _joined(pieces: list[Floats], fill: Fill) -> Floats:
    """Pieces with what is drawn between them, left to right, shape (n, 2)."""
    parts = []
    for k, course in enumerate(fill):
        if course is not None:
            parts.append(course)
        if k < len(pieces):
            parts.append(pieces[k])
    joined = np.vstack(parts)
    fresh = np.ones(len(joined), dtype=bool)
    fresh[1:] = (np.diff(joined, axis=0) != 0).any(axis=1)
    return joined[fresh]


def _movable(fill: Fill, gaps: list[Gap | None], widths: list[float]) -> list[Moving | None]:
    """Courses with what moves them by a metre at most, square to themselves.

    That of a narrow gap moves less than that of a wide one.
    """
    found: list[Moving | None] = []
    for course, gap, width in zip(fill, gaps, widths, strict=True):
        if course is None or gap is None:
            found.append(None)
            continue
        one = square_to(course)
        run = one.run
        share, reach = np.full(len(run), width / max(widths)), max(_TAPER * run[-1], 1e-9)
        if gap.left is not None:
            share *= np.minimum(1.0, run / reach)
        if gap.right is not None:
            share *= np.minimum(1.0, (run[-1] - run) / reach)
        found.append(one.scaled(share))
    return found
