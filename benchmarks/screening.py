"""Precision and recall of screening rules on planted errors.

Takes the real datasets and a simulated region, spoils a share of their traces in
five ways that machine-made fronts go wrong (shifted, mirrored, of the neighbour,
truncated, drawn along a cloud), and asks each rule and rule set which are wrong.
Real traces have errors of their own, so that precision is a lower bound there. Also
counts rejections around a calving event of 5 km, and, for finished simulated runs,
how many of the fronts that are far from the truth are found.

    python benchmarks/screening.py [--runs RUN...] [--share 0.08] [--seed 0] [--json PATH]
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
from shapely import affinity
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain, read_domains
from termini.files import data_root, write_text
from termini.fronts import duplicate_pairs, duplicate_spread, read_source, screen
from termini.fronts.rule_sets import RULE_SETS, RULES
from termini.fronts.rules import RuleSet
from termini.fronts.rules_run import apply_rules, measure_traces
from termini.fronts.rules_traces import measured_traces
from termini.fronttable import front_table, read_fronts
from termini.geometry import domains_for_source
from termini.simulate import simulate_region, truth_fronts
from termini.variables import flag_bits, is_rejected

KINDS = ("shifted", "mirrored", "neighbour", "truncated", "cloud")
REAL = ("nw_greenland", "jakobshavn", "harald_moltke", "daugaard_jensen")
# Metres that an error must move the mean position to do harm.
HARMFUL = 100.0

# What is screened in every case, whatever the rules.
BASE = RuleSet("base screen only")


def flow(domain: GlacierDomain, line: LineString) -> np.ndarray:
    """Unit vector down-glacier where a front lies."""
    s = domain.centreline.project(line.centroid)
    a, b = (domain.centreline.interpolate(s + d) for d in (-200.0, 200.0))
    step = np.array([b.x - a.x, b.y - a.y])
    return step / np.hypot(*step)


def spoilt(
    line: LineString, kind: str, domain: GlacierDomain, other: LineString | None, rng
) -> LineString:
    """A front spoilt in one way."""
    width, down = domain.reference_width, flow(domain, line)
    across = np.array([-down[1], down[0]])
    if kind == "shifted":
        move = down * rng.choice([-1, 1]) * rng.uniform(0.15, 1.0) * width
        return affinity.translate(line, *move)
    if kind == "mirrored":
        xy = shapely.get_coordinates(line)
        away = (xy - (xy[0] + xy[-1]) / 2) @ across
        return LineString(xy - 2 * away[:, None] * across)
    if kind == "neighbour":
        if other is not None:
            return other
        move = across * rng.choice([-1, 1]) * rng.uniform(0.6, 1.2) * width
        return affinity.translate(line, *move)
    if kind == "truncated":
        keep = rng.uniform(0.2, 0.55)
        start = rng.choice([0.0, 1 - keep])
        return shapely.ops.substring(line, start, start + keep, normalized=True)
    dense = shapely.get_coordinates(shapely.segmentize(line, width / 60))
    run = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(dense, axis=0).T))])
    share, half = run / run[-1], rng.uniform(0.15, 0.3)
    middle = rng.uniform(half, 1 - half)
    hump = np.clip(1 - ((share - middle) / half) ** 2, 0, None)
    hump = hump * (1 + 0.3 * np.sin(12 * np.pi * share + rng.uniform(0, 6)))
    size = rng.choice([-1, 1]) * rng.uniform(0.2, 0.5) * width
    return LineString(dense + size * hump[:, None] * down)


def plant(fronts: gpd.GeoDataFrame, domains: dict, share: float, seed: int) -> gpd.GeoDataFrame:
    """A share of the fronts spoilt; column ``planted`` says how."""
    rng = np.random.default_rng(seed)
    good = ~is_rejected(fronts["quality"]) & fronts.geometry.geom_type.eq("LineString").to_numpy()
    table = fronts[good & fronts["date"].notna()].reset_index(drop=True).copy()
    lines = table.geometry.to_numpy().copy()
    kinds = np.full(len(table), "", dtype=object)
    chosen = np.flatnonzero(rng.random(len(table)) < share)
    kinds[chosen] = [KINDS[i % len(KINDS)] for i in range(len(chosen))]
    middle = {
        name: part.union_all().centroid for name, part in table.groupby("glacier_id").geometry
    }
    for k in chosen:
        glacier = table["glacier_id"].iloc[k]
        rest = [name for name in middle if name != glacier]
        other = None
        if rest:
            near = min(rest, key=lambda name: middle[name].distance(middle[glacier]))
            other = rng.choice(np.flatnonzero(table["glacier_id"] == near))
            other = table.geometry.iloc[other]
        lines[k] = spoilt(table.geometry.iloc[k], kinds[k], domains[glacier], other, rng)
    sound = table.geometry
    table = table.set_geometry(gpd.GeoSeries(lines, crs=fronts.crs))
    return table.assign(planted=kinds, sound=sound)


def judge(
    table: gpd.GeoDataFrame, domains: dict, rules: RuleSet, measured: dict
) -> tuple[np.ndarray, float]:
    """Which traces a rule set finds (rejects or marks), and the seconds it took."""
    start = time.perf_counter()
    if rules is not BASE:
        table, _ = apply_rules(table, domains, rules, measured=measured)
    quality = table["quality"].to_numpy()
    found = is_rejected(quality) | ((quality & flag_bits()["doubtful"]) != 0)
    return found, time.perf_counter() - start


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
    start = time.perf_counter()
    measured = measure_traces(screened, domains)
    print(f"{name}: {len(screened)} traces laid out in {time.perf_counter() - start:.2f} s")
    harmful = wrong & (away(screened, measured) > HARMFUL)
    rows = []
    for rules in candidates():
        found, seconds = judge(screened, domains, rules, measured)
        row = {"set": name, "rules": rules.name, "traces": len(screened), "planted": wrong.sum()}
        for kind in KINDS:
            row[kind] = found[screened["planted"] == kind].mean()
        row["recall"] = found[wrong].mean()
        row["harmful"] = found[harmful].mean()
        row["precision"] = (found & wrong).sum() / max(found.sum(), 1)
        row["good_lost"] = found[~wrong].mean()
        row["seconds"] = seconds
        rows.append(row)
    return pd.DataFrame(rows)


def simulated(seed: int, n: int = 12) -> tuple[gpd.GeoDataFrame, dict]:
    """True fronts of a simulated region at AutoTerm's pace of 24 a year."""
    region = simulate_region(seed, n)
    rng = np.random.default_rng(seed)
    days = pd.date_range(region.start, region.end, freq="D")
    dates = {
        g.glacier_id: days[np.sort(rng.choice(len(days), 24 * len(days) // 365, replace=False))]
        for g in region.glaciers
    }
    return truth_fronts(region, dates), dict(region.domains)


def calving(seed: int, drop: float = 5000.0) -> tuple[gpd.GeoDataFrame, dict]:
    """Made-up glaciers, each of which loses 5 km in a day and stays there or grows back."""
    rng = np.random.default_rng(seed)
    rows, domains = [], {}
    for g in range(40):
        x0, width, length = g * 30_000.0, rng.uniform(3e3, 9e3), 40e3
        left, right = (LineString([(x0 + d, 0), (x0 + d, length)]) for d in (0, width))
        name = f"calving:{g}"
        domains[name] = GlacierDomain(
            name, "", Polygon([*left.coords, *reversed(right.coords)]),
            LineString([left.coords[0], right.coords[0]]), left, right,
            LineString([(x0 + width / 2, 0), (x0 + width / 2, length)]), width,
        )  # fmt: skip
        day = np.sort(rng.choice(3650, rng.integers(60, 400), replace=False))
        x = 25e3 + 150 * np.sin(2 * np.pi * day / 365.25) + np.cumsum(rng.normal(0, 20, len(day)))
        event = rng.integers(300, 3300)
        growth = rng.choice([0.0, 10.0, 25.0])  # metres a day
        x = x - np.where(day >= event, np.maximum(drop - growth * (day - event), 0), 0)
        share = np.linspace(0, 1, 60)
        for d, at in zip(day, x, strict=True):
            y = at - 0.1 * width * (4 * share * (1 - share)) + rng.normal(0, 15, 60)
            rows.append({
                "glacier_id": name, "date": pd.Timestamp("2010-01-01") + pd.Timedelta(days=int(d)),
                "sensor": "Landsat-8", "method": "made up", "sigma_m": 20.0,
                "date_sigma_days": float(d >= event),
                "geometry": LineString(np.column_stack([x0 + share * width, y])),
            })  # fmt: skip
    return front_table(rows), domains


def calving_losses(seed: int) -> pd.DataFrame:
    """Good traces lost, in all and within the first ten after the event."""
    table, domains = calving(seed)
    measured = measure_traces(table, domains)
    after = table["date_sigma_days"].to_numpy() > 0
    turn = table[after].groupby("glacier_id").cumcount().reindex(table.index, fill_value=99)
    rows = []
    for rules in candidates():
        found, _ = judge(table, domains, rules, measured)
        first = (turn < 10).to_numpy()
        row = {
            "rules": rules.name,
            "events": 40,
            "events_rejected": int((found & (turn == 0)).sum()),
        }
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
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    tables, spreads = [], []
    if data_root(required=False) is not None:
        for name in REAL:
            fronts = read_source(name)
            domains = domains_for_source(name, None, fronts)
            fronts = screen(fronts, domains, rules="none")
            spreads.append(spread(name, fronts, domains))
            tables.append(
                scores(name, plant(fronts, domains, arguments.share, arguments.seed), domains)
            )
    fronts, domains = simulated(arguments.seed)
    tables.append(
        scores("simulated", plant(fronts, domains, arguments.share, arguments.seed), domains)
    )
    planted = pd.concat(tables, ignore_index=True)
    print(planted.round(3).to_string(index=False))
    if spreads:
        told = pd.concat(spreads).query("n > 0").set_index(["set", "days"])
        print("\nfronts of near days\n" + told.round(2).to_string())
    events = calving_losses(arguments.seed)
    print("\ncalving events of 5 km\n" + events.round(4).to_string(index=False))
    failures = [run_failures(folder) for folder in arguments.runs]
    if failures:
        print("\nfronts far from the truth\n" + pd.concat(failures).round(3).to_string(index=False))
    if arguments.json:
        found = {"planted": planted, "calving": events}
        if spreads:
            found["near_days"] = pd.concat(spreads)
        if failures:
            found["runs"] = pd.concat(failures)
        told = {name: json.loads(part.to_json(orient="records")) for name, part in found.items()}
        write_text(arguments.json, json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
