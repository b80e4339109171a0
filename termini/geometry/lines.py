"""Plane geometry of lines: resampling, smoothing, normals, the line midway."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

Points = NDArray[np.float64]
_WAY = 21


def vertices(geometry: BaseGeometry) -> Points:
    """Vertices of any geometry.

    Parameters
    ----------
    geometry : shapely geometry
        Any.

    Returns
    -------
    ndarray, shape (n, 2)
        x and y.
    """
    return np.asarray(shapely.get_coordinates(geometry), dtype=np.float64)


def unit(vector: Points) -> Points:
    """Vector of length one in the same direction.

    Parameters
    ----------
    vector : ndarray, shape (..., 2)
        Vectors that are not zero.

    Returns
    -------
    ndarray
        Same shape.
    """
    return np.asarray(vector / np.linalg.norm(vector, axis=-1, keepdims=True))


def resampled(line: LineString, spacing: float) -> Points:
    """Points at equal distances along a line, both ends included.

    Parameters
    ----------
    line : shapely LineString
        Line of positive length.
    spacing : float
        Wanted distance, in the unit of the line; the true one divides the length.

    Returns
    -------
    ndarray, shape (n, 2)
        At least two points.
    """
    number = max(round(line.length / spacing), 1) + 1
    return vertices(shapely.line_interpolate_point(line, np.linspace(0, line.length, number)))


def smoothed(points: Points, window: float) -> Points:
    """Line of evenly spaced points smoothed by a Gaussian, ends kept.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Evenly spaced.
    window : float
        Standard deviation of the Gaussian, in points.

    Returns
    -------
    ndarray, shape (n, 2)
        Smoothed points. The line is mirrored through its ends, which keeps the
        end points and their direction.
    """
    if len(points) < 3 or window <= 0:
        return points
    reach = min(int(4 * window) + 1, len(points) - 1)
    head = 2 * points[0] - points[reach:0:-1]
    tail = 2 * points[-1] - points[-2 : -reach - 2 : -1]
    padded = np.vstack([head, points, tail])
    smooth = gaussian_filter1d(padded, window, axis=0, mode="nearest")
    return np.asarray(smooth[reach:-reach], dtype=np.float64)


def left_normals(points: Points) -> Points:
    """Unit normals to the left of a line's direction.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Vertices of a line, n > 1.

    Returns
    -------
    ndarray, shape (n, 2)
        One normal a vertex.
    """
    tangent = unit(np.gradient(points, axis=0))
    return np.column_stack([-tangent[:, 1], tangent[:, 0]])


def along_across(line: LineString, points: Points) -> tuple[Points, Points]:
    """Position of points along a line and their distance to its left.

    Parameters
    ----------
    line : shapely LineString
        Line that gives the direction.
    points : ndarray, shape (n, 2)
        Points.

    Returns
    -------
    along, across : ndarray, shape (n,)
        Distance along the line of its nearest point, and signed distance from
        it, positive to the left.
    """
    where = shapely.points(points)
    along = np.asarray(shapely.line_locate_point(line, where))
    distance = np.asarray(shapely.distance(line, where))
    step = max(line.length * 1e-6, 1e-6)
    before = vertices(shapely.line_interpolate_point(line, np.maximum(along - step, 0)))
    after = vertices(shapely.line_interpolate_point(line, np.minimum(along + step, line.length)))
    side = (after[:, 0] - before[:, 0]) * (points[:, 1] - before[:, 1]) - (
        after[:, 1] - before[:, 1]
    ) * (points[:, 0] - before[:, 0])
    return along, np.where(side >= 0, distance, -distance)


def midway_line(left: LineString, right: LineString, fjord: Polygon, spacing: float) -> LineString:
    """Line that is equally far from both walls, from the gate to the mouth.

    Parameters
    ----------
    left, right : shapely LineString
        Walls of `fjord` in the same direction.
    fjord : shapely Polygon
        Fjord between them.
    spacing : float
        Distance of the points of the line.

    Returns
    -------
    shapely LineString
        The line; its ends lie at the middle of the gate and of the mouth.

    Notes
    -----
    The Voronoi cells of points along the left wall meet those of points along
    the right wall in exactly the line of equal distance. Where the walls hide
    each other, so that this line leaves the fjord, the longest piece inside is
    kept.
    """
    one, two = resampled(left, spacing / 2), resampled(right, spacing / 2)
    from scipy.spatial import Voronoi  # takes long; whoever only measures does not wait for it

    diagram = Voronoi(np.vstack([one, two]))
    border = (diagram.ridge_points < len(one)).sum(axis=1) == 1
    ridges = [
        LineString(diagram.vertices[ridge])
        for ridge, between in zip(diagram.ridge_vertices, border, strict=True)
        if between and min(ridge) >= 0
    ]
    inside = shapely.line_merge(shapely.intersection(shapely.union_all(ridges), fjord))
    pieces = [p for p in shapely.get_parts(inside) if p.geom_type == "LineString"]
    start, end = (one[0] + two[0]) / 2, (one[-1] + two[-1]) / 2
    if not pieces:
        return LineString([start, end])
    middle = vertices(max(pieces, key=lambda piece: piece.length))
    if np.linalg.norm(middle[0] - start) > np.linalg.norm(middle[-1] - start):
        middle = middle[::-1]
    cut = spacing / 10
    middle = middle[
        (np.linalg.norm(middle - start, axis=1) > cut)
        & (np.linalg.norm(middle - end, axis=1) > cut)
    ]
    even = resampled(LineString(np.vstack([start, middle, end])), spacing)
    return LineString(smoothed(even, 3.0))


def middle_way(one: Points, two: Points) -> LineString:
    """Line between two walls by halves of their lengths.

    Parameters
    ----------
    one, two : ndarray, shape (n, 2), (m, 2)
        Walls in the same direction.

    Returns
    -------
    shapely LineString
        Rough; good enough to ask which way ice flows along it.
    """
    shares = np.linspace(0.0, 1.0, _WAY)
    sides = [
        vertices(shapely.line_interpolate_point(LineString(wall), shares, normalized=True))
        if len(wall) > 1
        else np.repeat(wall, _WAY, axis=0)
        for wall in (one, two)
    ]
    return LineString((sides[0] + sides[1]) / 2)


def handed(one: Points, two: Points) -> tuple[Points, Points]:
    """Two walls as left and right: gate, right wall, mouth, left wall run anticlockwise.

    Parameters
    ----------
    one, two : ndarray, shape (n, 2), (m, 2)
        Walls, both down-glacier.

    Returns
    -------
    left, right : ndarray
        The same two.
    """
    ring = shapely.LinearRing(np.vstack([one[0], two, one[:0:-1]]))
    return (one, two) if ring.is_ccw else (two, one)


def seen_width(edge: Points, middle: Points) -> float:
    """Length of an edge as seen from the middle of the fronts.

    Parameters
    ----------
    edge : ndarray, shape (2, 2)
        Its ends.
    middle : ndarray, shape (2,)
        Where one stands.

    Returns
    -------
    float
        Metres.
    """
    sight = unit(edge.mean(axis=0) - middle)
    step = edge[1] - edge[0]
    return float(abs(step[0] * sight[1] - step[1] * sight[0]))
