"""One glacier as the mechanism rule sees it: its series, forcings and evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from termini.drivers.align import monthly, yearly
from termini.drivers.evidence import (
    HARMONICS,
    by_calendar_month,
    change_of,
    forcing_change,
    melange_fit,
    runoff_fit,
)
from termini.drivers.rule import Evidence

Array = NDArray[np.float64]

# Error of a published depth, metres, and months over which the error of a smooth
# inter-annual component is one and the same.
DEPTH_ERROR_M = 30.0
ERROR_MEMORY_MONTHS = 12.0


@dataclass(frozen=True)
class Case:
    """What is known of one glacier, on the months of the series; NaN where nothing is.

    Attributes
    ----------
    slow, slow_se : ndarray, (T,)
        Inter-annual component and its standard error, metres.
    cycle, cycle_se : ndarray, (12,)
        Mean seasonal cycle and its standard error, metres.
    reach, reach_se : float
        Range of the cycle and its standard error, metres.
    overdeepening : float
        Deepest bed inland less the bed at the front, metres.
    runoff, melange : ndarray, (T,)
        Runoff, m3 s-1; melange cover, 0 to 1.
    warmth_by_year, runoff_by_year : ndarray, (years,)
        Yearly means of thermal forcing, K, and of runoff.
    """

    slow: Array
    slow_se: Array
    cycle: Array
    cycle_se: Array
    reach: float
    reach_se: float
    overdeepening: float
    runoff: Array
    melange: Array
    warmth_by_year: Array
    runoff_by_year: Array


def cases(series: xr.Dataset, forcing: xr.Dataset, months: pd.DatetimeIndex) -> list[Case]:
    """Glaciers of a series with their drivers.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series.
    forcing : xarray.Dataset
        Drivers in the same order, as `termini.drivers.align.aligned` gives them.
    months : DatetimeIndex, (T,)
        Months of the series.

    Returns
    -------
    list of Case
        One a glacier.
    """
    n, span = series.sizes["glacier"], series.sizes["time"]

    def of_series(name: str, dims: tuple[str, ...], width: int) -> Array:
        if name not in series:
            return np.full((n, width), np.nan)
        return series[name].transpose(*dims).to_numpy().astype(np.float64).reshape(n, width)

    def varying(name: str) -> Array:
        known = name in forcing and "time" in forcing[name].dims
        return monthly(forcing[name], months) if known else np.full((n, span), np.nan)

    bed = np.full(n, np.nan)
    if "overdeepening" in forcing:
        bed = forcing["overdeepening"].to_numpy().astype(np.float64)
    runoff = varying("runoff")
    by_time, by_month, alone = ("glacier", "time"), ("glacier", "month"), ("glacier",)
    parts = zip(
        of_series("length_interannual", by_time, span),
        np.nan_to_num(of_series("length_interannual_se", by_time, span)),
        of_series("seasonal_cycle", by_month, 12),
        np.nan_to_num(of_series("seasonal_cycle_se", by_month, 12)),
        of_series("seasonal_amplitude", alone, 1)[:, 0],
        np.nan_to_num(of_series("seasonal_amplitude_se", alone, 1)[:, 0]),
        bed,
        runoff,
        varying("melange"),
        yearly(varying("thermal_forcing"), months),
        yearly(runoff, months),
        strict=True,
    )
    return [Case(*part) for part in parts]


def evidence_of(
    glacier: Case, months: pd.DatetimeIndex, years: NDArray[np.int64] | None = None
) -> Evidence:
    """Evidence at one glacier.

    Parameters
    ----------
    glacier : Case
        The glacier.
    months : DatetimeIndex, (T,)
        Months of its series.
    years : ndarray of int, optional
        Years of which the cycles of the forcings are made; all by default.

    Returns
    -------
    Evidence
        What the rule looks at.
    """
    change = change_of(glacier.slow)
    length = by_year(glacier.slow, months)
    warming = forcing_change(length, glacier.warmth_by_year)
    more = forcing_change(length, glacier.runoff_by_year)
    known = glacier.runoff_by_year[np.isfinite(glacier.runoff_by_year)]
    mean = float(known.mean()) if len(known) else np.nan
    fits = (np.nan, np.nan)
    if np.isfinite(glacier.cycle).all():
        fits = (
            runoff_fit(glacier.cycle, by_calendar_month(glacier.runoff, months, years)),
            melange_fit(glacier.cycle, by_calendar_month(glacier.melange, months, years)),
        )
    return Evidence(
        change=change.furthest,
        step_share=change.share,
        overdeepening=glacier.overdeepening,
        warming=warming[0],
        warming_correlation=warming[1],
        runoff_change=more[0] / mean if mean else np.nan,
        runoff_correlation=more[1],
        seasonal_range=glacier.reach,
        seasonal_range_se=glacier.reach_se,
        runoff_fit=fits[0],
        melange_fit=fits[1],
    )


def by_year(line: Array, months: pd.DatetimeIndex) -> Array:
    """Yearly means of one series.

    Parameters
    ----------
    line : ndarray, (T,)
        Monthly values.
    months : DatetimeIndex, (T,)
        Their months.

    Returns
    -------
    ndarray, (years,)
        As `termini.drivers.align.yearly`.
    """
    return np.asarray(yearly(line[None, :], months)[0])


def drawn(glacier: Case, months: pd.DatetimeIndex, rng: np.random.Generator) -> Evidence:
    """Evidence with the errors of the data drawn anew and other years of forcing.

    Parameters
    ----------
    glacier : Case
        The glacier.
    months : DatetimeIndex, (T,)
        Months of its series.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Evidence
        Of one draw.
    """
    span = len(glacier.slow)
    knots = np.arange(0.0, span + ERROR_MEMORY_MONTHS, ERROR_MEMORY_MONTHS)
    wobble = np.interp(np.arange(span), knots, rng.standard_normal(len(knots)))
    month = 2.0 * np.pi * np.arange(12) / 12.0
    weights = rng.standard_normal((2, HARMONICS)) / np.sqrt(HARMONICS)
    waves = sum(
        weights[0, k] * np.cos((k + 1) * month) + weights[1, k] * np.sin((k + 1) * month)
        for k in range(HARMONICS)
    )
    other = replace(
        glacier,
        slow=glacier.slow + wobble * glacier.slow_se,
        cycle=glacier.cycle + waves * glacier.cycle_se,
        reach=glacier.reach + rng.standard_normal() * glacier.reach_se,
        # the difference of two depths
        overdeepening=glacier.overdeepening + rng.standard_normal() * DEPTH_ERROR_M * 2**0.5,
    )
    known = np.unique(np.asarray(months.year))
    return evidence_of(other, months, rng.choice(known, len(known)))
