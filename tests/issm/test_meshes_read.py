"""Meshes of others, read and put into ISSM's order."""

from __future__ import annotations

from pathlib import Path

import h5netcdf
import numpy as np
import pytest
from shapely.geometry import LineString, Point, box

from termini.errors import InputError
from termini.issm import (
    Mesh,
    Refinement,
    mesh_from_arrays,
    mesh_quality,
    read_mesh,
    triangulate,
)


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return triangulate(box(0, 0, 4_000, 3_000) - box(1_000, 1_000, 1_800, 1_900), 500.0)


def same(one: Mesh, two: Mesh) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(two, name))
        for name in ("x", "y", "elements", "segments")
    )


def test_netcdf_and_npz_give_the_same_mesh(mesh: Mesh, tmp_path: Path) -> None:
    with h5netcdf.File(tmp_path / "m.nc", "w") as file:
        group = file.create_group("mesh")
        group.dimensions = {"v": len(mesh.x), "e": len(mesh.elements), "c": 3}
        group.create_variable("x", ("v",), data=mesh.x)
        group.create_variable("y", ("v",), data=mesh.y)
        group.create_variable("elements", ("e", "c"), data=mesh.elements)
    np.savez(tmp_path / "m.npz", x=mesh.x, y=mesh.y, elements=mesh.elements)
    assert same(read_mesh(tmp_path / "m.nc"), mesh)
    assert same(read_mesh(tmp_path / "m.npz"), mesh)


def test_gmsh_of_both_versions(mesh: Mesh, tmp_path: Path) -> None:
    rows = [
        f"{k + 1} {x!r} {y!r} 0"
        for k, (x, y) in enumerate(zip(mesh.x.tolist(), mesh.y.tolist(), strict=True))
    ]
    # a boundary line between the triangles: not every element has three corners
    cells = ["1 1 2 1 1 1 2"] + [
        f"{k + 2} 2 2 1 1 {a} {b} {c}" for k, (a, b, c) in enumerate(mesh.elements)
    ]
    two = ["$MeshFormat", "2.2 0 8", "$EndMeshFormat", "$Nodes", str(len(rows)), *rows, "$EndNodes"]
    two += ["$Elements", str(len(cells)), *cells, "$EndElements"]
    (tmp_path / "two.msh").write_text("\n".join(two) + "\n")
    tags = [str(k + 1) for k in range(len(rows))]
    places = [row.split(" ", 1)[1] for row in rows]
    n, m = len(rows), len(mesh.elements)
    four = ["$MeshFormat", "4.1 0 8", "$EndMeshFormat", "$Nodes", f"1 {n} 1 {n}", f"2 1 0 {n}"]
    four += [*tags, *places, "$EndNodes", "$Elements", f"2 {m + 1} 1 {m + 1}", "1 1 1 1", "1 1 2"]
    four += [f"2 1 2 {m}"] + [f"{k + 2} {a} {b} {c}" for k, (a, b, c) in enumerate(mesh.elements)]
    (tmp_path / "four.msh").write_text("\n".join([*four, "$EndElements"]) + "\n")
    assert same(read_mesh(tmp_path / "two.msh"), mesh)
    assert same(read_mesh(tmp_path / "four.msh"), mesh)
    (tmp_path / "cut.msh").write_text("\n".join(two[:40]) + "\n")
    with pytest.raises(InputError, match=r"cut.msh: has no whole section \$Nodes"):
        read_mesh(tmp_path / "cut.msh")


