"""A Greenland with known truth, and scenes of it as satellites would see them."""

from termini.simulate.region import SimulatedGlacier, SimulatedRegion, simulate_region
from termini.simulate.types import PLANTED_TYPES, PlantedType

__all__ = [
    "PLANTED_TYPES",
    "PlantedType",
    "SimulatedGlacier",
    "SimulatedRegion",
    "simulate_region",
]
