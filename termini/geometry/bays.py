"""Walls moved outward where fronts run along them, beyond them and back."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from termini.geometry.lines import Points, vertices
from termini.geometry.outlines import walls_between
from termini.geometry.room import Geometries, ring

# So many fronts must leave and come back before a wall is moved for them.
_FEWEST = 3
_SAME_M = 1e-3
# Bays are rounded off over so many margins, so that the wall is no lace of fronts.
_ROUND = 4.0


def with_bays(
    left: Points, right: Points, traces: Geometries, margin: float
) -> tuple[Points, Points]:
    """Walls with bays for the fronts that cross them twice.

    A front whose end lies outside a wall passes its end; a front that leaves the
    fjord and comes back runs along a wall that is wrong, as where a second branch
    calves into the fjord from the side.

    Parameters
    ----------
    left, right : ndarray, shape (n, 2), (m, 2)
        Walls, down-glacier.
    traces : ndarray of shapely geometry
        Traces of the glacier.
    margin : float
        Distance between the fronts and the new wall.

    Returns
    -------
    left, right : ndarray
        The walls; the same where fewer than three fronts do so or no simple fjord
        would be left.
    """
    fjord = ring(left, right)
    walls = [LineString(left), LineString(right)]
    bays = []
    for wall in walls:
        parts = shapely.get_parts(traces)
        each = [_excursion(part, fjord, wall) for part in parts]
        found = [bay for bay in each if bay is not None and _depth(bay, wall) > margin]
        if len(found) >= _FEWEST:
            bays += found
    if not bays:
        return left, right
    room = shapely.buffer(shapely.union_all(bays), (1 + _ROUND) * margin)
    whole = shapely.buffer(shapely.union(fjord, room), -_ROUND * margin)
    whole = shapely.union(fjord, shapely.intersection(whole, room))
    if whole.geom_type != "Polygon":
        return left, right
    # where the bay was widened past gate or mouth, these stay where they were
    beyond = shapely.union_all(
        [_behind(left[0], right[0], fjord), _behind(right[-1], left[-1], fjord)]
    )
    whole = shapely.difference(whole, beyond)
    if whole.geom_type != "Polygon":
        return left, right
    outline = Polygon(whole.exterior)
    moved = walls_between(outline, left[0], right[0], left[-1], right[-1])
    return moved or (left, right)


def _excursion(trace: LineString, fjord: Polygon, wall: LineString) -> Polygon | None:
    """Area between a wall and the part of a trace that leaves the fjord and comes back."""
    ends = shapely.points(vertices(trace)[[0, -1]])
    areas = []
    for part in shapely.get_parts(shapely.difference(trace, fjord)):
        xy = vertices(part)
        if len(xy) < 3:
            continue
        tips = shapely.points(xy[[0, -1]])
        loose = np.min([shapely.distance(tips, end).min() for end in ends]) < _SAME_M
        if loose or (shapely.distance(tips, wall) > _SAME_M).any():
            continue
        areas.append(shapely.make_valid(Polygon(xy)))
    return shapely.union_all(areas) if areas else None


def _depth(bay: Polygon, wall: LineString) -> float:
    """How far a bay reaches from the wall."""
    return float(shapely.distance(shapely.points(vertices(bay)), wall).max())


def _behind(one: Points, two: Points, fjord: Polygon) -> Polygon:
    """Land beyond gate or mouth, which lies to the right of the way from one to two."""
    along = (two - one) / np.linalg.norm(two - one)
    away = np.array([along[1], -along[0]]) * np.sqrt(fjord.area)
    far = along * np.sqrt(fjord.area)
    return Polygon([one - far, two + far, two + far + away, one - far + away])
