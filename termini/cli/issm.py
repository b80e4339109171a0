"""Command that writes ISSM input for one glacier, and that checks such a folder."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, Any

import typer

from termini.cli.inspect import check_release
from termini.errors import InputError
from termini.times import EARLIEST, to_date

# The end of a span that is not given.
LATEST = "2500-01-01"


class Forcing(enum.StrEnum):
    """Where the forcings come from."""

    JOINED = "joined"
    PUBLISHED = "published"
    NONE = "none"


def export_issm(
    given: Annotated[
        Path | None, typer.Argument(metavar="[RELEASE]", help="catalog/releases/<version>")
    ] = None,
    release: Annotated[Path | None, typer.Option(help="The same, by name.")] = None,
    glacier: Annotated[str | None, typer.Option(help="Glacier id, as measures:3.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write.")] = None,
    check: Annotated[
        Path | None,
        typer.Option(
            help="Check this folder (or NetCDF file) and write nothing; with --release also "
            "against the release that it is from. Anyone's folder, of ISSM's dialect or pyISSM's."
        ),
    ] = None,
    bed: Annotated[
        str | None,
        typer.Option(
            help="CSV with distance (m along the centreline from the gate) and elevation, or one "
            "elevation in metres; the joined bed depth by default."
        ),
    ] = None,
    vertices: Annotated[
        int | None,
        typer.Option(
            min=100,
            help="About how many vertices, densest over the range of the fronts; 10000 by default.",
        ),
    ] = None,
    resolution: Annotated[
        float | None, typer.Option(min=1, help="Edge of the mesh, m, in place of --vertices.")
    ] = None,
    front_resolution: Annotated[
        float | None,
        typer.Option(min=1, help="Edge over the range of the fronts, m; with --resolution."),
    ] = None,
    mesh: Annotated[
        Path | None,
        typer.Option(
            help="Your own mesh in the glacier's projection: a model of ISSM or pyISSM as NetCDF, "
            "gmsh, npz, or a format of meshio."
        ),
    ] = None,
    rock: Annotated[
        Path | None, typer.Option(help="Polygons of rock and ice-free ground, any vector format.")
    ] = None,
    forcing: Annotated[
        Forcing,
        typer.Option(
            help="joined: what the release has joined; published: the tables in TERMINI_DATA, with "
            "profiles and sill depth; none."
        ),
    ] = Forcing.JOINED,
    times: Annotated[
        str,
        typer.Option(
            help="observed (every front, drawn in full where a part was not seen), monthly or "
            "annual; the ice has the area of the release."
        ),
    ] = "observed",
    members: Annotated[
        int, typer.Option(min=0, help="Members of the ensemble of fronts and melt.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
    spacing_days: Annotated[
        float, typer.Option(min=0, help="Leave out fronts closer in time to the one before.")
    ] = 7.0,
    start: Annotated[str | None, typer.Option(help="First date.")] = None,
    end: Annotated[str | None, typer.Option(help="Last date.")] = None,
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
    options = {
        "vertices": vertices,
        "resolution": resolution,
        "front_resolution": front_resolution,
        "mesh": mesh,
        "times": times,
        "members": members,
        "seed": seed,
        "spacing_days": spacing_days,
        "span": _span(start, end),
    }
    typer.echo(str(_export(release, glacier, out, bed, rock, forcing, options)))


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
    rock: Path | None,
    forcing: Forcing,
    options: dict[str, Any],
) -> Path:
    from termini.catalog import read_observations, read_series
    from termini.domain import read_domains
    from termini.drivers import forcing_table
    from termini.fronttable import read_fronts
    from termini.issm import export_issm as export
    from termini.issm import published_forcing
    from termini.pipeline.parts import bed_of, read_optional

    check_release(release)
    domains = read_domains(release / "domains.parquet")
    if glacier not in domains:
        raise InputError(
            f"{glacier!r} is not a glacier of {release}; there are {', '.join(list(domains)[:8])}"
            + (", ..." if len(domains) > 8 else "")
        )
    observed = release / "terminus_observations.nc"
    joined = read_optional(release / "drivers.nc")
    table: Any = None
    if forcing is Forcing.PUBLISHED:
        table = published_forcing(domains[glacier])
    elif forcing is Forcing.JOINED and joined is not None:
        table = forcing_table(joined, glacier)
    return export(
        domains[glacier],
        read_fronts(release / "fronts.parquet"),
        out,
        bed=bed_of(glacier, bed, joined),
        forcing=table,
        rock=None if rock is None else _rock(rock, domains[glacier].crs),
        release_series=read_series(release / "terminus_series.nc"),
        observations=read_observations(observed) if observed.is_file() else None,
        release=release,
        **options,
    )


def _rock(path: Path, crs: str) -> Any:
    """Polygons of a vector file as one geometry in a projection."""
    import geopandas as gpd
    from pyogrio.errors import DataSourceError

    if not path.exists():
        raise InputError(f"--rock {path}: no such file; give polygons, as GeoJSON or shapefile")
    try:
        table = gpd.read_file(path)
    except DataSourceError as error:
        raise InputError(f"--rock {path}: cannot be read ({error}); give GeoJSON") from error
    if table.crs is None:
        raise InputError(f"--rock {path}: names no projection; write it with one")
    if table.empty or not set(table.geom_type) <= {"Polygon", "MultiPolygon"}:
        raise InputError(f"--rock {path}: must hold polygons and nothing else")
    return table.to_crs(crs).union_all()
