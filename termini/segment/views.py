"""Ways to look at a picture more than once: mirrored, at other sizes, with dropout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.transform import resize

from termini.errors import InputError
from termini.segment.network_file import Network, import_torch

Array = NDArray[np.float32]

#: Sizes at which a picture can be looked at: smaller shows no front, larger no more of it.
SCALES = (0.25, 4.0)


@dataclass(frozen=True)
class Views:
    """What a prediction is averaged over.

    Parameters
    ----------
    flips : bool
        Mirror the picture as well: twice the time.
    scales : tuple of float
        Sizes at which to look, as factors of the picture's.
    passes : int
        Passes with dropout left on; 0 for one without.
    seed : int
        Of the dropout.

    Raises
    ------
    InputError
        If there is no scale, one is below a quarter or above four, or passes are
        fewer than none.
    """

    flips: bool = False
    scales: tuple[float, ...] = (1.0,)
    passes: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        low, high = SCALES
        if not self.scales or not all(low <= scale <= high for scale in self.scales):
            given = ", ".join(f"{scale:g}" for scale in self.scales)
            raise InputError(f"scales ({given}): give one or more, each {low:g} to {high:g}")
        if self.passes < 0:
            raise InputError(f"{self.passes} passes with dropout: give 0 for none, or more")


def looks(views: Views) -> Iterator[tuple[float, bool]]:
    """Scale of each look at a picture, and whether it is mirrored."""
    for scale in views.scales:
        yield scale, False
        if views.flips:
            yield scale, True


def look(picture: Array, scale: float, flip: bool) -> Array:
    """Picture of another size, mirrored if asked; masks stay masks."""
    if scale != 1.0:
        size = tuple(max(16, round(scale * n)) for n in picture.shape[1:])
        picture = np.stack([resize(layer, size, order=1) for layer in picture])
        picture[1:3] = picture[1:3] > 0.5
    return np.ascontiguousarray(picture[..., ::-1]) if flip else picture


def look_back(
    maps: Array, outputs: Sequence[str], shape: tuple[int, ...], scale: float, flip: bool
) -> Array:
    """Maps as the picture lies; distances in its pixels."""
    maps = maps[..., ::-1] if flip else maps
    if scale == 1.0:
        return maps
    power = {"distance": 1, "log_variance": 2}
    factor = shape[0] / maps.shape[1]
    return np.stack([
        np.asarray(resize(m, shape, order=1) * factor ** power.get(name, 0), dtype=np.float32)
        for name, m in zip(outputs, maps, strict=True)
    ])  # fmt: skip


def check_dropout(network: Network) -> list[Any]:
    """Layers of a network that dropout can be left on in.

    Parameters
    ----------
    network : Network
        From `load_network`.

    Returns
    -------
    list of torch.nn.Module
        At least one.

    Raises
    ------
    InputError
        If there is none.
    """
    torch = import_torch()
    kinds = (torch.nn.Dropout, torch.nn.Dropout2d)
    modules: Any = getattr(network.module, "modules", list)
    layers = [m for m in modules() if isinstance(m, kinds) and m.p > 0]
    if not layers:
        raise InputError(
            f"{network.path or 'the network'} has no dropout, or lost it when it was exported: "
            "passes would all be alike; use flips, scales or an ensemble"
        )
    return layers


@contextmanager
def dropout_on(network: Network, views: Views, number: int) -> Iterator[None]:
    """Dropout on for one pass of a Monte-Carlo prediction, off again afterwards."""
    if views.passes == 0:
        yield
        return
    layers = check_dropout(network)
    torch = import_torch()
    with torch.random.fork_rng():
        torch.manual_seed(int(np.random.SeedSequence([views.seed, number]).generate_state(1)[0]))
        for layer in layers:
            layer.train()
        try:
            yield
        finally:
            for layer in layers:
                layer.eval()
