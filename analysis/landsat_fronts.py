"""Fronts of the published Landsat crops: Helheim predicted, Kangerlussuaq scored.

Reads ``images/landsat_fronts`` under TERMINI_DATA (Mohajerani et al. 2019).

1. Predicts the ten Helheim crops, which have no labels, and writes each front as
   GeoJSON in pixel coordinates (x right, y down, pixel centres at whole numbers).
2. Predicts the crops of Kangerlussuaq, which the shipped network never saw, and
   reports their error by every measure of the field.

The crops of one glacier show the same ground. Where the network sees rock on the
mean of all of them is rock: that gives the fjord, which no single crop knows.

    python analysis/landsat_fronts.py --out out/landsat_fronts --json scores.json

``--weights`` takes several files, whose maps are averaged. ``--held-out-only`` leaves the
first part out: crops that are kept for a test are not to be looked at before everything
is chosen.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import rasterio.features
import shapely
from affine import Affine
from scipy import ndimage
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from termini.files import data_root, write_text, written_whole
from termini.fronts import (
    Evaluation,
    Extracted,
    evaluate,
    extract_pictures,
    open_networks,
    read_label,
    write_pixel_polygon,
)
from termini.fronts.judgement import PathSettings
from termini.scenes import normalise
from termini.segment import Network, Views

PIXEL = 48.9
HELD_OUT = ("229012", "230012", "231012")
ROCK = 0.5

#: The labels reach both walls, so a front is not cut where it fades towards them; and
#: the path may be as long as the front is where that is clear. Chosen on Sverdrup and
#: Jakobshavn (`network_final.py score`).
SEARCH = PathSettings(trim_in_fjord=0.0, floor=0.01)

#: Each crop is seen twice, once mirrored.
VIEWS = Views(flips=True)


def path_row(path: Path) -> str:
    return path.stem.split("_")[2]


def fjord_of(views: Mapping[str, Extracted]) -> Polygon:
    """Fjord of a glacier from the network's rock maps of all its crops."""
    rock = np.mean([view.prediction.rock for view in views.values()], axis=0)
    open_ground = ndimage.binary_opening(rock < ROCK, iterations=2)
    label, _ = ndimage.label(open_ground)
    sizes = np.bincount(label.ravel())
    sizes[0] = 0
    inside = ndimage.binary_fill_holes(label == sizes.argmax())
    shapes = rasterio.features.shapes(
        inside.astype("uint8"), mask=inside, transform=Affine.translation(-0.5, -0.5)
    )
    polygon = max((shapely.geometry.shape(s) for s, _ in shapes), key=lambda p: p.area)
    return polygon.simplify(1.0).buffer(0)


def sides(fjord: Polygon, shape: tuple[int, ...]) -> BaseGeometry:
    """Walls of a fjord in crops of that many rows and columns: its outline off their border."""
    inner = box(1.0, 1.0, shape[1] - 2.0, shape[0] - 2.0)
    return fjord.exterior.intersection(inner)


def extract_glacier(
    paths: list[Path], networks: list[Network], out: Path | None = None
) -> tuple[dict[str, Extracted], dict[str, Extracted], pd.DataFrame, Polygon]:
    """All crops of one glacier, first without and then with the fjord that they show."""
    first, _ = extract_pictures(paths, networks, pixel_size=PIXEL, views=VIEWS, progress=False)
    fjord = fjord_of(first)
    views, failures = extract_pictures(
        paths, networks, pixel_size=PIXEL, fjord=fjord, out=out, views=VIEWS, settings=SEARCH,
        progress=False,
    )  # fmt: skip
    return first, views, failures, fjord


def score(
    views: Mapping[str, Extracted], labels: Mapping[str, LineString], fjord: Polygon
) -> Evaluation:
    """Errors by all measures; what lies near the fjord's walls is cut where a measure cuts."""
    shape = next(iter(views.values())).scene.values.shape
    pairs = {
        name: (views[name].line if name in views else None, label) for name, label in labels.items()
    }
    region = box(-0.5, -0.5, shape[1] - 0.5, shape[0] - 0.5)
    walls = dict.fromkeys(pairs, sides(fjord, shape))
    return evaluate(pairs, pixel=PIXEL, region=region, walls=walls)


