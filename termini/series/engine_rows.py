"""From the columns of one glacier to rows of the observations, and flags of its traces."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from termini.fronttable import flag
from termini.series.engine_columns import REASONS, Columns
from termini.series.kernels import Array, Ints
from termini.series.settings import ObservationSettings

#: Columns of the observations, in their order.
OBSERVATION_COLUMNS: dict[str, str] = {
    "glacier_id": "str",
    "trace_id": "str",
    "date": "datetime64[us]",
    "measure": "str",
    "length_change": "float64",
    "length_change_se": "float64",
    "area_change": "float64",
    "area_change_se": "float64",
    "sigma_geolocation": "float64",
    "sigma_digitising": "float64",
    "sigma_coverage": "float64",
    "sigma_definition": "float64",
    "sigma_date": "float64",
    "coverage": "float64",
    "gap_left": "float64",
    "gap_right": "float64",
    "crossings": "int32",
    "flowline_spread": "float64",
    "correlation_group": "str",
    "quality": "int32",
    "reference_date": "datetime64[us]",
}
_FROM_TABLE = ("glacier_id", "trace_id", "date", "correlation_group", "quality")


class Flagged(NamedTuple):
    """Traces that get a flag.

    Parameters
    ----------
    name : str
        The flag.
    rows : ndarray of int
        Positions in the front table.
    words : list of str or None
        Reasons.
    """

    name: str
    rows: Ints
    words: list[str] | None


class Block(NamedTuple):
    """Observations of one glacier.

    Parameters
    ----------
    rows : ndarray of int, shape (n,)
        Position of each observation's trace in the front table.
    columns : dict of str to ndarray, shape (n,)
        Columns of the observations that are not in the front table; ``measure`` by
        number, ``area_change`` still the width.
    flags : list of Flagged
        What was found of the traces.
    """

    rows: Ints
    columns: dict[str, NDArray[np.generic]]
    flags: list[Flagged]


def block_of(
    rows: Ints,
    columns: Columns,
    errors: dict[str, dict[str, Array]],
    settings: ObservationSettings,
) -> Block:
    """Observations of one glacier.

    Parameters
    ----------
    rows : ndarray of int, shape (t,)
        Positions of its traces in the front table.
    columns : Columns
        Its traces, measured.
    errors : dict of str to dict of str to ndarray, shape (t,)
        Parts of the standard error of each measure (`engine_errors.parts_of`).
    settings : ObservationSettings
        Settings.

    Returns
    -------
    Block
        One row per trace and measure that has a value, in the order of traces, then
        measures.
    """
    count = len(rows)
    shares = {}
    for name, measure in columns.measures.items():
        front = columns.front if name in ("centreline", "variable_box") else measure
        shares[name] = {
            "length_change": measure.length,
            "area_change": np.full(count, measure.width),
            **errors[name],
            "coverage": front.coverage,
            "flowline_spread": measure.spread,
            "gap_left": columns.gap_left,
            "gap_right": columns.gap_right,
            "crossings": columns.crossings,
        }
    names = list(shares)
    table = {
        column: np.stack([shares[name][column] for name in names], axis=1)
        for column in next(iter(shares.values()), {})
    }
    table["measure"] = np.broadcast_to(np.arange(len(names)), (count, len(names)))
    there = np.isfinite(table["length_change"]) if names else np.zeros((count, 0), dtype=bool)
    found = {column: values[there] for column, values in table.items()}
    squares = [found[part] ** 2 for part in found if part.startswith("sigma_")]
    found["length_change_se"] = np.sqrt(np.sum(squares, axis=0))
    return Block(
        np.broadcast_to(rows[:, None], there.shape)[there], found, _flags(rows, columns, settings)
    )


def _flags(rows: Ints, columns: Columns, settings: ObservationSettings) -> list[Flagged]:
    """Flags of a glacier's traces."""
    found = []
    for name in sorted(set(columns.flag) - {""}):
        mine = rows[columns.flag == name]
        found.append(Flagged(name, mine, [REASONS[name]] * len(mine)))
    share = columns.front.coverage
    low = np.isfinite(share) & (share < settings.coverage_limit)
    words = [
        f"covers {s:.0%} of the width, less than {settings.coverage_limit:.0%}" for s in share[low]
    ]
    found.append(Flagged("low_coverage", rows[low], words))
    open_end = settings.open_end_share * columns.engine.frame.width
    gap = np.fmax(columns.gap_left, columns.gap_right)
    several = [r for r, front in columns.fronts.items() if len(front.pieces) + front.dropped > 1]
    found.append(Flagged("self_crossing", rows[columns.crossed], None))
    found.append(Flagged("several_pieces", rows[np.array(several, dtype=np.int64)], None))
    found.append(Flagged("open_end", rows[gap > open_end], None))
    found.append(Flagged("multiple_crossings", rows[columns.crossings > 1], None))
    return found


def write_flags(table: gpd.GeoDataFrame, flags: list[Flagged]) -> None:
    """Set flags of all glaciers in the front table, in place.

    Parameters
    ----------
    table : GeoDataFrame
        Front table.
    flags : list of Flagged
        What was found.
    """
    for name in dict.fromkeys(found.name for found in flags):
        mine = [found for found in flags if found.name == name]
        rows = np.concatenate([found.rows for found in mine])
        words = np.concatenate([found.words or [""] * len(found.rows) for found in mine])
        mask = np.zeros(len(table), dtype=bool)
        mask[rows] = True
        order = np.argsort(rows, kind="stable")
        flag(table, mask, name, [str(word) for word in words[order]])


def observations_of(
    table: gpd.GeoDataFrame, blocks: list[Block], measures: tuple[str, ...]
) -> pd.DataFrame:
    """Table of positions of all glaciers; ``area_change`` still holds the width.

    Parameters
    ----------
    table : GeoDataFrame
        Front table with its flags.
    blocks : list of Block
        Observations by glacier.
    measures : tuple of str
        Names of the measures by number.

    Returns
    -------
    DataFrame
        Columns as in `OBSERVATION_COLUMNS`.
    """
    if not sum(len(block.rows) for block in blocks):
        return pd.DataFrame(columns=list(OBSERVATION_COLUMNS)).astype(OBSERVATION_COLUMNS)
    rows = np.concatenate([block.rows for block in blocks])
    columns: dict[str, Any] = {
        name: np.concatenate([block.columns[name] for block in blocks])
        for name in blocks[0].columns
    }
    columns |= {name: table[name].array.take(rows) for name in _FROM_TABLE}
    columns["measure"] = pd.array(list(measures), dtype="str").take(columns["measure"])
    columns["area_change_se"] = columns["length_change_se"] * columns["area_change"]
    columns["area_change"] = columns["length_change"] * columns["area_change"]
    columns["reference_date"] = np.full(len(rows), np.datetime64("NaT", "us"))
    found = pd.DataFrame({name: columns[name] for name in OBSERVATION_COLUMNS}, copy=False)
    return found.astype(OBSERVATION_COLUMNS)
