"""Large pictures in tiles: as few pixels twice as a seam needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TILE = 768
"""Larger pictures than this, rows or columns, are predicted in tiles."""

COST = 1.5
"""Pixels computed for every pixel of a picture, at most."""

STEP = 16
"""Corners of tiles lie on this grid, so that a tile sees the same coarse pixels."""


def cuts(length: int, tile: int = TILE) -> list[tuple[int, int]]:
    """Start and end of each tile along one side.

    As few tiles as will do, of nearly the same length, that share as much as
    the cost allows: the wider the seam, the more of the scene either side sees.

    Parameters
    ----------
    length : int
        Rows or columns of the picture.
    tile : int
        Largest tile; at least 64.

    Returns
    -------
    list of (int, int)
        In order; together at most 1.22 times the length, so that the tiles of
        a picture have at most 1.5 times its pixels.
    """
    if length <= tile:
        return [(0, length)]
    spare = COST**0.5 - 1.0
    count = 2
    while True:
        # what all seams may cost, less what rounding to the grid may add
        overlap = max(int(spare * length / (count - 1)) - STEP, STEP)
        stride = -(-(length - overlap) // count // STEP) * STEP
        if stride + overlap <= tile:
            # rounding the stride up may leave nothing for the last ones
            starts = [k * stride for k in range(count) if k == 0 or k * stride + overlap < length]
            return [(s, min(s + stride + overlap, length)) for s in starts]
        count += 1


def corners(rows: int, columns: int, tile: int = TILE) -> list[tuple[slice, slice]]:
    """Tiles that cover a picture."""
    across = [slice(*c) for c in cuts(columns, tile)]
    return [(slice(*r), c) for r in cuts(rows, tile) for c in across]


def computed_share(rows: int, columns: int, tile: int = TILE) -> float:
    """Pixels computed for every pixel of a picture."""
    areas = [(r.stop - r.start) * (c.stop - c.start) for r, c in corners(rows, columns, tile)]
    return float(sum(areas) / (rows * columns))


def blend(areas: list[tuple[slice, slice]]) -> list[NDArray[np.float32]]:
    """Weight of every tile of a picture: falls towards edges that another one covers.

    A quarter of the seam at the very edge counts next to nothing: there the
    network does not see far enough.

    Parameters
    ----------
    areas : list of (slice, slice)
        From `corners`.

    Returns
    -------
    list of ndarray of float32
        Each of its tile's shape; positive everywhere.
    """
    ramps = [_ramps(sorted({(a[k].start, a[k].stop) for a in areas})) for k in (0, 1)]
    return [
        np.outer(ramps[0][rows.start, rows.stop], ramps[1][columns.start, columns.stop])
        for rows, columns in areas
    ]


def _ramps(parts: list[tuple[int, int]]) -> dict[tuple[int, int], NDArray[np.float32]]:
    """Weight along one side, for every tile of it."""
    out = {}
    for number, (start, stop) in enumerate(parts):
        place = np.arange(start, stop, dtype=np.float32) + 0.5
        rise = np.ones(stop - start, dtype=np.float32)
        if number > 0:
            shared = parts[number - 1][1] - start
            rise = np.minimum(rise, _slope(place - start, shared))
        if number + 1 < len(parts):
            shared = stop - parts[number + 1][0]
            rise = np.minimum(rise, _slope(stop - place, shared))
        out[start, stop] = rise
    return out


def _slope(inwards: NDArray[np.float32], shared: int) -> NDArray[np.float32]:
    return np.asarray(np.clip((inwards - shared / 4) / (shared / 2), 1e-3, 1.0), dtype=np.float32)
