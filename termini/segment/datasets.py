"""Labelled scenes for training: published crops and simulated ones, in one form.

Both are held as bytes, so that thousands of scenes fit in memory: the image,
the distance to the front in twentieths of a pixel, and a byte of flags.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning
from scipy import ndimage
from skimage.graph import MCP_Geometric

from termini.errors import InputError
from termini.files import written_whole

STEPS_PER_PIXEL = 20
"""Distances are stored in this many steps per pixel, up to 255 of them."""

ROCK, ICE, WATER, UNKNOWN = 0, 1, 2, 3
SURFACE_BITS, VALID_BIT, FJORD_BIT, PRIOR_KNOWN_BIT = 3, 4, 8, 16

CROP_PIXEL = 48.9
"""Pixel of the published crops, metres (Mohajerani et al. 2019)."""

CROP_GLACIERS = {
    "008011": "Jakobshavn", "009011": "Jakobshavn", "010011": "Jakobshavn",
    "020007": "Sverdrup", "021006": "Sverdrup", "021007": "Sverdrup", "022006": "Sverdrup",
    "023006": "Sverdrup", "024006": "Sverdrup",
    "229012": "Kangerlussuaq", "230012": "Kangerlussuaq", "231012": "Kangerlussuaq",
}  # fmt: skip
"""Landsat path and row to glacier, for the published training crops."""

BAND = 40.0
"""Width of the belt along a digitised front in which the side is known, pixels."""


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
    """

    image: NDArray[np.uint8]
    distance: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    names: tuple[str, ...]
    glaciers: tuple[str, ...]
    pixel_sizes: NDArray[np.float64]

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


def sides_of_line(line: NDArray[np.bool_], band: float = BAND) -> NDArray[np.uint8]:
    """Which side of a digitised front is water, in the columns that it spans.

    The pictures are turned so that the ice flows up: what lies above the line
    is water. The two sides are told apart by flooding, so overhanging parts of
    the line are right as well.

    Parameters
    ----------
    line : ndarray of bool, shape (rows, columns)
        Pixels of the front, eight-connected.
    band : float
        Greatest distance from the line, pixels.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
        ICE, WATER, or UNKNOWN away from the line; UNKNOWN everywhere if the
        line has a hole, so that the two sides cannot be told apart.
    """
    surface = np.full(line.shape, UNKNOWN, dtype=np.uint8)
    columns = np.flatnonzero(line.any(axis=0))
    if columns.size < 2:
        return surface
    strip = slice(int(columns[0]), int(columns[-1]) + 1)
    pieces, _ = ndimage.label(~line[:, strip])
    top, bottom = set(np.unique(pieces[0])) - {0}, set(np.unique(pieces[-1])) - {0}
    if top & bottom:
        return surface
    near = ndimage.distance_transform_edt(~line)[:, strip] <= band
    view = surface[:, strip]
    view[np.isin(pieces, list(top)) & near] = WATER
    view[np.isin(pieces, list(bottom)) & near] = ICE
    return surface


def label_line(front: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Digitised front as an ordered line.

    Parameters
    ----------
    front : ndarray of bool, shape (rows, columns)
        Pixels of the front, one pixel wide.

    Returns
    -------
    ndarray of float64, shape (n, 2)
        Column and row of the pixel centres, from left to right: the longest of
        all shortest ways through the pixels. Holes are bridged.

    Raises
    ------
    InputError
        If there are fewer than two pixels.
    """
    pixels = np.argwhere(front)
    if len(pixels) < 2:
        raise InputError("the label holds no line: fewer than two pixels of front")
    cost = np.where(front, 1.0, 200.0)
    left = pixels[pixels[:, 1].argmin()]
    for _ in range(2):
        search = MCP_Geometric(cost)
        total, _ = search.find_costs([tuple(left)])
        left = pixels[total[front].argmax()]
    way = np.array(search.traceback(tuple(left)))[:, ::-1].astype(np.float64)
    return way if way[0, 0] <= way[-1, 0] else way[::-1]


def read_crops(folder: str | Path) -> LabelledScenes:
    """Read the published training crops and their labels.

    Parameters
    ----------
    folder : path
        Folder with ``images`` (grey PNG of any mode) and ``labels`` (front
        black on white, ``Front`` in the name where the image has ``Subset``).

    Returns
    -------
    LabelledScenes
        Sorted by file name; ``surface`` known only in a belt along the front.

    Raises
    ------
    InputError
        If there are no images, or one has no label or an empty one.
    """
    root = Path(folder)
    files = sorted((root / "images").glob("*.png"))
    if not files:
        raise InputError(f"{root / 'images'} holds no PNG: give the folder of the training crops")
    images, distances, flags = [], [], []
    for file in files:
        image, line = _grey(file), _grey(root / "labels" / file.name.replace("Subset", "Front"))
        front = line < 128
        if front.shape != image.shape or not front.any():
            raise InputError(f"label of {file.name} is empty or of another shape than its image")
        images.append(image)
        distances.append(encode_distance(ndimage.distance_transform_edt(~front)))
        flags.append(encode_flags(sides_of_line(front), np.ones(image.shape, dtype=bool), None))
    return LabelledScenes(
        np.stack(images), np.stack(distances), np.stack(flags),
        tuple(file.stem for file in files),
        tuple(_glacier_of(file.stem) for file in files),
        np.full(len(files), CROP_PIXEL),
    )  # fmt: skip


def _grey(path: Path) -> NDArray[np.uint8]:
    if not path.is_file():
        raise InputError(f"{path} is missing: every crop needs its label of the same scene")
    with warnings.catch_warnings():
        # a picture without georeference is what is wanted here
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        source = rasterio.open(path)
    with source:
        return np.asarray(source.read(1), dtype=np.uint8)


def _glacier_of(stem: str) -> str:
    found = re.match(r"L[A-Z]\d\d_[A-Z0-9]+_(\d{6})_", stem)
    if found is None or found[1] not in CROP_GLACIERS:
        raise InputError(f"{stem}: no path and row of a known training glacier in the name")
    return CROP_GLACIERS[found[1]]


def save_scenes(scenes: LabelledScenes, path: str | Path) -> Path:
    """Write labelled scenes to one .npz file, whole or not at all."""
    with written_whole(path) as temporary:
        np.savez_compressed(
            temporary, image=scenes.image, distance=scenes.distance, flags=scenes.flags,
            names=np.array(scenes.names), glaciers=np.array(scenes.glaciers),
            pixel_sizes=scenes.pixel_sizes,
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
                held["pixel_sizes"],
            )  # fmt: skip
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"{path} holds no labelled scenes: delete it and render again") from error


def join_scenes(parts: list[LabelledScenes]) -> LabelledScenes:
    """One set out of several of the same shape."""
    if len({p.image.shape[1:] for p in parts}) != 1:
        raise InputError("only scenes of one shape can be joined: render them all alike")
    return LabelledScenes(
        np.concatenate([p.image for p in parts]),
        np.concatenate([p.distance for p in parts]),
        np.concatenate([p.flags for p in parts]),
        tuple(n for p in parts for n in p.names),
        tuple(g for p in parts for g in p.glaciers),
        np.concatenate([p.pixel_sizes for p in parts]),
    )
