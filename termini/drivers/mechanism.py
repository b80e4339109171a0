"""Most likely driver of each glacier, with a confidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from termini.drivers.align import aligned, monthly, yearly
from termini.drivers.evidence import (
    HARMONICS,
    by_calendar_month,
    change_of,
    forcing_change,
    melange_fit,
    runoff_fit,
)
from termini.drivers.rule import CANDIDATES, UNDETERMINED, Evidence, Thresholds, decide
from termini.drivers.surrogate import filled, phase_randomised

Array = NDArray[np.float64]

# Error of a published depth, metres, and months over which the error of a smooth
# inter-annual component is one and the same.
DEPTH_ERROR_M = 30.0
ERROR_MEMORY_MONTHS = 12.0


@dataclass(frozen=True)
class _Glacier:
    """What is known of one glacier, on the months of the series."""

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


def mechanism(
    series: xr.Dataset,
    drivers: xr.Dataset,
    seed: int = 0,
    *,
    draws: int = 100,
    least_confidence: float = 0.5,
    thresholds: Thresholds | None = None,
) -> pd.DataFrame:
    """Most likely driver of each glacier by a stated rule, with a confidence.

    Parameters
    ----------
    series : xarray.Dataset
        Monthly series.
    drivers : xarray.Dataset
        As `termini.drivers.join_drivers` gives them. Used where they are there:
        ``overdeepening``, ``thermal_forcing``, ``runoff``, ``melange``.
    seed : int
        Seed of draws and surrogates.
    draws : int
        How often the rule is applied to the data with their errors drawn anew.
    least_confidence : float
        Below this the driver is ``undetermined``.
    thresholds : Thresholds, optional
        What counts as evidence.

    Returns
    -------
    pandas.DataFrame
        One row a glacier: ``driver`` (one of none, runoff, melange,
        thermal_forcing, bed, internal, undetermined), ``likeliest`` (before the
        limit on the confidence), ``confidence``, ``reason``, the numbers of
        `Evidence`, and ``share_*``: in what share of the draws the rule names each.

    Notes
    -----
    The confidence is the share of draws that agree, times 1 - q. q is how often the
    rule would name the driver although it has nothing to do with the front: with
    phase-randomised thermal forcing or runoff for a change over the years, with the
    driver's cycle moved by one to eleven months for a season, and with the beds of
    the other glaciers for the bed. It is not a probability that a mechanism acts:
    causes outside the list are not weighed, and ``internal`` is what remains when
    the listed forcings do not explain an advance.
    """
    limits = thresholds or Thresholds()
    months = pd.DatetimeIndex(series["time"].to_numpy())
    glaciers = _glaciers(series, aligned(series, drivers), months)
    beds = np.array([g.overdeepening for g in glaciers])
    ids = series["glacier_id"].to_numpy().astype(str)
    rows = []
    for turn, glacier in enumerate(glaciers):
        rng = np.random.default_rng([seed, 11, turn])
        evidence = _evidence(glacier, months)
        named, reason = decide(evidence, limits)
        found = [decide(_drawn(glacier, months, rng), limits)[0] for _ in range(draws)]
        shares = {name: found.count(name) / draws for name in (*CANDIDATES, UNDETERMINED)}
        chance = _by_chance(named, glacier, evidence, np.delete(beds, turn), months, limits, rng)
        confidence = shares[named] * (1.0 - chance)
        sure = named != UNDETERMINED and confidence >= least_confidence
        rows.append(
            {
                "glacier_id": ids[turn],
                "driver": named if sure else UNDETERMINED,
                "likeliest": named,
                "confidence": np.nan if named == UNDETERMINED else confidence,
                "chance": chance,
                "reason": reason,
                **asdict(evidence),
                **{f"share_{name}": share for name, share in shares.items()},
            }
        )
    table = pd.DataFrame(rows)
    if "glacier_name" in series.variables:
        table.insert(1, "glacier_name", series["glacier_name"].to_numpy().astype(str))
    return table


def _glaciers(series: xr.Dataset, forcing: xr.Dataset, months: pd.DatetimeIndex) -> list[_Glacier]:
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
    return [_Glacier(*part) for part in parts]


def _evidence(
    glacier: _Glacier, months: pd.DatetimeIndex, years: NDArray[np.int64] | None = None
) -> Evidence:
    change = change_of(glacier.slow)
    length = _yearly(glacier.slow, months)
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


def _yearly(line: Array, months: pd.DatetimeIndex) -> Array:
    return np.asarray(yearly(line[None, :], months)[0])


def _drawn(glacier: _Glacier, months: pd.DatetimeIndex, rng: np.random.Generator) -> Evidence:
    """Evidence with the errors of the data drawn anew and other years of forcing."""
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
    return _evidence(other, months, rng.choice(known, len(known)))


def _by_chance(
    named: str,
    glacier: _Glacier,
    evidence: Evidence,
    other_beds: Array,
    months: pd.DatetimeIndex,
    limits: Thresholds,
    rng: np.random.Generator,
    surrogates: int = 100,
) -> float:
    """How often the rule would name the driver if it had nothing to do with the front."""
    if named == "bed":
        known = other_beds[np.isfinite(other_beds)]
        return float((known >= limits.overdeepening).mean()) if len(known) else 1.0
    seasonal = abs(evidence.change) < limits.least_change
    if named == "thermal_forcing" or (named == "runoff" and not seasonal):
        return _chance_of_years(named, glacier, evidence, months, limits, rng, surrogates)
    if named in ("runoff", "melange"):
        fit: Callable[[Array, Array], float] = runoff_fit if named == "runoff" else melange_fit
        driver = by_calendar_month(getattr(glacier, named), months)
        shifted = [fit(glacier.cycle, np.roll(driver, shift)) for shift in range(1, 12)]
        least = max(evidence.runoff_fit if named == "runoff" else evidence.melange_fit, 0.0)
        return float(np.mean(np.array(shifted) >= least))
    return 0.0


def _chance_of_years(
    named: str,
    glacier: _Glacier,
    evidence: Evidence,
    months: pd.DatetimeIndex,
    limits: Thresholds,
    rng: np.random.Generator,
    surrogates: int,
) -> float:
    warm = named == "thermal_forcing"
    forcing = glacier.warmth_by_year if warm else glacier.runoff_by_year
    length = _yearly(glacier.slow, months)
    both = np.isfinite(forcing) & np.isfinite(length)
    mean = float(forcing[both].mean())
    turned = phase_randomised(filled(forcing[both])[None, :], rng, surrogates)[:, 0]
    hits = 0
    for line in turned:
        change, correlation = forcing_change(length[both], line)
        if warm:
            trial = replace(evidence, warming=change, warming_correlation=correlation)
        else:
            trial = replace(evidence, runoff_change=change / mean, runoff_correlation=correlation)
        hits += decide(trial, limits)[0] == named
    return hits / surrogates
