"""What lies on the ground on a day: rock, ice, melange, bergs, water, and their relief."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import numpy as np

from termini.simulate.render_bergs import Bergs, draw_bergs
from termini.simulate.render_frame import Frame
from termini.simulate.texture import Field, sample, smoothstep

ROCK, ICE, WATER, NOTHING = 0, 1, 2, 255
"""Values of the truth mask: land, glacier ice, sea with all that floats, not seen."""


@dataclass(frozen=True)
class Glacier:
    """What stays with one glacier from scene to scene, drawn from its id.

    Parameters
    ----------
    offset : tuple of float
        Where in the tiles its textures begin.
    speed : float
        Metres a year by which the surface texture travels.
    stripes, crevasses, moraines, lakes : float
        Strength of flow stripes, crevasses, moraines and lakes, around 1.
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
    fast_ice : float
        0 to 1: snow-covered sea ice between bergs and beyond the melange.
    melange_tone : float
        Albedo of the melange less that of the glacier.
    berg_share, largest_berg, dark_bergs : float
        See `draw_bergs`.
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
    fast_ice: float
    melange_tone: float
    berg_share: float
    largest_berg: float
    dark_bergs: float
    plume: float
    wind: float
    years: float


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
    truth : ndarray of uint8
        `ROCK`, `ICE` or `WATER`.
    fields : dict
        Further arrays.
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
    truth: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    fields: dict[str, Field] = field(default_factory=dict)


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
    ou, ov = glacier.offset
    coast = frame.inside + 25 * sample("rough", frame.x / 40 + ou, frame.y / 40 + ov)
    channel = np.clip(coast / pixel + 0.5, 0, 1)
    on_ice = np.clip(front / pixel + 0.5, 0, 1)
    trunk, sea = channel * on_ice, channel * (1 - on_ice)
    detail = sample("grain", frame.x / 22 + ov, frame.y / 22 + ou)
    bank, flank, patch = _banks(frame, coast, glacier, weather, detail)
    ice_height, tone, lake = _glacier_surface(frame, front, glacier, weather)
    melange, fast_ice, floes = _floating(frame, front, weather, rng)
    bergs = _place_bergs(front, sea, melange, fast_ice, weather, pixel, rng)
    plume = (
        weather.plume
        * np.exp(front / 900)
        * smoothstep(-0.2, 1.2, sample("soft", frame.x / 14, frame.y / 14 + ou))
    )
    rough = np.float32(weather.melange) * 4 * melange * (0.4 + floes)
    afloat = np.maximum(bergs.height, rough * (1 - 0.6 * fast_ice))
    height = (1 - channel) * bank + trunk * ice_height + sea * afloat
    rock = (1 - channel) * (1 - flank)
    truth = np.where(channel < 0.5, np.where(flank > 0.5, ICE, ROCK), ICE)
    truth = np.where((channel >= 0.5) & (front <= 0), WATER, truth).astype(np.uint8)
    return Ground(
        frame, height, rock, trunk, (1 - channel) * flank, melange, fast_ice, bergs,
        tone, 2 * floes - 1, detail, lake, plume.astype(np.float32), patch, truth,
    )  # fmt: skip


def _banks(
    frame: Frame, coast: Field, glacier: Glacier, weather: Weather, detail: Field
) -> tuple[Field, Field, Field]:
    """Height of the land, share of slow ice on it, share of snow on the rest."""
    ou, ov = glacier.offset
    u, v = frame.x / 35 + ou, frame.y / 35 + ov
    out = np.maximum(-coast, 0)
    right = 0.5 + 0.5 * frame.side
    walls = glacier.walls[0] * (1 - right) + glacier.walls[1] * right
    run = glacier.run[0] * (1 - right) + glacier.run[1] * right
    share = glacier.flank[0] * (1 - right) + glacier.flank[1] * right
    broad = sample("soft", u / 5, v / 5)
    rough = sample("rough", u, v)
    # valleys across the walls: ridged noise, drawn out away from the fjord
    ridge = np.abs(sample("rough", frame.along / 30 + ou, out / 90 + ov))
    rise = 1 - np.exp(-out / run)
    height = walls * rise * (1 + 0.35 * broad - 0.3 * ridge)
    height += glacier.ruggedness * 30 * rough * smoothstep(0, 500, out)
    height = np.maximum(height, 2.0)
    # slow ice lies upstream and where the banks are low
    upstream = smoothstep(2500, -2500, frame.along - share * 14_000 + 2500 * broad)
    flank = smoothstep(0.45, 0.55, upstream * (share > 0.2))
    smooth = walls * 0.25 * rise * (1 + 0.3 * broad) + 30 + 2.5 * detail
    height = height * (1 - flank) + np.minimum(height, smooth) * flank
    line = 1.6 - 2.4 * weather.snow + 0.5 * (1 - rise)
    patch = smoothstep(line - 0.35, line + 0.35, 0.6 * rough + 0.5 * broad + 0.2 * detail)
    return height, flank, patch


