"""How long the edges of a mesh shall be, from place to place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.errors import InputError
from termini.issm.distances import Edges, distance, edges_of

#: Edges grow by at most this much for each metre away from a refinement.
GRADATION = 0.25
_SAMPLES = 20_000

Size = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Refinement:
    """Where a mesh shall be finer.

    Parameters
    ----------
    geometry : shapely geometry
        Lines or polygons, as the fronts of all dates or the centreline.
    distance : float
        How far from it, metres; 0 for the inside of a polygon only.
    resolution : float
        Edge length there, metres.
    """

    geometry: BaseGeometry
    distance: float
    resolution: float


def size_function(resolution: float, refine: Sequence[Refinement] = ()) -> Size:
    """Edge length wished at points.

    Parameters
    ----------
    resolution : float
        Edge length away from all refinements, metres.
    refine : sequence of Refinement
        Refinements; the finest counts.

    Returns
    -------
    callable
        Takes points, shape (n, 2), gives edge lengths, shape (n,). Around a
        refinement edges grow linearly by `GRADATION`, so that neighbouring
        triangles differ little in size (Persson 2006, Engineering with Computers
        22, 95).

    Raises
    ------
    InputError
        If a resolution or distance is not a positive number.
    """
    for given in [resolution, *(r.resolution for r in refine)]:
        if not (np.isfinite(given) and given > 0):
            raise InputError(f"a mesh resolution of {given!r} m was asked for; give metres above 0")
    for refinement in refine:
        if not (np.isfinite(refinement.distance) and refinement.distance >= 0):
            raise InputError(
                f"a refinement within {refinement.distance!r} m was asked for; give 0 m or more"
            )
        if refinement.geometry.is_empty:
            raise InputError("a refinement has an empty geometry; give lines or polygons")
    indexed = [(r, edges_of(r.geometry)) for r in refine]
    areas = [r.geometry for r in refine]
    for area in areas:
        shapely.prepare(area)

    def size(points: NDArray[np.float64]) -> NDArray[np.float64]:
        wished = np.full(len(points), float(resolution))
        for refinement, edges in indexed:
            away = _away(points, refinement.geometry, edges)
            beyond = np.maximum(away - refinement.distance, 0.0)
            wished = np.minimum(wished, refinement.resolution + GRADATION * beyond)
        return wished

    return size


def _away(points: NDArray[np.float64], geometry: BaseGeometry, edges: Edges) -> NDArray[np.float64]:
    """Distance of points to a geometry, 0 within polygons, shape (n,)."""
    away = distance(points[:, 0], points[:, 1], edges)
    if shapely.get_dimensions(geometry) == 2:
        inside = shapely.intersects_xy(geometry, points[:, 0], points[:, 1])
        away = np.where(inside, 0.0, away)
    return away


def resolution_for(
    vertices: int, domain: BaseGeometry, where: BaseGeometry, coarser: float
) -> float:
    """Edge length in a part of a domain with which a mesh has so many vertices.

    Parameters
    ----------
    vertices : int
        About how many to have.
    domain : shapely Polygon or MultiPolygon
        Model domain, metres.
    where : shapely geometry
        Lines or polygons within one edge of which edges are shortest.
    coarser : float
        How much longer edges may grow away from them, at the rate of `GRADATION`.

    Returns
    -------
    float
        Metres.

    Notes
    -----
    A vertex of equilateral triangles has sqrt(3)/2 squared edges of the domain to itself;
    its area over that is summed at points of an even grid, and the edge found by halving.
    """
    left, bottom, right, top = domain.bounds
    spacing = float(np.sqrt(domain.area / _SAMPLES))
    x, y = (
        values.ravel()
        for values in np.meshgrid(
            np.arange(left + spacing / 2, right, spacing),
            np.arange(bottom + spacing / 2, top, spacing),
        )
    )
    inside = shapely.contains_xy(domain, x, y)
    points = np.column_stack([x[inside], y[inside]])
    away = _away(points, where, edges_of(where))
    each = domain.area / len(away) * 2 / np.sqrt(3)
    low, high = 1e-3 * spacing, float(np.sqrt(domain.area))
    while high - low > 1e-3 * high:
        edge = (low + high) / 2
        grown = edge + GRADATION * np.maximum(away - edge, 0.0)
        few = (each / np.minimum(grown, coarser * edge) ** 2).sum() < vertices
        low, high = (low, edge) if few else (edge, high)
    return float((low + high) / 2)
