"""Pieces that several networks are made of."""

from __future__ import annotations

import torch.nn.functional as F  # noqa: N812 (usual name)
from torch import Tensor, nn


def conv_norm(
    before: int,
    after: int,
    kernel: int = 3,
    *,
    stride: int = 1,
    dilation: int = 1,
    groups: int = 1,
    act: nn.Module | None = None,
) -> nn.Sequential:
    """Convolution without bias, batch normalisation, activation if given."""
    pad = dilation * (kernel - 1) // 2
    conv = nn.Conv2d(
        before, after, kernel, stride, pad, dilation=dilation, groups=groups, bias=False
    )
    parts = [conv, nn.BatchNorm2d(after)]
    return nn.Sequential(*parts, act) if act is not None else nn.Sequential(*parts)


def enlarge(x: Tensor, like: Tensor) -> Tensor:
    """Bilinear enlargement to the rows and columns of another map."""
    return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)


class Bottleneck(nn.Module):  # type: ignore[misc]
    """Residual block 1x1, 3x3, 1x1, four times as wide outside (He et al. 2016).

    Parameters
    ----------
    before, width : int
        Channels in, and of the inner convolution.
    stride, dilation : int
        Of the inner convolution.
    """

    expansion = 4

    def __init__(self, before: int, width: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        after = width * self.expansion
        self.body = nn.Sequential(
            *conv_norm(before, width, 1, act=nn.ReLU(inplace=True)),
            *conv_norm(
                width, width, 3, stride=stride, dilation=dilation, act=nn.ReLU(inplace=True)
            ),
            *conv_norm(width, after, 1),
        )
        same = stride == 1 and before == after
        self.short = nn.Identity() if same else conv_norm(before, after, 1, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        """Apply it."""
        return F.relu(self.body(x) + self.short(x), inplace=True)


def bottlenecks(
    before: int, width: int, count: int, stride: int = 1, dilations: tuple[int, ...] = (1,)
) -> nn.Sequential:
    """Several of them; the first one strides, dilations repeat."""
    blocks = []
    for number in range(count):
        dilation = dilations[number % len(dilations)]
        blocks.append(Bottleneck(before, width, stride if number == 0 else 1, dilation))
        before = width * Bottleneck.expansion
    return nn.Sequential(*blocks)


def fold_normalisation(module: nn.Module) -> nn.Module:
    """Put batch normalisations into the convolutions before them.

    Only for prediction: the result is the same within rounding, and cannot be
    trained any more.

    Parameters
    ----------
    module : torch.nn.Module
        Changed in place; put into evaluation mode.

    Returns
    -------
    torch.nn.Module
        The same.
    """
    module.eval()
    for part in list(module.modules()):
        if not isinstance(part, nn.Sequential):
            continue
        for number in range(len(part) - 1):
            conv, norm = part[number], part[number + 1]
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                part[number] = nn.utils.fusion.fuse_conv_bn_eval(conv, norm)
                part[number + 1] = nn.Identity()
    return module
