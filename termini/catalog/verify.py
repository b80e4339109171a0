"""Checks of a release: nothing missing or altered, and its parts agree.

Each check is a small function that returns its own sentences; none means good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from termini.catalog.checksums import files_of, read_sums
from termini.catalog.dictionary import FILES
from termini.catalog.netcdf import read_netcdf
from termini.catalog.observations import observations_table
from termini.catalog.versions import SUMS
from termini.domain import GlacierDomain, read_domains
from termini.errors import TerminiError
from termini.files import sha256
from termini.fronttable import read_fronts
from termini.variables import attributes, description, flag_bits, is_rejected

#: A release may do without these.
OPTIONAL = ("glacier_types.nc", "drivers.nc")
TEXTS = ("CHANGELOG.md", "CITATION.cff", "CITATION.md", "datapackage.json", "stac-item.json")


@dataclass(frozen=True)
class _Release:
    """The files of a release, each read once."""

    folder: Path

    @cached_property
    def fronts(self) -> gpd.GeoDataFrame:
        return read_fronts(self.folder / "fronts.parquet")

    @cached_property
    def domains(self) -> dict[str, GlacierDomain]:
        return read_domains(self.folder / "domains.parquet")

    @cached_property
    def observations(self) -> pd.DataFrame:
        return observations_table(self.datasets["terminus_observations.nc"])

    @cached_property
    def datasets(self) -> dict[str, xr.Dataset]:
        names = [name for name in FILES if name.endswith(".nc")]
        return {n: read_netcdf(self.folder / n) for n in names if (self.folder / n).is_file()}


def verify_release(path: str | Path) -> list[str]:
    """Check a release.

    Parameters
    ----------
    path : path
        Folder of the release.

    Returns
    -------
    list of str
        What is wrong, one sentence each with the file, glacier or trace; empty
        if all is well.
    """
    folder = Path(path)
    try:
        problems = check_sums(folder)
    except TerminiError as error:
        return [str(error)]
    release = _Release(folder)
    unreadable = _check_readable(release)
    if unreadable:
        return problems + unreadable
    return problems + [sentence for check in CHECKS for sentence in check(release)]


def check_sums(folder: Path) -> list[str]:
    """Files that are missing, altered, or not listed.

    Parameters
    ----------
    folder : path
        Folder of the release.

    Returns
    -------
    list of str
        Problems.

    Raises
    ------
    ReleaseError
        If there is no list of checksums.
    """
    stated, present = read_sums(folder), files_of(folder)
    problems = []
    for name, digest in sorted(stated.items()):
        if name not in present:
            problems.append(f"{folder / name}: missing; fetch the release again")
        elif sha256(folder / name) != digest:
            problems.append(f"{folder / name}: altered since the release; fetch it again")
    extra = sorted(set(present) - set(stated))
    problems += [f"{folder / name}: not part of the release ({SUMS}); remove it" for name in extra]
    needed = sorted({*FILES, *TEXTS} - {*OPTIONAL, *stated})
    return problems + [f"{folder / name}: a release needs this file" for name in needed]


def _check_readable(release: _Release) -> list[str]:
    """Files that cannot be opened; no other check makes sense then."""
    problems = []
    for part in ("fronts", "domains", "datasets", "observations"):
        try:
            getattr(release, part)
        except TerminiError as error:
            problems.append(str(error))
        except KeyError as error:
            problems.append(f"{release.folder}: lacks {error}; fetch the release again")
    return problems


def _check_schema(release: _Release) -> list[str]:
    """Variables that are not as ``variables.yml`` has them."""
    problems = []
    for name, dataset in release.datasets.items():
        for key in map(str, dataset.variables):
            where = f"{release.folder / name}: variable {key}"
            try:
                kind, wanted = description(key)["dtype"], attributes(key).get("units")
            except TerminiError:
                problems.append(f"{where} is not described in variables.yml")
                continue
            found = dataset[key].attrs.get("units")
            if kind != "datetime" and found != wanted:
                problems.append(f"{where} has units {found!r}, variables.yml has {wanted!r}")
            dtype = dataset[key].dtype
            fits = {"str": "OUST", "datetime": "M"}.get(kind, "fiu")
            if dtype.kind not in fits:
                problems.append(f"{where} holds {dtype}, variables.yml has {kind}")
    return problems


def _check_traces(release: _Release) -> list[str]:
    """Traces of the observations that the front table does not bear out."""
    where = f"{release.folder / 'terminus_observations.nc'}: observation(s) of trace"
    fronts, observations = release.fronts, release.observations
    problems = [
        f"{release.folder / 'fronts.parquet'}: trace {i} stands in it twice"
        for i in fronts.loc[fronts["trace_id"].duplicated(), "trace_id"]
    ]
    table = fronts.drop_duplicates("trace_id").set_index("trace_id")
    known = observations["trace_id"].isin(table.index)
    lost = sorted(set(observations.loc[~known, "trace_id"]))
    problems += [f"{where} {i}, which fronts.parquet lacks" for i in lost]
    observed = observations[known]
    trace = table.loc[observed["trace_id"]].reset_index()
    observed = observed.reset_index(drop=True)
    disagree = {
        "has another glacier": observed["glacier_id"] != trace["glacier_id"],
        "has another date": observed["date"] != trace["date"],
        "is rejected": pd.Series(is_rejected(trace["quality"])),
    }
    for what, rows in disagree.items():
        traces = sorted(set(observed.loc[rows, "trace_id"]))
        problems += [f"{where} {i}, which {what} in fronts.parquet" for i in traces]
    return problems


def _check_glaciers(release: _Release) -> list[str]:
    """Glaciers that are not the same in all files."""
    domains = set(release.domains)
    problems = []
    for name, dataset in release.datasets.items():
        ids = dataset["glacier_id"].to_numpy().astype(str)
        where = release.folder / name
        problems += [f"{where}: glacier {i} has no domain" for i in sorted(set(ids) - domains)]
        twice = sorted({i for i in ids if (ids == i).sum() > 1})
        problems += [f"{where}: glacier {i} stands in it twice" for i in twice]
        if name in OPTIONAL:
            series = release.datasets["terminus_series.nc"]["glacier_id"].to_numpy().astype(str)
            if set(ids) != set(series):
                problems.append(f"{where}: glaciers are not those of terminus_series.nc")
    bit = flag_bits()["unknown_glacier"]
    fronts = release.fronts
    known = fronts["glacier_id"].isin(domains) | (fronts["quality"] & bit != 0)
    return problems + [
        f"{release.folder / 'fronts.parquet'}: trace {i} has a glacier without a domain "
        "and is not flagged unknown_glacier"
        for i in fronts.loc[~known & ~is_rejected(fronts["quality"]), "trace_id"]
    ]


def _check_flags(release: _Release) -> list[str]:
    """Flags that mean nothing, or contradict the values."""
    problems = []
    every = sum(flag_bits().values())
    for name, table in (("fronts.parquet", release.fronts), ("terminus_observations.nc", None)):
        rows = release.observations if table is None else table
        if "quality" in rows:
            wrong = rows.loc[(rows["quality"].astype("int64") & ~every) != 0, "trace_id"]
            where = release.folder / name
            problems += [
                f"{where}: trace {i} has a flag without meaning" for i in sorted(set(wrong))
            ]
    series = release.datasets["terminus_series.nc"]
    if {"observed", "n_observations"} <= set(series):
        wrong = (series["observed"] != 0) != (series["n_observations"] > 0)
        ids = series["glacier_id"].to_numpy()[wrong.any("time").to_numpy()]
        where = release.folder / "terminus_series.nc"
        problems += [f"{where}: observed and n_observations disagree at glacier {i}" for i in ids]
    return problems


def _check_errors(release: _Release) -> list[str]:
    """Standard errors that are negative or not finite where there is a value."""
    problems = []
    for name, dataset in release.datasets.items():
        for key in map(str, dataset.data_vars):
            base = key.removesuffix("_se")
            if base == key or base not in dataset:
                continue
            error, value = dataset[key].to_numpy(), dataset[base].to_numpy()
            where = f"{release.folder / name}: {key}"
            if np.any(error < 0):
                problems.append(f"{where} is negative")
            if np.any(np.isfinite(value) & np.isinf(error)):
                problems.append(f"{where} is infinite where {base} has a value")
    return problems


CHECKS: tuple[Callable[[_Release], list[str]], ...] = (
    _check_schema,
    _check_traces,
    _check_glaciers,
    _check_flags,
    _check_errors,
)
