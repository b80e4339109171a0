"""Losses: where the front is, which side is ice, what is rock.

The front head is trained on a soft line (a Gaussian of one pixel around the
digitised one) by cross-entropy, weighted up near the line, and by the
logarithm of the overlap, as Cheng et al. (2021) do for thin classes. The two
surface heads count only where the surface is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 (usual name)
from torch import Tensor


@dataclass(frozen=True)
class LossSettings:
    """Weights of the parts.

    Parameters
    ----------
    sigma : float
        Half-width of the soft line, pixels.
    near : float
        Extra weight of pixels within `near_distance` of the line.
    near_distance : float
        Pixels.
    overlap, ice, rock : float
        Weights of the overlap term and the two surface heads.
    """

    sigma: float = 1.0
    near: float = 8.0
    near_distance: float = 3.0
    overlap: float = 0.3
    ice: float = 0.4
    rock: float = 0.2


def front_target(distance: Tensor, sigma: float) -> Tensor:
    """Soft line: exp(-d^2 / 2 sigma^2) of the distance to the front, pixels."""
    return torch.exp(-0.5 * (distance / sigma) ** 2)


def overlap_loss(probability: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Minus the logarithm of the soft intersection over union, per image, mean."""
    intersection = (weight * probability * target).sum((1, 2))
    union = (weight * (probability + target - probability * target)).sum((1, 2))
    present = (weight * target).sum((1, 2)) > 5.0
    value = -torch.log((intersection + 1.0) / (union + 1.0))
    return (value * present).sum() / present.sum().clamp(min=1)


def masked_cross_entropy(logit: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy averaged over the weight; zero where nothing is known."""
    value = F.binary_cross_entropy_with_logits(logit, target, reduction="none")
    return (value * weight).sum() / weight.sum().clamp(min=1.0)


def total_loss(
    logits: Tensor, targets: dict[str, Tensor], settings: LossSettings
) -> tuple[Tensor, dict[str, float]]:
    """Sum of all parts, and each part by name.

    Parameters
    ----------
    logits : Tensor, shape (n, 3, rows, columns)
        Network output: front, ice, rock.
    targets : dict of Tensor, each (n, rows, columns)
        ``distance`` (pixels to the front), ``seen`` (1 where the image says
        anything nearby), ``ice`` (1 ice, 0 water), ``ice_known``, ``rock``,
        ``rock_known``.
    settings : LossSettings
        Weights.

    Returns
    -------
    Tensor, dict
        Scalar loss; floats per part.
    """
    logits = logits.float()
    soft = front_target(targets["distance"], settings.sigma)
    weight = targets["seen"] * (
        1.0 + settings.near * (targets["distance"] < settings.near_distance)
    )
    parts = {
        "front": masked_cross_entropy(logits[:, 0], soft, weight),
        "overlap": settings.overlap
        * overlap_loss(torch.sigmoid(logits[:, 0]), soft, targets["seen"]),
        "ice": settings.ice
        * masked_cross_entropy(logits[:, 1], targets["ice"], targets["ice_known"]),
        "rock": settings.rock
        * masked_cross_entropy(logits[:, 2], targets["rock"], targets["rock_known"]),
    }
    total = torch.stack(list(parts.values())).sum()
    return total, {name: float(value.detach()) for name, value in parts.items()}
