"""Whether areas are right: against plain shapely, on real and on simulated fronts.

    python benchmarks/series_truth.py [--seeds 11 12] [--glaciers 18] [--json PATH]

Each front is measured twice in the equal-area plane of its glacier: by the engine,
through the public `observe`, and by shapely alone, without anything of
`termini.series`: the fjord is split by the front, ends short of a wall joined straight to
it, and the piece that touches the upstream gate is taken. Real: the 159 lines of Harald
Moltke Brae (Loebel et al. 2024); simulated: true fronts of whole regions, by month.

Compared is the area upstream of a front less that of the glacier's median front. Columns:

- split: the piece at the gate, points moved into the plane by PROJ. The engine counts the
  same piece only (`ObservationSettings.gate_only`);
- same points: the same of the very points that the engine measures, in its frame;
- exact points: the same of points moved by the formulas of Snyder (1987) in 80-bit numbers;
- PROJ, exact: PROJ's points from those, without the engine: what PROJ's own rounding and
  series leave in areas, and so in every other column that uses it;
- walls outward: the fjord made wider by 3 km on both sides before it is split, and the
  piece at the gate cut to the fjord (where walls are nearly straight). The engine counts
  as it does by default.

A front that leaves the fjord through a wall and comes back cuts off a piece between itself
and that wall, which does not touch the gate although it lies up-glacier of the front. By
default the engine counts it: with walls moved outward the piece is part of that at the
gate. With `gate_only` it does not, as splitting the fjord gives it.
Such fronts stand in a row of their own.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import nearest_points, split

from termini.domain import GlacierDomain
from termini.files import data_root, write_text
from termini.fronts import read_source
from termini.geo import to_plane
from termini.geometry import domains_for_source
from termini.series import ObservationSettings, observe
from termini.series.engine import engine_of, measure_packed
from termini.series.engine_plane import pack
from termini.series.kernels_lay import HARD
from termini.series.kernels_trace import STATUS
from termini.simulate import simulate_region, truth_fronts

# As everywhere in termini, edges are straight in the projection in which they were drawn.
EDGE_M = 2000.0
OUTWARD_M = 3000.0
# An end this near to its wall lies on it but for rounding.
TOUCH_M = 1e-3
SETTINGS = ObservationSettings(fill_missing=False)
AT_GATE = replace(SETTINGS, gate_only=True)
WAYS = ["split", "same points", "exact points", "PROJ, exact", "walls outward"]
AXIS_M, FLATTENING = 6378137.0, 1 / 298.257223563


def mover(domain: GlacierDomain) -> Any:
    """From the projection of a domain to an equal-area plane, by PROJ."""
    lonlat = pyproj.Transformer.from_crs(domain.crs, "EPSG:4326", always_xy=True)
    west, south, east, north = domain.fjord.bounds
    lon, lat = lonlat.transform((west + east) / 2, (south + north) / 2)
    plane = f"+proj=laea +lat_0={lat:.2f} +lon_0={lon:.2f} +datum=WGS84 +units=m +no_defs"
    move = pyproj.Transformer.from_crs(domain.crs, plane, always_xy=True)
    return lambda shape: shapely.transform(
        shapely.segmentize(shape, EDGE_M),
        lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])),
    )


def gate_piece(
    fjord: Polygon, gate: LineString, left: LineString, right: LineString, front: LineString
) -> tuple[Polygon, int]:
    """Piece of a fjord at its gate, and into how many pieces a front splits it.

    Ends in the fjord are joined to the nearest point of their wall, and a little beyond
    it, so that the split goes through.
    """
    xy = np.asarray(front.coords)
    first, last = Point(xy[0]), Point(xy[-1])
    if first.distance(left) + last.distance(right) > last.distance(left) + first.distance(right):
        xy = xy[::-1]
    joined = [_beyond(xy[1], xy[0], left, fjord), xy, _beyond(xy[-2], xy[-1], right, fjord)]
    line = LineString(np.vstack(joined))
    if line.is_simple:
        pieces = list(split(fjord, line).geoms)
    else:
        edges = shapely.union_all([line, fjord.boundary])
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
        pieces = [face for face in faces if fjord.contains(face.representative_point())]
    touching = [piece.intersection(gate).length for piece in pieces]
    at_gate = pieces[int(np.argmax(touching))]
    return at_gate, len(pieces)


def _beyond(before: Any, end: Any, wall: LineString, fjord: Polygon) -> Any:
    """Joint from an end of a front to its wall and 1 m past it; nothing if it lies outside."""
    point = Point(end)
    distance = point.distance(wall)
    if distance > TOUCH_M and not fjord.contains(point):
        return np.empty((0, 2))
    on = np.asarray(nearest_points(point, wall)[1].coords)[0]
    step = on - end if distance > TOUCH_M else end - before
    return (on + step / np.hypot(*step))[None]


def outward(gate: LineString, left: LineString, right: LineString) -> tuple[Any, ...]:
    """Fjord, gate and walls with the walls moved outward."""
    ends = [np.asarray(wall.coords)[[0, -1]] for wall in (left, right)]
    flow = (ends[0] + ends[1])[1] - (ends[0] + ends[1])[0]
    side = OUTWARD_M * np.array([-flow[1], flow[0]]) / np.hypot(*flow)
    walls = [
        shapely.transform(wall, lambda xy, by=by: xy + by)
        for wall, by in ((left, side), (right, -side))
    ]
    rim = [np.asarray(wall.coords) for wall in walls]
    across = np.vstack([rim[0][:1], np.asarray(gate.coords), rim[1][:1]])
    return Polygon(np.vstack([across, rim[1], rim[0][::-1]])), LineString(across), *walls


def exactly(xy: NDArray[np.float64], plane: str) -> NDArray[np.float64]:
    """Points of EPSG:3413 in a Lambert azimuthal equal-area plane, to 80-bit rounding.

    Snyder (1987): polar stereographic 15-9, 7-9, 20-16 to 20-18; equal-area 3-12, 24-2,
    24-14 and 24-17 to 24-20.
    """
    big = np.longdouble
    e = np.sqrt(big(FLATTENING) * (2 - big(FLATTENING)))
    right = np.arctan(big(1)) * 2

    def conformal(phi: Any) -> Any:
        s = e * np.sin(phi)
        return np.tan(right / 2 - phi / 2) / ((1 - s) / (1 + s)) ** (e / 2)

    def authalic(phi: Any) -> Any:
        s = np.sin(phi)
        return (1 - e**2) * (
            s / (1 - (e * s) ** 2) - np.log((1 - e * s) / (1 + e * s)) / (2 * e)
        )  # fmt: skip

    def parallel(phi: Any) -> Any:
        return np.cos(phi) / np.sqrt(1 - (e * np.sin(phi)) ** 2)

    x, y = np.asarray(xy, dtype=big).T
    true = 70 * right / 90
    t = np.hypot(x, y) * conformal(true) / (AXIS_M * parallel(true))
    phi = right - 2 * np.arctan(t)
    for _ in range(30):
        s = e * np.sin(phi)
        phi = right - 2 * np.arctan(t * ((1 - s) / (1 + s)) ** (e / 2))
    found = dict(part.lstrip("+").split("=") for part in plane.split() if "=" in part)
    phi1, lon0 = (big(found[name]) * right / 90 for name in ("lat_0", "lon_0"))
    turn = -45 * right / 90 + np.arctan2(x, -y) - lon0
    qp = authalic(right)
    beta, beta1 = np.arcsin(authalic(phi) / qp), np.arcsin(authalic(phi1) / qp)
    radius = AXIS_M * np.sqrt(qp / 2)
    d = AXIS_M * parallel(phi1) / (radius * np.cos(beta1))
    b = radius * np.sqrt(
        2 / (1 + np.sin(beta1) * np.sin(beta) + np.cos(beta1) * np.cos(beta) * np.cos(turn))
    )
    north = np.cos(beta1) * np.sin(beta) - np.sin(beta1) * np.cos(beta) * np.cos(turn)
    return np.column_stack([b * d * np.cos(beta) * np.sin(turn), b / d * north]).astype(float)


def compared(
    fronts: gpd.GeoDataFrame, domains: Mapping[str, GlacierDomain], *, wide: bool = False
) -> pd.DataFrame:
    """Area change of each front by the engine and by shapely, square metres."""
    table, _ = observe(fronts, domains, ("area",), settings=SETTINGS)
    gate, _ = observe(fronts, domains, ("area",), settings=AT_GATE)
    shapes = fronts.set_index("trace_id").geometry
    found = pd.concat(
        [
            one_glacier(domains[str(glacier_id)], shapes[mine["trace_id"]].to_numpy(), wide=wide)
            for glacier_id, mine in table.groupby("glacier_id")
        ],
        ignore_index=True,
    )
    for name in WAYS:
        if name == "PROJ, exact":
            away = found[name]
        else:
            away = found[name] - (table if name == "walls outward" else gate)["area_change"]
        found[name] = (away - away.groupby(found["glacier_id"]).transform("median")).abs()
    return found


def one_glacier(domain: GlacierDomain, lines: NDArray[np.object_], *, wide: bool) -> pd.DataFrame:
    """Areas upstream of the fronts of a glacier by shapely, square metres."""
    move = mover(domain)
    sides = [move(getattr(domain, n)) for n in ("fjord", "gate", "left_wall", "right_wall")]
    beside = outward(*sides[1:]) if wide else None
    engine = engine_of(domain, ("area",), SETTINGS)
    traces = measure_packed(engine, pack(lines), domain.crs, SETTINGS)
    frame = engine.frame
    own = (frame.fjord, LineString(frame.gate), frame.left, frame.right)
    rows = []
    for k, line in enumerate(map(move, lines)):
        cut = shapely.get_coordinates(shapely.segmentize(lines[k], EDGE_M))
        proj = np.asarray(to_plane(lines[k], domain.crs, engine.plane).coords)
        xy = traces.xy[traces.offsets[k] : traces.offsets[k + 1]] + engine.origin
        if traces.numbers[k, STATUS] == HARD:  # measured by GEOS, at PROJ's own points
            xy = proj
        piece, pieces = gate_piece(*sides, line)
        same, exact, near = (
            gate_piece(*own, LineString(points))[0].area
            for points in (xy, exactly(cut, engine.plane), proj)
        )
        far = gate_piece(*beside, line)[0].intersection(sides[0]).area if beside else np.nan
        rows.append((domain.glacier_id, piece.area, same, exact, near - exact, far, pieces))
    return pd.DataFrame(rows, columns=["glacier_id", *WAYS, "pieces"])


def summary(name: str, found: pd.DataFrame) -> list[dict[str, Any]]:
    """Greatest differences of the fronts that split their fjord in two, and of the others."""
    rows = []
    for kind, part in (
        ("not", found[found["pieces"] < 2]),
        ("in two", found[found["pieces"] == 2]),
        ("in more", found[found["pieces"] > 2]),
    ):
        if len(part):
            row: dict[str, Any] = {"fronts": name, "split the fjord": kind, "number": len(part)}
            rows.append(row | {way: float(part[way].max()) for way in WAYS})
    return rows


def main() -> None:
    """Compare, print the table and the worst, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="*", default=[11, 12])
    parser.add_argument("--glaciers", type=int, default=18)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    if data_root(required=False) is not None:
        fronts = read_source("harald_moltke")
        domains = domains_for_source("harald_moltke", None, fronts)
        found = compared(fronts, domains, wide=True)
        rows += summary("Harald Moltke Brae", found)
        print(f"Harald Moltke Brae: {len(found)} of {len(fronts)} lines measured")
    else:
        print("TERMINI_DATA: not found, the real lines are left out")
    for seed in options.seeds:
        region = simulate_region(seed, options.glaciers)
        days = pd.date_range(region.start, region.end, freq="30D")
        truth = truth_fronts(region, {g.glacier_id: days for g in region.glaciers})
        known = {g.glacier_id: g.domain for g in region.glaciers}
        rows += summary(f"simulated, seed {seed}", compared(truth, known))
    print("greatest difference from the engine, m2")
    with pd.option_context("display.float_format", "{:.1e}".format):
        print(pd.DataFrame(rows).to_string(index=False))
    if options.json:
        write_text(options.json, json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
