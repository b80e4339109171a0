"""Commands for glacier domains: make, check, draw."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from termini.errors import DomainError, InputError, TerminiError
from termini.files import write_text

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    from termini.domain import GlacierDomain

Domains = Annotated[Path, typer.Argument(help="Domains (.parquet).", show_default=False)]
Fronts = Annotated[Path | None, typer.Option(help="Front table (.parquet).")]
Glaciers = Annotated[list[str] | None, typer.Option(help="Glacier id; may be repeated.")]


def make(
    fronts: Annotated[Path, typer.Argument(help="Front table (.parquet).", show_default=False)],
    out: Annotated[Path, typer.Option(help="Domains to write (.parquet).")],
    boxes: Annotated[
        Path | None,
        typer.Option(help="Three-sided boxes (lines), closed boxes or fjord outlines (polygons)."),
    ] = None,
    centrelines: Annotated[Path | None, typer.Option(help="One line a glacier.")] = None,
    flowlines: Annotated[Path | None, typer.Option(help="Lines along flow, unnamed.")] = None,
    id_column: Annotated[
        str, typer.Option(help="Column of boxes and centrelines that holds the glacier id.")
    ] = "glacier_id",
    id_prefix: Annotated[
        str, typer.Option(help="Put before what that column holds, as measures: before 3.")
    ] = "",
    layer: Annotated[
        str | None, typer.Option(help="Layer of the boxes, where the file has several.")
    ] = None,
    width: Annotated[
        float | None, typer.Option(min=1, help="Width where there is no box, m.")
    ] = None,
    lay: Annotated[int, typer.Option(min=0, help="Flowlines to lay across each fjord.")] = 0,
) -> None:
    """Make domains from fjord outlines, boxes, centrelines, flowlines, or fronts alone.

    Each glacier of the front table gets the best of what is given for it, in this
    order. One that cannot be made is listed in a .failures.csv beside the output,
    with the reason and what to do.
    """
    import pandas as pd

    from termini.domain import write_domains
    from termini.fronttable import crs_text, read_fronts
    from termini.geometry import domain_from, with_flowlines
    from termini.variables import flag_bits

    table = read_fronts(fronts)
    unusable = (table["quality"] & flag_bits()["bad_geometry"]) != 0
    for reason in sorted(set(table.loc[unusable, "note"])):
        typer.secho(f"{fronts}: left out: {reason}", fg="yellow", err=True)
    table = table[~unusable]
    crs = crs_text(table)
    ids = [str(i) for i in pd.unique(table["glacier_id"])]
    box_of, doubled = _shapes(boxes, ids, (id_column, id_prefix), crs, layer)
    line_of, doubled_lines = _shapes(centrelines, ids, (id_column, id_prefix), crs)
    doubled = doubled_lines | doubled
    along = None if flowlines is None else _layer(flowlines, crs)
    made: list[GlacierDomain] = []
    failures: list[tuple[str, str]] = []
    for glacier_id in ids:
        try:
            if glacier_id in doubled:
                raise InputError(doubled[glacier_id])
            domain = domain_from(
                glacier_id,
                "",
                table[table["glacier_id"] == glacier_id],
                crs,
                box=box_of.get(glacier_id),
                centreline=line_of.get(glacier_id),
                flowlines=along,
                width=width,
            )
            made.append(with_flowlines(domain, lay) if lay else domain)
        except TerminiError as error:
            failures.append((glacier_id, str(error)))
            typer.secho(str(error), fg="yellow", err=True)
    if failures:
        lost = pd.DataFrame(failures, columns=["glacier_id", "reason"])
        write_text(out.with_suffix(".failures.csv"), lost.to_csv(index=False))
    if not made:
        raise InputError(f"{fronts}: no domain could be made of any of its {len(ids)} glaciers")
    write_domains(made, out)
    files = {"boxes": (boxes, box_of), "centrelines": (centrelines, line_of)}
    given = {what: known for what, (file, known) in files.items() if file is not None}
    typer.echo(
        f"{len(made)} of {len(ids)} domains: {out}{_made_of([d.glacier_id for d in made], given)}"
    )


def _made_of(ids: list[str], given: Mapping[str, Collection[str]]) -> str:
    """From what the domains were made, where boxes or centrelines were given."""
    parts, left = [], ids
    for what, known in given.items():
        parts.append(f"{sum(i in known for i in left)} from {what}")
        left = [i for i in left if i not in known]
    if parts and left:
        some = ", ".join(left[:8]) + (", ..." if len(left) > 8 else "")
        parts.append(f"{len(left)} without either, from flowlines or fronts alone: {some}")
    return f" ({'; '.join(parts)})" if parts else ""


def check(domains: Domains, fronts: Fronts = None) -> None:
    """Say what is wrong with domains, and what to do about it."""
    from termini.domain import read_domains
    from termini.fronttable import read_fronts
    from termini.geometry import domain_problems

    known = read_domains(domains)
    table = None if fronts is None else read_fronts(fronts)
    wrong = 0
    for domain in known.values():
        problems = domain_problems(domain, table)
        wrong += bool(problems)
        for problem in problems:
            typer.secho(problem, fg="red", err=True)
    typer.echo(f"{domains}: {len(known) - wrong} of {len(known)} domains are good")
    if wrong:
        raise DomainError(f"{domains}: {wrong} domain(s) with problems; draw them to see")


def draw(
    domains: Domains,
    out: Annotated[Path, typer.Option(help="Folder for the figures.")],
    fronts: Fronts = None,
    glacier: Glaciers = None,
    per_sheet: Annotated[
        int, typer.Option(min=1, help="Domains on a figure; 1 for a large one of each.")
    ] = 1,
    flowlines: Annotated[
        int, typer.Option(min=0, help="Lay so many flowlines across each fjord first.")
    ] = 0,
) -> None:
    """Draw domains with their traces, so that a person can see that they are right."""
    from termini.domain import read_domains
    from termini.fronttable import read_fronts
    from termini.geometry import domain_problems, with_flowlines
    from termini.report.domain_figure import write_domain_figures

    known = read_domains(domains)
    if glacier:
        if missing := sorted(set(glacier) - set(known)):
            raise InputError(
                f"{domains}: has no {', '.join(missing)}; there are {', '.join(list(known)[:8])}"
                + (", ..." if len(known) > 8 else "")
            )
        known = {i: known[i] for i in glacier}
    table = None if fronts is None else read_fronts(fronts)
    problems = {i: domain_problems(domain, table) for i, domain in known.items()}
    if flowlines:
        known = {i: with_flowlines(domain, flowlines) for i, domain in known.items()}
    files = write_domain_figures(out, known, table, per_sheet=per_sheet, problems=problems)
    for sentences in problems.values():
        for sentence in sentences:
            typer.secho(sentence, fg="yellow", err=True)
    typer.echo(f"{len(files)} figure(s): {out}")


def _layer(path: Path, crs: str, layer: str | None = None) -> gpd.GeoDataFrame:
    """Lines or polygons of a file in the projection of the fronts."""
    import geopandas as gpd

    if not path.exists():
        raise InputError(f"{path}: no such file")
    try:
        if path.suffix == ".parquet":
            table = gpd.read_parquet(path)
        else:
            table = gpd.read_file(path, layer=layer) if layer else gpd.read_file(path)
    except (ValueError, OSError, RuntimeError) as error:
        raise InputError(f"{path}: cannot be read as a vector file ({error})") from error
    if table.crs is None:
        raise InputError(
            f"{path}: states no projection; put its .prj file beside it, or write it with set_crs"
        )
    if not table.crs.is_projected and _metres(table):
        raise InputError(
            f"{path}: says that it is in degrees ({table.crs.to_string()}), but its coordinates "
            "are larger than 360, so they are metres; find out their projection and label it"
        )
    if table.crs.is_projected and not _metres(table):
        raise InputError(
            f"{path}: says that it is in metres ({table.crs.to_string()}), but its coordinates "
            "are within 360, so they are longitude and latitude; label it EPSG:4326"
        )
    return table.to_crs(crs)


def _metres(table: gpd.GeoDataFrame) -> bool:
    from termini.geo import DEGREES

    return bool((abs(table.total_bounds) > DEGREES).any())


def _shapes(
    path: Path | None, ids: list[str], named: tuple[str, str], crs: str, layer: str | None = None
) -> tuple[dict[str, BaseGeometry], dict[str, str]]:
    """Geometry of each glacier in a file, and what is wrong with glaciers that have several."""
    import shapely

    if path is None:
        return {}, {}
    column, prefix = named
    table = _layer(path, crs, layer)
    shapes = shapely.force_2d(table.geometry.to_numpy())
    if column not in table:
        if len(table) == 1 and len(ids) == 1:
            return {ids[0]: shapes[0]}, {}
        raise InputError(
            f"{path}: has no column {column!r}, only {', '.join(map(str, table.columns))}; say "
            "with --id-column which one holds the glacier id"
        )
    names = prefix + table[column].astype("str")
    if not set(names) & set(ids):
        raise InputError(
            f"{path}: none of its glaciers ({_some(names)}) is one of the front table "
            f"({_some(ids)}); say with --id-column which column holds the id, and with "
            "--id-prefix what stands before it"
        )
    doubled = {
        name: f"glacier {name}: {path} has more than one geometry for it; keep one"
        for name in set(names[names.duplicated()])
    }
    found = {
        name: shapely.line_merge(shape) if shape.geom_type == "MultiLineString" else shape
        for name, shape in zip(names, shapes, strict=True)
        if shape is not None and name not in doubled
    }
    return found, doubled


def _some(names: Iterable[str]) -> str:
    """The first few of some names."""
    kept = list(dict.fromkeys(names))
    return ", ".join(kept[:4]) + (", ..." if len(kept) > 4 else "")
