"""Commands for front tables: screen, report, merge, and what rules there are."""

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
    _table_to_write(out)
    table, known = _tables(fronts, domains)
    now = None if today is None else to_date(today, "--today")
    if scores is None:
        table = screen(table, known, now, rules=chosen)
    else:
        check_writable(scores)
        table = screen(table, known, now, rules="none")
        table, found = apply_rules(table, known, chosen, every_score=True)
        write_text(scores, found.to_csv(index=False))
    write_fronts(table, out)
    typer.echo(f"{size(table)}, rules {chosen.name}: {out}")
    say_summary(table)


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

    _table_to_write(out)
    table, known = _tables(fronts, domains)
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


def _table_to_write(out: Path) -> None:
    """Refuse a file whose name says another format, and one that cannot be written."""
    if out.suffix.lower() not in (".parquet", ".geoparquet"):
        raise InputError(f"{out}: give a name that ends in .parquet; front tables are GeoParquet")
    check_writable(out)


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


def size(table: gpd.GeoDataFrame) -> str:
    """How many traces and glaciers a table has, in words."""
    traces, glaciers = len(table), table["glacier_id"].nunique()
    return (
        f"{traces} trace{'s' if traces != 1 else ''} of "
        f"{glaciers} glacier{'s' if glaciers != 1 else ''}"
    )


def say_summary(table: gpd.GeoDataFrame) -> None:
    """Say how many traces are kept, and why the others are not."""
    from termini.fronts import rejected_summary
    from termini.variables import flag_bits, is_rejected

    summary = rejected_summary(table)
    quality = table["quality"].to_numpy()
    doubtful = int(((quality & flag_bits()["doubtful"]) != 0)[~is_rejected(quality)].sum())
    typer.echo(f"{summary.attrs['kept']} kept ({doubtful} doubtful), "
               f"{summary.attrs['rejected']} rejected")  # fmt: skip
    if len(summary):
        typer.echo(summary.to_string(index=False))
