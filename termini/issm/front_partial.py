"""Fronts of which a part was not seen, drawn in full.

What was seen stays as it is. Where it was not seen a front takes the course that, of
those which the glacier's other fronts suggest, comes nearest to the area that the release
states for the trace (the series fills what was not seen from the glacier's own shapes);
then that course is moved, square to itself, until the ice has the area.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from termini.issm.front_area import Moving, TruePlane, square_to, step_to_area
from termini.issm.front_courses import Around, Gap, courses, gaps_of
from termini.series.layout import LaidFront

Floats = NDArray[np.float64]

# A course is moved no farther than this share of the width, and not at all at the end of
# what was seen: the move grows over this share of its length.
_MOST_SHARE = 0.25
_TAPER = 0.25
# Other courses are not tried once one need not be moved farther than this, metres.
_ENOUGH_M = 30.0
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

    def area_with(fill: list[Floats | None]) -> float:
        moved = [None if part is None else plane.points(part) for part in fill]
        return plane.area(_joined(pieces, moved))

    best: list[Floats | None] = [several[0] if several else None for several in choice]
    missing = area - area_with(best)
    # the widest gap first: it has the most to say
    for k in sorted(range(len(gaps)), key=lambda k: -_extent(choice[k])):
        near = _ENOUGH_M * _extent(choice[k])
        if _extent(choice[k]) < _SLIT_M:
            continue
        for course in choice[k][1:]:
            tried = [*best[:k], course, *best[k + 1 :]]
            off = area - area_with(tried)
            if abs(off) < abs(missing):
                best, missing = tried, off
            if abs(missing) <= near:
                break
    movable = _movable(best, gaps, [_extent(several) for several in choice])

    def moved(step: float) -> list[Floats | None]:
        return [None if one is None else one.moved(step) for one in movable]

    length = sum(float(shapely.linestrings(c).length) for c in best if c is not None)
    width = plane.frame.width
    step, missing = step_to_area(
        lambda step: area_with(moved(step)), area, max(length, 1.0), _MOST_SHARE * width,
        _NEAR_M * width,
    )  # fmt: skip
    return Filled(_joined(list(laid.pieces), moved(step)), step, missing)


def _extent(several: list[Floats]) -> float:
    """Length of the straight course."""
    return float(np.hypot(*(several[0][-1] - several[0][0]))) if several else 0.0


def _joined(pieces: list[Floats], fill: list[Floats | None]) -> Floats:
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


def _movable(
    fill: list[Floats | None], gaps: list[Gap | None], widths: list[float]
) -> list[Moving | None]:
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
