"""Radar scenes: to decibels, and less speckle.

Speckle multiplies: its spread grows with brightness. Decibels make it additive
and bright targets bearable. Each filter here works on linear intensity or on
decibels alike, leaves out what is not valid, and gives values where the scene
has them and nowhere else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from termini.errors import InputError
from termini.scenes.scene import Scene

Filter = Literal["none", "medians", "lee", "refined_lee"]
FILTERS: tuple[str, ...] = get_args(Filter)

_Floats = NDArray[np.float64]
_Mask = NDArray[np.bool_]


def to_decibel(scene: Scene, *, amplitude: bool = False) -> Scene:
    """Backscatter in decibels.

    Parameters
    ----------
    scene : Scene
        Linear backscatter; one that holds negative values is in decibels already and
        is given back as it is.
    amplitude : bool
        The values are amplitudes (digital numbers of ground-range products), the
        roots of intensities.

    Returns
    -------
    Scene
        10 log10 of intensity; where nothing came back, not valid.
    """
    if (scene.values[scene.valid] < 0).any():
        return scene
    valid = scene.valid & (scene.values > 0)
    factor = 20.0 if amplitude else 10.0
    values = factor * np.log10(scene.values, out=np.zeros_like(scene.values), where=valid)
    return replace(scene, values=values.astype(np.float32), valid=valid)


def despeckle(scene: Scene, method: Filter = "medians", *, looks: float = 1.0) -> Scene:
    """Scene with less speckle.

    Parameters
    ----------
    scene : Scene
        Radar scene; linear intensity for the two filters of Lee.
    method : {"none", "medians", "lee", "refined_lee"}
        ``medians``: three medians of 5 x 5 pixels, one after the other (Zhang et al.
        2019). ``lee``: mean of 7 x 7 pixels and the pixel, weighted by how much more
        they vary than speckle does (Lee 1980). ``refined_lee``: the same over that
        half of the 7 x 7 window which lies on the pixel's side of an edge (Lee 1981).
    looks : float
        Independent looks of the product; speckle's relative variance is 1 / looks.

    Returns
    -------
    Scene
        Same pixels valid.

    Raises
    ------
    InputError
        If the filter is unknown or `looks` is not positive.
    """
    if method not in FILTERS:
        raise InputError(f"speckle filter {method!r} is unknown; use one of {', '.join(FILTERS)}")
    if not looks > 0:
        raise InputError(f"looks is {looks}; a product has at least one")
    if method == "none" or not scene.valid.any():
        return scene
    values = np.where(scene.valid, scene.values, 0).astype(np.float64)
    if method == "medians":
        out = _medians(values, scene.valid)
    elif method == "lee":
        mean, variance = _moments(values, scene.valid, np.ones((7, 7)))
        out = _lee(values, mean, variance, looks)
    else:
        out = _refined(values, scene.valid, looks)
    return replace(scene, values=np.where(scene.valid, out, 0).astype(np.float32))


def _medians(values: _Floats, valid: _Mask) -> _Floats:
    """Three medians; gaps hold their nearest neighbour's value."""
    if not valid.all():
        near = ndimage.distance_transform_edt(~valid, return_distances=False, return_indices=True)
        values = values[tuple(near)]
    for _ in range(3):
        values = ndimage.median_filter(values, size=5, mode="nearest")
    return values


def _moments(values: _Floats, valid: _Mask, window: _Floats) -> tuple[_Floats, _Floats]:
    """Mean and variance of what is valid in a window around each pixel."""
    shift = float(values[valid].mean())  # against the loss of digits in a difference of squares
    centred = np.where(valid, values - shift, 0.0)
    count, total, squares = (
        ndimage.correlate(layer, window, mode="constant")
        for layer in (valid.astype(np.float64), centred, centred**2)
    )
    count = np.maximum(np.rint(count), 1.0)
    mean = total / count
    return mean + shift, np.maximum(squares / count - mean**2, 0.0)


def _lee(values: _Floats, mean: _Floats, variance: _Floats, looks: float) -> _Floats:
    """Lee's weight: what a pixel varies beyond speckle, over all that it varies."""
    speckle = 1.0 / looks
    signal = np.maximum((variance - mean**2 * speckle) / (1.0 + speckle), 0.0)
    weight = np.divide(signal, variance, out=np.zeros_like(signal), where=variance > 0)
    return mean + np.minimum(weight, 1.0) * (values - mean)


def _refined(values: _Floats, valid: _Mask, looks: float) -> _Floats:
    """Over the half window on the pixel's side of the steepest of four edges."""
    block, _ = _moments(values, valid, np.ones((3, 3)))
    # eight means of 3 x 3 pixels around the middle one, anticlockwise from the right
    around = [(0, 2), (-2, 2), (-2, 0), (-2, -2), (0, -2), (2, -2), (2, 0), (2, 2)]
    near = [
        ndimage.shift(block, (-down, -right), order=0, mode="nearest") for down, right in around
    ]
    row, column = np.mgrid[-3:4, -3:4]
    steepest = np.full(values.shape, -1.0)
    mean, variance = block.copy(), np.zeros_like(block)
    for k in range(4):
        difference = near[k] - near[k + 4]
        steep = np.abs(difference) > steepest
        steepest = np.where(steep, np.abs(difference), steepest)
        towards = np.abs(near[k] - block) < np.abs(near[k + 4] - block)
        down, right = around[k]
        for side, chosen in ((1, steep & towards), (-1, steep & ~towards)):
            half = (side * (down * row + right * column) >= 0).astype(np.float64)
            half_mean, half_variance = _moments(values, valid, half)
            mean = np.where(chosen, half_mean, mean)
            variance = np.where(chosen, half_variance, variance)
    return _lee(values, mean, variance, looks)
