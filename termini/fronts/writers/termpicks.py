"""Front tables in the layout of TermPicks (Goliber et al. 2022)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.fronts.readers.termpicks import stated_sensors
from termini.fronts.readers.termpicks_flags import DIGITS
from termini.fronts.readers.traces import prior_sigma
from termini.fronts.writers.layouts import checked, day_texts, fitted, glacier_numbers, lines_only
from termini.fronts.writers.losses import Losses, Written, found_again, lose_unheld
from termini.fronts.writers.shapefiles import write_shapefile
from termini.times import decimal_year
from termini.variables import flag_bits

# Which of several flags is written, as there is room for one: what harms a trace most.
_WORST_FIRST = (3, 1, 4, 2)


def write_termpicks(
    fronts: gpd.GeoDataFrame, path: str | Path, *, numbers: Mapping[str, int] | None = None
) -> Written:
    """Write a front table as one shapefile in the layout of TermPicks.

    Parameters
    ----------
    fronts : GeoDataFrame
        Front table.
    path : path
        ``.shp`` to write, EPSG:3413, with the columns GlacierID, Date, Year, Month, Day,
        DecDate, QualFlag, Satellite, ImageID, Author, Center_X, Center_Y. An unknown
        month or day is 00.
    numbers : mapping of str to int, optional
        GlacierID of glaciers whose id is not ``termpicks:<number>``.

    Returns
    -------
    Written
        The file, and what of the table is not in it.

    Raises
    ------
    InputError
        If it is no front table, has no rows, a glacier has no number, or the file cannot
        be written.
    """
    table = checked(fronts)
    losses = Losses(table)
    lines = lines_only(table, losses)
    parts = day_texts(table, losses)
    sensors = stated_sensors(table["sensor"], table["scene_id"])
    quality, held = _quality(table)
    middle = lines.centroid
    attributes = pd.DataFrame(
        {
            "GlacierID": glacier_numbers(table["glacier_id"], "termpicks", numbers),
            "Date": [f"{y:04d}-{m:02d}-{d:02d}" if y else "" for y, m, d in parts],
            "Year": np.array([y for y, _, _ in parts], dtype="int32"),
            "Month": np.array([m for _, m, _ in parts], dtype="int32"),
            "Day": np.array([d for _, _, d in parts], dtype="int32"),
            "DecDate": _decimal(table["date"]),
            "QualFlag": quality,
            "Satellite": fitted(sensors, "sensor", losses),
            "ImageID": fitted(table["scene_id"], "scene_id", losses),
            "Author": fitted(table["analyst"], "analyst", losses),
            "Center_X": middle.x,
            "Center_Y": middle.y,
        }
    )
    known = table["method"].isin(["manual", "automatic"])
    losses.add("method", ~known, "the layout knows only 'manual' and 'automatic'")
    renamed = ~table["glacier_id"].str.startswith("termpicks:")
    losses.add("glacier_id", renamed, "written as the number that numbers= gives")
    priors = np.array([prior_sigma(sensor) for sensor in sensors])
    lose_unheld(table, losses, "termpicks", held | found_again(table, lines), priors)
    written = write_shapefile(gpd.GeoDataFrame(attributes, geometry=lines), Path(path))
    return Written((written,), len(table), losses.table())


def _quality(table: gpd.GeoDataFrame) -> tuple[list[str], NDArray[np.int64]]:
    """Two digits of each row, and the quality bits that they hold."""
    bits = flag_bits()
    flags = table["quality"].to_numpy(dtype="int64")
    digit = np.zeros(len(table), dtype="int64")
    held = np.zeros(len(table), dtype="int64")
    for number in _WORST_FIRST:
        bit = bits[DIGITS[number][0]]
        now = (digit == 0) & ((flags & bit) != 0)
        digit[now], held[now] = number, bit
    first = np.where(table["method"] == "manual", 0, 1)
    return [f"{a}{b}" for a, b in zip(first, digit, strict=True)], held


def _decimal(dates: pd.Series) -> NDArray[np.float64]:
    """Decimal year of each date, NaN where there is none."""
    found = np.full(len(dates), np.nan)
    known = dates.notna().to_numpy()
    if known.any():
        found[known] = decimal_year(dates[known])
    return found
