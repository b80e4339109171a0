"""Texts as NetCDF stores them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def fixed_width(values: NDArray[Any]) -> NDArray[np.bytes_]:
    """Texts of fixed width in UTF-8, as NetCDF stores them.

    Parameters
    ----------
    values : ndarray
        Texts; a missing one becomes empty.

    Returns
    -------
    ndarray of bytes, the same shape
        As wide as the longest needs.
    """
    if values.dtype.kind != "U" or not values.dtype.isnative:
        flat = pd.Series(values.ravel(), dtype="object").fillna("").astype(str)
        values = np.asarray(flat.to_numpy(dtype=object).astype(str)).reshape(values.shape)
    letters = _letters(values, np.uint32)
    if letters.max(initial=0) < 128:
        letters = letters.astype(np.uint8)
    else:
        letters = _letters(np.char.encode(values, "utf-8"), np.uint8)
    width = letters.shape[1]
    while width > 1 and not letters[:, width - 1].any():
        width -= 1
    if not width:
        return np.zeros(values.shape, dtype="S1")
    narrow = np.ascontiguousarray(letters[:, :width])
    return narrow.view(f"S{width}").reshape(values.shape)


def _letters(texts: NDArray[Any], kind: type[np.unsignedinteger]) -> NDArray[Any]:
    """Letters of texts of fixed width by number, one text a row; 0 after the last."""
    width = texts.dtype.itemsize // np.dtype(kind).itemsize
    return np.ascontiguousarray(texts).reshape(-1).view(kind).reshape(texts.size, width)
