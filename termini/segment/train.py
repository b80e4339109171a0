"""The training loop: exact seed, resumable at any step, one process or several.

Views of step k are drawn from the stream (seed, k), so a run that was stopped
and resumed sees what an unbroken run sees, and so does one whose views are made
by other processes. A running average of the weights (Polyak & Juditsky 1992) is
what is validated and shipped. Where several processes train together, each
takes its share of every batch and gradients are averaged.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from termini.errors import InputError
from termini.segment.augment import ViewSettings, sample_views
from termini.segment.checkpoint import State, load_checkpoint, save_checkpoint
from termini.segment.datasets import LabelledScenes
from termini.segment.metrics_log import Log
from termini.segment.networks.registry import build, network_card
from termini.segment.objectives import LossSettings, total_loss
from termini.segment.optimise import OptimiserSettings, ScheduleSettings, make_optimiser


@dataclass(frozen=True)
class TrainSettings:
    """How to train.

    Parameters
    ----------
    network : str
        Of `termini.segment.networks.network_names`.
    options : dict
        Of the network.
    steps : int
        Batches.
    batch : int
        Views per batch, over all processes.
    average : float
        Memory of the running average of the weights.
    every : int
        Steps between checkpoints and validations.
    seed : int
        Of everything.
    half : bool
        Compute in bfloat16 (weights stay single).
    view, loss, optimiser, schedule
        Augmentation and what the network looks at, objective, method, rate.
    """

    network: str = "ours_small"
    options: dict[str, Any] = field(default_factory=dict)
    steps: int = 1000
    batch: int = 16
    average: float = 0.995
    every: int = 250
    seed: int = 1
    half: bool = True
    view: ViewSettings = field(default_factory=ViewSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    optimiser: OptimiserSettings = field(default_factory=OptimiserSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)


@dataclass(frozen=True)
class Machine:
    """What the training runs on; does not change what it learns on one processor.

    Parameters
    ----------
    device : str
        ``cpu`` or such as ``cuda:0``.
    workers : int
        Processes that make views ahead; 0 makes them as needed.
    rank, world : int
        Which of how many processes that train together.
    """

    device: str = "cpu"
    workers: int = 0
    rank: int = 0
    world: int = 1


Source = tuple[LabelledScenes, float]
Validation = Callable[[nn.Module, int], dict[str, float]]


def fit(
    sources: list[Source],
    settings: TrainSettings,
    folder: str | Path,
    *,
    start: nn.Module | None = None,
    validate: Validation | None = None,
    stop_at: float | None = None,
    machine: Machine | None = None,
) -> nn.Module:
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
    start : torch.nn.Module, optional
        Weights to begin with; fresh ones if not given.
    validate : callable, optional
        Gets the averaged network and the step, returns numbers for the log.
    stop_at : float, optional
        Time (``time.time()``) after which to stop at the next checkpoint.
    machine : Machine, optional
        Device and processes.

    Returns
    -------
    torch.nn.Module
        The averaged network, on the device.

    Raises
    ------
    InputError
        If a source is empty, the checkpoint belongs to other settings, or the
        batch cannot be shared out evenly.
    """
    machine = machine or Machine()
    if not sources or any(len(scenes) == 0 for scenes, _ in sources):
        raise InputError("training needs at least one scene in every source")
    if settings.batch % machine.world:
        raise InputError(
            f"a batch of {settings.batch} cannot be shared by {machine.world} processes: "
            "give a multiple of their number"
        )
    root = Path(folder)
    root.mkdir(parents=True, exist_ok=True)
    checkpoint = root / "checkpoint.safetensors"
    state = _begin(settings, checkpoint, start, machine)
    trained = _shared(state.live, machine)
    log = Log(root / "log.jsonl", state.step, leading=machine.rank == 0)
    for inputs, targets in _batches(sources, settings, machine, state.step):
        log.add(_step(state, trained, inputs, targets, settings, machine))
        if state.step % settings.every == 0 or state.step == settings.steps:
            if machine.rank == 0:
                more = {} if validate is None else validate(state.mean, state.step)
                save_checkpoint(state, settings, checkpoint)
                log.write(state.step, more)
            if _time_is_up(stop_at, machine):
                break
    return state.mean


def _begin(
    settings: TrainSettings, checkpoint: Path, start: nn.Module | None, machine: Machine
) -> State:
    def fresh() -> nn.Module:
        module = build(
            settings.network, layers=settings.view.layers, seed=settings.seed, **settings.options
        )
        return module.to(machine.device, memory_format=torch.channels_last)

    live, mean = fresh(), fresh()
    if start is not None:
        live.load_state_dict(start.state_dict())
        mean.load_state_dict(start.state_dict())
    state = State(live, mean, make_optimiser(live, settings.optimiser), 0)
    if checkpoint.is_file():
        load_checkpoint(state, settings, checkpoint)
    return state


