"""Training: exact seed, resumable at any step, a log in JSON lines.

Views of step k are drawn from the stream (seed, k), so a run that was stopped
and resumed sees what an unbroken run sees. A running average of the weights
(Polyak) is what is validated and shipped.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from termini.errors import InputError
from termini.files import written_whole
from termini.segment.augment import ViewSettings, sample_views
from termini.segment.datasets import LabelledScenes
from termini.segment.losses import LossSettings, total_loss
from termini.segment.unet import NetworkSettings, UNet, build_network


@dataclass(frozen=True)
class TrainSettings:
    """How to train.

    Parameters
    ----------
    steps : int
        Batches.
    batch : int
        Views per batch.
    rate : float
        Highest learning rate; rises over `warmup` steps, then falls as a cosine.
    warmup : int
        Steps.
    decay : float
        Weight decay of AdamW.
    average : float
        Memory of the running average of the weights.
    every : int
        Steps between checkpoints and validations.
    seed : int
        Of everything.
    half : bool
        Compute in bfloat16.
    """

    steps: int = 1000
    batch: int = 16
    rate: float = 3e-3
    warmup: int = 100
    decay: float = 1e-3
    average: float = 0.995
    every: int = 250
    seed: int = 1
    half: bool = True
    view: ViewSettings = field(default_factory=ViewSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)

    def learning_rate(self, step: int) -> float:
        """Rate at a step."""
        if step < self.warmup:
            return self.rate * (step + 1) / self.warmup
        done = (step - self.warmup) / max(self.steps - self.warmup, 1)
        return self.rate * (0.02 + 0.98 * 0.5 * (1.0 + math.cos(math.pi * min(done, 1.0))))


Source = tuple[LabelledScenes, float]
Validation = Callable[[UNet, int], dict[str, float]]


def train(
    sources: list[Source],
    settings: TrainSettings,
    folder: str | Path,
    *,
    start: UNet | None = None,
    validate: Validation | None = None,
    stop_at: float | None = None,
) -> UNet:
    """Train, or go on with a training that was stopped.

    Parameters
    ----------
    sources : list of (LabelledScenes, float)
        Scenes and their share of every batch.
    settings : TrainSettings
        How.
    folder : path
        Holds ``checkpoint.safetensors`` (resumed from if there) and
        ``log.jsonl``.
    start : UNet, optional
        Weights to begin with; fresh ones if not given.
    validate : callable, optional
        Gets the averaged network and the step, returns numbers for the log.
    stop_at : float, optional
        Time (``time.time()``) after which to stop at the next checkpoint.

    Returns
    -------
    UNet
        The averaged network.
    """
    if not sources or any(len(scenes) == 0 for scenes, _ in sources):
        raise InputError("training needs at least one scene in every source")
    root = Path(folder)
    root.mkdir(parents=True, exist_ok=True)
    state = _begin(settings, root / "checkpoint.safetensors", start)
    began, sums = time.time(), dict[str, float]()
    while state.step < settings.steps:
        for name, value in _step(state, sources, settings).items():
            sums[name] = sums.get(name, 0.0) + value
        state.step += 1
        if state.step % settings.every == 0 or state.step == settings.steps:
            record: dict[str, Any] = {name: v / settings.every for name, v in sums.items()}
            record |= {"step": state.step, "seconds": round(time.time() - began, 1)}
            if validate is not None:
                record |= validate(state.mean, state.step)
            _log(root / "log.jsonl", record)
            _save(state, settings, root / "checkpoint.safetensors")
            sums = {}
            if stop_at is not None and time.time() > stop_at:
                break
    return state.mean


@dataclass
class _State:
    live: UNet
    mean: UNet
    optimiser: Any
    step: int


def _begin(settings: TrainSettings, checkpoint: Path, start: UNet | None) -> _State:
    live = build_network(settings.network, seed=settings.seed)
    if start is not None:
        live.load_state_dict(start.state_dict())
    mean = build_network(settings.network, seed=settings.seed)
    mean.load_state_dict(live.state_dict())
    optimiser = torch.optim.AdamW(
        live.parameters(), lr=settings.rate, weight_decay=settings.decay, foreach=True
    )
    state = _State(live, mean, optimiser, 0)
    if checkpoint.is_file():
        _resume(state, settings, checkpoint)
    return state


def _step(state: _State, sources: list[Source], settings: TrainSettings) -> dict[str, float]:
    """One batch: views, loss, gradient, average."""
    seed = (settings.seed, state.step)
    parts = []
    for number, (scenes, count) in enumerate(_shares(sources, settings.batch)):
        index = np.random.default_rng([*seed, number, 7]).integers(0, len(scenes), count)
        parts.append(sample_views(scenes, index, (*seed, number), settings.view))
    inputs = torch.cat([p[0] for p in parts]).to(memory_format=torch.channels_last)
    targets = {name: torch.cat([p[1][name] for p in parts]) for name in parts[0][1]}
    for group in state.optimiser.param_groups:
        group["lr"] = settings.learning_rate(state.step)
    state.live.train()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=settings.half):
        logits = state.live(inputs)
    loss, named = total_loss(logits, targets, settings.loss)
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(state.live.parameters(), 1.0)
    state.optimiser.step()
    # a short memory at first, or the random start would linger in the average
    memory = min(settings.average, (1.0 + state.step) / (10.0 + state.step))
    _average(state.mean, state.live, memory)
    return named


def _shares(sources: list[Source], batch: int) -> list[tuple[LabelledScenes, int]]:
    """How many views of a batch come from each source; the first takes the rest."""
    total = sum(share for _, share in sources)
    counts = [round(batch * share / total) for _, share in sources]
    counts[0] += batch - sum(counts)
    return [(s, n) for (s, _), n in zip(sources, counts, strict=True) if n > 0]


def _average(mean: UNet, live: UNet, memory: float) -> None:
    with torch.no_grad():
        for kept, new in zip(mean.state_dict().values(), live.state_dict().values(), strict=True):
            if kept.is_floating_point():
                kept.lerp_(new, 1.0 - memory)
            else:
                kept.copy_(new)


def _log(path: Path, record: dict[str, Any]) -> None:
    with open(path, "a", encoding="utf-8") as stream:
        stream.write(json.dumps(record) + "\n")


def _save(state: _State, settings: TrainSettings, path: Path) -> None:
    """Everything that the next step depends on, as plain tensors."""
    tensors: dict[str, Tensor] = {}
    for prefix, network in (("live", state.live), ("mean", state.mean)):
        tensors |= {f"{prefix}.{k}": v.contiguous() for k, v in network.state_dict().items()}
    for number, moments in state.optimiser.state_dict()["state"].items():
        tensors |= {f"moment.{number}.{k}": v.contiguous() for k, v in moments.items()}
    header = {"step": str(state.step), "settings": json.dumps(asdict(settings), sort_keys=True)}
    with written_whole(path) as temporary:
        save_file(tensors, str(temporary), metadata=header)


def _resume(state: _State, settings: TrainSettings, path: Path) -> None:
    from safetensors import safe_open

    with safe_open(str(path), framework="pt") as held:
        header = held.metadata()
    if header["settings"] != json.dumps(asdict(settings), sort_keys=True):
        raise InputError(
            f"{path} belongs to a training with other settings: give an empty folder, "
            "or the settings that it began with"
        )
    tensors = load_file(str(path))
    for prefix, network in (("live", state.live), ("mean", state.mean)):
        network.load_state_dict(
            {k.removeprefix(f"{prefix}."): v for k, v in tensors.items() if k.startswith(prefix)}
        )
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("moment."):
            _, number, name = key.split(".")
            moments.setdefault(int(number), {})[name] = value
    groups = state.optimiser.state_dict()["param_groups"]
    state.optimiser.load_state_dict({"state": moments, "param_groups": groups})
    state.step = int(header["step"])
