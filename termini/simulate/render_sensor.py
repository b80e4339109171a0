"""What the instrument makes of the light: numbers, swath edges, scan-line gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.sensors import Sensor
from termini.simulate.render_frame import Frame
from termini.simulate.texture import Field

SLC_FAILURE = pd.Timestamp(2003, 5, 31)
"""Day on which Landsat 7's scan-line corrector failed."""


def covered_by_swath(
    frame: Frame, sensor: Sensor, turn: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Pixels inside the swath.

    Parameters
    ----------
    frame : Frame
        Grid.
    sensor : Sensor
        The narrower its swath, the oftener its edge cuts the scene.
    turn : float
        Degrees by which the grid is turned clockwise.
    rng : numpy.random.Generator
        Where the edge lies.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
        True where the sensor saw the ground.
    """
    shape = frame.x.shape
    width = frame.pixel * float(np.hypot(*shape))
    chance = min(0.35, 0.4 * width / sensor.swath + 0.02)
    tilt = rng.uniform(8, 20) * rng.choice([-1, 1]) + rng.choice([0, 90], p=[0.75, 0.25])
    angle = np.radians(tilt + rng.choice([0, 180]) + turn)
    cut = rng.uniform(-0.05, 0.42) * width
    if rng.uniform() >= chance:
        return np.ones(shape, dtype=np.bool_)
    x, y = frame.x - frame.x.mean(), frame.y - frame.y.mean()
    return np.asarray(x * np.cos(angle) + y * np.sin(angle) < cut)


def scan_line_gaps(
    frame: Frame, sensor: Sensor, date: pd.Timestamp, turn: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Gaps of Landsat 7 after its scan-line corrector failed.

    Parameters
    ----------
    frame : Frame
        Grid.
    sensor : Sensor
        Only sensors with `stripes` have gaps.
    date : pandas.Timestamp
        None up to 2003-05-31.
    turn : float
        Degrees by which the grid is turned clockwise.
    rng : numpy.random.Generator
        How far from the middle of the swath the scene lies, and the phase.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
        True in the gaps: stripes across the track every 33 lines of 30 m, nothing
        in the middle of the swath and 14 lines wide at its edge.
    """
    phase, centre, side = rng.uniform(0, 990), rng.uniform(-80e3, 80e3), rng.uniform(-1, 1)
    if not sensor.stripes or date <= SLC_FAILURE:
        return np.zeros(frame.x.shape, dtype=np.bool_)
    angle = np.radians(14.0 + 4 * side + turn)
    across = frame.x * np.cos(angle) + frame.y * np.sin(angle) + centre
    down = frame.y * np.cos(angle) - frame.x * np.sin(angle) + phase
    width = np.clip((np.abs(across) - 11e3) / (92.5e3 - 11e3), 0, 1) * 420.0
    # a scan is bent a little: gaps open from alternating sides as wedges
    return np.asarray(np.mod(down, 990.0) < width)


def optical_numbers(
    seen: Field, sensor: Sensor, elevation: float, rng: np.random.Generator
) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Digital numbers of an optical product, noise and saturation included.

    Parameters
    ----------
    seen : ndarray of float32
        Reflectance for the sun where it stands.
    sensor : Sensor
        8 bits for Landsat 5 and 7, 16 for the others.
    elevation : float
        Sun, degrees.
    rng : numpy.random.Generator
        Noise, gain setting.

    Returns
    -------
    ndarray of uint8 or uint16
        1 to 255 (saturated) or 1 to 65535.
    """
    sun = float(np.sin(np.radians(elevation)))
    noise = rng.standard_normal(seen.shape, dtype=np.float32)
    if sensor.name in ("Landsat-5", "Landsat-7"):
        # high gain saturates over snow, low gain does not (Landsat 7 handbook, ch. 6)
        gain = rng.choice([300.0, 430.0]) * rng.uniform(0.9, 1.1)
        numbers = gain * seen * sun + 6 + 0.8 * noise
        return np.asarray(np.clip(np.rint(numbers), 1, 255), dtype=np.uint8)
    if sensor.name == "Sentinel-2":
        numbers = 10_000 * seen + 15 * noise
    else:
        numbers = 5_000 + 50_000 * seen * sun + 18 * noise
    return np.asarray(np.clip(np.rint(numbers), 1, 65_535), dtype=np.uint16)


def sar_numbers(amplitude: Field) -> NDArray[np.uint16]:
    """Digital numbers of a detected radar product.

    Parameters
    ----------
    amplitude : ndarray of float32
        Square root of backscatter.

    Returns
    -------
    ndarray of uint16
        500 for 0 dB; 1 to 65535.
    """
    return np.asarray(np.clip(np.rint(500.0 * amplitude), 1, 65_535), dtype=np.uint16)
