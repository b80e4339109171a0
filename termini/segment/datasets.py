"""Labelled scenes for training, whatever they come from, in one form.

All is held as bytes, so that thousands of scenes fit in memory: the image and
further bands, the distance to the front in twentieths of a pixel, and a byte of
flags.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from termini.errors import InputError
from termini.files import written_whole

STEPS_PER_PIXEL = 20
"""Distances are stored in this many steps per pixel, up to 255 of them."""

ROCK, ICE, WATER, UNKNOWN = 0, 1, 2, 3
SURFACE_BITS, VALID_BIT, FJORD_BIT, PRIOR_KNOWN_BIT = 3, 4, 8, 16


@dataclass(frozen=True)
class LabelledScenes:
    """Scenes of one shape with their labels.

    Parameters
    ----------
    image : ndarray of uint8, shape (n, rows, columns)
        Brightness as seen.
    distance : ndarray of uint8, shape (n, rows, columns)
        Distance to the front, pixels times `STEPS_PER_PIXEL`, cut at 255.
    flags : ndarray of uint8, shape (n, rows, columns)
        Bits 0-1 surface (rock, ice, water, unknown), bit 2 valid, bit 3 inside
        the fjord, bit 4 fjord known.
    names, glaciers : tuple of str
        Per scene.
    pixel_sizes : ndarray of float64, shape (n,)
        Metres.
    bands : ndarray of uint8, shape (n, bands, rows, columns), optional
        Second and further bands.
    """

    image: NDArray[np.uint8]
    distance: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    names: tuple[str, ...]
    glaciers: tuple[str, ...]
    pixel_sizes: NDArray[np.float64]
    bands: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.names)

    def take(self, index: Iterable[int]) -> LabelledScenes:
        """Those scenes only."""
        rows = list(index)
        return replace(
            self,
            image=self.image[rows],
            distance=self.distance[rows],
            flags=self.flags[rows],
            names=tuple(self.names[i] for i in rows),
            glaciers=tuple(self.glaciers[i] for i in rows),
            pixel_sizes=self.pixel_sizes[rows],
            bands=None if self.bands is None else self.bands[rows],
        )

    def without(self, glacier: str) -> LabelledScenes:
        """All scenes but those of one glacier."""
        return self.take(i for i, name in enumerate(self.glaciers) if name != glacier)

    def only(self, glacier: str) -> LabelledScenes:
        """The scenes of one glacier."""
        return self.take(i for i, name in enumerate(self.glaciers) if name == glacier)


def encode_distance(distance: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Distance in pixels as a byte."""
    return np.asarray(np.clip(np.rint(distance * STEPS_PER_PIXEL), 0, 255), dtype=np.uint8)


def encode_flags(
    surface: NDArray[np.integer], valid: NDArray[np.bool_], fjord: NDArray[np.bool_] | None
) -> NDArray[np.uint8]:
    """Surface class, validity and fjord as one byte; classes above 2 become unknown."""
    flags = np.minimum(surface, UNKNOWN).astype(np.uint8) | (valid * VALID_BIT).astype(np.uint8)
    if fjord is not None:
        flags |= (fjord * FJORD_BIT).astype(np.uint8) | np.uint8(PRIOR_KNOWN_BIT)
    return np.asarray(flags, dtype=np.uint8)


def save_scenes(scenes: LabelledScenes, path: str | Path) -> Path:
    """Write labelled scenes to one .npz file, whole or not at all."""
    more: dict[str, Any] = {} if scenes.bands is None else {"bands": scenes.bands}
    with written_whole(path) as temporary:
        np.savez_compressed(
            temporary, image=scenes.image, distance=scenes.distance, flags=scenes.flags,
            names=np.array(scenes.names), glaciers=np.array(scenes.glaciers),
            pixel_sizes=scenes.pixel_sizes, **more,
        )  # fmt: skip
    return Path(path)


def load_scenes(path: str | Path) -> LabelledScenes:
    """Read what `save_scenes` wrote.

    Raises
    ------
    InputError
        If the file is not such a file.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            return LabelledScenes(
                held["image"], held["distance"], held["flags"],
                tuple(str(x) for x in held["names"]), tuple(str(x) for x in held["glaciers"]),
                held["pixel_sizes"], held.get("bands"),
            )  # fmt: skip
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"{path} holds no labelled scenes: delete it and render again") from error


def join_scenes(parts: list[LabelledScenes]) -> LabelledScenes:
    """One set out of several of the same shape."""
    if len({(p.image.shape[1:], _band_count(p)) for p in parts}) != 1:
        raise InputError(
            "only scenes of one shape and number of bands can be joined: make them all alike"
        )
    bands = [p.bands for p in parts if p.bands is not None]
    return LabelledScenes(
        np.concatenate([p.image for p in parts]),
        np.concatenate([p.distance for p in parts]),
        np.concatenate([p.flags for p in parts]),
        tuple(n for p in parts for n in p.names),
        tuple(g for p in parts for g in p.glaciers),
        np.concatenate([p.pixel_sizes for p in parts]),
        np.concatenate(bands) if bands else None,
    )


def _band_count(scenes: LabelledScenes) -> int:
    return 0 if scenes.bands is None else scenes.bands.shape[1]
