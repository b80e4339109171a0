"""Several traces of one front made into one: the best of them, or their weighted mean.

Different scenes of one day, and of days so near that the glacier cannot have moved
more than the errors, show one front. `flag_duplicates` (in `screen`) only settles
traces of one and the same scene; merging goes further and is the user's choice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.fronts.duplicates import rank_of
from termini.fronts.rules_run import measure_traces
from termini.fronts.rules_traces import GlacierTraces
from termini.fronttable import flag

Floats = NDArray[np.float64]

#: Start of the note of a merged trace.
MERGED = "merged"


@dataclass(frozen=True)
class MergeSettings:
    """Which traces are of one front, and what becomes of them.

    Parameters
    ----------
    rule : str
        ``rank`` keeps the best trace (as `termini.fronts.flag_duplicates` orders
        them), ``inverse_variance`` makes a new trace, the mean of all weighted with
        1 / ``sigma_m``².
    days : float
        Longest time between the first and the last of them; 0 for the same day.
    spreads : float
        Fronts that lie farther apart than so many standard deviations of their
        difference are different fronts, and all stay.
    coverage : float
        Least share of the best trace's places that another must have in common
        with it, to be merged into a mean.
    vertex_m : float
        Distance of the vertices of a mean line, metres.
    """

    rule: str = "rank"
    days: float = 0.0
    spreads: float = 4.0
    coverage: float = 0.7
    vertex_m: float = 30.0


def merge_duplicates(
    fronts: gpd.GeoDataFrame,
    domains: Mapping[str, GlacierDomain],
    settings: MergeSettings | None = None,
) -> gpd.GeoDataFrame:
    """Front table in which traces of one front are one.

    Parameters
    ----------
    fronts : GeoDataFrame
        Screened front table; rejected traces take no part.
    domains : mapping of str to GlacierDomain
        Domains of the glaciers.
    settings : MergeSettings, optional
        Which traces, and how.

    Returns
    -------
    GeoDataFrame
        A copy. Every trace is still there; those that another one stands for have
        the flag ``duplicate`` and its id in ``note``. With ``inverse_variance`` the
        means are new rows: ``note`` ``merged of`` their ids, ``date`` the weighted mean,
        ``date_sigma_days`` its standard error, ``sigma_m`` from the weights, in
        which traces of one ``correlation_group`` count once.

    Raises
    ------
    InputError
        If the rule is unknown or a number is not possible.
    """
    settings = settings or MergeSettings()
    if settings.rule not in ("rank", "inverse_variance"):
        raise InputError(f"merge rule {settings.rule!r} is not rank or inverse_variance")
    if settings.days < 0 or settings.spreads < 0 or not 0 <= settings.coverage <= 1:
        raise InputError(
            f"merging over {settings.days:g} days, {settings.spreads:g} standard deviations and a "
            f"coverage of {settings.coverage:g}: none may be negative, and a coverage is a share"
        )
    table = fronts.copy().reset_index(drop=True)
    new: list[dict[str, Any]] = []
    for traces in measure_traces(table, domains).values():
        for group in same_front(traces, settings):
            rows = traces.table.iloc[group]
            best = rows.index[np.argmin(_order(table, rows.index))]
            if settings.rule == "rank":
                _replace(
                    table, rows.index[rows.index != best], best_of=str(table.loc[best, "trace_id"])
                )
            else:
                merged = _mean_of(table, rows, int(best), settings)
                new.append(merged)
                _replace(table, rows.index, merged=merged["trace_id"])
    if not new:
        return table
    added = gpd.GeoDataFrame(new, geometry="geometry", crs=table.crs)[list(table.columns)]
    added = added.astype({name: table[name].dtype for name in table.columns if name != "geometry"})
    together = pd.concat([table, added], ignore_index=True)
    return together.sort_values(["glacier_id", "date", "trace_id"], ignore_index=True)


def same_front(traces: GlacierTraces, settings: MergeSettings) -> list[NDArray[np.int64]]:
    """Groups of traces of one glacier that show one front.

    Parameters
    ----------
    traces : GlacierTraces
        Traces of a glacier, by date.
    settings : MergeSettings
        How near in time and place they must be.

    Returns
    -------
    list of ndarray of int
        Rows of each group of two or more. A group never spans more than
        ``settings.days``, and each member agrees with the group's first.
    """
    day = np.floor(traces.day) if settings.days == 0 else traces.day
    groups = []
    free = np.ones(len(traces), dtype=bool)
    for first in range(len(traces)):
        if not free[first]:
            continue
        near = np.flatnonzero(free & (day >= day[first]) & (day - day[first] <= settings.days))
        near = near[near >= first]
        group = [k for k in near if k == first or _agree(traces, first, int(k), settings)]
        if len(group) > 1:
            free[group] = False
            groups.append(np.array(group, dtype="int64"))
    return groups


def _agree(traces: GlacierTraces, a: int, b: int, settings: MergeSettings) -> bool:
    """Whether two traces have most of their places in common and lie together there."""
    both = np.isfinite(traces.along[a]) & np.isfinite(traces.along[b])
    most = max(traces.coverage[a], traces.coverage[b]) * traces.along.shape[1]
    if not both.any() or both.sum() < settings.coverage * most:
        return False
    apart = float(np.mean(traces.along[a, both] - traces.along[b, both]))
    return abs(apart) <= settings.spreads * float(np.hypot(traces.sigma[a], traces.sigma[b]))


def _order(table: gpd.GeoDataFrame, rows: pd.Index[int]) -> Floats:
    """Turn of each trace when sorted from the best to the worst."""
    keys = [rank_of(table, int(row)) for row in rows]
    turn = np.empty(len(keys))
    turn[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return turn


def _replace(
    table: gpd.GeoDataFrame, rows: pd.Index[int], *, best_of: str = "", merged: str = ""
) -> None:
    words = f"same front as {best_of}" if best_of else f"merged into {merged}"
    flag(table, table.index.isin(rows), "duplicate", words)


def _mean_of(
    table: gpd.GeoDataFrame, rows: gpd.GeoDataFrame, best: int, settings: MergeSettings
) -> dict[str, Any]:
    """Row of the weighted mean of some traces."""
    sigma = rows["sigma_m"].to_numpy(dtype="float64")
    sigma = np.where(np.isfinite(sigma) & (sigma > 0), sigma, np.nanmax(np.append(sigma, 30.0)))
    # traces of one group share an error that a mean does not lessen
    group = rows["correlation_group"].where(rows["correlation_group"] != "", rows["trace_id"])
    share = 1.0 / group.groupby(group).transform("size").to_numpy(dtype="float64")
    weight = share / sigma**2
    day = (rows["date"] - rows["date"].iloc[0]).dt.total_seconds().to_numpy() / 86_400.0
    mean_day = float(np.average(day, weights=weight))
    coarse = float(np.average(rows["date_sigma_days"], weights=weight))
    spread = float(np.sqrt(np.average((day - mean_day) ** 2, weights=weight)))
    ids = sorted(rows["trace_id"])
    base: dict[str, Any] = table.loc[best].to_dict()
    name = hashlib.sha256("|".join([MERGED, *ids]).encode()).hexdigest()[:16]
    sources = sorted(set(rows["source"]) - {""})
    return base | {
        "trace_id": name,
        "date": (rows["date"].iloc[0] + pd.Timedelta(days=mean_day)).round("s"),
        "date_sigma_days": float(np.hypot(coarse, spread)),
        "scene_id": " + ".join(sorted(set(rows["scene_id"]) - {""})),
        "source": " + ".join(sources),
        "analyst": " + ".join(sorted(set(rows["analyst"]) - {""})),
        "sigma_m": float(np.sqrt(1.0 / weight.sum())),
        "correlation_group": group.iloc[0] if (group == group.iloc[0]).all() else "",
        "quality": int(base["quality"]),
        "note": f"{MERGED} of {', '.join(ids)}",
        "geometry": mean_line(
            base["geometry"],
            [g for row, g in rows.geometry.items() if row != best],
            weight[rows.index == best][0],
            weight[rows.index != best],
            settings.vertex_m,
        ),
    }


def mean_line(
    base: shapely.Geometry,
    others: list[shapely.Geometry],
    weight: float,
    weights: Floats,
    vertex_m: float,
) -> shapely.Geometry:
    """Weighted mean of lines that run together.

    Parameters
    ----------
    base : shapely line
        Line whose extent the mean has.
    others : list of shapely lines
        The other lines.
    weight : float
        Weight of `base`.
    weights : ndarray
        Weights of the others.
    vertex_m : float
        Distance of the vertices, metres.

    Returns
    -------
    shapely line
        Each vertex of `base` moved to the weighted mean of itself and the nearest
        points of those lines that pass by it: a line that ends before it has no say.
    """
    dense = shapely.segmentize(base, vertex_m)
    points = shapely.get_coordinates(dense)
    total = np.full(len(points), weight)
    moved = weight * points
    places = shapely.points(points)
    for line, share in zip(others, weights, strict=True):
        s = shapely.line_locate_point(line, places)
        nearest = shapely.get_coordinates(shapely.line_interpolate_point(line, s))
        beside = ((s > 0) & (s < line.length)) | (np.hypot(*(nearest - points).T) < vertex_m)
        total += np.where(beside, share, 0.0)
        moved += np.where(beside, share, 0.0)[:, None] * nearest
    return shapely.set_coordinates(shapely.transform(dense, lambda x: x), moved / total[:, None])
