"""Precision and recall of screening rules on planted errors.

Takes the real datasets and a simulated region, spoils a share of their traces in
five ways that machine-made fronts go wrong (shifted, mirrored, of the neighbour,
truncated, drawn along a cloud), and asks each rule and rule set which are wrong.
Real traces have errors of their own, so that precision is a lower bound there. Also
counts rejections around a calving event of 5 km, and, for finished simulated runs,
how many of the fronts that are far from the truth are found.

    python benchmarks/screening.py [--runs RUN...] [--share 0.08] [--seed 0]
        [--speed GLACIERS TRACES_EACH] [--json PATH]

Limits were chosen with --seed 10 on the glaciers of north-west Greenland with even numbers,
on Daugaard-Jensen, and on simulated regions 10 and 11.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from screening_errors import KINDS, calving, plant, simulated
from series_world import world

from termini.domain import read_domains
from termini.files import data_root, write_text
from termini.fronts import duplicate_pairs, duplicate_spread, read_source, screen
from termini.fronts.rule_sets import RULE_SETS, RULES
from termini.fronts.rules import RuleSet
from termini.fronts.rules_run import apply_rules, measure_traces
from termini.fronts.rules_traces import measured_traces
from termini.fronttable import read_fronts
from termini.geometry import domains_for_source
from termini.simulate import simulate_region
from termini.variables import flag_bits, is_rejected

REAL = ("nw_greenland", "jakobshavn", "harald_moltke", "daugaard_jensen")
SHOWN = ["set", "rules", "planted", *KINDS, "recall", "harmful", "precision", "good_lost",
         "good_rejected"]  # fmt: skip
# Metres that an error must move the mean position to do harm.
HARMFUL = 100.0

# What is screened in every case, whatever the rules.
BASE = RuleSet("base screen only")


def judge(
    table: gpd.GeoDataFrame, domains: dict, rules: RuleSet, measured: dict
) -> tuple[np.ndarray, np.ndarray]:
    """Which traces a rule set finds (rejects or marks), and which it rejects."""
    if rules is not BASE:
        table, _ = apply_rules(table, domains, rules, measured=measured)
    quality = table["quality"].to_numpy()
    found = is_rejected(quality) | ((quality & flag_bits()["doubtful"]) != 0)
    return found, is_rejected(quality)


def with_manual(rules: RuleSet) -> RuleSet:
    """The rules applied to traces drawn by hand as well."""
    return RuleSet(rules.name, tuple(rule.but(manual=True) for rule in rules))


def away(table: gpd.GeoDataFrame, measured: dict) -> np.ndarray:
    """Metres between a trace's position and that of the trace before it was spoilt."""
    found = np.full(len(table), np.inf)
    for traces in measured.values():
        sound = traces.table.set_geometry("sound")
        true = measured_traces(sound, traces.domain, {}).along
        at = table.index.get_indexer(traces.table.index)
        # as a series would see it: the mean of what was seen of each
        found[at] = np.abs(np.nanmean(traces.along, axis=1) - np.nanmean(true, axis=1))
    return found


def candidates() -> list[RuleSet]:
    sets = [BASE, *(RuleSet(name, (rule,)) for name, rule in RULES.items())]
    sets += [RULE_SETS[name] for name in ("autoterm", "calfin", "kc", "strict", "default")]
    rejecting = tuple(r for r in RULE_SETS["default"] if r.action == "reject")
    return [
        with_manual(s) if s is not BASE else s
        for s in [*sets, RuleSet("default, rejecting", rejecting)]
    ]


def scores(name: str, table: gpd.GeoDataFrame, domains: dict) -> pd.DataFrame:
    """One row per rule: recall of each kind of error, precision, good traces lost."""
    screened = screen(table, domains, rules="none")
    wrong = (screened["planted"] != "").to_numpy()
    measured = measure_traces(screened, domains)
    harmful = wrong & (away(screened, measured) > HARMFUL)
    rows = []
    for rules in candidates():
        found, rejected = judge(screened, domains, rules, measured)
        row = {"set": name, "rules": rules.name, "traces": len(screened), "planted": wrong.sum()}
        for kind in KINDS:
            row[kind] = found[screened["planted"] == kind].mean()
        row["recall"] = found[wrong].mean()
        row["harmful"] = found[harmful].mean()
        row["precision"] = (found & wrong).sum() / max(found.sum(), 1)
        row["good_lost"] = found[~wrong].mean()
        row["good_rejected"] = rejected[~wrong].mean()
        # for the table of all sets together
        row |= {f"n_{kind}": int((screened["planted"] == kind).sum()) for kind in KINDS}
        row |= {"found": int(found.sum()), "sound": int((~wrong).sum())}
        rows.append(row)
    return pd.DataFrame(rows)


def by_rule(planted: pd.DataFrame) -> pd.DataFrame:
    """All sets that no limit was chosen on together: recall by kind, one row per rule."""
    rows = []
    part = planted[~planted["set"].str.contains("chosen on")]
    for rules, one in part.groupby("rules", sort=False):
        row: dict[str, object] = {"rules": rules}
        for kind in KINDS:
            row[kind] = np.average(one[kind].fillna(0.0), weights=one[f"n_{kind}"])
        row["recall"] = np.average(one["recall"], weights=one["planted"])
        row["precision"] = (one["recall"] * one["planted"]).sum() / max(one["found"].sum(), 1)
        rows.append(row | {"good_lost": np.average(one["good_lost"], weights=one["sound"])})
    return pd.DataFrame(rows)


