"""Weights on disk: safetensors, with the architecture in its header.

Data, never code: nothing is unpickled. The header says which network it is, so
that any of them is read by the same call; the first files of the shipped
network had only its shape there, and are read as before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from termini.errors import InputError, MissingExtraError
from termini.files import sha256, written_whole
from termini.segment.networks.registry import build
from termini.segment.unet import NetworkSettings, UNet

try:
    import torch
    from safetensors import SafetensorError, safe_open
    from safetensors.torch import save_file
    from torch import Tensor, nn
except ImportError as error:
    raise MissingExtraError("extract", "reading network weights") from error

KEY = "termini"
"""Entry of the file's header that holds everything, as JSON."""


SUMS = "SHA256SUMS"
"""File beside shipped weights with the checksum of each."""


def write_weights(
    network: nn.Module, path: str | Path, *, name: str, training: dict[str, object]
) -> Path:
    """Write a network in half precision.

    Parameters
    ----------
    network : torch.nn.Module
        From `termini.segment.networks.build`; not folded.
    path : path
        Ends in ``.safetensors``.
    name : str
        Of the weights, for the record.
    training : dict
        How it was made; JSON values. ``normalisation`` is what prediction uses.

    Returns
    -------
    pathlib.Path
        The path.
    """
    state = {
        key: _half(value)
        for key, value in network.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    header = {"name": name, "architecture": _architecture(network), "training": training}
    with written_whole(path) as temporary:
        # one entry, because safetensors writes several in any order
        save_file(state, str(temporary), metadata={KEY: json.dumps(header, sort_keys=True)})
    return Path(path)


def _half(value: Tensor) -> Tensor:
    """In half precision, unless that cannot hold it."""
    small = value.detach().cpu().to(torch.float16).contiguous()
    return small if bool(torch.isfinite(small).all()) else value.detach().cpu().contiguous()


def _architecture(network: nn.Module) -> dict[str, Any]:
    if isinstance(network, UNet):
        return network.settings.as_dict()
    return {"network": network.name, "layers": network.layers, "options": network.options}


def _fresh(
    architecture: dict[str, Any], make: Mapping[str, Callable[..., nn.Module]] | None = None
) -> nn.Module:
    """Network of that shape, its weights still to be read."""
    shape = dict(architecture)
    if make is not None:
        return make[shape["network"]](**shape["options"])
    if "network" in shape:
        return build(shape["network"], layers=tuple(shape["layers"]), **shape["options"])
    shape["widths"] = tuple(shape["widths"])
    return UNet(NetworkSettings(**shape))


def check_sum(path: str | Path) -> None:
    """Refuse weights whose checksum is not the one noted beside them.

    Parameters
    ----------
    path : path
        Weights; nothing is checked where the folder has no ``SHA256SUMS`` or
        that does not name the file.

    Raises
    ------
    InputError
        If the file differs.
    """
    file = Path(path)
    sums = file.parent / SUMS
    if not sums.is_file() or not file.is_file():
        return
    for line in sums.read_text(encoding="utf-8").splitlines():
        wanted, _, name = line.partition("  ")
        if name.strip() == file.name and sha256(file) != wanted:
            raise InputError(
                f"{file} is not the file that {sums} names (its checksum differs): install "
                "termini again, or write weights of your own elsewhere"
            )


def read_weights(
    path: str | Path, make: Mapping[str, Callable[..., nn.Module]] | None = None
) -> tuple[nn.Module, dict[str, Any]]:
    """Read a network.

    Parameters
    ----------
    path : path
        What `write_weights` wrote.
    make : mapping, optional
        Name to class of the networks that the file may hold, each made of its options;
        those of `termini.segment.networks` by default.

    Returns
    -------
    torch.nn.Module
        Single precision, evaluation mode, not folded.
    dict
        The header: ``name``, ``architecture``, ``training``.

    Raises
    ------
    InputError
        If the file is missing, damaged, not such a file, or not the one whose
        checksum is noted beside it.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(
            f"no network weights at {file}: give a .safetensors file, or install termini again "
            "to get the shipped ones"
        )
    check_sum(file)
    try:
        with safe_open(str(file), framework="pt") as held:
            metadata: dict[str, Any] = json.loads((held.metadata() or {})[KEY])
            state = {key: held.get_tensor(key).float() for key in held.keys()}  # noqa: SIM118
        network = _fresh(metadata["architecture"], make).to(memory_format=torch.channels_last)
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
