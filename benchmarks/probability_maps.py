"""Probability maps of scenes whose front is known, made once and kept.

What the vectorisers are compared on and what the failure detector is fitted on:
simulated scenes with seeds that no network was trained on, and the published Landsat
crops of three glaciers (the crops of Helheim take no part). Every scene is seen as it
is, mirrored and at a smaller scale, so that the spread of the three can be measured.

    python benchmarks/probability_maps.py FOLDER [--simulated 900] [--test 200]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from termini.files import data_root, sha256, written_whole
from termini.fronts import Walls, border_walls, corner_walls, line_of_pixels
from termini.scenes.normalise import normalise_values
from termini.segment import WEIGHTS, Network, load_network, predict, stack_inputs
from termini.segment.crops import read_crops, read_outlines
from termini.segment.datasets import FJORD_BIT, PRIOR_KNOWN_BIT
from termini.segment.weather import disturb
from termini.simulate import training_scene

#: First seeds of the scenes to fit on and to test on; networks were trained on seeds below 2500.
FIT_SEED, TEST_SEED = 500_000, 600_000
#: Of the real glaciers this one was held out from the training of the shipped weights.
HELD_OUT = "Kangerlussuaq"
#: Share of the simulated fronts with long sides along the flow: those are not wrong for it.
FLANKS = 0.3
CROP_PIXEL = 48.9
SCALE = 0.8
OUTLINES = Path(__file__).parents[1] / "analysis" / "landsat_crops.json"

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """One scene with what the network says of it and the front that is true.

    `group` is ``fit`` or ``test``; `kind` ``simulated`` or ``real``; `condition` says
    whether the fjord is known and the picture was disturbed. `views` holds front,
    ice and rock of each view, shape (3, 3, rows, columns): as it is, mirrored, smaller.
    """

    name: str
    group: str
    kind: str
    glacier: str
    condition: str
    pixel: float
    image: NDArray[np.float32]
    valid: NDArray[np.bool_]
    fjord: NDArray[np.bool_] | None
    views: NDArray[np.float32]
    truth: Array

    @property
    def front(self) -> NDArray[np.float32]:
        """Probability of a front, the picture as it is."""
        return np.asarray(self.views[0, 0], dtype=np.float32)

    @property
    def ice(self) -> NDArray[np.float32]:
        """Probability of ice, the picture as it is."""
        return np.asarray(self.views[0, 1], dtype=np.float32)

    @property
    def rock(self) -> NDArray[np.float32]:
        """Probability of rock, the picture as it is."""
        return np.asarray(self.views[0, 2], dtype=np.float32)

    @property
    def walls(self) -> Walls:
        """Walls of the fjord, or the picture's borders where it is not known."""
        if self.fjord is None:
            return border_walls((self.front.shape[0], self.front.shape[1]))
        return corner_walls(self.fjord)


