"""From what a network gives to maps of front, ice and rock, whatever it was trained on.

A network that knows only a mask has its front along the mask's edge; one that
knows only the front has its ice where the front was passed, coming from the
water at row 0. Maps that were worked out like that are named in
`Prediction.derived`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree
from scipy.special import expit
from skimage.measure import find_contours

Map = NDArray[np.float32]

EDGE_REACH = 4.0
"""Distances from a mask's edge are worked out up to here, pixels."""


@dataclass(frozen=True)
class Prediction:
    """What a network says of every pixel.

    Parameters
    ----------
    front : ndarray of float32, shape (rows, columns)
        Near 1 on the calving front, falling off within about a pixel.
    ice : ndarray of float32, shape (rows, columns)
        Probability of glacier ice rather than water, melange or sea ice.
        Means nothing on rock; of a network for land masks, ice or rock.
    rock : ndarray of float32, shape (rows, columns)
        Probability of rock or other ground that is neither; 0 where the
        network does not tell.
    distance : ndarray of float32, shape (rows, columns), optional
        Distance to the front, pixels, positive on the ice.
    sigma : ndarray of float32, shape (rows, columns), optional
        Standard deviation of that distance, pixels; means something beside the
        front.
    spread : ndarray of float32, shape (rows, columns), optional
        Standard deviation of `front` over members, views or passes.
    derived : tuple of str
        Maps that the network does not give itself.
    """

    front: Map
    ice: Map
    rock: Map
    distance: Map | None = None
    sigma: Map | None = None
    spread: Map | None = None
    derived: tuple[str, ...] = ()


def activate(values: NDArray[np.floating], outputs: Sequence[str]) -> Map:
    """Logits to probabilities; distances stay, log variances become variances.

    Parameters
    ----------
    values : ndarray, shape (..., outputs, rows, columns)
        As the network gives them.
    outputs : sequence of str
        What the channels are.

    Returns
    -------
    ndarray of float32, same shape
        Quantities that may be averaged over tiles and views.
    """
    out = np.empty(values.shape, dtype=np.float32)
    for place, name in enumerate(outputs):
        layer = values[..., place, :, :]
        if name == "distance":
            out[..., place, :, :] = layer
        elif name == "log_variance":
            out[..., place, :, :] = np.exp(np.clip(layer, -6.0, 6.0))
        else:
            out[..., place, :, :] = expit(layer)
    return out


def assemble(
    maps: Map, outputs: Sequence[str], spread: Map | None = None, valid: Map | None = None
) -> Prediction:
    """Prediction out of the averaged maps of a network.

    Parameters
    ----------
    maps : ndarray of float32, shape (outputs, rows, columns)
        From `activate`.
    outputs : sequence of str
        What they are.
    spread : ndarray of float32, shape (rows, columns), optional
        Of the front, over members, views or passes.
    valid : ndarray, shape (rows, columns), optional
        1 where the scene was seen; the edge of a mask along a gap is no front.

    Returns
    -------
    Prediction
        With front, ice and rock, whatever the network gives.
    """
    held = dict(zip(outputs, maps, strict=True))
    derived = []
    mask = held.get("ice", held.get("land"))
    front = held.get("front")
    if front is None:
        derived.append("front")
        front = front_of_mask(np.zeros_like(maps[0]) if mask is None else mask, valid)
    if mask is None:
        derived.append("ice")
        mask = ice_of_front(front)
    if "rock" not in held:
        derived.append("rock")
    variance = held.get("log_variance")
    return Prediction(
        front, mask, held.get("rock", np.zeros_like(front)), held.get("distance"),
        None if variance is None else np.sqrt(variance), spread, tuple(derived),
    )  # fmt: skip


def front_of_mask(mask: Map, valid: Map | None = None) -> Map:
    """Front along the edge of a mask.

    Parameters
    ----------
    mask : ndarray of float32, shape (rows, columns)
        Probability of ice or land.
    valid : ndarray, shape (rows, columns), optional
        1 where the scene was seen.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        exp(-d²/2) of the distance d in pixels to the line on which the mask
        passes one half, times how far the mask rises across it.
    """
    out = np.zeros(mask.shape, dtype=np.float32)
    lines = find_contours(np.asarray(mask, dtype=np.float64), 0.5)
    if not lines:
        return out
    # vertices of a contour are at most a pixel apart; the middles make that half
    points = np.concatenate([np.concatenate([x, (x[1:] + x[:-1]) / 2]) for x in lines])
    close = np.zeros(mask.shape, dtype=bool)
    close[tuple(np.rint(points).astype(int).T)] = True
    close = ndimage.binary_dilation(close, np.ones((3, 3)), iterations=int(EDGE_REACH))
    where = np.argwhere(close)
    distance, _ = cKDTree(points).query(where)
    rise = ndimage.maximum_filter(mask, 5) - ndimage.minimum_filter(mask, 5)
    out[close] = np.exp(-0.5 * distance**2) * rise[close]
    if valid is not None:
        out[ndimage.minimum_filter(np.asarray(valid), 3) < 0.5] = 0.0
    return out


def ice_of_front(front: Map) -> Map:
    """Ice where the front was passed: the largest probability between here and row 0.

    Parameters
    ----------
    front : ndarray of float32, shape (rows, columns)
        Probability of a front; ocean at row 0.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        0 before any front, 1 behind a sure one.
    """
    return np.asarray(np.maximum.accumulate(front, axis=0), dtype=np.float32)
