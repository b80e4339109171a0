"""Where the simulated glaciers lie: places along a coast shaped like Greenland's.

The coast is a rough outline of our own, a dozen corners a side; only its
latitudes and the way that fjords open to the sea matter. Names are made up from
Greenlandic-sounding syllables and belong to no real glacier.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from termini.geo import ARCTIC, LONLAT, transformer

# Longitude, latitude; from south to north.
_WEST = [(-48.6, 61.6), (-50.5, 63.2), (-51.6, 65.0), (-52.3, 67.0), (-51.0, 69.0),
         (-52.5, 70.6), (-54.8, 72.5), (-57.0, 74.3), (-61.0, 75.9), (-67.5, 77.4),
         (-67.0, 79.0), (-64.5, 80.1)]  # fmt: skip
_EAST = [(-42.9, 61.6), (-41.4, 63.4), (-39.0, 65.2), (-35.5, 66.6), (-30.5, 68.2),
         (-26.5, 69.9), (-26.8, 71.6), (-24.5, 73.2), (-22.5, 75.0), (-21.0, 77.0),
         (-20.0, 78.8), (-19.8, 80.1)]  # fmt: skip

_FIRST = ["Aqil", "Nasa", "Ilul", "Ukal", "Qamu", "Sava", "Tupi", "Imer", "Kiat", "Nuug", "Orsi",
          "Pual", "Qeqe", "Sull", "Tasi", "Uper", "Iker", "Napa", "Alan", "Kang"]  # fmt: skip
_MIDDLE = ["luta", "rfii", "ngor", "ssua", "tsia", "qqor", "vigs", "ller", "mmii", "nnga"]
_LAST = ["q Sermia", "t Sermeq", "k", "p Sermia", "a Isbræ", "it", "t Gletsjer", "q"]


@dataclass(frozen=True)
class Place:
    """Site of one simulated glacier.

    Parameters
    ----------
    name : str
        Made-up name.
    x, y : float
        Middle of the fjord in EPSG:3413, metres.
    longitude, latitude : float
        The same in degrees.
    heading : float
        Direction of flow, radians counter-clockwise from the x axis of EPSG:3413.
    coast : str
        ``west`` or ``east``; glaciers of a coast share part of their weather.
    """

    name: str
    x: float
    y: float
    longitude: float
    latitude: float
    heading: float
    coast: str


def places(seed: int, n: int) -> list[Place]:
    """Sites spread evenly, with some scatter, along both coasts from 62 to 80 N.

    Parameters
    ----------
    seed : int
        Seed; the same seed and `n` give the same places.
    n : int
        How many.

    Returns
    -------
    list of Place
        In no geographical order, names all different.
    """
    rng = np.random.default_rng([seed, 1])
    west = (n + 1) // 2
    found = _along(_WEST, west, "west", rng) + _along(_EAST, n - west, "east", rng)
    names = invented_names(n, rng)
    order = rng.permutation(n)
    return [Place(names[i], *found[j]) for i, j in enumerate(order)]


def _along(
    corners: list[tuple[float, float]], n: int, coast: str, rng: np.random.Generator
) -> list[tuple[float, float, float, float, float, str]]:
    """Position and heading of `n` sites along one coast."""
    lon, lat = np.array(corners).T
    xy = np.column_stack(transformer(LONLAT, ARCTIC).transform(lon, lat))
    along = np.concatenate([[0.0], np.hypot(*np.diff(xy, axis=0).T).cumsum()])
    turn = (np.arange(n) + 0.5 + rng.uniform(-0.25, 0.25, n)) / max(n, 1)
    at = along[-1] * (0.03 + 0.94 * turn)
    x, y = (np.interp(at, along, xy[:, k]) for k in (0, 1))
    piece = np.clip(np.searchsorted(along, at) - 1, 0, len(along) - 2)
    tangent = np.diff(xy, axis=0)[piece]
    # The sea lies left of someone walking north on the west coast, right on the east.
    seaward = np.arctan2(tangent[:, 1], tangent[:, 0]) + (
        np.pi / 2 if coast == "west" else -np.pi / 2
    )
    heading = seaward + rng.uniform(-0.8, 0.8, n)
    lon, lat = transformer(ARCTIC, LONLAT).transform(x, y)
    return [
        (float(x[i]), float(y[i]), float(lon[i]), float(lat[i]), float(heading[i]), coast)
        for i in range(n)
    ]


def invented_names(n: int, rng: np.random.Generator) -> list[str]:
    """Made-up names, all different.

    Parameters
    ----------
    n : int
        How many.
    rng : numpy Generator
        Source of randomness.

    Returns
    -------
    list of str
        Names; numbered once the syllables run out.
    """
    parts = [(a, b, c) for a in _FIRST for b in _MIDDLE for c in _LAST]
    order = rng.permutation(len(parts))
    names = ["".join(parts[k]) for k in order[:n]]
    return names + [f"{names[k % len(names)]} {k}" for k in range(len(names), n)]
