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

from termini.simulate.bed import depth_at
from termini.simulate.dynamics import YEAR, Dynamics, years_since
from termini.simulate.noise import red_noise
from termini.simulate.types import Plan

_TABLE_STEP = 10.0


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
    years = years_since(forcing, start)
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
