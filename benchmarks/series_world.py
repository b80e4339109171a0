"""Made-up fjords and fronts for the benchmark of the series engine."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain
from termini.fronttable import front_table

#: Shares of fronts that end short of a wall, weave across one, cross themselves once,
#: and are tangled beyond what the engine unravels.
SHORT, WEAVING, CROSSED, TANGLED = 0.10, 0.05, 0.005, 0.001


def fjord(number: int, rng: Any, walls: int = 600) -> tuple[GlacierDomain, Any, Any, float]:
    """A fjord that winds, with centreline points, their normals, and the width."""
    width, length = rng.uniform(2000, 8000), rng.uniform(15_000, 30_000)
    place = np.array([rng.uniform(-400_000, 500_000), rng.uniform(-3_000_000, -1_000_000)])
    along = np.linspace(0, length, walls)
    bend = rng.uniform(-1, 1) * along / length
    bend += rng.uniform(0.1, 0.35) * np.sin(along / length * 2 * np.pi + rng.uniform(0, 6))
    angle = rng.uniform(0, 2 * np.pi) + bend
    step = along[1]
    centre = place + np.cumsum(step * np.column_stack([np.cos(angle), np.sin(angle)]), axis=0)
    normal = np.column_stack([-np.sin(angle), np.cos(angle)])
    rough = [0.03 * width * np.convolve(rng.normal(size=walls + 20), np.ones(21) / 4.6, "valid")
             for _ in range(2)]  # fmt: skip
    left = centre + (width / 2 + rough[0])[:, None] * normal
    right = centre - (width / 2 + rough[1])[:, None] * normal
    domain = GlacierDomain(
        glacier_id=f"made:{number}", name="made up",
        fjord=Polygon(np.vstack([left[0], right, left[:0:-1]])),
        gate=LineString([left[0], right[0]]), left_wall=LineString(left),
        right_wall=LineString(right), centreline=LineString(centre[::2]), reference_width=width,
    )  # fmt: skip
    return domain, centre, normal, width


def fronts_of(
    centre: Any, normal: Any, width: float, count: int, vertices: int, rng: Any
) -> list[LineString]:
    """Fronts that move along a fjord, as a detector would trace them."""
    at = np.linspace(0.65, 0.4, count) * len(centre) + 8 * np.sin(np.arange(count) * 0.4)
    lines = []
    for k in range(count):
        share = np.linspace(1.15, -1.15, vertices)
        kind = rng.random()
        if kind < SHORT:
            share = np.linspace(*((0.7, -1.15) if kind < SHORT / 2 else (1.15, -0.8)), vertices)
        wave = 0.08 * width * np.sin(np.pi * (share + 1) / 2) + rng.normal(0, 0.003 * width)
        i = int(at[k])
        xy = centre[i] + share[:, None] * width / 2 * normal[i]
        flow = np.array([normal[i][1], -normal[i][0]])
        noise = np.convolve(rng.normal(0, 20, vertices + 4), np.ones(5) / 5, "valid")
        xy = xy + (wave + noise)[:, None] * flow
        if SHORT <= kind < SHORT + WEAVING:
            # out through the left wall and back
            n = vertices // 10
            out = 0.5 * width * (1.12 - 0.25 * np.abs(np.sin(np.linspace(0, 6, n))))
            head = centre[i] + out[:, None] * normal[i]
            head = head + np.linspace(0.12 * width, 0.02 * width, n)[:, None] * flow
            xy = np.vstack([head, xy[n:]])
        elif kind >= 1.0 - TANGLED:
            # a line that runs to and fro over itself, as along melange
            knot = rng.normal(0, 0.02 * width, (60, 2)).cumsum(axis=0)
            xy = np.vstack([xy[:50], xy[50] + knot, xy[110:]]) if vertices > 110 else xy
        elif SHORT + WEAVING <= kind < SHORT + WEAVING + CROSSED:
            # a loop, as where a detector's line runs back over itself
            s = np.linspace(-3.0, 3.0, 14)[:, None]
            loop = (30 * s - 70 * np.sin(s)) * -normal[i] + (70 * np.cos(s)) * flow
            head, tail = xy[70] - loop[0], xy[70] - loop[0] + loop[-1]
            xy = np.vstack([xy[:70], head + loop, xy[84:] + 0.2 * (tail - xy[83])])
        lines.append(LineString(xy if k % 2 else xy[::-1]))
    return lines


def world(
    glaciers: int, traces: int, vertices: int, seed: int = 1
) -> tuple[gpd.GeoDataFrame, dict[str, GlacierDomain]]:
    rng = np.random.default_rng(seed)
    domains, lines, ids = {}, [], []
    for number in range(glaciers):
        domain, centre, normal, width = fjord(number, rng)
        domains[domain.glacier_id] = domain
        lines += fronts_of(centre, normal, width, traces, vertices, rng)
        ids += [domain.glacier_id] * traces
    days = pd.Timestamp("1985-01-01") + pd.to_timedelta(
        np.tile(np.linspace(0, 14_600, traces).astype(int), glaciers), "D"
    )
    rows = gpd.GeoDataFrame(
        {"glacier_id": ids, "date": days, "sensor": "Landsat-8", "source": "made up",
         "scene_id": np.arange(len(ids)).astype(str), "method": "network"},
        geometry=lines, crs="EPSG:3413",
    )  # fmt: skip
    return front_table(rows), domains
