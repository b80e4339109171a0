"""Training of the network for strips."""

from __future__ import annotations

import numpy as np
import pytest

from termini.segment.strip import rows_in_reach

torch = pytest.importorskip("torch")

from termini.segment.strip_network import StripNetwork  # noqa: E402 (torch may be missing)
from termini.segment.strip_train import (  # noqa: E402
    StripSample,
    StripTraining,
    piece,
    target,
    train_strips,
)

ROWS, WORKING = 64, 5.0


def made_sample(seed: int, columns: int = 48) -> StripSample:
    """Bright ice below a straight front some samples off, dark water above it."""
    rng = np.random.default_rng(seed)
    off = rng.uniform(-8, 8)
    row = np.arange(ROWS)[:, None] - 0.5 * (ROWS - 1) - off + np.zeros((1, columns))
    values = 0.5 + 0.35 * np.tanh(row) + 0.05 * rng.standard_normal(row.shape)
    distance = np.clip(np.rint(np.abs(row) * 20), 0, 255).astype(np.uint8)
    seen = np.ones(row.shape, dtype=bool)
    return StripSample((values.clip(0, 1) * 255).astype(np.uint8), seen, distance, WORKING)


def test_the_target_is_one_over_each_column_and_lies_on_the_front() -> None:
    sample = made_sample(1)
    chance, weight = target(sample, sample.distance)
    assert chance.sum(axis=0) == pytest.approx(np.ones(48), abs=1e-4)
    assert (chance.argmax(axis=0) == sample.distance.argmin(axis=0)).all()
    assert (weight == 1).all()
    far = np.full_like(sample.distance, 255)
    assert (target(sample, far)[1] == 0).all()


@pytest.mark.parametrize("columns", [32, 80])
def test_pieces_are_alike_in_shape_whatever_the_strip(columns: int) -> None:
    for seed in range(20):
        parts = piece(made_sample(seed), columns, np.random.default_rng(seed))
        inputs, chance, weight, reach = parts
        assert inputs.shape == (4, ROWS, columns)
        assert chance.shape == (ROWS, columns)
        assert weight.shape == (columns,)
        assert (weight[48:] == 0).all()
        assert (reach == rows_in_reach(ROWS, WORKING)).all()
        assert np.isfinite(inputs).all()


def test_training_learns_and_repeats() -> None:
    samples = [made_sample(seed) for seed in range(8)]
    settings = StripTraining(steps=50, columns=16, batch=4, rate=1e-2, seed=3)
    losses: list[float] = []
    ends = []
    for _ in range(2):
        torch.manual_seed(0)
        module = StripNetwork((4, 8, 8, 8))
        mean = train_strips(module, samples, [], settings, lambda m, s, loss: losses.append(loss))
        ends.append(mean.head.weight.detach().clone())
    assert torch.equal(ends[0], ends[1])
    even = np.log(rows_in_reach(ROWS, WORKING).sum())
    assert losses[0] < 0.95 * even


def test_the_shipped_shape_is_small() -> None:
    module = StripNetwork()
    assert sum(p.numel() for p in module.parameters()) < 70_000
    found = module.eval()(torch.zeros(1, 4, ROWS, 40))
    assert found.shape == (1, ROWS, 40)
