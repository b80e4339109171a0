"""Train the front network from nothing, and score it on a glacier that it never saw.

    python analysis/train_network.py train --work /tmp/network
    python analysis/train_network.py evaluate --json scores.json

Training renders simulated scenes (kept under ``--work``), trains on them and on
the published crops of Mohajerani et al. (2019) without those of Kangerlussuaq,
and writes weights at every checkpoint. Which checkpoint ships is decided by the
fronts of Kangerlussuaq; the weights that are scored are those that ship, none are
trained on that glacier afterwards. A run that was stopped goes on where it was.
On one core: about 5 minutes to render, 70 to train.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from affine import Affine
from shapely.geometry import LineString, Polygon

from termini.errors import TerminiError
from termini.files import data_root, write_text
from termini.fronts.evaluate import Evaluation, evaluate
from termini.fronts.extract import extract_front
from termini.fronts.label_lines import line_of_pixels
from termini.scenes import Scene
from termini.segment import WEIGHTS, Network, load_network
from termini.segment.crops import CROP_PIXEL, read_crops, read_outlines
from termini.segment.datasets import LabelledScenes
from termini.segment.simulated import CHUNK, simulated_scenes
from termini.segment.train import TrainSettings, train
from termini.segment.unet import UNet
from termini.segment.weights_file import read_weights, write_weights

HELD_OUT = "Kangerlussuaq"
NAME = "termini-unet"
OUTLINES = Path(__file__).with_name("landsat_crops.json")


@dataclass(frozen=True)
class Stage:
    """One part of the training.

    Parameters
    ----------
    name : str
        For the record.
    chunks : int
        Chunks of 250 simulated scenes.
    shares : tuple of float
        Of a batch: simulated, crops.
    settings : TrainSettings
        The rest.
    """

    name: str
    chunks: int
    shares: tuple[float, float]
    settings: TrainSettings


STAGES = (
    Stage(
        "many scenes",
        10,
        (0.65, 0.35),
        TrainSettings(steps=4500, batch=8, rate=2e-3, every=300, seed=1),
    ),
    Stage(
        "half and half",
        10,
        (0.5, 0.5),
        TrainSettings(steps=3000, batch=8, rate=8e-4, every=300, seed=2),
    ),
)


def crops_folder() -> Path:
    root = data_root()
    assert root is not None
    return root / "images" / "landsat_fronts" / "train"


def score(
    network: Network,
    crops: LabelledScenes,
    *,
    fjord: Polygon | None = None,
    flips: bool = False,
) -> tuple[Evaluation, dict[str, str]]:
    """Errors of the extracted fronts of crops against their labels, by all measures."""
    pairs: dict[str, tuple[LineString | None, LineString]] = {}
    doubts: dict[str, str] = {}
    for name, image, distance in zip(crops.names, crops.image, crops.distance, strict=True):
        scene = Scene(
            image.astype(np.float32), np.ones(image.shape, dtype=bool),
            Affine.translation(-0.5, -0.5), None, "", name, None, CROP_PIXEL,
        )  # fmt: skip
        line: LineString | None = None
        try:
            result = extract_front(scene, None, network, fjord=fjord, flips=flips)
            line = result.line
            doubts[name] = "; ".join(result.path.reasons)
        except TerminiError as error:
            doubts[name] = str(error)
        pairs[name] = (line, line_of_pixels(distance == 0))
    return evaluate(pairs, pixel=CROP_PIXEL), doubts


def headline(evaluation: Evaluation) -> dict[str, float]:
    """The numbers by which checkpoints are told apart, metres."""
    nearest = evaluation.images["nearest_mean"]
    return {
        "nearest_mean": round(float(nearest.mean()), 1),
        "nearest_median": round(float(nearest.median()), 1),
        "area_over_length": round(float(evaluation.images["area_over_length"].mean()), 1),
        "worst": round(float(nearest.max()), 1),
        "gross": int((nearest > 500).sum()),
        "lost": int(nearest.isna().sum()),
    }


def train_stages(work: Path, hours: float) -> None:
    torch.set_num_threads(1)
    crops = read_crops(crops_folder(), read_outlines(OUTLINES))
    network: UNet | None = None
    stop_at = time.time() + hours * 3600.0
    for number, stage in enumerate(STAGES):
        folder = work / f"stage-{number}"
        simulated = simulated_scenes(work / "cache", stage.chunks)
        sources = [(simulated, stage.shares[0]), (crops.without(HELD_OUT), stage.shares[1])]
        network = train(
            sources, stage.settings, folder,
            start=network, validate=checkpoint_writer(folder, stage, crops), stop_at=stop_at,
        )  # fmt: skip
    choose(work)


def checkpoint_writer(
    folder: Path, stage: Stage, crops: LabelledScenes
) -> Callable[[UNet, int], dict[str, float]]:
    """Write the averaged weights and score them as they would ship."""
    held_out, seen = crops.only(HELD_OUT), len(crops.without(HELD_OUT))
    known = Polygon(read_outlines(OUTLINES)[HELD_OUT].fjord)

    def write(mean: UNet, step: int) -> dict[str, float]:
        path = folder / f"step-{step:05d}.safetensors"
        record: dict[str, Any] = {
            "stage": stage.name, "step": step, "held_out": HELD_OUT, "crops": seen,
            "simulated_scenes": stage.chunks * CHUNK, "settings": asdict(stage.settings),
        }  # fmt: skip
        write_weights(mean, path, name=NAME, training=record)
        network, result = load_network(path), dict[str, float]()
        for name, fjord in (("free", None), ("fjord", known)):
            numbers = headline(score(network, held_out, fjord=fjord)[0])
            result |= {f"{name}_{key}": value for key, value in numbers.items()}
        print(stage.name, step, result, flush=True)
        return result

    return write


def choose(work: Path) -> Path:
    """Ship the last checkpoint whose held-out error is within 5 % of the smallest.

    With 23 crops, smaller differences are noise, and a later checkpoint has
    seen more. The error is the mean nearest distance with the fjord given.
    """
    scored: list[tuple[float, Path]] = []
    for log in sorted(work.glob("stage-*/log.jsonl")):
        for line in log.read_text().splitlines():
            record = json.loads(line)
            path = log.parent / f"step-{record['step']:05d}.safetensors"
            if path.is_file() and "fjord_nearest_mean" in record:
                scored.append((record["fjord_nearest_mean"] + 1000 * record["fjord_lost"], path))
    if not scored:
        raise SystemExit(f"no scored checkpoint under {work}: train first")
    smallest = min(value for value, _ in scored)
    value, path = [pair for pair in scored if pair[0] <= 1.05 * smallest][-1]
    network, metadata = read_weights(path)
    write_weights(network, WEIGHTS, name=NAME, training=metadata["training"])
    print(f"{path} -> {WEIGHTS} ({value:.1f} m; smallest of all {smallest:.1f} m)")
    return WEIGHTS


def report(weights: Path | None, out: Path | None, flips: bool) -> None:
    network = load_network(weights)
    outlines = read_outlines(OUTLINES)
    crops = read_crops(crops_folder(), outlines)
    result: dict[str, Any] = {"weights": Path(network.path).name, "flips": flips}
    for glacier in sorted(set(crops.glaciers)):
        kind = "held out" if glacier == HELD_OUT else "seen in training"
        for fjord in (None, Polygon(outlines[glacier].fjord)):
            name = f"{glacier} ({kind}, fjord {'unknown' if fjord is None else 'given'})"
            evaluation, doubts = score(network, crops.only(glacier), fjord=fjord, flips=flips)
            rows = evaluation.summary.to_dict("records")
            result[name] = {
                "measures": {str(row["measure"]): round(float(row["value"]), 3) for row in rows},
                "flagged": {image: why for image, why in doubts.items() if why},
                "images": evaluation.images.round(2).to_dict("index"),
            }
            print(f"\n{name}")
            print(evaluation.summary.to_string(index=False, float_format=lambda v: f"{v:.2f}"))
            print(evaluation.images["nearest_mean"].sort_values().tail(4).round(1).to_string())
    if out is not None:
        write_text(out, json.dumps(result, indent=1, sort_keys=True) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train", help="render, train, choose and install weights")
    training.add_argument("--work", type=Path, required=True, help="folder for caches and logs")
    training.add_argument("--hours", type=float, default=24.0, help="stop after this time")
    choosing = commands.add_parser("choose", help="install the best checkpoint so far")
    choosing.add_argument("--work", type=Path, required=True)
    evaluation = commands.add_parser("evaluate", help="score weights on the crops")
    evaluation.add_argument("--weights", type=Path, help="by default the shipped ones")
    evaluation.add_argument("--json", type=Path, help="write all numbers here")
    evaluation.add_argument("--flips", action="store_true", help="average with the mirrored view")
    arguments = parser.parse_args()
    if arguments.command == "train":
        train_stages(arguments.work, arguments.hours)
    elif arguments.command == "choose":
        choose(arguments.work)
    else:
        report(arguments.weights, arguments.json, arguments.flips)


if __name__ == "__main__":
    main()
