"""Pictures without georeference: fronts in pixel coordinates, as GeoJSON.

x runs to the right and y down; the centre of the upper left pixel is (0, 0).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from shapely.errors import GEOSException
from shapely.geometry import LineString, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry
from tqdm import tqdm

from termini.errors import InputError, SceneError
from termini.files import write_text
from termini.fronts.chunks import check_names, reason_of
from termini.fronts.extract import Extracted, extract_front
from termini.fronts.judgement import PathSettings
from termini.fronts.refine import REFINE, Refining
from termini.fronts.vector.names import DEFAULT
from termini.scenes import read_scene
from termini.scenes.address import find_address
from termini.variables import flag_names

if TYPE_CHECKING:
    from termini.fronts.see import Networks
    from termini.segment import Views

#: Digits after the point in pixel coordinates.
DIGITS = 3

#: Pixel sizes of a picture that a front can be seen in, metres.
PIXEL_SIZES = (1.0, 500.0)


def extract_pictures(
    paths: Sequence[str | Path],
    network: Networks,
    *,
    pixel_size: float,
    fjord: Polygon | None = None,
    out: str | Path | None = None,
    progress: bool = True,
    settings: PathSettings | None = None,
    views: Views | None = None,
    vectoriser: str = DEFAULT,
    find_walls: bool = False,
    refine: Refining = REFINE,
) -> tuple[dict[str, Extracted], pd.DataFrame]:
    """Extract fronts from pictures that are turned so that ice flows up.

    Parameters
    ----------
    paths : sequence of path
        Pictures (PNG and what else GDAL reads).
    network : termini.segment.Network or sequence of them
        From `termini.segment.load_network`; the maps of several are averaged.
    pixel_size : float
        Edge of a pixel on the ground, metres.
    fjord : shapely Polygon, optional
        Where the front may be, in pixel coordinates of all the pictures.
    out : path, optional
        Folder; one ``<stem>.geojson`` is written for each picture.
    progress : bool
        Show a progress bar.
    settings : PathSettings, optional
        What the search for the line goes by.
    views : termini.segment.Views, optional
        Looks to average over: mirrored, at other sizes, with dropout; one by default.
    vectoriser : str
        How the line is found in the maps, a name of `termini.fronts.VECTORISERS`.
    find_walls : bool
        Where no fjord is given, take the walls where the network sees rock.
    refine : {"native", "off"}
        Draw the line again at the picture's own pixel, where that is finer than the
        working resolution, or leave it.

    Returns
    -------
    tuple
        Stem to what was extracted, and a table of failures: ``path``,
        ``glacier_id`` (empty), ``reason``.

    Raises
    ------
    InputError
        If the pixel size is impossible, or two pictures have one name.
    """
    low, high = PIXEL_SIZES
    if not low <= pixel_size <= high:
        raise InputError(
            f"pixel size {pixel_size:g} m: give the edge of a pixel in metres, {low:g} to {high:g}"
        )
    check_names([find_address(path) for path in paths])
    found: dict[str, Extracted] = {}
    failures: list[dict[str, str]] = []
    for path in tqdm([Path(p) for p in paths], desc="pictures", disable=not progress):
        try:
            scene = read_scene(path, pixel_size=pixel_size)
            if scene.crs is not None:
                raise SceneError(f"{path}: is georeferenced; give its glacier's domain instead")
            result = extract_front(
                scene, None, network, fjord=fjord, settings=settings, views=views,
                vectoriser=vectoriser, find_walls=find_walls, refine=refine,
            )  # fmt: skip
        except Exception as error:
            failures.append({"path": str(path), "glacier_id": "", "reason": reason_of(path, error)})
            continue
        found[path.stem] = result
        if out is not None:
            write_pixel_line(Path(out) / f"{path.stem}.geojson", result.line, describe(result))
    return found, pd.DataFrame(failures, columns=["path", "glacier_id", "reason"])


def describe(result: Extracted) -> dict[str, Any]:
    """What is known of an extracted line, for the properties of its GeoJSON.

    Parameters
    ----------
    result : Extracted
        A front.

    Returns
    -------
    dict
        Date, sensor, scene, error in metres, confidence, probability that the line is
        wrong, flags and their reasons.
    """
    row = result.row
    return {
        "scene_id": row["scene_id"],
        "date": None if row["date"] is None else row["date"].date().isoformat(),
        "sensor": row["sensor"],
        "method": row["method"],
        "sigma_m": row["sigma_m"],
        "confidence": round(result.path.confidence, 3),
        "p_wrong": round(result.path.p_wrong, 3),
        "p_incomplete": round(result.path.p_incomplete, 3),
        "flags": flag_names(row["quality"]),
        "note": row["note"],
    }


def write_pixel_line(
    path: str | Path, line: LineString, properties: Mapping[str, Any] | None = None
) -> Path:
    """Write one line in pixel coordinates as GeoJSON.

    Parameters
    ----------
    path : path
        File to write.
    line : shapely LineString
        x right, y down, pixel centres at whole numbers.
    properties : mapping, optional
        What else to say of it.

    Returns
    -------
    pathlib.Path
        The path.
    """
    coordinates = [[round(x, DIGITS), round(y, DIGITS)] for x, y in line.coords]
    feature = {
        "type": "Feature",
        "properties": dict(properties or {}),
        "geometry": {"type": "LineString", "coordinates": coordinates},
    }
    collection = {"type": "FeatureCollection", "features": [feature]}
    return write_text(path, json.dumps(collection, ensure_ascii=False) + "\n")


def read_pixel_line(path: str | Path) -> LineString:
    """Read a line that `write_pixel_line` wrote.

    Parameters
    ----------
    path : path
        GeoJSON file.

    Returns
    -------
    shapely LineString
        The line.

    Raises
    ------
    InputError
        If the file is missing or holds no single line.
    """
    lines = [g for g in _geometries(path) if isinstance(g, LineString)]
    if len(lines) != 1:
        raise InputError(f"{path}: holds {len(lines)} lines, one is needed")
    return lines[0]


def read_pixel_polygon(path: str | Path) -> Polygon:
    """Read a fjord drawn in pixel coordinates.

    Parameters
    ----------
    path : path
        GeoJSON file with one polygon; x right, y down, pixel centres at whole
        numbers.

    Returns
    -------
    shapely Polygon
        The fjord.

    Raises
    ------
    InputError
        If the file is missing or holds no single valid polygon.
    """
    polygons = [g for g in _geometries(path) if isinstance(g, Polygon)]
    if len(polygons) != 1 or not polygons[0].is_valid or polygons[0].is_empty:
        raise InputError(f"{path}: one valid polygon in pixel coordinates is needed")
    return polygons[0]


def write_pixel_polygon(path: str | Path, fjord: Polygon) -> Path:
    """Write a fjord drawn in pixel coordinates as GeoJSON.

    Parameters
    ----------
    path : path
        File to write.
    fjord : shapely Polygon
        x right, y down, pixel centres at whole numbers.

    Returns
    -------
    pathlib.Path
        The path.
    """
    feature = {"type": "Feature", "properties": {}, "geometry": mapping(fjord)}
    return write_text(path, json.dumps({"type": "FeatureCollection", "features": [feature]}) + "\n")


def _geometries(path: str | Path) -> list[BaseGeometry]:
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; give a GeoJSON file")
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        kind = content["type"]
        if kind == "FeatureCollection":
            return [shape(feature["geometry"]) for feature in content["features"]]
        return [shape(content["geometry"] if kind == "Feature" else content)]
    except (ValueError, KeyError, TypeError, AttributeError, GEOSException) as error:
        raise InputError(f"{path}: not a GeoJSON file ({error}); give one in pixels") from error
