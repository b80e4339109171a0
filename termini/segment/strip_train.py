"""Training of the network for strips: targets, disturbances, the loop."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from termini.errors import MissingExtraError
from termini.segment.datasets import STEPS_PER_PIXEL
from termini.segment.strip import rows_in_reach, strip_inputs

try:
    import torch
    from torch import Tensor, nn
except ImportError as error:
    raise MissingExtraError("extract", "training the network for strips") from error

Field = NDArray[np.float32]

#: A normal teaches nothing if the true front comes no nearer to it than this, samples.
NEAREST = 1.2


@dataclass(frozen=True)
class StripSample:
    """A strip with its truth.

    Parameters
    ----------
    values : ndarray of uint8, shape (rows, columns)
        Rank of brightness, 0 to 255.
    valid : ndarray of bool, shape (rows, columns)
        What was seen.
    distance : ndarray of uint8, shape (rows, columns)
        Distance to the true front, twentieths of a sample, cut at 255.
    working : float
        Samples in a pixel of the grid that the line was drawn on.
    width : float
        Standard deviation of the target about the true front, samples.
    """

    values: NDArray[np.uint8]
    valid: NDArray[np.bool_]
    distance: NDArray[np.uint8]
    working: float
    width: float = 0.6


@dataclass(frozen=True)
class StripTraining:
    """How the network is trained.

    Parameters
    ----------
    steps : int
        Batches.
    columns, batch : int
        Length of the pieces, and how many go together.
    rate, decay : float
        Of AdamW; the rate is constant after 30 steps.
    settle : float
        Share of the steps, the last ones, over which the rate falls to a twentieth.
    real : float
        Share of real strips.
    mean : float
        Of the running average of the weights, which is what is kept.
    clip : float
        Largest norm of the gradient.
    seed : int
        Of the weights, the choice of strips and their disturbances.
    """

    steps: int = 1000
    columns: int = 64
    batch: int = 16
    rate: float = 3e-3
    decay: float = 1e-3
    settle: float = 0.4
    real: float = 0.15
    mean: float = 0.985
    clip: float = 1.0
    seed: int = 0


def target(sample: StripSample, distance: NDArray[np.uint8]) -> tuple[Field, Field]:
    """What the network shall say, and of which columns.

    Parameters
    ----------
    sample : StripSample
        For its width and reach.
    distance : ndarray of uint8, shape (rows, columns)
        As in `StripSample`.

    Returns
    -------
    tuple of ndarray
        Chances, one over each column, shape (rows, columns), and 1 for columns that the
        true front crosses within reach, shape (columns,).
    """
    reach = rows_in_reach(distance.shape[0], sample.working)[:, None]
    off = distance.astype(np.float32) / STEPS_PER_PIXEL
    chance = np.exp(-0.5 * (off / sample.width) ** 2) * reach
    near = np.where(reach, off, np.inf).min(axis=0) < NEAREST
    total = np.maximum(chance.sum(axis=0), 1e-9)
    return np.asarray(chance / total, np.float32), near.astype(np.float32)


def piece(
    sample: StripSample, columns: int, rng: np.random.Generator
) -> tuple[Field, Field, Field, NDArray[np.bool_]]:
    """Random piece of a strip, disturbed: inputs, target, weight of columns, rows in reach."""
    first = int(rng.integers(0, max(sample.values.shape[1] - columns, 0) + 1))
    part = np.s_[:, first : first + columns]
    values: Field = np.asarray(sample.values[part], np.float32) / np.float32(255)
    valid, distance = sample.valid[part], sample.distance[part]
    if rng.uniform() < 0.5:
        values, valid, distance = values[:, ::-1], valid[:, ::-1], distance[:, ::-1]
    if rng.uniform() < 0.4:
        rows = int(np.clip(round(rng.normal(0, 0.5) * sample.working), -8, 8))
        values, valid, distance = _shifted(values, valid, distance, rows)
    values = _disturbed(values, rng)
    if rng.uniform() < 0.1:
        gap = int(rng.integers(0, columns))
        valid = valid.copy()
        valid[:, gap : gap + int(rng.integers(4, 30))] = False
    inputs = strip_inputs(values, valid, sample.working)
    chance, weight = target(sample, distance)
    beyond = columns - values.shape[1]
    inputs = np.pad(inputs, ((0, 0), (0, 0), (0, beyond)), mode="edge")
    chance, weight = np.pad(chance, ((0, 0), (0, beyond))), np.pad(weight, (0, beyond))
    return inputs, chance, weight, rows_in_reach(len(values), sample.working)


def _shifted(
    values: Field, valid: NDArray[np.bool_], distance: NDArray[np.uint8], rows: int
) -> tuple[Field, NDArray[np.bool_], NDArray[np.uint8]]:
    """Strip of a line that is off as a whole."""
    values, valid = np.roll(values, rows, axis=0), np.roll(valid, rows, axis=0)
    distance = np.roll(distance, rows, axis=0)
    new = np.s_[:rows] if rows > 0 else np.s_[rows:] if rows < 0 else np.s_[:0]
    valid[new], distance[new] = False, 255
    return values, valid, distance


def _disturbed(values: Field, rng: np.random.Generator) -> Field:
    """Blur, noise, another contrast, shading."""
    shown = values.astype(np.float64)
    if rng.uniform() < 0.25:
        shown = gaussian_filter(shown, rng.uniform(0.4, 1.2))
    if rng.uniform() < 0.25:
        shown = shown + rng.normal(0, rng.uniform(0.02, 0.15), shown.shape)
    if rng.uniform() < 0.4:
        shown = np.clip(shown, 0, 1) ** np.exp(rng.normal(0, 0.35))
    if rng.uniform() < 0.2:
        shade = gaussian_filter(rng.standard_normal(shown.shape), rng.uniform(6, 20))
        shown = shown + 0.15 * shade / shade.std()
    return np.asarray(np.clip(shown, 0, 1), np.float32)


def strip_loss(module: nn.Module, batch: Sequence[Tensor]) -> Tensor:
    """Cross entropy over each column, mean over the columns that the front crosses."""
    inputs, chance, weight, reach = batch
    with torch.autocast("cpu", torch.bfloat16):
        logits = module(inputs.to(memory_format=torch.channels_last))
    logits = logits.float().masked_fill(~reach[:, :, None], -1e4)
    found = -(chance * torch.log_softmax(logits, 1)).sum(1)
    return (found * weight).sum() / weight.sum().clamp(min=1.0)


def train_strips(
    module: nn.Module,
    simulated: Sequence[StripSample],
    real: Sequence[StripSample],
    settings: StripTraining,
    keep: Callable[[nn.Module, int, float], None] | None = None,
) -> nn.Module:
    """Train a network for strips.

    Parameters
    ----------
    module : torch.nn.Module
        `termini.segment.strip_network.StripNetwork`, fresh or one to go on with.
    simulated, real : sequence of StripSample
        To draw from; `real` may be empty.
    settings : StripTraining
        How.
    keep : callable, optional
        Called every 50 steps with the averaged network, the step and the mean loss.

    Returns
    -------
    torch.nn.Module
        Running average of the weights, in evaluation mode.
    """
    rng = np.random.default_rng(settings.seed)
    live = module.train().to(memory_format=torch.channels_last)
    mean = copy.deepcopy(live).eval()
    optimiser = torch.optim.AdamW(live.parameters(), lr=settings.rate, weight_decay=settings.decay)
    said = 0.0
    for step in range(settings.steps):
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * rate_share(step, settings)
        drawn = [
            pool[int(rng.integers(len(pool)))]
            for pool in (
                real if len(real) and rng.uniform() < settings.real else simulated
                for _ in range(settings.batch)
            )
        ]
        parts = [piece(sample, settings.columns, rng) for sample in drawn]
        batch = [torch.from_numpy(np.stack(part)) for part in zip(*parts, strict=True)]
        loss = strip_loss(live, batch)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(live.parameters(), settings.clip)
        optimiser.step()
        _average(mean, live, min(settings.mean, (step + 1) / (step + 10)))
        now = float(loss.detach())
        said = now if step == 0 else 0.95 * said + 0.05 * now
        if keep is not None and (step + 1) % 50 == 0:
            keep(mean, step + 1, said)
    return mean


def rate_share(step: int, settings: StripTraining) -> float:
    """Share of the full rate at a step: rises over 30 steps, falls over the last ones."""
    left = (settings.steps - step) / max(settings.settle * settings.steps, 1.0)
    return min(1.0, (step + 1) / 30) * max(0.05, min(1.0, left))


def _average(mean: nn.Module, live: nn.Module, share: float) -> None:
    """Running average of weights and of the statistics of normalisations."""
    with torch.no_grad():
        pairs = zip(mean.state_dict().values(), live.state_dict().values(), strict=True)
        for kept, new in pairs:
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1.0 - share)
            else:
                kept.copy_(new)
