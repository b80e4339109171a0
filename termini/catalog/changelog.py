"""The changelog of a release: what it holds, and what changed since the one before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from termini.catalog.diff import diff_releases
from termini.variables import flag_names, is_rejected

_HEAD = "# Changelog\n"


def changelog(
    folder: str | Path,
    version: str,
    date: Any,
    older: str | Path | None,
    notes: str,
    counts: str,
) -> str:
    """Text of ``CHANGELOG.md``.

    Parameters
    ----------
    folder : path
        Release whose data files are already there.
    version : str
        Its version.
    date : date-like
        Its date.
    older : path or None
        Release before it, whose changelog is continued.
    notes : str
        What the reader should know.
    counts : str
        What the release holds, from `contents`.

    Returns
    -------
    str
        Markdown, the newest release first.
    """
    parts = [f"## {version} ({pd.Timestamp(date):%Y-%m-%d})\n"]
    if notes.strip():
        parts.append(notes.strip() + "\n")
    parts.append(counts)
    if older is None:
        parts.append("First release.\n")
    else:
        parts.append(f"Against {Path(older).name}:\n")
        parts.append(diff_releases(older, folder).text().replace(Path(folder).name, version))
        history = Path(older, "CHANGELOG.md")
        if history.is_file():
            parts.append(history.read_text(encoding="utf-8").removeprefix(_HEAD).strip() + "\n")
    return "\n".join([_HEAD, *parts])


def contents(fronts: gpd.GeoDataFrame, glaciers: int, observations: int) -> str:
    """What a release holds, counted.

    Parameters
    ----------
    fronts : GeoDataFrame
        Its front table.
    glaciers : int
        Number of its glaciers.
    observations : int
        Number of its observations.

    Returns
    -------
    str
        Markdown list.
    """
    rejected = fronts.loc[is_rejected(fronts["quality"]), "quality"]
    names = pd.Series([name for value in rejected for name in flag_names(value)], dtype="str")
    reasons = names.value_counts()
    lines = [
        f"- {glaciers} glaciers",
        f"- {len(fronts)} traces, {len(rejected)} of them rejected",
        f"- {observations} observations",
    ]
    if len(rejected):
        told = ", ".join(f"{name} {reasons[name]}" for name in sorted(reasons.index))
        lines.insert(2, f"- flags of the rejected: {told}")
    dates = fronts["date"].dropna()
    if len(dates):
        lines.append(f"- from {dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}")
    return "\n".join(lines) + "\n"
