"""Growth of time with N, T and k, and the first call of a process, for `dtw.py`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import Any

import numpy as np
from dtw_peers import timed

from termini.cluster import DTWKMeans, dtw_distances

#: Shapes of the series that are made.
CLUSTERS = 5


def made_series(n: int, length: int, seed: int = 0) -> np.ndarray:
    """Random walks about five shapes, each scaled to unit variance."""
    rng = np.random.default_rng(seed)
    shapes = rng.normal(size=(CLUSTERS, length)).cumsum(axis=1)
    x = shapes[rng.integers(CLUSTERS, size=n)] + rng.normal(size=(n, length)).cumsum(axis=1) * 0.7
    return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)


def first_call() -> dict[str, float]:
    """Seconds of the first k-means of a new process, kernels on disk or not; import apart."""
    code = (
        "import time; from time import process_time as used; a = time.perf_counter(), used(); "
        "from termini.cluster import DTWKMeans; "
        "import numpy as np; b = time.perf_counter(), used(); "
        "x = np.random.default_rng(0).normal(size=(60, 40)).cumsum(1); "
        "DTWKMeans(3, random_state=0).fit(x); c = time.perf_counter(), used(); "
        "print(b[0] - a[0], b[1] - a[1], c[0] - b[0], c[1] - b[1])"
    )
    found = {}
    with tempfile.TemporaryDirectory() as cache:
        for name, extra in (("warm", {}), ("cold", {"NUMBA_CACHE_DIR": cache})):
            run = subprocess.run(
                [sys.executable, "-c", code], env={**os.environ, **extra}, capture_output=True,
                text=True, check=True,
            )  # fmt: skip
            for k, seconds in enumerate(map(float, run.stdout.split())):
                what = f"{('import', 'first fit')[k // 2]}, {name}"
                found[what + (", processor" if k % 2 else "")] = seconds
    return found


def growth() -> dict[str, Any]:
    """Exponents of processor time in N, T and k."""
    found = {}
    grid = {
        "pairwise N": [(n, 120, None) for n in (200, 400, 800)],
        "pairwise T": [(200, t, None) for t in (100, 200, 400)],
        "kmeans N": [(n, 120, 4) for n in (400, 800, 1600)],
        "kmeans T": [(200, t, 4) for t in (100, 200, 400)],
        "kmeans k": [(400, 120, k) for k in (2, 4, 8)],
    }
    for name, cases in grid.items():
        seconds, by = [], []
        for n, length, k in cases:
            x = made_series(n, length)
            if k is None:
                _, used, _ = timed(lambda x=x: dtw_distances(x, precision="float32"), 3)
            else:
                model = DTWKMeans(k, 5, -1.0, init=x[:k], n_init=1, random_state=0)
                _, used, _ = timed(lambda x=x, m=model: m.fit(x), 3)
            seconds.append(float(np.median(used)))
            by.append({"N": n, "T": length, "k": k}[name[-1]])
        slope = np.polyfit(np.log(by), np.log(seconds), 1)[0]
        found[name] = {"sizes": by, "seconds": seconds, "exponent": float(slope)}
    return found
