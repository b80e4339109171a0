"""Fjords: curved channels of varying width in which the simulated fronts move.

A fjord is laid out in a true-to-size plane around its place and then moved to
EPSG:3413, so that lengths along it are true metres while its map is inflated or
shrunk as at its latitude. Points in it are addressed by the distance `s` along
the centreline from the upstream gate and the share `v` of the way from the left
wall (0) to the right wall (1), looking down-glacier.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import LineString, MultiLineString, Polygon

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.geo import ARCTIC, LONLAT, transformer
from termini.simulate.coast import Place

STATION_M = 50.0
NARROWEST_M = 2000.0
WIDEST_M = 8000.0


@dataclass(frozen=True)
class Channel:
    """Cross-sections of a fjord, one every `STATION_M` true metres of centreline.

    Parameters
    ----------
    distance : ndarray, shape (n,)
        True metres along the centreline from the gate.
    centre, left, right : ndarray, shape (n, 2)
        Centreline and ends of the cross-sections on the walls, EPSG:3413.
    width : ndarray, shape (n,)
        True width of each cross-section, metres.
    left_area, right_area : ndarray, shape (n,)
        True area upstream of a section per unit of `v`, at the left and at the
        right wall; in between it is linear in `v`, because a section's points
        are mixtures of its ends.
    """

    distance: NDArray[np.float64]
    centre: NDArray[np.float64]
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    width: NDArray[np.float64]
    left_area: NDArray[np.float64]
    right_area: NDArray[np.float64]

    @property
    def length(self) -> float:
        """True length of the centreline, metres."""
        return float(self.distance[-1])

    def centre_at(self, s: float) -> tuple[float, float]:
        """Map coordinates of a point of the centreline.

        Parameters
        ----------
        s : float
            Distance from the gate, true metres.

        Returns
        -------
        tuple of float
            EPSG:3413.
        """
        x, y = (np.interp(s, self.distance, self.centre[:, k]) for k in (0, 1))
        return float(x), float(y)

    def points(self, s: ArrayLike, v: ArrayLike) -> NDArray[np.float64]:
        """Map coordinates of points in the fjord.

        Parameters
        ----------
        s : array_like
            Distance along the centreline, true metres.
        v : array_like
            Share of the way from the left to the right wall.

        Returns
        -------
        ndarray, shape (n, 2)
            EPSG:3413.
        """
        at = np.asarray(s, dtype=np.float64) / STATION_M
        k = np.clip(at.astype(int), 0, len(self.distance) - 2)
        part = np.clip(at - k, 0.0, 1.0)[:, None]
        share = np.asarray(v, dtype=np.float64)[:, None]
        left = self.left[k] + part * (self.left[k + 1] - self.left[k])
        right = self.right[k] + part * (self.right[k + 1] - self.right[k])
        # Written as a mixture, so that v = 0 and v = 1 give the walls to the last digit.
        mixed: NDArray[np.float64] = (1.0 - share) * left + share * right
        return mixed

    def area_upstream(self, s: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        """True area between the gate and fronts.

        Parameters
        ----------
        s : ndarray, shape (..., n)
            Distance of each front along the centreline at the shares `v`.
        v : ndarray, shape (n,)
            Shares from 0 to 1, ascending.

        Returns
        -------
        ndarray, shape (...)
            Square metres.
        """
        at = s / STATION_M
        k = np.clip(at.astype(int), 0, len(self.distance) - 2)
        part = at - k
        left = self.left_area[k] + part * (self.left_area[k + 1] - self.left_area[k])
        right = self.right_area[k] + part * (self.right_area[k + 1] - self.right_area[k])
        return np.asarray(np.trapezoid((1.0 - v) * left + v * right, v, axis=-1))


def make_channel(place: Place, rng: np.random.Generator) -> Channel:
    """Random fjord at a place: 12-25 km long, 2-8 km wide, bent by up to some 70 degrees.

    Parameters
    ----------
    place : Place
        Where, and which way the ice flows.
    rng : numpy Generator
        Source of randomness.

    Returns
    -------
    Channel
        Without folds: neighbouring sections never cross.

    Raises
    ------
    InputError
        If no draw in fifty is free of folds (not seen; widths are bounded).
    """
    for _ in range(50):
        length = STATION_M * int(rng.uniform(12e3, 25e3) / STATION_M)
        s = np.arange(0.0, length + 1.0, STATION_M)
        left_half, right_half = _half_widths(s, rng)
        angle = _bends(s, length, rng)
        step = np.column_stack([np.cos(angle), np.sin(angle)]) * STATION_M
        centre = np.concatenate([[[0.0, 0.0]], (step[:-1] + step[1:]).cumsum(axis=0) / 2])
        # At the walls of a bend the sections of a wide fjord come closer together.
        bend = np.abs(np.gradient(angle, s))
        if (bend * np.maximum(left_half, right_half)).max() > 0.6:
            continue
        normal = np.column_stack([-np.sin(angle), np.cos(angle)])
        left = centre + left_half[:, None] * normal
        right = centre - right_half[:, None] * normal
        ring = Polygon(np.concatenate([left, right[::-1]]))
        if ring.is_valid:
            return _on_the_map(
                place, s, centre - centre.mean(axis=0), left - centre, right - centre
            )
    raise InputError(f"{place.name}: found no fjord without folds in fifty tries; change the seed")


def _half_widths(
    s: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distance of either wall from the centreline: broad swells, narrows, small headlands."""
    base = np.exp(rng.uniform(np.log(2500.0), np.log(6000.0)))
    swell = sum(
        rng.uniform(0.04, 0.16) * np.sin(2 * np.pi * (s / rng.uniform(5e3, 14e3) + rng.uniform()))
        for _ in range(2)
    )
    width = base * (1.0 + swell) * (1.0 + rng.uniform(0.0, 0.25) * s / s[-1])
    width = np.clip(width, NARROWEST_M + 250.0, WIDEST_M - 250.0)
    sides = []
    for _ in range(2):
        rough = sum(
            rng.uniform(0.2, 1.0) * 0.02 * wave * np.sin(2 * np.pi * (s / wave + rng.uniform()))
            for wave in rng.uniform(900.0, 3500.0, 4)
        )
        sides.append(width / 2 + np.clip(rough, -120.0, 120.0))
    return sides[0], sides[1]


