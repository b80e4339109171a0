"""Grids of the Generic Mapping Tools in netCDF-3, of the old layout and the new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from scipy.io import netcdf_file

from termini.errors import SceneError


@dataclass
class Raw:
    """What a file holds, before it is checked."""

    values: NDArray[Any]
    transform: Affine
    crs: str | None
    tags: Mapping[str, str] = field(default_factory=dict)
    nodata: float | None = None
    mask: NDArray[np.bool_] | None = None
    notes: list[str] = field(default_factory=list)


def read_gmt(path: Path) -> Raw:
    """GMT grid in netCDF-3, of the old layout (one long vector) or the new one.

    GMT grids state no projection. Coordinates that lie within the range of
    longitude and latitude are taken as such: a grid in metres would be less
    than 400 m wide.
    """
    try:
        with netcdf_file(path, mmap=False) as source:
            found = {name: v.data.copy() for name, v in source.variables.items()}
            z = source.variables["z"]
            scale = float(getattr(z, "scale_factor", 1.0))
            offset = float(getattr(z, "add_offset", 0.0))
            centred = int(getattr(z, "node_offset", getattr(source, "node_offset", 0))) == 0
            fill = getattr(z, "_FillValue", None)
    except (TypeError, ValueError, KeyError, OSError, IndexError, AssertionError) as error:
        raise SceneError(
            f"{path}: cannot be read as a GMT grid, it is truncated or of another kind "
            f"({str(error) or type(error).__name__}); fetch it again or convert it to GeoTIFF"
        ) from error
    values, west, north, dx, dy = _grid_layout(path, found, centred)
    if scale != 1.0 or offset != 0.0:
        values = values * scale + offset
    transform = Affine(dx, 0.0, west, 0.0, -dy, north)
    east, south = transform @ (values.shape[1], values.shape[0])
    degrees = -180 <= west < east <= 360 and -90 <= south < north <= 90
    nodata = float(fill) if fill is not None else None
    return Raw(values, transform, "EPSG:4326" if degrees else None, {}, nodata)


def _grid_layout(
    path: Path, found: dict[str, NDArray[Any]], centred: bool
) -> tuple[NDArray[Any], float, float, float, float]:
    """Values north row first, west and north edge, and spacing in x and y."""
    if "x_range" in found:
        columns, rows = (int(n) for n in found["dimension"])
        if found["z"].size != rows * columns:
            raise SceneError(
                f"{path}: holds {found['z'].size} values for {rows} x {columns} pixels"
            )
        west, east = (float(v) for v in found["x_range"])
        south, north = (float(v) for v in found["y_range"])
        values = found["z"].reshape(rows, columns)
        dx = (east - west) / (columns - centred)
        dy = (north - south) / (rows - centred)
        if centred:
            west, north = west - dx / 2, north + dy / 2
        return values, west, north, dx, dy
    x = found.get("x", found.get("lon"))
    y = found.get("y", found.get("lat"))
    if x is None or y is None or found["z"].shape != (y.size, x.size) or min(x.size, y.size) < 2:
        raise SceneError(f"{path}: not a GMT grid: it lacks x, y and z of matching shapes")
    values, dx, dy = found["z"], float(x[1] - x[0]), float(y[1] - y[0])
    if dy > 0:
        values, y = values[::-1], y[::-1]
    return values, float(x[0]) - dx / 2, float(y[0]) + abs(dy) / 2, dx, abs(dy)
