"""How well linear elements show a front: ours, and the best that they can do."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.issm import Mesh, Refinement, contour_errors, triangulate, zero_contour
from termini.issm.distances import distance
from termini.issm.levelset import signed_distance

Array = NDArray[np.float64]


def contours(mesh: Mesh, phi: Array, lines: list[Any]) -> dict[str, Any]:
    """Distances between the zero of the level set and the front, both ways."""
    corners = mesh.elements - 1
    size = np.sqrt(mesh.areas() * 4 / np.sqrt(3))  # edge of the even triangle of that area
    to_front, to_zero, edges = [], [], []
    for column, line in zip(phi.T, lines, strict=True):
        values = column[corners]
        edge = float(np.median(size[(values.min(axis=1) < 0) & (values.max(axis=1) > 0)]))
        to_front.append(contour_errors(mesh, column, line, 20.0) / edge)
        zero = zero_contour(mesh, column)
        points = shapely.get_coordinates(shapely.segmentize(line, 20.0))
        to_zero.append(distance(points[:, 0], points[:, 1], zero) / edge)
        edges.append(edge)
    forth, back = (100 * np.concatenate(values) for values in (to_front, to_zero))
    return {
        "edge_at_front_m": float(np.median(edges)),
        "zero_to_front_median_pct": float(np.median(forth)),
        "zero_to_front_p95_pct": float(np.quantile(forth, 0.95)),
        "zero_to_front_max_pct": float(forth.max()),
        "front_to_zero_median_pct": float(np.median(back)),
        "front_to_zero_p95_pct": float(np.quantile(back, 0.95)),
        "zero_to_front_median_m": float(np.median(forth)) / 100 * float(np.median(edges)),
    }


def chords(mesh: Mesh, phi: Array, lines: list[Any]) -> dict[str, Any]:
    """Distances between the front and straight lines through the elements it crosses.

    An element on whose one edge the front enters and leaves again shows nothing of it.
    """
    corners = np.column_stack([mesh.x, mesh.y])[mesh.elements - 1]
    triangles = shapely.polygons(corners)
    tree = shapely.STRtree(triangles)
    size = np.sqrt(mesh.areas() * 4 / np.sqrt(3))
    to_front, to_chord = [], []
    for column, line in zip(phi.T, lines, strict=True):
        values = column[mesh.elements - 1]
        edge = float(np.median(size[(values.min(axis=1) < 0) & (values.max(axis=1) > 0)]))
        met = np.sort(tree.query(line, predicate="intersects"))
        parts, of = shapely.get_parts(shapely.intersection(triangles[met], line), return_index=True)
        is_line = shapely.get_type_id(parts) == 1
        parts, of = parts[is_line], met[of[is_line]]
        ends = np.array([shapely.get_coordinates(part)[[0, -1]] for part in parts])
        sides = shapely.linestrings(np.stack([corners[of], np.roll(corners[of], -1, axis=1)], 2))
        on = [shapely.distance(sides, shapely.points(ends[:, k])[:, None]) for k in (0, 1)]
        crossed = on[0].argmin(axis=1) != on[1].argmin(axis=1)
        best = shapely.multilinestrings(list(ends[crossed]))
        xy = shapely.get_coordinates(shapely.segmentize(best, 20.0))
        to_front.append(distance(xy[:, 0], xy[:, 1], line) / edge)
        xy = shapely.get_coordinates(shapely.segmentize(line, 20.0))
        to_chord.append(distance(xy[:, 0], xy[:, 1], best) / edge)
    forth, back = (100 * np.concatenate(values) for values in (to_front, to_chord))
    return {
        "chord_to_front_median_pct": float(np.median(forth)),
        "chord_to_front_p95_pct": float(np.quantile(forth, 0.95)),
        "front_to_chord_p95_pct": float(np.quantile(back, 0.95)),
    }


def refined(
    domain: GlacierDomain, ice: list[Any], lines: list[Any], coarse: float
) -> dict[str, Any]:
    """Contour and chords on a mesh that is finer where fronts are, at some epochs."""
    step = max(len(lines) // 25, 1)
    within = shapely.intersection(shapely.union_all(lines), domain.fjord)
    fine = [Refinement(within, 2 * coarse, coarse / 2)]
    mesh = triangulate(domain.fjord, 2 * coarse, refine=fine)
    phi = [
        signed_distance(mesh.x, mesh.y, part, shapely.difference(domain.fjord, part), line)
        for part, line in zip(ice[::step], lines[::step], strict=True)
    ]
    found = contours(mesh, np.column_stack(phi), lines[::step])
    found |= chords(mesh, np.column_stack(phi), lines[::step])
    return {"refined_vertices": len(mesh.x), **{f"refined_{k}": v for k, v in found.items()}}
