"""Meshes of hard outlines: bends, islands, refinement, moves, real fjords."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, Point, Polygon, box

from termini.errors import DomainError, InputError
from termini.issm import Mesh, Refinement, mesh_quality, triangulate
from termini.issm.mesh_outline import mesh_outline
from termini.issm.mesh_size import size_function


def check(mesh: Mesh, polygon: Polygon, angle: float) -> None:
    found = mesh_quality(mesh)
    assert found["orphans"] == found["clockwise"] == found["open_boundary"] == 0
    assert found["segments_agree"]
    assert found["minimum_angle"] > angle
    assert found["area"] == pytest.approx(polygon.area, rel=0.01)
    euler = found["vertices"] - (found["vertices"] + found["elements"] - 1 + len(polygon.interiors))
    assert euler + found["elements"] == 1 - len(polygon.interiors), "one piece, holes kept"


@st.composite
def fjords(draw: st.DrawFn) -> Polygon:
    """Fjord that turns this way and that, of changing width, sometimes with an island."""
    turns = draw(st.lists(st.floats(-1.2, 1.2), min_size=3, max_size=5))
    heading = np.cumsum(np.repeat(turns, 6) / 6)
    middle = 1_200 * np.cumsum(np.column_stack([np.cos(heading), np.sin(heading)]), axis=0)
    width = np.interp(
        np.linspace(0, 1, len(middle)),
        np.linspace(0, 1, 4),
        draw(st.lists(st.floats(900, 3_500), min_size=4, max_size=4)),
    )
    parts = [
        LineString(middle[k : k + 2]).buffer(width[k], quad_segs=4) for k in range(len(middle) - 1)
    ]
    fjord = shapely.union_all(parts)
    if draw(st.booleans()):
        fjord = fjord.difference(Point(*middle[len(middle) // 2]).buffer(500, quad_segs=3))
    return max(shapely.get_parts(fjord), key=lambda part: part.area)


@settings(max_examples=25)
@given(fjords(), st.floats(200, 500))
def test_random_fjords(fjord: Polygon, resolution: float) -> None:
    check(triangulate(fjord, resolution), fjord, 25.0)


def test_sharp_bend_spit_and_islands() -> None:
    hairpin = LineString([(0, 0), (9_000, 0), (9_000, 2_600), (0, 2_600)]).buffer(
        1_200, cap_style="flat", join_style="mitre"
    )
    islands = [Point(3_000, 100).buffer(300), box(6_000, 2_300, 6_700, 2_700)]
    mesh = triangulate(hairpin, 250.0, holes=islands)
    check(mesh, hairpin - shapely.union_all(islands), 25.0)
    assert mesh.markers is not None
    assert sorted(np.unique(mesh.markers)) == [1, 2, 3]


def test_sharp_corners_are_cut_off() -> None:
    wedge = Polygon([(0, 0), (10_000, 0), (10_000, 1_500)])
    mesh = triangulate(wedge, 200.0)
    assert mesh_quality(mesh)["minimum_angle"] > 25
    assert mesh.areas().sum() == pytest.approx(wedge.area, rel=0.01)


def test_refinement_is_where_it_is_asked_for() -> None:
    line = LineString([(5_000, -1), (5_000, 6_001)])
    mesh = triangulate(box(0, 0, 20_000, 6_000), 600.0, refine=[Refinement(line, 400.0, 120.0)])
    size = np.sqrt(mesh.areas() * 4 / np.sqrt(3))
    x, _ = mesh.centroids()
    assert np.median(size[np.abs(x - 5_000) < 300]) == pytest.approx(120, rel=0.2)
    assert np.median(size[x > 12_000]) == pytest.approx(600, rel=0.25)
    assert mesh_quality(mesh)["minimum_angle"] > 25


@settings(max_examples=8)
@given(st.floats(-3e6, 3e6), st.floats(-3e6, 3e6), st.floats(0, 360))
def test_moved_and_turned_domains_mesh_as_well(dx: float, dy: float, turn: float) -> None:
    polygon = translate(rotate(box(0, 0, 6_000, 4_000) - box(0, 0, 2_500, 1_000), turn), dx, dy)
    check(triangulate(polygon, 400.0), polygon, 25.0)


def test_outline_keeps_the_area_and_drops_what_no_mesh_can_show() -> None:
    around = np.linspace(0, 2 * np.pi, 2_000, endpoint=False)
    radius = 5_000 + 30 * np.sin(60 * around)
    rough = Polygon(np.column_stack([radius * np.cos(around), radius * np.sin(around)]))
    (ring,) = mesh_outline(rough, size_function(500.0))
    assert len(ring) < 120
    assert Polygon(ring).area == pytest.approx(rough.area, rel=1e-3)


def test_same_domain_gives_the_same_mesh() -> None:
    one, two = (triangulate(box(0, 0, 5_000, 3_000), 300.0) for _ in range(2))
    assert np.array_equal(one.x, two.x)
    assert np.array_equal(one.elements, two.elements)


def test_bad_settings_are_named() -> None:
    square = box(0, 0, 4_000, 4_000)
    with pytest.raises(InputError, match="minimum angle of 40 degrees"):
        triangulate(square, 300.0, minimum_angle=40)
    with pytest.raises(InputError, match="backend 'triangle' is not known"):
        triangulate(square, 300.0, backend="triangle")
    with pytest.raises(InputError, match="resolution of -1"):
        triangulate(square, -1)
    with pytest.raises(InputError, match="empty geometry"):
        triangulate(square, 300.0, refine=[Refinement(LineString(), 10.0, 100.0)])
    with pytest.raises(DomainError, match="nothing is left"):
        triangulate(square, 300.0, holes=[box(-1, -1, 5_000, 5_000)])
    with pytest.raises(DomainError, match="not one valid polygon"):
        mesh_outline(Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]), size_function(1.0))
