"""A made-up glacier and scenes of it, in the layouts that real files have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from scipy.io import netcdf_file
from shapely.geometry import LineString, Polygon
from skimage.io import imsave

from termini.domain import GlacierDomain

# A point on the ice-free coast of Greenland, EPSG:3413, metres.
X0, Y0 = 300_000.0, -2_500_000.0
LENGTH, WIDTH = 12_000.0, 5_000.0


def straight_domain(glacier_id: str = "test:1", angle: float = 0.0) -> GlacierDomain:
    """A straight fjord; flow runs at `angle` (degrees, counted from east)."""
    turn = np.deg2rad(angle)
    down = np.array([np.cos(turn), np.sin(turn)])
    right = np.array([down[1], -down[0]])

    def at(along: float, across: float) -> tuple[float, float]:
        x, y = np.array([X0, Y0]) + along * down + across * right
        return float(x), float(y)

    half = WIDTH / 2
    corners = [at(0, -half), at(LENGTH, -half), at(LENGTH, half), at(0, half)]
    return GlacierDomain(
        glacier_id=glacier_id,
        name="Made up",
        fjord=Polygon(corners),
        gate=LineString([corners[0], corners[3]]),
        left_wall=LineString([corners[0], corners[1]]),
        right_wall=LineString([corners[3], corners[2]]),
        centreline=LineString([at(0, 0), at(LENGTH, 0)]),
        reference_width=WIDTH,
    )


def picture_of(domain: GlacierDomain, front: float, pixel: float = 30.0) -> tuple[Any, Affine]:
    """Bright ice up to `front` metres down-glacier, dark water, grey rock; north up."""
    west, south, east, north = domain.fjord.buffer(2500.0).bounds
    columns, rows = round((east - west) / pixel), round((north - south) / pixel)
    transform = Affine(pixel, 0, west, 0, -pixel, north)
    column, row = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    x, y = transform @ (column, row)
    start, end = (np.array(p) for p in domain.centreline.coords)
    down = (end - start) / np.hypot(*(end - start))
    along = (x - start[0]) * down[0] + (y - start[1]) * down[1]
    across = (x - start[0]) * down[1] - (y - start[1]) * down[0]
    texture = np.random.default_rng(0).integers(-8, 9, along.shape)
    values = np.where(along < front, 200, 50) + texture
    values = np.where(np.abs(across) > WIDTH / 2, 120 + texture, values)
    return np.clip(values, 1, 255).astype(np.uint8), transform


def write_tif(
    path: Path,
    values: NDArray[Any],
    transform: Affine,
    crs: str | None = "EPSG:3413",
    tags: dict[str, str] | None = None,
    **profile: Any,
) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
        dtype=values.dtype, transform=transform, crs=crs, **profile,
    ) as target:  # fmt: skip
        target.write(values, 1)
        target.update_tags(**(tags or {}))
    return path


def write_png(
    path: Path, values: NDArray[np.uint8], alpha: NDArray[np.uint8] | None = None
) -> Path:
    full = np.full_like(values, 255) if alpha is None else alpha
    layers = np.stack([values, values, values, full], axis=-1)
    imsave(path, layers, check_contrast=False)
    return path


def write_old_grd(
    path: Path, values: NDArray[np.int16], west: float, north: float, step: float
) -> Path:
    """The layout that GMT wrote before version 4: one long vector, north row first."""
    rows, columns = values.shape
    with netcdf_file(path, "w") as file:
        file.createDimension("side", 2)
        file.createDimension("xysize", values.size)
        for name, pair, kind in (
            ("x_range", (west, west + columns * step), "d"),
            ("y_range", (north - rows * step, north), "d"),
            ("z_range", (float(values.min()), float(values.max())), "d"),
            ("spacing", (step, step), "d"),
            ("dimension", (columns, rows), "i"),
        ):
            file.createVariable(name, kind, ("side",))[:] = pair
        z = file.createVariable("z", "h", ("xysize",))
        z[:] = values.ravel()
        z.scale_factor, z.add_offset, z.node_offset = 1.0, 0.0, np.int32(1)
    return path
