"""Reading scenes: GeoTIFF and whatever GDAL reads, GMT grids, and plain pictures."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window
from scipy.io import netcdf_file

from termini.domain import GlacierDomain
from termini.errors import SceneError
from termini.scenes.metadata import BAND_TAGS, has_stripes, scene_date, scene_sensor
from termini.scenes.place import check_place, pixel_window, true_pixel_size
from termini.scenes.scene import Scene
from termini.scenes.validity import seen_pixels

#: Puts pixel centres at whole numbers in a picture without georeference.
PICTURE = Affine.translation(-0.5, -0.5)


@dataclass
class _Raw:
    """What a file holds, before it is checked."""

    values: NDArray[Any]
    transform: Affine
    crs: str | None
    tags: Mapping[str, str] = field(default_factory=dict)
    nodata: float | None = None
    mask: NDArray[np.bool_] | None = None


def read_scene(
    path: str | Path,
    *,
    pixel_size: float | None = None,
    date: object = None,
    sensor: str | None = None,
    crs: str | None = None,
    band: int = 1,
    domain: GlacierDomain | None = None,
    margin: float = 3000.0,
) -> Scene:
    """Read one band of a scene.

    Parameters
    ----------
    path : path
        GeoTIFF or another raster that GDAL reads, in any projection; a GMT
        grid (``.grd``, old or new layout); or a picture (``.png``, ``.jpg``)
        without georeference.
    pixel_size : float, optional
        Edge of a pixel on the ground, metres. Needed for a picture; a
        georeferenced scene knows its own.
    date : date-like, optional
        Acquisition, if neither tags nor file name hold it.
    sensor : str, optional
        Sensor, if neither tags nor file name name it.
    crs : str, optional
        Projection, if the file states none or a wrong one.
    band : int
        Band to read, counted from 1.
    domain : GlacierDomain, optional
        Read only what lies around this glacier.
    margin : float
        How far around, metres.

    Returns
    -------
    Scene
        The scene, with what the sensor did not see marked as not valid.

    Raises
    ------
    SceneError
        If the file is missing, empty, truncated or no image, holds one single
        value, states no or an impossible projection, has no date, or does not
        overlap the domain.
    """
    path = Path(path)
    _check_file(path)
    if path.suffix.lower() == ".grd":
        raw = _read_grid(path)
    else:
        raw = _read_raster(path, band, domain, margin, crs)
    if crs is not None:
        raw.crs = crs
    if raw.crs is None and raw.transform == PICTURE and pixel_size is None:
        raise SceneError(
            f"{path}: has no georeference; pass pixel_size= for a plain picture, "
            "or a georeferenced scene"
        )
    when = scene_date(path, raw.tags, date)
    which = scene_sensor(path, raw.tags, when, sensor)
    if raw.crs is not None:
        check_place(raw.crs, raw.transform, raw.values.shape, path, domain)
        pixel_size = true_pixel_size(raw.crs, raw.transform, raw.values.shape)
    elif raw.transform != PICTURE:
        raise SceneError(f"{path}: states no projection; pass crs=, as in crs='EPSG:3413'")
    valid = seen_pixels(raw.values, raw.nodata, raw.mask, stripes=has_stripes(which, when))
    values = np.where(valid, raw.values, 0).astype(np.float32)
    _check_content(path, values, valid)
    return Scene(
        values=values,
        valid=valid,
        transform=raw.transform,
        crs=raw.crs,
        sensor=which,
        scene_id=path.stem,
        date=when,
        pixel_size=float(pixel_size or math.nan),
        band=next((str(raw.tags[t]) for t in BAND_TAGS if t in raw.tags), ""),
        path=str(path),
    )


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise SceneError(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise SceneError(f"{path}: the file is empty; fetch it again")


def _check_content(path: Path, values: NDArray[np.float32], valid: NDArray[np.bool_]) -> None:
    if not valid.any():
        raise SceneError(f"{path}: no valid pixel; the scene saw nothing here, leave it out")
    seen = values[valid]
    if seen.min() == seen.max():
        raise SceneError(
            f"{path}: every valid pixel holds {seen.min():g}; "
            "the scene shows nothing, leave it out or fetch it again"
        )


def _read_raster(
    path: Path, band: int, domain: GlacierDomain | None, margin: float, crs: str | None
) -> _Raw:
    """Raster through GDAL; only the part around the domain if one is given."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as source:
                return _from_open(path, source, band, domain, margin, crs)
    except RasterioError as error:
        raise SceneError(
            f"{path}: cannot be read, it is truncated or not an image ({_cause(error)}); "
            "fetch it again"
        ) from error


