"""A Greenland with known truth, and scenes of it as satellites would see them."""

from termini.simulate.acquisitions import acquisitions
from termini.simulate.records import driver_records
from termini.simulate.region import SimulatedGlacier, SimulatedRegion, simulate_region
from termini.simulate.render import RenderedScene, render_scene
from termini.simulate.render_io import write_rendered
from termini.simulate.render_training import TrainingScene, training_scene
from termini.simulate.truth import (
    glacier_table,
    true_length,
    truth_fronts,
    truth_series,
    write_truth,
)
from termini.simulate.types import PLANTED_TYPES, PlantedType

__all__ = [
    "PLANTED_TYPES",
    "PlantedType",
    "RenderedScene",
    "SimulatedGlacier",
    "SimulatedRegion",
    "TrainingScene",
    "acquisitions",
    "driver_records",
    "glacier_table",
    "render_scene",
    "simulate_region",
    "training_scene",
    "true_length",
    "truth_fronts",
    "truth_series",
    "write_rendered",
    "write_truth",
]
