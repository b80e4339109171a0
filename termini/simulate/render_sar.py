"""A radar scene: backscatter, slope effects, shadow, layover and speckle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from termini.sensors import Sensor
from termini.simulate.render_ground import Ground
from termini.simulate.render_light import cast_shadow, slopes
from termini.simulate.render_state import Weather
from termini.simulate.texture import Field


@dataclass(frozen=True)
class Beam:
    """Where the radar looks from.

    Parameters
    ----------
    azimuth : float
        Direction of the satellite seen from the ground, degrees clockwise from
        the top of the grid.
    incidence : float
        Angle from the vertical, degrees.
    looks : float
        Equivalent number of looks of the pixels rendered.
    """

    azimuth: float
    incidence: float
    looks: float


LOOKS: dict[str, float] = {
    "Sentinel-1": 4.4,
    "TerraSAR-X": 1.8,
    "Envisat": 3.0,
    "ALOS-1": 4.0,
    "ALOS-2": 3.0,
}
"""Equivalent looks of a pixel of the usual detected product: Sentinel-1 after its product
specification (GRD high resolution, IW), the others typical values."""


def looks(sensor: Sensor, pixel: float) -> float:
    """Equivalent number of looks after averaging to a pixel.

    Parameters
    ----------
    sensor : Sensor
        A radar.
    pixel : float
        Edge of the rendered pixel, metres.

    Returns
    -------
    float
        Native looks times the pixels averaged, a third of which are independent.
    """
    averaged = (max(pixel, sensor.pixel) / sensor.pixel) ** 2
    return LOOKS.get(sensor.name, 3.0) * max(1.0, averaged / 3)


def backscatter(ground: Ground, weather: Weather, sensor: Sensor) -> Field:
    """Backscatter of level ground.

    Parameters
    ----------
    ground : Ground
        What lies there.
    weather : Weather
        Wet snow darkens, wind brightens the water.
    sensor : Sensor
        Long waves (ALOS) see less of snow and small roughness.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Decibel.
    """
    frame = ground.frame
    wet = weather.melt * (0.7 if sensor.name.startswith("ALOS") else 1.0)
    broad = frame.lasting("patches", "soft", frame.x / 20, frame.y / 20, ground.offset)
    rock = -9.5 + 1.6 * ground.detail + 1.2 * broad - 3.5 * ground.snow_patch * wet
    trunk = -6.5 - 5.0 * wet + 18 * ground.tone + 1.1 * ground.detail - 7 * ground.lake
    trunk = trunk + 2.5 * np.clip(np.abs(frame.across), 0, 1) ** 6
    flank = -8.0 - 8.0 * wet + 1.2 * broad
    brash = -7.0 - 3.5 * wet + 12 * weather.melange_tone + 1.6 * ground.floes + ground.detail
    water = -24 + 13 * weather.wind + 1.2 * broad + 0.8 * ground.detail * weather.wind
    fast = -15.0 - 4 * wet + 1.0 * broad + 5 * weather.melange
    sea = water * (1 - ground.fast_ice) + fast * ground.fast_ice
    sea = sea * (1 - ground.melange) + brash * ground.melange
    berg = -5.0 - 5.0 * wet + 6 * np.clip(ground.bergs.tone, -1, 0.2)
    sea = sea * (1 - ground.bergs.cover) + berg * ground.bergs.cover
    level = 1 - ground.rock - ground.trunk - ground.flank
    total = ground.rock * rock + ground.trunk * trunk + ground.flank * flank + level * sea
    return np.asarray(total, dtype=np.float32)


def see_sar(
    ground: Ground,
    weather: Weather,
    beam: Beam,
    sensor: Sensor,
    rng: np.random.Generator,
) -> Field:
    """Amplitude at the satellite, with speckle.

    Parameters
    ----------
    ground : Ground
        What lies there.
    weather : Weather
        State of the day.
    beam : Beam
        Geometry and looks.
    sensor : Sensor
        Which radar.
    rng : numpy.random.Generator
        Speckle.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Square root of backscatter, linear.
    """
    pixel = ground.frame.pixel
    right, up = slopes(ground.height, pixel)
    turn = np.radians(beam.azimuth)
    # slope that faces the satellite is positive
    facing = -(right * np.float32(np.sin(turn)) + up * np.float32(np.cos(turn)))
    theta = np.radians(beam.incidence)
    alpha = np.arctan(facing)
    local = theta - alpha
    # area that falls into one range cell (Small 2011, as a function of local incidence)
    gain = np.sin(theta) / np.maximum(np.sin(np.abs(local)), 0.12)
    gain *= np.clip(np.cos(local), 0.05, 1) / np.cos(theta)
    power = 10 ** (backscatter(ground, weather, sensor) / 10) * np.clip(gain, 0.05, 9.0)
    lit = cast_shadow(ground.height, pixel, beam.azimuth, 90.0 - beam.incidence)
    power = power * (0.03 + 0.97 * lit)
    folded = np.where((alpha > 0.85 * theta) & (ground.height > 60), power, 0)
    power = power + 0.8 * _smear(folded, beam, pixel)
    power = power + 10 ** (-2.5)
    speckle = rng.standard_gamma(beam.looks, power.shape, dtype=np.float32) / beam.looks
    return np.asarray(np.sqrt(power * speckle), dtype=np.float32)


def _smear(power: Field, beam: Beam, pixel: float) -> Field:
    """Layover: steep slopes fall towards the satellite over what lies before them."""
    turn = np.radians(beam.azimuth)
    total = np.zeros_like(power)
    reach = max(2, round(240.0 / pixel))
    stride = max(1, reach // 5)
    for far in range(stride, reach + 1, stride):
        shift = (-round(far * np.cos(turn)), round(far * np.sin(turn)))
        total += _moved(power, *shift) * (stride / reach)
    return total


def _moved(values: Field, down: int, right: int) -> Field:
    """Array moved by whole pixels, 0 where nothing moves in."""
    out = np.zeros_like(values)
    rows, columns = values.shape
    if abs(down) >= rows or abs(right) >= columns:
        return out
    to = slice(max(0, down), rows + min(0, down)), slice(max(0, right), columns + min(0, right))
    at = slice(max(0, -down), rows + min(0, -down)), slice(max(0, -right), columns + min(0, -right))
    out[to] = values[at]
    return out
