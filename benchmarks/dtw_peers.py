"""The same DTW tasks in tslearn, aeon, dtaidistance and tsdistances, each timed in its own process.

Runs in the environment of the peers, without this package:

    python benchmarks/dtw_peers.py PEER TASKS.json

TASKS.json lists tasks (kind, file of series and starts, band, repeats, number of
k-means++ starts or 1 for the start given); the answers are printed as JSON, a line a
task. PEER may be "sets": then TASKS.json is a folder, into which the series that ship
with tslearn (Trace) and aeon (ArrowHead) are written.
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


def tslearn_kmeans(x: np.ndarray, start: np.ndarray, band: int | None, steps: int, starts: int) -> Any:  # fmt: skip # noqa: E501
    from tslearn.clustering import TimeSeriesKMeans

    params = None if band is None else {"sakoe_chiba_radius": band}
    model = TimeSeriesKMeans(
        len(start),
        metric="dtw",
        metric_params=params,
        max_iter=steps,
        n_init=starts,
        init=start[:, :, None] if starts == 1 else "k-means++",
        random_state=0,
    ).fit(x[:, :, None])
    return model.cluster_centers_[:, :, 0]


def aeon_pairwise(x: np.ndarray, band: int | None) -> np.ndarray:
    from aeon.distances import dtw_pairwise_distance

    window = None if band is None else min(1.0, band / x.shape[1])
    return np.sqrt(dtw_pairwise_distance(x, window=window))


def aeon_kmeans(x: np.ndarray, start: np.ndarray, band: int | None, steps: int, starts: int) -> Any:  # fmt: skip # noqa: E501
    from aeon.clustering import TimeSeriesKMeans

    params = {} if band is None else {"window": min(1.0, band / x.shape[1])}
    model = TimeSeriesKMeans(
        len(start),
        distance="dtw",
        averaging_method="ba",
        distance_params=params,
        average_params={"distance": "dtw", **params},
        init=start[:, None, :].copy() if starts == 1 else "kmeans++",
        max_iter=steps,
        n_init=starts,
        random_state=0,
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


def dtaidistance_kmeans(x: np.ndarray, start: np.ndarray, band: int | None, steps: int, starts: int) -> Any:  # fmt: skip # noqa: E501
    """Centres from the start, or of each of some draws: it has no restarts.

    It takes no starts either, so they are put where it would draw them. Its pool of
    processes is left out: one thread each, and their time would not be counted.
    """
    from dtaidistance.clustering.kmeans import KMeans

    options = Options({"use_c": True} if band is None else {"use_c": True, "window": band + 1})
    found = []
    for seed in range(starts):
        model = KMeans(
            k=len(start),
            max_it=steps,
            max_dba_it=10,
            dists_options=options,
            initialize_with_kmeanspp=True,
            show_progress=False,
        )
        if starts == 1:
            model.kmeansplusplus_centers = lambda _series: list(start)
        np.random.seed(seed)  # noqa: NPY002 (it draws from the global generator)
        model.fit(x, use_parallel=False)
        found.append([np.asarray(mean) for mean in model.means])
    return np.array(found)


def tsdistances_pairwise(x: np.ndarray, band: int | None) -> np.ndarray:
    from tsdistances import dtw_distance

    share = 1.0 if band is None else min(band / x.shape[1], 0.99)
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
        KMEANS[peer](small, small[:2].copy(), band, 2, 1)
        steps, starts = task["steps"], task["starts"]
        wall, processor, found = timed(
            lambda: KMEANS[peer](x, start.copy(), band, steps, starts), task["repeats"]
        )
    np.save(task["result"], found)
    return {**task, "peer": peer, "wall": wall, "processor": processor}


def write_sets(folder: str) -> None:
    """Series and labels that ship with the packages."""
    from aeon.datasets import load_arrow_head
    from tslearn.datasets import CachedDatasets

    a, a_type, b, b_type = CachedDatasets().load_dataset("Trace")
    x, types = np.concatenate([a, b])[:, :, 0], np.concatenate([a_type, b_type])
    np.savez(f"{folder}/Trace.npz", x=x, types=types)
    x, types = load_arrow_head()
    np.savez(f"{folder}/ArrowHead.npz", x=x[:, 0], types=types.astype(int))


def main() -> None:
    peer = sys.argv[1]
    if peer == "sets":
        write_sets(sys.argv[2])
        return
    with open(sys.argv[2]) as handle:
        tasks = json.load(handle)
    for task in tasks:
        print(json.dumps(answer(peer, task)), flush=True)


if __name__ == "__main__":
    main()
