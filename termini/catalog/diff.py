"""What changed between two releases: traces, and the lengths that came of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from termini.catalog.netcdf import read_series
from termini.fronttable import COLUMNS, read_fronts
from termini.variables import is_rejected

_TRACE = ["trace_id", "glacier_id", "date", "source", "quality"]


@dataclass(frozen=True)
class ReleaseDiff:
    """Differences of one release from an older one.

    Parameters
    ----------
    old, new : str
        Versions, the names of the folders.
    added, removed : DataFrame
        Traces that only the new or only the old release has: ``trace_id``,
        ``glacier_id``, ``date``, ``source``, ``quality``.
    changed : DataFrame
        Traces of both that differ: ``trace_id``, ``glacier_id``, ``date``,
        ``columns`` (which, with commas between), ``moved`` (Hausdorff distance
        of the lines, metres of the projection), ``quality_old``, ``quality_new``.
    lengths : DataFrame
        Per glacier: ``glacier_id``, ``months_old``, ``months_new``,
        ``months_both`` (with a length), and over those ``mean_difference``,
        ``rms_difference``, ``largest_difference`` (new - old, metres).
    """

    old: str
    new: str
    added: pd.DataFrame
    removed: pd.DataFrame
    changed: pd.DataFrame
    lengths: pd.DataFrame

    @property
    def same(self) -> bool:
        """True where nothing differs."""
        moved = self.lengths["largest_difference"].fillna(0) != 0
        months = self.lengths["months_old"] != self.lengths["months_new"]
        return not (len(self.added) or len(self.removed) or len(self.changed)) and not (
            (moved | months).any()
        )

    def text(self, rows: int = 10) -> str:
        """Differences in words, the glaciers that changed most first.

        Parameters
        ----------
        rows : int
            How many glaciers to list.

        Returns
        -------
        str
            Markdown.
        """
        if self.same:
            return f"Nothing changed between {self.old} and {self.new}.\n"
        lines = [
            f"- {len(self.added)} trace(s) added, {len(self.removed)} removed, "
            f"{len(self.changed)} changed"
        ]
        for name, table in (("added", self.added), ("removed", self.removed)):
            lines += [
                f"- {name} from {source or 'an unnamed source'}: {count}"
                for source, count in table["source"].value_counts(sort=False).sort_index().items()
            ]
        if len(self.changed):
            before, after = self.changed["quality_old"], self.changed["quality_new"]
            lines.append(
                f"- of the changed, {int((~is_rejected(before) & is_rejected(after)).sum())} newly "
                f"rejected, {int((is_rejected(before) & ~is_rejected(after)).sum())} newly accepted"
            )
        return "\n".join([*lines, *_length_lines(self.lengths, rows)]) + "\n"


def diff_releases(old: str | Path, new: str | Path) -> ReleaseDiff:
    """Differences of one release from an older one.

    Parameters
    ----------
    old, new : path
        Folders of the releases.

    Returns
    -------
    ReleaseDiff
        Tables and, by its method ``text``, words.

    Raises
    ------
    InputError
        If a release lacks its front table or its series.
    """
    before, after = (read_fronts(Path(p, "fronts.parquet")) for p in (old, new))
    ids_before, ids_after = pd.Index(before["trace_id"]), pd.Index(after["trace_id"])
    lengths = length_differences(*(read_series(Path(p, "terminus_series.nc")) for p in (old, new)))
    return ReleaseDiff(
        old=Path(old).name,
        new=Path(new).name,
        added=_traces(after[~ids_after.isin(ids_before)]),
        removed=_traces(before[~ids_before.isin(ids_after)]),
        changed=_changed(before, after),
        lengths=lengths,
    )


def length_differences(old: xr.Dataset, new: xr.Dataset) -> pd.DataFrame:
    """Differences of the monthly length change, glacier by glacier.

    Parameters
    ----------
    old, new : xarray.Dataset
        Monthly series, dimensions ``glacier`` and ``time``.

    Returns
    -------
    DataFrame
        As `ReleaseDiff.lengths`, sorted by glacier.
    """
    tables = [
        pd.DataFrame(
            ds["length_change"].transpose("glacier", "time").to_numpy(),
            index=pd.Index(ds["glacier_id"].to_numpy().astype(str)),
            columns=pd.DatetimeIndex(ds["time"].to_numpy()).as_unit("us"),
        )
        for ds in (old, new)
    ]
    glaciers = tables[0].index.union(tables[1].index)
    months = tables[0].columns.union(tables[1].columns)
    before, after = (t.reindex(index=glaciers, columns=months).to_numpy() for t in tables)
    known = np.isfinite(before) & np.isfinite(after)
    difference = np.where(known, after - before, 0.0)
    count = known.sum(axis=1)
    some = np.where(count > 0, count, np.nan)
    # The difference of largest size with its sign; a month of zeros for a series of none.
    padded = np.pad(difference, ((0, 0), (0, 1)))
    furthest = np.argmax(np.abs(padded), axis=1)
    largest = np.where(count > 0, padded[np.arange(len(glaciers)), furthest], np.nan)
    return pd.DataFrame(
        {
            "glacier_id": glaciers,
            "months_old": np.isfinite(before).sum(axis=1),
            "months_new": np.isfinite(after).sum(axis=1),
            "months_both": count,
            "mean_difference": difference.sum(axis=1) / some,
            "rms_difference": np.sqrt((difference**2).sum(axis=1) / some),
            "largest_difference": largest,
        }
    )


def _traces(table: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(table[_TRACE]).reset_index(drop=True)


def _changed(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Traces of both tables that differ in a column or in the line."""
    old, new = before.set_index("trace_id"), after.set_index("trace_id")
    both = old.index[old.index.isin(new.index)]
    old, new = old.loc[both], new.loc[both].to_crs(old.crs)
    differs = pd.DataFrame(index=both)
    for name in COLUMNS:
        if name != "trace_id":
            neither = old[name].isna() & new[name].isna()
            differs[name] = (old[name] != new[name]) & ~neither
    lines = [old.geometry.to_numpy(), new.geometry.to_numpy()]
    empty = [shapely.is_missing(line) | shapely.is_empty(line) for line in lines]
    differs["geometry"] = ~shapely.equals_exact(*lines, tolerance=0) & ~(empty[0] & empty[1])
    rows = differs.any(axis=1).to_numpy()
    return pd.DataFrame(
        {
            "trace_id": both[rows],
            "glacier_id": new["glacier_id"].to_numpy()[rows],
            "date": new["date"].to_numpy()[rows],
            "columns": [", ".join(differs.columns[row]) for row in differs.to_numpy()[rows]],
            "moved": shapely.hausdorff_distance(lines[0][rows], lines[1][rows]),
            "quality_old": old["quality"].to_numpy()[rows],
            "quality_new": new["quality"].to_numpy()[rows],
        }
    )


def _length_lines(lengths: pd.DataFrame, rows: int) -> list[str]:
    """Length differences in words, the largest first."""
    table = lengths[lengths["largest_difference"].fillna(0) != 0]
    gained = int((lengths["months_new"] - lengths["months_old"]).clip(lower=0).sum())
    lost = int((lengths["months_old"] - lengths["months_new"]).clip(lower=0).sum())
    lines = [f"- {gained} month(s) with a length gained, {lost} lost"]
    if table.empty:
        return [*lines, "- no length of a month that both have changed"]
    lines.append(f"- length changed at {len(table)} glacier(s), largest first:")
    order = table["largest_difference"].abs().sort_values(ascending=False, kind="stable").index
    lines += [
        f"    - {row.glacier_id}: rms {row.rms_difference:.1f} m, "
        f"largest {row.largest_difference:+.1f} m over {row.months_both} months"
        for row in table.loc[order[:rows]].itertuples()
    ]
    return lines
