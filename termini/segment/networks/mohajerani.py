"""The networks of Mohajerani et al. (2019, Remote Sensing 11, 74).

Front pixels straight from one grey band: no normalisation, dropout between the
two convolutions of every level, nearest-neighbour enlargement, three channels
before the last. The published checkpoints hold two levels of 32 and 64
channels (102,791 trained values). The paper tells of 29 layers, which four
levels of 32 to 256 channels have.
"""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F  # noqa: N812 (usual name)
from torch import Tensor, nn

from termini.segment.networks.registry import Card, register


class MohajeraniNet(nn.Module):  # type: ignore[misc]
    """U-Net without normalisation.

    Parameters
    ----------
    inputs : int
        Layers in.
    widths : tuple of int
        Channels per level, finest first.
    dropout : float
        Share of values left out in training.
    """

    def __init__(
        self, inputs: int, widths: tuple[int, ...] = (32, 64), dropout: float = 0.2
    ) -> None:
        super().__init__()
        widths = tuple(widths)
        self.multiple = 2 ** (len(widths) - 1)
        before = (inputs, *widths[:-1])
        self.down = nn.ModuleList(
            _stage(i, o, dropout) for i, o in zip(before, widths, strict=True)
        )
        self.up = nn.ModuleList(_stage(f + c, f, dropout) for f, c in pairwise(widths))
        self.narrow = nn.Conv2d(widths[0], 3, 3, padding=1)
        self.head = nn.Conv2d(3, 1, 1)
        self.heads = [self.head]

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, 1, rows, columns)."""
        skips: list[Tensor] = []
        for level, stage in enumerate(self.down):
            x = stage(x if level == 0 else F.max_pool2d(x, 2))
            skips.append(x)
        for level in reversed(range(len(self.up))):
            large = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = self.up[level](torch.cat([large, skips[level]], dim=1))
        return self.head(F.relu(self.narrow(x)))


def _stage(before: int, after: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.Dropout(dropout),
        nn.Conv2d(after, after, 3, padding=1), nn.ReLU(),
    )  # fmt: skip


def _four_levels(
    inputs: int, widths: tuple[int, ...] = (32, 64, 128, 256), dropout: float = 0.2
) -> MohajeraniNet:
    return MohajeraniNet(inputs, widths, dropout)


register(
    Card(
        "mohajerani2019", "Mohajerani et al. 2019, Remote Sensing 11, 74: published checkpoints",
        ("image",), ("front",), MohajeraniNet, published=102_791, as_published=(("inputs", 1),),
    )
)  # fmt: skip
register(
    Card(
        "mohajerani2019_paper", "Mohajerani et al. 2019, Remote Sensing 11, 74: the paper's text",
        ("image",), ("front",), _four_levels,
        note="levels inferred from the 29 layers that the paper counts",
    )
)  # fmt: skip