def test_clockwise_and_counted_from_0_and_orphans_are_put_right(mesh: Mesh) -> None:
    x, y = np.append(mesh.x, 9e6), np.append(mesh.y, 9e6)
    found = mesh_from_arrays(x, y, mesh.elements[:, ::-1] - 1)
    assert mesh_quality(found)["orphans"] == 0
    assert (found.areas() > 0).all()
    assert found.areas().sum() == pytest.approx(mesh.areas().sum())


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ([[1, 2, 9]], "name vertices 1 to 9, there are 3"),
        ([[1, 2]], r"shape \(ne, 3\)"),
        ([[1, 2, 2]], "element 1 has no area"),
        ([[1.5, 2, 3]], "whole numbers"),
    ],
)
def test_bad_elements_are_named(elements: list[list[float]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        mesh_from_arrays([0.0, 1.0, 0.0], [0.0, 0.0, 1.0], elements, name="own")


def test_bad_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such mesh file"):
        read_mesh(tmp_path / "none.nc")
    (tmp_path / "broken.nc").write_bytes(b"no netcdf at all")
    with pytest.raises(InputError, match="not a mesh that can be read"):
        read_mesh(tmp_path / "broken.nc")
    np.savez(tmp_path / "part.npz", x=[0.0])
    with pytest.raises(InputError, match=r"lacks \['y', 'elements'\]"):
        read_mesh(tmp_path / "part.npz")


def test_meshio_formats(mesh: Mesh, tmp_path: Path) -> None:
    meshio = pytest.importorskip("meshio", reason="meshio is optional")
    points = np.column_stack([mesh.x, mesh.y, np.zeros(len(mesh.x))])
    meshio.Mesh(points, [("triangle", mesh.elements - 1)]).write(tmp_path / "m.vtu")
    assert same(read_mesh(tmp_path / "m.vtu"), mesh)


def test_gmsh_backend() -> None:
    pytest.importorskip("gmsh", reason="gmsh is optional")
    made = mesh_quality(triangulate(box(0, 0, 4_000, 3_000), 300.0, backend="gmsh"))
    assert made["orphans"] == made["clockwise"] == made["open_boundary"] == 0
    assert made["area"] == pytest.approx(12e6)
    assert made["minimum_angle"] > 25


def test_gmsh_meshes_bends_islands_and_refinement() -> None:
    pytest.importorskip("gmsh", reason="gmsh is optional")
    bent = LineString([(0, 0), (9_000, 0), (12_000, 7_000)]).buffer(2_000, cap_style="flat")
    island = Point(6_000, 0).buffer(400)
    fine = Refinement(Point(11_000, 5_000), 500.0, 80.0)
    one, two = (
        triangulate(bent, 300.0, holes=[island], refine=[fine], backend="gmsh") for _ in range(2)
    )
    found = mesh_quality(one)
    assert found["orphans"] == found["clockwise"] == found["open_boundary"] == 0
    assert found["segments_agree"]
    assert found["minimum_angle"] > 20
    assert found["area"] == pytest.approx(bent.difference(island).area, rel=0.01)
    assert one.markers is not None
    assert sorted(np.unique(one.markers)) == [1, 2]
    size, (x, y) = np.sqrt(one.areas() * 4 / np.sqrt(3)), one.centroids()
    near = np.hypot(x - 11_000, y - 5_000) < 400
    assert np.median(size[near]) == pytest.approx(80, rel=0.3)
    assert np.array_equal(one.x, two.x)
    assert np.array_equal(one.elements, two.elements)


@pytest.mark.parametrize(("version", "binary"), [(2.2, 0), (4.1, 0), (4.1, 1)])
def test_files_that_gmsh_wrote(version: float, binary: int, tmp_path: Path) -> None:
    gmsh = pytest.importorskip("gmsh", reason="gmsh is optional")
    gmsh.initialize(interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.option.setNumber("Mesh.MshFileVersion", version)
        gmsh.option.setNumber("Mesh.Binary", binary)
        gmsh.option.setNumber("Mesh.MeshSizeMax", 300)
        gmsh.model.occ.addRectangle(0, 0, 0, 4_000, 3_000)
        gmsh.model.occ.synchronize()
        gmsh.model.mesh.generate(2)
        gmsh.write(str(tmp_path / "m.msh"))
        inside = triangulate(box(0, 0, 1_000, 1_000), 300.0, backend="gmsh")
        assert gmsh.model.list() == [""], "a session of one's own goes on"
    finally:
        gmsh.finalize()
    assert inside.areas().sum() == pytest.approx(1e6)
    if binary:
        pytest.importorskip("meshio", reason="binary files are read by meshio")
    found = mesh_quality(read_mesh(tmp_path / "m.msh"))
    assert found["area"] == pytest.approx(12e6)
    assert found["orphans"] == found["clockwise"] == found["open_boundary"] == 0
