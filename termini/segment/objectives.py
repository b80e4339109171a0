"""What a network is trained on: the published losses and ours, by name.

An objective looks at the outputs that a network has, so that any of them goes
with any network:

``bce``            cross-entropy of every mask (Zhang 2019, 2021; Loebel 2024)
``weighted_bce``   the same, front pixels counted 241 times (Mohajerani 2019)
``calfin``         cross-entropy - log IoU, 25/26 front and 1/26 mask (Cheng 2021)
``hed``            balanced cross-entropy, at every scale (Heidler 2022)
``focal``          focal loss of every mask
``dice``           cross-entropy and Dice of every mask
``ours``           soft front line, overlap, ice, rock, signed distance and its
                   variance

Networks that give side outputs are supervised at those scales too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 (usual name)
from torch import Tensor

from termini.errors import InputError
from termini.segment.losses import (
    balanced_cross_entropy,
    dice_loss,
    focal_loss,
    front_target,
    masked_cross_entropy,
    masked_mean,
    offset_likelihood,
    overlap_loss,
    weighted_cross_entropy,
)


@dataclass(frozen=True)
class LossSettings:
    """Which objective, and its weights.

    Parameters
    ----------
    name : str
        Of `OBJECTIVES`.
    line : float
        Width of the front as a class, pixels, for all but ``ours``.
    positive : float
        Weight of front pixels of ``weighted_bce``.
    gamma : float
        Exponent of ``focal``.
    sides : float
        Weight of the coarser scales of a network that gives them.
    sigma : float
        ``ours``: half-width of the soft line, pixels.
    near, near_distance : float
        ``ours``: extra weight of pixels within so many pixels of the line.
    overlap, ice, rock, distance, variance : float
        ``ours``: weights of its parts.
    reach : float
        ``ours``: signed distances are cut here, pixels.
    """

    name: str = "ours"
    line: float = 3.0
    positive: float = 241.0
    gamma: float = 2.0
    sides: float = 1.0
    sigma: float = 1.0
    near: float = 8.0
    near_distance: float = 3.0
    overlap: float = 0.3
    ice: float = 0.4
    rock: float = 0.2
    distance: float = 0.1
    variance: float = 0.02
    reach: float = 8.0


Targets = dict[str, Tensor]
Parts = dict[str, Tensor]
MaskLoss = Callable[[Tensor, Tensor, Tensor], Tensor]


def total_loss(
    logits: Tensor | tuple[Tensor, list[Tensor]],
    targets: Targets,
    settings: LossSettings,
    outputs: Sequence[str] = ("front", "ice", "rock"),
) -> tuple[Tensor, dict[str, float]]:
    """Sum of all parts of an objective, and each part by name.

    Parameters
    ----------
    logits : Tensor, shape (n, outputs, rows, columns)
        Output of the network; with a list of coarser ones where it has sides.
    targets : dict of Tensor, each (n, rows, columns)
        ``distance`` (pixels to the front), ``seen`` (1 where the image says
        anything nearby), ``ice`` (1 ice, 0 water), ``ice_known``, ``rock``,
        ``rock_known`` (surface of any kind known).
    settings : LossSettings
        Objective and weights.
    outputs : sequence of str
        What the channels are.

    Returns
    -------
    Tensor, dict
        Scalar loss; floats per part.

    Raises
    ------
    InputError
        If the objective is unknown.
    """
    if settings.name not in OBJECTIVES:
        raise InputError(
            f"objective {settings.name!r} is unknown; there are {', '.join(OBJECTIVES)}"
        )
    final, sides = logits if isinstance(logits, tuple) else (logits, [])
    make = OBJECTIVES[settings.name]
    parts = make(_by_name(final, outputs), targets, settings)
    if sides:
        coarse = [
            torch.stack(list(make(_by_name(s, outputs), _coarser(targets, s), settings).values()))
            for s in sides
        ]
        parts["sides"] = settings.sides * torch.stack([c.sum() for c in coarse]).mean()
    total = torch.stack(list(parts.values())).sum()
    return total, {name: float(value.detach()) for name, value in parts.items()}


def _by_name(logits: Tensor, outputs: Sequence[str]) -> dict[str, Tensor]:
    return {name: logits[:, place].float() for place, name in enumerate(outputs)}


def _coarser(targets: Targets, like: Tensor) -> Targets:
    """Targets at a coarser scale; a front stays a front of the same width in its pixels."""
    size = like.shape[2:]
    rows = targets["distance"].shape[1]
    if size[0] == rows:
        return targets
    out = {
        name: F.adaptive_avg_pool2d(value[:, None].float(), size)[:, 0]
        for name, value in targets.items()
        if name != "distance"
    }
    nearest = -F.adaptive_max_pool2d(-targets["distance"][:, None], size)[:, 0]
    return out | {"distance": nearest * size[0] / rows}


def mask_truth(name: str, targets: Targets, settings: LossSettings) -> tuple[Tensor, Tensor]:
    """Target and weight of a mask output: front, ice, land or rock."""
    if name == "front":
        return (targets["distance"] <= settings.line / 2).float(), targets["seen"]
    if name == "land":
        return (targets["ice"] + targets["rock"]).clamp(max=1.0), targets["rock_known"]
    return targets[name], targets[f"{name}_known"]


def _masks(
    logits: dict[str, Tensor], targets: Targets, settings: LossSettings, loss: MaskLoss
) -> Parts:
    """One loss for every mask that the network has."""
    return {
        name: loss(logit, *mask_truth(name, targets, settings))
        for name, logit in logits.items()
        if name in ("front", "ice", "land", "rock")
    }


def _bce(logits: dict[str, Tensor], targets: Targets, settings: LossSettings) -> Parts:
    return _masks(logits, targets, settings, masked_cross_entropy)


def _weighted(logits: dict[str, Tensor], targets: Targets, settings: LossSettings) -> Parts:
    parts = _masks(logits, targets, settings, masked_cross_entropy)
    if "front" in logits:
        truth = mask_truth("front", targets, settings)
        parts["front"] = weighted_cross_entropy(logits["front"], *truth, settings.positive)
    return parts


def _with_overlap(logit: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    return masked_cross_entropy(logit, target, weight) + overlap_loss(logit, target, weight)


def _calfin(logits: dict[str, Tensor], targets: Targets, settings: LossSettings) -> Parts:
    parts = _masks(logits, targets, settings, _with_overlap)
    share = {"front": 25.0 / 26.0}
    return {name: value * share.get(name, 1.0 / 26.0) for name, value in parts.items()}


def _hed(logits: dict[str, Tensor], targets: Targets, settings: LossSettings) -> Parts:
    return _masks(logits, targets, settings, balanced_cross_entropy)


def _focal(logits: dict[str, Tensor], targets: Targets, settings: LossSettings) -> Parts:
    def loss(logit: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        return focal_loss(logit, target, weight, settings.gamma)

    return _masks(logits, targets, settings, loss)


def _dice(logits: dict[str, Tensor], targets: Targets, settings: LossSettings) -> Parts:
    def loss(logit: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        return masked_cross_entropy(logit, target, weight) + dice_loss(logit, target, weight)

    return _masks(logits, targets, settings, loss)


def _ours(logits: dict[str, Tensor], targets: Targets, settings: LossSettings) -> Parts:
    """Soft line weighted up near the front, overlap, masks, distance, variance."""
    parts: Parts = {}
    if "front" in logits:
        soft = front_target(targets["distance"], settings.sigma)
        near = targets["distance"] < settings.near_distance
        weight = targets["seen"] * (1.0 + settings.near * near)
        parts["front"] = masked_cross_entropy(logits["front"], soft, weight)
        parts["overlap"] = settings.overlap * overlap_loss(logits["front"], soft, targets["seen"])
    for name, share in (("ice", settings.ice), ("land", settings.ice), ("rock", settings.rock)):
        if name in logits:
            truth = mask_truth(name, targets, settings)
            parts[name] = share * masked_cross_entropy(logits[name], *truth)
    if "distance" in logits:
        reach = settings.reach
        side = 2.0 * targets["ice"] - 1.0
        signed = (targets["distance"] * side).clamp(-reach, reach)
        error = logits["distance"] - signed
        value = F.smooth_l1_loss(error, torch.zeros_like(error), reduction="none")
        parts["distance"] = settings.distance * masked_mean(value, targets["ice_known"])
        if "log_variance" in logits:
            # the variance is that of the front's place: only pixels beside it count
            beside = targets["ice_known"] * (targets["distance"] < settings.near_distance)
            parts["variance"] = settings.variance * offset_likelihood(
                error, logits["log_variance"], beside
            )
    return parts


OBJECTIVES: dict[str, Callable[[dict[str, Tensor], Targets, LossSettings], Parts]] = {
    "bce": _bce,
    "weighted_bce": _weighted,
    "calfin": _calfin,
    "hed": _hed,
    "focal": _focal,
    "dice": _dice,
    "ours": _ours,
}
