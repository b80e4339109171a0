"""The command that compares fronts with their references."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import typer

from termini.errors import InputError
from termini.files import check_writable, write_text

if TYPE_CHECKING:
    from termini.fronts.evaluate_tables import Compared

#: So many of the worst lines are named, and drawn.
WORST = 12


def evaluate(
    predicted: Annotated[
        Path, typer.Argument(help="Front table (.parquet), or folder of .geojson in pixels.")
    ],
    reference: Annotated[
        Path, typer.Argument(help="Front table, or folder of labels (.geojson, .png).")
    ],
    domains: Annotated[
        Path | None,
        typer.Option(help="Domains (.parquet); for pixels the fjord as a polygon (.geojson)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the tables and the overlays.")
    ] = None,
    json_: Annotated[Path | None, typer.Option("--json", help="All figures as JSON.")] = None,
    pixel_size: Annotated[
        float | None, typer.Option(help="For lines in pixels: metres a pixel.")
    ] = None,
    scenes: Annotated[
        Path | None, typer.Option(help="Folder of the scenes, to draw the worst lines over.")
    ] = None,
    days: Annotated[
        float, typer.Option(min=0, help="Dates of two traces may differ by so many days.")
    ] = 0.5,
) -> None:
    """Compare fronts with reference lines, by every error measure of the field.

    Two front tables are compared trace by trace, in each glacier's own plane; two
    folders of lines in pixel coordinates (--pixel-size) by the names of the files.
    References without a front count as lost. --out keeps errors.csv (each image),
    summary.csv, groups.csv (by sensor, glacier, season) and overlays.png.
    """
    from termini.fronts.evaluate_groups import group_errors

    for target in (json_, out / "summary.csv" if out else None):
        if target is not None:
            check_writable(target)
    pixels = predicted.is_dir()
    if scenes is not None and out is None:
        raise InputError("--scenes: overlays need a folder to be written to; give --out")
    compared = (
        _pixels(predicted, reference, domains, pixel_size)
        if pixels
        else _tables(predicted, reference, domains, days)
    )
    summary, images = compared.evaluation.summary, compared.evaluation.images
    groups = group_errors(compared.evaluation, compared.tags.drop(columns=["date", "sigma_m"],
                                                                  errors="ignore"))  # fmt: skip
    typer.echo(summary.round(2).to_string(index=False))
    if compared.unmatched:
        typer.echo(f"{compared.unmatched} predicted lines have no reference and take no part")
    if out is not None:
        write_text(out / "errors.csv", compared.tags.join(images).to_csv())
        write_text(out / "summary.csv", summary.to_csv(index=False))
        write_text(out / "groups.csv", groups.to_csv(index=False))
        if scenes is not None:
            _draw(compared, predicted, reference, domains, scenes, out / "overlays.png", pixels)
    if json_ is not None:
        content = {
            "summary": _records(summary),
            "groups": _records(groups),
            "images": json.loads(
                compared.tags.join(images).to_json(orient="index", date_format="iso")
            ),
            "predicted_without_reference": compared.unmatched,
        }
        write_text(json_, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    held: list[dict[str, Any]] = json.loads(table.to_json(orient="records"))
    return held


def _tables(predicted: Path, reference: Path, domains: Path | None, days: float) -> Compared:
    from termini.domain import read_domains
    from termini.fronts.evaluate_tables import evaluate_fronts
    from termini.fronttable import read_fronts

    known = None if domains is None else read_domains(domains)
    return evaluate_fronts(read_fronts(predicted), read_fronts(reference), known, days=days)


def _pixels(
    predicted: Path, reference: Path, domains: Path | None, pixel_size: float | None
) -> Compared:
    from termini.fronts import read_pixel_polygon
    from termini.fronts.evaluate_tables import evaluate_pictures

    if pixel_size is None:
        raise InputError("--pixel-size: lines in pixels need the metres a pixel has")
    fjord = None if domains is None else read_pixel_polygon(domains)
    return evaluate_pictures(predicted, reference, pixel_size=pixel_size, fjord=fjord)


def _draw(
    compared: Compared,
    predicted: Path,
    reference: Path,
    domains: Path | None,
    scenes: Path,
    target: Path,
    pixels: bool,
) -> None:
    """Overlays of the worst lines."""
    from termini.fronts.overlay import draw_overlays
    from termini.fronts.overlay_scenes import overlays_of_pictures, overlays_of_tables

    errors = compared.evaluation.images["nearest_mean"]
    worst = errors.sort_values(ascending=False, na_position="first").head(WORST)
    make = overlays_of_pictures if pixels else overlays_of_tables
    overlays = make(worst, predicted, reference, domains, scenes)
    if not overlays:
        raise InputError(f"{scenes}: holds no scene of the worst lines, {', '.join(worst.index)}")
    draw_overlays(overlays, target)
    typer.echo(f"overlays of the worst {len(overlays)}: {target}")
