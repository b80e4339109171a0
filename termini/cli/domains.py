"""Commands for glacier domains: make, check, draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from termini.cli.domain_shapes import dividers_of, read_layer, shapes_of
from termini.errors import DomainError, InputError, TerminiError
from termini.files import check_writable, write_text

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    from termini.domain import GlacierDomain
    from termini.geometry import GroundFile

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
    bed: Annotated[
        Path | None,
        typer.Option(help="Bed (GeoTIFF) or bed, surface, mask (NetCDF as BedMachine)."),
    ] = None,
    branches: Annotated[
        Path | None,
        typer.Option(
            help="What parts branches: a point or outline on each headland, or a line a branch."
        ),
    ] = None,
    id_column: Annotated[
        str, typer.Option(help="Column of boxes, centrelines, branches with the glacier id.")
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
    from termini.fronttable import crs_text
    from termini.geometry import GroundFile

    check_writable(out)
    table = _usable_fronts(fronts)
    crs = crs_text(table)
    ids = [str(i) for i in pd.unique(table["glacier_id"])]
    named = (id_column, id_prefix)
    box_of, doubled = shapes_of(boxes, ids, named, crs, layer)
    line_of, doubled_lines = shapes_of(centrelines, ids, named, crs)
    given = Given(
        box_of,
        line_of,
        dividers_of(branches, ids, named, crs),
        None if flowlines is None else read_layer(flowlines, crs),
        None if bed is None else GroundFile(bed),
        {**doubled_lines, **doubled},
        width,
        lay,
    )
    made, failures = _made(table, crs, ids, given)
    lost = out.with_suffix(".failures.csv")
    lost.unlink(missing_ok=True)
    if failures:
        frame = pd.DataFrame(failures, columns=["glacier_id", "reason"])
        write_text(lost, frame.to_csv(index=False))
    whole = [domain for domain in made if not domain.branch_of]
    if not whole:
        raise InputError(f"{fronts}: no domain could be made of any of its {len(ids)} glaciers")
    write_domains(made, out)
    files = {"boxes": (boxes, box_of), "centrelines": (centrelines, line_of)}
    known = {what: held for what, (file, held) in files.items() if file is not None}
    typer.echo(
        f"{len(whole)} of {len(ids)} domains: {out}{_made_of([d.glacier_id for d in whole], known)}"
    )
    _say_more(made, whole)


class Given(NamedTuple):
    """What is given for the glaciers of a front table."""

    boxes: Mapping[str, BaseGeometry]
    lines: Mapping[str, BaseGeometry]
    dividers: Mapping[str, list[BaseGeometry]]
    flowlines: gpd.GeoDataFrame | None
    ground: GroundFile | None
    doubled: Mapping[str, str]
    width: float | None
    lay: int


def _usable_fronts(fronts: Path) -> gpd.GeoDataFrame:
    """Front table without the rows that have no usable line; why is said."""
    from termini.fronttable import read_fronts
    from termini.variables import flag_bits

    table = read_fronts(fronts)
    unusable = (table["quality"] & flag_bits()["bad_geometry"]) != 0
    for reason in sorted(set(table.loc[unusable, "note"])):
        typer.secho(f"{fronts}: left out: {reason}", fg="yellow", err=True)
    return table[~unusable]


def _made(
    table: gpd.GeoDataFrame, crs: str, ids: list[str], given: Given
) -> tuple[list[GlacierDomain], list[tuple[str, str]]]:
    """Domains and their branches; glaciers that cannot be made, with the reason."""
    made: list[GlacierDomain] = []
    failures: list[tuple[str, str]] = []
    for glacier_id in ids:
        try:
            mine = table[table["glacier_id"] == glacier_id]
            made += _one(glacier_id, mine, crs, given)
        except TerminiError as error:
            failures.append((glacier_id, str(error)))
            typer.secho(str(error), fg="yellow", err=True)
    return made, failures


def _one(glacier_id: str, mine: gpd.GeoDataFrame, crs: str, given: Given) -> list[GlacierDomain]:
    """Domain of one glacier and those of its branches."""
    from termini.geometry import branches_of, domain_from, with_flowlines

    if glacier_id in given.doubled:
        raise InputError(given.doubled[glacier_id])
    domain = domain_from(
        glacier_id,
        "",
        mine,
        crs,
        box=given.boxes.get(glacier_id),
        centreline=given.lines.get(glacier_id),
        flowlines=given.flowlines,
        ground=given.ground,
        width=given.width,
    )
    found = [domain]
    if glacier_id in given.dividers:
        found += branches_of(domain, given.dividers[glacier_id], mine)
    return [with_flowlines(one, given.lay) for one in found] if given.lay else found


def _say_more(made: list[GlacierDomain], whole: list[GlacierDomain]) -> None:
    """From what the directions come, and what the branches are."""
    counts = Counter(domain.direction_from for domain in whole)
    said = ", ".join(f"{count} from {by}" for by, count in counts.most_common())
    typer.echo(f"direction of flow: {said}")
    parts = Counter(domain.branch_of for domain in made if domain.branch_of)
    for glacier_id, count in parts.items():
        ids = ", ".join(d.glacier_id for d in made if d.branch_of == glacier_id)
        typer.echo(f"{glacier_id}: {count} branches, left to right: {ids}")


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
    from termini.geometry import domain_problems, with_branch_fronts

    known = read_domains(domains)
    table = None if fronts is None else with_branch_fronts(read_fronts(fronts), known)
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
    from termini.geometry import domain_problems, with_branch_fronts, with_flowlines
    from termini.report.domain_figure import write_domain_figures

    known = read_domains(domains)
    if glacier:
        if missing := sorted(set(glacier) - set(known)):
            raise InputError(
                f"{domains}: has no {', '.join(missing)}; there are {', '.join(list(known)[:8])}"
                + (", ..." if len(known) > 8 else "")
            )
        known = {i: d for i, d in known.items() if i in glacier or d.branch_of in glacier}
    table = None if fronts is None else with_branch_fronts(read_fronts(fronts), known)
    problems = {i: domain_problems(domain, table) for i, domain in known.items()}
    if flowlines:
        known = {i: with_flowlines(domain, flowlines) for i, domain in known.items()}
    files = write_domain_figures(out, known, table, per_sheet=per_sheet, problems=problems)
    for sentences in problems.values():
        for sentence in sentences:
            typer.secho(sentence, fg="yellow", err=True)
    typer.echo(f"{len(files)} figure(s): {out}")
