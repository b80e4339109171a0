"""Where on the normals of a line the front lies, as a network for strips sees it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from termini.segment.network_file import import_torch

STRIP_WEIGHTS = Path(__file__).parent / "weights" / "termini-strip.safetensors"
"""The weights that ship with the package."""

REACH = 3.0
"""The front is looked for as far from the line as this, pixels of the line's own grid."""


@dataclass(frozen=True)
class StripNet:
    """A network for strips, ready to use.

    Parameters
    ----------
    module : torch.nn.Module
        Normalisation folded in, evaluation mode.
    metadata : dict
        From the weights file.
    path : str
        Where the weights came from.
    """

    module: Any
    metadata: dict[str, Any]
    path: str


def strip_inputs(
    values: NDArray[np.floating], valid: NDArray[np.bool_], working: float
) -> NDArray[np.float32]:
    """What the network sees of a strip.

    Parameters
    ----------
    values, valid : ndarray, shape (rows, columns)
        Rank of brightness, 0 to 1, and what was seen; the line runs through the middle.
    working : float
        Samples in a pixel of the grid that the line was drawn on.

    Returns
    -------
    ndarray of float32, shape (4, rows, columns)
        Layers as in `termini.segment.strip_network.LAYERS`.
    """
    rows = values.shape[0]
    offset = (np.arange(rows) - 0.5 * (rows - 1)) / working
    layers = [
        np.where(valid, values - 0.5, 0.0), valid,
        np.broadcast_to(offset[:, None], values.shape),
        np.full(values.shape, np.log2(working)),
    ]  # fmt: skip
    return np.stack([np.asarray(layer, dtype=np.float32) for layer in layers])


def rows_in_reach(rows: int, working: float) -> NDArray[np.bool_]:
    """Rows of a strip in which the front is looked for, shape (rows,)."""
    offset = np.arange(rows) - 0.5 * (rows - 1)
    return np.asarray(np.abs(offset) <= max(REACH * working, 2.0))


@lru_cache(maxsize=2)
def load_strip_net(path: str | Path | None = None) -> StripNet:
    """Load weights for strips; what was loaded once is kept.

    Parameters
    ----------
    path : path, optional
        A .safetensors file; the shipped one if not given.

    Returns
    -------
    StripNet
        Ready for `strip_chances`.

    Raises
    ------
    InputError
        If the file is missing, damaged, of another network, or not the one whose
        checksum is noted beside it.
    MissingExtraError
        If torch and safetensors are not installed.
    """
    import_torch()
    from termini.segment.networks.blocks import fold_normalisation
    from termini.segment.strip_network import StripNetwork
    from termini.segment.weights_file import read_weights

    file = STRIP_WEIGHTS if path is None else Path(path)
    module, metadata = read_weights(file, make={StripNetwork.name: StripNetwork})
    return StripNet(fold_normalisation(module), metadata, str(file))


def strip_chances(
    net: StripNet, inputs: NDArray[np.float32], working: float
) -> NDArray[np.float64]:
    """Probability of the front at every sample, one over each column.

    Parameters
    ----------
    net : StripNet
        From `load_strip_net`.
    inputs : ndarray of float32, shape (4, rows, columns)
        From `strip_inputs`.
    working : float
        Samples in a pixel of the grid that the line was drawn on.

    Returns
    -------
    ndarray of float64, shape (rows, columns)
        0 in rows out of reach.
    """
    torch = import_torch()
    rows, columns = inputs.shape[1:]
    beyond = -columns % net.module.multiple
    padded = np.pad(inputs, ((0, 0), (0, 0), (0, beyond)), mode="edge")
    with torch.inference_mode():
        x = torch.from_numpy(np.ascontiguousarray(padded[None]))
        found = net.module(x.to(memory_format=torch.channels_last))[0].float().numpy()
    logits = found[:, :columns].astype(np.float64)
    logits[~rows_in_reach(rows, working)] = -np.inf
    chance = np.exp(logits - logits.max(axis=0))
    return np.asarray(chance / chance.sum(axis=0))
