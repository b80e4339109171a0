"""DTW distances and k-means against tslearn, aeon, dtaidistance and tsdistances, in one run.

    python benchmarks/dtw.py [--peers DIR] [--sizes small|all] [--only WORDS] [--ours]
        [--restarts] [--json dtw.json]

The sets are random walks about five shapes (300 x 120, 300 x 500, with `all` 1000 x 500)
and those that ship with the peers: Trace (200 x 275) and ArrowHead (211 x 251), as they
are, with the adjusted Rand index to their classes. Of 1000 x 500 the peers' distances are
not computed but scaled from those of 300 x 500 by the number of pairs (they say so), and
k-means makes two iterations instead of ten. `--only` keeps the tasks whose name holds the
words, such as "pairwise", "kmeans 300 x 120" or "none", and leaves out the growth and the
first call; `--only growth` does these alone. With `--restarts` k-means alone is done, by
each package from ten k-means++ starts of its own, of which the best is kept; that takes
ten times as long. With `--ours` the peers only lend their sets. Tasks that the file of
`--json` holds are not done again, so that a run that was stopped goes on.

Every package is warm before its clock starts and runs in a process of its own; the
peers in an environment of their own, made in DIR on first use. The tasks take turns:
each is done by all packages before the next begins. k-means starts from the same
centres and makes the same number of iterations; the inertia of each package's final
centres is computed here, in double precision, with the same band. (tsdistances, written
in Rust, has distances only.) A further row for each peer says how many iterations of this
package end no higher than the peer did, and how long they take; where twice as many
do not, series near a border are moved too (`border`).
Seconds are medians of the wall clock; ratios of processor time stand beside those of the
wall, because other work disturbs the latter.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

import numpy as np
from dtw_growth import CLUSTERS, first_call, growth, made_series
from dtw_peers import timed
from sklearn.metrics import adjusted_rand_score

from termini.cluster import DTWKMeans, dtw_distances

PEERS = {name: name for name in ("tslearn", "aeon", "dtaidistance", "tsdistances")}
#: Those that have no k-means.
ONLY_DISTANCES = ("tsdistances",)
SMALL = [(300, 120), (300, 500)]
LARGE = [(1000, 500)]
SHIPPED = ("Trace", "ArrowHead")
STEPS = 10
SETTINGS = (("float32", 1), ("float32", 2), ("float64", 1), ("float64", 2))


def peer_python(folder: Path) -> str:
    """Interpreter with the peers; the environment is made where it is missing."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    known = (
        "import sys; from importlib.util import find_spec as found; "
        f"sys.exit(not all(map(found, {list(PEERS)})))"
    )
    if subprocess.run([python, "-c", known]).returncode:
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS.values()], check=True)
    return str(python)


def ours(task: dict[str, Any], precision: str, jobs: int) -> dict[str, Any]:
    """Times and result of this package."""
    data = np.load(task["file"])
    x, start, band = data["x"], data["start"], task["band"]
    starts = task["starts"]
    if task["kind"] == "pairwise":
        wall, processor, found = timed(
            lambda: dtw_distances(x, band=band, precision=precision, n_jobs=jobs), 5
        )
    else:
        model = DTWKMeans(
            len(start),
            task["steps"],
            n_init=starts,
            init=start if starts == 1 else "k-means++",
            band=band,
            n_jobs=jobs,
            border=task.get("border", False),
            precision=precision,
            random_state=0,
        )
        wall, processor, found = timed(
            lambda: model.fit(x).cluster_centers_[:, :, 0], 5 if starts == 1 else 1
        )
    name = f"termini {'f32' if precision == 'float32' else 'f64'}, {jobs} thread(s)"
    if starts > 1:
        name += f", best of {starts} k-means++ starts"
    return {**task, "peer": name, "wall": wall, "processor": processor, "found": found}


