"""Fronts of which a part was not seen: what the missing part costs.

Complete fronts, of simulated glaciers and of published datasets, are cut at one end or
at both, measured, and compared with what the whole front gives. Beside the shape model
of termini stand the plain mean position of what is seen and the ends extended to the
walls at constant position. The model learns from the glacier's other fronts, those
within a fortnight of the cut one left out.

    python benchmarks/partial_fronts.py [--seeds 2] [--fronts 25] [--json PATH]

Datasets that are not found are left out. The constants of the model were set with other
seeds and with the dataset nw_greenland.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from termini.domain import GlacierDomain
from termini.files import data_root, write_text
from termini.fronts import read_source
from termini.fronttable import crs_text
from termini.geo import to_plane
from termini.geometry import domains_for_source
from termini.series.completed import fill_front, net_of, part_of, untold
from termini.series.frame import Frame, frame_of
from termini.series.layout import LaidFront, lay_front, pieces_of
from termini.series.shapes import PLACES, ShapeModel
from termini.series.uncertainty import shape_of
from termini.series.upstream import upstream_area
from termini.simulate import acquisitions, simulate_region, truth_fronts
from termini.variables import is_rejected

SHARES = (0.1, 0.2, 0.3, 0.5)
SOURCES = ("nw_greenland", "jakobshavn", "harald_moltke", "daugaard_jensen")
FIRST_SEED = 900
APART_DAYS = 15
FEWEST = 5
# a front counts as complete if it shows this share of the width
COMPLETE = 0.97
CUT_TOLERANCE = 0.03
TARGETS = {0.1: 0.35, 0.2: 0.5, 0.3: 0.6, 0.5: 0.7}
COLUMNS = ["set", "ends", "missing", "glacier_id", "plain", "constant", "ours", "sigma"]


def tables(seeds: int) -> Iterator[tuple[str, gpd.GeoDataFrame, Mapping[str, GlacierDomain]]]:
    """Name, front table and domains of each set."""
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        region = simulate_region(seed)
        yield "simulated", truth_fronts(region, acquisitions(region)), region.domains
    if data_root(required=False) is None:
        print("published datasets not found: set TERMINI_DATA; simulated fronts only")
        return
    for name in SOURCES:
        fronts = read_source(name)
        yield name, fronts, domains_for_source(name, None, fronts, failures={})


def laid_fronts(
    frame: Frame, plane: str, group: gpd.GeoDataFrame, crs: str
) -> tuple[list[LaidFront], np.ndarray]:
    """Complete fronts of a glacier and their days."""
    fronts, days = [], []
    usable = group[~is_rejected(group["quality"])]
    for line, date in zip(usable.geometry, usable["date"], strict=True):
        pieces = pieces_of(line)
        if not pieces:
            continue
        line = to_plane(
            shapely.multilinestrings([shapely.linestrings(p) for p in pieces]), crs, plane
        )
        front = lay_front(frame, pieces_of(line))
        if front is not None and front.coverage >= COMPLETE and len(front.pieces) == 1:
            fronts.append(front)
            days.append(pd.Timestamp(date).to_datetime64().astype("datetime64[D]").astype(int))
    return fronts, np.array(days)


def plain_mean(frame: Frame, front: LaidFront) -> float:
    """Mean position of the seen part along the centreline, metres."""
    course = shape_of(frame, front)
    places = np.linspace(front.fractions[0].min(), front.fractions[0].max(), 81)
    return float(np.interp(places, PLACES, course).mean())


def glacier_rows(
    frame: Frame, fronts: list[LaidFront], days: np.ndarray, most: int, rng: np.random.Generator
) -> Iterator[tuple[Any, ...]]:
    """Ends, share missing and errors of every cut front of a glacier."""
    net = net_of(frame)
    unsure = untold(frame, net, fronts)
    shapes = np.array([shape_of(frame, front) for front in fronts])
    chosen = np.sort(rng.permutation(len(fronts))[:most])
    for turn in chosen:
        others = np.abs(days - days[turn]) > APART_DAYS
        if others.sum() < FEWEST:
            continue
        history = [fronts[other] for other in np.flatnonzero(others)]
        model = ShapeModel.fit(shapes[others], width=frame.width, days=days[others])
        true_area = upstream_area(frame, fronts[turn].path)[0] / frame.width
        true_mean = plain_mean(frame, fronts[turn])
        for share in SHARES:
            for ends in ("one", "both"):
                left = share * (rng.integers(2) if ends == "one" else rng.uniform(0.2, 0.8))
                part = part_of(fronts[turn], left, 1 - share + left)
                # a front that winds across the cut does not lose the share meant
                if part is None or abs(part.coverage - (1 - share)) > CUT_TOLERANCE:
                    continue
                constant = upstream_area(frame, part.path)[0] / frame.width - true_area
                correction, sigma = fill_front(model, frame, net, part, unsure, history)
                plain = plain_mean(frame, part) - true_mean
                yield ends, share, plain, constant, constant + correction, sigma


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Table of rms errors and of what was predicted."""
    out = []
    for key, group in rows.groupby(["set", "ends", "missing"], sort=True):
        rms = np.sqrt((group[["plain", "constant", "ours"]] ** 2).mean())
        predicted = float((group["sigma"] ** 2).mean())
        ratio = np.abs(group["ours"] / group["sigma"])
        out.append(
            {
                **dict(zip(["set", "ends", "missing"], key, strict=True)),
                "fronts": len(group),
                "plain_m": rms["plain"],
                "constant_m": rms["constant"],
                "ours_m": rms["ours"],
                "predicted_m": predicted**0.5,
                "of_plain": rms["ours"] / rms["plain"],
                "target": TARGETS[key[2]],
                "variance_ratio": predicted / rms["ours"] ** 2,
                "worst_m": float(group["ours"].abs().max()),
                "in_68": float((ratio < 0.99446).mean()),
                "in_95": float((ratio < 1.95996).mean()),
            }
        )
    return pd.DataFrame(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2, help="simulated regions")
    parser.add_argument("--fronts", type=int, default=25, help="fronts cut of each glacier")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    started = time.perf_counter()
    rng = np.random.default_rng(7)
    found: list[tuple[Any, ...]] = []
    for name, table, domains in tables(options.seeds):
        crs = crs_text(table)
        # one glacier alone is cut more often, so that its figures are no accident
        most = options.fronts * (1 if table["glacier_id"].nunique() > 5 else 20)
        for glacier_id, group in table.groupby("glacier_id", sort=True):
            if glacier_id not in domains:
                continue
            frame, plane = frame_of(domains[str(glacier_id)])
            fronts, days = laid_fronts(frame, plane, group, crs)
            for ends, share, *errors in glacier_rows(frame, fronts, days, most, rng):
                found.append((name, ends, share, glacier_id, *errors))
    result = summary(pd.DataFrame(found, columns=COLUMNS))
    print(result.round(2).to_string(index=False))
    print(
        f"\nwanted: of_plain <= target, ours < constant, variance_ratio 0.85-1.15; "
        f"{time.perf_counter() - started:.0f} s"
    )
    if options.json:
        write_text(options.json, json.dumps(result.to_dict("records"), indent=1) + "\n")


if __name__ == "__main__":
    main()
