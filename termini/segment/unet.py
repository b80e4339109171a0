"""A U-Net of five levels for calving fronts (Ronneberger et al. 2015).

Small (about a million parameters), because it must run on one processor core
and because 123 labelled crops do not feed more. Skips are added rather than
stacked (Chaurasia & Culurciello 2017), which halves the time. Batch normalisation is used
since it is folded into the convolutions for prediction, where it then costs
nothing. Two dilated convolutions at the coarsest level let every pixel see
the whole fjord.
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass

from termini.errors import MissingExtraError

try:
    import torch
    import torch.nn.functional as F  # noqa: N812 (usual name)
    from torch import Tensor, nn
except ImportError as error:
    raise MissingExtraError("extract", "the front network") from error

OUTPUTS = ("front", "ice", "rock")


@dataclass(frozen=True)
class NetworkSettings:
    """Shape of the network; stored with its weights.

    Parameters
    ----------
    widths : tuple of int
        Channels per level, finest first.
    inputs, outputs : int
        Layers in, logits out.
    """

    widths: tuple[int, ...] = (16, 32, 64, 96, 128)
    inputs: int = 3
    outputs: int = len(OUTPUTS)

    def as_dict(self) -> dict[str, object]:
        """Plain values for a JSON file."""
        return asdict(self)


class ConvUnit(nn.Module):  # type: ignore[misc]
    """Convolution 3x3, batch normalisation, rectifier."""

    def __init__(self, before: int, after: int, dilation: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, 3, padding=dilation, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm2d(after)

    def forward(self, x: Tensor) -> Tensor:
        """Apply it."""
        return F.relu(self.norm(self.conv(x)), inplace=True)

    def fold(self) -> None:
        """Put the normalisation into the convolution, for prediction only."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = nn.utils.fusion.fuse_conv_bn_eval(self.conv, self.norm)
            self.norm = nn.Identity()


class UNet(nn.Module):  # type: ignore[misc]
    """Encoder, decoder with skips, one 1x1 head of three logits.

    Parameters
    ----------
    settings : NetworkSettings
        Widths and layers.
    """

    name = "termini_unet"
    layers = ("image", "valid", "fjord")
    outputs = OUTPUTS

    def __init__(self, settings: NetworkSettings | None = None) -> None:
        super().__init__()
        self.settings = settings or NetworkSettings()
        self.options = {"widths": self.settings.widths}
        widths = self.settings.widths
        before = (self.settings.inputs, *widths[:-1])
        # one convolution at full resolution on either side: the finest level takes
        # most of the time and adds least
        self.down = nn.ModuleList(
            nn.Sequential(ConvUnit(i, o), *([ConvUnit(o, o)] if level else []))
            for level, (i, o) in enumerate(zip(before, widths, strict=True))
        )
        self.context = nn.Sequential(
            ConvUnit(widths[-1], widths[-1], dilation=2),
            ConvUnit(widths[-1], widths[-1], dilation=4),
        )
        # channels are reduced before the map is enlarged, and added to the skip
        self.reduce = nn.ModuleList(
            nn.Conv2d(coarse, fine, 1) for fine, coarse in itertools.pairwise(widths)
        )
        self.up = nn.ModuleList(
            nn.Sequential(ConvUnit(o, o), *([ConvUnit(o, o)] if level else []))
            for level, o in enumerate(widths[:-1])
        )
        self.head = nn.Conv2d(widths[0], self.settings.outputs, 1)

    @property
    def multiple(self) -> int:
        """Rows and columns must be whole multiples of this."""
        return int(2 ** (len(self.settings.widths) - 1))

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, 3, rows, columns) of inputs (n, 3, rows, columns)."""
        skips: list[Tensor] = []
        for level, block in enumerate(self.down):
            x = block(x if level == 0 else F.max_pool2d(x, 2))
            skips.append(x)
        x = x + self.context(x)
        for level in reversed(range(len(self.up))):
            x = F.interpolate(self.reduce[level](x), scale_factor=2, mode="nearest")
            x = self.up[level](skips[level] + x)
        return self.head(x)

    def fold(self) -> UNet:
        """Fold all normalisations; the network can then no longer be trained."""
        self.eval()
        for module in list(self.modules()):
            if isinstance(module, ConvUnit):
                module.fold()
        return self


def build_network(settings: NetworkSettings | None = None, *, seed: int = 0) -> UNet:
    """Fresh network; the same seed gives the same weights.

    Parameters
    ----------
    settings : NetworkSettings, optional
        Shape; the default has about 1.05 million parameters.
    seed : int
        Of the initial weights (He et al. 2015).

    Returns
    -------
    UNet
        In training mode, channels-last memory.
    """
    network = UNet(settings)
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    # fronts are rare: start from a low probability everywhere
    nn.init.constant_(network.head.bias, -2.0)
    network.to(memory_format=torch.channels_last)
    return network
