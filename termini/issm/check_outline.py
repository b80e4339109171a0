"""Checks of the mesh against the outline of the domain that lies beside it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from termini.issm.check_geometry import boundary, distances, inside, segments_of
from termini.issm.check_read import Bundle, Problem


def within_domain(bundle: Bundle, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points lie in the glacier's fjord, as ``domain.exp`` draws it.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.
    points : ndarray, shape (n, 2)
        Points, metres.

    Returns
    -------
    ndarray of bool, shape (n,)
        All of them where there is no ``domain.exp``.
    """
    rings = [segments_of(c.xy) for c in bundle.contours.get("domain.exp", []) if c.closed]
    if not rings:
        return np.ones(len(points), dtype=bool)
    return inside(points, np.concatenate(rings))


def check_outline(bundle: Bundle, tolerance: float) -> Iterator[Problem]:
    """Check the boundary of the mesh against the outline beside it.

    Parameters
    ----------
    bundle : Bundle
        What there is to check, with ``domain.exp``.
    tolerance : float
        Offset that is allowed, metres.

    Yields
    ------
    Problem
        If the boundary follows the outline, but from aside. A mesh of another outline
        is not compared.
    """
    outline = [
        segments_of(c.xy)
        for name in ("domain.exp", "rock.exp")
        for c in bundle.contours.get(name, [])
    ]
    if "domain.exp" not in bundle.contours or not outline:
        return
    edges = boundary(bundle)
    middle, along = edges.mean(axis=1), edges[:, 1] - edges[:, 0]
    away, foot = distances(middle, np.concatenate(outline))
    near = away <= 1.5 * bundle.edge
    if near.mean() < 0.8:
        return  # a mesh of another outline
    middle, foot, along = middle[near], foot[near], along[near]
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / np.linalg.norm(along, axis=1)[:, None]
    # a coarse boundary cuts corners to both sides, a shift moves all of it one way
    shift, *_ = np.linalg.lstsq(normal, ((middle - foot) * normal).sum(axis=1))
    if np.hypot(*shift) > tolerance:
        yield bundle.problem(
            "mesh.x",
            f"the boundary of the mesh lies off domain.exp by an offset of {shift[0]:.0f}, "
            f"{shift[1]:.0f} m",
            "look for an offset in the coordinates, and for projections that differ",
        )
