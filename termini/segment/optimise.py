"""Optimisers and learning-rate schedules of the papers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from termini.errors import InputError

OPTIMISERS = ("sgd", "adam", "adamw", "adagrad")
SCHEDULES = ("cosine", "poly", "constant")


@dataclass(frozen=True)
class OptimiserSettings:
    """How weights move.

    Parameters
    ----------
    name : {"sgd", "adam", "adamw", "adagrad"}
        Method.
    rate : float
        Highest learning rate.
    momentum : float
        Of ``sgd``.
    decay : float
        Weight decay.
    decoder_factor : float
        The rate of the decoder is so many times that of the encoder, for
        networks that tell them apart (Zhang et al. 2021: ten).
    clip : float
        Largest norm of the gradient; 0 for none.
    """

    name: str = "adamw"
    rate: float = 2e-3
    momentum: float = 0.9
    decay: float = 1e-3
    decoder_factor: float = 1.0
    clip: float = 1.0


@dataclass(frozen=True)
class ScheduleSettings:
    """How the learning rate falls.

    Parameters
    ----------
    name : {"cosine", "poly", "constant"}
        Half a cosine to a fiftieth; (1 - done)^power; not at all.
    warmup : int
        Steps over which it rises first.
    power : float
        Of ``poly``.
    """

    name: str = "cosine"
    warmup: int = 100
    power: float = 0.9

    def factor(self, step: int, steps: int) -> float:
        """Share of the highest rate at a step of `steps`."""
        if self.name not in SCHEDULES:
            raise InputError(f"schedule {self.name!r} is unknown; use {', '.join(SCHEDULES)}")
        if step < self.warmup:
            return (step + 1) / self.warmup
        done = min((step - self.warmup) / max(steps - self.warmup, 1), 1.0)
        if self.name == "constant":
            return 1.0
        if self.name == "poly":
            return float((1.0 - done) ** self.power)
        return 0.02 + 0.98 * 0.5 * (1.0 + math.cos(math.pi * done))


def make_optimiser(module: nn.Module, settings: OptimiserSettings) -> torch.optim.Optimizer:
    """Optimiser of a network; each group has the factor of its rate as ``share``.

    Raises
    ------
    InputError
        If the method is unknown.
    """
    decoder = list(getattr(module, "decoder_parameters", tuple)())
    inside = {id(p) for p in decoder}
    rest = [p for p in module.parameters() if id(p) not in inside]
    groups: list[dict[str, Any]] = [{"params": rest, "share": 1.0}]
    if decoder:
        groups.append({"params": decoder, "share": settings.decoder_factor})
    rate, decay = settings.rate, settings.decay
    if settings.name == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=settings.momentum, weight_decay=decay)
    if settings.name == "adagrad":
        return torch.optim.Adagrad(groups, lr=rate, weight_decay=decay)
    if settings.name == "adam":
        return torch.optim.Adam(groups, lr=rate, weight_decay=decay, foreach=True)
    if settings.name == "adamw":
        return torch.optim.AdamW(groups, lr=rate, weight_decay=decay, foreach=True)
    raise InputError(f"optimiser {settings.name!r} is unknown; use {', '.join(OPTIMISERS)}")