def draw(
    views: Mapping[str, Extracted],
    path: Path,
    fjord: Polygon | None,
    labels: Mapping[str, LineString] | None = None,
    order: list[str] | None = None,
) -> None:
    names = order or sorted(views)
    rows = -(-len(names) // 6)
    figure, axes = plt.subplots(rows, 6, figsize=(18, 4.6 * rows), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, name in zip(axes.flat, names, strict=False):
        view = views[name]
        axis.imshow(normalise(view.scene), cmap="gray")
        if fjord is not None:
            axis.plot(*fjord.exterior.xy, color="tab:cyan", lw=0.5)
        if labels is not None:
            axis.plot(*labels[name].xy, color="tab:orange", lw=1.0)
        doubt = "?" if view.path.reasons else ""
        axis.plot(*view.line.xy, color="tab:red", lw=1.0)
        title = f"{name[:4]} {view.row['date']:%Y-%m-%d}  {view.path.confidence:.2f}{doubt}"
        axis.set_title(f"{title}  ±{view.row['sigma_m']:.0f} m", fontsize=8)
    figure.tight_layout()
    with written_whole(path) as temporary:
        figure.savefig(temporary, dpi=80)
    plt.close(figure)


def predict_helheim(folder: Path, networks: list[Network], out: Path) -> int:
    """Fronts of the ten test crops, written as GeoJSON; how many there are."""
    crops = sorted((folder / "test" / "images").glob("*.png"))
    _, helheim, failures, fjord = extract_glacier(crops, networks, out / "helheim")
    write_pixel_polygon(out / "helheim_fjord.geojson", fjord)
    draw(helheim, out / "helheim.png", fjord)
    print(f"Helheim: {len(helheim)} of {len(crops)} fronts written to {out / 'helheim'}")
    for row in failures.itertuples():
        print(f"  failed: {row.reason}")
    for name, view in helheim.items():
        print(f"  {name[:25]} sigma {view.row['sigma_m']:.0f} m  {view.row['note']}")
    return len(helheim)


def score_held_out(folder: Path, networks: list[Network], out: Path) -> dict[str, object]:
    """Errors of the glacier that the shipped network never saw, printed and as tables."""
    labelled = sorted((folder / "train" / "images").glob("*.png"))
    labelled = [path for path in labelled if path_row(path) in HELD_OUT]
    labels = {
        path.stem: read_label(folder / "train/labels" / path.name.replace("Subset", "Front"))
        for path in labelled
    }
    alone, views, _, fjord = extract_glacier(labelled, networks)
    result = score(views, labels, fjord)
    single = score(alone, labels, fjord)
    both = result.summary.assign(without_fjord=single.summary["value"])
    worst = result.images["nearest_mean"].sort_values(ascending=False, na_position="first")
    draw(views, out / "kangerlussuaq.png", fjord, labels, [n for n in worst.index if n in views])
    table = result.images.sort_values("nearest_mean", ascending=False)
    table.insert(0, "confidence", [views[n].path.confidence for n in table.index])
    table.insert(1, "sigma_m", [views[n].row["sigma_m"] for n in table.index])
    with written_whole(out / "kangerlussuaq.csv") as temporary:
        table.round(3).to_csv(temporary)
    print("\nKangerlussuaq, held out from training, by every measure;")
    print("with the fjord that all its crops show together, and each crop by itself:")
    print(both.round(3).to_string(index=False))
    print("\nworst images:")
    print(table.head(5).round(2).to_string())
    return {
        "weights": [network.path for network in networks],
        "held_out": dict(zip(both["measure"], both["value"], strict=True)),
        "held_out_each_crop_by_itself": dict(
            zip(both["measure"], both["without_fjord"], strict=True)
        ),
        "held_out_images": table.round(3).to_dict("index"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/landsat_fronts"))
    parser.add_argument("--json", type=Path, help="write all figures here as well")
    parser.add_argument(
        "--weights", type=Path, nargs="+", help="other weights than the shipped ones; of several "
        "the maps are averaged",
    )  # fmt: skip
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--held-out-only", action="store_true", help="leave Helheim's crops alone")
    part.add_argument(
        "--helheim-only", action="store_true", help="for weights that Kangerlussuaq is not new to"
    )
    arguments = parser.parse_args()
    folder = data_root() / "images" / "landsat_fronts"
    networks = open_networks(arguments.weights, VIEWS)
    content: dict[str, object] = {}
    if not arguments.held_out_only:
        content["helheim_fronts"] = predict_helheim(folder, networks, arguments.out)
    if not arguments.helheim_only:
        content |= score_held_out(folder, networks, arguments.out)
    if arguments.json:
        write_text(arguments.json, json.dumps(content, indent=2, default=float) + "\n")


if __name__ == "__main__":
    main()
