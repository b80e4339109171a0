"""Scenes for training a network: any glacier, season and sensor, in the flow-aligned frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize

from termini.sensors import SENSORS, Sensor
from termini.simulate.front_flanks import with_flanks
from termini.simulate.render_expose import expose
from termini.simulate.render_fjords import random_glacier, region_glacier
from termini.simulate.render_frame import make_frame

_SHARES: dict[str, float] = {
    "Landsat-5": 0.20,
    "Landsat-7": 0.20,
    "Landsat-8": 0.20,
    "Landsat-9": 0.03,
    "Sentinel-2": 0.11,
    "Sentinel-1": 0.15,
    "TerraSAR-X": 0.04,
    "Envisat": 0.03,
    "ALOS-1": 0.02,
    "ALOS-2": 0.02,
}


class TrainingScene(NamedTuple):
    """A scene in the frame in which fronts are extracted: ocean at row 0, ice flows up.

    Attributes
    ----------
    image : ndarray of uint8, shape (rows, columns)
        Brightness, 0 where not `valid`.
    valid : ndarray of bool, shape (rows, columns)
        False where nothing was seen.
    truth : ndarray of uint8, shape (rows, columns)
        0 land, 1 ice, 2 sea; also where nothing was seen.
    front : ndarray of float64, shape (n, 2)
        True front in pixel coordinates, x right and y down, pixel centres at
        whole numbers, from the left wall to the right wall.
    fjord : ndarray of bool, shape (rows, columns)
        Inside the fjord polygon.
    pixel : float
        Edge of a pixel, metres.
    """

    image: NDArray[np.uint8]
    valid: NDArray[np.bool_]
    truth: NDArray[np.uint8]
    front: NDArray[np.float64]
    fjord: NDArray[np.bool_]
    pixel: float


def training_scene(
    seed: int,
    shape: tuple[int, int] = (320, 256),
    *,
    pixel: float | None = None,
    sensor: Sensor | None = None,
    date: pd.Timestamp | None = None,
    melange: float | None = None,
    flanks: float = 0.0,
) -> TrainingScene:
    """Random glacier, front, sensor, season and weather.

    Parameters
    ----------
    seed : int
        The same seed gives the same scene.
    shape : tuple of int
        Rows and columns.
    pixel, sensor, date, melange : optional
        As for `render_scene`; drawn where not given (pixel from 25 to 60 m).
    flanks : float
        Chance that the front gets long sides along the flow (`with_flanks`). The rest of
        the scene is drawn as without.

    Returns
    -------
    TrainingScene
        Image and truth.
    """
    rng = np.random.default_rng([7, seed])
    drawn = float(rng.uniform(25, 60))
    pixel = drawn if pixel is None else float(pixel)
    transform = Affine(pixel, 0.0, 0.0, 0.0, -pixel, shape[0] * pixel)
    laid = region_glacier if rng.uniform() < 0.3 else random_glacier
    domain, line = laid(f"training:{seed}", pixel, shape, rng)
    apart = np.random.default_rng([8, seed])
    if apart.uniform() < flanks:
        line = with_flanks(line, domain, apart) or line
    names = list(_SHARES)
    any_sensor = SENSORS[rng.choice(names, p=np.array(list(_SHARES.values())))]
    sensor = any_sensor if sensor is None else sensor
    any_day = _random_day(sensor, rng)
    any_melange = rng.choice([rng.uniform(0, 0.3), rng.uniform(0.4, 1.0), 1.0], p=[0.17, 0.5, 0.33])
    picture = expose(
        domain,
        line,
        any_day if date is None else date,
        sensor,
        frame=make_frame(domain, transform, shape),
        transform=transform,
        position=(float(rng.uniform(-60, -25)), float(rng.uniform(62, 79))),
        melange=float(any_melange) if melange is None else melange,
        rng=rng,
        turn=float(rng.uniform(0, 360)),
    )
    image = np.where(picture.valid, _to_bytes(picture.values, picture.valid, rng), 0)
    fjord = rasterize([(domain.fjord, 1)], out_shape=shape, transform=transform) == 1
    xy = (np.asarray(line.coords) - (transform.c, transform.f)) / (pixel, -pixel) - 0.5
    return TrainingScene(image.astype(np.uint8), picture.valid, picture.truth, xy, fjord, pixel)


def _random_day(sensor: Sensor, rng: np.random.Generator) -> pd.Timestamp:
    """A day on which the sensor flew and, if it needs light, the sun shone."""
    last_year = min(sensor.years[1], 2023)
    if sensor.stripes and rng.uniform() < 0.65:
        last_year = 2002  # most of the scenes with a working scan-line corrector
    year = int(rng.integers(sensor.years[0], last_year + 1))
    first, last = (75, 290) if sensor.kind == "optical" else (1, 366)
    number = int(rng.integers(first, last))
    return pd.Timestamp(year, 1, 1) + pd.Timedelta(days=number - 1)


def _to_bytes(
    values: NDArray[np.uint8] | NDArray[np.uint16],
    valid: NDArray[np.bool_],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Eight bits, as archives of quick-looks and published crops keep them."""
    if values.dtype == np.uint8:
        return np.asarray(np.maximum(values, 1), dtype=np.uint8)
    seen = values[valid] if valid.any() else values.ravel()
    cut = float(rng.choice([0.05, 0.5, 2.0]))
    low, high = np.percentile(seen[::7], [cut, 100 - cut])
    scaled = (values.astype(np.float32) - low) / max(high - low, 1.0)
    return np.asarray(np.clip(np.rint(1 + 254 * scaled), 1, 255), dtype=np.uint8)
