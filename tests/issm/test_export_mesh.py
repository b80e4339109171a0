"""Meshes of a number of vertices, finest where fronts were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from exported_made_up import export, fronts, glacier, read_fields

from termini.errors import InputError
from termini.issm import mesh_quality
from termini.issm.export_mesh import COARSER, export_mesh, front_range


def test_vertices_are_spent_on_the_range_of_the_fronts() -> None:
    domain = glacier().domain
    where = front_range(domain, fronts())
    assert where.buffer(2.0).covers(shapely.intersection(fronts().union_all(), domain.fjord))
    assert 0.02 < where.area / domain.fjord.area < 0.6
    mesh = export_mesh(domain, fronts(), vertices=3000)
    assert len(mesh.x) == pytest.approx(3000, rel=0.05)
    quality = mesh_quality(mesh)
    assert quality["minimum_angle"] > 25
    assert quality["orphans"] == quality["clockwise"] == quality["open_boundary"] == 0
    edge = np.sqrt(mesh.areas() * 4 / np.sqrt(3))
    middle = shapely.points(np.column_stack(mesh.centroids()))
    inside = shapely.contains(where, middle)
    far = shapely.distance(where, middle) > 4000
    assert np.quantile(edge[inside], 0.95) < 1.2 * np.median(edge[inside])
    assert np.median(edge[far]) == pytest.approx(COARSER * np.median(edge[inside]), rel=0.15)


def test_an_even_mesh_and_one_with_two_lengths_of_edge() -> None:
    domain = glacier().domain
    even = export_mesh(domain, fronts(), resolution=500.0)
    assert mesh_quality(even)["median_edge"] == pytest.approx(500.0, rel=0.1)
    finer = export_mesh(domain, fronts(), resolution=500.0, front_resolution=250.0)
    edge = np.sqrt(finer.areas() * 4 / np.sqrt(3))
    assert np.quantile(edge, 0.05) == pytest.approx(250.0, rel=0.2)
    assert export_mesh(domain, fronts(), given=even) is even


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"vertices": 5000, "resolution": 300.0}, "5000 vertices and a resolution of 300 m"),
        ({"front_resolution": 100.0}, "front_resolution 100 m without a resolution"),
        ({"vertices": 20}, "a mesh of 20 vertices shows no front"),
    ],
)
def test_settings_that_contradict_each_other(options: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        export_mesh(glacier().domain, fronts(), **options)


def test_fronts_of_elsewhere() -> None:
    moved = fronts().set_geometry(fronts().geometry.translate(1e5, 0.0))
    with pytest.raises(InputError, match="no front lies in its fjord"):
        export_mesh(glacier().domain, moved)


def test_backend_is_handed_on(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'triangle' is not known; take 'own' or 'gmsh'"):
        export(tmp_path / "no", resolution=700.0, backend="triangle")
    pytest.importorskip("gmsh", reason="pip install gmsh")
    made = [
        read_fields(export(tmp_path / name, resolution=700.0, backend=name) / "model_input.nc")
        for name in ("own", "gmsh")
    ]
    own, theirs = (fields["mesh.x"].size for fields in made)
    assert own != theirs
    assert abs(theirs / own - 1) < 0.5
