"""Other ways to the numbers of the series engine, written for the benchmark."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString

from termini.domain import GlacierDomain
from termini.geo import to_plane
from termini.series import ObservationSettings
from termini.series.engine import engine_of, measure_packed
from termini.series.engine_plane import pack
from termini.series.frame import Frame, frame_of, ribbon
from termini.series.measure import measure_trace

MEASURES = ("area", "length_area", "curvilinear_box", "centreline", "flowlines")


def by_split(frame: Frame, line: LineString) -> float:
    parts = shapely.ops.split(frame.fjord, line).geoms
    gate = LineString(frame.gate)
    return float(max(parts, key=lambda p: p.intersection(gate).length).area)


def all_by_split(
    frame: Frame, box: Frame, flowlines: NDArray[np.object_], line: LineString
) -> tuple[float, float, float, float]:
    """What the engine measures of a front, in shapely: split and polygonise, then lines."""
    met = shapely.get_parts(shapely.intersection(frame.centreline, line))
    centre = shapely.line_locate_point(frame.centreline, shapely.centroid(met))
    points, of = shapely.get_parts(shapely.intersection(flowlines, line), return_index=True)
    points, of = points[~shapely.is_empty(points)], of[~shapely.is_empty(points)]
    along = np.full(len(flowlines), -np.inf)
    np.maximum.at(along, of, shapely.line_locate_point(flowlines[of], shapely.centroid(points)))
    along = along[np.isfinite(along)]
    return (
        by_split(frame, line),
        by_split(box, line),
        float(centre.max()) if len(centre) else float("nan"),
        float(np.median(along)) if len(along) else float("nan"),
    )


def by_polygonize(frame: Frame, line: LineString) -> float:
    noded = shapely.union_all([frame.fjord.exterior, line])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    gate = LineString(frame.gate)
    return float(max(faces, key=lambda p: p.intersection(gate).length).area)


def termpicks_like(frame: Frame, line: LineString) -> float:
    xy = shapely.get_coordinates(
        shapely.line_interpolate_point(line, np.arange(0, line.length, 30.0))
    )
    cut = len(xy) // 20
    xy = xy[cut : len(xy) - cut]
    centre = shapely.get_coordinates(frame.centreline)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(centre, axis=0).T))])
    return float(np.mean([along[np.argmin(np.hypot(*(centre - point).T))] for point in xy]))


def autoterm_like(before: LineString, line: LineString) -> float:
    ring = np.vstack([before.coords, line.coords[::-1]])
    noded = shapely.node(shapely.linestrings(np.vstack([ring, ring[:1]])))
    return float(sum(p.area for p in shapely.get_parts(shapely.polygonize([noded]))))


def rate(function: Callable[[int], Any], count: int) -> float:
    """Traces a second of one core."""
    started = time.process_time()
    for k in range(count):
        function(k)
    return count / (time.process_time() - started)


def peers(
    fronts: gpd.GeoDataFrame, domains: dict[str, GlacierDomain], sample: int
) -> list[dict[str, Any]]:
    """Rates of the engine and of other ways, on the first traces of one glacier.

    All take their fronts in the plane of the glacier but where it is said. The engine gets
    its fronts a glacier at a time, the others each for itself.
    """
    glacier_id = next(iter(domains))
    frame, plane = frame_of(domains[glacier_id])
    box = ribbon(frame, 0.5 * frame.width)
    settings = ObservationSettings()
    engine = engine_of(domains[glacier_id], MEASURES, settings)
    mine = fronts[fronts["glacier_id"] == glacier_id].geometry.to_numpy()[:sample]
    lines = [to_plane(line, "EPSG:3413", plane) for line in mine]
    n = len(lines)
    few = max(n // 10, 5)
    drawn, packed = pack(mine), pack(np.array(lines))
    flowlines = np.array([LineString(xy) for xy in engine.bundle.lines])
    measure_packed(engine, packed, plane, settings)

    def engine_rate(names: tuple[str, ...], *, project: bool = False) -> float:
        other = engine_of(domains[glacier_id], names, settings)
        what, crs = (drawn, "EPSG:3413") if project else (packed, plane)
        return n * rate(lambda k: measure_packed(other, what, crs, settings), 20)

    return [
        {"way": "engine, area only", "traces_s": engine_rate(("area",))},
        {"way": "engine, area and box", "traces_s": engine_rate(("area", "curvilinear_box"))},
        {"way": "engine, area, box, centreline, 51 flowlines", "traces_s": engine_rate(MEASURES)},
        {"way": "the same and moving fronts into the plane",
         "traces_s": engine_rate(MEASURES, project=True)},
        {"way": "shapely split, area, box, centreline, 51 flowlines",
         "traces_s": rate(lambda k: all_by_split(frame, box, flowlines, lines[k]), n)},
        {"way": "shapely split (area)", "traces_s": rate(lambda k: by_split(frame, lines[k]), n)},
        {"way": "shapely polygonize (area)",
         "traces_s": rate(lambda k: by_polygonize(frame, lines[k]), n)},
        {"way": "shapely split, area and box",
         "traces_s": rate(lambda k: (by_split(frame, lines[k]), by_split(box, lines[k])), n)},
        {"way": "GEOS reference, all measures",
         "traces_s": rate(lambda k: measure_trace(
             frame, box, lines[k], MEASURES, settings, bundle=engine.bundle), few)},
        {"way": "TermPicks-like", "traces_s": rate(lambda k: termpicks_like(frame, lines[k]), few)},
        {"way": "AutoTerm-like",
         "traces_s": rate(lambda k: autoterm_like(lines[k], lines[(k + 1) % n]), n)},
    ]  # fmt: skip
