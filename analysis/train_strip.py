"""Train the network that draws fronts again at a scene's own pixel.

    python analysis/train_strip.py simulated FOLDER [--first 810000] [--chunks 6]
    python analysis/train_strip.py real FOLDER
    python analysis/train_strip.py fit FOLDER --out weights.safetensors [--steps 1000] [--go-on W]
    python analysis/train_strip.py score FOLDER [--out weights.safetensors]

`simulated` renders scenes of all sensors at about their own pixels (`termini.simulate`), draws
the front with the shipped network, and cuts strips along that line and along three lines that
are off from the true front as such lines are; a chunk is 40 scenes, and one that is there is not
made again. `real` cuts strips of the published Landsat crops of Sverdrup, as if their
lines had been drawn at 1.7 to 6 times the crops' pixel. Weights are kept every 50 steps,
and `--go-on` starts from them. `score` draws lines through strips of the crops of Jakobshavn,
which is not trained on, and says how far they are from the hand-drawn ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from affine import Affine
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from termini.errors import TerminiError
from termini.files import data_root, written_whole
from termini.fronts import extract_front, read_label, subpixel
from termini.fronts.refine import draw_again
from termini.fronts.refine_strip import WIDTH, Strip, cut_strip, offsets
from termini.fronts.vector.maps import outlines
from termini.scenes import Scene, read_scene
from termini.segment import NETWORK_PIXEL, load_network
from termini.segment.crops import CROP_GLACIERS, CROP_PIXEL
from termini.segment.datasets import STEPS_PER_PIXEL, encode_distance
from termini.segment.strip import load_strip_net, strip_chances, strip_inputs
from termini.segment.strip_network import StripNetwork
from termini.segment.strip_train import StripSample, StripTraining, train_strips
from termini.segment.weights_file import read_weights, write_weights
from termini.sensors import SENSORS
from termini.simulate import training_scene

Array = NDArray[np.float64]

SHARES = {
    "Landsat-5": 0.08, "Landsat-7": 0.10, "Landsat-8": 0.14, "Sentinel-2": 0.12,
    "Sentinel-1": 0.18, "TerraSAR-X": 0.18, "Envisat": 0.07, "ALOS-1": 0.06, "ALOS-2": 0.07,
}  # fmt: skip
CHUNK = 40

#: Pixels along a side of a picture at most, and metres that the network must see to draw a line.
LARGEST, SHORTEST_SIDE = 1400, 3600.0
TRAINED_ON, CHOSEN_ON = "Sverdrup", "Jakobshavn"


def made_picture(seed: int) -> tuple[Scene, Any, np.random.Generator]:
    """Scene of one random glacier and sensor, the sensor's pixel or a coarser one."""
    rng = np.random.default_rng([99, seed])
    sensor = SENSORS[str(rng.choice(list(SHARES), p=list(SHARES.values())))]
    own = rng.uniform() < 0.65
    pixel = sensor.pixel * rng.uniform(0.95, 1.05) if own else max(sensor.pixel, rng.uniform(8, 32))
    side = int(np.clip(rng.uniform(4000, 6500) / pixel, 180, LARGEST))
    truth = training_scene(seed, (side, side), pixel=pixel, sensor=sensor)
    place = Affine.translation(-0.5, -0.5)
    values = truth.image.astype(np.float32)
    scene = Scene(values, truth.valid, place, None, sensor.name, str(seed), None, pixel)
    return scene, truth, rng


def off_line(xy: Array, work: float, rng: np.random.Generator) -> Array:
    """The true front as the coarse stage draws it: smoothed, off by errors that go on along it.

    `work` is the coarse pixel in units of the coordinates; errors have 0.1 to 1.2 of it.
    """
    line = subpixel.smooth(subpixel.resample(xy, work / 4), 4 * rng.uniform(0.3, 1.6))
    n, off = len(line), np.zeros(len(line))
    for scale, size in (
        (rng.uniform(1, 4), rng.uniform(0.1, 0.6)),
        (rng.uniform(5, 20), rng.choice([0.1, 0.4, 1.2])),
    ):
        error = gaussian_filter1d(rng.standard_normal(n + 1), scale * 4, mode="nearest")[:n]
        off += size * error / max(float(error.std()), 1e-9)
    line = line + (off * work)[:, None] * subpixel.normals(subpixel.smooth(line, 8))
    cut = rng.uniform(0, 0.12, 2) * (rng.uniform(size=2) < 0.5)
    first, last = int(cut[0] * n), int((1 - cut[1]) * n)
    return subpixel.resample(line[first : max(last, first + 8)], work)


