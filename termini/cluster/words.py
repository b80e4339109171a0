"""Types in words, by rules that look at the centre only."""

from __future__ import annotations

import calendar

import numpy as np
from numpy.typing import NDArray

# Share of the change that must fall into a quarter of the window to be a step; a
# steady change has 0.25 there.
STEP_SHARE = 0.6


def interannual_words(centre: NDArray[np.float64], scale: float) -> str:
    """Inter-annual type in words.

    Parameters
    ----------
    centre : ndarray, (T,)
        Centre of the type, metres, change since the first year of the window.
    scale : float
        Changes below this are called stable, metres.

    Returns
    -------
    str
        Such as ``"step retreat, -3.1 km"``.
    """
    if np.abs(centre).max() < scale:
        return f"stable, {centre[-1]:+.0f} m"
    furthest = float(centre[np.abs(centre).argmax()])
    window = max(1, len(centre) // 4)
    within = np.abs(centre[window:] - centre[:-window]).max() / np.ptp(centre)
    manner = "step" if within >= STEP_SHARE else "steady"
    noun = "retreat" if furthest < 0 else "advance"
    back = abs(furthest - centre[-1]) > 0.5 * abs(furthest)
    words = f"{manner} {noun}{', then back' if back else ''}"
    return f"{words}, {furthest / 1000:+.1f} km"


def seasonal_words(cycle: NDArray[np.float64]) -> str:
    """Seasonal type in words.

    Parameters
    ----------
    cycle : ndarray, (12,)
        Centre of the type, metres, January first.

    Returns
    -------
    str
        Such as ``"most advanced in May, least in September, range 310 m"``.
    """
    most = calendar.month_name[int(cycle.argmax()) + 1]
    least = calendar.month_name[int(cycle.argmin()) + 1]
    return f"most advanced in {most}, least in {least}, range {np.ptp(cycle):.0f} m"
