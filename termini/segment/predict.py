"""Probability maps of front, ice and rock from the shipped or another network.

torch is loaded only when a network is, so that the rest of the package works
without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from termini.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from termini.segment.unet import UNet

WEIGHTS = Path(__file__).parent / "weights" / "termini-unet.safetensors"
"""The weights that ship with the package."""

TILE = 512
"""Larger pictures than this, rows or columns, are predicted in tiles."""

OVERLAP = 96
"""Pixels that neighbouring tiles share; blended linearly."""


@dataclass(frozen=True)
class Prediction:
    """What the network says of every pixel.

    Parameters
    ----------
    front : ndarray of float32, shape (rows, columns)
        Near 1 on the calving front, falling off within about a pixel.
    ice : ndarray of float32, shape (rows, columns)
        Probability of glacier ice rather than water, melange or sea ice.
        Means nothing on rock.
    rock : ndarray of float32, shape (rows, columns)
        Probability of rock or other ground that is neither.
    """

    front: NDArray[np.float32]
    ice: NDArray[np.float32]
    rock: NDArray[np.float32]


@dataclass(frozen=True)
class Network:
    """A network ready to predict, with what is known of it.

    Parameters
    ----------
    module : UNet
        Normalisation folded in, evaluation mode.
    metadata : dict
        From the weights file: name, architecture, training.
    half : bool
        Compute in bfloat16. On processors with matrix units twice as fast;
        elsewhere slow.
    path : str
        Where the weights came from.
    """

    module: UNet
    metadata: dict[str, Any]
    half: bool
    path: str


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError("extract", "extracting fronts from scenes") from error
    return torch


def load_network(path: str | Path | None = None, *, half: bool | None = None) -> Network:
    """Load weights.

    Parameters
    ----------
    path : path, optional
        A .safetensors file that `termini.segment.train` wrote; the shipped one
        if not given.
    half : bool, optional
        Compute in bfloat16; by default where the processor has matrix units
        for it (AMX).

    Returns
    -------
    Network
        Ready for `predict`.

    Raises
    ------
    InputError
        If the file is missing, damaged, or not of this architecture.
    MissingExtraError
        If torch or safetensors is not installed.
    """
    torch = _torch()
    from termini.segment.weights_file import read_weights

    file = WEIGHTS if path is None else Path(path)
    module, metadata = read_weights(file)
    if half is None:
        amx = getattr(torch.cpu, "_is_amx_tile_supported", None)
        half = bool(amx is not None and amx())
    return Network(module.fold(), metadata, half, str(file))


def predict(network: Network, inputs: NDArray[np.float32], *, flips: bool = False) -> Prediction:
    """Probability maps of one picture.

    Parameters
    ----------
    network : Network
        From `load_network`.
    inputs : ndarray of float32, shape (3, rows, columns)
        From `termini.segment.stack_inputs`.
    flips : bool
        Average with the prediction of the mirrored picture, at twice the cost.

    Returns
    -------
    Prediction
        Maps of the picture's shape.

    Raises
    ------
    InputError
        If the inputs do not have three layers.
    """
    return predict_many(network, [inputs], flips=flips)[0]


def predict_many(
    network: Network,
    pictures: Sequence[NDArray[np.float32]],
    *,
    flips: bool = False,
    batch: int = 4,
) -> list[Prediction]:
    """Probability maps of several pictures; those of one shape go together.

    Parameters
    ----------
    network : Network
        From `load_network`.
    pictures : sequence of ndarray of float32, each (3, rows, columns)
        From `termini.segment.stack_inputs`.
    flips : bool
        Average with the mirrored pictures.
    batch : int
        Most pictures or tiles at a time.

    Returns
    -------
    list of Prediction
        In the order given.
    """
    tiles: list[tuple[int, int, int, NDArray[np.float32]]] = []
    for number, picture in enumerate(pictures):
        if picture.ndim != 3 or picture.shape[0] != 3:
            raise InputError(
                f"inputs of shape {picture.shape}: the network needs image, valid and fjord, "
                "as termini.segment.stack_inputs gives them"
            )
        for row, column in _tile_corners(picture.shape[1], picture.shape[2]):
            cut = picture[:, row : row + TILE, column : column + TILE]
            tiles.append((number, row, column, cut))
    sums = [np.zeros_like(p) for p in pictures]
    weights = [np.zeros(p.shape[1:], dtype=np.float32) for p in pictures]
    for group in _groups([t[3].shape for t in tiles], batch):
        stack = np.stack([tiles[i][3] for i in group])
        maps = _forward(network, stack)
        if flips:
            maps = 0.5 * (maps + _forward(network, stack[..., ::-1].copy())[..., ::-1])
        for i, values in zip(group, maps, strict=True):
            number, row, column, cut = tiles[i]
            weight = _blend(cut.shape[1], cut.shape[2], row, column, pictures[number].shape)
            area = np.s_[row : row + cut.shape[1], column : column + cut.shape[2]]
            sums[number][:, *area] += values * weight
            weights[number][area] += weight
    return [Prediction(*(s / w)) for s, w in zip(sums, weights, strict=True)]


def _forward(network: Network, stack: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of a batch; sides padded to what the network divides by."""
    torch = _torch()
    multiple = network.module.multiple
    rows, columns = stack.shape[2:]
    pad = (0, -columns % multiple, 0, -rows % multiple)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=network.half):
        x = torch.nn.functional.pad(torch.from_numpy(stack), pad)
        logits = network.module(x.to(memory_format=torch.channels_last)).float()
        maps = torch.sigmoid(logits)[..., :rows, :columns]
    return np.ascontiguousarray(maps.numpy(), dtype=np.float32)


def _tile_corners(rows: int, columns: int) -> list[tuple[int, int]]:
    """Upper left corners of tiles that cover a picture."""

    def starts(length: int) -> list[int]:
        if length <= TILE:
            return [0]
        # the last tile ends with the picture; corners stay on the pooling grid
        # of the whole, so that a tile sees the same coarse pixels
        last = -(-(length - TILE) // 16) * 16
        return sorted({*range(0, last, TILE - OVERLAP), last})

    return [(r, c) for r in starts(rows) for c in starts(columns)]


def _blend(
    rows: int, columns: int, row: int, column: int, whole: tuple[int, ...]
) -> NDArray[np.float32]:
    """Weight of a tile: falls towards edges that another tile covers.

    Half of the overlap at the very edge counts nothing: there the network does
    not see far enough.
    """

    def ramp(length: int, start: int, total: int) -> NDArray[np.float32]:
        place = np.arange(length, dtype=np.float32)
        near, far = place + 0.5, length - place - 0.5
        rise = np.ones(length, dtype=np.float32)
        if start > 0:
            rise = np.minimum(rise, np.clip((near - OVERLAP / 4) / (OVERLAP / 2), 1e-3, 1.0))
        if start + length < total:
            rise = np.minimum(rise, np.clip((far - OVERLAP / 4) / (OVERLAP / 2), 1e-3, 1.0))
        return rise

    return np.outer(ramp(rows, row, whole[1]), ramp(columns, column, whole[2]))


def _groups(shapes: list[tuple[int, ...]], batch: int) -> list[list[int]]:
    """Indices of equal shape, at most `batch` together."""
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for i, shape in enumerate(shapes):
        by_shape.setdefault(shape, []).append(i)
    return [
        members[i : i + batch]
        for members in by_shape.values()
        for i in range(0, len(members), batch)
    ]
