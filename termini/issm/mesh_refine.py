"""Delaunay triangulation of a ring-bounded domain, refined until its triangles are good.

Points are added at the circumcentres of triangles that are too large or too sharp
(Ruppert 1995, J. Algorithms 18, 548), many at a time, and edges of the outline that
the triangulation lacks, or that such a point comes too near to, are halved. Scipy
(Qhull) triangulates; it knows no constraints, so an outline is kept by giving it
enough points.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree
from shapely.geometry import Polygon

from termini.errors import DomainError
from termini.issm.mesh_size import Size

Points = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUNDS = 60
#: Triangles with a circumcircle larger than this share of the edge length are cut;
#: it is 0.58 for an equilateral one.
_LARGE = 0.80
#: New points of one round keep this share of their circumcircles' radii apart.
_APART = 0.9
#: No edge is halved, and no point added, below this share of the wished length.
_SMALLEST = 0.04
_FLAT = 1e-6


class Outline:
    """Outline of a mesh: points, and edges that may be halved.

    Parameters
    ----------
    rings : list of ndarray, shape (n, 2)
        Rings without their closing points.
    """

    def __init__(self, rings: list[Points]) -> None:
        self.polygon = Polygon(rings[0], rings[1:])
        shapely.prepare(self.polygon)
        self.points = np.vstack(rings)
        first = np.cumsum([0, *(len(ring) for ring in rings)])
        number = np.arange(len(self.points))
        after = number + 1
        after[first[1:] - 1] = first[:-1]
        self.edges = np.column_stack([number, after])
        self.ring = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])

    def halve(self, which: Ints) -> None:
        """Halve edges; the new points come last."""
        if not len(which):
            return
        a, b = self.edges[which].T
        fresh = len(self.points) + np.arange(len(which))
        self.points = np.vstack([self.points, (self.points[a] + self.points[b]) / 2])
        self.ring = np.concatenate([self.ring, self.ring[a]])
        self.edges[which, 1] = fresh
        self.edges = np.vstack([self.edges, np.column_stack([fresh, b])])

    def lengths(self) -> Points:
        """Length of each edge, metres."""
        return np.asarray(
            np.hypot(*(self.points[self.edges[:, 1]] - self.points[self.edges[:, 0]]).T)
        )


def triangles_within(points: Points, outline: Outline) -> Ints:
    """Delaunay triangles inside an outline.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Points; those of the outline first.
    outline : Outline
        The outline.

    Returns
    -------
    ndarray of int, shape (m, 3)
        Corners from 0, counter-clockwise.
    """
    origin = points[: len(outline.points)].mean(axis=0)
    local = points - origin
    # a wide frame of helpers, so that no edge of the outline lies on the hull, where
    # Qhull may leave out triangles that rounding makes flat
    reach = 3.0 * np.abs(local).max()
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    helpers = reach * np.column_stack([np.cos(angle), np.sin(angle)])
    corners = Delaunay(np.vstack([local, helpers])).simplices.astype(np.int64)
    corners = corners[(corners < len(points)).all(axis=1)]
    twice = _twice_area(points, corners)
    longest = _sides(points, corners).max(axis=1)
    corners, twice = (a[np.abs(twice) > _FLAT * longest**2] for a in (corners, twice))
    corners[twice < 0] = corners[twice < 0][:, ::-1]
    middle = points[corners].mean(axis=1)
    inside: Ints = corners[shapely.contains_xy(outline.polygon, middle[:, 0], middle[:, 1])]
    return inside


def missing_edges(corners: Ints, outline: Outline) -> Ints:
    """Edges of an outline that no triangle inside it has.

    Parameters
    ----------
    corners : ndarray of int, shape (m, 3)
        Triangles inside.
    outline : Outline
        The outline.

    Returns
    -------
    ndarray of int
        Which edges are missing.
    """
    many = int(max(corners.max(initial=0), outline.edges.max())) + 1
    edges = corners[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    # the inside lies to the left of an outline's edge, and of a triangle's
    return np.flatnonzero(~np.isin(outline.edges @ [many, 1], edges @ [many, 1]))


def refined(
    outline: Outline, inner: Points, size: Size, minimum_angle: float
) -> tuple[Points, Ints]:
    """Triangulation with no large and no sharp triangles.

    Parameters
    ----------
    outline : Outline
        Outline; edges may be halved.
    inner : ndarray, shape (n, 2)
        Points inside to begin with.
    size : callable
        Edge length wished at points.
    minimum_angle : float
        Smallest angle to reach, degrees.

    Returns
    -------
    points : ndarray, shape (n, 2)
        Points of the outline, then those inside.
    corners : ndarray of int, shape (m, 3)
        Triangles, counter-clockwise.

    Raises
    ------
    DomainError
        If an edge of the outline cannot be kept.
    """
    for _ in range(_ROUNDS):
        inner = inner[~_encroaching(inner, outline)]
        points = np.vstack([outline.points, inner])
        corners = triangles_within(points, outline)
        missing = missing_edges(corners, outline)
        if len(missing):
            outline.halve(missing)
            continue
        fresh, halved = _additions(points, corners, outline, size, minimum_angle)
        if not len(fresh) and not len(halved):
            return points, corners
        outline.halve(halved)
        inner = np.vstack([inner, fresh])
    points = np.vstack([outline.points, inner])
    corners = triangles_within(points, outline)
    if len(missing := missing_edges(corners, outline)):
        x, y = outline.points[outline.edges[missing[0], 0]]
        raise DomainError(
            f"the outline cannot be meshed near x {x:.0f}, y {y:.0f}, where it nearly touches "
            "itself; widen or close the place, or give a finer resolution"
        )
    return points, corners


def _encroaching(inner: Points, outline: Outline) -> NDArray[np.bool_]:
    """Points inside that are in the way of an edge of the outline."""
    found = np.zeros(len(inner), dtype=bool)
    if not len(inner):
        return found
    edge, point = _in_circles(inner, outline, 1.0)
    del edge
    found[point] = True
    return found


def _in_circles(points: Points, outline: Outline, share: float) -> tuple[Ints, Ints]:
    """Pairs of an edge and a point within the circle on it (as diameter)."""
    a, b = (outline.points[outline.edges[:, k]] for k in (0, 1))
    radius = share * outline.lengths() / 2
    near = cKDTree(points).query_ball_point((a + b) / 2, radius * (1 - 1e-9))
    count = np.array([len(found) for found in near])
    point = np.array([k for found in near for k in found], dtype=np.int64)
    return np.repeat(np.arange(len(near)), count), point


def _additions(
    points: Points, corners: Ints, outline: Outline, size: Size, minimum_angle: float
) -> tuple[Points, Ints]:
    """Points to add and edges to halve in one round."""
    centre, radius = circumcircles(points, corners)
    sides = _sides(points, corners)
    middle = points[corners].mean(axis=1)
    wished = size(middle)
    shortest = sides.min(axis=1)
    # the sine of the smallest angle is half the shortest side over the radius
    sharpness = np.sin(np.radians(minimum_angle)) * 2 * radius / shortest
    largeness = radius / (_LARGE * wished)
    bad = (largeness > 1) | ((sharpness > 1) & (shortest > _SMALLEST * wished))
    if not bad.any():
        return np.empty((0, 2)), np.empty(0, dtype=np.int64)
    order = np.flatnonzero(bad)
    order = order[np.argsort(-np.maximum(largeness, sharpness)[order], kind="stable")]
    centre, radius, middle = centre[order], radius[order], middle[order]
    inside = shapely.contains_xy(outline.polygon, centre[:, 0], centre[:, 1])
    edge, blocked = _in_circles(centre, outline, 1.0)
    free = inside.copy()
    free[blocked] = False
    chosen = _spread(centre, radius, free)
    lost = np.flatnonzero(~inside)
    lost = lost[~np.isin(lost, blocked)]
    if len(lost):
        middles = outline.points[outline.edges].mean(axis=1)
        edge = np.concatenate([edge, cKDTree(middles).query(middle[lost])[1]])
    halved = np.unique(edge)
    long = outline.lengths()[halved] > 2 * _SMALLEST * size(
        outline.points[outline.edges[halved]].mean(axis=1)
    )
    return centre[chosen], halved[long]


def _spread(centre: Points, radius: Points, free: NDArray[np.bool_]) -> Ints:
    """Points that keep apart from all chosen before them."""
    tree = cKDTree(centre)
    open_ = free.copy()
    chosen = []
    for k in np.flatnonzero(free):
        if open_[k]:
            chosen.append(k)
            open_[tree.query_ball_point(centre[k], _APART * radius[k])] = False
    return np.array(chosen, dtype=np.int64)


def circumcircles(points: Points, corners: Ints) -> tuple[Points, Points]:
    """Circles through the corners of triangles.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Points.
    corners : ndarray of int, shape (m, 3)
        Triangles.

    Returns
    -------
    centre : ndarray, shape (m, 2)
        Centres.
    radius : ndarray, shape (m,)
        Radii, metres.
    """
    a, b, c = (points[corners[:, k]] for k in range(3))
    (bx, by), (cx, cy) = (b - a).T, (c - a).T
    twice = 2 * (bx * cy - by * cx)
    b2, c2 = bx**2 + by**2, cx**2 + cy**2
    from_a = np.column_stack([(cy * b2 - by * c2) / twice, (bx * c2 - cx * b2) / twice])
    return a + from_a, np.hypot(*from_a.T)


def _sides(points: Points, corners: Ints) -> Points:
    """Lengths of the sides of triangles, shape (m, 3), opposite to each corner."""
    xy = points[corners]
    return np.asarray(np.linalg.norm(np.roll(xy, -1, axis=1) - np.roll(xy, 1, axis=1), axis=2))


def _twice_area(points: Points, corners: Ints) -> Points:
    a, b, c = (points[corners[:, k]] for k in range(3))
    (bx, by), (cx, cy) = (b - a).T, (c - a).T
    return np.asarray(bx * cy - by * cx)
