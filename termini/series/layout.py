"""How a front lies in its fjord: which end belongs to which wall, what was seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from termini.geometry.lines import vertices
from termini.series.frame import Frame, Points

#: A further piece of a front counts if it shows at least this share of the width.
_NEW_SHARE = 0.02
_TOUCH_M = 1e-6
# An end this near to a wall is on it: walls are thinned to half a metre before
# distances to them are taken.
_NEAR_M = 1.0


@dataclass(frozen=True)
class LaidFront:
    """A front in its frame, left to right.

    Parameters
    ----------
    pieces : tuple of ndarray, shape (n, 2)
        Its pieces from left to right, each left to right. Ends that reached
        across a wall are cut at the wall.
    fractions : tuple of ndarray, shape (n,)
        Place of each vertex across the fjord, 0 at the left wall, 1 at the right.
    gap_left, gap_right : float
        Distance of the ends from their walls, metres.
    dropped : int
        Pieces left out because others show the same part of the width.
    simple : bool
        False if a piece crosses itself.
    """

    pieces: tuple[Points, ...]
    fractions: tuple[Points, ...]
    gap_left: float
    gap_right: float
    dropped: int
    simple: bool

    @property
    def missing(self) -> list[tuple[float, float]]:
        """Intervals of the width, as fractions, that were not seen."""
        seen = sorted((float(f.min()), float(f.max())) for f in self.fractions)
        holes, edge = [], 0.0
        for low, high in seen:
            if low > edge:
                holes.append((edge, low))
            edge = max(edge, high)
        return [*holes, (edge, 1.0)] if edge < 1 else holes

    @property
    def coverage(self) -> float:
        """Share of the width that was seen."""
        return 1.0 - sum(high - low for low, high in self.missing)

    @property
    def path(self) -> Points:
        """All pieces as one line, joined straight."""
        return np.vstack(self.pieces)


def pieces_of(geometry: BaseGeometry | None) -> list[Points]:
    """Pieces of a trace that have two distinct finite points.

    Parameters
    ----------
    geometry : shapely geometry or None
        LineString, MultiLineString or anything else.

    Returns
    -------
    list of ndarray, shape (n, 2)
        Pieces without repeated points; pieces that continue each other are joined.
    """
    if geometry is None or geometry.is_empty:
        return []
    flat = shapely.force_2d(geometry)
    if flat.geom_type == "MultiLineString":
        flat = shapely.line_merge(flat)
    found = []
    for part in shapely.get_parts(flat):
        if part.geom_type not in ("LineString", "LinearRing"):
            continue
        xy = vertices(part)
        xy = xy[np.isfinite(xy).all(axis=1)]
        fresh = np.ones(len(xy), dtype=bool)
        fresh[1:] = (np.diff(xy, axis=0) != 0).any(axis=1)
        if fresh.sum() >= 2:
            found.append(xy[fresh])
    return found


def across(frame: Frame, points: Points) -> tuple[Points, Points, Points]:
    """Place of points across the fjord.

    Parameters
    ----------
    frame : Frame
        Frame.
    points : ndarray, shape (n, 2)
        Points.

    Returns
    -------
    fraction : ndarray, shape (n,)
        Distance to the left wall over the sum of the distances to both; 0 or 1
        beyond a wall.
    to_left, to_right : ndarray, shape (n,)
        Distances to the walls, metres.
    """
    where = shapely.points(points)
    to_left = np.asarray(shapely.distance(frame.rough_left, where))
    to_right = np.asarray(shapely.distance(frame.rough_right, where))
    to_left = np.where(to_left < _NEAR_M, 0.0, to_left)
    to_right = np.where(to_right < _NEAR_M, 0.0, to_right)
    fraction = to_left / np.maximum(to_left + to_right, _TOUCH_M)
    nearest = np.minimum(to_left, to_right)
    outside = (nearest > 0) & ~shapely.contains_xy(frame.fjord, points[:, 0], points[:, 1])
    # out through gate or mouth is not out through a wall
    outside[outside] = nearest[outside] <= shapely.distance(frame.fjord, where[outside]) + _NEAR_M
    fraction = np.where(outside, (to_left > to_right).astype(float), fraction)
    return fraction, to_left, to_right


def lay_front(frame: Frame, pieces: list[Points], *, turn: bool = True) -> LaidFront | None:
    """Front laid out left to right in its fjord.

    Parameters
    ----------
    frame : Frame
        Frame.
    pieces : list of ndarray, shape (n, 2)
        Pieces of the front, in the plane of `frame`, in any order and direction.
    turn : bool
        Find the direction of each piece; False where it is known to be left to
        right.

    Returns
    -------
    LaidFront or None
        None if no piece enters the fjord.

    Notes
    -----
    A piece is turned by both its ends together: so that the sum of the distances
    of its first point to the left wall and of its last point to the right wall is
    the smaller one. The nearest wall of a single end does not decide: a front
    half of which was not seen may end nearer to the wrong wall.
    """
    inside: list[tuple[Points, Points]] = []
    for piece in pieces:
        if not shapely.intersects(frame.fjord, shapely.linestrings(piece)):
            continue
        fraction, to_left, to_right = across(frame, piece)
        if turn and to_left[0] + to_right[-1] > to_left[-1] + to_right[0]:
            piece, fraction = piece[::-1], fraction[::-1]
        inside.append(_cut_ends(frame, piece, fraction))
    kept = _without_repeats(inside)
    if not kept:
        return None
    kept.sort(key=lambda item: float(item[1].min() + item[1].max()))
    first, last = kept[0][0][:1], kept[-1][0][-1:]
    return LaidFront(
        pieces=tuple(piece for piece, _ in kept),
        fractions=tuple(fraction for _, fraction in kept),
        gap_left=float(across(frame, first)[1][0]),
        gap_right=float(across(frame, last)[2][0]),
        dropped=len(inside) - len(kept),
        simple=all(bool(shapely.is_simple(shapely.linestrings(piece))) for piece, _ in kept),
    )


def _without_repeats(items: list[tuple[Points, Points]]) -> list[tuple[Points, Points]]:
    """Pieces that each show part of the width that longer ones do not."""
    kept: list[tuple[Points, Points]] = []
    grid = np.zeros(1000, dtype=bool)
    place = (np.arange(1000) + 0.5) / 1000
    for piece, fraction in sorted(items, key=lambda item: -float(np.ptp(item[1]))):
        shown = (place >= fraction.min()) & (place <= fraction.max())
        if not kept or (shown & ~grid).mean() >= _NEW_SHARE:
            kept.append((piece, fraction))
            grid |= shown
    return kept


def _cut_ends(frame: Frame, piece: Points, fraction: Points) -> tuple[Points, Points]:
    """Piece without the parts before it enters and after it leaves the fjord."""
    within = shapely.intersects_xy(frame.fjord, piece[:, 0], piece[:, 1])
    if within.all():
        return piece, fraction
    entries = np.flatnonzero(within)
    if len(entries) == 0:
        # no vertex inside, yet the line passes through
        crossing = shapely.intersection(frame.fjord, shapely.linestrings(piece))
        parts = [p for p in shapely.get_parts(crossing) if p.geom_type == "LineString"]
        if parts:
            found = vertices(max(parts, key=lambda part: part.length))
            return found, across(frame, found)[0]
        return piece, fraction
    first, last = int(entries[0]), int(entries[-1])
    body, places = piece[first : last + 1], fraction[first : last + 1]
    if first > 0:
        edge = _border(frame, piece[first], piece[first - 1])
        body = np.vstack([edge, body])
        places = np.concatenate([across(frame, edge)[0], places])
    if last < len(piece) - 1:
        edge = _border(frame, piece[last], piece[last + 1])
        body = np.vstack([body, edge])
        places = np.concatenate([places, across(frame, edge)[0]])
    return body, places


def _border(frame: Frame, within: Points, without: Points) -> Points:
    """Point at which an edge first leaves the fjord, shape (1, 2)."""
    edge = shapely.intersection(frame.fjord, shapely.linestrings([within, without]))
    start = shapely.Point(within)
    parts = [p for p in shapely.get_parts(edge) if p.distance(start) < _TOUCH_M]
    if not parts:
        return within[None, :]
    ends = vertices(parts[0])
    far = int(np.argmax(np.linalg.norm(ends - within, axis=1)))
    return np.asarray(ends[far : far + 1])
