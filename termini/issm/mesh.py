"""Triangular meshes of a glacier domain, numbered as ISSM numbers them.

A hexagonal lattice of points inside the domain and evenly spaced points on its
boundary are triangulated by Delaunay's rule (scipy, Qhull). That is enough for
fjords without hair-pin bends; most modellers bring a mesh of their own, and
every other function of this room takes theirs as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay
from shapely.geometry import Polygon

from termini.errors import DomainError


@dataclass(frozen=True)
class Mesh:
    """A triangular mesh.

    Parameters
    ----------
    x, y : ndarray of float64, shape (nv,)
        Vertices, metres in the model's projection.
    elements : ndarray of int64, shape (ne, 3)
        Vertices of each triangle, counted from 1, counter-clockwise.
    segments : ndarray of int64, shape (ns, 3)
        Boundary edges: first vertex, second vertex, element, counted from 1, the
        element on the left.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    elements: NDArray[np.int64]
    segments: NDArray[np.int64]

    def areas(self) -> NDArray[np.float64]:
        """Signed area of each element.

        Returns
        -------
        ndarray, shape (ne,)
            Square metres, positive when counter-clockwise.
        """
        return _signed_areas(self.x, self.y, self.elements - 1)

    def centroids(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Centre of each element.

        Returns
        -------
        x, y : ndarray, shape (ne,)
            Metres.
        """
        corner = self.elements - 1
        return self.x[corner].mean(axis=1), self.y[corner].mean(axis=1)


def triangulate(domain: Polygon, resolution: float) -> Mesh:
    """Mesh of a polygon with triangles of about one size.

    Parameters
    ----------
    domain : shapely Polygon
        Model domain, metres; holes are respected.
    resolution : float
        Edge length, metres.

    Returns
    -------
    Mesh
        Connected, without orphan vertices.

    Raises
    ------
    DomainError
        If the polygon is too narrow for the resolution.
    """
    smooth = domain.simplify(resolution / 10).buffer(0)
    if smooth.is_empty or smooth.area < 10 * resolution**2:
        raise DomainError(
            f"a domain of {domain.area / 1e6:.2f} km2 is too small for a mesh of "
            f"{resolution:.0f} m; give a finer resolution"
        )
    boundary = _ring_points(smooth, resolution)
    points = np.vstack([boundary, _lattice(smooth, resolution)])
    corners = Delaunay(points).simplices.astype(np.int64)
    centre = points[corners].mean(axis=1)
    size = _signed_areas(points[:, 0], points[:, 1], corners)
    inside = shapely.contains_xy(smooth, centre[:, 0], centre[:, 1])
    # slivers between nearly collinear boundary points carry no information and
    # make the stiffness matrix nearly singular
    keep = inside & (np.abs(size) > 0.02 * resolution**2)
    corners = _largest_part(corners[keep])
    size = _signed_areas(points[:, 0], points[:, 1], corners)
    corners[size < 0] = corners[size < 0][:, ::-1]
    used, renumbered = np.unique(corners, return_inverse=True)
    elements = renumbered.reshape(corners.shape) + 1
    return Mesh(points[used, 0], points[used, 1], elements, _segments(elements))


def _ring_points(polygon: Polygon, spacing: float) -> NDArray[np.float64]:
    """Evenly spaced points on every ring, corners kept."""
    rings = [polygon.exterior, *polygon.interiors]
    found = []
    for ring in rings:
        dense = shapely.get_coordinates(shapely.segmentize(ring, spacing))[:-1]
        apart = np.hypot(*(dense - np.roll(dense, 1, axis=0)).T)
        found.append(dense[apart > 0.3 * spacing] if (apart > 0.3 * spacing).sum() > 3 else dense)
    return np.vstack(found)


def _lattice(polygon: Polygon, spacing: float) -> NDArray[np.float64]:
    """Hexagonal lattice inside the polygon, clear of its boundary."""
    left, bottom, right, top = polygon.bounds
    step = spacing * np.sqrt(3) / 2
    rows = np.arange(bottom, top + step, step)
    columns = np.arange(left, right + spacing, spacing)
    x = columns[None, :] + (np.arange(len(rows)) % 2)[:, None] * spacing / 2
    y = np.broadcast_to(rows[:, None], x.shape)
    inner = polygon.buffer(-0.6 * spacing)
    inside = shapely.contains_xy(inner, x.ravel(), y.ravel())
    return np.column_stack([x.ravel()[inside], y.ravel()[inside]])


def _signed_areas(
    x: NDArray[np.float64], y: NDArray[np.float64], corners: NDArray[np.int64]
) -> NDArray[np.float64]:
    (xa, xb, xc), (ya, yb, yc) = x[corners].T, y[corners].T
    return np.asarray(((xb - xa) * (yc - ya) - (xc - xa) * (yb - ya)) / 2)


def _edges(corners: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Directed edges of all elements, and the element of each."""
    edges = corners[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    return edges, np.repeat(np.arange(len(corners)), 3)


def _largest_part(corners: NDArray[np.int64]) -> NDArray[np.int64]:
    """Elements of the largest part that hangs together by edges."""
    edges, element = _edges(corners)
    _, name = np.unique(np.sort(edges, axis=1), axis=0, return_inverse=True)
    order = np.argsort(name.ravel(), kind="stable")
    name, element = name.ravel()[order], element[order]
    twin = np.flatnonzero(name[1:] == name[:-1])
    n = len(corners)
    links = coo_array((np.ones(len(twin)), (element[twin], element[twin + 1])), shape=(n, n))
    _, part = connected_components(links, directed=False)
    largest: NDArray[np.int64] = corners[part == np.bincount(part).argmax()]
    return largest


def _segments(elements: NDArray[np.int64]) -> NDArray[np.int64]:
    """Edges that belong to one element only."""
    edges, element = _edges(elements)
    _, name, count = np.unique(
        np.sort(edges, axis=1), axis=0, return_inverse=True, return_counts=True
    )
    alone = count[name.ravel()] == 1
    return np.column_stack([edges[alone], element[alone] + 1])
