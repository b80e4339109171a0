"""The grid of one glacier: flow goes up the image, the ocean lies at row 0.

A network that always sees a glacier from the same side need not learn every
orientation, and the front runs from the left of the image to its right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy import ndimage
from shapely.geometry import LineString, MultiLineString, Polygon

from termini.domain import GlacierDomain
from termini.errors import SceneError
from termini.geo import scale_factor, transformer
from termini.scenes.place import check_place
from termini.scenes.scene import Scene

#: A pixel of the grid is valid if at least this share of it was seen.
SEEN_SHARE = 0.5


@dataclass(frozen=True)
class Grid:
    """A regular grid in some projection.

    Parameters
    ----------
    transform : affine.Affine
        (column, row) of a pixel's upper left corner to coordinates in `crs`.
    shape : tuple of int
        Rows and columns.
    crs : str
        Projection.
    pixel : float
        Edge of a pixel on the ground, metres.
    """

    transform: Affine
    shape: tuple[int, int]
    crs: str
    pixel: float

    def to_map(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixel coordinates (centres at whole numbers), shape (n, 2), to map coordinates."""
        x, y = self.transform @ (xy[:, 0] + 0.5, xy[:, 1] + 0.5)
        return np.column_stack([x, y])

    def to_pixels(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map coordinates, shape (n, 2), to pixel coordinates (centres at whole numbers)."""
        column, row = ~self.transform @ (xy[:, 0], xy[:, 1])
        return np.column_stack([column - 0.5, row - 0.5])


def domain_grid(domain: GlacierDomain, pixel: float, margin: float = 600.0) -> Grid:
    """Flow-aligned grid around a glacier's fjord.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier. Flow is the direction from the first to the last point of
        its centreline.
    pixel : float
        Edge of a pixel on the ground, true metres.
    margin : float
        How far the grid reaches beyond the fjord on every side, metres.

    Returns
    -------
    Grid
        Ocean at row 0, ice flowing up the image, the left wall (looking
        down-glacier) on the left.
    """
    start = np.asarray(domain.centreline.coords[0])
    end = np.asarray(domain.centreline.coords[-1])
    down = (end - start) / np.hypot(*(end - start))
    right = np.array([down[1], -down[0]])
    middle = domain.fjord.centroid
    scale = float(scale_factor(middle.x, middle.y, domain.crs))
    step = pixel * scale
    ring = shapely.get_coordinates(domain.fjord)
    across, along = ring @ right, ring @ down
    columns = math.ceil((np.ptp(across) + 2 * margin * scale) / step)
    rows = math.ceil((np.ptp(along) + 2 * margin * scale) / step)
    corner = (
        right * ((across.min() + across.max()) / 2 - columns * step / 2)
        + down * ((along.min() + along.max()) / 2 + rows * step / 2)
    )  # fmt: skip
    transform = Affine(
        right[0] * step, -down[0] * step, corner[0], right[1] * step, -down[1] * step, corner[1]
    )
    return Grid(transform, (rows, columns), domain.crs, pixel)


def fjord_raster(domain: GlacierDomain, grid: Grid) -> NDArray[np.bool_]:
    """Pixels whose centre lies in a glacier's fjord.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    grid : Grid
        Grid in the domain's projection.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
        True inside the fjord polygon.
    """
    fjord = Polygon(
        grid.to_pixels(shapely.get_coordinates(domain.fjord.exterior)),
        [grid.to_pixels(shapely.get_coordinates(ring)) for ring in domain.fjord.interiors],
    )
    return raster_polygon(fjord, grid.shape)


def raster_polygon(polygon: Polygon, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels whose centre lies in a polygon given in pixel coordinates.

    Parameters
    ----------
    polygon : shapely Polygon
        x right, y down, pixel centres at whole numbers.
    shape : tuple of int
        Rows and columns.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
        True inside.
    """
    if polygon.is_empty:
        return np.zeros(shape, dtype=bool)
    burnt = rasterize(
        [(polygon, 1)], out_shape=shape, transform=Affine.translation(-0.5, -0.5), dtype="uint8"
    )
    return np.asarray(burnt, dtype=bool)


def pixel_walls(
    domain: GlacierDomain, grid: Grid
) -> tuple[LineString | MultiLineString, LineString | MultiLineString]:
    """Left and right wall of a fjord in pixel coordinates.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    grid : Grid
        Grid in the domain's projection.

    Returns
    -------
    tuple of shapely lines
        Left and right wall.
    """
    return (
        shapely.transform(domain.left_wall, grid.to_pixels),
        shapely.transform(domain.right_wall, grid.to_pixels),
    )


def warp(scene: Scene, grid: Grid) -> Scene:
    """Scene brought to a grid, averaged where the grid is coarser.

    Parameters
    ----------
    scene : Scene
        Georeferenced scene in any projection.
    grid : Grid
        Target.

    Returns
    -------
    Scene
        Same scene on the grid. Pixels of which less than half was seen are not
        valid.

    Raises
    ------
    SceneError
        If the scene has no georeference or lies elsewhere.

    Notes
    -----
    The scene is first averaged over blocks of whole pixels, up to the size of a
    target pixel, over what is valid; then interpolated bilinearly.
    """
    if scene.crs is None:
        raise SceneError(f"{scene.path or scene.scene_id}: has no georeference to warp by")
    check_place(scene.crs, scene.transform, scene.values.shape, scene.path or scene.scene_id)
    rows, columns = grid.shape
    x, y = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    map_x, map_y = grid.transform @ (x.ravel(), y.ravel())
    if scene.crs != grid.crs:
        map_x, map_y = transformer(grid.crs, scene.crs).transform(map_x, map_y)
    column, row = ~scene.transform @ (np.asarray(map_x), np.asarray(map_y))
    values, valid = _sampled(scene, column.reshape(grid.shape), row.reshape(grid.shape))
    if not valid.any():
        raise SceneError(
            f"{scene.path or scene.scene_id}: no valid pixel over the domain; "
            "the scene saw nothing here, leave it out"
        )
    return replace(
        scene,
        values=values,
        valid=valid,
        transform=grid.transform,
        crs=grid.crs,
        pixel_size=grid.pixel,
    )


def rescale(scene: Scene, pixel: float) -> Scene:
    """Scene with pixels of another size, in its own coordinates.

    Parameters
    ----------
    scene : Scene
        Scene of known pixel size, with or without georeference.
    pixel : float
        Edge of the new pixels on the ground, metres.

    Returns
    -------
    Scene
        Same scene; its transform still leads to the coordinates of the given
        one, for a picture to its pixel coordinates.
    """
    factor = pixel / scene.pixel_size
    rows, columns = (max(1, round(n / factor)) for n in scene.values.shape)
    column, row = np.meshgrid((np.arange(columns) + 0.5) * factor, (np.arange(rows) + 0.5) * factor)
    values, valid = _sampled(scene, column, row)
    return replace(
        scene,
        values=values,
        valid=valid,
        transform=scene.transform @ Affine.scale(factor),
        pixel_size=pixel,
    )


def _sampled(
    scene: Scene, column: NDArray[np.float64], row: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Values and validity of a scene at (column, row), counted from its corner."""
    inside = np.isfinite(column) & np.isfinite(row)
    column, row = np.where(inside, column, -10.0), np.where(inside, row, -10.0)
    step_row, step_column = _coarsening(column, row)
    weight, value = _block_means(scene, step_row, step_column)
    at = np.stack([row / step_row - 0.5, column / step_column - 0.5])
    seen = ndimage.map_coordinates(weight, at, order=1, mode="nearest")
    total = ndimage.map_coordinates(weight * value, at, order=1, mode="nearest")
    rows, columns = scene.values.shape
    seen[(column < 0) | (row < 0) | (column > columns) | (row > rows)] = 0.0
    valid = seen >= SEEN_SHARE
    values = np.divide(total, seen, out=np.zeros_like(total), where=valid)
    return np.asarray(values, dtype=np.float32), np.asarray(valid)


def _coarsening(column: NDArray[np.float64], row: NDArray[np.float64]) -> tuple[int, int]:
    """Whole number of source rows and columns that one target pixel spans."""

    def _span(values: NDArray[np.float64]) -> int:
        per_step = [np.median(np.abs(np.diff(values, axis=axis))) for axis in (0, 1)]
        return max(1, int(np.hypot(*per_step) + 0.1))

    return _span(row), _span(column)


def _block_means(
    scene: Scene, step_row: int, step_column: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Share of each block that is valid, and the mean of what is."""
    weight = scene.valid.astype(np.float32)
    value = np.where(scene.valid, scene.values, 0).astype(np.float32)
    if step_row == step_column == 1:
        return weight, value
    pad = ((0, -weight.shape[0] % step_row), (0, -weight.shape[1] % step_column))
    rows, columns = (n + p[1] for n, p in zip(weight.shape, pad, strict=True))
    blocks = (rows // step_row, step_row, columns // step_column, step_column)
    share = np.pad(weight, pad).reshape(blocks).mean(axis=(1, 3))
    total = np.pad(value, pad).reshape(blocks).mean(axis=(1, 3))
    mean = np.divide(total, share, out=np.zeros_like(total), where=share > 0)
    return share, mean
