"""Large pictures in tiles: as few pixels twice as a seam needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TILE = 512
"""Larger pictures than this, rows or columns, are predicted in tiles."""

OVERLAP = 80
"""Pixels that neighbouring tiles share; blended linearly."""

STEP = 16
"""Corners of tiles lie on this grid, so that a tile sees the same coarse pixels."""


def cuts(length: int, tile: int = TILE, overlap: int = OVERLAP) -> list[tuple[int, int]]:
    """Start and end of each tile along one side.

    Parameters
    ----------
    length : int
        Rows or columns of the picture.
    tile, overlap : int
        Largest tile, and what neighbours share at least.

    Returns
    -------
    list of (int, int)
        As few tiles as will do, of nearly the same length, so that the tiles
        together have at most 1.25 times the length (for tiles of 512 that
        share 80), and all tiles of a picture at most 1.5 times its pixels.
    """
    if length <= tile:
        return [(0, length)]
    count = -(-(length - overlap) // (tile - overlap))
    while True:
        stride = -(-(length - overlap) // count // STEP) * STEP
        starts = [k * stride for k in range(count)]
        if stride + overlap <= tile:
            # rounding the stride up may leave nothing for the last ones
            kept = [s for s in starts if s == 0 or s + overlap < length]
            return [(s, min(s + stride + overlap, length)) for s in kept]
        count += 1


def corners(
    rows: int, columns: int, tile: int = TILE, overlap: int = OVERLAP
) -> list[tuple[slice, slice]]:
    """Tiles that cover a picture."""
    across = [slice(*c) for c in cuts(columns, tile, overlap)]
    return [(slice(*r), c) for r in cuts(rows, tile, overlap) for c in across]


def computed_share(rows: int, columns: int, tile: int = TILE, overlap: int = OVERLAP) -> float:
    """Pixels computed for every pixel of a picture."""
    areas = [
        (r.stop - r.start) * (c.stop - c.start) for r, c in corners(rows, columns, tile, overlap)
    ]
    return float(sum(areas) / (rows * columns))


def blend(
    area: tuple[slice, slice], whole: tuple[int, int], overlap: int = OVERLAP
) -> NDArray[np.float32]:
    """Weight of a tile: falls towards edges that another tile covers.

    A quarter of the overlap at the very edge counts next to nothing: there the
    network does not see far enough.
    """
    return np.outer(*(_ramp(s, total, overlap) for s, total in zip(area, whole, strict=True)))


def _ramp(part: slice, total: int, overlap: int) -> NDArray[np.float32]:
    length = part.stop - part.start
    place = np.arange(length, dtype=np.float32)
    rise = np.ones(length, dtype=np.float32)
    near, far = place + 0.5, length - place - 0.5
    for distance, shared in ((near, part.start > 0), (far, part.stop < total)):
        if shared:
            slope = np.clip((distance - overlap / 4) / (overlap / 2), 1e-3, 1.0)
            rise = np.minimum(rise, slope)
    return rise
