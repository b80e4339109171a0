"""The satellites whose scenes show calving fronts, and what is known of each.

`pixel` is that of the product and band that front studies use (Zhang et al.
2021, Table 1; Landsat 7 and 8 panchromatic, Landsat 5 band 3), `geolocation` the
one-sigma horizontal error, and `prior_sigma` the median uncertainty of a trace
in the AutoTerm table (Zhang et al. 2023), or for sensors that it lacks two
pixels. Each row of the table states where its figures come from.
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
    band : str
        Band that fronts are drawn on, or polarisation.
    assets : tuple of str
        Names under which that band, or the next best, is found in STAC items,
        best first; compared without regard to case.
    artefacts : tuple of str
        What its scenes show that is not there, or lack.
    source : str
        Where the geolocation error and the artefacts are stated.
    """

    name: str
    kind: str
    pixel: float
    swath: float
    geolocation: float
    prior_sigma: float
    years: tuple[int, int]
    stripes: bool = False
    band: str = ""
    assets: tuple[str, ...] = ()
    artefacts: tuple[str, ...] = ()
    source: str = ""


_HH = ("hh", "vv", "hv", "vh")
_VV = ("vv", "hh", "vh", "hv")
_MSS = ("red", "B5", "nir08", "B6")
_SNOW = "saturates on bright snow and ice (8 bits)"
_CLOUDS = "cloud; cloud shadow; low sun and mountain shadow; none in polar night"
_RADAR = "speckle; layover and shadow beside steep walls; wind-roughened water as bright as ice"
_L1TP = "USGS Landsat Collection 2, Level-1 geometric accuracy"
_DIRECTION = "looks from the other side in ascending and descending passes, so a front is displaced"

SENSORS: dict[str, Sensor] = {
    sensor.name: sensor
    for sensor in [
        Sensor(
            "Landsat-5", "optical", 30.0, 185e3, 15.0, 22.0, (1984, 2013), False,
            "B3", ("red", "B3"), (_CLOUDS, _SNOW),
            f"{_L1TP}; Borgeson et al. 1985: 11 m in one dimension",
        ),
        Sensor(
            "Landsat-7", "optical", 15.0, 185e3, 12.0, 20.0, (1999, 2022), True,
            "B8", ("pan", "B8", "red", "B3"),
            (_CLOUDS, _SNOW, "wedge-shaped gaps between scan lines from 2003-05-31 on, 22 % lost"),
            _L1TP,
        ),
        Sensor(
            "Landsat-8", "optical", 15.0, 185e3, 6.0, 16.0, (2013, 9999), False,
            "B8", ("pan", "B8", "red", "B4"), (_CLOUDS,), _L1TP,
        ),
        Sensor(
            "Landsat-9", "optical", 15.0, 185e3, 6.0, 16.0, (2021, 9999), False,
            "B8", ("pan", "B8", "red", "B4"), (_CLOUDS,), f"{_L1TP}; Choate et al. 2024",
        ),
        Sensor(
            "Sentinel-2", "optical", 10.0, 290e3, 6.0, 14.0, (2015, 9999), False,
            "B08", ("nir", "B08", "B8", "B08_10m"),
            (_CLOUDS, "cut into tiles of 110 km: a fjord may need two"),
            "ESA Sentinel-2 user handbook: 12.5 m at two sigma with ground control",
        ),
        Sensor(
            "Sentinel-1", "sar", 10.0, 250e3, 7.0, 29.0, (2014, 9999), False,
            "HH", _HH, (_RADAR, _DIRECTION, "noise at the scene's edges before 2018"),
            "ESA Sentinel-1 user handbook: 7 m for ground-range products",
        ),
        Sensor(
            "TerraSAR-X", "sar", 3.0, 30e3, 1.0, 6.0, (2007, 9999), False,
            "HH", _HH, (_RADAR,), "DLR TerraSAR-X product specification: 1 m",
        ),
        Sensor(
            "Envisat", "sar", 12.5, 100e3, 15.0, 25.0, (2002, 2012), False,
            "VV", _VV, (_RADAR,), "as ERS, whose successor it is, and half a pixel of terrain",
        ),
        Sensor(
            "ALOS-1", "sar", 12.5, 70e3, 10.0, 25.0, (2006, 2011), False,
            "HH", _HH, (_RADAR, "L band sees through dry snow"),
            "JAXA PALSAR calibration: 9.7 m, Shimada et al. 2009",
        ),
        Sensor(
            "ALOS-2", "sar", 10.0, 70e3, 6.0, 20.0, (2014, 9999), False,
            "HH", _HH, (_RADAR, "L band sees through dry snow"),
            "JAXA PALSAR-2 calibration: 5 to 7 m",
        ),
        Sensor(
            "Landsat-1", "optical", 60.0, 185e3, 30.0, 120.0, (1972, 1978), False,
            "B5", _MSS, (_CLOUDS, _SNOW, "lines lost; every sixth line of another gain"),
            f"{_L1TP}: tier 2 only; half a pixel here",
        ),
        Sensor(
            "Landsat-2", "optical", 60.0, 185e3, 30.0, 120.0, (1975, 1983), False,
            "B5", _MSS, (_CLOUDS, _SNOW, "lines lost; every sixth line of another gain"),
            f"{_L1TP}: tier 2 only; half a pixel here",
        ),
        Sensor(
            "Landsat-3", "optical", 60.0, 185e3, 30.0, 120.0, (1978, 1983), False,
            "B5", _MSS, (_CLOUDS, _SNOW, "starts of lines lost from 1978 on"),
            f"{_L1TP}: tier 2 only; half a pixel here",
        ),
        Sensor(
            "Landsat-4", "optical", 30.0, 185e3, 30.0, 22.0, (1982, 1993), False,
            "B3", ("red", "B3"), (_CLOUDS, _SNOW),
            "Borgeson et al. 1985: skew and affine distortions that Landsat 5 lacks; one pixel",
        ),
        Sensor(
            "ERS-1", "sar", 12.5, 100e3, 10.0, 25.0, (1991, 2000), False,
            "VV", _VV, (_RADAR, "6 km off along track in orbits 25195 to 25488, May 1996"),
            "Mohr & Madsen 2001: 10 m; ESA notice on the timing error of May 1996",
        ),
        Sensor(
            "ERS-2", "sar", 12.5, 100e3, 10.0, 25.0, (1995, 2011), False,
            "VV", _VV, (_RADAR,), "Mohr & Madsen 2001: 10 m",
        ),
        Sensor(
            "Radarsat-1", "sar", 20.0, 100e3, 30.0, 40.0, (1995, 2013), False,
            "HH", _HH, (_RADAR,),
            "no statement for single scenes found; 1.5 pixels of the 20 m Greenland mosaics",
        ),
        Sensor(
            "ASTER", "optical", 15.0, 60e3, 25.0, 30.0, (2000, 9999), False,
            "B3N", ("VNIR_Band3N", "B3N", "B03N", "VNIR"), (_CLOUDS, _SNOW),
            "ASTER users handbook: 50 m without ground control, taken as two sigma",
        ),
    ]
}  # fmt: skip

