"""The failure detector where the fjord is known: by sensor, and at other thresholds than its own.

Makes simulated regions like the demo's (scenes of all sensors at 45 m) and draws the front in
every scene. Fronts that lie farther than 500 m from the truth on average are grossly wrong,
those beyond four pixels wrong.

    python benchmarks/failure_sensors.py WORK [--workers 2] [--json PATH]

Nothing was fitted on these six regions. WORK keeps the scenes, so that a second run renders
nothing.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
import torch

from termini.cli.runs import DEMO
from termini.domain import GlacierDomain, read_domains
from termini.errors import TerminiError
from termini.files import make_folder, write_text
from termini.fronts import extract_front
from termini.fronts.evaluate import GROSS
from termini.fronts.failure import WRONG_PX, detector
from termini.pipeline import Context, make_config
from termini.pipeline.engine import run_stages
from termini.pipeline.parts import DOMAINS
from termini.pipeline.start import PLAN, first_stages, simulated_region
from termini.processes import end_with_parent
from termini.scenes import read_scene
from termini.segment import NETWORK_PIXEL, load_network

#: Metres between the points of a front that are compared with the true one.
SPACING = 20.0
THRESHOLDS = (0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.35)
#: Regions by their seeds, with the first day of their scenes.
REGIONS = {1: "2014-01-01", 7: "2014-01-01"} | dict.fromkeys((21, 22, 23, 24), "2019-01-01")


def made_region(work: Path, seed: int, start: str, workers: int) -> Context:
    """A region with its scenes, made where they are not there yet."""
    folder = make_folder(work / f"seed-{seed}").resolve()
    document = {
        "run": {"seed": seed, "out": folder, "workers": workers},
        "simulate": DEMO["simulate"] | {"start": start},
    }
    context = Context(make_config(document, "benchmark"), folder)
    stages = first_stages(context.config)
    run_stages([stage for stage in stages if stage.name in ("simulate", "scenes")], context)
    return context


def distance(line: Any, truth: Any) -> float:
    """Mean distance of a front from the truth, units of the map."""
    parts = getattr(line, "geoms", [line])
    points = [part.interpolate(np.arange(0.0, part.length, SPACING)) for part in parts]
    return float(shapely.distance(np.concatenate(points), truth).mean())


def fronts_of(
    scenes: Path, job: tuple[GlacierDomain, list[tuple[str, str, Any]]]
) -> list[dict[str, Any]]:
    """One row a front of one glacier: distance, probability of being wrong."""
    torch.set_num_threads(1)
    domain, shots = job
    network, rows = load_network(), []
    for scene_id, sensor, truth in shots:
        try:
            scene = read_scene(scenes / f"{scene_id}.tif", domain=domain)
            found = extract_front(scene, domain, network, refine="off")
        except TerminiError:
            continue
        off = distance(found.row["geometry"], truth)
        rows.append({"sensor": sensor, "off": off, "p": found.path.p_wrong})
    return rows


def table_of(work: Path, workers: int) -> pd.DataFrame:
    """Fronts of all scenes of all regions."""
    rows: list[dict[str, Any]] = []
    for seed, start in REGIONS.items():
        context = made_region(work, seed, start, workers)
        assert context.config.simulate is not None
        region = simulated_region(seed, context.config.simulate)
        domains, plan = read_domains(context.path(DOMAINS)), pd.read_csv(context.path(*PLAN))
        jobs = []
        for glacier, part in plan.groupby("glacier_id"):
            fronts = [region.glacier(str(glacier)).front(pd.Timestamp(d)) for d in part["date"]]
            shots = list(zip(part["scene_id"], part["sensor"], fronts, strict=True))
            jobs.append((domains[str(glacier)], shots))
        with ProcessPoolExecutor(workers, initializer=end_with_parent) as pool:
            found = pool.map(partial(fronts_of, context.path("scenes")), jobs)
            rows += [row | {"region": seed} for row in chain.from_iterable(found)]
    return pd.DataFrame(rows)


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, help="keeps the regions and their scenes")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    a = parser.parse_args()
    table, limit = table_of(a.work, a.workers), detector("wrong").threshold
    steps = pd.DataFrame([{"threshold": t} | summary(table, t) for t in THRESHOLDS])
    parts = {
        by: pd.DataFrame([{by: name} | summary(part, limit) for name, part in table.groupby(by)])
        for by in ("region", "sensor")
    }
    print(steps.round(2).to_string(index=False))
    for part in parts.values():
        print(f"threshold {limit}", part.round(2).to_string(index=False), sep="\n")
    if a.json:
        content = {"thresholds": steps.to_dict("records")}
        content |= {by: part.to_dict("records") for by, part in parts.items()}
        write_text(a.json, json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
