"""CALFIN (Cheng et al. 2021, The Cryosphere 15, 1663): edge and ice mask at once.

DeepLabv3+ on an Xception of 65 layers (Chen et al. 2018) with exponential
rectifiers, three stages of two to begin with, a pyramid of five small
dilations, and separable convolutions in the decoder.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F  # noqa: N812 (usual name)
from torch import Tensor, nn

from termini.segment.networks.blocks import conv_norm, enlarge
from termini.segment.networks.registry import Card, register

RATES = (1, 2, 3, 4, 5)
"""Dilations of the pyramid, for pictures of 224 pixels."""


def separable(before: int, after: int, dilation: int = 1, stride: int = 1) -> nn.Sequential:
    """Rectifier, depthwise and pointwise convolution, each normalised."""
    return nn.Sequential(
        nn.ELU(),
        *conv_norm(before, before, stride=stride, dilation=dilation, groups=before),
        *conv_norm(before, after, 1),
    )


def separable_after(before: int, after: int, dilation: int = 1) -> nn.Sequential:
    """The same with a rectifier after either convolution instead of before both."""
    return nn.Sequential(
        *conv_norm(before, before, dilation=dilation, groups=before, act=nn.ELU()),
        *conv_norm(before, after, 1, act=nn.ELU()),
    )


class XceptionBlock(nn.Module):  # type: ignore[misc]
    """Three separable convolutions beside a short cut.

    Parameters
    ----------
    before : int
        Channels in.
    widths : tuple of int
        Channels after each convolution.
    stride : int
        Of the last one.
    """

    def __init__(self, before: int, widths: tuple[int, int, int], stride: int = 1) -> None:
        super().__init__()
        one, two, three = widths
        self.start = nn.Sequential(separable(before, one), separable(one, two))
        self.last = separable(two, three, stride=stride)
        same = stride == 1 and before == three
        self.short = nn.Identity() if same else conv_norm(before, three, 1, stride=stride)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Output, and what was before the stride."""
        skip = self.start(x)
        return self.last(skip) + self.short(x), skip


class Xception65(nn.Module):  # type: ignore[misc]
    """The encoder, a sixteenth of the resolution.

    Parameters
    ----------
    inputs : int
        Layers in.
    """

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.entry = nn.ModuleList([
            XceptionBlock(inputs, (128, 128, 128), 2),
            XceptionBlock(128, (256, 256, 256), 2),
            XceptionBlock(256, (728, 728, 728), 2),
        ])  # fmt: skip
        self.middle = nn.ModuleList(XceptionBlock(728, (728, 728, 728)) for _ in range(8))
        self.leave = XceptionBlock(728, (728, 1024, 1024), 2)
        self.end = nn.Sequential(
            separable_after(1024, 1536, 1),
            separable_after(1536, 1536, 2),
            separable_after(1536, 2048, 4),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Deep features, and shallow ones of 728 channels at a quarter."""
        skip = x
        for block in self.entry:
            x, skip = block(x)
        for block in self.middle:
            x, _ = block(x)
        x, _ = self.leave(x)
        return self.end(x), skip


class Calfin(nn.Module):  # type: ignore[misc]
    """Encoder, pyramid of five dilations, decoder, two logits.

    Parameters
    ----------
    inputs : int
        Layers in.
    dropout : float
        Share of values left out after the pyramid.
    """

    def __init__(self, inputs: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.multiple = 32
        self.backbone = Xception65(inputs)
        self.point = conv_norm(2048, 256, 1, act=nn.ELU())
        self.pool = conv_norm(2048, 256, 1, act=nn.ELU())
        self.rates = nn.ModuleList(separable_after(2048, 256, rate) for rate in RATES)
        self.join = conv_norm(256 * (len(RATES) + 2), 256, 1, act=nn.ELU())
        self.drop = nn.Dropout(dropout)
        self.shallow = conv_norm(728, 48, 1, act=nn.ELU())
        self.refine = nn.Sequential(separable_after(304, 256), separable_after(256, 256))
        self.head = nn.Conv2d(256, 2, 1)
        self.heads = [self.head]

    def decoder_parameters(self) -> Iterator[nn.Parameter]:
        """All but the encoder."""
        encoder = {id(p) for p in self.backbone.parameters()}
        yield from (p for p in self.parameters() if id(p) not in encoder)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, 2, rows, columns): front, ice."""
        deep, low = self.backbone(x)
        pooled = enlarge(self.pool(F.max_pool2d(deep, 2)), deep)
        parts = [pooled, self.point(deep), *(branch(deep) for branch in self.rates)]
        deep = self.drop(self.join(torch.cat(parts, dim=1)))
        joined = torch.cat([enlarge(deep, low), self.shallow(low)], dim=1)
        return enlarge(self.head(self.refine(joined)), x)


register(
    Card(
        "calfin_xception65", "Cheng et al. 2021, The Cryosphere 15, 1663",
        ("image",), ("front", "ice"), Calfin,
        note="layout of the authors' code; the paper states no number of trained values",
    )
)  # fmt: skip
