"""A Greenland with known truth, and scenes of it as satellites would see them."""

from termini.simulate.region import SimulatedGlacier, SimulatedRegion, simulate_region
from termini.simulate.render import RenderedScene, render_scene
from termini.simulate.render_training import TrainingScene, training_scene
from termini.simulate.types import PLANTED_TYPES, PlantedType

__all__ = [
    "PLANTED_TYPES",
    "PlantedType",
    "RenderedScene",
    "SimulatedGlacier",
    "SimulatedRegion",
    "TrainingScene",
    "render_scene",
    "simulate_region",
    "training_scene",
]
