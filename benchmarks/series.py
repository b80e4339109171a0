"""Speed and exactness of the series engine, beside other ways to the same numbers.

Curved fjords of 1,200 vertices with fronts of 150 vertices as a detector gives them:
rough, some short of a wall, some weaving across one, some crossing themselves. The
peers measure a sample of the same fronts in the same run:

- split: shapely's split of the fjord, the piece that touches the gate (box method);
- polygonize: fjord outline and front noded and polygonised, the face at the gate;
- the exact answer of `measure_trace`, all measures with GEOS;
- a retreat along the centreline as TermPicks has it: points each 30 m, nearest
  centreline vertex of each, mean;
- signed area between successive fronts as AutoTerm has it, summed.

    python benchmarks/series.py [--glaciers 295] [--traces 946] [--workers 2] [--json PATH]
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain
from termini.files import write_text
from termini.fronttable import front_table, read_fronts, write_fronts
from termini.geo import to_plane
from termini.series import ObservationSettings, observe
from termini.series.engine import engine_of, measure_packed
from termini.series.engine_plane import pack
from termini.series.frame import Frame, frame_of, ribbon
from termini.series.kernels_lay import HARD
from termini.series.kernels_trace import AREA, STATUS
from termini.series.layout import lay_front
from termini.series.measure import measure_trace
from termini.series.upstream import upstream_area

MEASURES = ("area", "length_area", "curvilinear_box", "centreline", "flowlines")
SHORT, WEAVING, CROSSED = 0.10, 0.05, 0.005


def fjord(number: int, rng: Any, walls: int = 600) -> tuple[GlacierDomain, Any, Any, float]:
    """A fjord that winds, with centreline points, their normals, and the width."""
    width, length = rng.uniform(2000, 8000), rng.uniform(15_000, 30_000)
    place = np.array([rng.uniform(-400_000, 500_000), rng.uniform(-3_000_000, -1_000_000)])
    along = np.linspace(0, length, walls)
    bend = rng.uniform(-1, 1) * along / length
    bend += rng.uniform(0.1, 0.35) * np.sin(along / length * 2 * np.pi + rng.uniform(0, 6))
    angle = rng.uniform(0, 2 * np.pi) + bend
    step = along[1]
    centre = place + np.cumsum(step * np.column_stack([np.cos(angle), np.sin(angle)]), axis=0)
    normal = np.column_stack([-np.sin(angle), np.cos(angle)])
    rough = [0.03 * width * np.convolve(rng.normal(size=walls + 20), np.ones(21) / 4.6, "valid")
             for _ in range(2)]  # fmt: skip
    left = centre + (width / 2 + rough[0])[:, None] * normal
    right = centre - (width / 2 + rough[1])[:, None] * normal
    domain = GlacierDomain(
        glacier_id=f"made:{number}", name="made up",
        fjord=Polygon(np.vstack([left[0], right, left[:0:-1]])),
        gate=LineString([left[0], right[0]]), left_wall=LineString(left),
        right_wall=LineString(right), centreline=LineString(centre[::2]), reference_width=width,
    )  # fmt: skip
    return domain, centre, normal, width


def fronts_of(
    centre: Any, normal: Any, width: float, count: int, vertices: int, rng: Any
) -> list[LineString]:
    """Fronts that move along a fjord, as a detector would trace them."""
    at = np.linspace(0.65, 0.4, count) * len(centre) + 8 * np.sin(np.arange(count) * 0.4)
    lines = []
    for k in range(count):
        share = np.linspace(1.15, -1.15, vertices)
        kind = rng.random()
        if kind < SHORT:
            share = np.linspace(*((0.7, -1.15) if kind < SHORT / 2 else (1.15, -0.8)), vertices)
        wave = 0.08 * width * np.sin(np.pi * (share + 1) / 2) + rng.normal(0, 0.003 * width)
        i = int(at[k])
        xy = centre[i] + share[:, None] * width / 2 * normal[i]
        flow = np.array([normal[i][1], -normal[i][0]])
        noise = np.convolve(rng.normal(0, 20, vertices + 4), np.ones(5) / 5, "valid")
        xy = xy + (wave + noise)[:, None] * flow
        if SHORT <= kind < SHORT + WEAVING:
            # out through the left wall and back
            n = vertices // 10
            out = 0.5 * width * (1.12 - 0.25 * np.abs(np.sin(np.linspace(0, 6, n))))
            head = centre[i] + out[:, None] * normal[i]
            head = head + np.linspace(0.12 * width, 0.02 * width, n)[:, None] * flow
            xy = np.vstack([head, xy[n:]])
        elif SHORT + WEAVING <= kind < SHORT + WEAVING + CROSSED:
            # a loop, as where a detector's line runs back over itself
            s = np.linspace(-3.0, 3.0, 14)[:, None]
            loop = (30 * s - 70 * np.sin(s)) * -normal[i] + (70 * np.cos(s)) * flow
            head, tail = xy[70] - loop[0], xy[70] - loop[0] + loop[-1]
            xy = np.vstack([xy[:70], head + loop, xy[84:] + 0.2 * (tail - xy[83])])
        lines.append(LineString(xy if k % 2 else xy[::-1]))
    return lines


def world(
    glaciers: int, traces: int, vertices: int, seed: int = 1
) -> tuple[gpd.GeoDataFrame, dict[str, GlacierDomain]]:
    rng = np.random.default_rng(seed)
    domains, lines, ids = {}, [], []
    for number in range(glaciers):
        domain, centre, normal, width = fjord(number, rng)
        domains[domain.glacier_id] = domain
        lines += fronts_of(centre, normal, width, traces, vertices, rng)
        ids += [domain.glacier_id] * traces
    days = pd.Timestamp("1985-01-01") + pd.to_timedelta(
        np.tile(np.linspace(0, 14_600, traces).astype(int), glaciers), "D"
    )
    rows = gpd.GeoDataFrame(
        {"glacier_id": ids, "date": days, "sensor": "Landsat-8", "source": "made up",
         "scene_id": np.arange(len(ids)).astype(str), "method": "network"},
        geometry=lines, crs="EPSG:3413",
    )  # fmt: skip
    return front_table(rows), domains


def by_split(frame: Frame, line: LineString) -> float:
    parts = shapely.ops.split(frame.fjord, line).geoms
    gate = LineString(frame.gate)
    return float(max(parts, key=lambda p: p.intersection(gate).length).area)


def by_polygonize(frame: Frame, line: LineString) -> float:
    noded = shapely.union_all([frame.fjord.exterior, line])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    gate = LineString(frame.gate)
    return float(max(faces, key=lambda p: p.intersection(gate).length).area)


def termpicks_like(frame: Frame, line: LineString) -> float:
    xy = shapely.get_coordinates(
        shapely.line_interpolate_point(line, np.arange(0, line.length, 30.0))
    )
    cut = len(xy) // 20
    xy = xy[cut : len(xy) - cut]
    centre = shapely.get_coordinates(frame.centreline)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(centre, axis=0).T))])
    return float(np.mean([along[np.argmin(np.hypot(*(centre - point).T))] for point in xy]))


def autoterm_like(before: LineString, line: LineString) -> float:
    ring = np.vstack([before.coords, line.coords[::-1]])
    noded = shapely.node(shapely.linestrings(np.vstack([ring, ring[:1]])))
    return float(sum(p.area for p in shapely.get_parts(shapely.polygonize([noded]))))


def rate(function: Callable[[int], Any], count: int) -> float:
    """Traces a second."""
    started = time.perf_counter()
    for k in range(count):
        function(k)
    return count / (time.perf_counter() - started)


def peers(
    fronts: gpd.GeoDataFrame, domains: dict[str, GlacierDomain], sample: int
) -> list[dict[str, Any]]:
    """Rates of the other ways, on the first traces of one glacier."""
    glacier_id = next(iter(domains))
    frame, plane = frame_of(domains[glacier_id])
    box = ribbon(frame, 0.5 * frame.width)
    settings = ObservationSettings()
    engine = engine_of(domains[glacier_id], MEASURES, settings)
    mine = fronts[fronts["glacier_id"] == glacier_id].geometry.to_numpy()[:sample]
    lines = [to_plane(line, "EPSG:3413", plane) for line in mine]
    n = len(lines)
    few = max(n // 10, 5)
    packed = pack(mine)
    measure_packed(engine, packed, "EPSG:3413", settings)

    def engine_rate(names: tuple[str, ...]) -> float:
        other = engine_of(domains[glacier_id], names, settings)
        times = 10
        return n * rate(lambda k: measure_packed(other, packed, "EPSG:3413", settings), times)

    return [
        {"way": "engine, area only", "traces_s": engine_rate(("area",))},
        {"way": "engine, area, box, centreline, 51 flowlines", "traces_s": engine_rate(MEASURES)},
        {"way": "shapely split (area)", "traces_s": rate(lambda k: by_split(frame, lines[k]), n)},
        {"way": "shapely polygonize (area)",
         "traces_s": rate(lambda k: by_polygonize(frame, lines[k]), n)},
        {"way": "shapely split, area and box",
         "traces_s": rate(lambda k: (by_split(frame, lines[k]), by_split(box, lines[k])), n)},
        {"way": "GEOS reference, all measures",
         "traces_s": rate(lambda k: measure_trace(
             frame, box, lines[k], MEASURES, settings, bundle=engine.bundle), few)},
        {"way": "TermPicks-like", "traces_s": rate(lambda k: termpicks_like(frame, lines[k]), few)},
        {"way": "AutoTerm-like",
         "traces_s": rate(lambda k: autoterm_like(lines[k], lines[(k + 1) % n]), n)},
    ]  # fmt: skip


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

    started = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        hard = sum(pool.map(one, packed))
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "traces_s": len(fronts) / seconds, "left_to_geos": hard}


def whole(path: Path, domains: dict[str, GlacierDomain], workers: int) -> dict[str, float]:
    """Seconds for everything, with reading and writing."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        table = read_fronts(path)
        found["read_s"] = time.perf_counter() - started
        started = time.perf_counter()
        observations, _ = observe(table, domains, MEASURES, workers=workers)
        found["observe_s"] = time.perf_counter() - started
        started = time.perf_counter()
        observations.to_parquet(Path(folder) / "observations.parquet")
        found["write_s"] = time.perf_counter() - started
    found["observations"] = len(observations)
    found["traces_s"] = len(table) / found["observe_s"]
    found["peak_memory_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--glaciers", type=int, default=295)
    parser.add_argument("--traces", type=int, default=946, help="for each glacier")
    parser.add_argument("--vertices", type=int, default=150)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sample", type=int, default=200, help="traces that the peers measure")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    small, few = world(2, 40, options.vertices)
    started = time.perf_counter()
    observe(small, few, MEASURES, workers=1)
    figures: dict[str, Any] = {"first_call_s": time.perf_counter() - started}
    fronts, domains = world(options.glaciers, options.traces, options.vertices)
    figures["traces"] = len(fronts)
    figures["peers"] = peers(fronts, domains, options.sample)
    print(pd.DataFrame(figures["peers"]).round(0).to_string(index=False))
    figures["exactness"] = exactness(fronts, domains, min(20, options.glaciers), 50)
    print(pd.Series(figures["exactness"]).to_string())
    figures["compute"] = compute(fronts, domains, options.workers)
    print(f"\nmeasures from packed arrays, {options.workers} workers")
    print(pd.Series(figures["compute"]).round(2).to_string())
    with tempfile.TemporaryDirectory() as folder:
        path = write_fronts(fronts, Path(folder) / "fronts.parquet")
        del fronts
        figures["peak_memory_before_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        figures["whole"] = whole(path, domains, options.workers)
    print(f"\n{figures['traces']} traces, {options.glaciers} glaciers, {options.workers} workers")
    print(pd.Series(figures["whole"]).round(2).to_string())
    if options.json:
        write_text(options.json, json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
