"""Encoders of DeepLabv3+: ResNet-101, DRN-D-54, MobileNetV2.

Each gives deep features and, at a quarter of the resolution (a half for the
DRN's third stage: also a quarter), the shallow ones that the decoder adds.

ResNet: He et al. 2016, with the last stage dilated 1, 2, 4 times two. DRN-D:
Yu et al. 2017, eight stages, the last four dilated instead of strided, so
that the deep features keep an eighth of the resolution. MobileNetV2: Sandler
et al. 2018, inverted residuals.
"""

from __future__ import annotations

import torch.nn.functional as F  # noqa: N812 (usual name)
from torch import Tensor, nn

from termini.segment.networks.blocks import bottlenecks, conv_norm


class ResNet101(nn.Module):  # type: ignore[misc]
    """Residual network of 101 layers, a sixteenth of the resolution.

    Parameters
    ----------
    inputs : int
        Layers in.
    """

    low, deep, stride = 256, 2048, 16

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.stem = conv_norm(inputs, 64, 7, stride=2, act=nn.ReLU(inplace=True))
        self.first = bottlenecks(64, 64, 3)
        self.rest = nn.Sequential(
            *bottlenecks(256, 128, 4, stride=2),
            *bottlenecks(512, 256, 23, stride=2),
            *bottlenecks(1024, 512, 3, dilations=(2, 4, 8)),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Deep and shallow features."""
        low = self.first(F.max_pool2d(self.stem(x), 3, 2, 1))
        return self.rest(low), low


class DRND54(nn.Module):  # type: ignore[misc]
    """Dilated residual network D-54, an eighth of the resolution.

    Parameters
    ----------
    inputs : int
        Layers in.
    """

    low, deep, stride = 256, 512, 8

    def __init__(self, inputs: int) -> None:
        super().__init__()
        act = nn.ReLU(inplace=True)
        self.first = nn.Sequential(
            *conv_norm(inputs, 16, 7, act=act),
            *conv_norm(16, 16, act=act),
            *conv_norm(16, 32, stride=2, act=act),
            *bottlenecks(32, 64, 3, stride=2),
        )
        self.rest = nn.Sequential(
            *bottlenecks(256, 128, 4, stride=2),
            *bottlenecks(512, 256, 6, dilations=(2,)),
            *bottlenecks(1024, 512, 3, dilations=(4,)),
            *conv_norm(2048, 512, dilation=2, act=act),
            *conv_norm(512, 512, act=act),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Deep and shallow features."""
        low = self.first(x)
        return self.rest(low), low


class InvertedResidual(nn.Module):  # type: ignore[misc]
    """Widen, convolve every channel on its own, narrow (Sandler et al. 2018).

    Parameters
    ----------
    before, after : int
        Channels.
    stride, dilation : int
        Of the depthwise convolution.
    widen : int
        How many times as many channels inside.
    """

    def __init__(
        self, before: int, after: int, stride: int = 1, dilation: int = 1, widen: int = 6
    ) -> None:
        super().__init__()
        inner = before * widen
        act = nn.ReLU6(inplace=True)
        first = [] if widen == 1 else [*conv_norm(before, inner, 1, act=act)]
        self.body = nn.Sequential(
            *first,
            *conv_norm(inner, inner, stride=stride, dilation=dilation, groups=inner, act=act),
            *conv_norm(inner, after, 1),
        )
        self.added = stride == 1 and before == after

    def forward(self, x: Tensor) -> Tensor:
        """Apply it."""
        return x + self.body(x) if self.added else self.body(x)


#: Times wider inside, channels, blocks, stride: Table 2 of Sandler et al. (2018).
MOBILE_STAGES = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
    (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
)  # fmt: skip


class MobileNetV2(nn.Module):  # type: ignore[misc]
    """MobileNetV2 without its last convolution, a sixteenth of the resolution.

    Parameters
    ----------
    inputs : int
        Layers in.
    """

    low, deep, stride = 24, 320, 16

    def __init__(self, inputs: int) -> None:
        super().__init__()
        blocks: list[nn.Module] = [*conv_norm(inputs, 32, stride=2, act=nn.ReLU6(inplace=True))]
        before, strided, dilation, shallow = 32, 2, 1, 0
        for widen, after, count, stride in MOBILE_STAGES:
            kept = stride if strided < self.stride else 1
            strided *= kept
            dilation *= stride // kept
            for number in range(count):
                first = kept if number == 0 else 1
                blocks.append(InvertedResidual(before, after, first, dilation, widen))
                before = after
            if after == self.low:
                shallow = len(blocks)
        self.first = nn.Sequential(*blocks[:shallow])
        self.rest = nn.Sequential(*blocks[shallow:])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Deep and shallow features."""
        low = self.first(x)
        return self.rest(low), low
