"""Fronts of simulated regions like the demo's, with all that the failure detector goes by.

Scenes of all sensors at 45 m, seasons and weather as they come, the fjord known. Every tenth
scene is also seen with nothing but its water, and with nothing but its ice: a line drawn there
is wrong, wherever it lies. Regions keep their scenes, and tables what was found in them, so
that a second run makes nothing.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
import torch
from numpy.typing import NDArray
from scipy import ndimage

from termini.cli.runs import DEMO
from termini.domain import GlacierDomain, read_domains
from termini.errors import TerminiError
from termini.files import code_hash, make_folder, sha256, written_whole
from termini.fronts import extract_front
from termini.fronts.doubt_features import doubt_features
from termini.fronts.see import see
from termini.fronts.vector import take_maps, vectorise
from termini.fronts.vector.polygons import front_sides
from termini.fronts.walls import Walls, fjord_walls
from termini.pipeline import Context, make_config
from termini.pipeline.engine import run_stages
from termini.pipeline.parts import DOMAINS
from termini.pipeline.start import PLAN, first_stages, simulated_region
from termini.processes import end_with_parent
from termini.scenes import (
    Scene,
    domain_grid,
    fjord_raster,
    pixel_walls,
    read_scene,
    screen_scene,
)
from termini.segment import NETWORK_PIXEL, Network, load_network

#: Metres between the points of a front that are compared with the true one.
SPACING = 20.0
#: One scene in so many is seen without its ice, and without its water.
WITHOUT = 10
#: What a row says of a line where there is no front: farther off than any limit, metres.
NOWHERE = 10_000.0


def made_region(work: Path, seed: int, start: str, workers: int) -> Context:
    """A region with its scenes, made where they are not there yet."""
    folder = make_folder(work / f"seed-{seed}").resolve()
    document = {
        "run": {"seed": seed, "out": folder, "workers": workers},
        "simulate": DEMO["simulate"] | {"start": start},
    }
    context = Context(make_config(document, "benchmark"), folder)
    stages = first_stages(context.config)
    run_stages([stage for stage in stages if stage.name in ("simulate", "scenes")], context)
    return context


def distance(line: Any, truth: Any) -> float:
    """Mean distance of a front from the truth, units of the map."""
    parts = getattr(line, "geoms", [line])
    points = [part.interpolate(np.arange(0.0, part.length, SPACING)) for part in parts]
    return float(shapely.distance(np.concatenate(points), truth).mean())


def filled(values: NDArray[Any], where: NDArray[np.bool_]) -> NDArray[Any] | None:
    """A picture of nothing but the largest square inside a mask, mirrored to fill it."""
    inner = ndimage.distance_transform_cdt(np.pad(where, 1), "chessboard")[1:-1, 1:-1]
    half = int(inner.max()) - 1
    if half < 2:
        return None
    row, column = np.unravel_index(int(inner.argmax()), inner.shape)
    patch = values[row - half : row + half + 1, column - half : column + half + 1]
    rows, columns = values.shape
    wide = ((0, max(rows - len(patch), 0)), (0, max(columns - len(patch), 0)))
    return np.pad(patch, wide, "symmetric")[:rows, :columns]


def without_front(
    seen: Scene, inside: NDArray[np.bool_], walls: Walls, xy: NDArray[Any], network: Network
) -> list[dict[str, Any]]:
    """Rows of the lines that are drawn in pictures of water alone and of ice alone."""
    side, _ = front_sides(xy, seen.values.shape)
    fjord, rows = inside & seen.valid, []
    for name, where in (("water alone", fjord & (side < 0.5)), ("ice alone", fjord & (side > 0.5))):
        values = filled(seen.values, where)
        if values is None:
            continue
        scene = replace(seen, values=values, valid=np.ones_like(seen.valid))
        if screen_scene(scene, inside):
            continue
        maps = see(network, scene, inside, None)
        try:
            path = vectorise(maps.front, maps.ice, scene.valid, walls)
        except TerminiError:
            continue
        taken = take_maps(maps.front, maps.ice, scene.valid, walls)
        rows.append(doubt_features(taken, path) | {"picture": name, "off": NOWHERE})
    return rows


def _fronts_of(
    scenes: Path, job: tuple[GlacierDomain, list[tuple[str, str, Any]]]
) -> list[dict[str, Any]]:
    """Rows of one glacier."""
    torch.set_num_threads(1)
    domain, shots = job
    network, rows = load_network(), []
    grid = domain_grid(domain, NETWORK_PIXEL)
    inside = fjord_raster(domain, grid)
    walls = fjord_walls(inside, *pixel_walls(domain, grid))
    for number, (scene_id, sensor, truth) in enumerate(shots):
        try:
            scene = read_scene(scenes / f"{scene_id}.tif", domain=domain)
            found = extract_front(scene, domain, network, refine="off")
        except TerminiError:
            continue
        seen, path = found.scene, found.path
        maps = take_maps(found.prediction.front, found.prediction.ice, seen.valid, walls)
        off = distance(found.row["geometry"], truth)
        whole = doubt_features(maps, path) | {"picture": "scene", "off": off}
        more = [] if number % WITHOUT else without_front(seen, inside, walls, path.xy, network)
        rows += [
            row | {"glacier": domain.glacier_id, "sensor": sensor, "scene": scene_id}
            for row in (whole, *more)
        ]
    return rows


def region_fronts(work: Path, seed: int, start: str, workers: int) -> pd.DataFrame:
    """Fronts of all scenes of a region: features, distance from the truth, metres."""
    # a table is made again where anything it may depend on is another
    key = f"{code_hash()}{sha256(Path(__file__))}{start}"
    kept = work / f"fronts-{seed}-{hashlib.sha256(key.encode()).hexdigest()[:12]}.parquet"
    if kept.is_file():
        return pd.read_parquet(kept)
    context = made_region(work, seed, start, workers)
    assert context.config.simulate is not None
    region = simulated_region(seed, context.config.simulate)
    domains, plan = read_domains(context.path(DOMAINS)), pd.read_csv(context.path(*PLAN))
    jobs = []
    for glacier, part in plan.groupby("glacier_id"):
        fronts = [region.glacier(str(glacier)).front(pd.Timestamp(d)) for d in part["date"]]
        shots = list(zip(part["scene_id"], part["sensor"], fronts, strict=True))
        jobs.append((domains[str(glacier)], shots))
    with ProcessPoolExecutor(workers, initializer=end_with_parent) as pool:
        found = pool.map(partial(_fronts_of, context.path("scenes")), jobs)
        table = pd.DataFrame(list(chain.from_iterable(found))).assign(region=seed)
    with written_whole(kept) as temporary:
        table.to_parquet(temporary)
    return table
