"""Glacier types against planted ones: found, how probable, and where none is planted.

Regions with planted types (`termini.simulate`) are seen as AutoTerm sees glaciers: 25
looks a year by the sensors of the time, their errors, a fifth of the fronts partial,
one in a hundred a stray (`types_world.Seeing`). Then

- *reference*: adjusted Rand index of the types on both scales, the number of types
  chosen by the rule, beside tslearn's DTW k-means on interpolated series, which is told
  the number;
- *noise*, *gaps*: the same for errors that are a multiple and records of which a share
  is missing;
- *hard*: eight looks a year, eight times the errors, three tenths missing: glaciers that
  may belong to more than one type;
- *calibration*: of the probabilities stated for all of these, what share came true. The
  right type of a glacier is that in which most of its planted kind are;
- *null*: red noise, and red noise with a season of one population that scatters little or
  widely, seen on the same days: the share of regions in which types are told apart, and of
  glaciers that then have a type with a probability of 0.9, each with its standard error.

    python benchmarks/types_planted.py [--seeds 8] [--only TEST ...] [--json PATH]

Constants and rules of `termini.cluster` were set with the seeds 101 to 126, 201 to 230
and 1001 to 1120; here regions have the seeds 501 and following, nulls 701 and following.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score
from types_peers import tslearn_labels
from types_world import SEASONS, Seeing, observed_region, planted, region_of

from termini.cluster import TypeSettings, glacier_types
from termini.files import write_text
from termini.report import new_figure, save_figure

GLACIERS = 24
FIRST_SEED, FIRST_NULL = 501, 701
SCALES = ("interannual", "seasonal")
NOISE = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0)
GAPS = (0.0, 0.2, 0.4, 0.6, 0.8)
HARD = Seeing(looks=8.0, noise=8.0, gaps=0.3)
TESTS = ["reference", "noise", "gaps", "hard", "null"]
BINS = (0.0, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)
CONFIDENT = 0.9
SETTINGS = TypeSettings(n_null=60, draws=200)


def right_types(kinds: NDArray[np.str_], labels: NDArray[np.int32]) -> NDArray[np.int64]:
    """Type in which most of each glacier's planted kind are; -1 where none has a type."""
    right = np.full(len(kinds), -1, dtype=np.int64)
    for kind in np.unique(kinds):
        mine = labels[(kinds == kind) & (labels >= 0)]
        if len(mine):
            right[kinds == kind] = np.bincount(mine).argmax()
    return right


def one_region(seed: int, seeing: Seeing, peers: bool = True) -> tuple[list[Any], list[Any]]:
    """Scores of all methods, and pairs of stated probability and truth, of one region."""
    region = region_of(seed, GLACIERS)
    observations, series = observed_region(region, seeing, seed)
    types = glacier_types(series, SETTINGS, seed=seed)
    truth = {scale: planted(region, series, scale) for scale in SCALES}
    found = {f"{scale} termini": types[f"{scale}_type"].to_numpy() for scale in SCALES}
    for scale in SCALES:
        found[f"{scale} consensus"] = types[f"{scale}_consensus"].to_numpy()
    if peers:
        ids = series["glacier_id"].to_numpy().astype(str).tolist()
        months = pd.DatetimeIndex(series["time"].to_numpy())
        number = {scale: len(np.unique(kinds)) for scale, kinds in truth.items()}
        found |= tslearn_labels(observations, ids, months, number)
    scores, pairs = [], []
    for name, labels in found.items():
        scale, method = name.split(" ", 1)
        index = adjusted_rand_score(truth[scale], labels)
        scores.append((seed, scale, method, index, len(np.unique(labels[labels >= 0]))))
    for scale in SCALES:
        labels = types[f"{scale}_type"].to_numpy()
        right = right_types(truth[scale], labels)
        stated = types[f"{scale}_probability"].to_numpy()
        for row, chances in enumerate(stated):
            if right[row] >= 0 and np.isfinite(chances).all() and labels[row] >= 0:
                pairs += [(scale, p, c == right[row]) for c, p in enumerate(chances)]
    return scores, pairs


