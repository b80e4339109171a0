"""Scenes of 512 x 512 pixels a second, from the file to the judged line, stage by stage.

Simulated scenes are written as pictures and extracted one by one in one process, each
stage timed: reading, normalising and screening, the network, the line, quality (failure
detector and errors), and drawing the line again at the scene's own pixel. Then as many
processes as `extract_batch` has workers, one thread each, do the same scenes side by side,
from a common start after a warm-up; what counts is all their scenes over the time of the
slowest. The machine's load before each pixel size is given too: one that was idle before
the first has 0. At the working resolution (50 m) the network has most to do and nothing is
drawn again; with finer pixels (20 m) it is the other way round.

    python benchmarks/extract.py [--scenes 24] [--rounds 2] [--pixels 50 20] [--workers 2]
        [--json PATH]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rasterio
import shapely
from rasterio.errors import NotGeoreferencedWarning

import termini.fronts.extract as extract_module
import termini.segment as segment
from termini.errors import TerminiError
from termini.files import write_text
from termini.fronts.vector.maps import outlines
from termini.scenes import read_scene
from termini.simulate import training_scene

SIDE = 512
FIRST_SEED = 700_000
PIXELS = (50.0, 20.0)


def made_scenes(folder: Path, count: int, pixel: float) -> list[tuple[Path, shapely.Polygon]]:
    """Pictures and their fjords."""
    found = []
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        scene = training_scene(seed, (SIDE, SIDE), pixel=pixel)
        path = folder / f"LC08_20150801_{seed}.png"
        profile = {"driver": "PNG", "width": SIDE, "height": SIDE, "count": 1, "dtype": "uint8"}
        with rasterio.open(path, "w", **profile) as file:
            file.write(scene.image, 1)
        fjord = max(outlines(scene.fjord), key=lambda part: part.area)
        found.append((path, fjord))
    return found


class Clock:
    """Seconds spent in named functions, those within others taken off."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner = [0.0]

    def wrap(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function with its time taken under a name."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._inner.append(0.0)
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                spent = time.perf_counter() - start
                self.seconds[name] += spent - self._inner.pop()
                self._inner[-1] += spent

        return timed


def timed_run(
    scenes: list[tuple[Path, shapely.Polygon]], pixel: float, network: Any, clock: Clock
) -> tuple[int, float]:
    """Fronts found and seconds, every stage on the clock."""
    names = {
        "normalise": "normalise, screen", "screen_scene": "normalise, screen",
        "vectorise": "line", "corner_walls": "walls", "assess": "quality",
        "front_row": "row", "raster_polygon": "walls", "rescale": "rescale",
        "refine_path": "drawn again",
    }  # fmt: skip
    kept = {name: getattr(extract_module, name) for name in names}
    predict = segment.predict
    for name, stage in names.items():
        setattr(extract_module, name, clock.wrap(stage, kept[name]))
    segment.predict = clock.wrap("network", predict)
    read = clock.wrap("read", read_scene)
    whole = clock.wrap("other", extract_module.extract_front)
    found = 0
    start = time.perf_counter()
    try:
        for path, fjord in scenes:
            try:
                whole(read(path, pixel_size=pixel), None, network, fjord=fjord)
                found += 1
            except TerminiError as error:
                print(f"  no front: {error}")
    finally:
        for name, function in kept.items():
            setattr(extract_module, name, function)
        segment.predict = predict
    return found, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=2, help="the fastest is given")
    parser.add_argument("--pixels", type=float, nargs="+", default=list(PIXELS), help="metres")
    parser.add_argument("--workers", type=int, default=2, help="processes side by side")
    parser.add_argument("--json", type=Path, help="write all figures here as well")
    a = parser.parse_args()
    network = segment.load_network()
    warnings.simplefilter("ignore", NotGeoreferencedWarning)
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    content = {
        f"{pixel:g} m": measured(pixel, a.scenes, a.rounds, network, a.workers)
        for pixel in a.pixels
    }
    if a.json:
        write_text(a.json, json.dumps(content, indent=2) + "\n")


def one_of_several(
    scenes: list[tuple[Path, shapely.Polygon]], pixel: float, start: Any, spent: Any
) -> None:
    """What each process does: a warm-up, then all scenes from the common start."""
    warnings.simplefilter("ignore", NotGeoreferencedWarning)
    network = segment.load_network()
    timed_run(scenes[:4], pixel, network, Clock())
    start.wait()
    spent.put(timed_run(scenes, pixel, network, Clock())[1])


def side_by_side(scenes: list[tuple[Path, shapely.Polygon]], pixel: float, workers: int) -> float:
    """Scenes a second of several processes together."""
    context = multiprocessing.get_context("spawn")
    start, spent = context.Barrier(workers), context.SimpleQueue()
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    parts = [
        context.Process(target=one_of_several, args=(scenes, pixel, start, spent))
        for _ in range(workers)
    ]
    for part in parts:
        part.start()
    slowest = max(spent.get() for _ in parts)
    for part in parts:
        part.join()
    if before is None:
        del os.environ["OMP_NUM_THREADS"]
    else:
        os.environ["OMP_NUM_THREADS"] = before
    return workers * len(scenes) / slowest


def measured(pixel: float, count: int, rounds: int, network: Any, workers: int) -> dict[str, Any]:
    """Scenes a second and the share of each stage, for scenes of one pixel size."""
    best: dict[str, Any] = {}
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        scenes = made_scenes(Path(folder), count, pixel)
        for _ in range(rounds + 1):  # the first warms up
            clock = Clock()
            found, seconds = timed_run(scenes, pixel, network, clock)
            if not best or seconds < best["seconds"]:
                best = {"seconds": seconds, "found": found, "stages": dict(clock.seconds)}
        together = side_by_side(scenes, pixel, workers)
    rate = count / best["seconds"]
    shares = {name: s / best["seconds"] for name, s in best["stages"].items()}
    print(f"{count} scenes of {SIDE} x {SIDE} at {pixel:g} m: {rate:.2f} a second in one process, "
          f"{together:.2f} in {workers} side by side; {best['found']} fronts")  # fmt: skip
    for name, share in sorted(shares.items(), key=lambda item: -item[1]):
        print(f"  {name:20s} {share:6.1%} {1000 * best['stages'][name] / count:7.1f} ms")
    return {
        "scenes": count, "side": SIDE, "scenes_per_second": round(rate, 3),
        "workers": workers, "scenes_per_second_together": round(together, 3),
        "load_before": load, "cores": os.cpu_count(), "half": network.half,
        "share": {k: round(v, 4) for k, v in shares.items()},
        "milliseconds": {k: round(1000 * v / count, 2) for k, v in best["stages"].items()},
    }  # fmt: skip


if __name__ == "__main__":
    main()
