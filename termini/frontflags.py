"""Quality flags of a front table, and what is seen of its columns without any domain."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from termini.errors import InputError
from termini.geo import DEGREES, LONLAT
from termini.times import read_dates
from termini.variables import flag_bits

#: Traces of one glacier that lie so far apart are in two projections, metres.
APART_M = 200e3
# So many traces of a glacier serve to find where most of them lie.
_ANCHORS = 500


def crs_text(table: gpd.GeoDataFrame) -> str:
    """Projection of a table as a text that pyproj takes.

    Parameters
    ----------
    table : GeoDataFrame
        Any table with geometry.

    Returns
    -------
    str
        ``EPSG:...`` where it has a code, else WKT.

    Raises
    ------
    InputError
        If the table states no projection.
    """
    if table.crs is None:
        raise InputError("the table states no projection; set one with set_crs()")
    return _text(CRS.from_user_input(table.crs))


@lru_cache(maxsize=64)
def _text(crs: CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.to_wkt())


def flag(
    table: gpd.GeoDataFrame, rows: Any, name: str, reason: str | list[str] = ""
) -> gpd.GeoDataFrame:
    """Front table with a quality flag set on some rows and the reason noted.

    Parameters
    ----------
    table : GeoDataFrame
        Front table; it is changed in place.
    rows : boolean mask
        Which traces.
    name : str
        Flag from ``variables.yml``.
    reason : str or list of str
        What to add to ``note``: one text, or one for each flagged row.

    Returns
    -------
    GeoDataFrame
        The same table.
    """
    rows = np.asarray(rows, dtype=bool)
    if not rows.any():
        return table
    bit = flag_bits()[name]
    table["quality"] = np.where(rows, table["quality"] | bit, table["quality"]).astype("int32")
    added = pd.Series(reason, index=table.index[rows], dtype="str")
    if (added != "").any():
        old = table.loc[rows, "note"]
        table.loc[rows, "note"] = (old + "; " + added).where(
            (old != "") & (added != ""), old + added
        )
    return table


def put_dates(table: pd.DataFrame, values: Any, what: str) -> None:
    """Dates into a table; a year or month alone is its middle, with its error and a flag.

    Parameters
    ----------
    table : DataFrame
        Front table whose column ``date_sigma_days`` stands; it is changed in place.
    values : sequence
        Dates as `termini.times.read_dates` takes them.
    what : str
        What it is, for the error.

    Raises
    ------
    InputError
        If a date cannot be read in one way only; the message names its row.
    """
    dates, sigma, reasons = read_dates(values)
    if wrong := [(row, reason) for row, reason in enumerate(reasons) if reason]:
        row, reason = wrong[0]
        more = f" ({len(wrong) - 1} more rows like it)" if len(wrong) > 1 else ""
        raise InputError(f"{what}: row {row}: {reason}{more}")
    table["date"] = dates
    coarse = sigma > table["date_sigma_days"].fillna(0.0).to_numpy()
    table["date_sigma_days"] = np.where(coarse, sigma, table["date_sigma_days"])
    flag(table, coarse, "date_coarse", "date known to a month or worse")


def checked_coordinates(table: gpd.GeoDataFrame, what: str | Path) -> gpd.GeoDataFrame:
    """Front table whose coordinates may be what their projection says.

    Parameters
    ----------
    table : GeoDataFrame
        Front table; it is changed in place.
    what : str or path
        What it is, for the error.

    Returns
    -------
    GeoDataFrame
        The same table. Traces in degrees among others in metres, or metres among
        degrees, are flagged ``bad_geometry``, such as lie 200 km from the others of
        their glacier ``outside_domain``, with the remedy.

    Raises
    ------
    InputError
        If all of them are in degrees and the projection in metres, or the
        other way round.
    """
    extent = np.abs(table.geometry.bounds.to_numpy())
    known = np.isfinite(extent).all(axis=1)
    metres = extent.max(axis=1, initial=0.0) > DEGREES
    projected = CRS.from_user_input(table.crs).is_projected
    wrong = known & (metres != projected)
    if not wrong.any():
        return _flag_apart(table, known) if projected else table
    stated = crs_text(table)
    label = repr(LONLAT) if projected else "code of the projection they are in"
    units = ("longitude and latitude", "metres") if projected else ("metres", "degrees")
    said = f"in {units[0]}, though {stated} is in {units[1]}"
    if wrong.sum() == known.sum():
        raise InputError(
            f"{what}: the coordinates of its traces are {said}; label them "
            f"set_crs({label}, allow_override=True), then reproject them with to_crs()"
        )
    _flag_new(table, wrong, "bad_geometry", f"coordinates {said}: reproject them with to_crs()")
    return _flag_apart(table, known & ~wrong) if projected else table


def _flag_new(
    table: gpd.GeoDataFrame, rows: NDArray[np.bool_], name: str, reason: str | list[str]
) -> None:
    """Flag rows that are not yet flagged."""
    new = rows & (table["quality"].to_numpy() & flag_bits()[name] == 0)
    reasons = reason if isinstance(reason, str) else [reason[i] for i in np.flatnonzero(new)]
    flag(table, new, name, reasons)


def _flag_apart(table: gpd.GeoDataFrame, known: NDArray[np.bool_]) -> gpd.GeoDataFrame:
    """Flag traces that lie far from the others of their glacier."""
    bounds = table.geometry.bounds.to_numpy()
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2
    glacier = pd.factorize(table["glacier_id"])[0]
    groups = pd.DataFrame(np.where(known[:, None], middle, np.nan)).groupby(glacier)
    spans = groups.max() - groups.min()
    far, words = np.zeros(len(table), dtype=bool), [""] * len(table)
    named = table["glacier_id"].to_numpy() != ""
    for number in spans.index[(spans > APART_M).any(axis=1)]:
        rows = np.flatnonzero((glacier == number) & known & named)
        anchors = rows[:: len(rows) // _ANCHORS + 1]
        if not len(rows):
            continue
        away = np.linalg.norm(middle[anchors, None] - middle[None, rows], axis=2)
        home = away[np.argmax((away < APART_M).sum(axis=1))]
        lost = home >= APART_M
        # two equal heaps: none of them can be trusted
        lost = lost | (lost.sum() * 2 >= len(rows))
        far[rows[lost]] = True
        for row, distance in zip(rows, np.where(home < APART_M, home.max(), home), strict=True):
            words[row] = (
                f"lies {distance / 1e3:.0f} km from other traces of its glacier: in another "
                "projection, or of another glacier; reproject it with to_crs() or mend its "
                "glacier_id"
            )
    _flag_new(table, far, "outside_domain", words)
    return table