def views_of(network: Network, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Front, ice and rock as the network sees the picture as it is, mirrored, and smaller."""
    plain = predict(network, inputs)
    turned = predict(network, inputs[..., ::-1].copy())
    shape = inputs.shape[1:]
    size = tuple(round(n * SCALE) for n in shape)
    small = np.stack([_resized(layer, size) for layer in inputs])
    small[1:] = small[1:] > 0.5
    less = predict(network, small)
    maps = [
        (plain.front, plain.ice, plain.rock),
        tuple(field[:, ::-1] for field in (turned.front, turned.ice, turned.rock)),
        tuple(_resized(field, shape) for field in (less.front, less.ice, less.rock)),
    ]
    return np.asarray(maps, dtype=np.float32)


def _resized(field: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    zoom = [n / m for n, m in zip(shape, field.shape, strict=True)]
    out = ndimage.zoom(field, zoom, order=1, grid_mode=True, mode="nearest")
    return np.asarray(out, dtype=np.float32)


def _made(
    network: Network, image: NDArray[np.uint8], valid: NDArray[np.bool_],
    fjord: NDArray[np.bool_] | None, seed: int, strength: float,
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float32]]:  # fmt: skip
    shown = image.astype(np.float32) / 255
    if strength > 0:
        shown, valid = disturb(shown, valid, np.random.default_rng([11, seed]), strength)
    equal = normalise_values(np.rint(np.clip(shown, 0, 1) * 1023), valid)
    return equal, valid, views_of(network, stack_inputs(equal, valid, fjord))


def simulated_case(network: Network, seed: int, group: str) -> Case:
    """A simulated scene; every third without a fjord, every second disturbed."""
    scene = training_scene(seed, flanks=FLANKS)
    fjord = None if seed % 3 == 0 else scene.fjord
    strength = 1.5 if seed % 2 else 0.0
    image, valid, views = _made(network, scene.image, scene.valid, fjord, seed, strength)
    condition = ("unknown" if fjord is None else "fjord") + (" disturbed" if strength else "")
    return Case(
        f"simulated-{seed}", group, "simulated", f"simulated-{seed}", condition, scene.pixel,
        image, valid, fjord, views, scene.front,
    )  # fmt: skip


CONDITIONS = ("fjord", "unknown", "fjord disturbed", "unknown disturbed")


def _seeds(simulated: int, test: int) -> Iterator[tuple[str, int]]:
    """Group and seed of the simulated scenes, both groups in turn."""
    for number in range(max(simulated, test)):
        if number < simulated:
            yield "fit", FIT_SEED + number
        if number < test:
            yield "test", TEST_SEED + number


def cases(
    folder: Path, simulated: int = 900, test: int = 200, *, weights: Path | None = None
) -> Iterator[Case]:
    """All cases, made where the folder lacks them; one at a time, they are large."""
    network = load_network(weights)
    folder = folder / sha256(weights or WEIGHTS)[:12]
    crops = read_crops(data_root() / "images/landsat_fronts/train", read_outlines(OUTLINES))
    for number, name in enumerate(crops.names):
        glacier = crops.glaciers[number]
        group = "test" if glacier == HELD_OUT else "fit"
        which = CONDITIONS if group == "test" else (CONDITIONS[0], CONDITIONS[3])
        for condition in which:
            path = folder / f"{name}-{condition.replace(' ', '-')}.npz"
            if not path.is_file():
                flags = crops.flags[number]
                known = condition.startswith("fjord") and bool((flags & PRIOR_KNOWN_BIT).any())
                fjord = (flags & FJORD_BIT) > 0 if known else None
                strength = 1.5 if condition.endswith("disturbed") else 0.0
                seen = np.ones(flags.shape, dtype=bool)
                image, valid, views = _made(
                    network, crops.image[number], seen, fjord, number, strength
                )
                truth = np.asarray(line_of_pixels(crops.distance[number] == 0).coords)
                case = Case(name, group, "real", glacier, condition, CROP_PIXEL,
                            image, valid, fjord, views, truth)  # fmt: skip
                _save(case, path)
            yield _load(path)
    for group, seed in _seeds(simulated, test):
        path = folder / f"simulated-{seed}.npz"
        if not path.is_file():
            _save(simulated_case(network, seed, group), path)
        yield _load(path)


_TEXTS = ("name", "group", "kind", "glacier", "condition")


def _save(case: Case, path: Path) -> None:
    held = {
        **{name: np.array(getattr(case, name)) for name in _TEXTS},
        "pixel": np.array(case.pixel),
        "image": np.rint(case.image * 255).astype(np.uint8),
        "valid": case.valid,
        "fjord": np.zeros(0, dtype=bool) if case.fjord is None else case.fjord,
        "views": case.views.astype(np.float16),
        "truth": case.truth,
    }
    with written_whole(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **held)


def _load(path: Path) -> Case:
    with np.load(path) as held:
        texts = {name: str(held[name]) for name in _TEXTS}
        fjord = held["fjord"]
        return Case(
            **texts,
            pixel=float(held["pixel"]),
            image=held["image"].astype(np.float32) / 255,
            valid=held["valid"],
            fjord=fjord if fjord.size else None,
            views=held["views"].astype(np.float32),
            truth=held["truth"],
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--simulated", type=int, default=900, help="scenes to fit on")
    parser.add_argument("--test", type=int, default=200, help="scenes to test on")
    parser.add_argument("--weights", type=Path)
    a = parser.parse_args()
    count: dict[tuple[str, str, str], int] = {}
    for case in cases(a.folder, a.simulated, a.test, weights=a.weights):
        key = (case.kind, case.group, case.condition)
        count[key] = count.get(key, 0) + 1
    for key, number in sorted(count.items()):
        print(*key, number)


if __name__ == "__main__":
    main()
