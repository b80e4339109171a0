"""One glacier as a folder of ISSM input: fronts, forcings, contours, loaders."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from termini.domain import GlacierDomain
from termini.errors import InputError
from termini.files import make_folder, write_text
from termini.fronttable import crs_text
from termini.issm.bed import bed_from_profile
from termini.issm.check import check_folder, check_model, refuse
from termini.issm.check_read import MANIFEST
from termini.issm.contours import Contour, contours_of, write_exp
from termini.issm.forcing import SECONDS_PER_DAY, frontal_melt, submerged_area
from termini.issm.levelset import signed_distance, time_series
from termini.issm.manifest import Provenance, release_of, write_manifest
from termini.issm.mesh import Mesh, triangulate
from termini.issm.model import BALANCE, DISCHARGE, MELT, WARMTH, ModelInput
from termini.issm.netcdf import write_members, write_model, write_rignot
from termini.series.ice import split_at_front
from termini.times import decimal_year, to_date
from termini.variables import is_rejected

FORCINGS = ("runoff", "thermal_forcing", "surface_mass_balance")

ASSUMPTIONS = (
    "Ice is taken as grounded: the ocean level set is the ice level set with the sign changed.",
    "Frontal melt is 0 where the ocean level set is negative, because ISSM ignores it there.",
    "The walls of the fjord are no front; a front that stops short of a wall is closed to it.",
    "Where only the depth on the centreline is known, the bed rises as a parabola to 30 % of it "
    "at the walls.",
    "A year has 365 days in rates; ice has 917 kg m-3.",
)


def export_issm(
    domain: GlacierDomain,
    fronts: gpd.GeoDataFrame,
    out: str | Path,
    *,
    bed: pd.DataFrame | float,
    forcing: pd.DataFrame | None = None,
    resolution: float = 400.0,
    span: tuple[Any, Any] | None = None,
    spacing_days: float = 7.0,
    mesh: Mesh | None = None,
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
        known, ``domain.exp``, ``fronts.exp``, ``ice_<year>.exp`` for the first and
        last front, ``load_issm.py``, ``load_issm.m``, ``README.md`` and, last,
        ``manifest.json``: a folder without it is not whole. Files of an earlier
        export are replaced.
    bed : DataFrame or float
        Bed along the centreline (columns ``distance``, ``elevation``) or one
        elevation, metres.
    forcing : DataFrame, optional
        Indexed by date, columns ``runoff`` (m3 s-1), ``thermal_forcing`` (K),
        ``surface_mass_balance`` (m ice a-1); what lacks is not exported.
    resolution : float
        Edge length of the mesh, metres.
    span : pair of dates, optional
        Fronts outside it are left out.
    spacing_days : float
        Fronts closer in time than this to the one before are left out: they add
        the noise of drawing, not motion.
    mesh : Mesh, optional
        The modeller's own mesh in the domain's projection.
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
    used = _usable(domain, fronts, span, spacing_days)
    mesh = mesh or triangulate(domain.fjord, resolution)
    parts = [split_at_front(domain, geometry) for geometry in used.geometry]
    columns = [signed_distance(mesh.x, mesh.y, ice, water) for ice, water in parts]
    bed_at = bed_from_profile(mesh.x, mesh.y, domain, bed)
    model = ModelInput(
        name=domain.glacier_id,
        crs=domain.crs,
        mesh=mesh,
        bed=bed_at,
        ice_levelset=columns[0],
        spclevelset=time_series(columns, list(used["date"])),
        gate_vertices=_gate_vertices(mesh, domain, resolution),
        forcings=_forcing_series(mesh, bed_at, columns[0], used, forcing),
    )
    check_model(model)
    version, sums = release_of(release)
    made = Provenance(
        glacier_id=domain.glacier_id,
        glacier_name=domain.name,
        crs=domain.crs,
        geometry_version=domain.geometry_version,
        release=version,
        release_sha256=sums,
        dates=[date.isoformat() for date in used["date"]],
        trace_ids=list(used["trace_id"]),
        ice_area_m2=[ice.area for ice, _ in parts],
        assumptions=ASSUMPTIONS,
        sources=_sources(used, forcing),
    )
    lines = [ice.boundary.intersection(water.buffer(1e-3)) for ice, water in parts]
    folder = _write_folder(Path(out), model, made, domain, lines, [ice for ice, _ in parts])
    refuse(str(folder), check_folder(folder))
    return folder


def _usable(
    domain: GlacierDomain,
    fronts: gpd.GeoDataFrame,
    span: tuple[Any, Any] | None,
    spacing_days: float,
) -> gpd.GeoDataFrame:
    """Usable traces of the glacier in the domain's projection, thinned in time."""
    mine = fronts[(fronts["glacier_id"] == domain.glacier_id) & ~is_rejected(fronts["quality"])]
    if span is not None:
        first, last = (to_date(date, "the span's date") for date in span)
        if last < first:
            raise InputError(
                f"{domain.glacier_id}: the span ends on {last:%Y-%m-%d}, before it starts on "
                f"{first:%Y-%m-%d}; exchange the dates"
            )
        mine = mine[(mine["date"] >= first) & (mine["date"] <= last)]
    if crs_text(fronts) != domain.crs:
        mine = mine.to_crs(domain.crs)
    mine = mine.sort_values(["date", "sigma_m", "trace_id"])
    rows: list[int] = []
    previous = pd.Timestamp.min
    for row, date in zip(mine.index, mine["date"], strict=True):
        if not rows or date - previous >= pd.Timedelta(days=max(spacing_days, 1e-3)):
            rows.append(row)
            previous = date
    if len(rows) < 2:
        raise InputError(
            f"{domain.glacier_id}: {len(rows)} usable front(s) "
            + ("" if span is None else f"from {first:%Y-%m-%d} to {last:%Y-%m-%d} ")
            + "but ISSM needs two dates at least; give a longer span, or a glacier with more fronts"
        )
    return mine.loc[rows]


