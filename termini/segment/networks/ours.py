"""Ours: static layers in, five heads out, cheap where the picture is large.

What is known to pay for fronts: one normalised band with its validity, the
fjord and the distance to its walls; a heat map of the front for its position,
ice and rock masks for its topology, a signed distance for sub-pixel place, and
the logarithm of the variance of that distance for its uncertainty.

Most of the work is done at half resolution and below (plain residual blocks:
processors do those faster than depthwise ones); one narrow convolution at full
resolution on either side keeps the line sharp. `ours_small` is for processors,
`ours_large` for graphics cards.
"""

from __future__ import annotations

from itertools import pairwise

import torch.nn.functional as F  # noqa: N812 (usual name)
from torch import Tensor, nn

from termini.segment.networks.blocks import conv_norm
from termini.segment.networks.registry import Card, register
from termini.segment.unet import NetworkSettings, UNet

OUTPUTS = ("front", "ice", "rock", "distance", "log_variance")
LAYERS = ("image", "valid", "fjord", "walls")
SMALL, LARGE = (24, 48, 96, 144, 168), (48, 96, 144, 208, 272)
FULL = 12
"""Channels at full resolution."""


class Residual(nn.Module):  # type: ignore[misc]
    """Two convolutions beside a short cut.

    Parameters
    ----------
    width : int
        Channels.
    dilation : int
        Of both convolutions.
    """

    def __init__(self, width: int, dilation: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *conv_norm(width, width, dilation=dilation, act=nn.ReLU(inplace=True)),
            *conv_norm(width, width, dilation=dilation),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Apply it."""
        return F.relu(x + self.body(x), inplace=True)


class OursNet(nn.Module):  # type: ignore[misc]
    """Residual encoder from half resolution, context, added skips, five logits.

    Parameters
    ----------
    inputs : int
        Layers in.
    widths : tuple of int
        Channels at a half, a quarter and so on.
    blocks : int
        Residual blocks per level from a quarter on.
    full : int
        Channels at full resolution.
    dropout : float
        Share of channels left out at the coarsest level and before the heads;
        kept on for Monte-Carlo prediction.
    """

    def __init__(
        self,
        inputs: int,
        widths: tuple[int, ...] = SMALL,
        blocks: int = 1,
        full: int = FULL,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        widths = tuple(widths)
        self.multiple = 2 ** len(widths)
        relu = nn.ReLU(inplace=True)
        self.sharp = conv_norm(inputs, full, act=relu)
        self.down = nn.ModuleList(
            nn.Sequential(
                *conv_norm(before, after, stride=2, act=relu),
                *(Residual(after) for _ in range(blocks)),
            )
            for before, after in pairwise((full, *widths))
        )
        self.context = nn.Sequential(Residual(widths[-1], 2), Residual(widths[-1], 4))
        self.drop = nn.Dropout2d(dropout)
        self.reduce = nn.ModuleList(
            nn.Conv2d(coarse, fine, 1) for fine, coarse in pairwise((full, *widths))
        )
        self.up = nn.ModuleList(
            conv_norm(w, w, act=nn.ReLU(inplace=True)) for w in (full, *widths[:-1])
        )
        self.last_drop = nn.Dropout2d(dropout)
        self.head = nn.Conv2d(full, len(OUTPUTS), 1)
        self.heads = [self.head]

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, 5, rows, columns) in the order of `OUTPUTS`."""
        x = self.sharp(x)
        skips = []
        for stage in self.down:
            skips.append(x)
            x = stage(x)
        x = self.drop(self.context(x))
        for level in reversed(range(len(self.up))):
            large = F.interpolate(self.reduce[level](x), scale_factor=2.0, mode="nearest")
            x = self.up[level](skips[level] + large)
        return self.head(self.last_drop(x))


def _large(
    inputs: int,
    widths: tuple[int, ...] = LARGE,
    blocks: int = 1,
    full: int = 24,
    dropout: float = 0.1,
) -> OursNet:
    return OursNet(inputs, widths, blocks, full, dropout)


def _shipped(inputs: int, widths: tuple[int, ...] = NetworkSettings().widths) -> UNet:
    net = UNet(NetworkSettings(widths=tuple(widths), inputs=inputs))
    net.heads = [net.head]
    return net


register(
    Card("termini_unet", "this project: the shipped network", ("image", "valid", "fjord"),
         ("front", "ice", "rock"), _shipped)
)  # fmt: skip
register(Card("ours_small", "this project: for processors", LAYERS, OUTPUTS, OursNet))
register(Card("ours_large", "this project: for graphics cards", LAYERS, OUTPUTS, _large))
