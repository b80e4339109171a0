"""The satellites whose scenes show calving fronts, and what is known of each.

Pixel size is that of the product and band that front studies use (Zhang et al.
2021, Table 1; Landsat 7 and 8 panchromatic, Landsat 5 band 3), geolocation the
one-sigma horizontal error that the agencies state, and `prior_sigma` the median
uncertainty of a trace in the AutoTerm table (Zhang et al. 2023), or for sensors
that it lacks two pixels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from termini.errors import InputError


@dataclass(frozen=True)
class Sensor:
    """One satellite sensor.

    Parameters
    ----------
    name : str
        Name in the front table.
    kind : str
        ``optical`` or ``sar``.
    pixel : float
        Ground sampling of the band used, metres.
    swath : float
        Width of a scene on the ground, metres.
    geolocation : float
        One-sigma horizontal error, metres.
    prior_sigma : float
        One-sigma normal error of a trace, metres, where a source states none.
    years : tuple of int
        First and last year of operation (9999 = still flying).
    stripes : bool
        Scenes have gaps between scan lines (Landsat 7 after May 2003).
    """

    name: str
    kind: str
    pixel: float
    swath: float
    geolocation: float
    prior_sigma: float
    years: tuple[int, int]
    stripes: bool = False


SENSORS: dict[str, Sensor] = {
    sensor.name: sensor
    for sensor in [
        Sensor("Landsat-5", "optical", 30.0, 185e3, 15.0, 22.0, (1984, 2013)),
        Sensor("Landsat-7", "optical", 15.0, 185e3, 12.0, 20.0, (1999, 2022), stripes=True),
        Sensor("Landsat-8", "optical", 15.0, 185e3, 6.0, 16.0, (2013, 9999)),
        Sensor("Landsat-9", "optical", 15.0, 185e3, 6.0, 16.0, (2021, 9999)),
        Sensor("Sentinel-2", "optical", 10.0, 290e3, 6.0, 14.0, (2015, 9999)),
        Sensor("Sentinel-1", "sar", 10.0, 250e3, 7.0, 29.0, (2014, 9999)),
        Sensor("TerraSAR-X", "sar", 3.0, 30e3, 1.0, 6.0, (2007, 9999)),
        Sensor("Envisat", "sar", 12.5, 100e3, 15.0, 25.0, (2002, 2012)),
        Sensor("ALOS-1", "sar", 12.5, 70e3, 10.0, 25.0, (2006, 2011)),
        Sensor("ALOS-2", "sar", 10.0, 70e3, 6.0, 20.0, (2014, 9999)),
    ]
}

# How file names, tables and papers write the same sensors. The first pattern
# that is found wins.
_SPELLINGS: list[tuple[str, str]] = [
    (r"^L[TE]0?5|landsat[-_ ]*(tm)?0?5|\bl5\b|^ls5", "Landsat-5"),
    (r"^LE0?7|landsat[-_ ]*(etm\+?)?0?7|\bl7\b|^ls7", "Landsat-7"),
    (r"^L[CO]0?8|landsat[-_ ]*(oli)?0?8|\bl8\b|^ls8", "Landsat-8"),
    (r"^L[CO]0?9|landsat[-_ ]*0?9|\bl9\b|^ls9", "Landsat-9"),
    (r"^S1[AB]\b|sentinel[-_ ]*1|\bs1[ab]?\b", "Sentinel-1"),
    (r"^S2[AB]\b|sentinel[-_ ]*2|\bs2[ab]?\b", "Sentinel-2"),
    (r"terrasar|tandem|\btsx\b|\btdx\b", "TerraSAR-X"),
    (r"envisat|\basar\b", "Envisat"),
    (r"alos[-_ ]*2|palsar[-_ ]*2", "ALOS-2"),
    (r"alos|palsar", "ALOS-1"),
]


def find_sensor(text: str) -> Sensor | None:
    """Sensor that a file name or a table's entry speaks of.

    Parameters
    ----------
    text : str
        A scene id, a file name, or a sensor's name in any usual spelling.

    Returns
    -------
    Sensor or None
        The sensor, or None if the text names none that is known.
    """
    words = text.replace("_", " ")
    for pattern, name in _SPELLINGS:
        if re.search(pattern, words, flags=re.IGNORECASE):
            return SENSORS[name]
    return None


def get_sensor(name: str) -> Sensor:
    """Sensor by its name in the front table.

    Parameters
    ----------
    name : str
        Name as in `SENSORS`.

    Returns
    -------
    Sensor
        The sensor.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in SENSORS:
        raise InputError(f"sensor {name!r} is unknown; known are {', '.join(SENSORS)}")
    return SENSORS[name]
