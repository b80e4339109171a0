"""Forcing of the fronts: runoff, ocean thermal forcing, melange, surface mass balance.

Made by the day, published by the month. Every glacier has all four, whatever
moves its front: what is not planted is there and has little effect, as it is in
nature. Glaciers of one coast share part of their weather.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.simulate.coast import Place
from termini.simulate.noise import red_noise, smooth_step
from termini.simulate.types import Plan
from termini.times import month_index

COLUMNS = ["runoff", "thermal_forcing", "melange", "surface_mass_balance"]


def shared_weather(seed: int, coast: str, years: NDArray[np.int64]) -> pd.DataFrame:
    """Year-to-year anomalies that the glaciers of a coast share.

    Parameters
    ----------
    seed : int
        Seed of the region.
    coast : str
        ``west`` or ``east``.
    years : ndarray of int
        Consecutive calendar years.

    Returns
    -------
    pandas.DataFrame
        Index year; standard normal ``summer``, ``ocean`` and ``winter``, which
        remember the year before (e-folding 0.8, 2 and 0.6 years).
    """
    rng = np.random.default_rng([seed, 2, 0 if coast == "west" else 1])
    memory = {"summer": 0.8, "ocean": 2.0, "winter": 0.6}
    return pd.DataFrame(
        {name: red_noise(rng, len(years), steps) for name, steps in memory.items()}, index=years
    )


def make_forcing(
    plan: Plan,
    place: Place,
    days: pd.DatetimeIndex,
    start: pd.Timestamp,
    shared: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Daily forcing of one glacier.

    Parameters
    ----------
    plan : Plan
        What is planted.
    place : Place
        Where.
    days : pandas.DatetimeIndex
        Days to be forced, spin-up included.
    start : pandas.Timestamp
        Start of the period proper, from which events are counted.
    shared : pandas.DataFrame
        As `shared_weather` gives it, covering the years of `days`.
    rng : numpy Generator
        Source of randomness.

    Returns
    -------
    pandas.DataFrame
        Index `days`; columns ``runoff`` (m3 s-1), ``thermal_forcing`` (K),
        ``melange`` (0-1), ``surface_mass_balance`` (m ice a-1 at the front).
    """
    year = days.year.to_numpy()
    time = ((days - start) / pd.Timedelta(days=365.25)).to_numpy()
    season = days.day_of_year.to_numpy() / 365.25
    row = year - int(shared.index[0])
    summer, ocean, winter = (
        (shared[name].to_numpy() + 0.6 * rng.standard_normal(len(shared))) / np.hypot(1.0, 0.6)
        for name in ("summer", "ocean", "winter")
    )
    return pd.DataFrame(
        {
            "runoff": _runoff(plan, place, season, time, summer[row], rng),
            "thermal_forcing": _thermal_forcing(plan, season, time, ocean[row], rng),
            "melange": _melange(plan, place, days, winter, int(shared.index[0]), rng),
            "surface_mass_balance": _mass_balance(season, time, summer[row], rng),
        },
        index=days,
    )


