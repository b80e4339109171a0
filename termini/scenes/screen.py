"""Scenes that are not worth extracting from, and why."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.errors import SceneError
from termini.scenes.grid import domain_grid, fjord_raster, warp
from termini.scenes.normalise import normalise
from termini.scenes.read import read_scene
from termini.scenes.scene import Scene


@dataclass(frozen=True)
class SceneLimits:
    """Below what a scene is left out.

    Parameters
    ----------
    valid_share : float
        Least share of the fjord that the sensor must have seen. What part of
        the front it saw is judged later, by the front's coverage.
    levels : int
        Fewest different brightnesses in the fjord.
    contrast : float
        Least spread of brightness (2nd to 98th percentile) in the fjord, over
        the same spread in the whole grid.
    cloud : float
        A scene is left out where its provider states more cloud than this, as a
        share of the scene, or its mask more in the fjord.
    along : float
        Least range along flow of the fjord's brightness, as its rank (0 to 1) in
        the grid: below it gate and sea look alike, so that the scene shows ice
        alone, water alone, or cloud. Few such scenes are told by brightness: see
        `along_range`.
    broad : float
        Least share of the variance of the fjord's brightness that blocks of 8 x 8
        pixels have: noise has about 0.03, scenes of any kind of ground far more.
    """

    valid_share: float = 0.35
    levels: int = 8
    contrast: float = 0.01
    cloud: float = 0.6
    along: float = 0.03
    broad: float = 0.05


#: What AutoTerm leaves out: over 10 % empty pixels, 60 % cloud or more (Zhang et al. 2023).
AUTOTERM = SceneLimits(valid_share=0.9, cloud=0.6)

#: Parts along flow that are compared, and the fewest pixels of one.
_PARTS, _FEWEST = 12, 20

#: Edge of the blocks that tell ground from noise, pixels, and the fewest of them.
_BLOCK, _BLOCKS = 8, 12


def screen_scene(
    scene: Scene, fjord: NDArray[np.bool_] | None = None, limits: SceneLimits | None = None
) -> list[str]:
    """Reasons not to extract a front from a scene.

    Parameters
    ----------
    scene : Scene
        Scene on a glacier's grid.
    fjord : ndarray of bool, shape (rows, columns), optional
        Where the front may be; the whole scene by default.
    limits : SceneLimits, optional
        Limits to apply.

    Returns
    -------
    list of str
        One sentence for each limit that the scene misses; empty if it is fit.
    """
    limits = limits or SceneLimits()
    where = np.ones(scene.valid.shape, dtype=bool) if fjord is None else fjord
    reasons: list[str] = []
    share = float(scene.valid[where].mean()) if where.any() else 0.0
    if share < limits.valid_share:
        reasons.append(
            f"only {share:.0%} of the fjord was seen, {limits.valid_share:.0%} are needed"
        )
    if scene.cloud_cover > limits.cloud:
        reasons.append(f"{scene.cloud_cover:.0%} under cloud, {limits.cloud:.0%} are allowed")
    inside = scene.values[where & scene.valid]
    if inside.size == 0:
        return reasons or ["no valid pixel in the fjord"]
    levels = np.unique(inside).size
    if levels < limits.levels:
        reasons.append(f"only {levels} different brightness value(s) in the fjord")
    low, high = np.quantile(inside, (0.02, 0.98))
    all_low, all_high = np.quantile(scene.values[scene.valid], (0.02, 0.98))
    if high - low < limits.contrast * (all_high - all_low) or high == low:
        reasons.append("no contrast in the fjord: cloud, darkness or saturation")
    elif fjord is not None and along_range(scene, fjord) < limits.along:
        reasons.append("the fjord looks alike from gate to sea: all ice, all water or all cloud")
    elif broad_share(scene, where) < limits.broad:
        reasons.append("nothing but noise in the fjord: water, cloud or snow without a feature")
    return reasons


def along_range(scene: Scene, fjord: NDArray[np.bool_]) -> float:
    """How much a fjord's brightness differs along flow.

    Parameters
    ----------
    scene : Scene
        Scene on a glacier's grid, where flow runs along the columns.
    fjord : ndarray of bool, shape (rows, columns)
        Where the front may be.

    Returns
    -------
    float
        Range over twelve parts along flow of the median rank of brightness, 0 to 1;
        infinite where fewer than two parts were seen.

    Notes
    -----
    Measured where ice, water and the front between them are known: eleven real
    scenes give 0.18 to 0.70, and their parts that hold ice or water alone 0.05 to
    0.18. So this finds scenes that show nothing at all, but few that show one kind.
    """
    seen = fjord & scene.valid
    rows = np.nonzero(seen.any(axis=1))[0]
    if rows.size < _PARTS:
        return np.inf
    rank = normalise(scene, "equalise")
    edges = np.linspace(rows[0], rows[-1] + 1, _PARTS + 1).astype(int)
    levels = [
        float(np.median(rank[first:last][seen[first:last]]))
        for first, last in pairwise(edges)
        if seen[first:last].sum() > _FEWEST
    ]
    return float(np.ptp(levels)) if len(levels) > 1 else np.inf


def broad_share(scene: Scene, fjord: NDArray[np.bool_]) -> float:
    """How much of a fjord's contrast is broader than a few pixels.

    Parameters
    ----------
    scene : Scene
        Scene on a grid.
    fjord : ndarray of bool, shape (rows, columns)
        Where the front may be.

    Returns
    -------
    float
        Variance of the mean rank of brightness of blocks of 8 x 8 pixels over that
        of the pixels; infinite where fewer than twelve blocks were seen. About 0.02
        to 0.04 for noise, whose neighbours warping has made alike.
    """
    seen = fjord & scene.valid
    rank = np.where(seen, normalise(scene, "equalise"), 0.0).astype(np.float64)
    rows, columns = (n // _BLOCK for n in seen.shape)
    count, total = (
        field[: rows * _BLOCK, : columns * _BLOCK]
        .reshape(rows, _BLOCK, columns, _BLOCK)
        .sum(axis=(1, 3))
        for field in (seen, rank)
    )
    whole = count > _BLOCK**2 / 2
    variance = float(rank[seen].var()) if seen.any() else 0.0
    if whole.sum() < _BLOCKS or variance == 0.0:
        return np.inf
    return float((total[whole] / count[whole]).var() / variance)


def screen_file(
    path: str | Path,
    domain: GlacierDomain,
    pixel: float = 40.0,
    limits: SceneLimits | None = None,
    **options: Any,
) -> list[str]:
    """Reasons not to extract a front from a file.

    Parameters
    ----------
    path : path or str
        File or address.
    domain : GlacierDomain
        The glacier.
    pixel : float
        Pixel at which the scene is looked at, metres.
    limits : SceneLimits, optional
        Limits to apply.
    **options
        As for `termini.scenes.read_scene`.

    Returns
    -------
    list of str
        One sentence for each thing that is wrong, be it that the file cannot be read;
        empty if it is fit.
    """
    try:
        scene = read_scene(path, domain=domain, pixel=pixel, **options)
        grid = domain_grid(domain, pixel)
        return screen_scene(warp(scene, grid), fjord_raster(domain, grid), limits)
    except SceneError as error:
        return [str(error)]
