"""Losses of single maps, each averaged over where the truth is known.

Cross-entropy, weighted (Mohajerani et al. 2019 weigh front pixels 241 times),
focal (Lin et al. 2017), the overlap of soft sets (Dice; minus the logarithm of
intersection over union, as Cheng et al. 2021 use for thin classes), balanced
(Xie & Tu 2015, for edges), and the likelihood of an offset with its own
variance (Nix & Weigend 1994; Kendall & Gal 2017).

All take maps of shape (n, rows, columns): a logit, a target from 0 to 1, and
the weight of each pixel, 0 where nothing is known.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 (usual name)
from torch import Tensor


def front_target(distance: Tensor, sigma: float) -> Tensor:
    """Soft line: exp(-d^2 / 2 sigma^2) of the distance to the front, pixels."""
    return torch.exp(-0.5 * (distance / sigma) ** 2)


def masked_mean(value: Tensor, weight: Tensor) -> Tensor:
    """Mean over the weight; zero where nothing is known."""
    return (value * weight).sum() / weight.sum().clamp(min=1.0)


def masked_cross_entropy(logit: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy."""
    value = F.binary_cross_entropy_with_logits(logit, target, reduction="none")
    return masked_mean(value, weight)


def weighted_cross_entropy(
    logit: Tensor, target: Tensor, weight: Tensor, positive: float = 241.0
) -> Tensor:
    """Cross-entropy in which a pixel of the class counts `positive` times.

    Not divided by the added weight, as in Mohajerani et al. (2019).
    """
    value = F.binary_cross_entropy_with_logits(logit, target, reduction="none")
    return masked_mean(value * (1.0 + (positive - 1.0) * target), weight)


def balanced_cross_entropy(logit: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy in which class and rest weigh as much as each other's share."""
    share = (target * weight).sum() / weight.sum().clamp(min=1.0)
    balance = target * (1.0 - share) + (1.0 - target) * share
    value = F.binary_cross_entropy_with_logits(logit, target, reduction="none")
    return masked_mean(2.0 * value * balance, weight)


def focal_loss(logit: Tensor, target: Tensor, weight: Tensor, gamma: float = 2.0) -> Tensor:
    """Cross-entropy times (1 - p of the truth)^gamma: sure pixels count little."""
    value = F.binary_cross_entropy_with_logits(logit, target, reduction="none")
    probability = torch.sigmoid(logit)
    missed = (probability - target).abs()
    return masked_mean(value * missed**gamma, weight)


def dice_loss(logit: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """1 - 2 |A B| / (|A| + |B|) of soft sets, per picture, mean."""
    probability = torch.sigmoid(logit)
    both = (weight * probability * target).sum((1, 2))
    either = (weight * (probability + target)).sum((1, 2))
    return (1.0 - (2.0 * both + 1.0) / (either + 1.0)).mean()


def overlap_loss(logit: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Minus the logarithm of the soft intersection over union, per picture, mean.

    Pictures with next to nothing of the class are left out.
    """
    probability = torch.sigmoid(logit)
    intersection = (weight * probability * target).sum((1, 2))
    union = (weight * (probability + target - probability * target)).sum((1, 2))
    present = (weight * target).sum((1, 2)) > 5.0
    value = -torch.log((intersection + 1.0) / (union + 1.0))
    return (value * present).sum() / present.sum().clamp(min=1)


def offset_likelihood(error: Tensor, log_variance: Tensor, weight: Tensor) -> Tensor:
    """Gaussian likelihood of an error with a predicted variance, less its constant.

    Parameters
    ----------
    error : Tensor, shape (n, rows, columns)
        Pixels. Detached inside: the variance learns from the error, and does
        not excuse it.
    log_variance : Tensor, same shape
        Logarithm of pixels squared, cut to [-6, 6].
    weight : Tensor, same shape
        Where it counts.
    """
    s = log_variance.clamp(-6.0, 6.0)
    return masked_mean(0.5 * (error.detach() ** 2 * torch.exp(-s) + s), weight)
