"""How good a mesh is."""

from __future__ import annotations

from typing import Any

import numpy as np

from termini.issm.mesh import Mesh
from termini.issm.mesh_smooth import sharpest


def mesh_quality(mesh: Mesh) -> dict[str, Any]:
    """Measures of a mesh, and what is wrong with it.

    Parameters
    ----------
    mesh : Mesh
        Mesh, also of others.

    Returns
    -------
    dict
        ``vertices``, ``elements``, ``segments``: numbers; ``minimum_angle``,
        ``mean_minimum_angle`` (degrees: of all elements, mean over elements of their
        smallest); ``sharp_elements``: elements with an angle under 20 degrees;
        ``shortest_edge``, ``median_edge``, ``longest_edge`` (m); ``area`` (m2);
        ``orphans``: vertices of no element; ``clockwise``: elements of no or
        negative area; ``open_boundary``: vertices at which not exactly one boundary
        edge ends and one begins; ``segments_agree``: whether `Mesh.segments` are the
        edges of one element only; ``sharpest_at``: x, y of the sharpest element (m).
    """
    corners = mesh.elements - 1
    points = np.column_stack([mesh.x, mesh.y])
    angles = np.degrees(sharpest(points, corners))
    edges = np.unique(np.sort(corners[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0)
    length = np.hypot(*(points[edges[:, 0]] - points[edges[:, 1]]).T)
    worst = int(np.argmin(angles))
    used = np.zeros(len(points), dtype=bool)
    used[corners] = True
    left = np.bincount(mesh.segments[:, 0], minlength=len(points) + 1)
    reached = np.bincount(mesh.segments[:, 1], minlength=len(points) + 1)
    return {
        "vertices": len(points),
        "elements": len(corners),
        "segments": len(mesh.segments),
        "minimum_angle": float(angles.min()),
        "mean_minimum_angle": float(angles.mean()),
        "sharp_elements": int((angles < 20).sum()),
        "shortest_edge": float(length.min()),
        "median_edge": float(np.median(length)),
        "longest_edge": float(length.max()),
        "area": float(mesh.areas().sum()),
        "orphans": int((~used).sum()),
        "clockwise": int((mesh.areas() <= 0).sum()),
        "open_boundary": int(((left != reached) | (left > 1)).sum()),
        "segments_agree": _agree(mesh),
        "sharpest_at": [float(value) for value in points[corners[worst]].mean(axis=0)],
    }


def _agree(mesh: Mesh) -> bool:
    """Whether the boundary edges are those that belong to one element only."""
    corners = mesh.elements
    edges = np.sort(corners[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    once, count = np.unique(edges, axis=0, return_counts=True)
    stated = np.unique(np.sort(mesh.segments[:, :2], axis=1), axis=0)
    return bool(np.array_equal(once[count == 1], stated))
