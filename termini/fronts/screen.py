"""Screening: every trace is looked at, none is dropped.

What is wrong with a trace is written into its quality flags and its note. Flags
that reject it are those of ``variables.yml``; the others tell the user, and the
series, what to expect. What needs the shape of the fjord (coverage, open ends,
crossings of the centreline) is flagged where it is measured, in `termini.series`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.fronts.duplicates import flag_duplicates, scene_key
from termini.fronts.readers.traces import years_of
from termini.fronts.rule_sets import rule_set
from termini.fronts.rules import RuleSet
from termini.fronts.rules_kernels import nearest_vertices
from termini.fronts.rules_run import apply_rules, lift_rules
from termini.fronttable import COLUMNS, crs_text, flag
from termini.geo import ARCTIC, reproject
from termini.times import EARLIEST
from termini.variables import flag_bits, is_rejected, rejecting_mask

# The scan-line corrector of Landsat 7 failed on this day.
SLC_FAILURE = pd.Timestamp("2003-05-31")

# A trace may be dated by the local day of a scene that is dated in UTC.
SCENE_DATE_SLACK = pd.Timedelta(days=1.5)


def screen(
    fronts: gpd.GeoDataFrame,
    domains: Mapping[str, GlacierDomain],
    today: Any = None,
    *,
    rules: str | Mapping[str, Any] | RuleSet | None = None,
) -> gpd.GeoDataFrame:
    """Front table with every trace's flags and reasons, lines left to right.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    domains : mapping of str to GlacierDomain
        Domains of the glaciers that are measured.
    today : date-like, optional
        Dates after it are in the future; by default the present day (UTC).
    rules : str, mapping or RuleSet, optional
        Screening rules that run last, as `termini.fronts.rule_set` takes them:
        ``default`` if not given, ``none`` for none.

    Returns
    -------
    GeoDataFrame
        A copy with the same rows. Lines that enter their domain run from its
        left wall to its right wall, looking down-glacier. Screening a screened
        table changes nothing. A table in degrees comes back in EPSG:3413: what
        is near is told in metres.

    Raises
    ------
    InputError
        If `fronts` is not a front table, or a rule is unknown.
    """
    chosen = rule_set(rules)
    if missing := [name for name in [*COLUMNS, "geometry"] if name not in fronts]:
        raise InputError(
            f"not a front table, it lacks {missing}; make one with read_source() or front_table()"
        )
    table = lift_rules(fronts).reset_index(drop=True)
    if table.empty:
        return table
    if not CRS(crs_text(table)).is_projected:
        table = table.to_crs(ARCTIC)
    now = pd.Timestamp.now("UTC").tz_localize(None) if today is None else pd.Timestamp(today)
    for name, check in _CHECKS.items():
        rows, reasons = check(table)
        _flag_new(table, rows, name, reasons)
    _flag_dates(table, now)
    _place(table, domains)
    return apply_rules(flag_duplicates(table), domains, chosen)[0]


def _flag_new(
    table: gpd.GeoDataFrame, rows: NDArray[np.bool_], name: str, reasons: str | list[str]
) -> None:
    """Flag rows that do not have the flag yet; `reasons`: one, or one for each row of `rows`."""
    new = rows & ((table["quality"].to_numpy() & flag_bits()[name]) == 0)
    if not isinstance(reasons, str):
        reasons = [reasons[i] for i in np.flatnonzero(new[rows])]
    flag(table, new, name, reasons)


Check = Callable[[gpd.GeoDataFrame], tuple[NDArray[np.bool_], str]]


def _bad_geometry(table: gpd.GeoDataFrame) -> tuple[NDArray[np.bool_], str]:
    lines = table.geometry.to_numpy()
    kind = shapely.get_type_id(lines)
    points, owner = shapely.get_coordinates(lines, return_index=True)
    finite = np.ones(len(lines), dtype=bool)
    finite[owner[~np.isfinite(points).all(axis=1)]] = False
    is_line = np.isin(kind, [1, 2, 5]) & ~shapely.is_empty(lines)
    return ~is_line | ~finite, "empty, not finite, or not a line"


def _too_few_points(table: gpd.GeoDataFrame) -> tuple[NDArray[np.bool_], str]:
    bad = _bad_geometry(table)[0]
    west, south, east, north = shapely.bounds(table.geometry.to_numpy()).T
    # of an empty line the bounds are nan
    several = (east > west) | (north > south)
    return ~several & ~bad, "fewer than two distinct points"


def _self_crossing(table: gpd.GeoDataFrame) -> tuple[NDArray[np.bool_], str]:
    rows = np.asarray(~is_rejected(table["quality"]))
    rows[rows] = ~shapely.is_simple(table.geometry.to_numpy()[rows])
    return rows, "line crosses itself"


def _several_pieces(table: gpd.GeoDataFrame) -> tuple[NDArray[np.bool_], str]:
    return shapely.get_num_geometries(table.geometry.to_numpy()) > 1, "front has several pieces"


def _slc_off(table: gpd.GeoDataFrame) -> tuple[NDArray[np.bool_], str]:
    rows = (table["sensor"] == "Landsat-7") & (table["date"] >= SLC_FAILURE)
    return rows.to_numpy(dtype=bool), ""


# What can be seen in a trace alone, in this order.
_CHECKS: dict[str, Check] = {
    "bad_geometry": _bad_geometry,
    "too_few_points": _too_few_points,
    "several_pieces": _several_pieces,
    "self_crossing": _self_crossing,
    "slc_off": _slc_off,
}


def _flag_dates(table: gpd.GeoDataFrame, now: pd.Timestamp) -> None:
    """Flag dates that are missing, impossible, or not those of scene and satellite."""
    date = table["date"]
    text = date.dt.strftime("%Y-%m-%d").fillna("")
    impossible = pd.Series("", index=table.index, dtype="str")
    impossible[date.isna()] = "no date"
    impossible[date > now] = "dated " + text + ", in the future"
    impossible[date < EARLIEST] = "dated " + text + ", before any image or map"
    bad = (impossible != "").to_numpy()
    _flag_new(table, bad, "bad_date", impossible[bad].tolist())
    # Where date and scene disagree one of them is wrong, and it may be the scene's
    # id: the trace stays, and the series sees whether its position fits its date.
    years = np.array([years_of(sensor) for sensor in table["sensor"]]).reshape(-1, 2)
    year = date.dt.year.to_numpy()
    scene = pd.to_datetime(pd.Series([scene_key(s).date for s in table["scene_id"]]))
    doubt = pd.Series("", index=table.index, dtype="str")
    apart = (date - scene).abs() > SCENE_DATE_SLACK
    doubt[apart] = "dated " + text + ", but its scene is of " + scene.dt.strftime("%Y-%m-%d")
    unflown = (year < years[:, 0]) | (year > years[:, 1])
    doubt[unflown] = "dated " + text + ", when " + table["sensor"] + " did not fly"
    doubtful = (doubt != "").to_numpy() & ~bad
    _flag_new(table, doubtful, "source_uncertain", doubt[doubtful].tolist())


def _place(table: gpd.GeoDataFrame, domains: Mapping[str, GlacierDomain]) -> None:
    """Flag traces of unknown glaciers and outside their domain; turn the others."""
    known = table["glacier_id"].isin(list(domains)).to_numpy()
    unknown = [
        f"no domain for glacier {glacier!r}" if glacier else "the trace names no glacier"
        for glacier in table["glacier_id"][~known]
    ]
    _flag_new(table, ~known, "unknown_glacier", unknown)
    unusable = flag_bits()["bad_geometry"] | flag_bits()["too_few_points"]
    drawn = (table["quality"].to_numpy() & unusable) == 0
    outside = np.zeros(len(table), dtype=bool)
    reasons: dict[int, str] = {}
    crs = crs_text(table)
    lines = table.geometry.to_numpy().copy()
    for glacier, rows in table.groupby("glacier_id").indices.items():
        if glacier not in domains:
            continue
        domain = domains[str(glacier)]
        fjord = reproject(domain.fjord, domain.crs, crs)
        shapely.prepare(fjord)
        rows = rows[drawn[rows]]
        inside = shapely.intersects(fjord, lines[rows])
        for row in rows[~inside].tolist():
            outside[row] = True
            away = shapely.distance(fjord, lines[row]) / 1000
            reasons[row] = f"{away:.1f} km outside the domain of {glacier}"
        lines[rows[inside]] = _left_to_right(lines[rows[inside]], domain, crs)
    flagged = np.flatnonzero(outside).tolist()
    _flag_new(table, outside, "outside_domain", [reasons[row] for row in flagged])
    table[table.geometry.name] = gpd.GeoSeries(lines, crs=table.crs, index=table.index)


def _left_to_right(
    lines: NDArray[np.object_], domain: GlacierDomain, crs: str
) -> NDArray[np.object_]:
    """Lines that start at the left wall, as seen by someone looking down-glacier."""
    walls = [reproject(w, domain.crs, crs) for w in (domain.left_wall, domain.right_wall)]
    step = domain.reference_width / 200
    near = [shapely.get_coordinates(shapely.segmentize(wall, step)) for wall in walls]
    points = [shapely.get_point(lines, k) for k in (0, -1)]
    ends = [shapely.get_coordinates(point) for point in points]
    if len(ends[0]) == len(ends[1]) == len(lines):
        (first_left, first_right), (last_left, last_right) = (
            [nearest_vertices(wall, end)[1] for wall in near] for end in ends
        )
        turned = first_right + last_left - first_left - last_right
        close = np.abs(turned) <= 2 * step
    else:  # of a line of several pieces no end can be told so
        turned, close = np.zeros(len(lines)), np.ones(len(lines), dtype=bool)
    # vertices of the walls tell all but the nearly equal
    first, last = (point[close] for point in points)
    left, right = walls
    turned[close] = (shapely.distance(first, right) + shapely.distance(last, left)) - (
        shapely.distance(first, left) + shapely.distance(last, right)
    )
    return np.asarray(np.where(turned < 0, shapely.reverse(lines), lines), dtype=object)


def rejected_summary(fronts: gpd.GeoDataFrame) -> pd.DataFrame:
    """How many traces are kept out of the series, by reason.

    Parameters
    ----------
    fronts : GeoDataFrame
        Screened front table.

    Returns
    -------
    DataFrame
        One row for each rejecting flag that occurs: ``reason``, ``traces`` that
        carry it, ``traces_first`` for which it is the first reason (these add up
        to the number rejected), ``glaciers`` concerned, and ``example``, the id
        and note of one trace. ``attrs`` holds ``total``, ``rejected``, ``kept``.
    """
    quality = fronts["quality"].to_numpy()
    left = is_rejected(quality)
    rows = []
    for name, bit in flag_bits().items():
        if not bit & rejecting_mask():
            continue
        carry = (quality & bit) != 0
        if not carry.any():
            continue
        first = fronts.loc[carry].iloc[0]
        rows.append(
            {
                "reason": name,
                "traces": int(carry.sum()),
                "traces_first": int((carry & left).sum()),
                "glaciers": int(fronts.loc[carry, "glacier_id"].nunique()),
                "example": f"{first['trace_id']}: {first['note']}",
            }
        )
        left &= ~carry
    columns = ["reason", "traces", "traces_first", "glaciers", "example"]
    summary = pd.DataFrame(rows, columns=columns)
    rejected = int(is_rejected(quality).sum())
    summary.attrs = {
        "total": len(fronts),
        "rejected": rejected,
        "kept": len(fronts) - rejected,
    }
    return summary
