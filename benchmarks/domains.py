"""Domains of the real datasets: whether they are right, and what less than a box gives.

    python benchmarks/domains.py [--json PATH]

For each dataset: domains made, problems found, share of the traces that cross at
least half of 51 flowlines, and seconds. For north-west Greenland also the domains
made without the published boxes (from flowlines and fronts, from fronts alone)
against those made with them: angle between the directions, and ratio of the
reference widths. Needs the published datasets under TERMINI_DATA.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from termini.domain import GlacierDomain
from termini.errors import DomainError
from termini.files import data_root
from termini.fronts import read_source, sources
from termini.geometry import (
    domain_from,
    domain_problems,
    domains_for_source,
    find_flowlines,
    flowlines_across,
)
from termini.geometry.direction import flowline_vote, middle_of, retreat_vote, summer_vote
from termini.simulate import acquisitions, simulate_region, truth_fronts


def axis(domain: GlacierDomain) -> np.ndarray:
    """Unit vector from gate to mouth."""
    xy = shapely.get_coordinates(domain.centreline)[[0, -1]]
    return (xy[1] - xy[0]) / np.linalg.norm(xy[1] - xy[0])


def one_source(name: str) -> dict[str, object]:
    """How good the domains of a dataset are."""
    fronts = read_source(name)
    start = time.perf_counter()
    domains = domains_for_source(name, None, fronts)
    made = time.perf_counter() - start
    start = time.perf_counter()
    lines = {i: shapely.get_parts(flowlines_across(d)) for i, d in domains.items()}
    laid = time.perf_counter() - start
    crossed = [
        float(shapely.intersects(lines[row.glacier_id], row.geometry).mean())
        for row in fronts[fronts["glacier_id"].isin(domains)].itertuples()
        if row.geometry is not None
    ]
    problems = [p for d in domains.values() for p in domain_problems(d, fronts)]
    return {
        "source": name,
        "domains": len(domains),
        "with_problems": len({p.split(" ")[1] for p in problems}),
        "cross_half": float(np.mean(np.array(crossed) >= 0.5)),
        "domains_s": made,
        "flowlines_s": laid,
    }


def votes() -> dict[str, object]:
    """Independent evidence of the direction of the north-west Greenland boxes."""
    fronts = read_source("nw_greenland")
    root = data_root()
    assert root is not None
    flow = find_flowlines(root / "nw_greenland")
    by_flow, by_retreat = [], []
    for glacier_id, domain in domains_for_source("nw_greenland", None, fronts).items():
        mine = fronts[fronts["glacier_id"] == glacier_id]
        by_flow.append(flowline_vote(axis(domain), middle_of(mine), flow)[0])
        by_retreat.append(retreat_vote(axis(domain), mine))
    known, moved = np.array(by_flow), np.array(by_retreat)
    return {
        "flowlines_near": int((known != 0).sum()),
        "flowlines_least_cosine": float(known[known != 0].min()),
        "retreat_significant": int((moved != 0).sum()),
        "retreat_against": int((moved < 0).sum()),
    }


def movement() -> list[dict[str, object]]:
    """What summers and long retreat say of known directions: right, wrong, silent."""
    sets = {name: read_source(name) for name in KNOWN}
    known = {name: domains_for_source(name, None, fronts) for name, fronts in sets.items()}
    for seed in (0, 1):
        region = simulate_region(seed, 18)
        name = f"simulated {seed}"
        sets[name], known[name] = truth_fronts(region, acquisitions(region)), dict(region.domains)
    rows = []
    for name, domains in known.items():
        row: dict[str, object] = {"set": name, "glaciers": len(domains)}
        found = []
        for glacier_id, domain in domains.items():
            mine = sets[name][sets[name]["glacier_id"] == glacier_id].to_crs(domain.crs)
            mine = mine[mine.geometry.notna() & ~mine.geometry.is_empty]
            along = axis_at(domain, middle_of(mine))
            found.append((summer_vote(along, mine), retreat_vote(along, mine)))
        for k, what in enumerate(("summers", "retreat")):
            vote = np.array(found)[:, k]
            row |= {f"{what}_right": int((vote > 0).sum()), f"{what}_wrong": int((vote < 0).sum())}
        rows.append(row)
    return rows


def axis_at(domain: GlacierDomain, point: np.ndarray) -> np.ndarray:
    """Unit vector along the centreline where it passes a point."""
    at = domain.centreline.project(shapely.Point(point))
    ends = [shapely.get_coordinates(domain.centreline.interpolate(at + d))[0] for d in (-300, 300)]
    return (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])


def without_boxes(with_flowlines: bool) -> dict[str, object]:
    """Domains without the published boxes against those with them."""
    fronts = read_source("nw_greenland")
    boxed = domains_for_source("nw_greenland", None, fronts)
    root = data_root()
    assert root is not None
    flow = find_flowlines(root / "nw_greenland") if with_flowlines else None
    angles, widths = [], []
    for glacier_id, domain in boxed.items():
        mine = fronts[fronts["glacier_id"] == glacier_id]
        try:
            made = domain_from(glacier_id, "", mine, flowlines=flow)
        except DomainError:
            continue
        cosine = float(np.clip(axis(made) @ axis(domain), -1, 1))
        angles.append(np.degrees(np.arccos(cosine)))
        widths.append(made.reference_width / domain.reference_width)
    low, middle, high = np.quantile(widths, [0.1, 0.5, 0.9])
    return {
        "from": "flowlines and fronts" if with_flowlines else "fronts alone",
        "domains": len(angles),
        "angle_median_deg": float(np.median(angles)),
        "angle_most_deg": float(np.max(angles)),
        "width_ratio_10": float(low),
        "width_ratio_50": float(middle),
        "width_ratio_90": float(high),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    result = {
        "sources": [one_source(name) for name in sources() if name in KNOWN],
        "direction": votes(),
        "movement": movement(),
        "without_boxes": [without_boxes(True), without_boxes(False)],
    }
    for title, rows in result.items():
        table = pd.DataFrame(rows if isinstance(rows, list) else [rows])
        print(f"\n{title}\n{table.to_string(index=False, float_format='%.3g')}")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1))


KNOWN = ("nw_greenland", "jakobshavn", "harald_moltke", "daugaard_jensen", "svalbard")

if __name__ == "__main__":
    main()