# How file names, tables and papers write the same sensors. The first pattern
# that is found wins.
_SPELLINGS: list[tuple[str, str]] = [
    (r"^L[TE]0?5|landsat[-_ ]*(tm)?0?5|\bl5\b|^ls5", "Landsat-5"),
    (r"^LE0?7|landsat[-_ ]*(etm\+?)?0?7|\bl7\b|^ls7", "Landsat-7"),
    (r"^L[CO]0?8|landsat[-_ ]*(oli)?0?8|\bl8\b|^ls8", "Landsat-8"),
    (r"^L[CO]0?9|landsat[-_ ]*0?9|\bl9\b|^ls9", "Landsat-9"),
    (r"^S1[A-D]\b|sentinel[-_ ]*1|\bs1[a-d]?\b", "Sentinel-1"),
    (r"^S2[A-D]\b|sentinel[-_ ]*2|\bs2[a-d]?\b", "Sentinel-2"),
    (r"terrasar|tandem|\bt[sd]x[-_ ]?1?\b", "TerraSAR-X"),
    (r"envisat|\basar\b|^ASA\b", "Envisat"),
    (r"alos[-_ ]*2|palsar[-_ ]*2", "ALOS-2"),
    (r"alos|palsar|^ALPSR", "ALOS-1"),
    (r"^LM0?1|landsat[-_ ]*(mss)?0?1\b|^ls1\b", "Landsat-1"),
    (r"^LM0?2|landsat[-_ ]*(mss)?0?2\b|^ls2\b", "Landsat-2"),
    (r"^LM0?3|landsat[-_ ]*(mss)?0?3\b|^ls3\b", "Landsat-3"),
    (r"^L[TM]0?4|landsat[-_ ]*(tm|mss)?0?4\b|\bl4\b|^ls4\b", "Landsat-4"),
    (r"\bers[-_ ]*1\b|^SAR IM.*\.E1$|^E1 ", "ERS-1"),
    (r"\bers[-_ ]*2\b|^SAR IM.*\.E2$|^E2 ", "ERS-2"),
    (r"radarsat(?![-_ ]*2)|^RS1\b|^R1 \d{5} |^RAD1", "Radarsat-1"),
    (r"\baster\b|^AST (L1|\d)", "ASTER"),
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
