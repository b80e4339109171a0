"""One command from a configuration to weights: `termini train CONFIG`.

Stages follow each other, each from the averaged weights of the one before:
simulated scenes first, real ones then. Scenes of a glacier that is held out
are never trained on; the losses on them stand in the log as ``val_...``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from torch import nn

from termini.errors import ConfigError, InputError, MissingExtraError
from termini.files import write_text
from termini.segment.augment import sample_views
from termini.segment.config import TrainConfig, load_config
from termini.segment.datasets import LabelledScenes
from termini.segment.distributed import run_together
from termini.segment.metrics_log import plot_log, read_log
from termini.segment.networks.registry import build, network_card
from termini.segment.objectives import total_loss
from termini.segment.sources import load_sources
from termini.segment.train import Machine, TrainSettings, fit
from termini.segment.weights_file import read_weights, write_weights

VALIDATED = 32
"""Most views of held-out scenes that the log's validation looks at."""

Scoring = Callable[[nn.Module, int, Path], dict[str, float]]


def train(
    config: str | Path | TrainConfig,
    out: str | Path,
    *,
    overrides: Mapping[str, Any] | None = None,
    hours: float | None = None,
    score: Scoring | None = None,
    progress: bool = True,
) -> Path:
    """Train a network from a configuration, or go on where a run was stopped.

    Parameters
    ----------
    config : str, path or TrainConfig
        A YAML file, the name of a configuration that ships
        (`termini.segment.config.config_names`), or one that was read.
    out : path
        Folder for ``config.yaml``, ``stage-*`` (checkpoint, log), ``log.csv``,
        ``log.png`` (where matplotlib is installed), the weights, and
        ``left_out.csv`` where scenes of a folder could not be used.
    overrides : mapping, optional
        Keys to set, such as ``{"device": "cuda", "hold_out": "Jakobshavn"}``.
    hours : float, optional
        Stop at the first checkpoint after this time; run again to go on.
    score : callable, optional
        Called at every checkpoint with the averaged network, the step and the
        stage's folder; its numbers go into the log. Not with several processes.
    progress : bool
        Bars while scenes are rendered.

    Returns
    -------
    pathlib.Path
        Weights, ``<name>.safetensors``; those of the last checkpoint where time
        ran out.

    Raises
    ------
    ConfigError
        If the configuration is wrong, or the glacier to hold out is in no source.
    InputError
        If data are missing, or `out` holds a training with other settings.
    """
    chosen = config if isinstance(config, TrainConfig) else load_config(config, overrides)
    root = Path(out)
    plain = json.loads(chosen.model_dump_json())
    _check_start(root, plain["start"])
    write_text(root / "config.yaml", yaml.safe_dump(plain, sort_keys=False, allow_unicode=True))
    stop_at = None if hours is None else time.time() + 3600.0 * hours
    machine = Machine(chosen.device, chosen.workers)
    if chosen.processes > 1:
        if score is not None:
            raise ConfigError("processes: scoring at checkpoints needs processes: 1")
        # rendered once, before all read it
        load_sources(chosen, root, progress=progress)
        run_together(_together, machine, chosen.processes, plain, str(root), stop_at)
    else:
        _stages(chosen, root, machine, stop_at, score, progress)
    write_text(root / "log.csv", read_log(root).to_csv(index=False))
    # the table holds the same; the plot is for those who have matplotlib
    with suppress(MissingExtraError):
        plot_log(root, root / "log.png")
    return root / f"{chosen.name}.safetensors"


def _together(machine: Machine, plain: dict[str, Any], root: str, stop_at: float | None) -> None:
    """What each of several processes does."""
    config = TrainConfig.model_validate(plain)
    _stages(config, Path(root), machine, stop_at, None, False)