def monthly_means(daily: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Calendar-month means.

    Parameters
    ----------
    daily : pandas.DataFrame
        Daily values.
    start, end : pandas.Timestamp
        First and last day to be covered.

    Returns
    -------
    pandas.DataFrame
        Index `times.month_index` (the 15th), the columns of `daily`.
    """
    span = daily.loc[start:end]
    means = span.groupby(pd.DatetimeIndex(span.index).to_period("M")).mean()
    means.index = month_index(start, end)
    means.index.name = "time"
    return means


def _runoff(
    plan: Plan,
    place: Place,
    season: NDArray[np.float64],
    time: NDArray[np.float64],
    anomaly: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Subglacial discharge: basal all year, surface melt in a season that warm years lengthen."""
    peak = {
        "seasonal_runoff": rng.uniform(350.0, 1000.0),
        "stable": rng.uniform(20.0, 50.0),
        "steady_retreat": rng.uniform(20.0, 60.0),
        "step_retreat": rng.uniform(15.0, 40.0),
    }.get(plan.kind.name, rng.uniform(40.0, 140.0))
    base = rng.uniform(1.0, 4.0) + 0.005 * peak
    north = (place.latitude - 62.0) / 18.0
    onset = (145.0 + 20.0 * north - 4.0 * anomaly) / 365.25
    stop = (268.0 - 22.0 * north + 4.0 * anomaly) / 365.25
    shape = smooth_step((season - onset) * 365.25 / 7.0) * smooth_step(
        (stop - season) * 365.25 / 9.0
    )
    bell = np.exp(-0.5 * ((season - 0.55) / 0.11) ** 2)
    weather = np.exp(red_noise(rng, len(season), 6.0, 0.35) - 0.06)
    amount = np.exp(0.30 * anomaly + rng.uniform(0.0, 0.012) * time)
    return np.asarray(base + peak * amount * shape * bell * weather)


def _thermal_forcing(
    plan: Plan,
    season: NDArray[np.float64],
    time: NDArray[np.float64],
    anomaly: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Ocean temperature above freezing at depth: warmest in autumn, slow, with planted change."""
    mean = rng.uniform(2.0, 4.0)
    cycle = rng.uniform(0.2, 0.5) * np.cos(2 * np.pi * (season - 0.78))
    # Where the ocean is what moves the front, its years differ enough to be seen in it.
    yearly = 0.25 if plan.kind.name == "steady_retreat" else 0.14
    slow = red_noise(rng, len(season), 200.0, 0.12) + yearly * _daily_steps_smoothed(anomaly)
    trend = rng.uniform(-0.01, 0.02) * time
    if plan.kind.name == "steady_retreat":
        mean, cycle = rng.uniform(1.6, 2.4), 0.5 * cycle
        trend = rng.uniform(2.3, 3.0) * (time - time[0]) / (time[-1] - time[0])
    elif plan.kind.name == "step_retreat":
        cycle = 0.5 * cycle
        since = (time - plan.event_year) * 12.0
        warm = smooth_step(since) * smooth_step(12.0 * plan.event_length - since)
        trend = trend + rng.uniform(1.3, 1.9) * warm
    return np.asarray(np.maximum(mean + cycle + slow + trend, 0.2))


def _melange(
    plan: Plan,
    place: Place,
    days: pd.DatetimeIndex,
    anomaly: NDArray[np.float64],
    first: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Rigid melange: forms around New Year, breaks up in spring, within days."""
    planted = plan.kind.name == "seasonal_melange"
    north = (place.latitude - 62.0) / 18.0
    strength = rng.uniform(0.75, 0.95) if planted else rng.uniform(0.25, 0.85)
    day = ((days - pd.Timestamp(first, 1, 1)) / pd.Timedelta(days=1)).to_numpy()
    cover = np.zeros(len(days))
    for turn, cold in enumerate(anomaly):
        new_year = (pd.Timestamp(first + turn, 1, 1) - pd.Timestamp(first, 1, 1)).days
        forms = new_year - 4.0 - 25.0 * north - 10.0 * cold + rng.normal(0.0, 5.0)
        breaks = new_year + 118.0 + 20.0 * north + 13.0 * cold + rng.normal(0.0, 5.0)
        grip = strength * (1.0 + 0.10 * np.tanh(cold))
        cover += grip * smooth_step((day - forms) / 5.0) * smooth_step((breaks - day) / 3.0)
    cover += 0.02 * np.abs(red_noise(rng, len(days), 10.0))
    return np.clip(cover, 0.0, 1.0)


def _mass_balance(
    season: NDArray[np.float64],
    time: NDArray[np.float64],
    anomaly: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Surface mass balance at the front: accumulation all year, melt in summer."""
    melt = rng.uniform(5.0, 11.0) * (1.0 + 0.25 * anomaly + 0.006 * time)
    bell = np.exp(-0.5 * ((season - 0.55) / 0.09) ** 2)
    return np.asarray(rng.uniform(0.3, 1.0) - melt * bell + red_noise(rng, len(season), 20.0, 0.15))


def _daily_steps_smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Yearly steps turned into a smooth run, as the ocean follows the years."""
    kernel = np.hanning(365)
    return np.convolve(np.pad(values, 182, mode="edge"), kernel / kernel.sum(), mode="valid")
