"""Commands between front tables and others' files: import, sources, write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from termini.cli.fronts import Rules, say_summary, size
from termini.errors import InputError
from termini.files import check_writable, write_text

if TYPE_CHECKING:
    import geopandas as gpd

    from termini.domain import GlacierDomain
    from termini.fronts import Written


def list_sources() -> None:
    """List the published datasets that can be imported."""
    from termini.fronts import get_source, sources

    for name in sources():
        entry = get_source(name)
        typer.echo(f"{name}\n    {entry.title}\n    {entry.citation}\n    licence: {entry.licence}")


def import_fronts(
    source: Annotated[
        str, typer.Argument(help="See 'termini fronts sources'; with --columns any name.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for fronts.parquet and domains.parquet.")],
    path: Annotated[
        Path | None, typer.Argument(help="Where it lies; by default its place under TERMINI_DATA.")
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            help="For a file with its own columns: OURS=THEIRS, as date=Date; may be repeated."
        ),
    ] = None,
    glacier: Annotated[
        str | None, typer.Option(help="With --columns: glacier id of all traces of the file.")
    ] = None,
    date_format: Annotated[
        str | None, typer.Option(help="With --columns: how dates are written, as %d/%m/%Y.")
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(help="With --columns: projection, as EPSG:3413, where none or a wrong one."),
    ] = None,
    layer: Annotated[
        str | None, typer.Option(help="With --columns: layer of a file that has several.")
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(help="With --columns: how the fronts were drawn; 'manual' if not given."),
    ] = None,
    domains: Annotated[
        Path | None,
        typer.Option(help="Domains (.parquet) to screen with, where the dataset has none."),
    ] = None,
    rules: Rules = "default",
) -> None:
    """Read a published dataset, or a vector file with columns of its own, and screen it."""
    from termini.domain import read_domains, write_domains
    from termini.fronts import read_source, rejected_summary, rule_set, screen
    from termini.fronttable import write_fronts
    from termini.geometry import domains_for_source, sources_with_domains

    chosen = rule_set(rules)
    known: dict[str, GlacierDomain] | None = None
    own = {"glacier_id": glacier, "date_format": date_format, "crs": crs, "layer": layer,
           "method": method}  # fmt: skip
    own = {name: text for name, text in own.items() if text is not None}
    if columns or own:
        table = _mapped(source, path, columns or [], own)
    else:
        table = read_source(source, path)
        if domains is None and source in sources_with_domains():
            try:
                known = domains_for_source(source, path, table)
            except InputError as error:
                # the fronts are of use without their domains
                typer.secho(f"no domains: {error}", fg="yellow", err=True)
    if domains is not None:
        known = read_domains(domains)
    check_writable(out / "fronts.parquet")
    if known is None:
        write_fronts(table, out / "fronts.parquet")
        typer.echo(
            f"{size(table)}: {out / 'fronts.parquet'}, not screened; 'termini domains make' makes "
            "domains for it and 'termini fronts screen' screens it"
        )
        say_summary(table)
        return
    table = screen(table, known, rules=chosen)
    write_fronts(table, out / "fronts.parquet")
    write_domains(known.values(), out / "domains.parquet")
    summary = rejected_summary(table)
    write_text(out / "rejected.csv", summary.to_csv(index=False))
    typer.echo(f"{size(table)}: {out}")
    say_summary(table)


def write_layout(
    fronts: Annotated[Path, typer.Argument(help="Front table (.parquet).", show_default=False)],
    layout: Annotated[str, typer.Option(help="termpicks, calfin or autoterm.")],
    out: Annotated[
        Path, typer.Option(help="New .shp of termpicks; new folder of calfin and autoterm.")
    ],
    numbers: Annotated[
        list[str] | None,
        typer.Option(help="Number of a glacier there: ID=NUMBER, as mine:a=278; may be repeated."),
    ] = None,
) -> None:
    """Write fronts in the layout of a published dataset, and say what it cannot hold."""
    from termini.fronts import write_autoterm, write_calfin, write_termpicks
    from termini.fronttable import read_fronts

    writers: dict[str, Callable[..., Written]]
    writers = {"termpicks": write_termpicks, "calfin": write_calfin, "autoterm": write_autoterm}
    if layout not in writers:
        raise InputError(f"--layout {layout!r} is unknown; known are {', '.join(writers)}")
    given: dict[str, int] = {}
    for text in numbers or []:
        name, equals, number = text.rpartition("=")
        if not equals or not number.strip().isdecimal():
            raise InputError(f"--numbers {text!r}: give ID=NUMBER, as mine:a=278")
        given[name.strip()] = int(number)
    written = writers[layout](read_fronts(fronts), out, numbers=given or None)
    typer.echo(f"{written.rows} traces in {len(written.files)} file(s): {out}")
    if len(written.lost):
        typer.echo(f"what the layout cannot hold:\n{written.lost.to_string(index=False)}")


def _mapped(
    source: str, path: Path | None, columns: list[str], own: dict[str, Any]
) -> gpd.GeoDataFrame:
    """Front table of a file whose columns the user names."""
    from termini.fronts.readers.mapped import read_mapped

    if path is None:
        raise InputError(
            f"{source}: --columns, --glacier, --date-format, --crs, --layer and --method are for "
            "a file with columns of its own; name the file after the source"
        )
    pairs: dict[str, str] = {}
    for text in columns:
        ours, equals, theirs = text.partition("=")
        if not equals or not ours.strip() or not theirs.strip():
            raise InputError(f"--columns {text!r}: give OURS=THEIRS, as date=Date")
        if ours.strip() in pairs:
            raise InputError(f"--columns {text!r}: {ours.strip()} is given twice; keep one")
        pairs[ours.strip()] = theirs.strip()
    if "date" not in pairs:
        raise InputError(f"{path}: say which column is the date, as --columns date=Datum")
    if "glacier_id" not in pairs and not own.get("glacier_id"):
        raise InputError(
            f"{path}: no glacier; name its column, as --columns glacier_id=Name, or give one to "
            "all with --glacier"
        )
    return read_mapped(path, columns=pairs, source=source, **own)
