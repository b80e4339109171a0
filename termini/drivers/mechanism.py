"""Most likely driver of each glacier, with a confidence."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from termini.drivers.align import aligned
from termini.drivers.case import Case, cases, drawn, evidence_of
from termini.drivers.chance import by_chance, unshared
from termini.drivers.rule import CANDIDATES, UNDETERMINED, Thresholds, decide


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
    nothing to do with the front: with phase-randomised forcing or, if that is more
    often, with the other glaciers' forcing for a change over the years (where all
    glaciers see the same trend, it cannot be told from any other trend); with the
    driver's cycle moved by one to eleven months for a season; with the beds of the
    other glaciers for the bed.

    u (``unshared``) is below 1 where both runoff and thermal forcing went the
    front's way over the years: trends cannot be told apart by their correlations
    alone, so each gets its part r^2 of the sum. It is one half where the rival forcing
    is not known (runoff and thermal forcing over the years, runoff and melange for a
    season).

    It is not a probability that a mechanism acts: causes outside the list are not
    weighed, and ``internal`` is what remains when the listed forcings do not explain
    an advance.
    """
    limits = thresholds or Thresholds()
    months = pd.DatetimeIndex(series["time"].to_numpy())
    glaciers = cases(series, aligned(series, drivers), months)
    ids = series["glacier_id"].to_numpy().astype(str)
    rows = []
    for turn, glacier in enumerate(glaciers):
        rng = np.random.default_rng([seed, 11, turn])
        others = glaciers[:turn] + glaciers[turn + 1 :]
        row = _row(glacier, others, months, limits, rng, draws, least_confidence)
        rows.append({"glacier_id": ids[turn], **row})
    table = pd.DataFrame(rows)
    if "glacier_name" in series.variables:
        table.insert(1, "glacier_name", series["glacier_name"].to_numpy().astype(str))
    return table


def _row(
    glacier: Case,
    others: list[Case],
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
    chance = by_chance(named, glacier, evidence, others, months, limits, rng)
    alone = unshared(named, evidence, limits)
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
