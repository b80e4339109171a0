"""Reading scenes: GeoTIFF and whatever GDAL reads, GMT grids, and plain pictures."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from termini.domain import GlacierDomain
from termini.errors import SceneError
from termini.scenes.address import Address, find_address, reading
from termini.scenes.gmt import Raw, read_gmt
from termini.scenes.masks import read_mask
from termini.scenes.metadata import (
    has_stripes,
    scene_band,
    scene_date,
    scene_orbit,
    scene_sensor,
)
from termini.scenes.place import STATE_CRS, check_place, true_pixel_size
from termini.scenes.raster import PICTURE, laid, read_raster, unreadable, whole_tags
from termini.scenes.scene import Scene
from termini.scenes.validity import seen_pixels
from termini.scenes.windows import check_size

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
    pixel: float | None = None,
    masks: Sequence[str | Path | tuple[str | Path, str]] = (),
) -> Scene:
    """Read one band of a scene.

    Parameters
    ----------
    path : path or str
        GeoTIFF or another raster that GDAL reads, in any projection; a GMT
        grid (``.grd``, old or new layout); or a picture (``.png``, ``.jpg``)
        without georeference. An address (``https://``, ``s3://``) is read by
        the parts that are needed, if the server gives parts.
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
    pixel : float, optional
        Pixel that the scene will be used at, metres: where the file's is at most
        half of it, whole blocks are averaged while reading.
    masks : sequence of path
        Cloud and quality masks of the scene (see `termini.scenes.masks`); as a pair
        with its kind where the file's name does not tell it.

    Returns
    -------
    Scene
        The scene, with what the sensor did not see marked as not valid. A tile in
        the middle that does not unpack is not valid either, and said in `notes`.

    Raises
    ------
    SceneError
        If the file is missing, empty, truncated or no image, holds one single
        value, states no or an impossible projection, has no date, does not
        overlap the domain, would not fit into memory, or its server fails.
    """
    address = find_address(path)
    _check_file(address)
    if _is_grid(address):
        check_size(address, address.path.stat().st_size / 2)  # pixels of two bytes at least
        raw = read_gmt(address.path)
    else:
        raw = read_raster(address, band, domain, margin, crs, pixel)
    if crs is not None:
        raw.crs = crs
    if raw.crs is None and raw.transform == PICTURE and pixel_size is None:
        raise SceneError(
            f"{address.label}: has no georeference; give pixel_size= (--pixel-size) for a plain "
            "picture, or a georeferenced scene"
        )
    when = scene_date(address.path, raw.tags, date)
    which = scene_sensor(address.path, raw.tags, when, sensor)
    edge = _pixel_edge(raw, address, domain, pixel_size)
    valid = seen_pixels(raw.values, raw.nodata, raw.mask, stripes=has_stripes(which, when))
    valid, cloud, notes = _masked(raw, valid, masks, address)
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is said below
        values = np.where(valid, raw.values, 0).astype(np.float32)
    _check_content(address.label, values, valid)
    return Scene(
        values=values,
        valid=valid,
        transform=raw.transform,
        crs=raw.crs,
        sensor=which,
        scene_id=address.path.stem,
        date=when,
        pixel_size=edge,
        band=scene_band(address.path, raw.tags),
        path=address.label,
        orbit=scene_orbit(address.path, raw.tags),
        cloud_cover=cloud,
        notes=notes,
    )


def _is_grid(address: Address) -> bool:
    """Whether a file is a GMT grid, which has its own reader."""
    return address.path.suffix.lower() == ".grd" and not address.remote


def _pixel_edge(
    raw: Raw, address: Address, domain: GlacierDomain | None, given: float | None
) -> float:
    """Edge of a pixel on the ground, metres, of a scene whose place was checked."""
    if raw.crs is not None:
        check_place(raw.crs, raw.transform, raw.values.shape, address.label, domain)
        return float(true_pixel_size(raw.crs, raw.transform, raw.values.shape))
    if raw.transform != PICTURE:
        raise SceneError(f"{address.label}: states no projection; {STATE_CRS}")
    return float(given or math.nan)


def read_bands(path: str | Path, bands: Sequence[int], **options: Any) -> list[Scene]:
    """Read several bands of one file, for a network that needs them all.

    Parameters
    ----------
    path : path or str
        As for `read_scene`.
    bands : sequence of int
        Bands, counted from 1.
    **options
        As for `read_scene`.

    Returns
    -------
    list of Scene
        One a band; a pixel that one band lacks is valid in none.

    Raises
    ------
    SceneError
        If the file has fewer bands than are needed, and as for `read_scene`.
    """
    try:
        scenes = [read_scene(path, band=band, **options) for band in bands]
    except SceneError as error:
        if "has no band" not in str(error):
            raise
        raise SceneError(
            f"{error}; {len(bands)} bands ({', '.join(map(str, bands))}) are needed here: give a "
            "file that holds them all, or use a network of one band"
        ) from error
    valid = np.logical_and.reduce([scene.valid for scene in scenes])
    return [
        replace(scene, valid=valid, values=np.where(valid, scene.values, 0)) for scene in scenes
    ]


def _masked(
    raw: Raw,
    valid: NDArray[np.bool_],
    masks: Sequence[str | Path | tuple[str | Path, str]],
    address: Address,
) -> tuple[NDArray[np.bool_], float, tuple[str, ...]]:
    """Validity less what masks exclude, share of cloud, and what is to be said."""
    notes = list(raw.notes)
    share = math.nan
    for given in masks:
        path, kind = given if isinstance(given, tuple) else (given, None)
        if raw.crs is None:
            raise SceneError(f"{address.label}: a picture without georeference can have no mask")
        rows, columns = raw.values.shape
        mask = read_mask(path, raw.transform, (rows, columns), raw.crs, kind=kind)
        if valid.any():
            share = np.nanmax([share, float(mask.cloud[valid].mean())])
        valid = valid & mask.usable
    if np.isfinite(share):
        notes.append(f"{share:.0%} under cloud by its mask")
    return valid, float(share), tuple(notes)


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
    address = find_address(path)
    _check_file(address)
    if _is_grid(address):
        raw = read_gmt(address.path)
        stated, transform, shape = raw.crs, raw.transform, raw.values.shape
    else:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                with (
                    whole_tags(),
                    reading(address),
                    rasterio.open(address.gdal) as source,
                    laid(source) as here,
                ):
                    stated = here.crs.to_string() if here.crs else None
                    transform, shape = here.transform, here.shape
        except RasterioError as error:
            raise unreadable(address, error) from error
    stated = crs or stated
    if stated is None:
        raise SceneError(f"{address.label}: states no projection; {STATE_CRS}")
    check_place(stated, transform, shape, address.label)
    return stated, transform, (int(shape[0]), int(shape[1]))


def _check_file(address: Address) -> None:
    if address.remote:
        return
    path = address.path
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


def _check_content(path: str, values: NDArray[np.float32], valid: NDArray[np.bool_]) -> None:
    if not valid.any():
        raise SceneError(f"{path}: no valid pixel; the scene saw nothing here, leave it out")
    seen = values[valid]
    if seen.min() == seen.max():
        raise SceneError(
            f"{path}: every valid pixel holds {seen.min():g}; "
            "the scene shows nothing, leave it out or fetch it again"
        )
