"""The failure detector where the fjord is known: by sensor, and what its threshold should be.

Takes folders of finished `termini run` on simulated regions, whose scenes are of all sensors at
45 m. Fronts that lie farther than 500 m from the truth on average are grossly wrong, those
beyond four pixels wrong. All wrong fronts of a run and some of the right ones, which count for
the rest, are extracted again.

    python benchmarks/failure_sensors.py --choose RUN ... --test RUN ... [--right 60] [--json PATH]

The threshold was chosen on the runs named first; the tables of the others say what it does.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from tqdm import tqdm

from termini.domain import read_domains
from termini.errors import TerminiError
from termini.files import write_text
from termini.fronts import extract_front
from termini.fronts.evaluate import GROSS
from termini.fronts.failure import WRONG_PX, detector
from termini.scenes import read_scene
from termini.segment import NETWORK_PIXEL, load_network
from termini.sensors import SENSORS
from termini.simulate import simulate_region

#: Metres between the points of a front that are compared with the true one.
SPACING = 20.0
THRESHOLDS = (0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.35)


def distance(line: Any, truth: Any) -> float:
    """Mean distance of a front from the truth, units of the map."""
    parts = getattr(line, "geoms", [line])
    points = [part.interpolate(np.arange(0.0, part.length, SPACING)) for part in parts]
    return float(shapely.distance(np.concatenate(points), truth).mean())


def chosen(fronts: pd.DataFrame, right: int) -> pd.DataFrame:
    """All wrong fronts, and of optical and of radar scenes each some right ones, with weights."""
    wrong = fronts["off"] > WRONG_PX * NETWORK_PIXEL
    parts = [fronts[wrong].assign(weight=1.0)]
    kind = fronts["sensor"].map(lambda name: SENSORS[name].kind)
    for _, part in fronts[~wrong].groupby(kind):
        taken = part.sample(min(right, len(part)), random_state=0)
        parts.append(taken.assign(weight=len(part) / len(taken)))
    return pd.concat(parts)


def fronts_of(run: Path, right: int) -> Iterator[dict[str, Any]]:
    """One row a front that is extracted again: distance, weight, probability of being wrong."""
    region = simulate_region(**json.loads((run / "truth" / "region.json").read_text()))
    domains, network = read_domains(run / "domains.parquet"), load_network()
    fronts = gpd.read_parquet(run / "fronts.parquet")
    truths = [region.glacier(r.glacier_id).front(r.date) for r in fronts.itertuples()]
    fronts["off"] = [distance(*pair) for pair in zip(fronts.geometry, truths, strict=True)]
    fronts["truth"] = truths
    for row in tqdm(chosen(fronts, right).itertuples(), desc=run.name):
        domain = domains[row.glacier_id]
        try:
            scene = read_scene(run / "scenes" / f"{row.scene_id}.tif", domain=domain)
            found = extract_front(scene, domain, network, refine="off")
        except TerminiError as error:
            print(f"{row.scene_id}: {error}")
            continue
        yield {
            "run": run.name, "sensor": row.sensor, "weight": row.weight,
            "off": distance(found.row["geometry"], row.truth), "p": found.path.p_wrong,
        }  # fmt: skip


def summary(table: pd.DataFrame, threshold: float) -> dict[str, Any]:
    """Precision and recall of a threshold, and what passes."""
    weight, flagged = table["weight"], table["p"] > threshold
    wrong, gross = table["off"] > WRONG_PX * NETWORK_PIXEL, table["off"] > GROSS
    hit, all_ = float(weight[wrong & flagged].sum()), float(weight.sum())
    return {
        "fronts": round(all_), "wrong": int(wrong.sum()), "gross": int(gross.sum()),
        "flagged %": 100 * float(weight[flagged].sum()) / all_,
        "precision": hit / max(float(weight[flagged].sum()), 1e-9),
        "recall": hit / max(int(wrong.sum()), 1),
        "recall of gross": float((gross & flagged).sum()) / max(int(gross.sum()), 1),
        "gross passed %": 100 * float(weight[gross & ~flagged].sum())
        / max(float(weight[~flagged].sum()), 1e-9),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--choose", type=Path, nargs="*", default=[])
    parser.add_argument("--test", type=Path, nargs="+", required=True)
    parser.add_argument("--right", type=int, default=60, help="right fronts of a run and kind")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    a = parser.parse_args()
    limit, result = detector("wrong").threshold_known, {}
    for name, runs in (("choose", a.choose), ("test", a.test)):
        if not runs:
            continue
        table = pd.DataFrame([row for run in runs for row in fronts_of(run, a.right)])
        steps = pd.DataFrame([{"threshold": t} | summary(table, t) for t in THRESHOLDS])
        sensors = pd.DataFrame(
            [{"sensor": s} | summary(part, limit) for s, part in table.groupby("sensor")]
        )
        print(name, steps.round(2).to_string(index=False), sep="\n")
        print(f"threshold {limit}", sensors.round(2).to_string(index=False), sep="\n")
        result[name] = {
            "thresholds": steps.to_dict("records"),
            "sensors": sensors.to_dict("records"),
        }
    if a.json:
        write_text(a.json, json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
