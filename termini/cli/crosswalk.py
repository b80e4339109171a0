"""Commands for the id crosswalk: make, show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from termini.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from termini.geometry.crosswalk_readers import Table

Namespaces = Annotated[
    list[str] | None,
    typer.Option(
        "--namespace",
        help="A table, as NAME or NAME=FILE; may be repeated. By default all whose files are found "
        "under the data root.",
    ),
]


def make(
    out: Annotated[Path, typer.Option(help="Table to write (.csv or .parquet).")],
    namespace: Namespaces = None,
    max_distance: Annotated[
        float, typer.Option(min=1, help="Records farther away are not joined, m.")
    ] = 10_000.0,
) -> None:
    """Make the table of all glaciers with their ids and names in every table.

    Doubtful matches are kept and marked, with the reason.
    """
    from termini.files import check_writable, write_text, written_whole
    from termini.geometry.crosswalk import crosswalk

    if out.suffix not in (".csv", ".parquet"):
        raise InputError(f"{out}: give a name that ends in .csv or .parquet")
    check_writable(out)
    tables = _tables(namespace)
    found = crosswalk(tables, max_distance=max_distance)
    if out.suffix == ".csv":
        write_text(out, found.to_csv(index=False))
    else:
        with written_whole(out) as temporary:
            found.to_parquet(temporary, index=False)
    for name, table in tables.items():
        doubtful = int(found[f"{name}_doubtful"].sum())
        rows = int((found[f"{name}_id"] != "").sum())
        typer.echo(f"{name}: {len(table)} ids in {rows} glaciers, {doubtful} of them doubtful")
    typer.echo(f"{len(found)} glaciers: {out}")


def show(
    glacier: Annotated[
        str,
        typer.Argument(
            help="A name, an id as NAMESPACE:ID (measures:3), or part of a name.",
            show_default=False,
        ),
    ],
    table: Annotated[
        Path | None, typer.Option(help="What 'termini crosswalk make' wrote; else made anew.")
    ] = None,
    namespace: Namespaces = None,
) -> None:
    """Show the ids of a glacier in all tables, with distances and doubts."""
    from termini.geometry.crosswalk import crosswalk
    from termini.geometry.crosswalk_find import find_glacier

    known = crosswalk(_tables(namespace)) if table is None else _read(table)
    rows = find_glacier(known, glacier)
    for _, row in rows.iterrows():
        _print(row)
    if len(rows) > 1:
        typer.echo(f"{len(rows)} glaciers; give an id as NAMESPACE:ID for one")


def _read(path: Path) -> pd.DataFrame:
    """What 'termini crosswalk make' wrote."""
    import pandas as pd

    remedy = "give one that 'termini crosswalk make' wrote"
    if not path.is_file():
        raise InputError(f"{path}: no such file; {remedy}")
    try:
        if path.suffix == ".parquet":
            known = pd.read_parquet(path)
        else:
            known = pd.read_csv(path, dtype="str", keep_default_na=False)
    except (ValueError, OSError) as error:  # those of pandas and pyarrow are ValueErrors
        words = " ".join(str(error).split())
        raise InputError(f"{path}: not a crosswalk ({words}); {remedy}") from error
    columns = set(map(str, known.columns))
    spaces = [name.removesuffix("_id") for name in columns if name.endswith("_id")]
    parts = ("also", "name", "distance_m", "doubtful", "reason")
    needed = {"glacier", "name", "x", "y"} | {f"{ns}_{part}" for ns in spaces for part in parts}
    if not spaces or needed - columns:
        lacking = ", ".join(sorted(needed - columns)) or "ids"
        raise InputError(f"{path}: not a crosswalk, it lacks {lacking}; {remedy}")
    return known


def _print(row: pd.Series[str]) -> None:
    typer.echo(f"{row['glacier']}  {row['name'] or 'without a name'}")
    typer.echo(f"   x {float(row['x']):.0f} m, y {float(row['y']):.0f} m (EPSG:3413)")
    for column in row.index:
        if not column.endswith("_id") or not row[column]:
            continue
        ns = column.removesuffix("_id")
        text = f"   {ns}:{row[column]}"
        if row[f"{ns}_also"]:
            text += f" (also {row[f'{ns}_also'].replace(';', ', ')})"
        text += f"  {row[f'{ns}_name'] or '-'}  {float(row[f'{ns}_distance_m']) / 1000:.1f} km"
        doubtful = str(row[f"{ns}_doubtful"]) == "True"
        text += f"  {'DOUBTFUL: ' if doubtful else ''}{row[f'{ns}_reason']}"
        typer.secho(text, fg="yellow" if doubtful else None)


def _tables(chosen: list[str] | None) -> dict[str, Table]:
    """Tables by name; by default those whose files are there."""
    from termini.geometry.crosswalk_readers import namespaces, read_namespace

    tables: dict[str, Table] = {}
    if chosen:
        for text in chosen:
            name, _, path = text.partition("=")
            if name in tables:
                raise InputError(f"--namespace {text!r}: {name} is given twice; keep one")
            tables[name] = read_namespace(name, path or None)
        return tables
    for name in namespaces():
        try:
            tables[name] = read_namespace(name)
        except InputError as error:
            typer.secho(f"left out: {error}", fg="yellow", err=True)
    if not tables:
        raise InputError("no table of ids found; set TERMINI_DATA or give --namespace NAME=FILE")
    return tables
