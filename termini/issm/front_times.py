"""Fronts at dates on which none was seen, along the flowlines of a fjord.

Every observed front is a distance from the gate along each flowline and along both
walls. Between two observations each of these distances is linear in time, so that a
front moves down or up the fjord and keeps its ends on the walls. The monthly series
of a release may say how large the ice is then: the whole front is moved along flow
until it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.geo import local_plane, transformer
from termini.geometry import flowlines_across
from termini.geometry.lines import vertices

Floats = NDArray[np.float64]

# walls are touched by ice, not entered: they count as within it this far away
_BESIDE_M = 1.0
#: A front is kept this far from both ends of every flowline.
_MARGIN_M = 1.0
_STEPS = 4
_FEWEST = 11
_SPACING_M = 25.0


@dataclass(frozen=True)
class Flow:
    """Flowlines of a fjord from wall to wall.

    Parameters
    ----------
    lines : list of ndarray, shape (n, 2)
        Left wall, flowlines from left to right, right wall; all from the gate down.
    along : list of ndarray, shape (n,)
        Distance of each vertex along its line, metres.
    crs, plane : str
        Projection of the lines, and the equal-area plane in which areas are taken.
    """

    lines: list[Floats]
    along: list[Floats]
    crs: str
    plane: str

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
        found = np.empty(len(self.lines))
        inner = _lines(self.lines[1:-1])
        found[1:-1] = shapely.length(shapely.intersection(inner, ice))
        wide = shapely.buffer(ice, _BESIDE_M)
        walls = shapely.length(shapely.intersection(_lines([self.lines[0], self.lines[-1]]), wide))
        found[[0, -1]] = walls - _BESIDE_M
        return self.kept(found)

    def kept(self, positions: Floats) -> Floats:
        """Positions that lie on their lines."""
        most = np.array([along[-1] for along in self.along]) - _MARGIN_M
        return np.clip(positions, _MARGIN_M, most)

    def path(self, positions: Floats) -> Floats:
        """Points at distances along the lines, shape (k, 2), left to right."""
        return np.array(
            [
                [np.interp(s, along, line[:, 0]), np.interp(s, along, line[:, 1])]
                for s, along, line in zip(positions, self.along, self.lines, strict=True)
            ]
        )

    def area(self, positions: Floats) -> float:
        """True area between the gate and a front given by its positions, m2."""
        ring = [self.path(positions)]
        for wall in (0, -1):
            passed = self.along[wall] < positions[wall]
            part = self.lines[wall][passed]
            ring = [part, *ring] if wall == 0 else [*ring, part[::-1]]
        x, y = transformer(self.crs, self.plane).transform(*np.vstack(ring).T)
        return float(np.abs((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2)

    def moved_to(self, positions: Floats, area: float) -> Floats:
        """Positions moved along flow, all by the same, until the ice has an area."""
        step = 0.0
        here = self.area(positions)
        for _ in range(_STEPS):
            tried = self.kept(positions + step)
            there = self.area(tried)
            if abs(there - area) < 1.0:
                break
            path = self.path(tried)
            width = max(float(np.hypot(*(path[-1] - path[0]))), 1.0)
            if step and abs(there - here) > 1.0:
                width = max(abs((there - here) / step), 0.2 * width)
            step += (area - there) / width
        return self.kept(positions + step)

    def shifted(self, front: BaseGeometry, by: float) -> BaseGeometry:
        """Front whose points are moved down-glacier, each along the flow where it is."""
        if by == 0.0:
            return front
        dense = shapely.segmentize(front, 4 * _SPACING_M)
        middle = np.vstack([(line[1:] + line[:-1]) / 2 for line in self.lines])
        heading = np.vstack([np.diff(line, axis=0) for line in self.lines])
        heading = heading / np.maximum(np.hypot(*heading.T), 1e-9)[:, None]
        tree = cKDTree(middle)

        def move(xy: Floats) -> Floats:
            return np.asarray(xy + by * heading[tree.query(xy)[1]])

        return shapely.transform(dense, move)


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
    lines = [
        vertices(shapely.segmentize(line, _SPACING_M))
        for line in (domain.left_wall, *inner, domain.right_wall)
    ]
    along = [np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))]) for xy in lines]
    return Flow(lines, along, domain.crs, local_plane(domain.fjord, domain.crs))


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


def front_line(flow: Flow, positions: Floats) -> LineString:
    """Line through positions.

    Parameters
    ----------
    flow : Flow
        Flowlines.
    positions : ndarray, shape (k,)
        Metres along each.

    Returns
    -------
    shapely LineString
        From the left wall to the right.
    """
    return LineString(flow.path(positions))


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


def _lines(lines: list[Floats]) -> NDArray[np.object_]:
    return np.array([LineString(xy) for xy in lines], dtype=object)
