"""How often the stated standard errors of observations hold.

(a) Simulated fronts with known errors, each part by itself and all together
(`calibration_simulated`, `calibration_definition`, `calibration_dates`). (b) Fronts that
the network found in finished simulated runs (`calibration_found`). (c) Real traces of one
front by several hands, or of one front a few days apart (`calibration_real`), if
TERMINI_DATA is set.

Wanted: 68 and 95 % of the errors within the stated intervals, to 3 points. `from_68` to
`to_68`, and the same of 95, is the 95 % interval of that share (`calibration_shares`): a
few pairs show no more than they can, and errors of one glacier go together. `may_be` is
whether the intervals reach to what is wanted. NMAD is 1.4826 times the median absolute deviation.

    python benchmarks/calibration.py [RUN...] [--first-seed 310] [--seeds 2] [--glaciers 18]
        [--no-real] [--json PATH]
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from calibration_analysts import month_errors
from calibration_dates import date_part_errors
from calibration_definition import definition_errors
from calibration_found import found_errors
from calibration_real import groups_of, real_pairs, same_day, several_answers
from calibration_repeats import repeat_part_errors
from calibration_shares import Errors, Row, ranges, shares
from calibration_simulated import SETTINGS, simulated_errors

from termini.files import data_root, write_text

FIRST_SEED = 310


def simulated_table(first: int, seeds: int, glaciers: int) -> tuple[dict[str, Row], dict[str, Row]]:
    """Rows of part (a): of what has intervals, and of what has a range."""
    pooled: dict[str, list[Errors]] = {}
    of_range: dict[str, list[Errors]] = {}
    for seed in range(first, first + seeds):
        several = (simulated_errors, date_part_errors, month_errors, repeat_part_errors)
        for name, errors in chain.from_iterable(each(seed, glaciers) for each in several):
            _pool(pooled, name, seed, errors)
        for name, errors in definition_errors(seed, glaciers):
            _pool(of_range, f"definition, {name}", seed, errors)
    return (
        {name: shares(Errors.pooled(parts)) for name, parts in pooled.items()},
        {name: ranges(Errors.pooled(parts)) for name, parts in of_range.items()},
    )


def found_table(folders: list[Path]) -> dict[str, Row]:
    """Rows of part (b): each run by itself and, if there are several, all together."""
    pooled: dict[str, list[Errors]] = {}
    found: dict[str, Row] = {}
    for number, folder in enumerate(folders):
        for name, errors in found_errors(folder):
            found[f"{folder.name}: {name}"] = shares(errors)
            _pool(pooled, name, number, errors)
    if len(folders) > 1:
        together = {name: Errors.pooled(several) for name, several in pooled.items()}
        found |= {f"all runs: {name}": shares(errors) for name, errors in together.items()}
    return found


def _pool(pooled: dict[str, list[Errors]], name: str, seed: int, errors: Errors) -> None:
    """Add errors of one region, whose glaciers are others than those of the next."""
    whose = np.array([f"{seed} {one}" for one in errors.group])
    pooled.setdefault(name, []).append(errors._replace(group=whose))


def shown(title: str, rows: dict[str, Row]) -> None:
    """Print rows as a Markdown table."""
    table = pd.DataFrame.from_dict(rows, orient="index")
    print(f"\n{title}\n\n| | {' | '.join(table.columns)} |\n{'| --- ' * (len(table.columns) + 1)}|")
    for name, row in rows.items():
        cells = [_cell(column, row.get(column)) for column in table.columns]
        print(f"| {name} | {' | '.join(cells)} |")


def _cell(name: str, value: float | bool | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        f"{value:.0f}"
        if name in ("n", "groups")
        else f"{value:.1f}"
        if name.endswith("_m")
        else f"{value:.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("runs", nargs="*", type=Path, help="folders of finished simulated runs")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED, help="of the regions")
    parser.add_argument("--seeds", type=int, default=2, help="simulated regions")
    parser.add_argument("--glaciers", type=int, default=18, help="glaciers in each")
    parser.add_argument("--no-real", action="store_true", help="leave the real traces out")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    started = time.perf_counter()
    found: dict[str, Any] = {}
    if options.seeds:
        found["simulated"], found["ranges"] = simulated_table(
            options.first_seed, options.seeds, options.glaciers
        )
        shown("Simulated fronts with known errors", found["simulated"])
        shown("Measures with several answers", found["ranges"])
    if options.runs:
        found["found"] = found_table(options.runs)
        shown("Fronts found by the network in simulated runs", found["found"])
    if not options.no_real and data_root(required=False) is None:
        print("\npublished datasets not found: set TERMINI_DATA")
    elif not options.no_real:
        pairs = real_pairs(SETTINGS)
        found["real"] = {name: shares(errors) for name, errors in groups_of(pairs)}
        shown("Real traces of one front, or a few days apart", found["real"])
        found["same_day"] = same_day(pairs)
        for pair in found["same_day"]:
            print(", ".join(f"{name} {value}" for name, value in pair.items()))
        found["answers"] = several_answers(SETTINGS)
        for name, counts in found["answers"].items():
            print(f"{name}: of {counts['n']} traces {counts['several']} with several answers")
        for (name, measure), rates in pairs.groupby(["set", "measure"])["rate"]:
            shown_rates = ", ".join(f"{rate:.1f}" for rate in np.unique(rates))
            print(f"steady advance taken off, {name}, {measure}: {shown_rates} m a day")
    print(f"\nwanted: in_68 0.68, in_95 0.95, within 0.03; {time.perf_counter() - started:.0f} s")
    if options.json:
        write_text(options.json, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
