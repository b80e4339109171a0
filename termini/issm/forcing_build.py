"""Forcings of a mesh from a table of one glacier's runoff, ocean and mass balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.issm.discharge import Discharge, basin_discharge
from termini.issm.forcing import BALANCE, CALVING, DISCHARGE, MELT, WARMTH, Forcings
from termini.issm.melt import (
    RignotParameters,
    RignotUncertainty,
    draw_parameters,
    melt_rate,
    submerged_area,
)
from termini.issm.mesh import Mesh
from termini.issm.smb import mass_balance
from termini.issm.thermal import thermal_forcing
from termini.issm.timeline import common_years, mean_preserving, month_edges
from termini.issm.units import absolute_celsius, convert, table_units
from termini.times import decimal_year, to_date
from termini.variables import is_rejected

Array = NDArray[np.float64]

#: Columns of a forcing table, each with an optional standard error ``<name>_se``.
COLUMNS = ("runoff", "thermal_forcing", "surface_mass_balance", "melt_rate", "calving_rate")

# An ensemble larger than this does not fit beside a model.
_MAX_BYTES = 2e9


@dataclass
class _Piece:
    """Values (nv or 1, T) at years of their own, and their standard errors."""

    years: Array
    values: Array
    se: Array | None = None

    def at(self, years: Array) -> Array:
        return np.array([np.interp(years, self.years, row) for row in self.values])

    def se_at(self, years: Array) -> Array:
        if self.se is None:
            return np.zeros((1, len(years)))
        return np.array([np.interp(years, self.years, row) for row in self.se])


@dataclass
class _Notes:
    assumptions: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)


def make_forcings(
    mesh: Mesh,
    domain: GlacierDomain,
    bed: Array,
    table: pd.DataFrame | None = None,
    *,
    units: dict[str, str] | None = None,
    cadence: str | None = None,
    basin_area: float | None = None,
    fronts: gpd.GeoDataFrame | None = None,
    front_area: float | None = None,
    profiles: xr.Dataset | None = None,
    sill_depth: float | None = None,
    layer: str = "bottom",
    parameters: RignotParameters | None = None,
    uncertainty: RignotUncertainty | None = None,
    members: int = 0,
    seed: int = 0,
    span: tuple[Any, Any] | None = None,
    sources: Sequence[str] = (),
) -> Forcings:
    """Every forcing of ISSM that the table allows, at every vertex and time.

    Parameters
    ----------
    mesh : Mesh
        The mesh, in the domain's projection.
    domain : GlacierDomain
        The glacier; one basin.
    bed : ndarray, shape (nv,)
        Bed elevation at the vertices, metres.
    table : DataFrame, optional
        Indexed by date; any of `COLUMNS` and their ``_se``. Other columns are refused.
    units : dict, optional
        Unit of each column, where ``table.attrs["units"]`` does not state it; see
        `termini.issm.forcing.with_units`.
    cadence : str, optional
        What a value of runoff stands for; see `basin_discharge`.
    basin_area : float, optional
        Area of the drainage basin, m2, for runoff given a square metre.
    fronts : GeoDataFrame, optional
        Front table: its usable traces give the submerged area at each time.
    front_area : float, optional
        Submerged area of the front, m2, where `fronts` is not given.
    profiles : Dataset, optional
        ``temperature`` and ``salinity`` on ``time, depth`` (attributes ``units``); they
        give the thermal forcing at the depth of each vertex, in place of the table's.
    sill_depth : float, optional
        Metres; limits what of the profiles reaches the front.
    layer : str
        See `termini.issm.thermal.thermal_forcing`.
    parameters, uncertainty : optional
        Of Rignot's formula.
    members : int
        Size of the ensemble of melt, discharge and thermal forcing.
    seed : int
        Of the ensemble.
    span : pair of dates, optional
        Times outside are left out.
    sources : sequence of str
        Where the numbers come from.

    Returns
    -------
    Forcings
        ``frontalforcings.meltingrate`` where melt is prescribed, or runoff and thermal
        forcing are known; the others as far as the table has them.

    Raises
    ------
    InputError
        If units lack or do not fit, columns are unknown, the series share no time, or
        neither fronts nor their area are known where they are needed.
    """
    name = domain.glacier_id
    notes = _Notes(sources=list(sources))
    bed = np.asarray(bed, dtype=np.float64)
    if bed.shape != mesh.x.shape or not np.isfinite(bed).all():
        raise InputError(f"{name}: bed needs a finite elevation at each of {len(mesh.x)} vertices")
    pieces = _from_table(name, table, units, cadence, basin_area, notes)
    if profiles is not None:
        pieces[WARMTH] = _from_profiles(name, profiles, bed, sill_depth, layer, notes)
    if not pieces:
        raise InputError(
            f"{name}: neither table nor profiles hold a forcing; give one of {COLUMNS}"
        )
    wanted = None if span is None else _span(span)
    years = common_years([piece.years for piece in pieces.values()], wanted)
    values = {key: piece.at(years) for key, piece in pieces.items()}
    ensemble: dict[str, Array] = {}
    if MELT not in values and {DISCHARGE, WARMTH} <= set(values):
        area = _front_area(name, fronts, front_area, mesh, bed, years, notes)
        values[MELT] = melt_rate(-bed[:, None], values[DISCHARGE], area, values[WARMTH], parameters)
        notes.sources.append("frontal melt: Rignot et al. (2016), Geophys. Res. Lett. 43")
        if members:
            _check_size(name, members, len(mesh.x), len(years))
            rng = np.random.default_rng(seed)
            ensemble = _ensemble(
                bed,
                area,
                years,
                values,
                pieces,
                draw_parameters(members, rng, parameters, uncertainty),
                rng,
            )
            notes.assumptions.append(
                _about_ensemble(members, seed, uncertainty or RignotUncertainty())
            )
    elif members:
        raise InputError(
            f"{name}: an ensemble is of Rignot's melt, which needs runoff and thermal forcing; "
            "leave members away or give both"
        )
    return Forcings(
        years=years,
        series={key: _layout(value, len(mesh.x), years) for key, value in values.items()},
        members={
            key: np.stack([_layout(v, len(mesh.x), years) for v in value])
            for key, value in ensemble.items()
        },  # fmt: skip
        basin_id=np.ones(len(mesh.elements), dtype=np.int64),
        num_basins=1,
        assumptions=notes.assumptions,
        sources=notes.sources,
    )


def _span(span: tuple[Any, Any]) -> tuple[float, float]:
    first, last = decimal_year([to_date(date, "the span's date") for date in span])
    return float(first), float(last)


def _layout(values: Array, vertices: int, years: Array) -> Array:
    return np.vstack([np.broadcast_to(values, (vertices, len(years))), years])


def _from_table(
    name: str,
    table: pd.DataFrame | None,
    units: dict[str, str] | None,
    cadence: str | None,
    area: float | None,
    notes: _Notes,
) -> dict[str, _Piece]:
    """What the columns of a table give, in ISSM's units."""
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
    pieces: dict[str, _Piece] = {}
    if "runoff" in table:
        found = basin_discharge(
            table["runoff"].dropna(), stated["runoff"], cadence=cadence, area=area,
            where=f"{where}: runoff",
        )  # fmt: skip
        notes.assumptions += found.notes
        pieces[DISCHARGE] = _Piece(found.years, found.values[None, :], _discharge_se(table, found))
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
    notes: _Notes,
) -> _Piece:
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
        return _Piece(years, nodes[None, :])
    notes.assumptions.append(f"{here}: linear in time between its {len(values)} values")
    return _Piece(decimal_year(index), values[None, :], se)


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


