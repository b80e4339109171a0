"""What the network sees: three layers on a flow-aligned grid.

The image is one band, equalised to [0, 1], so that the sensor and its units
drop out; the second layer says where it holds anything; the third is the
fjord, where a domain is known. Further bands follow where a network wants
them, and the distance to the fjord's walls is worked out from the third layer.
No layer depends on torch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from termini.errors import InputError, SceneError

NETWORK_PIXEL = 50.0
"""Edge of a pixel, metres, at which the network was trained.

The training crops have 48.9 m. Scale augmentation makes 30 to 65 m usable, so
that a picture within that range needs no resampling."""

LAYERS = ("image", "valid", "fjord")

LAYER_NAMES = (*LAYERS, "walls", *(f"band{k}" for k in range(2, 17)))
"""Every layer that a network may ask for; ``band2`` is the second band of the scene."""

WALL_REACH = 64.0
"""Distances to the walls are cut here, pixels, and given as shares of it."""


def stack_inputs(
    image: NDArray[np.floating],
    valid: NDArray[np.bool_] | None = None,
    fjord: NDArray[np.bool_] | None = None,
    bands: Sequence[NDArray[np.floating]] = (),
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
    bands : sequence of ndarray of float, shape (rows, columns)
        Second and further bands, normalised like the image.

    Returns
    -------
    ndarray of float32, shape (3 + bands, rows, columns)
        Image (0 where not valid), validity, fjord, further bands.

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
    more = [(f"band{k}", np.asarray(band)) for k, band in enumerate(bands, start=2)]
    for name, layer in (("valid", mask), ("fjord", prior), *more):
        if layer.shape != image.shape:
            raise SceneError(
                f"layer {name!r} has shape {layer.shape}, the image {image.shape}: "
                "bring both to one grid first"
            )
    if not mask.any():
        raise SceneError("no valid pixel in the image: check the footprint and the nodata value")
    stack = np.zeros((3 + len(more), *image.shape), dtype=np.float32)
    stack[0] = np.where(mask, np.clip(image, 0.0, 1.0), 0.0)
    stack[1] = mask
    stack[2] = prior
    for place, (_, band) in enumerate(more, start=3):
        known = mask & np.isfinite(band)
        stack[place] = np.where(known, np.clip(np.where(known, band, 0.0), 0.0, 1.0), 0.0)
    return stack


def wall_distance(fjord: NDArray[np.floating]) -> NDArray[np.float32]:
    """Distance to the fjord's walls as a layer.

    Parameters
    ----------
    fjord : ndarray, shape (rows, columns)
        1 inside the fjord; 0 everywhere where none is known.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Share of `WALL_REACH`: 0 at a wall, up to 1 inside, down to -1 on land;
        0 everywhere where no fjord is known.
    """
    inside = np.asarray(fjord) > 0.5
    if not inside.any() or inside.all():
        return np.zeros(inside.shape, dtype=np.float32)
    distance = ndimage.distance_transform_edt(inside) - ndimage.distance_transform_edt(~inside)
    return np.asarray(np.clip(distance / WALL_REACH, -1.0, 1.0), dtype=np.float32)


def select_layers(stack: NDArray[np.float32], names: Sequence[str]) -> NDArray[np.float32]:
    """The layers that a network asks for, out of what `stack_inputs` gave.

    Parameters
    ----------
    stack : ndarray of float32, shape (3 or more, rows, columns)
        From `stack_inputs`.
    names : sequence of str
        Of `LAYER_NAMES`.

    Returns
    -------
    ndarray of float32, shape (len(names), rows, columns)
        In that order; the stack itself where it is what was asked for.

    Raises
    ------
    InputError
        If a name is unknown or the scene lacks that band.
    """
    if tuple(names) == LAYERS and len(stack) == len(LAYERS):
        return stack
    return np.stack([_layer(stack, name) for name in names])


def _layer(stack: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    if name in LAYERS:
        return np.asarray(stack[LAYERS.index(name)])
    if name == "walls":
        return wall_distance(stack[LAYERS.index("fjord")])
    if name not in LAYER_NAMES:
        raise InputError(f"layer {name!r} is unknown; there are {', '.join(LAYER_NAMES)}")
    place = int(name.removeprefix("band")) + 1
    if place >= len(stack):
        raise InputError(
            f"the network needs {name}, the scene has {len(stack) - 2} band(s): use a network "
            "of fewer bands, or read the others and give them to stack_inputs"
        )
    return np.asarray(stack[place])
