"""Command that writes ISSM input for one glacier, and that checks such a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from termini.cli import issm_options as options
from termini.cli.inspect import check_release
from termini.errors import InputError
from termini.times import EARLIEST, to_date

if TYPE_CHECKING:
    from termini.domain import GlacierDomain

# The end of a span that is not given.
LATEST = "2500-01-01"


def export_issm(
    given: options.Given = None,
    release: options.Release = None,
    glacier: options.Glacier = None,
    out: options.Out = None,
    check: options.Check = None,
    bed: options.Bed = None,
    vertices: options.Vertices = None,
    resolution: options.Resolution = None,
    front_resolution: options.FrontResolution = None,
    mesh: options.OwnMesh = None,
    backend: options.Backend = "own",
    rock: options.Rock = None,
    free: options.Free = None,
    forcing: options.ForcingFrom = options.Forcing.JOINED,
    times: options.Times = "observed",
    members: options.Members = 0,
    seed: options.Seed = 0,
    spacing_days: options.Spacing = 7.0,
    start: options.Start = None,
    end: options.End = None,
) -> None:
    """Write ISSM input for one glacier, or check a folder of it."""
    if given is not None and release is not None:
        raise InputError(f"{given} and --release {release}: two releases; give one")
    release = given or release
    if check is not None:
        _check(check, release)
        return
    if release is None or glacier is None or out is None:
        named = {"--release RELEASE": release, "--glacier ID": glacier, "--out FOLDER": out}
        missing = ", ".join(name for name, value in named.items() if value is None)
        raise InputError(f"give {missing}; or --check FOLDER to check one")
    chosen = {
        "vertices": vertices,
        "resolution": resolution,
        "front_resolution": front_resolution,
        "mesh": mesh,
        "backend": backend,
        "times": times,
        "members": members,
        "seed": seed,
        "spacing_days": spacing_days,
        "span": _span(start, end),
    }
    polygons = {"rock": rock, "free": free}
    typer.echo(str(_export(release, glacier, out, bed, polygons, forcing, chosen)))


def _span(start: str | None, end: str | None) -> tuple[Any, Any] | None:
    """Dates to keep; None for all."""
    if start is None and end is None:
        return None
    return to_date(start or EARLIEST, "--start"), to_date(end or LATEST, "--end")


def _check(folder: Path, release: Path | None) -> None:
    """Say what is wrong with a folder; end with status 1 if anything is."""
    from termini.issm import check_folder

    if release is not None:
        check_release(release)
    problems = check_folder(folder, release=release)
    for problem in problems:
        typer.secho(f"  {problem}", fg="red", err=True)
    if problems:
        raise InputError(f"{folder}: {len(problems)} problem(s)")
    typer.echo(f"{folder}: good")


def _export(
    release: Path,
    glacier: str,
    out: Path,
    bed: str | None,
    polygons: dict[str, Path | None],
    forcing: options.Forcing,
    chosen: dict[str, Any],
) -> Path:
    """Read the release and export the glacier."""
    from termini.catalog import read_observations, read_series
    from termini.fronttable import read_fronts
    from termini.issm import export_issm as export
    from termini.pipeline.parts import bed_of, read_optional

    check_release(release)
    domain = _domain(release, glacier)
    observed = release / "terminus_observations.nc"
    joined = read_optional(release / "drivers.nc")
    return export(
        domain,
        read_fronts(release / "fronts.parquet"),
        out,
        bed=bed_of(glacier, bed, joined),
        forcing=_forcing(forcing, joined, domain),
        release_series=read_series(release / "terminus_series.nc"),
        observations=read_observations(observed) if observed.is_file() else None,
        release=release,
        **{name: _polygons(name, path, domain.crs) for name, path in polygons.items()},
        **chosen,
    )


def _domain(release: Path, glacier: str) -> GlacierDomain:
    """Domain of a glacier of the release."""
    from termini.domain import read_domains

    domains = read_domains(release / "domains.parquet")
    if glacier not in domains:
        raise InputError(
            f"{glacier!r} is not a glacier of {release}; there are {', '.join(list(domains)[:8])}"
            + (", ..." if len(domains) > 8 else "")
        )
    return domains[glacier]


def _forcing(source: options.Forcing, joined: Any, domain: GlacierDomain) -> Any:
    """Forcings from where the option says; None for none."""
    from termini.drivers import forcing_table
    from termini.issm import published_forcing

    if source is options.Forcing.PUBLISHED:
        return published_forcing(domain)
    if source is options.Forcing.JOINED and joined is not None:
        return forcing_table(joined, domain.glacier_id)
    return None


def _polygons(option: str, path: Path | None, crs: str) -> Any:
    """Polygons of a vector file as one geometry in a projection; None for no file."""
    import geopandas as gpd
    from pyogrio.errors import DataSourceError

    if path is None:
        return None
    where = f"--{option} {path}"
    if not path.exists():
        raise InputError(f"{where}: no such file; give polygons, as GeoJSON or shapefile")
    try:
        table = gpd.read_file(path)
    except DataSourceError as error:
        raise InputError(f"{where}: cannot be read ({error}); give GeoJSON") from error
    if table.crs is None:
        raise InputError(f"{where}: names no projection; write it with one")
    if table.empty or not set(table.geom_type) <= {"Polygon", "MultiPolygon"}:
        raise InputError(f"{where}: must hold polygons and nothing else")
    return table.to_crs(crs).union_all()
