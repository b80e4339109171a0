"""Direction of flow from a gridded bed, surface or mask, against directions that are known.

    python benchmarks/domains_ground.py [--json PATH] [--seeds 1 7]

Simulated: the domain of each glacier is made anew of the outline of its fjord and of
fronts of one year, which say nothing of the direction; the ground is a grid in the layout
of BedMachine of the glacier's own bed. Three grids: the bed within the fjord only; the
same with the sea joined to its mouth and land around (what a chart shows); the same
with the surface of ice behind the first front. Real: ice of the drainage basins (150 m, the
grid of BedMachine) as mask, at the glaciers of the published datasets, and what is made of
closed outlines or of fronts alone with it and without; surface along the centreline of
Daugaard-Jensen (ArcticDEM) and bed along that of Jakobshavn (BedMachine v5), each as a
strip; and how often bed and surface rise inland at all (catchments).
Needs the published datasets under TERMINI_DATA for what is real.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from scipy.io import loadmat
from scipy.spatial import cKDTree
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
OUTLINES = {
    "jakobshavn": "jakobshavn_isbrae",
    "harald_moltke": "harald_moltke_brae",
    "daugaard_jensen": "daugaard_jensen",
}
SAID = ("right", "wrong", "unclear")
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
            row[name] = outcome(domain, mine, file, shapely.Polygon(domain.fjord.exterior))
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
        shapely.distance(where, line) for line in (domain.gate, domain.left_wall, domain.right_wall)
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


def outcome(
    domain: GlacierDomain,
    fronts: gpd.GeoDataFrame,
    file: GroundFile | None,
    box: shapely.Geometry | None,
) -> str:
    """Whether a domain made anew flows as the known one: right, wrong, refused."""
    try:
        made = domain_from(domain.glacier_id, "", fronts, domain.crs, box=box, ground=file)
    except DomainError:
        return "refused"
    fronts = fronts[fronts.geometry.notna() & ~fronts.geometry.is_empty]
    middle = middle_of(fronts)
    cosine = direction_at(made.centreline, middle) @ direction_at(domain.centreline, middle)
    return f"{'right' if cosine > 0 else 'wrong'} ({made.direction_from})"


def real_mask(folder: Path) -> GroundFile:
    """Ice of the drainage basins of the ice sheet as a mask; all else is taken for ocean."""
    held = loadmat(root() / "glacier_tables/drainagebasins.mat")
    ice = np.where(np.isfinite(held["drainagebasins"]), 2, 0).astype(np.int8)
    x, y = (held[name].ravel().astype(float) for name in "xy")
    return GroundFile(write_grid(folder / "mask.nc", x, y, mask=ice))


def with_and_without(file: GroundFile) -> list[dict[str, object]]:
    """Domains of fronts alone, and of closed outlines, without and with a mask."""
    rows = []
    for name in KNOWN:
        fronts = read_source(name)
        known = domains_for_source(name, None, fronts)
        outline = None
        if name in OUTLINES:
            table = gpd.read_file(root() / f"glacier_domains/{OUTLINES[name]}.shp")
            outline = shapely.force_2d(table.to_crs("EPSG:3413").geometry.iloc[0])
        for what, box in {"fronts alone": None, "outline": outline}.items():
            if what == "outline" and box is None:
                continue
            row: dict[str, object] = {"set": name, "from": what, "glaciers": len(known)}
            for how, ground in {"without": None, "with": file}.items():
                found = []
                for glacier_id, domain in known.items():
                    mine = fronts[fronts["glacier_id"] == glacier_id].to_crs(domain.crs)
                    found.append(outcome(domain, mine, ground, box)[:5])
                row |= {f"{how}: {said}": found.count(said) for said in ("right", "wrong")}
            rows.append(row)
    return rows


def real_masks(file: GroundFile) -> list[dict[str, object]]:
    """What the ice of the drainage basins says of published boxes and centrelines."""
    rows = []
    for name in KNOWN:
        fronts = read_source(name)
        found = []
        for glacier_id, domain in domains_for_source(name, None, fronts).items():
            mine = fronts[(fronts["glacier_id"] == glacier_id) & fronts.geometry.notna()]
            mine = mine[~mine.geometry.is_empty].to_crs(domain.crs)
            found.append(vote_on(domain.centreline, mine, file, domain.crs))
        rows.append({"set": name, **{what: found.count(what) for what in SAID}})
    return rows


def vote_on(way: LineString, fronts: gpd.GeoDataFrame, file: GroundFile, crs: str) -> str:
    """Right, wrong or unclear, of a line that is known to run down-glacier."""
    vote = ground_vote(way, middle_of(fronts), width_of(fronts), file, crs).vote
    return "unclear" if vote == 0 else "right" if vote > 0 else "wrong"


def real_strips(folder: Path) -> dict[str, str]:
    """Surface of Daugaard-Jensen and bed of Jakobshavn, known along the centreline only."""
    found = {}
    with xr.open_dataset(
        root() / "central_east/elevation/elevation_arcticdem.nc", decode_times=False
    ) as data:
        line = data.isel(glacier=0)
        xy, height = np.column_stack([line.x, line.y]), line["mosaic"].to_numpy()
    found["surface, Daugaard-Jensen"] = strip(
        folder, "daugaard_jensen", "king:DJ", "surface", xy, height
    )
    profile = pd.read_csv(root() / "jakobshavn/forcing/BedMachine_v5.csv", encoding="utf-8-sig")
    way = gpd.read_file(root() / "jakobshavn/jakobshavn_centreline.shp").geometry.iloc[0]
    at = shapely.line_interpolate_point(way, profile["Distance"].to_numpy())
    depth = profile["BedMachineGreenland-v5_bed"].to_numpy()
    found["bed, Jakobshavn"] = strip(
        folder, "jakobshavn", "measures:3", "bed", shapely.get_coordinates(at), depth
    )
    return found


def strip(
    folder: Path, source: str, glacier_id: str, what: str, xy: np.ndarray, values: np.ndarray
) -> str:
    """Vote on the known centreline of a grid that is known near a profile only."""
    fronts = read_source(source)
    domain = domains_for_source(source, None, fronts)[glacier_id]
    low, high = xy.min(axis=0) - ROOM, xy.max(axis=0) + ROOM
    x, y = np.arange(low[0], high[0], CELL), np.arange(high[1], low[1], -CELL)
    cells = np.column_stack([v.ravel() for v in np.meshgrid(x, y)])
    distance, nearest = cKDTree(xy).query(cells)
    grid = np.where(distance < 5e3, values[nearest], -9999.0).reshape(len(y), len(x))
    file = GroundFile(write_grid(folder / "strip.nc", x, y, **{what: grid.astype(np.float32)}))
    return vote_on(domain.centreline, fronts[fronts.geometry.notna()], file, domain.crs)


def slopes() -> dict[str, int]:
    """Catchments whose bed and whose surface rise inland within 5 km of the front."""
    held = loadmat(root() / "catchments/catchment_bed_slopes.mat")
    bed, surface = held["bed_slope"].ravel(), held["sfz_slope"].ravel()
    known = np.isfinite(bed) & np.isfinite(surface)
    return {
        "catchments": int(known.sum()),
        "surface_rises_inland": int((surface[known] < 0).sum()),
        "bed_rises_inland": int((bed[known] < 0).sum()),
    }


def root() -> Path:
    """Folder of the published data."""
    found = data_root()
    assert found is not None, "set TERMINI_DATA"
    return found


def main() -> None:
    """Print all, and write it where --json says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 7])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = pd.DataFrame([row for seed in options.seeds for row in simulated(seed, folder)])
        counts = {what: made[what].value_counts().to_dict() for what in made.columns[2:]}
        found = {"simulated": counts, "glaciers": len(made)}
        if data_root() is not None:
            mask = real_mask(folder)
            found |= {"masks": real_masks(mask), "strips": real_strips(folder)}
            found["with_and_without"] = with_and_without(mask)
            found["slopes"] = slopes()
    text = json.dumps(found, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text)


if __name__ == "__main__":
    main()
