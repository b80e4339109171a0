"""What the two MEaSUREs terminus datasets have in common: columns, flags, dates.

Seen in programs that read the published files: version 1.2 of NSIDC-0642 has
``GlacierID``, names, and ``DateRange`` (as ``01Sep2000-30Jan2001``) up to the winter
2012/13, ``DATE`` (as ``2015-02-10``) from 2014/15; its version 2 and NSIDC-0781 have
``Glacier_ID``, ``SourceDate``, ``Image_ID`` and ``Quality_Fl``, the former ``Sensor``
too, the latter ``Image_Tile``. The longer names are those of the geodatabases of the
same authors (Black & Joughin 2022).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from termini.fronts.readers.dated_files import require, values
from termini.fronts.readers.traces import read_dates

GLACIER = ["Glacier_ID", "GlacierID"]
DATE = ["SourceDate", "Source_Date", "Source_Dat", "DATE"]
RANGE = ["DateRange"]
FIRST, LAST = ["DATE1"], ["DATE2"]
IMAGE = ["Image_ID", "ImageID"]
SENSOR = ["Sensor"]
QUALITY = ["Quality_Fl", "Quality_Flag", "QualFlag"]
NAMES = ["AltName", "Alternativ", "Name", "GlacName", "Official_n", "GrnlndcNam"]

# A Sentinel-1 mosaic is made of the images of 12 days (of 6 where both satellites
# flew); what is known of a date is that it lies in them.
MOSAIC_SIGMA_DAYS = 12.0 / np.sqrt(12.0)


def measures_columns(table: gpd.GeoDataFrame, path: Path) -> dict[str, Any]:
    """Columns of the front table that both datasets give in the same way.

    Parameters
    ----------
    table : GeoDataFrame
        The publisher's rows, of one or several files, and their column ``problem``.
    path : path
        File or folder, for errors.

    Returns
    -------
    dict
        ``glacier_id``, ``date``, ``date_sigma_days``, ``scene_id``, ``method``.

    Raises
    ------
    InputError
        If there is no glacier number, or neither a date nor a range of dates.
    """
    require(table, "glacier number", GLACIER, path)
    require(table, "date", [*DATE, *RANGE, *FIRST], path)
    dates, sigma = _dates(table)
    return {
        "glacier_id": [measures_id(number) for number in values(table, GLACIER)],
        "date": dates,
        "date_sigma_days": sigma,
        "scene_id": values(table, IMAGE),
        "method": "manual",
    }


def measures_id(number: Any) -> str:
    """Glacier id of a MEaSUREs number, which some files keep as a decimal or a text.

    Parameters
    ----------
    number : Any
        What the row holds.

    Returns
    -------
    str
        As ``measures:3``; empty where there is no number.
    """
    text = "" if number is None else str(number).strip()
    if re.fullmatch(r"\d+(\.0*)?", text):
        return f"measures:{int(float(text))}"
    return f"measures:{text}" if text else ""


def quality_flags(table: gpd.GeoDataFrame) -> dict[str, tuple[Any, Any]]:
    """Flags of the datasets: 0 sure, 1 uncertain, 2 checked, 3 gaps of Landsat 7.

    Parameters
    ----------
    table : GeoDataFrame
        The publisher's rows.

    Returns
    -------
    dict
        For `termini.fronts.readers.traces.traces_table`.
    """
    marks = ["" if v is None else str(v).strip().removesuffix(".0") for v in values(table, QUALITY)]
    mark = np.array([text.lstrip("0") for text in marks], dtype=object)
    return {
        "source_uncertain": (mark == "1", "quality flag 1 of the source"),
        "source_checked": (mark == "2", ""),
        "slc_off": (mark == "3", ""),
    }


def _dates(table: gpd.GeoDataFrame) -> tuple[list[Any], list[float]]:
    """Date of each row, the middle where it is a range, and its standard error in days."""
    days = values(table, DATE)
    ranges = values(table, RANGE)
    first, last = values(table, FIRST), values(table, LAST)
    plain_date = values(table, ["DATE"])
    dates: list[Any] = []
    sigma: list[float] = []
    for k, day in enumerate(days):
        ends = (first[k], last[k])
        if day is None and ranges[k] is not None:
            parts = str(ranges[k]).split("-")
            ends = (parts[0], parts[1]) if len(parts) == 2 else (ranges[k], None)
        if day is None and None not in ends:
            middle, error = middle_of(*ends)
            dates.append(middle if middle is not None else f"{ends[0]}-{ends[1]}")
            sigma.append(error)
        else:
            dates.append(day if day is not None else ends[0])
            # `DATE` of version 1 is that of a mosaic, `SourceDate` that of the image
            sigma.append(MOSAIC_SIGMA_DAYS if day is not None and day is plain_date[k] else 0.0)
    return dates, sigma


def middle_of(first: Any, last: Any) -> tuple[pd.Timestamp | None, float]:
    """Middle of a range of days and its standard error, uniform over the range.

    Parameters
    ----------
    first, last : Any
        Days as a source writes them, as ``01Sep2000``.

    Returns
    -------
    tuple
        Date and days; None and 0 where one of the two cannot be read.
    """
    spaced = [
        re.sub(r"^(\d{1,2})([A-Za-z]{3})(\d{4})$", r"\1 \2 \3", str(d)) for d in (first, last)
    ]
    dates, _, reasons = read_dates(spaced)
    if any(reasons):
        return None, 0.0
    days = abs((dates[1] - dates[0]).days)
    middle = (dates[0] + (dates[1] - dates[0]) / 2).normalize()
    return middle, float(days / np.sqrt(12.0))
