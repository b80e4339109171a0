"""The rows of `dtw.py` as a table of Markdown: seconds of processor, and ratios to them.

    python benchmarks/dtw_table.py dtw.json [OTHER.json ...]

A line a task; under k-means one with the inertia that each package ended with, and one with
the time after which this package ends no higher than the other, with the ratio.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PEERS = ("tslearn", "aeon", "dtaidistance", "tsdistances")
PLAIN = "termini f32, 1 thread(s)"


def line(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def own(rows: dict[str, Any]) -> dict[str, Any]:
    """The row of this package: the plain one, or that of the best of some starts."""
    return next(row for name, row in rows.items() if name.startswith(PLAIN))


def of_task(task: str, rows: dict[str, Any]) -> list[str]:
    mine = own(rows)
    cells = [
        f"{rows[peer]['processor']:.3g} ({mine['times_faster'][peer]['processor']:.0f})"
        if peer in mine["times_faster"]
        else ""
        for peer in PEERS
    ]
    lines = [line(task.replace(" none", ""), f"{mine['processor']:.3g}", *cells)]
    if "inertia" in mine:
        ends = [f"{rows[peer]['inertia']:.4g}" if peer in rows else "" for peer in PEERS]
        lines.append(line("its inertia", f"{mine['inertia']:.4g}", *ends))
        until = {p: rows.get(f"termini f32, to the inertia of {p}", {}) for p in PEERS}
        if any(until.values()):
            lines.append(line("until no higher", "", *(_until(row, p) for p, row in until.items())))
    return lines


def _until(row: dict[str, Any], peer: str) -> str:
    if not row:
        return ""
    if "failed" in row:
        return "not reached"
    moved = ", `border`" if row.get("border") else ""
    return f"{row['processor']:.3g} ({row['times_faster'][peer]['processor']:.0f}{moved})"


def main() -> None:
    tasks: dict[str, dict[str, Any]] = {}
    for path in sys.argv[1:]:
        for row in json.loads(Path(path).read_text())["tasks"]:
            tasks.setdefault(row["task"], {})[row["package"]] = row
    print(line("task", "termini", *PEERS))
    print(line(*["---"] * 6))
    for task, rows in tasks.items():
        print("\n".join(of_task(task, rows)))


if __name__ == "__main__":
    main()
