"""What a glacier is like for good, and the state of fjord and land on a day."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Glacier:
    """What stays with one glacier from scene to scene, drawn from its id.

    Parameters
    ----------
    offset : tuple of float
        Where in the tiles its textures begin.
    speed : float
        Metres a year by which the surface texture travels.
    stripes, crevasses, moraines, lakes, shear : float
        Strength of flow stripes, crevasses, moraines, lakes and dark shear margins,
        around 1.
    spacing : float
        An eighth of the distance between large crevasses, metres.
    cliff : float
        Height of the front above the sea, metres.
    walls : tuple of float
        Height of left and right wall, metres.
    run : tuple of float
        Distance over which left and right wall rise, metres.
    flank : tuple of float
        Share of slow ice beside the channel, left and right, 0 to 1.
    ruggedness : float
        Roughness of the rock.
    """

    offset: tuple[float, float]
    speed: float
    stripes: float
    crevasses: float
    moraines: float
    lakes: float
    shear: float
    spacing: float
    cliff: float
    walls: tuple[float, float]
    run: tuple[float, float]
    flank: tuple[float, float]
    ruggedness: float


def glacier_character(glacier_id: str) -> Glacier:
    """Lasting features of one glacier.

    Parameters
    ----------
    glacier_id : str
        Id of the glacier; the same id gives the same features.

    Returns
    -------
    Glacier
        Its features.
    """
    rng = np.random.default_rng(zlib.crc32(glacier_id.encode()))
    flank = rng.choice([0.0, 0.0, 0.35, 0.7, 1.0], 2) * rng.uniform(0.8, 1.2, 2)
    return Glacier(
        offset=(float(rng.uniform(0, 512)), float(rng.uniform(0, 512))),
        speed=float(rng.uniform(300, 6000)),
        stripes=float(rng.uniform(0.5, 1.4)),
        crevasses=float(rng.uniform(0.4, 1.5)),
        moraines=float(rng.choice([0.2, 0.6, 1.2])),
        lakes=float(rng.uniform(0, 1)),
        shear=float(rng.choice([0.0, 0.5, 1.5])),
        spacing=float(rng.uniform(12, 24)),
        cliff=float(rng.uniform(25, 90)),
        walls=(float(rng.uniform(250, 1300)), float(rng.uniform(250, 1300))),
        run=(float(rng.uniform(400, 2500)), float(rng.uniform(400, 2500))),
        flank=(float(flank[0]), float(flank[1])),
        ruggedness=float(rng.uniform(0.5, 1.4)),
    )


@dataclass(frozen=True)
class Weather:
    """State of fjord and land on the day of the scene.

    Parameters
    ----------
    snow : float
        0 bare ground and ice to 1 all under snow.
    melt : float
        0 frozen to 1 wet snow, bare ice, lakes.
    melange : float
        0 open water to 1 rigid melange from wall to wall.
    reach : float
        Metres to which melange reaches from the front.
    blur : float
        How gradually melange gives way to water: 0 in floes, 1 in fine brash.
    cracks, brash : float
        Strength of open leads in the melange and of strings of brash beyond it.
    fast_ice : float
        0 to 1: snow-covered sea ice between bergs and beyond the melange.
    ice_edge : float
        Metres from the front at which the sea ice ends.
    melange_tone : float
        Albedo of the melange less that of the glacier.
    berg_share, largest_berg, dark_bergs : float
        See `draw_bergs`.
    slabs : int
        Long tabular bergs that lie just before the front, parallel to it.
    rift, rift_at : float
        Strength (0 to 1) of a rift in the glacier, and its distance from the front,
        metres.
    plume : float
        Strength of a sediment plume at the front, 0 to 1.
    wind : float
        Roughness of open water, 0 to 1.
    years : float
        Time, years since 2000; moves the surface texture.
    """

    snow: float
    melt: float
    melange: float
    reach: float
    blur: float
    cracks: float
    brash: float
    fast_ice: float
    ice_edge: float
    melange_tone: float
    berg_share: float
    largest_berg: float
    dark_bergs: float
    slabs: int
    rift: float
    rift_at: float
    plume: float
    wind: float
    years: float
