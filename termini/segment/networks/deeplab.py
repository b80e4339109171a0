"""DeepLabv3+ (Chen et al. 2018) as Zhang et al. (2021) used it for calving fronts.

Deep features go through convolutions of several dilations side by side and a
mean over the picture, are enlarged to a quarter of the resolution, joined with
the shallow features and refined. Trained from nothing here; the paper began
from ImageNet.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F  # noqa: N812 (usual name)
from torch import Tensor, nn

from termini.segment.networks.backbones import DRND54, MobileNetV2, ResNet101
from termini.segment.networks.blocks import conv_norm, enlarge
from termini.segment.networks.registry import Card, register

PAPER = "Zhang et al. 2021, Remote Sensing of Environment 254, 112265"


class Pyramid(nn.Module):  # type: ignore[misc]
    """Convolutions of several dilations and the picture's mean, side by side.

    Parameters
    ----------
    before : int
        Channels in; 256 out.
    dilations : tuple of int
        Of the three-by-three convolutions.
    dropout : float
        Share of values left out in training.
    """

    def __init__(self, before: int, dilations: tuple[int, ...], dropout: float) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            [conv_norm(before, 256, 1, act=nn.ReLU(inplace=True))]
            + [conv_norm(before, 256, dilation=d, act=nn.ReLU(inplace=True)) for d in dilations]
        )
        self.mean = nn.Conv2d(before, 256, 1, bias=False)
        self.mean_norm = nn.BatchNorm2d(256)
        joined = 256 * (len(dilations) + 2)
        self.join = conv_norm(joined, 256, 1, act=nn.ReLU(inplace=True))
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Apply it."""
        mean = F.relu(self.mean_norm(self.mean(x.mean((2, 3), keepdim=True))))
        parts = [branch(x) for branch in self.branches]
        return self.drop(self.join(torch.cat([*parts, mean.expand_as(parts[0])], dim=1)))


class DeepLab(nn.Module):  # type: ignore[misc]
    """Encoder, pyramid, decoder.

    Parameters
    ----------
    backbone : torch.nn.Module
        Gives deep and shallow features; has ``low``, ``deep``, ``stride``.
    outputs : int
        Logits out.
    dropout : tuple of float
        After the pyramid, and after either convolution of the decoder.
    """

    def __init__(
        self,
        backbone: nn.Module,
        outputs: int = 1,
        dropout: tuple[float, float, float] = (0.5, 0.5, 0.1),
    ) -> None:
        super().__init__()
        self.multiple = 16
        self.backbone = backbone
        dilations = (6, 12, 18) if backbone.stride == 16 else (12, 24, 36)
        self.pyramid = Pyramid(backbone.deep, dilations, dropout[0])
        self.shallow = conv_norm(backbone.low, 48, 1, act=nn.ReLU(inplace=True))
        act = nn.ReLU(inplace=True)
        self.refine = nn.Sequential(
            *conv_norm(304, 256, act=act), nn.Dropout(dropout[1]),
            *conv_norm(256, 256, act=act), nn.Dropout(dropout[2]),
        )  # fmt: skip
        self.head = nn.Conv2d(256, outputs, 1)
        self.heads = [self.head]

    def decoder_parameters(self) -> Iterator[nn.Parameter]:
        """What the paper trains ten times as fast as the encoder."""
        for part in (self.pyramid, self.shallow, self.refine, self.head):
            yield from part.parameters()

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, outputs, rows, columns)."""
        deep, low = self.backbone(x)
        low = self.shallow(low)
        joined = torch.cat([enlarge(self.pyramid(deep), low), low], dim=1)
        return enlarge(self.head(self.refine(joined)), x)


def _resnet(inputs: int) -> DeepLab:
    return DeepLab(ResNet101(inputs))


def _drn(inputs: int) -> DeepLab:
    return DeepLab(DRND54(inputs))


def _mobilenet(inputs: int) -> DeepLab:
    return DeepLab(MobileNetV2(inputs))


AS_PUBLISHED = (("inputs", 3),)
register(
    Card(
        "deeplab_resnet101", PAPER, ("image",), ("land",), _resnet,
        published=59.3e6, as_published=AS_PUBLISHED,
    )
)  # fmt: skip
register(
    Card(
        "deeplab_drn54", f"{PAPER}; AutoTerm (Zhang et al. 2023)", ("image",), ("land",), _drn,
        published=40.7e6, as_published=AS_PUBLISHED,
    )
)  # fmt: skip
register(
    Card(
        "deeplab_mobilenet", PAPER, ("image",), ("land",), _mobilenet,
        note="number of trained values not stated in the paper",
    )
)  # fmt: skip
