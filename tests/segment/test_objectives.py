"""Losses against what they are defined to be, optimisers and schedules."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from test_networks import toy

from termini.errors import InputError
from termini.segment import losses
from termini.segment.networks import build
from termini.segment.objectives import OBJECTIVES, LossSettings, total_loss
from termini.segment.optimise import OptimiserSettings, ScheduleSettings, make_optimiser

ONE = torch.ones(1, 4, 4)
HALF = torch.zeros(1, 4, 4)
HALF[:, :2] = 1.0


def test_weighted_cross_entropy_counts_the_class_so_many_times() -> None:
    logit = torch.zeros(1, 4, 4)
    plain = losses.masked_cross_entropy(logit, HALF, ONE)
    assert float(plain) == pytest.approx(math.log(2))
    weighted = losses.weighted_cross_entropy(logit, HALF, ONE, 241.0)
    assert float(weighted) == pytest.approx(math.log(2) * (241 + 1) / 2)


def test_focal_loss_is_cross_entropy_without_an_exponent() -> None:
    logit = torch.randn(1, 4, 4, generator=torch.Generator().manual_seed(0))
    plain = losses.masked_cross_entropy(logit, HALF, ONE)
    torch.testing.assert_close(losses.focal_loss(logit, HALF, ONE, 0.0), plain)
    assert losses.focal_loss(logit, HALF, ONE, 2.0) < plain


@pytest.mark.parametrize("loss", [losses.dice_loss, losses.overlap_loss])
def test_overlap_losses_vanish_on_the_truth(loss) -> None:
    sure = 60.0 * (2 * HALF - 1)
    assert float(loss(sure, HALF, ONE)) == pytest.approx(0.0, abs=1e-3)
    assert float(loss(-sure, HALF, ONE)) > 0.5
    # what is not known does not count
    weight = HALF.clone()
    wrong = torch.where(weight > 0, sure, -sure)
    assert float(loss(wrong, HALF, weight)) == pytest.approx(0.0, abs=1e-3)


def test_likelihood_is_least_at_the_true_variance_and_moves_only_that() -> None:
    rng = torch.Generator().manual_seed(0)
    error = (2.0 * torch.randn(1, 200, 200, generator=rng)).requires_grad_()
    weight = torch.ones(1, 200, 200)
    at = {s: losses.offset_likelihood(error, torch.full_like(weight, s), weight) for s in
          (math.log(4.0) - 0.5, math.log(4.0), math.log(4.0) + 0.5)}  # fmt: skip
    assert min(at, key=lambda s: float(at[s].detach())) == math.log(4.0)
    log_variance = torch.zeros_like(weight, requires_grad=True)
    losses.offset_likelihood(error, log_variance, weight).backward()
    assert error.grad is None
    assert log_variance.grad is not None


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_prefers_the_truth(name: str) -> None:
    _, targets = toy(size=32)
    outputs = ("front", "ice", "land", "rock", "distance", "log_variance")
    settings = LossSettings(name=name)
    line = 8.0 * (targets["distance"] <= 1.5) - 4.0
    side = 8.0 * targets["ice"] - 4.0
    signed = (targets["distance"] * (2 * targets["ice"] - 1)).clamp(-8, 8)
    rock = torch.full_like(side, -4.0)
    right = torch.stack([line, side, side, rock, signed, rock], dim=1)
    good, parts = total_loss(right, targets, settings, outputs)
    bad, _ = total_loss(torch.roll(right, 9, dims=2), targets, settings, outputs)
    assert float(good) < float(bad)
    assert {"front", "ice"} <= set(parts)


def test_calfin_weighs_the_front_25_times() -> None:
    _, targets = toy(size=32)
    logits = torch.zeros(2, 2, 32, 32)
    _, parts = total_loss(logits, targets, LossSettings(name="calfin"), ("front", "ice"))
    front = (targets["distance"] <= 1.5).float()
    for name, truth, share in (("front", front, 25 / 26), ("ice", targets["ice"], 1 / 26)):
        plain = losses.masked_cross_entropy(logits[:, 0], truth, targets["seen"])
        plain += losses.overlap_loss(logits[:, 0], truth, targets["seen"])
        assert parts[name] == pytest.approx(share * float(plain))


def test_coarser_scales_are_supervised() -> None:
    _, targets = toy(size=32)
    final = torch.zeros(2, 2, 32, 32)
    side = 8.0 * torch.nn.functional.avg_pool2d(targets["ice"][:, None], 4) - 4.0
    good = torch.cat([side, torch.full_like(side, -4.0)], dim=1)
    settings, outputs = LossSettings(name="hed"), ("land", "front")
    right, parts = total_loss((final, [good]), targets, settings, outputs)
    wrong, _ = total_loss((final, [-good]), targets, settings, outputs)
    assert float(right) < float(wrong)
    none, _ = total_loss((final, [good]), targets, replace(settings, sides=0.0), outputs)
    assert float(none) == pytest.approx(float(right) - parts["sides"])


def test_unknown_objective_is_refused() -> None:
    with pytest.raises(InputError, match="objective 'magic' is unknown"):
        total_loss(torch.zeros(1, 3, 8, 8), {}, LossSettings(name="magic"))


def test_schedules() -> None:
    poly = ScheduleSettings("poly", warmup=0, power=0.9)
    assert poly.factor(0, 100) == 1.0
    assert poly.factor(50, 100) == pytest.approx(0.5**0.9)
    cosine = ScheduleSettings("cosine", warmup=10)
    assert cosine.factor(4, 100) == pytest.approx(0.5)
    assert cosine.factor(99, 100) < 0.03
    factors = [cosine.factor(k, 100) for k in range(10, 100)]
    assert np.all(np.diff(factors) <= 0)
    assert ScheduleSettings("constant", warmup=0).factor(70, 100) == 1.0
    with pytest.raises(InputError, match="schedule"):
        ScheduleSettings("steep").factor(200, 300)


def test_the_decoder_of_deeplab_is_a_group_of_its_own() -> None:
    module = build("deeplab_mobilenet", device="meta")
    settings = OptimiserSettings("sgd", rate=0.01, decay=5e-4, decoder_factor=10.0)
    groups = make_optimiser(module, settings).param_groups
    assert [g["share"] for g in groups] == [1.0, 10.0]
    assert all(g["momentum"] == 0.9 and g["weight_decay"] == 5e-4 for g in groups)
    counts = [sum(p.numel() for p in g["params"]) for g in groups]
    assert sum(counts) == sum(p.numel() for p in module.parameters())
    with pytest.raises(InputError, match="optimiser"):
        make_optimiser(module, OptimiserSettings("newton"))
