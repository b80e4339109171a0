"""Commands for front tables: import, screen, report, merge, and what rules there are."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from termini.errors import InputError
from termini.files import check_writable, make_folder, write_text
from termini.times import to_date

if TYPE_CHECKING:
    import geopandas as gpd

    from termini.domain import GlacierDomain

Fronts = Annotated[Path, typer.Argument(help="Front table (.parquet).", show_default=False)]
Domains = Annotated[Path, typer.Option(help="Domains (.parquet).")]
Out = Annotated[Path, typer.Option(help="Front table to write (.parquet).")]
Rules = Annotated[
    str, typer.Option(help="A rule set (see 'termini fronts rules'), or a .yaml file.")
]


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
    if columns or glacier is not None or date_format is not None:
        table = _mapped(source, path, columns or [], glacier, date_format)
    else:
        table = read_source(source, path)
        if domains is None and source in sources_with_domains():
            known = domains_for_source(source, path, table)
    if domains is not None:
        known = read_domains(domains)
    check_writable(out / "fronts.parquet")
    if known is None:
        write_fronts(table, out / "fronts.parquet")
        typer.echo(
            f"{_size(table)}: {out / 'fronts.parquet'}, not screened; 'termini domains make' makes "
            "domains for it and 'termini fronts screen' screens it"
        )
        return
    table = screen(table, known, rules=chosen)
    write_fronts(table, out / "fronts.parquet")
    write_domains(known.values(), out / "domains.parquet")
    summary = rejected_summary(table)
    write_text(out / "rejected.csv", summary.to_csv(index=False))
    typer.echo(f"{_size(table)}: {out}")
    _say_summary(table)


def _mapped(
    source: str, path: Path | None, columns: list[str], glacier: str | None, form: str | None
) -> gpd.GeoDataFrame:
    """Front table of a file whose columns the user names."""
    from termini.fronts.readers.mapped import read_mapped

    if path is None:
        raise InputError(
            f"{source}: --columns, --glacier and --date-format are for a file with columns of "
            "its own; name the file after the source"
        )
    pairs: dict[str, str] = {}
    for text in columns:
        ours, equals, theirs = text.partition("=")
        if not equals or not ours.strip() or not theirs.strip():
            raise InputError(f"--columns {text!r}: give OURS=THEIRS, as date=Date")
        if ours.strip() in pairs:
            raise InputError(f"--columns {text!r}: {ours.strip()} is given twice; keep one")
        pairs[ours.strip()] = theirs.strip()
    return read_mapped(path, columns=pairs, glacier_id=glacier, source=source, date_format=form)


def screen_fronts(
    fronts: Fronts,
    domains: Domains,
    out: Out,
    rules: Rules = "default",
    scores: Annotated[
        Path | None, typer.Option(help="Also write every score of every rule (.csv).")
    ] = None,
    today: Annotated[
        str | None, typer.Option(help="Dates after it are in the future; today by default.")
    ] = None,
) -> None:
    """Screen fronts: flag what is wrong with them, and say why.

    No trace is dropped. What a trace is flagged for stands in its quality and its
    note. A table that was screened before is screened anew.
    """
    from termini.fronts import apply_rules, rule_set, screen
    from termini.fronttable import write_fronts

    chosen = rule_set(rules)
    table, known = _tables(fronts, domains)
    check_writable(out)
    now = None if today is None else to_date(today, "--today")
    if scores is None:
        table = screen(table, known, now, rules=chosen)
    else:
        check_writable(scores)
        table = screen(table, known, now, rules="none")
        table, found = apply_rules(table, known, chosen, every_score=True)
        write_text(scores, found.to_csv(index=False))
    write_fronts(table, out)
    typer.echo(f"{_size(table)}, rules {chosen.name}: {out}")
    _say_summary(table)


def report_fronts(
    fronts: Fronts,
    domains: Annotated[
        Path | None, typer.Option(help="Domains (.parquet), for the glaciers' names.")
    ] = None,
    glacier: Annotated[
        list[str] | None, typer.Option(help="Only this glacier; may be repeated.")
    ] = None,
    most: Annotated[int, typer.Option(min=0, help="Traces named for each glacier.")] = 20,
    out: Annotated[
        Path | None, typer.Option(help="Folder for screening.csv and screening.txt.")
    ] = None,
) -> None:
    """Say what screening did to each glacier, as a table and in words."""
    from termini.domain import read_domains
    from termini.fronts import report_text, screening_report
    from termini.fronttable import read_fronts

    table = read_fronts(fronts)
    known = None if domains is None else read_domains(domains)
    there = sorted(set(table["glacier_id"]))
    if unknown := sorted(set(glacier or []) - set(there)):
        raise InputError(
            f"{fronts}: has no traces of {', '.join(unknown)}; it has those of "
            f"{', '.join(there[:8])}{', ...' if len(there) > 8 else ''}"
        )
    if glacier:
        table = table[table["glacier_id"].isin(glacier)].reset_index(drop=True)
    found = screening_report(table, known)
    texts = [report_text(table, name, known, most=most) for name in found["glacier_id"]]
    if out is not None:
        folder = make_folder(out)
        write_text(folder / "screening.csv", found.to_csv(index=False))
        write_text(folder / "screening.txt", "\n\n".join(texts) + "\n")
    shown = found.drop(columns=["name"] if known is None else [])
    shown = shown.assign(first=shown["first"].dt.date, last=shown["last"].dt.date)
    typer.echo(shown.to_string(index=False, float_format="{:.2f}".format, na_rep="-"))
    if glacier:
        typer.echo("\n" + "\n\n".join(texts))
    typer.echo(f"\n{out}" if out is not None else "\n--glacier ID names its traces")


def merge_fronts(
    fronts: Fronts,
    domains: Domains,
    out: Out,
    rule: Annotated[
        str, typer.Option(help="rank keeps the best trace, inverse_variance makes their mean.")
    ] = "rank",
    days: Annotated[
        float, typer.Option(min=0, help="Longest time between them; 0 for the same day.")
    ] = 0.0,
    spreads: Annotated[
        float, typer.Option(min=0, help="Fronts more standard deviations apart both stay.")
    ] = 4.0,
) -> None:
    """Make one of several traces of one front; the others stay, flagged as duplicates."""
    from termini.fronts import MergeSettings, merge_duplicates
    from termini.fronttable import write_fronts
    from termini.variables import flag_bits

    table, known = _tables(fronts, domains)
    check_writable(out)
    merged = merge_duplicates(table, known, MergeSettings(rule=rule, days=days, spreads=spreads))
    write_fronts(merged, out)
    twins = [int(((t["quality"] & flag_bits()["duplicate"]) != 0).sum()) for t in (table, merged)]
    typer.echo(
        f"{twins[1] - twins[0]} more of {len(table)} traces are duplicates, "
        f"{len(merged) - len(table)} means were added: {out}"
    )


def list_rules(
    rules: Annotated[
        str | None,
        typer.Argument(help="A rule set or .yaml file: only its rules, with its numbers."),
    ] = None,
) -> None:
    """List the screening rules: what each finds, its numbers, and where they come from."""
    from termini.fronts import RULE_SETS, RULES, RuleSet, rule_set

    chosen = RuleSet("", tuple(RULES.values())) if rules is None else rule_set(rules)
    for rule in chosen:
        traces = "all traces" if rule.manual else "traces that no person drew"
        if rule.fewest > 1:
            traces += f", from {rule.fewest} a glacier"
        typer.echo(f"{rule.name}: {rule.meaning}")
        does = f"sets {rule.flag}" if rule.action == "reject" else "only marks (doubtful)"
        numbers = ", ".join(f"{name}={value:g}" for name, value in rule.settings.items())
        typer.echo(f"  {does}; {traces}; {numbers or 'no numbers'}\n  source: {rule.source}")
    if rules is None:
        typer.echo("\nrule sets:")
        for name, each in RULE_SETS.items():
            words = ", ".join(rule.name for rule in each) or "no rules"
            typer.echo(textwrap.fill(f"{name}: {words}", 96, subsequent_indent="    "))
        typer.echo(
            "\nA .yaml file changes a set, one rule a line: 'base: default', 'coverage: true',\n"
            "'shape: false', 'history: {flow: 10, action: mark}'."
        )


def _tables(fronts: Path, domains: Path) -> tuple[gpd.GeoDataFrame, dict[str, GlacierDomain]]:
    """Front table and domains, of which at least one glacier must be in both."""
    from termini.domain import read_domains
    from termini.fronttable import read_fronts

    table, known = read_fronts(fronts), read_domains(domains)
    if len(table) and not set(table["glacier_id"]) & set(known):
        raise InputError(
            f"{domains}: none of its glaciers ({', '.join(list(known)[:5])}) is in {fronts} "
            f"({', '.join(sorted(set(table['glacier_id']))[:5])}); give the domains of these "
            "glaciers, 'termini domains make' makes them"
        )
    return table, known


def _size(table: gpd.GeoDataFrame) -> str:
    return f"{len(table)} traces of {table['glacier_id'].nunique()} glaciers"


def _say_summary(table: gpd.GeoDataFrame) -> None:
    from termini.fronts import rejected_summary
    from termini.variables import flag_bits, is_rejected

    summary = rejected_summary(table)
    quality = table["quality"].to_numpy()
    doubtful = int(((quality & flag_bits()["doubtful"]) != 0)[~is_rejected(quality)].sum())
    typer.echo(f"{summary.attrs['kept']} kept ({doubtful} doubtful), "
               f"{summary.attrs['rejected']} rejected")  # fmt: skip
    if len(summary):
        typer.echo(summary.to_string(index=False))
