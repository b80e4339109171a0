"""Any folder of scenes with the lines of their fronts, as labelled scenes.

Scenes are warped to their glacier's grid, on which the ice flows up the
picture, and cut to one size around the front. Which side of the line is water
follows from that; away from the line, and outside of the fjord, nothing is
known of the surface.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from skimage.draw import line as draw_line

from termini.domain import GlacierDomain, read_domains
from termini.errors import InputError, TerminiError, TraceError
from termini.fronttable import read_fronts
from termini.geo import transformer
from termini.scenes import domain_grid, fjord_raster, read_bands, warp
from termini.scenes.normalise import normalise_values
from termini.segment.crops import sides_of_line
from termini.segment.datasets import LabelledScenes, encode_distance, encode_flags
from termini.segment.simulated import distance_to_line

ENDINGS = (".tif", ".tiff", ".grd")


def read_folder(
    folder: str | Path,
    fronts: str | Path,
    domains: str | Path | Mapping[str, GlacierDomain],
    *,
    pixel: float = 50.0,
    shape: tuple[int, int] = (320, 256),
    bands: Sequence[int] = (1,),
) -> tuple[LabelledScenes, pd.DataFrame]:
    """Read scenes and the fronts drawn in them.

    Parameters
    ----------
    folder : path
        Scenes, in files whose stem is the ``scene_id`` of their fronts.
    fronts : path
        Front table, as `termini.fronttable.write_fronts` writes it.
    domains : path or mapping
        Glacier domains.
    pixel : float
        Metres.
    shape : tuple of int
        Rows and columns that every scene is cut or filled up to.
    bands : sequence of int
        Bands of the files, counted from 1; the first is what is seen best. A file
        that lacks one is among those that could not be used.

    Returns
    -------
    LabelledScenes
        Sorted by scene and glacier; one per front.
    DataFrame
        ``path``, ``glacier_id`` and ``reason`` of what could not be used.

    Raises
    ------
    InputError
        If no scene could be used; the message holds the first reason.
    """
    held = domains if isinstance(domains, Mapping) else read_domains(domains)
    table = read_fronts(fronts)
    named = dict(list(table.groupby("scene_id")))
    found, failures = [], []
    for path in sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in ENDINGS):
        if path.stem not in named:
            failures.append((str(path), "", f"no front has the scene_id {path.stem!r}"))
            continue
        for row in named[path.stem].sort_values("glacier_id").itertuples():
            try:
                line = shapely.transform(
                    row.geometry, transformer(str(table.crs), _domain(held, row).crs).transform,
                    interleaved=False,
                )  # fmt: skip
                found.append(_labelled(path, line, _domain(held, row), pixel, shape, bands))
            except TerminiError as error:
                failures.append((str(path), str(row.glacier_id), str(error)))
    lost = pd.DataFrame(failures, columns=["path", "glacier_id", "reason"])
    if not found:
        why = lost["reason"].iloc[0] if len(lost) else "it holds no scene"
        raise InputError(f"{folder}: no scene with a front ({why}); endings are {ENDINGS}")
    images, distances, flags, names, glaciers = zip(*found, strict=True)
    seen = np.stack(images)
    return (
        LabelledScenes(
            np.ascontiguousarray(seen[:, 0]), np.stack(distances), np.stack(flags),
            tuple(names), tuple(glaciers), np.full(len(names), pixel),
            np.ascontiguousarray(seen[:, 1:]) if seen.shape[1] > 1 else None,
        ),
        lost,
    )  # fmt: skip


def _domain(domains: Mapping[str, GlacierDomain], row: object) -> GlacierDomain:
    glacier = str(getattr(row, "glacier_id", ""))
    if glacier not in domains:
        raise TraceError(f"glacier {glacier!r} has no domain: add it to the domains given")
    return domains[glacier]


def _labelled(
    path: Path,
    line: LineString,
    domain: GlacierDomain,
    pixel: float,
    shape: tuple[int, int],
    bands: Sequence[int],
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8], str, str]:
    """Bands, distance, flags, name and glacier of one scene."""
    grid = domain_grid(domain, pixel)
    scenes = [warp(scene, grid) for scene in read_bands(path, bands)]
    if not isinstance(line, LineString):
        raise TraceError(f"{path.stem}: the front of {domain.glacier_id} is not one line")
    points = grid.to_pixels(shapely.get_coordinates(line))
    inside = ((points >= 0) & (points < np.array(grid.shape[::-1]))).all(axis=1)
    if inside.sum() < 2:
        raise TraceError(f"{path.stem}: the front lies outside the domain of {domain.glacier_id}")
    points = points[inside]
    cut = _window(points, grid.shape, shape)
    # stretched, so that any unit and bit depth fits a byte
    grey = [
        np.rint(255.0 * normalise_values(scene.values, scene.valid, "linear")).astype(np.uint8)
        for scene in scenes
    ]
    surface = sides_of_line(_drawn(points, grid.shape))
    flags = encode_flags(surface, scenes[0].valid, fjord_raster(domain, grid))
    distance = encode_distance(distance_to_line(points, grid.shape))
    unseen = int(encode_flags(np.array([3]), np.array([False]), np.array([False]))[0])
    return (
        np.stack([_filled(band, cut, shape, 0) for band in grey]),
        _filled(distance, cut, shape, 255),
        _filled(flags, cut, shape, unseen),
        path.stem,
        domain.glacier_id,
    )


def _drawn(points: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels of a line, joined by sides or corners."""
    out = np.zeros(shape, dtype=bool)
    whole = np.rint(points).astype(int).clip(0, np.array(shape[::-1]) - 1)
    for (c0, r0), (c1, r1) in pairwise(whole):
        out[draw_line(r0, c0, r1, c1)] = True
    return out


def _window(
    points: NDArray[np.float64], held: tuple[int, int], wanted: tuple[int, int]
) -> tuple[int, int]:
    """Upper left corner of the cut: around the front, within the grid where it fits."""
    middle = (points.min(axis=0) + points.max(axis=0))[::-1] / 2
    first = np.rint(middle - np.array(wanted) / 2).astype(int)
    most = np.maximum(np.array(held) - np.array(wanted), 0)
    row, column = np.clip(first, 0, most)
    return int(row), int(column)


def _filled(
    layer: NDArray[np.uint8], first: tuple[int, int], shape: tuple[int, int], value: int
) -> NDArray[np.uint8]:
    """Cut of a layer, filled up where the grid ends."""
    out = np.full(shape, value, dtype=np.uint8)
    part = layer[first[0] : first[0] + shape[0], first[1] : first[1] + shape[1]]
    out[: part.shape[0], : part.shape[1]] = part
    return out
