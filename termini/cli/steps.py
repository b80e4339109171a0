"""Commands for single steps: scenes to fronts, fronts to series, series to a release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import typer

from termini.errors import InputError
from termini.files import check_writable, write_text
from termini.times import to_date

if TYPE_CHECKING:
    import xarray as xr

    from termini.domain import GlacierDomain
    from termini.series.stream_parts import Parts

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only warnings, no progress.")]


def extract(
    scenes: Annotated[
        list[str],
        typer.Argument(help="GeoTIFF or PNG files, or addresses (https://).", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Front table (.parquet), or folder for crops.")],
    domain: Annotated[
        Path | None,
        typer.Option(help="Domains (.parquet); for crops a polygon in pixels (.geojson)."),
    ] = None,
    pixel_size: Annotated[
        float | None, typer.Option(help="For crops without georeference: metres a pixel.")
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(help="Projection, as EPSG:3413, if the files state none or a wrong one."),
    ] = None,
    weights: Annotated[
        list[Path] | None,
        typer.Option(
            help="Other weights than the shipped ones (.safetensors, .onnx); given several "
            "times, their maps are averaged.",
            show_default=False,
        ),
    ] = None,
    flips: Annotated[
        bool, typer.Option(help="Average with the mirrored scene, twice the time.")
    ] = False,
    scale: Annotated[
        list[float] | None,
        typer.Option(
            help="Average with the scene at another size, as 0.8; may be given several times.",
            show_default=False,
        ),
    ] = None,
    passes: Annotated[
        int, typer.Option(min=0, help="Average so many passes with dropout left on; 0: off.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of the dropout.")] = 0,
    vectoriser: Annotated[
        str,
        typer.Option(
            help="How the line is found: minimal_path, longest_path, largest_ring, mask_contour "
            "or mohajerani_path."
        ),
    ] = "minimal_path",
    find_walls: Annotated[
        bool, typer.Option(help="For crops without a polygon: walls where rock is seen.")
    ] = False,
    refine: Annotated[
        str,
        typer.Option(help="native: drawn again at the scene's own pixel where that is finer; off."),
    ] = "native",
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    quiet: Quiet = False,
) -> None:
    """Find the calving front in satellite scenes.

    Georeferenced scenes give a front table, one row for each scene and each domain
    that it shows. Crops without georeference (--pixel-size) give one GeoJSON line
    a crop, in pixels: x right, y down, pixel centres at whole numbers. A scene that
    cannot be used is listed in a .failures.csv beside the output, with the reason.
    """
    from termini.segment import Views

    views = Views(flips, (1.0, *(scale or ())), passes, seed)
    if pixel_size is not None:
        found, failures = _extract_crops(
            [Path(scene) for scene in scenes], out, pixel_size, domain, weights, not quiet,
            views=views, vectoriser=vectoriser, find_walls=find_walls, refine=refine,
        )  # fmt: skip
    elif domain is not None:
        found, failures = _extract_scenes(
            scenes, out, domain, crs, weights, workers, not quiet,
            views=views, vectoriser=vectoriser, refine=refine,
        )  # fmt: skip
    else:
        raise InputError(
            "--domain: georeferenced scenes need the domains of their glaciers; "
            "crops without georeference need --pixel-size instead"
        )
    for row in failures.itertuples():
        typer.secho(str(row.reason), fg="yellow", err=True)
    typer.echo(f"{found} fronts from {len(scenes)} scenes: {out}")
    if found == 0:
        raise InputError(
            f"no front was found in any of the {len(scenes)} scenes; the reasons are above and in "
            f"{_failures_file(out, pixel_size is not None)}"
        )


def _failures_file(out: Path, folder: bool) -> Path:
    return out / "failures.csv" if folder else out.with_suffix(".failures.csv")


def _extract_crops(
    scenes: list[Path],
    out: Path,
    pixel_size: float,
    domain: Path | None,
    weights: list[Path] | None,
    progress: bool,
    **how: Any,
) -> tuple[int, pd.DataFrame]:
    from termini.fronts import extract_pictures, open_networks, read_pixel_polygon

    check_writable(_failures_file(out, True))
    found, failures = extract_pictures(
        scenes,
        open_networks(weights, how["views"]),
        pixel_size=pixel_size,
        fjord=None if domain is None else read_pixel_polygon(domain),
        out=out,
        progress=progress,
        **how,
    )
    write_text(_failures_file(out, True), failures.to_csv(index=False))
    return len(found), failures


def _extract_scenes(
    scenes: list[str],
    out: Path,
    domain: Path,
    crs: str | None,
    weights: list[Path] | None,
    workers: int,
    progress: bool,
    **how: Any,
) -> tuple[int, pd.DataFrame]:
    from termini.domain import read_domains
    from termini.fronts import extract_batch
    from termini.fronttable import write_fronts

    check_writable(out)
    table, failures = extract_batch(
        scenes,
        read_domains(domain),
        weights,
        workers=workers,
        progress=progress,
        resume=out.with_suffix(".parts"),
        crs=crs,
        **how,
    )
    write_fronts(table, out)
    write_text(_failures_file(out, False), failures.to_csv(index=False))
    return len(table), failures


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
