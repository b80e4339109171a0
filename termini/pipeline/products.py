"""From the raw front table to the release, ISSM input and the report."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import pandas as pd
import xarray as xr

from termini import drivers as driving
from termini import simulate
from termini.catalog import observations_dataset, read_netcdf, read_observations, write_netcdf
from termini.cluster import glacier_types
from termini.errors import ConfigError, InputError, ReleaseError, TerminiError
from termini.files import sha256, write_text
from termini.fronts import rejected_summary, screen
from termini.fronttable import read_fronts, write_fronts
from termini.geometry import with_branch_fronts
from termini.issm import export_issm
from termini.pipeline.config import Config
from termini.pipeline.engine import Context, Stage, log
from termini.pipeline.parts import (
    ATTRIBUTION,
    DRIVER_TABLES,
    DRIVERS,
    FRONTS,
    MECHANISM,
    OBSERVATIONS,
    SERIES,
    TYPES,
    bed_of,
    glacier_positions,
    release_from_folder,
    today,
)
from termini.pipeline.start import RAW_FRONTS, load_run_domains, simulated_region
from termini.report import html_report
from termini.series import ObservationSettings, flag_outliers, monthly_series, observe
from termini.variables import is_rejected

_SCREENED = ("fronts", "screened.parquet")


def _screen(context: Context) -> str:
    domains = load_run_domains(context)
    table = screen(read_fronts(context.path(*RAW_FRONTS)), domains)
    # a front is judged once, as that of the whole glacier, then measured in each branch
    table = with_branch_fronts(table, domains)
    write_fronts(table, context.path(*_SCREENED))
    return f"{int((~is_rejected(table['quality'])).sum())} of {len(table)} traces usable"


def _series(context: Context) -> str:
    section = context.config.series
    domains = load_run_domains(context)
    fronts = read_fronts(context.path(*_SCREENED))
    settings = ObservationSettings(
        coverage_limit=section.minimum_coverage, learn_from_near_days=section.near_days
    )
    observations, fronts = flag_outliers(*observe(fronts, domains, settings=settings))
    write_fronts(fronts, context.path(FRONTS))
    summary = rejected_summary(fronts)
    write_text(context.path("fronts", "rejected.csv"), summary.to_csv(index=False))
    if observations.empty:
        raise InputError(
            f"{context.path(*_SCREENED)}: none of its {len(fronts)} traces gives an observation; "
            f"why is in the column note of {context.path(FRONTS)}"
        )
    series = monthly_series(
        observations,
        domains,
        measure=section.measure,
        fronts=fronts,
        start=_text(section.start),
        end=_text(section.end),
    )
    dataset = observations_dataset(observations, fronts, domains)
    _write(context, dataset, OBSERVATIONS, "Glacier length and area change, one row a trace")
    _write(context, series, SERIES, "Monthly glacier length and area change")
    return f"{len(observations)} observations, {series.sizes['time']} months"


def _text(date: datetime.date | None) -> str | None:
    return None if date is None else str(date)


def _types(context: Context) -> str:
    section = context.config.types
    types = glacier_types(
        read_netcdf(context.path(SERIES)),
        k=section.k,
        k_range=(section.k_min, section.k_max),
        seed=context.config.run.seed,
    )
    types.attrs["release"] = context.config.release.version
    _write(context, types, TYPES, "Glacier types")
    counts = [
        f"{len(set(types[f'{scale}_type'].to_numpy().tolist()) - {-1})} {words} types"
        for scale, words in [("interannual", "inter-annual"), ("seasonal", "seasonal")]
    ]
    return ", ".join(counts)


def _drivers(context: Context) -> str:
    config, seed = context.config, context.config.run.seed
    series, types = read_netcdf(context.path(SERIES)), read_netcdf(context.path(TYPES))
    if config.simulate is not None:
        records = simulate.driver_records(simulated_region(seed, config.simulate))
    else:
        records, missing = driving.read_drivers(config.drivers.path, config.drivers.sources)
        for line in missing.itertuples():
            log.warning("driver table %s left out: %s", line.source, line.reason)
    joined = driving.join_drivers(glacier_positions(series), records)
    _write(context, joined, DRIVERS, "Drivers of glacier terminus change")
    attribution = driving.attribute(series, types, joined, seed=seed)
    write_text(context.path(ATTRIBUTION), attribution.to_csv(index=False))
    mechanism = driving.mechanism(series, joined, seed=seed)
    write_text(context.path(MECHANISM), mechanism.to_csv(index=False))
    return f"{len(records)} tables joined to {series.sizes['glacier']} glaciers"


def _release(context: Context) -> str:
    section, target = context.config.release, release_folder(context)
    # where the version exists already, what it would be now is written aside and compared
    root = context.path(".again", "catalog") if target.exists() else target.parent.parent
    shutil.rmtree(context.folder / ".again", ignore_errors=True)
    folder = release_from_folder(
        context.folder,
        root,
        section.version,
        date=release_date(context.config),
        notes=section.notes,
    )
    if folder != target:
        same = _data_sums(folder) == _data_sums(target)
        shutil.rmtree(context.folder / ".again")
        if not same:
            raise ReleaseError(
                f"{target} exists with other content, and a release is written once; raise "
                "release.version, or remove the folder if it was never published"
            )
    return str(target)


def _data_sums(release: Path) -> dict[str, str]:
    """Checksums of the data files of a release."""
    files = [path for path in release.iterdir() if path.suffix in (".nc", ".parquet")]
    return {path.name: sha256(path) for path in files}


def release_date(config: Config) -> str:
    """Date that the release and its files carry.

    Parameters
    ----------
    config : Config
        The configuration; a simulated release is dated to its last day, so that
        the same seed gives the same bytes on any day.

    Returns
    -------
    str
        ISO date.
    """
    if config.release.date is not None:
        return str(config.release.date)
    return str(config.simulate.end) if config.simulate is not None else today()


def release_folder(context: Context) -> Path:
    """Folder of the run's release.

    Parameters
    ----------
    context : Context
        The run.

    Returns
    -------
    pathlib.Path
        ``<root>/releases/<version>``.
    """
    section = context.config.release
    return (section.root or context.path("catalog")) / "releases" / section.version


def _issm(context: Context) -> str:
    config = context.config
    domains = load_run_domains(context)
    fronts = read_fronts(context.path(FRONTS))
    observations = read_observations(context.path(OBSERVATIONS))
    drivers = read_netcdf(context.path(DRIVERS))
    made: list[str] = []
    failed: dict[str, str] = {}
    for glacier in config.issm.glaciers:
        try:
            if glacier not in domains:
                raise ConfigError(
                    f"issm.glaciers: {glacier!r} is not a glacier of this run; "
                    f"there are {', '.join(list(domains)[:8])}, ..."
                )
            export_issm(
                domains[glacier],
                fronts,
                context.path("issm", glacier.replace(":", "_")),
                bed=_bed(context, glacier, drivers),
                forcing=driving.forcing_table(drivers, glacier),
                vertices=config.issm.vertices,
                resolution=config.issm.resolution,
                release=config.release.version,
                observations=observations,
            )
            made.append(glacier)
        except TerminiError as error:
            log.warning("ISSM export of %s: %s", glacier, error)
            failed[glacier] = str(error)
    table = pd.DataFrame(list(failed.items()), columns=["glacier_id", "reason"])
    write_text(context.path("issm", "failures.csv"), table.to_csv(index=False))
    if failed and not made:
        raise TerminiError(f"no ISSM input could be written: {'; '.join(failed.values())}")
    return f"input for {', '.join(made) or 'no glacier'}" + (
        f"; failed for {', '.join(failed)}" if failed else ""
    )


def _bed(context: Context, glacier: str, drivers: xr.Dataset) -> pd.DataFrame | float:
    """Bed profile where the region is simulated, else the depth that was joined."""
    config = context.config
    if config.simulate is not None:
        return simulated_region(config.run.seed, config.simulate).glacier(glacier).bed
    return bed_of(glacier, None, drivers)


def _report(context: Context) -> str:
    tables = {title: pd.read_csv(context.path(name)) for name, title in DRIVER_TABLES.items()}
    return str(html_report(release_folder(context), context.path("report.html"), tables))


def _write(context: Context, dataset: xr.Dataset, name: str, title: str) -> None:
    write_netcdf(dataset, context.path(name), title=title, date=release_date(context.config))


def last_stages(first: str) -> list[Stage]:
    """Stages from the raw front table on.

    Parameters
    ----------
    first : str
        Name of the stage that writes the raw front table.

    Returns
    -------
    list of Stage
        In their order.
    """
    return [
        Stage("screen", (first,), lambda c: None, _screen),
        Stage(
            "series",
            ("screen",),
            lambda c: [c.series.model_dump(), release_date(c)],
            _series,
        ),
        Stage("types", ("series",), lambda c: [c.types.model_dump(), c.run.seed], _types),
        Stage("drivers", ("types",), lambda c: [c.drivers.model_dump(), c.run.seed], _drivers),
        Stage("release", ("drivers",), lambda c: c.release.model_dump(), _release),
        Stage("report", ("release",), lambda c: None, _report),
        # last, so that a glacier whose bed is not known does not cost the report
        Stage("issm", ("release",), lambda c: c.issm.model_dump(), _issm),
    ]