def _bends(s: NDArray[np.float64], length: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Direction of the centreline relative to the mean one, radians."""
    bend = rng.uniform(-0.6, 0.6) * np.sin(np.pi * (s / length - 0.5))
    meander = rng.uniform(0.05, 0.3) * np.sin(
        2 * np.pi * (s / rng.uniform(0.5 * length, length) + rng.uniform())
    )
    return np.asarray(bend + meander)


def _on_the_map(
    place: Place,
    s: NDArray[np.float64],
    centre: NDArray[np.float64],
    to_left: NDArray[np.float64],
    to_right: NDArray[np.float64],
) -> Channel:
    """Turn a fjord to its heading, measure it, and move it to EPSG:3413."""
    plane = (
        f"+proj=laea +lat_0={place.latitude:.6f} +lon_0={place.longitude:.6f} "
        "+datum=WGS84 +units=m +no_defs"
    )
    # EPSG:3413 has its y axis along 45 W; the plane has it along the place's own meridian.
    heading = place.heading - np.deg2rad(place.longitude + 45.0)
    turn = np.array([[np.cos(heading), np.sin(heading)], [-np.sin(heading), np.cos(heading)]])
    middle, left, right = (xy @ turn for xy in (centre, centre + to_left, centre + to_right))
    move = transformer(plane, ARCTIC)

    def on_map(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(move.transform(xy[:, 0], xy[:, 1]))

    across = right - left
    mean_across = (across[1:] + across[:-1]) / 2
    areas = []
    for wall in (left, right):
        step = np.diff(wall, axis=0)
        piece = -(step[:, 0] * mean_across[:, 1] - step[:, 1] * mean_across[:, 0])
        areas.append(np.concatenate([[0.0], piece.cumsum()]))
    return Channel(
        s, on_map(middle), on_map(left), on_map(right), np.hypot(*across.T), areas[0], areas[1]
    )


def channel_domain(
    channel: Channel, glacier_id: str, name: str, reach: tuple[float, float]
) -> GlacierDomain:
    """Glacier domain of a simulated fjord.

    Parameters
    ----------
    channel : Channel
        The fjord.
    glacier_id, name : str
        Of the glacier.
    reach : tuple of float
        Stretch of the centreline over which the front moves, metres from the
        gate; the reference width is the mean true width over it.

    Returns
    -------
    GlacierDomain
        In EPSG:3413, with five flowlines, the centreline being the middle one.
    """
    inside = (channel.distance >= reach[0]) & (channel.distance <= reach[1])
    ring = np.concatenate([channel.left[:1], channel.right, channel.left[:0:-1]])
    flowlines = [
        LineString((1.0 - v) * channel.left + v * channel.right) for v in (0.15, 0.325, 0.675, 0.85)
    ]
    flowlines.insert(2, LineString(channel.centre))
    return GlacierDomain(
        glacier_id=glacier_id,
        name=name,
        fjord=shapely.orient_polygons(Polygon(ring)),
        gate=LineString([channel.left[0], channel.right[0]]),
        left_wall=LineString(channel.left),
        right_wall=LineString(channel.right),
        centreline=LineString(channel.centre),
        reference_width=float(channel.width[inside].mean()),
        flowlines=MultiLineString(flowlines),
        crs=ARCTIC,
    )


def lonlat(channel: Channel, s: float) -> tuple[float, float]:
    """Longitude and latitude of a point of the centreline.

    Parameters
    ----------
    channel : Channel
        The fjord.
    s : float
        Distance from the gate, true metres.

    Returns
    -------
    tuple of float
        Degrees.
    """
    x, y = channel.centre_at(s)
    lon, lat = transformer(ARCTIC, LONLAT).transform(x, y)
    return float(lon), float(lat)
