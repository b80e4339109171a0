"""Reading scenes: GeoTIFF and whatever GDAL reads, GMT grids, and plain pictures."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from termini.domain import GlacierDomain
from termini.errors import SceneError
from termini.scenes.gmt import Raw, read_gmt
from termini.scenes.metadata import BAND_TAGS, has_stripes, scene_date, scene_sensor
from termini.scenes.place import STATE_CRS, check_place, pixel_window, true_pixel_size
from termini.scenes.scene import Scene
from termini.scenes.validity import seen_pixels

#: Puts pixel centres at whole numbers in a picture without georeference.
PICTURE = Affine.translation(-0.5, -0.5)

#: What the last bytes of a whole picture hold.
_ENDS = {".png": b"IEND", ".jpg": b"\xff\xd9", ".jpeg": b"\xff\xd9"}


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
        raw = read_gmt(path)
    else:
        raw = _read_raster(path, band, domain, margin, crs)
    if crs is not None:
        raw.crs = crs
    if raw.crs is None and raw.transform == PICTURE and pixel_size is None:
        raise SceneError(
            f"{path}: has no georeference; give pixel_size= (--pixel-size) for a plain picture, "
            "or a georeferenced scene"
        )
    when = scene_date(path, raw.tags, date)
    which = scene_sensor(path, raw.tags, when, sensor)
    if raw.crs is not None:
        check_place(raw.crs, raw.transform, raw.values.shape, path, domain)
        pixel_size = true_pixel_size(raw.crs, raw.transform, raw.values.shape)
    elif raw.transform != PICTURE:
        raise SceneError(f"{path}: states no projection; {STATE_CRS}")
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


def read_place(path: str | Path, crs: str | None = None) -> tuple[str, Affine, tuple[int, int]]:
    """Where a scene lies, without reading its values.

    Parameters
    ----------
    path : path
        Georeferenced scene.
    crs : str, optional
        Projection, if the file states none or a wrong one.

    Returns
    -------
    tuple
        Projection, transform and shape of the grid.

    Raises
    ------
    SceneError
        If the file cannot be read, or its projection lacks or is impossible.
    """
    path = Path(path)
    _check_file(path)
    if path.suffix.lower() == ".grd":
        raw = read_gmt(path)
        stated, transform, shape = raw.crs, raw.transform, raw.values.shape
    else:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                with rasterio.open(path) as source:
                    stated = source.crs.to_string() if source.crs else None
                    transform, shape = source.transform, source.shape
        except RasterioError as error:
            raise _unreadable(path, error) from error
    stated = crs or stated
    if stated is None:
        raise SceneError(f"{path}: states no projection; {STATE_CRS}")
    check_place(stated, transform, shape, path)
    return stated, transform, (int(shape[0]), int(shape[1]))


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise SceneError(f"{path}: is a folder; name the scenes in it")
    if not path.is_file():
        raise SceneError(f"{path}: no such file; check its name, or leave it out")
    size = path.stat().st_size
    if size == 0:
        raise SceneError(f"{path}: the file is empty; fetch it again")
    # GDAL takes the missing end of a picture for black without a word
    if (end := _ENDS.get(path.suffix.lower())) is not None:
        with open(path, "rb") as stream:
            stream.seek(-min(size, 1024), 2)
            if end not in stream.read():
                raise SceneError(f"{path}: is truncated, its end is missing; fetch it again")


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
) -> Raw:
    """Raster through GDAL; only the part around the domain if one is given."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as source:
                return _from_open(path, source, band, domain, margin, crs)
    except RasterioError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: BaseException) -> SceneError:
    """What GDAL said, which rasterio keeps as the cause, in a sentence of our own."""
    said = str(error.__cause__ or error).splitlines() or [type(error).__name__]
    return SceneError(
        f"{path}: cannot be read, it is truncated or not an image ({said[0]}); fetch it again"
    )


def _from_open(
    path: Path,
    source: Any,
    band: int,
    domain: GlacierDomain | None,
    margin: float,
    crs: str | None,
) -> Raw:
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
        transform = transform @ Affine.translation(columns[0], rows[0])
    values = source.read(band, window=window)
    if np.iscomplexobj(values):
        values = np.abs(values)
    alpha = [i for i, c in enumerate(source.colorinterp, 1) if c.name == "alpha" and i != band]
    mask = source.read(alpha[0], window=window) > 0 if alpha else None
    return Raw(values, transform, stated, source.tags(), source.nodatavals[band - 1], mask)
