"""Observations of length and area change, and monthly series."""

from termini.series.monthly import MonthlySettings, monthly_series
from termini.series.observe import OBSERVATION_COLUMNS, observe
from termini.series.outliers import OutlierSettings, flag_outliers
from termini.series.settings import MEASURES, ObservationSettings

__all__ = [
    "MEASURES",
    "OBSERVATION_COLUMNS",
    "MonthlySettings",
    "ObservationSettings",
    "OutlierSettings",
    "flag_outliers",
    "monthly_series",
    "observe",
]
