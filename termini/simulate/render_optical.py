"""An optical scene: sunlight, shadow, haze and cloud over the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from termini.simulate.render_ground import Ground
from termini.simulate.render_light import cast_shadow, slopes
from termini.simulate.render_state import Weather
from termini.simulate.texture import Field, sample, smoothstep


@dataclass(frozen=True)
class Sky:
    """Light and air on the day of the scene.

    Parameters
    ----------
    azimuth, elevation : float
        Sun, degrees; azimuth clockwise from the top of the grid.
    diffuse : float
        Share of the light that comes from the whole sky.
    haze : float
        0 clear to 1 nothing seen.
    cloud : float
        Share of the sky under cloud, 0 to 1.
    thin : bool
        Cloud is a veil through which the ground is seen.
    """

    azimuth: float
    elevation: float
    diffuse: float
    haze: float
    cloud: float
    thin: bool


def albedo(ground: Ground, weather: Weather, glacier_albedo: float) -> Field:
    """Share of the light that each pixel reflects.

    Parameters
    ----------
    ground : Ground
        What lies there.
    weather : Weather
        Snow and melt.
    glacier_albedo : float
        Albedo of the trunk, 0 to 1.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        0 to 1.
    """
    snow = 0.5 * (0.88 + max(glacier_albedo, 0.75 * weather.snow))
    frame = ground.frame
    ou, ov = ground.offset
    spots = frame.lasting("spots", "rough", frame.x / 28, frame.y / 28, (ov, ou))
    rock = 0.075 + 0.012 * ground.detail + 0.014 * np.clip(spots, -1.5, 3)
    cover = np.clip(ground.snow_patch, 0, 1)
    rock = rock * (1 - cover) + (snow + 0.015 * spots) * cover
    contrast = 1 - 0.45 * weather.snow
    trunk = glacier_albedo + contrast * ground.tone + 0.008 * ground.detail * contrast
    trunk = trunk * (1 - ground.lake) + 0.16 * ground.lake
    streaks = (frame.along + 1.2 * frame.inside) / 25, frame.inside / 300
    bands = frame.lasting("bands", "soft", *streaks, (ou, ov))
    flank_tone = glacier_albedo + contrast * (0.05 + 0.035 * bands + 0.02 * spots)
    mel = glacier_albedo + weather.melange_tone
    brash = mel + (0.03 + 0.07 * (1 - weather.snow)) * ground.floes + 0.018 * ground.detail
    water = 0.035 + 0.01 * weather.wind * (1 + 0.4 * spots) + 0.10 * ground.plume
    fast = 0.5 * (mel + snow) - 0.02 + 0.008 * spots
    sea = water * (1 - ground.fast_ice) + fast * ground.fast_ice
    sea = sea * (1 - ground.melange) + brash * ground.melange
    berg = glacier_albedo * (1 + np.minimum(ground.bergs.tone, 0)) + np.maximum(
        ground.bergs.tone, 0
    ) * (0.7 if weather.snow < 0.5 else 0.3)
    sea = sea * (1 - ground.bergs.cover) + berg * ground.bergs.cover
    wet = 1 - ground.rock - ground.trunk - ground.flank
    total = ground.rock * rock + ground.trunk * trunk + ground.flank * flank_tone + wet * sea
    return np.asarray(np.clip(total, 0.01, 0.97), dtype=np.float32)


def illuminate(ground: Ground, sky: Sky) -> Field:
    """Light on each pixel relative to that on a level one in the open.

    Parameters
    ----------
    ground : Ground
        Relief.
    sky : Sky
        Sun.

    Returns
    -------
    ndarray of float32, shape (rows, columns)
        Around 1; `sky.diffuse` in full shadow.
    """
    pixel = ground.frame.pixel
    right, up = slopes(ground.height, pixel)
    turn = np.radians(sky.azimuth)
    towards = right * np.float32(np.sin(turn)) + up * np.float32(np.cos(turn))
    lean = 1 - towards / np.float32(np.tan(np.radians(sky.elevation)))
    lean /= np.sqrt(1 + right * right + up * up)
    direct = np.clip(lean, 0, 3.0) * cast_shadow(ground.height, pixel, sky.azimuth, sky.elevation)
    return np.asarray(sky.diffuse + (1 - sky.diffuse) * direct, dtype=np.float32)


def see_optical(
    ground: Ground,
    weather: Weather,
    sky: Sky,
    rng: np.random.Generator,
    *,
    glacier_albedo: float,
) -> tuple[Field, Field]:
    """Radiance at the satellite.

    Parameters
    ----------
    ground : Ground
        What lies there.
    weather : Weather
        State of the day.
    sky : Sky
        Light and air.
    rng : numpy.random.Generator
        Where clouds are.
    glacier_albedo : float
        Albedo of the trunk.

    Returns
    -------
    radiance : ndarray of float32, shape (rows, columns)
        Reflectance as if the sun stood where it stands over a level plane, 0 to
        somewhat above 1.
    cloud : ndarray of float32, shape (rows, columns)
        Opacity of cloud, 0 to 1.
    """
    light = illuminate(ground, sky)
    cloud = np.zeros_like(light)
    if sky.cloud > 0:
        cloud, shade = _clouds(ground, sky, rng)
        light = light * (1 - 0.75 * shade * (1 - sky.diffuse))
    seen = albedo(ground, weather, glacier_albedo) * light
    bright = 0.62 if sky.thin else 0.80
    seen = seen * (1 - sky.haze) + 0.33 * sky.haze
    seen = seen * (1 - cloud) + bright * (0.9 + 0.1 * light) * cloud
    return np.asarray(seen, dtype=np.float32), cloud


def _clouds(ground: Ground, sky: Sky, rng: np.random.Generator) -> tuple[Field, Field]:
    """Opacity and shadow of clouds at one height."""
    frame = ground.frame
    a, b, stretch, turn = (*rng.uniform(0, 512, 2), rng.uniform(1, 3), rng.uniform(0, np.pi))
    size = rng.uniform(30, 90)
    level = np.float32(rng.uniform(800, 3000) / np.tan(np.radians(sky.elevation)))
    shift = np.radians(sky.azimuth)

    def opacity(dx: float, dy: float) -> Field:
        x, y = frame.x + np.float32(dx), frame.y + np.float32(dy)
        u = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
        v = y * np.float32(np.cos(turn)) - x * np.float32(np.sin(turn))
        noise = 0.85 * sample("soft", u / size + a, v / (size * stretch) + b)
        noise += 0.3 * sample("rough", u / (0.7 * size) + b, v / (0.7 * size * stretch) + a)
        edge = 1.6 - 3.0 * sky.cloud
        if sky.thin:
            return 0.65 * smoothstep(edge - 0.9, edge + 1.4, noise)
        return 0.97 * smoothstep(edge, edge + 0.7, noise)

    cover = opacity(0.0, 0.0)
    shadow = opacity(float(level * np.sin(shift)), float(level * np.cos(shift)))
    return cover, shadow