def _glacier_surface(
    frame: Frame, front: Field, glacier: Glacier, weather: Weather
) -> tuple[Field, Field, Field]:
    """Height, albedo change and lakes of the trunk; texture travels with the ice."""
    ou, ov = glacier.offset
    s = frame.along - glacier.speed * weather.years
    q = frame.across * 2500 + 0.03 * frame.inside
    stripes = sample("rough", q / 16 + ou, s / 420 + ov)
    moraine = sample("soft", q / 14 + ov, s / 4000 + ou)
    back = np.maximum(front, 0)
    arc = s + 500 * frame.across**2 + 40 * stripes
    waves = sample("band", q / 55 + ov, arc / 17 + ou)
    fine = sample("grain", q / 30 + ou, arc / 16 + ov)
    chaos = sample("grain", frame.x / 17 + ou, (frame.y - s) / 17 + ov)
    patch = 0.6 + 0.5 * np.abs(sample("soft", q / 24 + ou, s / 50))
    depth = glacier.crevasses * patch * (0.35 + 1.0 * np.exp(-back / 2500))
    depth = depth * (1 - 0.55 * weather.snow)
    cliff = glacier.cliff * (0.75 + 0.35 * sample("soft", q / 20 + ov, 0 * q + ou))
    height = np.maximum(cliff, 8) + 0.018 * back + 2.0 * glacier.stripes * stripes
    height += depth * (2.2 * waves + 2.4 * fine + 1.6 * chaos)
    tone = 0.035 * glacier.stripes * stripes + 0.02 * depth * fine - 0.015 * depth * chaos
    tone -= 0.12 * glacier.moraines * smoothstep(1.3, 2.6, moraine)
    tone += 0.04 * glacier.moraines * smoothstep(0.8, 2.0, -moraine)
    pond = sample("soft", frame.x / 9 + ou, (frame.y - s) / 9 + ov)
    limit = 3.4 - 0.9 * glacier.lakes
    lake = weather.melt * smoothstep(limit, limit + 0.1, pond) * smoothstep(1500, 4000, back)
    return height, tone, lake


def _floating(
    frame: Frame, front: Field, weather: Weather, rng: np.random.Generator
) -> tuple[Field, Field, Field]:
    """Share of melange, share of sea ice, value of each floe."""
    a, b, c, d = rng.uniform(0, 512, 4)
    drift = sample("soft", frame.x / 22 + a, frame.y / 22 + b)
    fringe = sample("rough", frame.x / 30 + c, frame.y / 30 + d)
    # floes shrink where drift crowds them; they are swept by slow noise
    size = 5.0
    floe = sample("floe", frame.x / size + 6 * drift + a, frame.y / size + 6 * fringe + d)
    edge = sample("edge", frame.x / size + 6 * drift + a, frame.y / size + 6 * fringe + d)
    away = np.maximum(-front, 0)
    end = weather.reach * (1 + 0.25 * drift + 0.12 * fringe)
    packed = smoothstep(1.15, 0.85, away / np.maximum(end, 1))
    # loose melange has leads: between floes, and long cracks
    crack = np.abs(sample("rough", frame.x / 60 + b, frame.y / 60 + c))
    leads = smoothstep(0.02, 0.09, crack) * (0.5 + 0.5 * edge)
    loose = smoothstep(weather.melange + 0.05, weather.melange - 0.55, floe * 0.9 + 0.1 * drift)
    closed = np.clip(weather.melange * 1.6 - 0.6, 0, 1)
    melange = packed * (closed + (1 - closed) * (1 - loose) * leads)
    # strings of brash on open water
    string = np.abs(sample("soft", frame.x / 12 + d, frame.y / 12 + a + 0.5 * fringe))
    melange = np.maximum(
        melange, 0.55 * weather.melange * smoothstep(0.10, 0.0, string) * (drift > -0.3)
    )
    split = smoothstep(0.006, 0.02, np.abs(drift - 0.4)) if weather.fast_ice > 0 else 1.0
    fast = np.full_like(front, np.clip(weather.fast_ice, 0, 1)) * (0.3 + 0.7 * split)
    return melange.astype(np.float32), fast.astype(np.float32), floe


def _place_bergs(
    front: Field,
    sea: Field,
    melange: Field,
    fast_ice: Field,
    weather: Weather,
    pixel: float,
    rng: np.random.Generator,
) -> Bergs:
    """Bergs crowd in the melange and thin out seaward."""
    away = np.maximum(-front, 0)
    where = sea * (0.05 + 0.6 * melange + 0.5 * fast_ice * np.exp(-away / 6000))
    where *= 0.25 + np.exp(-away / max(weather.reach, 1500.0))
    return draw_bergs(
        where.astype(np.float32),
        pixel,
        rng,
        share=weather.berg_share,
        largest=weather.largest_berg,
        dark=weather.dark_bergs,
    )
