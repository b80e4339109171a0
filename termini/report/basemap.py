"""What lies under the dots of a map: a frame, meridians and parallels, a rough coast."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon, box

from termini.geo import ARCTIC, LONLAT, transformer

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]

#: Greenland where a map has nothing to show: x0, y0, x1, y1 in EPSG:3413, metres.
GREENLAND: Box = (-700e3, -3_400e3, 900e3, -600e3)

# The coast would be wrong by several pixels on maps of a smaller stretch.
_LEAST_COAST_M = 400e3
_STEPS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
_MOST_LINES = 6

# Longitude and latitude read by eye, to a quarter of a degree or so: enough to
# see which coast a glacier is on, and nothing more.
# fmt: off
_COAST = (
    (-43.9, 59.8), (-45.2, 60.1), (-46.2, 60.7), (-48.2, 60.9), (-49.4, 61.7), (-50.3, 62.8),
    (-51.5, 63.7), (-52.0, 64.5), (-52.9, 65.4), (-53.6, 66.5), (-53.7, 67.4), (-53.2, 68.3),
    (-51.2, 68.8), (-50.7, 69.4), (-51.0, 69.9), (-52.7, 70.2), (-54.5, 70.7), (-51.6, 70.6),
    (-51.7, 71.2), (-53.3, 71.2), (-55.3, 71.6), (-54.7, 72.3), (-55.0, 73.0), (-56.2, 74.0),
    (-57.5, 75.0), (-59.5, 75.8), (-63.0, 76.2), (-66.5, 75.95), (-69.5, 76.4), (-68.8, 76.6),
    (-70.8, 76.9), (-70.9, 77.3), (-66.8, 77.4), (-71.0, 77.8), (-73.0, 78.2), (-70.0, 78.8),
    (-65.5, 79.1), (-64.5, 79.6), (-65.0, 80.0), (-67.5, 80.3), (-63.8, 81.2), (-60.0, 81.9),
    (-54.0, 82.3), (-46.0, 82.8), (-39.0, 83.2), (-32.0, 83.6), (-25.0, 83.2), (-21.5, 82.6),
    (-31.0, 82.1), (-22.5, 82.1), (-23.5, 81.2), (-12.0, 81.4), (-16.3, 80.2), (-20.0, 79.8),
    (-19.6, 78.9), (-21.5, 78.0), (-19.0, 77.4), (-18.7, 76.6), (-21.5, 76.1), (-19.7, 75.2),
    (-19.0, 74.8), (-21.0, 74.3), (-21.5, 73.5), (-25.0, 73.2), (-22.3, 72.6), (-22.0, 71.5),
    (-21.8, 70.5), (-25.5, 71.2), (-28.0, 70.5), (-22.3, 70.1), (-24.5, 69.3), (-27.5, 68.5),
    (-31.5, 68.1), (-32.5, 68.4), (-33.5, 67.3), (-36.0, 66.0), (-38.0, 65.7), (-38.2, 66.3),
    (-40.0, 65.2), (-40.6, 64.3), (-41.2, 63.3), (-42.4, 62.3), (-42.8, 61.2), (-43.2, 60.2),
)
_DISKO = (
    (-53.6, 69.25), (-52.0, 69.5), (-51.9, 69.9), (-54.2, 70.3), (-54.9, 70.1), (-54.9, 69.6),
)
# fmt: on


@dataclass(frozen=True)
class GridLine:
    """A meridian or parallel inside a frame.

    Parameters
    ----------
    x, y : ndarray
        Vertices, EPSG:3413, metres.
    label : str
        As ``70°N``; empty where it would lie on another one.
    where : tuple of float
        Where the label belongs: the left end of a parallel, the lower end of a
        meridian.
    parallel : bool
        Whether it is a parallel.
    """

    x: Array
    y: Array
    label: str
    where: tuple[float, float]
    parallel: bool


def frame(x: Array, y: Array, width: float, height: float, least: float = 60e3) -> Box:
    """Extent of a map that shows all points and fills its frame without distortion.

    Parameters
    ----------
    x, y : ndarray, (n,)
        Points in EPSG:3413, metres; NaN is left out.
    width, height : float
        Size of the frame in any unit.
    least : float
        Least extent of the longer side, metres.

    Returns
    -------
    tuple of float
        x0, y0, x1, y1; Greenland if there is no point.
    """
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        x0, y0, x1, y1 = GREENLAND
    else:
        x0, x1 = float(x[known].min()), float(x[known].max())
        y0, y1 = float(y[known].min()), float(y[known].max())
    scale = max((x1 - x0) / width, (y1 - y0) / height) * 1.2
    scale = max(scale, least / max(width, height))
    half_x, half_y = scale * width / 2, scale * height / 2
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    return middle_x - half_x, middle_y - half_y, middle_x + half_x, middle_y + half_y


def graticule(extent: Box) -> list[GridLine]:
    """Meridians and parallels in a frame, at most six of each.

    Parameters
    ----------
    extent : tuple of float
        x0, y0, x1, y1 in EPSG:3413, metres.

    Returns
    -------
    list of GridLine
        Parallels from south to north, then meridians from west to east.
    """
    lon, lat = _lonlat_of(extent)
    found: list[GridLine] = []
    for values, others, parallel in ((lat, lon, True), (lon, lat, False)):
        along = np.linspace(others[0], others[1], 80)
        for value in _ticks(*values):
            fixed = np.full(80, value)
            line = _projected(along, fixed) if parallel else _projected(fixed, along)
            found += _inside(line, extent, _name(value, parallel), parallel)
    return _labels_apart(found, extent)


def coast(extent: Box) -> list[tuple[Array, Array]]:
    """Rough outline of Greenland, for orientation only.

    Parameters
    ----------
    extent : tuple of float
        x0, y0, x1, y1 in EPSG:3413, metres.

    Returns
    -------
    list of tuple of ndarray
        x and y of each ring inside the frame; nothing for a small frame, where the
        outline would mislead, or one without land.
    """
    if max(extent[2] - extent[0], extent[3] - extent[1]) < _LEAST_COAST_M:
        return []
    window = box(*extent)
    rings = []
    for points in (_COAST, _DISKO):
        land = Polygon(_projected(*np.array(points).T)).buffer(0).intersection(window)
        for part in shapely.get_parts(land):
            if isinstance(part, Polygon):
                corners = np.asarray(part.exterior.coords)
                rings.append((corners[:, 0], corners[:, 1]))
    return rings


def _projected(lon: Array, lat: Array) -> Array:
    return np.column_stack(transformer(LONLAT, ARCTIC).transform(lon, lat))


def _lonlat_of(extent: Box) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ranges of longitude and latitude in a frame."""
    x0, y0, x1, y1 = extent
    x, y = np.meshgrid(np.linspace(x0, x1, 40), np.linspace(y0, y1, 40))
    lon, lat = transformer(ARCTIC, LONLAT).transform(x.ravel(), y.ravel())
    west, east = float(lon.min()), float(lon.max())
    if east - west > 180:  # the frame holds the pole or crosses the 180th meridian
        west, east = -180.0, 180.0
    polar = x0 <= 0 <= x1 and y0 <= 0 <= y1
    return (west, east), (float(lat.min()), 90.0 if polar else float(lat.max()))


