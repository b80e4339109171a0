"""One glacier as a folder of ISSM input: fronts, forcings, contours, loaders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.issm.bed import bed_from_profile
from termini.issm.check import check_folder, check_model, refuse
from termini.issm.export_folder import write_folder
from termini.issm.export_forcing import forcings_of
from termini.issm.export_mesh import export_mesh
from termini.issm.forcing import MELT, Forcings
from termini.issm.forcing_published import PublishedForcing
from termini.issm.forcing_span import over_fronts
from termini.issm.levelset_free import free_vertices
from termini.issm.levelset_series import LevelSets, level_sets
from termini.issm.manifest import Provenance, release_of
from termini.issm.mesh import Mesh
from termini.issm.model import ModelInput

ASSUMPTIONS = (
    "Ice is taken as grounded: the ocean level set is the ice level set with the sign changed.",
    "Frontal melt is 0 where the ocean level set is negative, because ISSM ignores it there.",
    "The walls of the fjord are no front; a front that stops short of a wall is closed to it, "
    "unless the release has another area for the trace.",
    "A year has 365 days in rates; ice has 917 kg m-3.",
)


def export_issm(
    domain: GlacierDomain,
    fronts: gpd.GeoDataFrame,
    out: str | Path,
    *,
    bed: pd.DataFrame | float,
    forcing: pd.DataFrame | PublishedForcing | Forcings | None = None,
    cadence: str | None = None,
    resolution: float | None = None,
    front_resolution: float | None = None,
    vertices: int | None = None,
    mesh: Mesh | str | Path | None = None,
    backend: str = "own",
    rock: BaseGeometry | None = None,
    free: BaseGeometry | None = None,
    times: str | Sequence[Any] = "observed",
    span: tuple[Any, Any] | None = None,
    spacing_days: float = 7.0,
    members: int = 0,
    seed: int = 0,
    release_series: xr.Dataset | None = None,
    observations: pd.DataFrame | None = None,
    release: str | Path = "",
) -> Path:
    """Write what ISSM needs to follow a glacier's observed fronts.

    Parameters
    ----------
    domain : GlacierDomain
        The fjord polygon becomes the model domain.
    fronts : GeoDataFrame
        Front table; the usable traces of this glacier are taken.
    out : path
        Folder to write: ``model_input.nc``, ``rignot.nc`` where runoff and ocean are
        known, ``members/`` of an ensemble, ``domain.exp``, ``fronts.exp``,
        ``ice_<year>.exp`` for the first and last front, ``rock.exp``,
        ``load_issm.py``, ``load_issm.m``, ``README.md`` and, last, ``manifest.json``:
        a folder without it is not whole. Files of an earlier export are replaced.
    bed : DataFrame or float
        Bed along the centreline (columns ``distance``, ``elevation``) or one
        elevation, metres.
    forcing : DataFrame, PublishedForcing or Forcings, optional
        Indexed by date, columns of `termini.issm.forcing_parts.COLUMNS` in the units of
        ``variables.yml`` or of ``attrs["units"]``; or what `published_forcing` gave; or
        what `make_forcings` gave for the same mesh.
    cadence : str, optional
        What a value of runoff stands for; see `termini.issm.discharge.basin_discharge`.
    resolution, front_resolution, vertices, mesh, backend
        See `export_mesh`.
    rock : shapely geometry, optional
        Rock and ice-free ground in the domain's projection; holes of a mesh that is
        made, and no front anywhere.
    free : shapely geometry, optional
        Where the model is to move the front itself: NaN in the level sets at all dates.
        The masks of the start hold the first front there too.
    times : str or sequence of dates
        See `level_sets`.
    span : pair of dates, optional
        Fronts outside it are left out.
    spacing_days : float
        Fronts closer in time than this to the one before are left out: they add
        the noise of drawing, not motion.
    members, seed : int
        Size and seed of the ensemble of fronts, and of melt where runoff and ocean
        are known.
    release_series : Dataset, optional
        Monthly series, for fronts between the observed ones and for the ensemble.
    observations : DataFrame, optional
        Observations of the release; fronts that were not seen from wall to wall are drawn
        in full so that the ice has their area.
    release : str or path
        Folder of the release that the fronts come from, or only its version.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    InputError
        If fewer than two usable fronts remain, or a field fails its check.
    """
    grid = export_mesh(
        domain, fronts, given=mesh, resolution=resolution, front_resolution=front_resolution,
        vertices=vertices, span=span, rock=rock, backend=backend,
    )  # fmt: skip
    sets = level_sets(
        grid, domain, fronts, times=times, spacing_days=spacing_days, span=span, rock=rock,
        members=members, seed=seed, release_series=release_series, observations=observations,
    )  # fmt: skip
    bed_at = bed_from_profile(grid.x, grid.y, domain, bed)
    given = forcings_of(
        grid, domain, bed_at, fronts, forcing, cadence=cadence, members=members, seed=seed
    )
    if given is not None and not isinstance(forcing, Forcings):
        given = over_fronts(given, sets.years, domain.glacier_id)
    assumed = [*ASSUMPTIONS, *_bed_notes(bed), *_beyond(domain, grid), *sets.assumptions]
    free_at = free_vertices(grid, free, assumed)
    model = _model(domain, grid, bed_at, sets, given, free_at)
    check_model(model)
    made = _provenance(domain, release, fronts, sets, given, assumed)
    folder = write_folder(Path(out), model, made, domain, sets.lines, sets.ice, rock)
    refuse(str(folder), check_folder(folder))
    return folder


def _provenance(
    domain: GlacierDomain,
    release: str | Path,
    fronts: gpd.GeoDataFrame,
    sets: LevelSets,
    given: Forcings | None,
    assumed: list[str],
) -> Provenance:
    """Where an export comes from, and what was assumed."""
    version, sums = release_of(release)
    sources = _front_sources(fronts, sets)
    if given is not None:
        assumed, sources = [*assumed, *given.assumptions], [*sources, *given.sources]
    return Provenance(
        glacier_id=domain.glacier_id,
        glacier_name=domain.name,
        crs=domain.crs,
        geometry_version=domain.geometry_version,
        release=version,
        release_sha256=sums,
        dates=[date.isoformat() for date in sets.dates],
        trace_ids=sets.trace_ids,
        ice_area_m2=[ice.area for ice in sets.ice],
        release_area_m2=sets.area,
        missed=sets.missed,
        member_area_m2=sets.member_area,
        assumptions=assumed,
        sources=sources,
    )


def _model(
    domain: GlacierDomain,
    mesh: Mesh,
    bed: NDArray[np.float64],
    sets: LevelSets,
    given: Forcings | None,
    free: NDArray[np.bool_],
) -> ModelInput:
    """Fields of the model; melt is 0 where ISSM would ignore it."""
    series = {} if given is None else dict(given.series)
    ensemble = {} if given is None else dict(given.members)
    if MELT in series:
        melts = list(ensemble.get(MELT, []))
        # each member has a first front of its own, and so a mask of its own
        own = [sets.phi] * len(melts) if sets.members is None else list(sets.members)
        melts = melts or [series[MELT]] * len(own)
        if melts:
            pairs = zip(melts, own, strict=True)
            ensemble[MELT] = np.stack([_dry(melt, phi[:, 0]) for melt, phi in pairs])
        series[MELT] = _dry(series[MELT], sets.phi[:, 0])
    ends = mesh.segments[:, :2] - 1
    edge = np.hypot(np.diff(mesh.x[ends]), np.diff(mesh.y[ends]))
    near = shapely.distance(shapely.points(mesh.x, mesh.y), domain.gate) < np.median(edge) / 4
    return ModelInput(
        name=domain.glacier_id,
        crs=domain.crs,
        mesh=mesh,
        bed=bed,
        ice_levelset=sets.phi[:, 0],
        spclevelset=sets.series(),
        gate_vertices=np.flatnonzero(near),
        forcings=series,
        basin_id=None if given is None else given.basin_id,
        front_members=sets.members,
        forcing_members=ensemble,
        free=free,
    )


def _dry(melt: NDArray[np.float64], phi: NDArray[np.float64]) -> NDArray[np.float64]:
    """Melt series, 0 at vertices that are water at first: ISSM would ignore it there."""
    return np.where(np.append(phi > 0, False)[:, None], 0.0, melt)


def _bed_notes(bed: pd.DataFrame | float) -> list[str]:
    known = "its profile along the centreline" if isinstance(bed, pd.DataFrame) else f"{bed:g} m"
    return [
        f"Bed: {known}, rising as a parabola to 30 % of the depth at the walls of the fjord; give "
        "the model your own bed where you have one."
    ]


def _beyond(domain: GlacierDomain, mesh: Mesh) -> list[str]:
    """What is done with a mesh that reaches beyond the fjord."""
    # an outline of a mesh leaves the walls by up to a fifth of an edge
    ends = mesh.segments[:, :2] - 1
    edge = np.hypot(np.diff(mesh.x[ends]), np.diff(mesh.y[ends]))
    fjord = domain.fjord.buffer(max(1.0, float(np.median(edge)) / 2))
    shapely.prepare(fjord)
    outside = int((~shapely.contains_xy(fjord, mesh.x, mesh.y)).sum())
    if outside <= 0.01 * len(mesh.x):
        return []
    return [
        f"{outside} of {len(mesh.x)} vertices lie outside the fjord: each has the sign of the "
        "nearer of ice and water, so that the level set jumps on land beside the front's ends; "
        "set md.mask and spclevelset there as your ice cover has it."
    ]


def _front_sources(fronts: gpd.GeoDataFrame, sets: LevelSets) -> list[str]:
    """Sentences on where the fronts are from."""
    used = fronts[fronts["trace_id"].isin({trace for trace in sets.trace_ids if trace})]
    counts = used["source"].value_counts().sort_index()
    return [f"{n} fronts from {source}" for source, n in counts.items()]
