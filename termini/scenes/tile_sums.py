"""Tiles whose checksum is wrong, though they unpack.

A deflated tile ends with the Adler-32 checksum of what it holds (RFC 1950). GDAL stops
unpacking as soon as a tile is full and never looks at it, so that a tile that was spoilt in
the middle may come out full of wrong numbers without an error.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

#: What rasterio calls the packing that has a checksum.
_DEFLATE = "deflate"


def sound_tiles(source: Any, band: int, window: Window, path: Path) -> NDArray[np.bool_]:
    """Where a window lies in tiles that hold what was written.

    Parameters
    ----------
    source : rasterio dataset
        Open raster, a file on this machine.
    band : int
        Band, counted from 1.
    window : rasterio Window
        Rows and columns, of whole pixels.
    path : pathlib.Path
        The file.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
        False where a checksum is wrong; True everywhere in a file that has none.
    """
    sound = np.ones((int(window.height), int(window.width)), dtype=bool)
    packing = str(getattr(source.compression, "value", source.compression)).lower()
    if source.driver not in ("GTiff", "COG") or packing != _DEFLATE:
        return sound
    top, left = int(window.row_off), int(window.col_off)
    tall, wide = source.block_shapes[band - 1]
    with path.open("rb") as file:
        for row in range(top // tall, -(-(top + sound.shape[0]) // tall)):
            for column in range(left // wide, -(-(left + sound.shape[1]) // wide)):
                place = [
                    source.get_tag_item(f"BLOCK_{what}_{column}_{row}", "TIFF", bidx=band)
                    for what in ("OFFSET", "SIZE")
                ]
                if None in place or int(place[1]) == 0:
                    continue  # a tile that was never written
                file.seek(int(place[0]))
                if not _whole(file.read(int(place[1]))):
                    r0, c0 = max(row * tall - top, 0), max(column * wide - left, 0)
                    r1, c1 = (row + 1) * tall - top, (column + 1) * wide - left
                    sound[r0:r1, c0:c1] = False
    return sound


def _whole(packed: bytes) -> bool:
    try:
        zlib.decompress(packed)
    except zlib.error:
        return False
    return True
