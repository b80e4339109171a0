"""Parts of the ground: banks, surface of the glacier, what floats in the fjord."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from termini.simulate.render_bergs import Bergs, draw_bergs
from termini.simulate.render_frame import Frame
from termini.simulate.render_state import Glacier, Weather
from termini.simulate.texture import Field, sample, smoothstep


def banks(
    frame: Frame, coast: Field, behind: Field, glacier: Glacier, weather: Weather, detail: Field
) -> tuple[Field, Field, Field]:
    """Height of the land, share of slow ice on it, share of snow on the rest."""
    offset = glacier.offset
    u, v = frame.x / 42, frame.y / 42
    out = np.maximum(-coast, 0)
    right = 0.5 + 0.5 * frame.side
    walls = glacier.walls[0] * (1 - right) + glacier.walls[1] * right
    run = glacier.run[0] * (1 - right) + glacier.run[1] * right
    share = glacier.flank[0] * (1 - right) + glacier.flank[1] * right
    broad = frame.lasting("broad", "soft", u / 4, v / 4, offset)
    relief = frame.lasting("relief", "land", u, v, offset)
    # domes and the clefts between them: ridged noise
    cleft = np.abs(frame.lasting("cleft", "land", u / 1.6 + 99, v / 1.6 + 51, offset))
    rise = 1 - np.exp(-out / run)
    scale = glacier.ruggedness * (0.35 + 0.65 * rise) * smoothstep(0, 400, out)
    height = walls * rise * (1 + 0.3 * broad) + scale * (120 * relief - 150 * cleft + 2.5 * detail)
    # beside the glacier the land begins at the level of the ice
    level = smoothstep(-300, 500, behind) * (0.75 * glacier.cliff + 0.015 * np.maximum(behind, 0))
    height = np.maximum(height, 3.0) + level * np.exp(-out / 700)
    # slow ice lies upstream; it meets the trunk without a step
    upstream = share * 14_000 - frame.along + 1500 * broad + 500 * relief
    flank = np.where(share > 0.2, smoothstep(-60, 60, upstream), 0)
    soft = np.where(share > 0.2, smoothstep(-700, 700, upstream), 0)
    bank = np.maximum(level, 0.5 * glacier.cliff) + 0.12 * walls * rise * (1 + 0.25 * broad)
    height = height * (1 - soft) + (bank + 1.2 * detail) * soft
    line = 2.2 - 3.6 * weather.snow + 0.7 * (1 - rise) * (1 - weather.snow)
    patch = smoothstep(line - 0.9, line + 0.9, 0.7 * relief + 0.8 * broad + 0.2 * detail + 0.6)
    return height, flank, patch


def glacier_surface(
    frame: Frame, front: Field, glacier: Glacier, weather: Weather
) -> tuple[Field, Field, Field]:
    """Height, albedo change and lakes of the trunk; texture travels with the ice."""
    ou, ov = glacier.offset
    s = frame.along - glacier.speed * weather.years
    q = frame.across * 2400 + 0.02 * frame.inside
    broad = sample("soft", q / 13 + ou, s / 1500 + ov)
    stripes = sample("rough", q / 18 + ou, s / 300 + ov)
    back = np.maximum(front, 0)
    # shear at the walls bends crevasses into chevrons that point upstream
    arc = s + 700 * frame.across**2 + 50 * broad
    waves = sample("band", q / 40 + ov, arc / glacier.spacing + ou)
    fine = sample("grain", q / 45 + ou, arc / 21 + ov)
    chaos = frame.lasting("chaos", "grain", frame.x / 24, frame.y / 24, glacier.offset)
    margin = np.clip(np.abs(frame.across), 0, 1) ** 6
    patch = 0.55 + 0.45 * np.abs(sample("soft", q / 12 + ou, s / 40))
    depth = glacier.crevasses * patch * (0.5 + 0.8 * np.exp(-back / 3000)) * (1 - 0.5 * margin)
    depth = depth * (1 - 0.35 * weather.snow)
    cliff = glacier.cliff * (0.75 + 0.35 * sample("soft", q / 20 + ov, 0 * q + ou))
    level = 0.75 * glacier.cliff + 0.015 * back
    height = np.maximum(cliff, 6) + 0.015 * back
    edge = np.exp(np.minimum(-frame.inside, 0) / 250)
    height = height * (1 - edge) + level * edge
    height += glacier.stripes * (0.5 + 1.0 * margin) * stripes
    height += depth * (3.0 * waves + 3.4 * fine + 2.4 * chaos)
    tone = 0.028 * glacier.stripes * broad + 0.011 * glacier.stripes * (1 + margin) * stripes
    tone += 0.018 * depth * fine - 0.012 * depth * waves - 0.05 * glacier.shear * margin
    tone -= 0.13 * glacier.moraines * smoothstep(1.5, 2.6, broad + 0.2 * stripes)
    # a rift parallel to the front over part of the width: the next berg's edge
    bent = (back - weather.rift_at - 60 * broad - 45 * stripes) / (35 + frame.pixel / 3)
    rift = weather.rift * np.exp(-(bent**2)) * smoothstep(0.0, 0.3, broad + 0.4) * (1 - margin)
    height -= 22 * rift
    tone -= 0.07 * rift
    pond = sample("soft", frame.x / 5 + ou, (frame.y - s) / 5 + ov) + 0.08 * chaos
    limit = 3.3 - 0.8 * glacier.lakes
    wet = min(1.0, weather.melt + 0.4 * (glacier.lakes > 0.7))
    lake = wet * smoothstep(limit, limit + 0.15, pond) * smoothstep(1500, 4000, back)
    return height, tone, lake


def floating(
    frame: Frame, front: Field, weather: Weather, rng: np.random.Generator
) -> tuple[Field, Field, Field]:
    """Share of melange, share of sea ice, tone of the floes from 0 to 1."""
    a, b, c, d = (float(v) for v in rng.uniform(0, 512, 4))
    drift = sample("soft", frame.x / 20 + a, frame.y / 20 + b)
    fringe = sample("land", frame.x / 24 + c, frame.y / 24 + d)
    # floes are swept and crowded by the drift
    size = 8.0
    u, v = frame.x / size + 7 * drift + a, frame.y / size + 7 * fringe + d
    floe = sample("floe", u, v)
    edge = sample("edge", u, v)
    away = np.maximum(-front, 0)
    end = weather.reach * np.maximum(1 + 0.30 * drift + 0.18 * fringe, 0.15)
    density = weather.melange * smoothstep(1.25, 0.6, away / np.maximum(end, 1))
    # closed where dense; patches, then single floes in water where it thins out
    fray = sample("rough", frame.x / 32 + b, frame.y / 32 + d)
    place = 0.3 * fringe + 0.3 * drift + 0.7 * (floe - 0.5) + 0.4 * fray
    limit = 2.3 - 4.6 * density
    soft = 0.5 + weather.blur
    melange = smoothstep(limit - soft, limit + soft, place)
    # leads: long cracks that fan out from the front
    crack = np.abs(sample("land", frame.across * 45 + b, frame.along / 90 + c) + 0.25 * fray)
    opened = weather.cracks * smoothstep(0.1, 0.7, away / np.maximum(end, 1))
    melange = melange * (1 - opened * smoothstep(0.16, 0.06, crack))
    string = np.abs(sample("soft", frame.x / 11 + d, frame.y / 11 + a) + 0.25 * fringe)
    strings = weather.brash * smoothstep(0.12, 0.0, string) * smoothstep(-0.6, 0.8, drift)
    melange = np.maximum(melange, strings * (0.4 + 0.6 * floe))
    split = 1 - 0.5 * smoothstep(0.012, 0.004, np.abs(fringe - 0.25))
    fast = (
        weather.fast_ice
        * split
        * smoothstep(weather.ice_edge + 600, weather.ice_edge - 600, away + 900 * fringe)
    )
    mottle = 0.5 + 0.3 * (floe - 0.5) * edge + 0.10 * fringe + 0.1 * fray - 0.15 * (1 - edge)
    return melange, fast, np.clip(mottle, 0, 1)


def place_bergs(
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
    where = sea * (0.30 + 0.5 * melange + 0.5 * fast_ice * np.exp(-away / 6000))
    where *= 0.20 + np.exp(-away / max(0.6 * weather.reach, 1500.0))
    close = (sea > 0.9) & (away > 80) & (away < 1200)
    return draw_bergs(
        where.astype(np.float32),
        pixel,
        rng,
        slabs=_slabs(front, close, weather, pixel, rng),
        share=weather.berg_share,
        largest=weather.largest_berg,
        dark=weather.dark_bergs,
    )


def _slabs(
    front: Field, close: NDArray[np.bool_], weather: Weather, pixel: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Rows for `draw_bergs` of long bergs before the front, parallel to it."""
    at = np.flatnonzero(close)
    if weather.slabs == 0 or at.size == 0:
        return np.empty((0, 8))
    rows = []
    for number in at[rng.integers(0, at.size, weather.slabs)]:
        i, j = divmod(int(number), front.shape[1])
        i, j = (min(max(k, 2), n - 3) for k, n in zip((i, j), front.shape, strict=True))
        away = front[i + 2, j] - front[i - 2, j], front[i, j + 2] - front[i, j - 2]
        turn = np.arctan2(away[0], away[1]) + np.pi / 2 + rng.normal(0, 0.25)
        half = rng.uniform(200, 900)
        shade = rng.choice([rng.normal(0.0, 0.05), rng.uniform(-0.5, -0.1)])
        top = rng.uniform(15, 60)
        rows.append([i, j, half, rng.uniform(0.2, 0.45), turn, top, rng.normal(0, 0.2), shade])
    return np.array(rows)
