"""Where a run starts: a simulated region, scenes on disk, or published fronts."""

from __future__ import annotations

import glob
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
from tqdm import tqdm

from termini import simulate
from termini.domain import GlacierDomain, read_domains, write_domains
from termini.errors import ConfigError, InputError
from termini.files import make_folder, write_text
from termini.fronts import extract_batch, read_source, sources
from termini.fronttable import read_fronts, write_fronts
from termini.geometry import domains_for_source
from termini.pipeline.config import Config, ScenesSection, SimulateSection
from termini.pipeline.engine import Context, Stage
from termini.pipeline.parts import DOMAINS
from termini.processes import end_with_parent
from termini.segment import Views
from termini.sensors import get_sensor

RAW_FRONTS = ("fronts", "raw.parquet")
PLAN = ("truth", "acquisitions.csv")


@lru_cache(maxsize=4)
def simulated_region(seed: int, section: SimulateSection) -> simulate.SimulatedRegion:
    """Region that a configuration asks for; made once in each process.

    Parameters
    ----------
    seed : int
        Seed of the run.
    section : SimulateSection
        Number of glaciers and period.

    Returns
    -------
    SimulatedRegion
        The region with its truth.
    """
    return simulate.simulate_region(
        seed, section.glaciers, start=str(section.start), end=str(section.end)
    )


def _simulate(context: Context) -> str:
    section = context.config.simulate
    assert section is not None
    region = simulated_region(context.config.run.seed, section)
    simulate.write_truth(region, context.path("truth"))
    write_domains([g.domain for g in region.glaciers], context.path(DOMAINS))
    plan = simulate.acquisitions(region, per_year=section.scenes_per_year)
    write_text(context.path(*PLAN), plan.to_csv(index=False))
    types = pd.Series([g.planted_type for g in region.glaciers]).value_counts().sort_index()
    kinds = ", ".join(f"{count} {name}" for name, count in types.items())
    return f"{len(region.glaciers)} glaciers ({kinds}), {len(plan)} acquisitions planned"


def _render_glacier(
    seed: int, section: SimulateSection, glacier_id: str, plan: pd.DataFrame, folder: Path
) -> int:
    """Render the scenes of one glacier that are not there yet; in a worker process."""
    region = simulated_region(seed, section)
    glacier = next(g for g in region.glaciers if g.domain.glacier_id == glacier_id)
    made = 0
    for turn, row in enumerate(plan.to_dict("records")):
        if (folder / f"{row['scene_id']}.tif").is_file():
            continue
        date = pd.Timestamp(str(row["date"]))
        sensor = get_sensor(str(row["sensor"]))
        scene = simulate.render_scene(
            glacier.domain,
            glacier.front(date),
            date,
            sensor,
            seed=seed * 100_003 + turn,
            pixel=max(section.pixel, sensor.pixel) if section.pixel else None,
            melange=float(row["melange"]),
        )
        simulate.write_rendered(scene, folder)
        made += 1
    return made


def _scenes(context: Context) -> str:
    section, seed = context.config.simulate, context.config.run.seed
    assert section is not None
    plan = pd.read_csv(context.path(*PLAN))
    folder = context.path("scenes")
    make_folder(folder)
    jobs = [(str(glacier), part) for glacier, part in plan.groupby("glacier_id")]
    with ProcessPoolExecutor(context.config.run.workers, initializer=end_with_parent) as pool:
        futures = [pool.submit(_render_glacier, seed, section, g, p, folder) for g, p in jobs]
        for future in tqdm(futures, desc="scenes", unit="glacier", disable=context.quiet):
            future.result()
    return f"{len(plan)} scenes of {plan['sensor'].nunique()} sensors"


def _extract(context: Context) -> str:
    config = context.config
    if config.scenes is None:
        paths = sorted(context.path("scenes").glob("*[0-9].tif"))
        domains = read_domains(context.path(DOMAINS))
        plan = pd.read_csv(context.path(*PLAN))
        glaciers = dict(zip(plan["scene_id"], plan["glacier_id"], strict=True))
    else:
        glaciers = None
        paths = scene_files(config.scenes)
        domains = read_domains(config.scenes.domains)
        write_domains(domains.values(), context.path(DOMAINS))
    table, failures = extract_batch(
        paths,
        domains,
        config.extract.weights,
        views=Views(
            flips=config.extract.flips,
            scales=tuple(config.extract.scales),
            passes=config.extract.passes,
            seed=config.run.seed,
        ),
        refine=config.extract.refine,
        crs=config.extract.crs,
        workers=config.run.workers,
        resume=context.path("fronts", "parts"),
        glaciers=glaciers,
        progress=not context.quiet,
    )
    write_fronts(table, context.path(*RAW_FRONTS))
    write_text(context.path("fronts", "failures.csv"), failures.to_csv(index=False))
    return f"{len(table)} fronts from {len(paths)} scenes, {len(failures)} scenes without one"


