"""Cloud and quality masks that come with a scene.

Bits and classes are those of the agencies: Landsat Collection 2 ``QA_PIXEL``
(USGS LSDS-1618), Sentinel-2 scene classification ``SCL`` and ``QA60`` (ESA),
and the usable-data mask ``UDM`` of Planet, whose first band of the second
version says "clear". Over glaciers cloud masks mistake bright ice for cloud;
shadows, cirrus and doubtful pixels are therefore kept unless asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.warp import Resampling

from termini.errors import InputError, SceneError
from termini.scenes.address import find_address, reading

#: Kinds of mask.
KINDS = ("qa_pixel", "scl", "qa60", "udm", "udm2", "mask")

_NAMES = [
    (r"qa[_-]?pixel|pixel[_-]?qa", "qa_pixel"),
    (r"(?<![a-z])scl(?![a-z])", "scl"),
    (r"qa60|msk[_-]?clouds?", "qa60"),
    (r"udm2", "udm2"),
    (r"udm", "udm"),
]
_NOTHING = {"qa_pixel": 1 << 0}
_CLOUD_BITS = {"qa_pixel": 1 << 3, "qa60": 1 << 10, "udm": 0xFE}
_THIN_BITS = {"qa_pixel": 1 << 1 | 1 << 2 | 1 << 4, "qa60": 1 << 11}


@dataclass(frozen=True)
class CloudMask:
    """A mask brought to a scene's pixels.

    Parameters
    ----------
    usable : ndarray of bool, shape (rows, columns)
        False where there is nothing or cloud.
    cloud : ndarray of bool, shape (rows, columns)
        True where there is cloud.
    """

    usable: NDArray[np.bool_]
    cloud: NDArray[np.bool_]


def mask_kind(name: str) -> str:
    """Kind of mask that a file's or asset's name speaks of.

    Parameters
    ----------
    name : str
        Name.

    Returns
    -------
    str
        One of `KINDS`; ``mask`` (anything but 0 is usable) where no other fits.
    """
    for pattern, kind in _NAMES:
        if re.search(pattern, name, flags=re.IGNORECASE):
            return kind
    return "mask"


def decode_mask(codes: NDArray[np.generic], kind: str, *, thin: bool = False) -> CloudMask:
    """What a mask's numbers mean.

    Parameters
    ----------
    codes : ndarray of integers, shape (rows, columns)
        As the file has them.
    kind : str
        One of `KINDS`.
    thin : bool
        Count thin cloud, cloud's edges and its shadow as cloud.

    Returns
    -------
    CloudMask
        What is usable and what is cloud.

    Raises
    ------
    InputError
        If the kind is unknown.
    """
    if kind not in KINDS:
        raise InputError(f"mask of kind {kind!r} is unknown; use one of {', '.join(KINDS)}")
    number = codes.astype(np.int64)
    nothing = np.zeros(codes.shape, dtype=bool)
    if kind == "scl":
        nothing = np.isin(number, (0, 1))
        cloud = np.isin(number, (3, 8, 9, 10) if thin else (8, 9))
    elif kind in ("udm2", "mask"):
        cloud = number == 0
    else:
        nothing = (number & _NOTHING.get(kind, 0)) != 0
        if kind == "udm":
            nothing = (number & 1) != 0
        bits = _CLOUD_BITS[kind] | (_THIN_BITS.get(kind, 0) if thin else 0)
        cloud = (number & bits) != 0
    if kind == "mask":
        nothing, cloud = cloud, np.zeros_like(cloud)
    return CloudMask(~(nothing | cloud), cloud & ~nothing)


def read_mask(
    path: str | Path,
    transform: Affine,
    shape: tuple[int, int],
    crs: str,
    *,
    kind: str | None = None,
    thin: bool = False,
) -> CloudMask:
    """Mask of a scene at the scene's own pixels.

    Parameters
    ----------
    path : path or str
        File or address of the mask, of any pixel size and projection.
    transform, shape, crs
        Grid of the scene.
    kind : str, optional
        One of `KINDS`; found in the file's name by default.
    thin : bool
        As for `decode_mask`.

    Returns
    -------
    CloudMask
        What is usable and what is cloud. Where the mask does not reach, nothing is
        known and all is usable.

    Raises
    ------
    SceneError
        If the mask cannot be read or states no projection.
    """
    address = find_address(path)
    try:
        with reading(address), rasterio.open(address.gdal) as source:
            if source.crs is None:
                raise SceneError(
                    f"{address.label}: the mask states no projection; leave it out or "
                    "georeference it"
                )
            options = {
                "crs": crs, "transform": transform, "height": shape[0], "width": shape[1],
                "resampling": Resampling.nearest, "add_alpha": True,
            }  # fmt: skip
            with WarpedVRT(source, **options) as warped:
                codes = warped.read(1)
                reached = warped.read(warped.count) > 0
    except RasterioError as error:
        raise SceneError(
            f"{address.label}: the mask cannot be read ({error}); fetch it again or leave it out"
        ) from error
    found = decode_mask(codes, kind or mask_kind(address.path.name), thin=thin)
    return CloudMask(found.usable | ~reached, found.cloud & reached)
