"""The strip of a scene along a line: what its own pixels show on both sides of it.

A strip is a picture in which a line drawn at a coarser resolution runs straight through the
middle: along the line goes right, up-glacier goes down. Its samples are as far apart as the
scene's own pixels, so that what the coarser grid averaged away is there again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from termini.fronts import subpixel
from termini.geo import transformer
from termini.scenes import Scene
from termini.scenes.normalise import normalise_values

Array = NDArray[np.float64]

#: Samples across the line.
WIDTH = 64

#: Samples are never closer than this, metres: finer pixels are averaged, which takes speckle.
FINEST = 5.0

#: Smoothing of the coarse line: of its course, and before its normals are taken, in pixels of
#: the grid that it was drawn on.
COURSE, TURNS = 0.5, 2.0

#: A sample is valid if at least this share of what it is made of was seen.
SEEN_SHARE = 0.5


@dataclass(frozen=True)
class Strip:
    """Brightness along a line.

    Parameters
    ----------
    base : ndarray, shape (n, 2)
        The line's vertices, one sample apart, in its own coordinates.
    normal : ndarray, shape (n, 2)
        Unit normals that point up-glacier.
    step : float
        Distance of samples, in units of the coordinates.
    values : ndarray of float32, shape (WIDTH, n)
        Rank of brightness within the strip, 0 to 1; row 0 lies farthest down-glacier.
    valid : ndarray of bool, shape (WIDTH, n)
        What the sensor saw.
    working : float
        Samples in a pixel of the grid on which the line was drawn.
    """

    base: Array
    normal: Array
    step: float
    values: NDArray[np.float32]
    valid: NDArray[np.bool_]
    working: float

    def points(self, xy: Array) -> Array:
        """Coordinates of points of the strip, x along the line, y in rows of the strip."""
        at = np.arange(len(self.base), dtype=float)
        base = np.column_stack([np.interp(xy[:, 0], at, self.base[:, k]) for k in (0, 1)])
        normal = np.column_stack([np.interp(xy[:, 0], at, self.normal[:, k]) for k in (0, 1)])
        return np.asarray(base + (offsets()[0] + xy[:, 1:]) * self.step * normal)

    def grid(self) -> Array:
        """Coordinates of every sample, shape (WIDTH, n, 2)."""
        return _samples(self.base, self.normal, self.step)


def offsets() -> Array:
    """Offset of every row from the line, samples, positive up-glacier."""
    return np.arange(WIDTH, dtype=np.float64) - 0.5 * (WIDTH - 1)


def blocks_of(pixel: float) -> int:
    """How many of a scene's pixels, metres, make one sample along each side."""
    return max(1, int(np.ceil(FINEST / pixel - 0.05)))


def cut_strip(
    scene: Scene,
    xy: Array,
    working: float,
    *,
    crs: str | None = None,
    metre: float = 1.0,
    mirrored: bool = False,
) -> Strip:
    """Strip of a scene along a line.

    Parameters
    ----------
    scene : Scene
        The scene at its own resolution.
    xy : ndarray, shape (n, 2)
        The line, left wall to right wall looking down-glacier.
    working : float
        Pixel of the grid on which it was drawn, metres.
    crs : str, optional
        Projection of the line; None for that of the scene, or for a picture.
    metre : float
        Units of the line's coordinates in a metre on the ground.
    mirrored : bool
        Whether y points up in these coordinates, as on maps, and not down, as in pictures.

    Returns
    -------
    Strip
        What the scene shows.
    """
    block = blocks_of(scene.pixel_size)
    sample = scene.pixel_size * block
    step, pixel = sample * metre, working / sample
    line = subpixel.smooth(subpixel.resample(xy, step), COURSE * pixel)
    line = subpixel.resample(line, step)
    normal = subpixel.normals(subpixel.smooth(line, TURNS * pixel))
    normal = -normal if mirrored else normal
    points = _samples(line, normal, step)
    x, y = points[..., 0], points[..., 1]
    if crs is not None and scene.crs is not None and scene.crs != crs:
        x, y = (np.asarray(part) for part in transformer(crs, scene.crs).transform(x, y))
    column, row = ~scene.transform @ (x, y)
    values, valid = _look(scene, np.asarray(column), np.asarray(row), block)
    return Strip(line, normal, step, normalise_values(values, valid), valid, pixel)


def _samples(base: Array, normal: Array, step: float) -> Array:
    return base[None] + offsets()[:, None, None] * step * normal[None]


def _look(
    scene: Scene, column: Array, row: Array, block: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Values and validity at (column, row), counted from the scene's corner."""
    rows, columns = scene.values.shape
    top, left = (int(np.clip(np.floor(np.nanmin(v)) - 2, 0, None)) for v in (row, column))
    bottom, right = (int(np.clip(np.ceil(np.nanmax(v)) + 3, 0, None)) for v in (row, column))
    window = np.s_[top : min(bottom, rows), left : min(right, columns)]
    weight = scene.valid[window].astype(np.float32)
    if weight.size == 0:
        return np.zeros(row.shape, np.float32), np.zeros(row.shape, bool)
    total = np.where(scene.valid[window], scene.values[window], 0).astype(np.float32)
    weight, total = (_block_means(part, block) for part in (weight, total))
    at = np.stack([(column - left) / block - 0.5, (row - top) / block - 0.5], axis=-1)
    seen, sum_ = subpixel.sample(weight, at), subpixel.sample(total, at)
    seen[(column < 0) | (row < 0) | (column > columns) | (row > rows)] = 0.0
    valid = seen >= SEEN_SHARE
    values = np.divide(sum_, seen, out=np.zeros_like(sum_), where=valid)
    return values.astype(np.float32), valid


def _block_means(field: NDArray[np.float32], block: int) -> NDArray[np.float32]:
    if block == 1:
        return field
    pad = [(0, -n % block) for n in field.shape]
    padded = np.pad(field, pad)
    rows, columns = (n // block for n in padded.shape)
    return np.asarray(
        padded.reshape(rows, block, columns, block).mean(axis=(1, 3)), dtype=np.float32
    )
