"""Commands for single steps: fronts to series, series to a release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from termini.errors import InputError
from termini.files import check_writable, write_text
from termini.times import to_date

if TYPE_CHECKING:
    import xarray as xr

    from termini.domain import GlacierDomain
    from termini.series.stream_parts import Parts

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only warnings, no progress.")]


def series(
    fronts: Annotated[Path, typer.Argument(help="Front table (.parquet).", show_default=False)],
    domains: Annotated[Path, typer.Option(help="Domains (.parquet).")],
    out: Annotated[Path, typer.Option(help="Folder for observations and series.")],
    measure: Annotated[
        str,
        typer.Option(help="Of the series: length_area, area, centreline, flowlines, ..."),
    ] = "length_area",
    all_measures: Annotated[
        bool, typer.Option("--all-measures", help="Observe by all seven, not by the first four.")
    ] = False,
    minimum_coverage: Annotated[
        float, typer.Option(min=0, max=1, help="Least share of the width that must be seen.")
    ] = 0.5,
    near_days: Annotated[
        bool, typer.Option(help="Learn errors from traces of one hand a few days apart.")
    ] = True,
    date: Annotated[str | None, typer.Option(help="Date that the files carry.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    quiet: Quiet = False,
) -> None:
    """Make observations and monthly series from fronts.

    Fronts are read, screened and measured some glaciers at a time. A run that was
    killed goes on where it stopped.
    """
    from termini.pipeline.parts import today
    from termini.series import DEFAULT_MEASURES, MEASURES, ObservationSettings
    from termini.series.stream_parts import SeriesJob, measure_in_parts

    if measure not in MEASURES:
        raise InputError(f"--measure {measure!r} is unknown; known are {', '.join(MEASURES)}")
    wanted = {*(MEASURES if all_measures else DEFAULT_MEASURES), measure}

    stamp = today() if date is None else str(to_date(date, "--date").date())
    known = _known_domains(domains, fronts)
    check_writable(out / "fronts.parquet")
    settings = ObservationSettings(coverage_limit=minimum_coverage, learn_from_near_days=near_days)
    measures = tuple(name for name in MEASURES if name in wanted)
    job = SeriesJob(fronts, domains, today(), measures, settings)
    parts = measure_in_parts(job, out / ".parts", workers=workers, progress=not quiet)
    _say_rejected(parts, out)
    if not parts.number_observed():
        parts.write(out / "fronts.parquet", out / "observations.parquet")
        raise InputError(
            f"{fronts}: none of its {len(parts.table(['trace_id']))} traces gives an observation; "
            f"why is in the column note of {out / 'fronts.parquet'}"
        )
    # the tables are written while the monthly series are made
    with parts.writing(out / "fronts.parquet", out / "observations.parquet"):
        monthly = _write_series(parts, known, out, measure, stamp, workers, quiet)
    seen = int((monthly["observed"] > 0).any("time").sum())
    typer.echo(
        f"{parts.number_observed()} observations by {len(measures)} measures of {seen} glacier(s), "
        f"{monthly.sizes['time']} months: {out}"
    )
    parts.remove()


def _write_series(
    parts: Parts,
    known: dict[str, GlacierDomain],
    out: Path,
    measure: str,
    stamp: str,
    workers: int,
    quiet: bool,
) -> xr.Dataset:
    """NetCDF of the observations and of the monthly series, which is given back."""
    from termini.catalog import observations_dataset, write_netcdf
    from termini.series import monthly_series

    fronts = parts.table(["trace_id", "glacier_id", "method", "analyst"])
    monthly = monthly_series(
        parts.observed(measure),
        known,
        measure=measure,
        fronts=fronts,
        threads=workers,
        progress=not quiet,
    )
    write_netcdf(
        observations_dataset(parts.observed(coded=True), fronts, known),
        out / "terminus_observations.nc",
        title="Glacier length and area change, one row a trace",
        date=stamp,
    )
    write_netcdf(
        monthly,
        out / "terminus_series.nc",
        title="Monthly glacier length and area change",
        date=stamp,
    )
    return monthly


def _known_domains(domains: Path, fronts: Path) -> dict[str, GlacierDomain]:
    """Domains; what is odd about those of the fronts' glaciers is said."""
    from termini.domain import read_domains
    from termini.geometry import domain_problems
    from termini.series.stream import glacier_groups

    known = read_domains(domains)
    wanted = {name for group in glacier_groups(fronts) for name in group}
    for domain in known.values():
        if domain.glacier_id in wanted:
            for problem in domain_problems(domain):
                typer.secho(f"{domains}: {problem}", fg="yellow", err=True)
    return known


def _say_rejected(parts: Parts, out: Path) -> None:
    """Say and write which traces cannot be used, and why."""
    from termini.fronts import rejected_summary

    rejected = rejected_summary(parts.table(["trace_id", "glacier_id", "quality", "note"]))
    write_text(out / "rejected.csv", rejected.to_csv(index=False))
    if rejected.attrs["rejected"]:
        typer.secho(
            f"{rejected.attrs['rejected']} of {rejected.attrs['total']} traces cannot be used:\n"
            f"{rejected.to_string(index=False)}",
            fg="yellow",
            err=True,
        )


def release(
    folder: Annotated[
        Path, typer.Argument(help="A run's folder: fronts, domains, series.", show_default=False)
    ],
    version: Annotated[str, typer.Option(help="As 0.2.0; written once.")],
    root: Annotated[Path, typer.Option(help="Catalog folder.")] = Path("catalog"),
    source: Annotated[
        list[str] | None, typer.Option(help="name=citation of a source; may be repeated.")
    ] = None,
    date: Annotated[str | None, typer.Option(help="Date of the release.")] = None,
    notes: Annotated[str, typer.Option(help="What is to be said of it.")] = "",
) -> None:
    """Write a release and list it in the catalog."""
    from termini.pipeline.parts import release_from_folder

    if date is not None:
        to_date(date, "--date")
    given = {}
    for text in source or []:
        name, mark, citation = text.partition("=")
        if not mark:
            raise InputError(f"--source {text!r}: write it as name=citation")
        given[name] = citation
    path = release_from_folder(folder, root, version, citations_given=given, date=date, notes=notes)
    typer.echo(str(path))
