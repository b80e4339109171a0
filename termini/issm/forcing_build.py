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
    mesh, domain : Mesh, GlacierDomain
        The mesh in the domain's projection; the glacier is one basin.
    bed : ndarray, shape (nv,)
        Bed elevation at the vertices, metres.
    table : DataFrame, optional
        Indexed by date; any of `COLUMNS` and their ``_se``, nothing else.
    units : dict, optional
        Unit of each column that ``table.attrs["units"]`` does not state; see `with_units`.
    cadence, basin_area : str, float, optional
        Of the runoff; see `basin_discharge`.
    fronts, front_area : GeoDataFrame, float, optional
        Front table, or one submerged area of the front, m2, for Rignot's formula.
    profiles : Dataset, optional
        ``temperature``, ``salinity`` on ``time, depth``, in place of the table's thermal
        forcing; `sill_depth` and `layer` as in `termini.issm.thermal.thermal_forcing`.
    parameters, uncertainty : optional
        Of Rignot's formula.
    members, seed : int
        Ensemble of melt, discharge and thermal forcing.
    span, sources : pair of dates, sequence of str
        Times to keep, and where the numbers come from.

    Returns
    -------
    Forcings
        Of all that is known; melt where prescribed, or from runoff and thermal forcing.

    Raises
    ------
    InputError
        If units lack or do not fit, series share no time, or a front's area lacks.
    """
    name, notes = domain.glacier_id, Notes(sources=list(sources))
    bed = _checked_bed(name, mesh, bed)
    pieces = from_table(name, table, units, cadence, basin_area, notes)
    if profiles is not None:
        pieces[WARMTH] = from_profiles(name, profiles, bed, sill_depth, layer, notes)
    if not pieces:
        raise InputError(
            f"{name}: neither table nor profiles hold a forcing; give one of {COLUMNS}"
        )
    years = common_years([p.years for p in pieces.values()], None if span is None else _years(span))
    values = {key: piece.at(years) for key, piece in pieces.items()}
    ensemble: dict[str, Array] = {}
    if _from_rignot(name, values, members):
        area = front_area_at(name, fronts, front_area, mesh, bed, years, notes)
        values[MELT] = melt_rate(-bed[:, None], values[DISCHARGE], area, values[WARMTH], parameters)
        notes.sources.append("frontal melt: Rignot et al. (2016), Geophys. Res. Lett. 43")
    if members:
        _check_size(name, members, len(mesh.x), len(years))
        rng, width = np.random.default_rng(seed), uncertainty or RignotUncertainty()
        drawn = draw_parameters(members, rng, parameters, width)
        ensemble = _ensemble(bed, area, years, values, pieces, drawn, rng)
        notes.assumptions.append(_about_ensemble(members, seed, width))
    return _laid_out(mesh, years, values, ensemble, notes)


def _checked_bed(name: str, mesh: Mesh, bed: Array) -> Array:
    bed = np.asarray(bed, dtype=np.float64)
    if bed.shape != mesh.x.shape or not np.isfinite(bed).all():
        raise InputError(f"{name}: bed needs a finite elevation at each of {len(mesh.x)} vertices")
    return bed


def _from_rignot(name: str, values: dict[str, Array], members: int) -> bool:
    """Whether melt comes from Rignot's formula; an ensemble needs that it does."""
    rignot = MELT not in values and {DISCHARGE, WARMTH} <= set(values)
    if members and not rignot:
        raise InputError(
            f"{name}: an ensemble is of Rignot's melt, which needs runoff and thermal forcing; "
            "leave members away or give both"
        )
    return rignot


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
