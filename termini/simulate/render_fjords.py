"""Fjords and fronts for training, laid so that ice flows to the top of the grid."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain
from termini.simulate.region import SimulatedRegion, simulate_region

FIRST_REGION = 10_000
"""Regions from this seed on are for training only."""

_REGIONS, _PER_REGION = 8, 6


def random_glacier(
    glacier_id: str, pixel: float, shape: tuple[int, int], rng: np.random.Generator
) -> tuple[GlacierDomain, LineString]:
    """Fjord that flows to the top of a grid, and a front across it.

    Parameters
    ----------
    glacier_id : str
        Its id.
    pixel : float
        Edge of a pixel, metres.
    shape : tuple of int
        Rows and columns of the grid; its lower left corner is the origin.
    rng : numpy.random.Generator
        Randomness.

    Returns
    -------
    domain : GlacierDomain
        In metres right and up from the origin, not in a map projection.
    front : shapely LineString
        From the left wall to the right wall.
    """
    rows, columns = shape
    high, wide = rows * pixel, columns * pixel
    t = np.linspace(-0.15, 1.15, 66) * high
    phase = rng.uniform(0, 2 * np.pi, 4)
    bend = rng.uniform(0.0, 0.14) * wide
    x = 0.5 * wide + rng.uniform(-0.08, 0.08) * wide
    x = x + bend * np.sin(t / high * rng.uniform(1.5, 4.5) + phase[0])
    x += rng.uniform(-0.25, 0.25) * (t - 0.5 * high)
    width = rng.uniform(0.25, 0.74) * wide * np.ones_like(t)
    width *= 1 + rng.uniform(0, 0.25) * np.sin(t / high * rng.uniform(2, 9) + phase[1])
    centre = np.column_stack([x, t])
    tangent = np.gradient(centre, axis=0)
    tangent /= np.hypot(*tangent.T)[:, None]
    leftward = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    jag = [_wander(t.size, rng) * rng.uniform(0.0, 0.08) * width for _ in range(2)]
    left = centre + leftward * (0.5 * width + jag[0])[:, None]
    right = centre - leftward * (0.5 * width + jag[1])[:, None]
    # the fjord may open wide towards the sea
    if rng.uniform() < 0.35:
        opening = np.clip((t / high - rng.uniform(0.55, 0.8)) / 0.3, 0, 1) ** 1.5 * 0.5 * wide
        left, right = left + leftward * opening[:, None], right - leftward * opening[:, None]
    domain = GlacierDomain(
        glacier_id,
        "",
        Polygon(np.vstack([left, right[::-1]])).buffer(0),
        LineString([left[0], right[0]]),
        LineString(left),
        LineString(right),
        LineString(centre),
        float(np.median(width)),
    )
    at = int(np.searchsorted(t, rng.uniform(0.28, 0.75) * high))
    return domain, _random_front(left, right, tangent, at, rng)


def _wander(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Smooth random line of n values with standard deviation about 1."""
    k = np.arange(1, 14)
    amplitude = k**-0.9 * rng.standard_normal((2, k.size))
    angle = 2 * np.pi * k[:, None] * np.arange(n)[None, :] / (1.3 * n)
    line = amplitude[0] @ np.sin(angle) + amplitude[1] @ np.cos(angle)
    return np.asarray(line / max(float(line.std()), 1e-9))


def _random_front(
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    tangent: NDArray[np.float64],
    at: int,
    rng: np.random.Generator,
) -> LineString:
    """Front from wall to wall: curved, tilted, notched, rough."""
    n = 140
    lag = int(rng.integers(-3, 4))
    ends = left[at], right[np.clip(at + lag, 0, len(right) - 1)]
    q = np.linspace(0, 1, n)
    line = ends[0] + q[:, None] * (ends[1] - ends[0])
    width = float(np.hypot(*(ends[1] - ends[0])))
    bow = rng.normal(-0.12, 0.16) * width * (4 * q * (1 - q)) ** rng.uniform(0.5, 1.6)
    rough = rng.uniform(0.004, 0.03) * width * _wander(n, rng)
    for _ in range(rng.integers(0, 4)):
        start, length = rng.uniform(0.05, 0.85), rng.uniform(0.03, 0.25)
        notch = 1 / (1 + np.exp(-(0.5 * length - np.abs(q - start - 0.5 * length)) / 0.008))
        rough = rough + rng.normal(0, 0.035) * width * notch
    taper = np.clip(np.minimum(q, 1 - q) / 0.03, 0, 1)
    offset = (bow + rough) * taper
    line = line + tangent[at] * offset[:, None]
    return LineString(line)


@lru_cache(maxsize=_REGIONS)
def _region(number: int) -> SimulatedRegion:
    """A simulated region that is used for training only."""
    return simulate_region(FIRST_REGION + number, n_glaciers=_PER_REGION)


def region_glacier(
    glacier_id: str, pixel: float, shape: tuple[int, int], rng: np.random.Generator
) -> tuple[GlacierDomain, LineString]:
    """Fjord and front of a day of a simulated region, turned to flow up a grid.

    Parameters
    ----------
    glacier_id : str
        Id that the glacier shall have.
    pixel : float
        Edge of a pixel, metres.
    shape : tuple of int
        Rows and columns of the grid; its lower left corner is the origin.
    rng : numpy.random.Generator
        Which glacier, day, place on the grid; half of them are mirrored.

    Returns
    -------
    domain : GlacierDomain
        In metres right and up from the origin, not in a map projection.
    front : shapely LineString
        From the left wall to the right wall.
    """
    region = _region(int(rng.integers(_REGIONS)))
    glacier = region.glaciers[int(rng.integers(len(region.glaciers)))]
    front = glacier.front(glacier.position.index[int(rng.integers(len(glacier.position)))])
    place = np.array([rng.uniform(0.38, 0.62) * shape[1], rng.uniform(0.28, 0.75) * shape[0]])
    tilt, mirror = rng.uniform(-0.3, 0.3), rng.uniform() < 0.5
    domain = glacier.domain
    middle = np.asarray(front.interpolate(0.5, normalized=True).coords[0])
    at = domain.centreline.project(shapely.Point(middle))
    ends = [np.asarray(domain.centreline.interpolate(at + d).coords[0]) for d in (-2500, 2500)]
    flow = (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0]))
    flow = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]]) @ flow
    right = np.array([flow[1], -flow[0]]) * (-1 if mirror else 1)

    def laid(line: LineString | Polygon) -> LineString | Polygon:
        return shapely.transform(
            line,
            lambda xy: (
                np.column_stack([(xy - middle) @ right, (xy - middle) @ flow]) + place * pixel
            ),
        )

    names = ["left_wall", "right_wall"]
    walls = [laid(getattr(domain, name)) for name in (names[::-1] if mirror else names)]
    moved = replace(
        domain,
        glacier_id=glacier_id,
        fjord=laid(domain.fjord),
        gate=laid(domain.gate.reverse() if mirror else domain.gate),
        left_wall=walls[0],
        right_wall=walls[1],
        centreline=laid(domain.centreline),
        flowlines=None,
    )
    return moved, laid(front.reverse() if mirror else front)
