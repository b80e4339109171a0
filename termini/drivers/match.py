"""Which record of a published table belongs to which glacier.

Position and name are weighed together, because neither is enough: tables place
one glacier kilometres apart, and give four glaciers one name. Each join comes
with its distance and with the reason, if any, to doubt it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray

from termini.geo import ARCTIC, scale_factor
from termini.geometry.crosswalk_match import (
    DOUBT,
    MAX_DISTANCE_M,
    SAME_NAME,
    assign,
    doubts,
    pair_costs,
)
from termini.names import name_similarity


@dataclass(frozen=True)
class Match:
    """The record that was joined to each glacier of a table.

    Parameters
    ----------
    record : ndarray of int
        Row of the record, -1 where there is none.
    distance : ndarray
        True distance in metres, NaN where there is no record or it has no
        position.
    doubt : ndarray of int8
        A value of `DOUBT`.
    """

    record: NDArray[np.int64]
    distance: NDArray[np.float64]
    doubt: NDArray[np.int8]


def match_records(
    glaciers: pd.DataFrame, table: xr.Dataset, *, max_distance: float = MAX_DISTANCE_M
) -> Match:
    """Which record of one table belongs to which glacier.

    Parameters
    ----------
    glaciers : DataFrame
        As for `join_drivers`.
    table : xarray.Dataset
        As for `join_drivers`.
    max_distance : float
        Records farther away are not joined, metres.

    Returns
    -------
    Match
        Row of the record, distance and doubt, one a glacier.

    Notes
    -----
    The mechanism is that of the id crosswalk (`termini.geometry.crosswalk_match`): a
    record with a point belongs to one glacier, one with an outline to all inside. A
    record without a position is joined by its name if that name occurs once on
    either side.
    """
    if not table.sizes["record"]:
        none = np.full(len(glaciers), -1)
        return Match(none, np.full(len(glaciers), np.nan), none.astype(np.int8))
    distance = _distances(glaciers, table)
    likeness = _likeness(glaciers, table)
    placed = np.isfinite(distance)
    cost = pair_costs(distance, likeness, max_distance=max_distance)
    shared = _outlines(table)
    record = assign(cost, shared)
    doubt = doubts(cost, likeness, record, shared & (distance == 0.0))
    _by_name(likeness, np.asarray(placed.any(axis=0)), record, doubt)
    rows = np.arange(len(glaciers))
    found = np.where(record >= 0, distance[rows, record], np.nan)
    return Match(record, found, doubt)


def _by_name(
    likeness: NDArray[np.float64],
    placed: NDArray[np.bool_],
    record: NDArray[np.int64],
    doubt: NDArray[np.int8],
) -> None:
    """Join records without position to glaciers that have none yet, where names are unique."""
    same = likeness >= SAME_NAME
    for glacier in np.flatnonzero(record < 0):
        columns = np.flatnonzero(same[glacier] & ~placed)
        if len(columns) == 1 and same[:, columns[0]].sum() == 1 and same[glacier].sum() == 1:
            record[glacier] = columns[0]
            doubt[glacier] = DOUBT["name_only"]


def _distances(glaciers: pd.DataFrame, table: xr.Dataset) -> NDArray[np.float64]:
    """True distance of every glacier to every record, metres; NaN without position."""
    x, y = (glaciers[c].to_numpy(dtype=np.float64) for c in ("x", "y"))
    if "outline" in table:
        outlines = shapely.from_wkt(table["outline"].values.astype(object))
        points = shapely.points(x, y)
        distance = np.stack([shapely.distance(points, outline) for outline in outlines], axis=1)
    else:
        rx, ry = (table[c].values.astype(np.float64) for c in ("x", "y"))
        distance = np.hypot(x[:, None] - rx[None, :], y[:, None] - ry[None, :])
    scale = np.asarray(scale_factor(x, y, ARCTIC), dtype=np.float64)
    return np.asarray(distance / scale[:, None], dtype=np.float64)


def _likeness(glaciers: pd.DataFrame, table: xr.Dataset) -> NDArray[np.float64]:
    """Name similarity of every glacier to every record, all names of the glacier tried."""
    own = glaciers["name"].fillna("").astype(str)
    if "other_names" in glaciers:
        own = own + ";" + glaciers["other_names"].fillna("").astype(str)
    theirs = [str(name) for name in table["name"].values]
    return np.array(
        [[name_similarity(a.strip("; "), b) for b in theirs] for a in own], dtype=np.float64
    ).reshape(len(own), len(theirs))


def _outlines(table: xr.Dataset) -> NDArray[np.bool_]:
    """Which records have an outline, so that several glaciers may share them."""
    return np.full(table.sizes["record"], "outline" in table)
