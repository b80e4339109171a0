"""Sun and radar beam on a surface: slope towards the source, cast shadow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from termini.compiling import compiler
from termini.simulate.texture import Field


@compiler(fastmath=True)
def _march(height: Field, dx: float, dy: float, rise: float, pixel: float, out: Field) -> None:
    """March from each pixel towards the source; how far the surface stands in the beam."""
    rows, columns = height.shape
    top = height.max()
    for i in range(rows):
        for j in range(columns):
            z0, worst, step, far = height[i, j], np.float32(-1e9), 1.0, 1.0
            while far < 4000.0:
                beam = z0 + far * pixel * rise
                if beam > top:
                    break
                r, c = i + far * dy, j + far * dx
                a, b = int(np.floor(r)), int(np.floor(c))
                if a < 0 or b < 0 or a >= rows - 1 or b >= columns - 1:
                    break
                fr, fc = r - a, c - b
                upper = height[a, b] * (1 - fc) + height[a, b + 1] * fc
                lower = height[a + 1, b] * (1 - fc) + height[a + 1, b + 1] * fc
                above = upper * (1 - fr) + lower * fr - beam
                worst = max(worst, np.float32(above))
                if above > 30.0 + 0.5 * pixel:
                    break
                step = max(1.0, min(step * 1.12, 8.0))
                far += step
            out[i, j] = worst


def cast_shadow(height: Field, pixel: float, azimuth: float, elevation: float) -> Field:
    """Light that reaches each pixel past the terrain before it.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, columns)
        Metres.
    pixel : float
        Edge of a pixel, metres.
    azimuth : float
        Direction of the source, degrees clockwise from the top of the grid.
    elevation : float
        Elevation of the source above the horizon, degrees.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        0 in full shadow to 1 in full light; soft over about half a pixel.
    """
    turn = np.radians(azimuth)
    rise = float(np.tan(np.radians(max(elevation, 1.0))))
    out = np.empty_like(height)
    surface = np.ascontiguousarray(height, dtype=np.float32)
    _march(surface, float(np.sin(turn)), float(-np.cos(turn)), rise, pixel, out)
    soft = np.float32(0.3 * pixel * rise)
    return np.asarray(np.clip(0.5 - out / (2 * soft + 0.5), 0, 1), dtype=np.float32)


def slopes(height: Field, pixel: float) -> tuple[Field, Field]:
    """Rise of the surface to the right and to the top of the grid.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, columns)
        Metres.
    pixel : float
        Edge of a pixel, metres.

    Returns
    -------
    tuple of ndarray
        Metres per metre, central differences.
    """
    right = np.empty_like(height)
    right[:, 1:-1] = (height[:, 2:] - height[:, :-2]) * np.float32(0.5 / pixel)
    right[:, 0], right[:, -1] = right[:, 1], right[:, -2]
    up = np.empty_like(height)
    up[1:-1] = (height[:-2] - height[2:]) * np.float32(0.5 / pixel)
    up[0], up[-1] = up[1], up[-2]
    return right, up


def sun_position(longitude: float, latitude: float, date: pd.Timestamp) -> tuple[float, float]:
    """Where the sun stands when a satellite of a morning orbit passes.

    Parameters
    ----------
    longitude, latitude : float
        Degrees.
    date : pandas.Timestamp
        Day.

    Returns
    -------
    tuple of float
        Azimuth clockwise from the top of an EPSG:3413 grid, and elevation, both
        in degrees. Local solar time is taken as 11:30, declination after Cooper
        (1969). In the polar night the elevation is negative.
    """
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + date.day_of_year) / 365.0)
    hour = np.radians(-7.5)
    phi = np.radians(latitude)
    sine = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour)
    elevation = np.arcsin(np.clip(sine, -1, 1))
    east = -np.cos(declination) * np.sin(hour)
    north = np.sin(declination) * np.cos(phi) - np.cos(declination) * np.sin(phi) * np.cos(hour)
    azimuth = np.degrees(np.arctan2(east, north))
    # grid north of EPSG:3413 is the meridian of 45 degrees west
    return float(azimuth - (longitude + 45.0)) % 360.0, float(np.degrees(elevation))
