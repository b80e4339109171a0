"""From probability maps to fronts: every published way under a name, and ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from termini.errors import InputError, TraceError
from termini.fronts.judgement import FrontPath, PathSettings
from termini.fronts.path import front_path
from termini.fronts.subpixel import refine
from termini.fronts.vector.branches import branch_paths, islands_of
from termini.fronts.vector.found_walls import walls_in_scene
from termini.fronts.vector.from_mask import largest_ring, mask_contour
from termini.fronts.vector.longest_path import longest_path
from termini.fronts.vector.maps import Maps, take_maps, traced
from termini.fronts.vector.names import DEFAULT, Vectoriser
from termini.fronts.vector.polygons import fjord_classes, ice_and_ocean
from termini.fronts.vector.straight_cost import mohajerani_path
from termini.fronts.walls import Mask, Walls

__all__ = [
    "DEFAULT",
    "VECTORISERS",
    "Maps",
    "Vectoriser",
    "branch_paths",
    "fjord_classes",
    "ice_and_ocean",
    "islands_of",
    "largest_ring",
    "longest_path",
    "mask_contour",
    "mohajerani_path",
    "take_maps",
    "traced",
    "vectorise",
    "walls_in_scene",
]


def _minimal_path(maps: Maps, settings: PathSettings) -> FrontPath:
    """The cheapest path; where the picture's borders lure it off a short front, the skeleton's."""
    try:
        return front_path(maps.front, maps.ice, maps.valid, maps.walls, settings)
    except TraceError as error:
        if maps.walls.known:
            raise
        try:
            skeleton = longest_path(maps, settings)
        except TraceError:
            raise error from None
        return traced(maps, refine(maps.front, skeleton.xy), settings)


#: Name to the function that finds the line.
VECTORISERS: dict[str, Callable[[Maps, PathSettings], FrontPath]] = {
    "minimal_path": _minimal_path,
    "longest_path": longest_path,
    "largest_ring": largest_ring,
    "mask_contour": mask_contour,
    "mohajerani_path": mohajerani_path,
}
assert tuple(VECTORISERS) == get_args(Vectoriser)


def vectorise(
    front: NDArray[np.floating],
    ice: NDArray[np.floating],
    valid: Mask | None = None,
    walls: Walls | None = None,
    *,
    vectoriser: str = DEFAULT,
    settings: PathSettings | None = None,
    refined: bool = False,
) -> FrontPath:
    """Front line from probability maps by any of the published ways.

    Parameters
    ----------
    front, ice : ndarray, shape (rows, columns)
        Probability of a front, and of ice; ocean at row 0.
    valid : ndarray of bool, shape (rows, columns), optional
        What the sensor saw.
    walls : Walls, optional
        Where a front may begin and end; the picture's borders by default.
    vectoriser : str
        ``minimal_path`` (ours), ``longest_path`` (CALFIN), ``largest_ring``
        (AutoTerm), ``mask_contour`` (Loebel), ``mohajerani_path``.
    settings : PathSettings, optional
        What the search goes by, and limits of trust.
    refined : bool
        Move the line of a published way on to the ridge of the front's map, as ours
        always is.

    Returns
    -------
    FrontPath
        The line in pixel coordinates and how far to trust it.

    Raises
    ------
    InputError
        If the name is unknown or the maps do not fit together.
    TraceError
        If no line is found.
    """
    if vectoriser not in VECTORISERS:
        raise InputError(f"vectoriser {vectoriser!r} is unknown; use {', '.join(VECTORISERS)}")
    settings = settings or PathSettings()
    maps = take_maps(front, ice, valid, walls)
    found = VECTORISERS[vectoriser](maps, settings)
    if refined and vectoriser != DEFAULT:
        found = traced(maps, refine(maps.front, found.xy), settings)
    return found
