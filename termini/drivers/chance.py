"""How often the mechanism rule would name a driver that has nothing to do with the front."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.drivers.case import Case, by_year
from termini.drivers.evidence import by_calendar_month, forcing_change, melange_fit, runoff_fit
from termini.drivers.rule import Evidence, Thresholds, decide
from termini.drivers.surrogate import filled, phase_randomised

Array = NDArray[np.float64]


def by_chance(
    named: str,
    glacier: Case,
    evidence: Evidence,
    others: Sequence[Case],
    months: pd.DatetimeIndex,
    limits: Thresholds,
    rng: np.random.Generator,
) -> float:
    """Chance of the rule naming a driver without cause.

    Parameters
    ----------
    named : str
        Driver that the rule names.
    glacier : Case
        The glacier.
    evidence : Evidence
        What the rule saw.
    others : sequence of Case
        The other glaciers.
    months : DatetimeIndex, (T,)
        Months of the series.
    limits : Thresholds
        Of the rule.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    float
        For the bed, the share of other glaciers with an overdeepening. For a forcing
        over the years, the larger of two shares: of phase-randomised forcings, and of
        the other glaciers' forcings, with which the rule would name it too. For a
        season, the share of shifts of the forcing's cycle by one to eleven months
        that fit as well. 0 for what is named by exclusion.
    """
    if named == "bed":
        beds = np.array([other.overdeepening for other in others])
        known = beds[np.isfinite(beds)]
        return float((known >= limits.overdeepening).mean()) if len(known) else 1.0
    if named not in ("runoff", "melange", "thermal_forcing"):
        return 0.0
    if abs(evidence.change) >= limits.least_change:
        turned = _turned(named, glacier, evidence, months, limits, rng)
        return max(turned, _exchanged(named, glacier, evidence, others, months, limits))
    fit: Callable[[Array, Array], float] = runoff_fit if named == "runoff" else melange_fit
    cycle = by_calendar_month(getattr(glacier, named), months)
    shifted = [fit(glacier.cycle, np.roll(cycle, shift)) for shift in range(1, 12)]
    least = evidence.runoff_fit if named == "runoff" else evidence.melange_fit
    return float(np.mean(np.array(shifted) >= least))


def unshared(named: str, evidence: Evidence, limits: Thresholds) -> float:
    """Part of what speaks for a forcing that does not speak for its rival as well.

    Parameters
    ----------
    named : str
        Driver that the rule names.
    evidence : Evidence
        What the rule saw.
    limits : Thresholds
        Of the rule.

    Returns
    -------
    float
        Over the years, r^2 of the named forcing over the sum with that of its rival,
        runoff or thermal forcing; 1 where the rival varied against the front's way.
        For a season, 1. One half where the rival, for a season runoff or melange, is
        not known: it may explain as much. 1 for other drivers.
    """
    if abs(evidence.change) < limits.least_change:
        fits = {"runoff": evidence.melange_fit, "melange": evidence.runoff_fit}
        return 0.5 if np.isnan(fits.get(named, 0.0)) else 1.0
    if named not in ("runoff", "thermal_forcing"):
        return 1.0
    own, rival = evidence.runoff_correlation, evidence.warming_correlation
    if named == "thermal_forcing":
        own, rival = rival, own
    if np.isnan(rival):
        return 0.5
    return own**2 / (own**2 + rival**2) if rival < 0.0 else 1.0


def _turned(
    named: str,
    glacier: Case,
    evidence: Evidence,
    months: pd.DatetimeIndex,
    limits: Thresholds,
    rng: np.random.Generator,
    surrogates: int = 100,
) -> float:
    """Share of phase-randomised forcings that the rule would name."""
    forcing = _forcing(named, glacier)
    length = by_year(glacier.slow, months)
    both = np.isfinite(forcing) & np.isfinite(length)
    lines = phase_randomised(filled(forcing[both])[None, :], rng, surrogates)[:, 0]
    mean = float(forcing[both].mean())
    hits = [_names(named, evidence, length[both], line, mean, limits) for line in lines]
    return float(np.mean(hits))


def _exchanged(
    named: str,
    glacier: Case,
    evidence: Evidence,
    others: Sequence[Case],
    months: pd.DatetimeIndex,
    limits: Thresholds,
) -> float:
    """Share of the other glaciers' forcings that the rule would name."""
    length = by_year(glacier.slow, months)
    known = [line for line in (_forcing(named, o) for o in others) if np.isfinite(line).any()]
    hits = [
        _names(named, evidence, length, line, float(np.nanmean(line)), limits) for line in known
    ]
    return float(np.mean(hits)) if hits else 0.0


def _forcing(named: str, glacier: Case) -> Array:
    return glacier.warmth_by_year if named == "thermal_forcing" else glacier.runoff_by_year


def _names(
    named: str, evidence: Evidence, length: Array, line: Array, mean: float, limits: Thresholds
) -> bool:
    """Whether the rule names the driver with this forcing in place of the glacier's own."""
    change, correlation = forcing_change(length, line)
    if named == "thermal_forcing":
        trial = replace(evidence, warming=change, warming_correlation=correlation)
    else:
        trial = replace(evidence, runoff_change=change / mean, runoff_correlation=correlation)
    return decide(trial, limits)[0] == named
