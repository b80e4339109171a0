"""Satellite scenes: reading, warping to a glacier's grid, normalising."""

from termini.scenes.normalise import normalise, normalise_values
from termini.scenes.scene import Scene

__all__ = ["Scene", "normalise", "normalise_values"]
