"""Commands that work on a release: verify, diff, cluster, drivers, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from termini.errors import InputError, ReleaseError
from termini.files import check_writable, write_text

Release = Annotated[Path, typer.Argument(help="catalog/releases/<version>", show_default=False)]


def check_release(release: Path) -> None:
    """Say which releases there are where the one that is asked for is not.

    Parameters
    ----------
    release : path
        Folder that should be a release.

    Raises
    ------
    ReleaseError
        If it is none.
    """
    from termini.catalog import versions

    if release.is_dir():
        return
    near = versions(release.parent.parent) if release.parent.name == "releases" else []
    raise ReleaseError(
        f"{release}: no release here; "
        + (f"there are {', '.join(near)}" if near else "give a folder catalog/releases/<version>")
    )


def verify(
    path: Annotated[
        Path, typer.Argument(help="A release, or a catalog folder with all its releases.")
    ] = Path("catalog"),
) -> None:
    """Check that releases are whole and consistent."""
    from termini.catalog import release_path, verify_release, versions

    if (path / "releases").is_dir():
        folders = [release_path(path, version) for version in versions(path)]
    else:
        check_release(path)
        folders = [path]
    wrong = 0
    for folder in folders:
        problems = verify_release(folder)
        typer.echo(f"{folder}: " + ("good" if not problems else f"{len(problems)} problem(s)"))
        for problem in problems:
            typer.secho(f"  {problem}", fg="red", err=True)
        wrong += bool(problems)
    if wrong or not folders:
        raise ReleaseError(
            f"{path}: " + (f"{wrong} release(s) with problems" if folders else "no releases here")
        )


def difference(
    old: Annotated[Path, typer.Argument(help="Older release.", show_default=False)],
    new: Annotated[Path, typer.Argument(help="Newer release.", show_default=False)],
) -> None:
    """Say what changed between two releases."""
    from termini.catalog import diff_releases

    check_release(old)
    check_release(new)
    typer.echo(diff_releases(old, new).text())


def cluster(
    release: Release,
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("glacier_types.nc"),
    k: Annotated[int | None, typer.Option(min=2, help="Types; chosen if not given.")] = None,
    k_max: Annotated[int, typer.Option(min=2, help="Most types tried.")] = 6,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
) -> None:
    """Cluster the glaciers of a release into types."""
    from termini.catalog import read_series, write_netcdf
    from termini.cluster import glacier_types
    from termini.pipeline.parts import date_of

    check_release(release)
    check_writable(out)
    series = read_series(release / "terminus_series.nc")
    types = glacier_types(series, k=k, k_range=(2, k_max), seed=seed)
    types.attrs["release"] = release.name
    write_netcdf(types, out, title="Glacier types", date=date_of(release))
    for scale in ("interannual", "seasonal"):
        labels = types[f"{scale}_type"].to_numpy().tolist()
        counts = {label: labels.count(label) for label in sorted(set(labels))}
        typer.echo(f"{scale}: " + ", ".join(f"{n} of type {label}" for label, n in counts.items()))
    typer.echo(str(out))


def drivers(
    release: Release,
    out: Annotated[Path, typer.Option(help="Folder for the results.")],
    source: Annotated[
        list[str] | None, typer.Option(help="Tables to join; all that are found by default.")
    ] = None,
    path: Annotated[Path | None, typer.Option(help="Where they lie; TERMINI_DATA.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
) -> None:
    """Join bed, runoff and ocean, and attribute."""
    from termini import drivers as driving
    from termini.catalog import read_netcdf, read_series, write_netcdf
    from termini.pipeline.parts import date_of, glacier_positions

    check_release(release)
    check_writable(out / "drivers.nc")
    series = read_series(release / "terminus_series.nc")
    types = read_netcdf(release / "glacier_types.nc")
    records, missing = driving.read_drivers(path, source)
    for line in missing.itertuples():
        typer.secho(f"{line.source} left out: {line.reason}", fg="yellow", err=True)
    joined = driving.join_drivers(glacier_positions(series), records)
    title = "Drivers of glacier terminus change"
    write_netcdf(joined, out / "drivers.nc", title=title, date=date_of(release))
    attribution = driving.attribute(series, types, joined, seed=seed)
    write_text(out / "attribution.csv", attribution.to_csv(index=False))
    mechanism = driving.mechanism(series, joined, seed=seed)
    write_text(out / "mechanism.csv", mechanism.to_csv(index=False))
    typer.echo(attribution.to_string(index=False))
    typer.echo(f"\n{mechanism['driver'].value_counts().to_string()}\n{out}")


def report(
    release: Release,
    out: Annotated[Path, typer.Option(help="HTML file.")] = Path("report.html"),
    drivers: Annotated[
        Path | None, typer.Option(help="Folder that 'termini drivers' wrote, for its tables.")
    ] = None,
) -> None:
    """Write the HTML report of a release."""
    import pandas as pd

    from termini.pipeline.parts import DRIVER_TABLES
    from termini.report import html_report

    check_release(release)
    check_writable(out)
    if drivers is not None and not any((drivers / name).is_file() for name in DRIVER_TABLES):
        raise InputError(
            f"--drivers {drivers}: holds none of {', '.join(DRIVER_TABLES)}; give the folder that "
            "'termini drivers' wrote, or leave it out"
        )
    tables = {
        title: pd.read_csv(drivers / name)
        for name, title in DRIVER_TABLES.items()
        if drivers is not None and (drivers / name).is_file()
    }
    typer.echo(str(html_report(release, out, tables)))
