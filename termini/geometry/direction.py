"""What flowlines and the movement of the fronts say of a proposed direction of flow."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from termini.geometry.lines import Points, unit, vertices

#: Flowlines count as evidence when they pass this near to the middle of the fronts.
NEAR_M = 5000.0
#: The inland end of a flowline is at least this much farther from the fronts.
INLAND_M = 3000.0
#: Retreat is evidence only over so many years; shorter records hold surges and seasons.
LONG_RECORD_YEARS = 10.0
#: Years with fronts in spring and autumn, and standard errors, that make summers evidence.
SUMMERS, SURE = 5, 4.0


def middle_of(fronts: gpd.GeoDataFrame) -> Points:
    """Middle of a glacier's fronts.

    Parameters
    ----------
    fronts : GeoDataFrame
        Traces of one glacier.

    Returns
    -------
    ndarray, shape (2,)
        Median of the traces' midpoints.
    """
    half = shapely.line_interpolate_point(_longest(fronts), 0.5, normalized=True)
    return np.asarray(np.median(vertices(half), axis=0))


def width_of(fronts: gpd.GeoDataFrame) -> float:
    """Width of a glacier's fronts.

    Parameters
    ----------
    fronts : GeoDataFrame
        Traces of one glacier.

    Returns
    -------
    float
        Median distance of their ends, metres.
    """
    ends = np.array([vertices(line)[[0, -1]] for line in _longest(fronts)])
    return max(float(np.median(np.hypot(*(ends[:, 1] - ends[:, 0]).T))), 1.0)


def _longest(fronts: gpd.GeoDataFrame) -> list[BaseGeometry]:
    return [
        max(shapely.get_parts(line), key=lambda part: part.length)
        for line in fronts.geometry
        if line is not None and not line.is_empty
    ]


def flowline_vote(
    axis: Points, middle: Points, flowlines: gpd.GeoDataFrame | None
) -> tuple[float, list[LineString]]:
    """How well flowlines agree with a proposed down-glacier direction.

    Parameters
    ----------
    axis : ndarray, shape (2,)
        Unit vector proposed as down-glacier.
    middle : ndarray, shape (2,)
        Middle of the fronts.
    flowlines : GeoDataFrame or None
        Lines from the front inland, in the same projection.

    Returns
    -------
    vote : float
        Mean cosine between `axis` and the flowlines' down-glacier direction near
        the fronts, from -1 to 1; 0 where no flowline is near.
    lines : list of LineString
        The flowlines near the fronts, turned down-glacier.
    """
    if flowlines is None or len(flowlines) == 0:
        return 0.0, []
    point = shapely.Point(middle)
    near = flowlines.geometry[shapely.dwithin(flowlines.geometry.to_numpy(), point, NEAR_M)]
    lines, cosines = [], []
    for line in shapely.get_parts(near.to_numpy()):
        xy = vertices(line)
        ends = np.linalg.norm(xy[[0, -1]] - middle, axis=1)
        if abs(ends[0] - ends[1]) < INLAND_M:
            continue
        if ends[0] < ends[1]:
            xy = xy[::-1]
        turned = LineString(xy)
        at = shapely.line_locate_point(turned, point)
        step = vertices(
            shapely.line_interpolate_point(turned, [max(at - 500.0, 0.0), max(at, 500.0)])
        )
        lines.append(turned)
        cosines.append(float(unit(step[1] - step[0]) @ axis))
    return (float(np.mean(cosines)) if cosines else 0.0), lines


def retreat_vote(axis: Points, fronts: gpd.GeoDataFrame) -> float:
    """Whether the fronts of a long record moved against a proposed direction.

    Parameters
    ----------
    axis : ndarray, shape (2,)
        Unit vector proposed as down-glacier.
    fronts : GeoDataFrame
        Traces of one glacier with ``date``.

    Returns
    -------
    float
        Minus Kendall's tau between time and position along `axis`; 0 where the
        record is shorter than `LONG_RECORD_YEARS` or tau is not significant at
        1 %. Nearly every outlet glacier of Greenland retreated since 1985
        (Greene et al. 2024).
    """
    known = fronts[fronts["date"].notna() & ~fronts.geometry.is_empty & fronts.geometry.notna()]
    if len(known) < 8:
        return 0.0
    span = (known["date"].max() - known["date"].min()) / pd.Timedelta(days=365.25)
    if span < LONG_RECORD_YEARS:
        return 0.0
    half = shapely.line_interpolate_point(_longest(known), 0.5, normalized=True)
    position = vertices(half) @ axis
    from scipy.stats import kendalltau  # takes long; whoever only measures does not wait for it

    tau, chance = kendalltau(known["date"].to_numpy().astype("int64"), position)
    return float(-tau) if chance < 0.01 else 0.0


def summer_vote(axis: Points, fronts: gpd.GeoDataFrame) -> float:
    """Whether fronts move against a proposed direction from spring to autumn.

    Parameters
    ----------
    axis : ndarray, shape (2,)
        Unit vector proposed as down-glacier.
    fronts : GeoDataFrame
        Traces of one glacier with ``date``.

    Returns
    -------
    float
        Minus the mean change over its standard error times `SURE`, within -1 and 1;
        0 where fewer than `SUMMERS` years have fronts in both seasons or the change
        is less than `SURE` standard errors. Fronts in Greenland retreat from
        mid-May to October (Black & Joughin 2023), whatever they do over years.
    """
    known = fronts[fronts["date"].notna() & ~fronts.geometry.is_empty & fronts.geometry.notna()]
    if len(known) < 2 * SUMMERS:
        return 0.0
    half = shapely.line_interpolate_point(_longest(known), 0.5, normalized=True)
    date = known["date"].dt
    season = np.select([date.month.isin([3, 4, 5]), date.month.isin([8, 9, 10])], [0, 1], -1)
    table = pd.DataFrame({"year": date.year, "season": season, "at": vertices(half) @ axis})
    middle = table[season >= 0].pivot_table("at", "year", "season", "median")
    if middle.shape[1] < 2:
        return 0.0
    change = (middle[1] - middle[0]).dropna().to_numpy()
    if len(change) < SUMMERS:
        return 0.0
    error = max(float(change.std(ddof=1)) / np.sqrt(len(change)), 1e-9)
    ratio = -float(change.mean()) / error
    return float(np.clip(ratio / SURE, -1.0, 1.0)) if abs(ratio) > SURE else 0.0
