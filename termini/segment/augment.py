"""Views of labelled scenes: turned, scaled, flipped, and seen worse.

Each view has its own random stream, derived from the seed, the step and its
place in the batch, so training can be stopped and resumed and ends the same.
The picture is normalised after it was disturbed, with the same function that
prediction uses. Further bands turn, scale and lose their gaps with the picture;
each may be left out of a view, so that a network learns to do without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (usual name)
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from termini.scenes.normalise import Method, normalise_values
from termini.segment.datasets import (
    FJORD_BIT,
    ICE,
    PRIOR_KNOWN_BIT,
    ROCK,
    STEPS_PER_PIXEL,
    SURFACE_BITS,
    UNKNOWN,
    VALID_BIT,
    WATER,
    LabelledScenes,
)
from termini.segment.inputs import LAYERS, select_layers
from termini.segment.weather import disturb


@dataclass(frozen=True)
class ViewSettings:
    """How far views depart from the scenes.

    Parameters
    ----------
    rows, columns : int
        Size of a view, pixels.
    zoom : tuple of float
        Pixels of the scene per pixel of the view, log-uniform.
    rotation : float
        Largest turn, degrees.
    prior_dropout : float
        Share of views whose fjord layer is blank.
    strength : float
        Multiplies the chance of every disturbance; 0 switches them off.
    untouched : float
        Share of views that are only turned and scaled.
    quarter_turns : bool
        Turn by 0, 90, 180 or 270 degrees as well, as Zhang et al. (2021) do.
    normalisation : {"equalise", "linear", "none", "clahe"}
        As in `termini.scenes.normalise`.
    gamma : float
        Share of views whose normalised brightness is bent, times `strength`.
    band_dropout : float
        Share of views in which a further band is blank, each on its own.
    layers : tuple of str
        What the network asks for.
    chances : dict
        Chance of single disturbances, instead of their own:
        `termini.segment.weather.CHANCES`.
    """

    rows: int = 224
    columns: int = 176
    zoom: tuple[float, float] = (0.65, 1.3)
    rotation: float = 20.0
    prior_dropout: float = 0.5
    strength: float = 1.0
    untouched: float = 0.25
    quarter_turns: bool = False
    normalisation: str = "equalise"
    gamma: float = 0.3
    band_dropout: float = 0.0
    layers: tuple[str, ...] = LAYERS
    chances: dict[str, float] = field(default_factory=dict)


def sample_views(
    scenes: LabelledScenes,
    index: NDArray[np.integer],
    seed: tuple[int, ...],
    view: ViewSettings,
    places: Sequence[int] | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Make one batch of views.

    Parameters
    ----------
    scenes : LabelledScenes
        Where from.
    index : ndarray of int, shape (n,)
        Which scenes.
    seed : tuple of int
        Random stream of the batch.
    view : ViewSettings
        How.
    places : sequence of int, optional
        Places of these scenes in the whole batch, where it is shared out; a view
        is the same wherever it is made.

    Returns
    -------
    Tensor, shape (n, layers, rows, columns)
        Network inputs.
    dict of Tensor, each (n, rows, columns)
        Targets for `termini.segment.losses.total_loss`.
    """
    inputs, distances, flags, valids = [], [], [], []
    for place, i in zip(places or range(len(index)), index, strict=True):
        rng = np.random.default_rng([*seed, place])
        images, distance, flag = _warp(scenes, int(i), rng, view)
        stack = _inputs(images, flag, np.random.default_rng([*seed, place, 1]), view)
        inputs.append(torch.from_numpy(select_layers(stack, view.layers)))
        valids.append(torch.from_numpy(stack[1]))
        distances.append(distance)
        flags.append(flag)
    targets = _targets(torch.stack(distances), np.stack(flags), torch.stack(valids))
    return torch.stack(inputs), targets


def _warp(
    scenes: LabelledScenes, i: int, rng: Generator, view: ViewSettings
) -> tuple[NDArray[np.float32], Tensor, NDArray[np.uint8]]:
    """Turn, scale, flip and cut one scene around a point near its front."""
    rows, columns = scenes.image.shape[1:]
    low, high = np.log(view.zoom)
    scale = float(np.exp(rng.uniform(low, high)))
    angle = np.radians(rng.uniform(-view.rotation, view.rotation))
    if view.quarter_turns:
        angle += np.pi / 2 * int(rng.integers(4))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    centre = _centre(scenes.distance[i], rng, view, scale)
    cosine, sine = np.cos(angle) * scale, np.sin(angle) * scale
    # normalised output (-1..1) -> source pixel -> normalised source
    half = np.array([view.columns / 2, view.rows / 2])
    matrix = np.array([[flip * cosine * half[0], -sine * half[1]],
                       [flip * sine * half[0], cosine * half[1]]])  # fmt: skip
    size = np.array([columns, rows])
    theta = np.column_stack([matrix / (size[:, None] / 2), centre / (size / 2) - 1.0])
    grid = F.affine_grid(
        torch.from_numpy(theta[None]).float(), [1, 1, view.rows, view.columns], align_corners=False
    )
    bands = () if scenes.bands is None else scenes.bands[i]
    layers = np.stack([scenes.distance[i], scenes.image[i], *bands])
    smooth = torch.from_numpy(layers.astype(np.float32))[None]
    flags = torch.from_numpy(scenes.flags[i].astype(np.float32))[None, None]
    # outside the scene the distance must stay large and nothing is valid
    smooth[:, 0] -= 255.0
    sampled = F.grid_sample(smooth, grid, mode="bilinear", align_corners=False)[0]
    nearest = F.grid_sample(flags, grid, mode="nearest", align_corners=False)[0, 0]
    distance = (sampled[0] + 255.0) / STEPS_PER_PIXEL / scale
    flag = nearest.numpy().astype(np.uint8)
    flag = np.where(flag == 0, np.uint8(UNKNOWN), flag)
    return sampled[1:].numpy() / 255.0, distance, flag


