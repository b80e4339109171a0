"""Made-up glaciers for the tests: a straight or bent fjord and fronts in it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain
from termini.fronttable import front_table

X0, Y0 = -300_000.0, -1_800_000.0


def turned(points, degrees: float, origin=(X0, Y0)) -> np.ndarray:
    """Points turned about the origin and moved to a place in Greenland."""
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(points, dtype=float) @ matrix.T + origin


def fronts_at(
    positions,
    *,
    width=4000.0,
    degrees=0.0,
    start="1985-07-01",
    step_days=365,
    overshoot=200.0,
    glacier_id="test:1",
    origin=(X0, Y0),
) -> gpd.GeoDataFrame:
    """Straight fronts across a fjord along y, drawn in alternating directions."""
    dates = pd.date_range(start, periods=len(positions), freq=f"{step_days}D")
    lines = []
    for k, y in enumerate(positions):
        x = np.linspace(-overshoot, width + overshoot, 40)
        points = turned(np.column_stack([x, np.full(40, y)]), degrees, origin)
        lines.append(LineString(points if k % 2 else points[::-1]))
    rows = gpd.GeoDataFrame(
        {"glacier_id": glacier_id, "date": dates, "sensor": "Landsat-8"},
        geometry=lines,
        crs="EPSG:3413",
    )
    return front_table(rows)


def open_box(*, width=4000.0, length=12_000.0, degrees=0.0, origin=(X0, Y0)) -> LineString:
    """Three-sided box whose open side is down-glacier (+y before turning)."""
    return LineString(turned([(0, length), (0, 0), (width, 0), (width, length)], degrees, origin))


def flowlines(*, degrees=0.0, width=4000.0, front=6000.0, origin=(X0, Y0)) -> gpd.GeoDataFrame:
    """Flowlines from the front inland, as published ones run."""
    lines = [
        LineString(turned([(x, front), (x, -30_000.0)], degrees, origin))
        for x in (0.3 * width, 0.5 * width, 0.7 * width)
    ]
    return gpd.GeoDataFrame({"file": "made up"}, geometry=lines, index=range(3), crs="EPSG:3413")


def centre_of(domain) -> np.ndarray:
    return shapely.get_coordinates(domain.fjord.centroid)[0]


def straight_domain(
    *, width=4000.0, length=12_000.0, degrees=0.0, glacier_id="test:1", origin=(X0, Y0), bend=0.0
) -> GlacierDomain:
    """Domain of constant width; `bend` turns it by so many radians over its length."""
    along = np.linspace(0, length, 121)
    angle = bend * along / length
    step = np.diff(along, prepend=0.0)
    centre = np.column_stack(
        [width / 2 - np.cumsum(step * np.sin(angle)), np.cumsum(step * np.cos(angle))]
    )
    normal = np.column_stack([-np.cos(angle), -np.sin(angle)])
    left, right, middle = (
        turned(centre + side * width / 2 * normal, degrees, origin) for side in (1, -1, 0)
    )
    return GlacierDomain(
        glacier_id=glacier_id,
        name="made up",
        fjord=Polygon(np.vstack([left[0], right, left[:0:-1]])),
        gate=LineString([left[0], right[0]]),
        left_wall=LineString(left),
        right_wall=LineString(right),
        centreline=LineString(middle),
        reference_width=width,
    )
