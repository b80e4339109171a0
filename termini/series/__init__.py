"""Observations of length and area change, and monthly series."""

from termini.series.compat import COMPAT_MODES, compat_series
from termini.series.differences import (
    CHANGE_COLUMNS,
    Change,
    change_between,
    changes,
    consecutive_changes,
)
from termini.series.intervals import half_widths, interval_factor
from termini.series.monthly import monthly_series, trends
from termini.series.monthly_fit import MonthlySettings
from termini.series.near_days import steady_rate
from termini.series.observe import OBSERVATION_COLUMNS, observe
from termini.series.outliers import OutlierSettings, flag_outliers
from termini.series.repeats import repeat_errors, with_repeat_errors
from termini.series.settings import DEFAULT_MEASURES, MEASURES, ObservationSettings
from termini.series.since import since_reference
from termini.series.stream import observe_file, write_observations

__all__ = [
    "CHANGE_COLUMNS",
    "COMPAT_MODES",
    "DEFAULT_MEASURES",
    "MEASURES",
    "OBSERVATION_COLUMNS",
    "Change",
    "MonthlySettings",
    "ObservationSettings",
    "OutlierSettings",
    "change_between",
    "changes",
    "compat_series",
    "consecutive_changes",
    "flag_outliers",
    "half_widths",
    "interval_factor",
    "monthly_series",
    "observe",
    "observe_file",
    "repeat_errors",
    "since_reference",
    "steady_rate",
    "trends",
    "with_repeat_errors",
    "write_observations",
]
