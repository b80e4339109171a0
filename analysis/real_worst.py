"""How much of each glacier of a dataset is in question: coverage, flags, width of the band."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from termini.domain import GlacierDomain
from termini.fronts import screening_report
from termini.variables import flag_bits, is_rejected

#: Flags that do not reject, but say that something is odd about the front or its domain.
ODD = ("open_end", "self_crossing", "several_pieces", "multiple_crossings", "doubtful")
MEASURE = "length_area"


class Made(NamedTuple):
    """What was made of one set."""

    fronts: gpd.GeoDataFrame
    domains: dict[str, GlacierDomain]
    failures: dict[str, str]
    observations: pd.DataFrame
    series: xr.Dataset


def coverage(made: Made) -> pd.Series[float]:
    """Share of the width that each usable front shows, by glacier."""
    rows = made.observations[made.observations["measure"] == MEASURE]
    return rows.set_index("glacier_id")["coverage"]


def worst(name: str, made: Made) -> pd.DataFrame:
    """How much of each glacier is in question."""
    quality = made.fronts["quality"].to_numpy()
    odd = np.bitwise_or.reduce([flag_bits()[flag] for flag in ODD])
    usable = ~is_rejected(quality)
    flagged = pd.Series(usable & ((quality & odd) != 0)).groupby(
        made.fronts["glacier_id"].to_numpy()
    )
    report = screening_report(made.fronts, made.domains)
    table = report[["glacier_id", "name", "traces", "kept", "share_rejected", "main_reason"]]
    table = table.set_index("glacier_id")
    table["share_flagged"] = flagged.mean()
    table["flags"] = [", ".join(flag_counts(made, one)) for one in table.index]
    table["coverage_10"] = coverage(made).groupby(level=0).quantile(0.1)
    error = made.series["length_change_se"].transpose("glacier", "time").to_numpy()
    band = pd.DataFrame(error, index=made.series["glacier_id"].values)
    table["band_m"], table["band_most_m"] = band.median(axis=1), band.max(axis=1)
    table["centreline_times"] = centreline_times(made)
    missing = 1.0 - table["coverage_10"].fillna(0.0)
    table["in_question"] = missing + table["share_rejected"] + table["share_flagged"]
    table.insert(0, "set", name)
    return table.reset_index()


def flag_counts(made: Made, glacier_id: str) -> list[str]:
    """How many usable fronts of a glacier carry each odd flag."""
    quality = made.fronts.loc[made.fronts["glacier_id"] == glacier_id, "quality"].to_numpy()
    quality = quality[~is_rejected(quality)]
    counts = {flag: int(((quality & flag_bits()[flag]) != 0).sum()) for flag in ODD}
    return [f"{flag} {count}" for flag, count in counts.items() if count]


def centreline_times(made: Made) -> pd.Series[float]:
    """How many times the change of the mean position the centreline shows."""
    wide = made.observations.pivot_table(
        index=["glacier_id", "trace_id"], columns="measure", values="length_change"
    )
    wide = wide[["centreline", MEASURE]].dropna()
    away = wide - wide.groupby("glacier_id").transform("mean")
    sums = pd.DataFrame({"both": away.prod(axis=1), "own": away[MEASURE] ** 2})
    sums = sums.groupby("glacier_id").sum()
    return sums["both"] / sums["own"]
