"""How far apart traces of one front lie: numbers to check stated errors with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from termini.domain import GlacierDomain
from termini.fronts.duplicates import same_scene, scene_key
from termini.fronts.rules_run import measure_traces
from termini.fronts.rules_traces import GlacierTraces
from termini.variables import flag_bits

#: Columns of `duplicate_pairs`.
PAIR_COLUMNS = {
    "glacier_id": "str",
    "trace_a": "str",
    "trace_b": "str",
    "date": "datetime64[us]",
    "days": "float64",
    "sensor_a": "str",
    "sensor_b": "str",
    "source_a": "str",
    "source_b": "str",
    "same_scene": "bool",
    "common": "float64",
    "difference": "float64",
    "separation": "float64",
    "sigma": "float64",
}

# Shares of a normal distribution within these many standard deviations.
_WITHIN = {"in_68": 0.99446, "in_95": 1.95996}


def duplicate_pairs(
    fronts: gpd.GeoDataFrame,
    domains: Mapping[str, GlacierDomain],
    *,
    days: float = 0.0,
    common: float = 0.5,
) -> pd.DataFrame:
    """Every pair of traces of one glacier that are near in time, with their distance.

    Parameters
    ----------
    fronts : GeoDataFrame
        Screened front table. Traces whose only rejecting flag is ``duplicate`` take
        part: the second drawing of one scene is what tells the error of drawing.
    domains : mapping of str to GlacierDomain
        Domains of the glaciers.
    days : float
        Longest time between the two; 0 for the same day.
    common : float
        Least share of the fjord's width that both must have seen.

    Returns
    -------
    DataFrame
        ``glacier_id``, ``trace_a``, ``trace_b`` (the earlier first), ``date`` of the
        first, ``days`` between them, sensors, sources, ``same_scene``, ``common``
        share of the width, ``difference`` of their mean positions there (b minus a,
        metres, advance positive), ``separation`` (mean distance without sign,
        metres) and ``sigma``, the root of the sum of squares of their ``sigma_m``.
        Lines that are equal through two files (closer than a metre) are left out.
    """
    table = fronts.copy()
    quality = table["quality"].to_numpy()
    table["quality"] = (quality & ~flag_bits()["duplicate"]).astype("int32")
    rows = [
        row
        for traces in measure_traces(table, domains).values()
        for row in _pairs(traces, days, common)
    ]
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS)).astype(PAIR_COLUMNS)


def _pairs(traces: GlacierTraces, days: float, common: float) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    day = np.floor(traces.day) if days == 0 else traces.day
    table = traces.table
    columns = ["trace_id", "sensor", "source", "scene_id"]
    name, sensor, source, scene = (table[column].to_numpy() for column in columns)
    for a in range(len(traces)):
        for b in range(a + 1, int(np.searchsorted(day, day[a] + days, side="right"))):
            both = np.isfinite(traces.along[a]) & np.isfinite(traces.along[b])
            if not both.any() or both.mean() < common:
                continue
            apart = traces.along[b, both] - traces.along[a, both]
            if np.abs(apart).max() < 1.0:
                continue
            found.append(
                (
                    table["glacier_id"].iloc[0], name[a], name[b], table["date"].iloc[a],
                    traces.day[b] - traces.day[a], sensor[a], sensor[b], source[a], source[b],
                    same_scene(scene_key(scene[a]), scene_key(scene[b])), both.mean(),
                    apart.mean(), np.abs(apart).mean(), np.hypot(traces.sigma[a], traces.sigma[b]),
                )
            )  # fmt: skip
    return found


def duplicate_spread(pairs: pd.DataFrame, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """How well stated errors hold, from pairs of traces of one front.

    Parameters
    ----------
    pairs : DataFrame
        As `duplicate_pairs` gives it.
    by : str or sequence of str
        Columns to group by, such as ``same_scene`` or ``sensor_a``; all pairs
        together by default.

    Returns
    -------
    DataFrame
        For each group: number of pairs ``n``; ``bias``, ``rms`` and ``nmad`` of the
        difference (metres; NMAD is 1.4826 times the median absolute deviation);
        ``separation`` (median, metres); ``stated`` (median sigma of a difference,
        metres); ``ratio`` (rms over stated, what stated errors would have to be
        multiplied by); ``in_68``, ``in_95``: shares of differences within the stated
        intervals, which should be 0.68 and 0.95.

    Notes
    -----
    Motion between the two is part of the difference where ``days`` is not zero; a
    geolocation error that both share is not. `sigma` is that of the line along its
    normal, so that the difference of two *mean* positions should be smaller.
    """
    columns = [by] if isinstance(by, str) else list(by)
    if not columns:
        return pd.DataFrame([_spread(pairs)]).astype({"n": "int64"})
    rows = {key: _spread(part) for key, part in pairs.groupby(columns, sort=True, observed=True)}
    return (
        pd.DataFrame.from_dict(rows, orient="index")
        .rename_axis(columns if len(columns) > 1 else columns[0])
        .reset_index()
    )


def _spread(pairs: pd.DataFrame) -> dict[str, float]:
    difference, sigma = pairs["difference"].to_numpy(), pairs["sigma"].to_numpy()
    if not len(pairs):
        names = ["bias", "rms", "nmad", "separation", "stated", "ratio", *_WITHIN]
        return {"n": 0} | dict.fromkeys(names, np.nan)
    middle = float(np.median(difference))
    rms = float(np.sqrt(np.mean(difference**2)))
    away = np.abs(difference / sigma)
    return {
        "n": len(pairs),
        "bias": middle,
        "rms": rms,
        "nmad": 1.4826 * float(np.median(np.abs(difference - middle))),
        "separation": float(np.median(pairs["separation"])),
        "stated": float(np.median(sigma)),
        "ratio": float(np.sqrt(np.mean((difference / sigma) ** 2))),
        **{name: float(np.mean(away < limit)) for name, limit in _WITHIN.items()},
    }
