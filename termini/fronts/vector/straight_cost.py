"""The cheapest path through the edge map as Mohajerani's method takes it."""

from __future__ import annotations

import numpy as np

from termini.errors import TraceError
from termini.fronts.judgement import FrontPath, PathSettings
from termini.fronts.path import cheapest_path
from termini.fronts.vector.maps import Maps, traced

#: Grey levels of the published edge maps, whose inverse is the cost.
LEVELS = 255.0

#: Where no pixel of the path reaches this probability there is no front in it.
FAINTEST = 0.1


def mohajerani_path(maps: Maps, settings: PathSettings) -> FrontPath:
    """Front as the least-cost path between the walls through the inverted edge map.

    Parameters
    ----------
    maps : Maps
        Probabilities; only the front's map counts.
    settings : PathSettings
        Limits of trust.

    Returns
    -------
    FrontPath
        The line from wall to wall; its vertices are pixel centres.

    Raises
    ------
    TraceError
        If no way leads from wall to wall, or there is no front on it.

    Notes
    -----
    Mohajerani et al. 2019, Remote Sensing 11, 74, Section 2.5. The cost is linear in the
    probability; one search from all pixels of a wall gives the least of the published
    search over pairs.
    """
    heat = np.where(maps.valid, maps.front, 0.0)
    cost = np.where(maps.walls.inside, 1.0 + (LEVELS - 1.0) * (1.0 - np.clip(heat, 0, 1)), -1.0)
    pixels = cheapest_path(cost, maps.walls.left, maps.walls.right)
    if len(pixels) < 3:
        raise TraceError("the walls touch: the front would be shorter than three pixels")
    if heat[pixels[:, 0], pixels[:, 1]].max() < FAINTEST:
        raise TraceError(f"nowhere on the path is a front more probable than {FAINTEST}")
    return traced(maps, pixels[:, ::-1].astype(np.float64), settings)
