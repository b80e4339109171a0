"""What a forcing table, profiles and fronts give, each at times of its own."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from termini.errors import InputError
from termini.issm.discharge import Discharge, basin_discharge
from termini.issm.forcing import BALANCE, CALVING, DISCHARGE, MELT, WARMTH
from termini.issm.melt import submerged_area
from termini.issm.mesh import Mesh
from termini.issm.smb import mass_balance
from termini.issm.thermal import thermal_forcing
from termini.issm.timeline import mean_preserving, month_edges
from termini.issm.units import absolute_celsius, convert, table_units
from termini.times import decimal_year
from termini.variables import is_rejected

Array = NDArray[np.float64]

#: Columns of a forcing table, each with an optional standard error ``<name>_se``.
COLUMNS = ("runoff", "thermal_forcing", "surface_mass_balance", "melt_rate", "calving_rate")


@dataclass
class Piece:
    """Values (nv or 1, T) at years of their own, and their standard errors."""

    years: Array
    values: Array
    se: Array | None = None

    def at(self, years: Array) -> Array:
        """Values at other years, shape (nv or 1, T)."""
        return np.array([np.interp(years, self.years, row) for row in self.values])

    def se_at(self, years: Array) -> Array:
        """Standard errors at other years, zero where there are none."""
        if self.se is None:
            return np.zeros((1, len(years)))
        return np.array([np.interp(years, self.years, row) for row in self.se])


@dataclass
class Notes:
    """What was assumed, and where the numbers come from."""

    assumptions: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)


def from_table(
    name: str,
    table: pd.DataFrame | None,
    units: dict[str, str] | None,
    cadence: str | None,
    area: float | None,
    notes: Notes,
) -> dict[str, Piece]:
    """What the columns of a table give, in ISSM's units.

    Parameters are those of `termini.issm.forcing_build.make_forcings`; `notes` is
    added to. Returns ISSM field to its piece.
    """
    if table is None:
        return {}
    where = f"{name}: forcing table"
    known = {*COLUMNS, *(f"{column}_se" for column in COLUMNS)}
    if unknown := [column for column in map(str, table.columns) if column not in known]:
        raise InputError(f"{where}: unknown column(s) {unknown}; known are {', '.join(COLUMNS)}")
    if not isinstance(table.index, pd.DatetimeIndex) or table.index.has_duplicates:
        raise InputError(f"{where}: must be indexed by dates, each once")
    stated = table_units(table, units, where)
    table = table.sort_index()
    pieces: dict[str, Piece] = {}
    if "runoff" in table:
        found = basin_discharge(
            table["runoff"].dropna(), stated["runoff"], cadence=cadence, area=area,
            where=f"{where}: runoff",
        )  # fmt: skip
        notes.assumptions += found.notes
        pieces[DISCHARGE] = Piece(found.years, found.values[None, :], _discharge_se(table, found))
    for column, key, nonnegative in (
        ("thermal_forcing", WARMTH, True),
        ("surface_mass_balance", BALANCE, False),
        ("melt_rate", MELT, True),
        ("calving_rate", CALVING, True),
    ):
        if column in table:
            pieces[key] = _column(table, column, stated, nonnegative, where, notes)
    return pieces


def _discharge_se(table: pd.DataFrame, found: Discharge) -> Array | None:
    """Standard error of discharge: the mean relative one of the table."""
    if "runoff_se" not in table:
        return None
    share = float(table["runoff_se"].mean() / max(float(table["runoff"].mean()), 1e-12))
    return (share * found.values)[None, :]


def _column(
    table: pd.DataFrame,
    column: str,
    units: dict[str, str],
    nonnegative: bool,
    where: str,
    notes: Notes,
) -> Piece:
    """A column that holds at its dates, or the means of its months where monthly rates."""
    data = table[column].dropna()
    here = f"{where}: {column}"
    if len(data) < 2:
        raise InputError(
            f"{here}: holds {len(data)} value(s), two are needed; give more or drop it"
        )
    index = pd.DatetimeIndex(data.index)
    values = _converted(column, data, units[column], here)
    se_name = f"{column}_se"
    se = None
    if se_name in table:
        errors = table[se_name].reindex(data.index).fillna(0.0)
        se = np.abs(_converted(column, errors, units[se_name], f"{here}_se"))[None, :]
    if nonnegative and (values < 0).any():
        notes.assumptions.append(
            f"{here}: {int((values < 0).sum())} negative value(s) taken as zero"
        )
        values = np.maximum(values, 0.0)
    months = index.to_period("M")
    whole = (
        len(months) > 1 and (np.diff(months.asi8 if hasattr(months, "asi8") else months) == 1).all()
    )
    if column in ("surface_mass_balance", "melt_rate") and whole and se is None:
        years, nodes = mean_preserving(month_edges(index), values, nonnegative=nonnegative)
        notes.assumptions.append(f"{here}: monthly means kept exactly")
        return Piece(years, nodes[None, :])
    notes.assumptions.append(f"{here}: linear in time between its {len(values)} values")
    return Piece(decimal_year(index), values[None, :], se)


def _converted(column: str, data: pd.Series, units: str, where: str) -> Array:
    index = pd.DatetimeIndex(data.index)
    if column == "surface_mass_balance":
        return mass_balance(data, units, dates=index, where=where)
    target = "K" if column == "thermal_forcing" else "m a-1"
    if "ice" in units.split():
        units = " ".join(part for part in units.split() if part != "ice")
    values = convert(data, units, target, where=where, dates=index)
    if column == "thermal_forcing" and values.max() > 20:
        raise InputError(
            f"{where}: reaches {values.max():.0f} K; it is the excess over the freezing point, not "
            "a temperature. Give profiles of temperature and salinity instead"
        )
    return values


def from_profiles(
    name: str,
    profiles: xr.Dataset,
    bed: Array,
    sill_depth: float | None,
    layer: str,
    notes: Notes,
) -> Piece:
    """Thermal forcing at the depth of each vertex, shape (nv, T), from profiles."""
    where = f"{name}: profiles"
    if missing := {"temperature", "depth", "time"} - {str(v) for v in profiles.variables}:
        raise InputError(f"{where}: lack {sorted(missing)}; time, depth and temperature are needed")
    warm = profiles["temperature"].transpose("time", "depth")
    celsius = absolute_celsius(
        warm.values, str(warm.attrs.get("units", "")), f"{where}: temperature"
    )
    if "salinity" in profiles:
        salt = profiles["salinity"].transpose("time", "depth").to_numpy().astype(np.float64)
    else:
        salt = np.full(celsius.shape, 34.5)
        notes.assumptions.append(f"{where}: no salinity, 34.5 taken; 1 psu is 0.057 K")
    rows = np.asarray((np.isfinite(celsius) & np.isfinite(salt)).any(axis=1), dtype=np.bool_)
    if not rows.all():
        notes.assumptions.append(f"{where}: {int((~rows).sum())} times without a value left out")
    index = pd.DatetimeIndex(profiles["time"].values)[rows]
    if len(index) < 2:
        raise InputError(f"{where}: {len(index)} time(s) with values, two are needed")
    # as many depths as matter: the forcing is a function of depth alone
    depths = np.unique(np.round(np.maximum(-bed, 0.0)))
    at = thermal_forcing(
        celsius[rows], salt[rows], profiles["depth"].to_numpy(), depths,
        sill_depth=sill_depth, layer=layer,
    )  # fmt: skip
    row = np.searchsorted(depths, np.round(np.maximum(-bed, 0.0)))
    limit = "no sill" if sill_depth is None else f"sill at {sill_depth:.0f} m"
    notes.assumptions.append(
        f"{where}: thermal forcing of the {layer} of the column at each vertex's depth, {limit}; "
        "freezing point of Jenkins (2011)"
    )
    if source := profiles.attrs.get("source"):
        notes.sources.append(f"profiles: {source}")
    return Piece(decimal_year(index), at.T[row])


def front_area_at(
    name: str,
    fronts: gpd.GeoDataFrame | None,
    given: float | None,
    mesh: Mesh,
    bed: Array,
    years: Array,
    notes: Notes,
) -> Array:
    """Submerged area of the front at each time."""
    if given is not None:
        if not given > 0:
            raise InputError(f"{name}: front area {given} m2 is not positive")
        notes.assumptions.append(f"{name}: submerged area of the front constant, {given:.4g} m2")
        return np.full(len(years), float(given))
    if fronts is None:
        raise InputError(
            f"{name}: Rignot's melt needs the front's submerged area; give fronts or front_area"
        )
    used = fronts[(fronts["glacier_id"] == name) & ~is_rejected(fronts["quality"])].sort_values(
        "date"
    )
    used = used.drop_duplicates("date")
    if used.empty:
        raise InputError(f"{name}: no usable front in the table; give front_area")
    points = (mesh.x, mesh.y, bed)
    area = np.array([submerged_area(line, points) for line in used.geometry])
    wet = area > 0
    if not wet.any():
        raise InputError(
            f"{name}: no front reaches below sea level on this bed; check the bed's sign"
        )
    notes.assumptions.append(
        f"{name}: submerged area from {int(wet.sum())} fronts, {np.median(area[wet]):.4g} m2 "
        "in the median, linear between them"
    )
    return np.asarray(np.interp(years, decimal_year(used["date"])[wet], area[wet]))
