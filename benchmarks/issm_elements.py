"""How well linear elements show a front: ours, and the best that they can do."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import spsolve

from termini.domain import GlacierDomain
from termini.issm import Mesh, contour_errors, triangulate, zero_contour
from termini.issm.distances import distance
from termini.issm.levelset import signed_distance

Array = NDArray[np.float64]
EXACT = 0.1  # weight of exact distances where values are fitted to a front


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
        "zero_within_1_pct": 100 * float((forth <= 1).mean()),
        "epochs_median_within_1_pct": 100
        * float(np.mean([np.median(e) <= 0.01 for e in to_front])),
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


def at_ends(mesh: Mesh, phi: Array, lines: list[Any]) -> dict[str, Any]:
    """Share of the zero off by more than 1 % of an edge that is within an edge of a front's end."""
    edge = float(np.sqrt(np.median(mesh.areas()) * 4 / np.sqrt(3)))
    beside = []
    for column, line in zip(phi.T, lines, strict=True):
        xy = shapely.get_coordinates(shapely.segmentize(zero_contour(mesh, column), 20.0))
        off = distance(xy[:, 0], xy[:, 1], line) > 0.01 * edge
        ends = shapely.boundary(shapely.line_merge(line))
        beside.append(distance(*xy[off].T, ends) < edge)
    return {"tail_at_ends_pct": 100 * float(np.concatenate(beside).mean())}


def fitted(mesh: Mesh, phi: Array, lines: list[Any]) -> dict[str, Any]:
    """Distance of the zero if values beside a front gave way to it, and by how much they do.

    Least squares: 0 where the front crosses an edge of the mesh once, against the exact
    distances with a tenth of that weight. What is exported is not changed so.
    """
    xy = np.column_stack([mesh.x, mesh.y])
    corners = mesh.elements - 1
    edges = np.unique(np.sort(corners[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0)
    sides = shapely.linestrings(xy[edges])
    tree = shapely.STRtree(sides)
    moved, changes = phi.copy(), []
    for k, line in enumerate(lines):
        met = tree.query(line, predicate="intersects")
        at = shapely.intersection(sides[met], line)
        once = shapely.get_type_id(at) == 0
        met, at = met[once], shapely.get_coordinates(at[once])
        ends = edges[met]
        share = np.hypot(*(at - xy[ends[:, 0]]).T) / shapely.length(sides[met])
        nodes, column = np.unique(ends, return_inverse=True)
        rows = np.arange(len(met))
        zero = csr_array(
            (
                np.concatenate([1 - share, share]),
                (np.tile(rows, 2), column.reshape(-1, 2).T.ravel()),
            ),
            shape=(len(met), len(nodes)),
        )
        away = phi[nodes, k]
        normal = zero.T @ zero + EXACT**2 * eye_array(len(nodes))
        found = spsolve(normal.tocsc(), EXACT**2 * away)
        moved[nodes, k] = np.where(away <= 0, np.minimum(found, -1e-3), np.maximum(found, 1e-3))
        changes.append(np.abs(moved[nodes, k] - away))
    found = contours(mesh, moved, lines)
    change = np.concatenate(changes)
    return {
        "fitted_zero_to_front_p95_pct": found["zero_to_front_p95_pct"],
        "fitted_change_median_m": float(np.median(change)),
        "fitted_change_p95_m": float(np.quantile(change, 0.95)),
        "fitted_change_max_m": float(change.max()),
    }


def even(domain: GlacierDomain, ice: list[Any], lines: list[Any], vertices: int) -> dict[str, Any]:
    """Contour and chords on a mesh of as many vertices with edges of one length."""
    mesh = triangulate(domain.fjord, even_edge(domain, vertices))
    phi = np.column_stack(
        [
            signed_distance(mesh.x, mesh.y, part, shapely.difference(domain.fjord, part), line)
            for part, line in zip(ice, lines, strict=True)
        ]
    )
    found = contours(mesh, phi, lines) | chords(mesh, phi, lines)
    return {"even_vertices": len(mesh.x), **{f"even_{k}": v for k, v in found.items()}}


def even_edge(domain: GlacierDomain, vertices: int) -> float:
    """Edge of even triangles with which a domain has so many vertices, metres."""
    return float(np.sqrt(domain.fjord.area * 2 / np.sqrt(3) / vertices))
