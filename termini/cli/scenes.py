"""Commands for scenes: find, screen, show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from termini.errors import InputError, TerminiError
from termini.files import check_writable, make_folder, write_text

if TYPE_CHECKING:
    from termini.domain import GlacierDomain
    from termini.scenes import FoundScenes, Scene, SceneLimits

Files = Annotated[
    list[str],
    typer.Argument(
        help="GeoTIFF, GMT grid, address (https://...), or STAC item (.json).",
        show_default=False,
    ),
]
DomainFile = Annotated[Path, typer.Option("--domain", "-d", help="Domains (.parquet).")]
Glacier = Annotated[str | None, typer.Option(help="Glacier id, where the file holds several.")]
Glaciers = Annotated[list[str] | None, typer.Option(help="Glacier id; may be repeated.")]
Pixel = Annotated[float, typer.Option(min=1, help="Pixel of the glacier's grid, m.")]
Crs = Annotated[
    str | None, typer.Option(help="Projection, if the files state none or a wrong one.")
]
Masks = Annotated[
    list[Path] | None, typer.Option("--mask", help="Cloud mask of the scene; may be repeated.")
]


def find(
    domains: Annotated[Path, typer.Argument(help="Domains (.parquet).", show_default=False)],
    api: Annotated[str, typer.Option(help="Address of a STAC API's landing page.")],
    start: Annotated[str, typer.Option("--from", help="First day.")],
    end: Annotated[str, typer.Option("--to", help="Last day.")],
    out: Annotated[Path, typer.Option(help="Folder for scenes.csv, items and downloads.")],
    sensor: Annotated[
        list[str] | None, typer.Option(help="As Sentinel-1; may be repeated; all by default.")
    ] = None,
    collection: Annotated[
        list[str] | None, typer.Option(help="Collection of the API; may be repeated.")
    ] = None,
    glacier: Glaciers = None,
    cloud: Annotated[
        float, typer.Option(min=0, max=100, help="Most cloud that an item may state, percent.")
    ] = 60.0,
    orbit: Annotated[str, typer.Option(help="ascending or descending, for radar.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Most items a glacier.")] = 10_000,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch the files; run again to go on.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Search a STAC API for scenes of glaciers.

    scenes.csv lists every scene that the API gave, those left out with the reason.
    The items of the others go to items/, from where 'termini scenes show' and
    'screen' read them without a download.
    """
    from termini.scenes import find_scenes
    from termini.scenes.download import safe_name

    check_writable(out / "scenes.csv")
    chosen = _domains(domains, glacier)
    found = find_scenes(
        api,
        chosen.values(),
        start,
        end,
        sensors=sensor or (),
        collections=collection or (),
        cloud=cloud / 100.0,
        orbit=orbit,
        limit=limit,
    )
    write_text(out / "scenes.csv", found.table.to_csv(index=False))
    folder = make_folder(out / "items")
    for item in found.items.values():
        text = json.dumps(item.to_dict(include_self_link=False), indent=1)
        write_text(folder / f"{safe_name(item.id)}.json", text + "\n")
    left_out = int((found.table["reason"] != "").sum())
    typer.echo(f"{len(found.items)} scene(s), {left_out} left out: {out / 'scenes.csv'}")
    if download:
        _download(found, out, quiet)


def _download(found: FoundScenes, out: Path, quiet: bool) -> None:
    """Fetch what was found; what cannot be had is listed, and the rest goes on."""
    from termini.scenes import download_item

    failures = []
    for name, item in found.items.items():
        try:
            download_item(item, out, progress=not quiet)
        except TerminiError as error:
            failures.append({"scene_id": name, "reason": str(error)})
            typer.secho(str(error), fg="yellow", err=True)
    _write_failures(out / "scenes.failures.csv", failures)
    typer.echo(f"{len(found.items) - len(failures)} of {len(found.items)} downloaded: {out}")


def screen(
    files: Files,
    domain: DomainFile,
    out: Annotated[Path | None, typer.Option(help="Table to write (.csv).")] = None,
    glacier: Glaciers = None,
    pixel: Pixel = 40.0,
    crs: Crs = None,
    cloud: Annotated[float, typer.Option(min=0, max=100, help="Most cloud, percent.")] = 60.0,
    empty: Annotated[
        float, typer.Option(min=0, max=100, help="Most of the fjord not seen, percent.")
    ] = 65.0,
) -> None:
    """Say which scenes are worth extracting from, and why the others are not."""
    import pandas as pd

    from termini.scenes import SceneLimits

    if out is not None:
        check_writable(out)
    limits = SceneLimits(valid_share=1.0 - empty / 100.0, cloud=cloud / 100.0)
    rows = [
        {"file": name, "glacier_id": glacier_id} | _screened(name, shape, pixel, crs, limits)
        for name in files
        for glacier_id, shape in _domains(domain, glacier).items()
    ]
    table = pd.DataFrame(rows)
    elsewhere = table["reason"].str.contains("does not overlap the domain", regex=False)
    said = table[~elsewhere | elsewhere.groupby(table["file"]).transform("all")]
    for line in said.to_dict("records"):
        reason = f" ({line['reason']})" if line["reason"] else ""
        verdict = "fit" if line["fit"] else "left out"
        path = Path(str(line["file"]))
        name = path.parent.name if path.name == "item.json" else path.name
        typer.secho(f"{name}, {line['glacier_id']}: {verdict}{reason}", err=not line["fit"])
    if out is not None:
        write_text(out, table.to_csv(index=False))
    pairs = f"{int(table['fit'].sum())} of {len(table)} scenes on domains fit"
    away = f", {int(elsewhere.sum())} show another place" if elsewhere.any() else ""
    typer.echo(pairs + away + (f": {out}" if out else ""))