def calving_losses(seed: int, annual: bool) -> pd.DataFrame:
    """Good traces lost, in all and within the first ten after the event."""
    table, domains = calving(seed, annual=annual)
    measured = measure_traces(table, domains)
    after = table["date_sigma_days"].to_numpy() > 0
    turn = table[after].groupby("glacier_id").cumcount().reindex(table.index, fill_value=99)
    rows = []
    for rules in candidates():
        found, rejected = judge(table, domains, rules, measured)
        first = (turn < 10).to_numpy()
        row = {"record": "annual" if annual else "dense", "rules": rules.name, "events": 40}
        row["events_rejected"] = int((rejected & (turn == 0)).sum())
        row["events_marked"] = int((found & ~rejected & (turn == 0)).sum())
        row |= {"lost": found.mean(), "lost_after_event": found[first].mean()}
        rows.append(row)
    return pd.DataFrame(rows)


def run_failures(folder: Path) -> pd.DataFrame:
    """Fronts of a finished simulated run that lie far from the truth."""
    told = json.loads((folder / "truth" / "region.json").read_text(encoding="utf-8"))
    region = simulate_region(told["seed"], told["n_glaciers"], start=told["start"], end=told["end"])
    domains = read_domains(folder / "domains.parquet")
    table = screen(read_fronts(folder / "fronts" / "raw.parquet"), domains, rules="none")
    table = table[~is_rejected(table["quality"])].reset_index(drop=True)
    true = [region.glacier(r.glacier_id).front(r.date) for r in table.itertuples()]
    lines = table.geometry.to_numpy()[:, None]
    points = shapely.line_interpolate_point(lines, np.linspace(0.05, 0.95, 40), normalized=True)
    off = shapely.distance(points, np.array(true)[:, None])
    measured = measure_traces(table, domains)
    wrong = off.mean(axis=1) > np.maximum(150.0, 4 * table["sigma_m"].to_numpy())
    rows = []
    for rules in candidates():
        found, _ = judge(table, domains, rules, measured)
        row = {"run": folder.name, "rules": rules.name, "traces": len(table), "wrong": wrong.sum()}
        row["recall"] = found[wrong].mean() if wrong.any() else np.nan
        row["precision"] = (found & wrong).sum() / max(found.sum(), 1)
        rows.append(row | {"good_lost": found[~wrong].mean()})
    return pd.DataFrame(rows)


def speed(glaciers: int, traces: int) -> pd.DataFrame:
    """Seconds that screening takes on made-up fjords, compiled beforehand."""
    table, domains = world(glaciers, traces, 150)
    first = table["glacier_id"] == table["glacier_id"].iloc[0]
    screen(table[first], domains)
    wall, cpu = time.perf_counter(), time.process_time()
    screen(table, domains)
    told = {"glaciers": glaciers, "traces": len(table), "seconds": time.perf_counter() - wall}
    return pd.DataFrame([told | {"cpu_seconds": time.process_time() - cpu}])


def halves(name: str, fronts: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """A dataset; that of many glaciers in the half the limits were chosen on, and the other."""
    if name == "daugaard_jensen":
        return {f"{name}, chosen on": fronts}
    if name != "nw_greenland":
        return {name: fronts}
    even = fronts["glacier_id"].str.split(":").str[1].astype(int) % 2 == 0
    parts = {f"{name}, even, chosen on": fronts[even], f"{name}, odd": fronts[~even]}
    return {part: of.reset_index(drop=True) for part, of in parts.items()}


def spread(name: str, fronts: gpd.GeoDataFrame, domains: dict) -> pd.DataFrame:
    """Differences of fronts a few days apart beside what their errors say."""
    found = [
        duplicate_spread(duplicate_pairs(fronts, domains, days=days)).assign(set=name, days=days)
        for days in (0, 1, 3)
    ]
    return pd.concat(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--runs", nargs="*", type=Path, default=[], help="finished simulated runs")
    parser.add_argument("--share", type=float, default=0.08, help="share of traces to spoil")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--speed", nargs=2, type=int, metavar=("GLACIERS", "TRACES"))
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    tables, spreads = [], []
    if data_root(required=False) is not None:
        for name in REAL:
            fronts = read_source(name)
            domains = domains_for_source(name, None, fronts)
            fronts = screen(fronts, domains, rules="none")
            spreads.append(spread(name, fronts, domains))
            for part, of in halves(name, fronts).items():
                planted = plant(of, domains, arguments.share, arguments.seed)
                tables.append(scores(part, planted, domains))
    fronts, domains = simulated(arguments.seed)
    tables.append(
        scores("simulated", plant(fronts, domains, arguments.share, arguments.seed), domains)
    )
    planted = pd.concat(tables, ignore_index=True)
    print(planted[SHOWN].round(3).to_string(index=False))
    together = by_rule(planted)
    print("\nall sets that no limit was chosen on\n" + together.round(3).to_string(index=False))
    if spreads:
        told = pd.concat(spreads).query("n > 0").set_index(["set", "days"])
        print("\nfronts of near days\n" + told.round(2).to_string())
    events = pd.concat([calving_losses(arguments.seed, annual) for annual in (False, True)])
    print("\ncalving events of 5 km\n" + events.round(4).to_string(index=False))
    if arguments.speed:
        fast = speed(*arguments.speed)
        print("\nspeed\n" + fast.round(1).to_string(index=False))
    failures = [run_failures(folder) for folder in arguments.runs]
    if failures:
        print("\nfronts far from the truth\n" + pd.concat(failures).round(3).to_string(index=False))
    if arguments.json:
        found = {"planted": planted, "together": together, "calving": events}
        if arguments.speed:
            found["speed"] = fast
        if spreads:
            found["near_days"] = pd.concat(spreads)
        if failures:
            found["runs"] = pd.concat(failures)
        told = {name: json.loads(part.to_json(orient="records")) for name, part in found.items()}
        write_text(arguments.json, json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
