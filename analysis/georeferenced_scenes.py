"""Georeferenced scenes of Helheim and Jakobshavn against a published line.

Reads ``images/georeferenced`` under TERMINI_DATA (Zhang et al. 2021): Landsat 8,
Landsat 7 with gaps, Sentinel-1, TerraSAR-X and Envisat, in longitude and latitude.
Domains are made from the fjord polygons beside them and written to
``domains.parquet``, so that ``termini extract`` can be run on the same scenes.

The published lines are another network's output, not hand labels, and go on along
the fjord's sides. They are compared over the stretch that both lines cover.

The calving of Helheim between 2 and 6 June 2018 is measured within the strip along the
centreline (``curvilinear_box``), once on the lines found and once on the published ones. Flags
are left aside for it, and said.

    python analysis/georeferenced_scenes.py --out out/georeferenced --json scores.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import substring

from termini.domain import GlacierDomain, write_domains
from termini.errors import TerminiError
from termini.files import data_root, write_text, written_whole
from termini.fronts import Extracted, evaluate, extract_front, read_source
from termini.fronttable import front_table, write_fronts
from termini.geo import ARCTIC, LONLAT, local_plane, reproject, to_plane, true_area
from termini.geometry import domain_from_walls
from termini.scenes import normalise, read_scene
from termini.segment import NETWORK_PIXEL, Views, load_network
from termini.series import observe

#: Polygon, and the direction in which the ice flows at the front, degrees
#: clockwise from true north, read off the scenes.
GLACIERS = {
    "zhang:helheim": ("Helheim", "in_polygon_Helheim_ENVISAT.gmt", 100.0),
    "zhang:jakobshavn": ("Jakobshavn", "JI_cut_polygon.gmt", 265.0),
    "zhang:kangerlussuaq": ("Kangerlussuaq", "in_polygon_Kanger.gmt", 135.0),
}

#: Stem of the scene to glacier. The four GeoTIFF scenes come first.
SCENES = {
    "20151020_232013_crop_landsat_Helheim.tif": "zhang:helheim",
    "20151020_232013_crop_landsat_Helheim_stretch.tif": "zhang:helheim",
    "20160302_009011_crop_landsat_stretch.tif": "zhang:jakobshavn",
    "20180602_hh_GEE_sentinel_GRD_IW_helheim_stretch.tif": "zhang:helheim",
    "20180606_hh_GEE_sentinel_GRD_IW_helheim_stretch.tif": "zhang:helheim",
    "20130820_231014_crop_landsat_Helheim_stretch.grd": "zhang:helheim",
    "20140404_003_TSX_Helheim_stretch.grd": "zhang:helheim",
    "20040216_ENVISAT_stretch.grd": "zhang:helheim",
    "20130724_JI_Landsat7-slc.grd": "zhang:jakobshavn",
    "20150130_hh_GEE_sentinel_GRD_IW_kanger_stretch.grd": "zhang:kangerlussuaq",
}

#: Before and after a calving.
CALVING = (
    "20180602_hh_GEE_sentinel_GRD_IW_helheim_stretch.tif",
    "20180606_hh_GEE_sentinel_GRD_IW_helheim_stretch.tif",
)


def read_gmt(path: Path) -> np.ndarray:
    """Vertices of a .gmt file of one line, moved from longitude and latitude."""
    return shapely.get_coordinates(reproject(LineString(np.loadtxt(path)), LONLAT, ARCTIC))


def domain_of(glacier_id: str, folder: Path) -> GlacierDomain:
    """Domain from a fjord polygon and the direction of flow.

    The four corners are where the polygon reaches farthest towards the four
    diagonals of the flow direction; they part gate, walls and mouth.
    """
    name, file, bearing = GLACIERS[glacier_id]
    ring = read_gmt(folder / file)
    ring = ring[:-1] if np.allclose(ring[0], ring[-1]) else ring
    middle = Polygon(ring).centroid
    lonlat = reproject(middle, ARCTIC, LONLAT)
    turn = np.deg2rad(bearing)
    ahead = Point(
        lonlat.x + 1e-3 * np.sin(turn) / np.cos(np.deg2rad(lonlat.y)),
        lonlat.y + 1e-3 * np.cos(turn),
    )
    down = np.subtract(reproject(ahead, LONLAT, ARCTIC).coords[0], middle.coords[0])
    down /= np.hypot(*down)
    along, right = ring @ down, ring @ np.array([down[1], -down[0]])
    along, right = (v - (v.min() + v.max()) / 2 for v in (along, right))
    along, right = along / np.ptp(along), right / np.ptp(right)
    corner = {(a, r): int(np.argmax(a * along + r * right)) for a in (-1, 1) for r in (-1, 1)}
    left = part_of_ring(ring, corner[-1, -1], corner[1, -1], avoid=corner[-1, 1])
    other = part_of_ring(ring, corner[-1, 1], corner[1, 1], avoid=corner[-1, -1])
    return domain_from_walls(glacier_id, name, left, other, [], crs=ARCTIC, margin=0.0)


def part_of_ring(ring: np.ndarray, start: int, end: int, avoid: int) -> np.ndarray:
    """Vertices of a ring from one to another, the way round that avoids a third."""
    for step in (1, -1):
        way = [start]
        while way[-1] != end:
            way.append((way[-1] + step) % len(ring))
        if avoid not in way:
            return ring[way]
    raise AssertionError("corners of a ring are distinct")


def reference_of(path: Path, glacier_id: str, date: pd.Timestamp) -> tuple[LineString | None, str]:
    """Published line beside a scene, else that of the nearest day in another dataset."""
    beside = path.with_suffix(".gmt")
    if beside.exists():
        return LineString(read_gmt(beside)), "line beside the scene"
    if glacier_id != "zhang:jakobshavn":
        return None, ""
    fronts = read_source("jakobshavn", data_root() / "jakobshavn")
    nearest = (fronts["date"] - date).abs().idxmin()
    days = abs((fronts.loc[nearest, "date"] - date).days)
    line = fronts.geometry[nearest]
    line = max(line.geoms, key=lambda part: part.length) if hasattr(line, "geoms") else line
    return line, f"Picton et al. 2025, {fronts.loc[nearest, 'date']:%Y-%m-%d} ({days} d apart)"


def common_stretch(line: LineString, reference: LineString) -> LineString:
    """Part of the reference between the feet of the line's two ends."""
    ends = sorted(reference.project(Point(line.coords[i])) for i in (0, -1))
    return substring(reference, *ends)


