"""The vectorisers side by side on the same probability maps.

Simulated scenes with seeds that no network was trained on, and the published crops of
Kangerlussuaq, which the shipped weights were not trained on; the crops of Helheim take no
part. Each way of drawing the line sees the same maps and the same walls; `refined` moves
the line of a published way on to the ridge of the front's map, as ours always is.

    python benchmarks/vectorising.py FOLDER [--test 200] [--json PATH] [--figure PATH]

FOLDER holds the probability maps (`benchmarks/probability_maps.py` makes them).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from probability_maps import Case, cases
from shapely.geometry import LineString
from tqdm import tqdm

from termini.errors import TraceError
from termini.files import write_text
from termini.fronts import VECTORISERS, measures, vectorise, walls_in_scene
from termini.fronts.overlay import Overlay, draw_overlays
from termini.fronts.vector.maps import region_of
from termini.fronts.walls import Walls, polygon_walls

GROSS_PX = 10.0
WORST = 12


def ways(case: Case) -> list[tuple[str, str, Walls, bool]]:
    """Label, vectoriser, walls and whether to refine, of all that is compared."""
    found = [(name, name, case.walls, False) for name in VECTORISERS]
    found += [(f"{name}, refined", name, case.walls, True) for name in list(VECTORISERS)[1:]]
    if case.fjord is None:
        there = walls_in_scene(case.front, case.rock)
        found.append(("minimal_path, walls found", "minimal_path", there, False))
    else:
        found.append(
            ("minimal_path, walls by rows", "minimal_path", polygon_walls(case.fjord), False)
        )
    return found


def rows_of(case: Case) -> list[dict[str, Any]]:
    """Error and time of every way on one scene."""
    truth = LineString(case.truth)
    rows = []
    for label, name, walls, refined in ways(case):
        row: dict[str, Any] = {
            "way": label, "name": case.name, "kind": case.kind, "condition": case.condition,
            "fjord": "known" if case.fjord is not None else "unknown",
        }  # fmt: skip
        start = time.perf_counter()
        try:
            found = vectorise(
                case.front, case.ice, case.valid, walls, vectoriser=name, refined=refined
            )
        except TraceError:
            rows.append(row | {"seconds": time.perf_counter() - start})
            continue
        row["seconds"] = time.perf_counter() - start
        forward, back = measures.nearest_distances(LineString(found.xy), truth, 1.0)
        row |= {
            "off": forward.mean(), "nearest": np.concatenate([forward, back]).mean(),
            "area": measures.area_over_length(LineString(found.xy), truth),
            "flagged": bool(found.reasons), "xy": found.xy,
        }  # fmt: skip
        rows.append(row)
    return rows


def table_of(found: pd.DataFrame) -> pd.DataFrame:
    """Means, medians, gross failures and losses of each way, by kind of scene."""
    rows = []
    for (kind, fjord, way), part in found.groupby(["kind", "fjord", "way"], sort=False):
        seen = part.dropna(subset=["nearest"])
        rows.append({
            "scenes": f"{kind}, fjord {fjord}", "way": way, "n": len(part),
            "lost": len(part) - len(seen), "gross": int((seen["nearest"] > GROSS_PX).sum()),
            "nearest mean": seen["nearest"].mean(), "nearest median": seen["nearest"].median(),
            "drawn part median": seen["off"].median(), "area/length median": seen["area"].median(),
            "ms": 1000 * part["seconds"].median(),
        })  # fmt: skip
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--test", type=int, default=200, help="simulated scenes")
    parser.add_argument("--json", type=Path, help="write all figures here as well")
    parser.add_argument("--figure", type=Path, help="overlays of the worst of ours, PNG")
    a = parser.parse_args()
    rows: list[dict[str, Any]] = []
    held: dict[tuple[str, str], Case] = {}
    for case in tqdm(cases(a.folder, 0, a.test), mininterval=20):
        if case.group == "test":
            rows += rows_of(case)
            held[case.name, case.condition] = case
    found = pd.DataFrame(rows)
    result = table_of(found)
    print("errors in pixels; gross: nearest mean over", GROSS_PX)
    for name, part in result.groupby("scenes", sort=False):
        print(f"\n{name}\n{part.drop(columns='scenes').round(2).to_string(index=False)}")
    if a.figure:
        ours = found[found["way"] == "minimal_path"]
        worst = ours.sort_values("nearest", ascending=False, na_position="first").head(WORST)
        drawn = [
            _overlay(held[row["name"], row["condition"]], row["xy"], row["nearest"])
            for row in worst.to_dict("records")
        ]
        draw_overlays(drawn, a.figure)
    if a.json:
        write_text(a.json, result.to_json(orient="records", indent=2) + "\n")


def _overlay(case: Case, xy: Any, error: float) -> Overlay:
    line = LineString(xy) if isinstance(xy, np.ndarray) else None
    walls = None
    if case.fjord is not None:
        walls = region_of(case.walls)
    title = f"{case.name[:26]}\n{case.condition}, {error:.1f} px"
    return Overlay(np.where(case.valid, case.image, np.nan), title, line,
                   LineString(case.truth), walls)  # fmt: skip


if __name__ == "__main__":
    main()
