"""Commands that do everything: demo, run, and simulating a region."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from termini.errors import InputError
from termini.files import code_hash, make_folder, write_text

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only warnings, no progress.")]
Log = Annotated[Path | None, typer.Option("--log", help="Also append messages here, JSON lines.")]

#: The embedded run: small enough for five minutes on two cores.
DEMO: dict[str, dict[str, Any]] = {
    "run": {"seed": 1, "workers": 2},
    "simulate": {
        "glaciers": 18,
        "start": "2014-01-01",
        "end": "2020-12-31",
        "scenes_per_year": 8.0,
        "pixel": 45.0,
    },
    "release": {"version": "0.1.0", "notes": "Simulated region of the demo."},
    "issm": {"glaciers": ["sim:1"]},
}
_MARK = ".termini-demo"


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("demo"),
    quiet: Quiet = False,
) -> None:
    """Go the whole way on a simulated region and score it.

    Seed, scenes, fronts by the shipped network, series, release, types, drivers,
    ISSM input, report. A run that was killed goes on where it stopped; results of
    older code in the same folder are replaced.
    """
    from termini.pipeline import make_config, read_score, run, score_text, set_up_logging

    set_up_logging(quiet=quiet)
    mark = make_folder(out) / _MARK
    if any(out.iterdir()):
        if not mark.is_file():
            raise InputError(f"{out}: holds other files; give the demo a folder of its own")
        if mark.read_text() != code_hash():
            shutil.rmtree(out)
    write_text(make_folder(out) / _MARK, code_hash())
    document = {**DEMO, "run": {**DEMO["run"], "out": out}}
    context = run(make_config(document, "demo"), quiet=quiet)
    typer.echo("\nScore against the truth\n-----------------------")
    typer.echo(score_text(read_score(context)))
    typer.echo(f"\nreport: {context.path('report.html')}\nISSM:   {context.path('issm')}")


def run_config(
    config: Annotated[Path, typer.Argument(help="TOML or YAML file.", show_default=False)],
    quiet: Quiet = False,
    log: Log = None,
) -> None:
    """Do all that a configuration file asks for, resumably."""
    from termini.pipeline import read_config, read_score, run, score_text, set_up_logging

    set_up_logging(quiet=quiet, log_file=log)
    checked = read_config(config)
    context = run(checked, quiet=quiet)
    if checked.simulate is not None:
        typer.echo(score_text(read_score(context)))
    typer.echo(f"report: {context.path('report.html')}")


def simulate(
    out: Annotated[Path, typer.Option(help="Folder for truth and scenes.")],
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same region.")] = 0,
    glaciers: Annotated[int, typer.Option(min=1, help="Number of glaciers.")] = 18,
    start: Annotated[str, typer.Option(help="First day.")] = "2013-01-01",
    end: Annotated[str, typer.Option(help="Last day.")] = "2020-12-31",
    scenes_per_year: Annotated[float, typer.Option(min=0.1, help="Scenes a glacier.")] = 10.0,
    pixel: Annotated[
        float | None, typer.Option(help="Coarsest sampling, m; the sensor's own if not given.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    quiet: Quiet = False,
) -> None:
    """Simulate a region and satellite scenes of it."""
    from termini.pipeline import make_config, set_up_logging
    from termini.pipeline.engine import Context, run_stages
    from termini.pipeline.run import stages_of

    set_up_logging(quiet=quiet)
    document = {
        "run": {"seed": seed, "out": out, "workers": workers},
        "simulate": {
            "glaciers": glaciers,
            "start": start,
            "end": end,
            "scenes_per_year": scenes_per_year,
            "pixel": pixel,
        },
    }
    config = make_config(document, "simulate")
    context = Context(config, make_folder(out).resolve(), quiet)
    run_stages([s for s in stages_of(config) if s.name in ("simulate", "scenes")], context)
