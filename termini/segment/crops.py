"""The published Landsat crops with their digitised fronts (Mohajerani et al. 2019).

A crop says where the front is, and so which side of it is water; it says nothing
of the rest. What does not move, the fjord and the rock, can be given once per
glacier, because all its crops show the same ground.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning
from scipy import ndimage
from skimage.draw import polygon2mask

from termini.errors import InputError
from termini.segment.datasets import (
    ICE,
    ROCK,
    UNKNOWN,
    WATER,
    LabelledScenes,
    encode_distance,
    encode_flags,
)

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
class Outline:
    """What of a glacier's crops does not change with time, in pixel coordinates.

    Parameters
    ----------
    fjord : list of (column, row)
        Polygon within which the front moves.
    rock : list of polygons
        Ground that is neither ice nor water; need not be all of it.
    """

    fjord: list[list[float]]
    rock: list[list[list[float]]]

    def rasters(self, shape: tuple[int, int]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Inside of the fjord, and rock, on the crops' grid."""
        fjord = polygon2mask(shape, np.array(self.fjord)[:, ::-1])
        rock = np.zeros(shape, dtype=bool)
        for polygon in self.rock:
            rock |= polygon2mask(shape, np.array(polygon)[:, ::-1])
        return np.asarray(fjord, dtype=bool), rock


def read_outlines(path: str | Path) -> dict[str, Outline]:
    """Outlines of glaciers from a JSON file: name to ``fjord`` and ``rock``."""
    held = json.loads(Path(path).read_text(encoding="utf-8"))
    return {k: Outline(v["fjord"], v["rock"]) for k, v in held.items() if k != "comment"}


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


def read_crops(folder: str | Path, outlines: Mapping[str, Outline] | None = None) -> LabelledScenes:
    """Read the published training crops and their labels.

    Parameters
    ----------
    folder : path
        Folder with ``images`` (grey PNG of any mode) and ``labels`` (front
        black on white, ``Front`` in the name where the image has ``Subset``).
    outlines : mapping, optional
        Glacier to its fjord and rock.

    Returns
    -------
    LabelledScenes
        Sorted by file name; the surface is known only in a belt along the front
        and where an outline says rock.

    Raises
    ------
    InputError
        If there are no images, or one has no label or an empty one, is in colour, or
        has more than 8 bits.
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
        surface, fjord = sides_of_line(front), None
        outline = (outlines or {}).get(_glacier_of(file.stem))
        if outline is not None:
            fjord, rock = outline.rasters((image.shape[0], image.shape[1]))
            surface[rock] = ROCK
        flags.append(encode_flags(surface, np.ones(image.shape, dtype=bool), fjord))
    return LabelledScenes(
        np.stack(images), np.stack(distances), np.stack(flags),
        tuple(file.stem for file in files),
        tuple(_glacier_of(file.stem) for file in files),
        np.full(len(files), CROP_PIXEL),
    )  # fmt: skip


def _grey(path: Path) -> NDArray[np.uint8]:
    """A picture of one brightness, whatever its mode; what is transparent is ignored."""
    if not path.is_file():
        raise InputError(f"{path} is missing: every crop needs its label of the same scene")
    with warnings.catch_warnings():
        # a picture without georeference is what is wanted here
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        source = rasterio.open(path)
    with source:
        colours = [i for i, c in enumerate(source.colorinterp, 1) if c.name != "alpha"]
        values = source.read(colours)
    if values.dtype != np.uint8:
        raise InputError(f"{path}: holds {values.dtype}, not bytes: stretch it to 0 to 255 first")
    if (values != values[0]).any():
        raise InputError(f"{path}: is in colour, crops are grey: save the band to train on alone")
    return np.asarray(values[0])


def _glacier_of(stem: str) -> str:
    found = re.match(r"L[A-Z]\d\d_[A-Z0-9]+_(\d{6})_", stem)
    if found is None or found[1] not in CROP_GLACIERS:
        raise InputError(f"{stem}: no path and row of a known training glacier in the name")
    return CROP_GLACIERS[found[1]]
