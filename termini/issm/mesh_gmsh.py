"""Triangles by gmsh, for who has it (GPL; never a dependency)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from termini.errors import DomainError, InputError
from termini.issm.mesh_size import Size

Points = NDArray[np.float64]

_MODEL = "termini domain"


def gmsh_triangles(rings: list[Points], size: Size) -> tuple[Points, NDArray[np.int64]]:
    """Triangulation of a ring-bounded domain by gmsh.

    Parameters
    ----------
    rings : list of ndarray, shape (n, 2)
        Rings without closing points, the outer one first; every edge is kept whole.
    size : callable
        Edge length wished at points.

    Returns
    -------
    points : ndarray, shape (n, 2)
        Points.
    corners : ndarray of int, shape (m, 3)
        Triangles from 0, counter-clockwise.

    Raises
    ------
    InputError
        If gmsh is not installed.
    DomainError
        If gmsh gives no triangles.
    """
    try:
        gmsh = import_module("gmsh")
        own = not gmsh.isInitialized()
    except (ImportError, AttributeError) as error:  # the latter where its library is not found
        raise InputError(
            "the mesh backend 'gmsh' is not installed; pip install gmsh, or take backend='own'"
        ) from error
    if own:
        gmsh.initialize(interruptible=False)
    before = "" if own else gmsh.model.getCurrent()
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.option.setNumber("General.NumThreads", 1)
        for name in ("FromPoints", "FromCurvature", "ExtendFromBoundary"):
            gmsh.option.setNumber(f"Mesh.MeshSize{name}", 0)
        gmsh.option.setNumber("Mesh.Algorithm", 5)
        gmsh.model.add(_MODEL)
        loops = [_loop(gmsh, ring - rings[0][0]) for ring in rings]
        gmsh.model.geo.addPlaneSurface(loops)
        gmsh.model.geo.synchronize()
        for _, curve in gmsh.model.getEntities(1):
            gmsh.model.mesh.setTransfiniteCurve(curve, 2)

        def wished(dim: int, tag: int, x: float, y: float, z: float, given: float) -> float:
            del dim, tag, z, given
            return float(size(np.array([[x, y]]) + rings[0][0])[0])

        gmsh.model.mesh.setSizeCallback(wished)
        gmsh.model.mesh.generate(2)
        tags, xyz, _ = gmsh.model.mesh.getNodes()
        _, nodes = gmsh.model.mesh.getElementsByType(2)
    finally:
        if own:
            gmsh.finalize()
        else:  # the caller's own session goes on
            gmsh.model.setCurrent(_MODEL)
            gmsh.model.remove()
            gmsh.model.setCurrent(before)
    if not len(nodes):
        raise DomainError("gmsh gives no triangles for this domain; take backend='own'")
    row = np.full(int(tags.max()) + 1, -1)
    row[tags.astype(np.int64)] = np.arange(len(tags))
    points = xyz.reshape(-1, 3)[:, :2] + rings[0][0]
    corners = row[nodes.astype(np.int64)].reshape(-1, 3)
    a, b, c = (points[corners[:, k]] for k in range(3))
    turned = (b - a)[:, 0] * (c - a)[:, 1] < (b - a)[:, 1] * (c - a)[:, 0]
    corners[turned] = corners[turned][:, ::-1]
    return points, corners


def _loop(gmsh: Any, ring: Points) -> int:
    geo = gmsh.model.geo
    tags = [geo.addPoint(float(x), float(y), 0.0) for x, y in ring]
    after = [*tags[1:], tags[0]]
    lines = [geo.addLine(a, b) for a, b in zip(tags, after, strict=True)]
    return int(geo.addCurveLoop(lines))
