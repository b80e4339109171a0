"""The mesh of an export: the modeller's own, or one of the fjord."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.issm.levelset_times import usable_fronts
from termini.issm.mesh import Mesh, triangulate
from termini.issm.mesh_size import Refinement, resolution_for

#: Vertices of a mesh of which nothing else is said.
VERTICES = 10_000
#: Edges away from the fronts are this much longer than those over their range.
COARSER = 4.0
_FEWEST = 100
# Fronts become points this share of the fjord's size apart, and longest edges of the
# triangles left of them are this share of the range from shortest to longest.
_STEPS = 100
_CONCAVE = 0.2


def export_mesh(
    domain: GlacierDomain,
    fronts: gpd.GeoDataFrame,
    *,
    given: Mesh | str | Path | None = None,
    resolution: float | None = None,
    front_resolution: float | None = None,
    vertices: int | None = None,
    span: tuple[Any, Any] | None = None,
    rock: BaseGeometry | None = None,
    backend: str = "own",
) -> Mesh:
    """The modeller's mesh, or one of the fjord that is finest where fronts were.

    Parameters
    ----------
    domain : GlacierDomain
        The fjord polygon becomes the model domain.
    fronts : GeoDataFrame
        Front table; the usable traces of this glacier within `span` say where fronts were.
    given : Mesh or path, optional
        The modeller's own mesh in the domain's projection, or a file of it.
    resolution, front_resolution : float, optional
        Edge length, and edge length over the range of the fronts, metres.
    vertices : int, optional
        In place of a resolution: about how many to have, 10,000 by default. Edges are as
        short over the range of the fronts as that allows, and up to four times as long
        away from it.
    span : pair of dates, optional
        Fronts outside it do not count.
    rock : shapely geometry, optional
        Polygons become holes of a mesh that is made.
    backend : {"own", "gmsh"}
        What makes the mesh; gmsh must be installed.

    Returns
    -------
    Mesh
        In the domain's projection.

    Raises
    ------
    InputError
        If settings contradict each other, or no front lies in the fjord.
    """
    if isinstance(given, Mesh):
        return given
    if given is not None:
        from termini.issm.meshes_read import read_mesh

        return read_mesh(given)
    if vertices is not None and resolution is not None:
        raise InputError(
            f"{vertices} vertices and a resolution of {resolution:g} m: one follows from the "
            "other; give one"
        )
    vertices = vertices or VERTICES
    islands = [] if rock is None else [p for p in shapely.get_parts(rock) if p.area > 0]
    if resolution is not None and (front_resolution is None or front_resolution >= resolution):
        return triangulate(domain.fjord, resolution, holes=islands, backend=backend)
    if front_resolution is not None and resolution is None:
        raise InputError(
            f"front_resolution {front_resolution:g} m without a resolution: say how long edges "
            "are elsewhere, or give vertices alone"
        )
    if vertices < _FEWEST:
        raise InputError(f"a mesh of {vertices} vertices shows no front; give {_FEWEST} or more")
    where = front_range(domain, fronts, span)
    if resolution is not None and front_resolution is not None:
        fine = [Refinement(where, 2 * resolution, front_resolution)]
        return triangulate(domain.fjord, resolution, holes=islands, refine=fine, backend=backend)
    land = domain.fjord if rock is None else shapely.difference(domain.fjord, rock)
    edge = resolution_for(vertices, land, where, COARSER)
    fine = [Refinement(where, edge, edge)]
    return triangulate(domain.fjord, COARSER * edge, holes=islands, refine=fine, backend=backend)


def front_range(
    domain: GlacierDomain, fronts: gpd.GeoDataFrame, span: tuple[Any, Any] | None = None
) -> BaseGeometry:
    """Part of the fjord in which fronts were, and which they crossed between two dates.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    fronts : GeoDataFrame
        Front table; the usable traces of this glacier are taken.
    span : pair of dates, optional
        Fronts outside it do not count.

    Returns
    -------
    shapely geometry
        The concave hull of the fronts within the fjord, in the domain's projection.

    Raises
    ------
    InputError
        If no front lies in the fjord.
    """
    used, _ = usable_fronts(domain, fronts, span, 0.0)
    within = shapely.intersection(used.geometry.to_numpy(), domain.fjord)
    dense = shapely.segmentize(within, np.sqrt(domain.fjord.area) / _STEPS)
    points = shapely.multipoints(np.unique(np.round(shapely.get_coordinates(dense)), axis=0))
    if points.is_empty:
        raise InputError(
            f"{domain.glacier_id}: no front lies in its fjord; give a resolution, or the "
            "fronts of this glacier"
        )
    return shapely.intersection(shapely.concave_hull(points, ratio=_CONCAVE), domain.fjord)
