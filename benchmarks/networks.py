"""Size, operations and time of every network, and of its exported form.

    python benchmarks/networks.py --json networks.json

One row per network: trained values, those that its paper states, operations
for a picture of 512 x 512 pixels (multiply-accumulates of its convolutions),
and seconds on one processor core, the least of a few runs. Networks whose
operations would take longer than ``--most`` billion are only counted.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from termini.errors import TerminiError
from termini.files import write_text
from termini.segment import LAYERS, Network, load_network, predict
from termini.segment.export import export_onnx
from termini.segment.network_file import ready
from termini.segment.networks import (
    build,
    multiplications,
    network_card,
    network_names,
    parameter_count,
    published_count,
)

SIDE = 512


def least(work: Callable[[], object], runs: int) -> float:
    """Seconds of the quickest run, after one to warm up."""
    work()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def row(name: str, runs: int, most: float) -> dict[str, Any]:
    """All numbers of one network."""
    card = network_card(name)
    counted = build(name, device="meta")
    operations = multiplications(counted, SIDE, SIDE)
    result: dict[str, Any] = {
        "paper": card.paper,
        "outputs": list(card.outputs),
        "layers": len(card.layers),
        "parameters": parameter_count(counted),
        "parameters_as_published": published_count(name) if card.published else None,
        "parameters_published": card.published,
        "gmac": round(operations / 1e9, 2),
    }
    if operations > most * 1e9:
        return result
    layers = np.random.default_rng(0).random((len(LAYERS) + 8, SIDE, SIDE), dtype=np.float32)
    for half in (False, True):
        network = Network(ready(build(name)), {}, half, name)
        kind = "bfloat16" if half else "float32"
        result[f"seconds_{kind}"] = round(least(lambda n=network: predict(n, layers), runs), 3)
    return result


def exported(runs: int) -> dict[str, Any]:
    """Seconds of the shipped network in torch and in ONNX Runtime, and how far they differ."""
    network = load_network(half=False)
    layers = np.random.default_rng(0).random((len(LAYERS), SIDE, SIDE), dtype=np.float32)
    here = predict(network, layers)
    result = {"torch": round(least(lambda: predict(network, layers), runs), 3)}
    try:
        with TemporaryDirectory() as folder:
            there = load_network(export_onnx(load_network(half=False), Path(folder) / "n.onnx"))
            result["onnxruntime"] = round(least(lambda: predict(there, layers), runs), 3)
            apart = np.abs(predict(there, layers).front - here.front).max()
            result["largest_difference"] = float(apart)
    except TerminiError as error:
        result["onnxruntime"] = None
        print(error)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", type=Path, help="write all numbers here")
    parser.add_argument("--runs", type=int, default=2, help="timed runs of each")
    parser.add_argument("--most", type=float, default=60.0, help="time up to so many GMAC")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    result: dict[str, Any] = {"threads": 1, "side": SIDE, "networks": {}}
    for name in sorted(network_names(), key=lambda n: multiplications(build(n, device="meta"))):
        found = row(name, arguments.runs, arguments.most)
        result["networks"][name] = found
        times = [found.get(f"seconds_{k}") for k in ("float32", "bfloat16")]
        print(f"{name:22}{found['parameters']:>13,}{found['gmac']:>9.1f} GMAC", *times, flush=True)
    result["shipped"] = exported(arguments.runs)
    print(result["shipped"])
    if arguments.json is not None:
        write_text(arguments.json, json.dumps(result, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