def runs(seeds: int, only: list[str]) -> Iterator[tuple[str, float, Seeing, int]]:
    """What is run: kind of test, value, how the region is seen, number of regions."""
    few = max(1, seeds // 3)
    if "reference" in only:
        yield "reference", 1.0, Seeing(), seeds
    for noise in NOISE if "noise" in only else ():
        yield "noise", noise, Seeing(noise=noise), few
    for gaps in GAPS if "gaps" in only else ():
        yield "gaps", gaps, Seeing(gaps=gaps), few
    if "hard" in only:
        yield "hard", 8.0, HARD, seeds


def planted_types(seeds: int, only: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of all runs, and all stated probabilities."""
    scores, stated = [], []
    known: dict[tuple[int, Seeing], tuple[list[Any], list[Any]]] = {}
    for test, value, seeing, number in runs(seeds, only):
        for seed in range(FIRST_SEED, FIRST_SEED + number):
            if (seed, seeing) not in known:
                known[seed, seeing] = one_region(seed, seeing)
                stated += known[seed, seeing][1]
            scores += [(test, value, *row) for row in known[seed, seeing][0]]
        print(f"{test} {value} done", flush=True)
    columns = ["test", "value", "seed", "scale", "method", "index", "types"]
    return pd.DataFrame(scores, columns=columns), pd.DataFrame(stated, columns=["scale", "p", "so"])


def calibration(stated: pd.DataFrame) -> pd.DataFrame:
    """Share that came true by stated probability."""
    which = pd.cut(stated["p"], BINS, include_lowest=True)
    table = stated.groupby(["scale", which], observed=True).agg(
        n=("so", "size"), stated=("p", "mean"), true=("so", "mean")
    )
    return table.reset_index().assign(p=lambda t: t["p"].astype(str))


def null_types(number: int) -> pd.DataFrame:
    """Types told apart where none is planted."""
    rows = []
    for null in ("red", *SEASONS):
        for seed in range(FIRST_NULL, FIRST_NULL + number):
            series = observed_region(region_of(seed, GLACIERS), Seeing(), seed, null=null)[1]
            types = glacier_types(series, SETTINGS, seed=seed)
            rows += [(null, seed, scale, *_told_apart(types, scale)) for scale in SCALES]
        print(f"null {null} done", flush=True)
    return pd.DataFrame(rows, columns=["null", "seed", "scale", "types", "confident"])


def _told_apart(types: xr.Dataset, scale: str) -> tuple[int, float]:
    """Number of types, and share of glaciers with a confident type where there are some.

    A cycle that is within its error (seasonal type 0) is no type that was told apart:
    where there is one cluster, there is no probability.
    """
    chances = types[f"{scale}_probability"].to_numpy()
    if not np.isfinite(chances).any():
        return 1, 0.0
    number = len(np.unique(types[f"{scale}_type"].to_numpy()))
    return number, float(np.mean(np.nan_to_num(chances).max(axis=1) >= CONFIDENT))


def draw(scores: pd.DataFrame, stated: pd.DataFrame, path: Path) -> Path:
    """Fall with noise and gaps, and the calibration."""
    figure = new_figure(figsize=(11, 6.4))
    panels = figure.subplots(2, 3)
    styles = {
        "termini": ("#0072B2", "o-"),
        "tslearn metres": ("#D55E00", "s--"),
        "tslearn scaled": ("#999999", "^:"),
    }
    for row, scale in zip(panels, SCALES, strict=True):
        for panel, test in zip(row, ("noise", "gaps"), strict=False):
            part = scores[(scores["test"] == test) & (scores["scale"] == scale)]
            for method, (colour, line) in styles.items():
                mean = (
                    part[part["method"] == method]
                    .groupby("value")["index"]
                    .agg(["mean", "min", "max"])
                )
                panel.plot(mean.index, mean["mean"], line, color=colour, label=method)
                panel.fill_between(mean.index, mean["min"], mean["max"], color=colour, alpha=0.12)
            panel.set_ylim(-0.05, 1.05)
            panel.set_ylabel(f"{scale}: adjusted Rand index")
            words = {"noise": "errors, times the reference", "gaps": "share of record missing"}
            panel.set_xlabel(words[test])
        table = calibration(stated[stated["scale"] == scale])
        row[2].plot([0, 1], [0, 1], color="black", linewidth=0.5)
        row[2].plot(table["stated"], table["true"], "o-", color="#0072B2")
        for _, one in table.iterrows():
            row[2].annotate(f"{one['n']:.0f}", (one["stated"], one["true"]), fontsize=7)
        row[2].set_xlabel("stated probability of a type")
        row[2].set_ylabel("share that is right")
    panels[0, 0].legend(fontsize=7, loc="lower left")
    return save_figure(figure, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=8, help="regions at the reference")
    parser.add_argument("--nulls", type=int, default=100, help="regions of each null")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--figure", type=Path, help="draw the fall and the calibration here")
    parser.add_argument("--only", nargs="+", choices=TESTS, default=TESTS, help="tests to run")
    options = parser.parse_args()
    found: dict[str, Any] = {}
    planted_tests = [name for name in options.only if name != "null"]
    if planted_tests:
        scores, stated = planted_types(options.seeds, planted_tests)
        index = scores.groupby(["test", "value", "scale", "method"])["index"]
        found["index"] = index.agg(["mean", "min", "count"]).reset_index()
        found["calibration"] = calibration(stated)
        if options.figure:
            print(draw(scores, stated, options.figure))
    if "null" in options.only:
        nulls = null_types(options.nulls)
        told = nulls.assign(told=nulls["types"] > 1).groupby(["null", "scale"])
        found["null"] = told.agg(
            regions=("told", "size"),
            told=("told", "mean"),
            confident=("confident", "mean"),
            confident_se=("confident", "sem"),
        ).reset_index()
        share = found["null"]["told"]
        found["null"].insert(4, "told_se", np.sqrt(share * (1 - share) / options.nulls))
    for each in found.values():
        print(each.round(3).to_string(), "\n")
    if options.json:
        tables = {name: each.to_dict("records") for name, each in found.items()}
        write_text(options.json, json.dumps(tables, indent=1) + "\n")


if __name__ == "__main__":
    main()
