"""What is handed to ISSM: mesh, level sets and forcings of one glacier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from termini.issm.mesh import Mesh


@dataclass(frozen=True)
class ModelInput:
    """Fields of an ISSM model, in ISSM's shapes and units.

    ``nv`` and ``ne`` are the numbers of vertices and elements. A series has shape
    (nv + 1, T): values at the vertices, then a last row of decimal years.

    Parameters
    ----------
    name : str
        Glacier, for messages.
    crs : str
        Projection of the mesh.
    mesh : Mesh
        Vertices, elements, segments.
    bed : ndarray, shape (nv,)
        Bed elevation, metres.
    ice_levelset : ndarray, shape (nv,)
        Signed distance to the first front, negative in ice, metres.
    spclevelset : ndarray, shape (nv + 1, T)
        Signed distance to the front of each date, negative in ice, metres.
    gate_vertices : ndarray of int
        Vertices (counted from 0) on the upstream gate, which must be ice.
    meltingrate : ndarray, shape (nv + 1, T) or None
        Frontal melt, metres of ice a year.
    discharge : ndarray, shape (nv + 1, T) or None
        Subglacial discharge of the whole basin, m3 a day, equal at all vertices.
    thermal_forcing : ndarray, shape (nv + 1, T) or None
        Degrees above freezing.
    mass_balance : ndarray, shape (nv + 1, T) or None
        Surface mass balance, metres of ice a year.
    """

    name: str
    crs: str
    mesh: Mesh
    bed: NDArray[np.float64]
    ice_levelset: NDArray[np.float64]
    spclevelset: NDArray[np.float64]
    gate_vertices: NDArray[np.int64]
    meltingrate: NDArray[np.float64] | None = None
    discharge: NDArray[np.float64] | None = None
    thermal_forcing: NDArray[np.float64] | None = None
    mass_balance: NDArray[np.float64] | None = None
