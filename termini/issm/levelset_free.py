"""Where the front is free: vertices at which the model moves it itself."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.errors import InputError
from termini.issm.mesh import Mesh


def free_vertices(
    mesh: Mesh, free: BaseGeometry | NDArray[np.bool_] | None, notes: list[str]
) -> NDArray[np.bool_]:
    """Vertices at which the model moves the front.

    Parameters
    ----------
    mesh : Mesh
        Mesh.
    free : shapely Polygon or ndarray of bool, shape (nv,), or None
        Where.
    notes : list of str
        How many there are is added here.

    Returns
    -------
    ndarray of bool, shape (nv,)
        True where the front is free.

    Raises
    ------
    InputError
        If a mask does not fit the mesh.
    """
    if free is None:
        return np.zeros(len(mesh.x), dtype=bool)
    if isinstance(free, BaseGeometry):
        shapely.prepare(free)
        chosen = np.asarray(shapely.intersects_xy(free, mesh.x, mesh.y), dtype=bool)
    else:
        chosen = np.asarray(free)
        if chosen.shape != mesh.x.shape or chosen.dtype != bool:
            raise InputError(
                f"free must be a polygon or a mask of {len(mesh.x)} booleans, one a vertex; "
                f"it has shape {chosen.shape} and type {chosen.dtype}"
            )
    notes.append(f"The front is free (NaN) at {chosen.sum()} of {len(mesh.x)} vertices.")
    return chosen
