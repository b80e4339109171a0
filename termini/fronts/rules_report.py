"""What screening did to each glacier: as a table and in words."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from termini.domain import GlacierDomain
from termini.variables import flag_bits, flag_table, is_rejected

#: Columns of the report that are not counts of a flag.
REPORT_COLUMNS = [
    "glacier_id",
    "name",
    "traces",
    "kept",
    "rejected",
    "doubtful",
    "share_rejected",
    "first",
    "last",
    "longest_gap_days",
    "main_reason",
]


def screening_report(
    fronts: gpd.GeoDataFrame, domains: Mapping[str, GlacierDomain] | None = None
) -> pd.DataFrame:
    """What screening did to each glacier.

    Parameters
    ----------
    fronts : GeoDataFrame
        Screened front table; flags that `termini.series` set are counted as well.
    domains : mapping of str to GlacierDomain, optional
        For the names of the glaciers.

    Returns
    -------
    DataFrame
        One row a glacier, the one with the largest share of rejected traces first:
        ``traces``, ``kept``, ``rejected``, ``doubtful`` (kept with a reserve of a
        rule), ``share_rejected``, ``first`` and ``last`` date and
        ``longest_gap_days`` of what is kept, ``main_reason``, and a column for each
        rejecting flag that occurs, with the number of traces that carry it.
    """
    rejecting = [name for name, entry in flag_table().items() if entry["rejects"]]
    quality = fronts["quality"].to_numpy()
    carried = {name: (quality & flag_bits()[name]) != 0 for name in rejecting}
    carried = {name: rows for name, rows in carried.items() if rows.any()}
    rows = []
    for glacier, at in fronts.groupby("glacier_id", sort=True).indices.items():
        left = at[~is_rejected(quality[at])]
        date = fronts["date"].iloc[left].dropna().sort_values()
        counts = {name: int(of[at].sum()) for name, of in carried.items()}
        most = max(counts, key=counts.__getitem__, default="")
        domain = (domains or {}).get(str(glacier))
        rows.append(
            {
                "glacier_id": glacier,
                "name": domain.name if domain else "",
                "traces": len(at),
                "kept": len(left),
                "rejected": len(at) - len(left),
                "doubtful": int(((quality[left] & flag_bits()["doubtful"]) != 0).sum()),
                "share_rejected": 1.0 - len(left) / len(at),
                "first": date.min(),
                "last": date.max(),
                "longest_gap_days": date.diff().max() / pd.Timedelta(days=1),
                "main_reason": most if counts.get(most) else "",
                **counts,
            }
        )
    table = pd.DataFrame(rows, columns=[*REPORT_COLUMNS, *carried])
    return table.sort_values(
        ["share_rejected", "glacier_id"], ascending=[False, True], ignore_index=True
    )


def report_text(
    fronts: gpd.GeoDataFrame,
    glacier_id: str,
    domains: Mapping[str, GlacierDomain] | None = None,
    *,
    most: int = 20,
) -> str:
    """What screening did to one glacier, in words.

    Parameters
    ----------
    fronts : GeoDataFrame
        Screened front table.
    glacier_id : str
        The glacier.
    domains : mapping of str to GlacierDomain, optional
        For its name.
    most : int
        How many of its traces are named, those rejected first.

    Returns
    -------
    str
        Some lines: how many traces are kept and why the others are not, then date,
        sensor, flags and note of the traces in question.
    """
    part = fronts[fronts["glacier_id"] == glacier_id]
    if part.empty:
        return f"{glacier_id}: no traces"
    row = screening_report(part, domains).iloc[0]
    name = f" ({row['name']})" if row["name"] else ""
    share = f"{row['kept']} of {row['traces']} traces kept"
    if row["doubtful"]:
        share += f", {row['doubtful']} of them doubtful"
    lines = [f"{glacier_id}{name}: {share}"]
    counts = {str(name): int(row[name]) for name in row.index if name not in REPORT_COLUMNS}
    lines += [
        f"  {count} {reason}: {flag_table()[reason]['meaning']}"
        for reason, count in sorted(counts.items(), key=lambda item: -item[1])
        if count
    ]
    if row["kept"] > 1:
        lines.append(
            f"  kept from {row['first']:%Y-%m-%d} to {row['last']:%Y-%m-%d}, "
            f"at most {row['longest_gap_days']:.0f} days apart"
        )
    return "\n".join([*lines, *_questionable(part, most)])


def _questionable(part: gpd.GeoDataFrame, most: int) -> list[str]:
    """Lines on the traces that are rejected or doubtful."""
    quality = part["quality"].to_numpy()
    rejected = is_rejected(quality)
    doubtful = ~rejected & ((quality & flag_bits()["doubtful"]) != 0)
    rows = [*np.flatnonzero(rejected), *np.flatnonzero(doubtful)]
    lines = []
    for k in rows[:most]:
        trace = part.iloc[int(k)]
        day = "undated" if pd.isna(trace["date"]) else f"{trace['date']:%Y-%m-%d}"
        word = "rejected" if rejected[k] else "doubtful"
        lines.append(
            f"  {word} {day} {trace['sensor'] or '-'} {trace['trace_id']}: {trace['note']}"
        )
    if len(rows) > most:
        lines.append(f"  ... and {len(rows) - most} more")
    return lines
