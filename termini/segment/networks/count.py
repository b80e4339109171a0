"""Size and cost of a network: trained values, multiplications, seconds."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from termini.segment.networks.registry import build, network_card


def parameter_count(module: nn.Module) -> int:
    """Number of trained values."""
    return int(sum(p.numel() for p in module.parameters()))


def published_count(name: str) -> int:
    """Trained values of a network with the inputs for which its paper states them.

    Parameters
    ----------
    name : str
        Of a network.

    Returns
    -------
    int
        Counted without allocating weights.
    """
    card = network_card(name)
    options = dict(card.as_published)
    inputs = int(options.pop("inputs", len(card.layers)))
    layers = tuple(f"layer{k}" for k in range(inputs))
    return parameter_count(build(name, layers=layers, device="meta", **options))


def multiplications(module: nn.Module, rows: int = 512, columns: int = 512) -> int:
    """Multiply-accumulate operations of the convolutions, for one picture.

    Parameters
    ----------
    module : torch.nn.Module
        Network on any device; on ``meta`` nothing is computed.
    rows, columns : int
        Of the picture; multiples of the network's ``multiple``.

    Returns
    -------
    int
        Of convolutions and transposed convolutions; the rest is a few percent.
    """
    total = 0

    def count(part: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        per_value = part.weight[0].numel() if isinstance(part, nn.Conv2d) else 0
        if isinstance(part, nn.ConvTranspose2d):
            # every input value is spread over the kernel
            total += inputs[0].numel() * part.weight[0].numel()
        total += output.numel() * per_value

    hooks: list[Any] = [
        part.register_forward_hook(count)
        for part in module.modules()
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d)
    ]
    was = module.training
    device = next(module.parameters()).device
    try:
        with torch.no_grad():
            module.eval()(torch.zeros(1, len(module.layers), rows, columns, device=device))
    finally:
        for hook in hooks:
            hook.remove()
        module.train(was)
    return total
