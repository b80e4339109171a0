"""Fronts of which a part was not seen: what the missing part costs.

Complete fronts, of simulated glaciers and of published datasets, are cut at one end or
at both, measured by `observe`, and compared with what the whole front gives. Beside the
filling of termini stand the plain mean position of what is seen and the ends extended
to the walls at constant position. Shapes and errors are learnt from the glacier's other
fronts: once without those within a fortnight of the cut one (which neighbours in time
resemble), once without all within half a year of it.

    python benchmarks/partial_fronts.py [--seeds 3] [--fronts 6] [--only SET]
        [--rows CSV] [--json PATH]
    python benchmarks/partial_fronts.py --from-rows CSV... [--json PATH]

Sets may be run side by side, with `--only` and `--rows`, and put together by `--from-rows`.

Datasets that are not found are left out. The constants of the model were set with other
seeds and with the dataset nw_greenland. The variance that is stated is compared with the
true one, with the interval in which so many cut fronts tell their ratio.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from partial_fronts_table import summary

from termini.domain import GlacierDomain
from termini.files import data_root, write_text
from termini.fronts import read_source
from termini.fronttable import crs_text
from termini.geo import to_plane
from termini.geometry import domains_for_source
from termini.series import ObservationSettings, observe
from termini.series.filling import part_between
from termini.series.frame import Frame, frame_of
from termini.series.layout import LaidFront, lay_front, pieces_of
from termini.series.shape_lines import PLACES
from termini.series.uncertainty import shape_of
from termini.simulate import acquisitions, simulate_region, truth_fronts
from termini.variables import is_rejected

SHARES = (0.1, 0.2, 0.3, 0.5)
SOURCES = ("nw_greenland", "jakobshavn", "harald_moltke", "daugaard_jensen")
FIRST_SEED = 900
APART_DAYS = (15, 182)
FEWEST = 5
# fronts are cut together as long as no more of the record than this is left out
LEFT_OUT = 0.1
# a front counts as complete if it shows this share of the width
COMPLETE = 0.97
CUT_TOLERANCE = 0.03
COLUMNS = [
    "set",
    "apart",
    "ends",
    "missing",
    "glacier_id",
    "plain",
    "constant",
    "ours",
    "sigma",
    "trace_id",
    "date",
]


def tables(
    seeds: int, only: str | None, first: int = FIRST_SEED
) -> Iterator[tuple[str, gpd.GeoDataFrame, Mapping[str, GlacierDomain]]]:
    """Name, front table and domains of each set."""
    for seed in range(first, first + seeds if only in (None, "simulated") else 0):
        region = simulate_region(seed)
        yield "simulated", truth_fronts(region, acquisitions(region)), region.domains
    if data_root(required=False) is None:
        print("published datasets not found: set TERMINI_DATA; simulated fronts only")
        return
    for name in SOURCES if only is None else [name for name in SOURCES if name == only]:
        fronts = read_source(name)
        yield name, fronts, domains_for_source(name, None, fronts, failures={})


Cuts = list[tuple[str, float, float, shapely.LineString]]


def laid_fronts(
    frame: Frame, plane: str, group: gpd.GeoDataFrame, crs: str
) -> dict[int, LaidFront]:
    """Complete fronts of a glacier in one piece, by their place in its table."""
    found = {}
    for place, line in enumerate(group.geometry):
        pieces = pieces_of(line)
        if not pieces:
            continue
        line = to_plane(
            shapely.multilinestrings([shapely.linestrings(p) for p in pieces]), crs, plane
        )
        front = lay_front(frame, pieces_of(line))
        if front is not None and front.coverage >= COMPLETE and len(front.pieces) == 1:
            found[place] = front
    return found


def plain_mean(frame: Frame, front: LaidFront) -> float:
    """Mean position of the seen part along the centreline, metres."""
    course = shape_of(frame, front)
    places = np.linspace(front.fractions[0].min(), front.fractions[0].max(), 81)
    return float(np.interp(places, PLACES, course).mean())


def cuts_of(frame: Frame, front: LaidFront, rng: np.random.Generator) -> Cuts:
    """Ends, share missing, error of the plain mean, and what is left of a front."""
    found, true_mean = [], plain_mean(frame, front)
    for share in SHARES:
        for ends in ("one", "both"):
            left = share * (rng.integers(2) if ends == "one" else rng.uniform(0.2, 0.8))
            line = part_between(front.pieces[0], front.fractions[0], left, 1 - share + left)
            part = None if line is None else lay_front(frame, [line], turn=False)
            # a front that winds across the cut does not lose the share meant
            if part is not None and abs(part.coverage - (1 - share)) <= CUT_TOLERANCE:
                plain = plain_mean(frame, part) - true_mean
                found.append((ends, share, plain, shapely.linestrings(line)))
    return found


def glacier_rows(
    glacier_id: str,
    domain: GlacierDomain,
    group: gpd.GeoDataFrame,
    most: int,
    rng: np.random.Generator,
) -> Iterator[tuple[Any, ...]]:
    """Days apart, ends, share and errors of every cut front of a glacier, by `observe`."""
    crs = crs_text(group)
    frame, plane = frame_of(domain)
    group = group[~is_rejected(group["quality"])].reset_index(drop=True)
    fronts = laid_fronts(frame, plane, group, crs)
    days = group["date"].to_numpy().astype("datetime64[D]").astype(int)
    cut = {
        int(turn): cuts_of(frame, fronts[turn], rng)
        for turn in np.sort(rng.permutation(list(fronts))[:most])
    }
    loose = ObservationSettings(coverage_limit=0.5 - 2 * CUT_TOLERANCE)
    for apart in APART_DAYS:
        for turns in together([turn for turn, cuts in cut.items() if cuts], days, apart):
            near = np.abs(days[:, None] - days[turns]).min(axis=1) <= apart
            far = [place for place in fronts if not near[place]]
            if len(far) < FEWEST:
                continue
            same = gpd.GeoDataFrame(
                pd.concat(
                    [
                        group.iloc[[turn] * len(cut[turn])].assign(
                            trace_id=[f"cut {turn} {number}" for number in range(len(cut[turn]))],
                            geometry=[to_plane(one[3], plane, crs) for one in cut[turn]],
                        )
                        for turn in turns
                    ]
                )
            )
            whole = pd.concat([group.iloc[[far[0], *turns]], same], ignore_index=True)
            zero, names = str(group["trace_id"].iloc[far[0]]), group["trace_id"]
            with_ends = lengths(whole, glacier_id, domain, replace(loose, fill_missing=False))
            seen = pd.concat([group[~near], same], ignore_index=True)
            filled = lengths(seen, glacier_id, domain, loose)
            for table in (with_ends, filled):
                table["length_change"] -= table.loc[zero, "length_change"]
            for turn in turns:
                true = with_ends.loc[str(names[turn]), "length_change"]
                for number, (ends, share, plain, _) in enumerate(cut[turn]):
                    name = f"cut {turn} {number}"
                    if name not in with_ends.index:
                        continue
                    constant, ours = (
                        table.loc[name, "length_change"] - true for table in (with_ends, filled)
                    )
                    sigma = filled.loc[name, "sigma_coverage"]
                    when = group["date"].iloc[turn]
                    yield apart, ends, share, plain, constant, ours, sigma, names[turn], when


def together(turns: list[int], days: NDArray[np.int64], apart: int) -> Iterator[list[int]]:
    """Fronts that are cut in one record: as many as leave nine tenths of it in place."""
    lost = [int((np.abs(days - days[turn]) <= apart).sum()) for turn in turns]
    groups = max(-(-sum(lost) // max(int(LEFT_OUT * len(days)), 1)), 1)
    groups = min(groups, len(turns))
    for first in range(groups):
        yield turns[first::groups]


def lengths(
    fronts: gpd.GeoDataFrame, glacier_id: str, domain: GlacierDomain, settings: ObservationSettings
) -> pd.DataFrame:
    """Length and its error of every trace."""
    found, _ = observe(fronts, {glacier_id: domain}, ("length_area",), settings=settings, workers=1)
    return found.set_index("trace_id")[["length_change", "sigma_coverage"]]


def cut_rows(seeds: int, first_seed: int, fronts: int, only: str | None) -> pd.DataFrame:
    """Every cut front of all sets, or of one."""
    # a set is cut in the same way whether it is run alone or with the others
    rngs: dict[str, np.random.Generator] = {}
    found: list[tuple[Any, ...]] = []
    for number, (name, table, domains) in enumerate(tables(seeds, only, first_seed)):
        rng = rngs.setdefault(name, np.random.default_rng(7))
        # one glacier alone is cut more often, so that its figures are no accident
        most = fronts * (1 if table["glacier_id"].nunique() > 5 else 50)
        for glacier_id, group in table.groupby("glacier_id", sort=True):
            if glacier_id not in domains:
                continue
            rows = glacier_rows(str(glacier_id), domains[str(glacier_id)], group, most, rng)
            # glaciers of one simulated region are others than those of the next
            whose = f"{first_seed + number} {glacier_id}"
            found += [(name, *row[:3], whose, *row[3:]) for row in rows]
    return pd.DataFrame(found, columns=COLUMNS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="simulated regions")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED, help="of the regions")
    parser.add_argument("--fronts", type=int, default=6, help="fronts cut of each glacier")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--rows", type=Path, help="also write every cut front here, as CSV")
    parser.add_argument("--only", help="one set only")
    parser.add_argument("--from-rows", type=Path, nargs="*", help="tell of cut fronts of before")
    options = parser.parse_args()
    started = time.perf_counter()
    if options.from_rows:
        rows = pd.concat([pd.read_csv(path) for path in options.from_rows], ignore_index=True)
    else:
        rows = cut_rows(options.seeds, options.first_seed, options.fronts, options.only)
    result = summary(rows)
    print(result.round(2).to_string(index=False))
    print(
        f"\nwanted: of_plain <= target, ours < constant, variance_ratio 0.85-1.15 "
        f"(yes: it is; open: its 95 % interval reaches there; no: neither); "
        f"{time.perf_counter() - started:.0f} s"
    )
    if options.rows:
        write_text(options.rows, rows.to_csv(index=False))
    if options.json:
        write_text(options.json, json.dumps(result.to_dict("records"), indent=1) + "\n")


if __name__ == "__main__":
    main()
