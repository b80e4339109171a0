"""Disturbances of training pictures: light, cloud, noise, gaps.

What sensors and weather do to a scene beyond what its labelled original holds.
Every function takes its random stream and leaves its input unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

from termini.errors import InputError

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]


CHANCES = {
    "shade": 0.30, "cloud": 0.15, "blur": 0.25, "speckle": 0.20, "noise": 0.30,
    "saturate": 0.10, "posterise": 0.15, "banding": 0.05, "stripes": 0.12, "edge": 0.10,
}  # fmt: skip
"""Share of pictures that each disturbance changes at full strength."""


def disturb(
    image: Image,
    valid: Mask,
    rng: Generator,
    strength: float = 1.0,
    chances: Mapping[str, float] | None = None,
) -> tuple[Image, Mask]:
    """Apply a random choice of disturbances.

    Parameters
    ----------
    image : ndarray of float32, shape (rows, columns)
        Brightness, 0 to 1.
    valid : ndarray of bool, shape (rows, columns)
        Where it holds anything.
    rng : numpy.random.Generator
        Random stream.
    strength : float
        Multiplies every chance.
    chances : mapping, optional
        Other chances than `CHANCES`, by name.

    Returns
    -------
    ndarray of float32, ndarray of bool
        Brightness (may leave [0, 1]) and validity.
    """
    chance = CHANCES | dict(chances or {})
    if unknown := sorted(set(chance) - set(CHANCES)):
        raise InputError(f"disturbances {unknown} are unknown; there are {', '.join(CHANCES)}")
    changes = (shade, cloud, blur, speckle, noise, saturate, posterise, banding)
    for change in changes:
        if rng.random() < chance[change.__name__] * strength:
            image = change(image, rng)
    if rng.random() < chance["stripes"] * strength:
        valid = valid & ~stripes(valid.shape, rng)
    if rng.random() < chance["edge"] * strength:
        valid = valid & ~missing_edge(valid.shape, rng)
    return np.asarray(image, dtype=np.float32), valid


def smooth_field(shape: tuple[int, ...], rng: Generator, cells: int) -> Image:
    """Smooth random field of mean 0 and deviation near 1, `cells` bumps across."""
    coarse = rng.standard_normal((cells + 3, cells + 3)).astype(np.float32)
    zoom = (shape[0] / (cells + 3), shape[1] / (cells + 3))
    fine = ndimage.zoom(coarse, zoom, order=2, grid_mode=True, mode="nearest")
    return np.asarray(fine[: shape[0], : shape[1]] * 1.5, dtype=np.float32)


def shade(image: Image, rng: Generator) -> Image:
    """Uneven light: haze, slope towards the sun, antenna pattern."""
    return np.asarray(
        image * np.exp(0.25 * smooth_field(image.shape, rng, int(rng.integers(1, 4))))
    )


def cloud(image: Image, rng: Generator) -> Image:
    """Patches of cloud, thin to thick, brighter than most of the scene."""
    field = smooth_field(image.shape, rng, 3) + 0.5 * smooth_field(image.shape, rng, 9)
    edge = rng.uniform(0.2, 1.5)
    cover = rng.uniform(0.3, 0.95) / (1.0 + np.exp(-4.0 * (field - edge)))
    level = np.quantile(image, rng.uniform(0.6, 1.0))
    return np.asarray(image * (1.0 - cover) + level * cover, dtype=np.float32)


def blur(image: Image, rng: Generator) -> Image:
    """Poorer optics, or a coarser original."""
    return np.asarray(ndimage.gaussian_filter(image, rng.uniform(0.4, 1.4), truncate=3.0))


def speckle(image: Image, rng: Generator) -> Image:
    """Multiplicative gamma noise, as radar of 2 to 20 looks has."""
    looks = np.exp(rng.uniform(np.log(2.0), np.log(20.0)))
    grain = rng.standard_gamma(looks, image.shape).astype(np.float32) / looks
    return np.asarray(image * np.sqrt(grain), dtype=np.float32)


def noise(image: Image, rng: Generator) -> Image:
    """Additive sensor noise."""
    level = float(np.exp(rng.uniform(np.log(0.003), np.log(0.06))))
    return image + level * rng.standard_normal(image.shape, dtype=np.float32)


def saturate(image: Image, rng: Generator) -> Image:
    """Snow that fills the sensor's range, or shadow below it."""
    low, high = np.quantile(image, [rng.uniform(0.0, 0.1), rng.uniform(0.5, 1.0)])
    return np.asarray(np.clip(image, low, max(high, low + 1e-3)), dtype=np.float32)


def posterise(image: Image, rng: Generator) -> Image:
    """Few grey levels, as dark eight-bit scenes have."""
    step = (float(image.std()) + 1e-6) / np.exp(rng.uniform(np.log(1.5), np.log(12.0)))
    return np.asarray(np.rint(image / step) * step, dtype=np.float32)


def banding(image: Image, rng: Generator) -> Image:
    """Stripes of detectors or swaths that differ a little in gain."""
    period = int(rng.integers(2, 17))
    gain = 1.0 + rng.uniform(0.02, 0.12) * rng.standard_normal(period)
    along = image.shape[int(rng.integers(2))]
    lines = np.resize(gain, along)
    shaped = lines[:, None] if along == image.shape[0] else lines[None, :]
    return np.asarray(image * shaped, dtype=np.float32)


def stripes(shape: tuple[int, ...], rng: Generator) -> Mask:
    """Scan-line gaps of Landsat 7: slanted, widening to one side."""
    rows, columns = np.indices(shape, dtype=np.float32)
    angle = rng.uniform(-np.pi, np.pi)
    across = columns * np.sin(angle) + rows * np.cos(angle)
    along = columns * np.cos(angle) - rows * np.sin(angle)
    period = rng.uniform(14.0, 34.0)
    along = (along - along.min()) / (along.max() - along.min())
    share = rng.uniform(0.0, 0.25) + rng.uniform(0.0, 0.3) * along
    return np.asarray(((across / period + rng.random()) % 1.0) < share)


def missing_edge(shape: tuple[int, ...], rng: Generator) -> Mask:
    """Outside the swath: a half plane that takes up to a third of the view."""
    rows, columns = np.indices(shape, dtype=np.float32)
    angle = rng.uniform(-np.pi, np.pi)
    across = columns * np.cos(angle) + rows * np.sin(angle)
    cut = np.quantile(across, rng.uniform(0.65, 0.97))
    return np.asarray(across > cut)
