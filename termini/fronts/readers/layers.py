"""Reading vector files with errors that say which file, and what to do.

All readers go through here, so that a missing file, layer or column is reported
in one way and a geometry that GEOS refuses becomes an empty one instead of an
end to the whole file.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS

from termini.errors import InputError
from termini.files import data_root
from termini.geo import DEGREES


def source_path(name: str, path: str | Path | None, *parts: str) -> Path:
    """Folder or file of a published dataset.

    Parameters
    ----------
    name : str
        Folder of the dataset under the data root.
    path : path, optional
        Where the user keeps it; by default the folder `name` of
        `termini.files.data_root`.
    *parts : str
        File below that folder. A `path` that is itself such a file is taken as it is.

    Returns
    -------
    pathlib.Path
        An existing path.

    Raises
    ------
    InputError
        If it does not exist.
    """
    if path is None:
        root = data_root()
        assert root is not None  # data_root raises where there is none
        base = root / name
    else:
        base = Path(path)
    whole = base.joinpath(*parts)
    if parts and not whole.exists() and base.suffix == Path(parts[-1]).suffix and base.exists():
        return base
    if not whole.exists():
        raise InputError(
            f"{whole}: not found; docs/data.md or docs/datasets.md says where to get the dataset "
            f"{name!r} and how its folder is laid out"
        )
    return whole


def read_layer(
    path: str | Path,
    needed: Iterable[str],
    *,
    layer: str | None = None,
    crs: str | None = None,
    relabel: bool = False,
) -> gpd.GeoDataFrame:
    """Layer of a vector file.

    Parameters
    ----------
    path : path
        Shapefile, GeoJSON, GeoPackage or geodatabase.
    needed : iterable of str
        Columns that must be there.
    layer : str, optional
        Layer of a file that has several.
    crs : str, optional
        Projection that the publisher's description states. It replaces the file's
        own wording of it: from the WKT that ESRI writes, some versions of PROJ make a
        projection with the axes the other way round. A file that states another
        projection was reprojected by somebody, and is reprojected back. By default
        the file's own.
    relabel : bool
        Whether `crs` replaces whatever the file states, which is then held to be wrong.

    Returns
    -------
    GeoDataFrame
        The layer, two-dimensional. A geometry that GEOS cannot hold (a line of
        one point) is None.

    Raises
    ------
    InputError
        If the file or layer cannot be read, lacks a column, or has no
        projection.
    """
    try:
        table = pyogrio.read_dataframe(path, layer=layer, force_2d=True, on_invalid="ignore")
    except DataLayerError as error:
        held = ", ".join(str(row[0]) for row in pyogrio.list_layers(path))
        raise InputError(
            f"{path}: has no layer {layer!r}, only {held}; is it the published file?"
        ) from error
    except (DataSourceError, OSError) as error:
        raise InputError(
            f"{path}: cannot be read ({error}); download it again, with all files that belong to it"
        ) from error
    if missing := sorted(set(needed) - set(table.columns)):
        raise InputError(
            f"{path}: lacks the column(s) {', '.join(missing)} and has "
            f"{', '.join(map(str, table.columns))}; is it the published file?"
        )
    if not isinstance(table, gpd.GeoDataFrame):
        raise InputError(f"{path}: holds no geometry; is it the published file?")
    if crs is not None:
        other = not relabel and _states_another(table, CRS(crs))
        return table.to_crs(crs) if other else table.set_crs(crs, allow_override=True)
    if table.crs is None:
        raise InputError(f"{path}: states no projection; put its .prj file beside it")
    return table


def _states_another(table: gpd.GeoDataFrame, published: CRS) -> bool:
    """Whether a file states another projection than the published one, and may mean it."""
    own = table.crs
    if own is None or own == published or not (own.is_projected or own.is_geographic):
        return False
    if own.is_geographic:
        # GeoJSON that states nothing is said to be in degrees, whatever its coordinates
        return bool((np.abs(table.total_bounds) <= DEGREES).all())
    return _numbers(own) != _numbers(published)


def _numbers(crs: CRS) -> list[float]:
    """What a projection is made of but its wording: angles, scale, offsets."""
    operation = crs.coordinate_operation
    found = [float(p.value) for p in operation.params] if operation else []
    return sorted(round(value, 6) for value in found if value)