def _centre(
    distance: NDArray[np.uint8], rng: Generator, view: ViewSettings, scale: float
) -> NDArray[np.float64]:
    """Column and row to cut around: mostly near the front, sometimes anywhere."""
    rows, columns = distance.shape
    middle = np.array([columns / 2, rows / 2])
    near = np.argwhere(distance < STEPS_PER_PIXEL)
    if near.size and rng.random() < 0.9:
        row, column = near[rng.integers(len(near))]
        shift = rng.uniform(-0.4, 0.4, 2) * np.array([view.columns, view.rows]) * scale
        middle = np.array([column, row]) + shift
    reach = 0.25 * np.array([columns, rows])
    return np.asarray(np.clip(middle, reach, np.array([columns, rows]) - reach))


def _inputs(
    images: NDArray[np.float32], flag: NDArray[np.uint8], rng: Generator, view: ViewSettings
) -> NDArray[np.float32]:
    """Disturb, normalise, and add the layers: image, valid, fjord, further bands."""
    valid = (flag & VALID_BIT) > 0
    strength = view.strength * float(rng.random() >= view.untouched)
    image, valid = disturb(images[0], valid, rng, strength, view.chances)
    equal = _normalised(image, valid, view)
    if rng.random() < view.gamma * strength:
        equal = np.where(valid, equal ** np.exp(rng.normal(0.0, 0.3)), 0.0)
    if rng.random() < 0.04 * strength:
        equal = np.where(valid, 1.0 - equal, 0.0)
    fjord = np.zeros_like(equal)
    if (flag & PRIOR_KNOWN_BIT).any() and rng.random() >= view.prior_dropout:
        fjord = _loosen((flag & FJORD_BIT) > 0, rng)
    bands = [
        _normalised(band, valid, view) * float(rng.random() >= view.band_dropout)
        for band in images[1:]
    ]
    return np.stack([equal, valid, fjord, *bands]).astype(np.float32)


def _normalised(
    image: NDArray[np.float32], valid: NDArray[np.bool_], view: ViewSettings
) -> NDArray[np.float32]:
    # whole numbers take the quick way through the histogram
    levels = np.rint(np.clip(image, 0.0, 1.0) * 1023.0)
    return normalise_values(levels, valid, cast(Method, view.normalisation))


def _loosen(fjord: NDArray[np.bool_], rng: Generator) -> NDArray[np.float32]:
    """Move, widen or narrow the fjord a little: no domain is exact."""
    layer = torch.from_numpy(np.roll(fjord, rng.integers(-3, 4, 2), (0, 1)).astype(np.float32))
    size = 2 * int(rng.integers(0, 4)) + 1
    sign = 1.0 if rng.random() < 0.6 else -1.0
    grown = F.max_pool2d(sign * layer[None, None], size, stride=1, padding=size // 2)[0, 0]
    return np.asarray((sign * grown).numpy(), dtype=np.float32)


def _targets(distance: Tensor, flags: NDArray[np.uint8], valid: Tensor) -> dict[str, Tensor]:
    """Layers that the losses compare with."""
    surface = torch.from_numpy(flags & SURFACE_BITS)
    # a gap narrower than this can be bridged by eye, a wider one cannot
    coarse = F.avg_pool2d(valid[:, None], 4)
    near = F.avg_pool2d(coarse, 3, stride=1, padding=1) > 0.15
    seen = F.interpolate(near.float(), size=valid.shape[1:], mode="nearest")[:, 0]
    known = surface != UNKNOWN
    either = (surface == ICE) | (surface == WATER)
    # beside a front known by its line alone, what borders on it is not rock
    return {
        "distance": distance,
        "seen": seen,
        "ice": (surface == ICE).float(),
        "ice_known": either.float() * seen,
        "rock": (surface == ROCK).float(),
        "rock_known": known.float() * seen,
    }
