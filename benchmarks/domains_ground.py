"""Direction of flow from a gridded bed, surface or mask, against directions that are known.

    python benchmarks/domains_ground.py [--json PATH] [--seeds 1 7]

Simulated: the domain of each glacier is made anew of the outline of its fjord and of
fronts of one year, which say nothing of the direction; the ground is a grid in the layout
of BedMachine of the glacier's own bed. Three grids: the bed within the fjord only; the
same with the sea joined to its mouth and land around (what a chart shows); the same
with the surface of ice behind the first front. Real: ice of the drainage basins (150 m, the
grid of BedMachine) as mask, at the glaciers of the published datasets; surface along
the centreline of Daugaard-Jensen (ArcticDEM) and bed along that of Jakobshavn (BedMachine
v5), each as a strip; and how often bed and surface fall inland at all (catchments).
Needs the published datasets under TERMINI_DATA for what is real.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
import xarray as xr
from scipy.io import loadmat
from shapely.geometry import LineString
from shapely.ops import split

from termini.domain import GlacierDomain
from termini.errors import DomainError
from termini.files import data_root
from termini.fronts import read_source
from termini.geometry import GroundFile, domain_from, domains_for_source
from termini.geometry.decide import direction_at
from termini.geometry.direction import middle_of, width_of
from termini.geometry.ground_direction import ground_vote
from termini.issm.bed import bed_from_profile
from termini.simulate import SimulatedGlacier, acquisitions, simulate_region, truth_fronts

CELL, ROOM = 300.0, 31e3
KNOWN = ("nw_greenland", "jakobshavn", "harald_moltke", "daugaard_jensen")


def write_grid(path: Path, x: np.ndarray, y: np.ndarray, **grids: np.ndarray) -> Path:
    """NetCDF with the names and attributes of BedMachine."""
    data = xr.Dataset(
        {name: (("y", "x"), grid) for name, grid in grids.items()}, {"y": y, "x": x},
        attrs={"proj4": "+init=epsg:3413", "no_data": -9999.0},
    )  # fmt: skip
    for name in set(grids) - {"mask"}:
        data[name].attrs["units"] = "meters"
    data.to_netcdf(path, engine="h5netcdf")
    return path


def around(domain: GlacierDomain) -> tuple[np.ndarray, np.ndarray]:
    """Centres of the cells of a grid around a fjord."""
    west, south, east, north = domain.fjord.bounds
    return np.arange(west - ROOM, east + ROOM, CELL), np.arange(north + ROOM, south - ROOM, -CELL)


def simulated(seed: int, folder: Path) -> list[dict[str, object]]:
    """What each kind of grid says of each glacier of a region."""
    region = simulate_region(seed, 18)
    fronts = truth_fronts(region, acquisitions(region))
    rows = []
    for glacier in region.glaciers:
        domain = glacier.domain
        mine = fronts[fronts["glacier_id"] == domain.glacier_id].sort_values("date")
        mine = mine[mine["date"] < mine["date"].iloc[0] + pd.Timedelta(days=365)]
        x, y = around(domain)
        row: dict[str, object] = {"seed": seed, "glacier": domain.glacier_id}
        for name, held in grids_of(glacier, mine.geometry.iloc[0], x, y).items():
            file = GroundFile(write_grid(folder / "grid.nc", x, y, **held))
            row[name] = outcome(domain, mine, file)
        rows.append(row)
    return rows


def grids_of(
    glacier: SimulatedGlacier, front: LineString, x: np.ndarray, y: np.ndarray
) -> dict[str, dict[str, np.ndarray]]:
    """The three grids of a glacier: variable names to arrays."""
    domain = glacier.domain
    points = np.column_stack([v.ravel() for v in np.meshgrid(x, y)])
    fjord = shapely.contains_xy(domain.fjord, *points.T)
    bed = np.full(len(points), np.nan)
    bed[fjord] = bed_from_profile(*points[fjord].T, domain, glacier.bed)
    mouth = np.array([domain.left_wall.coords[-1], domain.right_wall.coords[-1]]).mean(axis=0)
    sea = (points - mouth) @ direction_at(domain.centreline, mouth) > -CELL
    charted = np.where(fjord, bed, np.where(sea, -200.0, 300.0))
    # ice behind the front, and where it enters by the gate: what lies nearest to that
    xy = shapely.get_coordinates(front)
    drawn_out = LineString(np.vstack([2 * xy[0] - xy[3], xy, 2 * xy[-1] - xy[-4]]))
    behind = shapely.union_all(
        [
            part
            for part in shapely.get_parts(split(domain.fjord, drawn_out))
            if part.distance(domain.gate.interpolate(0.5, normalized=True)) < 1.0
        ]
    )
    where = shapely.points(points)
    to_gate, left, right = (
        shapely.distance(where, line)
        for line in (domain.gate, domain.left_wall, domain.right_wall)
    )
    inland = ~fjord & ~sea & (to_gate < np.minimum(left, right))
    ice = shapely.contains_xy(behind, *points.T) | inland
    rise = 50.0 + 0.015 * shapely.distance(where, front)
    surface = np.where(ice, np.maximum(rise, charted), np.maximum(charted, 0.0))
    held = {
        "bed in the fjord": {"bed": bed},
        "bed, land and sea": {"bed": charted},
        "bed and surface": {"bed": charted, "surface": surface},
    }
    return {
        name: {
            what: np.nan_to_num(grid, nan=-9999.0).reshape(len(y), len(x)).astype(np.float32)
            for what, grid in grids.items()
        }
        for name, grids in held.items()
    }


def outcome(domain: GlacierDomain, fronts, file: GroundFile) -> str:
    """Whether a domain made of the outline flows as the known one: right, wrong, refused."""
    outline = shapely.Polygon(domain.fjord.exterior)
    try:
        made = domain_from(domain.glacier_id, "", fronts, domain.crs, box=outline, ground=file)
    except DomainError:
        return "refused"
    middle = middle_of(fronts)
    cosine = direction_at(made.centreline, middle) @ direction_at(domain.centreline, middle)
    return f"{'right' if cosine > 0 else 'wrong'} ({made.direction_from})"
