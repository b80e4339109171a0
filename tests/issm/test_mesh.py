"""Meshes: numbering, orientation, coverage."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from termini.errors import DomainError
from termini.issm import triangulate


def curved_fjord(radius: float, width: float) -> Polygon:
    """Half a ring: a fjord that turns through 90 degrees."""
    angle = np.linspace(0, np.pi / 2, 40)
    outer = np.column_stack([np.cos(angle), np.sin(angle)]) * (radius + width)
    inner = np.column_stack([np.cos(angle), np.sin(angle)]) * radius
    return Polygon(np.vstack([outer, inner[::-1]]))


@settings(max_examples=15)
@given(st.floats(4_000, 15_000), st.floats(2_000, 6_000), st.floats(250, 600))
def test_mesh_is_what_issm_takes(radius: float, width: float, resolution: float) -> None:
    polygon = curved_fjord(radius, width)
    mesh = triangulate(polygon, resolution)
    nv = len(mesh.x)
    assert mesh.elements.min() == 1
    assert mesh.elements.max() == nv
    assert len(np.unique(mesh.elements)) == nv, "orphan vertices"
    assert (mesh.areas() > 0).all(), "clockwise elements"
    assert mesh.areas().sum() == pytest.approx(polygon.area, rel=0.03)
    x, y = mesh.centroids()
    assert shapely.contains_xy(polygon.buffer(resolution / 5), x, y).all()


def test_segments_close_around_the_domain() -> None:
    polygon = box(0, 0, 8_000, 5_000)
    mesh = triangulate(polygon, 400.0)
    first, second, element = mesh.segments.T
    assert sorted(first) == sorted(second), "every boundary vertex is left once and reached once"
    length = np.hypot(
        mesh.x[first - 1] - mesh.x[second - 1], mesh.y[first - 1] - mesh.y[second - 1]
    )
    assert length.sum() == pytest.approx(polygon.length, rel=1e-6)
    for a, b, e in zip(first, second, element, strict=True):
        corners = list(mesh.elements[e - 1])
        assert corners[(corners.index(a) + 1) % 3] == b, "element lies on the left of its segment"


def test_hole_stays_open() -> None:
    polygon = box(0, 0, 8_000, 8_000) - box(3_000, 3_000, 5_000, 5_000)
    mesh = triangulate(polygon, 400.0)
    assert mesh.areas().sum() == pytest.approx(polygon.area, rel=0.02)


def test_domain_too_small_says_so() -> None:
    with pytest.raises(DomainError, match="too small for a mesh of 400 m"):
        triangulate(box(0, 0, 500, 500), 400.0)
