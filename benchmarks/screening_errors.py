"""Planted errors for the benchmark of screening: spoilt fronts, and calving events."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import affinity
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain
from termini.fronttable import front_table
from termini.simulate import simulate_region, truth_fronts
from termini.variables import is_rejected

KINDS = ("shifted", "mirrored", "neighbour", "truncated", "cloud")


def flow(domain: GlacierDomain, line: LineString) -> np.ndarray:
    """Unit vector down-glacier where a front lies."""
    s = domain.centreline.project(line.centroid)
    a, b = (domain.centreline.interpolate(s + d) for d in (-200.0, 200.0))
    step = np.array([b.x - a.x, b.y - a.y])
    return step / np.hypot(*step)


def spoilt(
    line: LineString, kind: str, domain: GlacierDomain, other: LineString | None, rng
) -> LineString:
    """A front spoilt in one way."""
    width, down = domain.reference_width, flow(domain, line)
    across = np.array([-down[1], down[0]])
    if kind == "shifted":
        move = down * rng.choice([-1, 1]) * rng.uniform(0.15, 1.0) * width
        return affinity.translate(line, *move)
    if kind == "mirrored":
        xy = shapely.get_coordinates(line)
        away = (xy - (xy[0] + xy[-1]) / 2) @ across
        return LineString(xy - 2 * away[:, None] * across)
    if kind == "neighbour":
        if other is not None:
            return other
        move = across * rng.choice([-1, 1]) * rng.uniform(0.6, 1.2) * width
        return affinity.translate(line, *move)
    if kind == "truncated":
        keep = rng.uniform(0.2, 0.55)
        start = rng.choice([0.0, 1 - keep])
        return shapely.ops.substring(line, start, start + keep, normalized=True)
    dense = shapely.get_coordinates(shapely.segmentize(line, width / 60))
    run = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(dense, axis=0).T))])
    share, half = run / run[-1], rng.uniform(0.15, 0.3)
    middle = rng.uniform(half, 1 - half)
    hump = np.clip(1 - ((share - middle) / half) ** 2, 0, None)
    hump = hump * (1 + 0.3 * np.sin(12 * np.pi * share + rng.uniform(0, 6)))
    size = rng.choice([-1, 1]) * rng.uniform(0.2, 0.5) * width
    return LineString(dense + size * hump[:, None] * down)


def plant(fronts: gpd.GeoDataFrame, domains: dict, share: float, seed: int) -> gpd.GeoDataFrame:
    """A share of the fronts spoilt; column ``planted`` says how."""
    rng = np.random.default_rng(seed)
    good = ~is_rejected(fronts["quality"]) & fronts.geometry.geom_type.eq("LineString").to_numpy()
    table = fronts[good & fronts["date"].notna()].reset_index(drop=True).copy()
    lines = table.geometry.to_numpy().copy()
    kinds = np.full(len(table), "", dtype=object)
    chosen = np.flatnonzero(rng.random(len(table)) < share)
    kinds[chosen] = [KINDS[i % len(KINDS)] for i in range(len(chosen))]
    middle = {
        name: part.union_all().centroid for name, part in table.groupby("glacier_id").geometry
    }
    for k in chosen:
        glacier = table["glacier_id"].iloc[k]
        rest = [name for name in middle if name != glacier]
        other = None
        if rest:
            near = min(rest, key=lambda name: middle[name].distance(middle[glacier]))
            other = rng.choice(np.flatnonzero(table["glacier_id"] == near))
            other = table.geometry.iloc[other]
        lines[k] = spoilt(table.geometry.iloc[k], kinds[k], domains[glacier], other, rng)
    sound = table.geometry
    table = table.set_geometry(gpd.GeoSeries(lines, crs=fronts.crs))
    return table.assign(planted=kinds, sound=sound)


def simulated(seed: int, n: int = 12) -> tuple[gpd.GeoDataFrame, dict]:
    """True fronts of a simulated region at AutoTerm's pace of 24 a year."""
    region = simulate_region(seed, n)
    rng = np.random.default_rng(seed)
    days = pd.date_range(region.start, region.end, freq="D")
    dates = {
        g.glacier_id: days[np.sort(rng.choice(len(days), 24 * len(days) // 365, replace=False))]
        for g in region.glaciers
    }
    return truth_fronts(region, dates), dict(region.domains)


def calving(seed: int, drop: float = 5000.0, annual: bool = False) -> tuple[gpd.GeoDataFrame, dict]:
    """Made-up glaciers, each of which loses 5 km in a day and stays there or grows back.

    Ten years of 60 to 400 traces, or forty of one trace each summer.
    """
    rng = np.random.default_rng(seed)
    rows, domains = [], {}
    for g in range(40):
        x0, width, length = g * 30_000.0, rng.uniform(3e3, 9e3), 40e3
        left, right = (LineString([(x0 + d, 0), (x0 + d, length)]) for d in (0, width))
        name = f"calving:{g}"
        domains[name] = GlacierDomain(
            name, "", Polygon([*left.coords, *reversed(right.coords)]),
            LineString([left.coords[0], right.coords[0]]), left, right,
            LineString([(x0 + width / 2, 0), (x0 + width / 2, length)]), width,
        )  # fmt: skip
        day = np.sort(rng.choice(3650, rng.integers(60, 400), replace=False))
        if annual:
            day = np.sort(365 * np.arange(40) + rng.integers(0, 60, 40))
        x = 25e3 + 150 * np.sin(2 * np.pi * day / 365.25) + np.cumsum(rng.normal(0, 20, len(day)))
        event = rng.integers(300, 3300) * (4 if annual else 1)
        growth = rng.choice([0.0, 10.0, 25.0])  # metres a day
        x = x - np.where(day >= event, np.maximum(drop - growth * (day - event), 0), 0)
        share = np.linspace(0, 1, 60)
        for d, at in zip(day, x, strict=True):
            y = at - 0.1 * width * (4 * share * (1 - share)) + rng.normal(0, 15, 60)
            rows.append({
                "glacier_id": name, "date": pd.Timestamp("1980-01-01") + pd.Timedelta(days=int(d)),
                "sensor": "Landsat-8", "method": "made up", "sigma_m": 20.0,
                "date_sigma_days": float(d >= event),
                "geometry": LineString(np.column_stack([x0 + share * width, y])),
            })  # fmt: skip
    return front_table(rows), domains
