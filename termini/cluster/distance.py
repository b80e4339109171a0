"""Pairwise DTW distances of series, with a band in samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from termini.errors import InputError


def as_series_array(values: ArrayLike, what: str = "series") -> NDArray[np.float64]:
    """Series as a finite array of three dimensions.

    Parameters
    ----------
    values : array_like, (n, T) or (n, T, d)
        One series a row.
    what : str
        What they are, for the error.

    Returns
    -------
    ndarray of float64, (n, T, d)
        The same values; d = 1 is added where it is missing.

    Raises
    ------
    InputError
        If the shape is another, or a value is NaN or infinite; the message names
        the first such series.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[1] == 0:
        raise InputError(
            f"{what}: expected an array of shape (n, T) or (n, T, d), got {np.shape(values)}"
        )
    bad = ~np.isfinite(array).all(axis=(1, 2))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{what}: series {row} holds NaN or infinity ({int(bad.sum())} such series in all); "
            "DTW has no value for a gap: fill the gaps or leave the series out"
        )
    return array


def band_parameters(band: int | None) -> dict[str, Any]:
    """Parameters of tslearn for a Sakoe-Chiba band.

    Parameters
    ----------
    band : int or None
        Half-width of the band in samples; None for unconstrained warping.

    Returns
    -------
    dict
        ``metric_params`` of tslearn's estimators.

    Raises
    ------
    InputError
        If the band is negative.
    """
    if band is None:
        return {}
    if band < 0:
        raise InputError(f"band is {band} samples; give zero or more, or None for no band")
    return {"global_constraint": "sakoe_chiba", "sakoe_chiba_radius": int(band)}


def dtw_distances(
    a: ArrayLike, b: ArrayLike | None = None, *, band: int | None = None
) -> NDArray[np.float64]:
    """DTW distance of every series in `a` to every series in `b`.

    Parameters
    ----------
    a, b : array_like, (n, T[, d]) and (m, T[, d])
        Series without gaps; `b` is `a` by default.
    band : int or None
        Half-width of the Sakoe-Chiba band in samples: two samples are matched only
        if they lie at most this far apart in time. 0 is the Euclidean distance.

    Returns
    -------
    ndarray of float64, (n, m)
        Square root of the least sum of squared differences along a warping path
        (Sakoe & Chiba 1978, IEEE Trans. Acoust. 26, 43).
    """
    first = as_series_array(a, "a")
    second = None if b is None else as_series_array(b, "b")
    if band == 0 and (second is None or second.shape[1:] == first.shape[1:]):
        other = first if second is None else second
        return np.asarray(cdist(first.reshape(len(first), -1), other.reshape(len(other), -1)))
    from tslearn.metrics import cdist_dtw

    return np.asarray(cdist_dtw(first, second, **band_parameters(band)), dtype=np.float64)
