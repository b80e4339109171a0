"""Fronts with long sides: tongues, bays, and ice left standing or lost along one wall.

A front that lies across the fjord is what most scenes show. Where the middle has gone and
the sides stay, or a floating tongue stands free, a good part of the line runs along the flow.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiLineString, Point

from termini.domain import GlacierDomain

#: Vertices of a front that is drawn anew.
_POINTS = 401

#: An end may lie so far from its wall, in widths of the fjord.
_AT_WALL = 0.01


def with_flanks(
    front: LineString, domain: GlacierDomain, rng: np.random.Generator
) -> LineString | None:
    """Front of which some part has been moved along the flow.

    Parameters
    ----------
    front : shapely LineString
        From the left wall to the right wall looking seaward.
    domain : GlacierDomain
        Its fjord.
    rng : numpy.random.Generator
        Which part, how far and how steep its sides: a tongue or bay in the middle, or a
        strip along one wall that is a tenth to two fifths of the width.

    Returns
    -------
    shapely LineString or None
        From wall to wall again; None where the fjord leaves no room.
    """
    reach = float(rng.uniform(0.25, 1.0)) * float(rng.choice([-1.0, 1.0]))
    steep = float(rng.uniform(0.01, 0.12))
    if rng.uniform() < 0.5:
        middle, half = rng.uniform(0.4, 0.6), rng.uniform(0.1, 0.3)
        first, last = middle - half, middle + half
    else:
        first, last = -1.0, float(rng.uniform(0.1, 0.4))
        if rng.uniform() < 0.5:
            first, last = 1.0 - last, 2.0
    q = np.linspace(0.0, 1.0, _POINTS)
    rise = np.clip(0.5 + (q - first) / steep, 0, 1) * np.clip(0.5 + (last - q) / steep, 0, 1)
    return drawn_out(front, domain, reach * rise**2 * (3.0 - 2.0 * rise))


def drawn_out(
    front: LineString, domain: GlacierDomain, widths: NDArray[np.float64]
) -> LineString | None:
    """Front moved along the flow by a distance that changes across the fjord.

    Parameters
    ----------
    front : shapely LineString
        From the left wall to the right wall looking seaward.
    domain : GlacierDomain
        Its fjord.
    widths : ndarray, shape (n,)
        Distance seaward at equal steps along the front, in lengths of its chord.

    Returns
    -------
    shapely LineString or None
        From wall to wall, drawn on to the walls or cut off there; None where it leaves
        the fjord elsewhere.
    """
    along = np.linspace(0.0, 1.0, len(widths))
    xy = shapely.get_coordinates(front.interpolate(along, normalized=True))
    chord = xy[-1] - xy[0]
    xy = xy + np.asarray(widths)[:, None] * np.array([-chord[1], chord[0]])
    beyond = np.vstack([xy[0] - 0.5 * chord, xy, xy[-1] + 0.5 * chord])
    inside = shapely.intersection(LineString(beyond), domain.fjord)
    parts = inside.geoms if isinstance(inside, MultiLineString) else [inside]
    line = max(parts, key=lambda part: part.length)
    near = _AT_WALL * float(np.hypot(*chord))
    whole = (
        isinstance(line, LineString)
        and not line.is_empty
        and line.is_simple
        and line.length > 0.9 * LineString(xy).intersection(domain.fjord).length
        and _reaches(line, 0, domain, near)
        and _reaches(line, -1, domain, near)
    )
    return line if whole else None


def _reaches(line: LineString, end: int, domain: GlacierDomain, near: float) -> bool:
    """Whether an end of a line lies on its wall."""
    wall = domain.left_wall if end == 0 else domain.right_wall
    return bool(wall.distance(Point(line.coords[end])) <= near)
