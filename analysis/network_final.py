"""The network that the grid chose, trained longer: leave-one-glacier-out, then on all crops.

    python analysis/network_final.py train --work DIR --hold-out Jakobshavn
    python analysis/network_final.py train --work DIR
    python analysis/network_final.py score --work DIR [--json PATH] [--docs docs/networks.md]
    python analysis/network_final.py figure --work DIR --out docs/images/networks_final.png

`train` begins with views of simulated scenes (made once, the same for all) and goes on
with the crops of Mohajerani et al. (2019), a quarter of every batch still simulated. It
stands being killed: run again, it goes on at its last checkpoint. Without ``--hold-out``
it trains on all three glaciers, for the crops of Helheim, which take no part here.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import torch
from landsat_fronts import SEARCH, sides
from network_grid_table import write_between
from shapely.geometry import Polygon
from train_network import HELD_OUT, OUTLINES, crops_folder, extract_lines

from termini.files import write_text, written_whole
from termini.fronts.evaluate import GROSS, evaluate
from termini.fronts.judgement import PathSettings
from termini.segment import load_network
from termini.segment.config import TrainConfig, load_config
from termini.segment.crops import CROP_PIXEL, read_crops, read_outlines
from termini.segment.datasets import LabelledScenes, save_scenes
from termini.segment.run import train
from termini.segment.weights_file import read_weights

GLACIERS = ("Jakobshavn", "Kangerlussuaq", "Sverdrup")
#: Share of the simulated fronts that run along the flow for a part: tongues, bays, strips.
FLANKS = 0.5
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


def recipe(
    work: Path, hold_out: str | None, stages: list[dict[str, Any]], flanks: float, seed: int = 1
) -> TrainConfig:
    """The training without a glacier, or with all."""
    simulated = {"chunks": CHUNKS, "cache": str(work / "simulated"), "flanks": flanks}
    data = {"crops": None, "simulated": simulated, "file": str(work / "crops.npz")}
    return load_config(
        "termini_unet",
        {
            "name": name_of(hold_out), "data": data, "hold_out": hold_out, "stages": stages,
            "batch": 8, "average": 0.99, "every": 250, "seed": seed, "half": True, "workers": 0,
            "view": VIEW, "schedule": {"name": "cosine", "warmup": 50},
        },
    )  # fmt: skip


def train_one(work: Path, hold_out: str | None, flanks: float, seed: int) -> Path:
    """Weights without a glacier, or of all; what is done already is not done again."""
    torch.set_num_threads(1)
    file = work / "crops.npz"
    if not file.is_file():
        save_scenes(read_crops(crops_folder(), read_outlines(OUTLINES)), file)
    first = work / "simulated-only"
    train(recipe(work, None, STAGES[:1], flanks, seed), first, progress=False)
    folder = work / name_of(hold_out)
    if not (folder / "stage-0").is_dir():
        # the first stage is the same for all
        shutil.copytree(first / "stage-0", folder / "stage-0")
    return train(recipe(work, hold_out, STAGES, flanks, seed), folder, progress=False)


SHIPPED, LEFT_OUT = "shipped", "leave one out"
#: Summary of `evaluate` to the columns of the table, metres.
COLUMNS = {
    "nearest distance off the walls (500 m), mean over points": "off the walls",
    "same-index distance, pooled over points": "same index",
    "nearest distance both ways, mean over points": "whole line",
    "nearest distance both ways, mean over images": "mean",
    "nearest distance both ways, median over images": "median",
}
BEGINS, ENDS = "<!-- final begins -->", "<!-- final ends -->"


def scores_of(
    weights: Path | None, crops: LabelledScenes, glacier: str, settings: PathSettings
) -> tuple[dict[str, Any], pd.DataFrame]:
    """One row of the table, and every measure of every crop of a glacier."""
    outline = Polygon(read_outlines(OUTLINES)[glacier].fjord)
    held_out = crops.only(glacier)
    network = load_network(weights)
    found = extract_lines(network, held_out, fjord=outline, flips=True, settings=settings)
    walls = dict.fromkeys(found.pairs, sides(outline, held_out.image.shape[1:]))
    evaluation = evaluate(found.pairs, pixel=CROP_PIXEL, walls=walls)
    values = evaluation.summary.set_index("measure")["value"]
    images = evaluation.images
    nearest = images["nearest_mean"]
    row: dict[str, Any] = {"glacier": glacier, "crops": len(images)}
    row |= {name: round(float(values[key]), 1) for key, name in COLUMNS.items()}
    row |= {
        "half of the points": round(float(images["nearest_median"].median()), 1),
        "worst": round(float(nearest.max()), 1),
        "gross": int((nearest > GROSS).sum()),
        "lost": int(nearest.isna().sum()),
    }
    return row, images


def is_done(path: Path) -> bool:
    """Whether weights are there that went through the last stage."""
    if not path.is_file():
        return False
    _, held = read_weights(path)
    return bool(held["training"]["last_stage"] == STAGES[-1]["name"])


def score(work: Path) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """All that is trained, with both ways to search: rows, and every crop."""
    torch.set_num_threads(1)
    crops = read_crops(crops_folder(), read_outlines(OUTLINES))
    trained = {g: work / name_of(g) / f"{name_of(g)}.safetensors" for g in GLACIERS}
    runs: list[tuple[str, str, Path | None]] = [
        (SHIPPED if g == HELD_OUT else f"{SHIPPED}, trained on it", g, None) for g in GLACIERS
    ]
    runs += [(LEFT_OUT, g, path) for g, path in trained.items() if is_done(path)]
    rows, every = [], []
    for search, settings in (("default", PathSettings()), ("to the walls", SEARCH)):
        for name, glacier, path in runs:
            row, images = scores_of(path, crops, glacier, settings)
            rows.append({"weights": name, "search": search} | row)
            every.append(images.assign(weights=name, search=search, glacier=glacier))
    return rows, pd.concat(every)


def markdown(rows: list[dict[str, Any]]) -> str:
    """Rows for the documentation."""
    lines = [f"| {' | '.join(rows[0])} |", "| --- " * len(rows[0]) + "|"]
    for row in rows:
        said = [f"{v:.0f}" if isinstance(v, float) else str(v) for v in row.values()]
        lines.append(f"| {' | '.join(said)} |")
    return "\n".join(lines)


def print_scores(work: Path, path: Path | None, docs: Path | None) -> None:
    """Print the table; as JSON and into a page where asked."""
    rows, images = score(work)
    text = markdown(rows)
    whole = images[images["weights"] == LEFT_OUT].groupby("search")["nearest_mean"]
    text += "\n\n" + "\n".join(
        f"All {len(part)} crops left out, search {name}: median {part.median():.0f} m, "
        f"mean {part.mean():.0f} m, {int((part > GROSS).sum())} over {GROSS:.0f} m."
        for name, part in whole
    )
    print(text)
    if docs is not None:
        write_between(docs, text, (BEGINS, ENDS))
    if path is not None:
        held = {"rows": rows, "images": images.round(2).reset_index().to_dict("records")}
        write_text(path, json.dumps(held, indent=1) + "\n")


def figure(work: Path, path: Path) -> None:
    """Of each glacier left out the median crop, the upper quartile and the worst."""
    torch.set_num_threads(1)
    outlines = read_outlines(OUTLINES)
    crops = read_crops(crops_folder(), outlines)
    drawing, axes = plt.subplots(2, 3 * len(GLACIERS), figsize=(20, 7), squeeze=False)
    for number, glacier in enumerate(GLACIERS):
        fjord, held_out = Polygon(outlines[glacier].fjord), crops.only(glacier)
        network = load_network(work / name_of(glacier) / f"{name_of(glacier)}.safetensors")
        found = extract_lines(network, held_out, fjord=fjord, flips=True, settings=SEARCH)
        nearest = evaluate(found.pairs, pixel=CROP_PIXEL).images["nearest_mean"]
        names = nearest.dropna().sort_values().index
        for k, share in enumerate((0.5, 0.75, 1.0)):
            name = names[round(share * (len(names) - 1))]
            line, label = found.pairs[name]
            upper, lower = axes[:, 3 * number + k]
            for axis in (upper, lower):
                axis.imshow(held_out.image[held_out.names.index(name)], cmap="gray")
                axis.axis("off")
            lower.plot(*fjord.exterior.xy, color="tab:cyan", lw=0.6)
            lower.plot(*label.xy, color="tab:orange", lw=1.2)
            lower.plot(*line.xy, color="tab:red", lw=1.2)
            upper.set_title(f"{glacier} {name[17:25]}", fontsize=9)
            lower.set_title(f"{nearest[name]:.0f} m", fontsize=9)
    drawing.tight_layout()
    with written_whole(path) as temporary:
        drawing.savefig(temporary, dpi=55)
    plt.close(drawing)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train", help="train, or go on where it was stopped")
    training.add_argument("--work", type=Path, required=True, help="folder for all that it makes")
    training.add_argument("--hold-out", choices=GLACIERS, help="glacier never trained on")
    training.add_argument(
        "--flanks", type=float, default=FLANKS, help="share of simulated fronts with long sides"
    )
    training.add_argument("--seed", type=int, default=1, help="for another, another --work")
    scoring = commands.add_parser("score", help="errors of what is trained, glacier by glacier")
    scoring.add_argument("--work", type=Path, required=True)
    scoring.add_argument("--json", type=Path, help="write all numbers here as well")
    scoring.add_argument("--docs", type=Path, help="page between whose marks the table goes")
    drawing = commands.add_parser("figure", help="fronts of the glaciers left out")
    drawing.add_argument("--work", type=Path, required=True)
    drawing.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.command == "figure":
        figure(arguments.work, arguments.out)
        return
    if arguments.command == "score":
        print_scores(arguments.work, arguments.json, arguments.docs)
        return
    print(train_one(arguments.work, arguments.hold_out, arguments.flanks, arguments.seed))


if __name__ == "__main__":
    main()
