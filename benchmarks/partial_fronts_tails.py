"""Whether a cap on single fronts would make stated errors of filling foretell better.

The factor on the error of filled fronts is the mean square of a glacier's trial fronts over
what the model states, and one front may make half of it. Here the trial fronts of each
glacier of the sets that constants are chosen on (`simulated`, seeds 700 and on, and
`nw_greenland_a`) are divided into halves at random. The factor of one half, with each
front counted up to so many times the median and what that takes away given back to all
alike, as a mean over glaciers, is held against the mean square of the other half:
`deviance` is the mean of log f + s/f (twice the negative log likelihood of a normal error
but for constants), s the mean square of the other half over the stated one, f its factor.

    python benchmarks/partial_fronts_tails.py [--seeds 2] [--json PATH]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from partial_fronts import cut_rows

from termini.files import write_text
from termini.series import filling_trial

Array = NDArray[np.float64]
CAPS = (4.0, 9.0, 16.0, 25.0, 50.0, np.inf)
FIRST_SEED, SPLITS, FEWEST = 700, 8, 8
USUAL_FRONTS, MEDIAN_OF_CHI2 = 10.0, 0.455


class Recorder:
    """Trial fronts: sums of squares and of stated variances of each, by cell."""

    def __init__(self) -> None:
        self.cells: list[tuple[Array, Array, float]] = []
        self.judged = filling_trial._judged

    def __call__(
        self, constant: Array, added: Array, sigma: Array, of: Any, usual: float
    ) -> tuple[float, float]:
        """As the trial judges, and keep what it judged by."""
        believed, stretch = self.judged(constant, added, sigma, of, usual)
        limit = filling_trial.MOST_USUAL * np.sqrt(np.mean(constant**2))
        square = (constant + believed * np.clip(added, -limit, limit)) ** 2
        self.cells.append((np.bincount(of, square), np.bincount(of, sigma**2), usual))
        return believed, stretch


def trial_cells(name: str, seeds: int) -> list[tuple[Array, Array, float]]:
    """Cells of all glaciers of a set, with enough fronts to be divided."""
    recorder = Recorder()
    filling_trial._judged = recorder
    try:
        cut_rows(seeds, FIRST_SEED, 1, name)
    finally:
        filling_trial._judged = recorder.judged
    return [cell for cell in recorder.cells if len(cell[0]) >= FEWEST]


def capped(square: Array, variance: Array, cap: float) -> float:
    """Mean square over the stated one, each front up to so many times the median."""
    ratio = square / variance
    most = cap * np.median(ratio) / MEDIAN_OF_CHI2 if np.isfinite(cap) else np.inf
    return float(np.sum(np.minimum(ratio, most) * variance) / variance.sum())


def row_of(cells: list[tuple[Array, Array, float]], cap: float) -> dict[str, float]:
    """How well factors of one half foretell the other."""
    rng = np.random.default_rng(1)
    full, kept = (np.mean([capped(s, v, c) for s, v, _ in cells]) for c in (np.inf, cap))
    told, true = [], []
    for square, variance, usual in cells * SPLITS:
        one, other = np.array_split(rng.permutation(len(square)), 2)
        few = USUAL_FRONTS / len(one)
        seen = capped(square[one], variance[one], cap) * full / kept
        told.append((seen + few * usual) / (1 + few))
        true.append(capped(square[other], variance[other], np.inf))
    factor, actual = np.array(told), np.array(true)
    return {
        "cap": cap,
        "given_back": float(full / kept),
        "deviance": float(np.mean(np.log(factor) + actual / factor)),
        "factor": float(factor.mean()),
        "true": float(actual.mean()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=2, help="simulated regions")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    rows = []
    for name in ("simulated", "nw_greenland_a"):
        cells = trial_cells(name, options.seeds)
        most = np.mean([s.max() > 0.5 * s.sum() for s, _, _ in cells]) if cells else np.nan
        print(f"{name}: {len(cells)} cells, one front has more than half in {most:.0%}")
        rows += [{"set": name, "half_by_one": float(most), **row_of(cells, cap)} for cap in CAPS]
    print(pd.DataFrame(rows).round(3).to_string(index=False))
    if options.json:
        write_text(options.json, json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
