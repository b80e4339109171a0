"""What tells a wrong line from a right one: features for the failure detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import LineString

from termini.errors import TraceError
from termini.fronts import subpixel
from termini.fronts.judgement import FrontPath, PathSettings
from termini.fronts.path import front_path, path_cost
from termini.fronts.vector.from_mask import mask_contour
from termini.fronts.vector.maps import Array, Maps, drawn_line
from termini.fronts.vector.polygons import front_sides
from termini.fronts.walls import Walls

#: Distances in the features go no farther than this, pixels.
FARTHEST = 100.0

#: The front's map beyond this distance from the line is evidence for another, pixels.
NEAR = 6.0

#: Ice and water are compared with the sides of the line up to this distance, pixels.
SIDES = 40.0

#: Beyond this distance from the line nothing of it is looked at, pixels.
MARGIN = int(SIDES) + 4

#: Names of the features from one view of a scene, in the order of the detector's weights.
ONE_VIEW = (
    "probability", "faintest", "cost", "contrast", "disagreement", "mask_apart", "rivalry",
    "span", "roughness", "unseen", "elsewhere", "sides", "depth_change", "known",
)  # fmt: skip

#: Further features where the scene was also looked at mirrored or at another scale.
MORE_VIEWS = ("spread", "spread_most")


@dataclass(frozen=True)
class View:
    """What the network says of the same scene seen otherwise, on the same grid.

    Parameters
    ----------
    front, ice : ndarray, shape (rows, columns)
        Probabilities, turned back to the grid of the first view.
    """

    front: NDArray[np.floating]
    ice: NDArray[np.floating]


def doubt_features(
    maps: Maps,
    path: FrontPath,
    settings: PathSettings | None = None,
    views: Sequence[View] = (),
) -> dict[str, float]:
    """Features of a line that the failure detector goes by.

    Parameters
    ----------
    maps : Maps
        What the line was found in.
    path : FrontPath
        The line.
    settings : PathSettings, optional
        What the search went by.
    views : sequence of View
        The scene seen otherwise; none for the features of one view alone.

    Returns
    -------
    dict
        `ONE_VIEW`, and `MORE_VIEWS` where views are given: distances as the logarithm
        of one plus pixels, else shares.
    """
    settings = settings or PathSettings()
    xy = path.xy
    height = subpixel.ridge(maps.front, xy).height
    near, moved = _around(maps, xy)
    found = {
        "probability": path.probability,
        "faintest": float(np.quantile(height, 0.1)),
        "cost": float(subpixel.sample(_open_cost(near, settings), moved).mean()),
        "contrast": path.contrast,
        "disagreement": float(np.log1p(path.disagreement)),
        "mask_apart": float(np.log1p(_mask_apart(maps, xy, settings))),
        "rivalry": min(path.rivalry, 2.0),
        "span": len(xy) / (len(xy) + path.open_left + path.open_right),
        "roughness": _roughness(xy),
        "unseen": 1.0 - float(subpixel.sample(maps.valid.astype(float), xy).mean()),
        "elsewhere": _elsewhere(maps, near, moved),
        **_sides(near, moved),
        "known": float(maps.walls.known),
    }
    if views:
        found |= view_spread(maps, xy, settings, views)
    return found


def _around(maps: Maps, xy: Array) -> tuple[Maps, Array]:
    """Part of the maps near to a line, and the line in it: quicker, and all else alike."""
    low = np.maximum(np.floor(xy.min(axis=0)).astype(int) - MARGIN, 0)
    high = np.ceil(xy.max(axis=0)).astype(int) + MARGIN + 1
    part = np.s_[low[1] : high[1], low[0] : high[0]]
    walls = maps.walls
    cut = Walls(walls.inside[part], walls.left[part], walls.right[part], walls.known)
    return Maps(maps.front[part], maps.ice[part], maps.valid[part], cut), xy - low


def _open_cost(maps: Maps, settings: PathSettings) -> Array:
    cost = path_cost(maps.front, maps.ice, maps.walls, settings)
    return np.where(cost < 0, 1.0 + settings.floor, cost)


def _roughness(xy: Array) -> float:
    """Logarithm of the line's length over the distance of its ends, at most log 10."""
    steps = np.hypot(*np.diff(xy, axis=0).T).sum()
    ends = max(float(np.hypot(*(xy[-1] - xy[0]))), 1.0)
    return float(np.log(np.clip(steps / ends, 1.0, 10.0)))


def _mask_apart(maps: Maps, xy: Array, settings: PathSettings) -> float:
    """Median distance of the line from the line of the ice mask alone."""
    try:
        other = mask_contour(maps, settings).xy
    except TraceError:
        return FARTHEST
    return _apart(xy, other)


def _apart(xy: Array, other: Array) -> float:
    """Median distance of the vertices of a line from another one."""
    distance = shapely.distance(shapely.points(xy), LineString(other))
    return float(min(np.median(distance), FARTHEST))


def _elsewhere(maps: Maps, near: Maps, moved: Array) -> float:
    """Share of the front's evidence in the fjord that lies away from the line."""
    whole, close = (
        np.square(np.where(part.walls.inside & part.valid, part.front, 0.0))
        for part in (maps, near)
    )
    total = float(whole.sum())
    if total == 0:
        return 1.0
    off = ndimage.distance_transform_edt(~drawn_line(moved, close.shape))
    return 1.0 - float(close[off <= NEAR].sum() / total)


def _sides(maps: Maps, xy: Array) -> dict[str, float]:
    """How far the ice mask contradicts the line, and whether it changes near to it only."""
    side, distance = front_sides(xy, maps.ice.shape)
    near = maps.walls.inside & maps.valid & (distance <= SIDES) & (distance > 1.0)
    if not near.any():
        return {"sides": 0.5, "depth_change": 0.0}
    wrong = np.abs(maps.ice - side)
    close = near & (distance <= SIDES / 4)
    change = float(wrong[near].mean() - wrong[close].mean()) if close.any() else 0.0
    return {"sides": float(wrong[near].mean()), "depth_change": change}


def view_spread(
    maps: Maps, xy: Array, settings: PathSettings, views: Sequence[View]
) -> dict[str, float]:
    """How far the lines of other views lie from this one.

    Parameters
    ----------
    maps : Maps
        What the line was found in.
    xy : ndarray, shape (n, 2)
        The line.
    settings : PathSettings
        What the search went by.
    views : sequence of View
        The scene seen otherwise.

    Returns
    -------
    dict
        Logarithm of one plus the mean and the greatest of the distances, pixels; a
        view without any line counts as farthest.
    """
    apart = []
    for view in views:
        try:
            other = front_path(view.front, view.ice, maps.valid, maps.walls, settings).xy
        except TraceError:
            apart.append(FARTHEST)
            continue
        apart.append(max(_apart(xy, other), _apart(other, xy)))
    return {
        "spread": float(np.log1p(np.mean(apart))),
        "spread_most": float(np.log1p(np.max(apart))),
    }