def sample_of(strip: Strip, truth: Array, width: float) -> StripSample:
    """Strip with the distance of every sample to the true front."""
    dense = subpixel.resample(truth, 0.1 * strip.step)
    grid = strip.grid()
    limit = 13.0 * strip.step
    distance, _ = cKDTree(dense).query(grid.reshape(-1, 2), distance_upper_bound=limit)
    distance = np.minimum(distance, limit).reshape(grid.shape[:2]) / strip.step
    values = np.rint(strip.values * 255).astype(np.uint8)
    return StripSample(values, strip.valid, encode_distance(distance), strip.working, width)


def simulated_samples(first: int) -> list[StripSample]:
    """Strips of one chunk of simulated scenes."""
    network, found = load_network(), []
    for seed in range(first, first + CHUNK):
        scene, truth, rng = made_picture(seed)
        lines: list[tuple[Array, float]] = []
        try:
            if scene.pixel_size * min(scene.values.shape) >= SHORTEST_SIDE:
                fjord = max(outlines(truth.fjord), key=lambda part: part.area)
                drawn = extract_front(scene, None, network, fjord=fjord, refine="off")
                lines.append((np.array(drawn.line.coords), drawn.scene.pixel_size))
        except TerminiError as error:
            print(f"{seed}: {error}")
        work = lines[0][1] if lines else NETWORK_PIXEL
        inside = np.flatnonzero(
            ((truth.front >= 0) & (truth.front <= scene.values.shape[0] - 1)).all(axis=1)
        )
        if len(inside) < 8 or scene.pixel_size > 0.7 * work:
            continue
        front = truth.front[inside[0] : inside[-1] + 1]
        lines += [(off_line(front, work / scene.pixel_size, rng), work) for _ in range(3)]
        for xy, pixel in lines:
            strip = cut_strip(scene, xy, pixel, metre=1 / scene.pixel_size)
            if len(strip.base) >= 16:
                found.append(sample_of(strip, front, 0.6))
    return found


def real_samples(glacier: str = TRAINED_ON) -> list[StripSample]:
    """Strips of the published crops of a glacier, six a crop."""
    folder, found = data_root() / "images" / "landsat_fronts" / "train", []
    for file in sorted((folder / "images").glob("*.png")):
        if CROP_GLACIERS[file.stem.split("_")[2]] != glacier:
            continue
        rng = np.random.default_rng([5, sum(map(ord, file.stem))])
        scene = read_scene(file, pixel_size=CROP_PIXEL)
        label = read_label(folder / "labels" / file.name.replace("Subset", "Front"))
        front = subpixel.smooth(subpixel.resample(np.array(label.coords), 1.0), 1.0)
        for _ in range(6):
            coarse = float(np.exp(rng.uniform(np.log(1.7), np.log(6))))
            line = off_line(front, coarse, rng)
            strip = cut_strip(scene, line, CROP_PIXEL * coarse, metre=1 / CROP_PIXEL)
            if len(strip.base) >= 16:
                found.append(sample_of(strip, front, 1.0))
    return found


def save_samples(samples: list[StripSample], path: Path) -> None:
    """Write strips side by side to one file."""
    joined = {
        name: np.concatenate([getattr(s, name) for s in samples], axis=1)
        for name in ("values", "valid", "distance")
    }
    counts = np.array([s.values.shape[1] for s in samples])
    numbers = np.array([(s.working, s.width) for s in samples])
    with written_whole(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, counts=counts, numbers=numbers, **joined)


