"""Shapefiles of lines written whole: from a fresh folder put in place when complete."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataSourceError

from termini.errors import InputError
from termini.files import make_folder


def write_shapefile(table: gpd.GeoDataFrame, path: Path) -> Path:
    """Write a shapefile of lines, in UTF-8, next to nothing half-written.

    Parameters
    ----------
    table : GeoDataFrame
        Attributes and lines.
    path : path
        Its ``.shp``. The files that belong to it are put in place one by one, the
        ``.shp`` last.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    if path.suffix.lower() != ".shp":
        raise InputError(f"{path}: give the name of a shapefile, ending in .shp")
    make_folder(path.parent)

    def write(folder: Path) -> None:
        _write(table, folder / path.name)
        parts = sorted(folder.iterdir(), key=lambda part: part.suffix == ".shp")
        for part in parts:
            part.replace(path.parent / part.name)

    _in_fresh_folder(path.parent, path, write)
    return path


def write_folder(tables: Mapping[str, gpd.GeoDataFrame], folder: Path) -> tuple[Path, ...]:
    """Write several shapefiles in a new folder, all or none of them.

    Parameters
    ----------
    tables : mapping
        Name of the ``.shp`` to its table.
    folder : path
        Folder that does not exist or is empty.

    Returns
    -------
    tuple of pathlib.Path
        The shapefiles.

    Raises
    ------
    InputError
        If the folder holds anything or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"{folder}: is there already and not empty; give a new folder, so that nothing of "
            "another dataset is mixed in"
        )
    make_folder(folder.parent)

    def write(fresh: Path) -> None:
        for name, table in tables.items():
            _write(table, fresh / name)
        fresh.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        fresh.rename(folder)

    _in_fresh_folder(folder.parent, folder, write)
    return tuple(folder / name for name in tables)


def _in_fresh_folder(parent: Path, path: Path, write: Callable[[Path], None]) -> None:
    """Do something with a new folder, which is gone afterwards."""
    fresh = None
    try:
        fresh = Path(tempfile.mkdtemp(dir=parent, prefix=f".{path.stem}-"))
        write(fresh)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror or error}); give a place where you may "
            "write"
        ) from error
    finally:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)


def _write(table: gpd.GeoDataFrame, path: Path) -> None:
    try:
        pyogrio.write_dataframe(
            table, path, driver="ESRI Shapefile", geometry_type="LineString", encoding="UTF-8"
        )
    except DataSourceError as error:
        raise InputError(f"{path}: cannot be written ({error})") from error
