"""Brightness of any sensor to numbers between 0 and 1.

Sensors differ in unit, bit depth and gain. A network sees them all alike if
every scene is first brought to one distribution. Equalising the histogram did
best over seven sensors (Zhang et al. 2021, Section 3.2), a linear stretch
between the 2nd and the 98th percentile second. Equalising within tiles, its slope
limited (CLAHE, Zuiderveld 1994), brings out shaded parts at the price of edges
between bright and dark halves of a scene.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.exposure import equalize_adapthist

from termini.errors import InputError
from termini.scenes.scene import Scene

Method = Literal["equalise", "linear", "none", "clahe"]
METHODS: tuple[str, ...] = get_args(Method)

#: Steps of the cumulative histogram; more than the eye or a network tells apart.
LEVELS = 4096

#: Shares of the valid pixels that a linear stretch saturates at each end.
STRETCH = (0.02, 0.98)

#: Steepest slope of a tile's equalising, as a share of its pixels in one bin.
CLIP = 0.01


def normalise(scene: Scene, method: Method = "equalise") -> NDArray[np.float32]:
    """Brightness of a scene between 0 and 1.

    Parameters
    ----------
    scene : Scene
        Scene, of any unit and bit depth.
    method : {"equalise", "linear", "none", "clahe"}
        As in `normalise_values`.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Values in [0, 1]; 0 where the scene is not valid.
    """
    return normalise_values(scene.values, scene.valid, method)


def normalise_values(
    values: NDArray[np.generic], valid: NDArray[np.bool_], method: Method = "equalise"
) -> NDArray[np.float32]:
    """Brightness between 0 and 1 from a plain array and its mask.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        Brightness in any unit.
    valid : ndarray of bool, shape (rows, columns)
        Which pixels hold a measurement; only these shape the histogram.
    method : {"equalise", "linear", "none", "clahe"}
        ``equalise``: rank of the value among the valid pixels, equal values
        sharing the middle of their ranks. ``linear``: 2nd to 98th percentile.
        ``none``: darkest to brightest. ``clahe``: linear, then equalised within
        tiles of an eighth of the scene with the slope limited.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Values in [0, 1]; 0 where not valid, and everywhere if all valid pixels
        are equal.

    Raises
    ------
    InputError
        If the method is unknown.
    """
    if method not in METHODS:
        raise InputError(
            f"normalisation {method!r} is unknown; use {', '.join(METHODS[:-1])} or {METHODS[-1]}"
        )
    out = np.zeros(values.shape, dtype=np.float32)
    seen = np.asarray(values[valid], dtype=np.float64)
    if seen.size == 0:
        return out
    low, high = float(seen.min()), float(seen.max())
    if method in ("linear", "clahe"):
        low, high = (float(q) for q in np.quantile(seen, STRETCH))
    if not high > low:
        return out
    if method == "equalise":
        out[valid] = _ranks(seen, low, high)
    else:
        out[valid] = np.clip((seen - low) / (high - low), 0.0, 1.0)
    return _clahe(out, valid) if method == "clahe" else out


def _clahe(stretched: NDArray[np.float32], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Equalised within tiles; gaps take their nearest neighbour's value meanwhile.

    Left at 0 they would fill the histograms of the tiles that they lie in.
    """
    if min(stretched.shape) < 8:
        return stretched
    whole = stretched
    if not valid.all():
        near = ndimage.distance_transform_edt(~valid, return_distances=False, return_indices=True)
        whole = stretched[tuple(near)]
    tile = tuple(max(4, side // 8) for side in whole.shape)
    out = equalize_adapthist(np.clip(whole, 0.0, 1.0), kernel_size=tile, clip_limit=CLIP)
    return np.where(valid, out, 0.0).astype(np.float32)


def _ranks(seen: NDArray[np.float64], low: float, high: float) -> NDArray[np.float32]:
    """Rank of each value on [0, 1], by a histogram that is fine where the values are.

    Integers of up to 4096 steps get a bin each. Otherwise the bins span the bulk
    of the distribution, because one glint would squeeze everything else into
    the first bin.
    """
    if np.all(seen == np.rint(seen)) and high - low < LEVELS:
        steps = (seen - low).astype(np.int64)
    else:
        bulk_low, bulk_high = np.quantile(seen, (0.001, 0.999))
        if not bulk_high > bulk_low:
            bulk_low, bulk_high = low, high
        scaled = (seen - bulk_low) / (bulk_high - bulk_low) * (LEVELS - 1)
        steps = np.clip(scaled, 0, LEVELS - 1).astype(np.int64)
    counts = np.bincount(steps)
    upto = np.cumsum(counts)
    middle = (upto - 0.5 * counts) / upto[-1]
    return np.asarray(middle[steps], dtype=np.float32)
