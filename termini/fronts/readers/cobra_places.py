"""Where the windows of the TU Dresden test set lie, whose files name no glacier.

Longitude and latitude, rounded to a hundredth of a degree, of the window centres that
the authors publish with their program (Loebel et al. 2024, MIT licence), of those that
the test set has. Seven more windows, not in that list, lie along the fronts of Petermann
and Pine Island Glacier; their centres are the middles of the fronts themselves.
"""

from __future__ import annotations

import numpy as np

from termini.geo import local_plane_at, transformer

#: Name and centre of each window.
PLACES: dict[str, tuple[float, float]] = {
    "academy": (-32.35, 81.63),
    "boydell": (-59.17, -64.20),
    "daugaard_jensen": (-28.58, 71.92),
    "docker_smith": (-61.77, 76.30),
    "drygalski": (-60.79, -64.72),
    "eqip_sermia_region": (-50.22, 70.03),
    "hagen_brae": (-27.53, 81.44),
    "harald_moltke_brae": (-67.87, 76.59),
    "hayes": (-56.95, 74.90),
    "helheim": (-38.18, 66.36),
    "humboldt_a": (-64.71, 79.82),
    "humboldt_b": (-64.37, 79.78),
    "humboldt_c": (-64.13, 79.74),
    "humboldt_d": (-64.15, 79.68),
    "humboldt_e": (-64.33, 79.62),
    "humboldt_f": (-64.53, 79.57),
    "humboldt_g": (-64.63, 79.51),
    "humboldt_h": (-64.84, 79.46),
    "humboldt_i": (-65.00, 79.40),
    "humboldt_j": (-65.17, 79.35),
    "humboldt_k": (-65.42, 79.30),
    "humboldt_l": (-65.59, 79.25),
    "humboldt_m": (-65.75, 79.22),
    "ingia_isbrae": (-52.65, 72.04),
    "jakobshavn_isbrae": (-49.66, 69.19),
    "kangerdlugssuaq": (-32.90, 68.60),
    "kangiata_nunaata_sermia": (-49.65, 64.33),
    "kong_oscar": (-59.65, 75.97),
    "nioghalvfjerdsbrae_a": (-19.45, 79.64),
    "nioghalvfjerdsbrae_b": (-19.56, 79.55),
    "nioghalvfjerdsbrae_c": (-19.65, 79.47),
    "petermann_a": (-61.45, 80.96),
    "petermann_b": (-61.17, 81.02),
    "pine_island_a": (-101.68, -75.15),
    "pine_island_b": (-101.47, -75.12),
    "pine_island_c": (-101.28, -75.05),
    "pine_island_d": (-101.01, -74.98),
    "pine_island_e": (-100.73, -74.89),
    "rinks_isbrae": (-51.68, 71.73),
    "ryder_glacier": (-50.72, 81.82),
    "storbreen": (16.56, 77.10),
    "store": (-50.64, 70.35),
    "sverdrup": (-57.95, 75.61),
    "tracy_gletscher": (-66.17, 77.67),
    "upernavik_isstrom_north": (-54.41, 72.98),
    "upernavik_isstrom_south": (-54.35, 72.82),
    "waltershausen_glacier": (-24.21, 73.81),
    "zachariae_isstrom_north": (-20.81, 78.98),
    "zachariae_isstrom_south": (-20.90, 78.90),
}
# Fronts lie within 7 km of the centre of their window, other windows' mostly farther.
_NEAR_M = 15e3


def place_name(longitude: float, latitude: float) -> str:
    """Name of the window around a point.

    Parameters
    ----------
    longitude, latitude : float
        The point, degrees.

    Returns
    -------
    str
        Name; where no window is within 15 km the position in tenths of a degree, as
        ``n691_w0498``.
    """
    names = list(PLACES)
    lon, lat = np.array([PLACES[name] for name in names]).T
    near = np.flatnonzero(np.abs(lat - latitude) < 1.0)
    if len(near):
        move = transformer("EPSG:4326", local_plane_at(latitude, longitude))
        here = np.array(move.transform(longitude, latitude))
        there = np.array(move.transform(lon[near], lat[near]))
        away = np.hypot(*(there - here[:, None]))
        if away.min() < _NEAR_M:
            return names[int(near[away.argmin()])]
    north, east = ("n" if latitude >= 0 else "s"), ("e" if longitude >= 0 else "w")
    return f"{north}{abs(latitude) * 10:03.0f}_{east}{abs(longitude) * 10:04.0f}"
