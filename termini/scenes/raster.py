"""Rasters that GDAL reads, on this machine or on a server."""

from __future__ import annotations

import logging
import re
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.vrt import WarpedVRT
from rasterio.warp import Resampling
from rasterio.windows import Window

from termini.domain import GlacierDomain
from termini.errors import SceneError
from termini.scenes.address import Address, reading
from termini.scenes.gmt import Raw
from termini.scenes.place import check_place, pixel_window, true_pixel_size
from termini.scenes.windows import TRIES, coarsening, read_part

#: What is to be said of a scene without a transform of its own.
BY_POINTS = "placed by its ground control points, without correction for terrain"

#: Seconds before a server is asked again for a file whose head did not come whole.
PAUSE = 0.3

#: Puts pixel centres at whole numbers in a picture without georeference.
PICTURE = Affine.translation(-0.5, -0.5)


def read_raster(
    address: Address,
    band: int,
    domain: GlacierDomain | None,
    margin: float,
    crs: str | None,
    pixel: float | None,
) -> Raw:
    """Raster through GDAL; only the part around the domain if one is given.

    Parameters
    ----------
    address : Address
        The file.
    band, domain, margin, crs, pixel
        As for `termini.scenes.read_scene`.

    Returns
    -------
    Raw
        Values, place and tags.

    Raises
    ------
    SceneError
        If the file cannot be read, lacks the band, or does not see the domain.
    """
    tries = TRIES if address.remote else 1
    for remaining in reversed(range(tries)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                with whole_tags(), reading(address), rasterio.open(address.gdal) as source:
                    with laid(source) as here:
                        raw = _from_open(address, here, band, domain, margin, crs, pixel)
                    if here is source:
                        return raw
                    return replace(raw, tags=source.tags(), notes=[*raw.notes, BY_POINTS])
        except RasterioError as error:
            if not remaining or "Range downloading not supported" in str(error.__cause__ or error):
                raise unreadable(address, error) from error
            time.sleep(PAUSE)
    raise AssertionError(f"{tries} tries and none taken")


@contextmanager
def laid(source: Any) -> Iterator[Any]:
    """Raster on a grid: itself, or a scene in radar geometry by its ground control points.

    Parameters
    ----------
    source : rasterio dataset
        Open raster.

    Yields
    ------
    rasterio dataset
        `source`, or a view of it in the projection of its points. What lies outside
        it is "nothing" there: as the file says, else by an alpha band.
    """
    points, stated = source.gcps
    if not points or stated is None or source.transform != Affine.identity():
        yield source
        return
    nothing = source.nodatavals[0]
    outside = {"add_alpha": True} if nothing is None else {"nodata": nothing}
    options = {"src_crs": stated, "crs": stated, "resampling": Resampling.bilinear, **outside}
    with WarpedVRT(source, **options) as view:
        yield view


@contextmanager
def whole_tags() -> Iterator[None]:
    """Let a file fail whose tags did not come whole.

    GDAL leaves out a tag that it cannot read with a mere warning; a scene would then
    lie nowhere, or take what was not seen for black.

    Raises
    ------
    RasterioIOError
        At the end of the block, if a tag was left out.
    """
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = record.getMessage()
            if "IO error during reading" in text:
                said.append(text.partition(" in ")[2] or text)

    logger, listener = logging.getLogger("rasterio._env"), Listener(logging.WARNING)
    logger.addHandler(listener)
    try:
        yield
    except SceneError:
        if not said:
            raise
    finally:
        logger.removeHandler(listener)
    if said:
        raise RasterioIOError(said[0])


def unreadable(address: Address, error: BaseException) -> SceneError:
    """What GDAL said, which rasterio keeps as the cause, in a sentence of our own.

    Parameters
    ----------
    address : Address
        The file.
    error : BaseException
        What rasterio raised.

    Returns
    -------
    SceneError
        With a remedy.
    """
    said = (str(error.__cause__ or error).splitlines() or [type(error).__name__])[0]
    if not address.remote:
        return SceneError(
            f"{address.label}: cannot be read, it is truncated or not an image ({said}); "
            "fetch it again"
        )
    said = re.sub(r"\?[^\s:']*", "", said.replace(address.gdal, address.label))
    return SceneError(
        f"{address.label}: cannot be read from its server ({said}); run the command again, or "
        "download the file first (termini scenes find --download)"
    )


def _from_open(
    address: Address,
    source: Any,
    band: int,
    domain: GlacierDomain | None,
    margin: float,
    crs: str | None,
    pixel: float | None,
) -> Raw:
    if not 1 <= band <= source.count:
        raise SceneError(f"{address.label}: has no band {band}, only {source.count}")
    stated = crs or (source.crs.to_string() if source.crs else None)
    transform, factor = source.transform, 1
    window = Window(0, 0, source.width, source.height)
    if transform == Affine.identity():
        transform = PICTURE
    elif stated:
        check_place(stated, transform, source.shape, address.label, domain)
        if domain is not None:
            rows, columns = pixel_window(stated, transform, source.shape, domain, margin)
            window = Window.from_slices(rows, columns)
            transform = transform @ Affine.translation(columns[0], rows[0])
        shape = (int(window.height), int(window.width))
        if _says_nothing(source, band):
            factor = coarsening(pixel, true_pixel_size(stated, transform, shape))
        transform = transform @ Affine.scale(factor)
    nodata = source.nodatavals[band - 1]
    part = read_part(source, band, window, factor, address, nodata)
    values = np.abs(part.values) if np.iscomplexobj(part.values) else part.values
    alpha = [i for i, c in enumerate(source.colorinterp, 1) if c.name == "alpha" and i != band]
    mask = None if bool(part.seen.all()) else part.seen
    if alpha:
        clear = read_part(source, alpha[0], window, factor, address, None).values > 0
        mask = clear if mask is None else mask & clear
    notes = [f"{part.lost:.1%} of this part cannot be read"] if part.lost else []
    return Raw(values, transform, stated, source.tags(), nodata, mask, notes)


def _says_nothing(source: Any, band: int) -> bool:
    """Whether each pixel tells by itself that it holds nothing, so that means can leave it out."""
    kind = np.dtype(source.dtypes[band - 1])
    wide = np.issubdtype(kind, np.unsignedinteger) and kind.itemsize > 1
    return bool(wide) or source.nodatavals[band - 1] is not None
