"""Speed and exactness of the series engine, beside other ways to the same numbers.

Curved fjords of 1,200 vertices with fronts of 150 vertices as a detector gives them:
rough, some short of a wall, some weaving across one, some crossing themselves, and one
in a thousand tangled so that GEOS has to measure it. Fronts are read from GeoParquet,
measured and written some glaciers at a time, in processes of their own, as `termini series`
does it, without screening. The peers measure
a sample of the same fronts in the same run:

- split: shapely's split of the fjord, the piece that touches the gate (box method); for
  area alone, for area and curvilinear box, and with the crossings of the centreline and of
  51 flowlines besides, which is all that the engine measures;
- polygonize: fjord outline and front noded and polygonised, the face at the gate;
- the exact answer of `measure_trace`, all measures with GEOS;
- a retreat along the centreline as TermPicks has it: points each 30 m, nearest
  centreline vertex of each, mean;
- signed area between successive fronts as AutoTerm has it, summed.

    python benchmarks/series.py [--glaciers 295] [--traces 946] [--workers 2]
        [--only-whole] [--json PATH]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from series_peers import MEASURES, peers
from series_world import world

from termini.catalog import observations_dataset, write_netcdf
from termini.domain import GlacierDomain, read_domains, write_domains
from termini.files import write_text
from termini.fronttable import write_fronts
from termini.geo import to_plane
from termini.series import ObservationSettings, observe
from termini.series.engine import engine_of, measure_packed
from termini.series.engine_plane import pack
from termini.series.kernels_lay import HARD
from termini.series.kernels_trace import AREA, STATUS
from termini.series.layout import lay_front
from termini.series.measure import measure_trace
from termini.series.stream_parts import SeriesJob, measure_in_parts
from termini.series.upstream import upstream_area


def exactness(
    fronts: gpd.GeoDataFrame, domains: dict[str, GlacierDomain], glaciers: int, each: int
) -> dict[str, float]:
    """Largest difference from GEOS over traces of some glaciers."""
    worst, furthest, hard, seen = 0.0, 0.0, 0, 0
    settings = ObservationSettings()
    for glacier_id in list(domains)[:glaciers]:
        engine = engine_of(domains[glacier_id], ("area",), settings)
        mine = fronts[fronts["glacier_id"] == glacier_id].geometry.to_numpy()[:each]
        traces = measure_packed(engine, pack(mine), "EPSG:3413", settings)
        for k, line in enumerate(mine):
            seen += 1
            if traces.numbers[k, STATUS] == HARD:
                hard += 1
                continue
            # the same points in the plane, so that only areas are compared
            xy = traces.xy[traces.offsets[k] : traces.offsets[k + 1]] + engine.origin
            moved = shapely.get_coordinates(to_plane(line, "EPSG:3413", engine.plane))
            away = min(np.abs(xy - m).max() for m in (moved, moved[::-1]))
            furthest = max(furthest, float(away))
            front = lay_front(engine.frame, [xy])
            if front is not None and np.isfinite(traces.values[k, AREA]):
                area, _ = upstream_area(engine.frame, front.path)
                worst = max(worst, abs(area - traces.values[k, AREA]))
    return {"traces": seen, "left_to_geos": hard, "largest_difference_m2": worst,
            "largest_distance_from_proj_m": furthest}  # fmt: skip


def compute(
    fronts: gpd.GeoDataFrame, domains: dict[str, GlacierDomain], workers: int
) -> dict[str, float]:
    """Seconds for all measures from packed arrays, frames and projection included."""
    settings = ObservationSettings()
    packed = {
        str(glacier_id): pack(part.geometry.to_numpy())
        for glacier_id, part in fronts.groupby("glacier_id", sort=False)
    }

    def one(glacier_id: str) -> int:
        engine = engine_of(domains[glacier_id], MEASURES, settings)
        traces = measure_packed(engine, packed[glacier_id], "EPSG:3413", settings)
        return int((traces.numbers[:, STATUS] == HARD).sum())

    started, busy = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(workers) as pool:
        hard = sum(pool.map(one, packed))
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds, "cpu_s": time.process_time() - busy,
        "traces_s": len(fronts) / seconds, "left_to_geos": hard,
    }  # fmt: skip


def linearity(vertices: int) -> list[dict[str, float]]:
    """Processor time of all measures for more traces, and for traces of more vertices.

    The least of five runs, without making the glaciers ready, which is done once for each.
    """
    settings, rows = ObservationSettings(), []
    for traces, points in (
        *((n, vertices) for n in (125, 250, 500, 1000)),
        *((250, k * vertices) for k in (2, 4, 8)),
    ):
        fronts, domains = world(8, traces, points)
        lines = [part.to_numpy() for _, part in fronts.geometry.groupby(fronts["glacier_id"])]
        packed = [pack(part) for part in lines]
        engines = [engine_of(domains[name], MEASURES, settings) for name in sorted(domains)]
        spent = []
        for _ in range(5):
            started = time.process_time()
            for engine, part in zip(engines, packed, strict=True):
                measure_packed(engine, part, "EPSG:3413", settings)
            spent.append(time.process_time() - started)
        each = 1e6 * min(spent) / len(fronts)
        rows.append({"traces": len(fronts), "vertices": points, "us_a_trace": each,
                     "ns_a_vertex": 1e3 * each / points})  # fmt: skip
    return rows


def tangled(fronts: gpd.GeoDataFrame, domains: dict[str, GlacierDomain]) -> dict[str, float]:
    """What the fronts cost that the engine leaves to GEOS, on some glaciers."""
    settings, seconds, count = ObservationSettings(), 0.0, 0
    for glacier_id in list(domains)[:40]:
        engine = engine_of(domains[glacier_id], MEASURES, settings)
        mine = fronts.loc[fronts["glacier_id"] == glacier_id].geometry.to_numpy()
        traces = measure_packed(engine, pack(mine), "EPSG:3413", settings)
        for k in np.flatnonzero(traces.numbers[:, STATUS] == HARD):
            started = time.perf_counter()
            line = to_plane(mine[k], "EPSG:3413", engine.plane)
            measure_trace(
                engine.frame, engine.ribbon, line, MEASURES, settings, bundle=engine.bundle
            )
            seconds, count = seconds + time.perf_counter() - started, count + 1
    return {"fronts": count, "ms_each": 1e3 * seconds / max(count, 1)}


def whole(folder: Path, workers: int) -> dict[str, float]:
    """Seconds for everything from file to release, and memory; in a process of its own."""
    started = time.perf_counter()
    together, ended = [0.0], threading.Event()
    threading.Thread(target=_watch_memory, args=(together, ended), daemon=True).start()
    job = SeriesJob(
        folder / "fronts.parquet", folder / "domains.parquet", "2026-01-01", MEASURES,
        screened=False,
    )  # fmt: skip
    parts = measure_in_parts(job, folder / "parts", workers=workers)
    found = {"read_and_measure_s": time.perf_counter() - started}
    with parts.writing(folder / "measured.parquet", folder / "observations.parquet"):
        domains = read_domains(folder / "domains.parquet")
        observed, traces = parts.observed(coded=True), parts.table(["trace_id"])
        dataset = observations_dataset(observed, traces, domains)
        write_netcdf(dataset, folder / "observations.nc", title="made up", date="2026-01-01")
        found["netcdf_s"] = time.perf_counter() - started - sum(found.values())
    found["tables_after_it_s"] = time.perf_counter() - started - sum(found.values())
    found["seconds"] = time.perf_counter() - started
    found["observations"] = parts.number_observed()
    mine, theirs = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    found["cpu_s"] = sum(mine[:2]) + sum(theirs[:2])
    found["peak_memory_gb"] = _memory()
    ended.set()
    found["peak_memory_with_workers_gb"] = together[0]
    return found


def _watch_memory(most: list[float], ended: threading.Event) -> None:
    """Most memory that this process and its workers held together, GB; 0 without /proc."""
    proc = Path("/proc")
    while not ended.wait(0.1) and Path("/proc/self/status").exists():
        held, numbers = 0.0, [str(os.getpid())]
        for threads in Path("/proc/self/task").glob("*/children"):
            with suppress(OSError):
                numbers += threads.read_text().split()
        for number in numbers:
            with suppress(OSError):
                lines = (proc / number / "status").read_text().splitlines()
                held += sum(float(x.split()[1]) for x in lines if x.startswith("VmRSS")) / 1e6
        most[0] = max(most[0], held)


def _memory() -> float:
    """Most memory that this process held, GB; getrusage counts its parent's too."""
    status = Path("/proc/self/status")
    if status.exists():
        held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(held.split()[1]) / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def alone(function: Callable[..., dict[str, float]], *arguments: Any) -> dict[str, float]:
    """Call a function in a fresh process."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--glaciers", type=int, default=295)
    parser.add_argument("--traces", type=int, default=946, help="for each glacier")
    parser.add_argument("--vertices", type=int, default=150)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sample", type=int, default=200, help="traces that the peers measure")
    parser.add_argument("--only-whole", action="store_true", help="only from file to release")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    small, few = world(2, 40, options.vertices)
    started = time.perf_counter()
    observe(small, few, MEASURES, workers=1)
    figures: dict[str, Any] = {"first_call_s": time.perf_counter() - started}
    fronts, domains = world(options.glaciers, options.traces, options.vertices)
    figures["traces"] = len(fronts)
    if not options.only_whole:
        figures |= in_memory(fronts, domains, options)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_fronts(fronts, folder / "fronts.parquet")
        write_domains(domains.values(), folder / "domains.parquet")
        del fronts
        figures["whole"] = alone(whole, folder, options.workers)
        print(f"\n{figures['traces']} traces, {options.glaciers} glaciers, file to release")
        print(pd.Series(figures["whole"]).round(2).to_string())
    if options.json:
        write_text(options.json, json.dumps(figures, indent=1) + "\n")


def in_memory(
    fronts: gpd.GeoDataFrame, domains: dict[str, GlacierDomain], options: argparse.Namespace
) -> dict[str, Any]:
    """Peers, exactness and speed on fronts that are in memory."""
    figures: dict[str, Any] = {"peers": peers(fronts, domains, options.sample)}
    print(pd.DataFrame(figures["peers"]).round(0).to_string(index=False))
    rates = {row["way"]: row["traces_s"] for row in figures["peers"]}
    figures["times_as_fast"] = {
        what: rates[f"engine, {what}"] / rates[f"shapely split, {what}"]
        for what in ("area, box, centreline, 51 flowlines", "area and box")
    }
    print(pd.Series(figures["times_as_fast"]).round(1).to_string())
    figures["exactness"] = exactness(fronts, domains, min(20, options.glaciers), 50)
    print(pd.Series(figures["exactness"]).to_string())
    figures["compute"] = compute(fronts, domains, options.workers)
    print(f"\nmeasures from packed arrays, {options.workers} workers")
    print(pd.Series(figures["compute"]).round(2).to_string())
    figures["linearity"] = linearity(options.vertices)
    print("\ncost of more traces and of more vertices, one thread")
    print(pd.DataFrame(figures["linearity"]).round(1).to_string(index=False))
    figures["tangled"] = tangled(fronts, domains)
    print("\nfronts left to GEOS")
    print(pd.Series(figures["tangled"]).round(2).to_string())
    return figures


if __name__ == "__main__":
    main()