def _ticks(low: float, high: float) -> Array:
    """Round degrees in a range."""
    step = next((s for s in _STEPS if (high - low) / s <= _MOST_LINES), 60.0)
    ticks = np.arange(np.ceil(low / step) * step, high + 1e-9, step, dtype=np.float64)
    if high - low == 360.0:
        ticks = ticks[1:]  # the 180th meridian once
    return np.asarray(np.round(ticks, 6), dtype=np.float64)


def _name(value: float, parallel: bool) -> str:
    ends = ("S", "N") if parallel else ("W", "E")
    return f"{abs(value):g}°{ends[int(value >= 0)]}"


def _labels_apart(lines: list[GridLine], extent: Box) -> list[GridLine]:
    """The same lines; of labels that would overlap only the first is kept."""
    wide, high = 0.12 * (extent[2] - extent[0]), 0.04 * (extent[3] - extent[1])
    taken: list[tuple[float, float]] = []
    found = []
    for line in lines:
        x, y = line.where
        free = all(abs(x - tx) > wide or abs(y - ty) > high for tx, ty in taken)
        inside = x < extent[2] - 0.8 * wide and y < extent[3] - 0.8 * high
        if free and inside:
            taken.append(line.where)
        found.append(line if free and inside else replace(line, label=""))
    return found


def _inside(line: Array, extent: Box, label: str, parallel: bool) -> list[GridLine]:
    """The longest part of a line inside the frame, if there is any."""
    parts = shapely.get_parts(LineString(line).intersection(box(*extent)))
    parts = [part for part in parts if isinstance(part, LineString) and not part.is_empty]
    if not parts:
        return []
    x, y = np.asarray(max(parts, key=lambda part: part.length).coords).T
    end = int(np.argmin(x if parallel else y))
    return [GridLine(x, y, label, (float(x[end]), float(y[end])), parallel)]
