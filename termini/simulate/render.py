"""Scenes of a simulated glacier as satellites would see them."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry import LineString

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.geo import LONLAT, transformer
from termini.sensors import Sensor
from termini.simulate.render_expose import expose
from termini.simulate.render_frame import Frame, make_frame
from termini.simulate.render_ground import NOTHING

PREFIXES: dict[str, str] = {
    "Landsat-5": "LT05",
    "Landsat-7": "LE07",
    "Landsat-8": "LC08",
    "Landsat-9": "LC09",
    "Sentinel-2": "S2A",
    "Sentinel-1": "S1A",
    "TerraSAR-X": "TSX",
    "Envisat": "ENVISAT",
    "ALOS-1": "ALOS1",
    "ALOS-2": "ALOS2",
}
"""How scene ids of each sensor begin."""


@dataclass(frozen=True)
class RenderedScene:
    """One simulated scene with its truth.

    Parameters
    ----------
    values : ndarray of uint8 or uint16, shape (rows, columns)
        Digital numbers; 0 where nothing was seen.
    valid : ndarray of bool, shape (rows, columns)
        False outside the swath and in scan-line gaps.
    truth : ndarray of uint8, shape (rows, columns)
        0 land, 1 glacier ice, 2 sea, 255 not seen.
    transform : affine.Affine
        (column, row) of a pixel's upper left corner to coordinates in `crs`.
    crs : str
        Projection.
    sensor : str
        Name as in `termini.sensors.SENSORS`.
    date : pandas.Timestamp
        Day of acquisition.
    scene_id : str
        Sensor, glacier and day.
    cloud : float
        Share of the seen pixels under opaque cloud.
    """

    values: NDArray[np.uint8] | NDArray[np.uint16]
    valid: NDArray[np.bool_]
    truth: NDArray[np.uint8]
    transform: Affine
    crs: str
    sensor: str
    date: pd.Timestamp
    scene_id: str
    cloud: float


def scene_name(sensor: str, glacier_id: str, date: pd.Timestamp) -> str:
    """Id of a simulated scene.

    Parameters
    ----------
    sensor : str
        Name of the sensor.
    glacier_id : str
        Id of the glacier.
    date : pandas.Timestamp
        Day.

    Returns
    -------
    str
        Like ``LC08_sim1_20160302``.
    """
    glacier = re.sub(r"[^A-Za-z0-9-]", "", glacier_id)
    return f"{PREFIXES[sensor]}_{glacier}_{date:%Y%m%d}"


def scene_grid(
    domain: GlacierDomain, pixel: float, extent: float | None = None, margin: float = 1500.0
) -> tuple[Affine, tuple[int, int]]:
    """Grid of a scene: north up, corners at whole multiples of the pixel.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier.
    pixel : float
        Edge of a pixel, metres.
    extent : float, optional
        Edge of a square scene around the middle of the fjord, metres. Default:
        the fjord's bounding box and `margin` around it.
    margin : float
        Metres around the fjord.

    Returns
    -------
    transform : affine.Affine
        Grid in `domain.crs`.
    shape : tuple of int
        Rows and columns.
    """
    west, south, east, north = domain.fjord.bounds
    if extent is not None:
        x, y = (west + east) / 2, (south + north) / 2
        west, east, south, north, margin = x, x, y, y, extent / 2
    c0, c1 = np.floor((west - margin) / pixel), np.ceil((east + margin) / pixel)
    r0, r1 = np.floor((south - margin) / pixel), np.ceil((north + margin) / pixel)
    transform = Affine(pixel, 0.0, float(c0 * pixel), 0.0, -pixel, float(r1 * pixel))
    return transform, (int(r1 - r0), int(c1 - c0))


_FRAMES: dict[tuple[object, ...], Frame] = {}
_KEPT_FRAMES = 4


def _frame(domain: GlacierDomain, transform: Affine, shape: tuple[int, int]) -> Frame:
    """Frame of a grid; the last few are kept, as a glacier is seen many times."""
    key = (domain.fjord.wkb, domain.centreline.wkb, tuple(transform)[:6], shape)
    if key not in _FRAMES:
        if len(_FRAMES) >= _KEPT_FRAMES:
            del _FRAMES[next(iter(_FRAMES))]
        _FRAMES[key] = make_frame(domain, transform, shape)
    return _FRAMES[key]


@lru_cache(maxsize=256)
def _lonlat(x: float, y: float, crs: str) -> tuple[float, float]:
    longitude, latitude = transformer(crs, LONLAT).transform(x, y)
    return float(longitude), float(latitude)


def render_scene(
    domain: GlacierDomain,
    front: LineString,
    date: pd.Timestamp | str,
    sensor: Sensor,
    *,
    seed: int,
    pixel: float | None = None,
    melange: float = 0.5,
    extent: float | None = None,
) -> RenderedScene:
    """Scene of one glacier on one day.

    The surface of the glacier and the walls of the fjord belong to the glacier
    (drawn from its id, the surface carried along with the ice); melange, bergs,
    cloud and speckle belong to the scene (drawn from `seed`, glacier, day and
    sensor).

    Parameters
    ----------
    domain : GlacierDomain
        Walls, gate and centreline.
    front : shapely LineString
        True front, left wall to right wall looking down-glacier, in `domain.crs`.
    date : pandas.Timestamp or str
        Day; sets the sun, snow and melt.
    sensor : Sensor
        Which satellite.
    seed : int
        Randomness of the scene.
    pixel : float, optional
        Edge of a pixel, metres. Default: the sensor's own.
    melange : float
        0 open water to 1 rigid melange.
    extent : float, optional
        Edge of a square scene, metres (`scene_grid`).

    Returns
    -------
    RenderedScene
        The scene.

    Raises
    ------
    InputError
        If the sensor did not fly in that year or the front is no line.
    """
    day = pd.Timestamp(date).normalize()
    if not sensor.years[0] <= day.year <= sensor.years[1]:
        raise InputError(
            f"{domain.glacier_id}: {sensor.name} did not fly in {day.year} "
            f"(only {sensor.years[0]}-{sensor.years[1]}); choose another sensor or date"
        )
    if front.is_empty or front.length <= 0:
        raise InputError(f"{domain.glacier_id}: front of {day:%Y-%m-%d} has no length")
    size = float(pixel) if pixel else sensor.pixel
    name = scene_name(sensor.name, domain.glacier_id, day)
    transform, shape = scene_grid(domain, size, extent)
    centre = domain.fjord.centroid
    picture = expose(
        domain,
        front,
        day,
        sensor,
        frame=_frame(domain, transform, shape),
        transform=transform,
        position=_lonlat(centre.x, centre.y, domain.crs),
        melange=melange,
        rng=np.random.default_rng([seed, zlib.crc32(name.encode())]),
    )
    values = picture.values * picture.valid
    truth = np.where(picture.valid, picture.truth, NOTHING).astype(np.uint8)
    return RenderedScene(
        values, picture.valid, truth, transform, domain.crs, sensor.name, day, name, picture.cloud
    )
