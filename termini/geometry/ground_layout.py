"""How files lay out bed, surface and mask, and what can be made of what they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from termini.errors import InputError

#: Classes of the mask.
OCEAN, LAND, ICE = 0.0, 1.0, 2.0
# BedMachine: ocean, ice-free land, grounded ice, floating ice; 4 is land of others in
# Greenland and a lake under the ice in Antarctica, which flag_meanings tells.
_BEDMACHINE = {0: OCEAN, 1: LAND, 2: ICE, 3: ICE, 4: LAND}
# Nothing on Earth is so deep or high: a sign for "nothing" that was not declared.
_DEEPEST, _HIGHEST = -9990.0, 9000.0
# Ice is thicker than this; the sea stands lower.
_THIN_M, _SHORE_M = 10.0, 5.0

Values = NDArray[np.float64]


def projection_of(data: xr.Dataset, variable: xr.DataArray, path: Path) -> str:
    """Projection that a NetCDF file states.

    Parameters
    ----------
    data : xarray.Dataset
        The file.
    variable : xarray.DataArray
        One of its grids.
    path : pathlib.Path
        For the error.

    Returns
    -------
    str
        Text that pyproj takes.

    Raises
    ------
    InputError
        If it states none.
    """
    # BedMachine says "+init=epsg:3413" in a global attribute; its mapping variable
    # describes the same by an ellipsoid of its own
    for name in ("proj4", "projection", "Projection", "crs", "spatial_ref"):
        if code := re.search(r"epsg:+\s*(\d{4,5})", str(data.attrs.get(name, "")), re.IGNORECASE):
            return f"EPSG:{code[1]}"
    mapping = variable.attrs.get("grid_mapping") or variable.encoding.get("grid_mapping")
    said = data[mapping].attrs if mapping in data.variables else {}
    for text in (said.get("crs_wkt"), said.get("spatial_ref"), said.get("proj4text"), said):
        try:
            if text:
                crs = CRS.from_cf(dict(text)) if isinstance(text, Mapping) else CRS(text)
                return str(crs.to_wkt())
        except (CRSError, KeyError):
            continue
    if set(map(str, variable.dims)) & {"lat", "latitude"}:
        return "EPSG:4326"
    raise InputError(
        f"{path}: states no projection; add one, as the global attribute proj4='EPSG:3413'"
    )


def grid_of(variable: xr.DataArray, path: Path) -> tuple[Affine, tuple[int, int]]:
    """Where the cells of a grid lie.

    Parameters
    ----------
    variable : xarray.DataArray
        Grid; its last two dimensions are y and x, with the centres of its cells.
    path : pathlib.Path
        For the error.

    Returns
    -------
    transform : affine.Affine
        (column, row) to coordinates.
    shape : tuple of int
        Rows and columns.

    Raises
    ------
    InputError
        If the coordinates are missing or not evenly spaced.
    """
    wanted = f"{path}: {variable.name} must have y and x as its last two dimensions"
    if variable.ndim < 2 or any(size != 1 for size in variable.shape[:-2]):
        raise InputError(f"{wanted}, and no other; it has {', '.join(map(str, variable.dims))}")
    axes = []
    for dimension in variable.dims[-2:]:
        if dimension not in variable.coords or variable.sizes[dimension] < 2:
            raise InputError(f"{wanted}, each with coordinates; {dimension} has none")
        centres = np.asarray(variable[dimension].values, dtype=np.float64)
        step = float(centres[-1] - centres[0]) / (len(centres) - 1)
        if step == 0 or not np.allclose(np.diff(centres), step, rtol=0.02):
            raise InputError(f"{wanted}, evenly spaced; {dimension} is not")
        axes.append((float(centres[0]) - step / 2, step, len(centres)))
    (y, dy, rows), (x, dx, columns) = axes
    return Affine(dx, 0.0, x, 0.0, dy, y), (rows, columns)


def possible(grid: Values) -> Values:
    """Elevations; NaN where nothing on Earth is so deep or high.

    Parameters
    ----------
    grid : ndarray
        Metres.

    Returns
    -------
    ndarray
        Of the same shape.
    """
    return np.where((grid > _DEEPEST) & (grid < _HIGHEST), grid, np.nan)


def classes(grid: Values, attributes: Mapping[str, Any]) -> Values:
    """Mask in our classes.

    Parameters
    ----------
    grid : ndarray
        As in the file.
    attributes : mapping
        Its attributes; ``flag_values`` with ``flag_meanings`` go before BedMachine's.

    Returns
    -------
    ndarray
        `OCEAN`, `LAND`, `ICE`; NaN where unknown.
    """
    table: dict[int, float] = dict(_BEDMACHINE)
    values = np.atleast_1d(attributes.get("flag_values", []))
    meanings = re.split(r"[\s,]+", str(attributes.get("flag_meanings", "")).strip().lower())
    if len(values) == len(meanings):
        table = {int(v): _class(text) for v, text in zip(values, meanings, strict=True)}
    found = np.full(grid.shape, np.nan)
    for value, kind in table.items():
        found[grid == value] = kind
    return found


def _class(meaning: str) -> float:
    if "ocean" in meaning or "sea" in meaning:
        return OCEAN
    if ("ice" in meaning and "free" not in meaning) or "lake" in meaning:
        return ICE
    return LAND


def completed(values: dict[str, Values]) -> dict[str, Values]:
    """Mask and surface made from what else is known, where they are not given.

    Parameters
    ----------
    values : dict
        ``bed``, ``surface``, ``thickness``, ``mask``, what there is.

    Returns
    -------
    dict
        ``bed``, ``surface`` and ``mask``, what is known. Where the bed is known, ice is
        where it is thicker than 10 m, ocean where there is none and the bed lies
        below the sea.
    """
    found = {name: grid for name, grid in values.items() if name != "thickness"}
    bed, surface = values.get("bed"), values.get("surface")
    thick = values.get("thickness")
    if thick is None and bed is not None and surface is not None:
        # afloat the ice is thinner than that, but then stands higher than the sea
        thick = np.where(surface > _SHORE_M, surface - bed, np.where(bed < 0, 0.0, surface - bed))
    if thick is None or bed is None:
        return found
    if "mask" not in found:
        kind = np.where(thick > _THIN_M, ICE, np.where(bed < 0, OCEAN, LAND))
        found["mask"] = np.where(np.isfinite(thick) & np.isfinite(bed), kind, np.nan)
    if "surface" not in found:
        found["surface"] = np.where(found["mask"] == OCEAN, 0.0, bed + thick)
    return found