def compare(found: Extracted, reference: LineString, domain: GlacierDomain) -> dict[str, float]:
    """Every measure, in the glacier's equal-area plane."""
    plane = local_plane(domain.fjord, ARCTIC)
    line = to_plane(found.line, ARCTIC, plane)
    other = common_stretch(line, to_plane(reference, ARCTIC, plane))
    row = evaluate({"scene": (line, other)}, spacing=30.0).images.iloc[0].to_dict()
    # an end that lies on the wall may stand out by a pixel
    inside = found.line.intersection(domain.fjord.buffer(NETWORK_PIXEL)).length / found.line.length
    return {
        "share_in_fjord": inside,
        "length": line.length,
        "reference_length": other.length,
        **row,
    }


def calving(
    results: dict[str, tuple[Extracted, LineString | None, GlacierDomain]],
) -> dict[str, object]:
    """Change of Helheim's front from 2 to 6 June 2018, found and published, with 95 % intervals."""
    pair = [results[name] for name in CALVING if name in results]
    if len(pair) < 2:
        return {}
    domain = pair[0][2]
    told: dict[str, object] = {
        "days": (pair[1][0].row["date"] - pair[0][0].row["date"]).days,
        "flagged": [part.path.reasons for part, _, _ in pair],
    }
    for what in ("found", "published"):
        rows = [
            part.row | {"quality": 0, "geometry": part.line if what == "found" else reference}
            for part, reference, _ in pair
        ]
        observed, _ = observe(front_table(rows), {domain.glacier_id: domain}, ["curvilinear_box"])
        first, last = observed.sort_values("date").to_dict("records")
        change = last["length_change"] - first["length_change"]
        error = np.hypot(first["length_change_se"], last["length_change_se"])
        told[what] = {
            "change": change, "lower": change - 1.96 * error, "upper": change + 1.96 * error,
            "area": last["area_change"] - first["area_change"],
        }  # fmt: skip
    return told


