"""Intervals from standard errors: how many of them hold a share of the errors."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri, stdtrit

from termini.errors import InputError
from termini.series.settings import MEASURES

# Measures that are a mean over the whole width of the fjord.
_WHOLE_WIDTH = ("area", "length_area")
# Errors of fronts that a network found, on a line or in a strip, are those of Student's t
# of so many degrees of freedom: most are small, a few large. Chosen on the simulated run
# of seed 7 (`benchmarks/calibration.py`).
_FREEDOM = 4.0


def interval_factor(level: float, measure: str, method: str) -> float:
    """Standard errors to either side that an interval reaches.

    Parameters
    ----------
    level : float
        Share of the errors that it is to hold, between 0 and 1.
    measure : str
        Measure, as in the observations.
    method : str
        How the front was found, as in the front table.

    Returns
    -------
    float
        The interval is the value plus and minus so many times its standard error. Normal
        for fronts drawn by hand (0.99 for 68 %, 1.96 for 95 %), and for means over the
        whole width. A network's fronts are near the true one for the most part and a few
        of them far from it, so that a line across them or a strip in the middle has
        errors as Student's t with four degrees of freedom and the stated standard
        error: 0.80 for 68 %, 1.96 for 95 %.

    Raises
    ------
    InputError
        For a level outside 0 to 1 and an unknown measure.
    """
    if not 0.0 < level < 1.0:
        raise InputError(f"level {level}: the share of errors within lies between 0 and 1")
    if measure not in MEASURES:
        raise InputError(f"measure {measure!r} is unknown: one of {', '.join(MEASURES)}")
    tail = 0.5 + level / 2
    if method == "manual" or measure in _WHOLE_WIDTH:
        return float(ndtri(tail))
    return float(stdtrit(_FREEDOM, tail) * np.sqrt((_FREEDOM - 2) / _FREEDOM))