def _from_profiles(
    name: str,
    profiles: xr.Dataset,
    bed: Array,
    sill_depth: float | None,
    layer: str,
    notes: _Notes,
) -> _Piece:
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
    rows = (np.isfinite(celsius) & np.isfinite(salt)).any(axis=1)
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
    return _Piece(decimal_year(index), at.T[row])


def _front_area(
    name: str,
    fronts: gpd.GeoDataFrame | None,
    given: float | None,
    mesh: Mesh,
    bed: Array,
    years: Array,
    notes: _Notes,
) -> Array:
    """Submerged area of the front at each time."""
    if given is not None:
        if not given > 0:
            raise InputError(f"{name}: front area {given} m2 is not positive")
        notes.assumptions.append(f"{name}: submerged area of the front constant, {given:.4g} m2")
        return np.full(len(years), float(given))
    if fronts is None:
        raise InputError(
            f"{name}: Rignot's melt needs the submerged area of the front; give fronts or front_area"
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
        f"{name}: submerged area from {int(wet.sum())} fronts, {np.median(area[wet]):.4g} m2 in the "
        "middle, linear between them"
    )
    return np.interp(years, decimal_year(used["date"])[wet], area[wet])


def _check_size(name: str, members: int, vertices: int, times: int) -> None:
    size = 8.0 * members * vertices * times * 3
    if size > _MAX_BYTES:
        raise InputError(
            f"{name}: an ensemble of {members} members, {vertices} vertices and {times} times "
            f"needs {size / 1e9:.1f} GB; give a shorter span or fewer members"
        )


def _ensemble(
    bed: Array,
    area: Array,
    years: Array,
    values: dict[str, Array],
    pieces: dict[str, _Piece],
    drawn: tuple[list[RignotParameters], Array],
    rng: np.random.Generator,
) -> dict[str, Array]:
    """Members of melt and of what it comes from."""
    parameters, factor = drawn
    found: dict[str, list[Array]] = {MELT: [], DISCHARGE: [], WARMTH: []}
    q_se, t_se = pieces[DISCHARGE].se_at(years), pieces[WARMTH].se_at(years)
    for p, f in zip(parameters, factor, strict=True):
        # errors of a record persist: one draw a member, not one a time
        z = rng.standard_normal(2)
        discharge = np.maximum(values[DISCHARGE] * f + z[0] * q_se, 0.0)
        warm = np.maximum(values[WARMTH] + z[1] * t_se, 0.0)
        found[DISCHARGE].append(discharge)
        found[WARMTH].append(warm)
        found[MELT].append(melt_rate(-bed[:, None], discharge, area, warm, p))
    return {key: np.stack(value) for key, value in found.items()}


def _about_ensemble(members: int, seed: int, width: RignotUncertainty) -> str:
    return (
        f"ensemble of {members} members, seed {seed}: relative standard errors of melt "
        f"{width.melt:g}, alpha {width.alpha:g}, beta {width.beta:g}, discharge "
        f"{width.discharge:g}, constant in time"
    )
