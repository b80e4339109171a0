"""Command that finds fronts in scenes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from termini.cli.steps import Quiet
from termini.errors import InputError
from termini.files import check_writable, write_text


def extract(
    scenes: Annotated[
        list[str],
        typer.Argument(help="GeoTIFF or PNG files, or addresses (https://).", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Front table (.parquet), or folder for crops.")],
    domain: Annotated[
        Path | None,
        typer.Option(help="Domains (.parquet); for crops a polygon in pixels (.geojson)."),
    ] = None,
    pixel_size: Annotated[
        float | None, typer.Option(help="For crops without georeference: metres a pixel.")
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(help="Projection, as EPSG:3413, if the files state none or a wrong one."),
    ] = None,
    weights: Annotated[
        list[Path] | None,
        typer.Option(
            help="Other weights than the shipped ones (.safetensors, .onnx); given several "
            "times, their maps are averaged.",
            show_default=False,
        ),
    ] = None,
    flips: Annotated[
        bool, typer.Option(help="Average with the mirrored scene, twice the time.")
    ] = False,
    scale: Annotated[
        list[float] | None,
        typer.Option(
            help="Average with the scene at another size, as 0.8; may be given several times.",
            show_default=False,
        ),
    ] = None,
    passes: Annotated[
        int, typer.Option(min=0, help="Average so many passes with dropout left on; 0: off.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of the dropout.")] = 0,
    vectoriser: Annotated[
        str,
        typer.Option(
            help="How the line is found: minimal_path, longest_path, largest_ring, mask_contour "
            "or mohajerani_path."
        ),
    ] = "minimal_path",
    find_walls: Annotated[
        bool, typer.Option(help="For crops without a polygon: walls where rock is seen.")
    ] = False,
    refine: Annotated[
        str,
        typer.Option(help="native: drawn again at the scene's own pixel where that is finer; off."),
    ] = "native",
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    quiet: Quiet = False,
) -> None:
    """Find the calving front in satellite scenes.

    Georeferenced scenes give a front table, one row for each scene and each domain
    that it shows. Crops without georeference (--pixel-size) give one GeoJSON line
    a crop, in pixels: x right, y down, pixel centres at whole numbers. A scene that
    cannot be used is listed in a .failures.csv beside the output, with the reason.
    """
    from termini.segment import Views

    views = Views(flips, (1.0, *(scale or ())), passes, seed)
    if pixel_size is not None:
        found, failures = _extract_crops(
            [Path(scene) for scene in scenes], out, pixel_size, domain, weights, not quiet,
            views=views, vectoriser=vectoriser, find_walls=find_walls, refine=refine,
        )  # fmt: skip
    elif domain is not None:
        found, failures = _extract_scenes(
            scenes, out, domain, crs, weights, workers, not quiet,
            views=views, vectoriser=vectoriser, refine=refine,
        )  # fmt: skip
    else:
        raise InputError(
            "--domain: georeferenced scenes need the domains of their glaciers; "
            "crops without georeference need --pixel-size instead"
        )
    for row in failures.itertuples():
        typer.secho(str(row.reason), fg="yellow", err=True)
    typer.echo(f"{found} fronts from {len(scenes)} scenes: {out}")
    if found == 0:
        raise InputError(
            f"no front was found in any of the {len(scenes)} scenes; the reasons are above and in "
            f"{_failures_file(out, pixel_size is not None)}"
        )


def _failures_file(out: Path, folder: bool) -> Path:
    return out / "failures.csv" if folder else out.with_suffix(".failures.csv")


def _extract_crops(
    scenes: list[Path],
    out: Path,
    pixel_size: float,
    domain: Path | None,
    weights: list[Path] | None,
    progress: bool,
    **how: Any,
) -> tuple[int, pd.DataFrame]:
    from termini.fronts import extract_pictures, open_networks, read_pixel_polygon

    check_writable(_failures_file(out, True))
    found, failures = extract_pictures(
        scenes,
        open_networks(weights, how["views"]),
        pixel_size=pixel_size,
        fjord=None if domain is None else read_pixel_polygon(domain),
        out=out,
        progress=progress,
        **how,
    )
    write_text(_failures_file(out, True), failures.to_csv(index=False))
    return len(found), failures


def _extract_scenes(
    scenes: list[str],
    out: Path,
    domain: Path,
    crs: str | None,
    weights: list[Path] | None,
    workers: int,
    progress: bool,
    **how: Any,
) -> tuple[int, pd.DataFrame]:
    from termini.domain import read_domains
    from termini.fronts import extract_batch
    from termini.fronttable import write_fronts

    check_writable(out)
    table, failures = extract_batch(
        scenes,
        read_domains(domain),
        weights,
        workers=workers,
        progress=progress,
        resume=out.with_suffix(".parts"),
        crs=crs,
        **how,
    )
    write_fronts(table, out)
    write_text(_failures_file(out, False), failures.to_csv(index=False))
    return len(table), failures
