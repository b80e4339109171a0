"""Meshes that modellers bring: ISSM and pyISSM NetCDF, gmsh, meshio formats, arrays."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np
from numpy.typing import ArrayLike, NDArray

from termini.errors import InputError
from termini.issm.mesh import Mesh, boundary_segments

_NETCDF = {".nc", ".nc4", ".cdf", ".h5"}


def mesh_from_arrays(
    x: ArrayLike,
    y: ArrayLike,
    elements: ArrayLike,
    *,
    first: int | None = None,
    name: str = "mesh",
) -> Mesh:
    """Mesh from plain arrays, put into ISSM's order.

    Parameters
    ----------
    x, y : array_like, shape (nv,)
        Vertices, metres.
    elements : array_like of int, shape (ne, 3)
        Vertices of each triangle, in either direction.
    first : int, optional
        What the first vertex is called, 0 or 1; by default 0 where a 0 occurs.
    name : str
        What it is, for messages.

    Returns
    -------
    Mesh
        Counted from 1, counter-clockwise, without orphan vertices.

    Raises
    ------
    InputError
        If shapes or numbers do not fit, or a triangle has no area.
    """
    xs, ys = (np.asarray(v, dtype=np.float64).ravel() for v in (x, y))
    corners = np.asarray(elements)
    if corners.ndim != 2 or corners.shape[1] != 3 or not len(corners):
        raise InputError(f"{name}: elements must have shape (ne, 3), not {corners.shape}")
    if len(xs) != len(ys) or not (np.isfinite(xs).all() and np.isfinite(ys).all()):
        raise InputError(f"{name}: x and y must be finite and of one length")
    if not (np.isfinite(corners).all() and (corners == np.round(corners)).all()):
        raise InputError(f"{name}: elements must be whole numbers of vertices")
    corners = corners.astype(np.int64)
    lowest = (0 if corners.min() == 0 else 1) if first is None else first
    corners = corners - lowest
    if corners.min() < 0 or corners.max() >= len(xs):
        raise InputError(
            f"{name}: elements name vertices {corners.min() + lowest} to "
            f"{corners.max() + lowest}, there are {len(xs)} counted from {lowest}"
        )
    return _ordered(xs, ys, corners, name)


def _ordered(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    corners: NDArray[np.int64],
    name: str,
) -> Mesh:
    """Mesh counted from 1, counter-clockwise, without orphans."""
    (xa, xb, xc), (ya, yb, yc) = x[corners].T, y[corners].T
    twice = (xb - xa) * (yc - ya) - (xc - xa) * (yb - ya)
    if (twice == 0).any():
        raise InputError(f"{name}: element {int(np.argmin(np.abs(twice))) + 1} has no area")
    corners = np.where((twice < 0)[:, None], corners[:, ::-1], corners)
    used, renumbered = np.unique(corners, return_inverse=True)
    elements = renumbered.reshape(corners.shape) + 1
    return Mesh(x[used], y[used], elements, boundary_segments(elements))


def read_mesh(path: str | Path) -> Mesh:
    """Read a triangular mesh.

    Parameters
    ----------
    path : path
        NetCDF that ISSM or pyISSM wrote (a group ``mesh`` with ``x``, ``y`` and
        ``elements``), gmsh ``.msh`` (ASCII, versions 2 and 4), ``.npz`` with ``x``,
        ``y``, ``elements``, or any format that meshio reads where that is installed.

    Returns
    -------
    Mesh
        As `mesh_from_arrays` gives it.

    Raises
    ------
    InputError
        If the file is missing or holds no triangles.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(f"{file}: no such mesh file")
    suffix = file.suffix.lower()
    try:
        if suffix in _NETCDF:
            return _from_netcdf(file)
        if suffix == ".npz":
            with np.load(file) as held:
                return _from_parts(dict(held), file)
        if suffix == ".msh" and (text := _msh_text(file)) is not None:
            return _from_gmsh(text, file)
    except (OSError, KeyError, ValueError, IndexError) as error:
        said = " ".join(str(error).split())
        raise InputError(
            f"{file}: not a mesh that can be read ({said}); give ISSM's or pyISSM's NetCDF, "
            "gmsh .msh, .npz with x, y, elements, or a meshio format"
        ) from error
    return _from_meshio(file)


