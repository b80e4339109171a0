"""The network that the grid chose, trained longer: leave-one-glacier-out, then on all crops.

    python analysis/network_final.py train --work DIR --hold-out Jakobshavn
    python analysis/network_final.py train --work DIR
    python analysis/network_final.py score --work DIR [--json PATH] [--docs docs/networks.md]

`train` begins with views of simulated scenes (made once, the same for all) and goes on
with the crops of Mohajerani et al. (2019), a quarter of every batch still simulated. It
stands being killed: run again, it goes on at its last checkpoint. Without ``--hold-out``
it trains on all three glaciers, for the crops of Helheim, which take no part here.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

import torch
from train_network import OUTLINES, crops_folder

from termini.segment.config import TrainConfig, load_config
from termini.segment.crops import read_crops, read_outlines
from termini.segment.datasets import save_scenes
from termini.segment.run import train

GLACIERS = ("Jakobshavn", "Kangerlussuaq", "Sverdrup")
#: Chunks of 250 simulated scenes.
CHUNKS = 4
STAGES: list[dict[str, Any]] = [
    {"name": "simulated", "steps": 1500, "shares": {"simulated": 1.0}, "rate": 0.002},
    {
        "name": "crops", "steps": 2000, "shares": {"file": 0.75, "simulated": 0.25},
        "rate": 0.001,
    },
]  # fmt: skip
VIEW = {
    "rows": 144, "columns": 96, "zoom": [0.8, 2.2], "rotation": 15.0, "prior_dropout": 0.3,
    "strength": 0.5, "normalisation": "equalise",
}  # fmt: skip


def name_of(hold_out: str | None) -> str:
    return f"without-{hold_out}" if hold_out else "all"


def recipe(work: Path, hold_out: str | None, stages: list[dict[str, Any]]) -> TrainConfig:
    """The training without a glacier, or with all."""
    simulated = {"chunks": CHUNKS, "cache": str(work / "simulated")}
    data = {"crops": None, "simulated": simulated, "file": str(work / "crops.npz")}
    return load_config(
        "termini_unet",
        {
            "name": name_of(hold_out), "data": data, "hold_out": hold_out, "stages": stages,
            "batch": 8, "average": 0.99, "every": 250, "seed": 1, "half": True, "workers": 0,
            "view": VIEW, "schedule": {"name": "cosine", "warmup": 50},
        },
    )  # fmt: skip


def train_one(work: Path, hold_out: str | None) -> Path:
    """Weights without a glacier, or of all; what is done already is not done again."""
    torch.set_num_threads(1)
    file = work / "crops.npz"
    if not file.is_file():
        save_scenes(read_crops(crops_folder(), read_outlines(OUTLINES)), file)
    first = work / "simulated-only"
    train(recipe(work, None, STAGES[:1]), first, progress=False)
    folder = work / name_of(hold_out)
    if not (folder / "stage-0").is_dir():
        # the first stage is the same for all
        shutil.copytree(first / "stage-0", folder / "stage-0")
    return train(recipe(work, hold_out, STAGES), folder, progress=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train", help="train, or go on where it was stopped")
    training.add_argument("--work", type=Path, required=True, help="folder for all that it makes")
    training.add_argument("--hold-out", choices=GLACIERS, help="glacier never trained on")
    arguments = parser.parse_args()
    print(train_one(arguments.work, arguments.hold_out))


if __name__ == "__main__":
    main()
