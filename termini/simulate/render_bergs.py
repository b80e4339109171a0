"""Icebergs: how many, how large, where, and their shape stamped on the grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from termini.compiling import compiler
from termini.simulate.texture import Field

_FACES = 7


@dataclass(frozen=True)
class Bergs:
    """Icebergs drawn on a grid, each an array of shape (rows, columns).

    Parameters
    ----------
    cover : ndarray of float32
        Share of the pixel that is iceberg.
    height : ndarray of float32
        Metres above the sea, 0 where there is none.
    tone : ndarray of float32
        Albedo relative to the glacier's, signed: negative for overturned dark
        ice, positive for snow-covered and freshly broken ice.
    """

    cover: Field
    height: Field
    tone: Field


@compiler(fastmath=True)
def _stamp(
    bergs: NDArray[np.float64],
    faces: NDArray[np.float64],
    pixel: float,
    cover: Field,
    height: Field,
    tone: Field,
) -> None:
    rows, columns = cover.shape
    for k in range(bergs.shape[0]):
        row, column, half, aspect, turn, top, tilt, shade = bergs[k]
        reach = half * 1.2 / pixel + 1.0
        cosine, sine = np.cos(turn), np.sin(turn)
        for i in range(max(0, int(row - reach)), min(rows, int(row + reach) + 2)):
            for j in range(max(0, int(column - reach)), min(columns, int(column + reach) + 2)):
                dx, dy = (j - column) * pixel, (i - row) * pixel
                u, v = dx * cosine + dy * sine, (dy * cosine - dx * sine) / aspect
                margin = 1e9
                for f in range(faces.shape[1]):
                    angle = 2 * np.pi * f / faces.shape[1] + 0.5 * faces[k, f]
                    out = half * (0.8 + 0.35 * faces[k, f])
                    margin = min(margin, out - u * np.cos(angle) - v * np.sin(angle))
                share = min(1.0, max(0.0, margin * aspect / pixel + 0.5))
                # a berg smaller than a pixel covers only its own area of it
                share *= min(1.0, (2.2 * half / pixel) ** 2 * aspect)
                if share <= 0.0:
                    continue
                edge = min(1.0, 0.35 + max(margin, 0.0) / (0.35 * half + 1.0))
                z = share * top * edge * (1.0 + tilt * u / half)
                height[i, j] = max(height[i, j], np.float32(max(0.0, z)))
                if share > cover[i, j]:
                    tone[i, j] = np.float32(shade)
                    cover[i, j] = np.float32(share)


def draw_bergs(
    where: Field,
    pixel: float,
    rng: np.random.Generator,
    *,
    share: float,
    largest: float,
    dark: float,
    exponent: float = 1.9,
    slabs: NDArray[np.float64] | None = None,
) -> Bergs:
    """Icebergs whose areas follow a power law, as observed in Greenland's fjords.

    Parameters
    ----------
    where : ndarray of float32, shape (rows, columns)
        Relative density of bergs, 0 where there can be none.
    pixel : float
        Edge of a pixel, metres.
    rng : numpy.random.Generator
        Randomness.
    share : float
        Share of the area (weighted by `where`) under bergs of 40 m and more.
    largest : float
        Length of the largest possible berg, metres.
    dark : float
        Share of the large bergs that are overturned and dark.
    exponent : float
        Exponent of the distribution of areas; 1.6 to 2.1 are observed (Sulak et
        al. 2017, Annals of Glaciology 58).

    slabs : ndarray of float64, shape (n, 8), optional
        Further bergs: row, column, half length (m), breadth over length, direction
        (radians from right to down), height (m), tilt, tone.

    Returns
    -------
    Bergs
        What was drawn.
    """
    shape = where.shape
    out = Bergs(*(np.zeros(shape, np.float32) for _ in range(3)))
    weight = np.cumsum(where.ravel(), dtype=np.float64)
    if weight[-1] <= 0 or share <= 0:
        return out
    smallest = max(20.0, 0.4 * pixel)
    low, high = smallest**2, max(largest, 2 * smallest) ** 2
    # expected area of one berg under the truncated power law
    a = exponent
    mean = (
        (1 - a) / (2 - a) * (high ** (2 - a) - low ** (2 - a)) / (high ** (1 - a) - low ** (1 - a))
    )
    number = min(6000, int(share * weight[-1] * pixel**2 / (0.7 * mean)))
    if number == 0:
        return out
    u = rng.uniform(0, 1, number)
    area = (low ** (1 - a) + u * (high ** (1 - a) - low ** (1 - a))) ** (1 / (1 - a))
    at = np.searchsorted(weight, rng.uniform(0, weight[-1], number))
    size = np.sqrt(area)
    aspect = rng.uniform(0.45, 1.0, number)
    big = np.clip(size / 400.0, 0, 1)
    top = np.minimum(0.25 * size, 12 + 45 * np.sqrt(big)) * rng.uniform(0.35, 1.25, number)
    shade = rng.normal(0.12, 0.10, number)
    overturned = rng.uniform(0, 1, number) < dark * np.clip(size / 250.0, 0.1, 1)
    shade = np.where(overturned, rng.uniform(-0.75, -0.3, number), shade)
    table = np.column_stack(
        [
            at // shape[1] + rng.uniform(-0.5, 0.5, number),
            at % shape[1] + rng.uniform(-0.5, 0.5, number),
            0.5 * size / np.sqrt(aspect),
            aspect,
            rng.uniform(0, 2 * np.pi, number),
            top,
            rng.normal(0, 0.35, number),
            shade,
        ]
    )
    table = table[np.argsort(area, kind="stable")]
    if slabs is not None:
        table = np.vstack([slabs, table])
    faces = rng.uniform(-1, 1, (len(table), _FACES))
    _stamp(table, faces, pixel, out.cover, out.height, out.tone)
    return out
