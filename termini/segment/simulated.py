"""Simulated scenes as training scenes, rendered once and kept.

Thousands of scenes take minutes to render, so they are kept in chunks; a run
that was stopped goes on with the first chunk that is missing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from tqdm import tqdm

from termini.segment.datasets import (
    STEPS_PER_PIXEL,
    LabelledScenes,
    encode_distance,
    encode_flags,
    join_scenes,
    load_scenes,
    save_scenes,
)
from termini.simulate import training_scene

CHUNK = 250
"""Scenes per file."""

SHAPE = (320, 256)
"""Rows and columns of a rendered scene."""


def distance_to_line(
    line: NDArray[np.float64], shape: tuple[int, int], limit: float = 255 / STEPS_PER_PIXEL
) -> NDArray[np.float64]:
    """Distance of every pixel centre to a line, exact to a twentieth of a pixel.

    Parameters
    ----------
    line : ndarray of float, shape (n, 2)
        Column and row of its vertices, pixel centres at whole numbers.
    shape : tuple of int
        Rows and columns.
    limit : float
        Larger distances are given as this.

    Returns
    -------
    ndarray of float64, shape (rows, columns)
        Pixels.
    """
    steps = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    fine = np.arange(0.0, along[-1] + 0.1, 0.1)
    dense = np.column_stack([np.interp(fine, along, line[:, k]) for k in (0, 1)])
    rows, columns = np.indices(shape)
    points = np.column_stack([columns.ravel(), rows.ravel()])
    distance, _ = cKDTree(dense).query(points, distance_upper_bound=limit)
    return np.asarray(np.minimum(distance, limit).reshape(shape))


def render_chunk(first: int, count: int = CHUNK, flanks: float = 0.0) -> LabelledScenes:
    """Render simulated scenes with the seeds `first` to `first + count - 1`."""
    images, distances, flags, pixels = [], [], [], []
    for seed in range(first, first + count):
        scene = training_scene(seed, SHAPE, flanks=flanks)
        images.append(scene.image)
        distances.append(encode_distance(distance_to_line(scene.front, SHAPE)))
        flags.append(encode_flags(scene.truth, scene.valid, scene.fjord))
        pixels.append(scene.pixel)
    names = tuple(f"simulated-{seed}" for seed in range(first, first + count))
    return LabelledScenes(
        np.stack(images),
        np.stack(distances),
        np.stack(flags),
        names,
        names,
        np.array(pixels),
    )


def simulated_scenes(
    cache: str | Path,
    chunks: int,
    *,
    first_chunk: int = 0,
    flanks: float = 0.0,
    progress: bool = True,
) -> LabelledScenes:
    """Simulated training scenes, rendered where the cache lacks them.

    Parameters
    ----------
    cache : path
        Folder.
    chunks : int
        How many chunks of 250 scenes.
    first_chunk : int
        Number of the first; chunks never overlap in their seeds.
    flanks : float
        Share of the fronts that get long sides along the flow.
    progress : bool
        Show a bar.

    Returns
    -------
    LabelledScenes
        In the order of their seeds.
    """
    parts = []
    for number in tqdm(range(first_chunk, first_chunk + chunks), disable=not progress):
        kind = f"flanks-{flanks:g}-" if flanks else ""
        path = Path(cache) / f"simulated-{kind}{number:04d}.npz"
        if not path.is_file():
            save_scenes(render_chunk(number * CHUNK, flanks=flanks), path)
        parts.append(load_scenes(path))
    return join_scenes(parts)
