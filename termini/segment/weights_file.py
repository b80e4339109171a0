"""Weights on disk: safetensors, with the architecture in its header.

Data, never code: nothing is unpickled.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from termini.errors import InputError, MissingExtraError
from termini.files import written_whole
from termini.segment.unet import NetworkSettings, UNet

try:
    import torch
    from safetensors import SafetensorError, safe_open
    from safetensors.torch import save_file
except ImportError as error:
    raise MissingExtraError("extract", "reading network weights") from error

KEY = "termini"
"""Entry of the file's header that holds everything, as JSON."""


def write_weights(
    network: UNet, path: str | Path, *, name: str, training: dict[str, object]
) -> Path:
    """Write a network in half precision.

    Parameters
    ----------
    network : UNet
        Not folded.
    path : path
        Ends in ``.safetensors``.
    name : str
        Of the network, for the record.
    training : dict
        How it was made; JSON values.

    Returns
    -------
    pathlib.Path
        The path.
    """
    state = {
        key: value.detach().to(torch.float16).contiguous()
        for key, value in network.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    header = {"name": name, "architecture": network.settings.as_dict(), "training": training}
    with written_whole(path) as temporary:
        # one entry, because safetensors writes several in any order
        save_file(state, str(temporary), metadata={KEY: json.dumps(header, sort_keys=True)})
    return Path(path)


def read_weights(path: str | Path) -> tuple[UNet, dict[str, Any]]:
    """Read a network.

    Parameters
    ----------
    path : path
        What `write_weights` wrote.

    Returns
    -------
    UNet
        Single precision, evaluation mode, not folded.
    dict
        The header: ``name``, ``architecture``, ``training``.

    Raises
    ------
    InputError
        If the file is missing, damaged, or not such a file.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(
            f"no network weights at {file}: give a .safetensors file, or install termini again "
            "to get the shipped ones"
        )
    try:
        with safe_open(str(file), framework="pt") as held:
            metadata: dict[str, Any] = json.loads((held.metadata() or {})[KEY])
            state = {key: held.get_tensor(key).float() for key in held.keys()}  # noqa: SIM118
        shape = dict(metadata["architecture"])
        shape["widths"] = tuple(shape["widths"])
        network = UNet(NetworkSettings(**shape)).to(memory_format=torch.channels_last)
        missing, unexpected = network.load_state_dict(state, strict=False)
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise InputError(
            f"{file} does not hold weights of this network ({error}): use a file written by "
            "termini's training"
        ) from error
    lost = [key for key in missing if not key.endswith("num_batches_tracked")]
    if lost or unexpected:
        raise InputError(f"{file} lacks or adds layers ({(lost + unexpected)[:3]}): wrong version")
    return network.eval(), metadata
