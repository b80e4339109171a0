"""How far a front lies from a reference: every measure that the field reports.

Figures of different measures are never compared: on one set of predictions they
give 34, 37 and 68 m. One evaluation therefore gives them all. Lines are in
metres, or in pixels with the result multiplied by the pixel's size.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPoint, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize

from termini.errors import TraceError

#: Points that each line is resampled to for the same-index distance.
SAME_INDEX_POINTS = 1000

#: Distance from a fjord wall within which the same-index distance looks at nothing.
WALL_CUT = 500.0


def area_over_length(front: LineString, reference: LineString) -> float:
    """Area between two lines over the length of the reference.

    Parameters
    ----------
    front, reference : shapely LineString
        Lines in one plane.

    Returns
    -------
    float
        Mean distance in the unit of the lines. The lowest of all measures by
        construction. The gaps between the ends are closed by straight lines.

    Notes
    -----
    Zhang et al. 2019, The Cryosphere 13, 1729, Section 3.4; AutoTerm.
    """
    _check(front, reference)
    if front.equals(reference):
        return 0.0
    other = reference
    start = np.hypot(*np.subtract(front.coords[0], reference.coords[0]))
    across = np.hypot(*np.subtract(front.coords[0], reference.coords[-1]))
    if across < start:
        other = reference.reverse()
    ends = [
        LineString([a, b])
        for a, b in ((front.coords[0], other.coords[0]), (front.coords[-1], other.coords[-1]))
        if a != b
    ]
    noded = shapely.unary_union([front, reference, *ends])
    area = sum(face.area for face in polygonize(noded))
    return float(area / reference.length)


def same_index_distances(
    front: LineString,
    reference: LineString,
    walls: BaseGeometry | None = None,
    *,
    cut: float = WALL_CUT,
    points: int = SAME_INDEX_POINTS,
) -> NDArray[np.float64]:
    """Distances between points of equal rank on two lines.

    Parameters
    ----------
    front, reference : shapely LineString
        Lines in one plane, drawn from the same side.
    walls : shapely geometry, optional
        Fjord walls; by default the two ends of the reference, which end there.
    cut : float
        What lies nearer to a wall than this is cut off, in the unit of the lines.
    points : int
        Points that each line is resampled to.

    Returns
    -------
    ndarray, shape (points,)
        Distances; empty if nothing is left after the cut. The published figure
        is their mean, pooled over all images. The highest of all measures.

    Notes
    -----
    Mohajerani et al. 2019, Remote Sensing 11, 74: resample, cut near the walls,
    keep the longest piece, resample again.
    """
    _check(front, reference)
    if walls is None:
        walls = MultiPoint([reference.coords[0], reference.coords[-1]])
    pieces = [away_from_walls(line, walls, cut) for line in (front, reference)]
    if pieces[0] is None or pieces[1] is None:
        return np.empty(0)
    a, b = (_resample(piece, points) for piece in pieces if piece is not None)
    straight, turned = np.hypot(*(a - b).T), np.hypot(*(a - b[::-1]).T)
    return np.asarray(straight if straight.mean() <= turned.mean() else turned)


def away_from_walls(line: LineString, walls: BaseGeometry, cut: float) -> LineString | None:
    """Longest piece of a line that is farther from the walls than a cut.

    Parameters
    ----------
    line : shapely LineString
        The line.
    walls : shapely geometry
        Fjord walls in its plane.
    cut : float
        Distance.

    Returns
    -------
    shapely LineString or None
        None if nothing of it is.
    """
    if cut <= 0:
        return line
    rest = shapely.difference(line, shapely.buffer(walls, cut, quad_segs=32))
    if isinstance(rest, LineString):
        return rest if rest.length > 0 else None
    pieces = [p for p in getattr(rest, "geoms", []) if isinstance(p, LineString)]
    return max(pieces, key=lambda piece: piece.length) if pieces else None


def _resample(line: LineString, points: int) -> NDArray[np.float64]:
    steps = np.linspace(0.0, 1.0, points)
    at = shapely.line_interpolate_point(line, steps, normalized=True)
    return np.asarray(shapely.get_coordinates(at))


def nearest_distances(
    front: LineString, reference: LineString, spacing: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances of points along each line to the other line.

    Parameters
    ----------
    front, reference : shapely LineString
        Lines in one plane.
    spacing : float
        Distance between the points, in the unit of the lines.

    Returns
    -------
    tuple of ndarray
        From the front to the reference, and from the reference to the front.

    Notes
    -----
    Cheng et al. 2021 (CALFIN) take the mean over both sets of points; the MDE
    of the CaFFe benchmark (Gourmelon et al. 2022) pools them over all images.
    """
    _check(front, reference)
    forward = shapely.distance(shapely.points(_along(front, spacing)), reference)
    backward = shapely.distance(shapely.points(_along(reference, spacing)), front)
    return np.asarray(forward), np.asarray(backward)


