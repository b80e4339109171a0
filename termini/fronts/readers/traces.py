"""From a publisher's rows to the front table: lines, dates, sensors, flags.

A reader says which column is which; what a line of two pieces, a date without a
day or a satellite's abbreviation becomes is decided here, once for all sources.
Every row is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.fronts.readers.trace_lines import one_line_each
from termini.fronttable import flag, front_table
from termini.geo import ARCTIC
from termini.sensors import SENSORS, find_sensor
from termini.times import EARLIEST
from termini.times import read_dates as read_column

# Sensors that a source names without saying which of them: one-sigma normal error
# of a trace and years of operation. Landsat as Landsat 5, ERS as either.
UNSURE_SENSORS: dict[str, tuple[float, tuple[int, int]]] = {
    "Landsat": (SENSORS["Landsat-5"].prior_sigma, (1972, 9999)),
    "ERS": (SENSORS["ERS-1"].prior_sigma, (SENSORS["ERS-1"].years[0], SENSORS["ERS-2"].years[1])),
}
# Where the source does not name the sensor: as the coarsest of the mosaics.
UNKNOWN_SENSOR_SIGMA = 40.0

# How published tables abbreviate; what none fits goes to `find_sensor`.
_ABBREVIATED = [
    (r"^SEN1", "Sentinel-1"),
    (r"^ASA_", "Envisat"),
    (r"^ERS(?![-_ ]*[12]\b)|^ERS[-_ ]*1[-_ ]*/", "ERS"),
    (r"^Lxx|^Landsat$", "Landsat"),
]


def sensor_name(text: Any) -> str:
    """Sensor in the spelling of the front table.

    Parameters
    ----------
    text : Any
        A scene id or what a publisher writes in a sensor column.

    Returns
    -------
    str
        Name as in `termini.sensors.SENSORS` or `UNSURE_SENSORS`; empty if unknown.
    """
    if not isinstance(text, str) or not text.strip():
        return ""
    for pattern, name in _ABBREVIATED:
        if re.search(pattern, text.strip(), flags=re.IGNORECASE):
            return name
    sensor = find_sensor(text.strip().replace("_", "-") if len(text) < 16 else text.strip())
    return sensor.name if sensor else ""


def prior_sigma(sensor: str) -> float:
    """One-sigma normal error of a manual trace where its source states none.

    Parameters
    ----------
    sensor : str
        Name that `sensor_name` gave.

    Returns
    -------
    float
        Metres.
    """
    if sensor in SENSORS:
        return SENSORS[sensor].prior_sigma
    if sensor in UNSURE_SENSORS:
        return UNSURE_SENSORS[sensor][0]
    return UNKNOWN_SENSOR_SIGMA


def years_of(sensor: str) -> tuple[int, int]:
    """First and last year in which a sensor took images.

    Parameters
    ----------
    sensor : str
        Name that `sensor_name` gave.

    Returns
    -------
    tuple of int
        Years; 0 to 9999 where the sensor is not known.
    """
    if sensor in SENSORS:
        return SENSORS[sensor].years
    if sensor in UNSURE_SENSORS:
        return UNSURE_SENSORS[sensor][1]
    return 0, 9999


def scene_name(text: Any) -> str:
    """Scene id without blanks, empty where the source says that it is unknown.

    Parameters
    ----------
    text : Any
        What the source writes.

    Returns
    -------
    str
        The id.
    """
    stripped = text.strip() if isinstance(text, str) else ""
    return "" if stripped.lower() in {"unknown", "unkn", "none", "nan", "n/a", "-"} else stripped


def read_dates(values: Any) -> tuple[pd.DatetimeIndex, NDArray[np.float64], list[str]]:
    """Dates of a source's rows, without failing on any.

    Parameters
    ----------
    values : sequence
        Texts or dates. A year alone becomes its middle, a year and month its 15th.

    Returns
    -------
    dates : DatetimeIndex
        ``NaT`` where there is none or it cannot be read.
    sigma : ndarray
        Standard error that the missing day or month brings, days.
    reasons : list of str
        Why a row has no date; empty where it has one.
    """
    values = pd.Series(values).reset_index(drop=True)
    dates, sigma, reasons = read_column(values)
    early = np.asarray(dates < EARLIEST)
    for row in np.flatnonzero(dates.isna() | early):
        # the sources are not the user's to mend: what is wrong is enough
        reasons[row] = reasons[row].split("; ")[0] or (
            f"{str(values[row])!r} is not a date" if early[row] else "the source gives no date"
        )
    return pd.DatetimeIndex(dates.where(~early)), np.where(early, 0.0, sigma), reasons


def traces_table(
    table: gpd.GeoDataFrame,
    columns: dict[str, Any],
    *,
    crs: str,
    flags: dict[str, tuple[Any, Any]] | None = None,
    prior: Callable[[str], float] = prior_sigma,
    target: str = ARCTIC,
) -> gpd.GeoDataFrame:
    """Front table of a publisher's rows, all of them.

    Parameters
    ----------
    table : GeoDataFrame
        The publisher's rows; only their geometry is used.
    columns : dict
        Columns of the front table: one value for all rows or one a row.
        ``glacier_id``, ``date`` and ``source`` are needed. ``sensor`` and ``scene_id``
        may be as the publisher writes them; ``date_sigma_days`` counts where it is more
        than a date's text tells, the scene where there is no ``correlation_group``.
    crs, target : str
        Projection of the geometries, and of the result (EPSG:3031 in the Antarctic).
    flags : dict, optional
        Flag to a pair, as the source marks its rows: row mask, and a reason for
        all of them or a list with one for each row of `table`.
    prior : callable
        Error of a trace by its sensor, metres, where ``sigma_m`` is not given.

    Returns
    -------
    GeoDataFrame
        Front table, flags set for what can be seen without a glacier domain:
        geometry, date, and the source's own marks.
    """
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(table)))
    frame["date"], told, no_date = read_dates(frame["date"])
    told = np.maximum(told, frame.get("date_sigma_days", 0.0))
    frame["date_sigma_days"] = np.where(frame["date"].isna(), 0.0, told)
    frame["scene_id"] = [scene_name(v) for v in frame.get("scene_id", [""] * len(frame))]
    given = "sensor" in frame
    known = frame["sensor" if given else "scene_id"].astype(object)
    # a sensor that termini does not know keeps the publisher's word for it
    spelt = {v: sensor_name(v) or (scene_name(v) if given else "") for v in known.unique()}
    frame["sensor"] = [spelt.get(text, "") for text in known]
    if "sigma_m" not in frame:
        priors = {name: prior(name) for name in frame["sensor"].unique()}
        frame["sigma_m"] = [priors[name] for name in frame["sensor"]]
    # Traces drawn on one scene share its geolocation error, whatever the glacier.
    group = frame.get("correlation_group", frame["scene_id"])
    frame["correlation_group"] = group.where(group != "", frame["scene_id"])
    frame["geometry"], seen = one_line_each(table.geometry.to_numpy(), crs, target)
    # A front table is sorted; the row's number finds it again for its flags. What the
    # table itself notes, as of a trace far from all others, stands behind the number.
    order = pd.Series(np.arange(len(frame)), dtype="str")
    result = front_table(frame.assign(note=order), crs=target)
    noted = result["note"].str.partition("; ")
    row = noted[0].astype(int).to_numpy()
    result["note"] = noted[2].astype("str")
    for name in sorted({name for name, _ in seen.values()}):
        mask = np.array([seen.get(i, ("", ""))[0] == name for i in row])
        flag(result, mask, name, [seen[i][1] for i in row[mask]])
    undated = np.array([no_date[i] != "" for i in row], dtype=bool)
    flag(result, undated, "bad_date", [no_date[i] for i in row[undated]])
    flag(result, result["date_sigma_days"] > 5.0, "date_coarse", "date known to a month or worse")
    for name, (mask, reason) in (flags or {}).items():
        marked = np.asarray(mask, dtype=bool)[row]
        each = reason if isinstance(reason, str) else [reason[i] for i in row[marked]]
        flag(result, marked, name, each)
    return result
