"""Maps of front, ice and rock from any network, alone or in company.

Pictures go through in batches, large ones in tiles. A prediction can be
averaged over the mirrored picture, over scales, over passes with dropout left
on (Gal & Ghahramani 2016) and over several networks; how far these disagree
comes with it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from termini.errors import InputError
from termini.segment.inputs import select_layers
from termini.segment.maps import Prediction, activate, assemble
from termini.segment.network_file import WEIGHTS, Network, load_network
from termini.segment.tiles import TILE, blend, corners
from termini.segment.views import Views, dropout_on, look, look_back, looks

__all__ = [
    "WEIGHTS",
    "Network",
    "Prediction",
    "Views",
    "load_network",
    "predict",
    "predict_ensemble",
    "predict_many",
]

Array = NDArray[np.float32]


def predict(
    network: Network,
    inputs: Array,
    *,
    views: Views | None = None,
    tile: int = TILE,
) -> Prediction:
    """Probability maps of one picture.

    Parameters
    ----------
    network : Network
        From `load_network`.
    inputs : ndarray of float32, shape (3 or more, rows, columns)
        From `termini.segment.stack_inputs`.
    views : Views, optional
        What to average over; one look by default.
    tile : int
        Largest rows and columns in one go.

    Returns
    -------
    Prediction
        Maps of the picture's shape.

    Raises
    ------
    InputError
        If the inputs lack a layer that the network asks for.
    """
    return predict_many(network, [inputs], views=views, tile=tile)[0]


def predict_many(
    network: Network,
    pictures: Sequence[Array],
    *,
    batch: int = 4,
    views: Views | None = None,
    tile: int = TILE,
) -> list[Prediction]:
    """Probability maps of several pictures; those of one shape go together.

    Parameters
    ----------
    network : Network
        From `load_network`.
    pictures : sequence of ndarray of float32, each (3 or more, rows, columns)
        From `termini.segment.stack_inputs`.
    batch : int
        Most pictures or tiles at a time.
    views : Views, optional
        What to average over; one look by default.
    tile : int
        Largest rows and columns in one go.

    Returns
    -------
    list of Prediction
        In the order given.

    Raises
    ------
    InputError
        If inputs lack a layer, or passes are asked of a network without dropout.
    """
    views = views or Views()
    for picture in pictures:
        if picture.ndim != 3 or picture.shape[0] < 3:
            raise InputError(
                f"inputs of shape {picture.shape}: the network needs image, valid and fjord, "
                "as termini.segment.stack_inputs gives them"
            )
    seen: list[list[Array]] = [[] for _ in pictures]
    for scale, flip in looks(views):
        looked = [look(p, scale, flip) for p in pictures]
        for number in range(max(views.passes, 1)):
            with dropout_on(network, views, number):
                maps = _tiled(network, looked, batch, tile)
            for kept, found, picture in zip(seen, maps, pictures, strict=True):
                kept.append(look_back(found, network.outputs, picture.shape[1:], scale, flip))
    return [_joined(network, maps, p) for maps, p in zip(seen, pictures, strict=True)]


def predict_ensemble(
    networks: Sequence[Network],
    inputs: Array | Sequence[Array],
    *,
    views: Views | None = None,
    tile: int = TILE,
) -> Prediction:
    """Mean of several networks, with how far they disagree.

    Parameters
    ----------
    networks : sequence of Network
        Members; they need not be of one kind.
    inputs : ndarray of float32, shape (3 or more, rows, columns), or a sequence of them
        From `termini.segment.stack_inputs`; one for all, or one for each member where
        they want brightness normalised in different ways.
    views : Views, optional
        What each is averaged over.
    tile : int
        Largest rows and columns in one go.

    Returns
    -------
    Prediction
        Means. The variance of the distance is the members' mean variance plus
        the variance of their means, where all give it; `derived` names what any
        of them derived.

    Raises
    ------
    InputError
        If there is no network, or not as many inputs as networks.
    """
    if not networks:
        raise InputError("an ensemble needs at least one network")
    stacks = [inputs] * len(networks) if isinstance(inputs, np.ndarray) else list(inputs)
    if len(stacks) != len(networks):
        raise InputError(f"{len(stacks)} inputs for {len(networks)} networks: give one for each")
    parts = [predict(n, s, views=views, tile=tile) for n, s in zip(networks, stacks, strict=True)]
    fronts = np.stack([p.front for p in parts])
    within = [p.spread**2 for p in parts if p.spread is not None]
    spread = fronts.var(axis=0) + (np.mean(within, axis=0) if within else 0.0)
    distances = [p.distance for p in parts if p.distance is not None]
    sigmas = [p.sigma for p in parts if p.sigma is not None]
    every = len(distances) == len(parts)
    variance = None
    if every and len(sigmas) == len(parts):
        variance = np.mean(np.square(sigmas), axis=0) + np.var(distances, axis=0)
    return Prediction(
        fronts.mean(axis=0),
        np.mean([p.ice for p in parts], axis=0),
        np.mean([p.rock for p in parts], axis=0),
        np.mean(distances, axis=0) if every else None,
        None if variance is None else np.sqrt(variance),
        np.sqrt(spread),
        tuple(sorted({name for p in parts for name in p.derived})),
    )


def _tiled(network: Network, pictures: Sequence[Array], batch: int, tile: int) -> list[Array]:
    """Averaged maps, shape (outputs, rows, columns), of every picture."""
    layers = [select_layers(p, network.layers) for p in pictures]
    jobs = []
    for number, p in enumerate(layers):
        areas = corners(p.shape[1], p.shape[2], tile)
        jobs += [(number, a, w) for a, w in zip(areas, blend(areas), strict=True)]
    cuts = [layers[number][:, *area] for number, area, _ in jobs]
    sums = [np.zeros((len(network.outputs), *p.shape[1:]), dtype=np.float32) for p in layers]
    weights = [np.zeros(p.shape[1:], dtype=np.float32) for p in layers]
    for group in _groups([c.shape for c in cuts], batch):
        logits = network.logits(np.stack([cuts[i] for i in group]))
        for i, values in zip(group, activate(logits, network.outputs), strict=True):
            number, area, weight = jobs[i]
            sums[number][:, *area] += values * weight
            weights[number][area] += weight
    return [np.asarray(s / w, dtype=np.float32) for s, w in zip(sums, weights, strict=True)]


def _joined(network: Network, maps: list[Array], picture: Array) -> Prediction:
    """Mean over the views; the spread of the front where there are several."""
    mean = np.asarray(maps[0] if len(maps) == 1 else np.mean(maps, axis=0), dtype=np.float32)
    spread = None
    if len(maps) > 1:
        singles = [assemble(m, network.outputs, valid=picture[1]).front for m in maps]
        spread = np.std(singles, axis=0, dtype=np.float32)
    return assemble(mean, network.outputs, spread, picture[1])


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
