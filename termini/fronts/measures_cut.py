"""Distances between lines away from the fjord walls, where the ends do not count."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPoint
from shapely.geometry.base import BaseGeometry

from termini.fronts.measures import WALL_CUT, away_from_walls


def nearest_cut_distances(
    front: LineString,
    reference: LineString,
    spacing: float,
    walls: BaseGeometry | None = None,
    *,
    cut: float = WALL_CUT,
) -> NDArray[np.float64]:
    """Nearest distances both ways of the parts of two lines that lie off the walls.

    Parameters
    ----------
    front, reference : shapely LineString
        Lines in one plane.
    spacing : float
        Distance between the points, in the unit of the lines.
    walls : shapely geometry, optional
        Fjord walls; by default the two ends of the reference, which end there.
    cut : float
        What lies nearer to a wall than this is not looked at.

    Returns
    -------
    ndarray
        Distance of each point of the longest part of either line that is off the walls
        to the whole of the other line; empty if nothing is.
    """
    if walls is None:
        walls = MultiPoint([reference.coords[0], reference.coords[-1]])
    found = []
    for line, other in ((front, reference), (reference, front)):
        piece = away_from_walls(line, walls, cut)
        if piece is None:
            continue
        steps = np.linspace(0.0, 1.0, max(2, round(piece.length / spacing) + 1))
        points = shapely.line_interpolate_point(piece, steps, normalized=True)
        found.append(np.asarray(shapely.distance(points, other), dtype=np.float64))
    return np.concatenate(found) if found else np.empty(0)