def _cause(error: BaseException) -> str:
    """First line of what GDAL said, which rasterio keeps as the cause."""
    inner = error.__cause__ or error
    return str(inner).splitlines()[0] if str(inner) else type(inner).__name__


def _from_open(
    path: Path,
    source: Any,
    band: int,
    domain: GlacierDomain | None,
    margin: float,
    crs: str | None,
) -> _Raw:
    if not 1 <= band <= source.count:
        raise SceneError(f"{path}: has no band {band}, only {source.count}")
    stated = crs or (source.crs.to_string() if source.crs else None)
    transform, window = source.transform, None
    if transform == Affine.identity():
        transform = PICTURE
    elif stated and domain is not None:
        check_place(stated, transform, source.shape, path, domain)
        rows, columns = pixel_window(stated, transform, source.shape, domain, margin)
        window = Window.from_slices(rows, columns)
        transform = transform * Affine.translation(columns[0], rows[0])
    values = source.read(band, window=window)
    if np.iscomplexobj(values):
        values = np.abs(values)
    alpha = [i for i, c in enumerate(source.colorinterp, 1) if c.name == "alpha" and i != band]
    mask = source.read(alpha[0], window=window) > 0 if alpha else None
    return _Raw(values, transform, stated, source.tags(), source.nodatavals[band - 1], mask)


def _read_grid(path: Path) -> _Raw:
    """GMT grid in netCDF-3, of the old layout (one long vector) or the new one.

    GMT grids state no projection. Coordinates that lie within the range of
    longitude and latitude are taken as such: a grid in metres would be less
    than 400 m wide.
    """
    try:
        with netcdf_file(path, mmap=False) as source:
            found = {name: v.data.copy() for name, v in source.variables.items()}
            z = source.variables["z"]
            scale = float(getattr(z, "scale_factor", 1.0))
            offset = float(getattr(z, "add_offset", 0.0))
            centred = int(getattr(z, "node_offset", getattr(source, "node_offset", 0))) == 0
            fill = getattr(z, "_FillValue", None)
    except (TypeError, ValueError, KeyError, OSError, IndexError, AssertionError) as error:
        raise SceneError(
            f"{path}: cannot be read as a GMT grid, it is truncated or of another kind "
            f"({str(error) or type(error).__name__}); fetch it again or convert it to GeoTIFF"
        ) from error
    values, west, north, dx, dy = _grid_layout(path, found, centred)
    if scale != 1.0 or offset != 0.0:
        values = values * scale + offset
    transform = Affine(dx, 0.0, west, 0.0, -dy, north)
    east, south = transform * (values.shape[1], values.shape[0])
    degrees = -180 <= west < east <= 360 and -90 <= south < north <= 90
    nodata = float(fill) if fill is not None else None
    return _Raw(values, transform, "EPSG:4326" if degrees else None, {}, nodata)


def _grid_layout(
    path: Path, found: dict[str, NDArray[Any]], centred: bool
) -> tuple[NDArray[Any], float, float, float, float]:
    """Values north row first, west and north edge, and spacing in x and y."""
    if "x_range" in found:
        columns, rows = (int(n) for n in found["dimension"])
        if found["z"].size != rows * columns:
            raise SceneError(
                f"{path}: holds {found['z'].size} values for {rows} x {columns} pixels"
            )
        west, east = (float(v) for v in found["x_range"])
        south, north = (float(v) for v in found["y_range"])
        values = found["z"].reshape(rows, columns)
        dx = (east - west) / (columns - centred)
        dy = (north - south) / (rows - centred)
        if centred:
            west, north = west - dx / 2, north + dy / 2
        return values, west, north, dx, dy
    x = found.get("x", found.get("lon"))
    y = found.get("y", found.get("lat"))
    if x is None or y is None or found["z"].shape != (y.size, x.size) or min(x.size, y.size) < 2:
        raise SceneError(f"{path}: not a GMT grid: it lacks x, y and z of matching shapes")
    values, dx, dy = found["z"], float(x[1] - x[0]), float(y[1] - y[0])
    if dy > 0:
        values, y = values[::-1], y[::-1]
    return values, float(x[0]) - dx / 2, float(y[0]) + abs(dy) / 2, dx, abs(dy)
