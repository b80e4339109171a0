"""What lies on the ground on a day: rock, ice, melange, bergs, water, and their relief."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from termini.simulate.render_bergs import Bergs
from termini.simulate.render_frame import Frame
from termini.simulate.render_state import Glacier, Weather
from termini.simulate.render_surface import banks, floating, glacier_surface, place_bergs
from termini.simulate.texture import Field, sample, smoothstep

ROCK, ICE, WATER, NOTHING = 0, 1, 2, 255
"""Values of the truth mask: land, glacier ice, sea with all that floats, not seen."""


@dataclass(frozen=True)
class Ground:
    """What lies on the ground, each an array of shape (rows, columns).

    Parameters
    ----------
    frame : Frame
        Where the pixels lie.
    height : ndarray of float32
        Metres above the sea.
    rock, trunk, flank : ndarray of float32
        Shares of bare or snow-covered land, glacier, slow ice on the banks; the
        rest of a pixel is sea.
    melange, fast_ice : ndarray of float32
        Shares of the sea's part under brash and floes, and under sea ice.
    bergs : Bergs
        Icebergs.
    tone : ndarray of float32
        Glacier: change of albedo by stripes and moraines.
    floes : ndarray of float32
        Melange: one value from -1 to 1 for each floe.
    detail : ndarray of float32
        Fine noise of the land and the sea, standard deviation 1.
    lake, plume : ndarray of float32
        Shares under melt water, and strength of the sediment plume.
    snow_patch : ndarray of float32
        Share of the land under snow.
    offset : tuple of float
        Where in the tiles the glacier's textures begin.
    truth : ndarray of uint8
        `ROCK`, `ICE` or `WATER`.
    """

    frame: Frame
    height: Field
    rock: Field
    trunk: Field
    flank: Field
    melange: Field
    fast_ice: Field
    bergs: Bergs
    tone: Field
    floes: Field
    detail: Field
    lake: Field
    plume: Field
    snow_patch: Field
    offset: tuple[float, float]
    truth: NDArray[np.uint8]


def lay_ground(
    frame: Frame,
    front: Field,
    glacier: Glacier,
    weather: Weather,
    rng: np.random.Generator,
) -> Ground:
    """Put everything in its place.

    Parameters
    ----------
    frame : Frame
        Grid.
    front : ndarray of float32
        Distance from the front, positive on the ice (`front_distance`).
    glacier : Glacier
        Lasting features.
    weather : Weather
        State of the day.
    rng : numpy.random.Generator
        Randomness of the day (bergs, floes, drift).

    Returns
    -------
    Ground
        Cover and relief.
    """
    pixel = frame.pixel
    ou, ov = offset = glacier.offset
    shore = frame.lasting("shore", "rough", frame.x / 40, frame.y / 40, offset)
    coast = frame.inside + 25 * shore
    channel = np.clip(coast / pixel + 0.5, 0, 1)
    on_ice = np.clip(front / pixel + 0.5, 0, 1)
    trunk, sea = channel * on_ice, channel * (1 - on_ice)
    detail = frame.lasting("detail", "grain", frame.x / 22, frame.y / 22, (ov, ou))
    # beside the channel the front's distance has no sign: use the way along flow
    at_front = frame.along[(np.abs(front) < 1.5 * pixel) & (channel > 0.5)]
    upstream = (float(np.median(at_front)) if at_front.size else 0.0) - frame.along
    bank, flank, patch = banks(frame, coast, upstream, glacier, weather, detail)
    ice_height, tone, lake = glacier_surface(frame, front, glacier, weather)
    melange, fast_ice, floes = floating(frame, front, weather, rng)
    bergs = place_bergs(front, sea, melange, fast_ice, weather, pixel, rng)
    plume = (
        weather.plume
        * np.exp(np.minimum(front, 0) / 900)
        * smoothstep(-0.2, 1.2, sample("soft", frame.x / 14, frame.y / 14 + ou))
    )
    rough = weather.melange * 5 * melange * (0.3 + floes + 0.22 * detail)
    afloat = np.maximum(bergs.height * (1 + 0.12 * detail), rough * (1 - 0.6 * fast_ice))
    height = (1 - channel) * bank + trunk * ice_height + sea * afloat
    rock = (1 - channel) * (1 - flank)
    truth = np.where(channel < 0.5, np.where(flank > 0.5, ICE, ROCK), ICE)
    truth = np.where((channel >= 0.5) & (front <= 0), WATER, truth).astype(np.uint8)
    return Ground(
        frame, height, rock, trunk, (1 - channel) * flank, melange, fast_ice, bergs,
        tone, 2 * floes - 1, detail, lake, plume.astype(np.float32), patch, glacier.offset, truth,
    )  # fmt: skip
