"""Boxes, lines and headlands that a user gives in vector files, by glacier."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from termini.errors import InputError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from shapely.geometry.base import BaseGeometry


def read_layer(path: Path, crs: str, layer: str | None = None) -> gpd.GeoDataFrame:
    """Lines or polygons of a file in the projection of the fronts."""
    import geopandas as gpd

    if not path.exists():
        raise InputError(f"{path}: no such file")
    try:
        if path.suffix == ".parquet":
            table = gpd.read_parquet(path)
        else:
            table = gpd.read_file(path, layer=layer) if layer else gpd.read_file(path)
    except (ValueError, OSError, RuntimeError) as error:
        raise InputError(f"{path}: cannot be read as a vector file ({error})") from error
    if table.crs is None:
        raise InputError(
            f"{path}: states no projection; put its .prj file beside it, or write it with set_crs"
        )
    if not table.crs.is_projected and _metres(table):
        raise InputError(
            f"{path}: says that it is in degrees ({table.crs.to_string()}), but its coordinates "
            "are larger than 360, so they are metres; find out their projection and label it"
        )
    if table.crs.is_projected and not _metres(table):
        raise InputError(
            f"{path}: says that it is in metres ({table.crs.to_string()}), but its coordinates "
            "are within 360, so they are longitude and latitude; label it EPSG:4326"
        )
    return table.to_crs(crs)


def _metres(table: gpd.GeoDataFrame) -> bool:
    from termini.geo import DEGREES

    return bool((abs(table.total_bounds) > DEGREES).any())


def shapes_of(
    path: Path | None, ids: list[str], named: tuple[str, str], crs: str, layer: str | None = None
) -> tuple[dict[str, BaseGeometry], dict[str, str]]:
    """Geometry of each glacier in a file, and what is wrong with glaciers that have several."""
    import shapely

    if path is None:
        return {}, {}
    table, names = _named(path, ids, named, crs, layer)
    shapes = shapely.force_2d(table.geometry.to_numpy())
    doubled = {
        name: f"glacier {name}: {path} has more than one geometry for it; keep one"
        for name in set(names[names.duplicated()])
    }
    found = {
        name: shapely.line_merge(shape) if shape.geom_type == "MultiLineString" else shape
        for name, shape in zip(names, shapes, strict=True)
        if shape is not None and name not in doubled
    }
    return found, doubled


def _named(
    path: Path, ids: list[str], named: tuple[str, str], crs: str, layer: str | None = None
) -> tuple[gpd.GeoDataFrame, pd.Series[str]]:
    """A file and the glacier ids of its rows."""
    import pandas as pd

    column, prefix = named
    table = read_layer(path, crs, layer)
    if column not in table:
        if len(ids) == 1:
            return table, pd.Series([ids[0]] * len(table), dtype=object)
        raise InputError(
            f"{path}: has no column {column!r}, only {', '.join(map(str, table.columns))}; say "
            "with --id-column which one holds the glacier id"
        )
    names = prefix + table[column].astype("str")
    if not set(names) & set(ids):
        raise InputError(
            f"{path}: none of its glaciers ({_some(names)}) is one of the front table "
            f"({_some(ids)}); say with --id-column which column holds the id, and with "
            "--id-prefix what stands before it"
        )
    return table, names


def _some(names: Iterable[str]) -> str:
    """The first few of some names."""
    kept = list(dict.fromkeys(names))
    return ", ".join(kept[:4]) + (", ..." if len(kept) > 4 else "")


def dividers_of(
    path: Path | None, ids: list[str], named: tuple[str, str], crs: str
) -> dict[str, list[BaseGeometry]]:
    """What parts the branches of each glacier in a file: headlands, or a line a branch."""
    import shapely

    if path is None:
        return {}
    table, names = _named(path, ids, named, crs)
    found: dict[str, list[BaseGeometry]] = {}
    for name, shape in zip(names, shapely.force_2d(table.geometry.to_numpy()), strict=True):
        if shape is not None and not shape.is_empty:
            found.setdefault(name, []).append(shape)
    return found
