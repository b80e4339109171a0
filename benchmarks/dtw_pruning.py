"""Which share of a DTW matrix can matter, for single series and for 16 side by side.

    python benchmarks/dtw_pruning.py [--file NAME=SERIES.npy ...] [--json pruning.json]

A cell above an upper bound of the distance is on no best path. `pairs`: series against 16
others, the bound being the distance itself, the best that there can be. `members`: centres
of k-means against 16 series of their cluster, bounded by 1.03 of the distance, about what
the paths of the step before give. Of each the mean share of live cells of one matrix, and
the share that is computed for 16 at once: eight rows at a time, from the first to the last
column that any of them needs. `both ends` also knows the exact rest of the path beyond each
cell, which no method has: a limit. `--file` adds series (n, T) of one's own.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from dtw_growth import made_series
from numba import njit

from termini.cluster import DTWKMeans

ROWS, LANES = 8, 16


@njit(cache=True)  # type: ignore[untyped-decorator]
def accumulated(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least sum of squared differences along a path to each cell."""
    total = np.full((len(x) + 1, len(y) + 1), np.inf)
    total[0, 0] = 0.0
    for i in range(len(x)):
        for j in range(len(y)):
            least = min(total[i, j + 1], total[i + 1, j], total[i, j])
            total[i + 1, j + 1] = (x[i] - y[j]) ** 2 + least
    return total[1:, 1:]


def computed(live: np.ndarray) -> float:
    """Share of the cells between the first and the last live column of each `ROWS` rows."""
    any_lane, cells = live.any(axis=0), 0
    for i in range(0, len(any_lane), ROWS):
        columns = np.flatnonzero(any_lane[i : i + ROWS].any(axis=0))
        if len(columns):
            cells += (columns[-1] - columns[0] + 1) * len(any_lane[i : i + ROWS])
    return cells / any_lane.size


def shares(x: np.ndarray, ys: np.ndarray, factor: float) -> list[float]:
    """Live share of one matrix, of all lanes, and of all lanes knowing both ends."""
    ahead = np.array([accumulated(x, y) for y in ys])
    rest = np.array([accumulated(x[::-1], y[::-1])[::-1, ::-1] for y in ys])
    bound = factor * ahead[:, -1:, -1:]
    through = ahead + rest - (x[:, None] - ys[:, None, :]) ** 2
    live = ahead <= bound
    return [float(live.mean()), computed(live), computed(through <= bound * (1.0 + 1e-9))]


def study(x: np.ndarray, clusters: int, seed: int = 0) -> dict[str, dict[str, float]]:
    """Shares of random pairs and of members with their centres."""
    rng = np.random.default_rng(seed)
    pairs, members = [], []
    for _ in range(12):
        start = LANES * int(rng.integers(max(1, len(x) // LANES)))
        pairs.append(shares(x[rng.integers(len(x))], x[start : start + LANES], 1.0))
    model = DTWKMeans(clusters, 4, n_init=1, random_state=0).fit(x)
    for c in range(clusters):
        own = x[np.flatnonzero(model.labels_ == c)[:LANES]]
        members.append(shares(model.cluster_centers_[c, :, 0], own, 1.03))
    names = ("one matrix", "16 matrices", "16 matrices, both ends")
    return {
        kind: dict(zip(names, np.mean(found, axis=0).round(3).tolist(), strict=True))
        for kind, found in (("pairs", pairs), ("members", members))
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", action="append", default=[], help="NAME=SERIES.npy")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rng = np.random.default_rng(5)
    sets: dict[str, Any] = {
        "walks about shapes, 500": made_series(300, 500),
        "walks about shapes, 120": made_series(300, 120),
        "walks": rng.normal(size=(100, 200)).cumsum(axis=1),
        "noise": rng.normal(size=(100, 200)),
    }
    sets |= {name: np.load(file) for name, file in (one.split("=", 1) for one in options.file)}
    found = {}
    for name, x in sets.items():
        found[name] = study(x, 5)
        print(json.dumps({name: found[name]}), flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
