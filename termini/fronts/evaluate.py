"""One evaluation of many fronts against their references, by all measures at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from termini.errors import InputError
from termini.fronts import measures
from termini.fronts.measures_cut import nearest_cut_distances

#: A front that is farther off than this on average is grossly wrong, metres.
GROSS = 500.0

Pair = tuple[LineString | None, LineString]


@dataclass(frozen=True)
class Evaluation:
    """Errors image by image, and over all images.

    Parameters
    ----------
    images : DataFrame
        One row an image, index its name: every measure, in metres or as a
        share; NaN where no front was found.
    summary : DataFrame
        One row a measure: ``measure``, ``value``, ``unit``.
    """

    images: pd.DataFrame
    summary: pd.DataFrame


def evaluate(
    pairs: Mapping[str, Pair],
    *,
    pixel: float = 1.0,
    walls: Mapping[str, BaseGeometry] | None = None,
    region: BaseGeometry | Mapping[str, BaseGeometry] | None = None,
    spacing: float | None = None,
) -> Evaluation:
    """Errors of fronts by all measures of the field.

    Parameters
    ----------
    pairs : mapping
        Name of the image to (front or None, reference), in one plane each.
    pixel : float
        Metres in one unit of the lines: 1 for lines in metres, the pixel's size
        for lines in pixel coordinates.
    walls : mapping, optional
        Name to the fjord walls, in the unit of the lines, for the same-index
        distance; by default the ends of each reference.
    region : shapely geometry or mapping of name to one, optional
        Where ice and ocean are compared; no ice overlap is given without it.
        The ocean lies towards smaller y.
    spacing : float, optional
        Metres between the points at which distances are taken, and a third of
        the width of edges; by default `pixel`, or 10 m for lines in metres.

    Returns
    -------
    Evaluation
        Tables. Images without a front are counted apart and take no part in
        the distances.

    Raises
    ------
    InputError
        If there are no pairs.
    """
    if not pairs:
        raise InputError("nothing to evaluate: give at least one pair of front and reference")
    step = spacing or (pixel if pixel != 1.0 else 10.0)
    rows: dict[str, dict[str, float]] = {}
    pooled_index: list[NDArray[np.float64]] = []
    pooled_nearest: list[NDArray[np.float64]] = []
    pooled_cut: list[NDArray[np.float64]] = []
    for name, (front, reference) in pairs.items():
        if front is None or front.is_empty:
            rows[name] = {}
            continue
        ours, theirs = _in_metres(front, pixel), _in_metres(reference, pixel)
        known = None if walls is None else walls.get(name)
        wall = None if known is None else _in_metres(known, pixel)
        index = measures.same_index_distances(ours, theirs, wall)
        nearest = measures.nearest_distances(ours, theirs, step)
        pooled_index.append(index)
        pooled_nearest.extend(nearest)
        cut = nearest_cut_distances(ours, theirs, step, wall)
        pooled_cut.append(cut)
        rows[name] = _one(ours, theirs, index, nearest, step)
        rows[name]["nearest_cut"] = float(cut.mean()) if cut.size else np.nan
        there = region.get(name) if isinstance(region, Mapping) else region
        if there is not None:
            ice, ocean = measures.ice_iou(front, reference, there)
            rows[name] |= {"ice_iou": ice, "ocean_iou": ocean}
    images = pd.DataFrame.from_dict(rows, orient="index")
    return Evaluation(images, _summary(images, pooled_index, pooled_nearest, pooled_cut))


def _in_metres(geometry: BaseGeometry, pixel: float) -> BaseGeometry:
    return geometry if pixel == 1.0 else shapely.transform(geometry, lambda xy: xy * pixel)


def _one(
    front: LineString,
    reference: LineString,
    index: NDArray[np.float64],
    nearest: tuple[NDArray[np.float64], NDArray[np.float64]],
    spacing: float,
) -> dict[str, float]:
    """Every measure of one pair of lines in metres."""
    both = np.concatenate(nearest)
    mean, rms = measures.point_to_curve(front, reference, spacing)
    return {
        "area_over_length": measures.area_over_length(front, reference),
        "same_index": float(index.mean()) if index.size else np.nan,
        "nearest_mean": float(both.mean()),
        "nearest_median": float(np.median(both)),
        "point_to_curve_mean": mean,
        "point_to_curve_rms": rms,
        "hausdorff": float(both.max()),
        "polis": measures.polis(front, reference),
        "edge_iou": measures.edge_iou(front, reference, 3 * spacing),
    }


def _summary(
    images: pd.DataFrame,
    index: list[NDArray[np.float64]],
    nearest: list[NDArray[np.float64]],
    off_walls: list[NDArray[np.float64]],
) -> pd.DataFrame:
    """Means over images, and pooled over points where the field does so."""
    lost = len(images) if images.empty else int(images["nearest_mean"].isna().sum())
    found = images.dropna(how="all")
    rows: list[tuple[str, float, str]] = [
        ("images", float(len(images)), "1"),
        ("images without a front", float(lost), "1"),
    ]
    if nearest:
        points, paired, cut = (np.concatenate(part) for part in (nearest, index, off_walls))
        rows += [
            ("images grossly wrong (mean nearest > 500 m)", _count(found, GROSS), "1"),
            ("area over length, mean over images", found["area_over_length"].mean(), "m"),
            ("area over length, median over images", found["area_over_length"].median(), "m"),
            (
                "same-index distance, pooled over points",
                paired.mean() if paired.size else np.nan,
                "m",
            ),
            (
                "nearest distance off the walls (500 m), mean over points",
                cut.mean() if cut.size else np.nan,
                "m",
            ),
            ("nearest distance both ways, mean over points", points.mean(), "m"),
            ("nearest distance both ways, mean over images", found["nearest_mean"].mean(), "m"),
            ("nearest distance both ways, median over points", np.median(points), "m"),
            ("nearest distance both ways, median over images", found["nearest_mean"].median(), "m"),
            ("nearest distance both ways, 95th percentile", np.quantile(points, 0.95), "m"),
            ("point to curve, mean", found["point_to_curve_mean"].mean(), "m"),
            ("point to curve, root mean square", found["point_to_curve_rms"].mean(), "m"),
            ("Hausdorff distance, mean over images", found["hausdorff"].mean(), "m"),
            ("PoLiS, mean over images", found["polis"].mean(), "m"),
            ("edge IoU (3 pixels wide), mean over images", found["edge_iou"].mean(), "1"),
        ]
        if "ice_iou" in found:
            rows += [
                ("ice IoU, mean over images", found["ice_iou"].mean(), "1"),
                ("ocean IoU, mean over images", found["ocean_iou"].mean(), "1"),
            ]
    return pd.DataFrame(rows, columns=["measure", "value", "unit"])


def _count(images: pd.DataFrame, limit: float) -> float:
    return float((images["nearest_mean"] > limit).sum())