def _gate_vertices(mesh: Mesh, domain: GlacierDomain, resolution: float) -> NDArray[np.int64]:
    """Vertices on the upstream gate."""
    near = shapely.distance(shapely.points(mesh.x, mesh.y), domain.gate) < resolution / 4
    return np.flatnonzero(near)


def _forcing_series(
    mesh: Mesh,
    bed: NDArray[np.float64],
    ice_levelset: NDArray[np.float64],
    used: gpd.GeoDataFrame,
    forcing: pd.DataFrame | None,
) -> dict[str, NDArray[np.float64]]:
    """Melt, discharge, thermal forcing and mass balance at every vertex and date."""
    if forcing is None:
        return {}
    given = [name for name in FORCINGS if name in forcing and forcing[name].notna().any()]
    table = forcing[given].interpolate(method="time", limit_area="inside").dropna()
    if len(table) < 2:
        return {}
    nv = len(mesh.x)
    dates = list(table.index)
    series: dict[str, NDArray[np.float64]] = {}

    def spread(values: Any) -> NDArray[np.float64]:
        return time_series([np.full(nv, value) for value in values], dates)

    if {"runoff", "thermal_forcing"} <= set(given):
        points = (mesh.x, mesh.y, bed)
        area = [submerged_area(geometry, points) for geometry in used.geometry]
        area_then = np.interp(decimal_year(dates), decimal_year(used["date"]), area)
        melt = [
            np.where(ice_levelset > 0, 0.0, frontal_melt(bed, runoff, front, warm))
            for runoff, front, warm in zip(
                table["runoff"], area_then, table["thermal_forcing"], strict=True
            )
        ]
        series[MELT] = time_series(melt, dates)
        series[DISCHARGE] = spread(table["runoff"].clip(lower=0) * SECONDS_PER_DAY)
        series[WARMTH] = spread(table["thermal_forcing"])
    if "surface_mass_balance" in given:
        series[BALANCE] = spread(table["surface_mass_balance"])
    return series


def _sources(used: gpd.GeoDataFrame, forcing: pd.DataFrame | None) -> list[str]:
    """Sentences on where fronts and forcings are from."""
    counts = used["source"].value_counts().sort_index()
    sentences = [f"{n} fronts from {source}" for source, n in counts.items()]
    if forcing is not None:
        columns = [name for name in FORCINGS if name in forcing and forcing[name].notna().any()]
        sentences += [f"{name}: the drivers joined to the release" for name in columns]
    return sentences


def _write_folder(
    out: Path,
    model: ModelInput,
    made: Provenance,
    domain: GlacierDomain,
    lines: list[BaseGeometry],
    ice: list[BaseGeometry],
) -> Path:
    make_folder(out)
    _remove_earlier(out)
    about = {
        "title": f"Fronts and forcings of {domain.name or domain.glacier_id} for ISSM",
        "history": f"exported by termini from release {made.release or 'unnamed'}",
    }
    written = [write_model(model, out / "model_input.nc", **about)]
    if model.parameterised:
        written.append(write_rignot(model, out / "rignot.nc", **about))
    written += write_members(model, out / "members", **about)
    written.append(write_exp(contours_of(domain.fjord, "domain"), out / "domain.exp"))
    years = model.spclevelset[-1]
    drawn: list[Contour] = []
    for year, line in zip(years, lines, strict=True):
        drawn += contours_of(shapely.line_merge(line), f"front_{year:.3f}")
    written.append(write_exp(drawn, out / "fronts.exp"))
    for year, polygon in [(years[0], ice[0]), (years[-1], ice[-1])]:
        # a closed ring of the ice, positive inside for ExpToLevelSet
        contours = contours_of(polygon, f"ice_{year:.3f}")
        written.append(write_exp(contours, out / f"ice_{year:.3f}.exp"))
    for name in ("load_issm.py", "load_issm.m"):
        text = (resources.files("termini.issm") / "loaders" / name).read_text(encoding="utf-8")
        written.append(write_text(out / name, text))
    write_manifest(out, model, made, written)
    return out


def _remove_earlier(out: Path) -> None:
    """Remove what an earlier export wrote: its manifest first, then what may not come again."""
    (out / MANIFEST).unlink(missing_ok=True)
    for path in [*out.glob("ice_*.exp"), out / "rignot.nc", out / "rock.exp"]:
        path.unlink(missing_ok=True)
    shutil.rmtree(out / "members", ignore_errors=True)
