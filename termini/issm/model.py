"""What is handed to ISSM: mesh, level sets and forcings of one glacier.

`FIELDS` is the one place that knows of each field its shape, unit, the range in
which it makes sense, and what it means; the NetCDF writer, the checks and the
README of a folder all read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from termini.issm.forcing import DISCHARGE, WARMTH
from termini.issm.mesh import Mesh


@dataclass(frozen=True)
class Field:
    """One field of an ISSM model.

    Parameters
    ----------
    dims : tuple of str
        Dimensions; ``vertex_and_time`` is one longer than ``vertex``, its last row
        holds decimal years. No name may contain the letters "char": ISSM's Python
        reader takes such a variable for text.
    units, long_name : str
        Unit and meaning, as written into the file.
    low, high : float
        Range outside which a value has the wrong unit or sign.
    """

    dims: tuple[str, ...]
    units: str
    long_name: str
    low: float = -np.inf
    high: float = np.inf

    @property
    def is_series(self) -> bool:
        """Whether the last row holds decimal years."""
        return self.dims[:1] == ("vertex_and_time",)


def _series(time: str, units: str, text: str, low: float, high: float) -> Field:
    return Field(("vertex_and_time", time), units, f"{text}; last row decimal years", low, high)


#: Every field that an export may hold, by its name in ISSM's model.
FIELDS: dict[str, Field] = {
    "mesh.x": Field(("vertex",), "m", "x of vertices", -1e7, 1e7),
    "mesh.y": Field(("vertex",), "m", "y of vertices", -1e7, 1e7),
    "mesh.elements": Field(("element", "three"), "1", "vertices of elements, counted from 1"),
    "mesh.segments": Field(("segment", "three"), "1", "vertex, vertex, element of boundary edges"),
    "mesh.segmentmarkers": Field(("segment",), "1", "kind of boundary of each segment"),
    "mesh.vertexonboundary": Field(("vertex",), "1", "1 on the boundary of the mesh"),
    "mesh.numberofvertices": Field((), "1", "number of vertices"),
    "mesh.numberofelements": Field((), "1", "number of elements"),
    "mesh.epsg": Field((), "1", "EPSG code of the projection"),
    "mask.ice_levelset": Field(("vertex",), "m", "signed distance to the front, negative in ice"),
    "mask.ocean_levelset": Field(("vertex",), "m", "negative in water, ice taken as grounded"),
    "geometry.bed": Field(("vertex",), "m", "bed elevation", -6000.0, 5000.0),
    "levelset.spclevelset": _series(
        "front_time", "m", "signed distance to the front, negative in ice", -1e7, 1e7
    ),
    "levelset.reinit_frequency": Field((), "1", "0: the field is a distance already"),
    "levelset.kill_icebergs": Field((), "1", "0: no ice is removed"),
    "transient.ismovingfront": Field((), "1", "1: the front moves"),
    "frontalforcings.meltingrate": _series(
        "melt_time",
        "m year-1",
        "frontal melt, metres of ice a year, 0 where ISSM ignores it",
        0.0,
        2e4,
    ),
    "calving.calvingrate": _series(
        "calving_time", "m year-1", "calving rate, metres of ice a year", 0.0, 1e5
    ),
    "smb.mass_balance": _series(
        "smb_time", "m year-1", "surface mass balance, metres of ice a year", -50.0, 50.0
    ),
    "timestepping.start_time": Field((), "year", "first date of the fronts, decimal year"),
    "timestepping.final_time": Field((), "year", "last date of the fronts, decimal year"),
    "frontalforcingsrignot.num_basins": Field((), "1", "number of basins"),
    "frontalforcingsrignot.basin_id": Field(
        ("element",), "1", "basin of each element, counted from 1"
    ),
    "frontalforcingsrignot.subglacial_discharge": _series(
        "basin_time", "m3 day-1", "discharge of the whole basin at every vertex", 0.0, 1e10
    ),
    "frontalforcingsrignot.thermalforcing": _series(
        "warmth_time", "K", "ocean temperature above freezing", -5.0, 20.0
    ),
}

#: Class of each group, as pyISSM names it. ISSM's own reader keeps the classes of a
#: fresh model where it does not know the name, and these are the fresh model's.
CLASSES = {
    "mesh": "mesh.mesh2d",
    "mask": "mask.mask",
    "geometry": "geometry.geometry",
    "levelset": "levelset.levelset",
    "transient": "transient.transient",
    "frontalforcings": "frontalforcings.default",
    "frontalforcingsrignot": "frontalforcings.rignot",
    "calving": "calving.default",
    "smb": "smb.default",
    "timestepping": "timestepping.default",
}

FRONT = "levelset.spclevelset"


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
    forcings : mapping of str to ndarray, shape (nv + 1, T)
        By the name of the field in `FIELDS`.
    basin_id : ndarray of int, shape (ne,), optional
        Basin of each element, counted from 1; one basin if not given.
    front_members : ndarray, shape (m, nv, T), optional
        Other level sets that the fronts' uncertainty allows.
    forcing_members : mapping of str to ndarray, shape (m, nv + 1, T)
        Other forcings that their uncertainty allows.
    free : ndarray of bool, shape (nv,), optional
        Where the front is free: the fields of the front are NaN there.
    """

    name: str
    crs: str
    mesh: Mesh
    bed: NDArray[np.float64]
    ice_levelset: NDArray[np.float64]
    spclevelset: NDArray[np.float64]
    gate_vertices: NDArray[np.int64]
    forcings: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    basin_id: NDArray[np.int64] | None = None
    front_members: NDArray[np.float64] | None = None
    forcing_members: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    free: NDArray[np.bool_] | None = None

    def front(self, phi: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Level sets of the front as ISSM takes them.

        Parameters
        ----------
        phi : ndarray, shape (nv, T), optional
            Those of a member of the ensemble; the best estimate's by default.

        Returns
        -------
        ndarray, shape (nv + 1, T)
            NaN where the front is free, then a row of decimal years.
        """
        series = np.vstack([self.spclevelset[:-1] if phi is None else phi, self.spclevelset[-1:]])
        if self.free is not None:
            series[:-1][self.free] = np.nan
        return series

    @property
    def parameterised(self) -> bool:
        """Whether ISSM can work out the melt itself, by Rignot's formula."""
        return DISCHARGE in self.forcings and WARMTH in self.forcings

    def fields(self) -> dict[str, NDArray[np.generic]]:
        """Value of every field that the model has.

        Returns
        -------
        dict of str to ndarray
            By the names of `FIELDS`, in their order; scalars as arrays without
            dimension, whole numbers as int32.
        """
        mesh = self.mesh
        boundary = np.zeros(len(mesh.x), dtype=np.int32)
        boundary[mesh.segments[:, :2].ravel() - 1] = 1
        years = self.spclevelset[-1]
        moved = self.free is not None and bool(self.free.all())
        found: dict[str, object] = {
            "mesh.x": mesh.x,
            "mesh.y": mesh.y,
            "mesh.elements": mesh.elements.astype(np.int32),
            "mesh.segments": mesh.segments.astype(np.int32),
            "mesh.vertexonboundary": boundary,
            "mesh.numberofvertices": np.int32(len(mesh.x)),
            "mesh.numberofelements": np.int32(len(mesh.elements)),
            "mesh.epsg": np.int32(CRS(self.crs).to_epsg() or 0),
            "mask.ice_levelset": self.ice_levelset,
            "mask.ocean_levelset": -self.ice_levelset,
            "geometry.bed": self.bed,
            FRONT: self.front(),
            # a field that the model moves everywhere does not stay a distance: ISSM's default
            "levelset.reinit_frequency": np.int32(10 if moved else 0),
            "levelset.kill_icebergs": np.int32(0),
            "transient.ismovingfront": np.int32(1),
            "timestepping.start_time": np.float64(years[0]),
            "timestepping.final_time": np.float64(years[-1]),
            **self.forcings,
        }
        markers = getattr(mesh, "markers", None)
        if markers is not None:
            found["mesh.segmentmarkers"] = np.asarray(markers, dtype=np.int32)
        if self.parameterised:
            basin = self.basin_id
            basin = np.ones(len(mesh.elements), dtype=np.int32) if basin is None else basin
            found["frontalforcingsrignot.basin_id"] = np.asarray(basin, dtype=np.int32)
            found["frontalforcingsrignot.num_basins"] = np.int32(basin.max())
        return {name: np.asarray(found[name]) for name in FIELDS if name in found}
