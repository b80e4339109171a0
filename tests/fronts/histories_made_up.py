"""Fronts of a made-up glacier over years, for the tests of screening."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from made_up_glaciers import straight_domain, turned
from shapely.geometry import LineString

from termini.fronts import RULES, apply_rules
from termini.fronttable import front_table
from termini.variables import is_rejected

WIDTH, LENGTH = 4000.0, 30_000.0
DOMAINS = {"test:1": straight_domain(width=WIDTH, length=LENGTH)}


def lopsided(y, width=WIDTH, degrees=0.0):
    """A front that reaches farther on its left side, so that its mirror image differs."""
    share = np.linspace(0, 1, 81)
    bow = -600 * 4 * share * (1 - share) + 700 * np.exp(-(((share - 0.25) / 0.1) ** 2))
    return LineString(turned(np.column_stack([share * width, y + bow]), degrees))


def history(n=80, *, step=12, noise=15.0, seed=0, y=20_000.0):
    """Positions and days of a glacier with season, trend and noise."""
    rng = np.random.default_rng(seed)
    day = np.arange(n) * step
    return day, y - 0.3 * day + 150 * np.sin(2 * np.pi * day / 365) + rng.normal(0, noise, n)


def table_of(day, lines, **columns):
    rows = pd.DataFrame(
        {
            "glacier_id": "test:1",
            "date": pd.Timestamp("2015-01-01") + pd.to_timedelta(day, unit="D"),
            "sensor": "Landsat-8",
            "method": "network",
            "sigma_m": 20.0,
            "geometry": list(lines),
        }
        | columns
    )
    return front_table(rows)


def good(n=80, **changes):
    day, y = history(n, **changes)
    return table_of(day, [lopsided(at) for at in y])


def with_line(table, row, line):
    lines = table.geometry.to_numpy().copy()
    lines[row] = line
    return table.set_geometry(shapely_series(lines, table))


def shapely_series(lines, table):
    return gpd.GeoSeries(lines, index=table.index, crs=table.crs)


def rejected_rows(table):
    return np.flatnonzero(is_rejected(table["quality"])).tolist()


def run(table, *names, domains=DOMAINS):
    return apply_rules(table, domains, [RULES[name] for name in names])


def mirrored(line):
    xy = shapely.get_coordinates(line)
    return LineString(np.column_stack([2 * xy[:, 0].mean() - xy[:, 0], xy[:, 1]])[::-1])
