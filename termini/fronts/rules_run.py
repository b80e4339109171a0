"""Screening rules run on a front table.

Rules run in their order, each on the traces that those before it left. Nothing is
deleted, and running rules again first lifts what rules had set.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pandas as pd

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
        found += _judged(traces, chosen, every_score)
    if not found:
        return table, pd.DataFrame(columns=SCORE_COLUMNS)
    scores = pd.concat(found)
    for rule in chosen:
        _set(table, scores[scores["flagged"] & (scores["rule"] == rule.name)], rule)
    return table, scores.reset_index(drop=True)


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
    parts = {}
    for glacier, rows in table.groupby("glacier_id", sort=True).indices.items():
        rows = rows[usable[rows]]
        if len(rows) and glacier in domains:
            parts[str(glacier)] = table.iloc[rows]
    # the loops beneath run outside Python's lock
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        measured = pool.map(
            lambda name: measured_traces(parts[name], domains[name], domains), parts
        )
        return dict(zip(parts, measured, strict=True))


def _judged(traces: GlacierTraces, rules: list[Rule], every_score: bool) -> list[pd.DataFrame]:
    """Scores of the traces of one glacier, one table a rule, indexed as the front table."""
    alive = np.ones(len(traces), dtype=bool)
    machine = (traces.table["method"] != "manual").to_numpy()
    named = {c: traces.table[c].to_numpy() for c in ("trace_id", "glacier_id", "date")}
    index = traces.table.index
    found = []
    for rule in rules:
        judged = alive & (machine | rule.manual)
        if judged.sum() < rule.fewest or not judged.any():
            continue
        judgement = rule.judge(traces, alive, rule.settings)
        flagged = judgement.rows(judged)
        wanted = judged if every_score else flagged
        if wanted.any():
            words = [judgement.reason(int(k)) if flagged[k] else "" for k in np.flatnonzero(wanted)]
            part = {name: column[wanted] for name, column in named.items()} | {
                "rule": rule.name,
                "score": judgement.score[wanted],
                "limit": judgement.limit,
                "flagged": flagged[wanted],
                "reason": words,
            }
            found.append(pd.DataFrame(part, index=index[wanted]))
        if rule.action == "reject":
            alive &= ~flagged
    return found


def _set(table: gpd.GeoDataFrame, part: pd.DataFrame, rule: Rule) -> None:
    """Write flag and note of one rule; `part`: its scores of the flagged traces."""
    at = table.index.get_indexer(part.index)
    part = part.iloc[np.argsort(at)]
    rows = np.zeros(len(table), dtype=bool)
    rows[at] = True
    words = [
        f"{_ENTRY}{rule.name}: {reason} (score {score:.3g}, limit {limit:.3g})"
        for reason, score, limit in zip(part["reason"], part["score"], part["limit"], strict=True)
    ]
    flag(table, rows, rule.flag if rule.action == "reject" else "doubtful", words)


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
    lifted = np.full(len(table), mine)
    note = table["note"].to_numpy(dtype=object, copy=True)
    for k in np.flatnonzero(table["note"].str.contains(_ENTRY, regex=False).to_numpy()):
        entries = note[k].split("; ")
        other = [entry for entry in entries if not entry.startswith(_ENTRY)]
        # A duplicate that only a rule found is none any more.
        ranked = any(re.match(rf"{_ENTRY}\w*duplicates: ", entry) for entry in entries)
        if ranked and not any(re.match("same front|merged into", entry) for entry in other):
            lifted[k] |= flag_bits()["duplicate"]
        note[k] = "; ".join(other)
    table["quality"] = (table["quality"].to_numpy() & ~lifted).astype("int32")
    table["note"] = pd.Series(note, index=table.index, dtype="str")
    return table
