"""Part of a raster, in bounded memory, with what could not be read told apart.

A tile that does not unpack spoils itself only: the rest of the window is read
and the tile is marked as not seen. A file whose end is missing is refused, and
so is one that a server stopped sending: there the missing part can be had.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.windows import Window

from termini.errors import SceneError
from termini.scenes.address import Address
from termini.scenes.tile_sums import sound_tiles

#: More pixels than this are not held at once: 1 GB as 32-bit numbers.
MOST_PIXELS = 256_000_000

#: So many pixels are averaged at a time.
_STRIP = 8_000_000

#: What breaks is tried this often where it lies on a server; GDAL itself repeats
#: requests that are refused, but not those that end early.
TRIES = 4


@dataclass(frozen=True)
class Part:
    """What was read of a raster.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        As the file has them, or their means where `factor` is above 1.
    seen : ndarray of bool, shape (rows, columns)
        False where a tile could not be read or a mean has nothing to stand on.
    lost : float
        Share of the part that could not be read.
    """

    values: NDArray[Any]
    seen: NDArray[np.bool_]
    lost: float


def check_size(address: Address, pixels: float) -> None:
    """Refuse to hold more of a scene than memory should.

    Parameters
    ----------
    address : Address
        File, for the message.
    pixels : float
        Pixels that would be held.

    Raises
    ------
    SceneError
        If there are more than `MOST_PIXELS`.
    """
    if pixels > MOST_PIXELS:
        raise SceneError(
            f"{address.label}: {pixels / 1e6:.0f} million pixels would have to be held at once, "
            f"{MOST_PIXELS / 1e6:.0f} million are allowed; read only the part around a glacier "
            "with domain= (--domain)"
        )


def coarsening(pixel: float | None, own: float) -> int:
    """Whole number of source pixels along a target pixel's edge.

    Parameters
    ----------
    pixel : float or None
        Wanted edge of a pixel, metres.
    own : float
        Edge of the source's pixel, metres.

    Returns
    -------
    int
        At least 1; never so large that the result is coarser than wanted.
    """
    if pixel is None or not (math.isfinite(own) and own > 0):
        return 1
    return max(1, int(pixel / own + 1e-6))


def read_part(
    source: Any, band: int, window: Window, factor: int, address: Address, nodata: float | None
) -> Part:
    """Read a window of an open raster.

    Parameters
    ----------
    source : rasterio dataset
        Open raster.
    band : int
        Band, counted from 1.
    window : rasterio Window
        Rows and columns, of whole pixels.
    factor : int
        Average over blocks of so many pixels squared; 1 reads as it is.
    address : Address
        The file.
    nodata : float or None
        Value that means "nothing", which takes no part in means.

    Returns
    -------
    Part
        Values, and what of them was read.

    Raises
    ------
    SceneError
        If too much would have to be held, the file is truncated, the server
        failed for good, or nothing of the window could be read.
    """
    rows, columns = (-(-int(n) // factor) for n in (window.height, window.width))
    check_size(address, rows * columns)
    if factor == 1:
        values, read = _read_tiles(source, band, window, address)
        part = Part(values, read, 1.0 - float(read.mean()))
    else:
        part = _read_means(source, band, window, factor, address, nodata)
    if part.lost >= 1.0:
        raise SceneError(
            f"{address.label}: cannot be read here, no tile of this part unpacks; fetch it again"
        )
    return part


def _read_means(
    source: Any, band: int, window: Window, factor: int, address: Address, nodata: float | None
) -> Part:
    """Means over blocks, a strip at a time."""
    rows, columns = (-(-int(n) // factor) for n in (window.height, window.width))
    values = np.zeros((rows, columns), dtype=np.float32)
    seen = np.zeros((rows, columns), dtype=bool)
    lost = 0.0
    # whole rows of tiles, so that none is unpacked more often than it must be
    tall = source.block_shapes[band - 1][0]
    most = max(_STRIP // int(window.width), min(tall, _STRIP // 64))
    at_once = max(1, most // factor)
    for first in range(0, rows, at_once):
        last = min(first + at_once, rows)
        top = int(window.row_off) + first * factor
        end = min(int(window.row_off) + last * factor, int(window.row_off + window.height))
        strip = Window(int(window.col_off), top, int(window.width), end - top)
        raw, read = _read_tiles(source, band, strip, address)
        lost += float((~read).sum())
        means, share = _block_means(raw, read & measured(raw, nodata), factor)
        values[first:last], seen[first:last] = means, share >= 0.5
    return Part(values, seen, lost / float(window.height * window.width))


def measured(values: NDArray[Any], nodata: float | None) -> NDArray[np.bool_]:
    """Pixels that hold a number and not the sign for "nothing".

    Parameters
    ----------
    values : ndarray
        As the file has them.
    nodata : float or None
        Sign for "nothing"; without one, zero in data of more than 8 bits without sign.

    Returns
    -------
    ndarray of bool
        True where there is a number.
    """
    valid = np.ones(values.shape, dtype=bool)
    if np.issubdtype(values.dtype, np.inexact):
        valid &= np.isfinite(values)
    if nodata is not None and np.isfinite(nodata):
        valid &= values != nodata
    elif values.dtype.itemsize > 1 and np.issubdtype(values.dtype, np.unsignedinteger):
        valid &= values != 0
    return valid


def _block_means(
    raw: NDArray[Any], good: NDArray[np.bool_], factor: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean of what is good in each block, and its share."""
    height, width = raw.shape
    rows, columns = np.arange(0, height, factor), np.arange(0, width, factor)

    def _sums(values: NDArray[Any]) -> NDArray[np.float64]:
        total = np.add.reduceat(values, rows, axis=0, dtype=np.float64)
        return np.asarray(np.add.reduceat(total, columns, axis=1))

    if np.iscomplexobj(raw):
        raw = np.abs(raw)
    count = _sums(good)
    size = np.outer(np.diff([*rows, height]), np.diff([*columns, width]))
    total = _sums(np.where(good, raw, 0))
    means = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    return means.astype(np.float32), (count / size).astype(np.float32)


