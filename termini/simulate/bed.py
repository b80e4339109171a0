"""The bed along the fjord: sills, overdeepenings, stretches that deepen up- or down-glacier."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from termini.simulate.noise import red_noise
from termini.simulate.types import Plan

STEP_M = 50.0
SHALLOWEST_M = 25.0


def make_bed(plan: Plan, fjord_length: float, rng: np.random.Generator) -> pd.DataFrame:
    """Bed along the centreline that suits what is planted.

    Parameters
    ----------
    plan : Plan
        What is planted.
    fjord_length : float
        Length of the fjord, metres.
    rng : numpy Generator
        Source of randomness.

    Returns
    -------
    pandas.DataFrame
        ``distance`` (metres along the centreline from the gate) and
        ``elevation`` (metres, negative below sea level).

    Notes
    -----
    Under a front that holds its place the bed deepens down-glacier (prograde), so
    that calving grows when the front advances and falls when it retreats (Weertman
    1974; Schoof 2007). Only where a step is planted does it deepen up-glacier from a
    crest close behind the front; the step ends where it rises again.
    """
    s = np.arange(0.0, fjord_length + STEP_M / 2, STEP_M)
    knots = _near_front(plan, rng)
    low, high = plan.start_position + knots[0][0], plan.start_position + knots[-1][0]
    points = [(plan.start_position + x, plan.depth * share) for x, share in knots]
    points = _upstream(low, points[0][1], rng) + points
    points += _seaward(high, points[-1][1], plan.depth, fjord_length, rng)
    at, depth = np.array(points).T
    smooth = PchipInterpolator(at, depth, extrapolate=True)(np.clip(s, at[0], at[-1]))
    rough = red_noise(rng, len(s), memory=600.0 / STEP_M, sigma=0.012 * plan.depth)
    depth = np.maximum(smooth + _blurred(rough), SHALLOWEST_M)
    return pd.DataFrame({"distance": s, "elevation": -depth})


def depth_at(bed: pd.DataFrame, distance: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Depth of the bed below sea level.

    Parameters
    ----------
    bed : pandas.DataFrame
        As `make_bed` gives it.
    distance : array_like
        Metres along the centreline from the gate.

    Returns
    -------
    ndarray
        Metres, positive below sea level.
    """
    return np.asarray(-np.interp(distance, bed["distance"].to_numpy(), bed["elevation"].to_numpy()))


def _near_front(plan: Plan, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Bed where the front moves: (distance from its start, share of the depth there)."""
    if plan.kind.name == "step_retreat":
        span = -plan.change
        deepest = rng.uniform(2.1, 2.5)
        return [
            (-span - 600.0, 0.45),
            (-span - 100.0, 0.75),
            (-span + 300.0, 1.15),
            (-0.62 * span, deepest),
            (-0.40 * span, 0.95 * deepest),
            (-250.0, 0.95),
            (0.0, 1.0),
            (700.0, 1.25),
        ]
    if plan.kind.name == "steady_retreat":
        span = plan.start_position - plan.reach[0] + 500.0
        return [(-span, 0.95), (0.0, 1.0), (800.0, 1.05)]
    if plan.kind.name == "surge":
        return [(-800.0, 0.9), (0.0, 1.0), (plan.change + 500.0, 1.15)]
    return [(-1500.0, rng.uniform(0.6, 0.8)), (0.0, 1.0), (1200.0, rng.uniform(1.15, 1.3))]


def _upstream(low: float, depth: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Bed inland of the front's reach: any glacier may have a basin there too."""
    points = []
    at = low - rng.uniform(1200.0, 2500.0)
    while at > 300.0:
        points.append((at, depth * rng.uniform(0.4, 1.7)))
        at -= rng.uniform(1500.0, 4000.0)
    points.append((min(0.0, at), depth * rng.uniform(0.3, 0.9)))
    return points[::-1]


def _seaward(
    high: float, depth: float, front_depth: float, fjord_length: float, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Bed of the outer fjord: basins, then a sill towards the mouth."""
    room = fjord_length - high
    if room < 600.0:
        return [(max(high, fjord_length) + 500.0, 1.1 * depth)]
    sill = front_depth * rng.uniform(0.45, 1.05)
    return [
        (high + 0.35 * room, depth * rng.uniform(1.15, 1.6)),
        (high + 0.70 * room, sill),
        (high + 1.05 * room, max(sill, depth) * rng.uniform(1.1, 1.6)),
    ]


def _blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Running mean over a few hundred metres: the bed has no cliffs."""
    kernel = np.hanning(9)
    return np.convolve(np.pad(values, 4, mode="edge"), kernel / kernel.sum(), mode="valid")