def _along(line: LineString, spacing: float) -> NDArray[np.float64]:
    return _resample(line, max(2, round(line.length / spacing) + 1))


def point_to_curve(front: LineString, reference: LineString, spacing: float) -> tuple[float, float]:
    """Mean and root-mean-square distance, half from the front and half to it.

    Parameters
    ----------
    front, reference : shapely LineString
        Lines in one plane.
    spacing : float
        Distance between the points, in the unit of the lines.

    Returns
    -------
    tuple of float
        Mean and root mean square.

    Notes
    -----
    Heidler et al. 2023 (COBRA), IEEE TGRS 61.
    """
    forward, backward = nearest_distances(front, reference, spacing)
    mean = 0.5 * (forward.mean() + backward.mean())
    square = 0.5 * ((forward**2).mean() + (backward**2).mean())
    return float(mean), float(np.sqrt(square))


def hausdorff(front: LineString, reference: LineString, spacing: float) -> float:
    """Largest distance from a point of either line to the other line.

    Parameters
    ----------
    front, reference : shapely LineString
        Lines in one plane.
    spacing : float
        Distance between the points, in the unit of the lines.

    Returns
    -------
    float
        The distance.
    """
    forward, backward = nearest_distances(front, reference, spacing)
    return float(max(forward.max(), backward.max()))


def polis(front: LineString, reference: LineString) -> float:
    """PoLiS: mean distance of the vertices of each line to the other, halved and summed.

    Parameters
    ----------
    front, reference : shapely LineString
        Lines in one plane. Only their own vertices count.

    Returns
    -------
    float
        The distance.

    Notes
    -----
    Avbelj et al. 2015, IEEE Geosci. Remote Sens. Lett. 12, 170, eq. 1.
    """
    _check(front, reference)
    there = [reference.distance(Point(xy)) for xy in front.coords]
    back = [front.distance(Point(xy)) for xy in reference.coords]
    return float(0.5 * np.mean(there) + 0.5 * np.mean(back))


def edge_iou(front: LineString, reference: LineString, width: float) -> float:
    """Overlap of two lines drawn with some width.

    Parameters
    ----------
    front, reference : shapely LineString
        Lines in one plane.
    width : float
        Width, in the unit of the lines; three pixels by convention.

    Returns
    -------
    float
        Area of the intersection over that of the union, 0 to 1.
    """
    _check(front, reference)
    a, b = (line.buffer(width / 2, cap_style="flat") for line in (front, reference))
    return _iou(a, b)


def ice_iou(front: LineString, reference: LineString, region: BaseGeometry) -> tuple[float, float]:
    """Overlap of the ice, and of the ocean, that two fronts bound in a region.

    Parameters
    ----------
    front, reference : shapely LineString
        Lines in one plane, left to right looking down-glacier, ocean towards
        smaller y as in pixel coordinates.
    region : shapely geometry
        Where to compare: the fjord, or the whole picture. Beyond its ends a
        front is taken to go on straight to either side.

    Returns
    -------
    tuple of float
        Intersection over union of the ice and of the ocean, 0 to 1.
    """
    _check(front, reference)
    ice = [_ice_side(line, region) for line in (front, reference)]
    ocean = [shapely.difference(region, part) for part in ice]
    return _iou(ice[0], ice[1]), _iou(ocean[0], ocean[1])


def _ice_side(line: LineString, region: BaseGeometry) -> BaseGeometry:
    """Part of a region on the ice side, larger y, of a line drawn out to both sides."""
    xy = shapely.get_coordinates(line)
    if xy[0, 0] > xy[-1, 0]:
        xy = xy[::-1]
    west, south, east, north = shapely.union(region, line).bounds
    reach = max(east - west, north - south)
    cut = LineString([(west - reach, xy[0, 1]), *xy, (east + reach, xy[-1, 1])])
    frame = [(east + reach, north + reach), (west - reach, north + reach)]
    side = shapely.make_valid(shapely.polygons([*cut.coords, *frame]))
    return shapely.intersection(region, side)


def _iou(a: BaseGeometry, b: BaseGeometry) -> float:
    union = shapely.union(a, b).area
    return float(shapely.intersection(a, b).area / union) if union > 0 else 1.0


def _check(*lines: LineString) -> None:
    for line in lines:
        if line.is_empty or not line.length > 0:
            raise TraceError("a line of no length has no distance to another; leave it out")
