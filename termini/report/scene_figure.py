"""Figure of a scene on a glacier's grid, by which a person sees that both fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from termini.domain import GlacierDomain
from termini.report.domain_figure import LEFT, RIGHT
from termini.report.figures import new_figure, save_figure
from termini.scenes import (
    Scene,
    domain_grid,
    fjord_raster,
    normalise,
    pixel_walls,
    screen_scene,
    warp,
)
from termini.scenes.normalise import Method

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GATE, _CENTRE, _UNSEEN = "#009E73", "#F0E442", "#5b3b6b"


def scene_figure(
    scene: Scene, domain: GlacierDomain, pixel: float = 30.0, method: Method = "linear"
) -> tuple[Figure, list[str]]:
    """Scene with the glacier's walls, gate and centreline.

    Parameters
    ----------
    scene : Scene
        Georeferenced scene.
    domain : GlacierDomain
        The glacier.
    pixel : float
        Pixel of the grid, metres.
    method : str
        Normalisation, as in `termini.scenes.normalise`.

    Returns
    -------
    tuple
        The figure (sea at the top; violet where nothing was seen), and what is wrong
        with the scene.
    """
    grid = domain_grid(domain, pixel)
    seen = warp(scene, grid)
    fjord = fjord_raster(domain, grid)
    problems = [*screen_scene(seen, fjord), *scene.notes]
    rows, columns = grid.shape
    figure = new_figure(figsize=(min(14.0, 2.2 + 8.0 * columns / rows), 9.0))
    axes = figure.add_subplot()
    edge = pixel / 1000.0
    extent = (0.0, columns * edge, rows * edge, 0.0)
    axes.set_facecolor(_UNSEEN)
    picture = np.ma.masked_array(normalise(seen, method), ~seen.valid)
    axes.imshow(picture, cmap="gray", vmin=0, vmax=1, extent=extent, interpolation="nearest")
    left, right = pixel_walls(domain, grid)
    gate, middle = (
        shapely.transform(line, grid.to_pixels) for line in (domain.gate, domain.centreline)
    )
    for line, colour, label in (
        (left, LEFT, "left wall"),
        (right, RIGHT, "right wall"),
        (gate, _GATE, "gate"),
        (middle, _CENTRE, "centreline"),
    ):
        for k, part in enumerate(getattr(line, "geoms", [line])):
            xy = (shapely.get_coordinates(part) + 0.5) * edge
            axes.plot(xy[:, 0], xy[:, 1], color=colour, lw=1.4, label="" if k else label)
    day = "no date" if scene.date is None else f"{scene.date:%Y-%m-%d}"
    words = [w for w in (scene.sensor, scene.band, scene.orbit) if w]
    title = f"{domain.name or domain.glacier_id}, {day}, {' '.join(words) or 'unknown sensor'}"
    share = float(seen.valid[fjord].mean())
    axes.set_title(f"{title}\n{share:.0%} of the fjord seen, {pixel:g} m pixels", fontsize=11)
    axes.set_xlabel("across, km (sea at the top, ice flows up)")
    axes.set_ylabel("along, km")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.07), ncols=4, frameon=False)
    return figure, problems


def write_scene_figure(
    scene: Scene, domain: GlacierDomain, path: str | Path, pixel: float, method: Method
) -> list[str]:
    """Write the figure of a scene.

    Parameters
    ----------
    scene, domain, pixel, method
        As for `scene_figure`.
    path : path
        File to write.

    Returns
    -------
    list of str
        What is wrong with the scene.
    """
    figure, problems = scene_figure(scene, domain, pixel, method)
    save_figure(figure, path)
    return problems
