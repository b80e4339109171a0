"""Every network with every normalisation, each glacier held out in turn, at equal budgets.

The training crops of Mohajerani et al. (2019): Jakobshavn, Kangerlussuaq, Sverdrup. A
cell is one network, one normalisation and the glacier that it never saw. All cells have
the same views, optimiser, schedule, seed, fjord walls, search for the line and scoring;
inputs, outputs and loss are each paper's own. The test crops of Helheim take no part.

    python analysis/network_grid.py run --work DIR [--seconds 40]
    python analysis/network_grid.py run --work DIR --examples 400
    python analysis/network_grid.py run --work DIR --pretrain 4000 --networks ours_small ...
    python analysis/network_grid.py table --work DIR [--json PATH] [--docs docs/networks.md]

``--seconds`` gives every cell the views that its network trains on in that processor
time; what a view costs is measured once, before the first cell, and kept in
``costs.json``. ``--examples`` gives every cell as many views. ``--pretrain`` puts views
of simulated scenes before those of the crops. A cell that is done is kept under
``--work``, so that a run which was killed goes on; the one that was under way begins
again. Pictures are seen at half the resolution of the crops, by all networks alike.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import torch
from network_grid_table import print_tables
from shapely.geometry import Polygon
from torch import nn
from train_network import OUTLINES, crops_folder, extract_lines

from termini.files import write_text
from termini.fronts.evaluate import evaluate
from termini.segment import load_network
from termini.segment.config import TrainConfig, load_config
from termini.segment.crops import CROP_PIXEL, read_crops, read_outlines
from termini.segment.datasets import LabelledScenes, load_scenes, save_scenes
from termini.segment.run import train
from termini.segment.simulated import simulated_scenes
from termini.segment.train import fit

#: Network to the configuration that has its layers and loss; the cheapest first.
NETWORKS = {
    "termini_unet": "termini_unet",
    "ours_small": "ours_small",
    "mohajerani2019": "mohajerani_checkpoint",
    "ours_large": "ours_large",
    "mohajerani2019_paper": "mohajerani_paper",
    "hed_unet": "hed_unet",
    "deeplab_mobilenet": "zhang2021_mobilenet",
    "unet_baumhoer2019": "baumhoer",
    "unet_zhang2019": "zhang2021_unet",
    "deeplab_drn54": "zhang2021_drn54",
    "deeplab_resnet101": "zhang2021_resnet101",
    "calfin_xception65": "calfin",
    "unet_loebel2024": "loebel",
}
NORMALISATIONS = ("equalise", "linear", "none")
ALL_NORMALISATIONS = (*NORMALISATIONS, "clahe")
GLACIERS = ("Jakobshavn", "Kangerlussuaq", "Sverdrup")

#: Pixel at which all networks see the crops, metres.
PIXEL = 2 * CROP_PIXEL
BATCH = 8
#: Steps by which the cost of a view is measured.
COST_STEPS = 8
#: The same for all: flips, turns and scales; no weather, no published recipe.
VIEW = {
    "rows": 128, "columns": 64, "zoom": [1.6, 2.5], "rotation": 10.0, "quarter_turns": False,
    "strength": 0.0, "gamma": 0.0, "prior_dropout": 0.5,
}  # fmt: skip
OPTIMISER = {
    "name": "adamw", "rate": 0.001, "decay": 0.001, "clip": 1.0, "decoder_factor": 1.0,
}  # fmt: skip
MEASURES = ("nearest_mean", "nearest_median", "nearest_cut", "same_index", "area_over_length")
#: Simulated scenes have pixels near those of the crops; chunks of 250 are rendered once.
CHUNKS = 4


@dataclass(frozen=True)
class Budget:
    """What every cell is given.

    Parameters
    ----------
    kind : {"examples", "seconds"}
        What is equal.
    amount : float
        Views of crops, or processor seconds.
    simulated : int
        Views of simulated scenes, before those of the crops.
    """

    kind: str
    amount: float
    simulated: int = 0

    @property
    def folder(self) -> str:
        """Name of the folder that holds its cells."""
        more = f"-after-{self.simulated}" if self.simulated else ""
        return f"{self.kind}-{self.amount:g}{more}"


def config_of(
    network: str, normalisation: str, glacier: str, examples: int, budget: Budget, work: Path
) -> TrainConfig:
    """The training of one cell."""
    stages: list[dict[str, Any]] = []
    data: dict[str, Any] = {"crops": None, "simulated": None, "file": str(work / "crops.npz")}
    if budget.simulated:
        data["simulated"] = {"chunks": CHUNKS, "cache": str(work / "simulated")}
        steps = max(1, budget.simulated // BATCH)
        stages.append({"name": "simulated", "steps": steps, "shares": {"simulated": 1.0}})
    steps = max(1, examples // BATCH)
    stages.append({"name": "crops", "steps": steps, "shares": {"file": 1.0}})
    name = NETWORKS[network]
    return load_config(
        f"{name}_{normalisation}" if name.startswith("zhang2021") else name,
        {
            "name": f"{network}-{normalisation}-{glacier}", "data": data, "hold_out": glacier,
            "stages": stages, "batch": BATCH, "average": 0.9, "every": 1_000_000, "seed": 1,
            "half": True, "device": "cpu", "workers": 0,
            "view": VIEW | {"normalisation": normalisation}, "optimiser": OPTIMISER,
            "schedule": {"name": "cosine", "warmup": 10},
        },
    )  # fmt: skip


def run_cell(config: TrainConfig, crops: LabelledScenes, folder: Path) -> dict[str, Any]:
    """Train without one glacier, find its fronts, and score them."""
    spent: dict[str, float] = {}
    began = time.process_time()

    def stamp(_: nn.Module, __: int, stage: Path) -> dict[str, float]:
        spent[stage.name] = time.process_time() - began
        return {}

    shutil.rmtree(folder / "training", ignore_errors=True)
    weights = train(config, folder / "training", score=stamp, progress=False)
    glacier = str(config.hold_out)
    fjord = Polygon(read_outlines(OUTLINES)[glacier].fjord)
    held_out = crops.only(glacier)
    found = extract_lines(load_network(weights), held_out, fjord=fjord, pixel=PIXEL)
    images = evaluate(found.pairs, pixel=CROP_PIXEL).images
    images = images.reindex(index=list(held_out.names), columns=list(MEASURES))
    images["seconds"] = pd.Series(found.seconds)
    log = (folder / "training" / f"stage-{len(config.stages) - 1}" / "log.jsonl").read_text()
    return {
        "examples": BATCH * config.stages[-1].steps,
        "simulated": BATCH * sum(stage.steps for stage in config.stages[:-1]),
        "processor_seconds": round(max(spent.values()), 2),
        "loss": json.loads(log.splitlines()[-1])["loss"],
        "lost": {n: found.doubts[n] for n, (line, _) in found.pairs.items() if line is None},
        "flagged": sum(1 for why in found.doubts.values() if why),
        "images": json.loads(images.round(3).to_json(orient="index")),
    }


class _EnoughError(Exception):
    """Stops a training before anything is written."""


def cost_of(config: TrainConfig, crops: LabelledScenes) -> float:
    """Processor seconds of training on one view; the first of three trainings warms up."""
    times = []
    for steps in (2, 2, 2 + COST_STEPS):
        settings = replace(config.settings(0), steps=steps)
        began = time.process_time()

        def stamp(_: nn.Module, __: int, began: float = began) -> dict[str, float]:
            times.append(time.process_time() - began)
            raise _EnoughError

        with TemporaryDirectory() as folder, suppress(_EnoughError):
            fit([(crops, 1.0)], settings, folder, validate=stamp)
    return (times[2] - times[1]) / (COST_STEPS * BATCH)


def read_costs(networks: list[str], work: Path, crops: LabelledScenes) -> dict[str, float]:
    """Processor seconds a view of every network, measured where it is not known yet."""
    path = work / "costs.json"
    costs: dict[str, float] = json.loads(path.read_text()) if path.is_file() else {}
    for network in networks:
        if network not in costs:
            config = config_of(network, "equalise", GLACIERS[0], BATCH, Budget("examples", 0), work)
            costs[network] = round(cost_of(config, crops), 5)
            write_text(path, json.dumps(costs, indent=1) + "\n")
    return costs


def cells(networks: list[str], normalisations: list[str]) -> Iterator[tuple[str, str, str]]:
    """Network, normalisation, glacier; whole columns of the table before the next one."""
    for normalisation in normalisations:
        for network in networks:
            for glacier in GLACIERS:
                yield network, normalisation, glacier


def run(work: Path, budget: Budget, networks: list[str], normalisations: list[str]) -> None:
    """All cells that are not done yet; one that fails is recorded, and tried again next time."""
    torch.set_num_threads(1)
    file = work / "crops.npz"
    if not file.is_file():
        save_scenes(read_crops(crops_folder(), read_outlines(OUTLINES)), file)
    crops = load_scenes(file)
    costs = read_costs(networks, work, crops)
    if budget.simulated:
        simulated_scenes(work / "simulated", CHUNKS)  # before any cell's time is taken
    for network, normalisation, glacier in cells(networks, normalisations):
        folder = work / budget.folder / f"{network}-{normalisation}-{glacier}"
        path = folder / "result.json"
        if path.is_file() and "reason" not in json.loads(path.read_text()):
            continue
        cell: dict[str, Any] = {
            "network": network, "normalisation": normalisation, "held_out": glacier,
            "budget": budget.folder, "view": VIEW, "optimiser": OPTIMISER, "batch": BATCH,
        }  # fmt: skip
        examples = int(budget.amount)
        if budget.kind == "seconds":
            examples = BATCH * max(1, round(budget.amount / costs[network] / BATCH))
        try:
            config = config_of(network, normalisation, glacier, examples, budget, work)
            cell |= run_cell(config, crops, folder)
        except Exception as error:  # recorded, and the next cell is none the worse
            cell["reason"] = f"{type(error).__name__}: {error}"
        shutil.rmtree(folder / "training", ignore_errors=True)
        write_text(path, json.dumps(cell, indent=1) + "\n")
        nearest = [v["nearest_mean"] for v in cell.get("images", {}).values()]
        found = [v for v in nearest if v is not None]
        said = f"{len(found)} of {len(nearest)} fronts, median {np.median(found or [np.nan]):.0f} m"
        print(time.strftime("%H:%M:%S"), folder.name, cell.get("reason", said), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="do the cells that are not done yet")
    running.add_argument("--work", type=Path, required=True, help="folder for cells")
    running.add_argument("--seconds", type=float, default=40.0, help="of processor, per cell")
    running.add_argument("--examples", type=int, help="views of crops per cell, instead")
    running.add_argument("--pretrain", type=int, default=0, help="views of simulated scenes first")
    running.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    running.add_argument(
        "--normalisations", nargs="+", choices=ALL_NORMALISATIONS, default=list(NORMALISATIONS)
    )
    table = commands.add_parser("table", help="print what is done, and what it chooses")
    table.add_argument("--work", type=Path, required=True)
    table.add_argument("--json", type=Path, help="write all numbers here as well")
    table.add_argument("--docs", type=Path, help="page between whose marks the tables go")
    arguments = parser.parse_args()
    if arguments.command == "table":
        print_tables(arguments.work, arguments.json, arguments.docs)
        return
    budget = Budget("seconds", arguments.seconds, arguments.pretrain)
    if arguments.examples:
        budget = Budget("examples", arguments.examples, arguments.pretrain)
    run(arguments.work, budget, arguments.networks, arguments.normalisations)


if __name__ == "__main__":
    main()