def _read_tiles(
    source: Any, band: int, window: Window, address: Address
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """A window at once or, if that fails, tile by tile."""
    shape = (int(window.height), int(window.width))
    try:
        return source.read(band, window=window), _sound(source, band, window, address)
    except RasterioError:
        values = np.zeros(shape, dtype=source.dtypes[band - 1])
        read = np.zeros(shape, dtype=bool)
    top, left = int(window.row_off), int(window.col_off)
    tall, wide = source.block_shapes[band - 1]
    for row in range(top // tall * tall, top + shape[0], tall):
        for column in range(left // wide * wide, left + shape[1], wide):
            r0, r1 = max(row, top), min(row + tall, top + shape[0])
            c0, c1 = max(column, left), min(column + wide, left + shape[1])
            here = (slice(r0 - top, r1 - top), slice(c0 - left, c1 - left))
            tile = Window(c0, r0, c1 - c0, r1 - r0)
            found = _tile(source, band, tile, (row // tall, column // wide), address)
            if found is not None:
                values[here], read[here] = found, True
    return values, read & _sound(source, band, window, address)


def _sound(source: Any, band: int, window: Window, address: Address) -> NDArray[np.bool_]:
    """Where tiles hold what was written; of a file on a server that is not known."""
    if address.remote:
        return np.ones((int(window.height), int(window.width)), dtype=bool)
    return sound_tiles(source, band, window, address.path)


def _tile(
    source: Any, band: int, window: Window, index: tuple[int, int], address: Address
) -> NDArray[Any] | None:
    """One tile, or None if what the file holds there does not unpack."""
    said = ""
    for _ in range(TRIES if address.remote else 1):
        try:
            return np.asarray(source.read(band, window=window))
        except RasterioError as error:
            said = _chain(error)
    if address.remote and not _unpacking(said):
        raise SceneError(
            f"{address.label}: the server stopped sending it ({said}); run the command again, or "
            "download the file first (termini scenes find --download)"
        )
    if not address.remote and _beyond_end(source, band, index, address):
        raise SceneError(
            f"{address.label}: cannot be read, it is truncated or not an image ({said}); "
            "fetch it again"
        )
    return None


def _chain(error: BaseException | None) -> str:
    """Everything that GDAL said, innermost last, on one line."""
    said = []
    while error is not None:
        said.append(" ".join(str(error).split()))
        error = error.__cause__
    return said[-1] if said else ""


def _unpacking(said: str) -> bool:
    """Whether GDAL complains of what a tile holds, and not of its absence."""
    words = ("decod", "inflate", "zip", "lzw", "zstd", "jpeg", "uncompress", "lerc")
    return any(word in said.lower() for word in words)


def _beyond_end(source: Any, band: int, index: tuple[int, int], address: Address) -> bool:
    """Whether a tile should lie where the file has ended."""
    places = [
        source.get_tag_item(f"BLOCK_{what}_{index[1]}_{index[0]}", "TIFF", bidx=band)
        for what in ("OFFSET", "SIZE")
    ]
    if None in places:
        return True
    return int(places[0]) + int(places[1]) > address.path.stat().st_size
