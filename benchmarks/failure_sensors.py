"""The failure detector where the fjord is known: by sensor, and at other thresholds than its own.

Makes simulated regions like the demo's (scenes of all sensors at 45 m) and draws the front in
every scene. Fronts that lie farther than 500 m from the truth on average are grossly wrong,
those beyond four pixels wrong. Lines drawn in pictures of water alone and of ice alone
(`region_fronts.py`) are told of apart.

    python benchmarks/failure_sensors.py WORK [--workers 2] [--json PATH]

Nothing was fitted on these six regions. WORK keeps the scenes, so that a second run renders
nothing.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pandas as pd
from region_fronts import region_fronts

from termini.files import write_text
from termini.fronts.evaluate import GROSS
from termini.fronts.failure import WRONG_PX, detector
from termini.segment import NETWORK_PIXEL

THRESHOLDS = (0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.35)
#: Regions by their seeds, with the first day of their scenes.
REGIONS = {1: "2014-01-01", 7: "2014-01-01"} | dict.fromkeys((21, 22, 23, 24), "2019-01-01")


def table_of(work: Path, workers: int) -> pd.DataFrame:
    """Fronts of all scenes of all regions, with the probability of being wrong."""
    parts = [region_fronts(work, seed, start, workers) for seed, start in REGIONS.items()]
    table = pd.concat(parts, ignore_index=True)
    wrong, incomplete = detector("wrong"), detector("incomplete")
    features = table[list(wrong.names)].to_dict("records")
    return table.assign(
        p=[wrong.probability(row) for row in features],
        p_incomplete=[incomplete.probability(row) for row in features],
    )


def summary(table: pd.DataFrame, threshold: float) -> dict[str, Any]:
    """Precision and recall of a threshold, and what passes."""
    flagged = table["p"] > threshold
    wrong, gross = table["off"] > WRONG_PX * NETWORK_PIXEL, table["off"] > GROSS
    hit = int((wrong & flagged).sum())
    return {
        "fronts": len(table), "wrong": int(wrong.sum()), "gross": int(gross.sum()),
        "flagged %": 100 * float(flagged.mean()),
        "precision": hit / max(int(flagged.sum()), 1),
        "recall": hit / max(int(wrong.sum()), 1),
        "recall of gross": int((gross & flagged).sum()) / max(int(gross.sum()), 1),
        "gross passed %": 100 * int((gross & ~flagged).sum()) / max(int((~flagged).sum()), 1),
    }  # fmt: skip


def without_front(table: pd.DataFrame) -> pd.DataFrame:
    """Of lines in pictures of water alone and of ice alone, how many are flagged."""
    rows = []
    for picture, part in table[table["picture"] != "scene"].groupby("picture"):
        wrong = part["p"] > detector("wrong").threshold
        either = wrong | (part["p_incomplete"] > detector("incomplete").threshold)
        rows.append(
            {"picture": picture, "lines": len(part), "wrong %": 100 * wrong.mean()}
            | {"wrong or incomplete %": 100 * either.mean(), "no flag": int((~either).sum())}
        )
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, help="keeps the regions and their scenes")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    a = parser.parse_args()
    everything, limit = table_of(a.work, a.workers), detector("wrong").threshold
    table = everything[everything["picture"] == "scene"]
    steps = pd.DataFrame([{"threshold": t} | summary(table, t) for t in THRESHOLDS])
    parts = {
        by: pd.DataFrame([{by: name} | summary(part, limit) for name, part in table.groupby(by)])
        for by in ("region", "sensor")
    }
    print(steps.round(2).to_string(index=False))
    for part in parts.values():
        print(f"threshold {limit}", part.round(2).to_string(index=False), sep="\n")
    empty = without_front(everything)
    print("lines where there is no front", empty.round(3).to_string(index=False), sep="\n")
    if a.json:
        content = {"thresholds": steps.to_dict("records")}
        content |= {by: part.to_dict("records") for by, part in parts.items()}
        content["no front"] = empty.to_dict("records")
        write_text(a.json, json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