def _shared(live: nn.Module, machine: Machine) -> nn.Module:
    """The network whose gradients are averaged over the processes."""
    live.train()
    if machine.world == 1:
        return live
    if machine.device.startswith("cuda"):
        live = nn.SyncBatchNorm.convert_sync_batchnorm(live)
    return nn.parallel.DistributedDataParallel(live)


def _time_is_up(stop_at: float | None, machine: Machine) -> bool:
    """Whether to stop; all processes do what the first says."""
    late = torch.tensor([float(stop_at is not None and time.time() > stop_at)])
    if machine.world > 1:
        late = late.to(machine.device)
        torch.distributed.broadcast(late, 0)
    return bool(late.item())


def _step(
    state: State,
    trained: nn.Module,
    inputs: Tensor,
    targets: dict[str, Tensor],
    settings: TrainSettings,
    machine: Machine,
) -> dict[str, float]:
    """One batch: loss, gradient, average."""
    device = torch.device(machine.device)
    x = inputs.to(device, memory_format=torch.channels_last, non_blocking=True)
    truth = {name: value.to(device, non_blocking=True) for name, value in targets.items()}
    factor = settings.schedule.factor(state.step, settings.steps)
    for group in state.optimiser.param_groups:
        group["lr"] = settings.optimiser.rate * factor * group["share"]
    # dropout has a stream of its own per step and process
    words = np.random.SeedSequence([settings.seed, state.step, machine.rank, 3]).generate_state(1)
    cards = [device] if device.type == "cuda" else []
    state.live.train()
    with torch.random.fork_rng(devices=cards):
        torch.manual_seed(int(words[0]))
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=settings.half):
            logits = trained(x)
    outputs = network_card(settings.network).outputs
    loss, named = total_loss(logits, truth, settings.loss, outputs)
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()
    if settings.optimiser.clip > 0:
        nn.utils.clip_grad_norm_(state.live.parameters(), settings.optimiser.clip)
    state.optimiser.step()
    # a short memory at first, or the random start would linger in the average
    memory = min(settings.average, (1.0 + state.step) / (10.0 + state.step))
    _average(state.mean, state.live, memory)
    state.step += 1
    return {"loss": float(loss.detach()), "rate": settings.optimiser.rate * factor} | named


def _average(mean: nn.Module, live: nn.Module, memory: float) -> None:
    with torch.no_grad():
        for kept, new in zip(mean.state_dict().values(), live.state_dict().values(), strict=True):
            if kept.is_floating_point():
                kept.lerp_(new, 1.0 - memory)
            else:
                kept.copy_(new)


class Steps(torch.utils.data.Dataset):  # type: ignore[misc]
    """Batches by the number of their step, so that they can be made anywhere.

    Parameters
    ----------
    sources, settings, machine
        As for `fit`.
    """

    def __init__(self, sources: list[Source], settings: TrainSettings, machine: Machine) -> None:
        self.sources, self.settings, self.machine = sources, settings, machine

    def __len__(self) -> int:
        return self.settings.steps

    def __getitem__(self, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        settings, rank, world = self.settings, self.machine.rank, self.machine.world
        parts, first = [], 0
        for number, (scenes, count) in enumerate(_shares(self.sources, settings.batch)):
            rng = np.random.default_rng([settings.seed, step, number, 7])
            index = rng.integers(0, len(scenes), count)
            mine = [k for k in range(count) if (first + k) % world == rank]
            first += count
            if mine:
                seed = (settings.seed, step, number)
                parts.append(sample_views(scenes, index[mine], seed, settings.view, mine))
        inputs = torch.cat([p[0] for p in parts])
        return inputs, {n: torch.cat([p[1][n] for p in parts]) for n in parts[0][1]}


def _batches(
    sources: list[Source], settings: TrainSettings, machine: Machine, first: int
) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
    """Batches from a step on, made ahead by workers where there are any."""
    steps = Steps(sources, settings, machine)
    rest = range(first, settings.steps)
    if machine.workers == 0:
        yield from (steps[k] for k in rest)
        return
    loader: Iterable[Any] = torch.utils.data.DataLoader(
        steps, batch_size=None, sampler=rest, num_workers=machine.workers,
        pin_memory=machine.device.startswith("cuda"), prefetch_factor=4,
    )  # fmt: skip
    yield from loader


def _shares(sources: list[Source], batch: int) -> list[tuple[LabelledScenes, int]]:
    """How many views of a batch come from each source; the first takes the rest."""
    total = sum(share for _, share in sources)
    counts = [round(batch * share / total) for _, share in sources]
    counts[0] += batch - sum(counts)
    return [(s, n) for (s, _), n in zip(sources, counts, strict=True) if n > 0]
