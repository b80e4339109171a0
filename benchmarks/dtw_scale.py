"""DTW clustering of regions that outgrow memory: time, memory, resuming, loss.

    python benchmarks/dtw_scale.py [--series 20000] [--many 200000] [--kmeans]
        [--json dtw_scale.json]

Four questions, each answered in processes of their own, whose peak of memory the system
says (Linux). The memory of a process that has done the same on 64 series is taken off:
what is left is what the setting `memory_mb` bounds.

- *matrix*: all distances on disk, for growing numbers of series. Seconds of processor
  per cell of the small ones predict those of the largest, and of `--many` series, whose
  matrix would not fit on most disks.
- *resume*: a process is killed in the midst of a matrix; the next goes on, and the bytes
  are compared with those of an undisturbed one.
- *medoids*: k-medoids on the matrix of a quarter of the series, read from disk.
- *kmeans*: mini-batches against whole k-means (three k-means++ starts): inertia of both,
  and the loss; then `--many` series, read from a file. With `--kmeans` this alone is done.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from termini.cluster import DTWKMeans, DTWKMedoids, DTWMiniBatchKMeans, dtw_distances_on_disk
from termini.cluster.distance_window import Window

CLUSTERS = 5
#: Batches, full passes, size of the sample and starts on it that are compared.
ROUTES = [
    (50, 1, 2000, 10),
    (50, 1, 2000, 3),
    (0, 0, 2000, 10),
    (50, 5, 2000, 10),
    (50, 1, 500, 10),
]


def cells(n: int, length: int, band: int) -> float:
    """Cells of all matrices of n series."""
    lo, hi = Window(radius=band).rows(length, length)
    return n * (n + 1) / 2 * float((hi - lo).sum())


def saved(folder: Path, n: int, length: int) -> Path:
    """File of series, written a part at a time."""
    path = folder / f"{n}x{length}.npy"
    if not path.exists():
        out = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=(n, length))
        step = 10_000
        for first in range(0, n, step):
            out[first : first + step] = _part(min(step, n - first), length, first)
    return path


def _part(n: int, length: int, seed: int) -> NDArray[np.float64]:
    """Series about five shapes, as in `dtw.py`; others for each seed."""
    shapes = made_shapes(length)
    rng = np.random.default_rng([seed, 7])
    x = shapes[rng.integers(CLUSTERS, size=n)] + rng.normal(size=(n, length)).cumsum(axis=1) * 0.7
    return np.asarray((x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True))


def made_shapes(length: int) -> NDArray[np.float64]:
    return np.random.default_rng(0).normal(size=(CLUSTERS, length)).cumsum(axis=1)


def child(task: dict[str, Any]) -> dict[str, Any]:
    """Seconds and results of one task, in this process."""
    x = np.load(task["file"], mmap_mode="r")
    small = np.array(x[:64])
    out = Path(task["out"])
    _run(task, small, out.with_name(f"warm-{os.getpid()}.npy"))
    before = memory_now()
    wall, used = time.perf_counter(), time.process_time()
    found = _run(task, x, out)
    return {
        **found,
        "wall": time.perf_counter() - wall,
        "processor": time.process_time() - used,
        "memory_mb": (memory_peak() - before) / 1e6,
    }


def memory_now() -> int:
    """Bytes of this process; the peak is counted anew from here."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def memory_peak() -> int:
    return _status("VmHWM")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


def _run(task: dict[str, Any], x: Any, out: Path) -> dict[str, Any]:
    kind, band = task["kind"], task["band"]
    if kind == "matrix":
        dtw_distances_on_disk(x, out, band=band, memory_mb=task["memory"], n_jobs=task["jobs"])
        return {}
    if kind == "medoids":
        matrix = np.load(out, mmap_mode="r") if len(x) > 64 else np.abs(x[:64, :64])
        model = DTWKMedoids(CLUSTERS, metric="precomputed").fit(matrix)
        return {"inertia": model.inertia_}
    if kind == "whole":
        model = DTWKMeans(CLUSTERS, band=band, n_jobs=task["jobs"], random_state=0).fit(x)
        return {"inertia": model.inertia_, "iterations": model.n_iter_}
    batches, passes, sample, starts = task["route"]
    model = DTWMiniBatchKMeans(
        CLUSTERS, batches, sample_size=sample, full_passes=passes, n_init=starts,
        memory_mb=task["memory"], band=band, n_jobs=task["jobs"], random_state=0,
    ).fit(x)  # fmt: skip
    return {"inertia": model.inertia_, "batches": model.n_iter_}


def in_process(task: dict[str, Any]) -> dict[str, Any]:
    """One task in a process of its own."""
    run = subprocess.run(
        [sys.executable, __file__, "--task", json.dumps(task)], capture_output=True, text=True
    )
    if run.returncode:
        raise RuntimeError(run.stderr[-2000:])
    return dict(json.loads(run.stdout.splitlines()[-1]))


