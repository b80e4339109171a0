"""A small glacier to render."""

from __future__ import annotations

import numpy as np
from shapely.geometry import LineString, Polygon

from termini.domain import GlacierDomain


def bent_domain(
    glacier_id: str = "sim:1", length: float = 9000.0, width: float = 3000.0
) -> GlacierDomain:
    """Bent fjord near 69 N 50 W, flowing roughly to the south-west."""
    s = np.linspace(0.0, length, 61)
    angle = -2.4 + 0.5 * np.sin(np.pi * (s / length - 0.5))
    step = np.column_stack([np.cos(angle), np.sin(angle)]) * (s[1] - s[0])
    centre = np.array([-190_000.0, -2_280_000.0]) + np.vstack([[0, 0], step[:-1].cumsum(axis=0)])
    leftward = np.column_stack([-np.sin(angle), np.cos(angle)])
    half = 0.5 * width * (1 + 0.1 * np.sin(s / 1500))[:, None]
    left, right = centre + half * leftward, centre - half * leftward
    return GlacierDomain(
        glacier_id,
        "",
        Polygon(np.vstack([left, right[::-1]])),
        LineString([left[0], right[0]]),
        LineString(left),
        LineString(right),
        LineString(centre),
        width,
    )


def bowed_front(domain: GlacierDomain, at: float = 0.5, bow: float = -400.0) -> LineString:
    """Front at a share of the centreline, its middle moved down-glacier by `bow` metres."""
    ends = [wall.interpolate(at, normalized=True) for wall in (domain.left_wall, domain.right_wall)]
    a, b = (np.asarray(end.coords[0]) for end in ends)
    across = (b - a) / np.hypot(*(b - a))
    flow = np.array([-across[1], across[0]])
    q = np.linspace(0, 1, 60)[:, None]
    return LineString(a + q * (b - a) + 4 * q * (1 - q) * bow * flow)
