"""Overlays of compared lines from the files that hold them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.domain import read_domains
from termini.errors import InputError
from termini.fronts.label_lines import read_label
from termini.fronts.overlay import Overlay
from termini.fronts.pixel_lines import read_pixel_line, read_pixel_polygon
from termini.fronttable import crs_text, read_fronts
from termini.geo import reproject
from termini.scenes import Scene, domain_grid, normalise, read_scene, warp

#: Working resolution of overlays on the map, metres.
PIXEL = 50.0

#: A picture without georeference is drawn as it is: any pixel size serves.
ANY_PIXEL = 50.0


def overlays_of_pictures(
    errors: pd.Series, predicted: Path, reference: Path, fjord: Path | None, scenes: Path
) -> list[Overlay]:
    """Overlays of lines in pixel coordinates.

    Parameters
    ----------
    errors : Series
        Label's stem to mean error in metres, NaN where no front was found.
    predicted, reference, scenes : path
        Folders of lines, labels and pictures.
    fjord : path or None
        The fjord as a polygon in pixels.

    Returns
    -------
    list of Overlay
        Of those whose picture is there.
    """
    walls = None if fjord is None else read_pixel_polygon(fjord)
    found = []
    for stem, error in errors.items():
        name = str(stem).replace("Front", "Subset")
        picture = next((p for p in sorted(scenes.glob(f"{name}.*")) if p.is_file()), None)
        if picture is None:
            continue
        scene = read_scene(picture, pixel_size=ANY_PIXEL)
        label = next(p for p in sorted(reference.glob(f"{stem}.*")))
        truth = read_pixel_line(label) if label.suffix == ".geojson" else read_label(label)
        line = predicted / f"{name}.geojson"
        drawn = read_pixel_line(line) if line.is_file() else None
        found.append(Overlay(_image(scene), _title(name, error), drawn, truth, walls))
    return found


def overlays_of_tables(
    errors: pd.Series, predicted: Path, reference: Path, domains: Path | None, scenes: Path
) -> list[Overlay]:
    """Overlays of traces of two front tables, on each glacier's own grid.

    Parameters
    ----------
    errors : Series
        Reference's ``trace_id`` to mean error in metres, NaN where none was found.
    predicted, reference, domains : path
        Front tables and domains.
    scenes : path
        Folder of scenes; the file's stem is the predicted trace's ``scene_id``, or the
        reference's where none was found.

    Returns
    -------
    list of Overlay
        Of those whose scene is there.

    Raises
    ------
    InputError
        If no domains are given.
    """
    if domains is None:
        raise InputError("--domains: overlays on the map need the domains of the glaciers")
    known = read_domains(domains)
    ours, theirs = read_fronts(predicted), read_fronts(reference).set_index("trace_id")
    found = []
    for trace, error in errors.items():
        row = theirs.loc[trace]
        same = ours[(ours["glacier_id"] == row["glacier_id"])]
        near = (same["date"] - row["date"]).abs()
        match = None if same.empty else same.loc[near.idxmin()]
        stem = row["scene_id"] if match is None else match["scene_id"]
        file = next((p for p in sorted(scenes.glob(f"{stem}.*")) if p.suffix != ".gmt"), None)
        domain = known.get(row["glacier_id"])
        if file is None or domain is None or not stem:
            continue
        scene = warp(read_scene(file, domain=domain), domain_grid(domain, PIXEL))
        lines = [
            None if held is None else _on_grid(held["geometry"], crs, scene)
            for held, crs in ((match, crs_text(ours)), (row, crs_text(theirs)))
        ]
        fjord = _on_grid(domain.fjord, domain.crs, scene)
        found.append(Overlay(_image(scene), _title(str(stem), error), lines[0], lines[1], fjord))
    return found


def _on_grid(geometry: BaseGeometry, crs: str, scene: Scene) -> BaseGeometry:
    there = ~scene.transform
    moved = reproject(geometry, crs, scene.crs) if scene.crs else geometry

    def _pixels(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = there @ (xy[:, 0], xy[:, 1])
        return np.column_stack([x, y]) - 0.5

    return shapely.transform(moved, _pixels)


def _image(scene: Scene) -> NDArray[np.floating]:
    return np.where(scene.valid, normalise(scene), np.nan)


def _title(name: str, error: Any) -> str:
    return f"{name[:40]}\n" + ("no front" if pd.isna(error) else f"{error:.0f} m off")
