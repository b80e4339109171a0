"""Observations as a CF indexed ragged array, and back.

A glacier is an instance, an observation an element that points to its glacier
(CF-1.11 section 9.3.4, appendix H.2.5). The table has one row per trace and
measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from termini.catalog.netcdf import read_netcdf
from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.geo import LONLAT, transformer
from termini.variables import description

#: Columns that every table of observations has.
NEEDED = ("glacier_id", "trace_id", "date", "measure", "length_change", "length_change_se")


# Number of the value of each row, -1 for none, and the values.
_Coded = tuple[NDArray[np.integer[Any]], NDArray[Any]]


def observations_dataset(
    observations: pd.DataFrame,
    fronts: gpd.GeoDataFrame,
    domains: Mapping[str, GlacierDomain],
) -> xr.Dataset:
    """Observations as they are stored in a release.

    Parameters
    ----------
    observations : DataFrame
        One row per trace and measure; columns as in ``variables.yml``, at least
        `NEEDED`. Texts may be categories.
    fronts : GeoDataFrame
        Front table that the observations were made from.
    domains : mapping of str to GlacierDomain
        Glacier domains; a glacier without observations is kept.

    Returns
    -------
    xarray.Dataset
        Dimensions ``glacier`` (sorted by id) and ``observation`` (sorted by
        glacier, date, trace and measure); ``glacier_index`` (observation) is the
        position in ``glacier``; ``featureType`` is ``timeSeries``.

    Raises
    ------
    InputError
        If a column lacks, a trace is not in the front table, or a glacier has no
        domain.
    """
    _check(observations, fronts, domains)
    ids = sorted(domains)
    table = _in_order(observations)
    lonlat = np.array([glacier_lonlat(domains[i]) for i in ids]).reshape(-1, 2)
    codes, found = _coded(table["glacier_id"])
    index = pd.Index(ids).get_indexer(pd.Index(found))[codes]
    variables = {
        "glacier_index": (
            "observation",
            index.astype("int32"),
            {"instance_dimension": "glacier"},
        )
    }
    for name in table.columns.drop(["glacier_id", "date"]):
        text = description(name)["dtype"] == "str"
        values = _texts(table[name]) if text else table[name].to_numpy()
        variables[name] = ("observation", values, {})
    return xr.Dataset(
        variables,
        coords={
            "time": ("observation", table["date"].to_numpy().astype("datetime64[us]")),
            "glacier_id": ("glacier", np.array(ids, dtype=str)),
            "glacier_name": ("glacier", np.array([domains[i].name for i in ids], dtype=str)),
            "longitude": ("glacier", lonlat[:, 0]),
            "latitude": ("glacier", lonlat[:, 1]),
        },
        attrs={"featureType": "timeSeries", "cdm_data_type": "Station"},
    )


def _in_order(observations: pd.DataFrame) -> pd.DataFrame:
    """Observations by glacier, date, trace and measure, with a fresh index.

    A number for each row that rises in this order is sorted faster than four columns,
    and mostly rises already.
    """
    by = ["glacier_id", "date", "trace_id", "measure"]
    coded = [_coded(observations[name]) for name in by]
    number, most = _trace_numbers(coded[:-1])
    codes, values = coded[-1]
    number = number * (len(values) + 1) + _rank(values)[codes]
    if most * (len(values) + 1) >= 2**63:
        return observations.sort_values(by, ignore_index=True)
    if (number[1:] >= number[:-1]).all():
        return observations.reset_index(drop=True)
    order = np.argsort(number, kind="stable")
    return observations.take(order).reset_index(drop=True)


def _trace_numbers(coded: list[_Coded]) -> tuple[NDArray[np.int64], int]:
    """Number of each row that rises by the columns, and how many there may be."""
    if _rise(coded):
        # they come so from `observe`: that spares to sort the ids of all traces
        new = np.any([codes[1:] != codes[:-1] for codes, _ in coded], axis=0)
        return np.concatenate([[0], np.cumsum(new)])[: len(coded[0][0])], len(new) + 1
    number, most = np.zeros(len(coded[0][0]), dtype=np.int64), 1
    for codes, values in coded:
        most *= len(values) + 1
        number = number * (len(values) + 1) + _rank(values)[codes]
    return number, most


def _rise(coded: list[_Coded]) -> bool:
    """Whether rows rise from each to the next, by the first column that differs."""
    same = np.arange(max(len(coded[0][0]) - 1, 0))
    for codes, values in coded:
        before, after = codes[same], codes[same + 1]
        differ = before != after
        first, second = before[differ], after[differ]
        if (first < 0).any():
            return False  # missing ones are last
        known = second >= 0
        if not (values[first[known]] < values[second[known]]).all():
            return False
        same = same[~differ]
    return True


def _rank(values: NDArray[Any]) -> NDArray[np.int64]:
    """Rank of each value, and at the end that of a missing one, which is last."""
    return np.append(np.argsort(np.argsort(values)), len(values))


def _coded(column: pd.Series[Any]) -> _Coded:
    """Number of the value of each row, -1 for none, and the values."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), _objects(column.cat.categories)
    codes, values = pd.factorize(column, use_na_sentinel=True)
    return codes, _objects(values) if values.dtype.kind != "M" else np.asarray(values)


