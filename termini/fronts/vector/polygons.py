"""Polygons of ice and of ocean: a fjord that its fronts part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy import ndimage
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from skimage.measure import find_contours

from termini.errors import TraceError
from termini.fronts.vector.maps import CORNERS, Array, drawn_line
from termini.fronts.walls import Mask

#: Parts of the fjord that are smaller than this share of it are dropped.
LEAST_SHARE = 0.025

#: Edge of the window of the median that takes away specks, pixels.
MEDIAN = 3

UNKNOWN, OCEAN, ICE = 0, 1, 2


def fjord_classes(
    ice: NDArray[np.floating], lines: Sequence[Array], inside: Mask, *, least: float = LEAST_SHARE
) -> NDArray[np.uint8]:
    """Ice and ocean of a fjord: each part that the fronts leave has one class.

    Parameters
    ----------
    ice : ndarray, shape (rows, columns)
        Probability of ice.
    lines : sequence of ndarray, each (n, 2)
        Fronts, x right and y down.
    inside : ndarray of bool, shape (rows, columns)
        The fjord.
    least : float
        Smaller parts than this share of the fjord keep no class of their own and go
        to the nearest part that has one.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
        0 outside the fjord, 1 ocean, 2 ice.

    Raises
    ------
    TraceError
        If the fjord is empty.

    Notes
    -----
    After Cheng et al. 2021 (CALFIN), The Cryosphere 15, 1663, Section 3.3.
    """
    if not inside.any():
        raise TraceError("the fjord does not cover a single pixel: nothing to part")
    drawn = np.zeros(inside.shape, dtype=bool)
    for xy in lines:
        drawn |= drawn_line(xy, inside.shape)
    label, count = ndimage.label(inside & ~drawn)
    sizes = np.bincount(label.ravel(), minlength=count + 1)
    large = sizes >= least * inside.sum()
    large[0] = False
    if not large.any():
        raise TraceError("the fronts leave no part of the fjord that is large enough")
    total = np.bincount(label.ravel(), weights=np.asarray(ice, float).ravel(), minlength=count + 1)
    mean = total / np.maximum(sizes, 1)
    classes = np.where(mean >= 0.5, ICE, OCEAN).astype(np.uint8)
    known = large[label]
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    full = classes[label[tuple(nearest)]]
    smooth = ndimage.median_filter(full, size=MEDIAN)
    return np.asarray(np.where(inside, smooth, UNKNOWN), dtype=np.uint8)


def ice_and_ocean(
    ice: NDArray[np.floating], lines: Sequence[Array], inside: Mask, *, least: float = LEAST_SHARE
) -> tuple[BaseGeometry, BaseGeometry]:
    """Polygons of ice and of ocean in a fjord.

    Parameters
    ----------
    ice, lines, inside, least
        As for `fjord_classes`.

    Returns
    -------
    tuple of shapely geometry
        Ice and ocean in pixel coordinates, contoured half-way between pixel centres;
        empty where there is none.
    """
    classes = fjord_classes(ice, lines, inside, least=least)
    return _polygon(classes == ICE), _polygon(classes == OCEAN)


def _polygon(mask: Mask) -> BaseGeometry:
    """Contour of a class; rings within rings are holes."""
    rings = [c[:, ::-1] - 1.0 for c in find_contours(np.pad(mask, 1).astype(float), 0.5)]
    polygons = [shapely.make_valid(Polygon(ring)) for ring in rings if len(ring) >= 4]
    shape: BaseGeometry = Polygon()
    for part in sorted(polygons, key=lambda p: -p.area):
        shape = shapely.symmetric_difference(shape, part)
    return shape


def front_sides(
    xy: Array, shape: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Side of a front that every pixel lies on, and its distance from it.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        The front, ocean at smaller y; beyond its ends it goes on straight.
    shape : tuple of int
        Rows and columns.

    Returns
    -------
    tuple of ndarray, shape (rows, columns)
        1 up-glacier and 0 down-glacier; distance from the front in pixels.
    """
    line = xy if xy[0, 0] <= xy[-1, 0] else xy[::-1]
    rows, columns = shape
    ends = [(-1.0, line[0, 1]), *map(tuple, line), (float(columns), line[-1, 1])]
    below = Polygon([*ends, (float(columns), rows + 1.0), (-1.0, rows + 1.0)])
    # an overhanging front makes a ring that crosses itself: even and odd are told apart
    side = rasterize([(shapely.make_valid(below), 1)], (rows, columns), transform=CORNERS)
    off = ndimage.distance_transform_edt(~drawn_line(line, shape))
    return side.astype(np.float64), np.asarray(off)
