"""Numbers of a front's motion, chosen so that what is planted comes about by its driver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from termini.simulate.types import Plan

YEAR = 365.25

# Years in which the response of flow brings a displaced front back by 1/e.
_MEMORY_YEARS = {
    "stable": 0.6,
    "seasonal_runoff": 0.6,
    "seasonal_melange": 0.6,
    "steady_retreat": 5.0,
    "step_retreat": 15.0,
    "surge": 7.0,
}
# Flow speed at the front, metres a day.
_SPEED = {
    "stable": (0.8, 2.0),
    "seasonal_runoff": (2.0, 5.0),
    "seasonal_melange": (5.0, 9.0),
    "steady_retreat": (3.0, 6.0),
    "step_retreat": (7.0, 11.0),
    "surge": (1.5, 3.0),
}


@dataclass(frozen=True)
class Dynamics:
    """Numbers of one glacier's front, chosen so that what is planted comes about.

    Parameters
    ----------
    position : float
        Position in balance, metres from the gate.
    speed : float
        Flow speed at the front there, m d-1.
    memory : float
        Days in which the flow's response brings a displaced front back by 1/e.
    depth_calving : float
        Calving rate per metre of water depth, d-1.
    undercutting : float
        Retreat per metre of melt: melt undercuts and so hastens calving.
    buttressing : float
        Share of calving that fully rigid melange prevents.
    tongue_days : float
        Days in which the tongue grown under melange is lost in open water; 0 for never.
    event_size : float
        Mean width-averaged loss of a discrete calving event, metres.
    event_share : float
        Share of calving that comes in discrete events.
    """

    position: float
    speed: float
    memory: float
    depth_calving: float
    undercutting: float
    buttressing: float
    tongue_days: float
    event_size: float
    event_share: float


def frontal_melt(
    depth: NDArray[np.float64] | float,
    runoff: NDArray[np.float64] | float,
    thermal_forcing: NDArray[np.float64] | float,
    width: float,
) -> NDArray[np.float64]:
    """Melt rate of a calving face.

    Parameters
    ----------
    depth : array_like
        Water depth at the face, metres.
    runoff : array_like
        Subglacial discharge, m3 s-1.
    thermal_forcing : array_like
        Ocean temperature above freezing, K.
    width : float
        Width of the face, metres.

    Returns
    -------
    ndarray
        Metres a day.

    Notes
    -----
    Rignot et al. 2016, doi:10.1002/2016GL068784: q_m = (A h q_sg^0.39 + B) TF^1.18
    with A = 3e-4, B = 0.15 and q_sg the discharge per area of the face in m d-1.
    """
    per_area = 86400.0 * np.asarray(runoff) / (width * np.maximum(depth, 1.0))
    warm = np.maximum(thermal_forcing, 0.0) ** 1.18
    return np.asarray((3e-4 * np.maximum(depth, 0.0) * per_area**0.39 + 0.15) * warm)


def choose_dynamics(
    plan: Plan,
    forcing: pd.DataFrame,
    start: pd.Timestamp,
    width: float,
    rng: np.random.Generator,
) -> Dynamics:
    """Numbers that make the planted type come about under a forcing.

    Parameters
    ----------
    plan : Plan
        What is planted.
    forcing : pandas.DataFrame
        Daily forcing, spin-up included.
    start : pandas.Timestamp
        Start of the period proper.
    width : float
        Width at the front, metres.
    rng : numpy Generator
        Source of randomness.

    Returns
    -------
    Dynamics
        In balance at `plan.start_position` under the mean forcing before the
        planted change.
    """
    name = plan.kind.name
    melt = frontal_melt(
        plan.depth, forcing["runoff"].to_numpy(), forcing["thermal_forcing"].to_numpy(), width
    )
    years = years_since(forcing, start)
    memory = YEAR * _MEMORY_YEARS[name]
    reference = _balance_melt(plan, melt, years, memory)
    factor = _undercutting(plan, melt - reference, years, memory)
    speed = rng.uniform(*_SPEED[name])
    speed = max(speed, factor * reference / 0.6)
    calving = speed - factor * reference
    buttressing = 0.0
    if name == "seasonal_melange":
        season = float(forcing["melange"].mean()) * YEAR
        buttressing = min(1.35 * plan.seasonal_range / (calving * season), 0.95)
    return Dynamics(
        position=plan.start_position,
        speed=speed,
        memory=memory,
        depth_calving=calving / plan.depth,
        undercutting=factor,
        buttressing=buttressing,
        tongue_days=30.0 if name == "seasonal_melange" else 0.0,
        event_size=rng.uniform(10.0, 30.0) * (0.4 if name == "steady_retreat" else 1.0),
        event_share=rng.uniform(0.15, 0.35),
    )


def _balance_melt(
    plan: Plan, melt: NDArray[np.float64], years: NDArray[np.float64], memory: float
) -> float:
    """Melt rate at which the front would keep its first position, m d-1."""
    if plan.kind.name == "steady_retreat":
        # A front that lags a rising melt rate by its memory retreats steadily: it starts
        # as if melt had been rising for that long.
        slope = np.polyfit(years, melt, 1)[0]
        return float(melt[years < years[0] + 1.0].mean() - slope * memory / YEAR)
    if plan.kind.name == "step_retreat":
        return float(melt[years < plan.event_year - 0.5].mean())
    return float(melt.mean())


def _undercutting(
    plan: Plan, melt: NDArray[np.float64], years: NDArray[np.float64], memory: float
) -> float:
    """Retreat per metre of melt that gives the planted range, rate or trigger."""
    name = plan.kind.name
    if name == "step_retreat":
        warm = (years > plan.event_year + 0.2) & (years < plan.event_year + plan.event_length - 0.2)
        return 2.4 / float(melt[warm].mean()) if warm.any() else 1.0
    if name not in ("seasonal_runoff", "steady_retreat"):
        return {"stable": 0.7, "seasonal_melange": 0.4}.get(name, 0.5)
    # The linear response to a unit factor; the planted number divided by it is the factor.
    unit = lfilter([-1.0], [1.0, -(1.0 - 1.0 / memory)], melt)
    period = years >= 0.0
    if name == "seasonal_runoff":
        turns = pd.Series(unit[period]).groupby(np.floor(years[period]))
        return float(plan.seasonal_range / (turns.max() - turns.min()).mean())
    rate = np.polyfit(years[period], unit[period], 1)[0]
    return float(plan.change / plan.years / rate)


def years_since(forcing: pd.DataFrame, start: pd.Timestamp) -> NDArray[np.float64]:
    """Years from the start of the period to each day.

    Parameters
    ----------
    forcing : pandas.DataFrame
        Daily table.
    start : pandas.Timestamp
        Start of the period.

    Returns
    -------
    ndarray
        Years of 365.25 days, negative before the start.
    """
    days = pd.DatetimeIndex(forcing.index) - start
    return np.asarray(days / pd.Timedelta(days=YEAR), dtype=np.float64)
