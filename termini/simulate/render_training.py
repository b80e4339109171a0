"""Scenes for training a network: any glacier, season and sensor, in the flow-aligned frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain
from termini.sensors import SENSORS, Sensor
from termini.simulate.render import expose
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

    Parameters
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

    Returns
    -------
    TrainingScene
        Image and truth.
    """
    rng = np.random.default_rng([7, seed])
    drawn = float(rng.uniform(25, 60))
    pixel = drawn if pixel is None else float(pixel)
    transform = Affine(pixel, 0.0, 0.0, 0.0, -pixel, shape[0] * pixel)
    domain, line = _random_glacier(f"training:{seed}", pixel, shape, rng)
    names = list(_SHARES)
    any_sensor = SENSORS[rng.choice(names, p=np.array(list(_SHARES.values())))]
    sensor = any_sensor if sensor is None else sensor
    any_day = _random_day(sensor, rng)
    any_melange = rng.choice([rng.uniform(0, 0.3), rng.uniform(0.4, 1.0), 1.0], p=[0.2, 0.5, 0.3])
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


def _random_glacier(
    glacier_id: str, pixel: float, shape: tuple[int, int], rng: np.random.Generator
) -> tuple[GlacierDomain, LineString]:
    """Fjord that flows to the top of the grid, and a front across it."""
    rows, columns = shape
    high, wide = rows * pixel, columns * pixel
    t = np.linspace(-0.15, 1.15, 66) * high
    phase = rng.uniform(0, 2 * np.pi, 4)
    bend = rng.uniform(0.0, 0.14) * wide
    x = 0.5 * wide + rng.uniform(-0.08, 0.08) * wide
    x = x + bend * np.sin(t / high * rng.uniform(1.5, 4.5) + phase[0])
    x += rng.uniform(-0.25, 0.25) * (t - 0.5 * high)
    width = rng.uniform(0.25, 0.74) * wide * np.ones_like(t)
    width *= 1 + rng.uniform(0, 0.25) * np.sin(t / high * rng.uniform(2, 9) + phase[1])
    centre = np.column_stack([x, t])
    tangent = np.gradient(centre, axis=0)
    tangent /= np.hypot(*tangent.T)[:, None]
    leftward = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    jag = [_wander(t.size, rng) * rng.uniform(0.0, 0.08) * width for _ in range(2)]
    left = centre + leftward * (0.5 * width + jag[0])[:, None]
    right = centre - leftward * (0.5 * width + jag[1])[:, None]
    # the fjord may open wide towards the sea
    if rng.uniform() < 0.35:
        opening = np.clip((t / high - rng.uniform(0.55, 0.8)) / 0.3, 0, 1) ** 1.5 * 0.5 * wide
        left, right = left + leftward * opening[:, None], right - leftward * opening[:, None]
    domain = GlacierDomain(
        glacier_id,
        "",
        Polygon(np.vstack([left, right[::-1]])).buffer(0),
        LineString([left[0], right[0]]),
        LineString(left),
        LineString(right),
        LineString(centre),
        float(np.median(width)),
    )
    at = int(np.searchsorted(t, rng.uniform(0.28, 0.75) * high))
    return domain, _random_front(left, right, tangent, at, rng)


def _wander(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Smooth random line of n values with standard deviation about 1."""
    k = np.arange(1, 14)
    amplitude = k**-0.9 * rng.standard_normal((2, k.size))
    angle = 2 * np.pi * k[:, None] * np.arange(n)[None, :] / (1.3 * n)
    line = amplitude[0] @ np.sin(angle) + amplitude[1] @ np.cos(angle)
    return np.asarray(line / max(float(line.std()), 1e-9))


def _random_front(
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    tangent: NDArray[np.float64],
    at: int,
    rng: np.random.Generator,
) -> LineString:
    """Front from wall to wall: curved, tilted, notched, rough."""
    n = 140
    lag = int(rng.integers(-3, 4))
    ends = left[at], right[np.clip(at + lag, 0, len(right) - 1)]
    q = np.linspace(0, 1, n)
    line = ends[0] + q[:, None] * (ends[1] - ends[0])
    width = float(np.hypot(*(ends[1] - ends[0])))
    bow = rng.normal(-0.12, 0.16) * width * (4 * q * (1 - q)) ** rng.uniform(0.5, 1.6)
    rough = rng.uniform(0.004, 0.03) * width * _wander(n, rng)
    for _ in range(rng.integers(0, 4)):
        start, length = rng.uniform(0.05, 0.85), rng.uniform(0.03, 0.25)
        notch = 1 / (1 + np.exp(-(0.5 * length - np.abs(q - start - 0.5 * length)) / 0.008))
        rough = rough + rng.normal(0, 0.035) * width * notch
    taper = np.clip(np.minimum(q, 1 - q) / 0.03, 0, 1)
    offset = (bow + rough) * taper
    line = line + tangent[at] * offset[:, None]
    return LineString(line)


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
