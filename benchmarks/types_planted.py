"""Glacier types against planted ones: found, how probable, and where none is planted.

Regions with planted types (`termini.simulate`) are seen as AutoTerm sees glaciers: 25
looks a year by the sensors of the time, their errors, a fifth of the fronts partial,
one in a hundred a stray (`types_world.Seeing`). Then

- *reference*: adjusted Rand index of the types on both scales, the number of types
  chosen by the rule and ("told") given, beside tslearn's DTW k-means on interpolated
  series, which is told the number. A glacier without a type counts as wrong, except in
  the rows "typed", which are of the others alone;
- *noise*, *gaps*: the same for errors that are a multiple and records of which a share
  is missing;
- *hard*: eight looks a year, eight times the errors, three tenths missing: glaciers that
  may belong to more than one type;
- *calibration*: of the probabilities stated for all of these, what share came true. The
  right type of a glacier is that in which most of its planted kind are;
- *unsure*: eight looks a year, three tenths missing, and errors 32 to 64 times the
  reference, as large as what tells the types apart between years: calibration of the
  inter-annual probabilities where many are in the middle. The number of types is given
  (where none is believed, no probability is stated);
- *null*: red noise, and red noise with a season of one population that scatters little or
  widely, seen on the same days: the share of regions in which types are told apart, and of
  glaciers that then have a type with a probability of 0.9, each with its standard error.

    python benchmarks/types_planted.py [--seeds 8] [--only TEST ...] [--work DIR] [--json PATH]

Stopped, it goes on where it was if the same folder is given as `--work`.

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
from types_kept import Kept
from types_planted_figure import draw, wilson
from types_region import one_null, one_region, unsure_region
from types_world import SEASONS, Seeing

from termini.files import write_text

FIRST_SEED, FIRST_NULL = 501, 701
NOISE = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0)
GAPS = (0.0, 0.2, 0.4, 0.6, 0.8)
HARD = Seeing(looks=8.0, noise=8.0, gaps=0.3)
UNSURE = (32.0, 48.0, 64.0)
TESTS = ["reference", "noise", "gaps", "hard", "unsure", "null"]
BINS = (0.0, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)


def runs(seeds: int, few: int, only: list[str]) -> Iterator[tuple[str, float, Seeing, int]]:
    """What is run: kind of test, value, how the region is seen, number of regions."""
    if "reference" in only:
        yield "reference", 1.0, Seeing(), seeds
    for noise in NOISE if "noise" in only else ():
        yield "noise", noise, Seeing(noise=noise), few
    for gaps in GAPS if "gaps" in only else ():
        yield "gaps", gaps, Seeing(gaps=gaps), few
    if "hard" in only:
        yield "hard", 8.0, HARD, seeds


def planted_types(
    kept: Kept, seeds: int, few: int, only: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of all runs, and all stated probabilities."""
    scores, stated = [], []
    known: dict[tuple[int, Seeing], tuple[list[Any], list[Any]]] = {}
    for test, value, seeing, number in runs(seeds, few, only):
        for seed in range(FIRST_SEED, FIRST_SEED + number):
            if (seed, seeing) not in known:
                known[seed, seeing] = one_region(kept, seed, seeing)
                stated += known[seed, seeing][1]
            scores += [(test, value, *row) for row in known[seed, seeing][0]]
        print(f"{test} {value} done", flush=True)
    columns = ["test", "value", "seed", "scale", "method", "index", "types", "without"]
    return pd.DataFrame(scores, columns=columns), pd.DataFrame(stated, columns=["scale", "p", "so"])


def calibration(stated: pd.DataFrame) -> pd.DataFrame:
    """Share that came true by stated probability."""
    which = pd.cut(stated["p"], BINS, include_lowest=True)
    table = stated.groupby(["scale", which], observed=True).agg(
        n=("so", "size"), stated=("p", "mean"), true=("so", "mean")
    )
    return table.reset_index().assign(p=lambda t: t["p"].astype(str))


def unsure_types(kept: Kept, seeds: int) -> tuple[pd.DataFrame, dict[str, float]]:
    """Calibration where errors are as large as the types, and the scores of Brier (1950).

    "constant" is the score of stating the same for all types.
    """
    stated = []
    for noise in UNSURE:
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            stated += unsure_region(kept, seed, Seeing(looks=8.0, noise=noise, gaps=0.3))
        print(f"unsure {noise} done", flush=True)
    table = pd.DataFrame(stated, columns=["scale", "p", "so"])
    share = table["so"].mean()
    scores = {"stated": ((table["p"] - table["so"]) ** 2).mean(), "constant": share * (1 - share)}
    found = calibration(table)
    found["below"], found["above"] = wilson(found["true"], found["n"])
    return found, scores


def null_types(kept: Kept, number: int) -> pd.DataFrame:
    """Types told apart where none is planted."""
    rows = []
    for null in ("red", *SEASONS):
        for seed in range(FIRST_NULL, FIRST_NULL + number):
            rows += one_null(kept, seed, null)
        print(f"null {null} done", flush=True)
    return pd.DataFrame(rows, columns=["null", "seed", "scale", "types", "confident"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=8, help="regions at the reference")
    parser.add_argument("--nulls", type=int, default=100, help="regions of each null")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--figure", type=Path, help="draw the fall and the calibration here")
    parser.add_argument("--only", nargs="+", choices=TESTS, default=TESTS, help="tests to run")
    parser.add_argument("--few", type=int, default=4, help="regions of the rows in between")
    parser.add_argument("--work", type=Path, help="keep what is done here, and go on from it")
    options = parser.parse_args()
    kept = Kept(options.work)
    found: dict[str, Any] = {}
    planted_tests = [name for name in options.only if name not in ("null", "unsure")]
    if planted_tests:
        scores, stated = planted_types(kept, options.seeds, options.few, planted_tests)
        index = scores.groupby(["test", "value", "scale", "method"])["index"]
        found["index"] = index.agg(["mean", "min", "max", "count"]).reset_index()
        number = scores.groupby(["test", "value", "scale", "method"])[["types", "without"]]
        found["index"] = found["index"].merge(number.mean().reset_index())
        found["calibration"] = calibration(stated)
        if options.figure:
            print(draw(scores, found["calibration"], options.figure))
    if "unsure" in options.only:
        found["unsure"], brier = unsure_types(kept, options.seeds)
        found["unsure_brier"] = pd.DataFrame([brier])
    if "null" in options.only:
        nulls = null_types(kept, options.nulls)
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
