"""Front tables and folders of lines against their references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.fronts.evaluate import Evaluation, Pair, evaluate
from termini.fronts.evaluate_groups import season_of
from termini.fronts.label_lines import read_label
from termini.fronts.pixel_lines import read_pixel_line
from termini.fronttable import crs_text
from termini.geo import local_plane, to_plane
from termini.variables import is_rejected

#: Metres between the points at which distances of lines on a map are taken.
SPACING = 30.0


@dataclass(frozen=True)
class Compared:
    """An evaluation with what its images are.

    Parameters
    ----------
    evaluation : Evaluation
        Errors.
    tags : DataFrame
        Index as the evaluation's images; ``glacier``, ``sensor``, ``season``, ``verdict``
        and further columns to group by.
    unmatched : int
        Predicted lines that no reference belongs to; they take no part.
    """

    evaluation: Evaluation
    tags: pd.DataFrame
    unmatched: int


def evaluate_fronts(
    predicted: gpd.GeoDataFrame,
    reference: gpd.GeoDataFrame,
    domains: Mapping[str, GlacierDomain] | None = None,
    *,
    days: float = 0.5,
) -> Compared:
    """Errors of a front table against another, in each glacier's equal-area plane.

    Parameters
    ----------
    predicted, reference : GeoDataFrame
        Front tables. A reference is compared with the predicted trace of its glacier
        and scene, or, where there is none, of the nearest date; of several the one of
        least stated error.
    domains : mapping, optional
        Glacier id to domain: gives the walls and where ice is compared. Without it the
        ends of each reference are its walls.
    days : float
        Greatest distance of the dates.

    Returns
    -------
    Compared
        Images are named by the reference's ``trace_id``; references without a
        prediction count as lost, predictions without a reference are counted.

    Raises
    ------
    InputError
        If the tables share no glacier.
    """
    shared = set(predicted["glacier_id"]) & set(reference["glacier_id"])
    if not shared:
        raise InputError(
            "the two tables share no glacier: their ids may be of two namespaces; "
            "bring them to one, as with termini.catalog's crosswalk"
        )
    pairs: dict[str, Pair] = {}
    walls: dict[str, BaseGeometry] = {}
    regions: dict[str, BaseGeometry] = {}
    tags: dict[str, dict[str, object]] = {}
    used: set[int] = set()
    crs = (crs_text(predicted), crs_text(reference))
    chosen = reference[reference["glacier_id"].isin(sorted(shared))]
    for row in chosen.itertuples():
        number = _match(predicted, row, days)
        place = _Place((domains or {}).get(row.glacier_id), row.geometry, crs[1])
        line = None
        if number is not None:
            used.add(number)
            line = place.line(predicted.geometry.iloc[number], crs[0])
        pairs[row.trace_id] = (line, place.line(row.geometry, crs[1]))
        if place.domain is not None:
            walls[row.trace_id], regions[row.trace_id] = place.walls(), place.fjord()
        tags[row.trace_id] = _tags(row, None if number is None else predicted.iloc[number])
    found = evaluate(pairs, walls=walls, region=regions or None, spacing=SPACING)
    table = pd.DataFrame.from_dict(tags, orient="index")
    return Compared(found, table, len(predicted) - len(used))


def _match(predicted: gpd.GeoDataFrame, row: Any, days: float) -> int | None:
    """Number of the predicted trace that belongs to a reference."""
    same = np.flatnonzero((predicted["glacier_id"] == row.glacier_id).to_numpy())
    if same.size == 0:
        return None
    part = predicted.iloc[same]
    apart = (part["date"] - row.date).abs().dt.total_seconds().to_numpy() / 86400.0
    scene = str(row.scene_id)
    one = (part["scene_id"] == scene).to_numpy() & (scene != "")
    near = one | (apart <= days)
    if not near.any():
        return None
    sigma = part["sigma_m"].fillna(np.inf).to_numpy(dtype=float)
    order = np.lexsort((sigma, apart, ~one, ~near))
    return int(same[order[0]])


def _tags(row: Any, found: pd.Series | None) -> dict[str, object]:
    date = pd.Series([row.date])
    rejected = found is not None and bool(np.asarray(is_rejected(int(found["quality"]))))
    verdict = "lost" if found is None else "rejected" if rejected else "kept"
    return {
        "glacier": row.glacier_id,
        "date": date.iloc[0],
        "sensor": row.sensor if found is None else found["sensor"],
        "season": season_of(date).iloc[0],
        "verdict": verdict,
        "sigma_m": np.nan if found is None else float(found["sigma_m"]),
    }


class _Place:
    """A glacier's equal-area plane, turned so that the ocean lies towards smaller y."""

    def __init__(self, domain: GlacierDomain | None, line: BaseGeometry, crs: str) -> None:
        self.domain = domain
        around = line if domain is None else domain.fjord
        self.plane = local_plane(around, crs if domain is None else domain.crs)
        self.down = np.array([0.0, 1.0])
        if domain is not None:
            axis = shapely.get_coordinates(to_plane(domain.centreline, domain.crs, self.plane))
            if len(axis) > 1 and (length := np.hypot(*(axis[-1] - axis[0]))) > 0:
                self.down = (axis[-1] - axis[0]) / length

    def turned(self, geometry: BaseGeometry, crs: str) -> BaseGeometry:
        flat = to_plane(geometry, crs, self.plane)
        right = np.array([self.down[1], -self.down[0]])

        def turn(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.column_stack([xy @ right, -(xy @ self.down)])

        return shapely.transform(flat, turn)

    def line(self, geometry: BaseGeometry, crs: str) -> LineString:
        """The longest piece of a front."""
        merged = shapely.line_merge(geometry)
        parts = getattr(merged, "geoms", [merged])
        longest = max(parts, key=lambda part: float(part.length))
        turned: LineString = self.turned(longest, crs)
        return turned

    def walls(self) -> BaseGeometry:
        assert self.domain is not None
        both = [self.domain.left_wall, self.domain.right_wall]
        return shapely.union_all([self.turned(wall, self.domain.crs) for wall in both])

    def fjord(self) -> BaseGeometry:
        assert self.domain is not None
        return self.turned(self.domain.fjord, self.domain.crs)


def evaluate_pictures(
    predicted: str | Path,
    reference: str | Path,
    *,
    pixel_size: float,
    fjord: Polygon | None = None,
) -> Compared:
    """Errors of lines in pixel coordinates against labels.

    Parameters
    ----------
    predicted : path
        Folder of ``<stem>.geojson``.
    reference : path
        Folder of labels: GeoJSON lines in pixels, or pictures of a line, black on
        white; ``Front`` may stand in the name where the picture's has ``Subset``.
    pixel_size : float
        Metres a pixel.
    fjord : shapely Polygon, optional
        The fjord in pixels: its outline is the walls, its inside where ice is compared.

    Returns
    -------
    Compared
        Images are named by the label's stem.

    Raises
    ------
    InputError
        If the reference's folder holds no label, or the pixel size is not positive.
    """
    if not pixel_size > 0:
        raise InputError(f"pixel size {pixel_size:g} m: give the edge of a pixel in metres")
    labels = sorted(p for p in Path(reference).glob("*") if p.suffix in (".geojson", ".png"))
    if not labels:
        raise InputError(f"{reference}: holds no label (.geojson, or .png black on white)")
    pairs: dict[str, Pair] = {}
    for label in labels:
        stems = (label.stem, label.stem.replace("Front", "Subset"))
        files = [Path(predicted) / f"{stem}.geojson" for stem in stems]
        there = next((file for file in files if file.is_file()), None)
        truth = read_pixel_line(label) if label.suffix == ".geojson" else read_label(label)
        pairs[label.stem] = (None if there is None else read_pixel_line(there), truth)
    walls = None
    if fjord is not None:
        walls = {name: _sides(fjord, truth) for name, (_, truth) in pairs.items()}
    found = evaluate(pairs, pixel=pixel_size, region=fjord, walls=walls)
    matched = sum(front is not None for front, _ in pairs.values())
    tags = pd.DataFrame(index=list(pairs))
    tags["verdict"] = ["lost" if front is None else "kept" for front, _ in pairs.values()]
    return Compared(found, tags, len(list(Path(predicted).glob("*.geojson"))) - matched)


def _sides(fjord: Polygon, truth: LineString) -> BaseGeometry:
    """Outline of a fjord near to the ends of a front: gate and mouth are no walls."""
    reach = 0.5 * truth.length
    ends = MultiPoint([truth.coords[0], truth.coords[-1]]).buffer(reach)
    near = shapely.intersection(fjord.exterior, ends)
    return near if not near.is_empty else fjord.exterior
