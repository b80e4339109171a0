"""What the network sees: three layers on a flow-aligned grid.

The image is one band, equalised to [0, 1], so that the sensor and its units
drop out; the second layer says where it holds anything; the third is the
fjord, where a domain is known. No layer depends on torch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from termini.errors import SceneError

NETWORK_PIXEL = 50.0
"""Edge of a pixel, metres, at which the network was trained.

The training crops have 48.9 m. Scale augmentation makes 30 to 65 m usable, so
that a picture within that range needs no resampling."""

LAYERS = ("image", "valid", "fjord")


def stack_inputs(
    image: NDArray[np.floating],
    valid: NDArray[np.bool_] | None = None,
    fjord: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """Layers in the order that the network expects.

    Parameters
    ----------
    image : ndarray of float, shape (rows, columns)
        Brightness as `termini.scenes.normalise` gives it, 0 to 1.
    valid : ndarray of bool, shape (rows, columns), optional
        Where the sensor saw something; everywhere if not given.
    fjord : ndarray of bool, shape (rows, columns), optional
        Inside the glacier's fjord. None means unknown: the layer is then
        zero everywhere, which the network learned to read as "no prior".

    Returns
    -------
    ndarray of float32, shape (3, rows, columns)
        Image (0 where not valid), validity, fjord.

    Raises
    ------
    SceneError
        If the shapes differ, the image has a side under 16 pixels, or nothing
        in it is valid.
    """
    if image.ndim != 2 or min(image.shape) < 16:
        raise SceneError(
            f"an image of shape {image.shape} is too small for the network: give at least "
            "16 by 16 pixels of one band, or a smaller pixel size"
        )
    mask = np.ones(image.shape, dtype=bool) if valid is None else np.asarray(valid, dtype=bool)
    mask = mask & np.isfinite(image)
    prior = np.zeros(image.shape, dtype=bool) if fjord is None else np.asarray(fjord, dtype=bool)
    for name, layer in (("valid", mask), ("fjord", prior)):
        if layer.shape != image.shape:
            raise SceneError(
                f"layer {name!r} has shape {layer.shape}, the image {image.shape}: "
                "bring both to one grid first"
            )
    if not mask.any():
        raise SceneError("no valid pixel in the image: check the footprint and the nodata value")
    stack = np.zeros((3, *image.shape), dtype=np.float32)
    stack[0] = np.where(mask, np.clip(image, 0.0, 1.0), 0.0)
    stack[1] = mask
    stack[2] = prior
    return stack
