"""Observations of length and area change, and monthly series."""

from termini.series.observe import OBSERVATION_COLUMNS, observe
from termini.series.settings import MEASURES, ObservationSettings

__all__ = ["MEASURES", "OBSERVATION_COLUMNS", "ObservationSettings", "observe"]