def matrices(task: dict[str, Any], sizes: list[int], many: int, folder: Path) -> dict[str, Any]:
    """Measured times and memory; the model's, from all sizes but the largest."""
    length, band, rows = task["length"], task["band"], []
    for n in sizes:
        out = folder / f"matrix-{n}.npy"
        found = in_process(
            {**task, "kind": "matrix", "file": str(saved(folder, n, length)), "out": str(out)}
        )
        rows.append({"series": n, "cells": cells(n, length, band), **found})
        print(json.dumps(rows[-1]), flush=True)
        if n == sizes[-1]:
            out.unlink()
    small = rows[:-1]
    design = np.array([[row["cells"], 1.0] for row in small])
    cost = np.linalg.lstsq(design, np.array([row["processor"] for row in small]), rcond=None)[0]
    model = {
        "seconds_per_cell": float(cost[0]),
        "seconds_fixed": float(cost[1]),
        "predicted": float(cost[0] * rows[-1]["cells"] + cost[1]),
        "measured": rows[-1]["processor"],
        "many": many,
        "many_hours": float(cost[0] * cells(many, length, band) / 3600),
        "many_gb": many**2 * 4 / 1e9,
    }
    return {"measured": rows, "model": model}


def resumed(task: dict[str, Any], n: int, folder: Path) -> dict[str, Any]:
    """Kill a matrix in the midst, go on, compare."""
    file, out = saved(folder, n, task["length"]), folder / "killed.npy"
    job = {**task, "kind": "matrix", "file": str(file), "out": str(out), "memory": 8}
    process = subprocess.Popen(
        [sys.executable, __file__, "--task", json.dumps(job)], stdout=subprocess.DEVNULL
    )
    journal = out.with_name(out.name + ".tiles")
    while process.poll() is None and not (
        journal.exists() and len(journal.read_text().splitlines()) >= 5
    ):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = len(journal.read_text().splitlines()) if journal.exists() else -1  # -1: came too late
    found = in_process(job)
    whole = folder / "whole.npy"
    in_process({**job, "out": str(whole)})
    same = out.read_bytes() == whole.read_bytes()
    return {"series": n, "tiles_at_kill": done, "same_bytes": same, **found}


def on_disk(task: dict[str, Any], n: int, many: int, folder: Path) -> dict[str, Any]:
    """Matrices, k-medoids on one, and one that was killed."""
    quarter = {
        "file": str(saved(folder, n // 4, task["length"])),
        "out": str(folder / f"matrix-{n // 4}.npy"),
    }
    results: dict[str, Any] = {}
    results["matrix"] = matrices(task, [n // 16, n // 8, n // 4, n], many, folder)
    print(json.dumps(results["matrix"]["model"]), flush=True)
    medoids = in_process({**task, **quarter, "kind": "medoids"})
    results["medoids"] = {"series": n // 4, **medoids}
    results["resume"] = resumed(task, n // 4, folder)
    print(json.dumps({name: results[name] for name in ("medoids", "resume")}), flush=True)
    return results


def routes(task: dict[str, Any], n: int, many: int, folder: Path) -> list[dict[str, Any]]:
    """Whole k-means, then mini-batches and what they lose."""
    file = str(saved(folder, n, task["length"]))
    common = {**task, "file": file, "out": str(folder / "none.npy")}
    whole = in_process({**common, "kind": "whole"})
    rows = [{"series": n, "route": "whole, 3 starts", **whole, "loss": 0.0}]
    print(json.dumps(rows[-1]), flush=True)
    for route in ROUTES:
        found = in_process({**common, "kind": "batches", "route": route})
        loss = found["inertia"] / whole["inertia"] - 1.0
        rows.append({"series": n, "route": _words(route), **found, "loss": loss})
        print(json.dumps(rows[-1]), flush=True)
    common["file"] = str(saved(folder, many, task["length"]))
    found = in_process({**common, "kind": "batches", "route": ROUTES[0]})
    rows.append({"series": many, "route": _words(ROUTES[0]), **found})
    print(json.dumps(rows[-1]), flush=True)
    return rows


def _words(route: tuple[int, int, int, int]) -> str:
    return (
        f"sample of {route[2]} from {route[3]} starts, at most {route[0]} batches, "
        f"{route[1]} full passes"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=20_000)
    parser.add_argument("--many", type=int, default=200_000)
    parser.add_argument("--length", type=int, default=120)
    parser.add_argument("--band", type=int, default=12)
    parser.add_argument("--memory", type=float, default=256.0, help="the setting, 10^6 bytes")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--kmeans", action="store_true", help="k-means alone")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--task", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        print(json.dumps(child(json.loads(options.task))))
        return
    task = {
        "length": options.length,
        "band": options.band,
        "memory": options.memory,
        "jobs": options.jobs,
    }
    n = options.series
    results: dict[str, Any] = {"setting": task}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not options.kmeans:
            results |= on_disk(task, n, options.many, folder)
        results["kmeans"] = routes(task, n, options.many, folder)
    if options.json:
        results["made"] = time.strftime("%Y-%m-%d")
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
