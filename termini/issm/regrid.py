"""Gridded fields at the vertices of a mesh, their integrals kept.

A vertex stands for the part of each of its triangles that lies nearest to it by
the medians (a third of the area). Its value is the mean of the grid over that
part, so that the integral of the linear field on the mesh equals that of the grid.
"""

from __future__ import annotations

import numpy as np
import shapely
import xarray as xr
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from termini.errors import InputError
from termini.issm.mesh import Mesh

Array = NDArray[np.float64]


def vertex_areas(mesh: Mesh) -> Array:
    """Area that each vertex stands for.

    Parameters
    ----------
    mesh : Mesh
        The mesh.

    Returns
    -------
    ndarray, shape (nv,)
        A third of the area of each of its triangles, square metres.
    """
    thirds = np.repeat(mesh.areas() / 3, 3)
    summed = np.bincount(mesh.elements.ravel() - 1, thirds, minlength=len(mesh.x))
    return np.asarray(summed, dtype=np.float64)


def overlap_areas(mesh: Mesh, x: Array, y: Array) -> csr_array:
    """Area that each vertex shares with each cell of a grid.

    Parameters
    ----------
    mesh : Mesh
        The mesh.
    x, y : ndarray, shape (nx,), (ny,)
        Centres of the cells, evenly spaced, in the mesh's projection.

    Returns
    -------
    csr_array, shape (nv, ny * nx)
        Square metres; rows sum to `vertex_areas` where the grid covers the mesh.

    Raises
    ------
    InputError
        If the grid is not even.
    """
    (x0, dx), (y0, dy) = _spacing(x, "x"), _spacing(y, "y")
    kites, owner = _kites(mesh)
    box = shapely.bounds(kites)
    low = [np.minimum(np.floor((box[:, a] - o) / d), np.floor((box[:, a + 2] - o) / d))
           for a, o, d in ((0, x0, dx), (1, y0, dy))]  # fmt: skip
    high = [np.maximum(np.floor((box[:, a] - o) / d), np.floor((box[:, a + 2] - o) / d))
            for a, o, d in ((0, x0, dx), (1, y0, dy))]  # fmt: skip
    first = [v.astype(np.int64) for v in low]
    count = [(h - v + 1).astype(np.int64) for h, v in zip(high, low, strict=True)]
    pairs = count[0] * count[1]
    kite = np.repeat(np.arange(len(kites)), pairs)
    within = np.arange(pairs.sum()) - np.repeat(np.cumsum(pairs) - pairs, pairs)
    column = first[0][kite] + within % count[0][kite]
    row = first[1][kite] + within // count[0][kite]
    keep = (column >= 0) & (column < len(x)) & (row >= 0) & (row < len(y))
    kite, column, row = kite[keep], column[keep], row[keep]
    area = shapely.area(kites)[kite]
    split = pairs[kite] > 1  # a kite inside one cell needs no cutting
    left, bottom = x0 + column[split] * dx, y0 + row[split] * dy
    (west, east), (south, north) = _ordered(left, left + dx), _ordered(bottom, bottom + dy)
    cell = shapely.box(west, south, east, north)
    area[split] = shapely.area(shapely.intersection(kites[kite[split]], cell))
    shape = (len(mesh.x), len(x) * len(y))
    return csr_array((area, (owner[kite], row * len(x) + column)), shape=shape)


def regrid(mesh: Mesh, grid: xr.DataArray, *, where: str = "grid") -> tuple[Array, list[str]]:
    """Field at the vertices of a mesh, its integral over the mesh kept.

    Parameters
    ----------
    mesh : Mesh
        The mesh.
    grid : xarray.DataArray
        Dimensions ``y, x`` or ``time, y, x``, cell means, coordinates in the mesh's
        projection; NaN where not known.
    where : str
        What it is, for errors and notes.

    Returns
    -------
    values : ndarray, shape (nv,) or (nv, T)
        The mean over the known part of what each vertex stands for; where nothing is
        known the value of the nearest vertex that has one.
    notes : list of str
        How many vertices were filled so.

    Raises
    ------
    InputError
        If the grid does not touch the mesh, or has other dimensions.
    """
    if grid.dims[-2:] != ("y", "x") or grid.ndim > 3:
        raise InputError(f"{where}: has dimensions {grid.dims}; (time,) y, x are needed")
    weights = overlap_areas(mesh, grid["x"].to_numpy(), grid["y"].to_numpy())
    flat = np.asarray(grid.values, dtype=np.float64).reshape(-1, weights.shape[1])
    known = np.isfinite(flat)
    total = np.asarray(weights @ np.where(known, flat, 0.0).T)
    covered = np.asarray(weights @ known.T.astype(np.float64))
    full = vertex_areas(mesh)
    enough = covered > 1e-6 * full[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(enough, total / covered, np.nan)
    notes = []
    if not enough.all():
        values, filled = _filled(mesh, values, where)
        notes.append(f"{where}: {filled} vertices outside it have the value of the nearest inside")
    partial = (covered < 0.999 * full[:, None]) & enough
    if partial.any():
        notes.append(f"{where}: {int(partial.any(axis=1).sum())} vertices are covered in part only")
    return (values[:, 0] if grid.ndim == 2 else values), notes


def _ordered(a: Array, b: Array) -> tuple[Array, Array]:
    return np.minimum(a, b), np.maximum(a, b)


def _spacing(centres: Array, axis: str) -> tuple[float, float]:
    """Outer edge before the first cell, and the signed size of a cell."""
    centres = np.asarray(centres, dtype=np.float64)
    step = np.diff(centres)
    if len(step) < 1 or np.abs(step - step[0]).max() > 1e-3 * abs(step[0]) or step[0] == 0:
        raise InputError(f"the grid's {axis} is not evenly spaced; resample it to a regular grid")
    size = (centres[-1] - centres[0]) / (len(centres) - 1)
    return float(centres[0] - size / 2), float(size)


def _kites(mesh: Mesh) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The third of each triangle that belongs to each of its corners, and the corner."""
    corner = np.stack([mesh.x, mesh.y], axis=1)[mesh.elements - 1]
    centre = corner.mean(axis=1)
    found = []
    for k in range(3):
        here, after, before = corner[:, k], corner[:, (k + 1) % 3], corner[:, (k - 1) % 3]
        ring = [here, (here + after) / 2, centre, (here + before) / 2, here]
        found.append(shapely.polygons(np.stack(ring, axis=1)))
    return np.concatenate(found), (mesh.elements - 1).T.ravel()


def _filled(mesh: Mesh, values: Array, where: str) -> tuple[Array, int]:
    """Values with gaps filled from the nearest vertex, and how many vertices had gaps."""
    points = np.column_stack([mesh.x, mesh.y])
    gaps = np.isnan(values)
    values = values.copy()
    for column in range(values.shape[1]):
        bad = gaps[:, column]
        if bad.all():
            raise InputError(
                f"{where}: no value lies on the mesh; do grid and mesh share a projection?"
            )
        if bad.any():
            _, nearest = cKDTree(points[~bad]).query(points[bad])
            values[bad, column] = values[~bad, column][nearest]
    return values, int(gaps.any(axis=1).sum())
