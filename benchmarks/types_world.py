"""Monthly series of simulated regions with planted types, seen as AutoTerm sees glaciers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.signal import lfilter

from termini.sensors import SENSORS
from termini.series import OBSERVATION_COLUMNS, monthly_series
from termini.simulate import PLANTED_TYPES, SimulatedRegion, acquisitions, simulate_region
from termini.simulate.truth import true_length

START, END = "2013-01-01", "2021-12-31"
#: Digitising error of a whole front, metres, as in `monthly_series.py`.
DRAWING_M = 10.0
STRAY_M = 1500.0
#: What a partial front's mean position is off by where half of the width is missing, metres.
PARTIAL_M = 120.0


@dataclass(frozen=True)
class Seeing:
    """How a region is seen.

    Attributes
    ----------
    looks : float
        Mean number of looks a glacier and year. AutoTerm has 278,239 traces of 295
        glaciers over 37 years, 25 a year.
    noise : float
        Factor of all errors; 1 is the reference.
    gaps : float
        Share of each record that falls into gaps without any trace; a gap lasts
        four to fourteen months.
    partial : float
        Share of fronts of which an end was not seen; they are off by more and say so.
    strays : float
        Share of fronts that are another line.
    """

    looks: float = 25.0
    noise: float = 1.0
    gaps: float = 0.0
    partial: float = 0.2
    strays: float = 0.01


def _kept(dates: pd.DatetimeIndex, share: float, rng: Any) -> NDArray[np.bool_]:
    """Which dates lie outside the gaps."""
    days = (dates - pd.Timestamp(START)).days.to_numpy()
    length = (pd.Timestamp(END) - pd.Timestamp(START)).days
    lost = np.zeros(length + 1, dtype=bool)
    while lost.mean() < share:
        first, long = rng.integers(0, length), rng.integers(120, 425)
        lost[first : first + min(long, int((share - lost.mean()) * length) + 1)] = True
    return np.asarray(~lost[days])


def looks_of(daily: pd.Series[float], plan: pd.DataFrame, seeing: Seeing, rng: Any) -> pd.DataFrame:
    """Observations of one glacier, as `termini.series.observe` gives them."""
    plan = plan[_kept(pd.DatetimeIndex(plan["date"]), seeing.gaps, rng)]
    dates = pd.DatetimeIndex(plan["date"]).as_unit("us")
    shared = seeing.noise * np.array([SENSORS[name].geolocation for name in plan["sensor"]])
    scenes = pd.factorize(plan["scene_id"])[0]
    common = rng.normal(size=scenes.max() + 1)[scenes] * shared
    missing = np.where(
        rng.random(len(dates)) < seeing.partial, rng.uniform(0.1, 0.5, len(dates)), 0
    )
    unseen = seeing.noise * PARTIAL_M * missing / 0.5
    own = np.hypot(seeing.noise * DRAWING_M, unseen)
    value = daily[dates.normalize()].to_numpy() + common + own * rng.normal(size=len(dates))
    stray = rng.random(len(dates)) < seeing.strays
    value[stray] += rng.normal(0.0, STRAY_M, stray.sum())
    table = pd.DataFrame(
        {
            "glacier_id": plan["glacier_id"].to_numpy(),
            "trace_id": [f"{k}" for k in range(len(dates))],
            "date": dates,
            "measure": "length_area",
            "length_change": value - value[0],
            "length_change_se": np.hypot(shared, own),
            "sigma_geolocation": shared,
            "sigma_coverage": unseen,
            "coverage": 1.0 - missing,
            "reference_date": dates[0],
        }
    )
    for name, dtype in OBSERVATION_COLUMNS.items():
        if name not in table:
            table[name] = np.zeros(len(table), dtype=dtype)
    table["correlation_group"] = plan["scene_id"].to_numpy()
    return table


def red_noise(days: int, rng: Any) -> NDArray[np.float64]:
    """A front that wanders without season or type: red noise of two time scales, metres.

    Size and memory (one to six years, weeks) are drawn anew for each glacier from
    one population.
    """
    total = np.zeros(days)
    for sigma, years in (
        (np.exp(rng.normal(np.log(250.0), 0.5)), np.exp(rng.uniform(0.0, np.log(6.0)))),
        (np.exp(rng.normal(np.log(40.0), 0.4)), 0.1),
    ):
        keep = np.exp(-1.0 / (365.25 * years))
        kicks = rng.normal(size=days) * sigma * np.sqrt(1.0 - keep**2)
        start = np.array([rng.normal() * sigma])
        total += lfilter([1.0], [1.0, -keep], kicks, zi=keep * start)[0]
    return total


#: Scatter of one population's season: of the logarithm of its size, and of its date, days.
SEASONS = {"season": (0.5, 30.0), "wide": (0.8, 60.0)}


def loose_season(days: int, rng: Any, scatter: tuple[float, float]) -> NDArray[np.float64]:
    """A season of one population: sizes and dates of maximum scatter about one middle."""
    size = np.exp(rng.normal(np.log(110.0), scatter[0]))
    phase = rng.normal(130.0, scatter[1])
    at = np.arange(days)
    return np.asarray(size * np.cos(2 * np.pi * (at - phase) / 365.25))


def region_of(seed: int, glaciers: int) -> SimulatedRegion:
    return simulate_region(seed, n_glaciers=glaciers, start=START, end=END)


def observed_region(
    region: SimulatedRegion, seeing: Seeing, seed: int, *, null: str = "", threads: int = 1
) -> tuple[pd.DataFrame, xr.Dataset]:
    """Observations and monthly series of a region, or of noise without types seen on its days.

    `null` is empty, "red" for red noise, or one of `SEASONS` for red noise with a season
    whose size and phase scatter about those of one population.
    """
    plan = acquisitions(region, per_year=seeing.looks)
    rng = np.random.default_rng([seed, 31])
    tables = []
    for glacier in region.glaciers:
        daily = true_length(glacier)
        if null:
            front = red_noise(len(daily), rng)
            front += loose_season(len(daily), rng, SEASONS[null]) if null in SEASONS else 0.0
            daily = pd.Series(front, daily.index)
        looks = plan[plan["glacier_id"] == glacier.glacier_id]
        tables.append(looks_of(daily, looks, seeing, rng))
    observations = pd.concat(tables, ignore_index=True)
    domains = {glacier.glacier_id: glacier.domain for glacier in region.glaciers}
    return observations, monthly_series(observations, domains, threads=threads)


def planted(region: SimulatedRegion, series: xr.Dataset, scale: str) -> NDArray[np.str_]:
    """Planted type of each glacier at a scale, in the order of the series."""
    names = series["glacier_id"].to_numpy().astype(str)
    kinds = [PLANTED_TYPES[region.glacier(name).planted_type] for name in names]
    return np.array([getattr(kind, scale) for kind in kinds])
