"""Simulated scenes with their true fronts and those that the shipped network draws.

    python benchmarks/simulated_sensors_figure.py FOLDER --out docs/images/tongues.png
        [--regions 141 142 143] [--sensors Landsat-8 Sentinel-2 TerraSAR-X] [--tongues 0.6]

FOLDER holds the scenes of `benchmarks/simulated_sensors.py`; those that are missing are made.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import shapely
from matplotlib.axes import Axes
from simulated_sensors import Case, distances, made_cases

from termini.errors import TerminiError
from termini.files import written_whole
from termini.fronts import extract_front
from termini.scenes import read_scene
from termini.segment import load_network

#: Pixels along a side of what is shown at most.
SHOWN_PIXELS = 500


def draw(axes: Axes, case: Case, network: Any) -> None:
    """One scene: cyan the truth, red the line that passes, yellow one that is flagged."""
    scene = read_scene(case.path, domain=case.domain)
    step = max(1, max(scene.values.shape) // SHOWN_PIXELS)
    seen = np.where(scene.valid, scene.values, np.nan)[::step, ::step]
    low, high = np.nanpercentile(seen, [2, 98])
    rows, columns = scene.values.shape
    (west, north), (east, south) = scene.transform @ (0, 0), scene.transform @ (columns, rows)
    axes.imshow(seen, cmap="gray", vmin=low, vmax=high, extent=(west, east, south, north))
    axes.plot(*shapely.get_coordinates(case.truth).T, color="cyan", linewidth=2.0)
    words = f"{case.sensor.name}, {'melange' if case.melange >= 0.4 else 'open water'}"
    try:
        found = extract_front(scene, case.domain, network)
    except TerminiError:
        words += ": lost"
    else:
        flagged = found.path.probably_wrong
        xy = shapely.get_coordinates(found.line)
        axes.plot(*xy.T, color="yellow" if flagged else "red", linewidth=1.2)
        words += f": {distances(found, case).mean():.0f} m" + (", flagged" if flagged else "")
    axes.set_title(words, fontsize=9)
    axes.set_axis_off()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--regions", type=int, nargs="+", default=[141, 142, 143])
    parser.add_argument("--sensors", nargs="+", default=["Landsat-8", "Sentinel-2", "TerraSAR-X"])
    parser.add_argument("--tongues", type=float, default=0.6, help="widths drawn out by")
    a = parser.parse_args()
    network, size = load_network(), (len(a.regions), len(a.sensors))
    figure, grid = plt.subplots(*size, figsize=(3.4 * size[1], 3.4 * size[0]), squeeze=False)
    for line, seed in zip(grid, a.regions, strict=True):
        cases = made_cases(a.folder, seed, 1, tuple(a.sensors), a.tongues)
        for axes, case in zip(line, cases, strict=True):
            draw(axes, case, network)
    figure.tight_layout()
    with written_whole(a.out) as temporary:
        figure.savefig(temporary, dpi=80, format="png")


if __name__ == "__main__":
    main()
