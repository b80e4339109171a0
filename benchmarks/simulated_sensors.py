"""Error of fronts from simulated scenes of every sensor at its own pixel, refined and not.

Glaciers of simulated regions whose seeds nothing was trained or chosen on, each sensor at its
own ground sampling, seasons and weather as they come. The distance of what is drawn from the
true front is measured every 20 m along the line. A front is grossly wrong whose mean distance
exceeds 500 m. Errors are those of lines that the failure detector lets pass.

    python benchmarks/simulated_sensors.py FOLDER [--regions 141 142] [--scenes 3]
        [--sensors TerraSAR-X] [--working 25] [--tongues 0.6] [--weights W] [--json PATH]

With --tongues the middle of every front is drawn out by so many widths of the fjord, free on
both sides, as a floating tongue is. FOLDER keeps the scenes, so that a second run renders
nothing. With --working the first stage sees them at another pixel than its own. Conditions
are told apart within the sensors named.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from affine import Affine
from shapely.geometry import LineString
from tqdm import tqdm

from termini.domain import GlacierDomain
from termini.errors import TerminiError
from termini.files import write_text
from termini.fronts import Extracted, extract_front, open_networks
from termini.geo import LONLAT, local_plane, to_plane, transformer
from termini.scenes import read_scene
from termini.sensors import SENSORS, Sensor
from termini.simulate import RenderedScene, simulate_region, write_rendered
from termini.simulate.acquisitions import LOWEST_SUN, sun_elevation
from termini.simulate.front_flanks import drawn_out
from termini.simulate.render import scene_name
from termini.simulate.render_expose import expose
from termini.simulate.render_frame import make_frame
from termini.simulate.render_sensor import SLC_FAILURE

SHOWN = (
    "Landsat-5", "Landsat-7", "Landsat-8", "Sentinel-2", "Sentinel-1", "TerraSAR-X", "Envisat",
    "ALOS-1", "ALOS-2",
)  # fmt: skip

#: Metres around the front that a scene covers at least.
AROUND = 3500.0

#: Least share of the fjord that it covers.
LEAST_SHARE = 0.45
SPACING = 20.0
GROSS = 500.0

#: Under a lower sun than this, degrees, the walls throw long shadows on the fjord.
LOW_SUN = 20.0

#: A tongue rises from its sides between these shares of the front's length.
FLANKS = (0.2, 0.35)


@dataclass(frozen=True)
class Case:
    """A scene with its truth."""

    path: Path
    domain: GlacierDomain
    truth: LineString
    sensor: Sensor
    melange: float
    sun: float
    tongue: float


def with_tongue(front: LineString, widths: float, domain: GlacierDomain) -> LineString:
    """Front whose middle is drawn out seaward, or as far as the fjord leaves room."""
    along = np.linspace(0.0, 1.0, 401)
    rise = np.clip((np.minimum(along, 1 - along) - FLANKS[0]) / np.ptp(FLANKS), 0.0, 1.0)
    for share in np.linspace(1.0, 0.1, 10):
        line = drawn_out(front, domain, share * widths * rise**2 * (3.0 - 2.0 * rise))
        if line is not None:
            return line
    return front


def day_of(sensor: Sensor, index: pd.DatetimeIndex, latitude: float, rng: Any) -> pd.Timestamp:
    """A day on which the sensor flew and, if it needs light, the sun shone."""
    able = (index.year >= sensor.years[0]) & (index.year <= sensor.years[1])
    if sensor.kind == "optical":
        able &= sun_elevation(latitude, index) >= LOWEST_SUN
    return pd.Timestamp(index[rng.choice(np.flatnonzero(able))])


def covered(domain: GlacierDomain, truth: LineString) -> tuple[float, float, float, float]:
    """Bounds around the front that hold enough of the fjord for the scene to be taken."""
    reach = AROUND
    while True:
        window = shapely.box(*shapely.buffer(truth, reach).bounds)
        if window.intersection(domain.fjord).area > LEAST_SHARE * domain.fjord.area:
            return window.bounds
        reach *= 1.2


def rendered(
    domain: GlacierDomain, truth: LineString, day: pd.Timestamp, sensor: Sensor, melange: float,
    seed: int,
) -> RenderedScene:  # fmt: skip
    """Scene of the front's surroundings at the sensor's own pixel."""
    pixel, name = sensor.pixel, scene_name(sensor.name, domain.glacier_id, day)
    west, south, east, north = covered(domain, truth)
    west, north = np.floor(west / pixel) * pixel, np.ceil(north / pixel) * pixel
    shape = (int(np.ceil((north - south) / pixel)), int(np.ceil((east - west) / pixel)))
    transform = Affine(pixel, 0.0, west, 0.0, -pixel, north)
    centre = domain.fjord.centroid
    position = transformer(domain.crs, LONLAT).transform(centre.x, centre.y)
    picture = expose(
        domain, truth, day, sensor, frame=make_frame(domain, transform, shape),
        transform=transform, position=position, melange=melange,
        rng=np.random.default_rng([seed, zlib.crc32(name.encode())]),
    )  # fmt: skip
    return RenderedScene(
        picture.values * picture.valid, picture.valid, picture.truth, transform, domain.crs,
        sensor.name, day, name, picture.cloud,
    )  # fmt: skip


def made_cases(
    folder: Path, seed: int, count: int, names: tuple[str, ...], tongue: float = 0.0
) -> Iterator[Case]:
    """Scenes of one region, `count` of each sensor; those of all years that sensors flew."""
    region = simulate_region(seed, n_glaciers=6, start="2003-01-01", end="2018-12-31")
    for name in names:
        sensor = SENSORS[name]
        for number in range(count):
            rng = np.random.default_rng([seed, zlib.crc32(name.encode()), number])
            glacier = region.glaciers[number % len(region.glaciers)]
            day = day_of(sensor, glacier.position.index, glacier.place.latitude, rng)
            melange = float(rng.choice([rng.uniform(0, 0.3), rng.uniform(0.4, 1.0)]))
            truth = with_tongue(glacier.front(day), tongue, glacier.domain)
            place = folder / (f"{seed}-tongue-{tongue:g}" if tongue else f"{seed}")
            path = place / f"{scene_name(name, glacier.domain.glacier_id, day)}.tif"
            if not path.is_file():
                scene = rendered(glacier.domain, truth, day, sensor, melange, seed)
                write_rendered(scene, place)
                write_text(path.with_suffix(".json"), json.dumps({"cloud": scene.cloud}))
            sun = float(sun_elevation(glacier.place.latitude, pd.DatetimeIndex([day]))[0])
            yield Case(path, glacier.domain, truth, sensor, melange, sun, tongue)


def conditions(case: Case) -> list[str]:
    """What makes a scene hard."""
    held = json.loads(case.path.with_suffix(".json").read_text())
    day = pd.Timestamp(case.path.stem.split("_")[-1])
    found = ["all"]
    if held["cloud"] > 0.1:
        found.append("cloud over a tenth")
    if case.sensor.kind == "optical" and case.sun < LOW_SUN:
        found.append("low sun, long shadows")
    if case.tongue:
        found.append("ice tongue")
    if case.sensor.stripes and day > SLC_FAILURE:
        found.append("scan-line gaps")
    if case.sensor.kind == "sar":
        found.append("speckle")
    found.append("melange" if case.melange >= 0.4 else "open water")
    return found


def distances(found: Extracted, case: Case) -> np.ndarray:
    """Distance of the drawn line from the truth, metres on the ground."""
    domain = case.domain
    plane = local_plane(domain.fjord, domain.crs)
    line, truth = (to_plane(part, domain.crs, plane) for part in (found.line, case.truth))
    points = line.interpolate(np.arange(0.0, line.length, SPACING))
    return np.asarray(shapely.distance(points, truth))


def measured(case: Case, networks: Any, working: float | None = None) -> list[dict[str, Any]]:
    """One row for each way of extracting."""
    rows = []
    for refine in ("off", "native"):
        row: dict[str, Any] = {
            "scene": case.path.stem, "sensor": case.sensor.name, "pixel": case.sensor.pixel,
            "refine": refine, "conditions": conditions(case), "lost": "",
        }  # fmt: skip
        try:
            scene = read_scene(case.path, domain=case.domain)
            found = extract_front(scene, case.domain, networks, pixel=working, refine=refine)
        except TerminiError as error:
            rows.append(row | {"lost": str(error).split(": ", 1)[-1]})
            continue
        off = distances(found, case)
        errors = found.path.errors
        rows.append(row | {
            "median": float(np.median(off)), "mean": float(off.mean()),
            "p95": float(np.quantile(off, 0.95)),
            "sigma": found.path.sigma_px * found.scene.pixel_size,
            "vertex": errors is not None and bool(len(errors.vertex) == len(found.path.xy)),
            "wrong": found.path.probably_wrong,
        })  # fmt: skip
    return rows


def summary(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Errors before and after by sensor or condition."""
    rows = []
    for name, group in table.groupby(by, sort=False):
        row: dict[str, Any] = {by: name}
        if by == "sensor":
            row["pixel"] = group["pixel"].iloc[0]
        for refine, part in group.groupby("refine", sort=False):
            drawn = part[part["lost"] == ""]
            passed = drawn[~drawn["wrong"].astype(bool)]
            row |= {
                "scenes": len(part), "lost": len(part) - len(drawn),
                f"flagged {refine}": len(drawn) - len(passed),
                f"median {refine}": passed["median"].median(),
                f"mean {refine}": passed["mean"].median(),
                f"p95 {refine}": passed["p95"].median(),
                f"gross {refine}": int((passed["mean"] > GROSS).sum()),
            }  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--regions", type=int, nargs="+", default=[141, 142])
    parser.add_argument("--scenes", type=int, default=3, help="of each sensor in each region")
    parser.add_argument("--sensors", nargs="+", default=list(SHOWN))
    parser.add_argument("--working", type=float, help="pixel that the first stage sees, metres")
    parser.add_argument("--weights", type=Path, nargs="+", help="instead of the shipped ones")
    parser.add_argument("--tongues", type=float, default=0.0, help="widths drawn out by")
    parser.add_argument("--json", type=Path, help="write all figures here as well")
    a = parser.parse_args()
    networks = open_networks(a.weights, None)
    rows: list[dict[str, Any]] = []
    total = len(a.regions) * a.scenes * len(a.sensors)
    with tqdm(total=total, desc="scenes") as bar:
        for seed in a.regions:
            for case in made_cases(a.folder, seed, a.scenes, tuple(a.sensors), a.tongues):
                rows += measured(case, networks, a.working)
                bar.update(1)
    table = pd.DataFrame(rows)
    sensors = summary(table, "sensor")
    hard = summary(table.explode("conditions"), "conditions")
    print(sensors.round(1).to_string(index=False))
    print(hard.round(1).to_string(index=False))
    if a.json:
        content = {
            "regions": a.regions, "scenes_each": a.scenes, "working": a.working,
            "tongues": a.tongues, "weights": [network.name for network in networks],
            "sensors": sensors.round(2).to_dict("records"),
            "conditions": hard.round(2).to_dict("records"),
            "scenes": table.to_dict("records"),
        }  # fmt: skip
        write_text(a.json, json.dumps(content, indent=2, default=str) + "\n")


if __name__ == "__main__":
    main()
