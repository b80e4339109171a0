"""A stand-in for the network, and made-up scenes whose front it can see."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from termini.segment import Prediction

sys.path.insert(0, str(Path(__file__).parents[1] / "scenes"))

from scenes_made_up import picture_of, straight_domain, write_png, write_tif

__all__ = ["picture_of", "see_brightness", "straight_domain", "write_png", "write_tif"]


def _predict(network: Any, inputs: NDArray[np.float32], *, views: Any = None) -> Prediction:
    """Ice is bright, water dark, rock between: what a network would make of that."""
    image = ndimage.median_filter(inputs[0], 5)
    ice, water = image > 0.66, image < 0.33
    to_ice = ndimage.distance_transform_edt(~ice)
    to_water = ndimage.distance_transform_edt(~water)
    heat = 0.95 * np.exp(-0.5 * ((to_ice - to_water) / 1.5) ** 2) * (to_ice + to_water < 4)
    mask = 1 / (1 + np.exp(np.clip(to_ice - to_water, -30, 30)))
    rock = ~ice & ~water
    return Prediction(*(x.astype(np.float32) for x in (heat, mask, rock)))


def see_brightness(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Any:
    """Put the stand-in in the network's place; gives what to pass as the network."""
    monkeypatch.setattr("termini.segment.predict", _predict)
    weights = folder / "weights.safetensors"
    weights.write_bytes(b"stand-in")
    return SimpleNamespace(path=str(weights), normalisation="equalise", name="termini-unet")
