"""Noise with the statistics of snow, ice, rock and sea, sampled at ground coordinates.

Every texture is read from a few periodic tiles that are made once in a process.
A texture is thereby a function of position on the ground, whatever the pixel
of the sensor: the same crevasse is seen by Landsat and by Sentinel-1. Tiles are
made by filtering white noise in the frequency domain (Saupe 1988, spectral
synthesis) and, for floes, as a Voronoi pattern (Worley 1996).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, rfft2
from scipy.spatial import cKDTree

from termini.compiling import compiler

Field = NDArray[np.floating[Any]]

SIDE = 512
"""Edge of a tile in cells; a power of two, so that wrapping is a mask."""

_TILE_SEED = 20_21


@lru_cache(maxsize=1)
def tiles() -> dict[str, Field]:
    """Tiles that all textures are read from.

    Returns
    -------
    dict
        Name to float32 array (512, 512), periodic, mean 0 and standard
        deviation 1 except the last two: ``rough``, ``land`` and ``soft`` (power-law
        spectra, amplitude falling as k to the power -1.1, -1.7, -1.9), ``band`` (waves
        of about 8 cells), ``grain`` (white, slightly smoothed), ``floe`` (one
        value from 0 to 1 for each Voronoi cell of about 16 cells across) and
        ``edge`` (0 on the border of a Voronoi cell to 1 well inside).
    """
    rng = np.random.default_rng(_TILE_SEED)
    k = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None, :])
    k[0, 0] = 1.0
    filters = {
        "rough": np.where(k < 1.5 / SIDE, 0.0, k**-1.1),
        "land": np.where(k < 1.5 / SIDE, 0.0, k**-1.7),
        "soft": np.where(k < 1.5 / SIDE, 0.0, k**-1.9),
        "band": np.exp(-0.5 * ((k - 1 / 8) / 0.035) ** 2),
        "grain": np.exp(-0.5 * (k / 0.28) ** 2),
    }
    made = {}
    for name, weight in filters.items():
        tile = irfft2(rfft2(rng.standard_normal((SIDE, SIDE))) * weight, s=(SIDE, SIDE))
        made[name] = ((tile - tile.mean()) / tile.std()).astype(np.float32)
    made["floe"], made["edge"] = _voronoi(rng)
    return made


def _voronoi(rng: np.random.Generator, cells: int = 1000) -> tuple[Field, Field]:
    """Periodic Voronoi pattern with crowded and sparse parts: value by cell, distance to border."""
    seeds = rng.uniform(0, SIDE, (cells, 2))
    # a third of the seeds crowd in groups of ten: small floes between large ones
    crowd = cells // 30 * 10
    seeds[:crowd] = seeds[: crowd // 10].repeat(10, axis=0) + rng.normal(0, 18, (crowd, 2))
    tree = cKDTree(seeds % SIDE, boxsize=SIDE)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    distance, nearest = tree.query(np.column_stack([rows.ravel(), columns.ravel()]), k=2)
    value = rng.uniform(0, 1, cells)[nearest[:, 0]]
    edge = np.clip((distance[:, 1] - distance[:, 0]) / 6.0, 0, 1)
    shape = (SIDE, SIDE)
    return value.reshape(shape).astype(np.float32), edge.reshape(shape).astype(np.float32)


@compiler(fastmath=True)
def _sample(tile: Field, u: Field, v: Field, out: Field) -> None:
    mask = tile.shape[0] - 1
    for i in range(u.shape[0]):
        for j in range(u.shape[1]):
            a, b = np.floor(u[i, j]), np.floor(v[i, j])
            fa, fb = u[i, j] - a, v[i, j] - b
            r0, c0 = int(a) & mask, int(b) & mask
            r1, c1 = (r0 + 1) & mask, (c0 + 1) & mask
            top = tile[r0, c0] * (1 - fb) + tile[r0, c1] * fb
            low = tile[r1, c0] * (1 - fb) + tile[r1, c1] * fb
            out[i, j] = top * (1 - fa) + low * fa


def sample(name: str, u: Field, v: Field) -> Field:
    """Texture at points.

    Parameters
    ----------
    name : str
        A tile of `tiles`.
    u, v : ndarray of float32, shape (rows, columns)
        Position in cells of the tile, any real number; the tile repeats.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Bilinear between cells.
    """
    out = np.empty(u.shape, np.float32)
    _sample(tiles()[name], u.astype(np.float32, copy=False), v.astype(np.float32, copy=False), out)
    return out


def smoothstep(low: float | Field, high: float | Field, value: Field) -> Field:
    """Smooth ramp from 0 at `low` to 1 at `high`.

    Parameters
    ----------
    low, high : float or ndarray
        Where the ramp begins and ends; `low` may exceed `high`.
    value : ndarray of float32
        Values.

    Returns
    -------
    ndarray of float32
        Same shape, 0 to 1.
    """
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)
