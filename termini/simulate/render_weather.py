"""Draw the state of the day: snow, melange, sun and cloud, radar beam."""

from __future__ import annotations

import numpy as np
import pandas as pd

from termini.sensors import Sensor
from termini.simulate.render_light import sun_position
from termini.simulate.render_optical import Sky
from termini.simulate.render_sar import Beam, looks
from termini.simulate.render_state import Weather


def draw_weather(
    date: pd.Timestamp, melange: float, width: float, rng: np.random.Generator
) -> Weather:
    """State of fjord and land on a day.

    Parameters
    ----------
    date : pandas.Timestamp
        Season: snow from October to May, melt from June to early September.
    melange : float
        0 open water to 1 rigid melange.
    width : float
        Width of the fjord, metres; melange reaches a few widths out.
    rng : numpy.random.Generator
        Randomness of the day.

    Returns
    -------
    Weather
        State of the day.
    """
    day = date.day_of_year + rng.normal(0, 8)
    # 1 in winter, 0 in summer; melt peaks in late July
    winter = float(np.clip((np.abs((day - 215 + 182) % 365 - 182) - 45) / 35, 0, 1))
    melt = float(np.clip(1 - np.abs(day - 205) / 50, 0, 1))
    snow = winter * float(rng.uniform(0.7, 1.0))
    rigid = float(np.clip(melange + rng.normal(0, 0.08), 0, 1))
    spring = day < 160 or day > 330
    frozen = spring and rng.uniform() < 0.15 + 1.2 * rigid
    fast = float(np.clip(rng.normal(0.92, 0.12), 0, 1)) if frozen else 0.0
    # bare glacier ice is darker than brash in summer; snow covers the difference
    tone = rng.normal(0.20, 0.10) * (1 - snow) + rng.normal(0.0, 0.035) * snow
    if rng.uniform() < 0.35:
        tone = rng.normal(0.0, 0.03)
    return Weather(
        snow=snow,
        melt=melt,
        melange=rigid,
        reach=float(width * rng.lognormal(0.2, 0.6) * (0.35 + 1.9 * rigid)),
        blur=float(rng.uniform(0, 0.9)),
        cracks=float(rng.choice([0.0, 0.0, 0.5, 1.0])),
        brash=float(rng.choice([0.0, 0.3, 0.8]) * (0.2 + rigid)),
        fast_ice=fast,
        ice_edge=float(rng.choice([rng.uniform(2e3, 2e4), 1e5])),
        melange_tone=float(np.clip(tone, -0.15, 0.42)),
        berg_share=float(rng.lognormal(-1.7, 0.6)),
        largest_berg=float(rng.choice([rng.uniform(150, 500), rng.uniform(500, 1400)])),
        dark_bergs=float(rng.uniform(0, 0.8) * (1 - 0.7 * snow)),
        slabs=int(rng.choice([0, 0, 0, 0, 1, 2, 4])),
        rift=float(rng.choice([0.0, 0.0, 0.0, rng.uniform(0.3, 1.0)])),
        rift_at=float(rng.uniform(150, 1500)),
        plume=float(max(0.0, rng.uniform(-0.6, 1.0)) * melt),
        wind=float(rng.beta(1.2, 2.0)),
        years=(date - pd.Timestamp(2000, 1, 1)).days / 365.25,
    )


def draw_sky(
    date: pd.Timestamp,
    longitude: float,
    latitude: float,
    turn: float,
    rng: np.random.Generator,
) -> Sky:
    """Sun and air on a day.

    Parameters
    ----------
    date : pandas.Timestamp
        Day.
    longitude, latitude : float
        Degrees.
    turn : float
        Degrees by which the grid is turned clockwise.
    rng : numpy.random.Generator
        Clouds and haze.

    Returns
    -------
    Sky
        Light and air; in the polar night the sun is put 4 degrees high.
    """
    azimuth, elevation = sun_position(longitude, latitude, date)
    azimuth += rng.normal(0, 8) - turn
    kind = rng.uniform()
    cloud = float(rng.uniform(0.05, 0.5)) if kind < 0.20 else 0.0
    return Sky(
        azimuth=float(azimuth % 360),
        elevation=float(max(4.0, elevation + rng.normal(0, 1.5))),
        diffuse=float(rng.uniform(0.10, 0.3)),
        haze=float(np.clip(rng.exponential(0.05), 0, 0.6)),
        cloud=cloud,
        thin=kind > 0.09,
    )


def draw_beam(sensor: Sensor, pixel: float, turn: float, rng: np.random.Generator) -> Beam:
    """Geometry of one radar pass.

    Parameters
    ----------
    sensor : Sensor
        A radar.
    pixel : float
        Edge of the rendered pixel, metres.
    turn : float
        Degrees by which the grid is turned clockwise.
    rng : numpy.random.Generator
        Ascending or descending pass, incidence.

    Returns
    -------
    Beam
        The satellite stands east or west (right-looking, near-polar orbit).
    """
    low, high = {"Envisat": (20, 26), "ALOS-1": (36, 40), "TerraSAR-X": (25, 42)}.get(
        sensor.name, (30, 44)
    )
    azimuth = rng.choice([75.0, 285.0]) + rng.normal(0, 12) - turn
    return Beam(float(azimuth % 360), float(rng.uniform(low, high)), looks(sensor, pixel))
