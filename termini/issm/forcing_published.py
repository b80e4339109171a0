"""Forcing of a Greenland glacier from published tables alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
import xarray as xr

from termini.domain import GlacierDomain
from termini.drivers import forcing_table, join_drivers, read_drivers
from termini.drivers.sources.profiles import sector_profiles
from termini.errors import InputError
from termini.geo import ARCTIC, reproject

# Summer runoff below this, m3 s-1, leaves melt to the background term alone.
_LITTLE_RUNOFF = 5.0

_TABLES = ("front_bed", "bed", "sill", "runoff", "thermal_forcing")


@dataclass(frozen=True)
class PublishedForcing:
    """What published tables know of one glacier, for `make_forcings`.

    Parameters
    ----------
    table : DataFrame
        Annual ``runoff`` (mean of June to August) and ``thermal_forcing`` (200 to 500 m
        of the sector), with their units.
    profiles : Dataset
        Annual temperature and salinity of the sector, 1995 to 2014.
    bed_depth, sill_depth : float or None
        Metres below the sea.
    notes, sources : list of str
        Doubts about the joins, and what to cite.
    """

    table: pd.DataFrame
    profiles: xr.Dataset
    bed_depth: float | None
    sill_depth: float | None
    notes: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)


def published_forcing(domain: GlacierDomain, path: str | Path | None = None) -> PublishedForcing:
    """Runoff, ocean, bed and sill of a glacier, joined by position and name.

    Parameters
    ----------
    domain : GlacierDomain
        The glacier; it is looked for at the middle of its centreline.
    path : path, optional
        Root folder of the published data.

    Returns
    -------
    PublishedForcing
        Its table says that runoff is that of June to August (``attrs["cadence"]``).

    Raises
    ------
    InputError
        If no table holds the glacier, or none could be read.
    """
    middle = domain.centreline.interpolate(0.5, normalized=True)
    place = reproject(shapely.Point(middle), domain.crs, ARCTIC)
    tables, failures = read_drivers(path, _TABLES)
    notes = [f"{row.source} not read: {row.reason}" for row in failures.itertuples()]
    glacier = pd.DataFrame(
        {"glacier_id": [domain.glacier_id], "name": [domain.name], "x": [place.x], "y": [place.y]}
    )
    joined = join_drivers(glacier, tables)
    table = forcing_table(joined, domain.glacier_id)
    if table.empty:
        raise InputError(
            f"{domain.glacier_id}: no published table has runoff or thermal forcing near "
            f"({place.x:.0f}, {place.y:.0f}); give a forcing table of your own"
        )
    row = joined.isel(glacier=0)
    depth = {name: _number(row, name) for name in ("bed_depth", "sill_depth")}
    for name in ("runoff", "thermal_forcing", "bed_depth", "sill_depth"):
        if f"{name}_match_name" in row:
            away = float(row[f"{name}_match_distance"]) / 1e3
            notes.append(
                f"{name}: record {str(row[f'{name}_match_name'].item())!r}, {away:.1f} km away"
            )
    if "runoff" in table and float(table["runoff"].mean()) < _LITTLE_RUNOFF:
        notes.append(
            f"runoff: summer mean {table['runoff'].mean():.1f} m3 s-1 is little for a tidewater "
            "glacier; its basin may have been given to a neighbour"
        )
    sources = [str(t.attrs["source"]) for t in tables.values()]
    return PublishedForcing(
        table, sector_profiles(place.x, place.y, path), depth["bed_depth"], depth["sill_depth"],
        notes, sources,
    )  # fmt: skip


def _number(row: xr.Dataset, name: str) -> float | None:
    value = float(row[name]) if name in row else np.nan
    return value if np.isfinite(value) else None
