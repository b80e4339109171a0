"""How near the ice of level sets comes to the area of a release, on a coarse mesh.

For the glaciers of `benchmarks/issm.py` whose releases it has made, or those of
`--release` and `--glacier`: fronts as they were observed, with ends closed straight
to the wall and drawn in full, and with `--times` those reconstructed.

    python benchmarks/issm_areas.py --release DIR --glacier ID [--times observed monthly]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from termini.catalog import read_observations, read_series
from termini.domain import read_domains
from termini.files import write_text
from termini.fronttable import read_fronts
from termini.issm import ice_area, level_sets, triangulate


def between(area: Any, wished: Any) -> dict[str, float]:
    """Largest errors of the area, and of its change between any two dates, % of range."""
    known = np.isfinite(wished)
    off, span = (area - wished)[known], float(np.ptp(wished[known]))
    aside = 100 * np.abs(off - np.median(off)) / span
    return {
        "dates": int(known.sum()),
        "range_km2": span / 1e6,
        "p95_pct": float(np.quantile(aside, 0.95)),
        "most_pct": float(aside.max()),
        "any_two_pct": 100 * float(np.ptp(off)) / span,
    }


def measure(release: Path, glacier: str, times: list[str], vertices: int) -> dict[str, Any]:
    """Errors of one glacier, closed straight and drawn in full."""
    domain = read_domains(release / "domains.parquet")[glacier]
    fronts = read_fronts(release / "fronts.parquet")
    series = read_series(release / "terminus_series.nc")
    seen = read_observations(release / "terminus_observations.nc")
    mesh = triangulate(domain.fjord, float(np.sqrt(domain.fjord.area / (0.866 * vertices))))
    found: dict[str, Any] = {"glacier_id": glacier, "vertices": len(mesh.x)}
    for name in times:
        sets = level_sets(
            mesh, domain, fronts, times=name, release_series=series, observations=seen
        )
        area = np.array([ice_area(mesh, column, domain.crs) for column in sets.phi.T])
        found[name] = {**between(area, sets.area), "missed": len(sets.missed)}
        if name == "observed":
            closed = level_sets(mesh, domain, fronts)
            area = np.array([ice_area(mesh, column, domain.crs) for column in closed.phi.T])
            found["closed"] = between(area, sets.area)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--release", type=Path, required=True)
    parser.add_argument("--glacier", nargs="+", required=True)
    parser.add_argument("--times", nargs="+", default=["observed"])
    parser.add_argument("--vertices", type=int, default=1500)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    rows = []
    for glacier in options.glacier:
        rows.append(measure(options.release, glacier, options.times, options.vertices))
        print(json.dumps(rows[-1]), flush=True)
    if options.json:
        write_text(options.json, json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
