"""What a sensor saw: neither outside its swath nor in a gap between scan lines."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

#: Zeros that touch the border are the swath's edge if there are at least this many.
SWATH_EDGE = 64

#: Fewer zeros than this in one spot are dark pixels, even where gaps are expected.
GAP = 3


def seen_pixels(
    values: NDArray[Any],
    nodata: float | None = None,
    mask: NDArray[np.bool_] | None = None,
    *,
    stripes: bool = False,
) -> NDArray[np.bool_]:
    """Pixels that hold a measurement.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        Values as the file holds them.
    nodata : float, optional
        Value that the file states to mean "nothing".
    mask : ndarray of bool, shape (rows, columns), optional
        Where an alpha band is not transparent.
    stripes : bool
        The sensor leaves gaps between scan lines (Landsat 7 without its
        scan-line corrector); then every group of zeros is a gap.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
        True where something was measured.

    Notes
    -----
    Zero means "nothing" in most products, but few say so in the file. In data
    of more than 8 bits no measurement gives exactly zero. In 8-bit pictures,
    which are stretched, deep shadow and water do; there only zeros joined to
    the picture's border count as unseen.
    """
    valid = np.ones(values.shape, dtype=bool) if mask is None else mask.copy()
    if np.issubdtype(values.dtype, np.floating):
        valid &= np.isfinite(values)
    if nodata is not None and np.isfinite(nodata):
        return np.asarray(valid & (values != nodata))
    zero = values == 0
    if not zero.any():
        return valid
    if values.dtype.itemsize > 1 and np.issubdtype(values.dtype, np.unsignedinteger):
        return np.asarray(valid & ~zero)
    return np.asarray(valid & ~_unseen(zero, stripes))


def _unseen(zero: NDArray[np.bool_], stripes: bool) -> NDArray[np.bool_]:
    """Groups of zeros that are gaps or lie outside the swath."""
    label, count = ndimage.label(zero, structure=np.ones((3, 3)))
    size = np.bincount(label.ravel(), minlength=count + 1)
    if stripes:
        chosen = size >= GAP
    else:
        border = np.concatenate([label[0], label[-1], label[:, 0], label[:, -1]])
        chosen = np.zeros(count + 1, dtype=bool)
        chosen[border] = True
        chosen &= size >= SWATH_EDGE
    chosen[0] = False
    return np.asarray(chosen[label])
