"""Train a network from its configuration, and score it on a glacier that it never saw.

    python analysis/train_network.py train --config ours_small --work /tmp/network
    python analysis/train_network.py evaluate --json scores.json

Training renders simulated scenes (kept under ``--work``), trains on them and on
the published crops of Mohajerani et al. (2019) without those of the glacier that
the configuration holds out, and writes weights at every checkpoint. Which
checkpoint is chosen is decided by the fronts of that glacier; nothing is trained
on it afterwards. A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from shapely.geometry import LineString, Polygon
from torch import nn

from termini.errors import TerminiError
from termini.files import data_root, sha256, write_text
from termini.fronts.evaluate import Evaluation, evaluate
from termini.fronts.extract import extract_front
from termini.fronts.judgement import PathSettings
from termini.fronts.label_lines import line_of_pixels
from termini.scenes import Scene
from termini.segment import Network, Views, load_network
from termini.segment.config import TrainConfig, load_config
from termini.segment.crops import CROP_PIXEL, read_crops, read_outlines
from termini.segment.datasets import LabelledScenes
from termini.segment.run import train
from termini.segment.weights_file import SUMS, read_weights, write_weights

HELD_OUT = "Kangerlussuaq"
OUTLINES = Path(__file__).with_name("landsat_crops.json")


def crops_folder() -> Path:
    root = data_root()
    assert root is not None
    return root / "images" / "landsat_fronts" / "train"


@dataclass(frozen=True)
class Lines:
    """Fronts found in crops: front or None and label, what is doubtful, processor seconds."""

    pairs: dict[str, tuple[LineString | None, LineString]]
    doubts: dict[str, str]
    seconds: dict[str, float]


def extract_lines(
    network: Network,
    crops: LabelledScenes,
    *,
    fjord: Polygon | None = None,
    flips: bool = False,
    pixel: float | None = None,
    settings: PathSettings | None = None,
) -> Lines:
    """Fronts of crops in their own pixels, seen at a pixel size of choice.

    Without the second stage, which was trained on crops of Sverdrup.
    """
    found = Lines({}, {}, {})
    for name, image, distance in zip(crops.names, crops.image, crops.distance, strict=True):
        scene = Scene(
            image.astype(np.float32), np.ones(image.shape, dtype=bool),
            Affine.translation(-0.5, -0.5), None, "", name, None, CROP_PIXEL,
        )  # fmt: skip
        line: LineString | None = None
        began = time.process_time()
        try:
            result = extract_front(
                scene, None, network, fjord=fjord, views=Views(flips=flips), pixel=pixel,
                settings=settings, refine="off",
            )  # fmt: skip
            line = result.line
            found.doubts[name] = "; ".join(result.path.reasons)
        except TerminiError as error:
            found.doubts[name] = str(error)
        found.seconds[name] = time.process_time() - began
        found.pairs[name] = (line, line_of_pixels(distance == 0))
    return found


def score(
    network: Network,
    crops: LabelledScenes,
    *,
    fjord: Polygon | None = None,
    flips: bool = False,
) -> tuple[Evaluation, dict[str, str]]:
    """Errors of the extracted fronts of crops against their labels, by all measures."""
    found = extract_lines(network, crops, fjord=fjord, flips=flips)
    return evaluate(found.pairs, pixel=CROP_PIXEL), found.doubts


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


def train_config(config: TrainConfig, work: Path, hours: float) -> None:
    """Train, writing and scoring weights at every checkpoint."""
    glacier = config.hold_out or HELD_OUT
    crops = read_crops(crops_folder(), read_outlines(OUTLINES))
    held_out = crops.only(glacier)
    known = Polygon(read_outlines(OUTLINES)[glacier].fjord)
    record = config.record() | {"held_out": glacier}
    record["config"].pop("data")  # folders of this machine

    def score_checkpoint(mean: nn.Module, step: int, folder: Path) -> dict[str, float]:
        path = folder / f"step-{step:05d}.safetensors"
        training = record | {"stage": folder.name, "step": step}
        write_weights(mean, path, name=config.name, training=training)
        network, result = load_network(path), dict[str, float]()
        for name, fjord in (("free", None), ("fjord", known)):
            numbers = headline(score(network, held_out, fjord=fjord)[0])
            result |= {f"{name}_{key}": value for key, value in numbers.items()}
        print(folder.name, step, result, flush=True)
        return result

    train(config, work, hours=hours, score=score_checkpoint)


def choose(work: Path, out: Path) -> Path:
    """Write the last checkpoint whose held-out error is within 5 % of the smallest.

    With 23 crops, smaller differences are noise, and a later checkpoint has
    seen more. The error is the mean nearest distance with the fjord given; a
    front that was not found counts a kilometre.
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
    write_weights(network, out, name=out.stem, training=metadata["training"])
    sums = [f"{sha256(p)}  {p.name}\n" for p in sorted(out.parent.glob("*.safetensors"))]
    write_text(out.with_name(SUMS), "".join(sums))
    print(f"{path} -> {out} ({value:.1f} m; smallest of all {smallest:.1f} m)")
    return out


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
    training = commands.add_parser("train", help="render, train, write the best checkpoint")
    training.add_argument("--config", default="ours_small", help="name or YAML file")
    training.add_argument("--work", type=Path, required=True, help="folder for caches and logs")
    training.add_argument("--hours", type=float, default=24.0, help="stop after this time")
    training.add_argument("--device", help="such as cuda; by default the configuration's")
    training.add_argument("--hold-out", help="glacier; by default the configuration's")
    training.add_argument("--start", type=Path, help="weights to go on from")
    choosing = commands.add_parser("choose", help="write the best checkpoint so far")
    choosing.add_argument("--work", type=Path, required=True)
    choosing.add_argument("--out", type=Path, help="by default chosen.safetensors under --work")
    evaluation = commands.add_parser("evaluate", help="score weights on the crops")
    evaluation.add_argument("--weights", type=Path, help="by default the shipped ones")
    evaluation.add_argument("--json", type=Path, help="write all numbers here")
    evaluation.add_argument("--flips", action="store_true", help="average with the mirrored view")
    arguments = parser.parse_args()
    if arguments.command == "train":
        overrides: dict[str, Any] = {"data": {"crops": {"outlines": str(OUTLINES)}}}
        if arguments.device:
            overrides["device"] = arguments.device
        if arguments.hold_out:
            overrides["hold_out"] = arguments.hold_out
        if arguments.start:
            overrides["start"] = str(arguments.start)
        train_config(load_config(arguments.config, overrides), arguments.work, arguments.hours)
        choose(arguments.work, arguments.work / "chosen.safetensors")
    elif arguments.command == "choose":
        choose(arguments.work, arguments.out or arguments.work / "chosen.safetensors")
    else:
        report(arguments.weights, arguments.json, arguments.flips)


if __name__ == "__main__":
    main()
