"""U-Nets of three papers; one layout, three recipes (Ronneberger et al. 2015).

Zhang et al. (2019, The Cryosphere 13, 1729): kernels of five pixels, leaky
rectifiers, five levels of 32 to 512 channels, one grey band of TerraSAR-X.
Baumhoer et al. (2019, Remote Sensing 11, 2529): five levels of 32 to 512
channels, Sentinel-1 HH and HV, a terrain model and the ratio of the bands.
Loebel et al. (2024, The Cryosphere 18, 3315): seven levels of 32 to 2048
channels, nine Landsat bands, one normalisation for every two convolutions.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F  # noqa: N812 (usual name)
from torch import Tensor, nn

from termini.segment.networks.registry import Card, register


@dataclass(frozen=True)
class Recipe:
    """What one paper's U-Net does its own way.

    Parameters
    ----------
    kernel : int
        Edge of its convolutions, pixels.
    norms : int
        Normalised convolutions of the two at every level.
    biased_below : int
        Convolutions have a bias on levels before this one.
    leak : float
        Slope of the rectifier below zero.
    up : int
        Edge of the transposed convolution that enlarges.
    up_bias, up_rectified : bool
        Whether that has a bias, and a rectifier.
    head : int
        Edge of the last convolution.
    """

    kernel: int = 3
    norms: int = 2
    biased_below: int = 99
    leak: float = 0.0
    up: int = 2
    up_bias: bool = True
    up_rectified: bool = False
    head: int = 1


ZHANG = Recipe(kernel=5, leak=0.1, up=4, up_bias=False, up_rectified=True, head=3)
BAUMHOER = Recipe()
LOEBEL = Recipe(norms=1, biased_below=2)


class PublishedUNet(nn.Module):  # type: ignore[misc]
    """Encoder and decoder with skips stacked, after a recipe.

    Parameters
    ----------
    inputs, outputs : int
        Layers in, logits out.
    widths : tuple of int
        Channels per level, finest first.
    recipe : Recipe
        The paper's own ways.
    dropout : float
        Share of the channels left out at the coarsest level.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        widths: tuple[int, ...],
        recipe: Recipe,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        widths = tuple(widths)
        self.multiple = 2 ** (len(widths) - 1)
        before = (inputs, *widths[:-1])
        self.down = nn.ModuleList(
            _stage(i, o, recipe, level)
            for level, (i, o) in enumerate(zip(before, widths, strict=True))
        )
        self.drop = nn.Dropout2d(dropout)
        self.enlarge = nn.ModuleList(_enlarger(c, f, recipe) for f, c in pairwise(widths))
        self.up = nn.ModuleList(
            _stage(2 * o, o, recipe, level) for level, o in enumerate(widths[:-1])
        )
        self.head = nn.Conv2d(widths[0], outputs, recipe.head, padding=recipe.head // 2)
        self.heads = [self.head]

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, outputs, rows, columns)."""
        skips: list[Tensor] = []
        for level, stage in enumerate(self.down):
            x = stage(x if level == 0 else F.max_pool2d(x, 2))
            skips.append(x)
        x = self.drop(x)
        for level in reversed(range(len(self.up))):
            x = self.up[level](torch.cat([self.enlarge[level](x), skips[level]], dim=1))
        return self.head(x)


def _stage(before: int, after: int, recipe: Recipe, level: int) -> nn.Sequential:
    """Two convolutions with what the recipe puts after each."""
    parts: list[nn.Module] = []
    for number in range(2):
        parts.append(
            nn.Conv2d(
                before if number == 0 else after, after, recipe.kernel,
                padding=recipe.kernel // 2, bias=level < recipe.biased_below,
            )
        )  # fmt: skip
        if number < recipe.norms:
            parts.append(nn.BatchNorm2d(after))
        parts.append(nn.LeakyReLU(recipe.leak, inplace=True) if recipe.leak else nn.ReLU(True))
    return nn.Sequential(*parts)


def _enlarger(coarse: int, fine: int, recipe: Recipe) -> nn.Sequential:
    parts: list[nn.Module] = [
        nn.ConvTranspose2d(coarse, fine, recipe.up, 2, (recipe.up - 2) // 2, bias=recipe.up_bias)
    ]
    if recipe.up_rectified:
        parts.append(nn.ReLU(inplace=True))
    return nn.Sequential(*parts)


FIVE = (32, 64, 128, 256, 512)
SEVEN = (*FIVE, 1024, 2048)


def _zhang(inputs: int, widths: tuple[int, ...] = FIVE, dropout: float = 0.0) -> PublishedUNet:
    return PublishedUNet(inputs, 1, widths, ZHANG, dropout)


def _baumhoer(inputs: int, widths: tuple[int, ...] = FIVE, dropout: float = 0.5) -> PublishedUNet:
    return PublishedUNet(inputs, 1, widths, BAUMHOER, dropout)


def _loebel(inputs: int, widths: tuple[int, ...] = SEVEN, dropout: float = 0.0) -> PublishedUNet:
    return PublishedUNet(inputs, 1, widths, LOEBEL, dropout)


register(
    Card(
        "unet_zhang2019", "Zhang et al. 2019, The Cryosphere 13, 1729", ("image",), ("land",),
        _zhang, note="layout of the authors' code; the paper states no number of trained values",
    )
)  # fmt: skip
register(
    Card(
        "unet_baumhoer2019", "Baumhoer et al. 2019, Remote Sensing 11, 2529",
        ("image", "band2", "band3", "band4"), ("land",), _baumhoer,
        note="levels and channels of its Figure 3; share of dropout not stated there, 0.5 here",
    )
)  # fmt: skip
register(
    Card(
        "unet_loebel2024", "Loebel et al. 2024, The Cryosphere 18, 3315",
        ("image", *(f"band{k}" for k in range(2, 10))), ("land",), _loebel,
        published=124e6, as_published=(("inputs", 9),),
    )
)  # fmt: skip
