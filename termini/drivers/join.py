"""Join published driver tables to glaciers, by position and name together.

Every table numbers glaciers its own way, places its points differently (on the
front, in the trunk, in the fjord) and spells names differently. So no record is
joined by a number, none beyond a stated distance, and each join is written down:
which record, how far away, and whether there is reason to doubt it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from termini.drivers.match import Match, match_records
from termini.errors import InputError
from termini.geometry.crosswalk_match import DOUBT, MAX_DISTANCE_M
from termini.variables import attributes, description

_NOT_VALUES = {"name", "x", "y", "outline"}
_ENDINGS = ("_match_distance", "_match_name", "_match_source", "_match_doubt")


def join_drivers(
    glaciers: pd.DataFrame,
    records: Iterable[xr.Dataset] | Mapping[str, xr.Dataset],
    *,
    max_distance: float = MAX_DISTANCE_M,
) -> xr.Dataset:
    """Drivers of each glacier, from tables that know it by other names and places.

    Parameters
    ----------
    glaciers : DataFrame
        ``glacier_id``, ``name``, ``x``, ``y`` (EPSG:3413, metres) and, if there
        are any, ``other_names`` separated by semicolons.
    records : iterable or mapping of xarray.Dataset
        Tables with the dimension ``record``, variables ``name``, ``x``, ``y``,
        perhaps ``outline`` (WKT; the glacier is then looked for inside it, and
        several may share it), and values on ``record`` or ``record, time``. Where
        two tables give one variable, the earlier counts and the later fills what
        it leaves open.
    max_distance : float
        Records farther away are not joined, metres.

    Returns
    -------
    xarray.Dataset
        Dimension ``glacier`` in the order of `glaciers`, and ``time`` where a table
        has it (all times of all tables). Each variable comes with
        ``_match_distance`` (m), ``_match_name``, ``_match_source`` and
        ``_match_doubt``. Missing where no record was found.

    Raises
    ------
    InputError
        If a column or variable lacks, or ids are not unique.
    """
    _check_glaciers(glaciers)
    if isinstance(records, Mapping):
        tables = [
            table.assign_attrs(source=table.attrs.get("source", name))
            for name, table in records.items()
        ]
    else:
        tables = list(records)
    drivers = xr.Dataset(
        coords={
            "glacier_id": ("glacier", glaciers["glacier_id"].to_numpy(dtype=object)),
            "glacier_name": ("glacier", glaciers["name"].fillna("").to_numpy(dtype=object)),
        }
    )
    times = [pd.DatetimeIndex(table["time"].values) for table in tables if "time" in table.dims]
    if times:
        joined = times[0]
        for other in times[1:]:
            joined = joined.union(other)
        drivers = drivers.assign_coords(time=joined.as_unit("ns"))
    sources: list[str] = []
    comments: list[str] = []
    for table in tables:
        _check_records(table)
        match = match_records(glaciers, table, max_distance=max_distance)
        for name in map(str, table.data_vars):
            if name not in _NOT_VALUES:
                _add(drivers, table, name, match)
        if note := table.attrs.get("comment"):
            comments.append(f"{table.attrs.get('source', 'table')}: {note}")
        sources.append(str(table.attrs.get("citation", table.attrs.get("source", ""))))
    drivers.attrs["references"] = "; ".join(dict.fromkeys(s for s in sources if s))
    drivers.attrs["comment"] = "; ".join(comments)
    drivers.attrs["max_match_distance"] = float(max_distance)
    return drivers


def _add(drivers: xr.Dataset, table: xr.Dataset, name: str, match: Match) -> None:
    """Write one variable of a table into the joined dataset, where it is still open."""
    values = table[name].transpose("record", ...)
    if unknown := set(values.dims) - {"record", "time"}:
        extra = ", ".join(sorted(map(str, unknown)))
        raise InputError(
            f"{name}: has the dimension(s) {extra}; only record and time can be joined"
        )
    empty: Any = -1 if np.issubdtype(values.dtype, np.integer) else np.nan
    n = drivers.sizes["glacier"]
    shape = (n, drivers.sizes["time"]) if "time" in values.dims else (n,)
    if name not in drivers:
        dims = ("glacier", "time")[: len(shape)]
        drivers[name] = (dims, np.full(shape, empty, dtype=values.dtype))
        drivers[f"{name}_match_distance"] = ("glacier", np.full(n, np.nan))
        drivers[f"{name}_match_name"] = ("glacier", np.full(n, "", dtype=object))
        drivers[f"{name}_match_source"] = ("glacier", np.full(n, "", dtype=object))
        drivers[f"{name}_match_doubt"] = (
            "glacier",
            np.full(n, DOUBT["no_match"], dtype=np.int8),
        )
        for each in (name, *(f"{name}{ending}" for ending in _ENDINGS)):
            drivers[each].attrs = attributes(each) if _described(each) else {}
    target = drivers[name].values
    if target.ndim != values.ndim:
        raise InputError(f"{name}: one table gives it by time and another does not")
    columns = (
        drivers.indexes["time"].get_indexer(pd.DatetimeIndex(values["time"].values))
        if target.ndim == 2
        else None
    )
    for glacier in np.flatnonzero(match.record >= 0):
        row = values.values[match.record[glacier]]
        missing = target[glacier] == empty if empty == -1 else np.isnan(target[glacier])
        known = row != empty if empty == -1 else ~np.isnan(row)
        taken = drivers[f"{name}_match_source"].values[glacier] != ""
        if taken and not (np.all(missing) and np.any(known)):
            continue
        if columns is None:
            target[glacier] = row
        else:
            target[glacier, columns] = row
        drivers[f"{name}_match_distance"].values[glacier] = match.distance[glacier]
        label = str(table["name"].values[match.record[glacier]])
        drivers[f"{name}_match_name"].values[glacier] = label
        drivers[f"{name}_match_source"].values[glacier] = str(table.attrs.get("source", "table"))
        drivers[f"{name}_match_doubt"].values[glacier] = match.doubt[glacier]


def _described(name: str) -> bool:
    """Whether ``variables.yml`` describes a variable."""
    try:
        description(name)
    except InputError:
        return False
    return True


def _check_glaciers(glaciers: pd.DataFrame) -> None:
    if missing := sorted({"glacier_id", "name", "x", "y"} - set(glaciers.columns)):
        raise InputError(f"table of glaciers lacks the column(s) {', '.join(missing)}")
    doubled = glaciers.loc[glaciers["glacier_id"].duplicated(), "glacier_id"]
    if len(doubled):
        raise InputError(f"table of glaciers holds {doubled.iloc[0]} twice; give each once")
    lost = glaciers[["x", "y"]].isna().any(axis=1)
    if lost.any():
        raise InputError(
            f"glacier {glaciers.loc[lost, 'glacier_id'].iloc[0]} has no position; "
            "give x and y in EPSG:3413"
        )


def _check_records(table: xr.Dataset) -> None:
    label = table.attrs.get("source", "a table of drivers")
    missing = sorted({"name", "x", "y"} - set(map(str, table.variables)))
    if "record" not in table.dims or missing:
        raise InputError(
            f"{label}: needs the dimension 'record' and the variables name, x and y"
            + (f"; it lacks {', '.join(missing)}" if missing else "")
        )


def match_table(drivers: xr.Dataset) -> pd.DataFrame:
    """The joins as a table to look at, the doubtful first.

    Parameters
    ----------
    drivers : xarray.Dataset
        What `join_drivers` gave.

    Returns
    -------
    DataFrame
        ``variable``, ``glacier_id``, ``glacier_name``, ``match_name``,
        ``match_source``, ``match_distance`` (m), ``doubt`` in words.
    """
    words = {value: word for word, value in DOUBT.items()}
    parts = []
    for name in map(str, drivers.data_vars):
        if f"{name}_match_doubt" not in drivers:
            continue
        part: dict[str, Any] = {"variable": name}
        part |= {c: drivers[c].values for c in ("glacier_id", "glacier_name")}
        part |= {
            f"match_{what}": drivers[f"{name}_match_{what}"].values
            for what in ("name", "source", "distance")
        }
        part["doubt"] = [words[int(v)] for v in drivers[f"{name}_match_doubt"].values]
        parts.append(pd.DataFrame(part))
    if not parts:
        return pd.DataFrame(columns=["variable", "glacier_id", "doubt"])
    table = pd.concat(parts, ignore_index=True)
    gravity = {"contested": 0, "two_candidates": 1, "names_disagree": 2, "name_only": 3}
    order = table["doubt"].map(gravity).fillna(9)
    return (
        table.assign(order=order)
        .sort_values(["order", "variable"], kind="stable", ignore_index=True)
        .drop(columns="order")
    )
