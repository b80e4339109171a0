"""Motion of a front: flow of the ice less calving less frontal melt, day by day.

    dL/dt = u - c - m

The flow speed falls a little as the front advances and rises as it retreats
(loss of resistance; Joughin et al. 2008). Calving grows with water depth (Brown
et al. 1982), is held back by rigid melange (Amundson et al. 2010), and takes
away in summer the unconfined tongue that a winter's melange let grow. Part of
it comes in discrete events. Frontal melt is that of Rignot et al. (2016).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from termini.simulate.bed import depth_at
from termini.simulate.noise import red_noise
from termini.simulate.types import Plan

YEAR = 365.25
_TABLE_STEP = 10.0

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
    "step_retreat": (5.0, 9.0),
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


@dataclass(frozen=True)
class Motion:
    """Result of `move_front`.

    Parameters
    ----------
    position : ndarray, shape (days,)
        Width-averaged position at the end of each day, metres from the gate.
    event_day : ndarray of int
        Days (row of `position`) of discrete calving events.
    event_size : ndarray
        Their width-averaged losses, metres.
    """

    position: NDArray[np.float64]
    event_day: NDArray[np.int64]
    event_size: NDArray[np.float64]


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
    years = _years_since(forcing, start)
    memory = YEAR * _MEMORY_YEARS[name]
    reference = _balance_melt(plan, melt, years, memory)
    factor = _undercutting(plan, melt - reference, years, memory)
    speed = rng.uniform(*_SPEED[name])
    speed = max(speed, factor * reference / 0.6)
    calving = speed - factor * reference
    buttressing = 0.0
    if name == "seasonal_melange":
        season = float(forcing["melange"].mean()) * YEAR
        buttressing = min(1.1 * plan.seasonal_range / (calving * season), 0.95)
    return Dynamics(
        position=plan.start_position,
        speed=speed,
        memory=memory,
        depth_calving=calving / plan.depth,
        undercutting=factor,
        buttressing=buttressing,
        tongue_days=30.0 if name == "seasonal_melange" else 0.0,
        event_size=rng.uniform(10.0, 30.0),
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


def move_front(
    plan: Plan,
    dynamics: Dynamics,
    forcing: pd.DataFrame,
    start: pd.Timestamp,
    bed: pd.DataFrame,
    width: float,
    rng: np.random.Generator,
) -> Motion:
    """Integrate the position of a front with daily steps.

    Parameters
    ----------
    plan : Plan
        What is planted.
    dynamics : Dynamics
        As `choose_dynamics` gives it.
    forcing : pandas.DataFrame
        Daily forcing, spin-up included.
    start : pandas.Timestamp
        Start of the period proper.
    bed : pandas.DataFrame
        As `bed.make_bed` gives it.
    width : float
        Width at the front, metres.
    rng : numpy Generator
        Source of randomness.

    Returns
    -------
    Motion
        For every day of `forcing`.
    """
    n = len(forcing)
    years = _years_since(forcing, start)
    flow = dynamics.speed * (1.0 + _surge(plan, dynamics, years))
    melange = forcing["melange"].to_numpy()
    # Melt at depth h is `steep` h^0.61 + `flat`; written so, the loop has no powers to take
    # but one from a table.
    warm = dynamics.undercutting * forcing["thermal_forcing"].to_numpy() ** 1.18
    steep = 3e-4 * (86400.0 * forcing["runoff"].to_numpy() / width) ** 0.39 * warm
    flat = 0.15 * warm
    # A random part of the calving rate moves the front about by some 20 m.
    sway = red_noise(rng, n, 20.0, 20.0 / np.sqrt(20.0 * min(dynamics.memory, 800.0)))
    sizes = rng.gamma(3.0, dynamics.event_size / 3.0, n)
    depth = depth_at(bed, np.arange(0.0, bed["distance"].iloc[-1] + 1.0, _TABLE_STEP))
    return _integrate(dynamics, flow, melange, steep, flat, sway, sizes, depth)


def _years_since(forcing: pd.DataFrame, start: pd.Timestamp) -> NDArray[np.float64]:
    """Years from the start of the period to each day."""
    days = pd.DatetimeIndex(forcing.index) - start
    return np.asarray(days / pd.Timedelta(days=YEAR), dtype=np.float64)


def _surge(plan: Plan, dynamics: Dynamics, years: NDArray[np.float64]) -> NDArray[np.float64]:
    """Extra flow speed of a surge, as a share of the speed in balance."""
    if plan.kind.name != "surge":
        return np.zeros(len(years))
    turn = np.clip((years - plan.event_year) / plan.event_length, 0.0, 1.0)
    pulse = np.sin(np.pi * turn) ** 2
    # The pulse has mean 1/2; the response of calving takes back some of the advance.
    metres = dynamics.speed * 0.5 * plan.event_length * YEAR
    return np.asarray(1.15 * plan.change / metres * pulse)


def _integrate(
    dynamics: Dynamics,
    flow: NDArray[np.float64],
    melange: NDArray[np.float64],
    steep: NDArray[np.float64],
    flat: NDArray[np.float64],
    sway: NDArray[np.float64],
    sizes: NDArray[np.float64],
    depth: NDArray[np.float64],
) -> Motion:
    """Euler steps of one day; plain floats, which are faster here than arrays of one."""
    power = (depth**0.61).tolist()
    calving = (dynamics.depth_calving * depth).tolist()
    lowest, highest = 0.06 * (len(depth) - 1), 0.95 * (len(depth) - 1)
    balance, memory, share = dynamics.position, dynamics.memory, dynamics.event_share
    tongue = 1.0 / dynamics.tongue_days if dynamics.tongue_days > 0 else 0.0
    drive = np.column_stack([flow, melange, steep, flat, sway]).tolist()
    at, due, limit = balance, 0.0, float(sizes[0])
    positions, event_day, event_size = [], [], []
    for day, (u, g, a, b, noise) in enumerate(drive):
        k = int(min(max(at / _TABLE_STEP, lowest), highest))
        offset = at - balance
        loss = calving[k] * (1.0 - dynamics.buttressing * g)
        if offset > 0.0:
            loss += tongue * offset * (1.0 - g) ** 2
        due += share * loss
        at += u - offset / memory - (1.0 - share) * loss - a * power[k] - b - noise
        if due > limit:
            at -= due
            event_day.append(day)
            event_size.append(due)
            due, limit = 0.0, float(sizes[day])
        at = min(max(at, lowest * _TABLE_STEP), highest * _TABLE_STEP)
        positions.append(at)
    return Motion(np.array(positions), np.array(event_day, dtype=np.int64), np.array(event_size))
