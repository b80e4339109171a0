"""Values of all glaciers in flat arrays, small enough for one page, cut up in the browser."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from termini.fronttable import crs_text
from termini.geo import ARCTIC, reproject
from termini.report.data import ReportData
from termini.times import decimal_year
from termini.variables import flag_names, is_rejected

Arrays = dict[str, Any]

_DAY = np.timedelta64(1, "D")
# Coordinates are kept as 16-bit steps from the glacier's own origin.
_STEP_M = 10.0
_REACH_M = 32_000 * _STEP_M
_TOLERANCE_M = 8.0


def pack_series(data: ReportData) -> Arrays:
    """Monthly series of all glaciers.

    Parameters
    ----------
    data : ReportData
        A release.

    Returns
    -------
    dict
        ``months`` (T,) in days since 1970; ``change``, ``change_se``, ``slow``
        (n * T,) in metres, glacier after glacier; ``count`` (n * T,) observations
        of the month; ``cycle`` and ``cycle_se`` (n * 12,), metres.
    """
    series = data.series
    shape = (series.sizes["glacier"], series.sizes["time"])
    count = np.zeros(shape)
    for name in ("observed", "n_observations"):
        if name in series:
            count = np.maximum(count, series[name].to_numpy())

    def metres(name: str, width: int) -> np.ndarray:
        dims = ("glacier", "month" if width == 12 else "time")
        if name not in series:
            return np.full(shape[0] * width, np.nan, dtype="float32")
        return series[name].transpose(*dims).to_numpy().astype("float32").ravel()

    return {
        "months": _days(series["time"].to_numpy()),
        "change": metres("length_change", shape[1]),
        "change_se": metres("length_change_se", shape[1]),
        "slow": metres("length_interannual", shape[1]),
        "count": np.minimum(count, 255).astype("uint8").ravel(),
        "cycle": metres("seasonal_cycle", 12),
        "cycle_se": metres("seasonal_cycle_se", 12),
    }


def pack_traces(data: ReportData) -> Arrays:
    """Observed length changes of all glaciers.

    Parameters
    ----------
    data : ReportData
        A release.

    Returns
    -------
    dict
        ``trace_from`` (n + 1,): where the traces of each glacier begin and end in
        ``trace_day`` (days since 1970), ``trace_change`` and ``trace_se`` (m) and
        ``trace_sensor``, a row of ``sensors``.
    """
    table = data.observations
    measure = str(data.series.attrs.get("measure", "length_area"))
    keep = (table["measure"] == measure) & ~is_rejected(table["quality"])
    table = table[keep & table["length_change"].notna() & table["date"].notna()]
    table, begin = _by_glacier(table, data)
    known = data.fronts.drop_duplicates("trace_id").set_index("trace_id")["sensor"]
    sensor = known.reindex(table["trace_id"]).fillna("").replace("", "unknown sensor")
    names = sorted(set(sensor))
    return {
        "trace_from": begin,
        "trace_day": _days(table["date"].to_numpy()),
        "trace_change": table["length_change"].to_numpy().astype("float32"),
        "trace_se": table["length_change_se"].to_numpy().astype("float32"),
        "trace_sensor": np.array([names.index(s) for s in sensor], dtype="uint8"),
        "sensors": names,
    }


def pack_fronts(data: ReportData) -> Arrays:
    """Front lines and fjords of all glaciers, to be drawn in plan.

    Parameters
    ----------
    data : ReportData
        A release.

    Returns
    -------
    dict
        ``origin`` (n * 2,) of each glacier in EPSG:3413 and the ``half`` width (n,)
        of a square about it that shows its usable fronts, metres. ``line_from``
        (n + 1,): where the lines of each glacier begin and end; ``line_year`` and
        ``line_kind`` of each line (0 usable front, 1 rejected front, 2 fjord, 3
        centreline); ``line_label``, a row of ``labels``; ``point_from``: where the
        vertices of each line begin in ``points`` (x, y, x, y ... in steps of
        ``step`` metres from the origin).
    """
    lines = _by_glacier(pd.concat([_front_lines(data), _domain_lines(data)]), data)
    table, begin = lines
    row = {i: k for k, i in enumerate(data.glaciers["glacier_id"])}
    owner = table["glacier_id"].map(row).to_numpy(dtype=int)
    geometry = table["geometry"].to_numpy()
    origin, half = _windows(geometry, owner, table["kind"].to_numpy(), len(row))
    xy, index = shapely.get_coordinates(geometry, return_index=True)
    # what is farther off is out of sight: a rejected trace of another place
    away = np.clip(xy - origin[owner[index]], -_REACH_M, _REACH_M)
    steps = np.round(away / _STEP_M).astype("int16")
    labels = sorted(set(table["label"]))
    place = {label: k for k, label in enumerate(labels)}
    return {
        "origin": origin.ravel(),
        "half": half,
        "line_from": begin,
        "line_year": table["year"].to_numpy().astype("float32"),
        "line_kind": table["kind"].to_numpy().astype("uint8"),
        "line_label": table["label"].map(place).to_numpy().astype("int32"),
        "labels": labels,
        "point_from": np.searchsorted(index, np.arange(len(table) + 1)).astype("int32"),
        "points": steps.ravel(),
        "step": _STEP_M,
    }


def _front_lines(data: ReportData) -> pd.DataFrame:
    fronts = data.fronts
    if crs_text(fronts) != ARCTIC:
        fronts = fronts.to_crs(ARCTIC)
    fronts = fronts[fronts["glacier_id"].isin(data.glaciers["glacier_id"])]
    rejected = is_rejected(fronts["quality"])
    day = pd.Series(fronts["date"]).dt.strftime("%Y-%m-%d").fillna("no date")
    why = [
        f" rejected: {', '.join(flag_names(q))}" if bad else ""
        for q, bad in zip(fronts["quality"], rejected, strict=True)
    ]
    dated = fronts["date"].notna().to_numpy()
    year = np.full(len(fronts), np.nan)
    year[dated] = decimal_year(fronts["date"][dated])
    table = pd.DataFrame(
        {
            "glacier_id": fronts["glacier_id"].to_numpy(),
            "date": fronts["date"].to_numpy(),
            "year": year,
            "kind": rejected.astype(int),
            "label": day.to_numpy() + " " + fronts["sensor"].fillna("").to_numpy() + np.array(why),
            "geometry": fronts.geometry.simplify(_TOLERANCE_M).to_numpy(),
        }
    )
    return _parts(table)


def _domain_lines(data: ReportData) -> pd.DataFrame:
    rows = []
    for glacier_id in data.glaciers["glacier_id"]:
        domain = data.domains.get(glacier_id)
        if domain is None:
            continue
        shapes = [(2, ring.exterior) for ring in shapely.get_parts(domain.fjord)]
        for kind, line in [*shapes, (3, domain.centreline)]:
            drawn = reproject(line, domain.crs, ARCTIC).simplify(_TOLERANCE_M)
            rows.append({"glacier_id": glacier_id, "kind": kind, "geometry": drawn, "label": ""})
    columns = ["glacier_id", "date", "year", "kind", "label", "geometry"]
    return _parts(pd.DataFrame(rows, columns=columns))


def _parts(table: pd.DataFrame) -> pd.DataFrame:
    """One row a line: pieces apart, what is no line left out."""
    frame = gpd.GeoDataFrame(table, geometry="geometry", crs=ARCTIC).explode()
    lines = frame.geometry.geom_type.isin(["LineString", "LinearRing"]) & ~frame.geometry.is_empty
    good = frame[lines & np.isfinite(frame.geometry.bounds).all(axis=1)]
    return pd.DataFrame(good).astype({"date": "datetime64[us]", "year": float, "kind": int})


def _windows(
    geometry: np.ndarray, owner: np.ndarray, kind: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Middle and half width of a square about each glacier's usable fronts.

    Of a glacier without any: about its fjord, else about its rejected fronts.
    """
    bounds = shapely.bounds(geometry)
    origin, half = np.zeros((n, 2)), np.full(n, 1000.0)
    for row in range(n):
        mine = owner == row
        for wanted in (0, 2, 1):
            shown = mine & (kind == wanted)
            if shown.any():
                low, high = bounds[shown, :2].min(axis=0), bounds[shown, 2:].max(axis=0)
                origin[row] = np.round((low + high) / 2)
                half[row] = max(float((high - low).max()) * 0.65, 1000.0)
                break
    return origin, half


def _by_glacier(table: pd.DataFrame, data: ReportData) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows in the order of the glaciers and of time, and where each glacier's begin."""
    row = {i: k for k, i in enumerate(data.glaciers["glacier_id"])}
    table = table[table["glacier_id"].isin(row)]
    order = table["glacier_id"].map(row).astype(int)
    table = table.assign(order=order).sort_values(["order", "date"], kind="stable")
    begin = np.searchsorted(table["order"], np.arange(len(row) + 1)).astype("int32")
    return table, begin


def _days(times: np.ndarray) -> np.ndarray:
    since = times.astype("datetime64[s]") - np.datetime64("1970-01-01", "s")
    return np.floor(since / _DAY).astype("int32")