def _from_netcdf(file: Path) -> Mesh:
    with h5netcdf.File(file) as held:
        group = held["mesh"] if "mesh" in held.groups else held
        parts = {key: np.asarray(group.variables[key][...]) for key in group.variables}
    return _from_parts(parts, file)


def _from_parts(parts: dict[str, Any], file: Path) -> Mesh:
    if missing := [key for key in ("x", "y", "elements") if key not in parts]:
        raise InputError(f"{file}: lacks {missing}; a mesh needs x, y and elements")
    elements = np.asarray(parts["elements"])
    if elements.ndim == 2 and elements.shape[0] == 3 != elements.shape[1]:
        elements = elements.T
    return mesh_from_arrays(parts["x"], parts["y"], elements, name=str(file))


def _msh_text(file: Path) -> list[str] | None:
    """Lines of an ASCII gmsh file of version 2 or 4.1; None for others."""
    with file.open("rb") as handle:
        head = handle.read(200).split()
    if len(head) < 3 or head[0] != b"$MeshFormat" or head[2] != b"0":
        return None
    if not head[1].startswith((b"2", b"4.1")):
        return None
    return file.read_text(encoding="utf-8").splitlines()


def _from_gmsh(lines: list[str], file: Path) -> Mesh:
    """Nodes and three-cornered elements of a gmsh file."""
    version = lines[lines.index("$MeshFormat") + 1].split()[0]
    nodes = _section(lines, "Nodes", file)
    elements = _section(lines, "Elements", file)
    if version.startswith("2"):
        xyz = np.array([row.split()[:3] for row in nodes[1:]], dtype=np.float64)
        tags = xyz[:, 0].astype(np.int64)
        points = xyz[:, 1:]
        split = [row.split() for row in elements[1:]]
        triangles = [row[-3:] for row in split if row[1] == "2"]
    else:
        tags, points = _nodes_4(nodes)
        triangles = _triangles_4(elements)
    if not triangles:
        raise InputError(f"{file}: holds no triangles; mesh the surface (gmsh -2)")
    row_of = np.full(int(tags.max()) + 1, -1)
    row_of[tags] = np.arange(len(tags))
    corners = row_of[np.array(triangles, dtype=np.int64)]
    return mesh_from_arrays(points[:, 0], points[:, 1], corners, first=0, name=str(file))


def _section(lines: list[str], name: str, file: Path) -> list[str]:
    if f"${name}" not in lines or f"$End{name}" not in lines:
        raise InputError(f"{file}: has no whole section ${name}; the file is truncated")
    return lines[lines.index(f"${name}") + 1 : lines.index(f"$End{name}")]


def _nodes_4(rows: list[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    tags: list[int] = []
    points: list[list[str]] = []
    at = 1
    while at < len(rows):
        count = int(rows[at].split()[3])
        tags += [int(row) for row in rows[at + 1 : at + 1 + count]]
        points += [row.split()[:2] for row in rows[at + 1 + count : at + 1 + 2 * count]]
        at += 1 + 2 * count
    return np.array(tags, dtype=np.int64), np.array(points, dtype=np.float64)


def _triangles_4(rows: list[str]) -> list[list[str]]:
    found: list[list[str]] = []
    at = 1
    while at < len(rows):
        _, _, kind, count = (int(value) for value in rows[at].split())
        if kind == 2:
            found += [row.split()[1:4] for row in rows[at + 1 : at + 1 + count]]
        at += 1 + count
    return found


def _from_meshio(file: Path) -> Mesh:
    try:
        meshio = import_module("meshio")
    except ImportError as error:
        raise InputError(
            f"{file}: this format is read through meshio, which is not installed; "
            "pip install meshio, or convert the mesh to .npz with x, y, elements"
        ) from error
    try:
        held = meshio.read(file)
    except (Exception, SystemExit) as error:
        raise InputError(f"{file}: meshio cannot read it ({error}); check the file") from error
    triangles = held.cells_dict.get("triangle")
    if triangles is None or not len(triangles):
        raise InputError(f"{file}: holds no triangles")
    return mesh_from_arrays(
        held.points[:, 0], held.points[:, 1], triangles, first=0, name=str(file)
    )