def _screened(
    name: str, domain: GlacierDomain, pixel: float, crs: str | None, limits: SceneLimits
) -> dict[str, Any]:
    """Row of the table of screening for one scene and glacier."""
    from termini.scenes import domain_grid, fjord_raster, screen_scene, warp

    grid = domain_grid(domain, pixel)
    try:
        scene = _open(name, domain, pixel, crs, [])
        inside = fjord_raster(domain, grid)
        seen = warp(scene, grid)
        reasons = screen_scene(seen, inside, limits)
    except TerminiError as error:
        return {"fit": False, "reason": str(error)}
    return {
        "date": scene.date,
        "sensor": scene.sensor,
        "orbit": scene.orbit,
        "band": scene.band,
        "seen": round(float(seen.valid[inside].mean()), 3),
        "fit": not reasons,
        "reason": "; ".join([*reasons, *scene.notes]),
    }


def show(
    file: Annotated[
        str,
        typer.Argument(
            help="GeoTIFF, GMT grid, address (https://...), or STAC item (.json).",
            show_default=False,
        ),
    ],
    domain: DomainFile,
    out: Annotated[Path, typer.Option(help="Figure to write (.png, .pdf, .svg).")],
    glacier: Glacier = None,
    pixel: Pixel = 30.0,
    normalise: Annotated[str, typer.Option(help="equalise, linear, none or clahe.")] = "linear",
    speckle: Annotated[
        str, typer.Option(help="For radar: none, medians, lee or refined_lee.")
    ] = "none",
    crs: Crs = None,
    mask: Masks = None,
) -> None:
    """Draw a scene on a glacier's grid with the fjord's walls and gate.

    The sea is at the top and ice flows up, as the network sees it.
    """
    from typing import cast

    from termini.report.scene_figure import write_scene_figure
    from termini.scenes import despeckle
    from termini.scenes.normalise import Method
    from termini.scenes.speckle import Filter

    check_writable(out)
    known = _domains(domain, [glacier] if glacier else None)
    if len(known) > 1:
        raise InputError(f"{domain}: holds {', '.join(list(known)[:8])}; choose one with --glacier")
    shape = next(iter(known.values()))
    scene = _open(file, shape, pixel, crs, mask or [])
    if speckle != "none":
        scene = despeckle(scene, cast(Filter, speckle))
    for sentence in write_scene_figure(scene, shape, out, pixel, cast(Method, normalise)):
        typer.secho(f"{file}: {sentence}", fg="yellow", err=True)
    typer.echo(str(out))


def _open(
    name: str, domain: GlacierDomain, pixel: float, crs: str | None, masks: list[Path]
) -> Scene:
    """A scene from a file, an address, or a STAC item."""
    from termini.scenes import item_scene, read_item, read_scene

    options: dict[str, Any] = {"domain": domain, "pixel": pixel, "crs": crs}
    if not name.endswith(".json"):
        return read_scene(name, **options, masks=masks)
    if crs is None:
        del options["crs"]
    if masks:
        options["masks"] = masks
    return item_scene(read_item(name), **options)


def _domains(path: Path, wanted: list[str] | None) -> dict[str, GlacierDomain]:
    """Domains of a file, or those of it that are asked for."""
    from termini.domain import read_domains

    known = read_domains(path)
    if missing := sorted(set(wanted or ()) - set(known)):
        raise InputError(
            f"{path}: has no {', '.join(missing)}; there are {', '.join(list(known)[:8])}"
            + (", ..." if len(known) > 8 else "")
        )
    return {i: known[i] for i in wanted} if wanted else known


def _write_failures(path: Path, failures: list[dict[str, str]]) -> None:
    """List what failed; nothing is left of an earlier list where nothing did."""
    import pandas as pd

    if failures:
        write_text(path, pd.DataFrame(failures).to_csv(index=False))
    else:
        path.unlink(missing_ok=True)