def inertia(x: np.ndarray, centres: np.ndarray, band: int | None) -> tuple[float, np.ndarray]:
    """Inertia and labels of the best of some sets of centres (k, T) or (starts, k, T)."""
    tried = []
    for one in centres.reshape(-1, *centres.shape[-2:]):
        squared = dtw_distances(x, one, band=band) ** 2
        tried.append((float(squared.min(axis=1).mean()), squared.argmin(axis=1)))
    return min(tried, key=lambda found: found[0])


def tasks_of(sizes: list[tuple[int, int]], folder: Path, python: str, restarts: bool) -> list[dict[str, Any]]:  # fmt: skip # noqa: E501
    sets: dict[str, dict[str, Any]] = {}
    for n, length in sizes:
        sets[f"{n} x {length}"] = {"x": made_series(n, length), "k": CLUSTERS}
    script = Path(__file__).with_name("dtw_peers.py")
    subprocess.run([python, str(script), "sets", str(folder)], check=True)
    for name in SHIPPED:
        held = np.load(folder / f"{name}.npz")
        sets[name] = {**held, "k": len(np.unique(held["types"]))}
    listed = []
    for size, one in sets.items():
        x, k = one["x"], one.pop("k")
        start = x[np.random.default_rng(1).choice(len(x), k, replace=False)]
        file = folder / f"{size.replace(' ', '')}_task.npz"
        np.savez(file, start=start, **one)
        length, large = x.shape[1], x.shape in LARGE
        for kind in ("kmeans",) if restarts else ("pairwise", "kmeans"):
            for band in (None, length // 10):
                name = f"{kind} {size} {'none' if band is None else band}"
                name += " restarts" if restarts else ""
                result = str(folder / f"{name}.npy".replace(" ", "_"))
                listed.append(
                    {
                        "name": name, "kind": kind, "file": str(file), "band": band,
                        "repeats": 1 if length > 200 or restarts else 3, "result": result,
                        "steps": 2 if large else STEPS, "starts": 10 if restarts else 1,
                        "large": large,
                    }
                )  # fmt: skip
    return listed


def of_peer(python: str, peer: str, task: dict[str, Any], folder: Path) -> dict[str, Any]:
    """One task in a process of the peer."""
    listing = folder / "tasks.json"
    listing.write_text(json.dumps([task]))
    script = Path(__file__).with_name("dtw_peers.py")
    env = {**os.environ, "PYTHONPATH": "", "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    run = subprocess.run(
        [python, str(script), peer, str(listing)], env=env, capture_output=True, text=True
    )
    if run.returncode:
        return {**task, "peer": peer, "failed": run.stderr.strip().splitlines()[-1]}
    return {**json.loads(run.stdout), "found": np.load(task["result"])}


def scaled(rows: list[dict[str, Any]], peer: str, task: dict[str, Any]) -> dict[str, Any] | None:
    """Time of a peer at 300 x 500 by the number of pairs; None where that was not run."""
    n = len(np.load(task["file"])["x"])
    small = task["name"].replace(f" {n} x", " 300 x")
    for row in rows:
        if row["task"] == small and row["package"] == peer and "wall" in row:
            times = n * (n + 1) / (300 * 301)
            seconds = {name: [row[name] * times] for name in ("wall", "processor")}
            return {**task, **seconds, "peer": peer, "found": None, "scaled_from": small}
    return None


def compared(task: dict[str, Any], done: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Medians, ratios to ours, and agreement with our result."""
    data = np.load(task["file"])
    rows, exact = [], next(d["found"] for d in done if d["peer"].startswith("termini f64"))
    for one in done:
        if "failed" in one:
            rows.append({"task": task["name"], "package": one["peer"], "failed": one["failed"]})
            continue
        row = {
            "task": task["name"],
            "package": one["peer"],
            "wall": float(np.median(one["wall"])),
            "processor": float(np.median(one["processor"])),
        }
        if "scaled_from" in one:
            row["scaled_from"] = one["scaled_from"]
        elif task["kind"] == "pairwise":
            row["relative_difference"] = float(np.abs(one["found"] - exact).max() / exact.max())
        else:
            row["inertia"], labels = inertia(data["x"], one["found"], task["band"])
            if "types" in data:
                row["rand_index"] = float(adjusted_rand_score(data["types"], labels))
        rows.append(row)
    for mine in [r for r in rows if r["package"].startswith("termini")]:
        mine["times_faster"] = {
            r["package"]: {
                "wall": r["wall"] / mine["wall"],
                "processor": r["processor"] / mine["processor"],
            }
            for r in rows
            if not r["package"].startswith("termini") and "wall" in r
        }
    return rows


def until(task: dict[str, Any], peer: dict[str, Any]) -> dict[str, Any]:
    """Fewest iterations of this package that end no higher than a peer, and their time."""
    name = f"termini f32, to the inertia of {peer['package']}"
    row: dict[str, Any] = {"task": task["name"], "package": name}
    data = np.load(task["file"])
    tried = [(border, steps) for border in (False, True) for steps in range(1, 2 * STEPS + 1)]
    for border, steps in tried if "inertia" in peer else ():
        one = ours({**task, "steps": steps, "border": border}, "float32", 1)
        end, _ = inertia(data["x"], one["found"], task["band"])
        if end <= peer["inertia"]:
            seconds = {clock: float(np.median(one[clock])) for clock in ("wall", "processor")}
            ratios = {clock: peer[clock] / seconds[clock] for clock in seconds}
            return {
                **row, **seconds, "iterations": steps, "border": border, "inertia": end,
                "times_faster": {peer["package"]: ratios},
            }  # fmt: skip
    return {**row, "failed": f"not within {2 * STEPS} iterations"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, default=Path.home() / ".cache" / "termini-dtw-peers")
    parser.add_argument("--sizes", choices=("small", "all"), default="small")
    parser.add_argument("--only", help="tasks whose name holds these words")
    parser.add_argument("--ours", action="store_true", help="leave the peers out")
    parser.add_argument("--restarts", action="store_true", help="k-means from ten starts")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    python = peer_python(options.peers)
    results: dict[str, Any] = {"tasks": []}
    if options.json and options.json.exists():
        results = json.loads(options.json.read_text())
    if options.only in (None, "growth") and not (options.restarts or "growth" in results):
        results |= {"first_call": first_call(), "growth": growth()}
        print(json.dumps({k: results[k] for k in ("first_call", "growth")}, indent=1), flush=True)
        if options.json:
            options.json.write_text(json.dumps(results, indent=1) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        sizes = SMALL if options.sizes == "small" else SMALL + LARGE
        for task in tasks_of(sizes, Path(folder), python, options.restarts):
            if options.only and options.only not in task["name"]:
                continue
            if any(row["task"] == task["name"] for row in results["tasks"]):
                continue
            done = [ours(task, precision, jobs) for precision, jobs in SETTINGS]
            if task["kind"] == "kmeans" and task["starts"] == 1:
                done.append(ours({**task, "starts": 10, "steps": STEPS}, "float32", 1))
            if task["starts"] > 1:  # what fits into the time of one start of the others
                done.append(ours({**task, "starts": 2 * task["starts"]}, "float32", 1))
            large = task["kind"] == "pairwise" and task["large"]
            for peer in () if options.ours else PEERS:
                if task["kind"] == "kmeans" and peer in ONLY_DISTANCES:
                    continue
                known = scaled(results["tasks"], peer, task) if large else None
                if not large or known is not None:
                    done.append(known or of_peer(python, peer, task, Path(folder)))
            rows = compared(task, done)
            if task["kind"] == "kmeans" and task["starts"] == 1:
                rows += [until(task, row) for row in rows if row["package"] in PEERS]
            results["tasks"] += rows
            for row in rows:
                print(json.dumps(row), flush=True)
            if options.json:
                results["made"] = time.strftime("%Y-%m-%d")
                options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
