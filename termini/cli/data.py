"""Commands for published datasets: list, where, pull."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(help="A name that 'termini data list' shows.")]
To = Annotated[
    Path | None,
    typer.Option(help="Data root; by default $TERMINI_DATA, else the user's cache."),
]


def list_datasets(
    to: To = None,
    name: Annotated[str | None, typer.Option(help="Only this one, with all that is known.")] = None,
) -> None:
    """List the published datasets, whether they are there, and how to get them."""
    from termini.data import datasets, get_dataset, missing, root

    base = root(to)
    if name is not None:
        _describe(name, to)
        return
    known = datasets()
    width = max(map(len, known))
    typer.echo(f"{'name':<{width}}  there  get   what and where")
    for key, dataset in known.items():
        folder = base / dataset.folder
        there = "no" if missing(get_dataset(key), folder) else "yes"
        way = "pull" if dataset.files else "hand"
        typer.echo(f"{key:<{width}}  {there:<5}  {way}  {dataset.title}")
        typer.echo(f"{'':<{width}}               {folder}")
    typer.echo(
        "\npull: 'termini data pull NAME' downloads it. hand: no direct address is known, "
        "'termini data list --name NAME' says what to do."
    )


def _describe(name: str, to: Path | None) -> None:
    from termini.data import get_dataset, present, where

    dataset = get_dataset(name)
    lines = {
        "title": dataset.title,
        "page": dataset.page or "none known; see the citation",
        "citation": dataset.citation,
        "licence": dataset.licence,
        "read by": dataset.reader,
        "folder": f"{where(name, to=to)} ({'there' if present(name, to=to) else 'not there'})",
        "must hold": ", ".join(dataset.holds),
        "login": "Earthdata account (~/.netrc or EARTHDATA_TOKEN)" if dataset.login else "none",
    }
    for file in dataset.files:
        lines[f"file {file.name}"] = f"{file.url}\n    checksum: " + (
            file.checksum or "none stated; trusted at first download"
        )
    if dataset.by_hand:
        lines["by hand"] = dataset.by_hand
    typer.echo(name)
    for label, text in lines.items():
        typer.echo(f"  {label}: {text}")


def where_is(name: Name, to: To = None) -> None:
    """Print the folder that a dataset is read from; status 1 if it is not there."""
    from termini.data import get_dataset, missing, where
    from termini.errors import InputError

    folder = where(name, to=to)
    typer.echo(str(folder))
    if lacking := missing(get_dataset(name), folder):
        raise InputError(
            f"{folder}: {name} is not there (no {', '.join(lacking)}); "
            f"'termini data list --name {name}' says how to get it"
        )


def pull_dataset(
    name: Name,
    to: To = None,
    source: Annotated[
        str | None,
        typer.Option("--from", help="The file, downloaded by hand, or an address of it."),
    ] = None,
    mirror: Annotated[
        str | None,
        typer.Option(help="Base address or folder of a mirror: MIRROR/NAME/FILE. $TERMINI_MIRROR."),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also what is there.")] = False,
    retries: Annotated[int, typer.Option(min=0, help="Tries after the first.")] = 4,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Download a dataset, check it, and put it where termini reads it.

    A download that breaks off goes on where it stopped. What is wrong is not kept.
    """
    from termini.data import get_dataset, pull

    done = pull(
        name,
        to=to,
        source=source,
        mirror=mirror,
        again=again,
        retries=retries,
        progress=not quiet,
    )
    for note in done.notes:
        typer.secho(note, fg="yellow", err=True)
    typer.echo(f"{done.folder}: {len(done.files)} files written")
    dataset = get_dataset(name)
    typer.echo(f"licence: {dataset.licence}; please cite {dataset.citation}")
