"""Triangular meshes of a glacier domain, numbered as ISSM numbers them.

Most modellers bring a mesh of their own (`termini.issm.meshes_read`); every other
function of this room takes theirs as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry import Polygon

from termini.errors import DomainError, InputError
from termini.issm.distances import distance, edges_of
from termini.issm.mesh_outline import mesh_outline
from termini.issm.mesh_refine import Outline, refined
from termini.issm.mesh_size import Refinement, Size, size_function
from termini.issm.mesh_smooth import smoothed

Points = NDArray[np.float64]

# beyond, adding points may never end
_LARGEST_ANGLE = 33.0
_CLEAR = 0.7  # of the edge length, from the lattice to the outline
_FINER = 1.15


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
    markers : ndarray of int64, shape (ns,), optional
        What each boundary edge is part of: 1 for the outer ring, 2, 3, ... for holes.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    elements: NDArray[np.int64]
    segments: NDArray[np.int64]
    markers: NDArray[np.int64] | None = None

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


def triangulate(
    domain: Polygon,
    resolution: float,
    *,
    holes: Sequence[Polygon] = (),
    refine: Sequence[Refinement] = (),
    minimum_angle: float = 25.0,
    backend: str = "own",
) -> Mesh:
    """Mesh of a polygon.

    Parameters
    ----------
    domain : shapely Polygon
        Model domain, metres; its holes stay open.
    resolution : float
        Edge length, metres.
    holes : sequence of Polygon
        Further holes, as islands of rock; what reaches across the outline cuts it.
    refine : sequence of Refinement
        Where edges shall be shorter.
    minimum_angle : float
        Smallest angle to reach, degrees, at most 33. Corners of the outline sharper
        than that are cut off.
    backend : {"own", "gmsh"}
        What triangulates; gmsh must be installed.

    Returns
    -------
    Mesh
        In one piece, without orphan vertices. The outline is thinned to what the
        resolution can show, its area kept, and all of its edges are in the mesh:
        `Mesh.markers` is 1 on the outer ring and 2, 3, ... on the holes.

    Raises
    ------
    DomainError
        If the polygon is too small for the resolution or nearly touches itself.
    InputError
        If a setting is out of range.

    Notes
    -----
    A hexagonal lattice inside the outline, refined by Ruppert's rule and smoothed
    (`termini.issm.mesh_refine`, `termini.issm.mesh_smooth`).
    """
    if not 0 < minimum_angle <= _LARGEST_ANGLE:
        raise InputError(
            f"a minimum angle of {minimum_angle} degrees was asked for; "
            f"give one above 0 and up to {_LARGEST_ANGLE:.0f}"
        )
    size = size_function(resolution, refine)
    whole = _with_holes(domain, holes)
    finest = min([resolution, *(r.resolution for r in refine)])
    if whole.area < 10 * finest**2:
        raise DomainError(
            f"a domain of {domain.area / 1e6:.2f} km2 is too small for a mesh of "
            f"{resolution:.0f} m; give a finer resolution"
        )
    rings = mesh_outline(whole, size)
    if backend == "gmsh":
        from termini.issm.mesh_gmsh import gmsh_triangles

        return _numbered(*gmsh_triangles(rings, size), rings)
    if backend != "own":
        raise InputError(f"mesh backend {backend!r} is not known; take 'own' or 'gmsh'")
    outline = Outline(rings)
    points, corners = refined(outline, lattice(outline.polygon, size, finest), size, minimum_angle)
    points, corners = smoothed(points, corners, outline)
    return _numbered(points, corners, rings)


def _with_holes(domain: Polygon, holes: Sequence[Polygon]) -> Polygon:
    """Domain without its holes, the largest part."""
    whole = domain if domain.is_valid else domain.buffer(0)
    if holes:
        whole = shapely.difference(whole, shapely.union_all(list(holes)))
    parts = [
        part for part in shapely.get_parts(whole) if part.geom_type == "Polygon" and part.area > 0
    ]
    if not parts:
        raise DomainError("nothing is left of the model domain; check the domain and its holes")
    return max(parts, key=lambda part: part.area)


def _numbered(points: Points, corners: NDArray[np.int64], rings: list[Points]) -> Mesh:
    """Mesh as ISSM counts it, with the ring of each boundary edge as marker."""
    corners = _largest_part(corners)
    used, renumbered = np.unique(corners, return_inverse=True)
    elements = renumbered.reshape(corners.shape) + 1
    x, y = points[used].T
    segments = boundary_segments(elements)
    middle = np.column_stack([x, y])[segments[:, :2] - 1].mean(axis=1)
    away = [distance(middle[:, 0], middle[:, 1], shapely.linearrings(ring)) for ring in rings]
    markers = np.argmin(away, axis=0) + 1
    return Mesh(np.ascontiguousarray(x), np.ascontiguousarray(y), elements, segments, markers)


def lattice(polygon: Polygon, size: Size, finest: float) -> Points:
    """Hexagonal lattices inside a polygon, each where edges of its spacing are wished.

    Parameters
    ----------
    polygon : shapely Polygon
        Outline of the mesh.
    size : callable
        Edge length wished at points.
    finest : float
        Spacing of the finest lattice, metres.

    Returns
    -------
    ndarray, shape (n, 2)
        Points clear of the outline; between two spacings there are gaps.
    """
    left, bottom, right, top = polygon.bounds
    edges = edges_of(polygon)
    found: list[Points] = []
    spacing = finest
    coarsest = float(size(np.array([[left, bottom], [right, top]])).max())
    while spacing < 1.001 * coarsest or not found:
        step = spacing * np.sqrt(3) / 2
        rows = np.arange(bottom, top + step, step)
        columns = np.arange(left, right + spacing, spacing)
        x = columns[None, :] + (np.arange(len(rows)) % 2)[:, None] * spacing / 2
        points = np.column_stack([x.ravel(), np.repeat(rows, len(columns))])
        points = points[shapely.contains_xy(polygon, points[:, 0], points[:, 1])]
        wished = size(points)
        fits = (wished >= 0.999 * spacing) & (wished <= _FINER * spacing)
        fits &= distance(points[:, 0], points[:, 1], edges) > _CLEAR * spacing
        found.append(points[fits])
        spacing *= 1.5
    return np.vstack(found)


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


def boundary_segments(elements: NDArray[np.int64]) -> NDArray[np.int64]:
    """Edges that belong to one element only.

    Parameters
    ----------
    elements : ndarray of int, shape (ne, 3)
        Vertices of each triangle, counted from 1, counter-clockwise.

    Returns
    -------
    ndarray of int, shape (ns, 3)
        First vertex, second vertex, element, counted from 1; the element on the left.
    """
    edges, element = _edges(elements)
    _, name, count = np.unique(
        np.sort(edges, axis=1), axis=0, return_inverse=True, return_counts=True
    )
    alone = count[name.ravel()] == 1
    return np.column_stack([edges[alone], element[alone] + 1])