def load_samples(path: Path) -> list[StripSample]:
    """Read what `save_samples` wrote."""
    with np.load(path) as held:
        at = np.cumsum(held["counts"])[:-1]
        parts = [np.split(held[name], at, axis=1) for name in ("values", "valid", "distance")]
        numbers = held["numbers"].tolist()
    return [StripSample(*part, *n) for *part, n in zip(*parts, numbers, strict=True)]


def fit(folder: Path, out: Path, go_on: Path | None, settings: StripTraining) -> None:
    """Train and write weights."""
    torch.manual_seed(settings.seed)
    simulated = [s for p in sorted(folder.glob("simulated-*.npz")) for s in load_samples(p)]
    # lines of the first stage that are nowhere near the front teach nothing
    simulated = [s for s in simulated if np.median(s.distance[31:33].min(axis=0)) < 255]
    real = load_samples(folder / "real.npz") if (folder / "real.npz").is_file() else []
    module: Any = StripNetwork()
    before = 0
    if go_on is not None:
        module, held = read_weights(go_on, make={StripNetwork.name: StripNetwork})
        before = int(held["training"]["steps"])
    print(f"{len(simulated)} simulated and {len(real)} real strips")

    def keep(mean: Any, step: int, loss: float) -> None:
        print(f"step {before + step}, loss {loss:.3f}", flush=True)
        record = {
            "steps": before + step, "seed": settings.seed, "simulated": len(simulated),
            "real": len(real),
        }  # fmt: skip
        write_weights(mean, out, name="termini-strip", training=record)

    mean = train_strips(module, simulated, real, settings, keep)
    keep(mean, settings.steps, float("nan"))


def score(samples: list[StripSample], weights: Path | None) -> None:
    """Print how far lines drawn through strips are from the truth, in samples."""
    net, rows = load_strip_net(weights), []
    for sample in samples:
        count = sample.values.shape[1]
        base = np.column_stack([np.arange(count, dtype=float), np.zeros(count)])
        values = sample.values.astype(np.float32) / 255
        normal = np.tile([0.0, 1.0], (count, 1))
        strip = Strip(base, normal, 1.0, values, sample.valid, sample.working)
        inputs = strip_inputs(values, sample.valid, sample.working)
        drawn = draw_again(strip, strip_chances(net, inputs, sample.working)).xy
        row = np.clip(np.rint(drawn[:, 1] - offsets()[0]), 0, WIDTH - 1).astype(int)
        column = np.clip(np.rint(drawn[:, 0]), 0, count - 1).astype(int)
        off = sample.distance[row, column] / STEPS_PER_PIXEL
        before = sample.distance[WIDTH // 2 - 1 : WIDTH // 2 + 1].min(axis=0) / STEPS_PER_PIXEL
        rows.append([np.median(before), before.mean(), np.median(off), off.mean()])
    median = np.median([r[::2] for r in rows], axis=0)
    mean = np.mean([r[1::2] for r in rows], axis=0)
    print(f"{len(rows)} strips, median {median.round(2)}, mean {mean.round(2)} (before, after)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["simulated", "real", "fit", "score"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", type=int, default=810_000, help="seed of the first scene")
    parser.add_argument("--chunks", type=int, default=6)
    parser.add_argument("--out", type=Path, default=Path("termini-strip.safetensors"))
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=StripTraining.rate)
    parser.add_argument("--go-on", type=Path, help="weights to start from")
    a = parser.parse_args()
    torch.set_num_threads(1)
    if a.what == "real":
        save_samples(real_samples(), a.folder / "real.npz")
    elif a.what == "score":
        score(real_samples(CHOSEN_ON), a.out if a.out.is_file() else None)
    elif a.what == "fit":
        settings = StripTraining(steps=a.steps, seed=a.seed, rate=a.rate)
        fit(a.folder, a.out, a.go_on, settings)
    else:
        for first in range(a.first, a.first + a.chunks * CHUNK, CHUNK):
            path = a.folder / f"simulated-{first}.npz"
            if not path.is_file():
                save_samples(simulated_samples(first), path)


if __name__ == "__main__":
    main()
