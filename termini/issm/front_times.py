"""Fronts at dates on which none was seen, along the flowlines of a fjord.

Every observed front is a distance from the gate along each flowline and along both
walls. Between two observations each of these distances is linear in time, so that a
front moves down or up the fjord and keeps its ends on the walls.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.geo import local_plane, transformer
from termini.geometry import flowlines_across
from termini.issm.front_area import Moving

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# walls are touched by ice, not entered: they count as within it this far away
_BESIDE_M = 1.0
#: A front is kept this far from both ends of every flowline.
_MARGIN_M = 1.0
_FEWEST = 11
_PIECES = 1200
_DENSE_M = 100.0
_STEP = 1.5


def _along(points: Floats, lines: Ints, places: Floats) -> Floats:
    """Points at places (numbers of points with fractions) on lines, shape (n, 2)."""
    before = places.astype(np.int64)
    share = (places - before)[:, None]
    return np.asarray(points[lines, before] * (1 - share) + points[lines, before + 1] * share)


@dataclass(frozen=True)
class Flow:
    """Flowlines of a fjord from wall to wall.

    Parameters
    ----------
    drawn : ndarray of LineString, shape (k,)
        Left wall, flowlines from left to right, right wall; all from the gate down.
    points : ndarray, shape (k, n, 2)
        Points that divide each line evenly, in its projection.
    true : ndarray, shape (k, n, 2)
        The same points in an equal-area plane.
    length : ndarray, shape (k,)
        Length of each line, metres.
    """

    drawn: NDArray[np.object_]
    points: Floats
    true: Floats
    length: Floats

    def positions(self, ice: BaseGeometry) -> Floats:
        """Length of ice along every line.

        Parameters
        ----------
        ice : shapely Polygon or MultiPolygon
            Ice between gate and front.

        Returns
        -------
        ndarray, shape (k,)
            Metres from the gate. Where a line leaves ice and enters it again only
            its parts in ice count, which keeps the area.
        """
        found = np.empty(len(self.drawn))
        shapely.prepare(ice)
        found[1:-1] = shapely.length(shapely.intersection(self.drawn[1:-1], ice))
        wide = shapely.buffer(ice, _BESIDE_M)
        walls = shapely.length(shapely.intersection(self.drawn[[0, -1]], wide))
        found[[0, -1]] = walls - _BESIDE_M
        return self.kept(found)

    def kept(self, positions: Floats, rows: Ints | slice = slice(None)) -> Floats:
        """Positions that lie on their lines, which are all of them by default."""
        return np.clip(positions, _MARGIN_M, self.length[rows] - _MARGIN_M)

    def path(self, positions: Floats, rows: Ints | None = None, *, true: bool = False) -> Floats:
        """Front through distances along the lines, left to right.

        Where the ice ends far apart on two neighbouring lines, as along the wall of
        a bay, the front follows the line on which it is more advanced.

        Parameters
        ----------
        positions : ndarray, shape (m,)
            Metres from the gate.
        rows : ndarray of int, shape (m,), optional
            On which lines, from left to right; by default on all of them.
        true : bool
            In the equal-area plane, not the projection of the lines.

        Returns
        -------
        ndarray, shape (n, 2)
            The front.
        """
        if rows is None:
            rows = np.arange(len(self.drawn))
        lines, places = self._way(positions, rows)
        return _along(self.true if true else self.points, lines, places)

    def _way(self, positions: Floats, rows: Ints) -> tuple[Ints, Floats]:
        """Lines and places on them (numbers of points) that a front runs through."""
        place = positions / self.length[rows] * (_PIECES - 1e-9)
        xy = _along(self.points, rows, place)
        jump = np.abs(np.diff(positions))
        far = np.flatnonzero((jump > _STEP * np.hypot(*np.diff(xy, axis=0).T)) & (jump > _DENSE_M))
        lines, places = [rows[:1]], [place[:1]]
        last = 0
        for k in far:
            lines.append(rows[last + 1 : k + 1])
            places.append(place[last + 1 : k + 1])
            ahead, behind = (k, k + 1) if place[k] > place[k + 1] else (k + 1, k)
            beside = self.points[rows[ahead], : int(place[ahead]) + 1] - xy[behind]
            first = int(np.argmin((beside**2).sum(axis=1)))
            steps = np.arange(first, int(place[ahead]) + 1, dtype=np.float64)
            lines.append(np.full(len(steps), rows[ahead]))
            places.append(steps if ahead == k + 1 else steps[::-1])
            last = int(k)
        lines.append(rows[last + 1 :])
        places.append(place[last + 1 :])
        return np.concatenate(lines), np.concatenate(places)

    def at(self, point: Floats) -> tuple[float, Floats]:
        """Where a point lies: between which lines, and how far along them.

        Parameters
        ----------
        point : ndarray, shape (2,)
            In the projection of the lines.

        Returns
        -------
        place : float
            Number of the line to its left and the share of the way to the next.
        along : ndarray, shape (k,)
            Nearest place on every line, metres from the gate.
        """
        here = shapely.Point(point)
        away = np.asarray(shapely.distance(self.drawn, here))
        nearest = int(away.argmin())
        beside = [k for k in (nearest - 1, nearest + 1) if 0 <= k < len(away)]
        other = min(beside, key=lambda k: away[k])
        share = away[nearest] / max(away[nearest] + away[other], 1e-9)
        along = np.asarray(shapely.line_locate_point(self.drawn, here))
        return nearest + share * (other - nearest), along

    def area(self, positions: Floats) -> float:
        """True area between gate and front, but for what the walls cut, m2."""
        place = (positions[[0, -1]] / self.length[[0, -1]] * _PIECES).astype(np.int64) + 1
        left, right = self.true[0, : place[0]], self.true[-1, : place[1]]
        x, y = np.vstack([left, self.path(positions, true=True), right[::-1]]).T
        x, y = x - x[0], y - y[0]
        return float(abs(x @ np.roll(y, -1) - np.roll(x, -1) @ y) / 2)

    def carried(self, front: Floats) -> Moving:
        """Front that can be moved down-glacier, each of its points along the flow there.

        Parameters
        ----------
        front : ndarray, shape (n, 2)
            In the projection of the lines.

        Returns
        -------
        Moving
            The front, with points at most 100 m apart.
        """
        dense = shapely.get_coordinates(shapely.segmentize(LineString(front), _DENSE_M))
        tree, heading = self._headings
        return Moving(dense, heading[tree.query(dense)[1]])

    @cached_property
    def _headings(self) -> tuple[cKDTree, Floats]:
        """Where the lines are, and their direction there (unit vectors)."""
        points = self.points[:, ::4]
        heading = np.diff(points, axis=1).reshape(-1, 2)
        heading = heading / np.maximum(np.hypot(*heading.T), 1e-9)[:, None]
        return cKDTree(((points[:, 1:] + points[:, :-1]) / 2).reshape(-1, 2)), heading


def flow_of(domain: GlacierDomain) -> Flow:
    """Flowlines of a domain from wall to wall.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier; its own flowlines are taken where it has enough.

    Returns
    -------
    Flow
        The lines.

    Raises
    ------
    DomainError
        If the fjord cannot be filled with flowlines.
    """
    given = list(shapely.get_parts(domain.flowlines)) if domain.flowlines is not None else []
    inner = given if len(given) >= _FEWEST else list(shapely.get_parts(flowlines_across(domain)))
    drawn = np.array([domain.left_wall, *inner, domain.right_wall], dtype=object)
    length = np.asarray(shapely.length(drawn))
    share = np.linspace(0.0, 1.0, _PIECES + 1)
    dense = shapely.line_interpolate_point(drawn[:, None], share * length[:, None])
    points = shapely.get_coordinates(dense).reshape(len(drawn), len(share), 2)
    move = transformer(domain.crs, local_plane(domain.fjord, domain.crs))
    true = np.stack(move.transform(points[..., 0], points[..., 1]), axis=-1)
    return Flow(drawn, points, true, length)


def between(years: Floats, positions: Floats, wanted: Floats) -> Floats:
    """Positions at other times, linear between observations.

    Parameters
    ----------
    years : ndarray, shape (n,)
        Decimal years of the observations, increasing.
    positions : ndarray, shape (n, k)
        Positions then, metres.
    wanted : ndarray, shape (t,)
        Decimal years wanted, within those of the observations.

    Returns
    -------
    ndarray, shape (t, k)
        Positions, metres.
    """
    return np.column_stack([np.interp(wanted, years, column) for column in positions.T])


def drawn_errors(
    years: Floats, sigma: Floats, members: int, memory_years: float, seed: int
) -> Floats:
    """Errors of the position of a front in every member of an ensemble.

    Parameters
    ----------
    years : ndarray, shape (t,)
        Decimal years.
    sigma : ndarray, shape (t,)
        Standard error at each, metres.
    members : int
        How many members.
    memory_years : float
        Time over which errors resemble each other (correlation exp(-dt/memory)); 0
        for independent ones.
    seed : int
        Seed.

    Returns
    -------
    ndarray, shape (members, t)
        Metres, down-glacier positive; a stationary first-order process, scaled.
    """
    draws = np.random.default_rng(seed).standard_normal((members, len(years)))
    for k in range(1, len(years)):
        share = np.exp(-(years[k] - years[k - 1]) / memory_years) if memory_years > 0 else 0.0
        draws[:, k] = share * draws[:, k - 1] + np.sqrt(1 - share**2) * draws[:, k]
    return np.asarray(draws * sigma)
