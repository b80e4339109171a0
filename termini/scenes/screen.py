"""Scenes that are not worth extracting from, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    """

    valid_share: float = 0.35
    levels: int = 8
    contrast: float = 0.01


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
    return reasons