def _stages(
    config: TrainConfig,
    root: Path,
    machine: Machine,
    stop_at: float | None,
    score: Scoring | None,
    progress: bool,
) -> None:
    network = _started(config)
    sources, held_out = load_sources(config, root, progress=progress)
    for number, stage in enumerate(config.stages):
        settings = config.settings(number)
        folder = root / f"stage-{number}"
        used = [(sources[name], share) for name, share in stage.shares.items()]
        validate = _validation(settings, held_out, machine, folder, score)
        network = fit(
            used, settings, folder,
            start=network, validate=validate, stop_at=stop_at, machine=machine,
        )  # fmt: skip
        if machine.rank == 0:
            record = _record(config, sources, held_out, stage.name)
            path = root / f"{config.name}.safetensors"
            write_weights(network, path, name=config.name, training=record)
        if stop_at is not None and time.time() > stop_at:
            break


def _check_start(root: Path, start: str | None) -> None:
    """Refuse to go on with a training that began from other weights."""
    path = root / "config.yaml"
    if not path.is_file():
        return
    before = yaml.safe_load(path.read_text(encoding="utf-8")).get("start")
    if before != start:
        raise InputError(
            f"{root}: holds a training that began from {before or 'fresh weights'}, not from "
            f"{start or 'fresh weights'}; give another folder"
        )


def _started(config: TrainConfig) -> nn.Module | None:
    """Weights that the configuration goes on from."""
    if config.start is None:
        return None
    network, _ = read_weights(config.start)
    view = config.settings(0).view
    fresh = build(config.network.name, layers=view.layers, **config.network.options)
    try:
        # of another network no layer fits, and nothing would say so before hours of rendering
        fresh.load_state_dict(network.state_dict())
    except RuntimeError as error:
        raise ConfigError(
            f"start: {config.start} holds another network than {config.network.name} with these "
            f"layers and options ({str(error).splitlines()[-1].strip()})"
        ) from error
    return fresh


def _record(
    config: TrainConfig,
    sources: Mapping[str, LabelledScenes],
    held_out: LabelledScenes | None,
    stage: str,
) -> dict[str, object]:
    """How the weights were made, for their header."""
    return config.record() | {
        "scenes": {name: len(scenes) for name, scenes in sources.items()},
        "held_out_scenes": 0 if held_out is None else len(held_out),
        "last_stage": stage,
    }


def _validation(
    settings: TrainSettings,
    held_out: LabelledScenes | None,
    machine: Machine,
    folder: Path,
    score: Scoring | None,
) -> Callable[[nn.Module, int], dict[str, float]]:
    """Losses on undisturbed views of held-out scenes, and what the caller scores."""

    def validate(mean: nn.Module, step: int) -> dict[str, float]:
        numbers: dict[str, float] = {}
        if held_out is not None:
            numbers |= _held_out_losses(mean, held_out, settings, machine)
        if score is not None:
            copy = build(settings.network, layers=settings.view.layers, seed=0, **settings.options)
            copy.load_state_dict(mean.state_dict())
            numbers |= score(copy.eval(), step, folder)
        return numbers

    return validate


def _held_out_losses(
    mean: nn.Module, scenes: LabelledScenes, settings: TrainSettings, machine: Machine
) -> dict[str, float]:
    view = replace(settings.view, strength=0.0, rotation=0.0, zoom=(1.0, 1.0), quarter_turns=False)
    index = np.linspace(0, len(scenes) - 1, min(VALIDATED, len(scenes))).astype(int)
    inputs, targets = sample_views(scenes, index, (0, 0), view)
    outputs = network_card(settings.network).outputs
    sums: dict[str, float] = {}
    was = mean.training
    mean.eval()
    with torch.no_grad():
        for first in range(0, len(inputs), settings.batch):
            part = slice(first, first + settings.batch)
            logits = mean(inputs[part].to(machine.device)).float().cpu()
            truth = {name: value[part] for name, value in targets.items()}
            total, named = total_loss(logits, truth, settings.loss, outputs)
            share = len(logits) / len(inputs)
            for name, value in ({"loss": float(total)} | named).items():
                sums[f"val_{name}"] = sums.get(f"val_{name}", 0.0) + share * value
    mean.train(was)
    return sums
