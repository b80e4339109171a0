"""Command that trains a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def train(
    config: Annotated[
        str,
        typer.Argument(help="A YAML file, or one that ships: --list names them.", metavar="CONFIG"),
    ] = "",
    out: Annotated[Path | None, typer.Option(help="Folder for weights, log, checkpoints.")] = None,
    hold_out: Annotated[
        str | None, typer.Option(help="Glacier to leave out, for scores on it.")
    ] = None,
    start: Annotated[
        Path | None, typer.Option(help="Weights to go on from, such as the shipped ones.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or cuda:1.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.")] = None,
    hours: Annotated[
        float | None, typer.Option(min=0.0, help="Stop after this time; run again to go on.")
    ] = None,
    known: Annotated[bool, typer.Option("--list", help="List the configurations.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bars.")] = False,
) -> None:
    """Train a network as published, or ours; a run that was killed goes on.

    Needs the extra 'extract'. Data are named by the configuration.
    """
    from termini.segment.config import config_names

    if known:
        typer.echo("\n".join(config_names()))
        return
    if not config or out is None:
        raise typer.BadParameter("give CONFIG and --out, or --list")
    from termini.segment.run import train as run

    given: dict[str, Any] = {
        "hold_out": hold_out, "start": start, "device": device, "seed": seed,
    }  # fmt: skip
    weights = run(
        config,
        out,
        overrides={key: value for key, value in given.items() if value is not None},
        hours=hours,
        progress=not quiet,
    )
    typer.echo(f"{weights}")


def export_network(
    out: Annotated[Path, typer.Argument(help="File to write (.onnx).", show_default=False)],
    weights: Annotated[
        Path | None, typer.Option(help="Other weights than the shipped ones.")
    ] = None,
) -> None:
    """Write a network as ONNX, for `termini extract --weights` on machines without torch.

    Needs the extras 'extract' and 'onnx'.
    """
    from termini.errors import InputError
    from termini.files import check_writable
    from termini.segment import load_network
    from termini.segment.export import export_onnx

    if out.suffix != ".onnx":
        raise InputError(f"{out}: give the file a name that ends in .onnx, by which it is known")
    check_writable(out)
    typer.echo(f"{export_onnx(load_network(weights), out)}")
