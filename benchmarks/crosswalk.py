"""How often the id crosswalk is right, and whether it doubts itself where it is wrong.

Pairs of published tables of which the truth is known from elsewhere than the
matching: one table carries the other's ids, both stand in one order, or both share a
numbering. What would give the truth away is taken out of the tables first.

``python benchmarks/crosswalk.py --json crosswalk.json`` needs the published tables
(TERMINI_DATA).
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import combinations
from pathlib import Path

import pandas as pd
from pyproj import Transformer

from termini.files import data_root
from termini.geometry.crosswalk import crosswalk
from termini.geometry.crosswalk_readers import read_namespace

Case = tuple[pd.DataFrame, pd.DataFrame, dict[str, set[str]]]


def points(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(table[["id", "name", "x", "y"]])


def nameless(table: pd.DataFrame) -> pd.DataFrame:
    return points(table).assign(name="")


def gates(root: Path, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The gates with one of their two names, and their table as published."""
    meta = pd.read_csv(root / "jakobshavn/forcing/gate_meta.csv")
    table = read_namespace("mankoff").assign(name=meta[name].str.replace("_", " "))
    return points(table), meta


def measures_gates(root: Path, *, names: bool) -> Case:
    """Mankoff gives each gate the MEaSUREs number (Moon 2008) nearest to it.

    Only those within 10 km count; beyond, the nearest number is another glacier's.
    """
    table, meta = gates(root, "Bjork_2015")
    measures = points(read_namespace("measures"))
    known = set(measures["id"])
    truth: dict[str, set[str]] = {}
    for row in meta[meta["Moon_2008_dist"] < 10_000].itertuples():
        if str(row.Moon_2008) in known:
            truth.setdefault(str(row.Moon_2008), set()).add(str(row.gate))
    return (measures, table, truth) if names else (nameless(measures), nameless(table), truth)


def gates_basins(root: Path) -> Case:
    """Mankoff names the Mouginot basin of each gate; here the gates keep Bjork's names only."""
    table, meta = gates(root, "Bjork_2015")
    basins = read_namespace("mouginot")
    key = basins["name"].str.replace(" ", "_")
    truth = {
        str(row.gate): set(basins.loc[key == row.Mouginot_2019, "id"])
        for row in meta.itertuples()
        if (key == row.Mouginot_2019).any()
    }
    return table, basins, truth


def shared_numbers(first: str, second: str, *, names: bool) -> Case:
    """Two tables with one numbering."""
    a, b = points(read_namespace(first)), points(read_namespace(second))
    truth = {i: {i} for i in set(a["id"]) & set(b["id"])}
    return (a, b, truth) if names else (nameless(a), nameless(b), truth)


def boxes_and_errors(root: Path) -> Case:
    """AutoTerm's boxes and its table of errors stand in one order; neither has names."""
    boxes = read_namespace("autoterm")
    text = root / "glacier_tables/uncertainty_all_lola.txt"
    lola = pd.read_csv(text, sep=r"\s+", header=None)
    x, y = Transformer.from_crs(4326, 3413, always_xy=True).transform(lola[1], lola[0])
    ids = boxes["id"].tolist()
    return boxes, pd.DataFrame({"id": ids, "name": "", "x": x, "y": y}), {i: {i} for i in ids}


def score(case: Case) -> dict[str, object]:
    """Count right and wrong ids, and the doubts among them."""
    a, b, truth = case
    table = crosswalk({"a": a, "b": b})
    spread = table.set_index("a_id")
    count = {"truth": len(truth), "right": 0, "wrong": 0, "none": 0}
    count |= {"right_doubtful": 0, "wrong_doubtful": 0}
    wrong = []
    for key, right in truth.items():
        row = spread.loc[key] if key in spread.index else None
        if row is None or row["b_id"] == "":
            count["none"] += 1
            continue
        given = "right" if row["b_id"] in right else "wrong"
        count[given] += 1
        count[f"{given}_doubtful"] += bool(row["b_doubtful"])
        if given == "wrong":
            wrong.append(
                {
                    "a": key,
                    "name": row["a_name"],
                    "b": row["b_id"],
                    "b_name": row["b_name"],
                    "right": sorted(right),
                    "distance_m": round(float(row["b_distance_m"])),
                    "reason": row["b_reason"],
                }
            )
    return {**count, "wrong_ones": wrong}


def gates_of_one_glacier(root: Path) -> dict[str, int]:
    """Whether gates of one glacier stand in one row, those of different ones in different rows.

    The truth is the id table of Moon et al. (2024) for the south-east, which lists the
    gates of each glacier; all tables but the gates' Mouginot names are used.
    """
    text = (root / "se_greenland/relate_pointID_glacierID.txt").read_text().splitlines()[1:]
    parts = [line.split() for line in text if len(line.split()) == 3]
    glacier_of = {gate: part[1] for part in parts for gate in part[2].split(",")}
    names = ("measures", "morlighem", "roi", "rignot", "autoterm", "felikson")
    tables = {name: read_namespace(name) for name in names}
    table = crosswalk({**tables, "mankoff": gates(root, "Bjork_2015")[0]})
    row_of = {}
    for number, first, also in table[["glacier", "mankoff_id", "mankoff_also"]].values:
        row_of |= {gate: number for gate in [first, *also.split(";")] if gate}
    count = {"together": 0, "parted": 0, "apart": 0, "mixed": 0}
    for a, b in combinations(sorted(glacier_of), 2):
        same = row_of[a] == row_of[b]
        if glacier_of[a] == glacier_of[b]:
            count["together" if same else "parted"] += 1
        else:
            count["mixed" if same else "apart"] += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    root = data_root()
    assert root is not None
    cases = {
        "measures-mankoff": measures_gates(root, names=True),
        "measures-mankoff, names hidden": measures_gates(root, names=False),
        "mankoff-mouginot": gates_basins(root),
        "morlighem-rignot": shared_numbers("morlighem", "rignot", names=True),
        "morlighem-rignot, names hidden": shared_numbers("morlighem", "rignot", names=False),
        "autoterm boxes-errors": boxes_and_errors(root),
    }
    found = {}
    columns = ("truth", "right", "wrong", "none", "right_doubtful", "wrong_doubtful")
    print(f"{'':<34}" + "".join(f"{c:>16}" for c in columns) + f"{'s':>8}")
    for name, case in cases.items():
        start = time.perf_counter()
        found[name] = score(case)
        seconds = time.perf_counter() - start
        print(f"{name:<34}" + "".join(f"{found[name][c]:>16}" for c in columns) + f"{seconds:8.2f}")
    for name, result in found.items():
        for wrong in result["wrong_ones"]:  # type: ignore[attr-defined]
            print(name, wrong)
    found["gates of one glacier"] = gates_of_one_glacier(root)
    print("pairs of gates in the south-east:", found["gates of one glacier"])
    if args.json:
        args.json.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
