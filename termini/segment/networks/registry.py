"""Networks by name, each with its paper, its inputs and its outputs.

Whatever its layout, a network is called alike: layers of a picture in, one
logit map per output, of the picture's size. What the outputs mean is said by
their names, so that losses and prediction need not know the network.

=============  ==============================================================
output         meaning of its map
=============  ==============================================================
front          logit of lying on the calving front
ice            logit of glacier ice rather than water or melange
land           logit of ice or rock rather than water (the published masks)
rock           logit of rock or other ground
distance       distance to the front, pixels, positive on the ice
log_variance   logarithm of the variance of that distance, pixels squared
=============  ==============================================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from termini.errors import InputError, MissingExtraError

try:
    import torch
    from torch import nn
except ImportError as error:
    raise MissingExtraError("extract", "the front networks") from error

OUTPUT_NAMES = ("front", "ice", "land", "rock", "distance", "log_variance")


@dataclass(frozen=True)
class Card:
    """What is known of a network.

    Parameters
    ----------
    name : str
        Under which it is built.
    paper : str
        Where it was published, and for what.
    layers : tuple of str
        Inputs as published, of `termini.segment.inputs.LAYER_NAMES`.
    outputs : tuple of str
        Of `OUTPUT_NAMES`, in the order of the channels.
    make : callable
        ``make(inputs, **options)`` gives the module; `inputs` is a number.
    published : float or None
        Trained values that the paper or its code states.
    as_published : dict
        Options and the number of ``inputs`` for which that number holds.
    note : str
        Where the layout is not the paper's in every point.
    """

    name: str
    paper: str
    layers: tuple[str, ...]
    outputs: tuple[str, ...]
    make: Callable[..., nn.Module]
    published: float | None = None
    as_published: tuple[tuple[str, Any], ...] = ()
    note: str = ""


_CARDS: dict[str, Card] = {}


def register(card: Card) -> None:
    """Make a network known under its name."""
    unknown = set(card.outputs) - set(OUTPUT_NAMES)
    if unknown or card.name in _CARDS:
        raise InputError(f"network {card.name!r}: name taken, or outputs {sorted(unknown)} unknown")
    _CARDS[card.name] = card


def network_names() -> tuple[str, ...]:
    """Names of all networks, sorted."""
    return tuple(sorted(_CARDS))


def network_card(name: str) -> Card:
    """What is known of a network.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in _CARDS:
        near = get_close_matches(name, _CARDS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(network_names())}"
        raise InputError(f"no network is called {name!r}: {hint}")
    return _CARDS[name]


def build(
    name: str,
    *,
    layers: Sequence[str] | None = None,
    seed: int = 0,
    device: str = "cpu",
    **options: Any,
) -> nn.Module:
    """Fresh network; the same seed gives the same weights.

    Parameters
    ----------
    name : str
        Of `network_names`.
    layers : sequence of str, optional
        Inputs, where others than the published ones are at hand.
    seed : int
        Of the initial weights (He et al. 2015).
    device : str
        ``meta`` gives shapes without weights, for counting.
    **options
        Of the network, such as ``widths`` or ``dropout``.

    Returns
    -------
    torch.nn.Module
        In training mode; with ``name``, ``layers``, ``outputs``, ``options``
        and ``multiple`` (rows and columns must be multiples of it).

    Raises
    ------
    InputError
        If name or options are unknown.
    """
    card = network_card(name)
    chosen = tuple(layers or card.layers)
    try:
        with torch.random.fork_rng(devices=[]), torch.device(device):
            torch.manual_seed(seed)
            module = card.make(len(chosen), **options)
    except TypeError as error:
        raise InputError(f"network {name!r} cannot be built with {options} ({error})") from error
    module.name, module.layers, module.options = name, chosen, dict(options)
    module.outputs = card.outputs
    if device != "meta":
        initialise(module, seed)
    return module


def initialise(module: nn.Module, seed: int) -> None:
    """Weights of all convolutions from one stream (He et al. 2015)."""
    generator = torch.Generator().manual_seed(seed)
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu", generator=generator)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
    for head in getattr(module, "heads", ()):
        # a head starts near its prior: a front is rare, the others even
        with torch.no_grad():
            head.weight.mul_(0.1)
            if head.bias is not None and "front" in module.outputs:
                place = module.outputs.index("front")
                head.bias[place :: len(module.outputs)] = -2.0
