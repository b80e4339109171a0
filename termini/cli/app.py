"""The command line's frame: commands, and errors as one sentence."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from termini import __version__
from termini.cli import (
    crosswalk,
    data,
    domains,
    evaluate,
    extract,
    fronts,
    fronts_import,
    inspect,
    issm,
    runs,
    scenes,
    steps,
    train,
)
from termini.errors import TerminiError

app = typer.Typer(
    name="termini",
    help="Glacier terminus change: from satellite scenes to fronts, series, types and ISSM input.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
fronts_app = typer.Typer(help="Front tables.", no_args_is_help=True)
scenes_app = typer.Typer(help="Satellite scenes: find, screen, look at.", no_args_is_help=True)
domains_app = typer.Typer(help="Glacier domains.", no_args_is_help=True)
data_app = typer.Typer(help="Published datasets: which, where, download.", no_args_is_help=True)
crosswalk_app = typer.Typer(help="Which glacier has which id where.", no_args_is_help=True)
export_app = typer.Typer(help="Input for ice-sheet models; networks as ONNX.", no_args_is_help=True)

RUNS, STEPS, LOOK = "Whole runs", "Single steps", "Releases"
app.command(rich_help_panel=RUNS)(runs.demo)
app.command("run", rich_help_panel=RUNS)(runs.run_config)
app.command(rich_help_panel=STEPS)(runs.simulate)
app.command(rich_help_panel=STEPS)(train.train)
app.command(rich_help_panel=STEPS)(extract.extract)
app.command(rich_help_panel=STEPS)(evaluate.evaluate)
app.add_typer(data_app, name="data", rich_help_panel=STEPS)
data_app.command("list")(data.list_datasets)
data_app.command("where")(data.where_is)
data_app.command("pull")(data.pull_dataset)
app.add_typer(crosswalk_app, name="crosswalk", rich_help_panel=STEPS)
crosswalk_app.command("make")(crosswalk.make)
crosswalk_app.command("show")(crosswalk.show)
app.add_typer(scenes_app, name="scenes", rich_help_panel=STEPS)
scenes_app.command("find")(scenes.find)
scenes_app.command("screen")(scenes.screen)
scenes_app.command("show")(scenes.show)
app.add_typer(fronts_app, name="fronts", rich_help_panel=STEPS)
fronts_app.command("import")(fronts_import.import_fronts)
fronts_app.command("sources")(fronts_import.list_sources)
fronts_app.command("write")(fronts_import.write_layout)
fronts_app.command("screen")(fronts.screen_fronts)
fronts_app.command("report")(fronts.report_fronts)
fronts_app.command("merge")(fronts.merge_fronts)
fronts_app.command("rules")(fronts.list_rules)
app.add_typer(domains_app, name="domains", rich_help_panel=STEPS)
domains_app.command("make")(domains.make)
domains_app.command("check")(domains.check)
domains_app.command("draw")(domains.draw)
app.command(rich_help_panel=STEPS)(steps.series)
app.command(rich_help_panel=STEPS)(steps.release)
app.command(rich_help_panel=LOOK)(inspect.verify)
app.command("diff", rich_help_panel=LOOK)(inspect.difference)
app.command(rich_help_panel=LOOK)(inspect.cluster)
app.command(rich_help_panel=LOOK)(inspect.drivers)
app.add_typer(export_app, name="export", rich_help_panel=LOOK)
export_app.command("issm")(issm.export_issm)
export_app.command("network")(train.export_network)
app.command(rich_help_panel=LOOK)(inspect.report)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"termini {__version__}")
        raise typer.Exit


@app.callback()
def _frame(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options that come before a command."""


def main() -> None:
    """Run the command line; what is wrong with files ends it with a sentence and status 1."""
    try:
        app()
    except TerminiError as error:
        _end(str(error))
    except OSError as error:
        if error.filename is None:
            raise
        _end(f"{error.filename}: {error.strerror}; check that the file is there and may be used")


def _end(said: str) -> NoReturn:
    typer.secho(f"error: {said}", fg="red", err=True)
    sys.exit(1)
