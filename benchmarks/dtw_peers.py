"""The same DTW tasks in tslearn, aeon, dtaidistance and tsdistances, each timed in its own process.

Runs in the environment of the peers, without this package:

    python benchmarks/dtw_peers.py PEER TASKS.json

TASKS.json lists tasks (kind, file of series and starts, band, repeats); the answers
are printed as JSON, a line a task.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

warnings.simplefilter("ignore")
SEEDS = 5


def tslearn_pairwise(x: np.ndarray, band: int | None) -> np.ndarray:
    from tslearn.metrics import cdist_dtw

    return cdist_dtw(x, **({} if band is None else {"sakoe_chiba_radius": band}))


def tslearn_kmeans(x: np.ndarray, start: np.ndarray, band: int | None, steps: int) -> Any:
    from tslearn.clustering import TimeSeriesKMeans

    params = None if band is None else {"sakoe_chiba_radius": band}
    model = TimeSeriesKMeans(
        len(start), metric="dtw", metric_params=params, max_iter=steps, init=start[:, :, None]
    ).fit(x[:, :, None])
    return model.cluster_centers_[:, :, 0]


def aeon_pairwise(x: np.ndarray, band: int | None) -> np.ndarray:
    from aeon.distances import dtw_pairwise_distance

    window = None if band is None else min(1.0, band / x.shape[1])
    return np.sqrt(dtw_pairwise_distance(x, window=window))


def aeon_kmeans(x: np.ndarray, start: np.ndarray, band: int | None, steps: int) -> Any:
    from aeon.clustering import TimeSeriesKMeans

    params = {} if band is None else {"window": min(1.0, band / x.shape[1])}
    model = TimeSeriesKMeans(
        len(start),
        distance="dtw",
        averaging_method="ba",
        distance_params=params,
        average_params={"distance": "dtw", **params},
        init=start[:, None, :].copy(),
        max_iter=steps,
        n_init=1,
    ).fit(x[:, None, :])
    return np.asarray(model.cluster_centers_)[:, 0]


def dtaidistance_pairwise(x: np.ndarray, band: int | None) -> np.ndarray:
    from dtaidistance import dtw

    window = None if band is None else band + 1
    return dtw.distance_matrix_fast(x, window=window, parallel=False)


class Options(dict):
    """Options of dtaidistance, which reads them as a mapping and as attributes."""

    __getattr__ = dict.get
    __setattr__ = dict.__setitem__


def dtaidistance_kmeans(x: np.ndarray, start: np.ndarray, band: int | None, steps: int) -> Any:
    from dtaidistance.clustering.kmeans import KMeans

    options = Options({} if band is None else {"window": band + 1})
    model = KMeans(
        k=len(start),
        max_it=steps,
        max_dba_it=10,
        dists_options=options,
        initialize_with_kmeanspp=True,
        show_progress=False,
    )
    np.random.seed(0)  # noqa: NPY002 (it draws from the global generator)
    model.fit_fast(x)
    return np.array([np.asarray(mean) for mean in model.means])


def tsdistances_pairwise(x: np.ndarray, band: int | None) -> np.ndarray:
    from tsdistances import dtw_distance

    share = 1.0 if band is None else band / x.shape[1]
    return np.sqrt(dtw_distance(x, band=share, par=False))


PAIRWISE: dict[str, Callable[..., Any]] = {
    "tslearn": tslearn_pairwise,
    "aeon": aeon_pairwise,
    "dtaidistance": dtaidistance_pairwise,
    "tsdistances": tsdistances_pairwise,
}
KMEANS: dict[str, Callable[..., Any]] = {
    "tslearn": tslearn_kmeans,
    "aeon": aeon_kmeans,
    "dtaidistance": dtaidistance_kmeans,
}


def timed(work: Callable[[], Any], repeats: int) -> tuple[list[float], list[float], Any]:
    """Seconds of wall and of processor of each repeat, and the last result."""
    wall, processor, found = [], [], None
    for _ in range(repeats):
        started, used = time.perf_counter(), time.process_time()
        found = work()
        wall.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
    return wall, processor, found


def answer(peer: str, task: dict[str, Any]) -> dict[str, Any]:
    """Times of a task and a file with its result."""
    data = np.load(task["file"])
    x, start, band = data["x"], data["start"], task["band"]
    small = np.ascontiguousarray(x[:8, : min(20, x.shape[1])])
    if task["kind"] == "pairwise":
        PAIRWISE[peer](small, band)  # compiled before the clock starts
        wall, processor, found = timed(lambda: PAIRWISE[peer](x, band), task["repeats"])
    else:
        KMEANS[peer](small, small[:2].copy(), band, 2)
        steps = task["steps"]
        wall, processor, found = timed(
            lambda: KMEANS[peer](x, start.copy(), band, steps), task["repeats"]
        )
    np.save(task["result"], found)
    return {**task, "peer": peer, "wall": wall, "processor": processor}


def main() -> None:
    peer = sys.argv[1]
    with open(sys.argv[2]) as handle:
        tasks = json.load(handle)
    for task in tasks:
        print(json.dumps(answer(peer, task)), flush=True)


if __name__ == "__main__":
    main()