def draw(
    results: dict[str, tuple[Extracted, LineString | None, GlacierDomain]], path: Path
) -> None:
    columns = 3
    rows = -(-len(results) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(18, 7 * rows), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, (stem, (found, reference, domain)) in zip(axes.flat, results.items(), strict=False):
        image = normalise(found.scene)
        axis.imshow(np.where(found.scene.valid, image, np.nan), cmap="gray")
        there = ~found.scene.transform
        for geometry, colour, width in (
            (domain.fjord.exterior, "tab:cyan", 0.7),
            (domain.gate, "tab:blue", 1.5),
            (reference, "tab:orange", 1.2),
            (found.line, "tab:red", 1.2),
        ):
            if geometry is not None:
                x, y = there @ tuple(shapely.get_coordinates(geometry).T)
                axis.plot(x - 0.5, y - 0.5, color=colour, lw=width)
        axis.set_xlim(0, image.shape[1])
        axis.set_ylim(image.shape[0], 0)
        doubt = f" ? {found.path.reasons[0]}" if found.path.reasons else ""
        title = f"{stem[:40]}\n{found.path.confidence:.2f} ±{found.row['sigma_m']:.0f} m{doubt}"
        axis.set_title(title, fontsize=8)
    figure.tight_layout()
    with written_whole(path) as temporary:
        figure.savefig(temporary, dpi=70)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/georeferenced"))
    parser.add_argument("--json", type=Path, help="write all figures here as well")
    parser.add_argument("--weights", type=Path, help="other weights than the shipped ones")
    parser.add_argument("--refine", choices=["native", "off"], default="native")
    arguments = parser.parse_args()
    folder = data_root() / "images" / "georeferenced"
    out: Path = arguments.out
    network = load_network(arguments.weights)
    domains = {glacier_id: domain_of(glacier_id, folder) for glacier_id in GLACIERS}
    write_domains(domains.values(), out / "domains.parquet")
    for domain in domains.values():
        area = true_area(domain.fjord, ARCTIC) / 1e6
        print(f"{domain.glacier_id}: {area:.0f} km2, {domain.reference_width / 1e3:.1f} km wide")

    results: dict[str, tuple[Extracted, LineString | None, GlacierDomain]] = {}
    table: dict[str, dict[str, object]] = {}
    for name, glacier_id in SCENES.items():
        domain = domains[glacier_id]
        try:
            scene = read_scene(folder / name, domain=domain)
            found = extract_front(
                scene, domain, network, views=Views(flips=True), refine=arguments.refine
            )
        except TerminiError as error:
            print(f"{name}: {error}")
            table[name] = {"failed": str(error)}
            continue
        reference, what = reference_of(folder / name, glacier_id, scene.date)
        results[name] = (found, reference, domain)
        table[name] = {
            "sensor": scene.sensor, "confidence": found.path.confidence,
            "sigma_m": found.row["sigma_m"], "doubt": "; ".join(found.path.reasons),
            "reference": what,
        }  # fmt: skip
        if reference is not None:
            table[name] |= compare(found, reference, domain)
    fronts = front_table([found.row for found, _, _ in results.values()])
    write_fronts(fronts, out / "fronts.parquet")
    draw(results, out / "georeferenced.png")
    change = calving(results)
    print("2 to 6 June 2018:", json.dumps(change, default=str))
    frame = pd.DataFrame.from_dict(table, orient="index")
    with written_whole(out / "georeferenced.csv") as temporary:
        frame.round(3).to_csv(temporary)
    shown = ["sensor", "confidence", "sigma_m", "share_in_fjord", "nearest_mean", "nearest_median",
             "area_over_length", "hausdorff", "reference"]  # fmt: skip
    print(frame[shown].round(2).to_string())
    if arguments.json:
        content = {
            "weights": network.path,
            "refine": arguments.refine,
            "scenes": frame.round(3).to_dict("index"),
            "calving": change,
        }
        write_text(arguments.json, json.dumps(content, indent=2, default=str) + "\n")


if __name__ == "__main__":
    main()
