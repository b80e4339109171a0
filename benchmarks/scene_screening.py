"""What the last checks of the screening find: fjords that look alike from gate to sea, and noise.

Simulated scenes with a front, and the parts of each that hold ice alone or sea
alone; and the georeferenced real scenes, likewise, where ``$TERMINI_DATA`` is.
Prints a table; ``--json PATH`` writes it.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.errors import TerminiError
from termini.files import data_root
from termini.scenes import (
    Scene,
    SceneLimits,
    along_range,
    broad_share,
    domain_grid,
    fjord_raster,
    read_scene,
    warp,
)
from termini.simulate.render_training import training_scene

#: Fewer pixels than this are no part that could be a scene of its own.
FEWEST = 2000


def ranges(scene: Scene, fjord: NDArray[np.bool_], ice: NDArray[np.bool_]) -> dict[str, float]:
    """Range along flow of the fjord, and of its parts above and below the front."""
    found = {"front": along_range(scene, fjord), "broad": broad_share(scene, fjord)}
    for name, part in (("ice alone", fjord & ice), ("sea alone", fjord & ~ice)):
        enough = (part & scene.valid).sum() >= FEWEST
        found[name] = along_range(scene, part) if enough else math.nan
    return found


def simulated(count: int, first: int) -> list[dict[str, float]]:
    """Scenes as the network is trained on, of all sensors and weathers."""
    rows = []
    for seed in range(first, first + count):
        made = training_scene(seed)
        scene = Scene(
            made.image.astype(np.float32), made.valid, Affine.identity(), None, "", "", None, 1.0
        )
        rows.append(ranges(scene, made.fjord, made.truth == 1))
    return rows


def real(domains: list[GlacierDomain], folder: Path) -> list[dict[str, float]]:
    """Real scenes with the published line beside them."""
    from georeferenced_scenes import read_gmt

    rows = []
    for path in sorted([*folder.glob("*.tif"), *folder.glob("*.grd")]):
        for domain in domains:
            try:
                scene = read_scene(path, domain=domain)
            except TerminiError:
                continue  # it shows another of the three glaciers
            grid = domain_grid(domain, 40.0)
            seen, fjord = warp(scene, grid), fjord_raster(domain, grid)
            line = path.with_suffix(".gmt")
            ice = np.zeros(grid.shape, dtype=bool)
            sea = ice.copy()
            if line.exists():
                rows_of = grid.to_pixels(read_gmt(line))[:, 1]
                ice[int(max(rows_of.max() + 3, 0)) :] = True
                sea[: int(max(rows_of.min() - 3, 0))] = True
            row = ranges(seen, fjord, ice)
            beyond = fjord & sea
            enough = (beyond & seen.valid).sum() >= FEWEST
            row["sea alone"] = along_range(seen, beyond) if enough else math.nan
            rows.append(row)
    return rows


def summary(rows: list[dict[str, float]], limits: SceneLimits) -> dict[str, dict[str, float]]:
    """Count, extremes, and share below the limit."""
    out = {}
    for name in ("front", "ice alone", "sea alone", "broad"):
        limit = limits.broad if name == "broad" else limits.along
        values = np.array([row[name] for row in rows])
        values = values[np.isfinite(values)]
        if values.size:
            out[name] = {
                "scenes": int(values.size),
                "least": round(float(values.min()), 3),
                "median": round(float(np.median(values)), 3),
                "most": round(float(values.max()), 3),
                "left_out_percent": round(100.0 * float((values < limit).mean()), 1),
            }
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=300)
    parser.add_argument("--first-seed", type=int, default=100)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    limit = SceneLimits()
    result: dict[str, Any] = {"along": limit.along, "broad": limit.broad}
    result["simulated"] = summary(simulated(options.scenes, options.first_seed), limit)
    root = data_root(required=False)
    if root is not None:
        sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "analysis"))
        from georeferenced_scenes import GLACIERS, domain_of

        folder = root / "images" / "georeferenced"
        result["real"] = summary(real([domain_of(g, folder) for g in GLACIERS], folder), limit)
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
