"""Networks of all published methods and ours, in plain torch, by name."""

from termini.segment.networks import calfin, deeplab, hed_unet, mohajerani, ours, unet_published
from termini.segment.networks.blocks import fold_normalisation
from termini.segment.networks.count import multiplications, parameter_count, published_count
from termini.segment.networks.registry import (
    OUTPUT_NAMES,
    Card,
    build,
    network_card,
    network_names,
    register,
)

__all__ = [
    "OUTPUT_NAMES",
    "Card",
    "build",
    "calfin",
    "deeplab",
    "fold_normalisation",
    "hed_unet",
    "mohajerani",
    "multiplications",
    "network_card",
    "network_names",
    "ours",
    "parameter_count",
    "published_count",
    "register",
    "unet_published",
]
