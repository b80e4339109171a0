"""One exposure: the ground laid, lit and seen by one sensor on a given grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry import LineString

from termini.domain import GlacierDomain
from termini.sensors import Sensor
from termini.simulate.render_frame import Frame, front_distance
from termini.simulate.render_ground import lay_ground
from termini.simulate.render_optical import see_optical
from termini.simulate.render_sar import see_sar
from termini.simulate.render_sensor import (
    covered_by_swath,
    optical_numbers,
    sar_numbers,
    scan_line_gaps,
)
from termini.simulate.render_state import glacier_character
from termini.simulate.render_weather import draw_beam, draw_sky, draw_weather


@dataclass(frozen=True)
class Picture:
    """What `expose` sees: arrays of shape (rows, columns) and the share under cloud."""

    values: NDArray[np.uint8] | NDArray[np.uint16]
    valid: NDArray[np.bool_]
    truth: NDArray[np.uint8]
    cloud: float


def expose(
    domain: GlacierDomain,
    front: LineString,
    day: pd.Timestamp,
    sensor: Sensor,
    *,
    frame: Frame,
    transform: Affine,
    position: tuple[float, float],
    melange: float,
    rng: np.random.Generator,
    turn: float = 0.0,
) -> Picture:
    """One exposure on a given grid, before anything is masked.

    Parameters
    ----------
    domain, front, day, sensor, melange
        As for `render_scene`.
    frame : Frame
        Ground coordinates of the grid.
    transform : affine.Affine
        The grid.
    position : tuple of float
        Longitude and latitude, degrees; sets the sun.
    rng : numpy.random.Generator
        Randomness of the scene.
    turn : float
        Degrees by which the grid's top stands clockwise of the projection's
        north; sun, beam, swath and gaps are turned with it.

    Returns
    -------
    Picture
        Numbers, validity, truth.
    """
    shape = frame.x.shape
    distance = front_distance(domain, front, transform, (shape[0], shape[1]))
    weather = draw_weather(day, melange, domain.reference_width, rng)
    ground = lay_ground(frame, distance, glacier_character(domain.glacier_id), weather, rng)
    valid = covered_by_swath(frame, sensor, turn, rng)
    cloud = 0.0
    if sensor.kind == "optical":
        sky = draw_sky(day, *position, turn, rng)
        tone = _glacier_albedo(weather.snow, rng)
        seen, opacity = see_optical(ground, weather, sky, rng, glacier_albedo=tone)
        valid &= ~scan_line_gaps(frame, sensor, day, turn, rng)
        values = optical_numbers(seen, sensor, sky.elevation, rng)
        cloud = round(float((opacity[valid] > 0.5).mean()), 4) if valid.any() else 0.0
        return Picture(values, valid, ground.truth, cloud)
    beam = draw_beam(sensor, frame.pixel, turn, rng)
    return Picture(
        sar_numbers(see_sar(ground, weather, beam, sensor, rng)), valid, ground.truth, cloud
    )


def _glacier_albedo(snow: float, rng: np.random.Generator) -> float:
    """Albedo of the trunk: bare crevassed ice in summer, snow in spring."""
    return float(
        np.clip(rng.normal(0.50, 0.06) * (1 - snow) + rng.normal(0.80, 0.04) * snow, 0.3, 0.9)
    )
