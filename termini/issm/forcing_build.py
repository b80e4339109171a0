"""Forcings of a mesh from a table of one glacier's runoff, ocean and mass balance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.issm.forcing import DISCHARGE, MELT, WARMTH, Forcings
from termini.issm.forcing_parts import (
    COLUMNS,
    Notes,
    Piece,
    from_profiles,
    from_table,
    front_area_at,
)
from termini.issm.melt import RignotParameters, RignotUncertainty, draw_parameters, melt_rate
from termini.issm.mesh import Mesh
from termini.issm.timeline import common_years
from termini.times import decimal_year, to_date

Array = NDArray[np.float64]

# An ensemble larger than this does not fit beside a model.
_MAX_BYTES = 2e9


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
    notes = Notes(sources=list(sources))
    bed = np.asarray(bed, dtype=np.float64)
    if bed.shape != mesh.x.shape or not np.isfinite(bed).all():
        raise InputError(f"{name}: bed needs a finite elevation at each of {len(mesh.x)} vertices")
    pieces = from_table(name, table, units, cadence, basin_area, notes)
    if profiles is not None:
        pieces[WARMTH] = from_profiles(name, profiles, bed, sill_depth, layer, notes)
    if not pieces:
        raise InputError(
            f"{name}: neither table nor profiles hold a forcing; give one of {COLUMNS}"
        )
    wanted = None if span is None else _years(span)
    years = common_years([piece.years for piece in pieces.values()], wanted)
    values = {key: piece.at(years) for key, piece in pieces.items()}
    ensemble: dict[str, Array] = {}
    rignot = MELT not in values and {DISCHARGE, WARMTH} <= set(values)
    if members and not rignot:
        raise InputError(
            f"{name}: an ensemble is of Rignot's melt, which needs runoff and thermal forcing; "
            "leave members away or give both"
        )
    if rignot:
        area = front_area_at(name, fronts, front_area, mesh, bed, years, notes)
        values[MELT] = melt_rate(-bed[:, None], values[DISCHARGE], area, values[WARMTH], parameters)
        notes.sources.append("frontal melt: Rignot et al. (2016), Geophys. Res. Lett. 43")
    if members:
        width = uncertainty or RignotUncertainty()
        _check_size(name, members, len(mesh.x), len(years))
        rng = np.random.default_rng(seed)
        drawn = draw_parameters(members, rng, parameters, width)
        ensemble = _ensemble(bed, area, years, values, pieces, drawn, rng)
        notes.assumptions.append(_about_ensemble(members, seed, width))
    return _laid_out(mesh, years, values, ensemble, notes)


def _years(span: tuple[Any, Any]) -> tuple[float, float]:
    first, last = decimal_year([to_date(date, "the span's date") for date in span])
    return float(first), float(last)


def _laid_out(
    mesh: Mesh, years: Array, values: dict[str, Array], ensemble: dict[str, Array], notes: Notes
) -> Forcings:
    """Forcings in ISSM's layout: a row a vertex, then the years."""
    nv = len(mesh.x)

    def rows(value: Array) -> Array:
        return np.vstack([np.broadcast_to(value, (nv, len(years))), years])

    return Forcings(
        years=years,
        series={key: rows(value) for key, value in values.items()},
        members={key: np.stack([rows(v) for v in value]) for key, value in ensemble.items()},
        basin_id=np.ones(len(mesh.elements), dtype=np.int64),
        num_basins=1,
        assumptions=notes.assumptions,
        sources=notes.sources,
    )


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
    pieces: dict[str, Piece],
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
