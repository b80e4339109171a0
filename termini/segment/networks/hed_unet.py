"""HED-UNet (Heidler et al. 2022, IEEE TGRS 60, 4300514): mask and edge at all scales.

A U-Net whose every decoder level predicts mask and edge at its own scale. The
predictions are enlarged and averaged with weights that a second head gives
for every pixel and output, softmax over the scales. In training the coarse
predictions are supervised as well. Five steps down from 16 channels, as in
the authors' configuration.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from termini.segment.networks.blocks import enlarge
from termini.segment.networks.registry import Card, register


def _normed(conv: nn.Module, channels: int) -> list[nn.Module]:
    return [conv, nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]


def _pair(before: int, after: int) -> nn.Sequential:
    def conv(i: int) -> nn.Conv2d:
        return nn.Conv2d(i, after, 3, padding=1, padding_mode="replicate", bias=False)

    return nn.Sequential(*_normed(conv(before), after), *_normed(conv(after), after))


class HEDUNet(nn.Module):  # type: ignore[misc]
    """U-Net with heads at every scale and attention over the scales.

    Parameters
    ----------
    inputs : int
        Layers in.
    base : int
        Channels at full resolution; doubled at every step down.
    steps : int
        Steps down.
    outputs : int
        Logits out.
    """

    def __init__(self, inputs: int, base: int = 16, steps: int = 5, outputs: int = 2) -> None:
        super().__init__()
        self.multiple = 2**steps
        self.outputs_count = outputs
        widths = [base * 2**k for k in range(steps + 1)]
        self.start = nn.Conv2d(inputs, base, 1)
        self.down = nn.ModuleList(
            nn.Sequential(*_normed(nn.Conv2d(w, w, 2, 2, bias=False), w), *_pair(w, 2 * w))
            for w in widths[:-1]
        )
        self.enlarge = nn.ModuleList(
            nn.Sequential(*_normed(nn.ConvTranspose2d(2 * w, w, 2, 2, bias=False), w))
            for w in widths[:-1]
        )
        self.up = nn.ModuleList(_pair(2 * w, w) for w in widths[:-1])
        self.predict = nn.ModuleList(nn.Conv2d(w, outputs, 1) for w in widths)
        self.weigh = nn.ModuleList(nn.Conv2d(w, outputs, 1) for w in widths)
        self.heads = list(self.predict)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, list[Tensor]]:
        """Logits (n, 2, rows, columns): land, front; in training with those of all scales."""
        whole = x
        x = self.start(x)
        skips: list[Tensor] = []
        for stage in self.down:
            skips.append(x)
            x = stage(x)
        features = [x]
        for level in reversed(range(len(self.up))):
            x = self.up[level](torch.cat([self.enlarge[level](x), skips[level]], dim=1))
            features.append(x)
        features.reverse()
        sides = [head(f) for head, f in zip(self.predict, features, strict=True)]
        weights = [head(f) for head, f in zip(self.weigh, features, strict=True)]
        share = torch.stack([enlarge(w, whole) for w in weights]).softmax(dim=0)
        merged = (share * torch.stack([enlarge(s, whole) for s in sides])).sum(dim=0)
        return (merged, sides) if self.training else merged


register(
    Card(
        "hed_unet", "Heidler et al. 2022, IEEE TGRS 60, 4300514", ("image",), ("land", "front"),
        HEDUNet, note="five steps from 16 channels as in the authors' configuration",
    )
)  # fmt: skip
