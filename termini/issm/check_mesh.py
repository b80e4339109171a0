"""Checks of the mesh: numbering, orientation, orphans, shape of the elements."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from termini.issm.check_read import Bundle, Problem

# Below this the gradients of an element's basis functions are ten times the edges'
# own scale, and the stiffness matrix suffers.
SMALLEST_ANGLE = 5.0


def check_mesh(bundle: Bundle) -> Iterator[Problem]:
    """Check the mesh.

    Parameters
    ----------
    bundle : Bundle
        What there is to check.

    Yields
    ------
    Problem
        One for each fault. After a fault of the numbering nothing else can be said.
    """
    if not np.isfinite(bundle.xy).all():
        where = int(np.flatnonzero(~np.isfinite(bundle.xy).all(axis=1))[0])
        yield bundle.problem(
            "mesh.x", "a coordinate is not finite", "mend the mesh", _vertex(bundle, where)
        )
        return
    corners, nv = bundle.corners, bundle.vertices
    raw = np.asarray(bundle.fields["mesh.elements"])
    if raw.min() < 1 or raw.max() > nv:
        yield bundle.problem(
            "mesh.elements",
            f"counts vertices from {raw.min():g} to {raw.max():g}, must be from 1 to {nv}",
            "ISSM counts from 1: add 1 to a mesh that counts from 0",
        )
        return
    area = signed_areas(bundle.xy, corners)
    wrong = np.flatnonzero(area <= 0)
    if len(wrong):
        yield bundle.problem(
            "mesh.elements",
            f"{len(wrong)} of {len(area)} elements are clockwise or flat",
            "exchange two vertices of each of them, so that they are counter-clockwise",
            _element(bundle, int(wrong[0])),
        )
    orphans = np.setdiff1d(np.arange(nv), corners)
    if len(orphans):
        yield bundle.problem(
            "mesh.x",
            f"{len(orphans)} orphan vertex(es) belong to no element",
            "remove them and number the elements anew",
            _vertex(bundle, int(orphans[0])),
        )
    if not len(wrong):
        yield from _angles(bundle)
    yield from _segments(bundle)
    yield from _counts(bundle)


def signed_areas(xy: NDArray[np.float64], corners: NDArray[np.int64]) -> NDArray[np.float64]:
    """Area of each element, positive when counter-clockwise.

    Parameters
    ----------
    xy : ndarray, shape (nv, 2)
        Vertices, metres.
    corners : ndarray of int, shape (ne, 3)
        Vertices of the elements, counted from 0.

    Returns
    -------
    ndarray, shape (ne,)
        Square metres.
    """
    a, b, c = (xy[corners[:, i]] for i in range(3))
    cross = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    return np.asarray(cross / 2)


def _angles(bundle: Bundle) -> Iterator[Problem]:
    corner = bundle.xy[bundle.corners]
    one, two = np.roll(corner, -1, axis=1) - corner, np.roll(corner, 1, axis=1) - corner
    dot = (one * two).sum(axis=2)
    size = np.linalg.norm(one, axis=2) * np.linalg.norm(two, axis=2)
    smallest = np.degrees(np.arccos(np.clip(dot / size, -1, 1))).min(axis=1)
    sharp = np.flatnonzero(smallest < SMALLEST_ANGLE)
    if len(sharp):
        worst = int(smallest.argmin())
        yield bundle.problem(
            "mesh.elements",
            f"{len(sharp)} element(s) have an angle below {SMALLEST_ANGLE:g} degrees, the "
            f"sharpest {smallest[worst]:.2f}",
            "mesh the domain anew, finer or with a simpler outline",
            _element(bundle, worst),
        )


def _segments(bundle: Bundle) -> Iterator[Problem]:
    segments = bundle.fields.get("mesh.segments")
    if segments is None or segments.ndim != 2 or segments.shape[1] < 3:
        return
    ends, element = segments[:, :2].astype(np.int64), segments[:, 2].astype(np.int64)
    ne = len(bundle.corners)
    if ends.min() < 1 or ends.max() > bundle.vertices or element.min() < 1 or element.max() > ne:
        fault = "name vertices or elements that do not exist"
    else:
        own = bundle.corners[element - 1] + 1
        stray = ~((own[:, :, None] == ends[:, None, :]).any(axis=1).all(axis=1))
        if not stray.any():
            return
        fault = f"{stray.sum()} segment(s) are no edge of the element that they name"
    yield bundle.problem(
        "mesh.segments", fault, "make them anew from the elements: vertex, vertex, element, from 1"
    )


def _counts(bundle: Bundle) -> Iterator[Problem]:
    for name, count in (
        ("mesh.numberofvertices", bundle.vertices),
        ("mesh.numberofelements", len(bundle.corners)),
    ):
        said = bundle.fields.get(name)
        if said is not None and int(said) != count:
            yield bundle.problem(name, f"says {int(said)}, there are {count}", "set it to that")


def _vertex(bundle: Bundle, index: int) -> str:
    x, y = bundle.xy[index]
    return f"vertex {index + 1} at {x:.0f}, {y:.0f}"


def _element(bundle: Bundle, index: int) -> str:
    x, y = bundle.xy[bundle.corners[index]].mean(axis=0)
    return f"element {index + 1} at {x:.0f}, {y:.0f}"
