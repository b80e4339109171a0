"""Fronts from the mask of ice and water alone: the largest ring, and the contour."""

from __future__ import annotations

import numpy as np
import shapely
from scipy import ndimage
from shapely.geometry import LineString
from skimage.measure import find_contours

from termini.errors import TraceError
from termini.fronts.judgement import FrontPath, PathSettings
from termini.fronts.vector.maps import Array, Maps, longest_line, outlines, region_of, traced

#: Ice is where the mask exceeds this.
HALF = 0.5

#: Vertices over which AutoTerm's lines are averaged.
AVERAGE = 4

#: Distance that AutoTerm keeps from bedrock, metres, at the pixel size of these maps.
BEDROCK_BUFFER = 15.0
PIXEL = 50.0


def largest_ring(maps: Maps, settings: PathSettings) -> FrontPath:
    """Front as part of the ring with most vertices around the ice, as AutoTerm draws it.

    Parameters
    ----------
    maps : Maps
        Probabilities; only the ice counts.
    settings : PathSettings
        Limits of trust.

    Returns
    -------
    FrontPath
        Longest part of the ring within the fjord less a buffer, or within the picture
        less a tenth at each side, averaged over four vertices.

    Raises
    ------
    TraceError
        If there is no ice, or none of its edge is left.

    Notes
    -----
    Zhang et al. 2023, The Cryosphere 17, 3485, Section 3.3.
    """
    rings = [
        ring for part in outlines(maps.ice >= HALF) for ring in (part.exterior, *part.interiors)
    ]
    if not rings:
        raise TraceError(f"nowhere is ice more probable than {HALF}")
    ring = LineString(max(rings, key=lambda r: len(r.coords)))
    # the outline follows pixel edges: one vertex a pixel, as many as its length has
    region = region_of(maps.walls, buffer=BEDROCK_BUFFER / PIXEL)
    line = longest_line(shapely.intersection(shapely.segmentize(ring, 1.0), region))
    return traced(maps, _moving_average(shapely.get_coordinates(line)), settings)


def _moving_average(xy: Array, count: int = AVERAGE) -> Array:
    """Mean of every `count` vertices that follow each other; ends kept."""
    if len(xy) <= count:
        return xy
    kernel = np.full(count, 1.0 / count)
    inner = np.column_stack([np.convolve(xy[:, k], kernel, mode="valid") for k in (0, 1)])
    return np.concatenate([xy[:1], inner, xy[-1:]])


def mask_contour(maps: Maps, settings: PathSettings) -> FrontPath:
    """Front as the longest contour between ice and water, as Loebel's method draws it.

    Parameters
    ----------
    maps : Maps
        Probabilities; only the ice counts.
    settings : PathSettings
        Limits of trust.

    Returns
    -------
    FrontPath
        Longest part of the contour within the fjord, or the picture, to fractions of
        a pixel.

    Raises
    ------
    TraceError
        If no contour runs there.

    Notes
    -----
    Loebel et al. 2024, The Cryosphere 18, 3315, Section 3: the boundary of the two
    classes is taken and what lies on the static margins of the domain is cut off.
    """
    lines = [c[:, ::-1] for c in find_contours(maps.ice, HALF) if len(c) > 1]
    if not lines:
        raise TraceError("ice and water meet nowhere in the mask")
    known = maps.walls.known
    region = region_of(maps.walls, inset=0.0, buffer=1.0 if known else 0.0)
    pieces = [shapely.intersection(LineString(xy), region) for xy in lines]
    flat = [p for piece in pieces for p in getattr(piece, "geoms", [piece])]
    line = longest_line(shapely.geometrycollections([p for p in flat if not p.is_empty]))
    return traced(maps, shapely.get_coordinates(line), settings)


def clean_classes(classes: Array, size: int = 3) -> Array:
    """Classes of pixels without specks.

    Parameters
    ----------
    classes : ndarray, shape (rows, columns)
        Numbers.
    size : int
        Edge of the median's window, pixels.

    Returns
    -------
    ndarray, shape (rows, columns)
        Medians.
    """
    return np.asarray(ndimage.median_filter(classes, size=size))
