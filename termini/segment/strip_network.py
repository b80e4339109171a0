"""The network that looks at strips along a line drawn at a coarser resolution.

A U-Net of four levels and 67,000 parameters. Every column of a strip is a normal of
the line; the network gives each of its samples the logarithm of how probably the front
passes there, to be brought to one over the column (`termini.segment.strip.strip_chances`).
"""

from __future__ import annotations

from termini.errors import MissingExtraError
from termini.segment.networks.blocks import conv_norm, enlarge

try:
    from torch import Tensor, nn
except ImportError as error:
    raise MissingExtraError("extract", "drawing fronts again at a scene's own pixel") from error

NAME = "strip"

LAYERS = ("brightness", "valid", "offset", "working")
"""Inputs: rank of brightness less one half; what was seen; offset from the line, in pixels of
the grid that it was drawn on; logarithm to base 2 of the samples in such a pixel."""

WIDTHS = (8, 16, 32, 48)


class StripNetwork(nn.Module):  # type: ignore[misc]
    """U-Net whose skips are added.

    Parameters
    ----------
    widths : tuple of int
        Channels of each level, each level half as fine as the one before.
    """

    name, layers, outputs = NAME, LAYERS, ("front",)

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.options = {"widths": list(widths)}
        self.multiple = 2 ** (len(widths) - 1)
        before, self.down = len(LAYERS), nn.ModuleList()
        for level, width in enumerate(widths):
            self.down.append(_block(before, width, stride=1 if level == 0 else 2))
            before = width
        self.up, self.across = nn.ModuleList(), nn.ModuleList()
        for width in reversed(widths[:-1]):
            self.across.append(conv_norm(before, width, 1))
            self.up.append(conv_norm(width, width, act=nn.ReLU(inplace=True)))
            before = width
        self.head = nn.Conv2d(before, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits, shape (n, rows, columns), of a batch of shape (n, layers, rows, columns)."""
        kept = []
        for block in self.down:
            x = block(x)
            kept.append(x)
        kept.pop()
        for across, up in zip(self.across, self.up, strict=True):
            skip = kept.pop()
            x = up(enlarge(across(x), skip) + skip)
        return self.head(x)[:, 0]


def _block(before: int, width: int, stride: int) -> nn.Sequential:
    """Two convolutions, the first of which strides; one on the finest level."""
    parts = [*conv_norm(before, width, stride=stride, act=nn.ReLU(inplace=True))]
    if stride > 1:
        parts += [*conv_norm(width, width, act=nn.ReLU(inplace=True))]
    return nn.Sequential(*parts)
