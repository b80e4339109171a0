"""Screening rules run on a front table.

Rules run in their order, each on the traces that those before it left. Nothing is
deleted, and running rules again first lifts what rules had set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.fronts.rules import Rule, RuleSet
from termini.fronts.rules_traces import GlacierTraces, measured_traces
from termini.fronttable import flag
from termini.variables import flag_bits, is_rejected

#: Flags that only rules set.
RULE_FLAGS = ("odd_length", "odd_shape", "odd_move", "odd_place", "doubtful")

# An entry of a note that a rule made starts with this.
_ENTRY = "rule "

#: Columns of the table of scores.
SCORE_COLUMNS = ["trace_id", "glacier_id", "date", "rule", "score", "limit", "flagged", "reason"]


def apply_rules(
    fronts: gpd.GeoDataFrame,
    domains: Mapping[str, GlacierDomain],
    rules: RuleSet | Iterable[Rule],
    *,
    every_score: bool = False,
    measured: Mapping[str, GlacierTraces] | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Front table with the flags of rules, and their scores.

    Parameters
    ----------
    fronts : GeoDataFrame
        Screened front table (`termini.fronts.screen`), lines from left to right.
    domains : mapping of str to GlacierDomain
        Domains of the glaciers.
    rules : RuleSet or iterable of Rule
        Which rules, in which order.
    every_score : bool
        Give the scores of all traces, not only of those flagged.
    measured : mapping of str to GlacierTraces, optional
        What `measure_traces` gave for this table, for trying several rule sets.

    Returns
    -------
    fronts : GeoDataFrame
        A copy with the same rows. Each flag has an entry ``rule NAME: finding
        (score S, limit L)`` in ``note``. Flags and entries of an earlier run of
        rules are gone.
    scores : DataFrame
        ``trace_id``, ``glacier_id``, ``date``, ``rule``, ``score``, ``limit``,
        ``flagged``, ``reason``.
    """
    table = lift_rules(fronts)
    chosen = list(rules)
    found: list[pd.DataFrame] = []
    if measured is None:
        measured = measure_traces(table, domains) if chosen else {}
    for traces in measured.values():
        at = table.index.get_indexer(traces.table.index)
        found += _judged(table, at, traces, chosen, every_score)
    if not found:
        return table, pd.DataFrame(columns=SCORE_COLUMNS)
    return table, pd.concat(found, ignore_index=True)


def measure_traces(
    fronts: gpd.GeoDataFrame, domains: Mapping[str, GlacierDomain]
) -> dict[str, GlacierTraces]:
    """Usable traces of every glacier that has a domain, as rules look at them.

    Parameters
    ----------
    fronts : GeoDataFrame
        Screened front table.
    domains : mapping of str to GlacierDomain
        Domains of the glaciers.

    Returns
    -------
    dict
        Glacier id to its traces. What only rules had rejected is usable.
    """
    table = lift_rules(fronts)
    usable = ~is_rejected(table["quality"]) & table["date"].notna().to_numpy()
    found = {}
    for glacier, rows in table.groupby("glacier_id", sort=True).indices.items():
        rows = rows[usable[rows]]
        if len(rows) and glacier in domains:
            found[str(glacier)] = measured_traces(table.iloc[rows], domains[str(glacier)], domains)
    return found


def _judged(
    table: gpd.GeoDataFrame,
    at: NDArray[np.int64],
    traces: GlacierTraces,
    rules: list[Rule],
    every_score: bool,
) -> list[pd.DataFrame]:
    """Flag the traces of one glacier; their scores, one table a rule."""
    alive = np.ones(len(traces), dtype=bool)
    machine = (traces.table["method"] != "manual").to_numpy()
    found = []
    for rule in rules:
        judged = alive & (machine | rule.manual)
        if judged.sum() < rule.fewest or not judged.any():
            continue
        judgement = rule.judge(traces, alive, rule.settings)
        flagged = judgement.rows(judged)
        wanted = judged if every_score else flagged
        reasons = [judgement.reason(int(k)) if flagged[k] else "" for k in np.flatnonzero(wanted)]
        part = traces.table.loc[wanted, ["trace_id", "glacier_id", "date"]].assign(
            rule=rule.name,
            score=judgement.score[wanted],
            limit=judgement.limit,
            flagged=flagged[wanted],
            reason=reasons,
        )
        found.append(part)
        _set(table, at[wanted], part, rule)
        if rule.action == "reject":
            alive &= ~flagged
    return found


def _set(table: gpd.GeoDataFrame, at: NDArray[np.int64], part: pd.DataFrame, rule: Rule) -> None:
    """Write flag and note of one rule."""
    flagged = part["flagged"].to_numpy(dtype=bool)
    words = [
        f"{_ENTRY}{rule.name}: {entry.reason} (score {entry.score:.3g}, limit {entry.limit:.3g})"
        for entry in part[flagged].itertuples()
    ]
    rows = np.zeros(len(table), dtype=bool)
    rows[at[flagged]] = True
    order = np.argsort(at[flagged])
    name = rule.flag if rule.action == "reject" else "doubtful"
    flag(table, rows, name, [words[k] for k in order])


def lift_rules(fronts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Front table without the flags and notes that rules had set.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.

    Returns
    -------
    GeoDataFrame
        A copy.
    """
    table = fronts.copy()
    mine = sum(flag_bits()[name] for name in RULE_FLAGS)
    entries = table["note"].str.split("; ")
    other = entries.map(lambda parts: [part for part in parts if not part.startswith(_ENTRY)])
    # A duplicate that only a rule found is none any more.
    ranked = table["note"].str.contains(rf"{_ENTRY}\w*duplicates: ", regex=True)
    twin = other.map(lambda parts: any(re.match("same front|merged into", part) for part in parts))
    lifted = np.where(ranked & ~twin, mine | flag_bits()["duplicate"], mine)
    table["quality"] = (table["quality"].to_numpy() & ~lifted).astype("int32")
    table["note"] = other.str.join("; ").astype("str")
    return table