def _objects(texts: ArrayLike) -> NDArray[np.object_]:
    """Texts as Python's own, faster than one by one."""
    return np.asarray(texts, dtype=object)


def _texts(column: pd.Series[Any]) -> NDArray[np.str_]:
    """Texts of fixed width; a missing one is empty. Few differ, which saves time."""
    codes, texts = _coded(column)
    return np.append(texts, "").astype(str)[codes]


def observations_table(dataset: xr.Dataset) -> pd.DataFrame:
    """Table of observations from the dataset, the inverse of `observations_dataset`.

    Parameters
    ----------
    dataset : xarray.Dataset
        As `observations_dataset` gives it or ``terminus_observations.nc`` holds it.

    Returns
    -------
    DataFrame
        One row per trace and measure, columns as `termini.series.observe` has them.
    """
    index = dataset["glacier_index"].to_numpy().astype(int)
    table = pd.DataFrame({"glacier_id": dataset["glacier_id"].to_numpy().astype(str)[index]})
    table["date"] = dataset["time"].to_numpy().astype("datetime64[us]")
    for name, variable in dataset.data_vars.items():
        if name == "glacier_index" or variable.dims != ("observation",):
            continue
        kind = description(str(name))["dtype"]
        values = variable.to_numpy()
        if kind == "datetime":
            values = values.astype("datetime64[us]")
        table[str(name)] = values.astype(str) if kind == "str" else values
    from termini.series import OBSERVATION_COLUMNS  # takes seconds; opening a catalog does not wait

    known = [name for name in OBSERVATION_COLUMNS if name in table]
    table = table[[*known, *table.columns.drop(known)]]
    texts = [c for c in table if description(str(c))["dtype"] == "str"]
    return table.astype(dict.fromkeys(texts, "str"))


def read_observations(path: str | Path) -> pd.DataFrame:
    """Table of observations from ``terminus_observations.nc``.

    Parameters
    ----------
    path : path
        NetCDF file of a release.

    Returns
    -------
    DataFrame
        One row per trace and measure, as `termini.series.observe` gives it.
    """
    return observations_table(read_netcdf(path))


def glacier_lonlat(domain: GlacierDomain) -> tuple[float, float]:
    """Where a glacier is: the middle of its centreline.

    Parameters
    ----------
    domain : GlacierDomain
        Domain of the glacier.

    Returns
    -------
    tuple of float
        Longitude and latitude, degrees.
    """
    middle = domain.centreline.interpolate(0.5, normalized=True)
    lon, lat = transformer(domain.crs, LONLAT).transform(middle.x, middle.y)
    return float(lon), float(lat)


def _check(
    observations: pd.DataFrame,
    fronts: gpd.GeoDataFrame,
    domains: Mapping[str, GlacierDomain],
) -> None:
    """Refuse observations that do not fit together with fronts and domains."""
    if missing := set(NEEDED) - set(observations.columns):
        raise InputError(
            f"observations lack the column(s) {sorted(missing)}; make them with series.observe"
        )
    for name in observations.columns:
        description(str(name))
    if unknown := sorted(set(observations["glacier_id"].unique()) - set(domains)):
        raise InputError(
            f"observations of {unknown[:5]} have no domain; give domains of all glaciers"
        )
    named, known = (set(_objects(t["trace_id"].unique())) for t in (observations, fronts))
    if lost := sorted(named - known):
        raise InputError(
            f"observations name {len(lost)} trace(s) that the front table lacks, first {lost[0]}; "
            "give the front table that they were made from"
        )
    if observations["date"].isna().any():
        trace = observations.loc[observations["date"].isna(), "trace_id"].iloc[0]
        raise InputError(
            f"observation of trace {trace} has no date; only dated traces are observed"
        )