def scene_files(section: ScenesSection) -> list[Path]:
    """Files that a configuration names as scenes.

    Parameters
    ----------
    section : ScenesSection
        File names and patterns.

    Returns
    -------
    list of pathlib.Path
        Sorted, each once. A file that is named but not there is among them, so
        that it is recorded as a failure.

    Raises
    ------
    ConfigError
        If a pattern matches no file.
    """
    found: set[Path] = set()
    for text in section.paths:
        matches = glob.glob(text) or ([] if glob.has_magic(text) else [text])
        if not matches:
            raise ConfigError(f"scenes.paths: no file matches {text!r}; correct or remove it")
        found.update(map(Path, matches))
    return sorted(found)


def _stamps(*paths: Path | None) -> list[str]:
    """Name, size and time of every file, so that a changed input is read again."""
    files = [
        file
        for path in paths
        if path is not None
        for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
        if file.is_file()
    ]
    return [f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files]


def _import(context: Context) -> str:
    section = context.config.fronts
    assert section is not None
    if section.source not in sources() and section.source != "termini":
        raise ConfigError(
            f"fronts.source: {section.source!r} is unknown; known are "
            f"{', '.join([*sources(), 'termini'])}"
        )
    table = read_fronts_of(section.source, section.path)
    if section.domains is not None:
        domains = read_domains(section.domains)
    elif section.source == "termini":
        raise ConfigError("fronts.domains: needed with the source 'termini'")
    else:
        domains = domains_for_source(section.source, section.path, table)
    write_fronts(table, context.path(*RAW_FRONTS))
    write_domains(domains.values(), context.path(DOMAINS))
    return f"{len(table)} traces of {table['glacier_id'].nunique()} glaciers"


def read_fronts_of(source: str, path: Path | None) -> gpd.GeoDataFrame:
    """Front table of a published dataset, or one that termini wrote.

    Parameters
    ----------
    source : str
        Name of a reader, or ``termini``.
    path : path or None
        Where the dataset is; its usual place if None.

    Returns
    -------
    GeoDataFrame
        Front table.

    Raises
    ------
    InputError
        If the data are missing or not what the reader expects.
    """
    if source == "termini":
        if path is None:
            raise InputError("fronts.path: needed with the source 'termini'")
        return read_fronts(path)
    return read_source(source, path)


def load_run_domains(context: Context) -> dict[str, GlacierDomain]:
    """Domains of the run.

    Parameters
    ----------
    context : Context
        A run whose first stages are done.

    Returns
    -------
    dict
        Glacier id to domain.
    """
    return read_domains(context.path(DOMAINS))


def first_stages(config: Config) -> list[Stage]:
    """Stages up to the raw front table.

    Parameters
    ----------
    config : Config
        Tells where the run starts.

    Returns
    -------
    list of Stage
        The last one writes the raw front table.
    """
    if config.fronts is not None:
        section = config.fronts
        return [
            Stage(
                "import",
                (),
                lambda c: [section.model_dump(), _stamps(section.path, section.domains)],
                _import,
            )
        ]
    extract = Stage(
        "extract",
        ("scenes",) if config.simulate else (),
        lambda c: [
            c.extract.model_dump(),
            c.scenes.model_dump() if c.scenes else None,
            _stamps(*scene_files(c.scenes), c.scenes.domains) if c.scenes else None,
            _stamps(*c.extract.weights),
        ],
        _extract,
    )
    if config.scenes is not None:
        return [extract]
    return [
        Stage("simulate", (), lambda c: [c.run.seed, c.simulate.model_dump()], _simulate),  # type: ignore[union-attr]
        Stage("scenes", ("simulate",), lambda c: None, _scenes),
        extract,
    ]
