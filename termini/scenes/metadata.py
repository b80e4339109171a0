"""Date and sensor of a scene, from the tags of its file or from its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from termini.errors import InputError, SceneError
from termini.sensors import SENSORS, find_sensor, get_sensor
from termini.times import EARLIEST, to_date

#: Tags that hold the acquisition, best first. TIFF's own DateTime is not among
#: them: it says when the file was processed.
DATE_TAGS = (
    "DATE",
    "ACQUISITION_DATE",
    "DATE_ACQUIRED",
    "acquisition_date",
    "SENSING_TIME",
    "date",
)
SENSOR_TAGS = ("SENSOR", "SATELLITE", "SPACECRAFT_ID", "PLATFORM", "sensor", "satellite")
BAND_TAGS = ("BAND", "POLARISATION", "POLARIZATION", "band")
ORBIT_TAGS = ("ORBIT_STATE", "ORBIT_DIRECTION", "PASS", "sat:orbit_state", "orbit")

_POLARISATION = re.compile(r"(?<![A-Za-z])(hh|hv|vv|vh)(?![A-Za-z])", flags=re.IGNORECASE)
_OPTICAL_BAND = re.compile(r"_(B(?:\d{1,2}|8A|3N))(?![0-9A-Za-z])")
_PASS = re.compile(r"(?<![a-z])(asc|des)(?:c?ending|c)?(?![a-z])", flags=re.IGNORECASE)

# Landsat names before 2017: sensor, path, row, year, day of year, station.
_OLD_LANDSAT = re.compile(r"^L[CETOM]\d(?:\d{6})(\d{4})(\d{3})[A-Z]{3}\d\d")
_DAY_AND_TIME = re.compile(r"(?<!\d)((?:19|20)\d{6})T(\d{6})(?!\d)")
_ISO_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.](\d\d)[-_.](\d\d)(?!\d)")
_COMPACT_DAY = re.compile(r"(?<!\d)((?:19|20)\d{6})(?!\d)")

# ASTER: version, then month, day, year, time. ALOS-2: two digits of the year.
# Harmonised Landsat and Sentinel: year and day of the year.
_OWN_WAYS = [
    (re.compile(r"^AST_(?:L1[A-Z]+|\d{2}[A-Z]*)_\d{3}(\d{14})"), "%m%d%Y%H%M%S"),
    (re.compile(r"^(?:\w+-)*ALOS2\d{9,10}-(\d{6})"), "%y%m%d"),
    (re.compile(r"^HLS\.[LS]30\.T\w{5}\.(\d{7})T\d{6}"), "%Y%j"),
]

# The scan-line corrector of Landsat 7 failed on this day.
SLC_FAILURE = pd.Timestamp("2003-05-31")


def find_date(text: str) -> pd.Timestamp | None:
    """Acquisition date that a scene's name holds.

    Parameters
    ----------
    text : str
        Name of a scene or file: Landsat ids of both kinds, Sentinel ids, and
        any name with a day like 20160302 or 2016-03-02. The first date counts;
        in Landsat and Sentinel ids that is the acquisition.

    Returns
    -------
    pandas.Timestamp or None
        The date, UTC, or None if the name holds none.
    """
    if old := _OLD_LANDSAT.match(text):
        return _timestamp(f"{old[1]}-{old[2]}", "%Y-%j")
    for pattern, form in _OWN_WAYS:
        if own := pattern.match(text):
            return _timestamp(own[1], form)
    if timed := _DAY_AND_TIME.search(text):
        found = _timestamp(timed[1] + timed[2], "%Y%m%d%H%M%S")
        if found is not None:
            return found
    for match in _COMPACT_DAY.finditer(text):
        found = _timestamp(match[1], "%Y%m%d")
        if found is not None:
            return found
    if iso := _ISO_DAY.search(text):
        return _timestamp("".join(iso.groups()), "%Y%m%d")
    return None


def _timestamp(text: str, form: str) -> pd.Timestamp | None:
    found = pd.to_datetime(text, format=form, errors="coerce")
    if pd.isna(found) or found < EARLIEST:
        return None
    return pd.Timestamp(found).as_unit("us")


def find_sensor_name(text: str, date: pd.Timestamp | None = None) -> str:
    """Sensor that a scene's name speaks of.

    Parameters
    ----------
    text : str
        Name of a scene or file.
    date : pandas.Timestamp, optional
        Acquisition. A name that says only "landsat" is given to the Landsat
        that flew then; from 2013 on that is Landsat 8, whose scenes, unlike
        those of Landsat 7, have no gaps.

    Returns
    -------
    str
        Name as in `termini.sensors.SENSORS`, or empty if none is named.
    """
    if re.match(r"T[SD]X[-_]", text, flags=re.IGNORECASE):
        return "TerraSAR-X"
    sensor = find_sensor(text)
    if sensor is not None:
        return sensor.name
    if text.startswith("HLS.S30"):
        return "Sentinel-2"
    if re.search(r"sentinel.*GRD|GRD[-_]?(IW|EW)", text, flags=re.IGNORECASE):
        return "Sentinel-1"
    if re.search("landsat", text, flags=re.IGNORECASE) and date is not None:
        flown = [
            name
            for name in ("Landsat-8", "Landsat-7", "Landsat-5")
            if SENSORS[name].years[0] <= date.year <= SENSORS[name].years[1]
        ]
        return flown[0] if flown else ""
    return ""


def scene_date(
    path: Path, tags: Mapping[str, str], given: object = None, *, needed: bool = True
) -> pd.Timestamp | None:
    """Acquisition date: as given, else from the tags, else from the file's name.

    Parameters
    ----------
    path : pathlib.Path
        File of the scene.
    tags : mapping of str
        Its tags.
    given : date-like, optional
        Date that the caller states.
    needed : bool
        Raise if there is none.

    Returns
    -------
    pandas.Timestamp or None
        The date, UTC.

    Raises
    ------
    SceneError
        If a date is not one, lies in the future, or lacks and is needed.
    """
    found: pd.Timestamp | None
    stated = (
        given
        if given is not None
        else next((tags[t] for t in DATE_TAGS if tags.get(t, "").strip()), None)
    )
    if stated is not None:
        try:
            found = to_date(stated, "its date")
        except InputError as error:
            raise SceneError(f"{path}: {error}") from error
    else:
        found = find_date(path.stem)
    if found is None:
        if needed:
            raise SceneError(
                f"{path}: no acquisition date in its tags or its name; write it into the name, "
                "as in x_20160302.tif, or into the tag DATE, or pass date="
            )
        return None
    if found > pd.Timestamp.now("UTC").tz_localize(None):
        raise SceneError(
            f"{path}: its date {found:%Y-%m-%d} lies in the future; write the right one into its "
            "tag DATE or, if it has none, its name, or pass date="
        )
    return found


def scene_sensor(
    path: Path, tags: Mapping[str, str], date: pd.Timestamp | None, given: str | None = None
) -> str:
    """Sensor: as given, else from the tags, else from the file's name.

    Parameters
    ----------
    path : pathlib.Path
        File of the scene.
    tags : mapping of str
        Its tags.
    date : pandas.Timestamp or None
        Acquisition.
    given : str, optional
        Name that the caller states.

    Returns
    -------
    str
        Name as in `termini.sensors.SENSORS`, or empty if it is unknown.

    Raises
    ------
    SceneError
        If the given name is not a known sensor.
    """
    if given:
        found = find_sensor_name(given, date)
        if found:
            return found
        try:
            return get_sensor(given).name
        except ValueError as error:
            raise SceneError(f"{path}: {error}") from error
    for tag in SENSOR_TAGS:
        if tag in tags and (found := find_sensor_name(tags[tag], date)):
            return found
    return find_sensor_name(path.stem, date)


def has_stripes(sensor: str, date: pd.Timestamp | None) -> bool:
    """Whether scenes of a sensor have gaps between scan lines.

    Parameters
    ----------
    sensor : str
        Name as in `termini.sensors.SENSORS`, or empty.
    date : pandas.Timestamp or None
        Acquisition.

    Returns
    -------
    bool
        True for Landsat 7 after its scan-line corrector failed.
    """
    return (
        sensor in SENSORS
        and SENSORS[sensor].stripes
        and (date is None or bool(date >= SLC_FAILURE))
    )


def scene_band(path: Path, tags: Mapping[str, str]) -> str:
    """Band or polarisation, from the tags or from the file's name.

    Parameters
    ----------
    path : pathlib.Path
        File of the scene.
    tags : mapping of str
        Its tags.

    Returns
    -------
    str
        As the tags have it, or as B8 or HH; empty where neither says.
    """
    stated = next((str(tags[t]) for t in BAND_TAGS if t in tags), "")
    if stated:
        return stated
    if found := _OPTICAL_BAND.search(path.stem):
        return found[1]
    if found := _POLARISATION.search(path.stem):
        return found[1].upper()
    return ""


def scene_orbit(path: Path, tags: Mapping[str, str]) -> str:
    """Direction of the pass, from the tags or from the file's name.

    Parameters
    ----------
    path : pathlib.Path
        File of the scene.
    tags : mapping of str
        Its tags.

    Returns
    -------
    str
        ``ascending``, ``descending``, or empty where neither says. Radar sees a
        glacier from the other side in each, which is why the two are kept apart
        (Zhang et al. 2023).
    """
    for text in [*(str(tags[t]) for t in ORBIT_TAGS if t in tags), path.stem.replace("_", " ")]:
        if found := _PASS.search(text):
            return "ascending" if found[1].lower() == "asc" else "descending"
    return ""
