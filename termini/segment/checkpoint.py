"""Everything that the next step of a training depends on, as plain tensors."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from termini.errors import InputError
from termini.files import written_whole


@dataclass
class State:
    """A training at some step.

    Parameters
    ----------
    live, mean : torch.nn.Module
        The network that learns, and the running average of its weights.
    optimiser : torch.optim.Optimizer
        With its moments.
    step : int
        Steps done.
    """

    live: nn.Module
    mean: nn.Module
    optimiser: Any
    step: int


def save_checkpoint(state: State, settings: Any, path: Path) -> None:
    """Write a training's state, whole or not at all.

    Parameters
    ----------
    state : State
        What to keep.
    settings : dataclass
        How it is trained; only the same may go on with it.
    path : pathlib.Path
        Where to.
    """
    tensors: dict[str, Tensor] = {}
    for prefix, network in (("live", state.live), ("mean", state.mean)):
        tensors |= {f"{prefix}.{k}": _plain(v) for k, v in network.state_dict().items()}
    for number, moments in state.optimiser.state_dict()["state"].items():
        held = {k: v for k, v in moments.items() if v is not None}
        tensors |= {f"moment.{number}.{k}": _plain(v) for k, v in held.items()}
    header = {"step": str(state.step), "settings": _text(settings)}
    with written_whole(path) as temporary:
        save_file(tensors, str(temporary), metadata=header)


def load_checkpoint(state: State, settings: Any, path: Path) -> None:
    """Read into a state what `save_checkpoint` wrote.

    Parameters
    ----------
    state : State
        Changed in place.
    settings : dataclass
        How it is trained now.
    path : pathlib.Path
        What to read.

    Raises
    ------
    InputError
        If the file is damaged or belongs to other settings.
    """
    try:
        with safe_open(str(path), framework="pt") as held:
            header = held.metadata() or {}
            tensors = {key: held.get_tensor(key) for key in held.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise InputError(f"{path} is damaged ({error}): delete it to begin again") from error
    if header.get("settings") != _text(settings):
        raise InputError(
            f"{path} belongs to a training with other settings: give an empty folder, "
            "or the settings that it began with"
        )
    for prefix, network in (("live.", state.live), ("mean.", state.mean)):
        named = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
        network.load_state_dict(named)
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("moment."):
            _, number, name = key.split(".")
            moments.setdefault(int(number), {})[name] = value
    groups = state.optimiser.state_dict()["param_groups"]
    state.optimiser.load_state_dict({"state": moments, "param_groups": groups})
    state.step = int(header["step"])


def _plain(value: Tensor) -> Tensor:
    return value.detach().cpu().contiguous()


def _text(settings: Any) -> str:
    return json.dumps(asdict(settings), sort_keys=True)
