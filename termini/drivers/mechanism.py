"""Most likely driver of each glacier, with a confidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from termini.drivers.align import aligned
from termini.drivers.case import Case, by_year, cases, drawn, evidence_of
from termini.drivers.evidence import by_calendar_month, forcing_change, melange_fit, runoff_fit
from termini.drivers.rule import CANDIDATES, UNDETERMINED, Evidence, Thresholds, decide
from termini.drivers.surrogate import filled, phase_randomised

Array = NDArray[np.float64]


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
    The confidence is the share of draws that agree, times 1 - q, times u.

    q (``chance``) is how often the rule would name the driver although it has
    nothing to do with the front: with phase-randomised thermal forcing or runoff for
    a change over the years, with the driver's cycle moved by one to eleven months
    for a season, and with the beds of the other glaciers for the bed.

    u (``unshared``) is below 1 where both runoff and thermal forcing went the
    front's way over the years: trends cannot be told apart by their correlations
    alone, so each gets its part r^2 of the sum.

    It is not a probability that a mechanism acts: causes outside the list are not
    weighed, and ``internal`` is what remains when the listed forcings do not explain
    an advance.
    """
    limits = thresholds or Thresholds()
    months = pd.DatetimeIndex(series["time"].to_numpy())
    glaciers = cases(series, aligned(series, drivers), months)
    beds = np.array([g.overdeepening for g in glaciers])
    ids = series["glacier_id"].to_numpy().astype(str)
    rows = []
    for turn, glacier in enumerate(glaciers):
        rng = np.random.default_rng([seed, 11, turn])
        others = np.delete(beds, turn)
        row = _row(glacier, others, months, limits, rng, draws, least_confidence)
        rows.append({"glacier_id": ids[turn], **row})
    table = pd.DataFrame(rows)
    if "glacier_name" in series.variables:
        table.insert(1, "glacier_name", series["glacier_name"].to_numpy().astype(str))
    return table


def _row(
    glacier: Case,
    other_beds: Array,
    months: pd.DatetimeIndex,
    limits: Thresholds,
    rng: np.random.Generator,
    draws: int,
    least_confidence: float,
) -> dict[str, Any]:
    """One row of the table."""
    evidence = evidence_of(glacier, months)
    named, reason = decide(evidence, limits)
    found = [decide(drawn(glacier, months, rng), limits)[0] for _ in range(draws)]
    shares = {name: found.count(name) / draws for name in (*CANDIDATES, UNDETERMINED)}
    chance = _by_chance(named, glacier, evidence, other_beds, months, limits, rng)
    alone = _not_the_rival(named, evidence, limits)
    confidence = shares[named] * (1.0 - chance) * alone
    sure = named != UNDETERMINED and confidence >= least_confidence
    return {
        "driver": named if sure else UNDETERMINED,
        "likeliest": named,
        "confidence": np.nan if named == UNDETERMINED else confidence,
        "chance": chance,
        "unshared": alone,
        "reason": reason,
        **asdict(evidence),
        **{f"share_{name}": share for name, share in shares.items()},
    }


def _by_chance(
    named: str,
    glacier: Case,
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


def _not_the_rival(named: str, evidence: Evidence, limits: Thresholds) -> float:
    """Part of the explained variance that is not the other forcing's."""
    if abs(evidence.change) < limits.least_change or named not in ("runoff", "thermal_forcing"):
        return 1.0
    own, rival = evidence.runoff_correlation, evidence.warming_correlation
    if named == "thermal_forcing":
        own, rival = rival, own
    # a rival that varied against the front's way explains nothing; an unknown one is not weighed
    return own**2 / (own**2 + rival**2) if rival < 0.0 else 1.0


def _chance_of_years(
    named: str,
    glacier: Case,
    evidence: Evidence,
    months: pd.DatetimeIndex,
    limits: Thresholds,
    rng: np.random.Generator,
    surrogates: int,
) -> float:
    warm = named == "thermal_forcing"
    forcing = glacier.warmth_by_year if warm else glacier.runoff_by_year
    length = by_year(glacier.slow, months)
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
