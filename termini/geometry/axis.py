"""The line along which a glacier's fronts moved."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString

from termini.geometry.lines import Points, smoothed, unit, vertices

# Fronts are gathered in so many steps along the flow, each of at least a few.
_STEPS = 12
_FEWEST = 3
_EVEN = 40


def front_axis(traces: gpd.GeoDataFrame) -> LineString:
    """Line through the middles of a glacier's fronts, at right angles to them.

    Parameters
    ----------
    traces : GeoDataFrame
        Its traces, drawn in any direction.

    Returns
    -------
    shapely LineString
        From one extreme position to the other, lengthened by the mean width of the
        fronts; which end is up-glacier is not known.
    """
    longest = [
        max(shapely.get_parts(line), key=lambda part: part.length) for line in traces.geometry
    ]
    ends = np.array([vertices(line)[[0, -1]] for line in longest])
    chord = ends[:, 1] - ends[:, 0]
    # a front has no direction: the mean of doubled angles, weighted by length
    doubled = ((chord[:, 0] + 1j * chord[:, 1]) ** 2 / np.maximum(np.hypot(*chord.T), 1.0)).sum()
    angle = np.angle(doubled) / 2
    across = np.array([np.cos(angle), np.sin(angle)])
    flow = np.array([-across[1], across[0]])
    origin = np.median(ends.mean(axis=1), axis=0)
    # the middle of a lobed front is its centre of mass, across it the middle of its ends
    mass = vertices(shapely.centroid(longest)) - origin
    along, side = mass @ flow, (ends.mean(axis=1) - origin) @ across
    width = float(np.median(np.abs(chord @ across)))
    knots = _knots(along, side)
    line = np.column_stack([knots[:, 0], knots[:, 1]]) @ np.vstack([flow, across]) + origin
    if len(line) == 1:
        line = np.vstack([line - width / 4 * flow, line + width / 4 * flow])
    reach = max(width, 2000.0)
    first, last = _heading(line, flow, width)
    return LineString(np.vstack([line[0] - reach * first, line, line[-1] + reach * last]))


def _knots(along: Points, side: Points) -> Points:
    """Medians of fronts in steps along the flow, smoothed."""
    groups = max(1, min(_STEPS, len(along) // _FEWEST))
    order = np.argsort(along, kind="stable")
    knots = np.array(
        [(np.median(along[part]), np.median(side[part])) for part in np.array_split(order, groups)]
    )
    fresh = np.concatenate([[True], np.diff(knots[:, 0]) > 1.0])
    knots = np.asarray(knots[fresh], dtype=np.float64)
    if len(knots) < 4:
        return knots
    even = np.linspace(knots[0, 0], knots[-1, 0], _EVEN)
    return smoothed(np.column_stack([even, np.interp(even, *knots.T)]), _EVEN / 8)


def _heading(line: Points, flow: Points, width: float) -> tuple[Points, Points]:
    """Direction at both ends; that of the fronts where the line is shorter than they are."""
    if np.hypot(*(line[-1] - line[0])) < width:
        return flow, flow
    some = max(len(line) // 4, 1)
    return unit(line[some] - line[0]), unit(line[-1] - line[-1 - some])
